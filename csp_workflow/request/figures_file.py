"""Figures from a file: history, published figures and the force's extract, with a report row by row.

The file's bare table comes from the sandbox (`forms.table`). The header row is found, wherever it stands and
however it is worded. Nothing is guessed: a row that is not clear is refused, with what was found and what to do,
and the others are taken.

Three layouts are read: a row for each figure; a row for each area with a column for each series; a row for
each area and series with a column for each period.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from csp_workflow.forms.table import read_table
from csp_workflow.request import figures_cells as cells_read
from csp_workflow.request.figures_cells import Line, RowRefused, simplify_name
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.phrases import number, short_day
from csp_workflow.terms.site import Site

FIELDS: Mapping[str, tuple[str, ...]] = {
    "series": ("series", "series ref", "ref", "reference", "measure ref", "measure", "indicator"),
    "area": (
        "area code", "csp code", "community safety partnership code", "ons code", "code", "area",
        "csp", "csp name", "community safety partnership name", "community safety partnership",
        "area name", "local authority code", "local authority", "local authority name", "place", "geography",
    ),
    "period": ("period", "quarter", "financial quarter", "financial year", "year"),
    "as_at": ("as_at", "as at", "as at date", "published", "published on", "extracted", "extracted on"),
    "value": ("value", "figure", "this quarter", "count", "number", "offences", "number of offences", "offence count"),
    "base": ("base", "n", "number asked", "base n"),
    "status": ("status",),
    "source": ("source",),
    "licence": ("licence", "license"),
    "illustrative": ("illustrative",),
    "note": ("note", "notes", "comment", "comments", "remark"),
}  # fmt: skip
"""The fields of a figure and the headers each may have, the surest first."""

COLUMNS = ("series", "area", "period", "as_at", "value", "base", "status")
"""The surest names of a table's columns."""

_HEADER_WITHIN = 30


class TableReply(Protocol):
    """What the sandbox answers."""

    @property
    def ok(self) -> bool:
        """Whether there is a value."""

    @property
    def value(self) -> Any:
        """What `forms.table.read_table` returned."""


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """A row's figure was taken, or the row (or a cell of it) was not: then `column` and `found` say what stood there.

    `row` is the number people see beside it, 0 for the file as a whole.
    """

    row: int
    sheet: str
    sentence: str
    column: str = ""
    found: str = ""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """The figures of a file and the report on it. `remarks` says which sheets were passed over."""

    figures: tuple[Figure, ...] = ()
    taken: tuple[ReportLine, ...] = ()
    refused: tuple[ReportLine, ...] = ()
    remarks: tuple[str, ...] = ()

    def report(self) -> tuple[dict[str, Any], ...]:
        """The report, sheet by sheet and row by row, for people and for --json."""
        lines = [*((line, True) for line in self.taken), *((line, False) for line in self.refused)]
        sheets = list(dict.fromkeys(line.sheet for line, _ in lines))
        lines.sort(key=lambda pair: (sheets.index(pair[0].sheet), pair[0].row))
        return tuple(
            {"sheet": x.sheet, "row": x.row, "taken": taken, "column": x.column, "sentence": x.sentence}
            for x, taken in lines
        )


def read_figures(found: bytes | Mapping[str, Any] | TableReply, name: str, *, site: Site, as_at: date) -> Imported:
    """Understand a file of figures. Never raises for what the file holds.

    `found` is the sandbox's reply, the table itself, or the file's bytes (only where the file is trusted);
    `name` stands as source where a row names none. `as_at` is the day of the import: a row without an as-at
    day gets it, and none may be later.
    """
    sheets, refusal = _open_sheets(found)
    if refusal:
        return Imported(refused=(ReportLine(row=0, sheet="", found=name, sentence=refusal),))
    content = hashlib.sha256(found).hexdigest() if isinstance(found, bytes) else ""
    reading = _Reading(cells_read.KnownNames(site), as_at, name, content)
    for sheet in sheets:
        reading.read(str(sheet.get("name", "")), _list_rows(sheet))
    return reading.report()


