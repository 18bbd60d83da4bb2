"""The appendices: the framework as published, every area's figures, words in full; and the workbook beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from csp_workflow.analysis.peers import say_position
from csp_workflow.analysis.readings import find_intent
from csp_workflow.report.blocks import Block, Heading, Landscape, Plain, Run, Table, Text
from csp_workflow.report.contributions import share_words
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.report.pieces import Piece
from csp_workflow.report.quality import open_questions
from csp_workflow.report.wording import mark_change, say_newest, say_own_rate, say_total, say_usual
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure, Series, Theme, is_summed
from csp_workflow.terms.phrases import (
    SOUGHT_IN_SHORT,
    capital,
    joined,
    plain_day,
    plain_number,
    say_frequency,
    short_day,
    uncapital,
)
from csp_workflow.terms.site import Respondent

_ACROSS = 10
"""So many areas stand side by side on a page that lies on its side."""


def write_appendices(facts: ReportFacts) -> Iterator[Block]:
    """The framework, where words went beyond their room those, and every figure."""
    yield from _published_framework(facts)
    yield from _words_in_full(facts)
    yield from _every_area(facts)


def list_appendices(facts: ReportFacts) -> Iterator[Block]:
    """What is appended, and what accompanies the paper."""
    yield Plain(text=f"Appendix A: {facts.framework.title}")
    if _list_long_words(facts):
        yield Plain(text=_WORDS_TITLE)
    yield Plain(text=_title_figures(facts))
    yield Plain(text="Accompanying workbook: every figure with its source, and definitions")


_WORDS_TITLE = "Appendix B: words in full"


def _title_figures(facts: ReportFacts) -> str:
    letter = "C" if _list_long_words(facts) else "B"
    return f"Appendix {letter}: figures of every area, year to {plain_day(facts.quarter.end)}"


def _list_long_words(facts: ReportFacts) -> list[tuple[Respondent, tuple[Piece, ...]]]:
    """Whose words went beyond their room, with them."""
    found = [(r, share_words(facts, r).in_appendix) for r in (*facts.partnerships(), *facts.contributors())]
    return [(respondent, pieces) for respondent, pieces in found if pieces]


# A: priorities and measures in the published words, a table for each theme -----------------------------


def _published_framework(facts: ReportFacts) -> Iterator[Block]:
    yield Heading(text=f"Appendix A: {facts.framework.title}")
    yield from list_framework(facts)


def list_framework(facts: ReportFacts) -> Iterator[Table]:
    """Every priority with its measures, a table for each theme, and what the framework leaves open."""
    for theme in facts.framework.themes:
        yield _theme_table(facts, theme)
    asked = open_questions(facts)
    if asked:
        yield Table(
            caption="What the framework leaves open",
            description="For each measure the question that whoever owns the framework has still to answer.",
            headers=("Measure", "Where", "What is open"),
            rows=tuple(asked),
            weights=(26, 18, 56),
        )


def _theme_table(facts: ReportFacts, theme: Theme) -> Table:
    measures = facts.framework.measures
    return Table(
        caption=theme.title,
        description="Each strategic priority with how it is measured, in the published words.",
        headers=("No.", "Strategic priority", "How this will be measured"),
        rows=tuple(
            (
                str(p.number),
                p.wording,
                "\n".join(m.wording for m in measures if m.priority == p.number) or "none stated",
            )
            for p in facts.framework.priorities
            if p.theme == theme.number
        ),
        weights=(7, 38, 55),
        bulleted=(2,),
    )


# B: words that did not fit their part -------------------------------------------------------------------


def _words_in_full(facts: ReportFacts) -> Iterator[Block]:
    found = _list_long_words(facts)
    if found:
        yield Heading(text=_WORDS_TITLE)
    for respondent, pieces in found:
        yield Heading(text=respondent.name, level=3)
        yield from (piece.as_block() for piece in pieces)


# C: every figure that is counted area by area, six lines a measure ----------------------------------------


def _every_area(facts: ReportFacts) -> Iterator[Block]:
    yield Landscape()
    yield Heading(text=_title_figures(facts))
    shown: list[Figure] = []
    for theme in facts.framework.themes:
        found = [(s, facts.rows(s)) for m in facts.measures_of(theme) for s in m.series if s.kind.is_number]
        several = [(s, rows) for s, rows in found if len(rows) > 1 and any(row.has_figure for row in rows)]
        shown += [row.figure for _, rows in found for row in rows if row.figure]
        for areas, alike in _group_by_areas(several):
            yield from _areas_tables(facts, theme, areas, alike)
    yield from _list_sources(shown)


_Rows = tuple[Series, list[Row]]


def _group_by_areas(found: Sequence[_Rows]) -> Iterator[tuple[tuple[str, ...], list[_Rows]]]:
    """Measures that are counted for the same places stand in one table."""
    alike: dict[tuple[str, ...], list[_Rows]] = {}
    for series, rows in found:
        alike.setdefault(tuple(row.area.code for row in rows), []).append((series, rows))
    yield from alike.items()


def _areas_tables(facts: ReportFacts, theme: Theme, areas: tuple[str, ...], found: Sequence[_Rows]) -> Iterator[Block]:
    for first in range(0, len(areas), _ACROSS):
        part = range(first, min(first + _ACROSS, len(areas)))
        names = [found[0][1][i].area.name for i in part]
        lines = [
            (series, line) for series, rows in found for line in _measure_lines(facts, series, [rows[i] for i in part])
        ]
        firsts = [i for i, (series, _) in enumerate(lines) if i == 0 or lines[i - 1][0].ref != series.ref]
        yield Table(
            caption=f"{theme.title}: {f'{names[0]} to {names[-1]}' if len(areas) > _ACROSS else 'every area'}",
            description="Each measure by area: quarter, year, its usual range, the reading, the rate, the group.",
            headers=("Measure", "Figure", *names),
            rows=tuple(line for _, line in lines),
            weights=(22, 12, *(66 // len(names) for _ in names)),
            numeric=tuple(range(2, 2 + len(names))),
            ruled=tuple(firsts[1:]),
            note=_say_units(facts, found),
        )


def _say_units(facts: ReportFacts, found: Sequence[_Rows]) -> str:
    """Of which months a quarter is, and per how many people the rates are."""
    units: dict[str, dict[str, None]] = {}
    for series, rows in found:
        for row in rows:
            if row.peers.rate is not None:
                units.setdefault(row.peers.unit, {})[uncapital(series.title)] = None
    rates = [f"Rates of {joined(titles)} are {unit}." for unit, titles in units.items()]
    return " ".join((f"The quarter is {facts.quarter.months}.", *rates))


def _measure_lines(facts: ReportFacts, series: Series, rows: Sequence[Row]) -> Iterator[tuple[Text, ...]]:
    """The lines of one measure; its name stands in each, so that nobody who hears the table read loses it."""
    is_quarter = rows[0].period == facts.quarter.key and is_summed(series)
    period = "Quarter" if is_quarter else capital(rows[0].period_words)
    lines: list[tuple[str, list[Text]]] = [(period, [say_newest(facts, row) for row in rows])]
    if any(row.year.now and row.year.now != row.quarter.now for row in rows):
        year = "Twelve months" if facts.is_current(rows[0]) else capital(rows[0].year_words)
        lines.append((year, [say_total(row) for row in rows]))
    if any(row.year.low is not None for row in rows):
        lines.append(("Usual year", [say_usual(row, between="\N{EN DASH}") for row in rows]))
    lines.append(("Against usual", [_say_reading(row) for row in rows]))
    if any(row.peers.rate is not None for row in rows):
        lines.append(("Rate", [say_own_rate(row) for row in rows]))
        lines.append(("Against group", [say_position(row.peers.words) for row in rows]))
    for place, (what, cells) in enumerate(lines):
        yield (Run(text=series.title, strong=place == 0, quiet=place > 0),), what, *cells


def _say_reading(row: Row) -> Text:
    return (Run(text=mark_change(row.year.direction), strong=row.is_story),)


def _list_sources(used: Sequence[Figure]) -> Iterator[Block]:
    """Source and licence of every figure shown, once each."""
    lines = dict.fromkeys(
        f"{f.provenance.source.rstrip('. ')}. {f.provenance.licence}".strip() for f in used if f.provenance.source
    )
    if lines:
        yield Heading(text="Sources", level=3)
        yield from (Plain(text=line) for line in lines)


# The workbook that accompanies the paper --------------------------------------------------------------------


def list_companion(facts: ReportFacts) -> tuple[Table, ...]:
    """What accompanies the paper, a sheet each: every figure, every quarter, definitions, and the longest words."""
    series = [s for s in facts.framework.series() if s.kind.is_number]
    rows = [row for s in series for row in facts.rows(s) if row.has_figure]
    words = [p for r in (*facts.partnerships(), *facts.contributors()) for p in share_words(facts, r).beside]
    tables = [_figures_sheet(facts, rows), _quarters_sheet(rows), list_definitions(facts)]
    return tuple(tables + ([_words_sheet(facts, words)] if words else []))


_FIGURES_SHEET = (
    "Ref", "Measure", "Area", "Period", "Value", "As printed", "A year before", "Twelve months",
    "Twelve months before", "Usual year from", "Usual year to", "Against usual", "Against what is sought", "Rate",
    "Rate per", "Divided by", "Which is of", "Group", "Group version", "Group average", "Group from", "Group to",
    "Beside its group", "Source",
)  # fmt: skip


def _figures_sheet(facts: ReportFacts, rows: Sequence[Row]) -> Table:
    return Table(
        caption="Figures",
        description="Each measure in each area: its newest value, twelve months, the usual year, the reading.",
        headers=_FIGURES_SHEET,
        rows=tuple(_figure_line(facts, row) for row in rows),
        weights=(1,) * len(_FIGURES_SHEET),
        numeric=(4, 7, 8, 9, 10, 13, 15, 19, 20, 21),
    )


def _figure_line(facts: ReportFacts, row: Row) -> tuple[str, ...]:
    year, peers = row.year, row.peers
    return (
        row.series.ref,
        row.series.title,
        row.area.name,
        row.period_words,
        _plain(row.quarter.now.value if row.quarter.now else None),
        facts.quote_figure(row.figure, row.series),
        facts.quote_figure(row.before, row.series),
        _plain(year.now.value if year.now else None),
        _plain(year.before.value if year.before else None),
        _plain(year.low),
        _plain(year.high),
        mark_change(year.direction),
        str(find_intent(year.direction, row.series.polarity)),
        _plain(row.rate.value if row.rate else peers.rate),
        peers.unit or (f"per {row.rate.per:,} {row.rate.of}" if row.rate else "no rate"),
        _plain(row.rate.denominator if row.rate else None),
        row.rate.denominator_from if row.rate else "no rate",
        peers.group or "no comparator",
        short_day(peers.version) if peers.version else "no comparator",
        _plain(peers.average),
        _plain(peers.low),
        _plain(peers.high),
        say_position(peers.words),
        row.figure.provenance.source if row.figure else "no source",
    )


def _plain(value: Decimal | None) -> str:
    return "no figure" if value is None else plain_number(round(value, 2))


def _quarters_sheet(rows: Sequence[Row]) -> Table:
    quarters = sorted({point.quarter for row in rows for point in row.points})
    return Table(
        caption="Quarters",
        description="Each measure in each area, quarter by quarter, as far back as this paper looks.",
        headers=("Ref", "Measure", "Area", *(quarter.months for quarter in quarters)),
        rows=tuple(
            (
                row.series.ref,
                row.series.title,
                row.area.name,
                *(_find_point(row, quarter) for quarter in quarters),
            )
            for row in rows
            if row.points
        ),
        weights=(1,) * (3 + len(quarters)),
        numeric=tuple(range(3, 3 + len(quarters))),
    )


def _find_point(row: Row, quarter: Quarter) -> str:
    amounts = (point.amount for point in row.points if point.quarter == quarter)
    amount = next(amounts, None)
    return _plain(amount.value if amount else None)


def list_definitions(facts: ReportFacts) -> Table:
    """What is counted under each measure, as a sheet."""
    return Table(
        caption="Definitions",
        description="What is counted under each measure of the framework, by whom, how often, and which way is sought.",
        headers=("Ref", "Measure", "Counted", "Unit", "Sought", "How often", "Definition", "What is open"),
        rows=tuple(
            (
                s.ref,
                m.wording,
                s.title,
                s.unit,
                SOUGHT_IN_SHORT[s.polarity],
                say_frequency(s.frequency),
                m.definition or "none stated",
                m.open_question or "nothing",
            )
            for m in facts.framework.measures
            for s in m.series
        ),
        weights=(1,) * 8,
    )


def _words_sheet(facts: ReportFacts, pieces: Sequence[Piece]) -> Table:
    names = {r.key: r.name for r in facts.site.respondents}
    return Table(
        caption="Words",
        description="What was written beyond the room that the paper has, whole, a paragraph a row.",
        headers=("Whose", "About", "Paragraph", "Words"),
        rows=tuple(
            (names.get(piece.about[0], piece.about[0]), piece.heading, str(place), part)
            for piece in pieces
            for place, part in enumerate(filter(None, map(str.strip, piece.text.splitlines())), start=1)
        ),
        weights=(1,) * 4,
    )
