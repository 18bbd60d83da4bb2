"""What is wrong in single entries: of checks.toml and waivers.toml, and in what the files say of a year."""

from __future__ import annotations

from collections.abc import Iterator

from csp_workflow.settings.fields import check_known, find_repeats
from csp_workflow.settings.files import CALENDAR, CHECKS, ConfigFiles
from csp_workflow.settings.site_files import CalendarFile, CheckTable, FrameworkFile
from csp_workflow.terms.checks import RULES, CheckOutcome
from csp_workflow.terms.figures import AskedWhen
from csp_workflow.terms.waivers import Waiver

WAIVERS = "waivers.toml"
_Found = Iterator[tuple[str, str]]

_WHAT = (
    "must say what is waived: a measure (its ref), a check (its rule in checks.toml), or contact = true where nobody "
    "at the respondent can be written to."
)


def check_what_is_checked(files: ConfigFiles) -> _Found:
    """Every fault of the two files."""
    refs = files.refs()
    for number, entry in enumerate(files.checks.checks if files.checks else (), start=1):
        yield from _check_entry(f"checks[{number}]", entry, refs)
    keys = files.respondent_keys()
    for number, waiver in enumerate(files.waivers.waivers if files.waivers else (), start=1):
        where = f"waivers[{number}]"
        yield from check_known(WAIVERS, f"{where}.respondent", waiver.respondent, keys)
        yield from _check_waiver(where, waiver, refs)


def _check_entry(where: str, entry: CheckTable, refs: tuple[str, ...] | None) -> _Found:
    yield from check_known(CHECKS, f"{where}.rule", entry.rule, RULES)
    for ref in entry.measures:
        yield from check_known(CHECKS, f"{where}.measures: one", ref, refs)
    rule = RULES.get(entry.rule)
    if rule is None:
        return
    if rule.withholds and entry.finding is CheckOutcome.OFF:
        yield CHECKS, f"{where}.finding must be fault or query, since what {entry.rule} finds is not recorded."
    for key, is_given, is_used in (
        ("number", entry.number is not None, rule.takes_number),
        ("phrases", bool(entry.phrases), rule.takes_phrases),
    ):
        if is_given and not is_used:
            yield CHECKS, f"{where}.{key} is not used by {entry.rule}. Remove the line."


def _check_waiver(where: str, waiver: Waiver, refs: tuple[str, ...] | None) -> _Found:
    if waiver.contact == bool(waiver.measure or waiver.check):
        yield WAIVERS, f"{where} {_WHAT}"
        return
    if waiver.measure:
        yield from check_known(WAIVERS, f"{where}.measure", waiver.measure, refs)
    if waiver.check:
        yield from check_known(WAIVERS, f"{where}.check", waiver.check, RULES)


_REPORT = "report.toml"

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


def check_year(files: ConfigFiles) -> _Found:
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


def _check_meetings(calendar: CalendarFile) -> _Found:
    yearly = {board.key for board in calendar.boards if board.yearly}
    for meeting in calendar.meetings:
        if meeting.board in yearly and not meeting.quarter.ends_year:
            takes = f"the paper of {meeting.day} for {meeting.board} is of {meeting.quarter.label}"
            last = f"{meeting.quarter.financial_year}-Q4"
            yield CALENDAR, f"{takes}. A yearly paper is of the four quarters that end with {last}: write that."


def _check_headings(files: ConfigFiles, calendar: CalendarFile) -> _Found:
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
