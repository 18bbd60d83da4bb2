"""A Word file's body as pieces that are found again in another draft: tagged words, standing paragraphs, tables."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from csp_workflow.report.word.package import W

OUR_NAME = "csp-workflow"
"""By whom the comments and the tracked changes are that we write."""

CHANGES = re.compile(r"ins|del|moveFrom|moveTo|\w+Change|cellIns|cellDel|cellMerge")
"""What marks a tracked change."""

CELL = "\x1f"
"""Stands between the parts of a cell's place: its table, the first cell of its row, its column (from 0)."""

_NUMBERED = re.compile(r"^\s*(?:REF|SEQ|PAGE|PAGEREF|NUMPAGES|TOC)\b")
"""Fields whose result Word reckons anew: that it is another now is nobody's edit."""
_NOTHING = re.compile(r"(?!)")
_SIGNS = {"tab": "\t", "br": "\n", "noBreakHyphen": "-"}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One piece of a body. `place` finds it in another draft; `holder` is its element in the body.

    `text` is what it says, with what Word reckons itself left out.
    """

    place: str
    holder: Any
    paragraphs: tuple[Any, ...]
    text: str

    @property
    def is_words(self) -> bool:
        """Whether it has a key of its own, whatever it says."""
        return bool(self.holder.tag == f"{W}sdt")

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture or chart; then its text is its description. In its holder something else stands as
        well where it has no paragraph of its own."""
        return self.place.startswith(_PICTURE)

    @property
    def is_table(self) -> bool:
        """Whether it is a table, whose cells are pieces themselves."""
        return bool(self.holder.tag == f"{W}tbl")

    def cells(self) -> list[list[Any]]:
        """A table's cells, row by row."""
        return [row.findall(f"{W}tc") for row in self.holder.findall(f"{W}tr")]


_PICTURE = "picture "
"""How the place of a picture or chart begins, which is known by how its description begins."""
_UNNAMED = "a picture without a description"

EDITED = "(edited by the Office)"
"""What is printed behind somebody's own words that the office changed; it is no part of them."""


def list_pieces(body: Any) -> tuple[Piece, ...]:
    """The pieces of a body that say something, in their order."""
    seen: Counter[str] = Counter()
    return tuple(_name_pieces(_find_pieces(body), seen))


def _name_pieces(found: Iterator[tuple[str, Any, tuple[Any, ...]]], seen: Counter[str]) -> Iterator[Piece]:
    for place, holder, paragraphs in found:
        seen[place] += 1
        named = place if seen[place] == 1 else f"{place} #{seen[place]}"
        text = _describe(holder) if place.startswith(_PICTURE) else say_all(paragraphs)
        yield Piece(place=named, holder=holder, paragraphs=paragraphs, text=text)


