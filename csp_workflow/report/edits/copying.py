"""The file that circulates, made from exactly the draft that was cleared: without our comments, and marked as it goes.

What differs is the head and the foot of the pages, and the comments that we put there ourselves.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from csp_workflow.report.edits.margins import MARGIN, STYLES, list_styled
from csp_workflow.report.word.package import PROPERTIES, W, pack_parts, parse_part, unpack_parts, write_part

_NOTES = re.compile(r"word/(?:comments\w*|people)\.xml")
_TEXT = re.compile(r"word/(?:document|header\d*|footer\d*)\.xml")


def make_copy(draft: bytes, ours: bytes) -> bytes:
    """A draft as it circulates; `ours` is a paper with the marking that it then has."""
    return take_margins(strip_notes(draft), ours)


def take_margins(data: bytes, ours: bytes) -> bytes:
    """The file with the marking at the head, and the foot, of ours on each of its pages; it was made when ours was."""
    parts, mine = unpack_parts(data), unpack_parts(ours)
    parts |= {name: mine[name] for name in parts.keys() & mine.keys() & {PROPERTIES}}
    wanted = {kind: _find_marked(mine, kind) for kind in STYLES}
    for name in parts:
        if found := MARGIN.fullmatch(name):
            parts[name] = _mark_anew(parts[name], STYLES[found[1]], wanted[found[1]])
    return pack_parts(parts)


def _find_marked(parts: Mapping[str, bytes], kind: str) -> list[Any]:
    """The paragraphs that say what paper it is, from the first such part that has any."""
    margins = (parse_part(part) for name, part in sorted(parts.items()) if name.startswith(f"word/{kind}"))
    return next((found for root in margins if (found := list(list_styled(root, STYLES[kind])))), [])


def _mark_anew(part: bytes, style: str, wanted: list[Any]) -> bytes:
    from lxml import etree

    root = parse_part(part)
    for paragraph in list(list_styled(root, style)):
        paragraph.getparent().remove(paragraph)
    root.extend(map(copy.deepcopy, wanted))
    if root.find(f"{W}p") is None:  # Word takes no head or foot without a paragraph
        etree.SubElement(root, f"{W}p")
    return write_part(root)


def take_out_emptied(data: bytes) -> bytes:
    """The file without the controls that somebody emptied: Word shows "Click here to enter text" in their place."""
    parts = unpack_parts(data)
    root = parse_part(parts["word/document.xml"])
    emptied = [mark.getparent().getparent() for mark in root.iter(f"{W}showingPlcHdr")]
    for control in emptied:
        control.getparent().remove(control)
    return pack_parts({**parts, "word/document.xml": write_part(root)}) if emptied else data


def strip_notes(data: bytes) -> bytes:
    """The file without comments."""
    parts = unpack_parts(data)
    gone = [name for name in parts if _NOTES.fullmatch(name)]
    if not gone:
        return data
    for name in gone:
        del parts[name]
    for name in [one for one in parts if _TEXT.fullmatch(one)]:
        parts[name] = _strip_marks(parts[name])
    for name in [one for one in parts if one.endswith(".rels") or one == "[Content_Types].xml"]:
        parts[name] = _forget_parts(parts[name], gone)
    return pack_parts(parts)


def _strip_marks(part: bytes) -> bytes:
    root = parse_part(part)
    for mark in list(root.iter(f"{W}commentRangeStart", f"{W}commentRangeEnd")):
        mark.getparent().remove(mark)
    for mark in list(root.iter(f"{W}commentReference")):
        run = mark.getparent()
        run.getparent().remove(run)
    return write_part(root)


def _forget_parts(part: bytes, gone: list[str]) -> bytes:
    root = parse_part(part)
    named = {name for one in gone for name in (f"/{one}", one, one.removeprefix("word/"))}
    for child in list(root):
        if named & {child.get("PartName"), child.get("Target")}:
            root.remove(child)
    return write_part(root)
