"""What a file is, by its bytes and never by its name; and the words in one that is no form, as far as they can be had.

Of a zip or an OLE file the directory is read. The words are looked at for what may not be acted on, never to read.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
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


# The words in a file. Runs in the sandbox's child only. A picture says nothing here, nor what a PDF draws in letters of
# its own without explaining them; most do, so that their text can be copied.

_MOST_PARTS = 200
_PART_BYTES = 5_000_000
_MOST_BYTES = 20_000_000
_DEEPEST = 2

_BLOCK = re.compile(r"</(?:w:p|w:tr|a:p|text:p|text:h|p|div|tr|li|h\d)>|<(?:br|w:br)\b[^>]{0,200}>", re.IGNORECASE)
_CELL = re.compile(r"</(?:w:tc|a:tc|td|th|c|si|table:table-cell)>|<w:tab/>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,5000}>")
_RTF = re.compile(r"\\'[0-9a-f]{2}|\\par\b ?|\\[a-z]+-?\d* ?|[{}]", re.IGNORECASE)
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_DRAWN = re.compile(r"\[((?:\\.|[^\]\\])*)\]\s*TJ|\(((?:\\.|[^()\\])*)\)\s*(?:Tj|'|\")")
_PIECE = re.compile(r"\(((?:\\.|[^()\\])*)\)")
_OBJECT = re.compile(rb"(?<!\d)(\d{1,9})\s+\d{1,5}\s+obj\b(.*?)endobj", re.DOTALL)
_EXPLAINED = re.compile(rb"/ToUnicode\s+(\d{1,9})\s+\d{1,5}\s+R")
_NAMED = re.compile(rb"/([A-Za-z][\w.+-]{0,60})\s+(\d{1,9})\s+\d{1,5}\s+R")
_CODES = re.compile(r"begincodespacerange\s*<([0-9A-Fa-f]+)>")
_EACH = re.compile(r"beginbfchar(.*?)endbfchar", re.DOTALL)
_SPANS = re.compile(r"beginbfrange(.*?)endbfrange", re.DOTALL)
_HEX = re.compile(r"<([0-9A-Fa-f\s]*)>")
_SPAN = re.compile(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(<[0-9A-Fa-f\s]*>|\[[^\]]*\])")
_OWN = re.compile(
    r"/([A-Za-z][\w.+-]{0,60})\s+[-\d.]+\s+Tf|\[((?:\\.|[^\]\\])*)\]\s*TJ"
    r"|(<[0-9A-Fa-f\s]*>|\((?:\\.|[^()\\])*\))\s*(?:Tj|'|\")"
)
_ESCAPE = re.compile(r"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def read_file_words(data: bytes) -> str:
    """A file's words, paragraph below paragraph; "" where none can be had."""
    return "\n".join(_list_words(data, 0))


def _list_words(data: bytes, depth: int) -> Iterator[str]:
    if data.startswith(b"PK"):
        yield from _words_of_zip(data, depth)
    elif data.startswith(b"%PDF"):
        yield from _words_of_pdf(data)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):  # an old document keeps its text in one byte or two a letter
        yield data[:_PART_BYTES].decode("cp1252", "replace")
        yield data[:_PART_BYTES].decode("utf-16-le", "replace")
    elif sniff_kind(data) != "image":
        yield _words_of_text(data[:_PART_BYTES])


def _words_of_zip(data: bytes, depth: int) -> Iterator[str]:
    """An Office or OpenDocument file, or a folder of files."""
    left = _MOST_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist()[:_MOST_PARTS]:
                if entry.file_size > min(left, _PART_BYTES) or entry.flag_bits & 1:
                    continue
                left -= entry.file_size
                inner = archive.read(entry)
                if entry.filename.lower().endswith((".xml", ".rels", ".html", ".htm", ".txt", ".csv")):
                    yield _words_of_text(inner)
                elif depth < _DEEPEST:
                    yield from _list_words(inner, depth + 1)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError, RuntimeError, EOFError):
        return


def _words_of_pdf(data: bytes) -> Iterator[str]:
    streams = [_inflate(found[1]) for found in _STREAM.finditer(data[:_MOST_BYTES])]
    for text in streams:
        yield "\n".join("".join(_PIECE.findall(one[1])) if one[1] else one[2] or "" for one in _DRAWN.finditer(text))
    if letters := _list_letters(data[:_MOST_BYTES], streams):
        for text in streams:
            pieces = list(_read_own_letters(text, letters))
            yield "\n".join(pieces)
            yield "".join(pieces)  # a line may be drawn letter by letter


