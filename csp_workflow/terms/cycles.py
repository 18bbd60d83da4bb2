"""A cycle (one quarter's round), the boards' meetings it serves and its dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from csp_workflow.terms.quarters import Quarter


class CycleState(StrEnum):
    """Where a quarter's round stands."""

    PLANNED = "planned"
    IN_PROOF = "in proof"
    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"


class PaperState(StrEnum):
    """Where one board's paper for one meeting stands."""

    DRAFT = "draft"
    WITH_PARTNERS = "with partners"
    CLEARED = "cleared"
    CIRCULATED = "circulated"
    PUBLISHED = "published"


@dataclass(frozen=True, kw_only=True)
class Board:
    """A board that takes the quarterly paper. Lead times are in working days (clear days for the Panel)."""

    key: str
    name: str
    public: bool
    clear_days: int = 0
    lead_days: int = 0


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A dated sitting of a board, and the quarter it is to take. `cancelled` stays on record."""

    board: str
    day: date
    quarter: Quarter
    place: str = ""
    cancelled: bool = False


@dataclass(frozen=True, kw_only=True)
class PaperDates:
    """The dates of one board's paper, worked back from its meeting."""

    board: str
    meeting: date
    papers_out: date
    clearance: date
    draft: date


@dataclass(frozen=True, kw_only=True)
class CycleDates:
    """The dates of a cycle. `due` and `close` are instants in Europe/London, aware.

    `extract_due` is when the force's analyst owes the extract, `open` when requests go out,
    `due` the soft and `close` the hard deadline. `warnings` says in plain sentences which
    meeting cannot take the quarter and why.
    """

    quarter: Quarter
    extract_request: date
    extract_due: datetime
    open: date
    due: datetime
    close: datetime
    papers: tuple[PaperDates, ...]
    pre_election: bool = False
    warnings: tuple[str, ...] = ()
