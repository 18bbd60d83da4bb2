"""Checked files -> the frozen `Site`. Most values are read as they are; here is what is put together from several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar, cast

from csp_workflow.settings.fields import TomlTable
from csp_workflow.settings.files import ConfigFiles
from csp_workflow.settings.service_file import AbsenceTable, Overrides
from csp_workflow.settings.site_files import (
    NAMED,
    BreakTable,
    ChecksFile,
    CheckTable,
    ContributorsFile,
    FrameworkFile,
    LocalMeasureTable,
    MeasureTable,
    OfficerTable,
    PaperTable,
    PartnershipsFile,
    PeriodTable,
    SeriesTable,
    TopicsFile,
    WaiversFile,
)
from csp_workflow.terms.actions import Action
from csp_workflow.terms.checks import Check, Checks
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import (
    AskedWhen,
    Break,
    Framework,
    Frequency,
    Geography,
    LocalMeasure,
    Measure,
    MeasureKind,
    Objective,
    Route,
    Series,
)
from csp_workflow.terms.messages import Courtesies, Topic, Topics
from csp_workflow.terms.report_form import ReportForm
from csp_workflow.terms.site import (
    Limits,
    Office,
    Respondent,
    RespondentKind,
    SendingWindow,
    Site,
)
from csp_workflow.terms.suppression import Suppression

_File = TypeVar("_File")
_Value = TypeVar("_Value")
_OF_ANOTHER = (
    "includes {}",
    "including {}",
    "{} included",
    "{} figure",
    "{}'s figure",
    "joint with {}",
    "shared with {}",
)


def assemble_site(files: ConfigFiles, overrides: Overrides) -> Site:
    """Everything a site configures. All files must have been read without fault."""
    service, calendar, report = require(files.service), require(files.calendar), require(files.report)
    partnerships, contributors = require(files.partnerships), require(files.contributors)
    waivers = require(files.waivers)
    respondents = _assemble_respondents(partnerships, contributors)
    years = (_assemble_framework(year, partnerships, contributors, waivers) for year in files.frameworks.values())
    return Site(
        office=_take(Office, service.office, absences=_list_periods(service.office.absences)),
        respondents=respondents,
        frameworks=tuple(_carry_breaks(years)),
        boards=calendar.boards,
        meetings=calendar.meetings,
        working_days=require(files.working_days),
        offsets=calendar.offsets,
        ladder=service.ladder,
        window=_take(SendingWindow, service.sending),
        limits=_take(Limits, service.limits, message_bytes=service.limits.message_mebibytes * 1024 * 1024),
        mode=overrides.mode or service.mode,
        marking=service.marking,
        approval_phrases=service.phrases.approval,
        nil_phrases=service.phrases.nil,
        decline_phrases=service.phrases.decline,
        courtesies=_take(Courtesies, require(files.words)),
        topics=assemble_topics(require(files.topics)),
        checks=_name_areas(assemble_checks(require(files.shipped_checks), require(files.checks)), respondents),
        away_phrases=service.phrases.away,
        left_phrases=service.phrases.left,
        yes_phrases=service.phrases.yes,
        no_phrases=service.phrases.no,
        time_phrases=service.phrases.more_time,
        removal_phrases=service.phrases.take_out,
        chair_prevails=service.phrases.chair_prevails,
        as_last_year_phrases=service.phrases.as_last_year,
        certify_phrases=service.phrases.certify,
        report_forms=tuple(_assemble_paper(paper, report.officers) for paper in report.papers),
        terms=report.terms,
        peers=require(files.peers).groups,
        actions=tuple(_take(Action, entry) for entry in require(files.actions).actions),
        pre_election=_list_periods(calendar.pre_election),
        digest_at=service.sending.digest,
        digest_daily=service.sending.digest_daily,
        questions_at_once=service.sending.questions_at_once,
        orders_at_once=service.sending.orders_at_once,
        illustrative=service.illustrative,
        chair_copy=service.chair_copy,
        trust=service.trust,
        watch=service.watch,
        retention=service.retention,
    )


def assemble_checks(shipped: ChecksFile, own: ChecksFile) -> Checks:
    """The program's checks, and on top of them a site's own."""
    usual = {entry.rule: entry for entry in shipped.checks}
    return Checks(every=tuple(_assemble_check(entry, usual[entry.rule]) for entry in (*shipped.checks, *own.checks)))


def _name_areas(checks: Checks, respondents: Iterable[Respondent]) -> Checks:
    """The checks, of which "other-area" also hears words that say a figure is, or holds, that of an area by its name
    or its first place: "Includes Hinckley", "Hinckley & Bosworth figure"."""
    names = {area.name for one in respondents for area in one.areas}
    places = sorted(names | {re.split(" and | & ", name)[0] for name in names})
    named = tuple(said.format(place) for place in places for said in _OF_ANOTHER)
    every = (replace(c, phrases=(*c.phrases, *named)) if c.rule == "other-area" else c for c in checks.every)
    return replace(checks, every=tuple(every))


def _assemble_check(entry: CheckTable, usual: CheckTable) -> Check:
    """A check; what it leaves out is as the program has it."""
    number = usual.number if entry.number is None else entry.number
    words, phrases = entry.words or usual.words, entry.phrases or usual.phrases
    return _take(Check, entry, words=words, phrases=phrases, number=Decimal(str(number or 0)))


def require(file: _File | None) -> _File:
    """A file that was read without fault; `load` assembles nothing before that is certain."""
    if file is None:
        raise AssertionError("A file with faults cannot be assembled.")
    return file


def _take(kind: type[_Value], table: TomlTable, /, **others: Any) -> _Value:
    """A frozen value with whatever fields of it a table has, and the `others`."""
    names = {field.name for field in fields(cast("Any", kind))} & type(table).model_fields.keys()
    return kind(**{name: getattr(table, name) for name in names} | others)


def _list_periods(entries: Iterable[AbsenceTable | PeriodTable]) -> tuple[tuple[date, date], ...]:
    return tuple((entry.first, entry.last) for entry in entries)


def _assemble_respondents(partnerships: PartnershipsFile, contributors: ContributorsFile) -> tuple[Respondent, ...]:
    """The partnerships, then the contributors, each in the order of its file."""
    places = [*(area for entry in partnerships.partnerships for area in entry.areas), *contributors.areas]
    areas = {place.code: place for place in places}
    before = {entry.key: entry.predecessors for entry in partnerships.partnerships}
    kind = RespondentKind.PARTNERSHIP
    return (
        *(
            _take(
                Respondent,
                entry,
                kind=kind,
                predecessors=tuple(_list_predecessors(entry.key, before)),
                broken=_assemble_break(entry),
            )
            for entry in partnerships.partnerships
        ),
        *(
            _take(Respondent, entry, kind=RespondentKind(entry.kind), areas=tuple(areas[code] for code in entry.areas))
            for entry in contributors.contributors
        ),
    )


def _list_predecessors(key: str, before: Mapping[str, tuple[str, ...]]) -> dict[str, None]:
    """Those whose work a partnership has taken over, then those before them, each once. Each ended before it began."""
    found = dict.fromkeys(before.get(key, ()))
    for one in tuple(found):
        found |= _list_predecessors(one, before)
    return found


def _assemble_break(*tables: BreakTable) -> Break | None:
    """The break that the first of these tables dates."""
    return next((Break(day=t.break_from, reason=t.break_reason) for t in tables if t.break_from), None)


def _assemble_paper(paper: PaperTable, officers: Iterable[OfficerTable]) -> ReportForm:
    own = officers if paper.officers is None else paper.officers
    return _take(ReportForm, paper, officers=tuple(officer.lines for officer in own))


def assemble_topics(file: TopicsFile) -> Topics:
    """What else mail may be about, with the words in place that phrases only name."""

    def fill(phrases: Iterable[str]) -> tuple[str, ...]:
        return tuple(NAMED.sub(lambda name: file.words[name[1]], phrase) for phrase in phrases)

    topics = (
        _take(Topic, table, phrases=fill(table.phrases), mentions=fill(table.mentions), strangers=fill(table.strangers))
        for table in file.topics
    )
    return Topics(topics=tuple(topics), footers=fill(file.footers), reporting=fill(file.reporting))


# The framework ------------------------------------------------------------------------------------


def _assemble_framework(
    file: FrameworkFile, partnerships: PartnershipsFile, contributors: ContributorsFile, waivers: WaiversFile
) -> Framework:
    """A year's framework, with the local measures and objectives that hold on any day of that year."""
    first = Quarter.parse(f"{file.year}-Q1").start
    last = Quarter.parse(f"{file.year}-Q4").end
    return _take(
        Framework,
        file,
        measures=tuple(_assemble_measure(entry, contributors) for entry in file.measures),
        local_measures=tuple(
            _assemble_local_measure(partnership.key, local)
            for partnership in partnerships.partnerships
            for local in partnership.local_measures
            if _holds_between(local.agreed, local.valid_to, first, last)
        ),
        objectives=tuple(
            _take(Objective, objective, respondent=partnership.key, reworded=objective.reworded_on)
            for partnership in partnerships.partnerships
            for objective in partnership.objectives
            if _holds_between(objective.agreed, objective.valid_to, first, last)
        ),
        waivers=waivers.waivers,
    )


