"""A paper's paragraphs as they are read, those in controls too, which python-docx's own list leaves out."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import openpyxl
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph


def list_paragraphs(data: bytes) -> list[str]:
    """The text of every paragraph that stands in no table, in their order."""
    document = docx.Document(io.BytesIO(data))
    found = document.element.body.iter(qn("w:p"))
    return [Paragraph(one, document).text for one in found if next(one.iterancestors(qn("w:tbl")), None) is None]


def list_table_texts(data: bytes) -> list[str]:
    """The text of every cell."""
    cells = docx.Document(io.BytesIO(data)).element.body.iter(qn("w:tc"))
    return ["".join(text.text or "" for text in cell.iter(qn("w:t"))) for cell in cells]


def read_sheets(data: bytes) -> dict[str, list[dict[str, str]]]:
    """Each sheet of the workbook beside a paper: its lines, by the headings of their columns."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    found = {}
    for sheet in (book[name] for name in book.sheetnames if book[name].tables):
        ((span, *_),) = (table.ref.split(":") for table in sheet.tables.values())
        first = sheet[span].row
        headings, *lines = ([str(cell) for cell in row] for row in sheet.iter_rows(min_row=first, values_only=True))
        found[sheet.title] = [dict(zip(headings, line, strict=True)) for line in lines]
    return found


def lay_out_pages(data: bytes, place: Path) -> list[str]:
    """The pages of a paper as LibreOffice lays them out, its fonts as wide as Word's."""
    (place / "paper.docx").write_bytes(data)
    profile = f"-env:UserInstallation=file://{place / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", place, place / "paper.docx"]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    text = subprocess.run(["pdftotext", "-layout", place / "paper.pdf", "-"], check=True, capture_output=True).stdout
    return text.decode().removesuffix("\f").split("\f")


def find_faults_of_layout(pages: list[str]) -> list[str]:
    """What a member would see: the story not on one page, the body over twelve, a page with next to nothing."""
    story = ("asked to do", "What the quarter shows", "What is missing", "What has changed since the last paper")
    faults = [f"'{heading}' is not on the first page" for heading in story if heading not in pages[0]]
    body = "\f".join(pages).rpartition("Appendix A: The Police")[0].rstrip().count("\f") + 1
    faults += [f"the body has {body} pages"] if body > 12 else []
    lines = [sum(bool(line.strip()) for line in page.splitlines()) for page in pages]
    return faults + [f"page {n} has {many} lines" for n, many in enumerate(lines, 1) if many <= _HEAD_AND_FOOT + 3]


_HEAD_AND_FOOT = 3


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
