"""A paper's contents: the configured headings in their order, each filled by its kind, then the appendices."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from csp_workflow.analysis.readings import Amount, find_intent
from csp_workflow.report import sections
from csp_workflow.report.blocks import Block, Contents, Heading, Landscape, Lines, NewPage, Numbered, Plain, Table
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.terms.figures import Figure, Theme
from csp_workflow.terms.phrases import NOT_SUPPLIED, day, joined, number, plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Role


def compile_contents(facts: ReportFacts, *, draft: bool = True) -> Contents:
    """Compile a board's paper from what has arrived. A return that has not come never blanks a table.

    Raises KeyError or LookupError when the config has no board, no paper or no framework for it.
    """
    return Contents(
        board=facts.board.name,
        title=facts.form.title,
        meeting=facts.paper.meeting,
        as_at=facts.as_at,
        marking=facts.form.marking if draft else facts.site.marking,
        not_before=facts.paper.papers_out,
        blocks=tuple(_write_blocks(facts)),
        draft=draft,
    )


def _write_blocks(facts: ReportFacts) -> Iterator[Block]:
    for heading in facts.form.headings:
        written = tuple(HEADING_WRITERS[heading.kind](facts))
        own = tuple(Numbered(text=part.strip()) for part in heading.text.split("\n\n") if part.strip())
        if written or own:
            yield Heading(text=heading.title)
            yield from own
            yield from written
    if facts.otherwise and not any(heading.kind == "data quality" for heading in facts.form.headings):
        yield Heading(text="What earlier papers stated otherwise")
        yield from sections.list_otherwise(facts)
    yield from _published_framework(facts)
    yield from _every_figure(facts)


def _nothing(_: ReportFacts) -> Iterator[Block]:
    return iter(())


def _introduction(facts: ReportFacts) -> Iterator[Block]:
    yield Numbered(
        text=f"This report covers {facts.quarter.months} ({facts.quarter.label}). It shows what had been received by "
        f"{day(facts.as_at)}."
    )
    yield Numbered(text=_count_returns(facts))


def _count_returns(facts: ReportFacts) -> str:
    """How many returns are in, in words, for partnerships and for those who contribute."""
    sentences = []
    for who, respondents in (("CSPs", facts.partnerships()), ("other contributors", facts.contributors())):
        states = [facts.stands(r.key).state for r in respondents]
        made = sum(state.is_made for state in states)
        part = f"{made} of {plural(len(respondents), who, who)} have made a return"
        sentences.append(part + (_count_approved(facts) if who == "CSPs" else "") + _count_others(states))
    return "; ".join(sentences) + "."


def _count_others(states: list[ReturnState]) -> str:
    """Those who answered and made no return: what they said is no silence."""
    nil, declined = states.count(ReturnState.NIL), states.count(ReturnState.DECLINED)
    said = [f"{nil} had nothing to report"] * bool(nil) + [f"{declined} declined"] * bool(declined)
    return f" ({joined(said)})" if said else ""


def _count_approved(facts: ReportFacts) -> str:
    """Those that a chair approved; apart those of which the office was told so, and those corrected since."""
    stands = [facts.stands(r.key) for r in facts.partnerships()]
    approved = [one for one in stands if one.state is ReturnState.APPROVED]
    told = sum(bool(one.approval and one.approval.evidence) for one in approved)
    corrected = sum(one.is_corrected and not one.approval for one in stands)
    by_deputy = any(one.approval and one.approval.role is Role.DEPUTY_CHAIR for one in approved)
    by = "the Chair or the Deputy Chair" if by_deputy else "the Chair"
    counted = [f"{len(approved) - told} of them approved by {by}"]
    counted += [f"{told} recorded as approved"] if told else []
    counted += [f"{corrected} approved before {'it was' if corrected == 1 else 'they were'} corrected"] * bool(
        corrected
    )
    return f", {joined(counted)}"


def _officers(facts: ReportFacts) -> Iterator[Block]:
    yield from (Lines(lines=lines) for lines in facts.form.officers)


def _background(facts: ReportFacts) -> Iterator[Block]:
    """The list the proper officer confirms: what is configured, and what this paper was in fact made from."""
    own = [f"Return of {r.name} for {facts.quarter.label}" for r in facts.partnerships() if r.key in facts.submissions]
    others = [
        f"Figures of {r.name} for {facts.quarter.label}" for r in facts.contributors() if r.key in facts.submissions
    ]
    listed = (*facts.form.background_papers, *own, *others)
    yield from (Plain(text=line) for line in listed)
    if not listed:
        yield Plain(text="None.")


def _appendices(facts: ReportFacts) -> Iterator[Block]:
    yield Plain(text=f"Appendix A: {facts.framework.title}")
    yield Plain(text=f"Appendix B: figures for {facts.quarter.label}, {facts.quarter.months}")


HEADING_WRITERS: dict[str, Callable[[ReportFacts], Iterator[Block]]] = {
    "text": _nothing,
    "framework": _nothing,
    "recommendations": _nothing,
    "introduction": _introduction,
    "how to read": lambda _: sections.explain_readings(),
    "performance": sections.write_performance,
    "contributions": sections.write_contributions,
    "not received": sections.list_missing,
    "data quality": sections.write_data_quality,
    "background papers": _background,
    "officers": _officers,
    "appendices": _appendices,
}
"""How each kind of heading is filled."""


# The appendices: the framework as published, and every figure with its readings and sources ------


def _published_framework(facts: ReportFacts) -> Iterator[Block]:
    """Priorities and measures in the published words, a table for each theme."""
    yield NewPage()
    yield Heading(text=f"Appendix A: {facts.framework.title}")
    for theme in facts.framework.themes:
        yield _theme_table(facts, theme)


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


def _every_figure(facts: ReportFacts) -> Iterator[Block]:
    """Every figure that was supplied, with both readings, theme by theme; then where they come from."""
    yield Landscape()
    yield Heading(text=f"Appendix B: figures for {facts.quarter.label}, {facts.quarter.months}")
    used: list[Figure] = []
    for theme in facts.framework.themes:
        series = (s for m in facts.measures_of(theme) for s in m.series if s.kind.is_number)
        rows = [row for s in series for row in facts.rows(s) if row.has_figure]
        if rows:
            used += [f for row in rows for f in (row.figure, row.before) if f]
            yield _figures_table(facts, theme, rows)
    yield from _list_sources(used)


def _figures_table(facts: ReportFacts, theme: Theme, rows: list[Row]) -> Table:
    return Table(
        caption=f"{theme.title}: every figure",
        description="Each measure and area with this quarter, the same quarter last year, twelve months and readings.",
        headers=(
            "Ref",
            "Measure",
            "Area",
            facts.quarter.label,
            facts.quarter.year_ago.label,
            "Newest year",
            "Year before",
            "Usual year",
            "Reading",
            "Against what is sought",
        ),
        rows=tuple(_figure_line(facts, row) for row in rows),
        weights=(8, 24, 16, 12, 12, 10, 10, 12, 12, 14),
        numeric=(3, 4, 5, 6),
    )


def _figure_line(facts: ReportFacts, row: Row) -> tuple[str, ...]:
    return (
        row.series.ref,
        row.series.title,
        row.area.name,
        facts.quote_figure(row.figure, row.series),
        facts.quote_figure(row.before, row.series),
        _say_amount(row.year.now),
        _say_amount(row.year.before),
        _say_usual(row),
        row.year.direction.value,
        find_intent(row.year.direction, row.series.polarity).value,
    )


def _say_usual(row: Row) -> str:
    """Between what a year usually lies."""
    year = row.year
    return (
        f"{number(year.low)} to {number(year.high)}" if year.low is not None and year.high is not None else "not known"
    )


def _list_sources(used: list[Figure]) -> Iterator[Block]:
    """Source and licence of every figure shown, once each."""
    lines = dict.fromkeys(
        f"{f.provenance.source.rstrip('. ')}. {f.provenance.licence}".strip() for f in used if f.provenance.source
    )
    if lines:
        yield Heading(text="Sources", level=3)
        yield from (Plain(text=line) for line in lines)


def _say_amount(amount: Amount | None) -> str:
    return number(amount.value) if amount else NOT_SUPPLIED
