"""The check of a Word file before it goes to a secretariat: what must not, and what must, be in it.

Each problem is a sentence: what it is, where, and what to do. A base of papers is checked for its styles too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from csp_workflow.report.edits.body import CHANGES
from csp_workflow.report.word.markup import STYLES, style_id
from csp_workflow.report.word.package import W as _W
from csp_workflow.report.word.package import list_named_people, parse_part, unpack_parts

BASE_CATEGORY = "Base for papers"
"""The category among a file's properties that makes it a base."""
_WORDS = {
    "DRAFT": "the word DRAFT",
    "{{": "a placeholder '{{'",
    "[[": "a placeholder '[['",
}


_TEXTS = r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)"
_LANGUAGE = "en-GB"
_CONTRAST = 4.5
"""Between text and the white behind it, so that everybody can read it (WCAG 2, level AA)."""


def find_problems(data: bytes) -> tuple[str, ...]:
    """What is wrong with a Word file, a sentence each; () when it may be circulated. Never raises."""
    try:
        packed = unpack_parts(data)
        parts = {
            name: parse_part(part)
            for name, part in packed.items()
            if re.fullmatch(rf"({_TEXTS}|word/(comments|styles|people)|docProps/core)\.xml", name)
        }
        people = tuple(list_named_people(packed))
    except ValueError as fault:
        return (str(fault),)
    document, styles = parts["word/document.xml"], parts.get("word/styles.xml")
    return (
        *_check_margins(parts),
        *_check_marks(parts),
        *_check_pictures(document),
        *_check_tables(document),
        *_check_headings(document),
        *_check_properties(parts, people),
        *_check_looks(parts, styles),
        *_check_leftovers(packed),
        *(_check_styles(styles) if _read_property(parts, "category") == BASE_CATEGORY else ()),
    )


def find_base_problems(data: bytes) -> tuple[str, ...]:
    """What a file lacks that papers are to be built on, a sentence each. Never raises."""
    try:
        packed = unpack_parts(data)
        return tuple(_check_styles(parse_part(packed["word/styles.xml"]) if "word/styles.xml" in packed else None))
    except ValueError as fault:
        return (str(fault),)


def _check_margins(parts: dict[str, Any]) -> Iterator[str]:
    """Our own marks, where they are ours: people write DRAFT, {{ and [[ into a return, and are quoted."""
    for name, root in parts.items():
        margin = re.match(r"word/(header|footer)", name)
        text = "".join(root.itertext(f"{_W}t"))
        yield from (f"There is {what} in the {margin[1]}." for word, what in _WORDS.items() if margin and word in text)


# What an editor leaves in a text -----------------------------------------------------------------


def _check_marks(parts: Mapping[str, Any]) -> Iterator[str]:
    if "word/comments.xml" in parts:
        authors = sorted({one.get(f"{_W}author", "") for one in parts["word/comments.xml"].iter(f"{_W}comment")} - {""})
        by = f" (by {', '.join(authors)})" if authors else ""
        yield f"The file holds comments{by}; delete them first: Review, Delete, Delete All Comments."
    changed = next((one for one in _list_elements(parts) if CHANGES.fullmatch(str(one.tag).removeprefix(_W))), None)
    if changed is not None:
        yield f"The file holds tracked changes, the first {_say_where(changed)}; accept or reject them first."
    hidden = next((one for one in _list_elements(parts) if one.tag == f"{_W}vanish" and _is_on(one)), None)
    if hidden is not None:
        yield f"There is hidden text {_say_where(hidden)}; delete it, or untick Hidden in its font."


def _list_texts(parts: Mapping[str, Any]) -> list[Any]:
    """The roots of all parts that print: the text, its notes, the head and the foot of the pages."""
    return [root for name, root in parts.items() if re.match(_TEXTS, name)]


def _list_elements(parts: Mapping[str, Any]) -> Iterator[Any]:
    return (one for root in _list_texts(parts) for one in root.iter())


