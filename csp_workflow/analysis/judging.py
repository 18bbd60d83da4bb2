"""What the newest year of a series says in each area, or why it says nothing.

A quarter that is missing or may not be shown, a share without the numbers behind it, a cost: each has its own word.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from csp_workflow.analysis.limits import mark_chart
from csp_workflow.analysis.readings import (
    Amount,
    ChartLimits,
    Comparison,
    Direction,
    Point,
    SeriesReading,
    YearReading,
    amount_of,
    list_quarters,
)
from csp_workflow.analysis.years import FEWEST_APART, measure_years
from csp_workflow.terms.comparisons import KnownFigures, UsualRange
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    Frequency,
    MeasureKind,
    Provenance,
    Series,
    hide,
    is_share,
    is_summed,
    period_of,
    quarters_of,
    suppress_small,
)
from csp_workflow.terms.shares import reckon_per_cent

_POINTS = 12
"""So many of the newest values stand in a chart."""

_JUDGED: dict[Hashable, dict[str, SeriesReading]] = {}
_MOST_KEPT = 5_000
"""Forms, drafts, errata and dashboards ask of the same figures: so many areas' readings are kept, then all anew."""


def judge_series(
    series: Series,
    newest: Quarter,
    figures: Mapping[str, Sequence[Figure | None]],
    hidden_years: Collection[tuple[str, Quarter]] = (),
) -> dict[str, SeriesReading]:
    """What is said of a series in each area.

    `figures` by area are those of `list_quarters`; a small number, or one whose status is suppressed, is in nothing
    that is said; no more is the year of an area that ends with a quarter of `hidden_years`. All areas together, since
    they may be pooled.
    """
    asked = series, newest, tuple((area, *found) for area, found in figures.items()), frozenset(hidden_years)
    if asked not in _JUDGED:
        if sum(map(len, _JUDGED.values())) + len(figures) > _MOST_KEPT:
            _JUDGED.clear()
        _JUDGED[asked] = _judge(series, newest, figures, hidden_years)
    return dict(_JUDGED[asked])


def _judge(
    series: Series,
    newest: Quarter,
    figures: Mapping[str, Sequence[Figure | None]],
    hidden_years: Collection[tuple[str, Quarter]],
) -> dict[str, SeriesReading]:
    quarters = list_quarters(series, newest)
    hidden = {area: [(area, quarter) in hidden_years for quarter in quarters] for area in figures}
    histories = {area: _History(series, quarters, found, hidden[area]) for area, found in figures.items()}
    able = {area: one for area, one in histories.items() if one.find_obstacle() is None}
    found = _measure(series, able).to_dict(orient="index") if able else {}
    return {area: one.read(found.get(area)) for area, one in histories.items()}


def _measure(series: Series, able: Mapping[str, _History]) -> pd.DataFrame:
    counts = pd.DataFrame.from_dict({area: one.list_counts() for area, one in able.items()}, orient="index")
    in_year = 4 if is_summed(series) else 1
    if not is_share(series):
        return measure_years(counts, in_year=in_year)
    bases = pd.DataFrame.from_dict({area: one.list_bases() for area, one in able.items()}, orient="index")
    return measure_years(counts, bases, in_year=in_year)


