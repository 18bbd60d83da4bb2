"""Figures from a file: history, published figures and the force's extract, with a report row by row.

The file's bare table comes from the sandbox (`forms.table`). The header row is found, wherever it stands and
however it is worded. Nothing is guessed: a row that is not clear is refused, with what was found and what to do,
and the others are taken.

Three layouts are read: a row for each figure; a row for each area with a column for each series; a row for
each area and series with a column for each period.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from csp_workflow.request import figures_cells as cells_read
from csp_workflow.request.figures_cells import KnownNames, Line, RowRefused, simplify_name
from csp_workflow.request.figures_table import (
    HEADER_WITHIN,
    Imported,
    ReportLine,
    TableRow,
    find_columns,
    open_sheets,
    report_refusal,
)
from csp_workflow.terms.figures import Figure, Provenance
from csp_workflow.terms.phrases import number, say_counts, short_day
from csp_workflow.terms.site import Site

NATIONAL = ("police force area code", "police force area name")
"""Headers that only a table of the whole country has: most of its rows are of other people's areas."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "series": ("series", "series ref", "ref", "reference", "measure ref", "measure", "indicator"),
    "area": (
        "area code", "csp code", "community safety partnership code", "ons code", "code", "area",
        "csp", "csp name", "community safety partnership name", "community safety partnership",
        "area name", "local authority code", "local authority", "local authority name", "place", "geography",
        *NATIONAL,
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

_OTHERS = ("as_at", "numerator", "base", "status", "source", "licence", "illustrative", "note")


def read_figures(table: object, origin: Provenance, *, site: Site, as_at: date) -> Imported:
    """Understand a file of figures. Never raises for what the file holds.

    `table` is what `forms.table.read_table` returned, None when the sandbox gave nothing back. `origin` is the file
    with its hash; its name stands as source where a row names none. `as_at` is the day of the import: a row without an
    as-at day gets it, and none may be later.
    """
    sheets, refusal = open_sheets(table)
    if refusal:
        return Imported(lines=(ReportLine(row=0, sheet="", found=origin.source, sentence=refusal),))
    reading = _Reading(KnownNames(site), as_at, origin)
    headers = [_find_header(rows, reading.names.columns) for _, rows in sheets]
    lines = [
        line
        for (sheet, rows), header in zip(sheets, headers, strict=True)
        for row in rows
        if header and row.number > header.row.number
        for line in reading.read_row(sheet, header, row)
    ]
    if not lines:
        none = f"No table of figures was found. The first row should name the columns: {', '.join(COLUMNS)} and so on."
        none = "No row is of an area of the site or of a comparison group." if reading.elsewhere else none
        lines.append(ReportLine(row=0, sheet="", found=origin.source, sentence=none))
    passed = (sheet for (sheet, rows), header in zip(sheets, headers, strict=True) if rows and not header)
    remarks = [f"The sheet '{sheet}' was not read: no row in it names the columns." for sheet in passed]
    if reading.elsewhere:
        remarks.append(f"{reading.elsewhere} rows are of areas that neither the site nor a comparison group has.")
    return Imported(lines=tuple(lines), remarks=tuple(remarks))


class _Reading:
    """A file while it is read: which figures it has given already, and where."""

    def __init__(self, names: KnownNames, as_at: date, origin: Provenance) -> None:
        self.names, self._as_at, self._origin = names, as_at, origin
        self.elsewhere = 0
        self._seen: dict[tuple[str, str, str, date], str] = {}

    def read_row(self, sheet: str, header: Header, row: TableRow) -> Iterator[ReportLine]:
        """What becomes of each figure of a row; `elsewhere` counts the rows of other people's areas."""
        unfit = _find_unfit(header)
        if unfit:
            yield report_refusal(sheet, row, unfit)
            return
        is_elsewhere = False
        for line in _list_lines(header, row):
            try:
                yield self._take(sheet, row, line)
            except RowRefused as refusal:
                is_elsewhere = header.is_national and refusal.column == "area"
                if not is_elsewhere:
                    yield report_refusal(sheet, row, refusal)
        self.elsewhere += is_elsewhere

    def _take(self, sheet: str, row: TableRow, line: Line) -> ReportLine:
        origin = replace(self._origin, sheet=sheet)
        figure = cells_read.read_figure(line, self.names, as_at=self._as_at, origin=origin)
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


def _list_lines(header: Header, row: TableRow) -> Iterator[Line]:
    """The figures a row holds. An empty cell under a series or period is no figure; an empty value column may be."""

    def text(name: str) -> str:
        return row.text(header.columns.get(name))

    year = row.text(header.year_column)
    area = next(filter(None, map(row.text, header.areas)), "")
    for wanted in header.values:
        value = row.text(wanted.column)
        fault = row.faults.get(str(wanted.column), "")
        if not value and not fault and (wanted.series or wanted.period):
            continue
        yield Line(
            series=wanted.series or text("series"),
            area=area,
            period=wanted.period or _join_period(text("period"), year) or header.stated,
            value=value,
            fault=fault,
            cell=row.name_cell(wanted.column, header.row),
            others={name: text(name) for name in _OTHERS},
        )


def _join_period(period: str, year: str) -> str:
    """A quarter's number beside a year, as in the Home Office's files, is one period."""
    digits = period.upper().removeprefix("Q").strip()
    return f"{year} Q{digits}" if year and digits in {"1", "2", "3", "4"} else period


# The header ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ValueColumn:
    """A column that holds figures, with the series or period its header names ("" where the row names it)."""

    column: int
    series: str = ""
    period: str = ""


@dataclass(frozen=True, kw_only=True)
class Header:
    """Where a table's columns stand, from 0; `areas` are all that may name one, the surest first.

    `stated` is the period written above the table, or "". `has_changes` says that what stands there are no counts.
    """

    row: TableRow
    columns: Mapping[str, int] = field(default_factory=dict)
    areas: tuple[int, ...] = ()
    year_column: int | None = None
    values: tuple[ValueColumn, ...] = ()
    stated: str = ""
    is_national: bool = False
    has_changes: bool = False

    @property
    def is_undated(self) -> bool:
        """Whether nothing anywhere says which period the figures are for."""
        return "period" not in self.columns and not self.stated and not any(v.period for v in self.values)


def _find_header(rows: Sequence[TableRow], series: Mapping[str, str]) -> Header | None:
    """The header among a sheet's rows; None when no row names an area.

    `series` maps what a column may be called (`simplify_name` of refs and titles) to the series' ref.
    """
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        named = [simplify_name(text) for text in row.cells]
        columns = find_columns(named, FIELDS)
        if "area" not in columns:
            continue
        values = _find_values(row.cells, named, columns, series)
        if values or len([name for name in named if name]) > 2:
            above = " ".join(text for line in rows[:place] for text in line.cells)
            stated = cells_read.find_periods(above)
            return Header(
                row=row,
                columns=columns,
                areas=tuple(named.index(name) for name in FIELDS["area"] if name in named),
                year_column=_find_year_column(named, columns),
                values=values,
                stated=stated[0] if len(stated) == 1 else "",
                is_national=any(name in named for name in NATIONAL),
                has_changes=bool(_NO_COUNTS.search(above)),
            )
    return None


_NO_COUNTS = re.compile(r"per ?cent(age)? change|% change|rates? per", re.IGNORECASE)


def _find_unfit(header: Header) -> RowRefused | None:
    """Why every row of a table is refused: it does not say what its figures are, or they are no counts."""
    if header.has_changes and any(wanted.series for wanted in header.values):
        return RowRefused(
            "value",
            "",
            "The title says that these are changes or rates. Load the table of the counts behind them.",
        )
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


def _find_year_column(named: Sequence[str], columns: Mapping[str, int]) -> int | None:
    """The column with the year where another holds only the quarter's number, as in the Home Office's files."""
    for header in ("financial year", "year"):
        if header in named and columns.get("period") not in {None, named.index(header)}:
            return named.index(header)
    return None


def _read_mid_year(text: str) -> str:
    """The middle of a year that a header names in so many words: a year alone may be anything."""
    return cells_read.read_mid_year(text) if "mid" in text.casefold() else ""


def _find_values(
    texts: Sequence[str], named: Sequence[str], columns: Mapping[str, int], series: Mapping[str, str]
) -> tuple[ValueColumn, ...]:
    if "series" in columns and "value" in columns:
        return (ValueColumn(column=columns["value"]),)
    if "series" in columns:
        dated = ((column, cells_read.read_period(text) or _read_mid_year(text)) for column, text in enumerate(texts))
        return tuple(ValueColumn(column=column, period=period) for column, period in dated if period)
    return tuple(
        ValueColumn(column=column, series=series[name])
        for column, name in enumerate(named)
        if name in series and column not in columns.values()
    )
