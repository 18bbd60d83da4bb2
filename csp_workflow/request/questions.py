"""Which series a respondent is asked for, in which areas: only what it owes.

A partnership is shown the force's figures for its areas and asked for its own; a contributor is asked for what it
supplies, once, at its own geography; the force's analyst for every area of every police series.
"""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.request.asked import Asking
from csp_workflow.request.rows import Question, areas_of
from csp_workflow.terms.figures import Geography, Measure, Route, Series
from csp_workflow.terms.returns import Entry
from csp_workflow.terms.site import Area, RespondentKind


def questions(asking: Asking) -> tuple[Question, ...]:
    """The rows to ask, in the order of the form: an area's rows stand together."""
    match asking.respondent.kind:
        case RespondentKind.PARTNERSHIP:
            return tuple(question for area in asking.respondent.areas for question in _of_area(asking, area))
        case RespondentKind.ANALYST:
            found = tuple(_supplied(asking))
            places = {code: place for place, code in enumerate(dict.fromkeys(q.area.code for q in found))}
            return tuple(sorted(found, key=lambda question: places[question.area.code]))
        case RespondentKind.CONTRIBUTOR:
            return tuple(_supplied(asking))


def _of_area(asking: Asking, area: Area) -> Iterator[Question]:
    """The force's figures for an area, to be confirmed, then what the partnership itself counts there."""
    for measure in asking.framework.measures:
        if measure.route is Route.POLICE:
            for series in _series(asking, measure):
                if series.geography is Geography.AREA:
                    yield _question(measure, series, area, Entry.CONFIRM)
    for local in asking.framework.local_measures:
        is_ours = local.respondent == asking.respondent.key and local.area == area.code
        is_agreed = local.agreed <= asking.day <= local.valid_to
        if is_ours and is_agreed and local.series.kind.is_number and asking.asks_for(local.series):
            yield Question(
                series=local.series,
                area=area,
                wording=local.series.title,
                definition=local.definition,
                entry=Entry.VALUE,
            )


def _supplied(asking: Asking) -> Iterator[Question]:
    """What a contributor supplies by name, and on the police route the force's analyst."""
    is_analyst = asking.respondent.kind is RespondentKind.ANALYST
    for measure in asking.framework.measures:
        if measure.route is Route.PARTNERSHIP:
            continue
        for series in _series(asking, measure):
            is_named = (series.owner or measure.owner) == asking.respondent.key
            if is_named or (is_analyst and measure.route is Route.POLICE):
                for area in _areas(asking, series):
                    yield _question(measure, series, area, Entry.VALUE)


def _series(asking: Asking, measure: Measure) -> Iterator[Series]:
    """A measure's series in numbers that are asked for in this quarter."""
    if not asking.is_waived(measure.ref):
        yield from (series for series in measure.series if series.kind.is_number and asking.asks_for(series))


def _areas(asking: Asking, series: Series) -> tuple[Area, ...]:
    """The places a series is asked for: of the analyst every partnership's area; else those of its geography."""
    respondent = asking.respondent
    if series.geography is Geography.AREA and respondent.kind is RespondentKind.ANALYST:
        partnerships = (r for r in asking.site.serving(asking.day) if r.kind is RespondentKind.PARTNERSHIP)
        areas = (area for partnership in partnerships for area in partnership.areas)
        return tuple({area.code: area for area in areas}.values())
    own = tuple(area for area in respondent.areas if area.geography is series.geography)
    # A body whose areas are of another kind is still asked once, for those, never for every district.
    if own or series.geography is Geography.AREA:
        return own or respondent.areas
    return respondent.areas or areas_of(asking.site, lambda area: area.geography is series.geography)


def _question(measure: Measure, series: Series, area: Area, entry: Entry) -> Question:
    return Question(series=series, area=area, wording=measure.wording, definition=measure.definition, entry=entry)
