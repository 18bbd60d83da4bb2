"""Made-up figures for a rehearsal: of a plausible size, with seasons and chance in them, and flagged as illustrative.

The same draws give the same figures. Sizes rest on mid-2013 populations and on the force's published
baselines; nothing else about them is real.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from csp_workflow.analysis.peers import Comparators, Rate
from csp_workflow.request import rows
from csp_workflow.terms.comparisons import KnownFigures, denominator_of
from csp_workflow.terms.dates import MID_YEAR, Quarter
from csp_workflow.terms.figures import (
    Figure,
    FigureStatus,
    Framework,
    Geography,
    MeasureKind,
    Polarity,
    Provenance,
    Route,
    Series,
    asked_quarter,
    ends_in,
    is_share,
    is_small,
    period_of,
    step_back,
)
from csp_workflow.terms.shares import reckon_per_cent
from csp_workflow.terms.site import Area, RespondentKind, Site

Draw = Callable[[], float]
"""Gives the next number from 0 up to (not including) 1."""

_LARGE = 60.0
SOURCE = "Illustrative figures generated for the rehearsal"
PAST_QUARTERS = 12
"""How far back a history goes, so that three whole years are known: from 2011/12 Q3 for the cycle of 2014/15 Q2."""

POPULATION = {
    "Leicester": 338_852, "Rutland": 37_833, "Blaby": 95_045, "Charnwood": 168_766, "Harborough": 87_346,
    "Hinckley and Bosworth": 106_415, "Melton": 50_891, "North West Leicestershire": 94_358,
    "Oadby and Wigston": 56_060, "Leicestershire": 658_881, "Leicester, Leicestershire and Rutland": 1_035_566,
}  # fmt: skip
"""Residents in mid-2013 (Office for National Statistics), by the areas' names."""