def _inflate(stream: bytes) -> str:
    try:
        return zlib.decompressobj().decompress(stream, _PART_BYTES).decode("latin-1")
    except zlib.error:
        return stream.decode("latin-1")


@dataclass(frozen=True)
class _Letters:
    """What the codes of a font of a PDF's own stand for; each code has so many bytes."""

    width: int
    meant: Mapping[int, str]

    def read(self, codes: bytes) -> str:
        """What a drawn text says, without letters that are not explained."""
        every = range(0, len(codes), self.width)
        return "".join(self.meant.get(int.from_bytes(codes[at : at + self.width], "big"), "") for at in every)


def _list_letters(data: bytes, streams: Sequence[str]) -> Mapping[str, _Letters]:
    """The fonts of a PDF that say what their letters mean, by the names under which pages use them."""
    objects: dict[bytes, bytes] = dict(_OBJECT.findall(data))
    # In a packed part objects stand one behind the other, numbered at its head.
    for text in streams:
        head = re.match(r"\s*((?:\d+\s+\d+\s+)+)(?=[<\[(/\d])", text)
        numbers = head[1].split() if head else []
        first = head.end() if head else 0
        starts = [first + int(at) for at in numbers[1::2]]
        for number, start, end in zip(numbers[::2], starts, [*starts[1:], len(text)], strict=False):
            objects.setdefault(number.encode(), text[start:end].encode("latin-1"))
    fonts = {number: found[1] for number, body in objects.items() if (found := _EXPLAINED.search(body))}
    explained: dict[str, _Letters] = {}
    for name, number in (pair for body in objects.values() for pair in _NAMED.findall(body)):
        stream = _STREAM.search(objects.get(fonts.get(number, b""), b"") + b"endstream")
        if stream:
            explained[name.decode("latin-1")] = _explain_letters(_inflate(stream[1]))
    return explained


def _explain_letters(text: str) -> _Letters:
    found, meant = _CODES.search(text), dict[int, str]()
    for part in _EACH.findall(text):
        codes = _HEX.findall(part)
        meant |= {int(code, 16): _say_hex(said) for code, said in zip(codes[::2], codes[1::2], strict=False) if code}
    for part in _SPANS.findall(text):
        for first, last, said in _SPAN.findall(part):
            begin, every = int(first, 16), range(int(first, 16), min(int(last, 16), int(first, 16) + 0xFFFF) + 1)
            listed = _HEX.findall(said)
            if said.startswith("["):
                meant |= {code: _say_hex(one) for code, one in zip(every, listed, strict=False)}
            elif start := _say_hex(listed[0]):
                meant |= {c: start[:-1] + chr(min(ord(start[-1]) + c - begin, 0x10FFFF)) for c in every}
    return _Letters(width=max(len(found[1]) // 2, 1) if found else 2, meant=meant)


def _say_hex(written: str) -> str:
    plain = "".join(written.split())
    return bytes.fromhex(plain if len(plain) % 2 == 0 else f"{plain}0").decode("utf-16-be", "replace")


def _read_own_letters(text: str, letters: Mapping[str, _Letters]) -> Iterator[str]:
    """Each piece of text that a page draws in a font of its own."""
    font = None
    for name, pieces, piece in _OWN.findall(text):
        if name:
            font = letters.get(name)
        elif font:
            yield font.read(b"".join(_read_codes(pieces or piece)))


def _read_codes(drawn: str) -> Iterator[bytes]:
    for found in re.finditer(rf"{_HEX.pattern}|{_PIECE.pattern}", drawn):
        if found[1] is not None:
            plain = "".join(found[1].split())
            yield bytes.fromhex(plain if len(plain) % 2 == 0 else f"{plain}0")
        else:
            yield _ESCAPE.sub(_unescape, found[2]).encode("latin-1", "replace")


def _unescape(found: re.Match[str]) -> str:
    return chr(int(found[1], 8) & 0xFF) if found[1].isdigit() else _ESCAPED.get(found[1], found[1])


def _words_of_text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        text = data.decode("utf-8", "replace")
    if text.startswith("{\\rtf"):
        return _RTF.sub(_say_control, text)
    return unescape(_TAG.sub("", _CELL.sub("\t", _BLOCK.sub("\n", text))))


def _say_control(found: re.Match[str]) -> str:
    """What a control of a rich text stands for: a letter by its number, a line, or nothing."""
    control = found[0].lower()
    if control.startswith("\\'"):
        return bytes.fromhex(control[2:]).decode("cp1252", "replace")
    return "\n" if control.strip() == "\\par" else ""
