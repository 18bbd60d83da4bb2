"""Post, the only sender: claim -> ask again whether it may leave -> handing -> hand over -> prove.

`handing` is committed just before the irreversible byte. After a crash a letter in `handing` is
looked up, never blindly sent again; the first letter whose fate is unknown stops the batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.chase.standing import gone
from csp_workflow.post import gate, timing
from csp_workflow.steps.facts import chase_facts
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.faults import NotAccepted, SendUnknown
from csp_workflow.terms.letters import LetterState, Manner, QueuedLetter
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.working_days import in_london

ATTEMPTS = 5
"""Refused so often before it was accepted, a letter is given up and shown in the digest."""


@dataclass
class Posted:
    """What one posting did."""

    sent: int = 0
    held: int = 0
    withdrawn: int = 0
    unknown: int = 0
    looked_up: int = 0


def post(outside: Outside, now: datetime) -> Posted:
    """Settle what is in doubt, then send every letter that may leave now, in the order they were queued."""
    done = Posted()
    if not _reconciled(outside, now, done):
        return done
    asked = _Asked(outside, now)
    leaving = [letter.id for letter in _claimable(outside) if not asked.waits(letter)]
    while not outside.stopping():
        letter = outside.store.claim(leaving, clock=outside.clock(), alone=outside.alone)
        if letter is None:
            break
        leaving.remove(letter.id)
        outside.reached("post:claimed")
        if not _leave(outside, letter, asked, now, done):
            break
    return done


def _claimable(outside: Outside) -> tuple[QueuedLetter, ...]:
    return outside.store.claimable(clock=outside.clock(), alone=outside.alone)


def _leave(outside: Outside, letter: QueuedLetter, asked: _Asked, now: datetime, done: Posted) -> bool:
    """Send one claimed letter, or put it where it belongs. False stops the batch."""
    store = outside.store
    withdrawn = asked.has_lost_its_cause(letter)
    if withdrawn:
        done.withdrawn += store.move(letter, LetterState.WITHDRAWN, reason=withdrawn)
        return True
    if asked.waits(letter):
        store.move(letter, LetterState.QUEUED)
        return True
    content = outside.archive.fetch(letter.content)
    refused = gate.refusal(content, letter, outside.site, in_london(now).date())
    if refused:
        done.held += store.move(letter, LetterState.HELD, reason=refused)
        structlog.get_logger().error("post.letter.held", letter=letter.id, kind=letter.kind)
        return True
    outside.reached("post:before handing")
    if not store.to_handing(letter):
        return True
    outside.reached("post:handing")
    return _hand_over(outside, replace(letter, state=LetterState.HANDING), content, now, done)


def _hand_over(outside: Outside, letter: QueuedLetter, content: bytes, now: datetime, done: Posted) -> bool:
    store, log = outside.store, structlog.get_logger().bind(letter=letter.id, kind=letter.kind)
    try:
        proof = outside.mailbox.send(content, letter.recipient, letter.id)
    except NotAccepted as fault:
        _not_accepted(outside, letter, fault)
        log.warning("post.letter.refused", fault=type(fault).__name__)
        return fault.passing is False
    except SendUnknown as fault:
        done.unknown += store.move(letter, LetterState.UNKNOWN, reason=str(fault))
        log.warning("post.letter.unknown")
        return False
    outside.reached("post:sent")
    done.sent += store.move(letter, LetterState.SENT, proof=proof.evidence, at=now)
    outside.reached("post:proved")
    log.info("post.letter.sent")
    return True


def _not_accepted(outside: Outside, letter: QueuedLetter, fault: NotAccepted) -> None:
    """Certainly not sent: queued again, unless it was refused for good or too often."""
    for_good = not fault.passing or letter.attempts + 1 >= ATTEMPTS
    outside.store.move(letter, LetterState.FAILED if for_good else LetterState.QUEUED, reason=str(fault))


def _reconciled(outside: Outside, now: datetime, done: Posted) -> bool:
    """Look up every letter whose hand-over was not proved. False when one stays unknown: nothing more leaves then."""
    clear = True
    for letter in outside.store.in_doubt(clock=outside.clock(), alone=outside.alone):
        done.looked_up += 1
        outside.reached("post:looking up")
        found = outside.mailbox.find_sent(letter.id)
        if found:
            done.sent += outside.store.move(letter, LetterState.SENT, proof=found.evidence, at=now)
        else:
            clear = _absent(outside, letter) and clear
    return clear


def _absent(outside: Outside, letter: QueuedLetter) -> bool:
    """What becomes of a letter that was not found: sent anew only where its absence proves it was not sent.

    Elsewhere a request is sent once more, byte for byte the same; anything else waits for a person.
    """
    store = outside.store
    if letter.state is LetterState.HANDING:
        store.move(letter, LetterState.UNKNOWN, reason="The hand-over was begun and not proved.")
        letter = replace(letter, state=LetterState.UNKNOWN)
    once_more = letter.kind.startswith("request") and letter.attempts < 2
    if outside.mailbox.absence_is_proof or once_more:
        return store.move(letter, LetterState.QUEUED, reason="Looked up and not found: sent anew, the same bytes.")
    store.move(letter, LetterState.FOR_A_PERSON, reason="It may or may not have been sent.")
    return True


class _Asked:
    """Answers about letters, from facts that are gathered again whenever something has happened."""

    def __init__(self, outside: Outside, now: datetime) -> None:
        self._outside, self._now = outside, now
        self._mark = -1
        self._facts: dict[Quarter, ChaseFacts] = {}

    def has_lost_its_cause(self, letter: QueuedLetter) -> str:
        """Why a letter must be withdrawn, or ""."""
        if letter.quarter is None or letter.manner is not Manner.TIMED:
            return ""
        self._refresh()
        if letter.quarter not in self._facts:
            self._facts[letter.quarter] = chase_facts(self._outside, letter.quarter, self._now)
        return gone(letter, self._facts[letter.quarter], self._now)

    def waits(self, letter: QueuedLetter) -> str:
        """Why a letter must wait, or ""."""
        self._refresh()
        of_late = self._outside.store.sent_to(letter.recipient, self._now - timedelta(days=4))
        return timing.waits(letter, self._now, site=self._outside.site, service=self._service, to_same_person=of_late)

    def _refresh(self) -> None:
        mark = self._outside.store.mark()
        if mark != self._mark:
            self._mark, self._facts = mark, {}
            self._service = self._outside.store.service_status()
