"""Reads every file of a configuration folder against its schema, and notes every fault of every file."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from csp_workflow.settings.fields import Faults, TomlTable, describe_errors, find_nearest
from csp_workflow.settings.service_file import ServiceFile
from csp_workflow.settings.site_files import (
    ActionsFile,
    CalendarFile,
    ChecksFile,
    ContributorsFile,
    ContributorTable,
    FrameworkFile,
    HolidaysTable,
    PartnershipsFile,
    PartnershipTable,
    PeersFile,
    ReportFile,
    TopicsFile,
    WaiversFile,
    WordsFile,
)
from csp_workflow.terms.dates import WorkingDays
from csp_workflow.terms.figures import Geography
from csp_workflow.terms.grants import GrantLine
from csp_workflow.terms.setup import SetupChange, SetupNotLaid, lay_setup

PARTNERSHIPS, CONTRIBUTORS, CALENDAR = "partnerships.toml", "contributors.toml", "calendar.toml"
WORDS, TOPICS, CHECKS = "words.toml", "topics.toml", "checks.toml"
_OPTIONAL = (WORDS, TOPICS, CHECKS)
"""The files that a site may do without: each is then read from the defaults."""

SCHEMAS: Mapping[str, type[TomlTable]] = {
    "service.toml": ServiceFile,
    PARTNERSHIPS: PartnershipsFile,
    CONTRIBUTORS: ContributorsFile,
    CALENDAR: CalendarFile,
    "peers.toml": PeersFile,
    "report.toml": ReportFile,
    "waivers.toml": WaiversFile,
    CHECKS: ChecksFile,
    "actions.toml": ActionsFile,
    WORDS: WordsFile,
    TOPICS: TopicsFile,
}
"""The files of a site, besides framework-<year>.toml and the bank holidays."""

FRAMEWORK = "framework-*.toml"
RespondentTable = PartnershipTable | ContributorTable
_Schema = TypeVar("_Schema", bound=TomlTable)


@dataclass(frozen=True, kw_only=True)
class ConfigFiles:
    """What was read: None for a file that could not be, and for the names it would define.

    `frameworks` are by file name; `shipped_checks` are those of the program, on top of which a site has its own.
    """

    service: ServiceFile | None
    partnerships: PartnershipsFile | None
    contributors: ContributorsFile | None
    calendar: CalendarFile | None
    peers: PeersFile | None
    report: ReportFile | None
    waivers: WaiversFile | None
    checks: ChecksFile | None
    shipped_checks: ChecksFile | None
    actions: ActionsFile | None
    words: WordsFile | None
    topics: TopicsFile | None
    frameworks: Mapping[str, FrameworkFile]
    working_days: WorkingDays | None

    def respondents(self) -> list[tuple[str, str, RespondentTable]]:
        """Every respondent that could be read, with its file and its place there ("partnerships[charnwood]")."""
        partnerships = self.partnerships.partnerships if self.partnerships else ()
        contributors = self.contributors.contributors if self.contributors else ()
        return [(PARTNERSHIPS, f"partnerships[{entry.key}]", entry) for entry in partnerships] + [
            (CONTRIBUTORS, f"contributors[{entry.key}]", entry) for entry in contributors
        ]

    def respondent_keys(self) -> tuple[str, ...] | None:
        """Every respondent's key."""
        both = self.partnerships and self.contributors
        return tuple(entry.key for _, _, entry in self.respondents()) if both else None

    def geographies(self) -> Mapping[str, Geography] | None:
        """Every area's code and what kind of place it is."""
        if not (self.partnerships and self.contributors):
            return None
        areas = (area for entry in self.partnerships.partnerships for area in entry.areas)
        return {area.code: area.geography for area in (*areas, *self.contributors.areas)}

    def board_keys(self) -> tuple[str, ...] | None:
        """Every board's key."""
        return tuple(board.key for board in self.calendar.boards) if self.calendar else None

    def refs(self) -> tuple[str, ...] | None:
        """Every ref that a waiver may name: measures, series, themes, local measures and objectives."""
        if not (self.frameworks and self.partnerships):
            return None
        refs: list[str] = []
        for framework in self.frameworks.values():
            refs += [f"T{theme.number}" for theme in framework.themes]
            for measure in framework.measures:
                refs += [measure.ref, *(series.ref for series in measure.series)]
        for entry in self.partnerships.partnerships:
            refs += [*(local.ref for local in entry.local_measures), *(own.ref for own in entry.objectives)]
            refs += [f"{grant.ref}{line}" for grant in entry.grants for line in GrantLine]
        return tuple(dict.fromkeys(refs))


