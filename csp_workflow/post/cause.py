"""Does a letter still have its ground? The rules for what the chase does not judge, and one last check of it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from csp_workflow.letters.catalogue import kind_of, rules_by_ground
from csp_workflow.letters.kinds import Ground
from csp_workflow.terms.dates import CycleState
from csp_workflow.terms.letters import Manner, QueuedLetter
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.status import CycleStatus, ServiceStatus

_OVER = {CycleState.CLOSED, CycleState.ARCHIVED}


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
    if letter.manner is Manner.TIMED and cycle.state in _OVER:
        return f"The quarter is {cycle.state}."
    return _RULES[kind_of(letter.kind).ground](letter, cycle)


def _settled(letter: QueuedLetter, service: ServiceStatus, registered: bool) -> str:
    """What was out of reach has been put right: the address works again, or has left the configuration."""
    if kind_of(letter.kind).ground is Ground.ADDRESS_LOST and not any(
        a.address in service.undeliverable for a in letter.about
    ):
        return "The address works again."
    is_lost = letter.manner is not Manner.OFFICE and letter.recipient.lower() in service.undeliverable
    return "The recipient is no longer a contact." if is_lost and not registered else ""


def _superseded(letter: QueuedLetter, waiting: Iterable[QueuedLetter]) -> str:
    """Of letters that tell how things stand only the latest is worth reading after a mailbox was out of reach."""
    if not kind_of(letter.kind).is_superseded:
        return ""
    later = any(
        (other.kind, other.recipient, other.quarter) == (letter.kind, letter.recipient, letter.quarter)
        and other.queued > letter.queued
        for other in waiting
    )
    return "A later letter tells how things stand now." if later else ""


# One rule for each ground ------------------------------------------------------------------------


def _stands(_: QueuedLetter, __: CycleStatus) -> str:
    return ""


def _sent_already(_: QueuedLetter, cycle: CycleStatus) -> str:
    """A proof shows what is to be sent."""
    return "" if cycle.state in {CycleState.PLANNED, CycleState.IN_PROOF} else "The requests have gone out since."


def _every_return_is_in(letter: QueuedLetter, cycle: CycleStatus) -> str:
    """A letter that asks for several returns goes while one of them has not come."""
    states = _states(letter, cycle)
    return _moved_on(states[0]) if states and all(state.is_in for state in states) else ""


def _a_return_is_in(letter: QueuedLetter, cycle: CycleStatus) -> str:
    """A letter that chases several returns goes only while none of them has come."""
    return next((_moved_on(state) for state in _states(letter, cycle) if state.is_in), "")


def _a_return_is_not_complete(letter: QueuedLetter, cycle: CycleStatus) -> str:
    return next((_moved_on(state) for state in _states(letter, cycle) if state is not ReturnState.COMPLETE), "")


def _states(letter: QueuedLetter, cycle: CycleStatus) -> list[ReturnState]:
    return [cycle.returns[key].state for key in letter.respondents if key in cycle.returns]


def _moved_on(state: ReturnState) -> str:
    return f"The return is {state} now."


_RULES: Mapping[Ground, Callable[[QueuedLetter, CycleStatus], str]] = rules_by_ground(
    {
        Ground.NONE: _stands,
        Ground.REQUEST: _every_return_is_in,
        Ground.RETURN_MISSING: _a_return_is_in,
        Ground.EXTENSION: _a_return_is_in,
        Ground.FAULTS_OPEN: _stands,  # the chase judges it: a submission with fewer faults may have come
        Ground.APPROVAL_MISSING: _a_return_is_not_complete,
        Ground.ADDRESS_LOST: _stands,
        Ground.PROOF: _sent_already,
        Ground.STATE_OF_THINGS: _stands,
    }
)
