"""Judge: every landed message ends in one verdict, committed with all that follows from it.

A message is claimed before it is looked at, so that each is one worker's. What our own code fails on three times is
quarantined, raw bytes and all, and the next one goes on. A fault of the world (a locked database, a full disk) and the
death of a worker are no attempt of the message's: it stays where it is and is tried again, after the others. But what
five workers died over, one after the other, is set aside too: an innocent message meets no such row of accidents, and
one that is guilty would bring down whoever comes next, for ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from csp_workflow.desk.own_lines import message_halts
from csp_workflow.forms.refusals import KEPT_IN
from csp_workflow.intake import opening
from csp_workflow.intake.case import Assignment, IntakeFacts, OpenedFile
from csp_workflow.intake.decide import attribute_words, decide
from csp_workflow.intake.outcomes.holding import say_failure
from csp_workflow.intake.sender import find_doubt, may_open
from csp_workflow.mail.classify import awaits_scan
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.steps.commit import commit_at, commit_current, keep_workbooks, try_until_current
from csp_workflow.steps.dashboard import enclose_pages
from csp_workflow.steps.outside import (
    Outside,
    gather_facts,
    list_our_words,
    list_paused,
    list_registered,
    live_quarters,
)
from csp_workflow.steps.receive import file_left, file_message, land
from csp_workflow.store import Claim, LandedMessage
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import Decision, Event, Happened, QueuedLetter, together
from csp_workflow.terms.messages import MESSAGE_FOLDERS, Handling, IncomingMessage, Judgement, MessageState, Verdict
from csp_workflow.terms.returns import Unreadable
from csp_workflow.terms.service import JobEnd, MailboxUnreachable, MessageGone, WorldFault
from csp_workflow.terms.site import plain_address

BY = "the judging of messages"
_DEATHS = 5
"""So many workers may die over one message before it is set aside: more than its attempts, since each may have been
killed for quite another reason (a machine that is started anew, somebody who was impatient)."""
_PAUSES = (timedelta(minutes=5), timedelta(minutes=30))
"""How long a message rests after we failed to open what it brought, the first time and the next ones."""
_OF_FORMS = {Verdict.RETURN, Verdict.DUPLICATE, Verdict.HELD, Verdict.NIL, Verdict.DECLINED, Verdict.NO_WORKBOOK}
_OF_CONTACTS = {
    Happened.COLLEAGUE_CONFIRMED,
    Happened.COLLEAGUE_REFUSED,
    Happened.CONTACT_CONFIRMED,
    Happened.MEMBER_ENDED,
    Happened.DISPUTE_ANSWERED,
}
"""What a respondent's people settle by reply."""
_OPENS = {Happened.CONTACT_CONFIRMED, Happened.MEMBER_CONFIRMED}
"""From then on an address counts for a respondent."""

_STRANGERS_SHARE = 0.1
"""Of the time for one message, what reading the words of a stranger's may take."""

Obey = Callable[[Outside, IncomingMessage, Decision, datetime, QueuedLetter | None, int], bool]
"""Carries out the orders of a message, which may bring a form too, on the facts at a mark.

False when something happened after it.
"""


@dataclass
class JudgingTally:
    """How many messages were judged, how many set aside because we failed on them, and whether none is left."""

    count: int = 0
    set_aside: int = 0
    all_judged: bool = True


def judge_all(outside: Outside, now: datetime, *, obey: Obey) -> JudgingTally:
    """Judge what has landed, oldest first. `obey` carries out a message that is a command."""
    done, spent, others = JudgingTally(), defaultdict[str, float](float), set[str]()
    for row in _put_in_turn(outside.store.unjudged()):
        if outside.stopping():
            done.all_judged = False
            break
        sender = plain_address(row.sender)
        if _waits(outside, row, now, spent=spent[sender]):
            # A return may be in it: then nobody is chased before it was looked at.
            done.all_judged = done.all_judged and not list_registered(outside, row)
            continue
        begun = outside.clock()
        claim = None if sender in others else outside.store.claim_message(row.id, clock=begun, alone=outside.alone)
        if claim is None:  # another worker's; what its sender wrote later is judged later
            others.add(sender)
            done.all_judged = False
            continue
        verdict = _judge_claimed(outside, row, claim, now, obey, done)
        spent[sender] += max(outside.clock() - begun, 0)
        done.count += verdict is not None
        done.all_judged = done.all_judged and verdict is not None
    file_left(outside, now)
    return done


