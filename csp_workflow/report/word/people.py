"""Whom a file's properties name, those of the workbooks behind its charts too: found, and taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from csp_workflow.report.word.package import pack_parts, parse_part, unpack_parts, write_part

_PROPERTIES = re.compile(r"docProps/(?:core|app|custom)\.xml")
_BOOK = re.compile(r"word/embeddings/[^/]+\.xlsx", re.IGNORECASE)
_NAMES = {"creator": "its author", "lastModifiedBy": "who saved it last", "Manager": "a manager"}
_OWN = re.compile(r"owner|author|editor|typist|manager|user|e-?mail| by$", re.IGNORECASE)
"""What names somebody among the properties that people and labels of sensitivity add: "MSIP_Label_..._Owner"."""


def list_named_people(parts: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """What somebody is named as, and whom the file names so."""
    for name, part in parts.items():
        if _PROPERTIES.fullmatch(name):
            yield from ((what, _say(one)) for one, what in _find_naming(parse_part(part)) if _say(one))
        elif _BOOK.fullmatch(name):
            yield from ((f"{what} (behind a chart)", person) for what, person in list_named_people(_open_book(part)))


def forget_people(parts: dict[str, bytes]) -> None:
    """Who made or edited a paper is nobody's business who reads it."""
    for name, part in parts.items():
        if _PROPERTIES.fullmatch(name):
            root = parse_part(part)
            naming = [one for one, _ in _find_naming(root)]
            for one in naming:
                _take_out(one)
            parts[name] = write_part(root) if naming else part
        elif _BOOK.fullmatch(name):
            book = _open_book(part)
            if any(True for _ in list_named_people(book)):
                forget_people(book)
                parts[name] = pack_parts(book)


def _find_naming(root: Any) -> Iterator[tuple[Any, str]]:
    for one in root:
        name = str(one.tag).rpartition("}")[2]
        if name == "property" and _OWN.search(one.get("name", "")):
            yield one, one.get("name")
        elif name in _NAMES:
            yield one, _NAMES[name]


def _say(element: Any) -> str:
    return "".join(element.itertext()).strip()


def _take_out(element: Any) -> None:
    """An element that must stand there is emptied."""
    if element.get("name"):
        element.getparent().remove(element)
    else:
        element.text = ""


def _open_book(data: bytes) -> dict[str, bytes]:
    try:
        return unpack_parts(data, "xl/workbook.xml")
    except ValueError:  # no workbook that could be opened, by whomever
        return {}
