"""Is the cause of a letter still alive? The rules for what the chase does not judge, and one last check of it all."""

from __future__ import annotations

from collections.abc import Iterable

from csp_workflow.letters.contacts import ASKS_WHOM
from csp_workflow.terms.cycles import CycleState
from csp_workflow.terms.letters import Manner, QueuedLetter
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.status import CycleStatus, ReturnStatus, ServiceStatus

_OVER = {CycleState.CLOSED, CycleState.ARCHIVED}
LATEST_ONLY = frozenset({"digest", "proof-pack"})
"""Letters that tell how things stand: of several that wait only the latest is sent."""

_FOR_WHAT_IS_OUT = ("reminder-", "overdue-", "extension-")
_FOR_WHAT_IS_COMPLETE = "approval-"


def gone(
    letter: QueuedLetter,
    *,
    cycle: CycleStatus | None,
    service: ServiceStatus,
    registered: bool = True,
    waiting: Iterable[QueuedLetter] = (),
) -> str:
    """Why a letter must be withdrawn, in a sentence, or "" while its cause lives.

    `cycle` is the status of the letter's quarter (None for a letter of no quarter), `waiting` the
    other letters that wait to leave; `registered` says whether its recipient is still a contact of anybody.
    """
    moot = _superseded(letter, waiting) or _settled(letter, service, registered)
    if moot or cycle is None:
        return moot
    if letter.kind == "proof-pack":
        return "" if cycle.state in {CycleState.PLANNED, CycleState.IN_PROOF} else "The requests have gone out since."
    if letter.manner is not Manner.TIMED:
        return ""
    if cycle.state in _OVER:
        return f"The quarter is {cycle.state}."
    return _every_return_moved_on(letter, cycle)


def _settled(letter: QueuedLetter, service: ServiceStatus, registered: bool) -> str:
    """What was out of reach has been put right: the address works again, or has left the configuration."""
    if letter.kind == ASKS_WHOM and not any(a.address in service.undeliverable for a in letter.about):
        return "The address works again."
    is_lost = letter.manner is not Manner.OFFICE and letter.recipient.lower() in service.undeliverable
    return "The recipient is no longer a contact." if is_lost and not registered else ""


def _superseded(letter: QueuedLetter, waiting: Iterable[QueuedLetter]) -> str:
    """Of letters that tell how things stand only the latest is worth reading after a mailbox was out of reach."""
    if letter.kind not in LATEST_ONLY:
        return ""
    later = any(
        (other.kind, other.recipient, other.quarter) == (letter.kind, letter.recipient, letter.quarter)
        and other.queued > letter.queued
        for other in waiting
    )
    return "A later letter tells how things stand now." if later else ""


def _every_return_moved_on(letter: QueuedLetter, cycle: CycleStatus) -> str:
    """A letter about several returns goes while one of them needs it, unless it chases: then none may have come."""
    known = [cycle.returns[key] for key in letter.respondents if key in cycle.returns]
    reasons = [_moved_on(letter, status) for status in known]
    if letter.kind.startswith("request"):
        return reasons[0] if reasons and all(reasons) else ""
    return next(filter(None, reasons), "")


def _moved_on(letter: QueuedLetter, status: ReturnStatus) -> str:
    if letter.kind.startswith(_FOR_WHAT_IS_COMPLETE):
        return "" if status.state is ReturnState.COMPLETE else f"The return is {status.state} now."
    about_what_is_out = letter.kind.startswith(("request", *_FOR_WHAT_IS_OUT))
    return f"The return is {status.state} now." if about_what_is_out and status.state.is_in else ""
