"""Reads the old Excel format (.xls): values, number formats, strikes, comments and errors by xlrd.

Which cells hold a formula, and how rules may make them look, xlrd does not say, so that is read from the records
themselves: some programs write a text that a formula makes as the number 0, which must never be taken for one.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from csp_workflow.forms.grids import FoundCell, Grid, date_cell
from csp_workflow.forms.looks import BLACK, LEAST_POINTS, WHITE, Look, Restyling, drop_white
from csp_workflow.forms.markup import COLUMNS, MERGES, ROWS, SHEETS, Corners, Place, SheetNotes, is_low, is_narrow
from csp_workflow.mail.files import FileRefused, list_records, open_ole

_TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR = 1, 2, 3, 4, 5
_NO_FILL, _SOLID = 0, 1
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
    beside = list(_list_beside(data, book))
    return tuple(
        _load_sheet(book, sheet, looks, beside[n] if n < len(beside) else _Beside())
        for n, sheet in enumerate(book.sheets())
    )


def _look(book: Any, format_: Any) -> Look:
    font, fill, lines = book.font_list[format_.font_index], format_.background, format_.border
    of_fill = {_NO_FILL: WHITE, _SOLID: _name_colour(book, fill.pattern_colour_index)}
    return Look(
        number_format=book.format_map[format_.format_key].format_str,
        struck=bool(font.struck_out or lines.diag_up or lines.diag_down),
        tiny=font.height < LEAST_POINTS * 20,
        ink=_name_colour(book, font.colour_index),
        fill=of_fill.get(fill.fill_pattern, "pattern"),
    )


def _name_colour(book: Any, index: int) -> str:
    colour = book.colour_map.get(index)
    return BLACK if colour is None else drop_white("{:02X}{:02X}{:02X}".format(*colour))


def _load_sheet(book: Any, sheet: Any, looks: list[Look], beside: _Beside) -> Grid:
    notes = SheetNotes(
        name=sheet.name,
        state="hidden" if sheet.visibility else "visible",
        merges=[(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells],
        hidden_rows={at + 1 for at, row in sheet.rowinfo_map.items() if row.hidden or is_low((row.height or 300) / 20)},
        hidden_columns={at + 1 for at, of in sheet.colinfo_map.items() if of.hidden or is_narrow(of.width / 256)},
        comments={
            (row + 1, column + 1): note.text.strip()[:4000] for (row, column), note in sheet.cell_note_map.items()
        },
        links={_corner(one): str(one.url_or_path)[:1000] for one in sheet.hyperlink_list if one.url_or_path},
        messages=[(_corner(one), one.quicktip) for one in sheet.hyperlink_list if one.quicktip],
        hides_noughts=not sheet.show_zero_values,
        changes=beside.changes,
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
                if place in beside.formulas:
                    notes.formulas[place] = "=", cells[place].value != 0
    for (row, column), runs in sheet.rich_text_runlist_map.items():
        _note_runs(book, notes, (row + 1, column + 1), str(sheet.cell(row, column).value), runs)
    return Grid(notes, cells)


def _corner(link: Any) -> Place:
    return link.frowx + 1, link.fcolx + 1


_KINDS = {_TEXT: "s", _NUMBER: "n", _DATE: "d", _BOOLEAN: "b", _ERROR: "e"}


def _find_cell(book: Any, cell: Any, look: Look) -> FoundCell:
    import xlrd

    if cell.ctype == _DATE:
        return date_cell(cell.value, look, is_1904=bool(book.datemode))
    if cell.ctype == _ERROR:
        return FoundCell(xlrd.error_text_from_code.get(cell.value, "#VALUE!"), "e", look)
    return FoundCell(bool(cell.value) if cell.ctype == _BOOLEAN else cell.value, _KINDS[cell.ctype], look)


def _note_runs(book: Any, notes: SheetNotes, place: Place, text: str, runs: list[tuple[int, int]]) -> None:
    """What of a text is struck through, raised, lowered or of its own colour; each run begins where another ends."""
    notes.inks[place] = frozenset(_name_colour(book, book.font_list[number].colour_index) for _, number in runs)
    ends = [begin for begin, _ in runs[1:]] + [len(text)]
    for (begin, number), end in zip(runs, ends, strict=True):
        font = book.font_list[number]
        if font.struck_out:
            notes.struck.add(place)
        if font.escapement and text[begin:end].strip():
            notes.raised[place] = text[begin:end].strip()[:80]


# What xlrd leaves out ------------------------------------------------------------------------------


@dataclass
class _Beside:
    """What the records of a sheet say beside its values; `ranges` are those of the rules that come next."""

    formulas: set[Place] = field(default_factory=set)
    changes: list[tuple[Corners, Restyling]] = field(default_factory=list)
    ranges: list[Corners] = field(default_factory=list)


def _list_beside(data: bytes, book: Any) -> Iterator[_Beside]:
    """What is beside the values of each sheet, sheet by sheet."""
    found: _Beside | None = None
    for kind, content in list_records(open_ole(data, ("Workbook", "Book"))):
        if kind == _BEGIN and len(content) >= 4:
            if found is not None:
                yield found
            found = _Beside() if struct.unpack_from("<H", content, 2)[0] == _WORKSHEET else None
        elif found is not None and kind in _NOTED:
            _note_record(found, kind, content, book)
    if found is not None:
        yield found


def _note_record(found: _Beside, kind: int, content: bytes, book: Any) -> None:
    """A formula's place, the ranges of rules, or what a rule makes of them; a record that is cut off says nothing."""
    with suppress(struct.error):
        if kind == _FORMULA:
            row, column = struct.unpack_from("<HH", content)
            found.formulas.add((row + 1, column + 1))
        elif kind in _RANGES:
            (count,) = struct.unpack_from("<H", content, _RANGES[kind])
            corners = struct.iter_unpack("<HHHH", content[_RANGES[kind] + 2 :][: 8 * count])
            found.ranges = [(top + 1, left + 1, bottom + 1, right + 1) for top, bottom, left, right in corners]
        elif len(found.changes) < MERGES:
            change = _read_change(content[_RULES[kind] :], book)
            found.changes += [(range_, change) for range_ in found.ranges if change != Restyling()]


