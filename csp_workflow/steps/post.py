"""Post, the only sender: claim -> ask again whether it may leave -> handing -> hand over -> prove.

In mode drafts a letter to anybody but the office goes into Drafts instead, and a person sends it (`steps/drafting.py`).

`handing` is committed just before the irreversible byte. After a crash a letter in `handing` is
looked up, never blindly sent again; the first letter whose fate is unknown stops the batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import structlog

from csp_workflow.chase import grounds
from csp_workflow.intake.outcomes.presence import Failure, follow_failure
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Audience
from csp_workflow.letters.office import ANSWER_KIND, WaitingMessage, find_asker
from csp_workflow.mail.bounces import read_refusal
from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.post import drafts, gate, leaving
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.drafting import Drafting
from csp_workflow.steps.outside import Outside, list_paused, live_quarters, view_cycle, view_service
from csp_workflow.steps.waiting import waiting_messages
from csp_workflow.store import InDoubt, Store
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import Quarter, as_utc, in_london, london
from csp_workflow.terms.events import NOTHING, Decision, Event, Happened, LetterState, Manner, QueuedLetter
from csp_workflow.terms.messages import Blame
from csp_workflow.terms.phrases import plural
from csp_workflow.terms.service import MailboxUnreachable, NotAccepted, SendUnknown, WorldFault

BELIEVED = 2
"""So often it is believed of a letter that it was certainly not sent. A mail system that answers in another way than we
know, and keeps the draft, would be sent the same letter for ever."""

WAIT = timedelta(minutes=15)
"""How long a sent letter may take to be found where absence proves nothing."""

HELD_UP = timedelta(hours=1)
"""How long the other letters wait for one that cannot even be looked up."""

BY = "an answer from the office"

_RECENT = timedelta(days=30)
_ASKED_BY = {Happened.QUESTION_ASKED, Happened.MESSAGE_HELD}
_NEVER = datetime.min.replace(tzinfo=UTC)
_S = LetterState
_AGAIN = {
    Absence.CERTAIN: "Looked up and not found: it was certainly not sent.",
    Absence.UNPROVED: "Looked up and not found: sent anew, the same bytes.",
}


@dataclass
class Posted:
    """What one posting did. `resubmitted` counts letters handed over again after a look-up found nothing."""

    sent: int = 0
    held: int = 0
    withdrawn: int = 0
    refused: int = 0
    unknown: int = 0
    looked_up: int = 0
    resubmitted: int = 0
    drafted: int = 0


def post(outside: Outside, now: datetime) -> Posted:
    """Settle what is in doubt, then send every letter that may leave now, in the order they were queued.

    Raises LockHeld while another sender is at work on this store.
    """
    done = Posted()
    with outside.store.sole_sender():
        asked = _Asked(outside, now)
        drafting = Drafting(outside, now, asked.must_come_out)
        done.sent += drafting.follow()
        if _settle_all(outside, now, done):
            _send_all(outside, asked, drafting, now, done)
        done.drafted = drafting.drafted
    commit_current(outside, lambda: _settle_answered(outside, now), now)
    return done


def post_by_road(outside: Outside, now: datetime) -> Posted:
    """Send what tells of trouble, and nothing else, by the mailbox that is given. Raises LockHeld."""
    done, asked = Posted(), _Asked(outside, now)
    with outside.store.sole_sender():
        for waiting in outside.store.claimable(clock=outside.clock(), alone=outside.alone):
            if kind_of(waiting.kind).audience is Audience.WATCHER and waiting.state is _S.QUEUED:
                letter = outside.store.claim([waiting.id], clock=outside.clock(), alone=outside.alone)
                if letter is not None and not _leave(outside, letter, asked, None, now, done):
                    break
    return done


def _send_all(outside: Outside, asked: _Asked, drafting: Drafting, now: datetime, done: Posted) -> None:
    store = outside.store
    _break(outside, now)
    pause = store.sending_pause()
    if pause and leaving.is_put_off(pause[1], now):
        return
    room = leaving.count_room(outside.letters_a_beat, store.handed_since(now - timedelta(minutes=1)), now)
    ready = _list_leaving(outside, asked, now)[:room]
    while ready and not outside.stopping():
        if ready[0].manner is Manner.ANSWER and _break(outside, now):
            ready = _list_leaving(outside, asked, now)[: len(ready)]
            continue
        outside.reached("post:before claim")
        letter = store.claim([ready.pop(0).id], clock=outside.clock(), alone=outside.alone)
        if letter is None:
            continue
        outside.reached("post:claimed")
        if not _leave(outside, letter, asked, drafting, now, done):
            break


def _list_leaving(outside: Outside, asked: _Asked, now: datetime) -> list[QueuedLetter]:
    """The letters that may leave now, or are to be withdrawn though they wait.

    What was put off after it was tried comes last, and of that what was tried just now: one that cannot go must not be
    the first for ever.
    """
    claimable = outside.store.claimable(clock=outside.clock(), alone=outside.alone)
    free = (x for x in claimable if not leaving.is_put_off(x.not_before, now))
    found = (x for x in free if not asked.waits(x) or (asked.may_be_moot(x) and asked.has_lost_its_cause(x)))
    return sorted(found, key=lambda x: x.handed if x.handed and x.not_before and x.not_before > x.handed else _NEVER)


def _settle_answered(outside: Outside, now: datetime) -> Decision:
    """A question waits until the co-ordinator's answer has left, and no longer: found by what was sent.

    A held message stays: what was in it is taken or put aside by an order of its own.
    """
    sent = [x for x in outside.store.letters(_S.SENT, kind=ANSWER_KIND.name) if x.sent and now - x.sent < _RECENT]
    if not sent:
        return NOTHING
    answered = {one.message: x.sent for x in sent for one in x.about}
    waiting = waiting_messages(outside, map(outside.store.cycle_status, live_quarters(outside)))
    settled = [
        m.id for m in waiting if m.id in answered and not m.is_held and not _is_asked_since(outside, m, answered)
    ]
    return Decision(
        events=tuple(
            Event(kind=Happened.QUESTION_ANSWERED, at=now, by=BY, quarter=quarter, respondent=key, subject=message)
            for message in settled
            for quarter, key in list_paused(outside, message)
        )
    )


def _is_asked_since(outside: Outside, message: WaitingMessage, answered: Mapping[str, datetime | None]) -> bool:
    """Whether it was put before her again after that answer left."""
    events = (e for quarter in (None, *live_quarters(outside)) for e in outside.store.events(quarter))
    asked = (e.at for e in events if e.subject == message.id and e.kind in _ASKED_BY)
    sent = answered[message.id]
    return sent is not None and any(as_utc(at) > as_utc(sent) for at in asked)


def _break(outside: Outside, now: datetime) -> bool:
    """Stop the automatic answers when they go beyond any plan. Whether they were stopped just now."""
    store = outside.store

    def decide() -> Decision:
        service = store.service_status()
        handed = store.handed_since(leaving.count_from(service, now))
        return leaving.decide_stopping(handed, store.events(None), site=outside.configured, service=service, now=now)

    is_broken = bool(commit_current(outside, decide, now))
    if is_broken:
        structlog.get_logger().error("post.answers.stopped")
    return is_broken


def _leave(
    outside: Outside, letter: QueuedLetter, asked: _Asked, drafting: Drafting | None, now: datetime, done: Posted
) -> bool:
    """Send one claimed letter, or put it where it belongs. False stops the batch."""
    store = outside.store
    withdrawn = asked.has_lost_its_cause(letter)
    if withdrawn:
        done.withdrawn += store.move(letter, _S.WITHDRAWN, reason=withdrawn)
        outside.reached("post:withdrawn")
        return True
    content, refused = _open_again(outside, letter, now)
    if refused:
        done.held += store.move(letter, _S.HELD, reason=refused)
        structlog.get_logger().error("post.letter.held", letter=letter.id, kind=letter.kind)
        outside.reached("post:held")
        return True
    outside.reached("post:before handing")
    if asked.waits(letter):  # asked last, so that a hold given meanwhile is seen
        store.move(letter, _S.QUEUED)
        outside.reached("post:put back")
        return True
    if drafting and drafts.goes_by_hand(letter, asked.site):
        done.sent += drafting.place(letter)
    elif asked.may_have_left() and settle_if_left(outside, letter):
        done.sent += 1
    elif store.to_handing(letter, at=now, clock=outside.clock()):
        outside.reached("post:handing")
        return _hand_over(outside, replace(letter, state=_S.HANDING), content, now, done)
    return True


def settle_if_left(outside: Outside, letter: QueuedLetter) -> bool:
    """Whether a letter is found among those sent: it left before the store came from elsewhere, and does not again.

    It counts as handed over at that time, and not among the letters of the hour.
    """
    store, moved_at = outside.store, outside.store.service_status().moved_at
    try:
        found = outside.mailbox.find_sent(letter.id)
    except WorldFault:
        if letter.state is _S.CLAIMED:
            store.move(letter, _S.QUEUED)
        raise
    if not isinstance(found, Proof) or moved_at is None:
        return False
    mine = (
        letter if letter.state is _S.CLAIMED else store.claim([letter.id], clock=outside.clock(), alone=outside.alone)
    )
    if mine is None or not store.to_handing(mine, at=moved_at, clock=outside.clock()):
        return False
    outside.reached("post:found sent")
    return store.move(replace(mine, state=_S.HANDING), _S.SENT, proof=found.evidence, at=moved_at)


def _open_again(outside: Outside, letter: QueuedLetter, now: datetime) -> tuple[bytes, str]:
    """The final bytes, and why they may not leave."""
    try:
        content = outside.archive.fetch(letter.content)
    except (KeyError, ValueError):
        return b"", "Its bytes are missing from the archive, or were changed there."
    return content, gate.judge_bytes(content, letter, outside.site, in_london(now).date())


def _hand_over(outside: Outside, letter: QueuedLetter, content: bytes, now: datetime, done: Posted) -> bool:
    store, log = outside.store, structlog.get_logger().bind(letter=letter.id, kind=letter.kind)
    try:
        proof = outside.mailbox.send(content, letter.recipient, letter.id)
    except (NotAccepted, MailboxUnreachable) as fault:
        done.refused += _put_back(outside, letter, fault, now)
        log.warning("post.letter.refused", fault=type(fault).__name__)
        return isinstance(fault, NotAccepted)
    except SendUnknown as fault:
        done.unknown += store.move(letter, _S.UNKNOWN, reason=str(fault))
        log.warning("post.letter.unknown")
        outside.reached("post:unknown")
        return False
    outside.reached("post:sent")
    done.sent += store.move(letter, _S.SENT, proof=proof.evidence, at=now)
    outside.reached("post:proved")
    store.end_pause()
    log.info("post.letter.sent")
    return True


def _put_back(outside: Outside, letter: QueuedLetter, fault: NotAccepted | MailboxUnreachable, now: datetime) -> bool:
    """Certainly not sent: queued again for later, unless it was refused for good or for too long.

    What takes no letter at all is left alone.
    """
    outside.reached("post:refused")
    store, limits = outside.store, outside.configured.limits
    if isinstance(fault, MailboxUnreachable) and (fault.wait or not _is_taken_since(outside, letter.handed)):
        since, _ = store.sending_pause() or (now, now)
        until = leaving.pause_all(since, now, fault.wait)
        store.pause_sending(since, until)
        return store.move(letter, _S.QUEUED, reason=str(fault), not_before=until)
    since, said = letter.refused or now, str(fault)
    if fault.passing and now < limits.ends_trying(since):
        return store.move(letter, _S.QUEUED, reason=said, not_before=leaving.pause_letter(since, now), refused=since)
    _note_refusal(outside, letter, said, now, is_given_up=fault.passing)
    tried = f"It was tried for {plural(limits.trying_days, 'day')}. " if fault.passing else ""
    return store.move(letter, _S.FAILED, reason=f"{tried}{said}")


def _is_taken_since(outside: Outside, moment: datetime | None) -> bool:
    """Whether the mail system took a letter after an instant: then a fault met before and after is a letter's own."""
    return moment is not None and any(x.state is _S.SENT for x in outside.store.handed_since(moment))


