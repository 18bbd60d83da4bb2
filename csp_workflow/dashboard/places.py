"""The pages of one measure, with every area, and of one partnership, with every measure of its areas.

And what one partnership may see before the paper is out: its own areas, and nothing of anybody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from csp_workflow.analysis.peers import NO_PEERS
from csp_workflow.analysis.readings import Amount
from csp_workflow.dashboard.cards import Sources, lay_out, make_card, make_slug
from csp_workflow.dashboard.parts import AREAS, Item, Page, Quoted, Section, Term, Terms
from csp_workflow.report.basis import Basis, Made
from csp_workflow.report.blocks import Block, Numbered, Run, Table, Text, plain_text, without_columns
from csp_workflow.report.contributions import find_theme, list_own_rows, say_due, say_opening
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.report.page_one import say_request, say_story
from csp_workflow.report.performance import add_up, list_groups, say_sums
from csp_workflow.report.pieces import (
    Piece,
    find_words,
    list_actions,
    list_answers,
    list_contributed,
    list_objectives,
    list_pieces,
)
from csp_workflow.report.roll_up import COUNTED_OTHERWISE
from csp_workflow.report.wording import AS_USUAL, SOUGHT, find_stories, say_amount
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import LocalMeasure, Measure, Objective, Series, is_summed, quarters_of
from csp_workflow.terms.phrases import capital, joined, plain_day, plural, say_frequency, short_day, uncapital
from csp_workflow.terms.returns import ASKED_OF_BOARD
from csp_workflow.terms.site import Respondent


def name_measure(ref: str) -> str:
    """The page of a series, or of a measure that is told in words, by its ref."""
    return make_slug("measure", ref)


def name_partnership(key: str) -> str:
    """The page of a partnership."""
    return make_slug("partnership", key)


def list_numbers(measure: Measure) -> list[Series]:
    """What is counted under a measure; nothing of one that is told in words."""
    return [series for series in measure.series if series.kind.is_number]


def say_measure_now(facts: ReportFacts, series: Series) -> tuple[str, str]:
    """What became of one measure in a sentence below its title, and which kind of answer that is."""
    rows = facts.rows(series)
    if alike := [story for story in find_stories(facts) if story.series == series]:
        return capital(say_story(facts, alike).removeprefix(f"{series.title}: ")), "changed"
    judged = [row for row in rows if row.year.direction.is_judged]
    if judged:
        could = "" if len(judged) == len(rows) else " that could be compared"
        return f"{capital(AS_USUAL)}{f' in every area{could}' if len(rows) > 1 else ''}.", "usual"
    if any(row.has_figure for row in rows):
        broken = series.broken if series.broken and series.broken.day <= facts.quarter.end else None
        why = f": it is counted otherwise since {plain_day(broken.day)}" if broken else ""
        return f"It could not be compared with a usual year{why}.", "unjudged"
    return "No figures were supplied.", "nothing"


def define(measure: Measure, series: Sequence[Series]) -> Iterator[str]:
    """How a measure of the Plan is defined, by whom it is counted, and what is open about it."""
    yield measure.definition or "No definition has been stated."
    if measure.definition:
        yield f"Defined so since {plain_day(measure.definition_from)}."
    for one in series:
        yield f"{one.ref}, {uncapital(one.title)}: {one.unit}, {say_frequency(one.frequency)}; {SOUGHT[one.polarity]}."
        if one.broken and one.parted:
            since = f"Counted otherwise from {plain_day(one.broken.day)} on: {one.broken.reason.rstrip('. ')}."
            yield f"{since} Nothing is compared across {plain_day(one.parted)}."
    if measure.open_question:
        yield f"Still open: {measure.open_question}"


# A measure ----------------------------------------------------------------------------------------------


def make_measure_pages(facts: ReportFacts, measure: Measure, series: Series, *, told: bool) -> Iterator[Page]:
    """Every area of a series, in the order of the alphabet, so many a page."""
    rows = sorted(facts.rows(series), key=lambda row: row.area.name)
    parts = [rows[first : first + AREAS] for first in range(0, len(rows), AREAS)] or [[]]
    name = name_measure(series.ref)
    names = [name if at == 0 else f"{name}-{at + 1}" for at in range(len(parts))]
    ranges = [f"{part[0].area.name} to {part[-1].area.name}" if len(parts) > 1 else "" for part in parts]
    for at, part in enumerate(parts):
        others = tuple(Run(text=ranges[i], to=names[i]) for i in (at - 1, at + 1) if 0 <= i < len(parts))
        yield Page(
            name=names[at],
            title=f"{series.title}: {ranges[at]}" if ranges[at] else series.title,
            quiet=f"{_quote_plan(measure, series.ref)} {capital(SOUGHT[series.polarity])}.",
            lead=tuple(_lead_measure(facts, series)),
            sections=tuple(_list_measure(facts, measure, series, part, Sources.of(names[at], part, told=told))),
            chapter="index",
            beside=others,
        )


def _quote_plan(measure: Measure, ref: str) -> str:
    """Where a measure stands in the Plan, and in which words."""
    return f"Measure {ref}, priority {measure.priority}, in the words of the Plan: “{measure.wording.rstrip('. ')}”."


def _lead_measure(facts: ReportFacts, series: Series) -> Iterator[Text]:
    yield say_measure_now(facts, series)[0]
    if sums := tuple(say_sums(facts, series)):
        yield sums


def _list_measure(
    facts: ReportFacts, measure: Measure, series: Series, rows: Sequence[Row], sources: Sources
) -> Iterator[Section]:
    name = sources.page
    shown = [row for row in rows if row.has_figure or row.points]
    made = [make_card(facts, row, sources, title=_link_area(facts, row)) for row in shown]
    areas = [*lay_out(made)]
    if silent := [row.area.name for row in rows if row not in shown]:
        areas.append(Numbered(text=f"No figures were supplied for {joined(silent)}."))
    yield Section(ident=f"{name}-areas", title="Every area" if len(rows) > 1 else "The figures", items=tuple(areas))
    if beside := tuple(list_groups(rows)):
        yield Section(ident=f"{name}-group", title="Beside areas like it", items=beside)
    yield from _define_and_trace(measure, series, sources)


def _define_and_trace(measure: Measure, series: Series, sources: Sources) -> Iterator[Section]:
    name = sources.page
    term = Term(ident=f"{name}-defined", word=series.title, said=tuple(define(measure, (series,))))
    yield Section(ident=f"{name}-definition", title="What is counted", items=(Terms(terms=(term,)),))
    yield from trace_sources(sources)


def trace_sources(sources: Sources) -> Iterator[Section]:
    """The sources of a page's figures, where they are told."""
    if found := sources.list_terms():
        yield Section(ident=f"{sources.page}-sources", title="Where the figures come from", items=(found,))


