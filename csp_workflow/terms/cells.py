"""Cells of a workbook that came back, as they were found; nothing is judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CellType(StrEnum):
    """What a cell holds, as the file says."""

    BLANK = "blank"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"


RAISED = " with a raised "
"""What stands before a part of a text that is above or below the line, where it is said what is seen."""


ONLY_IN_EXCEL = "what other programs show as #VALUE!"
"""What is found of a cell that holds neither number nor words: a picture in it, or data from elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell as found. `text` is its value as text ("1204.5", "c. 35", "#DIV/0!", an ISO date).

    `shown` is what a person sees of it where that is another text ("63%"), None where that cannot be said; `hidden`
    that nothing of it is seen. `rivals` are cells that answer the same and say something else;
    `is_named`: the name that our form gave it still points at it.
    """

    sheet: str
    cell: str
    type: CellType
    text: str = ""
    shown: str | None = ""
    hidden: bool = False
    formula: str = ""
    note: str = ""
    struck: bool = False
    uncalculated: bool = False
    rivals: tuple[Cell, ...] = ()
    is_named: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing was found (white space counts as nothing)."""
        return self.type is CellType.BLANK or not self.text.strip()

    @property
    def seen(self) -> str:
        """What a person sees, with what the cell holds beside it where that is something else."""
        if self.hidden:
            return f"{self.text}, which cannot be seen on the screen"
        return f"{self.shown}, where the cell holds {self.text}" if self.shown else self.text


@dataclass(frozen=True, kw_only=True)
class ReadRow:
    """A row of a year's catalogue or of a set-up, each cell by its header.

    `table` is "measures", "objectives" or "all" of a catalogue; of a set-up a sheet's title, or what else it is.
    """

    table: str
    ref: str
    sheet: str
    row: int
    cells: tuple[tuple[str, Cell], ...]

    def cell(self, header: str) -> Cell | None:
        """What stands under a header; None where the column is gone."""
        return next((cell for name, cell in self.cells if name == header), None)
