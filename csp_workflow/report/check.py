"""The circulation check: what must not, or must, be in a Word file before it goes to a secretariat."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WORDS = {
    "DRAFT": "the word DRAFT",
    "{{": "a placeholder '{{'",
    "[[": "a placeholder '[['",
}


def problems(data: bytes) -> tuple[str, ...]:
    """What is wrong with a Word file, a sentence each; () when it may be circulated. Never raises."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            names = book.namelist()
            parts = {
                name: etree.fromstring(book.read(name), parser)
                for name in names
                if re.fullmatch(r"(word/(document|header\d*|footer\d*|comments)|docProps/core)\.xml", name)
            }
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, OSError):
        return ("The file is no Word document that can be opened.",)
    if "word/document.xml" not in parts:
        return ("The file is no Word document.",)
    document = parts["word/document.xml"]
    return (*_texts(parts), *_marks(document, names), *_tables(document), *_headings(document), *_about(parts))


def _texts(parts: dict[str, Any]) -> Iterator[str]:
    for name, root in parts.items():
        text = "".join(root.itertext(f"{W}t"))
        where = "the header" if "header" in name else "the footer" if "footer" in name else "the text"
        for word, said in _WORDS.items():
            if word in text and name.startswith("word/"):
                yield f"There is {said} in {where}."


def _marks(document: Any, names: list[str]) -> Iterator[str]:
    if any(name.startswith("word/comments") for name in names):
        yield "The file holds comments; delete them first."
    if any(True for _ in document.iter(f"{W}ins", f"{W}del", f"{W}moveFrom", f"{W}moveTo")):
        yield "The file holds tracked changes; accept or reject them first."
    unnamed = [e for e in document.iter() if str(e.tag).endswith("}docPr") and not e.get("descr")]
    if unnamed:
        yield f"{len(unnamed)} pictures or charts have no alternative text."


def _tables(document: Any) -> Iterator[str]:
    for number, table in enumerate(document.iter(f"{W}tbl"), start=1):
        if not any(True for _ in table.iter(f"{W}tblHeader")):
            yield f"Table {number} has no marked header row."
        empty = sum(not "".join(cell.itertext(f"{W}t")).strip() for cell in table.iter(f"{W}tc"))
        if empty:
            yield f"Table {number} has {empty} empty cells."
        if any(True for _ in table.iter(f"{W}gridSpan", f"{W}vMerge")):
            yield f"Table {number} has merged cells."


def _headings(document: Any) -> Iterator[str]:
    styles = (p.find(f"{W}pPr/{W}pStyle") for p in document.iter(f"{W}p"))
    found = [re.fullmatch(r"Heading(\d)", style.get(f"{W}val", "")) for style in styles if style is not None]
    levels = [int(match[1]) for match in found if match]
    if levels.count(1) != 1:
        yield f"There are {levels.count(1)} main headings; there must be one."
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"A heading of level {after} follows one of level {before}."


def _about(parts: dict[str, Any]) -> Iterator[str]:
    core = parts.get("docProps/core.xml")
    told = {} if core is None else {str(e.tag).rpartition("}")[2]: (e.text or "").strip() for e in core}
    for name in ("title", "language"):
        if not told.get(name):
            yield f"The document's properties have no {name}."