def _note_refusal(outside: Outside, letter: QueuedLetter, said: str, now: datetime, *, is_given_up: bool) -> None:
    """A refusal for good is the same as a bounce. It is noted before the letter's fate; told twice it says the same.

    After days in which it was refused for now nothing is known against the address.
    """
    failed = read_refusal(letter.recipient, said)
    if is_given_up and failed.blame is not Blame.OURS:
        failed = replace(failed, blame=Blame.GIVEN_UP)
    failure = Failure(
        failed=failed,
        at=now,
        by="the mail server",
        letter=letter.id,
        quarter=letter.quarter,
    )

    def decide() -> Decision:
        return follow_failure(failure, outside.site, outside.store.service_status(), now)

    commit_current(outside, decide, now)
    outside.reached("post:refusal noted")


# What is in doubt ---------------------------------------------------------------------------------


def _settle_all(outside: Outside, now: datetime, done: Posted) -> bool:
    """Look up every letter whose hand-over was not proved. False when one stays unknown: nothing more leaves then.

    Where letters can be handed over and not be looked up, that is so for a while only; she reads of it in her digest.
    """
    found = outside.store.in_doubt(clock=outside.clock(), alone=outside.alone)
    settled = [_settle(outside, doubt, now, done) for doubt in found]
    return all(settled)