def _find_pieces(body: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    for child in body:
        if child.tag == f"{W}sdt":
            yield from _find_in_control(child)
        elif child.tag == f"{W}tbl":
            yield f"table {_name_table(child)}", child, tuple(child.iter(f"{W}p"))
        elif child.tag == f"{W}p" and say(child):
            yield f"paragraph {say(child)}", child, (child,)
        if shows_more(child) and not _is_of_word(child):
            alone = () if child.tag != f"{W}p" or say(child) else (child,)
            yield f"{_PICTURE}{re.split('[,:.]', _describe(child), maxsplit=1)[0]}", child, alone


def _is_of_word(element: Any) -> bool:
    """Whether it is a control without a tag, which Word puts around pieces."""
    return bool(element.tag == f"{W}sdt" and element.find(f"{W}sdtPr/{W}tag") is None)


def _find_in_control(control: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    content, tag = control.find(f"{W}sdtContent"), control.find(f"{W}sdtPr/{W}tag")
    if content is None or control.find(f"{W}sdtPr/{W}showingPlcHdr") is not None:
        return  # Word shows what to do in place of what was taken out
    if tag is None:
        yield from _find_pieces(content)
    else:
        yield f"words {tag.get(f'{W}val')}", control, tuple(content.iter(f"{W}p"))


def name_style(element: Any) -> str:
    """The style of a paragraph, or of the first in a control; "" for none."""
    paragraph = element.find(f"{W}sdtContent/{W}p") if element.tag == f"{W}sdt" else element
    style = None if paragraph is None else paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else str(style.get(f"{W}val"))


def find_drawing(paragraph: Any) -> Any:
    """The properties of the first picture or chart in a paragraph, else None."""
    return next((one for one in paragraph.iter() if str(one.tag).endswith("}docPr")), None)


def _describe(paragraph: Any) -> str:
    """What somebody who cannot see a paragraph's picture is told of it."""
    drawing = find_drawing(paragraph)
    return " ".join(("" if drawing is None else drawing.get("descr", "")).split()) or _UNNAMED


def _name_table(table: Any) -> str:
    """A table's head and what its first row is about: its figures may be others in each draft."""
    rows = [[say_all(cell.iter(f"{W}p")) for cell in row.findall(f"{W}tc")] for row in table.findall(f"{W}tr")[:2]]
    return " | ".join((*rows[0], *rows[1][:1])) if len(rows) > 1 else " | ".join(rows[0] if rows else ())


def say_all(paragraphs: Any) -> str:
    """What several paragraphs say, a line each."""
    return "\n".join(filter(None, map(say, paragraphs)))


def say(paragraph: Any) -> str:
    """What a paragraph says, spaces as one; what Word reckons itself is left out."""
    said = unicodedata.normalize("NFC", "".join(_say_parts(paragraph, _NUMBERED)))
    return " ".join(said.split())


def show(paragraph: Any) -> str:
    """What a paragraph prints, fields as they stand."""
    return "".join(_say_parts(paragraph, _NOTHING))


def _say_parts(paragraph: Any, without: re.Pattern[str]) -> Iterator[str]:
    fields: list[list[Any]] = []  # each: its instruction so far, and whether its result has begun
    for part in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br", f"{W}noBreakHyphen", f"{W}fldChar", f"{W}instrText"):
        name = part.tag.removeprefix(W)
        if name == "fldChar":
            _follow_field(fields, part.get(f"{W}fldCharType", ""))
        elif name == "instrText":
            if fields:
                fields[-1][0] += part.text or ""
        elif is_mark_of_edit(part.getparent()) and without is _NUMBERED:
            continue
        elif not any(without.match(instruction) or not is_result for instruction, is_result in fields):
            yield part.text or "" if name == "t" else _SIGNS[name]


def is_mark_of_edit(run: Any) -> bool:
    """Whether a run is only what we print behind words that the office changed."""
    return "".join(run.itertext(f"{W}t")).strip() == EDITED


def _follow_field(fields: list[list[Any]], kind: str) -> None:
    if kind == "begin":
        fields.append(["", False])
    elif fields and kind == "separate":
        fields[-1][1] = True
    elif fields and kind == "end":
        fields.pop()


# What of somebody's markup may be put into another file -------------------------------------------------

_KEPT = re.compile(
    "p|pPr|pStyle|r|rPr|rStyle|b|i|u|vertAlign|t|br|tab|noBreakHyphen|bookmarkStart|bookmarkEnd|fldChar|instrText|jc"
    "|tbl|tblPr|tblStyle|tblW|tblLayout|tblCellMar|left|right|top|bottom|start|end|tblLook|tblCaption|tblDescription"
    "|tblGrid|gridCol|tr|trPr|cantSplit|tblHeader|tc|tcPr|tcW|gridSpan|vMerge"
)
_OPENED = re.compile("hyperlink|smartTag|sdt|sdtContent|customXml|fldSimple")
"""What is left out but for what stands in it."""
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def clean_markup(element: Any) -> Any:
    """A copy with nothing in it that points elsewhere: text, its style, emphasis, tables. Pictures are left out."""
    from lxml import etree

    made = etree.Element(element.tag, nsmap={"w": W[1:-1]})
    made.text = element.text if element.tag in {f"{W}t", f"{W}instrText"} else None
    for name, value in element.attrib.items():
        if name == _SPACE or (name.startswith(W) and not name.startswith(f"{W}rsid")):
            made.set(name, value)
    made.extend(_clean_children(element))
    return made


def _clean_children(element: Any) -> Iterator[Any]:
    for child in element:
        name = str(child.tag).removeprefix(W)
        if _OPENED.fullmatch(name):
            yield from _clean_children(child)
        elif (name == "r" and is_mark_of_edit(child)) or (
            name == "instrText" and not _NUMBERED.match(child.text or "")
        ):
            continue
        elif _KEPT.fullmatch(name):
            yield clean_markup(child)


def shows_more(element: Any) -> bool:
    """Whether an element has pictures, signs or formulas, which `clean_markup` leaves out."""
    lost = ("drawing", "pict", "object", "sym", "oMath")
    return any(str(one.tag).rpartition("}")[2] in lost for one in element.iter())
