"""Every word in some bytes, for looking whether somebody is named there: a message with its files, a workbook, a paper.

Nothing here understands a file. Parts are unpacked up to a bound, and their markup is passed over; no parser sees them.
"""

from __future__ import annotations

import html
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from csp_workflow.mail.unpack import unpack_message

MOST_BYTES = 80 * 1024 * 1024
"""So much is unpacked of one file, with all that is in it."""

_DEEPEST = 4
_TAG = re.compile(r"<[^<>]{1,2000}>")
_ZIP, _PDF = b"PK\x03\x04", b"%PDF"
_UNREAD = (_PDF, b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Words:
    """What is said in some bytes, and the names of files in them that could not be read through.

    `texts` are for a search: the same may stand there in more than one way; `pages` are for people.
    """

    texts: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    left: int = MOST_BYTES

    @property
    def shown(self) -> str:
        """All of it once, composed (NFC) and without empty lines."""
        lines = (" ".join(line.split()) for page in self.pages for line in page.split("\n"))
        return unicodedata.normalize("NFC", "\n".join(line for line in lines if line))

    def add(self, *ways: str) -> None:
        """One text, in the ways in which it may be read."""
        self.texts += ways
        self.pages += ways[:1]


def read_through(data: bytes, *, is_message: bool, name: str = "") -> Words:
    """All the words of a message, or of another file."""
    found = Words()
    if is_message:
        _read_message(data, found)
    else:
        _read_file(data, name, found, 0)
    return found


def _read_message(raw: bytes, found: Words) -> None:
    message = unpack_message(raw, received=_LONG_AGO)
    for text in (*(f"{name}: {value}" for name, value in message.headers), message.text, *message.enclosed_texts):
        found.add(text)
    found.texts += [message.html_text, *message.inside, *message.report]
    for attached in message.attachments:
        found.add(attached.name)
        _read_file(attached.data, attached.name, found, 0)


def _read_file(data: bytes, name: str, found: Words, depth: int) -> None:
    if data.startswith(_ZIP) and depth < _DEEPEST:
        _read_zip(data, name, found, depth)
    elif data.startswith((_ZIP, *_UNREAD)) or (data.startswith(_OLE) and _ENCRYPTED in data):
        found.unread.append(name)
    else:
        found.add(*_decode(data))


def _read_zip(data: bytes, name: str, found: Words, depth: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            for entry in book.infolist():
                with book.open(entry) as part:
                    piece = part.read(found.left + 1)
                found.left -= len(piece)
                if found.left < 0:
                    found.unread.append(name)
                    return
                found.texts.append(entry.filename)
                _read_file(piece, f"{name} {entry.filename}".strip(), found, depth + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, NotImplementedError):
        found.unread.append(name)


def _decode(data: bytes) -> Iterator[str]:
    """Bytes as text. Markup is passed over twice: it may part two words, or stand within one."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        yield data.decode("latin-1")  # an old workbook holds its words in one of these two ways
        yield data.decode("utf-16-le", "replace")
        yield data[1:].decode("utf-16-le", "replace")
        return
    if "<" not in text:
        yield text
        return
    for between in ("\n", ""):
        yield html.unescape(_TAG.sub(between, text))
    yield html.unescape(" ".join(_TAG.findall(text)))  # what stands in attributes: alternative texts, links
