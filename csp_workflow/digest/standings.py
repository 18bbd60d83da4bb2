"""Where each return of a quarter stands: rows for the digest, and one plain table a sheet as an attached workbook."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from csp_workflow.digest.facts import Round
from csp_workflow.digest.papers import say_lacking
from csp_workflow.letters.morning import Digest, ForWhom, RoundShown, StatusRow
from csp_workflow.terms.dates import CycleState, in_london, london_day
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import day, joined, moment, number, plural, short_day
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Assent, Contact, Respondent, RespondentKind, Role
from csp_workflow.terms.status import ReturnStatus

_ENDED = {ReturnState.APPROVED, ReturnState.NIL, ReturnState.DECLINED}

HEADERS = ("Respondent", "Code", "State", "Due", "Received", "Version", "Approved", "What is open")
WIDTHS = (38, 10, 18, 18, 18, 10, 18, 44)
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show_round(cycle: Round, now: datetime, needing: Collection[str]) -> RoundShown:
    """One round as the digest shows it; the returns of the respondents in `needing` (keys) wait for her."""
    rows = tuple(
        replace(_row(cycle, respondent, status, now), waits_for=_find_waited(cycle, respondent, status, needing))
        for respondent, status in cycle.owed_returns()
    )
    return RoundShown(
        quarter=cycle.status.quarter,
        headline=_headline(cycle, now),
        counted=_count_made(cycle),
        rows=rows,
        lacks=say_lacking(cycle),
    )


def _find_waited(cycle: Round, of: Respondent, status: ReturnStatus, needing: Collection[str]) -> ForWhom:
    """For whom a return waits. One that is complete waits for its chair until every paper is out."""
    is_approvable = of.needs_approval and not cycle.papers_are_out
    if of.key in needing or status.open_questions or status.held_messages:
        return ForWhom.HER
    if status.wants(Assent.CERTIFICATE) and not cycle.papers_are_out:
        return ForWhom.THEM
    if status.state in _ENDED or (status.state is ReturnState.COMPLETE and not is_approvable):
        return ForWhom.NOBODY
    is_over = status.state is ReturnState.NOT_RECEIVED and not cycle.waits_for(of)
    return ForWhom.NOBODY if is_over else ForWhom.THEM


def _headline(cycle: Round, now: datetime) -> str:
    return " ".join((_say_state(cycle, now), *_say_extract(cycle, now)))


def _say_extract(cycle: Round, now: datetime) -> Iterator[str]:
    """The force's extract until it has come: of whom it was asked and when, and when it is due."""
    for of, status in cycle.owed_returns():
        is_awaited = of.kind is RespondentKind.ANALYST and status.state.is_awaited
        if is_awaited and status.requested:
            people = joined(c.name for c in cycle.addressees(of, london_day(now))) or of.name
            due = cycle.due_time(of)
            asked = f"The force's extract was asked of {people} on {day(status.requested)}"
            yield f"{asked} and {'was' if due < now else 'is'} due at {moment(due)}."
        elif is_awaited:
            yield "The force's extract has not been asked for."


def _count_made(cycle: Round) -> str:
    """How many returns are in, once they were asked for."""
    states = [status.state for status in cycle.status.returns.values()]
    is_asked = cycle.status.state in {CycleState.OPEN, CycleState.CLOSED}
    return f"{sum(s.is_made for s in states)} of {plural(len(states), 'return')} in" if is_asked else ""


def _say_state(cycle: Round, now: datetime) -> str:
    status, states = cycle.status, [s.state for s in cycle.status.returns.values()]
    if status.state is CycleState.PLANNED:
        return f"{status.quarter} is planned: requests go out on {day(cycle.dates.open)}, after a proof."
    if status.state is CycleState.IN_PROOF:
        asked = any(s.requested for s in status.returns.values())
        return f"{status.quarter} is in proof: nothing has been asked of anybody{' but the analyst' if asked else ''}."
    approved = sum(s is ReturnState.APPROVED for s in states)
    others = ((ReturnState.NIL, "with nothing to report"), (ReturnState.DECLINED, "declined"))
    beside = [f"{number(count)} {what}" for state, what in others if (count := states.count(state))]
    counted = ", ".join((_count_made(cycle), f"{approved} approved", *beside))
    if status.state is CycleState.CLOSED:
        return f"{status.quarter} is closed: {counted}."
    verb = "were" if cycle.dates.due < now else "are"
    closes = "closes" if now < cycle.dates.close else "waits for RELEASE, and was to close"
    return (
        f"{status.quarter} is open: {counted}. Returns {verb} due at {moment(cycle.dates.due)}; "
        f"the quarter {closes} at {moment(cycle.dates.close)}."
    )


