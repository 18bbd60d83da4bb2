"""A framework file -> `Framework`: series take from their measure what they do not say themselves."""

from __future__ import annotations

from datetime import date

from csp_workflow.settings.schemas.contributors import ContributorsFile
from csp_workflow.settings.schemas.framework import FrameworkFile, MeasureEntry, SeriesEntry
from csp_workflow.settings.schemas.partnerships import LocalMeasureEntry, PartnershipsFile
from csp_workflow.settings.schemas.small import WaiversFile
from csp_workflow.terms.framework import (
    Framework,
    Frequency,
    LocalMeasure,
    Measure,
    Objective,
    Priority,
    Route,
    Series,
    Suppression,
    Theme,
    Waiver,
)
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Geography


def framework(
    file: FrameworkFile, *, partnerships: PartnershipsFile, contributors: ContributorsFile, waivers: WaiversFile
) -> Framework:
    """A year's framework, with the local measures and objectives that hold on any day of that year."""
    first = Quarter.parse(f"{file.year}-Q1").start
    last = Quarter.parse(f"{file.year}-Q4").end
    return Framework(
        year=file.year,
        title=file.title,
        themes=tuple(Theme(**dict(entry)) for entry in file.themes),
        priorities=tuple(Priority(**dict(entry)) for entry in file.priorities),
        measures=tuple(_measure(entry, contributors) for entry in file.measures),
        local_measures=_local_measures(partnerships, first, last),
        objectives=_objectives(partnerships, first, last),
        waivers=tuple(Waiver(**dict(entry)) for entry in waivers.waivers),
    )


def owner_of(measure: MeasureEntry, contributors: ContributorsFile | None) -> str:
    """Who supplies a measure: the analyst on the route police; "" for a partnership's own."""
    if measure.route is Route.PARTNERSHIP:
        return ""
    if measure.owner or measure.route is Route.CONTRIBUTOR or contributors is None:
        return measure.owner or ""
    return next((entry.key for entry in contributors.contributors if entry.kind == "analyst"), "")


def series_of(measure: MeasureEntry, contributors: ContributorsFile | None) -> tuple[Series, ...]:
    """What is counted under a measure; one that names no series is its own only one."""
    own = SeriesEntry(ref=measure.ref, title=measure.title or measure.wording)
    owner = owner_of(measure, contributors)
    return tuple(_series(entry, measure, owner) for entry in measure.series or [own])


def _measure(entry: MeasureEntry, contributors: ContributorsFile) -> Measure:
    return Measure(
        ref=entry.ref,
        priority=entry.priority,
        wording=entry.wording,
        kind=entry.kind,
        polarity=entry.polarity,
        route=entry.route,
        owner=owner_of(entry, contributors),
        definition=entry.definition,
        definition_from=entry.definition_from,
        open_question=entry.open_question,
        series=series_of(entry, contributors),
    )


def _series(entry: SeriesEntry, measure: MeasureEntry, owner: str) -> Series:
    below = measure.suppress_below if entry.suppress_below is None else entry.suppress_below
    return Series(
        ref=entry.ref,
        measure=measure.ref,
        title=entry.title,
        unit=entry.unit or measure.unit,
        kind=entry.kind or measure.kind,
        polarity=entry.polarity or measure.polarity,
        geography=entry.geography or measure.geography,
        frequency=entry.frequency or measure.frequency or Frequency.QUARTERLY,
        owner=entry.owner or owner,
        lag_quarters=measure.lag_quarters if entry.lag_quarters is None else entry.lag_quarters,
        denominator=measure.denominator if entry.denominator is None else entry.denominator,
        suppression=Suppression(below=below, shown_as=entry.suppress_as or measure.suppress_as),
    )


def _local_measures(file: PartnershipsFile, first: date, last: date) -> tuple[LocalMeasure, ...]:
    return tuple(
        LocalMeasure(
            respondent=partnership.key,
            area=local.area,
            series=_local_series(local),
            definition=local.definition,
            priorities=tuple(local.priorities),
            agreed=local.agreed,
            valid_to=local.valid_to,
        )
        for partnership in file.partnerships
        for local in partnership.local_measures
        if local.agreed <= last and first <= local.valid_to
    )


def _local_series(local: LocalMeasureEntry) -> Series:
    """A local measure is its own series; nobody but the partnership supplies it."""
    return Series(
        ref=local.ref,
        measure=local.ref,
        title=local.title,
        unit=local.unit,
        kind=local.kind,
        polarity=local.polarity,
        geography=Geography.AREA,
        frequency=local.frequency,
        owner="",
        denominator=local.denominator,
        suppression=Suppression(below=local.suppress_below, shown_as=local.suppress_as),
    )


def _objectives(file: PartnershipsFile, first: date, last: date) -> tuple[Objective, ...]:
    return tuple(
        Objective(
            respondent=partnership.key,
            ref=objective.ref,
            wording=objective.wording,
            priorities=tuple(objective.priorities),
            agreed=objective.agreed,
            valid_to=objective.valid_to,
        )
        for partnership in file.partnerships
        for objective in partnership.objectives
        if objective.agreed <= last and first <= objective.valid_to
    )
