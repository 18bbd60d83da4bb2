"""Each partnership's contribution: against its own objectives and the Plan's, in its own words."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.letters.phrases import joined
from csp_workflow.report.blocks import Block, Heading, Numbered, Plain, Table
from csp_workflow.report.facts import ReportFacts, day_of, said
from csp_workflow.report.standing import sentence
from csp_workflow.terms.returns import Narrative, Submission
from csp_workflow.terms.site import Respondent


def contributions(facts: ReportFacts) -> Iterator[Block]:
    """A part for every partnership, whether or not it made a return."""
    for partnership in facts.partnerships():
        yield Heading(text=partnership.name, level=3)
        yield Numbered(text=_opening(facts, partnership))
        submission = facts.submissions.get(partnership.key)
        yield from _local_figures(facts, partnership)
        if submission:
            yield from _words(facts, partnership, submission)


def _opening(facts: ReportFacts, partnership: Respondent) -> str:
    areas = joined(area.name for area in partnership.areas)
    return f"{partnership.name} covers {areas}. {sentence(facts, partnership)}"


def _local_figures(facts: ReportFacts, partnership: Respondent) -> Iterator[Block]:
    """What the partnership itself counts, with the year before."""
    day = day_of(facts.as_at)
    mine = [
        m for m in facts.framework.local_measures if m.respondent == partnership.key and m.agreed <= day <= m.valid_to
    ]
    rows = [(m.series, facts.row(m.series, area)) for m in mine for area in facts.areas_of(m.series)]
    told = [(series, row) for series, row in rows if row.is_told]
    if told:
        yield Table(
            caption=f"{partnership.name}: its own measures",
            description="What the partnership itself counts, this quarter and in the same quarter of the year before.",
            headers=(
                "Measure",
                "Area",
                facts.quarter.label,
                facts.quarter.year_ago.label,
                "Against the same quarter last year",
            ),
            rows=tuple(
                (
                    series.title,
                    row.area.name,
                    said(row.figure, series, facts.known),
                    said(row.before, series, facts.known),
                    row.quarter.direction.value,
                )
                for series, row in told
            ),
            weights=(34, 20, 16, 16, 20),
            numeric=(2, 3),
        )


def _words(facts: ReportFacts, partnership: Respondent, submission: Submission) -> Iterator[Block]:
    """The contextual summary by theme, then the partnership's own objectives, then what the Plan asks in words."""
    written = {n.ref: n for n in submission.narratives if n.text.strip() or n.promise.strip()}
    for theme in facts.framework.themes:
        yield from _quoted(theme.title, written.get(f"T{theme.number}"))
    for objective in facts.framework.objectives:
        if objective.respondent == partnership.key:
            yield from _quoted(f"Own objective: {objective.wording}", written.get(objective.ref))
    wordings = {m.ref: f"{m.series[0].title} (priority {m.priority})" for m in facts.framework.measures if m.series}
    for ref, wording in wordings.items():
        yield from _quoted(wording, written.get(ref))
    yield from _comments(facts, submission)


def _quoted(heading: str, narrative: Narrative | None) -> Iterator[Block]:
    if narrative is None:
        return
    if narrative.text.strip():
        yield Plain(lead=heading, text=narrative.text, quoted=True)
    if narrative.promise.strip():
        yield Plain(lead=f"{heading}: next quarter", text=narrative.promise, quoted=True)


def _comments(facts: ReportFacts, submission: Submission) -> Iterator[Block]:
    """What the partnership said of the police figures for its areas."""
    names = {area.code: area.name for r in facts.site.respondents for area in r.areas}
    titles = {series.ref: series.title for series in facts.framework.series()}
    for area, ref, text in submission.disputes:
        heading = f"Disputed: {titles.get(ref, ref)}, {names.get(area, area)}"
        yield Plain(lead=heading, text=text.strip() or "No reason was given.", quoted=True)
    for narrative in submission.narratives:
        area, _, ref = narrative.ref.partition(" ")
        if ref and narrative.text.strip():
            yield Plain(lead=f"{titles.get(ref, ref)}, {names.get(area, area)}", text=narrative.text, quoted=True)