def _link_area(facts: ReportFacts, row: Row) -> Run:
    """The area by name, leading to the page of whoever covers it."""
    partnership = facts.by_area.get(row.area.code)
    return Run(text=row.area.name, to=name_partnership(partnership.key) if partnership else "")


def make_words_page(facts: ReportFacts, measure: Measure) -> Page:
    """A measure that is told in words: what each body and partnership wrote of it."""
    name, names = name_measure(measure.ref), {r.key: r.name for r in facts.site.respondents}
    pieces = [*list_contributed(facts), *(p for one in facts.partnerships() for p in list_pieces(facts, one))]
    mine = [piece for piece in pieces if piece.about[1] == measure.ref]
    said = tuple(Quoted(heading=names[piece.about[0]], text=piece.text) for piece in mine)
    term = Term(ident=f"{name}-defined", word=title_words(measure), said=tuple(define(measure, measure.series)))
    return Page(
        name=name,
        title=title_words(measure),
        quiet=f"{_quote_plan(measure, measure.ref)} It is told in words.",
        lead=(say_words_now(facts, measure)[0],),
        sections=(
            *((Section(ident=f"{name}-words", title="In their own words", items=said),) if said else ()),
            Section(ident=f"{name}-definition", title="What is told", items=(Terms(terms=(term,)),)),
        ),
        chapter="index",
    )


def title_words(measure: Measure) -> str:
    """What a measure that is told in words is called."""
    return measure.series[0].title if measure.series else measure.wording.rstrip(". ")


def say_words_now(facts: ReportFacts, measure: Measure) -> tuple[str, str]:
    """How many wrote of a measure that is told in words, and that this is what kind of answer there is."""
    pieces = [*list_contributed(facts), *(p for one in facts.partnerships() for p in list_pieces(facts, one))]
    many = len({piece.about[0] for piece in pieces if piece.about[1] == measure.ref})
    return (f"{capital(plural(many, 'body', spelt=True))} wrote of it.", "words") if many else (_NOBODY, "nothing")


_NOBODY = "Nothing was written of it by itself this quarter."


# A partnership --------------------------------------------------------------------------------------------