def _read_change(content: bytes, book: Any) -> Restyling:
    """What a rule makes of a look (DXFN of MS-XLS), part by part. One that says nothing had a number format, which
    LibreOffice leaves out."""
    said, of_numbers = struct.unpack_from("<IH", content)
    if not said >> 25 & 0x3F:
        return Restyling(number_format="")
    at = 6 + (said >> 25 & 1) * (struct.unpack_from("<H", content, 6)[0] if of_numbers & 1 else 2)
    change = Restyling(number_format="" if said >> 25 & 1 else None)
    if said >> 26 & 1:
        struck, ink, as_before = (struct.unpack_from("<I", content, at + where)[0] for where in (68, 80, 88))
        is_struck = bool(struck & _STRUCK and not as_before & _STRUCK)
        change = replace(change, struck=is_struck, ink=_name_colour(book, ink) if ink != _AS_BEFORE else None)
        at += 118
    if said >> 29 & 1:
        at += 8 * (said >> 27 & 1) + 8 * (said >> 28 & 1)
        (colours,) = struct.unpack_from("<H", content, at + 2)
        change = replace(change, fill=_name_colour(book, colours >> 7 & 0x7F))
    return change


_STRUCK, _AS_BEFORE = 0x80, 0xFFFFFFFF
_RANGES = {0x01B0: 12, 0x0879: 24}
_RULES = {0x01B1: 6, 0x087A: 22}
"""Where in these records the ranges of rules stand, and what a rule makes of them: those of Excel 97, and of 2007."""

_NOTED = frozenset({_FORMULA, *_RANGES, *_RULES})
