"""A paper's paragraphs as they are read, those in controls too, which python-docx's own list leaves out."""

from __future__ import annotations

import io

import docx
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph


def list_paragraphs(data: bytes) -> list[str]:
    """The text of every paragraph that stands in no table, in their order."""
    document = docx.Document(io.BytesIO(data))
    found = document.element.body.iter(qn("w:p"))
    return [Paragraph(one, document).text for one in found if next(one.iterancestors(qn("w:tbl")), None) is None]