_EVERYBODY = 1_035_566


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a count is: so many a year in the whole force in 2013/14, its change a year, its seasons Q1 to Q4, and
    its variance over its mean (the Home Office's quarters of 2011/12 for this force: a median of 3.5 with seasons).
    """

    yearly: float
    change: float = 0.0
    seasons: tuple[float, float, float, float] = (1.01, 1.02, 0.99, 0.98)
    spread: float = 1.0


_NIGHTS = (1.03, 1.06, 0.98, 0.93)
_DARK = (0.94, 0.93, 1.09, 1.04)
SIZES = {
    "M02a": Size(yearly=9_200, spread=3.0),
    "M03d": Size(yearly=6_100, seasons=_NIGHTS, spread=2.5),
    "M11": Size(yearly=61_500, spread=3.5),
    "M12a": Size(yearly=4_199, change=0.02, seasons=_DARK, spread=3.0),
    "M13a": Size(yearly=5_052, change=0.02, seasons=_NIGHTS, spread=2.5),
    "M14a.1": Size(yearly=6_400, change=0.01, seasons=_DARK, spread=3.0),
    "M14a.2": Size(yearly=1_250, change=-0.02, seasons=_DARK, spread=2.0),
    "M17a.1": Size(yearly=5_600, change=0.01, seasons=_NIGHTS, spread=3.0),
    "M17a.2": Size(yearly=1_150, spread=2.0),
    "M17c": Size(yearly=1_400, spread=2.5),
}
"""The counts whose size is known: burglary and violence from the force's baselines, the others plausible."""

CHANGES = {
    ("M13a", "Leicester"): 1.26,
    ("M13a", "Charnwood"): 1.32,
    ("M13a", "Hinckley and Bosworth"): 1.38,
    ("M13a", "North West Leicestershire"): 1.4,
    ("M12a", "Blaby"): 0.62,
    ("M14a.1", "Leicester"): 0.74,
    ("M17a.1", "Charnwood"): 1.34,
}
"""What has really changed, by series and area: by so many times over the four quarters that end with the cycle's own.
Violence with injury rises in several areas, as it did in 2014."""


def make_history(site: Site, quarter: Quarter, *, draw: Draw) -> tuple[Figure, ...]:
    """Every figure that would have been known before a quarter's cycle began, for all respondents that serve then.

    The quarters before it, with the values a later revision replaced among them. None has an as-at date
    after the quarter's end.
    """
    return tuple(figure for past, _ in _make_figures(site, quarter, draw) for figure in past)


def make_extract(site: Site, quarter: Quarter, *, draw: Draw) -> tuple[Figure, ...]:
    """The force's extract for a quarter, as it would be a fortnight after the quarter's end: provisional.

    The same draws as for `make_history` give an extract that goes on where that history ends.
    """
    return tuple(newest for _, newest in _make_figures(site, quarter, draw) if newest)


def _make_figures(site: Site, quarter: Quarter, draw: Draw) -> Iterator[tuple[tuple[Figure, ...], Figure | None]]:
    maker = _Maker(quarter, draw)
    for row in _list_rows(site, quarter):
        level = maker.level(row)
        past = tuple(maker.history(row, level))
        newest = maker.extract(row, level)
        yield past, newest if row.is_police and rows.is_asked_for(row.series, quarter) else None


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A series in an area."""

    series: Series
    area: Area
    is_police: bool = False
    is_local: bool = False


def _list_rows(site: Site, quarter: Quarter) -> Iterator[_Row]:
    framework = site.framework(quarter)
    for measure in framework.measures:
        is_police = measure.route is Route.POLICE
        for series in measure.series:
            if series.kind.is_number and measure.route is not Route.PARTNERSHIP:
                for area in _list_areas(site, series, series.owner or measure.owner, quarter.end):
                    yield _Row(series=series, area=area, is_police=is_police)
    yield from _list_local_rows(site, framework, quarter)


def _list_local_rows(site: Site, framework: Framework, quarter: Quarter) -> Iterator[_Row]:
    areas = {area.code: area for respondent in site.serving(quarter.end) for area in respondent.areas}
    for local in framework.local_measures:
        if local.series.kind.is_number and local.area in areas:
            yield _Row(series=local.series, area=areas[local.area], is_local=True)


def _list_areas(site: Site, series: Series, owner: str, day: date) -> Sequence[Area]:
    """Where a series is counted: every partnership's area, or the owner's own areas of its geography."""
    serving = site.serving(day)
    if series.geography is Geography.AREA:
        serving = tuple(r for r in serving if r.kind is RespondentKind.PARTNERSHIP)
    elif any(r.key == owner for r in serving):
        serving = tuple(r for r in serving if r.key == owner)
    areas = {a.code: a for r in serving for a in r.areas if a.geography is series.geography}
    return tuple(areas.values())


class _Maker:
    """Makes figures of one site. Each row's level and trend are drawn once, so its quarters belong together."""

    def __init__(self, quarter: Quarter, draw: Draw) -> None:
        self._draw = draw
        self._quarter = quarter
        self._people: dict[str, float] = {}

    def history(self, row: _Row, level: float) -> Iterator[Figure]:
        """A row's past: each value as last known, and sometimes the one it replaced."""
        newest = asked_quarter(row.series, self._quarter).previous
        for back in range(PAST_QUARTERS - 1, -1, -1):
            past = newest.plus(-back)
            if ends_in(row.series, past):
                yield from self._past(row, level, past)

    def extract(self, row: _Row, level: float) -> Figure:
        """This quarter's value, a fortnight after its end."""
        past = asked_quarter(row.series, self._quarter)
        return self._figure(row, level, past, known=14, status=FigureStatus.PROVISIONAL)

    def _past(self, row: _Row, level: float, past: Quarter) -> Iterator[Figure]:
        final = self._figure(row, level, past, known=14, status=FigureStatus.FINAL)
        is_revised = row.is_police and row.series.kind is MeasureKind.COUNT and self._draw() < 0.06
        later = past.end + timedelta(days=60)
        if not is_revised or final.value is None or later > self._quarter.end:
            yield final
            return
        first = max(final.value - draw_count(float(final.value) * 0.03, self._draw), Decimal(0))
        yield _with_value(final, first, FigureStatus.PROVISIONAL, final.as_at)
        yield _with_value(final, final.value, FigureStatus.REVISED, later)

    def level(self, row: _Row) -> float:
        """What a row lies around: a count a quarter in its area, or a share in per cent."""
        kind = row.series.kind
        if kind is MeasureKind.COHORT:
            return 22 + 16 * self._draw()
        if _is_per_cent(row.series) and row.series.polarity is Polarity.FALL:
            return 8 + 14 * self._draw()
        if _is_per_cent(row.series):
            return 62 + 28 * self._draw()
        if row.is_local:
            return 8 + 70 * self._draw()
        if row.series.ref in SIZES:
            return SIZES[row.series.ref].yearly / 4 * self._share(row.area) * (0.88 + 0.24 * self._draw())
        force_wide = 150 + 450 * self._draw() if kind is MeasureKind.COUNT else 30_000 + 60_000 * self._draw()
        return force_wide * self._share(row.area)

    def _share(self, area: Area) -> float:
        """An area's part of the force's people; an area nobody has counted gets a district's size, once."""
        if area.geography is Geography.FORCE:
            return 1.0
        if area.code not in self._people:
            known = POPULATION.get(area.name)
            self._people[area.code] = known or 45_000 + 80_000 * self._draw()
        return self._people[area.code] / _EVERYBODY

    def _figure(self, row: _Row, level: float, past: Quarter, *, known: int, status: FigureStatus) -> Figure:
        is_per_cent = _is_per_cent(row.series)
        share = self._per_cent(row, level, past) if is_per_cent else None
        value, count, base = share or (self._count(row, level, past), None, None)
        figure = Figure(
            series=row.series.ref,
            area=row.area.code,
            period=period_of(row.series, past),
            as_at=past.end + timedelta(days=known),
            value=value,
            unit=row.series.unit,
            count=count,
            base=base,
            status=status,
            provenance=Provenance(source=SOURCE, illustrative=True),
        )
        return _suppress(figure, row)

    def _count(self, row: _Row, level: float, past: Quarter) -> Decimal:
        size = SIZES.get(row.series.ref, Size(yearly=0))
        years = (past.year - 2013) + (past.number - 2.5) / 4
        times = {2: 2.0, 4: 4.0}.get(-_steps(row.series, past), 1.0)
        expected = level * times * (1 + size.change) ** years * size.seasons[past.number - 1]
        if past > self._quarter.plus(-4):
            expected *= CHANGES.get((row.series.ref, row.area.name), 1.0)
        if row.series.kind is MeasureKind.COST:
            return Decimal(round(draw_around(expected, expected * 0.04, self._draw), -2))
        return Decimal(draw_count(expected, self._draw, spread=size.spread))

    def _per_cent(self, row: _Row, level: float, past: Quarter) -> tuple[Decimal, int, int]:
        """A per cent, how many it counts, and out of how many; the fewer these are, the more it jumps."""
        base = draw_count((240 if row.is_local else 420) * max(self._share(row.area), 0.12), self._draw)
        base = max(base, 3)
        share = level / 100 + 0.004 * (past.year - 2013)
        spread = (share * (1 - share) / base) ** 0.5
        drawn = min(max(draw_around(share, spread, self._draw), 0.0), 1.0)
        count = round(drawn * base)
        return reckon_per_cent(count, base), count, base


def _steps(series: Series, quarter: Quarter) -> int:
    earlier = step_back(series, quarter)
    return (earlier.year - quarter.year) * 4 + earlier.number - quarter.number


def _is_per_cent(series: Series) -> bool:
    return is_share(series) or "per cent" in series.unit


def _suppress(figure: Figure, row: _Row) -> Figure:
    """A contributor keeps small numbers to itself; the force gives them, and the forms leave them out."""
    if row.is_police or not is_small(figure, row.series):
        return figure
    return _with_value(figure, None, FigureStatus.SUPPRESSED, figure.as_at)


def _with_value(figure: Figure, value: Decimal | None, status: FigureStatus, as_at: date) -> Figure:
    count, base = (figure.count, figure.base) if value is not None else (None, None)
    return replace(figure, value=value, status=status, as_at=as_at, count=count, base=base)


# People, and comparison groups --------------------------------------------------------------------------

PARTS = {
    "residents": 1.0, "households": 0.41, "residents aged 18 to 24": 0.095, "residents aged 10 to 17": 0.09,
}  # fmt: skip
"""What rates are made with, as a part of the residents."""

ABOVE = ("E22000165", "M13a")
"""An area and a series that stand above their group in every rehearsal: violence with injury in Charnwood."""


def make_people(site: Site, quarter: Quarter, *, draw: Draw) -> tuple[Figure, ...]:
    """Residents, households and the like of every area, in the middle of the latest year known at a quarter's end."""
    known = date(quarter.end.year, 6, 26)
    known = known if known <= quarter.end else date(known.year - 1, 6, 26)
    areas = {area.code: area for respondent in site.respondents for area in respondent.areas}
    everybody = {code: POPULATION.get(area.name) or 45_000 + 80_000 * draw() for code, area in areas.items()}
    return tuple(
        Figure(
            series=of,
            area=code,
            period=f"{MID_YEAR}{known.year - 1}",
            as_at=known,
            value=Decimal(round(residents * part)),
            status=FigureStatus.FINAL,
            unit=of,
            provenance=Provenance(source=SOURCE, illustrative=True),
        )
        for code, residents in everybody.items()
        for of, part in PARTS.items()
    )


GROUP = "Most Similar Group (illustrative)"
GROUP_COLUMNS = (
    *("area", "measure", "period", "unit", "rate", "group average", "lower limit", "upper limit"),
    *("number in group", "group", "version", "as at", "source", "illustrative"),
)


def write_groups(
    site: Site, quarter: Quarter, known: KnownFigures, *, draw: Draw, version: date | None = None
) -> bytes:
    """An extract of comparison groups as iQuanta would give it, on the rates that are known: a CSV file.

    Most areas are similar to their group, a few above or below it. The groups are made up; they are what they are since
    the year began, or since the day of their `version`.
    """
    comparators, framework = Comparators(known, ()), site.framework(quarter)
    lines = []
    for measure in (m for m in framework.measures if m.route is Route.POLICE):
        for series in filter(denominator_of, measure.series):
            for area in _list_areas(site, series, measure.owner, quarter.end):
                rate = comparators.find_rate(series, area.code, quarter)
                if rate and rate.value:
                    numbers = _draw_group(rate, draw, is_above=(area.code, series.ref) == ABOVE)
                    made = version or quarter.plus(1 - quarter.number).start, known.as_at, SOURCE, "yes"
                    unit = str(denominator_of(series))
                    lines.append((area.code, series.ref, rate.period, unit, *numbers, 15, GROUP, *made))
    return _write_lines(GROUP_COLUMNS, lines)


def _draw_group(rate: Rate, draw: Draw, *, is_above: bool) -> tuple[str, ...]:
    """A rate, its group's average and limits; one area in eight lies outside them."""
    own = float(rate.value)
    reach = 0.13 + 2 / math.sqrt(own * float(rate.denominator) / rate.per + 1)
    off = (1.7 if draw() < 0.5 else -1.7) if draw() < 0.125 else 1.6 * draw() - 0.8
    average = own / (1 + reach * (1.7 if is_above else max(off, -0.9 / reach)))
    limits = max(average * (1 - reach), 0), average * (1 + reach)
    return tuple(f"{number:.2f}" for number in (own, average, *limits))


# As files ----------------------------------------------------------------------------------------------

FIGURE_COLUMNS = (
    *("series", "area", "period", "as_at", "value", "numerator", "base", "status", "source", "illustrative"),
)


def write_figures(figures: Iterable[Figure]) -> bytes:
    """Figures as a CSV file that `figures import` takes whole."""
    lines = (
        (f.series, f.area, f.period, f.as_at, f.value, f.count, f.base, f.status.value, f.provenance.source, "yes")
        for f in figures
    )
    return _write_lines(FIGURE_COLUMNS, lines)


def _write_lines(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows((columns, *lines))
    return out.getvalue().encode()


# Chance, from the draws that are given ----------------------------------------------------------------


def draw_count(expected: float, draw: Draw, *, spread: float = 1.0) -> int:
    """A count that lies around `expected` as chance would have it, or with `spread` times the variance; 0 where nothing
    is expected."""
    if expected > 0 and spread > 1:
        expected = draw_around(expected, math.sqrt(expected * (spread - 1)), draw)
    if expected <= 0:
        return 0
    if expected > _LARGE:
        return max(round(draw_around(expected, math.sqrt(expected), draw)), 0)
    count, left = 0, math.exp(-expected)
    product = draw()
    while product > left:
        product *= draw()
        count += 1
    return count


def draw_around(middle: float, spread: float, draw: Draw) -> float:
    """A number around `middle` with the standard deviation `spread`: twelve draws make a bell near enough."""
    return middle + spread * (sum(draw() for _ in range(12)) - 6)
