"""Checked files -> the frozen `Site`. Most values are read as they are; here is what is put together from several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from csp_workflow.settings.files import ConfigFiles, RespondentTable
from csp_workflow.settings.service_file import LimitsTable, OfficeTable, Overrides
from csp_workflow.settings.site_files import (
    ContributorsFile,
    FrameworkFile,
    LocalMeasureTable,
    MeasureTable,
    OfficerTable,
    PaperTable,
    PartnershipsFile,
    SeriesTable,
    WaiversFile,
)
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import (
    Framework,
    Frequency,
    Geography,
    LocalMeasure,
    Measure,
    Objective,
    Route,
    Series,
    Suppression,
)
from csp_workflow.terms.site import (
    ActionRow,
    Limits,
    Office,
    ReportForm,
    Respondent,
    RespondentKind,
    SendingWindow,
    Site,
)

_File = TypeVar("_File")


def assemble_site(files: ConfigFiles, overrides: Overrides) -> Site:
    """Everything a site configures. All files must have been read without fault."""
    service, calendar, report = require(files.service), require(files.calendar), require(files.report)
    partnerships, contributors = require(files.partnerships), require(files.contributors)
    return Site(
        office=_assemble_office(service.office),
        respondents=_assemble_respondents(partnerships, contributors),
        frameworks=tuple(
            _assemble_framework(year, partnerships, contributors, require(files.waivers))
            for year in files.frameworks.values()
        ),
        boards=calendar.boards,
        meetings=calendar.meetings,
        working_days=require(files.working_days),
        offsets=calendar.offsets,
        ladder=service.ladder,
        window=SendingWindow(opens=service.sending.opens, closes=service.sending.closes),
        limits=_assemble_limits(service.limits),
        mode=overrides.mode or service.mode,
        marking=service.marking,
        approval_phrases=service.phrases.approval,
        nil_phrases=service.phrases.nil,
        decline_phrases=service.phrases.decline,
        report_forms=tuple(_assemble_paper(paper, report.officers) for paper in report.papers),
        peers=require(files.peers).groups,
        actions=_assemble_actions(files),
        pre_election=tuple((period.first, period.last) for period in calendar.pre_election),
        digest_at=service.sending.digest,
        illustrative=service.illustrative,
        trust=service.trust.as_trust(),
    )


def require(file: _File | None) -> _File:
    """A file that was read without fault; `load` assembles nothing before that is certain."""
    if file is None:
        raise AssertionError("A file with faults cannot be assembled.")
    return file


def _assemble_limits(table: LimitsTable) -> Limits:
    given = dict(table)
    return Limits(message_bytes=given.pop("message_mebibytes") * 1024 * 1024, **given)


def _assemble_office(table: OfficeTable) -> Office:
    absences = tuple((absence.first, absence.last) for absence in table.absences)
    return Office(**{**dict(table), "absences": absences})


def _assemble_respondents(partnerships: PartnershipsFile, contributors: ContributorsFile) -> tuple[Respondent, ...]:
    """The partnerships, then the contributors, each in the order of its file."""
    places = [*(area for entry in partnerships.partnerships for area in entry.areas), *contributors.areas]
    areas = {place.code: place for place in places}
    first = (
        Respondent(kind=RespondentKind.PARTNERSHIP, areas=entry.areas, **_name_and_people(entry))
        for entry in partnerships.partnerships
    )
    then = (
        Respondent(
            kind=RespondentKind(entry.kind),
            areas=tuple(areas[code] for code in entry.areas),
            **_name_and_people(entry),
        )
        for entry in contributors.contributors
    )
    return (*first, *then)


def _name_and_people(entry: RespondentTable) -> dict[str, Any]:
    return entry.model_dump(include={"key", "code", "name", "valid_from", "valid_to"}) | {"contacts": entry.contacts}


def _assemble_paper(paper: PaperTable, officers: Iterable[OfficerTable]) -> ReportForm:
    own = officers if paper.officers is None else paper.officers
    return ReportForm(**{**dict(paper), "officers": tuple(officer.lines for officer in own)})


def _assemble_actions(files: ConfigFiles) -> Mapping[str, tuple[ActionRow, ...]]:
    """What the boards asked, by respondent; a form shows the board's name, not its key."""
    names = {board.key: board.name for board in require(files.calendar).boards}
    actions: dict[str, tuple[ActionRow, ...]] = {}
    for entry in require(files.actions).actions:
        row = ActionRow(
            ref=entry.ref, board=names[entry.board], wording=entry.wording, asked=entry.asked, due=entry.due
        )
        actions[entry.respondent] = (*actions.get(entry.respondent, ()), row)
    return actions


