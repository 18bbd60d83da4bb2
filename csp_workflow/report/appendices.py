"""The appendices: the framework as published, and every figure with its readings and sources."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.report.blocks import Block, Heading, Landscape, NewPage, Plain, Table
from csp_workflow.report.facts import ReportFacts, Row, said, told
from csp_workflow.report.readings import intent
from csp_workflow.terms.figures import Figure, Theme, is_share


def appendix_a(facts: ReportFacts) -> Iterator[Block]:
    """Priorities and measures in the published words, a table for each theme."""
    yield NewPage(title="Appendix A")
    yield Heading(text=f"Appendix A: {facts.framework.title}")
    for theme in facts.framework.themes:
        yield _published(facts, theme)


def _published(facts: ReportFacts, theme: Theme) -> Table:
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


def appendix_b(facts: ReportFacts) -> Iterator[Block]:
    """Every figure that was supplied, with both readings, theme by theme; then where they come from."""
    yield Landscape(title="Appendix B")
    yield Heading(text=f"Appendix B: figures for {facts.quarter.label}, {facts.quarter.months}")
    used: list[Figure] = []
    for theme in facts.framework.themes:
        rows = [row for row in _rows(facts, theme) if row.is_told]
        if rows:
            used += [f for row in rows for f in (row.figure, row.before) if f]
            yield _figures(facts, theme, rows)
    yield from _sources(used)


def _rows(facts: ReportFacts, theme: Theme) -> Iterator[Row]:
    themes = {p.number: p.theme for p in facts.framework.priorities}
    for measure in facts.framework.measures:
        if themes[measure.priority] == theme.number:
            for series in measure.series:
                if series.kind.is_number:
                    yield from (facts.row(series, area) for area in facts.areas_of(series))


def _figures(facts: ReportFacts, theme: Theme, rows: list[Row]) -> Table:
    return Table(
        caption=f"{theme.title}: every figure",
        description="Each measure and area with this quarter, the same quarter last year, twelve months and readings.",
        headers=(
            "Ref",
            "Measure",
            "Area",
            facts.quarter.label,
            facts.quarter.year_ago.label,
            "Same quarter last year",
            "Twelve months",
            "Twelve months before",
            "Rolling twelve months",
            "Against what is sought",
        ),
        rows=tuple(_line(facts, row) for row in rows),
        weights=(8, 24, 16, 12, 12, 12, 10, 10, 12, 14),
        numeric=(3, 4, 6, 7),
    )


def _line(facts: ReportFacts, row: Row) -> tuple[str, ...]:
    return (
        row.series.ref,
        row.series.title,
        row.area.name,
        said(row.figure, row.series, facts.known),
        said(row.before, row.series, facts.known),
        row.quarter.direction.value,
        "a share" if is_share(row.series) else told(row.year.now),
        "a share" if is_share(row.series) else told(row.year.before),
        "not comparable" if is_share(row.series) else row.year.direction.value,
        intent(row.quarter.direction, row.series.polarity).value,
    )


def _sources(used: list[Figure]) -> Iterator[Block]:
    """Source and licence of every figure shown, once each."""
    lines = dict.fromkeys(
        f"{f.provenance.source.rstrip('. ')}. {f.provenance.licence}".strip() for f in used if f.provenance.source
    )
    if lines:
        yield Heading(text="Sources", level=3)
        yield from (Plain(text=line) for line in lines)
