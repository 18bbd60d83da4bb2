"""What one respondent is asked in one cycle: only what it owes, with all that is known already filled in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.forms.reference import seal
from csp_workflow.letters.phrases import joined
from csp_workflow.request import asked
from csp_workflow.request.known import Known, source_line
from csp_workflow.request.rows import Question, RowMaker, areas_of
from csp_workflow.terms.cycles import CycleDates
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.forms import FORM_VERSION, ActionRow, Entry, FormDefinition, SummaryRow
from csp_workflow.terms.framework import Framework, Measure, Route, Series
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Area, Geography, Respondent, RespondentKind
from csp_workflow.terms.returns import Narrative
from csp_workflow.terms.site import Site

_ASKS = "What changed, and why? What did you do about it? What do you need from others?"
_THEME_WORDS = 150
_MEASURE_WORDS = 100
_OBJECTIVE_WORDS = 80


def define(
    respondent: Respondent,
    quarter: Quarter,
    *,
    site: Site,
    dates: CycleDates,
    figures: Iterable[Figure] | Known,
    narratives: Mapping[str, Narrative],
    revision: int,
    key: bytes,
) -> FormDefinition:
    """The form of a respondent for a quarter.

    `figures` are all that are stored (none later than the day the cycle opens is shown), or what is
    known on another day. `narratives` is what it wrote last quarter, by ref. Raises KeyError when the
    config has no framework for the quarter's year.
    """
    day = asked_on(respondent, dates)
    known = figures if isinstance(figures, Known) else Known(figures, day)
    asking = _Asking(respondent, quarter, site, site.framework(quarter), day, narratives)
    rows = RowMaker(quarter, site, known)
    made = tuple(rows.row(question) for question in _questions(asking))
    return FormDefinition(
        reference=seal(respondent.code, quarter.code, FORM_VERSION, revision, key=key),
        respondent=respondent.key,
        respondent_name=respondent.name,
        kind=respondent.kind,
        quarter=quarter,
        due=due_of(respondent, dates),
        office=site.office.name,
        ask=_whom_to_ask(site),
        history=rows.history if made else (),
        figures=made,
        summary=tuple(_summary(asking)),
        actions=_actions(asking),
        sources=_sources(rows),
        illustrative=_is_illustrative(rows, site),
        marking=site.marking,
    )


def asks_nothing(form: FormDefinition) -> bool:
    """Whether a form has nothing to ask, so that it is not sent."""
    return not (form.figures or form.summary or form.actions)


def asked_on(respondent: Respondent, dates: CycleDates) -> date:
    """The day on which a respondent is asked: the force's analyst earlier than everybody else."""
    return dates.extract_request if respondent.kind is RespondentKind.ANALYST else dates.open


def due_of(respondent: Respondent, dates: CycleDates) -> datetime:
    """When a respondent's return is due."""
    return dates.extract_due if respondent.kind is RespondentKind.ANALYST else dates.due


@dataclass(frozen=True)
class _Asking:
    """Who is asked, for which quarter, on which day."""

    respondent: Respondent
    quarter: Quarter
    site: Site
    framework: Framework
    day: date
    narratives: Mapping[str, Narrative]

    def is_waived(self, *refs: str) -> bool:
        """Whether any of these refs is waived for the respondent."""
        return any(self.framework.is_waived(self.respondent.key, ref, self.day) for ref in refs)


# Figures ------------------------------------------------------------------------------------


def _questions(asking: _Asking) -> Iterator[Question]:
    match asking.respondent.kind:
        case RespondentKind.PARTNERSHIP:
            for area in asking.respondent.areas:
                yield from _police_questions(asking, area)
                yield from _local_questions(asking, area)
        case RespondentKind.ANALYST:
            yield from _analyst_questions(asking)
        case RespondentKind.CONTRIBUTOR:
            for measure, series in _owned(asking):
                for area in _own_areas(asking, series):
                    yield _question(measure, series, area, Entry.VALUE)


def _police_questions(asking: _Asking, area: Area) -> Iterator[Question]:
    """The force's figures for an area, to be confirmed."""
    for measure in asking.framework.measures:
        if measure.route is Route.POLICE:
            for series in _due_series(asking, measure):
                if series.geography is Geography.AREA:
                    yield _question(measure, series, area, Entry.CONFIRM)


def _local_questions(asking: _Asking, area: Area) -> Iterator[Question]:
    """What the partnership itself counts for an area."""
    for local in asking.framework.local_measures:
        is_ours = local.respondent == asking.respondent.key and local.area == area.code
        if not is_ours or not local.agreed <= asking.day <= local.valid_to:
            continue
        series = local.series
        if series.kind.is_number and asked.is_due(series, asking.quarter) and not asking.is_waived(series.ref):
            yield Question(
                series=series, area=area, wording=series.title, definition=local.definition, entry=Entry.VALUE
            )


def _analyst_questions(asking: _Asking) -> Iterator[Question]:
    """The extract, an area's rows together, the force's own last; then what else the analyst supplies."""
    owned = list(_owned(asking))
    places = {series.ref: _extract_areas(asking, series) for _, series in owned}
    every = dict.fromkeys(area.code for areas in places.values() for area in areas)
    for code in every:
        for measure, series in owned:
            for area in places[series.ref]:
                if area.code == code:
                    yield _question(measure, series, area, Entry.VALUE)


def _extract_areas(asking: _Asking, series: Series) -> tuple[Area, ...]:
    if series.geography is not Geography.AREA:
        return _own_areas(asking, series)
    partnerships = (r for r in asking.site.serving(asking.day) if r.kind is RespondentKind.PARTNERSHIP)
    areas = (area for partnership in partnerships for area in partnership.areas)
    return tuple({area.code: area for area in areas}.values())