def _settle(outside: Outside, doubt: InDoubt, now: datetime, done: Posted) -> bool:
    store = outside.store
    letter = store.adopt(doubt.letter, clock=outside.clock(), alone=outside.alone) if doubt.abandoned else None
    if letter is None:
        return False
    done.looked_up += 1
    outside.reached("post:looking up")
    try:
        found = outside.mailbox.find_sent(letter.id)
    except WorldFault as fault:
        if abs(now - doubt.handed) < HELD_UP:
            raise
        structlog.get_logger().warning("post.letter.unseen", letter=letter.id, fault=type(fault).__name__)
        done.unknown += 1
        return True
    outside.reached("post:looked up")
    if not isinstance(found, Proof):
        return _settle_absent(outside, letter, doubt, found, now, done)
    done.sent += store.move(letter, _S.SENT, proof=found.evidence, at=doubt.handed)
    outside.reached("post:proved late")
    return True


def _settle_absent(
    outside: Outside, letter: QueuedLetter, doubt: InDoubt, absence: Absence, now: datetime, done: Posted
) -> bool:
    """What becomes of a letter that was not found: sent anew at once only where its absence proves it was not sent.

    That is believed twice of a letter, and of none while one that went so often waits for a person. Elsewhere, after a
    wait, a request is handed over once more, byte for byte the same, and counted; anything else waits for a person: a
    reminder twice does more harm than a reminder less.
    """
    store = outside.store
    if letter.state is _S.HANDING:
        store.move(letter, _S.UNKNOWN, reason="The hand-over was begun and not proved.")
        outside.reached("post:unknown")
        letter = replace(letter, state=_S.UNKNOWN)
    is_certain = absence is Absence.CERTAIN
    if not is_certain and abs(now - doubt.handed) < WAIT:  # a clock that was put back makes no longer wait
        done.unknown += 1
        return False
    if doubt.resubmissions < (_count_believed(store) if is_certain else kind_of(letter.kind).is_request):
        settled = store.move(letter, _S.QUEUED, reason=_AGAIN[absence], again=True)
        done.resubmitted += settled and not is_certain
    else:
        settled = store.move(letter, _S.FOR_A_PERSON, reason="It may or may not have been sent.")
    outside.reached("post:settled")
    return settled


