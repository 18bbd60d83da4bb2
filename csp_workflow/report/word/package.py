"""A Word file as the parts it is packed of: opened within bounds, packed again as the same bytes; and whom its
properties name, those of the workbooks behind its charts too.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MARKS = "urn:csp-workflow:marks"
"""The namespace of the part that says what each bookmark marks."""

LARGEST = 100_000_000
"""A file that unpacks to more bytes than this is no paper."""


class TooLarge(ValueError):
    """It unpacks to more than a paper's bytes."""


_STAMP = (1980, 1, 1, 0, 0, 0)
PROPERTIES = "docProps/core.xml"
"""The part that says what a file is called and when it was made, by which it is known again."""


def unpack_parts(data: bytes, main: str = "word/document.xml") -> dict[str, bytes]:
    """The parts by name, `main` among them. Raises ValueError for what is no Word file, TooLarge for what is too large
    to be one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            if sum(info.file_size for info in book.infolist()) > LARGEST:
                raise TooLarge("The file is too large for a Word document.")
            parts = {name: book.read(name) for name in book.namelist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, NotImplementedError, RuntimeError) as fault:
        raise ValueError("The file is no Word document that can be opened.") from fault
    if main not in parts:
        raise ValueError("The file is no Word document.")
    return parts


def pack_parts(parts: Mapping[str, bytes]) -> bytes:
    """The parts in a fixed order with fixed stamps."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name in sorted(parts, key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            book.writestr(info, parts[name])
    return out.getvalue()


def parse_part(data: bytes) -> Any:
    """A part's root element, whoever wrote it. Raises ValueError when it is no XML."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as fault:
        raise ValueError("The file is no Word document that can be opened.") from fault


def write_part(root: Any) -> bytes:
    """A part from its root element."""
    from lxml import etree

    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True))


# Whom its properties name ---------------------------------------------------------------------------

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