def _put_in_turn(rows: Sequence[LandedMessage]) -> list[LandedMessage]:
    """Oldest first; all that a sender wrote after one that a worker left comes last: it may be the next one's end."""
    left = {plain_address(row.sender) for row in rows if row.abandoned or row.lease_until}
    return sorted(rows, key=lambda row: plain_address(row.sender) in left)


def may_be_stopped(outside: Outside) -> bool:
    """Whether another worker has a message in hand that may say STOP."""
    clock, office = outside.clock(), outside.site.office
    return not outside.alone and any(
        row.lease_until > clock and office.may_command(row.sender, london_day(row.received))
        for row in outside.store.unjudged()
    )


def judge_as_assigned(
    outside: Outside, message: str, respondent: str, by: str, now: datetime, *, since: int
) -> int | None:
    """Judge a held message anew, as the respondent's whose somebody who may decide says it is.

    It is settled in the same commit, first: it may well be held again, for another reason. This is a commit of its
    own before that of whatever assigns the message: told twice, the second telling finds it settled. Returns the
    mark after it, or None, and nothing done, when something happened after `since`.
    """
    if outside.store.mark() != since:
        return None
    row = outside.store.message(message)
    claim = row and outside.store.reopen(message, Handling.ASSIGN, at=now, clock=outside.clock())
    if row and claim:
        with _letting_go(outside, claim):
            _judge(outside, row, now, assignment=Assignment(respondent=respondent, by=by))
    return outside.store.mark()


def judge_freed(outside: Outside, events: Iterable[Event], now: datetime) -> None:
    """Judge what waits from an address that counts from now on, once that is committed.

    What may be forged waits on; so does whatever a crash leaves, for the co-ordinator.
    """
    for event in (e for e in events if e.kind in _OPENS):
        for row in outside.store.messages():
            is_theirs = row.verdict is Verdict.HELD and event.respondent in row.respondents
            if is_theirs and plain_address(row.sender) == plain_address(event.subject):
                message = unpack_message(outside.archive.fetch(row.content), received=row.received)
                if not find_doubt(message, outside.site):
                    judge_as_assigned(outside, row.id, event.respondent, event.by, now, since=outside.store.mark())


def judge_replayed(outside: Outside, message: str, now: datetime, *, obey: Obey, since: int) -> int | None:
    """The same by order, in commits of its own before that of the order, as `judge_as_assigned`."""
    row = outside.store.message(message)
    if outside.store.mark() != since:
        return None
    if row is not None:
        judge_again(outside, row, now, obey=obey)
    return outside.store.mark()


def judge_again(outside: Outside, row: LandedMessage, now: datetime, *, obey: Obey) -> Verdict | None:
    """Judge a quarantined message once more, after a fix."""
    claim = outside.store.reopen(row.id, Handling.REPLAY, at=now, clock=outside.clock())
    if claim is None:
        return None
    anew = Event(kind=Happened.MESSAGE_SETTLED, at=now, by=row.sender or BY, subject=row.id)
    with _letting_go(outside, claim):
        commit_current(outside, lambda: Decision(events=(anew, *_pause(outside, row, now, anew.kind))), now)
        return _judge_claimed(outside, row, claim, now, obey, JudgingTally())


@contextmanager
def _letting_go(outside: Outside, claim: Claim) -> Iterator[None]:
    """Whoever comes away from a message without having judged it lets it go, or it would seem to have killed them."""
    try:
        yield
    except Exception:
        outside.store.let_go(claim)
        raise


def _judge_claimed(
    outside: Outside, row: LandedMessage, claim: Claim, now: datetime, obey: Obey, done: JudgingTally
) -> Verdict | None:
    """The verdict, or None when the message must be tried again later: then it is let go."""
    outside.reached("judge:claimed")
    with _letting_go(outside, claim):
        verdict = _judge_guarded(outside, row, claim, now, obey, done)
        if verdict is None:
            outside.store.let_go(claim)
    return verdict