def read_tables(folder: Path, faults: Faults) -> dict[str, dict[str, Any] | None]:
    """Every TOML file of a folder as its tables, by name; None for one that could not be read, which is noted."""
    return {name: _parse_toml(folder / name, name, faults) for name in sorted(_list_names(folder, faults))}


def lay_tables(
    tables: Mapping[str, dict[str, Any] | None], changes: Sequence[SetupChange], faults: Faults
) -> dict[str, dict[str, Any] | None]:
    """The files with what was set up by workbook laid over them; what finds no place there is noted."""
    laid = deepcopy(dict(tables)) if changes else dict(tables)
    try:
        lay_setup(laid, changes if None not in laid.values() else ())
    except SetupNotLaid as fault:
        faults.add_about_folder(
            f"What was set up by workbook has no place in the files: {fault}. Put that back as it was; "
            "csp-workflow setup write brings the files to what holds."
        )
    return laid


def read_files(
    folder: Path, faults: Faults, *, defaults: Path, tables: Mapping[str, dict[str, Any] | None] | None = None
) -> ConfigFiles:
    """Every file of a folder, or of its `tables`. What is wrong is noted, and what could be read is returned."""
    listed = read_tables(folder, faults) if tables is None else tables
    read: dict[str, Any] = {
        name.removesuffix(".toml"): _check_file(name, schema, listed, faults)
        for name, schema in SCHEMAS.items()
        if name in listed or name not in _OPTIONAL
    }
    wanted = [name for name in _OPTIONAL if name == CHECKS or name not in listed]
    ours = {name: _parse_toml(defaults / name, name, faults) for name in wanted}
    for name in (name for name in _OPTIONAL if name not in listed):
        read[name.removesuffix(".toml")] = _check_file(name, SCHEMAS[name], ours, faults)
    names = sorted(name for name in listed if Path(name).match(FRAMEWORK))
    if listed and not names:
        faults.add("framework-2014-15.toml", "the file is missing. A site needs the framework of at least one year.")
    frameworks = {name: _check_file(name, FrameworkFile, listed, faults) for name in names}
    calendar = read["calendar"]
    return ConfigFiles(
        frameworks={name: framework for name, framework in frameworks.items() if framework},
        shipped_checks=_check_file(CHECKS, ChecksFile, ours, faults),
        working_days=read_working_days(folder, calendar.holidays, faults) if calendar else None,
        **read,
    )


def _list_names(folder: Path, faults: Faults) -> frozenset[str]:
    """The names of the folder's TOML files; a stray one is a fault, because it would be ignored in silence."""
    if not folder.is_dir():
        faults.add_about_folder(
            f"There is no configuration folder {folder}. Lay out a site with: csp-workflow init DIR, "
            "or name its folder with --config."
        )
        return frozenset()
    names = frozenset(path.name for path in folder.iterdir() if path.suffix == ".toml")
    if not names:
        faults.add_about_folder(
            f"The configuration folder {folder} holds no TOML files. Lay out a site with: csp-workflow init DIR"
        )
    for name in sorted(names):
        if name not in SCHEMAS and not Path(name).match(FRAMEWORK):
            near = find_nearest(name, SCHEMAS)
            faults.add(name, f"the file is not known.{f' Did you mean {near}?' if near else ' Remove it.'}")
    return names


def _check_file(
    name: str, schema: type[_Schema], tables: Mapping[str, dict[str, Any] | None], faults: Faults
) -> _Schema | None:
    """A file as its schema, or None with what is wrong noted."""
    if name not in tables:
        if tables:
            faults.add(name, "the file is missing. Take it from a fresh site: csp-workflow init DIR")
        return None
    data = tables[name]
    if data is None:
        return None
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        for sentence in describe_errors(error, schema, data):
            faults.add(name, sentence)
        return None