def _open_sheets(found: bytes | Mapping[str, Any] | TableReply) -> tuple[list[Mapping[str, Any]], str]:
    """The sheets of a file, or why there are none."""
    if isinstance(found, bytes):
        found = read_table(found)
    if not isinstance(found, Mapping):
        if not found.ok or not isinstance(found.value, Mapping):
            return [], "The file could not be opened within the bounds set for it. Please save it anew as CSV."
        found = found.value
    if "refused" in found:
        return [], str(found["refused"])
    sheets = [sheet for sheet in found.get("sheets", ()) if isinstance(sheet, Mapping)]
    if not any(_list_rows(sheet) for sheet in sheets):
        return [], "The file is empty."
    return sheets, ""


def _list_rows(sheet: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in sheet.get("rows", ()) if isinstance(row, Mapping) and row.get("cells")]


class _Reading:
    """A file while it is read: what was taken and refused so far, and which figures it has given already."""

    def __init__(self, names: cells_read.KnownNames, as_at: date, name: str, content: str) -> None:
        self._names = names
        self._as_at = as_at
        self._name = name
        self._content = content
        self._figures: list[Figure] = []
        self._taken: list[ReportLine] = []
        self._refused: list[ReportLine] = []
        self._passed: list[str] = []
        self._seen: dict[tuple[str, str, str, date], str] = {}

    def read(self, sheet: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Read a sheet's table; a sheet without one is passed over."""
        texts = [(int(row["row"]), [str(cell) for cell in row["cells"]]) for row in rows]
        header = _find_header(texts, self._names.columns)
        if header is None:
            if texts:
                self._passed.append(sheet)
            return
        for row, (place, cells) in zip(rows, texts, strict=True):
            if place > header.row:
                faults = row.get("faults")
                self._read_row(sheet, header, cells, _Place(place, faults if isinstance(faults, Mapping) else {}))

    def report(self) -> Imported:
        """The report."""
        if not (self._taken or self._refused):
            self._refused.append(
                ReportLine(
                    row=0,
                    sheet="",
                    found=self._name,
                    sentence="No table of figures was found. The first row should name the columns: "
                    f"{', '.join(COLUMNS)} and so on.",
                )
            )
        return Imported(
            figures=tuple(self._figures),
            taken=tuple(self._taken),
            refused=tuple(self._refused),
            remarks=tuple(f"The sheet '{name}' was not read: no row in it names the columns." for name in self._passed),
        )

    def _read_row(self, sheet: str, header: Header, cells: Sequence[str], at: _Place) -> None:
        try:
            _refuse_unfit(header)
        except RowRefused as refusal:
            self._refuse(sheet, at, refusal)
            return
        for line in _list_lines(header, cells, at):
            try:
                self._take(sheet, at, line)
            except RowRefused as refusal:
                self._refuse(sheet, at, refusal)

    def _take(self, sheet: str, at: _Place, line: Line) -> None:
        figure = cells_read.read_figure(
            line, self._names, as_at=self._as_at, source=self._name, sheet=sheet, content=self._content
        )
        key = (figure.series, figure.area, figure.period, figure.as_at)
        where = f"row {at.row}" + (f" of '{sheet}'" if sheet else "")
        if key in self._seen:
            raise RowRefused("value", line.value, f"The file gives this figure already, in {self._seen[key]}.")
        self._seen[key] = where
        self._figures.append(figure)
        self._taken.append(ReportLine(row=at.row, sheet=sheet, sentence=self._say_taken(figure)))

    def _refuse(self, sheet: str, at: _Place, refusal: RowRefused) -> None:
        self._refused.append(
            ReportLine(row=at.row, sheet=sheet, column=refusal.column, found=refusal.found, sentence=str(refusal))
        )

    def _say_taken(self, figure: Figure) -> str:
        what = number(figure.value) if figure.value is not None else figure.status.value
        status = f"{figure.status.value}, " if figure.value is not None else ""
        period = figure.period.replace("-Q", " Q")
        area = self._names.area_name(figure.area)
        return f"{figure.series}, {area}, {period}: {what} ({status}as at {short_day(figure.as_at)})."


@dataclass(frozen=True)
class _Place:
    """A row's number, and what is wrong with cells of it, by column."""

    row: int
    faults: Mapping[str, str]


def _list_lines(header: Header, cells: Sequence[str], at: _Place) -> Iterator[Line]:
    """The figures a row holds. An empty cell under a series or period is no figure; an empty value column may be."""

    def text(name: str) -> str:
        return _read_cell(cells, header.columns.get(name))

    year = _read_cell(cells, header.year_column)
    for wanted in header.values:
        value = _read_cell(cells, wanted.column)
        fault = at.faults.get(str(wanted.column), "")
        if not value and not fault and (wanted.series or wanted.period):
            continue
        yield Line(
            series=wanted.series or text("series"),
            area=text("area"),
            period=wanted.period or _join_period(text("period"), year) or header.stated,
            value=value,
            fault=fault,
            cell=f"{_name_column(wanted.column)}{at.row}",
            others={
                name: text(name) for name in ("as_at", "base", "status", "source", "licence", "illustrative", "note")
            },
        )


def _read_cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column].strip() if column is not None and column < len(cells) else ""