class _History:
    """The figures of a series in one area by year, the newest first, and what keeps them from being judged."""

    def __init__(
        self, series: Series, quarters: Sequence[Quarter], figures: Sequence[Figure | None], hidden: Sequence[bool]
    ) -> None:
        self._series, self._quarters = series, quarters
        figures = [*figures, *[None] * len(quarters)][: len(quarters)]
        self._figures = [figure and suppress_small(figure, series) for figure in figures]
        self._all = [amount_of(figure, series) for figure in self._figures]
        size, apart = 4 if is_summed(series) else 1, 4 // quarters_of(series)  # so that no two years share a day
        self._years = [
            [figure and (hide(figure) if hidden[at] else figure) for figure in self._figures[at : at + size]]
            for at in range(0, len(quarters), apart)
        ]
        self._amounts = [[amount_of(figure, series) for figure in year] for year in self._years]

    def list_counts(self) -> list[float]:
        """The counts, the newest first; NaN where none is known."""
        amounts = [a for year in self._amounts for a in year]
        if is_share(self._series):
            return [math.nan if a is None or a.count is None else a.count for a in amounts]
        return [math.nan if a is None else float(a.value) for a in amounts]

    def list_bases(self) -> list[float]:
        """What the counts of a share were taken of."""
        return [math.nan if a is None or a.base is None else a.base for year in self._amounts for a in year]

    def find_obstacle(self) -> tuple[Direction, str] | None:
        """What keeps the newest year from being judged, whatever came before it."""
        if not self._series.kind.is_number:
            return Direction.NARRATIVE_ONLY, ""
        return self._find_gap() or self._find_doubt()

    def _find_gap(self) -> tuple[Direction, str] | None:
        year, amounts = self._years[0], self._amounts[0]
        if _is_suppressed(year[0]):
            return Direction.SUPPRESSED, "The newest figure is suppressed."
        if amounts[0] is None:
            return Direction.NOT_SUPPLIED, "The newest figure is not known."
        if any(map(_is_suppressed, year)):
            return Direction.SUPPRESSED, "A quarter of the newest year is suppressed."
        if None in amounts:
            return self._find_break() or (Direction.TOO_FEW, "A quarter of the newest year is missing.")
        return None

    def _find_doubt(self) -> tuple[Direction, str] | None:
        """What is no count has no chance of its own to be held against."""
        known = [a for year in self._amounts for a in year if a is not None]
        if self._series.kind is MeasureKind.COST:
            return Direction.NOT_COMPARABLE, "How much it varies by itself is not known."
        if not is_share(self._series):
            is_whole = all(a.value % 1 == 0 for a in known)
            return None if is_whole else (Direction.NOT_COMPARABLE, "It is not counted in whole numbers.")
        if any(a is not None and a.count is None for a in self._amounts[0]):
            return Direction.NOT_COMPARABLE, "The numbers behind the share are not known."
        return None

    def _find_break(self) -> tuple[Direction, str] | None:
        """Where another thing was counted within the two years that are compared at least."""
        parted, newest = self._series.parted, self._quarters[0]
        if parted is None or not newest.plus(-7).start < parted <= newest.end:
            return None
        return Direction.NOT_COMPARABLE, f"Figures are comparable from {parted.day} {parted:%B %Y} on."

    def _find_lack(self, years: int) -> tuple[Direction, str]:
        """Why a newest year that could be judged is not."""
        earlier = [figure for year in self._years[1:] for figure in year]
        amounts = [a for year in self._amounts[1:] for a in year]
        if not years and any(map(_is_suppressed, earlier)):
            return Direction.SUPPRESSED, "A quarter of the year before is suppressed."
        if not years and (broken := self._find_break()):
            return broken
        if not years and is_share(self._series) and any(a and a.count is None for a in amounts):
            return Direction.NOT_COMPARABLE, "The numbers behind the share of earlier years are not known."
        if years < (1 if is_summed(self._series) or is_share(self._series) else FEWEST_APART):
            return Direction.TOO_FEW, "Too few earlier years are known."
        return Direction.TOO_FEW, "Too few are counted to tell a change from chance."

    def read(self, found: Mapping[Hashable, Any] | None) -> SeriesReading:
        """What is said, from what was measured (None where nothing could be)."""
        limits, points = self._mark_points()
        before = self._all[4 // quarters_of(self._series)]
        quarter = Comparison(now=self._all[0], before=before)
        return SeriesReading(quarter=quarter, year=self._read_year(found), limits=limits, points=points)

    def _mark_points(self) -> tuple[ChartLimits | None, tuple[Point, ...]]:
        """A chart's points; of what runs over twelve months each shares nine with the next, and no limits hold."""
        values = [None if amount is None else amount.value for amount in reversed(self._all)]
        limits, signals = mark_chart(values, top=Decimal(100) if is_share(self._series) else None)
        if self._series.frequency is Frequency.ROLLING_12_MONTHS:
            limits, signals = None, (None,) * len(values)
        known = max((at for at, amount in enumerate(self._all[:_POINTS]) if amount is not None), default=-1)
        places = range(known, -1, -1)
        return limits, tuple(
            Point(quarter=self._quarters[at], amount=self._all[at], signal=signals[-1 - at]) for at in places
        )

    def _read_year(self, found: Mapping[Hashable, Any] | None) -> YearReading:
        now, before = (self._add_up(year) for year in self._amounts[:2])
        if found is None:
            direction, why = self.find_obstacle() or (Direction.TOO_FEW, "")
            return YearReading(now=now, before=before, direction=direction, why=why)
        years = int(found["years"])
        if now is None or math.isnan(found["usual"]):
            direction, why = self._find_lack(years)
            return YearReading(now=now, before=before, direction=direction, years=years, why=why)
        usual, low, high = (Decimal(f"{found[name]:.{is_share(self._series):d}f}") for name in ("usual", "low", "high"))
        changed = Direction.RISING if now.value > high else Direction.FALLING
        direction = Direction.NO_CLEAR_CHANGE if low <= now.value <= high else changed
        pooled = bool(found["pooled"])
        return YearReading(
            now=now, before=before, usual=usual, low=low, high=high, direction=direction, years=years, pooled=pooled
        )

    def _add_up(self, year: Sequence[Amount | None]) -> Amount | None:
        """A year from its values, or None when one is missing: a part is no whole. Shares by the counts behind them."""
        known = [a for a in year if a is not None]
        if len(known) < len(year):
            return None
        if not is_share(self._series):
            return Amount(value=sum((a.value for a in known), Decimal(0)))
        counted = [(a.count, a.base) for a in known if a.count is not None and a.base is not None]
        if len(counted) < len(known):
            return known[0] if len(known) == 1 else None
        count, base = sum(c for c, _ in counted), sum(b for _, b in counted)
        return Amount(value=round(Decimal(100 * count) / base, 1), base=base, count=count)


def _is_suppressed(figure: Figure | None) -> bool:
    return figure is not None and figure.status is FigureStatus.SUPPRESSED


# What the twelve months of a form's row usually come to: the same rule, said before it is printed. A value that is
# still to come is taken to be as it was at the same time of earlier years, since how much a series varies is measured
# with it.

_FOUND: WeakKeyDictionary[KnownFigures, dict[tuple[Series, Quarter], Mapping[str, UsualRange]]] = WeakKeyDictionary()


def find_usual_ranges(series: Series, newest: Quarter, known: KnownFigures) -> Mapping[str, UsualRange]:
    """What twelve months of a series usually come to by area; an area with too little behind it is not among them.

    All areas are judged together, once for all forms that show the same figures.
    """
    found = _FOUND.setdefault(known, {})
    place = series, newest
    if place not in found:
        found[place] = _judge_areas(series, newest, known)
    return found[place]


def _judge_areas(series: Series, newest: Quarter, known: KnownFigures) -> Mapping[str, UsualRange]:
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
