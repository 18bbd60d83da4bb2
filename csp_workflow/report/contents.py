"""A paper's contents: the configured headings in their order, each filled by its kind, then the appendices."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from csp_workflow.report import annual, page_one, quality
from csp_workflow.report.appendices import list_appendices, write_appendices
from csp_workflow.report.blocks import Block, Contents, Heading, Lines, Numbered, Plain
from csp_workflow.report.contributions import write_contributions
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.money import write_money
from csp_workflow.report.performance import write_performance
from csp_workflow.report.standing import list_missing
from csp_workflow.report.to_write import ask_for_text
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.phrases import day, joined, plain_day, plural
from csp_workflow.terms.report_form import ReportHeading
from csp_workflow.terms.site import RespondentKind


def compile_contents(facts: ReportFacts, *, draft: bool = True) -> Contents:
    """Compile a board's paper from what has arrived. A return that has not come never blanks a table.

    Raises KeyError or LookupError when the config has no board, no paper or no framework for it.
    """
    return Contents(
        board=facts.board.name,
        title=facts.form.title,
        covers=_name_year(facts.quarter) if facts.year else facts.quarter.months,
        meeting=facts.paper.meeting,
        as_at=facts.as_at,
        marking=facts.form.marking if draft else facts.site.marking,
        not_before=facts.paper.papers_out,
        blocks=tuple(_write_blocks(facts)),
        draft=draft,
        version=_name_version(facts, draft=draft),
        illustrative=facts.site.illustrative,
    )


def _name_year(last: Quarter) -> str:
    return f"April {last.year} to {last.end:%B %Y}"


def _name_version(facts: ReportFacts, *, draft: bool) -> str:
    """Which draft it is; of the copy only when its data were cut."""
    paper = facts.status.papers.get(facts.paper.board)
    number = (paper.drafts if paper else 0) + 1
    return f"Draft {number}, {plain_day(facts.as_at)}" if draft else f"As at {plain_day(facts.as_at)}"


def _write_blocks(facts: ReportFacts) -> Iterator[Block]:
    for heading in facts.form.headings:
        if heading.kind in TEXT_WRITERS:
            written = tuple(TEXT_WRITERS[heading.kind](facts, heading))
        else:
            written = (*page_one.write_own_text(heading), *HEADING_WRITERS[heading.kind](facts))
        if written:
            yield Heading(text=heading.title)
            yield from written
    if facts.otherwise and not any(heading.kind == "data quality" for heading in facts.form.headings):
        yield Heading(text="What earlier papers stated otherwise")
        yield from quality.list_otherwise(facts)
    yield from annual.write_year_tables(facts) if facts.board.yearly else write_appendices(facts)


def _nothing(_: ReportFacts) -> Iterator[Block]:
    return iter(())


def _introduction(facts: ReportFacts) -> Iterator[Block]:
    covers = f"{facts.quarter.months} ({facts.quarter.label})"
    if facts.year:
        covers = f"the financial year {facts.quarter.financial_year}, {_name_year(facts.quarter)}"
    yield Numbered(
        text=f"This report covers {covers}. It shows what had been received by {day(facts.as_at)}.",
        key="introduction",
    )


def _framework(facts: ReportFacts) -> Iterator[Block]:
    """How much is asked in this year's framework, as it is configured."""
    framework = facts.framework
    counts = (
        (framework.themes, "theme"),
        (framework.priorities, "strategic priority"),
        (framework.measures, "measure"),
    )
    yield Numbered(
        text=f"The framework has {joined(plural(len(of), noun, spelt=True) for of, noun in counts)}; all are in "
        "Appendix A. It sets no numbers to be reached: this report describes the direction of travel.",
        key="framework",
    )


def _officers(facts: ReportFacts) -> Iterator[Block]:
    """Each with their own lines side by side, none of them broken where it is short: "Tel: 0116 496 0100"."""
    for first, *others in facts.form.officers:
        yield Lines(lines=(first, ", ".join(o.replace(" ", _TOGETHER) if len(o) <= _SHORT else o for o in others)))


_SHORT, _TOGETHER = 45, "\N{NO-BREAK SPACE}"


def _background(facts: ReportFacts) -> Iterator[Block]:
    """The list the proper officer confirms: what is configured, and what this paper was in fact made from."""
    came = {key for quarter in facts.year for key in quarter.submissions} or facts.submissions.keys()
    own = [r.name for r in facts.site.respondents if r.key in came and r.kind is RespondentKind.PARTNERSHIP]
    others = [r.name for r in facts.contributors() if r.key in came]
    made_from, of = (("Returns", own), ("Figures", others)), facts.quarter.label
    of = facts.quarter.financial_year if facts.year else of
    listed = (
        *facts.form.background_papers,
        *(f"{what} for {of} of: {'; '.join(names)}" for what, names in made_from if names),
    )
    yield from (Plain(text=line) for line in listed)
    if not listed:
        yield Plain(text="None.")


HEADING_WRITERS: dict[str, Callable[[ReportFacts], Iterator[Block]]] = {
    "text": _nothing,
    "framework": _framework,
    "introduction": _introduction,
    "quarter": page_one.write_quarter,
    "missing": page_one.write_missing,
    "changes": page_one.write_changes,
    "how to read": quality.explain_method,
    "performance": write_performance,
    "contributions": write_contributions,
    "not received": list_missing,
    "data quality": quality.write_data_quality,
    "background papers": _background,
    "grant money": write_money,
    "officers": _officers,
    "appendices": list_appendices,
    **annual.YEAR_WRITERS,
}
"""How each kind of heading is filled, below its own text."""

TEXT_WRITERS: dict[str, Callable[[ReportFacts, ReportHeading], Iterator[Block]]] = {
    "recommendations": page_one.write_asks,
    "to write": lambda _, heading: ask_for_text(heading),
    "to write by theme": lambda facts, heading: ask_for_text(heading, (t.title for t in facts.framework.themes)),
}
"""How a kind of heading is filled that makes something of its own text."""