def make_partnership_page(facts: ReportFacts, of: Respondent, *, told: bool) -> Page:
    """A partnership's standing, aims, measures, words and what boards asked of it."""
    name, areas = name_partnership(of.key), {area.code for area in of.areas}
    plan = [r for m in facts.framework.measures for s in m.series if s.kind.is_number for r in facts.rows(s)]
    here = [row for row in plan if row.area.code in areas and row.has_figure]
    own = list_own_rows(facts, of)
    sources = Sources.of(name, (*own, *here), told=told)
    found = (
        ("objectives", "Its own objectives", tuple(_list_objectives(facts, of))),
        ("own", "Its own measures", _card_rows(facts, own, sources, areas=len(areas))),
        (
            "plan",
            "The measures of the Plan here",
            _card_rows(facts, here, sources, areas=len(areas), keyed=not own)
            or (Numbered(text="No figures were supplied for the measures of the Plan here."),),
        ),
        ("words", "The quarter in its own words", tuple(_list_words(facts, of))),
        ("asked", "What it asks, and what was asked of it", tuple(_list_asked(facts, of))),
        (
            "year",
            title_year(facts),
            tuple(tell_year(facts, title_year(facts), [(row,) for row in (*own, *here)], areas=len(areas))),
        ),
        ("definitions", "What its own measures count", tuple(_define_own(facts, own, name))),
    )
    return Page(
        name=name,
        title=of.name,
        quiet=f"{facts.quarter.label}, {facts.quarter.months}.",
        lead=(say_opening(facts, of),),
        sections=(
            *(Section(ident=f"{name}-{part}", title=title, items=items) for part, title, items in found if items),
            *trace_sources(sources),
        ),
        chapter="index",
    )


def _card_rows(
    facts: ReportFacts, rows: Sequence[Row], sources: Sources, *, areas: int, keyed: bool = True
) -> tuple[Item, ...]:
    cards = [
        make_card(
            facts,
            row,
            sources,
            title=Run(text=_name_row(row, areas), to="" if _is_local(facts, row) else name_measure(row.series.ref)),
            quiet=f"{capital(SOUGHT[row.series.polarity])}.",
        )
        for row in rows
    ]
    return lay_out(cards, keyed=keyed)


def _name_row(row: Row, areas: int) -> str:
    return f"{row.series.title}, {row.area.name}" if areas > 1 else row.series.title


def _is_local(facts: ReportFacts, row: Row) -> bool:
    return any(local.series.ref == row.series.ref for local in facts.framework.local_measures)


def _list_objectives(facts: ReportFacts, of: Respondent) -> Iterator[Item]:
    pieces = list_pieces(facts, of)
    for objective in list_objectives(facts, of):
        said = [find_words(pieces, ref) for ref in (objective.ref, f"{objective.ref} next quarter")]
        serves = plural(len(objective.priorities), "priority").partition(" ")[2]
        yield Quoted(
            heading=objective.wording,
            text="\n".join(piece.text for piece in said if piece),
            more="" if any(said) else _see_theme(facts, of, objective),
            quiet=f"Serves {serves} {joined(objective.priorities)} of the Plan." if objective.priorities else "",
            quoted=any(said),
        )


def _see_theme(facts: ReportFacts, of: Respondent, objective: Objective) -> Text:
    """Where it was spoken of with a theme, where the form asks for both at once."""
    theme = find_theme(facts, objective)
    titles = {f"T{one.number}": one.title for one in facts.framework.themes}
    told = find_words(list_pieces(facts, of), theme)
    if not told:
        return "Nothing was said of it."
    page = name_partnership(of.key)
    return Run(text="See what it says under "), Run(text=f"“{titles[theme]}”", to=f"{page}#{page}-words"), Run(text=".")


def _list_words(facts: ReportFacts, of: Respondent) -> Iterator[Item]:
    aims = {objective.ref for objective in list_objectives(facts, of)}
    for piece in list_pieces(facts, of):
        if piece.about[1].removesuffix(" next quarter") not in aims:
            yield _quote_piece(piece)


def _quote_piece(piece: Piece) -> Quoted:
    return Quoted(heading=piece.heading, text=piece.text, quoted=piece.quoted)


def _list_asked(facts: ReportFacts, of: Respondent) -> Iterator[Item]:
    answers = list_answers(facts, of)
    if asked := find_words(answers, ASKED_OF_BOARD):
        yield Quoted(heading=say_request(facts), text=asked.text)
    for action in list_actions(facts, of):
        said, due = find_words(answers, action.ref), say_due(action)
        when = due if isinstance(due, str) else ", ".join(run.text.strip() for run in due)
        yield Quoted(
            heading=action.wording,
            text=said.text if said else "Nothing was said of it this quarter.",
            quiet=f"{facts.site.board(action.board).name}, {short_day(action.asked)}. Due {when}.".replace(
                "Due closed", "Closed"
            ),
            quoted=said is not None,
        )


