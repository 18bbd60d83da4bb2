"""Reads the rows of found tables: figures by area code and ref, boxes by ref, the sign-off by label."""

from __future__ import annotations

import re
from collections.abc import Iterator

from csp_workflow.forms import layout
from csp_workflow.forms.grids import Grid
from csp_workflow.forms.tables import Table
from csp_workflow.terms.returns import Cell, CellType, ReadFigureRow, ReadText

_TARGET = re.compile(r"^=?(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Za-z]{1,3})\$?(\d{1,7})$")
_INPUTS = frozenset(layout.same(header) for header in layout.FIGURE_INPUTS)
_KEYS = frozenset(layout.same(header) for header in (layout.AREA_CODE, layout.REF))
_LABELS = {
    layout.COMPLETED_BY: "completedby",
    layout.POSITION: "position",
    layout.DATE: "date",
    layout.NIL: "nilreturn",
    layout.DECLINE: "wedecline",
    layout.REASON: "reason,ifnil",
}
_WHOLE = {layout.POSITION, layout.DATE}

Names = dict[str, tuple[str, str]]


def targets(names: tuple[tuple[str, str], ...]) -> Names:
    """Our defined names in small letters, with the sheet and cell each points at."""
    found: Names = {}
    for name, says in names:
        match = _TARGET.match(says) if name.casefold().startswith("in_") else None
        if match:
            sheet = (match[1] or match[2]).replace("''", "'")
            found[name.casefold()] = (sheet, f"{match[3].upper()}{match[4]}")
    return found


def figure_rows(table: Table, names: Names) -> Iterator[ReadFigureRow]:
    """Every row of a figures table that has a ref, duplicates too."""
    grid = table.grid
    for row in table.rows:
        area, ref = table.text(row, layout.AREA_CODE), table.text(row, layout.REF)
        if not ref:
            continue
        cells = {header: _cell(table, row, header) for header in layout.FIGURE_INPUTS}
        yield ReadFigureRow(
            area_code=area,
            ref=ref,
            sheet=grid.name,
            row=row,
            this_quarter=cells[layout.THIS_QUARTER],
            status=cells[layout.STATUS],
            drove_it=cells[layout.DROVE_IT],
            note=cells[layout.NOTE],
            named=_named(names, area, ref, grid.name),
            hidden=row in grid.notes.hidden_rows,
            neighbours=_neighbours(table, row),
        )


def unkept_rows(table: Table) -> Iterator[str]:
    """What was written in a figures table on rows of one's own, which have no ref of ours. Nothing is said of
    rows whose refs cannot be seen because the heading itself is gone: that is said once, of the heading."""
    for row in table.rows if table.column(layout.REF) else ():
        if table.text(row, layout.REF):
            continue
        said = table.text(row, layout.MEASURE) or table.text(row, layout.AREA)
        if table.text(row, layout.THIS_QUARTER) or said:
            what = f"'{said[:60]}' " if said else "a figure "
            yield f"We did not record {what}(row {row} of '{table.grid.name}'): the row has no ref of ours."


def texts(table: Table, value: str, extra: str) -> Iterator[ReadText]:
    """The boxes of a summary or actions table, by ref."""
    for row in table.rows:
        ref = table.text(row, layout.REF)
        if ref:
            yield ReadText(ref=ref, value=_cell(table, row, value), extra=_cell(table, row, extra))


def sign_off(grid: Grid) -> tuple[ReadText, ...]:
    """The sign-off lines of a sheet; none when it does not say "Completed by"."""
    found: dict[str, tuple[int, int]] = {}
    entry_column = None
    for row, column, text in _cells_of(grid):
        said = layout.same(text)
        if said == layout.same(layout.ENTRY):
            entry_column = column
        for label, start in _LABELS.items():
            if said == start or (label not in _WHOLE and said.startswith(start)):
                found.setdefault(label, (row, column))
    if layout.COMPLETED_BY not in found:
        return ()
    return tuple(
        ReadText(ref=label, value=grid.cell(row, entry_column or column + 1)) for label, (row, column) in found.items()
    )


def input_places(table: Table) -> set[tuple[int, int]]:
    """Where a table's inputs stand, for the rows that have a ref."""
    columns = [table.column(header) for header in table.kind.needed if header not in {layout.AREA_CODE, layout.REF}]
    rows = [row for row in table.rows if table.text(row, layout.REF)]
    return {(row, column) for row in rows for column in columns if column}


def _cells_of(grid: Grid) -> Iterator[tuple[int, int, str]]:
    for row in sorted(grid.rows):
        for column, text in sorted(grid.rows[row].items()):
            if len(text) <= 100:
                yield row, column, text


def _cell(table: Table, row: int, header: str) -> Cell:
    column = table.column(header)
    if column is None:
        return Cell(sheet=table.grid.name, cell="", type=CellType.BLANK)
    return table.grid.cell(row, column)


def _named(names: Names, area: str, ref: str, sheet: str) -> str:
    place = names.get(layout.figure_name(area, ref).casefold())
    if not place:
        return ""
    return place[1] if place[0] == sheet else f"{place[0]}!{place[1]}"


def _neighbours(table: Table, row: int) -> tuple[tuple[str, str], ...]:
    """The locked columns' headers as they stand, with what stands under them now."""
    header_row = table.grid.rows[table.header_row]
    return tuple(
        (" ".join(header_row[column].split()), table.grid.text(row, column))
        for said, column in sorted(table.columns.items(), key=lambda item: item[1])
        if said not in _INPUTS and said not in _KEYS
    )
