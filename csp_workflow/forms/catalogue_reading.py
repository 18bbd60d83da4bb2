"""Reads what came back of a catalogue: rows found by their headers on whatever sheet, nothing judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from csp_workflow.forms import catalogue as words
from csp_workflow.forms import layout
from csp_workflow.forms.grids import Grid
from csp_workflow.forms.layout import REF, same
from csp_workflow.terms.cells import ReadRow

_TABLES = {
    "measures": (words.COUNT_WHAT, tuple(c.header for c in words.MEASURE_COLUMNS)),
    "objectives": (words.AIM, tuple(c.header for c in words.OBJECTIVE_COLUMNS)),
}
"""By what header each table is told, and all its headers."""


def read_catalogue(grids: Iterable[Grid]) -> tuple[ReadRow, ...]:
    """Every row of a catalogue's tables, and the tick for all of them."""
    return tuple(row for grid in grids for row in (*_read_tables(grid), *_read_tick(grid)))


def _read_tables(grid: Grid) -> Iterator[ReadRow]:
    heads = [(row, table) for row in sorted(grid.rows) if (table := _find_table(grid, row))]
    ends = [*(row for row, _ in heads[1:]), max(grid.rows, default=0) + 1]
    for (head, table), end in zip(heads, ends, strict=False):
        known = {same(header): header for header in _TABLES[table][1]}
        headers = {c: known.get(same(text), " ".join(text.split())) for c, text in grid.rows[head].items()}
        for row in (r for r in sorted(grid.rows) if head < r < end):
            yield from _read_row(grid, table, row, headers)


def _find_table(grid: Grid, row: int) -> str:
    have = {same(text) for text in grid.rows[row].values() if len(text) <= 100}
    return next((table for table, (tell, _) in _TABLES.items() if {same(REF), same(tell)} <= have), "")


def _read_row(grid: Grid, table: str, row: int, headers: dict[int, str]) -> Iterator[ReadRow]:
    """A row with anything in it but a ref, or with a ref alone."""
    ref = next((grid.text(row, column) for column, header in headers.items() if header == REF), "")
    cells = tuple((header, grid.cell(row, column)) for column, header in headers.items() if header != REF)
    if ref or any(not cell.is_blank for _, cell in cells):
        yield ReadRow(table=table, ref=ref, sheet=grid.name, row=row, cells=cells)


def _read_tick(grid: Grid) -> Iterator[ReadRow]:
    label = same(words.ALL_AS_LAST_YEAR)
    for row in sorted(grid.rows):
        for column, text in sorted(grid.rows[row].items()):
            if len(text) <= 100 and same(text) == label:
                cells = ((words.ALL_AS_LAST_YEAR, grid.cell(row, column + 1)),)
                yield ReadRow(table="all", ref="", sheet=grid.name, row=row, cells=cells)


def is_ours(name: str) -> bool:
    """Whether a sheet's name is one of a catalogue's."""
    ours = (layout.START, words.PLAN, words.MEASURES, words.OBJECTIVES, layout.SIGN_OFF)
    return same(name) in map(same, ours)
