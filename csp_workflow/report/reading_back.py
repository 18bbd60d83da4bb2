"""A paper that was edited and came back: its words and figures found again, and what programs drop put back.

Words stand in tagged controls, and in bookmarks since LibreOffice drops the tags; a part of the file says what each
bookmark marks. LibreOffice also drops what tables and charts are called and how they are described.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from csp_workflow.report.word.package import (
    MARKS,
    RELATIONS,
    W,
    forget_people,
    pack_parts,
    parse_part,
    unpack_parts,
    write_part,
)

_BODY, _RELATED = "word/document.xml", "word/_rels/document.xml.rels"


def read_marks(data: bytes) -> dict[str, str]:
    """The words of each key that a paper still has, a paragraph a line; tracked insertions count, deletions do not.

    Raises ValueError for what is no Word file.
    """
    parts = unpack_parts(data)
    body, known = parse_part(parts[_BODY]), _list_known(parts)
    keys = {name: key for name, (kind, key) in known.items() if kind == "words"}
    marked = _Marked(body)
    found = {keys[name]: marked.read_words(name) for name in keys if name in marked.starts}
    for control in body.iter(f"{W}sdt"):
        tag = control.find(f"{W}sdtPr/{W}tag")
        if tag is not None:
            key = tag.get(f"{W}val")
            found[keys.get(key, key)] = "\n".join(map(_read_paragraph, control.iter(f"{W}p")))
    return found


def read_figures(data: bytes) -> tuple[tuple[str, str, str], ...]:
    """Every figure that a paper still prints: its bookmark, its key, and what is printed. Raises ValueError."""
    parts = unpack_parts(data)
    marked = _Marked(parse_part(parts[_BODY]))
    known = _list_known(parts)
    return tuple(
        (name, known[name][1], marked.texts[name])
        for name in marked.texts
        if name in known and known[name][0] == "figure"
    )


def restore_marks(edited: bytes, draft: bytes) -> bytes:
    """The edited file with what its program dropped of our draft's: what each bookmark marks, tags, captions and
    descriptions of tables, alternative texts of charts; without the names of who edited it.

    What she changed stays; what is no longer there is not put back. Raises ValueError for what is no Word file.
    """
    parts, ours = unpack_parts(edited), unpack_parts(draft)
    body, before = parse_part(parts[_BODY]), _Marked(parse_part(ours[_BODY]))
    _end_controls(body)
    now = _Marked(body)
    known = _list_known(ours)
    if not _list_known(parts):
        _restore_known(parts, known)
    _restore_dropped(now, before, [name for name in before.starts if known.get(name, ("",))[0] == "words"])
    for name in before.starts.keys() & now.starts.keys():
        if name in known and known[name][0] == "words":
            _restore_tag(now.list_paragraphs(name), before.list_paragraphs(name))
        elif name not in known:
            theirs, its = _find_exhibit(now.starts[name]), _find_exhibit(before.starts[name])
            if theirs is not None and its is not None and theirs.tag == its.tag:
                _restore_names(theirs, its)
                _restore_chart((parts, theirs), (ours, its))
    parts[_BODY] = write_part(body)
    forget_people(parts)
    return pack_parts(parts)


# Bookmarks, and what stands between their ends ---------------------------------------------------


class _Marked:
    """Where the bookmarks of a body begin and end, and what is printed between."""

    def __init__(self, body: Any) -> None:
        self.starts: dict[str, Any] = {}
        self.texts: dict[str, str] = {}
        self._ends: dict[str, Any] = {}
        self.paragraphs = list(body.iter(f"{W}p"))
        self.places = {paragraph: place for place, paragraph in enumerate(self.paragraphs)}
        opened: dict[str, str] = {}
        for one in body.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd", f"{W}p", *_PRINTED):
            ident = one.get(f"{W}id")
            if one.tag == f"{W}bookmarkStart":
                # LibreOffice begins a bookmark again in each paragraph that it goes through.
                name = one.get(f"{W}name", "")
                opened = {other: kept for other, kept in opened.items() if kept != name} | {ident: name}
                self.starts.setdefault(name, one)
                self.texts.setdefault(name, "")
            elif one.tag == f"{W}bookmarkEnd" and ident in opened:
                self._ends[opened.pop(ident)] = one
            elif opened and (text := "\n" if one.tag == f"{W}p" else _read_piece(one)):
                self.texts |= {name: self.texts[name] + text for name in opened.values()}

    def list_paragraphs(self, name: str) -> list[Any]:
        """The paragraphs that a bookmark goes through, whole: what is added at the end of one stands behind its end."""
        first = self._find_place(self.starts[name])
        last = self._find_place(self._ends.get(name, self.starts[name]))
        return self.paragraphs[first : last + 1]

    def read_words(self, name: str) -> str:
        """The words of a bookmark: its paragraphs, or just what it covers where another's words were joined to it."""
        paragraphs = self.list_paragraphs(name)
        inside = {one for paragraph in paragraphs for one in paragraph.iter(f"{W}bookmarkStart")}
        others = (start for other, start in self.starts.items() if other.startswith("words_") and other != name)
        if any(start in inside for start in others):
            return self.texts[name].strip("\n")
        return "\n".join(map(_read_paragraph, paragraphs))

    def _find_place(self, mark: Any) -> int:
        """The place of the paragraph that a mark stands in; of the next one to a start that stands in none, and of the
        last one to an end."""
        paragraph = next(mark.iterancestors(f"{W}p"), None)
        if paragraph is not None:
            return self.places[paragraph]
        is_end = mark.tag == f"{W}bookmarkEnd"
        beside = (one for sibling in mark.itersiblings(preceding=is_end) for one in sibling.iter(f"{W}p"))
        nearest = max if is_end else min
        return nearest((self.places[one] for one in beside), default=len(self.paragraphs) - 1)