def _join_period(period: str, year: str) -> str:
    """A quarter's number beside a year, as in the Home Office's files, is one period."""
    digits = period.upper().removeprefix("Q").strip()
    return f"{year} Q{digits}" if year and digits in {"1", "2", "3", "4"} else period


def _name_column(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


# The header ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ValueColumn:
    """A column that holds figures, with the series or period its header names ("" where the row names it)."""

    column: int
    series: str = ""
    period: str = ""


@dataclass(frozen=True, kw_only=True)
class Header:
    """Where a table's columns stand, from 0. `stated` is the period written above the table, or ""."""

    row: int
    columns: Mapping[str, int] = field(default_factory=dict)
    year_column: int | None = None
    values: tuple[ValueColumn, ...] = ()
    stated: str = ""

    @property
    def is_undated(self) -> bool:
        """Whether nothing anywhere says which period the figures are for."""
        return "period" not in self.columns and not self.stated and not any(v.period for v in self.values)


def _find_header(rows: Sequence[tuple[int, Sequence[str]]], series: Mapping[str, str]) -> Header | None:
    """The header among a sheet's rows (number, texts); None when no row names an area.

    `series` maps what a column may be called (`simplify_name` of refs and titles) to the series' ref.
    """
    for place, (row, texts) in enumerate(rows[:_HEADER_WITHIN]):
        named = [simplify_name(text) for text in texts]
        columns = _find_columns(named)
        if "area" not in columns:
            continue
        values = _find_values(texts, named, columns, series)
        if values or len([name for name in named if name]) > 2:
            above = " ".join(text for _, line in rows[:place] for text in line)
            stated = cells_read.find_periods(above)
            return Header(
                row=row,
                columns=columns,
                year_column=_find_year_column(named, columns),
                values=values,
                stated=stated[0] if len(stated) == 1 else "",
            )
    return None


def _refuse_unfit(header: Header) -> None:
    """Refuse every row of a table that does not say what its figures are."""
    if header.is_undated:
        raise RowRefused(
            "period",
            "",
            "The file does not say which period its figures are for. "
            "Add a column 'period' with a quarter (2014/15-Q2) or a financial year (2011/12).",
        )
    if not header.values:
        raise RowRefused(
            "series",
            "",
            "The file does not say which series its figures are of. Add a column 'series' with the ref (M12a) "
            "and a column 'value', or name each column of figures by its series' ref.",
        )


def _find_columns(named: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, headers in FIELDS.items():
        for header in headers:
            if simplify_name(header) in named:
                found[name] = named.index(simplify_name(header))
                break
    return found


def _find_year_column(named: Sequence[str], columns: Mapping[str, int]) -> int | None:
    """The column with the year where another holds only the quarter's number, as in the Home Office's files."""
    for header in ("financial year", "year"):
        if header in named and columns.get("period") not in {None, named.index(header)}:
            return named.index(header)
    return None


def _find_values(
    texts: Sequence[str], named: Sequence[str], columns: Mapping[str, int], series: Mapping[str, str]
) -> tuple[ValueColumn, ...]:
    if "series" in columns and "value" in columns:
        return (ValueColumn(column=columns["value"]),)
    if "series" in columns:
        dated = ((column, cells_read.read_period(text)) for column, text in enumerate(texts))
        return tuple(ValueColumn(column=column, period=period) for column, period in dated if period)
    return tuple(
        ValueColumn(column=column, series=series[name])
        for column, name in enumerate(named)
        if name in series and column not in columns.values()
    )
