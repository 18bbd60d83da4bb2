"""An extract of comparison groups in iQuanta's terms: an area's rate beside its group's average and limits.

It is known by its headers, may have any others, and what it says of ranks is not read. A row is taken whole, or each
thing that is wrong with it is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from csp_workflow.request.figures_cells import (
    KnownNames,
    RowRefused,
    parse_day,
    parse_number,
    read_area,
    read_as_at,
    read_illustrative,
    read_known_period,
    read_markers,
    read_series,
    simplify_name,
)
from csp_workflow.request.figures_file import FIELDS, read_figures
from csp_workflow.request.figures_table import (
    HEADER_WITHIN,
    Imported,
    ReportLine,
    TableRow,
    find_columns,
    open_sheets,
    report_refusal,
)
from csp_workflow.terms.comparisons import GroupRate, denominator_of, read_denominator
from csp_workflow.terms.figures import UNRELIABLE, FigureStatus, Provenance, Series
from csp_workflow.terms.phrases import short_day
from csp_workflow.terms.site import Site

T = TypeVar("T")

NUMBERS: Mapping[str, tuple[str, ...]] = {
    "rate": ("rate", "crime rate", "area rate", "your rate", "csp rate"),
    "average": (
        *("group average", "msg average", "most similar group average", "peer average", "average", "group mean"),
        *("msg mean", "mean", "msg ave", "group rate", "msg rate"),
    ),
    "low": (
        "lower limit",
        "lower control limit",
        "lower confidence limit",
        "lower bound",
        "lower cl",
        "lcl",
        "lower",
        "low",
    ),
    "high": (
        "upper limit",
        "upper control limit",
        "upper confidence limit",
        "upper bound",
        "upper cl",
        "ucl",
        "upper",
        "high",
    ),
}
"""What is read side by side, and the headers that each may have, the surest first."""

GROUP_FIELDS: Mapping[str, tuple[str, ...]] = {
    **{name: FIELDS[name] for name in ("area", "series", "period", "as_at", "source", "licence", "illustrative")},
    **NUMBERS,
    "members": ("number in group", "n in group", "areas in group", "group size", "members", "number in msg"),
    "group": ("group", "group name", "comparison group", "most similar group", "msg", "peer group"),
    "version": ("version", "group version", "msg version", "group date", "version date"),
    "unit": ("unit", "rate per", "per"),
}  # fmt: skip
"""The fields of a line and their headers."""

_NEEDED = ("area", "series", "period", *NUMBERS, "members", "group", "version")
_MONTH = re.compile(r"([a-z]{3,9})\.?\s+((?:19|20)\d{2})", re.IGNORECASE)


def read_import(table: object, origin: Provenance, *, site: Site, as_at: date) -> Imported:
    """Understand a file that is loaded: an extract of comparison groups, or figures. Never raises for what it holds."""
    sheets, _ = open_sheets(table)
    found = [(sheet, rows, _find_header(rows)) for sheet, rows in sheets]
    if not any(header for _, _, header in found):
        return read_figures(table, origin, site=site, as_at=as_at)
    reading = _Reading(KnownNames(site), as_at, origin)
    lines = tuple(
        line
        for sheet, rows, header in found
        if header
        for line in (_find_unnamed(sheet, header) or reading.read_rows(sheet, header, rows))
    )
    passed = (sheet for sheet, rows, header in found if rows and not header)
    remarks = tuple(f"The sheet '{sheet}' was not read: it is no extract of comparison groups." for sheet in passed)
    return Imported(lines=lines, remarks=remarks)


@dataclass(frozen=True, kw_only=True)
class _Header:
    row: TableRow
    columns: Mapping[str, int]


def _find_header(rows: Sequence[TableRow]) -> _Header | None:
    """The header of an extract: the row that names an average and both limits."""
    for row in rows[:HEADER_WITHIN]:
        columns = find_columns([simplify_name(text) for text in row.cells], GROUP_FIELDS)
        if {"average", "low", "high"} <= columns.keys():
            return _Header(row=row, columns=columns)
    return None


def _find_unnamed(sheet: str, header: _Header) -> list[ReportLine]:
    """A line for each column that an extract needs and does not have."""
    lacks = (name for name in _NEEDED if name not in header.columns)
    return [
        report_refusal(
            sheet, header.row, RowRefused(name, "", f"The extract has no column '{GROUP_FIELDS[name][0]}'. Add it.")
        )
        for name in lacks
    ]


class _Reading:
    """An extract while it is read: what it has given already, and where."""

    def __init__(self, names: KnownNames, as_at: date, origin: Provenance) -> None:
        self._names, self._today, self._origin = names, as_at, origin
        self._seen: dict[tuple[str, str, str, date], str] = {}

    def read_rows(self, sheet: str, header: _Header, rows: Sequence[TableRow]) -> Iterator[ReportLine]:
        """What becomes of each row below the header."""
        for row in rows:
            if row.number > header.row.number:
                yield from self._read_row(sheet, header, row)

    def _read_row(self, sheet: str, header: _Header, row: TableRow) -> Iterator[ReportLine]:
        line = _Line(self._names, self._today, {name: row.text(column) for name, column in header.columns.items()})
        broken = {name: row.faults[str(n)] for name, n in header.columns.items() if str(n) in row.faults}
        line.faults += [RowRefused(name, line.texts[name], f"The cell holds {why}.") for name, why in broken.items()]
        cell = row.name_cell(header.columns["rate"], header.row)
        found = line.read(replace(self._origin, sheet=sheet, cell=cell))
        if found is not None:
            key = found.series, found.area, found.period, found.as_at
            where = f"row {row.number}" + (f" of '{sheet}'" if sheet else "")
            if key not in self._seen:
                self._seen[key] = where
                sentence = _say_taken(found, self._names.area_name(found.area))
                yield ReportLine(row=row.number, sheet=sheet, sentence=sentence, group_rate=found)
                return
            twice = f"The file says this already, in {self._seen[key]}."
            line.faults.append(RowRefused("rate", line.texts["rate"], twice))
        yield from (report_refusal(sheet, row, fault) for fault in line.faults)


class _Line:
    """One row's cells by field, and all that is wrong with them."""

    def __init__(self, names: KnownNames, today: date, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.faults: list[RowRefused] = []
        self._names, self._today = names, today

    def read(self, origin: Provenance) -> GroupRate | None:
        """What the row says; None, with each fault noted, where that is not clear."""
        known_on = self._try("as_at", read_as_at, self._today) or self._today
        series = self._try("series", read_series, self._names)
        area = self._try("area", read_area, self._names, series)
        illustrative = self._try("illustrative", read_illustrative)
        status, numbers = self._read_numbers()
        said: dict[str, Any] = {
            "period": self._try("period", read_known_period, known_on),
            "members": self._try("members", _read_members),
            "group": self._try("group", _read_group),
            "version": self._try("version", _read_version, known_on),
            "unit": self._try("unit", _read_unit, series),
        }
        if self.faults or series is None or area is None:
            return None
        source, licence = self.texts.get("source") or origin.source, self.texts.get("licence", "")
        origin = replace(origin, source=source, licence=licence, illustrative=bool(illustrative))
        of: dict[str, Any] = {"series": series.ref, "area": area.code, "as_at": known_on, "status": status}
        return GroupRate(provenance=origin, **{**of, **said, **numbers})

    def _try(self, name: str, read: Callable[..., T], *others: object) -> T | None:
        try:
            return read(self.texts.get(name, ""), *others)
        except RowRefused as fault:
            self._refuse(name, str(fault))
            return None

    def _refuse(self, name: str, sentence: str) -> None:
        """Note a fault: one of each cell."""
        if name not in {fault.column for fault in self.faults}:
            self.faults.append(RowRefused(name, self.texts.get(name, ""), sentence))

    def _read_numbers(self) -> tuple[FigureStatus, dict[str, Decimal]]:
        """The rate, the average and the limits; none of them where one is withheld or marked as not reliable."""
        cells = {name: read_markers(self.texts[name]) for name in NUMBERS}
        numbers = {name: number for name, (bare, _, _) in cells.items() if (number := parse_number(bare)) is not None}
        withheld = [marker for bare, marker, _ in cells.values() if marker and not bare]
        withheld += [FigureStatus.NOT_AVAILABLE for *_, kept in cells.values() if UNRELIABLE in kept]
        for name, (bare, _, _) in cells.items():
            if (bare or not withheld) and numbers.get(name, Decimal(-1)) < 0:
                self._refuse(name, _NO_NUMBER if bare else _NOTHING)
        if withheld:
            return withheld[0], {}
        if len(numbers) == len(NUMBERS) and not numbers["low"] <= numbers["average"] <= numbers["high"]:
            self._refuse("average", "The average does not lie between the limits. Check the three columns.")
        return FigureStatus.FINAL, numbers


_NO_NUMBER = "It is not one plain number. Write the figure alone, as the extract has it."
_NOTHING = "There is no number. Write it, or the marker that says why there is none, such as [c]."


def _read_members(text: str) -> int:
    number = parse_number(text)
    if number is None or number < 1 or number != number.to_integral_value():
        raise RowRefused("members", text, "It is a whole number: how many areas are in the group, with this one.")
    return int(number)


def _read_group(text: str) -> str:
    if not text:
        raise RowRefused("group", "", "The row does not say which group it is. Write its name.")
    return text


def _read_version(text: str, known_on: date) -> date:
    """Since when the group is what it is: a day, or a month for its first day."""
    day = parse_day(f"1 {text}") if _MONTH.fullmatch(text) else parse_day(text)
    if day is None:
        raise RowRefused("version", text, "Write the day since when the group has these areas, such as 2014-10-01.")
    if day > known_on:
        later = f"{short_day(day)} is later than {short_day(known_on)}, the day on which the extract was made."
        raise RowRefused("version", text, later)
    return day


def _read_unit(text: str, series: Series | None) -> str:
    """What the rate is per: as the extract says, else as the series is counted."""
    said = read_denominator(text) or read_denominator(f"per {text}")
    if text and said is None:
        raise RowRefused("unit", text, "Write what the rate is per, such as 'per 1,000 residents'.")
    said = said or (denominator_of(series) if series else None)
    if said is None and series is not None:
        raise RowRefused("unit", "", f"{series.ref} has no rate of its own. Say in a column 'unit' what it is per.")
    return str(said or "")


def _say_taken(line: GroupRate, area: str) -> str:
    period, known = line.period.replace("-Q", " Q"), short_day(line.as_at)
    if line.rate is None:
        return f"{line.series}, {area}, {period}: {line.status} (as at {known})."
    beside = f"{line.rate} beside {line.average} ({line.low} to {line.high}), {line.unit}"
    return f"{line.series}, {area}, {period}: {beside}, as at {known}."
