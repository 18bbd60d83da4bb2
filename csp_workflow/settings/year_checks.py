"""What the files say of a year: what its last quarter asks, and whose paper is of four quarters."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.settings.fields import find_repeats
from csp_workflow.settings.files import CALENDAR, ConfigFiles
from csp_workflow.settings.site_files import CalendarFile, FrameworkFile
from csp_workflow.terms.figures import AskedWhen

_REPORT = "report.toml"
Found = Iterator[tuple[str, str]]

OF_YEAR = (
    "year",
    "year returns",
    "year by theme",
    "year accounts",
    "year revisions",
    "carried over",
    "year appendices",
)
"""The kinds of headings that are of four quarters."""


def check_year(files: ConfigFiles) -> Found:
    """What is wrong with what the files say of a year."""
    for name, framework in files.frameworks.items():
        yield from ((name, sentence) for sentence in _check_year_end(framework))
    if files.calendar is not None:
        yield from _check_meetings(files.calendar)
        yield from _check_headings(files, files.calendar)


def _check_year_end(framework: FrameworkFile) -> Iterator[str]:
    for ref in find_repeats(text.ref for text in framework.year_end.texts):
        yield f"year_end.texts[{ref}] stands twice. Number them Y1, Y2, Y3 ..."
    for measure in framework.measures:
        if measure.asked_when is AskedWhen.YEAR_END and measure.kind.is_number:
            yield (
                f"measures[{measure.ref}].asked_when is for what is told in words. A figure that has one value a year "
                'is asked by frequency = "yearly".'
            )


def _check_meetings(calendar: CalendarFile) -> Found:
    yearly = {board.key for board in calendar.boards if board.yearly}
    for meeting in calendar.meetings:
        if meeting.board in yearly and meeting.quarter.number != 4:
            takes = f"the paper of {meeting.day} for {meeting.board} is of {meeting.quarter.label}"
            last = f"{meeting.quarter.financial_year}-Q4"
            yield CALENDAR, f"{takes}. A yearly paper is of the four quarters that end with {last}: write that."


def _check_headings(files: ConfigFiles, calendar: CalendarFile) -> Found:
    yearly = {board.key for board in calendar.boards if board.yearly}
    for paper in files.report.papers if files.report else ():
        kinds = [heading.kind for heading in paper.headings if heading.kind in OF_YEAR]
        if kinds and paper.board not in yearly:
            where = f"the paper for {paper.board} has a heading of kind '{kinds[0]}'"
            yield _REPORT, f"{where}, which is of four quarters. Write yearly = true at that board in calendar.toml."
        if not kinds and paper.board in yearly:
            yield (
                _REPORT,
                f"the paper for {paper.board} is of the year, and none of its headings is. Add one, like 'year'.",
            )
