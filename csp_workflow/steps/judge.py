"""Judge: every landed message ends in one verdict, committed with all that follows from it.

An attempt is counted and committed before a message is looked at; after three a message is
quarantined, raw bytes and all, and the next one goes on. A fault of the world (a locked database, a
full disk) is no attempt of the message's: it stays where it is and is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from csp_workflow.desk.own_lines import message_halts
from csp_workflow.intake import opening
from csp_workflow.intake.case import Assignment, CycleFacts, IntakeFacts, OpenedFile
from csp_workflow.intake.decide import attribute_words, decide, whom_to_ask_about
from csp_workflow.intake.sender import find_doubt
from csp_workflow.mail.bodies import html_to_text
from csp_workflow.mail.classify import awaits_scan
from csp_workflow.mail.compose import DELIVERY_HEADER
from csp_workflow.mail.sent_view import read_back
from csp_workflow.mail.unpack import identify_content, unpack_message
from csp_workflow.mailboxes.mailbox import MORE, Fetched
from csp_workflow.steps.commit import commit_at, commit_current, try_until_current
from csp_workflow.steps.outside import (
    Outside,
    count_passed_today,
    file_left,
    file_message,
    find_beginning,
    list_answers_today,
    list_paused,
    live_quarters,
    require_dates,
)
from csp_workflow.store import LandedMessage
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import Decision, Event, Happened, together
from csp_workflow.terms.faults import MailboxUnreachable, MessageGone, WorldFault
from csp_workflow.terms.letters import QueuedLetter
from csp_workflow.terms.messages import MESSAGE_FOLDERS, Handling, IncomingMessage, Judgement, MessageState, Verdict
from csp_workflow.terms.site import plain_address

_OUR_FAULT = (
    "This service failed on it, which is no fault of the sender's. Whoever runs the service finds the cause with "
    "csp-workflow config check and in the log, and then types csp-workflow inbox replay."
)
_OF_FORMS = {
    *(Verdict.RETURN, Verdict.DUPLICATE, Verdict.HELD, Verdict.NIL, Verdict.DECLINED, Verdict.NO_WORKBOOK),
}
_OF_CONTACTS = {
    Happened.COLLEAGUE_CONFIRMED,
    Happened.COLLEAGUE_REFUSED,
    Happened.CONTACT_CONFIRMED,
    Happened.MEMBER_ENDED,
}
"""What a respondent's people settle by reply."""
_OPENS = {Happened.CONTACT_CONFIRMED, Happened.MEMBER_CONFIRMED}
"""From then on an address counts for a respondent."""

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
    done = JudgingTally()
    for row in outside.store.unjudged():
        if outside.stopping():
            done.all_judged = False
            break
        if is_awaited(outside, row, now):
            # A return may be in it: then nobody is chased before it was looked at.
            done.all_judged = done.all_judged and not _list_registered(outside, row)
            continue
        verdict = _judge_guarded(outside, row, now, obey, done)
        done.count += verdict is not None
        done.all_judged = done.all_judged and verdict is not None
    file_left(outside, now)
    return done


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
    if row is not None and outside.store.reopen(message, Handling.ASSIGN, at=now):
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


def judge_again(outside: Outside, row: LandedMessage, now: datetime, *, obey: Obey) -> Verdict | None:
    """Judge a quarantined message once more, after a fix."""
    if not outside.store.reopen(row.id, Handling.REPLAY, at=now):
        return None
    commit_current(outside, lambda: Decision(events=_pause(outside, row, now, Happened.MESSAGE_SETTLED)), now)
    return _judge_guarded(outside, row, now, obey, JudgingTally())


def _judge_guarded(
    outside: Outside, row: LandedMessage, now: datetime, obey: Obey, done: JudgingTally
) -> Verdict | None:
    """The verdict, or None when the message must be tried again later. What we fail on is counted as set aside."""
    log = structlog.get_logger().bind(message=row.id[:12])
    attempt = outside.store.begin_attempt(row.id)
    outside.reached("judge:attempt counted")
    if attempt > outside.configured.limits.attempts:
        done.set_aside += 1
        return _quarantine(outside, row, now, _OUR_FAULT)
    try:
        verdict = _judge(outside, row, now, obey=obey)
    except WorldFault as fault:
        outside.store.end_attempt(row.id)
        log.warning("judge.message.postponed", fault=type(fault).__name__)
        raise
    except Exception as fault:
        log.exception("judge.message.failed", attempt=attempt)
        if attempt >= outside.configured.limits.attempts:
            done.set_aside += 1
            return _quarantine(outside, row, now, f"{_OUR_FAULT} ({type(fault).__name__})")
        return None
    log.info("judge.message.judged", verdict=verdict.value)
    return verdict