def _row(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> StatusRow:
    return StatusRow(
        name=of.name,
        code=of.code,
        state=f"{_state(status)}, late" if status.late else _state(status),
        due=cycle.due_time(of),
        received=status.received,
        version=len(status.versions),
        approved=_say_approval(of, status),
        open=tuple(_open(cycle, of, status, now)),
    )


def _state(status: ReturnStatus) -> str:
    return "nothing to report" if status.state is ReturnState.NIL else str(status.state)


def _say_approval(of: Respondent, status: ReturnStatus) -> str:
    if not of.needs_approval:
        return "not needed"
    if given := status.approval:
        revised = status.find_revised(given.asked or given.at)
        on = f", on police figures before {short_day(revised.at)}" if revised else ""
        return f"{short_day(given.at)}{', as you recorded' if given.evidence else ''}{on}"
    before = f"version of {short_day(status.approvals[-1].at)}, " if status.is_corrected else ""
    if status.approval_asked and status.approval_asked_at:
        return f"{before}asked {'again ' if before else ''}{short_day(status.approval_asked_at)}"
    return f"{before}not asked" if before else "no"


def _open(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> Iterator[str]:
    """What is not settled: counts first, then what keeps the return from coming."""
    counts = (
        (status.faults if status.state.is_in else 0, "fault"),
        (status.queries if status.state.is_in else 0, "query"),
        (len(status.open_questions), "question"),
        (len(status.held_messages), "held message"),
    )
    yield from (plural(count, what) for count, what in counts if count)
    yield from _list_beside(cycle, of, status)
    if status.wants(Assent.CERTIFICATE):
        asked = status.certificate_asked_at
        yield f"grant money not certified{f', asked {short_day(asked)}' if asked else ''}"
    if call := status.phoned:
        until = f", so we wait until {short_day(call.until)}" if call.until else ""
        yield f"phoned {short_day(call.at)}: {call.said.rstrip('.')}{until}"
    if status.returned:
        yield f"sent back {short_day(status.returned)}"
    if cycle.is_held(of):
        yield f"on hold until you reply RESUME {of.code}" if of.key in cycle.service.held_respondents else "on hold"
    if not status.state.is_in:
        yield from _not_come(cycle, of, status, now)


_MAY_CHANGE = {"two-candidates", "comment-differs", "note-differs", "words-beside", "highlighted"}
"""The findings on what stands beside the figures of a return, and may change one."""


_OF_GRANTS = {"grant-sum", "grant-over", "spent-falls", "grant-left"}
"""The findings on money that she hears of in words: in September there is time to do something about it."""


def _list_beside(cycle: Round, of: Respondent, status: ReturnStatus) -> Iterator[str]:
    """Where something of a return that is in was seen and not recorded, as far as it may change a figure."""
    latest = cycle.latest_submission(of) if status.state.is_in else None
    asked = [finding for finding in latest.findings if finding.code in _MAY_CHANGE] if latest else []
    cells = list(dict.fromkeys(f"{finding.sheet} {finding.cell}".strip() for finding in asked))
    yield from (f"grant money: {one.found}" for one in (latest.findings if latest else ()) if one.code in _OF_GRANTS)
    if cells:
        yield f"seen and not recorded, and may change a figure: {joined(cells)}"


def _not_come(cycle: Round, of: Respondent, status: ReturnStatus, now: datetime) -> Iterator[str]:
    day = london_day(now)
    if status.due:
        yield "extended"
    late = cycle.days_from_due(of, day)
    if late > 0 and status.state is ReturnState.REQUESTED:
        yield f"{plural(late, 'working day')} overdue"
    if status.state in {ReturnState.EXPECTED, ReturnState.REQUESTED}:
        yield from _stand_ins(cycle, of, day)


def _stand_ins(cycle: Round, of: Respondent, day: date) -> Iterator[str]:
    """Which leads are away or out of reach, until when, and who gets the reminders until then."""
    service = cycle.service
    yield from (
        f"the last letter to {c.name} was not delivered"
        for c in of.people(Role.LEAD, day)
        if c.address.lower() in service.returned
    )
    missing = [c for c in of.people(Role.LEAD, day) if service.away(c, day) or not service.reaches(c)]
    to = service.written_to(of, day)
    if not missing or not to:
        yield from (["letters reach nobody there"] if not to else [])
        return
    if not service.is_anybody_there(of, day):
        yield f"nobody is there: {joined(_missing(cycle, c, day) for c in missing)}; reminders still go to {_names(to)}"
        return
    passed_over = service.passed_over(of, day)
    for lead in missing:
        gone = _missing(cycle, lead, day)
        then = " until then" if service.reaches(lead) else ""
        yield f"{gone}; reminders go to {_names(to)}{then}" if lead in passed_over else gone


def _missing(cycle: Round, contact: Contact, day: date) -> str:
    """Why a contact is out of reach, or until when away."""
    lost, absence = cycle.service.undeliverable.get(contact.address.lower()), cycle.service.away(contact, day)
    if lost or absence is None:
        return f"{contact.name} {'has left the role' if lost and lost.disowned else 'cannot be reached'}"
    reckoned = " (no day was named)" if absence.assumed else ""
    return f"{contact.name} is away until {short_day(absence.until)}{reckoned}"


def _names(people: tuple[Contact, ...]) -> str:
    return joined(c.name for c in people)


# The workbook -----------------------------------------------------------------------------------


def write_status_book(digest: Digest, now: datetime) -> Attachment | None:
    """The status of every round shown, a sheet each, or None when no round is under way. Same input, same bytes."""
    if not digest.rounds:
        return None
    import xlsxwriter

    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "Status of returns", "created": now.astimezone(UTC).replace(tzinfo=None)})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "words": book.add_format({"text_wrap": True, "valign": "top"}),
        "day": book.add_format({"num_format": "d mmm yyyy hh:mm", "align": "left", "valign": "top"}),
        "header": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
    }
    for about in digest.rounds:
        _sheet(book.add_worksheet(about.quarter.key.replace("/", "-")), about, now, formats)
    book.close()
    return Attachment(name=f"Status {digest.day.isoformat()}.xlsx", data=made.getvalue(), content_type=TYPE)


