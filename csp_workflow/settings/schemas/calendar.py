"""`calendar.toml`: lead times, boards, meetings, holiday overrides and pre-election periods."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from csp_workflow.settings.schemas.common import (
    FIRST_YEAR,
    LAST_YEAR,
    Clock,
    Day,
    Key,
    Line,
    Table,
    Text,
    WholeDays,
    shown,
    wrong,
)
from csp_workflow.terms.quarters import Quarter


def _quarter(given: object) -> Quarter:
    try:
        quarter = Quarter.parse(str(given))
    except ValueError as fault:
        raise wrong(f"is not right: {fault}") from None
    if not FIRST_YEAR <= quarter.year <= LAST_YEAR:
        raise wrong(f"is {shown(given)}, which is too far away.")
    return quarter


def _file_name(given: str) -> str:
    if not re.fullmatch(r"[\w-][\w.-]*\.csv", given):
        raise wrong(f"is {shown(given)}. Name a .csv file in the same folder, like bank-holidays.csv.")
    return given


QuarterKey = Annotated[Quarter, BeforeValidator(_quarter)]


class OffsetsTable(Table):
    """Lead times in working days."""

    extract_request: WholeDays
    extract_due: WholeDays
    open: WholeDays
    due: WholeDays
    close: WholeDays
    drafting: WholeDays
    clearance: WholeDays
    due_time: Clock


class BoardEntry(Table):
    """A board that takes the quarterly paper."""

    key: Key
    name: Text
    public: bool
    clear_days: WholeDays = 0
    lead_days: WholeDays = 0


class MeetingEntry(Table):
    """A dated sitting of a board, and the quarter it is to take."""

    board: Line
    day: Day
    quarter: QuarterKey
    place: Line = ""
    cancelled: bool = False


class NamedDay(Table):
    """A day with what it is."""

    day: Day
    name: Text


class HolidaysTable(Table):
    """The file of bank holidays and what changed since it was made."""

    file: Annotated[str, AfterValidator(_file_name)]
    extra: tuple[NamedDay, ...] = ()
    worked: tuple[NamedDay, ...] = ()


class PeriodEntry(Table):
    """A pre-election period, both ends included."""

    first: Day
    last: Day
    reason: Line = ""


class CalendarFile(Table):
    """The whole file."""

    offsets: OffsetsTable
    boards: Annotated[tuple[BoardEntry, ...], Field(min_length=1)]
    meetings: tuple[MeetingEntry, ...] = ()
    holidays: HolidaysTable
    pre_election: tuple[PeriodEntry, ...] = ()
