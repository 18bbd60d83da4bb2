"""The boxes of a form's Summary sheet: themes, measures told in words, a partnership's own objectives.

Last quarter's promise is played back beside each, to be answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import shorten

from csp_workflow.request import asked
from csp_workflow.request.asked import Asking
from csp_workflow.terms.figures import Measure, MeasureKind, Objective, Route
from csp_workflow.terms.returns import SummaryRow
from csp_workflow.terms.site import RespondentKind

_ASKS = "What changed, and why? What did you do about it? What do you need from others?"
_THEME_WORDS = 150
_MEASURE_WORDS = 100
_OBJECTIVE_WORDS = 80
_HEADING = 90
"""The longest wording of an objective that heads its box."""


def boxes(asking: Asking) -> Iterator[SummaryRow]:
    """The boxes to write in, in the order of the form."""
    if asking.respondent.kind is RespondentKind.PARTNERSHIP:
        for theme in asking.framework.themes:
            ref = f"T{theme.number}"
            if not asking.is_waived(ref):
                yield _box(asking, ref, theme.title, _ASKS, _THEME_WORDS)
    for measure in asking.framework.measures:
        if _is_told_by(asking, measure) and not asking.is_waived(measure.ref):
            yield _measure_box(asking, measure)
    yield from _local_boxes(asking)
    for objective in asking.framework.objectives:
        is_ours = objective.respondent == asking.respondent.key
        if is_ours and objective.agreed <= asking.day <= objective.valid_to and not asking.is_waived(objective.ref):
            yield _objective_box(asking, objective)


def _objective_box(asking: Asking, objective: Objective) -> SummaryRow:
    """Headed by the objective's wording, so that several can be told apart; a long one stands in full in the prompt."""
    wording, question = objective.wording.rstrip("."), "How far are you, and what is next?"
    is_long = len(wording) > _HEADING
    heading = f"Your own objective: {shorten(wording, _HEADING, placeholder='…') if is_long else wording}"
    prompt = f"{wording}. {question}" if is_long else question
    return _box(asking, objective.ref, heading, prompt, _OBJECTIVE_WORDS)


def _is_told_by(asking: Asking, measure: Measure) -> bool:
    """Whether a measure without a number is this respondent's to tell."""
    if measure.kind.is_number or not _is_told_now(asking, measure):
        return False
    if measure.route is Route.PARTNERSHIP:
        return asking.respondent.kind is RespondentKind.PARTNERSHIP
    owners = {measure.owner, *(series.owner for series in measure.series)}
    return asking.respondent.key in owners


def _is_told_now(asking: Asking, measure: Measure) -> bool:
    return not measure.series or any(asked.is_due(series, asking.quarter) for series in measure.series)


def _measure_box(asking: Asking, measure: Measure) -> SummaryRow:
    """A measure told in words. What only happens now and then, such as a milestone, may be left out."""
    series = measure.series[0] if measure.series else None
    is_required = asked.is_owed(series) if series else True
    where = ""
    if measure.kind is MeasureKind.MILESTONE and len(asking.respondent.areas) > 1:
        # Each area has its own licensing authority, and each stands where it stands.
        where = f" Please say it for each area: {'; '.join(area.name for area in asking.respondent.areas)}."
    ending = "" if is_required else " Leave it empty if nothing has changed."
    heading = series.title if series and series.title else measure.wording
    prompt = f"{measure.definition}{where}{ending}"
    return _box(asking, measure.ref, heading, prompt, _MEASURE_WORDS, required=is_required)


def _local_boxes(asking: Asking) -> Iterator[SummaryRow]:
    """Local measures that are told in words."""
    for local in asking.framework.local_measures:
        series = local.series
        is_ours = local.respondent == asking.respondent.key and local.agreed <= asking.day <= local.valid_to
        if is_ours and not series.kind.is_number and asking.asks_for(series):
            yield _box(asking, series.ref, series.title, local.definition, _MEASURE_WORDS)


def _box(asking: Asking, ref: str, heading: str, prompt: str, words: int, *, required: bool = True) -> SummaryRow:
    before = asking.narratives.get(ref)
    played_back = before.promise.strip() if before else ""
    return SummaryRow(ref=ref, heading=heading, prompt=prompt, played_back=played_back, words=words, required=required)
