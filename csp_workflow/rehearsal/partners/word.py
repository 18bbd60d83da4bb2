"""A person at Word: a sentence typed at the end of a paragraph of a file, which is saved again."""

from __future__ import annotations

import io
import re
import zipfile

_BODY = "word/document.xml"
_STAMP = (2014, 11, 20, 9, 0, 0)


def add_sentence(data: bytes, beginning: str, sentence: str) -> bytes:
    """The file with a sentence of one's own behind the paragraph that begins so; as it is where there is none."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    typed = f'\\1<w:r><w:t xml:space="preserve"> {sentence}</w:t></w:r>'
    paragraph = re.compile(f"({re.escape(beginning)}[^<]*</w:t></w:r>)")
    parts[_BODY] = paragraph.sub(typed, parts[_BODY].decode(), count=1).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(zipfile.ZipInfo(name, _STAMP), part)
    return out.getvalue()
