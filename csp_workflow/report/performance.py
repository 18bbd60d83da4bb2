"""Performance by theme: what changed and where, the sums beside it, and the charts that earn their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from csp_workflow.analysis.limits import mark_chart
from csp_workflow.analysis.peers import Position, round_rate, say_groups, say_position, say_rate
from csp_workflow.analysis.readings import Amount, ChartLimits, Direction, Point, Signal
from csp_workflow.report.blocks import (
    Block,
    GroupChart,
    Heading,
    Numbered,
    Run,
    SeriesChart,
    Table,
    Text,
    without_columns,
)
from csp_workflow.report.contributions import say_elsewhere, share_words
from csp_workflow.report.facts import ReportFacts, Row, say_standing
from csp_workflow.report.page_one import say_story
from csp_workflow.report.wording import (
    FEW_NAMES,
    Headline,
    choose_charts,
    find_stories,
    find_total_basis,
    is_beyond_group,
    mark_change,
    name_areas,
    name_place,
    run_of_usual,
    say_before,
    say_how_many,
    say_measure,
    say_newest,
    say_range,
)
from csp_workflow.terms.figures import Frequency, Geography, Measure, MeasureKind, Route, Series, Theme, quarters_of
from csp_workflow.terms.phrases import (
    SOUGHT_IN_SHORT,
    agree_unit,
    capital,
    joined,
    number,
    plain_day,
    plural,
    say_numbers,
    say_rate_period,
    short_day,
    uncapital,
    words,
)
from csp_workflow.terms.site import Respondent

POINTS = 12
"""So many values the chart of a series has."""


@dataclass(frozen=True, kw_only=True)
class _Charts:
    """What is drawn in this paper: own series of some areas, and some measures beside their groups."""

    own: tuple[Row, ...]
    beside: tuple[Headline, ...]


def write_performance(facts: ReportFacts) -> Iterator[Block]:
    """A heading for each theme, with what changed under it, its figures and its charts."""
    stories = find_stories(facts)
    own, beside = choose_charts(stories)
    for theme in facts.framework.themes:
        yield Heading(text=theme.title, level=3)
        yield from _write_theme(facts, theme, stories, _Charts(own=own, beside=beside))


def _write_theme(facts: ReportFacts, theme: Theme, stories: Sequence[Headline], charts: _Charts) -> Iterator[Block]:
    measures = facts.measures_of(theme)
    rows = [(s, facts.rows(s)) for m in measures for s in m.series if s.kind.is_number]
    with_figures = [(series, found) for series, found in rows if any(row.has_figure for row in found)]
    mine = [story for story in stories if story.series.ref in {series.ref for series, _ in with_figures}]
    if with_figures:
        yield Numbered(text=tuple(_sum_up(facts, with_figures, mine)), key=f"theme {theme.number}")
        yield from _write_tables(facts, theme, with_figures)
        yield from _draw_charts(facts, mine, charts)
    silent = [series.title for series, found in rows if not any(row.has_figure for row in found)]
    if silent:
        titles = joined(map(uncapital, silent))
        yield Numbered(text=f"No figures were supplied for {titles}.", key=f"silent {theme.number}")
    yield from _quote_contributors(facts, measures)


def _sum_up(facts: ReportFacts, rows: Sequence[tuple[Series, list[Row]]], stories: Sequence[Headline]) -> Iterator[Run]:
    changed = {story.series.ref: [one for one in stories if one.series == story.series] for story in stories}
    for alike in changed.values():
        yield Run(text=f"{say_story(facts, alike)} ", strong=True)
        yield from say_sums(facts, alike[0].series)
    judged = sum(s.ref not in changed and any(row.year.direction.is_judged for row in found) for s, found in rows)
    if judged:
        which = "The other" if stories else "All" if judged > 1 else "The"
        count = plural(judged, "measure", spelt=True)
        yield Run(text=f"{which} {count} that could be compared showed no more change than usual.")
    elif not stories:
        yield Run(text="None of these measures could be compared with a usual year.")


def say_sums(facts: ReportFacts, series: Series) -> Iterator[Run]:
    """The areas taken together, where each has both years: "the nine areas recorded 5,293 in twelve months ..."."""
    rows = facts.rows(series)
    now, before = add_up([row.year.now for row in rows]), add_up([row.year.before for row in rows])
    if len(rows) < 2 or now is None or before is None or series.kind is not MeasureKind.COUNT:
        return
    in_year, in_before = "in twelve months", "in the twelve before"
    if not facts.is_current(rows[0]):
        in_year, in_before = f"({rows[0].year_words})", "a year before"
    yield Run(text="All areas together: ")
    yield Run(text=number(now), figure=find_total_basis(rows))
    yield Run(text=f" {agree_unit(series.unit, now)} {in_year}, ")
    yield Run(text=number(before), figure=find_total_basis(rows, back=1))
    yield Run(text=f" {in_before}. ")


def add_up(amounts: Sequence[Amount | None]) -> Decimal | None:
    """What amounts come to together, or None when one of them is missing: a part is no whole."""
    known = [amount.value for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(amounts) else None


# Tables -------------------------------------------------------------------------------------------------


def _write_tables(facts: ReportFacts, theme: Theme, rows: Sequence[tuple[Series, list[Row]]]) -> Iterator[Block]:
    several = [(series, found) for series, found in rows if len(found) > 1 and series.kind is MeasureKind.COUNT]
    single = [row for _, found in rows for row in found if row.has_figure and (len(found) == 1 or _is_told_apart(row))]
    if several:
        yield _areas_table(facts, theme, several)
    if single:
        yield _single_table(facts, theme, single)


def _is_told_apart(row: Row) -> bool:
    """Whether a share of one of several places is told in the body: where it changed. An appendix has all."""
    return row.is_story and row.series.kind is not MeasureKind.COUNT


def _areas_table(facts: ReportFacts, theme: Theme, rows: Sequence[tuple[Series, list[Row]]]) -> Table:
    """Measures counted in several areas: the sums, and where a year was not as usual, by name.

    Where no year is known yet it is the quarter that is summed.
    """
    columns = [name for name in _COLUMNS if any(_where(found, name) for _, found in rows)]
    has_year = any(row.year.now for _, found in rows for row in found)
    end, quarter = facts.quarter.end, facts.quarter
    when = ("year", f"Year to {short_day(end)}", "Year before")
    if not has_year:
        when = ("quarter", quarter.short_months, quarter.year_ago.short_months)
    return without_columns(
        Table(
            caption=f"{theme.title}: all areas, {f'year to {plain_day(end)}' if has_year else quarter.months}",
            description="For each measure what all areas come to, now and a year before, and which are not as usual.",
            headers=("Measure", "Sought", *when[1:], *columns),
            rows=tuple(_areas_line(facts, series, found, when[0], columns) for series, found in rows),
            weights=(30, 9, 13, 11, *_weigh([[_say_where(found, name) for _, found in rows] for name in columns])),
            numeric=(2, 3),
        ),
        saying=_NO_TOTAL,
    )


def _weigh(columns: Sequence[Sequence[str]]) -> list[int]:
    """The room of columns that name areas: more for those that name many."""
    return [10 + min(max(map(len, column)), 60) // 4 for column in columns]


_HIGHER, _LOWER, _ABOVE, _BELOW = (
    "Higher than usual in",
    "Lower than usual in",
    "Above its group in",
    "Below its group in",
)
_COLUMNS = (_HIGHER, _LOWER, _ABOVE, _BELOW)
_NO_TOTAL = "no total"


def _where(rows: Sequence[Row], column: str) -> list[str]:
    if column in {_ABOVE, _BELOW}:
        position = Position.ABOVE if column == _ABOVE else Position.BELOW
        return name_areas(row for row in rows if is_beyond_group(row, position))
    direction = Direction.RISING if column == _HIGHER else Direction.FALLING
    return name_areas(row for row in rows if row.is_story and row.year.direction is direction)


def _say_where(rows: Sequence[Row], column: str) -> str:
    """Where a column holds; "none" only where it could have been otherwise."""
    names = _where(rows, column)
    if names:
        return f"all {words(len(rows))} areas" if len(names) == len(rows) > FEW_NAMES else joined(names)
    if column in {_ABOVE, _BELOW}:
        return "none" if any(row.peers.average is not None for row in rows) else "no group"
    return "none" if any(row.year.direction.is_judged for row in rows) else "not compared"


def _areas_line(
    facts: ReportFacts, series: Series, rows: list[Row], when: str, columns: Sequence[str]
) -> tuple[Text, ...]:
    sums = (_say_sum(rows, when, back) for back in (0, 1))
    what = say_measure(facts, rows[0]), SOUGHT_IN_SHORT[series.polarity]
    return (*what, *sums, *(_say_where(rows, column) for column in columns))


def _say_sum(rows: Sequence[Row], when: str, back: int) -> Text:
    """The sum over all areas, so many years back; why there is none where one is not known or not to be told."""
    total = add_up([getattr(getattr(row, when), ("now", "before")[back]) for row in rows])
    if total is not None:
        return (Run(text=number(total), figure=find_total_basis(rows, back=back, is_year=when == "year")),)
    is_hidden = any(row.year.direction is Direction.SUPPRESSED and row.year.now is None for row in rows)
    return str(Direction.SUPPRESSED) if is_hidden else _NO_TOTAL


def _single_table(facts: ReportFacts, theme: Theme, rows: Sequence[Row]) -> Table:
    """Shares, and what has one figure for the whole force: nothing of it can be added up."""
    is_force = all(row.area.geography is Geography.FORCE for row in rows)
    table = Table(
        caption=f"{theme.title}: shares and single figures{', whole force' if is_force else ''}",
        description="For each measure its period, its newest value, the one a year before, and the reading.",
        headers=("Measure", "Sought", "Period" if is_force else "Place and period", "Value", *_SINGLE),
        rows=tuple(
            (
                row.series.title,
                SOUGHT_IN_SHORT[row.series.polarity],
                capital(row.period_words) if is_force else f"{name_place(row)}, {row.period_words}",
                say_newest(facts, row),
                say_before(row, missing=_NO_FIGURE),
                mark_change(row.year.direction),
            )
            for row in rows
        ),
        weights=(28, 13, 32, 9, 9, 12),
        numeric=(3, 4),
    )
    return without_columns(table, saying=_NO_FIGURE)


_SINGLE = ("A year before", "Against usual")
_NO_FIGURE = "no figure"


# Charts -------------------------------------------------------------------------------------------------


def _draw_charts(facts: ReportFacts, stories: Sequence[Headline], charts: _Charts) -> Iterator[Block]:
    for story in stories:
        yield from (draw_series(row) for row in story.rows if row in charts.own)
        if story in charts.beside:
            yield from list_groups(sorted(facts.rows(story.series), key=lambda row: row.area.name))


def draw_series(row: Row) -> SeriesChart:
    """An area's own values with their usual range; what is outside it, and the newest, has its number."""
    usual = _say_limits(row.series, row.limits) if row.limits else ""
    return _draw_points(row.series, row.area.name, row.area.code, row.points, row.limits, run_of_usual(row, usual))


