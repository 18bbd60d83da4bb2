"""The bare table of a file of figures, as its rows are read, and what is reported of each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from csp_workflow.request.figures_cells import RowRefused, simplify_name
from csp_workflow.terms.comparisons import GroupRate
from csp_workflow.terms.figures import Figure

HEADER_WITHIN = 30
"""Rows among which a table's header is looked for."""


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """What a row gave was taken, or the row (or a cell of it) was not: then `column` and `found` say what stood there.

    `row` is the number people see beside it, 0 for the file as a whole.
    """

    row: int
    sheet: str
    sentence: str
    column: str = ""
    found: str = ""
    figure: Figure | None = None
    group_rate: GroupRate | None = None

    @property
    def is_taken(self) -> bool:
        """Whether it gave anything."""
        return self.figure is not None or self.group_rate is not None


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
    def group_rates(self) -> tuple[GroupRate, ...]:
        """What was taken of an extract of comparison groups."""
        return tuple(line.group_rate for line in self.lines if line.group_rate)

    @property
    def taken(self) -> tuple[ReportLine, ...]:
        """What was taken."""
        return tuple(line for line in self.lines if line.is_taken)

    @property
    def refused(self) -> tuple[ReportLine, ...]:
        """What was not."""
        return tuple(line for line in self.lines if not line.is_taken)

    def report(self) -> tuple[dict[str, Any], ...]:
        """The report, sheet by sheet and row by row, for people and for --json."""
        lines = [*self.taken, *self.refused]
        sheets = list(dict.fromkeys(line.sheet for line in lines))
        lines.sort(key=lambda line: (sheets.index(line.sheet), line.row))
        return tuple(
            {"sheet": x.sheet, "row": x.row, "taken": x.is_taken, "column": x.column, "sentence": x.sentence}
            for x in lines
        )


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """A row of a sheet: its number, its cells as text, and what is wrong with them, by column.

    `line` is that of a CSV file on which it begins, 0 in a workbook.
    """

    number: int
    cells: Sequence[str]
    faults: Mapping[str, str]
    line: int = 0

    def text(self, column: int | None) -> str:
        """What a cell holds, "" where there is none."""
        return self.cells[column].strip() if column is not None and column < len(self.cells) else ""

    def name_cell(self, column: int, header: TableRow) -> str:
        """Where a cell is found again: "E7", or "line 7, value" in a CSV file."""
        letters = _name_column(column)
        return f"line {self.line}, {header.text(column)[:60] or letters}" if self.line else f"{letters}{self.number}"


def open_sheets(table: object) -> tuple[list[tuple[str, list[TableRow]]], str]:
    """The sheets of a file by name, or why there are none."""
    if not isinstance(table, Mapping):
        return [], "The file could not be opened within the bounds set for it. Please save it anew as CSV."
    if "refused" in table:
        return [], str(table["refused"])
    found = [sheet for sheet in table.get("sheets", ()) if isinstance(sheet, Mapping)]
    sheets = [(str(sheet.get("name", "")), list(_list_rows(sheet.get("rows", ())))) for sheet in found]
    return (sheets, "") if any(rows for _, rows in sheets) else ([], "The file is empty.")


def _list_rows(rows: Iterable[Any]) -> Iterator[TableRow]:
    for row in rows:
        if isinstance(row, Mapping) and row.get("cells"):
            faults = row.get("faults")
            yield TableRow(
                number=int(row["row"]),
                cells=[str(cell) for cell in row["cells"]],
                faults=faults if isinstance(faults, Mapping) else {},
                line=int(row.get("line", 0)),
            )


def _name_column(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def find_columns(named: Sequence[str], fields: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Where the fields of a row stand among its headers (`simplify_name`), each under the surest of its names."""
    found: dict[str, int] = {}
    for name, headers in fields.items():
        for header in map(simplify_name, headers):
            if header in named:
                found[name] = named.index(header)
                break
    return found


def report_refusal(sheet: str, row: TableRow, why: RowRefused) -> ReportLine:
    """The line of the report about a row that was not taken."""
    return ReportLine(row=row.number, sheet=sheet, column=why.column, found=why.found, sentence=str(why))
