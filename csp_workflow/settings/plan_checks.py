"""What frameworks, calendar, papers, comparison groups, waivers and actions refer to exists, and stands once."""

from __future__ import annotations

from csp_workflow.request.calendar import offset_faults
from csp_workflow.settings.assemble import assemble_series, find_owner
from csp_workflow.settings.faults import Faults, find_repeats, suggest
from csp_workflow.settings.files import CALENDAR, PARTNERSHIPS, ConfigFiles
from csp_workflow.settings.site_files import FrameworkFile, MeasureTable
from csp_workflow.terms.dates import Meeting, WorkingDays
from csp_workflow.terms.figures import Geography, Route, Series

# framework-<year>.toml ----------------------------------------------------------------------------


def check_frameworks(files: ConfigFiles, faults: Faults) -> None:
    """Note every fault of the frameworks and of what refers to their priorities."""
    for name, framework in files.frameworks.items():
        _check_numbers(name, framework, faults)
        for measure in framework.measures:
            _check_measure(name, measure, files, faults)
            _check_owner(name, measure, files, faults)
    _check_years(files, faults)
    _check_priorities(files, faults)


def _check_numbers(name: str, framework: FrameworkFile, faults: Faults) -> None:
    themes = [theme.number for theme in framework.themes]
    priorities = [priority.number for priority in framework.priorities]
    for number in find_repeats(themes):
        faults.add(name, f"themes[{number}] stands twice. Number them 1, 2, 3 ...")
    for number in find_repeats(priorities):
        faults.add(name, f"priorities[{number}] stands twice. Number them straight through the themes.")
    for priority in framework.priorities:
        if priority.theme not in themes:
            faults.add(name, f"priorities[{priority.number}].theme is {priority.theme}, and there is no such theme.")
    for measure in framework.measures:
        if measure.priority not in priorities:
            faults.add(name, f"measures[{measure.ref}].priority is {measure.priority}, and there is no such priority.")
    refs = [ref for measure in framework.measures for ref in {measure.ref, *(series.ref for series in measure.series)}]
    for ref in find_repeats(refs):
        faults.add(name, f"the ref '{ref}' stands twice. Give each measure and series its own.")


def _check_measure(name: str, measure: MeasureTable, files: ConfigFiles, faults: Faults) -> None:
    """What a measure or its series must say one way or the other."""
    where = f"measures[{measure.ref}]"
    if not measure.series and not measure.title:
        faults.add(name, f'{where}.title is missing. Add a line such as: title = "All crime"')
    if measure.route is Route.PARTNERSHIP and measure.kind.is_number:
        faults.add(
            name, f"{where}.route is 'partnership', which tells in words: its kind must be narrative or milestone."
        )
    for entry in measure.series:
        if not entry.ref.startswith(measure.ref):
            faults.add(name, f"{where}.series[{entry.ref}].ref must begin with {measure.ref}, like {measure.ref}.1.")
    for series in assemble_series(measure, files.contributors):
        place = f"{where}.series[{series.ref}]" if measure.series else where
        _check_series(name, place, measure, series, faults)


def _check_series(name: str, place: str, measure: MeasureTable, series: Series, faults: Faults) -> None:
    """What a series says itself or takes from its measure."""
    if not series.unit:
        faults.add(name, f'{place}.unit is missing. Add a line such as: unit = "offences"')
    own = next((entry.frequency for entry in measure.series if entry.ref == series.ref), None)
    if not (own or measure.frequency):
        faults.add(name, f'{place}.frequency is missing. Add a line such as: frequency = "quarterly"')
    if series.suppression.below and not series.suppression.shown_as:
        faults.add(
            name, f'{place}.suppress_as is missing. Say what is shown instead, like suppress_as = "fewer than 5"'
        )


