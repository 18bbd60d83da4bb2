"""Figures from a file: history, published figures and the force's extract, with a report row by row.

The file's bare table comes from the sandbox (`forms.table`). The header row is found, wherever it stands and
however it is worded. Nothing is guessed: a row that is not clear is refused, with what was found and what to do,
and the others are taken.

Three layouts are read: a row for each figure; a row for each area with a column for each series; a row for
each area and series with a column for each period.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from csp_workflow.request import figures_cells as cells_read
from csp_workflow.request.figures_cells import KnownNames, Line, RowRefused, simplify_name
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.phrases import number, say_counts, short_day
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
    "numerator": ("numerator", "how many"),
    "base": ("base", "n", "number asked", "base n", "out of how many", "out of"),
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
_OTHERS = ("as_at", "numerator", "base", "status", "source", "licence", "illustrative", "note")


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
    figure: Figure | None = None


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of each row of a file. `remarks` says which sheets were passed over."""

    lines: tuple[ReportLine, ...]
    remarks: tuple[str, ...] = ()

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures that were taken."""
        return tuple(line.figure for line in self.lines if line.figure)

    @property
    def taken(self) -> tuple[ReportLine, ...]:
        """What was taken."""
        return tuple(line for line in self.lines if line.figure)

    @property
    def refused(self) -> tuple[ReportLine, ...]:
        """What was not."""
        return tuple(line for line in self.lines if not line.figure)

    def report(self) -> tuple[dict[str, Any], ...]:
        """The report, sheet by sheet and row by row, for people and for --json."""
        lines = [*self.taken, *self.refused]
        sheets = list(dict.fromkeys(line.sheet for line in lines))
        lines.sort(key=lambda line: (sheets.index(line.sheet), line.row))
        return tuple(
            {"sheet": x.sheet, "row": x.row, "taken": bool(x.figure), "column": x.column, "sentence": x.sentence}
            for x in lines
        )


def read_figures(table: object, name: str, *, site: Site, as_at: date) -> Imported:
    """Understand a file of figures. Never raises for what the file holds.

    `table` is what `forms.table.read_table` returned, None when the sandbox gave nothing back; `name` stands as
    source where a row names none. `as_at` is the day of the import: a row without an as-at day gets it, and none
    may be later.
    """
    sheets, refusal = _open_sheets(table)
    if refusal:
        return Imported(lines=(ReportLine(row=0, sheet="", found=name, sentence=refusal),))
    reading = _Reading(KnownNames(site), as_at, name)
    headers = [_find_header(rows, reading.names.columns) for _, rows in sheets]
    lines = [
        line
        for (sheet, rows), header in zip(sheets, headers, strict=True)
        for row in rows
        if header and row.number > header.row
        for line in reading.read_row(sheet, header, row)
    ]
    if not lines:
        none = "No table of figures was found. The first row should name the columns: "
        lines.append(ReportLine(row=0, sheet="", found=name, sentence=f"{none}{', '.join(COLUMNS)} and so on."))
    passed = (sheet for (sheet, rows), header in zip(sheets, headers, strict=True) if rows and not header)
    remarks = tuple(f"The sheet '{sheet}' was not read: no row in it names the columns." for sheet in passed)
    return Imported(lines=tuple(lines), remarks=remarks)


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A row of a sheet: its number, its cells as text, and what is wrong with them, by column."""

    number: int
    cells: Sequence[str]
    faults: Mapping[str, str]


def _open_sheets(table: object) -> tuple[list[tuple[str, list[_Row]]], str]:
    """The sheets of a file by name, or why there are none."""
    if not isinstance(table, Mapping):
        return [], "The file could not be opened within the bounds set for it. Please save it anew as CSV."
    if "refused" in table:
        return [], str(table["refused"])
    found = [sheet for sheet in table.get("sheets", ()) if isinstance(sheet, Mapping)]
    sheets = [(str(sheet.get("name", "")), list(_list_rows(sheet.get("rows", ())))) for sheet in found]
    return (sheets, "") if any(rows for _, rows in sheets) else ([], "The file is empty.")


def _list_rows(rows: Iterable[Any]) -> Iterator[_Row]:
    for row in rows:
        if isinstance(row, Mapping) and row.get("cells"):
            faults = row.get("faults")
            yield _Row(
                number=int(row["row"]),
                cells=[str(cell) for cell in row["cells"]],
                faults=faults if isinstance(faults, Mapping) else {},
            )


