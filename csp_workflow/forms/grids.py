"""The cells of a sheet as found: their text, and the whole cell where somebody may have typed.

Workbooks saved as .xls, .xlsb or .ods give their values only: formats of numbers, notes, strike-outs, formulas and
hidden rows do not come out of them, and an error in a cell (#DIV/0!) comes out as nothing. So such a file is read
only where the form's own reference has survived, and whoever sent it is told that values alone were read.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils import get_column_letter

from csp_workflow.forms import layout
from csp_workflow.forms.markup import COLUMNS, FAR_COLUMN, FAR_ROW, ROWS, SHEETS, Place, SheetNotes
from csp_workflow.forms.vetting import Vetted
from csp_workflow.mail.file_kinds import FileRefused
from csp_workflow.terms.phrases import plain_number
from csp_workflow.terms.returns import Cell, CellType

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TYPES = {"n": CellType.NUMBER, "b": CellType.BOOLEAN, "e": CellType.ERROR, "d": CellType.DATE}
_LONGEST = 32_767


class Grid:
    """One sheet's cells within the window. Places are (row, column), both from 1."""

    def __init__(self, notes: SheetNotes, cells: dict[Place, Any]) -> None:
        self.notes = notes
        self._cells = cells
        self._covered = {place: (m[0], m[1]) for m in notes.merges for place in _places_under(m)}
        self.rows: dict[int, dict[int, str]] = {}
        for (row, column), cell in cells.items():
            text = text_of(cell.value)
            if text.strip() and (row, column) not in self._covered:
                self.rows.setdefault(row, {})[column] = text

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.notes.name

    def text(self, row: int, column: int) -> str:
        """What stands there, trimmed; a cell under a merged range shows what the range shows."""
        row, column = self._covered.get((row, column), (row, column))
        return self.rows.get(row, {}).get(column, "").strip()

    def cell(self, row: int, column: int) -> Cell:
        """The whole cell. A cell under a merged range is blank: nobody sees what the file keeps there."""
        at = f"{get_column_letter(column)}{row}"
        formula, is_saved = self.notes.formulas.get((row, column), ("", True))
        note = self.notes.comments.get((row, column), "")
        if note.startswith(layout.NOTE_OPENING.strip()):
            note = ""
        found = None if (row, column) in self._covered else self._cells.get((row, column))
        if found is None:
            return Cell(
                sheet=self.name, cell=at, type=CellType.BLANK, formula=formula, note=note,
                uncalculated=bool(formula) and not is_saved,
            )  # fmt: skip
        text = text_of(found.value)
        is_number = text and found.data_type in _TYPES
        return Cell(
            sheet=self.name,
            cell=at,
            type=_TYPES[found.data_type] if is_number else CellType.TEXT if text else CellType.BLANK,
            text=text,
            number_format=str(found.number_format or ""),
            formula=formula,
            note=note,
            struck=(row, column) in self.notes.struck or _is_struck(found),
        )

    def merges_over(self, places: set[Place]) -> Iterator[str]:
        """The merged ranges that lie over some of these places, such as "P7:P9"."""
        for first_row, first, last_row, last in self.notes.merges:
            if any(first_row <= row <= last_row and first <= column <= last for row, column in places):
                yield f"{get_column_letter(first)}{first_row}:{get_column_letter(last)}{last_row}"


def load_grids(vetted: Vetted) -> tuple[Grid, ...]:
    """Every sheet's grid. openpyxl raises whatever it raises on a damaged part."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(vetted.slim), read_only=True, data_only=True, keep_links=False, rich_text=True)
        try:
            pairs = zip(vetted.sheets, book.worksheets, strict=True)
            return tuple(Grid(notes, _cells(sheet)) for notes, sheet in pairs)
        finally:
            book.close()


def _cells(sheet: Any) -> dict[Place, Any]:
    window = sheet.iter_rows(min_row=1, max_row=ROWS, min_col=1, max_col=COLUMNS)
    return {(c.row, c.column): c for row in window for c in row if c.value is not None}


def _places_under(merge: tuple[int, int, int, int]) -> Iterator[Place]:
    """The places a merged range hides, within the window."""
    first_row, first, last_row, last = merge
    for row in range(first_row, min(last_row, ROWS) + 1):
        for column in range(first, min(last, COLUMNS) + 1):
            if (row, column) != (first_row, first):
                yield row, column


def text_of(value: Any) -> str:
    """A value as text: numbers exactly as people see them typed, dates as ISO, the rest as it stands."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number_text(value)
    if isinstance(value, datetime | date | time):
        return _moment_text(value)
    if isinstance(value, timedelta):
        return str(value)
    text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), str(value)) if "_x" in str(value) else str(value)
    return text.replace("\r\n", "\n").replace("\r", "\n")[:_LONGEST]


def _number_text(value: float) -> str:
    """Fifteen figures, which is what a spreadsheet holds: 1204.0 is 1204 and 0.30000000000000004 is 0.3."""
    if isinstance(value, int):
        return str(value)
    exact = Decimal(f"{value:.15g}")
    if not exact.is_finite():
        return "#NUM!"
    return plain_number(exact)


def _moment_text(value: datetime | date | time) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat()


def _is_struck(cell: Any) -> bool:
    """Whether the cell, or a part of its text, is struck through."""
    if cell.font.strike:
        return True
    if not isinstance(cell.value, CellRichText):
        return False
    return any(isinstance(run, TextBlock) and run.font.strike for run in cell.value)


# Other formats -----------------------------------------------------------------------------------


def import_calamine() -> None:
    """Import what `load_values` needs."""
    import python_calamine  # noqa: F401


_PLAIN_FONT = SimpleNamespace(strike=False)


def load_values(data: bytes) -> tuple[Grid, ...]:
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
                cells[row, column] = SimpleNamespace(  # a cell that is nothing but its value, as a `Grid` reads it
                    value=value, data_type=_name_type(value), number_format="", font=_PLAIN_FONT
                )
    merges = [(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in sheet.merged_cell_ranges or ()]
    notes = SheetNotes(
        name=sheet.name,
        state="visible" if is_visible else "hidden",
        merges=[merge for merge in merges if merge[0] <= ROWS and merge[1] <= COLUMNS],
        far=sheet.total_height > ROWS or sheet.total_width > COLUMNS,
    )
    return Grid(notes, cells)


def _name_type(value: Any) -> str:
    """The type of a value in a spreadsheet's own letters."""
    if isinstance(value, bool):
        return "b"
    if isinstance(value, int | float):
        return "n"
    return "d" if isinstance(value, datetime | date | time | timedelta) else "s"