def _parse_toml(file: Path, name: str, faults: Faults) -> dict[str, Any] | None:
    try:
        return tomllib.loads(file.read_text("utf-8-sig").replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as fault:
        faults.add(name, f"{_describe_toml(str(fault))} Look for a missing quote or bracket there or just before.")
    except UnicodeDecodeError:
        faults.add(name, "the file is not UTF-8 text. Save it again with the encoding UTF-8.")
    except (OSError, RecursionError, ValueError):  # the last: a number of thousands of digits
        faults.add(name, "the file cannot be read. Check that it is a plain text file with the right permissions.")
    return None


def _describe_toml(message: str) -> str:
    """Python's "Invalid value (at line 2, column 5)" as "line 2, column 5 is not right TOML: invalid value."."""
    what, _, place = message.rstrip(")").rpartition(" (at ")
    where = "the end" if place == "end of document" else place
    return f"{where} is not right TOML: {what[:1].lower()}{what[1:]}."


# The bank holidays ---------------------------------------------------------------------------------


def read_working_days(folder: Path, table: HolidaysTable, faults: Faults) -> WorkingDays | None:
    """The working days of a site, or None with what is wrong noted."""
    rows = _read_rows(folder / table.file, table.file, faults)
    if rows is None:
        return None
    days = _parse_days(rows, table.file, faults)
    if not days:
        faults.add(table.file, "the file holds no bank holidays. Write one in each line, like 2014-12-25,Christmas Day")
        return None
    _check_years(days, table.file, faults)
    _check_overrides(days, table, faults)
    changed = (days | {entry.day for entry in table.extra}) - {entry.day for entry in table.worked}
    return WorkingDays(frozenset(changed), min(days).year, max(days).year)


def _read_rows(file: Path, name: str, faults: Faults) -> list[list[str]] | None:
    try:
        rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    except FileNotFoundError:
        faults.add(CALENDAR, f"holidays.file names {name}, and there is no such file in the folder.")
        return None
    except (OSError, UnicodeDecodeError, csv.Error):
        faults.add(name, "the file cannot be read. Save it as CSV with the encoding UTF-8.")
        return None
    if not rows or [cell.strip().lower() for cell in rows[0]] != ["date", "name"]:
        faults.add(name, "row 1 must hold the two headers date,name.")
        return None
    return rows


def _parse_days(rows: Sequence[Sequence[str]], name: str, faults: Faults) -> set[date]:
    days: set[date] = set()
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        day = _parse_day(row[0])
        if day is None:
            faults.add(name, f"row {number}: '{row[0].strip()[:40]}' is not a date. Write it like 2014-12-25.")
        elif day in days:
            faults.add(name, f"row {number}: {day} stands there twice. Remove one of the rows.")
        else:
            days.add(day)
        if len(row) < 2 or not row[1].strip():
            faults.add(
                name, f"row {number}: the name is missing. Write it after a comma, like 2014-12-25,Christmas Day"
            )
    return days


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _check_years(days: set[date], name: str, faults: Faults) -> None:
    """A year left out would count its holidays as working days."""
    years = {day.year for day in days}
    for year in sorted(set(range(min(years), max(years) + 1)) - years):
        faults.add(name, f"{year} has no bank holiday. Add the days of that year.")


def _check_overrides(days: set[date], table: HolidaysTable, faults: Faults) -> None:
    first, last = min(days).year, max(days).year
    for entry in table.extra:
        if entry.day in days:
            faults.add(CALENDAR, f"holidays.extra: {entry.day} already stands in {table.file}. Remove it here.")
        if not first <= entry.day.year <= last:
            faults.add(
                CALENDAR,
                f"holidays.extra: {entry.day} lies outside {first} to {last}, the years of {table.file}.",
            )
    for entry in table.worked:
        if entry.day not in days:
            faults.add(CALENDAR, f"holidays.worked: {entry.day} is no bank holiday in {table.file}. Remove it here.")