def _judge_guarded(
    outside: Outside, row: LandedMessage, claim: Claim, now: datetime, obey: Obey, done: JudgingTally
) -> Verdict | None:
    """The same, and what we fail on is counted as set aside."""
    log, most = structlog.get_logger().bind(message=row.id[:12]), outside.configured.limits.attempts
    if claim.attempts >= most or claim.abandoned >= _DEATHS:
        done.set_aside += 1
        return _set_aside(outside, row, now, is_left_unread=claim.abandoned > _DEATHS)
    try:
        verdict = _judge(outside, row, now, obey=obey)
    except _Unopened as unopened:
        noted = _note_failure(row, unopened.end, now)
        commit_current(outside, lambda: noted, now)
        log.warning("judge.message.unopened", end=unopened.end.value)
        return None
    except WorldFault as fault:
        log.warning("judge.message.postponed", fault=type(fault).__name__)
        raise
    except Exception:
        attempts = outside.store.count_attempt(claim)
        log.exception("judge.message.failed", attempt=attempts)
        if attempts < most:
            return None
        done.set_aside += 1
        return _set_aside(outside, row, now)
    done.set_aside += verdict is Verdict.QUARANTINED and row.id in outside.store.service_status().failures
    log.info("judge.message.judged", verdict=verdict.value)
    return verdict


def _judge(
    outside: Outside,
    row: LandedMessage,
    now: datetime,
    *,
    obey: Obey | None = None,
    assignment: Assignment | None = None,
    failure: JobEnd | None = None,
) -> Verdict:
    """Open a message, decide on it and commit; decide again when something was stored meanwhile. Raises StoreBusy.

    Raises _Unopened while what could not be opened may be tried again. With a `failure` of ours nothing is opened.
    """
    opened = open_message(outside, row, is_assigned=assignment is not None, is_failed=failure is not None)
    message, end = opened.message, failure or opened.end
    if end and not (failure or assignment or _is_last_try(outside, row, message)):
        raise _Unopened(end)
    is_kept = end is not None and end.is_ours and (failure is not None or not _may_order(outside, message))
    outside.reached("judge:opened")

    def attempt(mark: int) -> Verdict | None:
        facts = gather_facts(outside, message, now, opened=opened.files, assignment=assignment, whole=row.whole)
        facts = replace(facts, original=opened.shown, failure=end if is_kept else None)
        dated = message.date_within(facts.answered.queued if facts.answered else None, now)
        decision = decide(dated, facts, now)
        if decision.judgement is None:
            raise ValueError("A message was decided on without a verdict.")
        verdict = decision.judgement.verdict
        decision = together(decision, _note_failure(row, end, now) if end else Decision())
        if obey and (_is_order(decision) or _brings_a_form(outside, message, decision)):
            whole = keep_workbooks(outside, decision)
            is_done = obey(outside, attribute_words(dated, facts), whole, now, facts.answered, mark)
        else:
            is_done = _commit_judged(outside, row, decision, now, assignment=assignment, mark=mark)
        return verdict if is_done else None

    verdict = try_until_current(outside, attempt)
    outside.reached("judge:committed")
    _file(outside, row, verdict, now)
    outside.reached("judge:filed")
    return verdict


@dataclass(frozen=True, kw_only=True)
class OpenedMessage:
    """A message's bytes, what it says, what the sandbox finds in each of its files, and how what failed there ended.

    `shown` are the bytes as they may be sent on: b"" where a file in them was kept in.
    """

    original: bytes
    message: IncomingMessage
    files: tuple[OpenedFile, ...] = ()
    end: JobEnd | None = None

    @property
    def shown(self) -> bytes:
        """The bytes, unless a file in them is one that goes to nobody."""
        kept_in = any(isinstance(found, Unreadable) and found.reason in KEPT_IN for _, found in self.files)
        return b"" if kept_in else self.original


def open_message(
    outside: Outside, row: LandedMessage, *, is_assigned: bool = False, is_failed: bool = False
) -> OpenedMessage:
    """Open what a message brought, within one time for all of it; a stranger's files only when they are assigned."""
    original = outside.archive.fetch(row.content)
    message = _unpack(original, row)
    if is_failed:
        return OpenedMessage(original=original, message=message, files=opening.leave_unopened(message))
    limits, may = outside.configured.limits, is_assigned or may_open(message, outside.site)
    message, timed = _open_words(outside, message, limits.seconds if may else limits.seconds * _STRANGERS_SHARE)
    files = opening.open_files(message, timed, most=limits.attachments) if may else opening.leave_unopened(message)
    return OpenedMessage(original=original, message=message, files=files if row.whole else (), end=timed.end)