def _count_believed(store: Store) -> int:
    """How often it is believed of a letter now that it was certainly not sent."""
    waiting = (x for x in store.letters(_S.FOR_A_PERSON) if x.drafted is None)
    return 0 if any(x.resubmissions >= BELIEVED for x in waiting) else BELIEVED


# Facts --------------------------------------------------------------------------------------------


class _Asked:
    """Answers about letters, from facts that are gathered again whenever something has happened."""

    def __init__(self, outside: Outside, now: datetime) -> None:
        self._outside, self._now = outside, now
        self._today = in_london(now).date()
        self._midnight = london(self._today, time(0))
        self._mark = -1
        self._facts: dict[Quarter, CycleView] = {}

    def has_lost_its_cause(self, letter: QueuedLetter) -> str:
        """Why a letter must be withdrawn, or ""."""
        self._refresh()
        store = self._outside.store
        status = store.cycle_status(letter.quarter) if letter.quarter else None
        rivals = store.letters(_S.QUEUED, _S.IN_DRAFTS) if kind_of(letter.kind).is_superseded else ()
        known = find_asker(self.site, letter.recipient, letter.respondents, self._today) is not None
        reason = leaving.judge_cause(letter, cycle=status, service=self._service, registered=known, waiting=rivals)
        if (
            reason
            or letter.quarter is None
            or letter.manner is not Manner.TIMED
            or store.plan_of(letter.quarter) is None
        ):
            return reason
        if letter.quarter not in self._facts:
            self._facts[letter.quarter] = view_cycle(self._outside, letter.quarter, self._now)
        return grounds.judge_ground(letter, self._facts[letter.quarter], self._now)

    def must_come_out(self, letter: QueuedLetter) -> tuple[LetterState, str] | None:
        """What becomes of a letter that may not lie in Drafts any more, and why; None when it may."""
        moot = self.has_lost_its_cause(letter)
        if moot:
            return _S.WITHDRAWN, moot
        if refused := gate.judge_recipient(letter, self.site, self._today):
            return _S.HELD, refused
        waits = leaving.judge_draft(letter, site=self.site, service=self._service)
        return (_S.QUEUED, waits) if waits else None

    def may_have_left(self) -> bool:
        """Whether letters may have left that the store does not know of: it was an earlier one, or came from elsewhere.

        From then on each is looked for, since one that is due again is written as it was.
        """
        self._refresh()
        return self._service.compared is not None

    def may_be_moot(self, letter: QueuedLetter) -> bool:
        """Whether it may have to be withdrawn though it waits: unreachable, a person's writing, or told by now."""
        self._refresh()
        kind = kind_of(letter.kind)
        return letter.recipient.lower() in self._service.undeliverable or bool(kind.recall) or kind.folds

    def waits(self, letter: QueuedLetter) -> str:
        """Why a letter must wait, or ""."""
        self._refresh()
        since_midnight = self._outside.store.sent_to(letter.recipient, self._midnight)
        today = [x for x in since_midnight if x.handed and in_london(x.handed).date() == self._today]
        today += [x for x in self._outside.store.letters(_S.IN_DRAFTS) if x.recipient == letter.recipient]
        return leaving.judge_moment(letter, self._now, site=self.site, service=self._service, sent_today=today)

    def _refresh(self) -> None:
        mark = self._outside.store.mark()
        if mark != self._mark:
            self._mark, self._facts = mark, {}
            self._service = view_service(self._outside, self._now)
            self.site = self._outside.lay_over(self._service)
