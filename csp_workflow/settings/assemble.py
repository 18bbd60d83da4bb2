"""Checked files -> the frozen `Site` and `Service`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from csp_workflow.settings.environment_variables import Overrides
from csp_workflow.settings.files import Read
from csp_workflow.settings.framework_terms import framework
from csp_workflow.settings.schemas.calendar import OffsetsTable
from csp_workflow.settings.schemas.common import ContactEntry
from csp_workflow.settings.schemas.contributors import ContributorsFile
from csp_workflow.settings.schemas.mail import ExchangeTable, GraphTable, InternetTable
from csp_workflow.settings.schemas.partnerships import AreaEntry, PartnershipsFile
from csp_workflow.settings.schemas.report import OfficerEntry, PaperEntry
from csp_workflow.settings.schemas.service import LimitsTable, OfficeTable, ServiceFile
from csp_workflow.settings.service import Service
from csp_workflow.terms.cycles import Board, Meeting
from csp_workflow.terms.forms import ActionRow
from csp_workflow.terms.mailboxes import Secrets
from csp_workflow.terms.respondents import Area, Contact, Office, Respondent, RespondentKind
from csp_workflow.terms.site import (
    Limits,
    Offsets,
    PeerGroup,
    ReportForm,
    ReportHeading,
    Rung,
    SendingWindow,
    Site,
)

_File = TypeVar("_File")


def service(read: Read, overrides: Overrides) -> Service:
    """How this machine runs the site; the environment comes before the file."""
    file = _there(read.service)
    adapter = overrides.adapter or file.adapter
    table: InternetTable | ExchangeTable | GraphTable | None = getattr(file, adapter, None)
    return Service(
        mode=overrides.mode or file.mode,
        adapter=adapter,
        mailbox=table.as_mailbox(file.office.mailbox) if table else None,
        secrets=Secrets(
            password=overrides.mail_password,
            client_secret=overrides.mail_client_secret,
            certificate=overrides.mail_certificate,
            token_file=overrides.mail_token_file,
        ),
        database=file.database if overrides.database is None else overrides.database,
        environment=overrides.environment,
    )


def site(read: Read, overrides: Overrides) -> Site:
    """Everything a site configures. All files must have been read without fault."""
    file, calendar, report = _there(read.service), _there(read.calendar), _there(read.report)
    boards = tuple(Board(**dict(entry)) for entry in calendar.boards)
    return Site(
        office=_office(file.office),
        respondents=_respondents(_there(read.partnerships), _there(read.contributors)),
        frameworks=tuple(
            framework(
                year,
                partnerships=_there(read.partnerships),
                contributors=_there(read.contributors),
                waivers=_there(read.waivers),
            )
            for year in read.frameworks.values()
        ),
        boards=boards,
        meetings=tuple(Meeting(**dict(entry)) for entry in calendar.meetings),
        working_days=_there(read.working_days),
        offsets=offsets(calendar.offsets),
        ladder=tuple(Rung(kind=rung.kind, days=rung.days) for rung in file.ladder),
        window=SendingWindow(opens=file.sending.opens, closes=file.sending.closes),
        limits=_limits(file.limits),
        mode=overrides.mode or file.mode,
        marking=file.marking,
        **_phrases(file),
        report_forms=tuple(_report_form(paper, report.officers) for paper in report.papers),
        peers=tuple(
            PeerGroup(key=group.key, title=group.title, version=group.version, areas=tuple(group.areas))
            for group in _there(read.peers).groups
        ),
        actions=_actions(read, boards),
        pre_election=tuple((period.first, period.last) for period in calendar.pre_election),
        digest_at=file.sending.digest,
        illustrative=file.illustrative,
        trust=file.trust.as_trust(),
    )


def offsets(table: OffsetsTable) -> Offsets:
    """The calendar's lead times."""
    return Offsets(**dict(table))


def _there(file: _File | None) -> _File:
    """A file that was read without fault; `load` calls nothing here before that is certain."""
    if file is None:
        raise AssertionError("A file with faults cannot be assembled.")
    return file


def _phrases(file: ServiceFile) -> dict[str, tuple[str, ...]]:
    return {f"{name}_phrases": tuple(getattr(file.phrases, name)) for name in ("approval", "nil", "decline")}


def _limits(table: LimitsTable) -> Limits:
    given = dict(table)
    return Limits(message_bytes=given.pop("message_mebibytes") * 1024 * 1024, **given)


def _office(table: OfficeTable) -> Office:
    return Office(
        name=table.name,
        co_ordinator=table.co_ordinator.as_contact(),
        deputy=table.deputy.as_contact() if table.deputy else None,
        secretariat=tuple(person.as_contact() for person in table.secretariat),
        mailbox=table.mailbox,
        phone=table.phone,
        absences=tuple((absence.first, absence.last) for absence in table.absences),
    )


def _respondents(partnerships: PartnershipsFile, contributors: ContributorsFile) -> tuple[Respondent, ...]:
    """The partnerships, then the contributors, each in the order of its file."""
    places = {place.code: Area(**dict(place)) for place in contributors.areas}
    areas = {entry.code: _area(entry) for partnership in partnerships.partnerships for entry in partnership.areas}
    known = areas | places
    first = tuple(
        Respondent(
            key=entry.key,
            code=entry.code,
            name=entry.name,
            kind=RespondentKind.PARTNERSHIP,
            areas=tuple(_area(area) for area in entry.areas),
            contacts=_contacts(entry.contacts),
            valid_from=entry.valid_from,
            valid_to=entry.valid_to,
        )
        for entry in partnerships.partnerships
    )
    return first + tuple(
        Respondent(
            key=entry.key,
            code=entry.code,
            name=entry.name,
            kind=RespondentKind(entry.kind),
            areas=tuple(known[code] for code in entry.areas),
            contacts=_contacts(entry.contacts),
            valid_from=entry.valid_from,
            valid_to=entry.valid_to,
        )
        for entry in contributors.contributors
    )


def _area(entry: AreaEntry) -> Area:
    return Area(code=entry.code, name=entry.name, upper_tier=entry.upper_tier)


def _contacts(entries: Iterable[ContactEntry]) -> tuple[Contact, ...]:
    return tuple(entry.as_contact() for entry in entries)


def _report_form(paper: PaperEntry, officers: Iterable[OfficerEntry]) -> ReportForm:
    own = officers if paper.officers is None else paper.officers
    return ReportForm(
        board=paper.board,
        title=paper.title,
        marking=paper.marking,
        headings=tuple(ReportHeading(title=h.title, kind=h.kind, text=h.text) for h in paper.headings),
        officers=tuple(tuple(officer.lines) for officer in own),
        background_papers=tuple(paper.background_papers),
    )


def _actions(read: Read, boards: tuple[Board, ...]) -> Mapping[str, tuple[ActionRow, ...]]:
    """What the boards asked, by respondent; a form shows the board's name, not its key."""
    names = {board.key: board.name for board in boards}
    found: dict[str, tuple[ActionRow, ...]] = {}
    for entry in _there(read.actions).actions:
        row = ActionRow(
            ref=entry.ref, board=names[entry.board], wording=entry.wording, asked=entry.asked, due=entry.due
        )
        found[entry.respondent] = (*found.get(entry.respondent, ()), row)
    return found
