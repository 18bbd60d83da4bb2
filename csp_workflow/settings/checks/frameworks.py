"""The frameworks: numbers and refs once, priorities in themes, owners that exist and count at that geography."""

from __future__ import annotations

from csp_workflow.settings.checks.known import PARTNERSHIPS, geographies, twice
from csp_workflow.settings.faults import Faults, instead
from csp_workflow.settings.files import Read
from csp_workflow.settings.framework_terms import owner_of, series_of
from csp_workflow.settings.schemas.framework import FrameworkFile, MeasureEntry
from csp_workflow.terms.framework import Route, Series
from csp_workflow.terms.respondents import Geography


def check(read: Read, faults: Faults) -> None:
    """Note every fault of the frameworks and of what refers to their priorities."""
    for name, framework in read.frameworks.items():
        _check_numbers(name, framework, faults)
        for measure in framework.measures:
            _check_measure(name, measure, read, faults)
            _check_owner(name, measure, read, faults)
    _check_years(read, faults)
    _check_mapped(read, faults)


def _check_numbers(name: str, framework: FrameworkFile, faults: Faults) -> None:
    themes = [theme.number for theme in framework.themes]
    priorities = [priority.number for priority in framework.priorities]
    for number in twice(themes):
        faults.add(name, f"themes[{number}] stands twice. Number them 1, 2, 3 ...")
    for number in twice(priorities):
        faults.add(name, f"priorities[{number}] stands twice. Number them straight through the themes.")
    for priority in framework.priorities:
        if priority.theme not in themes:
            faults.add(name, f"priorities[{priority.number}].theme is {priority.theme}, and there is no such theme.")
    for measure in framework.measures:
        if measure.priority not in priorities:
            faults.add(name, f"measures[{measure.ref}].priority is {measure.priority}, and there is no such priority.")
    refs = [ref for measure in framework.measures for ref in {measure.ref, *(series.ref for series in measure.series)}]
    for ref in twice(refs):
        faults.add(name, f"the ref '{ref}' stands twice. Give each measure and series its own.")


def _check_measure(name: str, measure: MeasureEntry, read: Read, faults: Faults) -> None:
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
    for series in series_of(measure, read.contributors):
        place = f"{where}.series[{series.ref}]" if measure.series else where
        _check_said(name, place, measure, series, faults)


def _check_said(name: str, place: str, measure: MeasureEntry, series: Series, faults: Faults) -> None:
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


def _check_owner(name: str, measure: MeasureEntry, read: Read, faults: Faults) -> None:
    where = f"measures[{measure.ref}].owner"
    if measure.route is Route.PARTNERSHIP:
        if measure.owner:
            faults.add(
                name, f"{where} is '{measure.owner}', but a measure on the route partnership has none. Remove the line."
            )
        return
    if not read.contributors:
        return
    contributors = {entry.key: entry for entry in read.contributors.contributors}
    if measure.route is Route.CONTRIBUTOR and not measure.owner:
        faults.add(name, f"{where} is missing. Name a key of contributors.toml: {', '.join(contributors)}.")
        return
    for owner in dict.fromkeys(series.owner for series in series_of(measure, read.contributors)):
        if owner and owner not in contributors:
            faults.add(
                name, f"{where} is '{owner}', which is no key of contributors.toml.{instead(owner, contributors)}"
            )
    _check_police(name, measure, read, faults)
    _check_geography(name, measure, read, faults)


def _check_police(name: str, measure: MeasureEntry, read: Read, faults: Faults) -> None:
    analyst = owner_of(measure, read.contributors) if measure.route is Route.POLICE else ""
    kinds = {entry.key: entry.kind for entry in read.contributors.contributors} if read.contributors else {}
    if kinds.get(analyst) == "contributor":
        faults.add(
            name,
            f"measures[{measure.ref}].owner is '{analyst}', but the route police is the analyst's. Remove the line.",
        )


def _check_geography(name: str, measure: MeasureEntry, read: Read, faults: Faults) -> None:
    """A series whose owner answers for no place of its geography could never be asked for."""
    known = geographies(read)
    if known is None or not read.contributors:
        return
    places = {entry.key: {known.get(code) for code in entry.areas} for entry in read.contributors.contributors}
    for series in series_of(measure, read.contributors):
        if series.owner in places and series.geography not in places[series.owner]:
            faults.add(
                name,
                f"measures[{measure.ref}]: {series.ref} is counted by {series.geography}, "
                f"but {series.owner} answers for none. "
                "Change its geography here, or its areas in contributors.toml.",
            )
    if measure.route is Route.PARTNERSHIP and measure.geography is not Geography.AREA:
        faults.add(name, f"measures[{measure.ref}].geography must be area on the route partnership.")


def _check_years(read: Read, faults: Faults) -> None:
    for name, framework in read.frameworks.items():
        expected = f"framework-{framework.year.replace('/', '-')}.toml"
        if name != expected:
            faults.add(name, f"year is '{framework.year}', so the file must be called {expected}.")
    for meeting in read.calendar.meetings if read.calendar and read.frameworks else ():
        year = meeting.quarter.financial_year
        if year not in {framework.year for framework in read.frameworks.values()}:
            faults.add(
                "calendar.toml",
                f"the meeting of {meeting.day} is to take {meeting.quarter.label}, "
                f"and there is no framework for {year}. Add framework-{year.replace('/', '-')}.toml.",
            )


def _check_mapped(read: Read, faults: Faults) -> None:
    """Local measures and objectives are mapped to priorities that exist in some year."""
    numbers = {priority.number for framework in read.frameworks.values() for priority in framework.priorities}
    if not (numbers and read.partnerships):
        return
    for entry in read.partnerships.partnerships:
        for kind, things in (("local_measures", entry.local_measures), ("objectives", entry.objectives)):
            for thing in things:
                for number in sorted(set(thing.priorities) - numbers):
                    faults.add(
                        PARTNERSHIPS,
                        f"partnerships[{entry.key}].{kind}[{thing.ref}].priorities: there is no priority {number}.",
                    )
