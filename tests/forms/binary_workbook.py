"""A small .xlsb: the fewest records of MS-XLSB that hold sheets of text, numbers and ticks."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.opened_books import open_book

Cells = Mapping[tuple[int, int], object]
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
)
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATION = f'<Relationship Id="rId{{n}}" Type="{_KINDS}/{{kind}}" Target="{{to}}"/>'
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}'
    "</Relationships>"
)


@dataclass(frozen=True)
class Looking:
    """A value under a number format, struck through, white or not; `formula`: as a formula's result.

    `last`: how the last character of a shared text is written, 8 struck through, 0x10000 raised. `rule`: what a
    conditional format makes of it, one property by its number (XFProp of MS-XLS); NEW for one of Excel 2010.
    `drawn`: the record of a data bar or of a set of icons. `folded`: its row is hidden. `squeezed`: row and column
    are a hair's breadth.
    """

    value: object
    number_format: str = "General"
    struck: bool = False
    formula: bool = False
    white: bool = False
    last: int = 0
    rule: tuple[int, bytes] | None = None
    drawn: tuple[int, bytes] | None = None
    folded: bool = False
    squeezed: bool = False


NEW = (-1, b"")


def binary_workbook(sheets: Mapping[str, Cells]) -> bytes:
    """The bytes of a workbook; places are (row, column), both from 1."""
    looks = list(dict.fromkeys(_look(value) for cells in sheets.values() for value in cells.values()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", _TYPES)
        root = _RELATION.format(n=1, kind="officeDocument", to="xl/workbook.bin")
        parts.writestr("_rels/.rels", _RELATIONS.format(root))
        inner = "".join(
            _RELATION.format(n=n, kind="worksheet", to=f"worksheets/sheet{n}.bin") for n in range(1, len(sheets) + 1)
        )
        inner += _RELATION.format(n="S", kind="styles", to="styles.bin")
        inner += _RELATION.format(n="T", kind="sharedStrings", to="sharedStrings.bin")
        parts.writestr("xl/_rels/workbook.bin.rels", _RELATIONS.format(inner))
        rules = [v.rule for cells in sheets.values() for v in cells.values() if isinstance(v, Looking) and v.rule]
        parts.writestr("xl/styles.bin", _styles(looks) + b"".join(map(_change, rules)))
        texts = _texts(sheets)
        parts.writestr("xl/sharedStrings.bin", _shared(texts, len(looks)))
        parts.writestr("xl/workbook.bin", _workbook(list(sheets)))
        for number, cells in enumerate(sheets.values(), start=1):
            sheet = _sheet(cells, looks, texts) + b"".join(_list_rules(cells, rules))
            parts.writestr(f"xl/worksheets/sheet{number}.bin", sheet)
    return out.getvalue()


def in_binary(
    book: bytes, more: Mapping[str, Cells] | None = None, instead: Mapping[object, object] | None = None
) -> bytes:
    """The values of an .xlsx as Excel would save them in an .xlsb, with more sheets, or others instead."""
    old = open_book(book, data_only=True)
    sheets = {
        sheet.title: {
            (c.row, c.column): (instead or {}).get(c.value, c.value)
            for row in sheet.iter_rows()
            for c in row
            if c.value is not None
        }
        for sheet in old.worksheets
    }
    return binary_workbook({**{name: cells for name, cells in sheets.items() if cells}, **(more or {})})


def broken_sheet(book: bytes) -> bytes:
    """The workbook with its last sheet cut off within a record."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        last = [name for name in old.namelist() if "worksheets/" in name][-1]
        for name in old.namelist():
            new.writestr(name, old.read(name)[: -8 if name == last else None])
    return out.getvalue()


def _change(rule: tuple[int, bytes]) -> bytes:
    kind, data = rule
    size = len(data) + 4
    return _record(507, struct.pack("<HHHHH", 0, 0, 1, kind, size) + data) if rule != NEW else _record(507, bytes(6))


def _list_rules(cells: Cells, rules: list[tuple[int, bytes]]) -> Iterator[bytes]:
    for (row, column), value in cells.items():
        rule, place = getattr(value, "rule", None), struct.pack("<IIII", row - 1, row - 1, column - 1, column - 1)
        if drawn := getattr(value, "drawn", None):
            yield _record(461, struct.pack("<III", 1, 0, 1) + place)
            yield (
                _record(463, struct.pack("<IIi", 4, 0, -1) + bytes(34)) + _record(*drawn) + _record(464) + _record(462)
            )
        elif rule == NEW:
            yield _record(1046, struct.pack("<IIII", 2, 1, 0, 1) + place) + _record(1048, bytes(40)) + _record(1171)
        elif rule:
            yield _record(461, struct.pack("<III", 1, 0, 1) + place)
            yield _record(463, struct.pack("<III", 1, 0, rules.index(rule)) + bytes(34)) + _record(464) + _record(462)