def _define_own(facts: ReportFacts, rows: Sequence[Row], name: str) -> Iterator[Item]:
    local = {one.series.ref: one for one in facts.framework.local_measures}
    mine = {row.series.ref: local[row.series.ref] for row in rows}
    if mine:
        terms = (
            Term(ident=make_slug(name, "defined", ref), word=one.series.title, said=tuple(_say_own(one)))
            for ref, one in mine.items()
        )
        yield Terms(terms=tuple(terms))


def _say_own(local: LocalMeasure) -> Iterator[str]:
    yield local.definition or "No definition has been stated."
    yield f"{capital(local.series.unit)}, {say_frequency(local.series.frequency)}; {SOUGHT[local.series.polarity]}."
    if local.counted_by:
        yield f"Counted by {local.counted_by}."


# The year, as far as it is known --------------------------------------------------------------------------


def is_whole_year(facts: ReportFacts) -> bool:
    """Whether the quarter is the last of its year."""
    return facts.quarter.ends_year


def title_year(facts: ReportFacts) -> str:
    """What the quarters of this year are called together."""
    return "The year" if is_whole_year(facts) else "The year so far"


def tell_year(facts: ReportFacts, title: str, rows: Sequence[Sequence[Row]], *, areas: int = 0) -> Iterator[Block]:
    """What each measure came to in the quarters of this financial year and in the same ones a year before.

    A line takes its rows together, where each of them is known; only what is counted every quarter adds up.
    """
    quarters = [Quarter.parse(f"{facts.quarter.financial_year}-Q{n}") for n in range(1, facts.quarter.number + 1)]
    lines = [_tell_line(line, quarters, areas) for line in rows if _adds_up(line[0].series)]
    known = tuple(line for line in lines if any(plain_text(cell) not in _NO_SUM for cell in line[1:]))
    if known:
        start, end = quarters[0].start, quarters[-1].end
        sums = ("The year", "The year before") if is_whole_year(facts) else ("So far", "Same months a year before")
        table = Table(
            caption=f"{title}: {start:{'%B' if start.year == end.year else '%B %Y'}} to {end:%B %Y}",
            description="",
            headers=("Measure", *(q.short_months for q in quarters), *sums),
            rows=known,
            weights=(1,) * (len(quarters) + 3),
            numeric=tuple(range(1, len(quarters) + 3)),
        )
        yield without_columns(table, saying=_UNKNOWN)


_UNKNOWN = "not known"
_NO_SUM = {_UNKNOWN, COUNTED_OTHERWISE}


def _adds_up(series: Series) -> bool:
    return is_summed(series) and quarters_of(series) == 1 and series.kind.is_number and not series.kind.is_share


def _tell_line(rows: Sequence[Row], quarters: Sequence[Quarter], areas: int) -> tuple[Text, ...]:
    before = [quarter.year_ago for quarter in quarters]
    series = rows[0].series
    title = Run(text=_name_row(rows[0], areas) if areas else series.title, to=name_measure(series.ref))
    return (title,), *(_say_sum(rows, of) for of in (*([quarter] for quarter in quarters), quarters, before))


def _say_sum(rows: Sequence[Row], quarters: Sequence[Quarter]) -> Text:
    """What rows come to in some quarters together, to be traced; a part is no whole."""
    amounts = [
        next((p.amount for p in row.points if p.quarter == quarter), None) for row in rows for quarter in quarters
    ]
    total, series = add_up(amounts), rows[0].series
    if total is None:
        since = series.parted
        return COUNTED_OTHERWISE if since and any(quarter.start < since for quarter in quarters) else _UNKNOWN
    slots = tuple((series.ref, row.area.code, quarter.key) for row in rows for quarter in quarters)
    made = Basis(how=Made.TOTAL if len(slots) > 1 else Made.FIGURE, slots=slots)
    return (Run(text=say_amount(Amount(value=total), series), figure=made.key),)


def keep_own(facts: ReportFacts, of: Respondent) -> ReportFacts:
    """The facts without other areas' figures, what is reckoned from their rates, and others' words and actions.

    How much figures vary, which makes a usual range, is taken from all areas as it is for forms and papers: so the page
    says what the paper will.
    """
    own = replace(
        facts,
        known=KnownFigures((), facts.known.as_at),
        groups=(),
        withdrawn={},
        otherwise=(),
        reported={},
        submissions={key: one for key, one in facts.submissions.items() if key == of.key},
        actions=tuple(action for action in facts.actions if of.follows(action.respondent)),
    )
    for series in facts.framework.series():
        own.recall(series, partial(_keep_rows, facts, of, series))
    return own


def _keep_rows(facts: ReportFacts, of: Respondent, series: Series) -> list[Row]:
    areas = {area.code for area in of.areas}
    return [
        row if row.peers.is_extract else replace(row, peers=NO_PEERS)
        for row in (facts.rows(series) if series.kind.is_number else ())
        if row.area.code in areas
    ]
