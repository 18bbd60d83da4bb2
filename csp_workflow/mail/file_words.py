"""The words in a file that is no form, as far as they can be had: to look for what may not be acted on, never to read.

Runs in the sandbox's child only. What a PDF draws in letters of its own, and a picture, say nothing here.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape

from csp_workflow.mail.file_kinds import sniff_kind

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
    for found in _STREAM.finditer(data[:_MOST_BYTES]):
        try:
            drawn = zlib.decompressobj().decompress(found[1], _PART_BYTES)
        except zlib.error:
            drawn = found[1]
        text = drawn.decode("latin-1")
        yield "\n".join("".join(_PIECE.findall(one[1])) if one[1] else one[2] or "" for one in _DRAWN.finditer(text))


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