def _carry_breaks(frameworks: Iterable[Framework]) -> Iterator[Framework]:
    """A break stands in the years after it too, until another is dated: their quarters look back across it."""
    known: dict[str, Series] = {}

    def carry(series: Series) -> Series:
        before = known.get(series.ref)
        if series.broken or before is None:
            return series
        return replace(series, broken=before.broken, comparable_from=series.comparable_from or before.comparable_from)

    for framework in sorted(frameworks, key=lambda one: one.year):
        measures = tuple(replace(m, series=tuple(map(carry, m.series))) for m in framework.measures)
        yield replace(framework, measures=measures)
        known |= {series.ref: series for m in measures for series in m.series if series.parted}


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
        suppression=Suppression(
            below=below,
            shown_as=entry.suppress_as or measure.suppress_as,
            zero_is_shown=measure.zero_is_shown if entry.zero_is_shown is None else entry.zero_is_shown,
        ),
        broken=_assemble_break(entry, measure),
        comparable_from=entry.comparable_from or (None if entry.break_from else measure.comparable_from),
        reworded=entry.reworded_on or measure.reworded_on,
    )


def _assemble_measure(entry: MeasureTable, contributors: ContributorsFile) -> Measure:
    owner, series = find_owner(entry, contributors), assemble_series(entry, contributors)
    is_seldom = entry.route is Route.PARTNERSHIP and entry.kind is MeasureKind.NARRATIVE
    asked_when = entry.asked_when or (AskedWhen.FIGURE_MOVES if is_seldom else AskedWhen.EVERY_QUARTER)
    return _take(Measure, entry, owner=owner, series=series, asked_when=asked_when)


def _assemble_local_measure(respondent: str, local: LocalMeasureTable) -> LocalMeasure:
    """A local measure is its own series; nobody but the partnership supplies it."""
    suppression = Suppression(below=local.suppress_below, shown_as=local.suppress_as, zero_is_shown=local.zero_is_shown)
    own = {"measure": local.ref, "geography": Geography.AREA, "owner": "", "suppression": suppression}
    own |= {"broken": _assemble_break(local), "reworded": local.reworded_on}
    return _take(LocalMeasure, local, respondent=respondent, series=_take(Series, local, **own))
