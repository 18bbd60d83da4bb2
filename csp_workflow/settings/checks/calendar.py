"""The calendar: lead times in order, meetings of known boards on working days."""

from __future__ import annotations

from csp_workflow.request.calendar import offset_faults
from csp_workflow.settings.assemble import offsets
from csp_workflow.settings.checks.known import check_order, twice
from csp_workflow.settings.faults import Faults, instead
from csp_workflow.settings.files import Read
from csp_workflow.settings.schemas.calendar import MeetingEntry
from csp_workflow.terms.working_days import WorkingDays

FILE = "calendar.toml"


def check(read: Read, faults: Faults) -> None:
    """Note every fault of the calendar."""
    if read.calendar is None:
        return
    for sentence in offset_faults(offsets(read.calendar.offsets)):
        faults.add(FILE, f"offsets: {sentence}")
    keys = [board.key for board in read.calendar.boards]
    for key in twice(keys):
        faults.add(FILE, f"boards[{key}] stands twice. Give each board its own key.")
    for number, meeting in enumerate(read.calendar.meetings, start=1):
        _check_meeting(f"meetings[{number}]", meeting, keys, read.working_days, faults)
    for board, day in twice((meeting.board, meeting.day) for meeting in read.calendar.meetings):
        faults.add(FILE, f"the meeting of {board} on {day} stands twice. Remove one.")
    for number, period in enumerate(read.calendar.pre_election, start=1):
        check_order(FILE, f"pre_election[{number}]", period.first, period.last, faults)


def _check_meeting(
    where: str, meeting: MeetingEntry, boards: list[str], working_days: WorkingDays | None, faults: Faults
) -> None:
    if meeting.board not in boards:
        faults.add(
            FILE, f"{where}.board is '{meeting.board}', which is no key of a board.{instead(meeting.board, boards)}"
        )
    if meeting.cancelled or working_days is None:
        return
    if not working_days.first_year < meeting.day.year <= working_days.last_year:
        faults.add(
            FILE,
            f"{where}.day is {meeting.day}, too near the edge of the bank holidays, "
            f"which cover {working_days.first_year} to {working_days.last_year}. Add years to that file.",
        )
    elif not working_days.is_working(meeting.day):
        faults.add(FILE, f"{where}.day is {meeting.day:%A %d %B %Y}, which is not a working day.")
    if meeting.day <= meeting.quarter.end:
        faults.add(
            FILE,
            f"{where}: a meeting on {meeting.day} cannot take {meeting.quarter.label}, "
            f"which ends on {meeting.quarter.end}.",
        )
