"""A person at Word: a sentence typed behind the first numbered paragraph of a file, which is saved again."""

from __future__ import annotations

import io
import re
import zipfile

_FIRST = re.compile(r'(<w:pStyle w:val="Numberedparagraph"/>.*?</w:t></w:r>)', re.DOTALL)
_BODY = "word/document.xml"
_STAMP = (2014, 11, 20, 9, 0, 0)


def add_sentence(data: bytes, sentence: str) -> bytes:
    """The file with a sentence of one's own; as it is where it has no numbered paragraph."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    typed = f'\\1<w:r><w:t xml:space="preserve"> {sentence}</w:t></w:r>'
    parts[_BODY] = _FIRST.sub(typed, parts[_BODY].decode(), count=1).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(zipfile.ZipInfo(name, _STAMP), part)
    return out.getvalue()
