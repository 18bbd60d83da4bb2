"""Reads Excel's binary workbooks (.xlsb): values, number formats, strikes and errors, by the records of MS-XLSB.

No library gives all of these: an error without its name, or a struck figure taken for one that stands, is worse than
no file. Comments and headings for print are not read.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from csp_workflow.forms.grids import PLAIN, FoundCell, Grid, date_cell
from csp_workflow.forms.looks import BLACK, LEAST_POINTS, WHITE, Look, Restyling, name_colour
from csp_workflow.forms.markup import COLUMNS, MERGES, ROWS, SHEETS, Corners, Place, SheetNotes, is_low, is_narrow
from csp_workflow.forms.vetting import Container, read_links
from csp_workflow.mail.files import FileRefused

_ROW, _TEXT, _FONT, _FORMAT, _FILL, _BORDER, _CELL_LOOK = 0, 19, 43, 44, 45, 46, 47
_BOOK, _SHEET, _MERGE, _CELL_LOOKS, _END_CELL_LOOKS = 153, 156, 176, 617, 618
_CHANGE, _RANGES, _RULE, _RANGES_14, _CHANGE_14 = 507, 461, 463, 1046, 1171
_COLUMN, _ICONS, _BAR, _BAR_14, _ICONS_14 = 60, 465, 467, 1051, 1052
_FILL_COLOURS, _INK, _STRIKE, _NUMBER_FORMATS = {1, 2}, 5, 29, {38, 41}
"""What a property of a rule's look is numbered by (XFProp of MS-XLS)."""

_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_STRUCK, _NO_HEIGHT = 0x08, 0x10
_INDEXED, _RGB, _THEME = 1, 2, 3
_NO_FILL, _SOLID, _FROM_CORNERS = 0, 1, 3


@dataclass(frozen=True, kw_only=True)
class _Font:
    """How letters are written, as far as that says something of what they say."""

    struck: bool
    tiny: bool
    raised: bool
    ink: str


@dataclass(kw_only=True)
class _Book:
    """What the cells of a workbook point at. `runs` are those of a shared text: where each begins, and its font."""

    texts: list[str] = field(default_factory=list)
    runs: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)
    fonts: list[_Font] = field(default_factory=list)
    changes: list[Restyling] = field(default_factory=list)
    is_1904: bool = False


def load_binary_excel(data: bytes) -> tuple[Grid, ...]:
    """Every sheet's grid. A record that is not what it should be raises whatever `struct` raises."""
    container = Container(data)
    part = "xl/workbook.bin"
    targets = {link: (kind, container.near(part, target)) for link, kind, target in read_links(container, part)}
    by_kind = dict(targets.values())
    about, sheets = _Book(), []
    for kind, content in _list_records(container.read(part)):
        if kind == _BOOK:
            about.is_1904 = bool(content[0] & 1)
        elif kind == _SHEET:
            sheets.append(_read_sheet_name(content))
    if len(sheets) > SHEETS:
        raise FileRefused("hostile")
    if by_kind.get("sharedStrings", "") in container:
        _read_texts(container.read(by_kind["sharedStrings"]), about)
    if by_kind.get("styles", "") in container:
        _read_looks(container.read(by_kind["styles"]), about)
    return tuple(
        _load_sheet(container, targets.get(link, ("", ""))[1], name, state, about) for name, state, link in sheets
    )


def _read_sheet_name(content: bytes) -> tuple[str, str, str]:
    link, after = _wide(content, 8)
    return _wide(content, after)[0], "hidden" if content[0] else "visible", link


def _read_texts(data: bytes, about: _Book) -> None:
    for kind, content in _list_records(data):
        if kind == _TEXT:
            text, after = _wide(content, 1)
            if content[0] & 1:
                (count,) = struct.unpack_from("<I", content, after)
                runs = content[after + 4 : after + 4 + 4 * count]
                about.runs[len(about.texts)] = list(struct.iter_unpack("<HH", runs))
            about.texts.append(text)


def _read_looks(data: bytes, about: _Book) -> None:
    formats, filled, crossed = dict(BUILTIN_FORMATS), list[str](), list[bool]()
    kept: dict[int, tuple[list[Any], Callable[[bytes], Any]]] = {
        _FONT: (about.fonts, _read_font), _CHANGE: (about.changes, _read_change), _FILL: (filled, _read_fill),
        _BORDER: (crossed, lambda content: bool(content[0] & _FROM_CORNERS)),
    }  # fmt: skip
    is_cell_look = False
    for kind, content in _list_records(data):
        if kind == _FORMAT:
            formats[struct.unpack_from("<H", content)[0]] = _wide(content, 2)[0]
        elif kind in kept:
            into, read = kept[kind]
            into.append(read(content))
        elif kind in {_CELL_LOOKS, _END_CELL_LOOKS}:
            is_cell_look = kind == _CELL_LOOKS
        elif kind == _CELL_LOOK and is_cell_look:
            _, number, font, fill, border = struct.unpack_from("<5H", content)
            of = about.fonts[font : font + 1]
            look = Look(
                number_format=formats.get(number, "General"),
                struck=any((*(one.struck for one in of), *crossed[border : border + 1])),
                tiny=any(one.tiny for one in of),
                ink=next((one.ink for one in of), BLACK),
                fill="".join(filled[fill : fill + 1]),
            )
            about.looks.append(look)


