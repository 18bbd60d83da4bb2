"""The words in a file that is no form, as far as they can be had: to look for what may not be acted on, never to read.

Runs in the sandbox's child only. A picture says nothing here, nor what a PDF draws in letters of its own without
explaining them; most do, so that their text can be copied.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