def _check_owner(name: str, measure: MeasureTable, files: ConfigFiles, faults: Faults) -> None:
    where = f"measures[{measure.ref}].owner"
    if measure.route is Route.PARTNERSHIP:
        if measure.owner:
            faults.add(
                name, f"{where} is '{measure.owner}', but a measure on the route partnership has none. Remove the line."
            )
        return
    if not files.contributors:
        return
    contributors = {entry.key: entry for entry in files.contributors.contributors}
    if measure.route is Route.CONTRIBUTOR and not measure.owner:
        faults.add(name, f"{where} is missing. Name a key of contributors.toml: {', '.join(contributors)}.")
        return
    for owner in dict.fromkeys(series.owner for series in assemble_series(measure, files.contributors)):
        if owner and owner not in contributors:
            faults.add(
                name, f"{where} is '{owner}', which is no key of contributors.toml.{suggest(owner, contributors)}"
            )
    _check_police(name, measure, files, faults)
    _check_geography(name, measure, files, faults)


def _check_police(name: str, measure: MeasureTable, files: ConfigFiles, faults: Faults) -> None:
    analyst = find_owner(measure, files.contributors) if measure.route is Route.POLICE else ""
    kinds = {entry.key: entry.kind for entry in files.contributors.contributors} if files.contributors else {}
    if kinds.get(analyst) == "contributor":
        faults.add(
            name,
            f"measures[{measure.ref}].owner is '{analyst}', but the route police is the analyst's. Remove the line.",
        )


def _check_geography(name: str, measure: MeasureTable, files: ConfigFiles, faults: Faults) -> None:
    """A series whose owner answers for no place of its geography could never be asked for."""
    known = files.geographies()
    if known is None or not files.contributors:
        return
    places = {entry.key: {known.get(code) for code in entry.areas} for entry in files.contributors.contributors}
    for series in assemble_series(measure, files.contributors):
        if series.owner in places and series.geography not in places[series.owner]:
            faults.add(
                name,
                f"measures[{measure.ref}]: {series.ref} is counted by {series.geography}, "
                f"but {series.owner} answers for none. "
                "Change its geography here, or its areas in contributors.toml.",
            )
    if measure.route is Route.PARTNERSHIP and measure.geography is not Geography.AREA:
        faults.add(name, f"measures[{measure.ref}].geography must be area on the route partnership.")


def _check_years(files: ConfigFiles, faults: Faults) -> None:
    for name, framework in files.frameworks.items():
        expected = f"framework-{framework.year.replace('/', '-')}.toml"
        if name != expected:
            faults.add(name, f"year is '{framework.year}', so the file must be called {expected}.")
    for meeting in files.calendar.meetings if files.calendar and files.frameworks else ():
        year = meeting.quarter.financial_year
        if year not in {framework.year for framework in files.frameworks.values()}:
            faults.add(
                "calendar.toml",
                f"the meeting of {meeting.day} is to take {meeting.quarter.label}, "
                f"and there is no framework for {year}. Add framework-{year.replace('/', '-')}.toml.",
            )


def _check_priorities(files: ConfigFiles, faults: Faults) -> None:
    """Local measures and objectives are mapped to priorities that exist in some year."""
    numbers = {priority.number for framework in files.frameworks.values() for priority in framework.priorities}
    if not (numbers and files.partnerships):
        return
    for entry in files.partnerships.partnerships:
        for kind, things in (("local_measures", entry.local_measures), ("objectives", entry.objectives)):
            for thing in things:
                for number in sorted(set(thing.priorities) - numbers):
                    faults.add(
                        PARTNERSHIPS,
                        f"partnerships[{entry.key}].{kind}[{thing.ref}].priorities: there is no priority {number}.",
                    )


# calendar.toml ------------------------------------------------------------------------------------


def check_calendar(files: ConfigFiles, faults: Faults) -> None:
    """Note every fault of the calendar."""
    if files.calendar is None:
        return
    for sentence in offset_faults(files.calendar.offsets):
        faults.add(CALENDAR, f"offsets: {sentence}")
    keys = [board.key for board in files.calendar.boards]
    for key in find_repeats(keys):
        faults.add(CALENDAR, f"boards[{key}] stands twice. Give each board its own key.")
    for number, meeting in enumerate(files.calendar.meetings, start=1):
        _check_meeting(f"meetings[{number}]", meeting, keys, files.working_days, faults)
    for board, day in find_repeats((meeting.board, meeting.day) for meeting in files.calendar.meetings):
        faults.add(CALENDAR, f"the meeting of {board} on {day} stands twice. Remove one.")
    for number, period in enumerate(files.calendar.pre_election, start=1):
        faults.check_order(CALENDAR, f"pre_election[{number}]", period.first, period.last)


