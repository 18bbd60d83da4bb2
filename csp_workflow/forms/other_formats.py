"""Workbooks saved as .xls, .xlsb or .ods: their values, as far as those formats give them.

Formats of numbers, notes, strike-outs, formulas and hidden rows do not come out of them, and an error in a
cell (#DIV/0!) comes out as nothing; so such a file is read only where the form's own reference has survived,
and whoever sent it is told that values alone were read.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from csp_workflow.forms.grids import Grid
from csp_workflow.forms.vetting import COLUMNS, FAR_COLUMN, FAR_ROW, ROWS, SHEETS, Place, SheetNotes
from csp_workflow.mail.file_kinds import FileRefused


@dataclass(frozen=True)
class _Font:
    strike: bool = False


@dataclass(frozen=True, kw_only=True)
class _Value:
    """A cell that is nothing but its value, in the shape that a `Grid` reads."""

    value: Any
    data_type: str
    number_format: str = ""
    font: _Font = field(default_factory=_Font)


def grids(data: bytes) -> tuple[Grid, ...]:
    """Every sheet's grid. Raises FileRefused for a password, too many sheets, or cells far outside the form."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except python_calamine.PasswordError as fault:
        raise FileRefused("password") from fault
    if len(book.sheet_names) > SHEETS:
        raise FileRefused("hostile")
    states = {about.name: about.visible for about in book.sheets_metadata}
    return tuple(
        _grid(book.get_sheet_by_name(name), states.get(name) == python_calamine.SheetVisibleEnum.Visible)
        for name in book.sheet_names
    )


def _grid(sheet: Any, is_visible: bool) -> Grid:
    if sheet.total_height > FAR_ROW or sheet.total_width > FAR_COLUMN:
        raise FileRefused("far value")
    cells: dict[Place, Any] = {}
    for row, values in enumerate(sheet.to_python(skip_empty_area=False, nrows=ROWS), start=1):
        for column, value in enumerate(values[:COLUMNS], start=1):
            if value not in ("", None):
                cells[row, column] = _Value(value=value, data_type=_kind(value))
    merges = [(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in sheet.merged_cell_ranges or ()]
    notes = SheetNotes(
        name=sheet.name,
        state="visible" if is_visible else "hidden",
        merges=[merge for merge in merges if merge[0] <= ROWS and merge[1] <= COLUMNS],
        far=sheet.total_height > ROWS or sheet.total_width > COLUMNS,
    )
    return Grid(notes, cells)


def _kind(value: Any) -> str:
    """The type of a value in a spreadsheet's own letters."""
    if isinstance(value, bool):
        return "b"
    if isinstance(value, int | float):
        return "n"
    return "d" if isinstance(value, datetime | date | time | timedelta) else "s"