_Look = tuple[str, bool, bool]


def _look(value: object) -> _Look:
    is_odd = isinstance(value, Looking)
    return (value.number_format, value.struck, value.white) if is_odd else ("General", False, False)  # type: ignore[attr-defined]


def _font(*, struck: bool = False, raised: bool = False, white: bool = False) -> bytes:
    colour = struct.pack("<BBHBBBB", 2 << 1 | 1, 0, 0, *([255] * 4 if white else [0, 0, 0, 255]))
    return _record(43, struct.pack("<HHHHBBBB", 220, 8 * struck, 400, raised, 0, 0, 0, 0) + colour + bytes(5))


def _texts(sheets: Mapping[str, Cells]) -> list[Looking]:
    every = (value for cells in sheets.values() for value in cells.values())
    return [value for value in every if isinstance(value, Looking) and value.last]


def _shared(texts: list[Looking], looks: int) -> bytes:
    """Texts whose last character is written otherwise; the two fonts for it stand behind those of the cells."""
    said = b""
    for one in texts:
        runs = struct.pack("<IHHHH", 2, 0, 0, len(str(one.value)) - 1, looks + (one.last != 8))
        said += _record(19, b"\x01" + _wide(str(one.value)) + runs)
    return _record(159) + said + _record(160)


def _styles(looks: list[_Look]) -> bytes:
    told = b"".join(_record(44, struct.pack("<H", 164 + n) + _wide(said)) for n, (said, _, _) in enumerate(looks))
    told += b"".join(_font(struck=struck, white=white) for _, struck, white in looks)
    told += _font(struck=True) + _font(raised=True) + _record(45, bytes(68))
    formats = b"".join(_record(47, struct.pack("<HHHH", 0, 164 + n, n, 0) + bytes(8)) for n in range(len(looks)))
    return told + _record(626) + _record(47, bytes(16)) + _record(627) + _record(617) + formats + _record(618)


def _workbook(names: list[str]) -> bytes:
    listed = b"".join(
        _record(156, struct.pack("<II", 0, number) + _wide(f"rId{number}") + _wide(name))
        for number, name in enumerate(names, start=1)
    )
    return _record(131) + _record(143) + listed + _record(144) + _record(132)


def _sheet(cells: Cells, looks: list[_Look], texts: list[Looking]) -> bytes:
    rows = sorted({row for row, _ in cells})
    hidden = {row for (row, _), value in cells.items() if isinstance(value, Looking) and value.folded}
    thin = [place for place, value in cells.items() if isinstance(value, Looking) and value.squeezed]
    last_row, last = max(rows), max(column for _, column in cells)
    widths = [_record(60, struct.pack("<IIIIH", at - 1, at - 1, 73, 0, 2)) for at in sorted({at for _, at in thin})]
    told = _record(129) + _record(148, struct.pack("<IIII", 0, last_row - 1, 0, last - 1))
    told += b"".join((_record(390), *widths, _record(391), _record(145)))
    for row in rows:
        height = 30 if row in {at for at, _ in thin} else 300
        told += _record(0, struct.pack("<IIHBBBI", row - 1, 0, height, 0, 0x10 * (row in hidden), 0, 0))
        for (_, column), value in sorted((c for c in cells.items() if c[0][0] == row), key=lambda c: c[0]):
            head = struct.pack("<II", column - 1, looks.index(_look(value)))
            if isinstance(value, Looking) and value.last:
                told += _record(7, head + struct.pack("<I", texts.index(value)))
                continue
            is_formula = isinstance(value, Looking) and value.formula
            told += _cell(head, value.value if isinstance(value, Looking) else value, is_formula=is_formula)
    return told + _record(146) + _record(130)


_ERRORS = {"#DIV/0!": 7, "#N/A": 42}


def _cell(head: bytes, value: object, *, is_formula: bool) -> bytes:
    if value in _ERRORS:
        return _record(11 if is_formula else 3, head + bytes([_ERRORS[str(value)]]))
    if isinstance(value, bool):
        return _record(10 if is_formula else 4, head + bytes([value]))
    if isinstance(value, int) and not is_formula and abs(value) < 1 << 29:
        return _record(2, head + struct.pack("<i", value << 2 | 2))
    if isinstance(value, int | float):
        return _record(9 if is_formula else 5, head + struct.pack("<d", value))
    return _record(8 if is_formula else 6, head + _wide(str(value)))


def _record(kind: int, data: bytes = b"") -> bytes:
    return _groups(kind) + _groups(len(data)) + data


def _groups(number: int) -> bytes:
    """Seven bits at a time, the lowest first."""
    said = b""
    while True:
        number, low = number >> 7, number & 0x7F
        said += bytes([low | (0x80 if number else 0)])
        if not number:
            return said


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")
