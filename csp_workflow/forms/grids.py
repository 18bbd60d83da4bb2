"""The cells of a sheet as found: their text, what is seen of it, and the whole cell where somebody may have typed."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from openpyxl import load_workbook
from openpyxl.styles.numbers import is_date_format, is_timedelta_format
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from csp_workflow.forms import layout
from csp_workflow.forms.display import show_number, show_text
from csp_workflow.forms.looks import Look, Restyling, is_in_doubt
from csp_workflow.forms.markup import COLUMNS, ROWS, Place, SheetNotes
from csp_workflow.forms.vetting import Vetted
from csp_workflow.mail.files import OUR_FAILURES
from csp_workflow.terms.cells import ONLY_IN_EXCEL, RAISED, Cell, CellType
from csp_workflow.terms.phrases import plain_number

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TYPES = {"n": CellType.NUMBER, "b": CellType.BOOLEAN, "e": CellType.ERROR, "d": CellType.DATE}
_LONGEST = 32_767
NO_NUMBER = "#NUM!"
PLAIN = Look()


@dataclass(frozen=True, slots=True)
class FoundCell:
    """A cell as a file has it. `kind` is a spreadsheet's own letter: n, s, b, e (error) or d (a day or a time).

    `shown` is its text on the screen where the file itself tells it.
    """

    value: Any
    kind: str
    look: Look = PLAIN
    shown: str | None = None


class Grid:
    """One sheet's cells within the window. Places are (row, column), both from 1."""

    def __init__(self, notes: SheetNotes, cells: Mapping[Place, FoundCell]) -> None:
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
        note = layout.leave_out_ours(self.notes.comments.get((row, column), ""))
        found = None if (row, column) in self._covered else self._cells.get((row, column))
        if found is None:
            return Cell(
                sheet=self.name, cell=at, type=CellType.BLANK, formula=formula, note=note,
                uncalculated=bool(formula) and not is_saved,
            )  # fmt: skip
        text = text_of(found.value)
        shown = self._show((row, column), found, text) if text else ""
        return Cell(
            sheet=self.name,
            cell=at,
            type=_TYPES.get(found.kind, CellType.TEXT) if text else CellType.BLANK,
            text=text,
            shown=shown if shown != text else "",
            hidden=shown is not None and not shown.strip() and bool(text.strip()),
            formula=formula,
            note=note,
            struck=self.is_struck((row, column)),
            uncalculated=bool(formula) and not is_saved,
        )

    def seen(self, row: int, column: int) -> str:
        """What a person sees, and of a number also what the cell holds where that is something else."""
        found = self._cells.get((row, column))
        is_styled = found is not None and found.kind == "n" and found.look.number_format not in {"", "General"}
        return self.cell(row, column).seen if is_styled else self.rows[row][column]

    def _show(self, place: Place, found: FoundCell, text: str) -> str | None:
        """What a person sees of a cell: "" where nothing, None where that cannot be said."""
        if found.look.hidden or (self.notes.hides_noughts and found.kind == "n" and not found.value):
            return ""
        changes = [change for (a, b, c, d), change in self.notes.changes if a <= place[0] <= c and b <= place[1] <= d]
        parts = (Restyling(ink=ink) for ink in self.notes.inks.get(place, ()))
        if is_in_doubt(found.look, found.kind, (*found.look.changes, *changes, *parts)):
            return None
        raised = self.notes.raised.get(place, "")
        if raised and not (len(raised) > 1 and raised.isalpha()):  # "25th" says the same as on the line
            rest = text.removesuffix(raised).rstrip() if text.endswith(raised) else text
            return f"{rest}{RAISED}{raised}"
        if found.shown is not None:
            return found.shown
        if found.kind == "n" and found.look.number_format not in {"", "General"}:
            return show_number(Decimal(text), found.look.number_format) if text != NO_NUMBER else text
        return show_text(text, found.look.number_format) if found.kind == "s" else text

    def is_struck(self, place: Place) -> bool:
        """Whether what stands there, or a part of it, is struck through."""
        found = self._cells.get(place)
        return place in self.notes.struck or (found is not None and found.look.struck)

    def merges_over(self, places: set[Place]) -> Iterator[str]:
        """The merged ranges that lie over some of these places, such as "P7:P9"."""
        for first_row, first, last_row, last in self.notes.merges:
            if any(first_row <= row <= last_row and first <= column <= last for row, column in places):
                yield f"{get_column_letter(first)}{first_row}:{get_column_letter(last)}{last_row}"


def load_grids(vetted: Vetted) -> tuple[Grid, ...]:
    """Every sheet's grid. openpyxl raises whatever it raises on a damaged part."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(vetted.slim), read_only=True, data_only=True, keep_links=False)
        try:
            pairs = zip(vetted.sheets, book.worksheets, strict=True)
            return tuple(_load_grid(notes, sheet, vetted) for notes, sheet in pairs)
        finally:
            book.close()


def _load_grid(notes: SheetNotes, sheet: Any, vetted: Vetted) -> Grid:
    """A sheet's grid. One that cannot be read is left out, and spoils no other."""
    try:
        window = sheet.iter_rows(min_row=1, max_row=ROWS, min_col=1, max_col=COLUMNS)
        found = [cell for row in window for cell in row if cell.value is not None]
        return Grid(notes, {(c.row, c.column): _find_cell(c, notes, vetted) for c in found})
    except OUR_FAILURES:
        raise
    except Exception:  # noqa: BLE001 - a damaged cell brings out faults of every kind in a parser
        return Grid(SheetNotes(name=notes.name, state=notes.state, unread="damaged"), {})


def _find_cell(cell: Any, notes: SheetNotes, vetted: Vetted) -> FoundCell:
    number = notes.looks.get((cell.row, cell.column), 0)
    look = vetted.looks[number] if number < len(vetted.looks) else PLAIN
    if (cell.row, cell.column) in notes.rich:
        return FoundCell(ONLY_IN_EXCEL, "e", look)
    if cell.data_type == "n" and is_date_format(look.number_format):
        return date_cell(cell.value, look, is_1904=vetted.is_1904)
    return FoundCell(cell.value, cell.data_type, look)


def date_cell(value: Any, look: Look, *, is_1904: bool) -> FoundCell:
    """A number that is shown as a day or a time."""
    epoch = CALENDAR_MAC_1904 if is_1904 else CALENDAR_WINDOWS_1900
    try:
        day = from_excel(value, epoch, timedelta=is_timedelta_format(look.number_format))
    except (OverflowError, ValueError):
        return FoundCell("#VALUE!", "e", look)
    return FoundCell(day, "d", look)


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
        return NO_NUMBER
    return plain_number(exact)


def _moment_text(value: datetime | date | time) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat()
