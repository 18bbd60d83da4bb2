"""What the Office for National Statistics publishes of a change between two years' counts of recorded crime.

Its tables of partnership areas (C2 to C5 of the police force area tables) print a percentage, or a marker in its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from csp_workflow.analysis.readings import Direction, YearReading
from csp_workflow.terms.figures import UNRELIABLE, Figure, MeasureKind, Series, is_unreliable

RELIABLE_FROM = 50
"""Offences a year: where either year has fewer, the change is withheld, since a few offences would make it large."""


class Marker(StrEnum):
    """What is printed in place of a change."""

    UNRELIABLE = UNRELIABLE
    NOT_AVAILABLE = "[x]"


def publish_change(now: Decimal | None, before: Decimal | None, *, is_assigned: bool = True) -> float | Marker:
    """The change in per cent between two years' counts as it is published, or its marker.

    Of offences that were assigned to no partnership's area no change is available, nor from or to no count.
    """
    if now is None or before is None or not is_assigned:
        return Marker.NOT_AVAILABLE
    if is_change_unreliable(now, before):
        return Marker.UNRELIABLE
    return (float(now) - float(before)) / float(before) * 100


def is_change_unreliable(now: Decimal, before: Decimal) -> bool:
    """Whether the change between two years' counts is marked [u]: nothing is to be told of it."""
    return min(now, before) < RELIABLE_FROM


def withhold_unreliable(
    year: YearReading, figures: Iterable[Figure | None], series: Series, *, is_police: bool
) -> YearReading:
    """A reading as it may be told: too few to judge where ONS would mark the change of a count of the police's [u], or
    where one of the figures behind it is marked so by whoever published it."""
    if not year.direction.is_judged:
        return year
    why = _MARKED if any(figure and is_unreliable(figure) for figure in figures) else ""
    before = year.before.value if year.before else year.usual
    if is_police and series.kind is MeasureKind.COUNT and year.now and before is not None:
        why = why or (_WITHHELD if is_change_unreliable(year.now.value, before) else "")
    return replace(year, direction=Direction.TOO_FEW, why=why) if why else year


_MARKED = "Whoever published a figure marks it as not reliable."
_WITHHELD = f"One of the two years has fewer than {RELIABLE_FROM}, where ONS withholds a change."