_PRINTED = (f"{W}t", f"{W}tab", f"{W}br", f"{W}cr", f"{W}noBreakHyphen")
_GONE = (f"{W}del", f"{W}moveFrom")


def _read_paragraph(paragraph: Any) -> str:
    return "".join(map(_read_piece, paragraph.iter(*_PRINTED)))


def _read_piece(piece: Any) -> str:
    """What a piece of a run prints; nothing when it is deleted, or a tab stop of a style."""
    if piece.getparent().tag != f"{W}r" or any(True for _ in piece.iterancestors(*_GONE)):
        return ""
    return piece.text or "" if piece.tag == f"{W}t" else _SIGNS.get(piece.tag, "\n")


_SIGNS = {f"{W}tab": "\t", f"{W}noBreakHyphen": "-"}


# What each bookmark marks, in a part of its own --------------------------------------------------


def _list_known(parts: Mapping[str, bytes]) -> dict[str, tuple[str, str]]:
    """What each bookmark marks: its kind, and the key."""
    for name, part in parts.items():
        if re.fullmatch(r"customXml/item\d+\.xml", name) and MARKS.encode() in part:
            return {one.get("name"): (one.tag.rpartition("}")[2], one.get("key")) for one in parse_part(part)}
    return {}


def _restore_known(parts: dict[str, bytes], known: Mapping[str, tuple[str, str]]) -> None:
    from lxml import etree

    root = parse_part(f'<marks xmlns="{MARKS}"/>'.encode())
    for name, (kind, key) in known.items():
        etree.SubElement(root, f"{{{MARKS}}}{kind}", name=name, key=key)
    numbers = {int(number) for name in parts for number in re.findall(r"customXml/item(\d+)\.xml", name)}
    free = max(numbers, default=0) + 1
    parts[f"customXml/item{free}.xml"] = write_part(root)
    related = parse_part(parts[_RELATED])
    etree.SubElement(
        related,
        f"{{{related.nsmap[None]}}}Relationship",
        Id=f"rIdMarks{free}",
        Type=f"{RELATIONS}customXml",
        Target=f"../customXml/item{free}.xml",
    )
    parts[_RELATED] = write_part(related)


# Controls ----------------------------------------------------------------------------------------


def _end_controls(body: Any) -> None:
    """End each control where its section ends: LibreOffice lets one go on until the next section's first table."""
    for end in list(body.iter(f"{W}sectPr")):
        for control in end.iterancestors(f"{W}sdt"):
            last = next(one for one in control.find(f"{W}sdtContent") if end in one.iter())
            for follows in reversed(list(last.itersiblings())):
                control.addnext(follows)


def _restore_dropped(now: _Marked, before: _Marked, names: list[str]) -> None:
    """Our controls around words of which a program kept neither the control nor the bookmark, where they are ours."""
    dropped = [name for name in names if name not in now.starts]
    if not dropped:
        return
    theirs, ours = ([_read_paragraph(one).strip() for one in marked.paragraphs] for marked in (now, before))
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    same = {i + n: j + n for i, j, size in blocks for n in range(size)}
    for name in dropped:
        words = before.list_paragraphs(name)
        found = [same.get(before.places[one], -1) for one in words]
        if -1 not in found and found == list(range(found[0], found[0] + len(found))):
            _restore_tag([now.paragraphs[place] for place in found], words)


# Tags, captions, descriptions --------------------------------------------------------------------


def _restore_tag(now: list[Any], before: list[Any]) -> None:
    """Our control around the paragraphs again, with our tag, where theirs has none."""
    ours = next(before[0].iterancestors(f"{W}sdt"))
    theirs = next(now[0].iterancestors(f"{W}sdt"), None)
    if theirs is None:
        theirs = copy.deepcopy(ours)
        inside = theirs.find(f"{W}sdtContent")
        inside[:] = []
        now[0].addprevious(theirs)
        inside.extend([one for one in now if one.getparent() is theirs.getparent()])
    for properties in theirs.findall(f"{W}sdtPr"):
        if properties.find(f"{W}tag") is None:
            properties.insert(0, copy.deepcopy(ours.find(f"{W}sdtPr/{W}tag")))


