"""What kind of file this is, by its bytes and never by its name; of a zip or an OLE file, the directory is read."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = (
    b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*", b"\xd7\xcd\xc6\x9a",
)  # fmt: skip
_STARTS = (
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "word"),
    (b"\x09\x08\x08\x00", "xls"),
    (b"\x09\x08\x10\x00", "xls"),
    (b"\x09\x04\x06\x00", "xls"),
    (b"\x09\x02\x06\x00", "xls"),
    (b"7z\xbc\xaf\x27\x1c", "packed"),
    (b"Rar!\x1a\x07", "packed"),
    (b"\x1f\x8b", "packed"),
    (b"MSCF", "packed"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "link"),
)
_OLE_STREAMS = (
    ("drmcontent", "label"),
    ("encryptedpackage", "password"),
    ("workbook", "xls"),
    ("book", "xls"),
    ("worddocument", "word"),
    ("powerpoint document", "powerpoint"),
)
"""The streams at the root of an OLE file by which it is told, in small letters; what is embedded lies deeper."""

_FILE_PASSWORD, _END = 0x002F, 0x000A
_HTML = re.compile(rb"^\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE | re.DOTALL)
_MAIL = re.compile(rb"^(from|to|subject|date|received|return-path|mime-version|message-id):", re.IGNORECASE)
_LINK = re.compile(
    rb"\s*(?:\[(?:\{[0-9A-F-]{36}\}|InternetShortcut|Desktop Entry)[.\]]|<\?xml.{0,400}<key>URL</key>)",
    re.IGNORECASE | re.DOTALL,
)
_SEEN = 4096


OUR_FAILURES = (MemoryError, ImportError)
"""What a file cannot be blamed for, though it comes up while one is read."""


class FileRefused(Exception):
    """A file that is not opened, or not further. `reason` is a word or two: a kind of file, "zip too large", ..."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sniff_kind(data: bytes) -> str:
    """The kind of a file: "xlsx", "xlsm", "pdf", "password" (a workbook with one), "csv", "unknown", ..."""
    if not data.strip(b"\x00\r\n\t "):
        return "empty"
    if data.startswith(b"PK"):
        return _kind_of_zip(data)
    if data.startswith(_OLE):
        return _kind_of_ole(data)
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    return _kind_of_image(data) or _kind_of_text(data)


def _kind_of_ole(data: bytes) -> str:
    """By the streams in its directory, and for a workbook by the record that says it has a password."""
    try:
        with _ole(data) as ole:
            paths = [[part.lower() for part in path] for path in ole.listdir()]
            roots = {path[0].lstrip("\t\x01\x06") for path in paths}
            kind = next((kind for name, kind in _OLE_STREAMS if name in roots), "")
            if kind == "password" and any("drm" in part for path in paths for part in path):
                return "label"
            if any(root.startswith("__substg1.0_") for root in roots):
                return kind or "message"
    except OUR_FAILURES:
        raise
    except Exception:  # noqa: BLE001 - a damaged directory brings out faults of every kind
        return "damaged"
    return _kind_of_book(data) if kind == "xls" else kind or "unknown"


def _kind_of_book(data: bytes) -> str:
    """An old workbook says right at its beginning that it has a password."""
    for kind, _ in list_records(open_ole(data, ("Workbook", "Book"), most=_SEEN)):
        if kind in {_FILE_PASSWORD, _END}:
            return "password" if kind == _FILE_PASSWORD else "xls"
    return "xls"


def open_ole(data: bytes, names: tuple[str, ...], *, most: int = -1) -> bytes:
    """The first of these streams that an OLE file has, or its beginning; b"" where there is none."""
    if not data.startswith(_OLE):
        return data[: most if most >= 0 else None]
    with _ole(data) as ole:
        name = next((name for name in names if ole.exists(name)), "")
        content: bytes = ole.openstream(name).read(most) if name else b""
        return content


def list_ole_properties(data: bytes) -> list[tuple[str, str]]:
    """The properties of an OLE file that people fill in, by the names that later files have for them."""
    if not data.startswith(_OLE):
        return []
    with _ole(data) as ole:
        meta = ole.get_metadata()
    held = {"title": meta.title, "subject": meta.subject, "keywords": meta.keywords, "description": meta.comments}
    code = "utf-8" if meta.codepage in {65001, -535} else "cp1252"
    return [(name, said.decode(code, "replace").strip("\0 ")) for name, said in held.items() if said]


def list_records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of an old workbook: the kind of each, and what it holds. One that is cut off ends them."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _ole(data: bytes) -> Any:
    import olefile

    return olefile.OleFileIO(io.BytesIO(data))


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name.replace("\\", "/").lstrip("/").lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, UnicodeDecodeError):
        return "damaged"
    return _kind_by_parts(names)


def _kind_by_parts(names: list[str]) -> str:
    have = set(names)

    def any_in(folder: str, ending: str = "") -> bool:
        return any(name.startswith(folder) and name.endswith(ending) for name in names)

    signs = (
        ("xlsb", "xl/workbook.bin" in have),
        ("xlsm", "xl/vbaproject.bin" in have),
        ("xlsx", any_in("xl/", ".xml")),
        ("word", any_in("word/")),
        ("powerpoint", any_in("ppt/")),
        ("ods", {"content.xml", "mimetype"} <= have),
        ("numbers", any_in("index/", ".iwa") or "index.zip" in have),
    )
    return next((kind for kind, is_so in signs if is_so), "zip")


def _kind_of_image(data: bytes) -> str:
    is_image = data.startswith(_IMAGES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
    is_heic = data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"avif"}
    return "image" if is_image or is_heic else ""


def _kind_of_text(data: bytes) -> str:
    """Files of characters: web pages, XML, saved e-mails, lists, plain text."""
    head = data[:_SEEN]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in head:
        return "unknown"
    if _LINK.match(head):
        return "link"
    if _HTML.match(head):
        return "html"
    if head.lstrip().startswith(b"<?xml"):
        return "xml"
    if _MAIL.match(head):
        return "message"
    return _kind_of_list(head)


def _kind_of_list(head: bytes) -> str:
    control = sum(byte < 32 and byte not in b"\t\r\n\x0c" for byte in head)
    if control > len(head) // 50:
        return "unknown"
    first = head.splitlines()[:5]
    return "csv" if any(line.count(mark) for line in first for mark in (b",", b";", b"\t")) else "text"