def read_message(outside: Outside, row: LandedMessage, *, is_failed: bool = False) -> IncomingMessage:
    """What a message says as it was judged by, its sender's words told from ours; its files stay unopened."""
    message = _unpack(outside.archive.fetch(row.content), row)
    if not is_failed:
        message, _ = _open_words(outside, message, outside.configured.limits.seconds)
    ours = tuple(list_our_words(outside, message))
    return attribute_words(message, IntakeFacts(site=outside.site, key=outside.key, answered_words=ours))


def _unpack(original: bytes, row: LandedMessage) -> IncomingMessage:
    message = unpack_message(original, received=row.received)
    return replace(message, id=row.id, size=row.size, marks=row.marks)


def _open_words(outside: Outside, message: IncomingMessage, seconds: float) -> tuple[IncomingMessage, opening.TimedRun]:
    """Words are read from whomever they are, since a child's safety may stand in a message that somebody saved."""

    def run(function: str, data: bytes, seconds: float) -> object:
        reply = outside.sandbox.run(function, data, seconds)
        return reply.value if reply.end is None else reply.end

    timed = opening.TimedRun(run, outside.clock, seconds)
    return opening.enclose_words(opening.strip_signature(message, timed), timed), timed


def _commit_judged(
    outside: Outside, row: LandedMessage, decision: Decision, now: datetime, *, assignment: Assignment | None, mark: int
) -> bool:
    """Commit what was decided on the facts at a mark. False when something was stored after it."""
    for event in decision.events:
        if event.kind is Happened.COLLEAGUE_CONFIRMED:
            # What a lead's yes does to the colleague's message is newer than the mark, and no reason to decide again.
            later = judge_as_assigned(outside, event.subject, event.respondent, event.by, now, since=mark)
            if later is None:
                return False
            mark = later
    settled = _let_go(outside, row, now, assignment.by) if assignment else ()
    whole = keep_workbooks(outside, together(Decision(events=settled), decision))
    if any(form.own_pages for form in outside.site.report_forms):
        whole = enclose_pages(outside, whole, now)
    is_done = commit_at(outside, whole, now, mark)
    if is_done:
        judge_freed(outside, decision.events, now)
    return is_done


class _Unopened(Exception):
    """What a message brought could not be opened, and may be tried again."""

    def __init__(self, end: JobEnd) -> None:
        super().__init__(end.value)
        self.end = end


def _waits(outside: Outside, row: LandedMessage, now: datetime, *, spent: float) -> bool:
    """Whether a message waits for a later beat: for its file, after a failure, or since its sender had their share."""
    with suppress(KeyError, ValueError):  # its bytes are lost: it is judged, fails as itself and is counted
        if is_awaited(outside, row, now):
            return True
        failed = outside.store.service_status().failures.get(row.id)
        rests = failed is not None and now < failed.last + _PAUSES[min(failed.count, len(_PAUSES)) - 1]
        if rests or spent >= outside.configured.limits.seconds:
            return not _says_stop(outside, unpack_message(outside.archive.fetch(row.content), received=row.received))
    return False


def _is_last_try(outside: Outside, row: LandedMessage, message: IncomingMessage) -> bool:
    """Whether what failed now has been tried often enough; STOP waits for no file."""
    failed = outside.store.service_status().failures.get(row.id)
    tries = failed.count + 1 if failed else 1
    return tries >= outside.configured.limits.attempts or _says_stop(outside, message)


def _note_failure(row: LandedMessage, end: JobEnd, now: datetime) -> Decision:
    event = Event(kind=Happened.WE_FAILED, at=now, by=row.sender or BY, subject=row.id, facts={"end": end.value})
    return Decision(events=(event,))


def _set_aside(outside: Outside, row: LandedMessage, now: datetime, *, is_left_unread: bool = False) -> Verdict:
    """Keep what our own code failed on for a person; whoever wrote it is told, where that can still be decided.

    It is left unread where a worker died over telling them.
    """
    try:
        if not is_left_unread:
            return _judge(outside, row, now, failure=JobEnd.FAULT)
    except WorldFault:
        raise
    except Exception:  # noqa: BLE001 - our code failed on it once more: it is kept with its bytes, and no more
        structlog.get_logger().exception("judge.message.set_aside", message=row.id[:12])
    judgement = Judgement(message=row.id, verdict=Verdict.QUARANTINED, reason=say_failure(JobEnd.FAULT))

    def decide_bare() -> Decision:
        events = _pause(outside, row, now, Happened.MESSAGE_HELD)
        return together(Decision(judgement=judgement, events=events), _note_failure(row, JobEnd.FAULT, now))

    commit_current(outside, decide_bare, now)
    _file(outside, row, Verdict.QUARANTINED, now)
    return Verdict.QUARANTINED