def draw_together(rows: Sequence[Row]) -> SeriesChart | None:
    """All areas of a series together, in the quarters in which each has a value; None for too few of them."""
    series, quarters = rows[0].series, sorted({point.quarter for row in rows for point in row.points})
    known = [{point.quarter: point.amount for point in row.points} for row in rows]
    totals = [add_up([of.get(quarter) for of in known]) for quarter in quarters]
    limits, signals = mark_chart(totals)
    if limits is None:
        return None
    points = tuple(
        Point(quarter=quarter, amount=None if total is None else Amount(value=total), signal=signal)
        for quarter, total, signal in zip(quarters, totals, signals, strict=True)
    )
    return _draw_points(series, "all areas together", "all", points, limits, Run(text=_say_limits(series, limits)))


def _draw_points(
    series: Series, where: str, code: str, points: Sequence[Point], limits: ChartLimits | None, usual: Run
) -> SeriesChart:
    points = points[-POINTS:]
    values = tuple(point.amount.value if point.amount else None for point in points)
    marked = tuple(place for place, point in enumerate(points) if point.signal)
    outside = [place for place in marked if points[place].signal is Signal.OUTSIDE]
    name, noun = f"{series.title} in {where}", "value" if quarters_of(series) > 1 else "quarter"
    signals = _say_signals(points) if limits else _say_no_limits(series)
    newest = "not known" if values[-1] is None else number(values[-1])
    return SeriesChart(
        caption=f"{name}: {series.unit} in each quarter",
        description=f"{name}, {plural(len(values), noun)} to {points[-1].quarter.months}, the newest "
        f"{newest}. {f'Usual range {usual.text}. ' if limits else ''}{signals}",
        name="Recorded in the quarter",
        categories=tuple(point.quarter.short_months for point in points),
        values=values,
        low=limits.low if limits else None,
        high=limits.high if limits else None,
        average=limits.centre if limits else None,
        outside=marked,
        labelled=tuple(sorted({*outside, len(values) - 1})),
        note=_write_note(usual, limits, signals) if limits else signals,
        anchor=f"chart {series.ref} {code}",
    )


