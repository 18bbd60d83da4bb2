"""A small .xlsb: the fewest records of MS-XLSB that hold sheets of text, numbers and ticks."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

from openpyxl import load_workbook

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


def binary_workbook(sheets: Mapping[str, Cells]) -> bytes:
    """The bytes of a workbook; places are (row, column), both from 1."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", _TYPES)
        root = _RELATION.format(n=1, kind="officeDocument", to="xl/workbook.bin")
        parts.writestr("_rels/.rels", _RELATIONS.format(root))
        inner = "".join(
            _RELATION.format(n=n, kind="worksheet", to=f"worksheets/sheet{n}.bin") for n in range(1, len(sheets) + 1)
        )
        parts.writestr("xl/_rels/workbook.bin.rels", _RELATIONS.format(inner))
        parts.writestr("xl/workbook.bin", _workbook(list(sheets)))
        for number, cells in enumerate(sheets.values(), start=1):
            parts.writestr(f"xl/worksheets/sheet{number}.bin", _sheet(cells))
    return out.getvalue()


def in_binary(book: bytes) -> bytes:
    """The values of an .xlsx as Excel would save them in an .xlsb."""
    old = load_workbook(io.BytesIO(book), data_only=True)
    sheets = {
        sheet.title: {(c.row, c.column): c.value for row in sheet.iter_rows() for c in row if c.value is not None}
        for sheet in old.worksheets
    }
    return binary_workbook({name: cells for name, cells in sheets.items() if cells})


def _workbook(names: list[str]) -> bytes:
    listed = b"".join(
        _record(156, struct.pack("<II", 0, number) + _wide(f"rId{number}") + _wide(name))
        for number, name in enumerate(names, start=1)
    )
    return _record(131) + _record(143) + listed + _record(144) + _record(132)


def _sheet(cells: Cells) -> bytes:
    rows = sorted({row for row, _ in cells})
    last_row, last = max(rows), max(column for _, column in cells)
    told = _record(129) + _record(148, struct.pack("<IIII", 0, last_row - 1, 0, last - 1)) + _record(145)
    for row in rows:
        told += _record(0, struct.pack("<IIHBBBI", row - 1, 0, 300, 0, 0, 0, 0))
        for (_, column), value in sorted((c for c in cells.items() if c[0][0] == row), key=lambda c: c[0]):
            head = struct.pack("<II", column - 1, 0)
            if isinstance(value, bool):
                told += _record(4, head + bytes([value]))
            elif isinstance(value, int | float):
                told += _record(5, head + struct.pack("<d", value))
            else:
                told += _record(6, head + _wide(str(value)))
    return told + _record(146) + _record(130)


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