def _pause(outside: Outside, row: LandedMessage, now: datetime, kind: Happened) -> tuple[Event, ...]:
    """Pause (or let go on) the chase of whoever the sender is registered for: their return may be in that message."""
    keys = list_registered(outside, row)
    return tuple(
        Event(kind=kind, at=now, by=row.sender, quarter=quarter, respondent=key, subject=row.id)
        for quarter in live_quarters(outside)
        for key, stands in outside.store.cycle_status(quarter).returns.items()
        if key in keys and (kind is Happened.MESSAGE_HELD or row.id in stands.held_messages)
    )


def _is_order(decision: Decision) -> bool:
    """Whether the desk carries it out: a command that is no respondent's word on an address or a colleague."""
    is_command = decision.judgement is not None and decision.judgement.verdict is Verdict.COMMAND
    return is_command and not any(event.kind in _OF_CONTACTS for event in decision.events)


def _brings_a_form(outside: Outside, message: IncomingMessage, decision: Decision) -> bool:
    """Whether somebody who may order sent a form: it goes the way of forms, and orders may stand beside it."""
    return (
        decision.judgement is not None
        and decision.judgement.verdict in _OF_FORMS
        and not message.header("Auto-Submitted")
        and _may_order(outside, message)
    )


def _may_order(outside: Outside, message: IncomingMessage) -> bool:
    """Whether a message's sender is proved, as far as the site asks for it, and may order things."""
    may = outside.site.office.may_command(message.sender, london_day(message.received))
    return may and not find_doubt(message, outside.site)


def _let_go(outside: Outside, row: LandedMessage, now: datetime, by: str) -> tuple[Event, ...]:
    """Settle a message, and what it asks, for everybody whose chase it pauses; else for the service as a whole."""

    def list_kinds(quarter: Quarter | None, key: str) -> Iterator[Happened]:
        yield Happened.MESSAGE_SETTLED
        if quarter and row.id in outside.store.cycle_status(quarter).returns[key].open_questions:
            yield Happened.QUESTION_ANSWERED

    return tuple(
        Event(kind=kind, at=now, by=by, quarter=quarter, respondent=key, subject=row.id)
        for quarter, key in list_paused(outside, row.id)
        for kind in list_kinds(quarter, key)
    )


def _file(outside: Outside, row: LandedMessage, verdict: Verdict, now: datetime) -> None:
    file_message(outside, row.source, MESSAGE_FOLDERS[MessageState.of_verdict(verdict)], now)


# A message whose file is still being checked by mail security -------------------------------------
#
# Such a system delivers a stand-in first and puts the real file into its place some minutes later. Moving the message
# may stop that, and answering it would tell somebody that nothing was attached.

PATIENCE = timedelta(minutes=60)
"""How long the real file may take; then its sender is told."""

_REPLACED = "It was a stand-in while its attachment was being checked; the message itself was read afterwards."


def _says_stop(outside: Outside, message: IncomingMessage) -> bool:
    """Whether somebody who may order says STOP, which waits for no file."""
    return _may_order(outside, message) and message_halts(message.subject, message.own)


def is_awaited(outside: Outside, row: LandedMessage, now: datetime) -> bool:
    """Whether a message is left alone for now. One whose real file has come is landed anew and replaces it."""
    if now - row.received >= PATIENCE or not row.whole:
        return False
    message = unpack_message(outside.archive.fetch(row.content), received=row.received)
    if not awaits_scan(message) or _says_stop(outside, message):
        return False
    if not outside.store.is_replaced(row.source, row.id):
        try:
            fetched = outside.mailbox.get(row.source, now)
        except (MessageGone, MailboxUnreachable):
            return True  # a mail system may put it back under another id; what waits for one message holds up no other
        if awaits_scan(unpack_message(fetched.raw, received=fetched.received)):
            return True
        land(outside, fetched)
    judgement = Judgement(message=row.id, verdict=Verdict.DUPLICATE, reason=_REPLACED)
    commit_current(outside, lambda: Decision(judgement=judgement), now)
    structlog.get_logger().info("judge.message.replaced", message=row.id[:12])
    return True
