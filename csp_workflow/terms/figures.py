"""A figure: a value for series x geography x period x as-at date, with its status and provenance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class FigureStatus(StrEnum):
    """What sort of value a figure is. Zero is none of these: it is a value."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    REVISED = "revised"
    ESTIMATED = "estimated"
    SUPPRESSED = "suppressed"
    NOT_AVAILABLE = "not available"
    NOT_APPLICABLE = "not applicable"
    NOT_YET_KNOWABLE = "not yet knowable"
    NIL = "nil"

    @property
    def has_value(self) -> bool:
        """Whether a figure of this status carries a number."""
        return self in {
            FigureStatus.FINAL,
            FigureStatus.PROVISIONAL,
            FigureStatus.REVISED,
            FigureStatus.ESTIMATED,
            FigureStatus.NIL,
        }


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a figure was read: the message or file, the attachment's hash, the sheet and the cell."""

    source: str
    message: str = ""
    attachment: str = ""
    sheet: str = ""
    cell: str = ""
    licence: str = ""
    illustrative: bool = False


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One value. `period` is a quarter's key ("2014/15-Q2") or a financial year ("2011/12").

    `value` is None exactly when the status carries none, and counts `unit`. `base` is the n behind a
    per cent or survey figure, where it has one.
    """

    series: str
    area: str
    period: str
    as_at: date
    value: Decimal | None
    status: FigureStatus
    provenance: Provenance
    unit: str = ""
    base: int | None = None
    note: str = ""
    drove_it: str = ""


@dataclass(frozen=True, kw_only=True)
class TracedFigure:
    """A figure with the names of what it is about and the version it stands in ("" and None: imported)."""

    figure: Figure
    area_name: str
    measure: str
    title: str
    respondent: str = ""
    respondent_name: str = ""
    submission: str = ""
    version: int | None = None


DROVE_IT = (
    "More reporting",
    "More offending",
    "Less offending",
    "Recording change",
    "One-off event",
    "Policing activity",
    "Partnership activity",
    "Not known",
)
"""The pick-list for what drove a change: causes, never praise or blame."""
