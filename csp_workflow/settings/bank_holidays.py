"""The bank holidays of the site: a CSV file of days and names, with the calendar's overrides."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from csp_workflow.settings.faults import Faults
from csp_workflow.settings.schemas.calendar import HolidaysTable
from csp_workflow.terms.working_days import WorkingDays

HEADERS = ["date", "name"]


def read(folder: Path, table: HolidaysTable, faults: Faults) -> WorkingDays | None:
    """The working days of a site, or None with what is wrong noted."""
    rows = _rows(folder / table.file, table.file, faults)
    if rows is None:
        return None
    days = _days(rows, table.file, faults)
    if not days:
        faults.add(table.file, "the file holds no bank holidays. Write one in each line, like 2014-12-25,Christmas Day")
        return None
    _check_years(days, table.file, faults)
    _check_overrides(days, table, faults)
    changed = (days | {entry.day for entry in table.extra}) - {entry.day for entry in table.worked}
    return WorkingDays(frozenset(changed), min(days).year, max(days).year)


def _rows(file: Path, name: str, faults: Faults) -> list[list[str]] | None:
    try:
        rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    except FileNotFoundError:
        faults.add("calendar.toml", f"holidays.file names {name}, and there is no such file in the folder.")
        return None
    except (OSError, UnicodeDecodeError, csv.Error):
        faults.add(name, "the file cannot be read. Save it as CSV with the encoding UTF-8.")
        return None
    if not rows or [cell.strip().lower() for cell in rows[0]] != HEADERS:
        faults.add(name, "row 1 must hold the two headers date,name.")
        return None
    return rows


def _days(rows: Sequence[Sequence[str]], name: str, faults: Faults) -> set[date]:
    days: set[date] = set()
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        day = _day(row[0])
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


def _day(text: str) -> date | None:
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
            faults.add("calendar.toml", f"holidays.extra: {entry.day} already stands in {table.file}. Remove it here.")
        if not first <= entry.day.year <= last:
            faults.add(
                "calendar.toml",
                f"holidays.extra: {entry.day} lies outside {first} to {last}, the years of {table.file}.",
            )
    for entry in table.worked:
        if entry.day not in days:
            faults.add(
                "calendar.toml", f"holidays.worked: {entry.day} is no bank holiday in {table.file}. Remove it here."
            )
