"""The tables of allowed moves, each with the event that records it and the letter it sends.

The diagrams of docs/states.md are drawn from these tables, and a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from csp_workflow.terms.cycles import CycleState, PaperState
from csp_workflow.terms.events import Happened
from csp_workflow.terms.returns import ReturnState

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Move(Generic[S]):
    """A move to `to` from any of `sources`, recorded by `event`; `letter` is the folder it sends, or ""."""

    event: Happened
    sources: tuple[S, ...]
    to: S
    letter: str = ""


_R = ReturnState
_ANY_ANSWERED = (_R.RECEIVED, _R.QUERIED, _R.COMPLETE, _R.APPROVED)
_UNANSWERED = (_R.EXPECTED, _R.REQUESTED, _R.NOT_RECEIVED)

RETURN_MOVES: tuple[Move[ReturnState], ...] = (
    Move(event=Happened.REQUESTED, sources=(_R.EXPECTED,), to=_R.REQUESTED, letter="request"),
    Move(
        event=Happened.RECEIVED,
        sources=(*_UNANSWERED, *_ANY_ANSWERED, _R.NIL, _R.DECLINED),
        to=_R.RECEIVED,
    ),
    Move(event=Happened.QUERIED, sources=(_R.RECEIVED,), to=_R.QUERIED, letter="correction"),
    Move(event=Happened.COMPLETE, sources=(_R.RECEIVED, _R.QUERIED), to=_R.COMPLETE, letter="receipt"),
    Move(event=Happened.APPROVED, sources=(_R.COMPLETE,), to=_R.APPROVED, letter="approval-recorded"),
    Move(event=Happened.NIL, sources=(*_UNANSWERED, *_ANY_ANSWERED, _R.DECLINED), to=_R.NIL, letter="nil-recorded"),
    Move(
        event=Happened.DECLINED,
        sources=(*_UNANSWERED, *_ANY_ANSWERED, _R.NIL),
        to=_R.DECLINED,
        letter="declined-recorded",
    ),
    Move(event=Happened.NOT_RECEIVED, sources=(_R.EXPECTED, _R.REQUESTED), to=_R.NOT_RECEIVED),
)

_C = CycleState
CYCLE_MOVES: tuple[Move[CycleState], ...] = (
    Move(event=Happened.PROOF_MADE, sources=(_C.PLANNED, _C.IN_PROOF), to=_C.IN_PROOF, letter="proof-pack"),
    Move(event=Happened.CYCLE_OPENED, sources=(_C.IN_PROOF,), to=_C.OPEN, letter="request"),
    Move(event=Happened.CYCLE_CLOSED, sources=(_C.OPEN,), to=_C.CLOSED),
    Move(event=Happened.CYCLE_ARCHIVED, sources=(_C.CLOSED,), to=_C.ARCHIVED),
)

_P = PaperState
PAPER_MOVES: tuple[Move[PaperState], ...] = (
    Move(
        event=Happened.PAPER_DRAFTED,
        sources=(_P.DRAFT, _P.WITH_PARTNERS, _P.CLEARED),
        to=_P.DRAFT,
        letter="draft-paper",
    ),
    Move(event=Happened.PAPER_CLEARED, sources=(_P.DRAFT, _P.WITH_PARTNERS), to=_P.CLEARED),
    Move(event=Happened.PAPER_CIRCULATED, sources=(_P.CLEARED,), to=_P.CIRCULATED, letter="circulation"),
    Move(event=Happened.PAPER_PUBLISHED, sources=(_P.CIRCULATED,), to=_P.PUBLISHED),
)


class MoveRefused(Exception):
    """A state may not follow another; the message names both."""


def moved(table: tuple[Move[S], ...], state: S, event: Happened) -> S:
    """The state after an event. Raises MoveRefused when the table does not allow it from `state`."""
    for move in table:
        if move.event is event:
            if state in move.sources:
                return move.to
            raise MoveRefused(f"'{event}' cannot follow the state '{state}'.")
    return state
