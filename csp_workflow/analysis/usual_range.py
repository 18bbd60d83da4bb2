"""What the twelve months of a form's row usually come to: the paper's own rule (`judging`), said before it is printed.

A value that is still to come is taken to be as it was at the same time of earlier years, since how much a series varies
is measured with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from weakref import WeakKeyDictionary

from csp_workflow.analysis.judging import judge_series
from csp_workflow.analysis.readings import YearReading, list_quarters
from csp_workflow.terms.comparisons import KnownFigures, UsualRange
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    Provenance,
    Series,
    is_share,
    is_summed,
    period_of,
    quarters_of,
)
from csp_workflow.terms.shares import reckon_per_cent

_FOUND: WeakKeyDictionary[KnownFigures, dict[tuple[Series, Quarter], Mapping[str, UsualRange]]] = WeakKeyDictionary()


def find_usual_ranges(series: Series, newest: Quarter, known: KnownFigures) -> Mapping[str, UsualRange]:
    """What twelve months of a series usually come to by area; an area with too little behind it is not among them.

    All areas are judged together, once for all forms that show the same figures.
    """
    found = _FOUND.setdefault(known, {})
    place = series, newest
    if place not in found:
        found[place] = _judge(series, newest, known)
    return found[place]


def _judge(series: Series, newest: Quarter, known: KnownFigures) -> Mapping[str, UsualRange]:
    periods = [period_of(series, quarter) for quarter in list_quarters(series, newest)]
    areas = known.areas_of(series.ref)
    figures = {area: [known.latest(series.ref, area, period) for period in periods] for area in areas}
    whole = {area: [found[0] or _expect(series, found), *found[1:]] for area, found in figures.items()}
    readings = judge_series(series, newest, whole)
    ranges = ((area, _make_range(series, whole[area], reading.year)) for area, reading in readings.items())
    return {area: usual for area, usual in ranges if usual}


def _expect(series: Series, found: Sequence[Figure | None]) -> Figure | None:
    """A value as it was at the same time of the earlier years, on average."""
    before = [f for f in found[4 // quarters_of(series) :: 4 // quarters_of(series)] if f and f.value is not None]
    if not before:
        return None
    values = [f.value for f in before if f.value is not None]
    value = round(sum(values, Decimal()) / len(values), 1 if is_share(series) else 0)
    made = replace(before[0], value=value, status=FigureStatus.FINAL, provenance=Provenance(source="expected"))
    if not is_share(series):
        return replace(made, count=None, base=None)
    counted = [(f.count, f.base) for f in before if f.count is not None and f.base is not None]
    if not counted:
        return None
    count, base = (round(sum(one) / len(counted)) for one in zip(*counted, strict=True))
    return replace(made, count=count, base=base, value=reckon_per_cent(count, base)) if base else None


def _make_range(series: Series, found: Sequence[Figure | None], year: YearReading) -> UsualRange | None:
    """The limits of a year, with what its other quarters came to; None where the year is not judged."""
    if found[0] is None or year.low is None or year.high is None:
        return None
    others = [figure for figure in (found[1:4] if is_summed(series) else ()) if figure is not None]
    if is_share(series):
        count, base = sum(f.count or 0 for f in others), sum(f.base or 0 for f in others)
        return UsualRange(low=year.low, high=year.high, rest=Decimal(count), base=base)
    return UsualRange(low=year.low, high=year.high, rest=sum((f.value or Decimal() for f in others), Decimal()))