def _own_areas(asking: _Asking, series: Series) -> tuple[Area, ...]:
    """The respondent's areas of the series' geography; failing that the site's; failing that all of its own."""
    own = tuple(area for area in asking.respondent.areas if area.geography is series.geography)
    if own or series.geography is Geography.AREA:
        return own or asking.respondent.areas
    return areas_of(asking.site, lambda area: area.geography is series.geography) or asking.respondent.areas


def _owned(asking: _Asking) -> Iterator[tuple[Measure, Series]]:
    """The series a contributor supplies: by name, and on the police route the force's analyst."""
    is_analyst = asking.respondent.kind is RespondentKind.ANALYST
    for measure in asking.framework.measures:
        if measure.route is Route.PARTNERSHIP:
            continue
        for series in _due_series(asking, measure):
            if (series.owner or measure.owner) == asking.respondent.key or (is_analyst and _is_police(measure)):
                yield measure, series


def _is_police(measure: Measure) -> bool:
    return measure.route is Route.POLICE


def _due_series(asking: _Asking, measure: Measure) -> Iterator[Series]:
    """A measure's series in numbers that are due in this quarter and not waived."""
    for series in measure.series:
        if series.kind.is_number and asked.is_due(series, asking.quarter):
            if not asking.is_waived(measure.ref, series.ref):
                yield series


def _question(measure: Measure, series: Series, area: Area, entry: Entry) -> Question:
    return Question(
        series=series, area=area, wording=measure.wording, definition=measure.definition, entry=entry
    )


# Words --------------------------------------------------------------------------------------


def _summary(asking: _Asking) -> Iterator[SummaryRow]:
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
            prompt = f"{objective.wording} How far are you, and what is next?"
            yield _box(asking, objective.ref, "Your own objective", prompt, _OBJECTIVE_WORDS)


def _is_told_by(asking: _Asking, measure: Measure) -> bool:
    """Whether a measure without a number is this respondent's to tell."""
    if measure.kind.is_number or not _is_told_now(asking, measure):
        return False
    if measure.route is Route.PARTNERSHIP:
        return asking.respondent.kind is RespondentKind.PARTNERSHIP
    owners = {measure.owner, *(series.owner for series in measure.series)}
    return asking.respondent.key in owners


def _is_told_now(asking: _Asking, measure: Measure) -> bool:
    return not measure.series or any(asked.is_due(series, asking.quarter) for series in measure.series)


def _measure_box(asking: _Asking, measure: Measure) -> SummaryRow:
    """A measure told in words. What only happens now and then, such as a milestone, may be left out."""
    series = measure.series[0] if measure.series else None
    is_required = asked.is_owed(series) if series else True
    where = ""
    if len(asking.respondent.areas) > 1 and asking.respondent.kind is RespondentKind.PARTNERSHIP:
        where = f" Please say it for {joined(area.name for area in asking.respondent.areas)}."
    ending = "" if is_required else " Leave it empty if nothing has changed."
    heading = series.title if series and series.title else measure.wording
    prompt = f"{measure.definition}{where}{ending}"
    return _box(asking, measure.ref, heading, prompt, _MEASURE_WORDS, required=is_required)


def _local_boxes(asking: _Asking) -> Iterator[SummaryRow]:
    """Local measures that are told in words."""
    for local in asking.framework.local_measures:
        series = local.series
        is_ours = local.respondent == asking.respondent.key and local.agreed <= asking.day <= local.valid_to
        if is_ours and not series.kind.is_number and asked.is_due(series, asking.quarter):
            if not asking.is_waived(series.ref):
                yield _box(asking, series.ref, series.title, local.definition, _MEASURE_WORDS)


def _box(
    asking: _Asking, ref: str, heading: str, prompt: str, words: int, *, required: bool = True
) -> SummaryRow:
    before = asking.narratives.get(ref)
    played_back = before.promise.strip() if before else ""
    return SummaryRow(
        ref=ref, heading=heading, prompt=prompt, played_back=played_back, words=words, required=required
    )


def _actions(asking: _Asking) -> tuple[ActionRow, ...]:
    """What the boards have asked of the respondent by the day it is asked; config drops what is answered."""
    actions = (asking.site.actions or {}).get(asking.respondent.key, ())
    return tuple(action for action in actions if action.asked <= asking.day)


# The form as a whole ------------------------------------------------------------------------


def _whom_to_ask(site: Site) -> str:
    """The co-ordinator by name and telephone; mail goes to the mailbox, where nothing is lost."""
    phone = site.office.phone or site.office.co_ordinator.phone
    reach = " or ".join(filter(None, (phone, site.office.mailbox)))
    return f"{site.office.co_ordinator.name}, {reach}. Or just reply to our letter."


def _sources(rows: RowMaker) -> tuple[str, ...]:
    lines = [source_line(figure) for figure in rows.shown]
    lines += [
        f"Comparator: the plain average of the areas of '{group.title}', as the group stands since "
        f"{group.version.day} {group.version:%B %Y}. The areas differ in size, so it is for reading, not for ranking."
        for group in rows.groups
    ]
    return tuple(dict.fromkeys(filter(None, lines)))


def _is_illustrative(rows: RowMaker, site: Site) -> bool:
    """Whether any figure shown was made up; on an illustrative site every one counts as such."""
    return any(figure.provenance.illustrative or site.illustrative for figure in rows.shown)
