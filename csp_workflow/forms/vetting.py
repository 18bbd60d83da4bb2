"""Vets the parts of a workbook that are read, and notes what the reading library would lose.

Merged ranges, formulas, hidden rows, footers and far rows are noted here and left out of what
openpyxl gets, because it hides values under merges and hangs on far or huge ranges.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from csp_workflow.forms.markup import Markup
from csp_workflow.mail.file_kinds import FileRefused

ROWS = 2_000
COLUMNS = 60
FAR_ROW = 100_000
FAR_COLUMN = 1_000
CELLS = 250_000
SHEETS = 100
MERGES = 20_000
MERGED_CELLS = 600_000
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_TEXT_LIMIT = 40_000

Place = tuple[int, int]


@dataclass(kw_only=True)
class SheetNotes:
    """What was noted of one sheet. Places are (row, column), both from 1.

    `formulas` gives the formula and whether its result was saved; `merges` are (first row, first
    column, last row, last column); `far` says whether something beyond the window was passed over.
    """

    name: str = ""
    state: str = "visible"
    formulas: dict[Place, tuple[str, bool]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    print_texts: list[str] = field(default_factory=list)
    comments: dict[Place, str] = field(default_factory=dict)
    struck: set[Place] = field(default_factory=set)
    has_picture: bool = False
    far: bool = False
    cells: int = 0
    merged_cells: int = 0


class SheetPass(Markup):
    """Reads a worksheet part; keeps its cells within the window only."""

    keep = frozenset({"sheetData"})

    def __init__(self, data: bytes, notes: SheetNotes) -> None:
        super().__init__(data)
        self.notes = notes
        self._row = self._column = 0
        self._is_far = False
        self._shared: dict[str, str] = {}
        self._formula: list[str] | None = None
        self._formula_index = ""
        self._has_formula = self._has_value = False
        self._said: list[str] = []
        self._hearing = ""

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note rows, cells, formulas, merges, hidden columns and print texts."""
        if name == "c":
            self._begin_cell(attributes)
        elif name in _HEARD:
            self._hear(name, attributes)
        elif name == "row":
            self._begin_row(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "col":
            self._hidden_column(attributes)
        elif name == "strike" and attributes.get("val", "1") in {"1", "true"}:
            self.notes.struck.add((self._row, self._column))

    def ends(self, name: str) -> None:
        """Close what was heard."""
        if name == self._hearing:
            self._heard("".join(self._said))
        elif name == "c":
            self._end_cell()

    def says(self, text: str) -> None:
        """Text of a value, a formula or a footer."""
        if self._hearing and len(self._said) < _TEXT_LIMIT:
            self._said.append(text)

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        self._row = _whole(attributes.get("r", ""), self._row + 1)
        self._column = 0
        self._is_far = self._row > ROWS
        if self._is_far:
            self.cut()
        elif attributes.get("hidden") in {"1", "true"}:
            self.notes.hidden_rows.add(self._row)

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            row, self._column = place_of(place)
            if row != self._row:
                raise FileRefused("hostile")
        self._has_formula = False
        self._has_value = attributes.get("t") == "str"
        if self._column > COLUMNS or self._is_far:
            return
        self.notes.cells += 1
        if self.notes.cells > CELLS:
            raise FileRefused("too large")

    def _hear(self, name: str, attributes: Mapping[str, str]) -> None:
        self._hearing, self._said = name, []
        if name == "f":
            self._formula_index = attributes.get("si", "") if attributes.get("t") == "shared" else ""

    def _heard(self, text: str) -> None:
        name, self._hearing = self._hearing, ""
        if name in _PRINTED:
            self.notes.print_texts.append(text[:500])
        elif name == "f":
            self._has_formula = True
            if self._formula_index:
                text = self._shared.setdefault(self._formula_index, text)
            self._formula = [text]
        elif text.strip():
            self._has_value = True
            self._far_value()

    def _far_value(self) -> None:
        if self._row > FAR_ROW or self._column > FAR_COLUMN:
            raise FileRefused("far value")
        if self._is_far or self._column > COLUMNS:
            self.notes.far = True

    def _end_cell(self) -> None:
        if self._has_formula and not self._is_far and self._formula:
            self.notes.formulas[self._row, self._column] = ("=" + self._formula[0][:1000], self._has_value)

    def _merge(self, ref: str) -> None:
        first, _, last = ref.partition(":")
        corners = (*place_of(first), *place_of(last or first))
        rows = min(corners[2], ROWS) - corners[0] + 1
        columns = min(corners[3], COLUMNS) - corners[1] + 1
        if rows < 1 or columns < 1 or corners[:2] == corners[2:]:
            return
        self.notes.merges.append(corners)
        self.notes.merged_cells += rows * columns
        if len(self.notes.merges) > MERGES or self.notes.merged_cells > MERGED_CELLS:
            raise FileRefused("too large")

    def _hidden_column(self, attributes: Mapping[str, str]) -> None:
        if attributes.get("hidden") in {"1", "true"}:
            first, last = _whole(attributes.get("min", ""), 1), _whole(attributes.get("max", ""), 1)
            self.notes.hidden_columns.update(range(first, min(last, COLUMNS) + 1))


_PRINTED = frozenset({"oddHeader", "oddFooter", "evenFooter", "firstFooter"})
_HEARD = _PRINTED | {"f", "v", "t"}


def column_number(letters: str) -> int:
    """A column's number from its letters: "A" is 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def place_of(text: str) -> Place:
    """A cell's name as (row, column): "P7" is (7, 16). Raises FileRefused for anything else."""
    match = _PLACE.fullmatch(text)
    if not match:
        raise FileRefused("hostile")
    return int(match[2]), column_number(match[1])


def _whole(text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    if not text.isdecimal() or len(text) > 9:
        raise FileRefused("hostile")
    return int(text)
