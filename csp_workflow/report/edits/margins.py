"""What stands at the head and the foot of the pages beside our own marking: read, and written into another draft.

A line there is known by what it says, in whichever of the file's heads (first page, even pages) it stands. A note is
read as a paragraph behind what it is to, and is one in a draft that is written anew.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from csp_workflow.report.edits.body import Piece, list_pieces, name_style, say
from csp_workflow.report.word.package import W, parse_part, unpack_parts, write_part

MARGIN = re.compile(r"word/(header|footer)\d*\.xml")
STYLES = {"header": "Marking", "footer": "Foot"}
"""In which style our own paragraphs stand in each."""
_WHERE = {"header": "at the head of the pages", "footer": "at the foot of the pages"}


def say_margin(place: str) -> str:
    """In which margin a place is, in words; "" for one in the body."""
    return _WHERE.get(place.partition(" ")[0], "")


def list_styled(root: Any, style: str) -> Iterator[Any]:
    """The paragraphs of a style."""
    return (paragraph for paragraph in root.iter(f"{W}p") if name_style(paragraph) == style)


def read_margins(parts: Mapping[str, bytes]) -> dict[str, Piece]:
    """Every line at the head or the foot that is not our own, by its place."""
    margins = ((found[1], parse_part(parts[name])) for name in sorted(parts) if (found := MARGIN.fullmatch(name)))
    return {place: piece for kind, root in margins for place, piece in _name_lines(kind, root).items()}


def _name_lines(kind: str, root: Any) -> dict[str, Piece]:
    ours = set(list_styled(root, STYLES[kind]))
    found = (piece for piece in list_pieces(root) if piece.paragraphs and ours.isdisjoint(piece.paragraphs))
    return {f"{kind} {piece.text}": piece for piece in found}


def put_in_margins(parts: dict[str, bytes], place: str, elements: Sequence[Any]) -> None:
    """Write a line above our own wherever it is not, or, without elements, take it out."""
    for name, part in parts.items():
        found = MARGIN.fullmatch(name)
        if not found or found[1] != place.partition(" ")[0]:
            continue
        root = parse_part(part)
        there = _name_lines(found[1], root).get(place)
        if there is not None and not elements:
            there.holder.getparent().remove(there.holder)
        elif there is None:
            ours = next(list_styled(root, STYLES[found[1]]), None)
            put = root.append if ours is None else ours.addprevious
            for element in elements:
                put(copy.deepcopy(element))
        parts[name] = write_part(root)


def stand_notes(parts: Mapping[str, bytes], body: Any) -> None:
    """Put each footnote and endnote into the body, as paragraphs behind what refers to it."""
    for kind in ("endnote", "footnote"):
        name = f"word/{kind}s.xml"
        notes = {one.get(f"{W}id"): one for one in parse_part(parts[name])} if name in parts else {}
        for child in list(body) if notes else ():
            marks = (one.get(f"{W}id") for one in child.iter(f"{W}{kind}Reference"))
            found = [made for mark in marks if mark in notes for made in _write_note(notes[mark])]
            for made in reversed(found):
                child.addnext(made)


def _write_note(note: Any) -> Iterator[Any]:
    from lxml import etree

    for paragraph in note.iter(f"{W}p"):
        made = etree.Element(f"{W}p")
        etree.SubElement(etree.SubElement(made, f"{W}pPr"), f"{W}pStyle").set(f"{W}val", "Note")
        made.extend(copy.deepcopy(one) for one in paragraph if one.tag != f"{W}pPr")
        yield made


def has_other_marking(given: bytes, edited: bytes) -> bool:
    """Whether somebody wrote into what we print at the head and the foot ourselves, which each draft has anew."""
    return not _list_marked(edited) <= _list_marked(given)


def _list_marked(data: bytes) -> set[tuple[str, str]]:
    """What our own lines say, letter by letter: programs put other blanks between."""
    margins = ((found[1], part) for name, part in unpack_parts(data).items() if (found := MARGIN.fullmatch(name)))
    lines = ((kind, say(one)) for kind, part in margins for one in list_styled(parse_part(part), STYLES[kind]))
    return {(kind, re.sub(r"\W", "", line)) for kind, line in lines}