def _is_on(switch: Any) -> bool:
    return switch.get(f"{_W}val", "1") not in {"0", "false", "off"}


def _say_where(element: Any) -> str:
    """Such as: in the paragraph that begins "The Board is asked"."""
    around = element if element.tag == f"{_W}p" else next(element.iterancestors(f"{_W}p"), None)
    inside = element.iter(f"{_W}p") if around is None else (around,)
    text = next((text for one in inside if (text := "".join(one.itertext(f"{_W}t")).strip())), "")
    return f'in the paragraph that begins "{text[:40]}"' if text else "in a paragraph without text"


def _check_pictures(document: Any) -> Iterator[str]:
    drawings = [one for one in document.iter() if str(one.tag).endswith("}docPr")]
    unnamed = [one for one in drawings if not (one.get("descr") or "").strip()]
    if unnamed:
        yield (
            f"{len(unnamed)} pictures or charts have no alternative text, the first {_say_after(unnamed[0])}; "
            "right-click each, choose Edit Alt Text, and say what it shows."
        )
    twice = [ident for ident, count in Counter(one.get("id") for one in drawings).items() if count > 1]
    if twice:
        again = [one for one in drawings if one.get("id") == twice[0]][1]
        yield f"Two pictures or charts have the same number, one {_say_after(again)}; cut it and paste it again."


def _say_after(element: Any) -> str:
    """Such as: after "Figure 2: Violence with injury"; the caption is the text before."""
    top = next((one for one in (element, *element.iterancestors()) if one.tag in {f"{_W}p", f"{_W}tbl"}), element)
    before = ("".join(one.itertext(f"{_W}t")).strip() for one in top.itersiblings(preceding=True))
    text = next(filter(None, before), "")
    return f'after "{text[:60]}"' if text else "at the beginning"


# Tables and headings, as a screen reader needs them ----------------------------------------------


def _check_tables(document: Any) -> Iterator[str]:
    for number, table in enumerate(document.iter(f"{_W}tbl"), start=1):
        name = f"Table {number} ({_say_after(table)})"
        if not any(True for _ in table.iter(f"{_W}tblHeader")):
            yield f"{name} has no marked header row: choose Layout, Repeat Header Rows in its first row."
        empty = sum(not "".join(cell.itertext(f"{_W}t")).strip() for cell in table.iter(f"{_W}tc"))
        if empty:
            yield f"{name} has {empty} empty cells: write what is missing, such as No data."
        if any(True for _ in table.iter(f"{_W}gridSpan", f"{_W}vMerge")):
            yield f"{name} has merged cells: split them, and repeat what they say."


def _check_headings(document: Any) -> Iterator[str]:
    found = [(int(match[1]), p) for p in document.iter(f"{_W}p") if (match := re.fullmatch(r"Heading(\d)", _style(p)))]
    main = [p for level, p in found if level == 1]
    if len(main) != 1:
        yield f"There are {len(main)} main headings; there must be one: give the title, and nothing else, Heading 1."
    for (before, _), (after, p) in pairwise(found):
        if after > before + 1:
            where = _say_where(p)
            yield f"A heading of level {after} follows one of level {before} {where}; give it Heading {before + 1}."


def _style(paragraph: Any) -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return "" if style is None else str(style.get(f"{_W}val", ""))


# Properties, looks and leftovers of the whole file -----------------------------------------------


def _read_property(parts: Mapping[str, Any], name: str) -> str:
    core = parts.get("docProps/core.xml")
    found = () if core is None else (e for e in core if str(e.tag).endswith(f"}}{name}"))
    return next(((e.text or "").strip() for e in found), "")