class _Reading:
    """A file while it is read: which figures it has given already, and where."""

    def __init__(self, names: KnownNames, as_at: date, name: str) -> None:
        self.names, self._as_at, self._name = names, as_at, name
        self._seen: dict[tuple[str, str, str, date], str] = {}

    def read_row(self, sheet: str, header: Header, row: _Row) -> Iterator[ReportLine]:
        """What becomes of each figure of a row."""
        unfit = _find_unfit(header)
        if unfit:
            yield _report_refusal(sheet, row, unfit)
            return
        for line in _list_lines(header, row):
            try:
                yield self._take(sheet, row, line)
            except RowRefused as refusal:
                yield _report_refusal(sheet, row, refusal)

    def _take(self, sheet: str, row: _Row, line: Line) -> ReportLine:
        figure = cells_read.read_figure(line, self.names, as_at=self._as_at, source=self._name, sheet=sheet)
        key = (figure.series, figure.area, figure.period, figure.as_at)
        if key in self._seen:
            raise RowRefused("value", line.value, f"The file gives this figure already, in {self._seen[key]}.")
        self._seen[key] = f"row {row.number}" + (f" of '{sheet}'" if sheet else "")
        return ReportLine(row=row.number, sheet=sheet, sentence=self._say_taken(figure), figure=figure)

    def _say_taken(self, figure: Figure) -> str:
        what = number(figure.value) if figure.value is not None else figure.status.value
        behind = (say_counts(figure), figure.status.value) if figure.value is not None else ()
        remarks = ", ".join(filter(None, (*behind, f"as at {short_day(figure.as_at)}")))
        period = figure.period.replace("-Q", " Q")
        area = self.names.area_name(figure.area)
        return f"{figure.series}, {area}, {period}: {what} ({remarks})."


def _report_refusal(sheet: str, row: _Row, why: RowRefused) -> ReportLine:
    return ReportLine(row=row.number, sheet=sheet, column=why.column, found=why.found, sentence=str(why))


def _list_lines(header: Header, row: _Row) -> Iterator[Line]:
    """The figures a row holds. An empty cell under a series or period is no figure; an empty value column may be."""

    def text(name: str) -> str:
        return _read_cell(row.cells, header.columns.get(name))

    year = _read_cell(row.cells, header.year_column)
    for wanted in header.values:
        value = _read_cell(row.cells, wanted.column)
        fault = row.faults.get(str(wanted.column), "")
        if not value and not fault and (wanted.series or wanted.period):
            continue
        yield Line(
            series=wanted.series or text("series"),
            area=text("area"),
            period=wanted.period or _join_period(text("period"), year) or header.stated,
            value=value,
            fault=fault,
            cell=f"{_name_column(wanted.column)}{row.number}",
            others={name: text(name) for name in _OTHERS},
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


def _find_header(rows: Sequence[_Row], series: Mapping[str, str]) -> Header | None:
    """The header among a sheet's rows; None when no row names an area.

    `series` maps what a column may be called (`simplify_name` of refs and titles) to the series' ref.
    """
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        named = [simplify_name(text) for text in row.cells]
        columns = _find_columns(named)
        if "area" not in columns:
            continue
        values = _find_values(row.cells, named, columns, series)
        if values or len([name for name in named if name]) > 2:
            above = " ".join(text for line in rows[:place] for text in line.cells)
            stated = cells_read.find_periods(above)
            return Header(
                row=row.number,
                columns=columns,
                year_column=_find_year_column(named, columns),
                values=values,
                stated=stated[0] if len(stated) == 1 else "",
            )
    return None


def _find_unfit(header: Header) -> RowRefused | None:
    """Why every row of a table is refused: it does not say what its figures are."""
    if header.is_undated:
        return RowRefused(
            "period",
            "",
            "The file does not say which period its figures are for. "
            "Add a column 'period' with a quarter (2014/15-Q2) or a financial year (2011/12).",
        )
    if not header.values:
        return RowRefused(
            "series",
            "",
            "The file does not say which series its figures are of. Add a column 'series' with the ref (M12a) "
            "and a column 'value', or name each column of figures by its series' ref.",
        )
    return None


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
