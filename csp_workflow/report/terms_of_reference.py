"""The terms of reference for the quarterly performance product: the site's words, with a set of measures as annex."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from csp_workflow.report.blocks import Block, Contents, Heading, Numbered, Table
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.measure_sets import MeasureSet, seal_for
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import say_frequency, say_sought
from csp_workflow.terms.site import Respondent, Site

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def attach_terms(site: Site, one: MeasureSet, *, base: bytes, at: datetime, key: bytes) -> Attachment:
    """The document as a file that a letter carries. The same set on the same day gives the same bytes."""
    from csp_workflow.report.word.document import build_document

    of = site.respondent(one.respondent)
    name = f"Terms of reference {seal_for(of, one.year, one.version, key=key)}.docx"
    return Attachment(name=name, data=build_document(lay_out_terms(site, one, at=at), base=base), content_type=_DOCX)


def lay_out_terms(site: Site, one: MeasureSet, *, at: datetime) -> Contents:
    """What the document says."""
    of, day = site.respondent(one.respondent), london_day(at)
    return Contents(
        board=of.name,
        title=f"Terms of reference for the performance product {one.year}",
        meeting=day,
        as_at=at,
        marking=site.marking,
        not_before=day,
        blocks=tuple(_list_blocks(site, of, one)),
        draft=False,
        version=f"Version {one.version}, mark {one.mark}",
        illustrative=site.illustrative,
    )


def _list_blocks(site: Site, of: Respondent, one: MeasureSet) -> Iterator[Block]:
    for clause in site.terms:
        yield Heading(text=clause.title)
        for paragraph in re.split(r"\n\s*\n", clause.text.strip()):
            yield Numbered(text=" ".join(paragraph.split()))
    yield Heading(text="Annex: what is agreed")
    yield Numbered(text=f"{of.name} counts and aims at the following in {one.year}. No numerical target is set.")
    yield _lay_out_measures(of, one)
    if one.objectives:
        yield _lay_out_objectives(one)


def _lay_out_measures(of: Respondent, one: MeasureSet) -> Table:
    areas = {area.code: area.name for area in of.areas}
    rows = tuple(
        (
            m.series.ref,
            f"{m.series.title}. {m.definition}",
            areas.get(m.area, m.area),
            m.series.unit,
            say_sought(m.series.polarity),
            say_frequency(m.series.frequency),
            m.counted_by or "the partnership",
        )
        for m in one.measures
    )
    return Table(
        caption="Local measures",
        description="Each local measure with what counts, its unit, the direction sought, how often and by whom.",
        headers=("Ref", "What is counted", "Where", "Counted in", "Direction", "How often", "Who counts it"),
        rows=rows,
        weights=(10, 34, 12, 12, 12, 10, 12),
    )


def _lay_out_objectives(one: MeasureSet) -> Table:
    rows = tuple((o.ref, o.wording, ", ".join(map(str, o.priorities))) for o in one.objectives)
    return Table(
        caption="Objectives",
        description="Each objective of the partnership with the priorities of the Plan that it serves.",
        headers=("Ref", "Objective", "Plan priorities"),
        rows=rows,
        weights=(12, 66, 22),
    )
