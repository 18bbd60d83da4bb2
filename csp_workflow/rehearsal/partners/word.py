"""A person at Word: words typed into paragraphs of a file, which is saved again."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

_BODY = "word/document.xml"
_STAMP = (2014, 11, 20, 9, 0, 0)
_ASKED = re.compile(r"\[To be written by the Office: ([^\]<]*)\]")


def add_sentence(data: bytes, beginning: str, sentence: str) -> bytes:
    """The file with a sentence of one's own behind the paragraph that begins so; as it is where there is none."""
    paragraph = re.compile(f"({re.escape(beginning)}[^<]*</w:t></w:r>)")
    typed = f'\\1<w:r><w:t xml:space="preserve"> {sentence}</w:t></w:r>'
    return _retype(data, lambda body: paragraph.sub(typed, body, count=1))


def write_parts(data: bytes, write: Callable[[str], str]) -> bytes:
    """The file with one's own words wherever it asks the Office for some: `write` has them for what is asked."""
    return _retype(data, lambda body: _ASKED.sub(lambda found: write(found[1]), body))


def asks_for_parts(data: bytes) -> bool:
    """Whether a file asks the Office for words."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return bool(_ASKED.search(book.read(_BODY).decode()))


def _retype(data: bytes, change: Callable[[str], str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts[_BODY] = change(parts[_BODY].decode()).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(zipfile.ZipInfo(name, _STAMP), part)
    return out.getvalue()