def _judge(
    outside: Outside,
    row: LandedMessage,
    now: datetime,
    *,
    obey: Obey | None = None,
    assignment: Assignment | None = None,
) -> Verdict:
    """Open a message, decide on it and commit; decide again when something was stored meanwhile. Raises StoreBusy."""
    original, message, opened = open_message(outside, row)
    outside.reached("judge:opened")

    def attempt(mark: int) -> Verdict | None:
        facts = gather_facts(outside, message, now, opened=opened, assignment=assignment, whole=row.whole)
        facts = replace(facts, original=original)
        decision = decide(message, facts, now)
        if decision.judgement is None:
            raise ValueError("A message was decided on without a verdict.")
        if obey and (_is_order(decision) or _brings_a_form(outside, message, decision)):
            whole = keep_workbooks(outside, decision)
            is_done = obey(outside, attribute_words(message, facts), whole, now, facts.answered, mark)
        else:
            is_done = _commit_judged(outside, row, decision, now, assignment=assignment, mark=mark)
        return decision.judgement.verdict if is_done else None

    verdict = try_until_current(outside, attempt)
    outside.reached("judge:committed")
    _file(outside, row, verdict, now)
    outside.reached("judge:filed")
    return verdict


def open_message(outside: Outside, row: LandedMessage) -> tuple[bytes, IncomingMessage, tuple[OpenedFile, ...]]:
    """A message's bytes, what it says, and what the sandbox finds in each of its files."""
    original = outside.archive.fetch(row.content)
    message = unpack_message(original, received=row.received)
    message = replace(message, id=row.id, size=row.size, marks=row.marks)
    message = opening.strip_signature(message, _make_runner(outside))
    message = opening.enclose_words(message, _make_runner(outside))
    most = outside.configured.limits.attachments
    return original, message, opening.open_files(message, _make_runner(outside), most=most) if row.whole else ()


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
    is_done = commit_at(outside, whole, now, mark)
    if is_done:
        judge_freed(outside, decision.events, now)
    return is_done


def _quarantine(outside: Outside, row: LandedMessage, now: datetime, reason: str) -> Verdict:
    judgement = Judgement(message=row.id, verdict=Verdict.QUARANTINED, reason=reason)
    commit_current(
        outside, lambda: Decision(judgement=judgement, events=_pause(outside, row, now, Happened.MESSAGE_HELD)), now
    )
    _file(outside, row, Verdict.QUARANTINED, now)
    return Verdict.QUARANTINED


def _list_registered(outside: Outside, row: LandedMessage) -> tuple[str, ...]:
    """The keys of the respondents for whom a message's sender may speak."""
    return tuple(r.key for r in outside.site.spoken_for(plain_address(row.sender), london_day(row.received)))


def _pause(outside: Outside, row: LandedMessage, now: datetime, kind: Happened) -> tuple[Event, ...]:
    """Pause (or let go on) the chase of whoever the sender is registered for: their return may be in that message."""
    keys = _list_registered(outside, row)
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
    may = outside.configured.office.may_command(message.sender, london_day(message.received))
    return may and not find_doubt(message, outside.site)


def _let_go(outside: Outside, row: LandedMessage, now: datetime, by: str) -> tuple[Event, ...]:
    """Settle a message for everybody whose chase it pauses; one that pauses nobody's, for the service as a whole."""
    return tuple(
        Event(kind=Happened.MESSAGE_SETTLED, at=now, by=by, quarter=quarter, respondent=key, subject=row.id)
        for quarter, key in list_paused(outside, row.id)
    )


def _file(outside: Outside, row: LandedMessage, verdict: Verdict, now: datetime) -> None:
    file_message(outside, row.source, MESSAGE_FOLDERS[MessageState.of_verdict(verdict)], now)


def keep_workbooks(outside: Outside, decision: Decision) -> Decision:
    """The workbooks of fresh forms are in the letters that carry them: each request is told its hash."""
    if not decision.requests:
        return decision
    kept = {a.name: outside.archive.keep(a.data) for letter in decision.letters for a in letter.attachments}
    from csp_workflow.forms.writing import name_file

    requests = tuple(replace(r, workbook=kept.get(name_file(r.form), r.workbook)) for r in decision.requests)
    return replace(decision, requests=requests)


# Facts --------------------------------------------------------------------------------------------


def gather_facts(
    outside: Outside,
    message: IncomingMessage,
    now: datetime,
    *,
    opened: tuple[OpenedFile, ...],
    assignment: Assignment | None = None,
    whole: bool = True,
) -> IntakeFacts:
    """All that intake is told about one message. Of each cycle, the facts of those only whom it may be about."""
    store = outside.store
    named = (message.message_id, *message.answered)
    ours = {mid for mid in named if mid and store.letter_by_message_id([mid])}
    if store.letter(message.header(DELIVERY_HEADER)):  # a mail system may have changed its Message-ID
        ours.add(message.message_id)
    answered = store.letter_by_message_id(message.answered)
    facts = IntakeFacts(
        site=outside.site,
        key=outside.key,
        opened=opened,
        answered=answered,
        answered_words=_words_of(outside, answered) if answered else (),
        own_message_ids=frozenset(ours),
        answers_today=list_answers_today(outside, now),
        passed_today=count_passed_today(outside, now),
        assignment=assignment,
        whole=whole,
        service=store.service_status(),
    )
    concerned = whom_to_ask_about(message, facts, now)
    return replace(facts, cycles=tuple(_gather_cycle(outside, quarter, concerned) for quarter in _list_cycles(outside)))