# The framework ------------------------------------------------------------------------------------


def _assemble_framework(
    file: FrameworkFile, partnerships: PartnershipsFile, contributors: ContributorsFile, waivers: WaiversFile
) -> Framework:
    """A year's framework, with the local measures and objectives that hold on any day of that year."""
    first = Quarter.parse(f"{file.year}-Q1").start
    last = Quarter.parse(f"{file.year}-Q4").end
    return Framework(
        year=file.year,
        title=file.title,
        themes=file.themes,
        priorities=file.priorities,
        measures=tuple(_assemble_measure(entry, contributors) for entry in file.measures),
        local_measures=tuple(
            _assemble_local_measure(partnership.key, local)
            for partnership in partnerships.partnerships
            for local in partnership.local_measures
            if _holds_between(local.agreed, local.valid_to, first, last)
        ),
        objectives=tuple(
            Objective(respondent=partnership.key, **dict(objective))
            for partnership in partnerships.partnerships
            for objective in partnership.objectives
            if _holds_between(objective.agreed, objective.valid_to, first, last)
        ),
        waivers=waivers.waivers,
    )


def _holds_between(agreed: date, valid_to: date, first: date, last: date) -> bool:
    return agreed <= last and first <= valid_to


def find_owner(measure: MeasureTable, contributors: ContributorsFile | None) -> str:
    """Who supplies a measure: the analyst on the route police; "" for a partnership's own."""
    if measure.route is Route.PARTNERSHIP:
        return ""
    if measure.owner or measure.route is Route.CONTRIBUTOR or contributors is None:
        return measure.owner or ""
    return next((entry.key for entry in contributors.contributors if entry.kind == "analyst"), "")


def assemble_series(measure: MeasureTable, contributors: ContributorsFile | None) -> tuple[Series, ...]:
    """What is counted under a measure; one that names no series is its own only one."""
    own = SeriesTable(ref=measure.ref, title=measure.title or measure.wording)
    owner = find_owner(measure, contributors)
    return tuple(_inherit(entry, measure, owner) for entry in measure.series or [own])


def _inherit(entry: SeriesTable, measure: MeasureTable, owner: str) -> Series:
    """A series, with what it does not say itself taken from its measure."""
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


def _assemble_measure(entry: MeasureTable, contributors: ContributorsFile) -> Measure:
    return Measure(
        ref=entry.ref,
        priority=entry.priority,
        wording=entry.wording,
        kind=entry.kind,
        polarity=entry.polarity,
        route=entry.route,
        owner=find_owner(entry, contributors),
        definition=entry.definition,
        definition_from=entry.definition_from,
        open_question=entry.open_question,
        series=assemble_series(entry, contributors),
    )


def _assemble_local_measure(respondent: str, local: LocalMeasureTable) -> LocalMeasure:
    """A local measure is its own series; nobody but the partnership supplies it."""
    return LocalMeasure(
        respondent=respondent,
        area=local.area,
        series=Series(
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
        ),
        definition=local.definition,
        priorities=local.priorities,
        agreed=local.agreed,
        valid_to=local.valid_to,
    )
