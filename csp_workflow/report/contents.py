"""A paper's contents: the configured headings in their order, each filled by what its kind says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from csp_workflow.report import appendices, contributions, performance, standing
from csp_workflow.report.blocks import Block, Contents, Heading, Lines, Numbered, Plain
from csp_workflow.report.facts import ReportFacts, day_of
from csp_workflow.terms.phrases import day, plural
from csp_workflow.terms.returns import ReturnState


def compile_(facts: ReportFacts, *, draft: bool = True) -> Contents:
    """Compile a board's paper from what has arrived. A return that has not come never blanks a table.

    Raises KeyError or LookupError when the config has no board, no paper or no framework for it.
    """
    return Contents(
        board=facts.board.name,
        title=facts.form.title,
        meeting=facts.paper.meeting,
        quarter=facts.quarter.label,
        as_at=facts.as_at,
        marking=facts.form.marking if draft else facts.site.marking,
        not_before=facts.paper.papers_out,
        blocks=tuple(_blocks(facts)),
        draft=draft,
    )


def _blocks(facts: ReportFacts) -> Iterator[Block]:
    for heading in facts.form.headings:
        written = tuple(_FILLED[heading.kind](facts))
        own = tuple(Numbered(text=part.strip()) for part in heading.text.split("\n\n") if part.strip())
        if written or own:
            yield Heading(text=heading.title)
            yield from own
            yield from written
    yield from appendices.appendix_a(facts)
    yield from appendices.appendix_b(facts)


def kinds() -> frozenset[str]:
    """The kinds of heading that can be filled."""
    return frozenset(_FILLED)


def _nothing(_: ReportFacts) -> Iterator[Block]:
    return iter(())


def _introduction(facts: ReportFacts) -> Iterator[Block]:
    yield Numbered(
        text=f"This report covers {facts.quarter.months} ({facts.quarter.label}). It shows what had been received by "
        f"{day(day_of(facts.as_at))}."
    )
    yield Numbered(text=_how_many(facts))


def _how_many(facts: ReportFacts) -> str:
    """How many returns are in, in words, for partnerships and for those who contribute."""
    sentences = []
    for who, respondents in (("CSPs", facts.partnerships()), ("other contributors", facts.contributors())):
        states = [facts.stands(r.key).state for r in respondents]
        came = sum(state.is_in for state in states)
        part = f"{came} of {plural(len(respondents), who, who)} have made a return"
        approved = sum(state is ReturnState.APPROVED for state in states)
        sentences.append(part + (f", {approved} of them approved by the Chair" if who == "CSPs" else ""))
    return "; ".join(sentences) + "."


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


_FILLED: dict[str, Callable[[ReportFacts], Iterator[Block]]] = {
    "text": _nothing,
    "framework": _nothing,
    "recommendations": _nothing,
    "introduction": _introduction,
    "how to read": lambda _: performance.how_to_read(),
    "performance": performance.by_theme,
    "contributions": contributions.contributions,
    "not received": standing.not_received,
    "data quality": standing.data_quality,
    "background papers": _background,
    "officers": _officers,
    "appendices": _appendices,
}
