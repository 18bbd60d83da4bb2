"""What one partnership may see before the paper is out: its own areas, and nothing of anybody else."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from csp_workflow.analysis.peers import NO_PEERS
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.terms.comparisons import KnownFigures
from csp_workflow.terms.figures import Series
from csp_workflow.terms.site import Respondent


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