def _say_no_limits(series: Series) -> str:
    if series.frequency is Frequency.ROLLING_12_MONTHS:
        return "Each value shares nine months with the next, so no usual range is drawn."
    return "Too few values are known to say between which numbers they usually lie."


def _say_limits(series: Series, limits: ChartLimits) -> str:
    return f"{say_range(limits.low, limits.high, series)}, average {number(round(limits.centre))}"


def _write_note(usual: Run, limits: ChartLimits, signals: str) -> tuple[Run, ...]:
    return (
        Run(text="Usual range "),
        usual,
        Run(text=f", from {plural(limits.points, 'quarter')}"),
        Run(text=f"{', so few that it may still move' if limits.trial else ''}. {signals}"),
    )


def _say_signals(points: Sequence[Point]) -> str:
    """Which quarters a diamond marks, and why."""
    marked: dict[str, list[str]] = {}
    for point in points:
        if point.signal:
            marked.setdefault(str(point.signal), []).append(point.quarter.short_months)
    said = "; ".join(f"{why} ({joined(quarters)})" for why, quarters in marked.items())
    return f"A diamond marks a quarter: {said}." if said else "No quarter is marked as unusual."


def list_groups(rows: Sequence[Row]) -> Iterator[Block]:
    """In which of some areas the rate lies outside the limits of its group, and each beside its group as a chart."""
    peers = [row.peers for row in rows]
    known = [p for p in peers if p.rate is not None and p.average is not None]
    if not known:
        return
    above = [row for row in rows if is_beyond_group(row, Position.ABOVE)]
    below = [row for row in rows if is_beyond_group(row, Position.BELOW)]
    said = [f"above its group {say_how_many(name_areas(above), len(rows))}"] if above else []
    said += [f"below its group {say_how_many(name_areas(below), len(rows))}"] if below else []
    series, first = rows[0].series, known[0]
    yield Numbered(
        text=f"The rate is {joined(said)}." if said else "No area's rate lies outside the range of its group.",
        key=f"group {series.ref}",
    )
    yield GroupChart(
        caption=f"{series.title} {first.unit}, {say_rate_period(first.period)}",
        description=f"{series.title}: each area's rate beside the range and the average of its group. "
        + "; ".join(f"{r.area.name} {say_rate(r.peers.rate)}, {say_position(r.peers.words)}" for r in rows),
        categories=tuple(row.area.name for row in rows),
        rates=tuple(None if p.rate is None else round_rate(p.rate) for p in peers),
        averages=tuple(None if p.average is None else round_rate(p.average) for p in peers),
        lows=tuple(p.low for p in peers),
        highs=tuple(p.high for p in peers),
        note=f"The group is {say_groups(known)}. Higher than usual is not the same as high.",
        anchor=f"group chart {series.ref}",
    )


# Words of those who contribute -------------------------------------------------------------------------


def _quote_contributors(facts: ReportFacts, measures: Sequence[Measure]) -> Iterator[Block]:
    """What contributors say in words, each under its own name; and who owed words and gave none."""
    owed = [m for m in measures if m.route is Route.CONTRIBUTOR and not m.kind.is_number]
    for owner in facts.contributors():
        mine = [measure for measure in owed if measure.owner == owner.key]
        if mine:
            yield from _quote_contributor(facts, owner, mine)


def _quote_contributor(facts: ReportFacts, owner: Respondent, owed: Sequence[Measure]) -> Iterator[Block]:
    shared = share_words(facts, owner).only_about({measure.ref for measure in owed})
    yield from (piece.as_block() for piece in shared.in_part)
    yield from say_elsewhere(shared, owner, key=f"more/{owner.key} {owed[0].ref}")
    told = {piece.about[1] for place in shared.places for piece in place}
    silent = {measure.priority for measure in owed if measure.ref not in told}
    if silent:
        noun = "Priority" if len(silent) == 1 else "Priorities"
        standing = say_standing(facts, owner)
        yield Numbered(text=f"{noun} {say_numbers(silent)}: no words came from {owner.name}. {standing}")