def list_redrawn(given: bytes, edited: bytes) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each chart whose numbers somebody changed: how it is described, what it showed, and what it shows instead."""
    parts, ours = unpack_parts(edited), unpack_parts(given)
    drawn = {one.get("descr"): one for one in _list_drawings(ours)}
    for theirs in _list_drawings(parts):
        its = drawn.get(theirs.get("descr"))
        charts = its is not None and (_find_chart(ours, its), _find_chart(parts, theirs))
        if charts and all(charts):
            was, now = (
                Counter(_list_numbers(of[chart[0]])) for of, chart in zip((ours, parts), charts, strict=True) if chart
            )
            if was != now:
                yield theirs.get("descr"), list((was - now).elements()), list((now - was).elements())


def _list_drawings(parts: Mapping[str, bytes]) -> Iterator[Any]:
    return (one for one in parse_part(parts[_BODY]).iter() if str(one.tag).endswith("}docPr"))


def _find_exhibit(mark: Any) -> Any:
    """The properties of the table or drawing that a mark is the caption of, else None."""
    paragraph = next(mark.iterancestors(f"{W}p"), None)
    after = () if paragraph is None else paragraph.itersiblings(f"{W}tbl", f"{W}p")
    follows = next(iter(after), None)
    if follows is None or follows.tag == f"{W}tbl":
        return None if follows is None else follows.find(f"{W}tblPr")
    return next((one for one in follows.iter() if str(one.tag).endswith("}docPr")), None)


def _restore_names(now: Any, before: Any) -> None:
    """What is missing of a table's caption and description, or of a chart's alternative text."""
    if now.tag == f"{W}tblPr":
        lacking = [one for one in before.iterchildren(*_NAMES) if now.find(one.tag) is None]
        change = now.find(f"{W}tblPrChange")
        place = len(now) if change is None else now.index(change)
        now[place:place] = map(copy.deepcopy, lacking)
    elif not now.get("descr"):
        now.set("descr", before.get("descr"))
        now.set("name", before.get("name"))


_NAMES = (f"{W}tblCaption", f"{W}tblDescription")


_Placed = tuple[dict[str, bytes], Any]
"""The parts of a file, and the properties of a drawing in it."""


def _restore_chart(now: _Placed, before: _Placed) -> None:
    """Our chart again where its numbers are what they were: what LibreOffice writes of it is not quite the format."""
    theirs, ours = _find_chart(*now), _find_chart(*before)
    if theirs and ours and _list_numbers(now[0][theirs[0]]) == _list_numbers(before[0][ours[0]]):
        now[0][theirs[0]], now[0][theirs[1]] = before[0][ours[0]], before[0][ours[1]]
        if theirs[2] != ours[2]:
            chart = parse_part(before[0][ours[0]])
            next(one for one in chart if one.tag.endswith("}externalData")).set(f"{{{RELATIONS[:-1]}}}id", theirs[2])
            now[0][theirs[0]] = write_part(chart)


def _find_chart(parts: Mapping[str, bytes], drawing: Any) -> tuple[str, str, str] | None:
    """A chart's part, that of its workbook, and the id by which the one names the other."""
    relation = next((one.get(f"{{{RELATIONS[:-1]}}}id") for one in drawing.getparent().iter() if _is_chart(one)), "")
    name = next((f"word/{target}" for ident, _, target in _list_related(parts, _RELATED) if ident == relation), "")
    folder, _, leaf = name.rpartition("/")
    books = _list_related(parts, f"{folder}/_rels/{leaf}.rels") if name in parts else []
    return next(
        (
            (name, f"word/embeddings/{target.rpartition('/')[2]}", ident)
            for ident, kind, target in books
            if kind == f"{RELATIONS}package"
        ),
        None,
    )


def _is_chart(one: Any) -> bool:
    return str(one.tag).endswith("/chart}chart")


def _list_related(parts: Mapping[str, bytes], name: str) -> list[tuple[str, str, str]]:
    """What a part is related to: id, kind and target of each."""
    if name not in parts:
        return []
    return [(one.get("Id"), one.get("Type"), one.get("Target")) for one in parse_part(parts[name])]


def _list_numbers(chart: bytes) -> list[str]:
    """A chart's numbers, without zeros that say nothing."""
    caches = parse_part(chart).iter(f"{_C}numCache")
    texts = (one.text or "" for cache in caches for one in cache.iter(f"{_C}v"))
    return sorted(text.rstrip("0").rstrip(".") if "." in text else text for text in texts)


_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
