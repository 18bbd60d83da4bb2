"""Files that people attach by mistake: a printed page, a locked workbook."""

from __future__ import annotations

import struct
from datetime import datetime

from openpyxl.workbook import Workbook

from csp_workflow.rehearsal.partners import excel

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def printed_page() -> bytes:
    """A one-page PDF, as from "Save as PDF"."""
    content = b"BT /F1 12 Tf 72 720 Td (Quarterly return - please see figures below) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def own_workbook(now: datetime) -> bytes:
    """A workbook that is no form of anybody's."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    for row in (("Area", "Offences"), ("City", 512), ("County", 734)):
        sheet.append(row)
    return excel.saved(book, now)


def locked_workbook() -> bytes:
    """What Excel saves under a password: an OLE container with EncryptionInfo and EncryptedPackage."""
    package = bytes((n * 89 + 7) % 256 for n in range(8 * _SECTOR))
    info = struct.pack("<HHI", 4, 4, 0x40) + b"<encryption/>".ljust(4096 - 8, b" ")
    info_sectors, package_sectors = len(info) // _SECTOR, len(package) // _SECTOR
    fat = [_FAT, _END]
    fat += _chain(2, info_sectors) + _chain(2 + info_sectors, package_sectors)
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    directory = b"".join(
        (
            _entry("Root Entry", 5, child=1, start=_END, size=0),
            _entry("EncryptionInfo", 2, right=2, start=2, size=len(info)),
            _entry("EncryptedPackage", 2, start=2 + info_sectors, size=len(package)),
            _entry("", 0, start=0, size=0),
        )
    )
    return _header() + struct.pack("<128I", *fat) + directory + info + package


def _header() -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    return head + struct.pack("<I", 0) + struct.pack("<108I", *([_FREE] * 108))


def _chain(first: int, count: int) -> list[int]:
    return [first + n + 1 for n in range(count - 1)] + [_END]


def _entry(name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded) + 2 if name else 0, kind, 1)
    return head + struct.pack("<III", _FREE, right, child) + bytes(16 + 4 + 16) + struct.pack("<IQ", start, size)
