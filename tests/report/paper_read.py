"""A paper's paragraphs as they are read, those in controls too, which python-docx's own list leaves out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph


def list_paragraphs(data: bytes) -> list[str]:
    """The text of every paragraph that stands in no table, in their order."""
    document = docx.Document(io.BytesIO(data))
    found = document.element.body.iter(qn("w:p"))
    return [Paragraph(one, document).text for one in found if next(one.iterancestors(qn("w:tbl")), None) is None]


def list_untraced(data: bytes) -> Iterator[tuple[str, str]]:
    """Each cell of a table that prints a digit in no bookmark of a figure: the heading above it, and the digits."""
    for table in docx.Document(io.BytesIO(data)).element.body.iter(qn("w:tbl")):
        headings, *rows = ([*row.iter(qn("w:tc"))] for row in table.iter(qn("w:tr")))
        for cells in rows:
            for heading, cell in zip(headings, cells, strict=True):
                if digits := re.findall(r"\d+", _read_unmarked(cell)):
                    yield "".join(text.text for text in heading.iter(qn("w:t"))), " ".join(digits)


def _read_unmarked(cell: Any) -> str:
    """What a cell prints outside the bookmarks of figures."""
    inside, found = set[str](), ""
    for one in cell.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"), qn("w:t")):
        if one.tag == qn("w:bookmarkStart") and one.get(qn("w:name")).startswith("figure_"):
            inside.add(one.get(qn("w:id")))
        elif one.tag == qn("w:bookmarkEnd"):
            inside.discard(one.get(qn("w:id")))
        elif one.tag == qn("w:t") and not inside:
            found += f"{one.text} "
    return found