def _words_of(outside: Outside, letter: QueuedLetter) -> tuple[str, ...]:
    """The text of a letter as programs may show it; () when it cannot be read, so that quotation marks must tell."""
    try:
        view = read_back(outside.archive.fetch(letter.content))
    except (KeyError, ValueError):
        return ()
    return view.text, html_to_text(view.html)


def _list_cycles(outside: Outside) -> tuple[Quarter, ...]:
    """The cycles not archived and the one before them: last quarter's form is recognised by it."""
    live = live_quarters(outside)
    earlier = [q for q in outside.store.cycle_states() if live and q < live[0]]
    return (*earlier[-1:], *live)


def _gather_cycle(outside: Outside, quarter: Quarter, concerned: tuple[str, ...]) -> CycleFacts:
    store = outside.store
    status = store.cycle_status(quarter)
    keys = [key for key in concerned if key in status.returns]
    submissions = {key: store.submissions(quarter, key) for key in keys if status.returns[key].submission}
    return CycleFacts(
        site=outside.site,
        dates=require_dates(outside, quarter),
        status=status,
        requests={key: store.request_history(quarter, key) for key in keys},
        latest={key: versions[-1] for key, versions in submissions.items()},
        versions={key: tuple(s.content for s in versions) for key, versions in submissions.items()},
        narratives={key: store.narratives_before(quarter, key) for key in keys},
        events=store.events(quarter),
    )


def _make_runner(outside: Outside) -> opening.Run:
    """Runs a function over a file's bytes in the sandbox; None when that did not end well."""

    def run(function: str, data: bytes) -> object:
        reply = outside.sandbox.run(function, data)
        return reply.value if reply.ok else None

    return run


# Receive: every new message is kept raw and committed before anything is looked at ----------------


_LONGEST = 60.0
"""Seconds after which no further part of a long list is begun in the same beat."""

PATIENCE = timedelta(minutes=60)
"""How long the real file may take; then its sender is told."""

_REPLACED = "It was a stand-in while its attachment was being checked; the message itself was read afterwards."


@dataclass(frozen=True, kw_only=True)
class Received:
    """How many messages were landed, and whether the mailbox was read to its end."""

    landed: int
    drained: bool


def receive(outside: Outside, now: datetime) -> Received:
    """Land what is new, part after part of a long list. What is left after a minute waits for the next beat.

    The cursor is saved behind each part: a crash means a message is listed again, known by its content.
    """
    since, began = find_beginning(outside, now), outside.clock()
    cursor = outside.store.cursor(outside.mailbox_name)
    landed, has_more = 0, True
    while has_more and not outside.stopping() and outside.clock() - began < _LONGEST:
        sources, following = outside.mailbox.list_new(cursor, since)
        outside.reached("receive:listed")
        landed += _land_all(outside, sources, now)
        if outside.stopping():
            break
        outside.store.save_cursor(outside.mailbox_name, following)
        outside.reached("receive:cursor")
        cursor, has_more = following, following.startswith(MORE)
    return Received(landed=landed, drained=not has_more)


def _land_all(outside: Outside, sources: Iterable[str], now: datetime) -> int:
    """Land one message after the other. One that cannot be had does not hold up the others, but the cursor."""
    landed, missed = 0, None
    for source in sources:
        if outside.stopping():
            break
        try:
            landed += _land(outside, source, now)
        except MessageGone:
            structlog.get_logger().warning("receive.message.gone")
        except MailboxUnreachable as fault:
            if missed:  # it is the mailbox, and no single message
                raise
            missed = fault
    if missed:
        raise missed
    return landed


def _land(outside: Outside, source: str, now: datetime) -> bool:
    fetched = outside.mailbox.get(source, now)
    is_new, identity = land(outside, fetched)
    if not is_new:
        _file_again(outside, source, identity, now)
    return is_new


def land(outside: Outside, fetched: Fetched) -> tuple[bool, str]:
    """Keep a message's bytes, then its row. Whether its content is new, and its content identity."""
    content = outside.archive.keep(fetched.raw)
    outside.reached("receive:kept")
    opened = unpack_message(fetched.raw, received=fetched.received)
    identity = identify_content(fetched.raw)
    is_new = outside.store.land(
        identity,
        source=fetched.source,
        content=content,
        received=fetched.received,
        size=fetched.size,
        sender=opened.sender or opened.header("From"),
        subject=opened.subject,
        whole=fetched.whole,
        marks=fetched.marks,
    )
    outside.reached("receive:landed")
    return is_new, identity


def _file_again(outside: Outside, source: str, identity: str, now: datetime) -> None:
    """A message that is known and judged lies in the inbox still (a crash, a redelivery): put it away."""
    known = outside.store.message(identity)
    if known and known.verdict:
        file_message(outside, source, "Processed", now)


# A message whose file is still being checked by mail security -------------------------------------
#
# Such a system delivers a stand-in first and puts the real file into its place some minutes later. Moving the message
# may stop that, and answering it would tell somebody that nothing was attached.


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
