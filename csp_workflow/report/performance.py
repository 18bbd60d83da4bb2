"""Performance by theme: what changed and where, the sums beside it, and the charts that earn their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from csp_workflow.analysis.peers import Position
from csp_workflow.analysis.readings import Amount, Direction, Point
from csp_workflow.report.blocks import Block, GroupChart, Heading, Numbered, Run, SeriesChart, Table, Text
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.report.page_one import say_story
from csp_workflow.report.pieces import list_contributed
from csp_workflow.report.standing import say_standing
from csp_workflow.report.stories import Headline, choose_charts, find_stories
from csp_workflow.report.wording import (
    SOUGHT_IN_SHORT,
    find_total_basis,
    is_beyond_group,
    mark_change,
    name_areas,
    run_of_usual,
    say_before,
    say_groups,
    say_how_many,
    say_newest,
    say_position,
    say_range,
    say_rate,
)
from csp_workflow.terms.figures import Geography, Measure, MeasureKind, Route, Series, Theme
from csp_workflow.terms.phrases import capital, joined, number, plain_day, plural, short_day

_POINTS = 12


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
        yield Numbered(text=f"No figures were supplied for {joined(silent)}.", key=f"silent {theme.number}")
    yield from _quote_contributors(facts, measures)


def _sum_up(facts: ReportFacts, rows: Sequence[tuple[Series, list[Row]]], stories: Sequence[Headline]) -> Iterator[Run]:
    changed = {story.series.ref: [one for one in stories if one.series == story.series] for story in stories}
    for alike in changed.values():
        yield Run(text=f"{say_story(facts, alike)} ", strong=True)
        yield from _say_sums(facts, alike[0].series)
    judged = [s for s, found in rows if s.ref not in changed and any(r.year.direction.is_judged for r in found)]
    if judged:
        count = plural(len(judged), "other measure" if stories else "measure", spelt=True)
        yield Run(text=f"{capital(count)} that could be compared showed no more change than usual.")


def _say_sums(facts: ReportFacts, series: Series) -> Iterator[Run]:
    """The areas taken together, where each has both years: "the nine areas recorded 5,293 in twelve months ..."."""
    rows = facts.rows(series)
    now, before = add_up([row.year.now for row in rows]), add_up([row.year.before for row in rows])
    if len(rows) < 2 or now is None or before is None or series.kind is not MeasureKind.COUNT:
        return
    yield Run(text="All areas together: ")
    yield Run(text=number(now), figure=find_total_basis(rows))
    yield Run(text=f" {series.unit} in twelve months, ")
    yield Run(text=number(before), figure=find_total_basis(rows, back=1))
    yield Run(text=" in the twelve before. ")


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
    """Whether a share of one of several places is told in the body: where it changed. All stand in Appendix B."""
    return row.is_story and row.series.kind is not MeasureKind.COUNT


def _areas_table(facts: ReportFacts, theme: Theme, rows: Sequence[tuple[Series, list[Row]]]) -> Table:
    """Measures counted in several areas: the sums, and where a year was not as usual, by name."""
    columns = [name for name in _COLUMNS if any(_where(found, name) for _, found in rows)]
    none = [name for name in _COLUMNS if name not in columns and name in _TOLD_WHEN_EMPTY]
    end = short_day(facts.quarter.end)
    return Table(
        caption=f"{theme.title}: all areas, year to {plain_day(facts.quarter.end)}",
        description="For each measure the latest and the previous twelve months, and the areas that are not as usual.",
        headers=("Measure", "Sought", f"Year to {end}", "Year before", *columns),
        rows=tuple(_areas_line(series, found, columns) for series, found in rows),
        weights=(30, 9, 11, 11, *_weigh([[joined(_where(found, name)) for _, found in rows] for name in columns])),
        numeric=(2, 3),
        note=_say_none(none),
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
_TOLD_WHEN_EMPTY = {_HIGHER, _LOWER}


def _where(rows: Sequence[Row], column: str) -> list[str]:
    if column in {_ABOVE, _BELOW}:
        position = Position.ABOVE if column == _ABOVE else Position.BELOW
        return name_areas(row for row in rows if is_beyond_group(row, position))
    direction = Direction.RISING if column == _HIGHER else Direction.FALLING
    return name_areas(row for row in rows if row.is_story and row.year.direction is direction)


def _areas_line(series: Series, rows: list[Row], columns: Sequence[str]) -> tuple[Text, ...]:
    now = _say_sum([row.year.now for row in rows], rows)
    before = _say_sum([row.year.before for row in rows], rows, back=1)
    what = series.title, SOUGHT_IN_SHORT[series.polarity]
    return (*what, now, before, *(joined(_where(rows, column)) or "none" for column in columns))


def _say_sum(amounts: list[Amount | None], rows: Sequence[Row], *, back: int = 0) -> Text:
    """The sum over all areas, so many years back; why there is none where one is not known or not to be told."""
    total = add_up(amounts)
    if total is not None:
        return (Run(text=number(total), figure=find_total_basis(rows, back=back)),)
    words = {str(row.year.direction) for row in rows if row.year.now is None}
    return str(Direction.SUPPRESSED) if Direction.SUPPRESSED in words else "no total"


def _say_none(columns: Sequence[str]) -> str:
    said = [column.lower().removesuffix(" in") for column in columns]
    return f"No area was {joined(said, 'or')} in any of these." if said else ""


def _single_table(facts: ReportFacts, theme: Theme, rows: Sequence[Row]) -> Table:
    """Shares, and what has one figure for the whole force: nothing of it can be added up."""
    return Table(
        caption=f"{theme.title}: shares and single figures",
        description="For each measure its place and period, its newest value, the one a year before, and the reading.",
        headers=("Measure", "Sought", "Place and period", "Value", "A year before", "Against usual"),
        rows=tuple(
            (
                row.series.title,
                SOUGHT_IN_SHORT[row.series.polarity],
                f"{_name_place(row)}, {row.period_words}",
                say_newest(facts, row),
                say_before(row),
                mark_change(row.year.direction),
            )
            for row in rows
        ),
        weights=(28, 13, 32, 9, 9, 12),
        numeric=(3, 4),
    )


def _name_place(row: Row) -> str:
    return "Whole force" if row.area.geography is Geography.FORCE else row.area.name


# Charts -------------------------------------------------------------------------------------------------


def _draw_charts(facts: ReportFacts, stories: Sequence[Headline], charts: _Charts) -> Iterator[Block]:
    for story in stories:
        yield from (_draw_series(row) for row in story.rows if row in charts.own)
        if story in charts.beside:
            yield from _draw_group(facts, story)


def _draw_series(row: Row) -> SeriesChart:
    """An area's own quarters with their usual range; what is marked, and the newest, has its number."""
    limits, points = row.limits, row.points[-_POINTS:]
    assert limits is not None  # noqa: S101 - only rows with limits are chosen
    values = tuple(point.amount.value if point.amount else None for point in points)
    marked = tuple(place for place, point in enumerate(points) if point.signal)
    usual = f"{say_range(limits.low, limits.high, row.series)}, average {number(round(limits.centre))}"
    name, signals = f"{row.series.title} in {row.area.name}", _say_signals(points)
    return SeriesChart(
        caption=f"{name}: {row.series.unit} in each quarter",
        description=f"{name}, {plural(len(values), 'quarter')} to {points[-1].quarter.months}, the newest "
        f"{number(values[-1])}. Usual range {usual}. {signals}",
        name="Recorded in the quarter",
        categories=tuple(point.quarter.short_months for point in points),
        values=values,
        low=limits.low,
        high=limits.high,
        average=limits.centre,
        outside=marked,
        labelled=tuple(sorted({*marked, len(values) - 1})),
        note=(
            Run(text="Usual range "),
            run_of_usual(row, usual),
            Run(text=f", from {plural(limits.points, 'quarter')}"),
            Run(text=f"{', so few that it may still move' if limits.trial else ''}. {signals}"),
        ),
        anchor=f"chart {row.series.ref} {row.area.code}",
    )


