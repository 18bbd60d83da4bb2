"""The check of a Word file before it goes to a secretariat: what must not, and what must, be in it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WORDS = {
    "DRAFT": "the word DRAFT",
    "{{": "a placeholder '{{'",
    "[[": "a placeholder '[['",
}


def find_problems(data: bytes) -> tuple[str, ...]:
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
    return (
        *_check_margins(parts),
        *_check_marks(document, names),
        *_check_tables(document),
        *_check_headings(document),
        *_check_properties(parts),
    )


def _check_margins(parts: dict[str, Any]) -> Iterator[str]:
    """Our own marks, where they are ours: people write DRAFT, {{ and [[ into a return, and are quoted."""
    for name, root in parts.items():
        margin = re.match(r"word/(header|footer)", name)
        text = "".join(root.itertext(f"{_W}t"))
        yield from (f"There is {what} in the {margin[1]}." for word, what in _WORDS.items() if margin and word in text)


def _check_marks(document: Any, names: list[str]) -> Iterator[str]:
    if any(name.startswith("word/comments") for name in names):
        yield "The file holds comments; delete them first."
    if any(True for _ in document.iter(f"{_W}ins", f"{_W}del", f"{_W}moveFrom", f"{_W}moveTo")):
        yield "The file holds tracked changes; accept or reject them first."
    unnamed = [e for e in document.iter() if str(e.tag).endswith("}docPr") and not e.get("descr")]
    if unnamed:
        yield f"{len(unnamed)} pictures or charts have no alternative text."


def _check_tables(document: Any) -> Iterator[str]:
    for number, table in enumerate(document.iter(f"{_W}tbl"), start=1):
        if not any(True for _ in table.iter(f"{_W}tblHeader")):
            yield f"Table {number} has no marked header row."
        empty = sum(not "".join(cell.itertext(f"{_W}t")).strip() for cell in table.iter(f"{_W}tc"))
        if empty:
            yield f"Table {number} has {empty} empty cells."
        if any(True for _ in table.iter(f"{_W}gridSpan", f"{_W}vMerge")):
            yield f"Table {number} has merged cells."


def _check_headings(document: Any) -> Iterator[str]:
    styles = (p.find(f"{_W}pPr/{_W}pStyle") for p in document.iter(f"{_W}p"))
    found = [re.fullmatch(r"Heading(\d)", style.get(f"{_W}val", "")) for style in styles if style is not None]
    levels = [int(match[1]) for match in found if match]
    if levels.count(1) != 1:
        yield f"There are {levels.count(1)} main headings; there must be one."
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"A heading of level {after} follows one of level {before}."


def _check_properties(parts: dict[str, Any]) -> Iterator[str]:
    core = parts.get("docProps/core.xml")
    named = {} if core is None else {str(e.tag).rpartition("}")[2]: (e.text or "").strip() for e in core}
    for name in ("title", "language"):
        if not named.get(name):
            yield f"The document's properties have no {name}."