def _read_change(content: bytes) -> Restyling:
    """What a rule makes of a look, property by property; of two colours behind a cell the last one counts."""
    change, at = Restyling(), 6
    for _ in range(struct.unpack_from("<H", content, 4)[0]):
        kind, size = struct.unpack_from("<HH", content, at)
        if kind in _NUMBER_FORMATS:
            said = content[at + 4 : at + size].decode("utf-16-le", "replace")
            change = replace(change, number_format=said if kind == min(_NUMBER_FORMATS) else "")
        elif kind == _STRIKE:
            change = replace(change, struck=bool(content[at + 4]))
        elif kind == _INK:
            change = replace(change, ink=_read_colour(content, at + 4))
        elif kind in _FILL_COLOURS:
            change = replace(change, fill=_read_colour(content, at + 4))
        at += max(size, 4)
    return change


def _read_font(content: bytes) -> _Font:
    (twentieths,) = struct.unpack_from("<H", content)
    tiny = twentieths < 20 * LEAST_POINTS
    return _Font(
        tiny=tiny, struck=bool(content[2] & _STRUCK), raised=content[6] in {1, 2}, ink=_read_colour(content, 12)
    )


def _read_fill(content: bytes) -> str:
    (pattern,) = struct.unpack_from("<I", content)
    return {_NO_FILL: WHITE, _SOLID: _read_colour(content, 4)}.get(pattern, "pattern")


def _read_colour(content: bytes, at: int) -> str:
    """A colour by its kind (BrtColor of MS-XLSB), as the other formats name it."""
    kind, index, tint, red, green, blue = struct.unpack_from("<BBhBBB", content, at)
    said = {
        _INDEXED: {"indexed": str(index)}, _RGB: {"rgb": f"{red:02X}{green:02X}{blue:02X}"},
        _THEME: {"theme": str(index)},
    }.get(kind >> 1, {"auto": "1"})  # fmt: skip
    return name_colour({**said, "tint": str(tint)})


def _load_sheet(container: Container, part: str, name: str, state: str, about: _Book) -> Grid:
    """A sheet's grid. One that is too large or damaged is left out, and spoils no other."""
    notes, cells = SheetNotes(name=name, state=state), {}
    try:
        data = container.read(part)
        for place, kind, content in _list_cells(data, notes):
            (look,) = struct.unpack_from("<I", content, 4)
            cells[place] = _find_cell(kind, content, about, look & 0xFFFFFF)
            if kind in _FORMULAS:
                notes.formulas[place] = "=", True
            elif kind == _SHARED:
                _note_runs(notes, place, struct.unpack_from("<I", content, 8)[0], about)
        notes.changes += islice(_list_changes(data, about), MERGES)
    except (FileRefused, struct.error, IndexError, ValueError) as fault:
        reason = fault.reason if isinstance(fault, FileRefused) else "damaged"
        return Grid(SheetNotes(name=name, state=state, unread=reason), {})
    return Grid(notes, cells)


def _note_runs(notes: SheetNotes, place: Place, number: int, about: _Book) -> None:
    """What of a shared text is struck through, raised or lowered; each run begins where the one before ends."""
    runs, text = about.runs.get(number, []), about.texts[number]
    ends = [begin for begin, _ in runs[1:]] + [len(text)]
    for (begin, font), end in zip(runs, ends, strict=False):
        if about.fonts[font].struck:
            notes.struck.add(place)
        if about.fonts[font].raised and text[begin:end].strip():
            notes.raised[place] = text[begin:end].strip()[:80]


def _list_cells(data: bytes, notes: SheetNotes) -> Iterator[tuple[Place, int, bytes]]:
    """The cells within the window, by their place; merges, and rows and columns that are hidden, are noted."""
    row = 0
    for kind, content in _list_records(data):
        if kind == _ROW:
            row = struct.unpack_from("<I", content)[0] + 1
            if (content[11] & _NO_HEIGHT or is_low(struct.unpack_from("<H", content, 8)[0] / 20)) and row <= ROWS:
                notes.hidden_rows.add(row)
        elif kind == _COLUMN and (content[16] & 1 or is_narrow(struct.unpack_from("<I", content, 8)[0] / 256)):
            first, last = struct.unpack_from("<II", content)
            notes.hidden_columns.update(range(first + 1, min(last + 1, COLUMNS) + 1))
        elif kind in _READERS:
            column = struct.unpack_from("<I", content)[0] + 1
            if row <= ROWS and column <= COLUMNS:
                yield (row, column), kind, content
            else:
                notes.far = True
        elif kind == _MERGE and len(notes.merges) < MERGES:
            top, bottom, left, right = struct.unpack_from("<IIII", content)
            notes.merges.append((top + 1, left + 1, bottom + 1, right + 1))