def _sheet(sheet: Any, about: RoundShown, now: datetime, formats: dict[str, Any]) -> None:
    sheet.write_string(0, 0, f"Status of returns for {about.quarter.label}, {moment(now)}", formats["title"])
    sheet.write_string(1, 0, about.headline)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    last = 3 + max(len(about.rows), 1)
    sheet.add_table(
        3,
        0,
        last,
        len(HEADERS) - 1,
        {
            "name": f"Status_{about.quarter.code}",
            "style": "Table Style Light 1",
            "columns": [{"header": header, "header_format": formats["header"]} for header in HEADERS],
        },
    )
    for place, row in enumerate(about.rows, start=4):
        _write(sheet, place, row, formats)
    sheet.freeze_panes(4, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)


def _write(sheet: Any, place: int, row: StatusRow, formats: dict[str, Any]) -> None:
    texts = {
        0: row.name,
        1: row.code,
        2: row.state,
        5: str(row.version) if row.version else "",
        6: row.approved,
        7: "; ".join(row.open),
    }
    for column, text in texts.items():
        sheet.write_string(place, column, text, formats["words"])
    for column, when in ((3, row.due), (4, row.received)):
        if when:
            sheet.write_datetime(
                place, column, in_london(when).replace(tzinfo=None, second=0, microsecond=0), formats["day"]
            )
        else:
            sheet.write_string(place, column, "", formats["words"])
