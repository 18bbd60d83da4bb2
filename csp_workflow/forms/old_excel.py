"""Reads the old Excel format (.xls): values, number formats, strikes, comments and errors by xlrd.

Which cells hold a formula xlrd does not say, so that is read from the records themselves: some programs write a text
that a formula makes as the number 0, which must never be taken for one.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

from csp_workflow.forms.grids import FoundCell, Grid, date_cell
from csp_workflow.forms.looks import Look
from csp_workflow.forms.markup import COLUMNS, ROWS, SHEETS, Place, SheetNotes
from csp_workflow.mail.file_kinds import FileRefused, list_records, open_ole

_TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR = 1, 2, 3, 4, 5
_WHITE, _NO_FILL = {1, 9}, 0
_WORKSHEET = 0x0010
_BEGIN, _FORMULA = 0x0809, 0x0006


def import_xlrd() -> None:
    """Import what `load_old_excel` needs."""
    import xlrd  # noqa: F401


def load_old_excel(data: bytes) -> tuple[Grid, ...]:
    """Every sheet's grid. xlrd raises whatever it raises on a damaged file."""
    import xlrd

    book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    if book.nsheets > SHEETS:
        raise FileRefused("hostile")
    looks = [_look(book, format_) for format_ in book.xf_list]
    formulas = list(_list_formulas(data))
    return tuple(
        _load_sheet(book, sheet, looks, formulas[n] if n < len(formulas) else set())
        for n, sheet in enumerate(book.sheets())
    )


def _look(book: Any, format_: Any) -> Look:
    font, fill = book.font_list[format_.font_index], format_.background
    is_bare = fill.fill_pattern == _NO_FILL or fill.pattern_colour_index in _WHITE
    return Look(
        number_format=book.format_map[format_.format_key].format_str,
        struck=bool(font.struck_out),
        hidden=font.colour_index in _WHITE and is_bare,
        fill="" if is_bare else _name_colour(book.colour_map.get(fill.pattern_colour_index)),
    )


def _name_colour(colour: tuple[int, int, int] | None) -> str:
    return "pattern" if colour is None else "{:02X}{:02X}{:02X}".format(*colour)


def _load_sheet(book: Any, sheet: Any, looks: list[Look], formulas: set[Place]) -> Grid:
    notes = SheetNotes(
        name=sheet.name,
        state="hidden" if sheet.visibility else "visible",
        merges=[(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells],
        hidden_rows={row + 1 for row, about in sheet.rowinfo_map.items() if about.hidden},
        hidden_columns={column + 1 for column, about in sheet.colinfo_map.items() if about.hidden},
        comments={
            (row + 1, column + 1): note.text.strip()[:4000] for (row, column), note in sheet.cell_note_map.items()
        },
        hides_noughts=not sheet.show_zero_values,
        far=sheet.nrows > ROWS or sheet.ncols > COLUMNS,
    )
    cells = {}
    for row in range(min(sheet.nrows, ROWS)):
        for column in range(min(sheet.row_len(row), COLUMNS)):
            cell, colour = sheet.cell(row, column), looks[sheet.cell_xf_index(row, column)].fill
            if colour:
                notes.fills[row + 1, column + 1] = colour
            if cell.ctype in _KINDS and cell.value != "":
                place = row + 1, column + 1
                cells[place] = _find_cell(book, cell, looks[sheet.cell_xf_index(row, column)])
                if place in formulas:
                    notes.formulas[place] = "=", cells[place].value != 0
    for (row, column), runs in sheet.rich_text_runlist_map.items():
        _note_runs(book, notes, (row + 1, column + 1), str(sheet.cell(row, column).value), runs)
    return Grid(notes, cells)


_KINDS = {_TEXT: "s", _NUMBER: "n", _DATE: "d", _BOOLEAN: "b", _ERROR: "e"}


def _find_cell(book: Any, cell: Any, look: Look) -> FoundCell:
    import xlrd

    if cell.ctype == _DATE:
        return date_cell(cell.value, look, is_1904=bool(book.datemode))
    if cell.ctype == _ERROR:
        return FoundCell(xlrd.error_text_from_code.get(cell.value, "#VALUE!"), "e", look)
    return FoundCell(bool(cell.value) if cell.ctype == _BOOLEAN else cell.value, _KINDS[cell.ctype], look)


def _note_runs(book: Any, notes: SheetNotes, place: Place, text: str, runs: list[tuple[int, int]]) -> None:
    """What of a text is struck through, raised or lowered; each run begins where the one before ends."""
    ends = [begin for begin, _ in runs[1:]] + [len(text)]
    for (begin, number), end in zip(runs, ends, strict=True):
        font = book.font_list[number]
        if font.struck_out:
            notes.struck.add(place)
        if font.escapement and text[begin:end].strip():
            notes.raised[place] = text[begin:end].strip()[:80]


def _list_formulas(data: bytes) -> Iterator[set[Place]]:
    """The places of each sheet's formulas, sheet by sheet."""
    found: set[Place] | None = None
    for kind, content in list_records(open_ole(data, ("Workbook", "Book"))):
        if kind == _BEGIN and len(content) >= 4:
            if found is not None:
                yield found
            found = set() if struct.unpack_from("<H", content, 2)[0] == _WORKSHEET else None
        elif kind == _FORMULA and found is not None and len(content) >= 4:
            row, column = struct.unpack_from("<HH", content)
            found.add((row + 1, column + 1))
    if found is not None:
        yield found