def _list_changes(data: bytes, about: _Book) -> Iterator[tuple[Corners, Restyling]]:
    """What rules may make of the looks of ranges. Those of Excel 2010 with a look of their own may show anything."""
    ranges: list[Corners] = []
    for kind, content in _list_records(data):
        if kind in {_RANGES, _RANGES_14}:
            # The count of the ranges: behind how many rules there are, else behind two counts of what stands before.
            at = 8 if kind == _RANGES else 12
            (count,) = struct.unpack_from("<I", content, at)
            corners = struct.iter_unpack("<IIII", content[at + 4 :][: 16 * count])
            ranges = [(top + 1, left + 1, bottom + 1, right + 1) for top, bottom, left, right in corners]
        elif kind == _RULE:
            (number,) = struct.unpack_from("<I", content, 8)
            yield from ((corner, change) for corner in ranges for change in about.changes[number : number + 1])
        elif kind == _CHANGE_14 or (kind in _DRAWN_INSTEAD and _DRAWN_INSTEAD[kind](content)):
            yield from ((corner, Restyling(number_format="")) for corner in ranges)


_DRAWN_INSTEAD: dict[int, Callable[[bytes], bool]] = {
    _BAR: lambda c: not c[2], _BAR_14: lambda c: not c[6],
    _ICONS: lambda c: bool(c[4] & 2), _ICONS_14: lambda c: bool(c[8] & 2),
}  # fmt: skip
"""By which data bars and sets of icons are drawn in the place of the numbers, and not beside them."""


def _find_cell(kind: int, content: bytes, about: _Book, number: int) -> FoundCell:
    letter, read = _READERS[kind]
    value = read(content, about)
    look = about.looks[number] if number < len(about.looks) else PLAIN
    if letter == "n" and is_date_format(look.number_format):
        return date_cell(value, look, is_1904=about.is_1904)
    return FoundCell(value, letter, look)


def _packed(content: bytes, _: _Book) -> float:
    """A number in four bytes: an integer or the upper part of a float, and whether it is to be divided by 100."""
    (packed,) = struct.unpack_from("<i", content, 8)
    value: float = packed >> 2 if packed & 2 else struct.unpack("<d", bytes(4) + struct.pack("<i", packed & ~3))[0]
    return value / 100 if packed & 1 else value


_REAL: tuple[str, Callable[[bytes, _Book], Any]] = ("n", lambda c, _: struct.unpack_from("<d", c, 8)[0])
_BOOLEAN: tuple[str, Callable[[bytes, _Book], Any]] = ("b", lambda c, _: bool(c[8]))
_ERROR: tuple[str, Callable[[bytes, _Book], Any]] = ("e", lambda c, _: _ERRORS.get(c[8], "#VALUE!"))
_STRING: tuple[str, Callable[[bytes, _Book], Any]] = ("s", lambda c, _: _wide(c, 8)[0])
_SHARED = 7
_READERS: dict[int, tuple[str, Callable[[bytes, _Book], Any]]] = {
    2: ("n", _packed), 3: _ERROR, 4: _BOOLEAN, 5: _REAL, 6: _STRING,
    _SHARED: ("s", lambda c, about: about.texts[struct.unpack_from("<I", c, 8)[0]]),
    8: _STRING, 9: _REAL, 10: _BOOLEAN, 11: _ERROR,
}  # fmt: skip
"""How the value of each kind of cell is read; from 8 on it is the result of a formula."""

_FORMULAS = frozenset({8, 9, 10, 11})


def _wide(content: bytes, at: int) -> tuple[str, int]:
    """A text that says its length first, and where it ends."""
    (length,) = struct.unpack_from("<I", content, at)
    end = at + 4 + 2 * length
    if end > len(content):
        raise ValueError("a record that is cut off")
    return content[at + 4 : end].decode("utf-16-le", "replace"), end


def _list_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every record's kind and content. Numbers come seven bits at a time, the lowest first."""
    at = 0
    while at < len(data):
        kind, at = _groups(data, at, 2)
        length, at = _groups(data, at, 4)
        if at + length > len(data):
            raise ValueError("a record that is cut off")
        yield kind, data[at : at + length]
        at += length


def _groups(data: bytes, at: int, most: int) -> tuple[int, int]:
    number = 0
    for place in range(most):
        if at >= len(data):
            raise ValueError("a record that is cut off")
        number |= (data[at] & 0x7F) << (7 * place)
        at += 1
        if not data[at - 1] & 0x80:
            break
    return number, at