def _check_meeting(
    where: str, meeting: Meeting, boards: list[str], working_days: WorkingDays | None, faults: Faults
) -> None:
    if meeting.board not in boards:
        faults.add(
            CALENDAR, f"{where}.board is '{meeting.board}', which is no key of a board.{suggest(meeting.board, boards)}"
        )
    if meeting.cancelled or working_days is None:
        return
    if not working_days.first_year < meeting.day.year <= working_days.last_year:
        faults.add(
            CALENDAR,
            f"{where}.day is {meeting.day}, too near the edge of the bank holidays, "
            f"which cover {working_days.first_year} to {working_days.last_year}. Add years to that file.",
        )
    elif not working_days.is_working(meeting.day):
        faults.add(CALENDAR, f"{where}.day is {meeting.day:%A %d %B %Y}, which is not a working day.")
    if meeting.day <= meeting.quarter.end:
        faults.add(
            CALENDAR,
            f"{where}: a meeting on {meeting.day} cannot take {meeting.quarter.label}, "
            f"which ends on {meeting.quarter.end}.",
        )


# peers.toml, waivers.toml, actions.toml and report.toml --------------------------------------------

_ONE_OF_TWO = (
    "must say what is waived: a measure (its ref), or contact = true where nobody at the respondent can be written to. "
    "Write one of the two."
)


def check_references(files: ConfigFiles, faults: Faults) -> None:
    """Note every name that is not known where it should be."""
    _check_peers(files, faults)
    _check_waivers(files, faults)
    _check_actions(files, faults)
    _check_papers(files, faults)


def _check_peers(files: ConfigFiles, faults: Faults) -> None:
    areas = files.geographies()
    if files.peers is None or areas is None:
        return
    codes = [*areas, *(area.code for area in files.peers.elsewhere)]
    for key, version in find_repeats((group.key, group.version) for group in files.peers.groups):
        faults.add(
            "peers.toml", f"groups[{key}] stands twice with the version {version}. Give the newer one its own day."
        )
    for group in files.peers.groups:
        for code in find_repeats(group.areas):
            faults.add("peers.toml", f"groups[{group.key}].areas: {code} stands twice. Remove one.")
        for code in group.areas:
            faults.check_known("peers.toml", f"groups[{group.key}].areas: one", code, codes)


def _check_waivers(files: ConfigFiles, faults: Faults) -> None:
    keys, refs = files.respondent_keys(), files.refs()
    for number, waiver in enumerate(files.waivers.waivers if files.waivers else (), start=1):
        faults.check_known("waivers.toml", f"waivers[{number}].respondent", waiver.respondent, keys)
        if bool(waiver.measure) == waiver.contact:
            faults.add("waivers.toml", f"waivers[{number}] {_ONE_OF_TWO}")
        elif waiver.measure:
            faults.check_known("waivers.toml", f"waivers[{number}].measure", waiver.measure, refs)


def _check_actions(files: ConfigFiles, faults: Faults) -> None:
    keys, boards = files.respondent_keys(), files.board_keys()
    actions = files.actions.actions if files.actions else []
    for ref in find_repeats(action.ref for action in actions):
        faults.add("actions.toml", f"actions[{ref}] stands twice. Give each action its own ref.")
    for action in actions:
        where = f"actions[{action.ref}]"
        faults.check_known("actions.toml", f"{where}.respondent", action.respondent, keys)
        faults.check_known("actions.toml", f"{where}.board", action.board, boards)
        faults.check_order("actions.toml", f"{where}.due", action.asked, action.due)


def _check_papers(files: ConfigFiles, faults: Faults) -> None:
    boards = files.board_keys()
    if files.report is None:
        return
    named = [paper.board for paper in files.report.papers]
    for number, board in enumerate(named, start=1):
        faults.check_known("report.toml", f"papers[{number}].board", board, boards)
    for board in find_repeats(named):
        faults.add("report.toml", f"two papers are for the board '{board}'. Keep one.")
    for board in boards or ():
        if board not in named:
            faults.add(
                "report.toml", f"the board '{board}' of calendar.toml has no paper. Add a block of papers for it."
            )