def _say_signals(points: Sequence[Point]) -> str:
    """Which quarters a diamond marks, and why."""
    marked: dict[str, list[str]] = {}
    for point in points:
        if point.signal:
            marked.setdefault(str(point.signal), []).append(point.quarter.short_months)
    said = "; ".join(f"{why}: {joined(quarters)}" for why, quarters in marked.items())
    return f"A diamond marks what is {said}." if said else "No quarter is marked as unusual."


def _draw_group(facts: ReportFacts, story: Headline) -> Iterator[Block]:
    rows = sorted(facts.rows(story.series), key=lambda row: row.area.name)
    peers = [row.peers for row in rows]
    known = [p for p in peers if p.rate is not None and p.average is not None]
    if not known:
        return
    above = [row for row in rows if is_beyond_group(row, Position.ABOVE)]
    below = [row for row in rows if is_beyond_group(row, Position.BELOW)]
    said = [f"above its group {say_how_many(name_areas(above), len(rows))}"] if above else []
    said += [f"below its group {say_how_many(name_areas(below), len(rows))}"] if below else []
    title, first = story.series.title, known[0]
    places = 1 if all(abs(rate) >= 1 for p in known for rate in (p.rate, p.average) if rate is not None) else 2
    rates, averages, lows, highs = (
        tuple(value and round(value, places) for value in column)
        for column in zip(*((p.rate, p.average, p.low, p.high) for p in peers), strict=True)
    )
    yield Numbered(
        text=f"The rate is {joined(said)}." if said else "No area's rate lies outside the range of its group.",
        key=f"group {story.series.ref}",
    )
    yield GroupChart(
        caption=f"{title} {first.unit}, year to {plain_day(facts.quarter.end)}",
        description=f"{title}: each area's rate beside the range and the average of its group. "
        + "; ".join(f"{r.area.name} {say_rate(r.peers.rate)}, {say_position(r.peers.words)}" for r in rows),
        categories=tuple(row.area.name for row in rows),
        rates=rates,
        averages=averages,
        lows=lows,
        highs=highs,
        note=f"Each area beside {say_groups(known)}. Higher than usual is not the same as high.",
        anchor=f"group chart {story.series.ref}",
    )


# Words of those who contribute -------------------------------------------------------------------------


def _quote_contributors(facts: ReportFacts, measures: Sequence[Measure]) -> Iterator[Block]:
    """What contributors say in words, each under its own name; and who owed words and gave none."""
    contributed = list_contributed(facts)
    for measure in measures:
        if measure.route is not Route.CONTRIBUTOR or measure.kind.is_number:
            continue
        owner = next((r for r in facts.contributors() if r.key == measure.owner), None)
        if owner is None:
            continue
        found = next((piece for piece in contributed if piece.about == (owner.key, measure.ref)), None)
        if found:
            yield found.as_block()
        else:
            yield Numbered(text=f"{measure.wording}: {owner.name}. {say_standing(facts, owner)}")