def _check_properties(parts: Mapping[str, Any], people: Iterable[tuple[str, str]]) -> Iterator[str]:
    where = "under File, Info, Properties"
    for name in ("title", "language"):
        if not _read_property(parts, name):
            yield f"The document's properties have no {name}; write it {where}."
    for what, person in people:
        yield f"The file names {what}, {person}: take it out {where}, or with Inspect Document."
    if "word/people.xml" in parts:
        yield "The file names who commented on it or changed it; take them out with File, Info, Inspect Document."


def _check_looks(parts: Mapping[str, Any], styles: Any) -> Iterator[str]:
    """Language, colours and hidden styles: those of the styles that are used, and those set by hand."""
    if styles is None:
        return
    languages = [one.get(f"{_W}val") for one in styles.findall(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr/{_W}lang")]
    if languages != [_LANGUAGE]:
        spoken = languages[0] if languages else "none"
        yield f"The language of the text is {spoken}, not {_LANGUAGE}: choose English (United Kingdom) as the default."
    texts = _list_texts(parts)
    used = {one.get(f"{_W}val") for root in texts for one in root.iter(f"{_W}pStyle", f"{_W}rStyle")}
    for style in styles.iter(f"{_W}style"):
        if style.get(f"{_W}styleId") in used:
            yield from _check_style(style)
    pale = (one for root in texts for one in root.iter(f"{_W}color") if _is_pale(one.get(f"{_W}val")))
    if (first := next(pale, None)) is not None:
        yield f"Text is too pale to be read by everybody {_say_where(first)}; choose a darker colour."


def _check_style(style: Any) -> Iterator[str]:
    name = next((one.get(f"{_W}val") for one in style.iter(f"{_W}name")), style.get(f"{_W}styleId"))
    colour, hidden = style.find(f"{_W}rPr/{_W}color"), style.find(f"{_W}rPr/{_W}vanish")
    if colour is not None and _is_pale(colour.get(f"{_W}val")):
        yield f'The style "{name}" prints text too pale to be read by everybody; choose a darker colour for it.'
    if hidden is not None and _is_on(hidden):
        yield f'The style "{name}" hides its text; untick Hidden in its font.'


def _is_pale(colour: str | None) -> bool:
    """Whether a colour (RRGGBB) stands out from white by less than everybody needs."""
    if not re.fullmatch("[0-9A-Fa-f]{6}", colour or ""):
        return False
    shares = [int(str(colour)[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (light + 0.05) < _CONTRAST


_LEFT_OVER = {
    "vbaProject": "The file holds macros; save it as a Word document (.docx).",
    "attachedTemplate": "The file names the template it was made with; take it off under Developer, Document Template.",
    "thumbnail": "The file holds a picture of its first page; untick Save Thumbnail when you save it.",
    "stylesWithEffects": "The file holds a second list of styles; save it in a newer Word.",
}


def _check_leftovers(packed: Mapping[str, bytes]) -> Iterator[str]:
    related = b"".join(part for name, part in packed.items() if name.endswith(".rels"))
    yield from (sentence for word, sentence in _LEFT_OVER.items() if word.encode() in related)
    linked = re.findall(rb'<Relationship [^>]*TargetMode="External"[^>]*>', related)
    if re.search(rb'/hyperlink"[^>]* Target="(?:file:|\\\\)|Target="(?:file:|\\\\)[^>]*/hyperlink"', related):
        yield "A link leads to a file on somebody's own machine or drive: take it off (Edit, Remove Hyperlink)."
    if any(b"/hyperlink" not in one and b"/attachedTemplate" not in one for one in linked):
        yield "A picture or chart is only linked to; put it into the file itself: File, Info, Edit Links to Files."


def _check_styles(styles: Any) -> Iterator[str]:
    """Whether a base has every style that papers are written in."""
    there: Iterable[Any] = () if styles is None else styles.iter(f"{_W}style")
    known = {one.get(f"{_W}styleId") for one in there}
    for name in STYLES:
        if style_id(name) not in known:
            yield f'The style "{name}" is missing, and papers print in it: copy it from base.docx of a new site.'
