"""The year's paper for the Commissioner's annual report: ready sentences, tables of four quarters, and whose words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from csp_workflow.analysis.peers import say_position, say_versions
from csp_workflow.analysis.readings import Direction
from csp_workflow.report import roll_up
from csp_workflow.report.annual_sheets import (
    list_revisions,
    list_theme_rows,
    name_year,
    name_year_before,
    say_succession,
    tabulate_revisions,
    tell_measures,
    tell_partnership,
)
from csp_workflow.report.blocks import (
    Block,
    Heading,
    Landscape,
    Lettered,
    Numbered,
    Plain,
    Run,
    SeriesChart,
    Table,
    Text,
    without_columns,
)
from csp_workflow.report.carried import write_carried
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.performance import draw_series, draw_together
from csp_workflow.report.pieces import Piece, list_contributed, list_objectives, list_pieces
from csp_workflow.report.roll_up import (
    YearRow,
    list_year_partnerships,
    list_year_respondents,
    list_year_returns,
    list_year_rows,
    show_cell,
    show_sum,
)
from csp_workflow.report.wording import (
    OWN_CHARTS,
    find_distance,
    mark_change,
    name_areas,
    name_place,
    quote,
    say_usual,
)
from csp_workflow.terms.cells import QuickAnswer
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.figures import Geography, MeasureKind, Series, Theme
from csp_workflow.terms.phrases import SOUGHT_IN_SHORT, capital, day, joined, number, plural, short_day, words
from csp_workflow.terms.returns import Narrative
from csp_workflow.terms.site import Respondent

# The year in short --------------------------------------------------------------------------------------


def write_year(facts: ReportFacts) -> Iterator[Block]:
    """What the year shows: what changed and where, how much was judged, and whether anything of it is missing."""
    if missing := roll_up.say_missing_quarters(facts):
        yield Numbered(text=(Run(text=missing, strong=True), Run(text=f" {_PART}")), key="year part")
    changed = [line for theme in facts.framework.themes for line in _list_changed(facts, theme)]
    chance = facts.count_chance()
    if chance.compared:
        many = "None" if not changed else capital(words(len(changed)))
        text = f"{many} of the {number(chance.compared)} figures that could be compared "
        text += f"{'was' if len(changed) == 1 else 'were'} other than usual in {name_year(facts)}. "
        text += f"Had nothing changed anywhere, chance alone would show {chance.in_words}."
    else:
        text = f"No figure of {name_year(facts)} could be compared with a usual year."
    yield Numbered(text=text, key="year")
    if changed:
        yield Table(
            caption=f"What changed in {name_year(facts)}, and where",
            description="Each measure and area whose year is not as usual: the year, the one before, what is usual.",
            headers=(
                "Measure",
                "Where",
                name_year(facts),
                name_year_before(facts),
                "Usual year",
                "Against usual",
                "What is sought",
            ),
            rows=tuple(changed),
            weights=(26, 18, 10, 10, 13, 11, 12),
            numeric=(2, 3, 4),
            note="In the order of the Plan, and of areas by name: no area is ranked.",
        )


_PART = "What follows rests on the figures that are known all the same; where a quarter has none, so has the year."


def _list_changed(facts: ReportFacts, theme: Theme) -> Iterator[tuple[Text, ...]]:
    for series, rows in list_theme_rows(facts, theme):
        for one in rows:
            if one.row.is_story:
                yield (
                    _title(facts, one),
                    name_place(one.row),
                    show_sum(one.year, series),
                    show_sum(one.year_before, series),
                    say_usual(one.row, between="\N{EN DASH}"),
                    mark_change(one.row.year.direction),
                    SOUGHT_IN_SHORT[series.polarity],
                )


def _title(facts: ReportFacts, one: YearRow) -> str:
    """A measure, with its own twelve months where those are not the financial year."""
    words = one.row.year_words
    is_same = facts.is_current(one.row) or words == f"year {name_year(facts)}"
    return one.row.series.title if is_same else f"{one.row.series.title} (read over {words})"


# Whose returns it is made from ----------------------------------------------------------------------------


def write_returns(facts: ReportFacts) -> Iterator[Block]:
    """Who returned what in which quarter, under the name that it had then."""
    every = [(r, list_year_returns(facts, r)) for r in list_year_respondents(facts)]
    told = [one for _, quarters in every for of_one in quarters for one in of_one if one.said not in _NOT_OWED]
    asked = {(one.of.key, one.quarter): one for one in told}  # of one that was split each heir has the earlier returns
    made = sum(one.is_made for one in asked.values())
    text = f"Of {plural(len(asked), 'return')} that were asked for, {number(made)} came."
    if missing := [f"{one.of.name} for {one.quarter.months}" for one in asked.values() if one.is_missing]:
        text += f" None came from {joined(missing)}."
    yield Numbered(text=text, key="year returns")
    merged = [(p, say_succession(p, facts)) for p in list_year_partnerships(facts) if p.predecessors]
    for partnership, said in merged:
        if said:
            yield Numbered(text=said, key=f"line/{partnership.key}")
    yield Table(
        caption=f"Returns of {name_year(facts)}",
        description="Each respondent with where its return of each quarter stands.",
        headers=("Whose", *(one.quarter.short_months for one in facts.year)),
        rows=tuple((r.name, *(_say_returns(r, of_one) for of_one in quarters)) for r, quarters in every),
        weights=(32, 17, 17, 17, 17),
    )


_NOT_OWED = {roll_up.TO_COME, roll_up.NOT_ASKED}


def _say_returns(now: Respondent, returns: Sequence[roll_up.YearReturn]) -> str:
    return "\n".join(one.said if one.of.key == now.key else f"{one.said} (as {one.of.name})" for one in returns)


# Theme by theme --------------------------------------------------------------------------------------------


def write_themes(facts: ReportFacts) -> Iterator[Block]:
    """For each theme the ready sentences, its charts, all areas together by quarter, and what contributors say."""
    for theme in facts.framework.themes:
        yield Heading(text=theme.title, level=3)
        told = tell_measures(facts, theme)
        lead = f"{name_year(facts)}, measure by measure:" if len(told) > 1 else "".join(told)
        yield Numbered(text=lead, key=f"year theme {theme.number}")
        told_refs = [series.ref for series, _ in list_theme_rows(facts, theme)]
        for ref, sentence in zip((*told_refs, "silent"), told if len(told) > 1 else (), strict=False):
            yield Lettered(text=sentence, key=f"year theme {theme.number}/{ref}")
        rows = list_theme_rows(facts, theme)
        yield from _draw_charts([found for _, found in rows])
        several = [(s, found) for s, found in rows if len(found) > 1 and s.kind is MeasureKind.COUNT]
        single = [(s, found) for s, found in rows if (s, found) not in several]
        if several:
            yield _sums_table(facts, theme, several)
        if single:
            yield from _single_tables(facts, theme, single)
        refs = {measure.ref for measure in facts.measures_of(theme)}
        yield from (piece.as_block() for piece in list_contributed(facts) if piece.about[1] in refs)


def _draw_charts(found: Sequence[list[YearRow]]) -> Iterator[SeriesChart]:
    """The first measure of a theme that can be drawn, its areas together; and where the year was furthest from usual,
    once a measure."""
    rows = [[one.row for one in line] for line in found]
    drawn = (draw_together(line) for line in rows if line[0].series.kind is MeasureKind.COUNT)
    yield from filter(None, [next(filter(None, drawn), None)])
    told = [[row for row in line if row.is_story and row.limits is not None] for line in rows]
    furthest = sorted((max(line, key=find_distance) for line in told if line), key=find_distance, reverse=True)
    yield from (draw_series(row) for row in furthest[:OWN_CHARTS])


def _quarter_headers(facts: ReportFacts) -> tuple[str, ...]:
    return tuple(f"{one.quarter.short_months.rpartition(' ')[0]}" for one in facts.year)


def _sums_table(facts: ReportFacts, theme: Theme, found: Sequence[tuple[Series, list[YearRow]]]) -> Table:
    return Table(
        caption=f"{theme.title}: all areas together, {name_year(facts)}",
        description="For each measure what all areas come to in each quarter, in the year and in the year before.",
        headers=("Measure", *_quarter_headers(facts), name_year(facts), name_year_before(facts), "Not as usual in"),
        rows=tuple(_sums_line(facts, series, rows) for series, rows in found),
        weights=(24, 9, 9, 9, 9, 10, 10, 20),
        numeric=(1, 2, 3, 4, 5, 6),
        note="A sum is given where every area has its figure.",
    )


def _sums_line(facts: ReportFacts, series: Series, rows: Sequence[YearRow]) -> tuple[Text, ...]:
    quarters = [roll_up.add_areas(rows, place) for place in range(4)]
    sums = roll_up.add_areas(rows, None), roll_up.add_areas(rows, None, before=True)
    return (
        _title(facts, rows[0]),
        *(show_sum(one, series) for one in (*quarters, *sums)),
        _say_where(rows),
    )


def _say_where(rows: Sequence[YearRow]) -> str:
    parts = [
        f"{mark_change(direction)}: {joined(where)}"
        for direction in (Direction.RISING, Direction.FALLING)
        if (where := name_areas(one.row for one in rows if one.row.year.direction is direction))
    ]
    if parts:
        return "\n".join(parts)
    return "none" if any(one.row.year.direction.is_judged for one in rows) else "not compared"


def _single_tables(facts: ReportFacts, theme: Theme, found: Sequence[tuple[Series, list[YearRow]]]) -> Iterator[Block]:
    """Shares, and what has one figure for the force: nothing of it is added up over places."""
    lines = [
        (series, one)
        for series, rows in found
        for one in rows
        if one.has_figure and (len(rows) == 1 or one.row.is_story)
    ]
    if not lines:
        return
    marks = roll_up.explain_marks(facts, [one for _, one in lines])
    yield without_columns(
        Table(
            caption=f"{theme.title}: shares and single figures, {name_year(facts)}",
            description="For each measure and place its value in each quarter, the year and the year before.",
            headers=("Measure", *_quarter_headers(facts), name_year(facts), name_year_before(facts), "Against usual"),
            rows=tuple(
                (f"{_title(facts, one)}{_say_place(one)}", *_year_line(facts, series, one)) for series, one in lines
            ),
            weights=(27, 9, 9, 9, 9, 13, 13, 11),
            numeric=(1, 2, 3, 4, 5, 6),
            note=f"{capital(roll_up.NOT_DUE)}: it is not counted each quarter. {marks}".strip(),
        ),
        saying=roll_up.NOT_DUE,
    )


def _say_place(one: YearRow) -> str:
    """Where, unless it is the whole force."""
    return "" if one.row.area.geography is Geography.FORCE else f", {name_place(one.row)}"


def _year_line(facts: ReportFacts, series: Series, one: YearRow) -> tuple[Text, ...]:
    cells = (show_cell(facts, cell, series) for cell in one.cells)
    sums = show_sum(one.year, series), show_sum(one.year_before, series)
    return (*cells, *sums, (Run(text=mark_change(one.row.year.direction), strong=one.row.is_story),))


# Each partnership -------------------------------------------------------------------------------------------


def write_accounts(facts: ReportFacts) -> Iterator[Block]:
    """A part for every partnership: ready sentences, its own account of the year, its objectives and measures."""
    for partnership in list_year_partnerships(facts):
        yield Heading(text=partnership.name, level=3)
        yield Numbered(text=tell_partnership(facts, partnership).text, key=f"year part/{partnership.key}")
        account = list_account(facts, partnership)
        yield from (piece.as_block() for piece in account)
        if not account and facts.framework.year_end.texts:
            yield Numbered(text=_say_no_account(facts, partnership), key=f"year account/{partnership.key}")
        yield from _objectives_table(facts, partnership)
        yield from _own_table(facts, partnership)


def list_account(facts: ReportFacts, partnership: Respondent) -> tuple[Piece, ...]:
    """What a partnership says of its year in words of its own, those that are to be printed."""
    printed = {text.ref for text in facts.framework.year_end.list_printed()}
    return tuple(piece for piece in list_pieces(facts, partnership) if piece.about[1] in printed)


def _say_no_account(facts: ReportFacts, partnership: Respondent) -> str:
    last = facts.year[-1] if facts.year else None
    if last is None or last.quarter.end >= london_day(facts.as_at):
        return "Its own account of the year is asked for with the fourth quarter."
    return f"No account of the year had come from {partnership.name} by {day(facts.as_at)}."


_STANDS: dict[QuickAnswer | None, str] = {
    QuickAnswer.GOES_ON: "goes on",
    QuickAnswer.REACHED: "reached",
    QuickAnswer.ENDS: "ends",
}
_NOTHING_SAID = "nothing said"


def _objectives_table(facts: ReportFacts, of: Respondent) -> Iterator[Block]:
    objectives = [o for o in list_objectives(facts, of) if o.agreed <= facts.quarter.end]
    objectives = [o for o in objectives if not facts.year or o.valid_to >= facts.year[0].quarter.start]
    if not objectives:
        return
    submission = facts.submissions.get(of.key)
    told = {n.ref: n for n in submission.narratives} if submission else {}
    numbers = {p.number for p in facts.framework.priorities}
    yield Table(
        caption=f"{of.name}: its own objectives, {name_year(facts)}",
        description="Each objective with the priorities that it serves, what it came to, and whether it goes on.",
        headers=("Own objective", "Priorities", "What it came to", "Next year"),
        rows=tuple(
            (
                o.wording,
                joined(n for n in o.priorities if n in numbers) or "none",
                quote(told[o.ref].text) if o.ref in told and told[o.ref].text.strip() else _NOTHING_SAID,
                _say_next(facts, told.get(o.ref), o.valid_to),
            )
            for o in objectives
        ),
        weights=(36, 10, 40, 14),
    )


def _say_next(facts: ReportFacts, told: Narrative | None, valid_to: date) -> str:
    if told is not None and told.answer in _STANDS:
        return _STANDS[told.answer]
    return f"ended {short_day(valid_to)}" if valid_to <= facts.quarter.end else _NOTHING_SAID


def _own_rows(facts: ReportFacts, of: Respondent) -> list[tuple[Series, YearRow]]:
    """What a partnership itself counts, or has taken over, that was counted in the year."""
    areas = {area.code for area in of.areas} | {c for a in of.areas for c in facts.replaced.get(a.code, ())}
    mine = [m for m in facts.framework.local_measures if of.follows(m.respondent) and m.area in areas]
    return [(m.series, one) for m in mine for one in list_year_rows(facts, m.series) if one.has_figure]


def _own_table(facts: ReportFacts, of: Respondent) -> Iterator[Block]:
    rows = _own_rows(facts, of)
    if not rows:
        return
    several = len(of.areas) > 1
    yield Table(
        caption=f"{of.name}: its own measures, {name_year(facts)}",
        description="What the partnership itself counts: each quarter, the year, the year before, and the reading.",
        headers=("Measure", *_quarter_headers(facts), name_year(facts), name_year_before(facts), "Against usual"),
        rows=tuple(
            (f"{series.title}{f', {one.row.area.name}' if several else ''}", *_year_line(facts, series, one))
            for series, one in rows
        ),
        weights=(27, 10, 10, 10, 10, 12, 11, 11),
        numeric=(1, 2, 3, 4, 5, 6),
        note=roll_up.explain_marks(facts, [one for _, one in rows]),
    )


# Revisions, what is carried over, every figure -----------------------------------------------------------------


def write_revisions(facts: ReportFacts) -> Iterator[Block]:
    """Which figures of the year an earlier paper printed otherwise; what stands is the latest accepted value."""
    rows = tuple(list_revisions(facts))
    if not rows:
        yield Numbered(text="No figure of the year stands otherwise than a paper printed it.", key="revisions")
        return
    yield Numbered(
        text=f"{capital(plural(len(rows), 'figure', spelt=True))} of the year {'was' if len(rows) == 1 else 'were'} "
        "printed or supplied otherwise before. The latest accepted value counts in every sum here.",
        key="revisions",
    )
    if len(rows) <= _MOST_REVISIONS:
        yield tabulate_revisions("Figures that were revised", rows)
    else:
        yield Numbered(text="Each is listed in the accompanying workbook, under Revisions.", key="revisions where")


_MOST_REVISIONS = 12


def write_year_tables(facts: ReportFacts) -> Iterator[Block]:
    """Every figure of the year that is counted in several areas, a table a measure, on pages that lie on their side."""
    tables = [
        _series_table(facts, series, rows)
        for theme in facts.framework.themes
        for series, rows in list_theme_rows(facts, theme)
        if len(rows) > 1
    ]
    if tables:
        yield Landscape()
        yield Heading(text=f"{_FIGURES_TITLE}, {name_year(facts)}")
        yield from tables
    yield from _list_sources(facts)


_FIGURES_TITLE = "Appendix: every area, quarter by quarter"


def list_year_appendices(facts: ReportFacts) -> Iterator[Block]:
    """What is appended, and what accompanies the paper."""
    yield Plain(text=f"{_FIGURES_TITLE}, {name_year(facts)}")
    yield Plain(
        text="Accompanying workbook: every figure of the year and of the one before with its source, revisions, the "
        "ready sentences, each partnership's words of all four quarters, and all that goes over into the next year"
    )


def _series_table(facts: ReportFacts, series: Series, rows: Sequence[YearRow]) -> Table:
    peers = [one.row.peers for one in rows if one.row.peers.unit]
    group = f"Rates are {peers[0].unit}; group: {say_versions(peers)}. " if peers else ""
    table = Table(
        caption=f"{series.title}, {series.unit}",
        description="Each area: the four quarters, the year, the year before, the usual year, the reading, the group.",
        headers=(
            *(
                "Area",
                *_quarter_headers(facts),
                name_year(facts),
                name_year_before(facts),
                "Usual year",
                "Against usual",
            ),
            "Beside its group",
        ),
        rows=tuple(
            (
                name_place(one.row),
                *_year_line(facts, series, one)[:-1],
                say_usual(one.row, between="\N{EN DASH}"),
                (Run(text=mark_change(one.row.year.direction), strong=one.row.is_story),),
                say_position(one.row.peers.words) if one.row.peers.rate is not None else _NO_GROUP,
            )
            for one in rows
        ),
        weights=(18, 9, 9, 9, 9, 10, 10, 11, 12, 11),
        numeric=(1, 2, 3, 4, 5, 6, 7),
        note=f"{group}{roll_up.explain_marks(facts, rows)}".strip(),
    )
    return without_columns(table, saying=_NO_GROUP)


_NO_GROUP = "no group"


def _list_sources(facts: ReportFacts) -> Iterator[Block]:
    used = [
        figure
        for series in facts.framework.series()
        if series.kind.is_number
        for one in list_year_rows(facts, series)
        for cell in one.cells
        for figure in cell.figures
    ]
    told: dict[tuple[str, str], list[str]] = {}
    for source, licence in dict.fromkeys((f.provenance.source.rstrip(". "), f.provenance.licence) for f in used):
        whose, _, quarter = source.rpartition(" for ")
        of = [quarter] if _QUARTER.fullmatch(quarter) else []
        told.setdefault((whose if of else source, licence), []).extend(of)
    lines = [f"{_say_source(source, of)}. {licence}".strip() for (source, licence), of in told.items() if source]
    if lines:
        yield Heading(text="Sources", level=3)
        yield from (Plain(text=line) for line in lines)


_QUARTER = re.compile(r"\d{4}/\d{2} Q\d")


def _say_source(source: str, quarters: Sequence[str]) -> str:
    """A source that gave something for several quarters stands once: "The force's extract for 2014/15 Q1 and Q2"."""
    ordered = sorted(quarters)
    years = [""] + [one[:7] for one in ordered]
    said = joined(one[8:] if one[:7] == before else one for one, before in zip(ordered, years, strict=False))
    return f"{source} for {said}" if quarters else source


YEAR_WRITERS: dict[str, Callable[[ReportFacts], Iterator[Block]]] = {
    "year": write_year,
    "year returns": write_returns,
    "year by theme": write_themes,
    "year accounts": write_accounts,
    "year revisions": write_revisions,
    "carried over": write_carried,
    "year appendices": list_year_appendices,
}
"""How each kind of heading of a yearly paper is filled."""
