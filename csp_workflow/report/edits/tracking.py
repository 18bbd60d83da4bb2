"""What is otherwise in a later file, as Word's own tracked changes in it: by paragraphs, words, and rows of tables.

Who accepts all of it has the later file, who rejects all of it the earlier one. The same files give the same bytes.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from csp_workflow.report.edits.body import OUR_NAME, Piece, clean_markup, list_pieces, say_all, show
from csp_workflow.report.edits.copying import strip_notes
from csp_workflow.report.edits.keeping import DOCUMENT, align, list_moved, read_body
from csp_workflow.report.word.package import W, pack_parts, parse_part, unpack_parts, write_part
from csp_workflow.terms.dates import as_utc

_TOKEN = re.compile(r"\s+|[\w.,'\u2019%-]*\w|[^\w\s]")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_CONTENT = (f"{W}r", f"{W}hyperlink", f"{W}sdt", f"{W}fldSimple")


def track_changes(before: bytes, after: bytes, *, as_at: datetime) -> bytes:
    """The later file with what is otherwise than in the earlier one marked as tracked changes of ours, so dated."""
    parts = unpack_parts(strip_notes(after))
    root = parse_part(parts[DOCUMENT])
    body = root.find(f"{W}body")
    olds, news = list_pieces(read_body(strip_notes(before), notes=False)), list_pieces(body)
    pen = _Pen(root, as_at)
    same = align(olds, news)
    same = {j: i for j, i in same.items() if j not in list_moved(same)}
    for j, new in enumerate(news):
        if j in same:
            _mark_piece(pen, olds[same[j]], new)
        else:
            _mark_inserted(pen, new)
    _put_deleted(pen, olds, body, {i: news[j].holder for j, i in same.items()})
    parts[DOCUMENT] = write_part(root)
    return pack_parts(parts)


class _Pen:
    """Writes revision marks: when, and each under a number of its own."""

    def __init__(self, root: Any, as_at: datetime) -> None:
        used = (one.get(f"{W}id", "") for one in root.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd"))
        self._last = max((int(number) for number in used if number.isdigit()), default=0)
        self._who = {f"{W}author": OUR_NAME, f"{W}date": as_utc(as_at).strftime("%Y-%m-%dT%H:%M:%SZ")}

    def mark(self, kind: str) -> Any:
        """An element `ins` or `del`."""
        from lxml import etree

        self._last += 1
        return etree.Element(f"{W}{kind}", {f"{W}id": str(self._last), **self._who})


# One piece ------------------------------------------------------------------------------------------------


def _mark_piece(pen: _Pen, old: Piece, new: Piece) -> None:
    if old.is_table and new.is_table:
        _mark_rows(pen, old, new)
    elif old.text != new.text:
        _mark_paragraphs(pen, old.paragraphs, new.paragraphs)


def _mark_paragraphs(pen: _Pen, olds: Sequence[Any], news: Sequence[Any]) -> None:
    """Paragraphs of one piece: each against its fellow, what is over is inserted or deleted."""
    for old, new in zip(olds, news, strict=False):
        if show(old) != show(new):
            _mark_words(pen, old, new)
    for new in news[len(olds) :]:
        _insert_paragraph(pen, new)
    for old in reversed(olds[len(news) :]) if news else ():
        news[-1].addnext(_delete_paragraph(pen, old))


def _mark_words(pen: _Pen, old: Any, new: Any) -> None:
    """A paragraph word by word, in the look of its first run."""
    was, now = (_TOKEN.findall(show(one)) for one in (old, new))
    first = next(new.iter(f"{W}r"), None)
    look = None if first is None else first.find(f"{W}rPr")
    marks = [copy.deepcopy(one) for one in new.iter(f"{W}bookmarkStart", f"{W}bookmarkEnd")]
    for child in [one for one in new if one.tag != f"{W}pPr"]:
        new.remove(child)
    new.extend(marks)
    for what, i1, i2, j1, j2 in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if what == "equal":
            new.append(_write_run("".join(now[j1:j2]), look))
            continue
        for kind, text in (("del", "".join(was[i1:i2])), ("ins", "".join(now[j1:j2]))):
            if text:
                mark = pen.mark(kind)
                mark.append(_write_run(text, look, "delText" if kind == "del" else "t"))
                new.append(mark)


def _write_run(text: str, look: Any, name: str = "t") -> Any:
    from lxml import etree

    run = etree.Element(f"{W}r")
    if look is not None:
        run.append(copy.deepcopy(look))
    for place, line in enumerate(text.split("\n")):
        if place:
            etree.SubElement(run, f"{W}br")
        etree.SubElement(run, f"{W}{name}", {_SPACE: "preserve"}).text = line
    return run


# Inserted and deleted -------------------------------------------------------------------------------------


def _mark_inserted(pen: _Pen, new: Piece) -> None:
    if new.is_table:
        for row in new.holder.findall(f"{W}tr"):
            _mark_row(pen, row, "ins")
    for paragraph in new.paragraphs if not new.is_table else ():
        _insert_paragraph(pen, paragraph)


def _insert_paragraph(pen: _Pen, paragraph: Any) -> None:
    _mark_end(pen, paragraph, "ins")
    for child in [one for one in paragraph if one.tag in _CONTENT]:
        mark = pen.mark("ins")
        child.addprevious(mark)
        mark.append(child)


def _delete_paragraph(pen: _Pen, paragraph: Any) -> Any:
    """A copy of a paragraph that is there no more, as plain text."""
    gone = clean_markup(paragraph)
    for child in [one for one in gone if one.tag != f"{W}pPr"]:
        gone.remove(child)
    _mark_end(pen, gone, "del")
    if text := show(paragraph):
        mark = pen.mark("del")
        mark.append(_write_run(text, None, "delText"))
        gone.append(mark)
    return gone


def _mark_end(pen: _Pen, paragraph: Any, kind: str) -> None:
    """The mark at a paragraph's end, which Word takes away with it."""
    from lxml import etree

    look = paragraph.find(f"{W}pPr")
    if look is None:
        look = etree.Element(f"{W}pPr")
        paragraph.insert(0, look)
    run = look.find(f"{W}rPr")
    if run is None:
        run = etree.Element(f"{W}rPr")
        after = look.find(f"{W}sectPr")
        if after is None:
            look.append(run)
        else:
            after.addprevious(run)
    run.insert(0, pen.mark(kind))


def _put_deleted(pen: _Pen, olds: Sequence[Piece], body: Any, holders: Mapping[int, Any]) -> None:
    """Each piece that is there no more, behind the one that it stood behind; at the beginning where it was first.

    `holders` are the elements of those that are still there, by their number.
    """
    last = None
    for i, old in enumerate(olds):
        if i in holders:
            last = holders[i]
            continue
        for element in _delete_piece(pen, old):
            if last is not None:
                last.addnext(element)
            else:
                body.insert(0, element)
            last = element


def _delete_piece(pen: _Pen, old: Piece) -> Iterator[Any]:
    if not old.is_table:
        yield from (_delete_paragraph(pen, paragraph) for paragraph in old.paragraphs)
        return
    table = clean_markup(old.holder)
    for row in table.findall(f"{W}tr"):
        _mark_row(pen, row, "del")
    yield table


# Tables ---------------------------------------------------------------------------------------------------


def _mark_rows(pen: _Pen, old: Piece, new: Piece) -> None:
    """Row by row: a row is known by its first cell and how many it has."""
    olds, news = old.holder.findall(f"{W}tr"), new.holder.findall(f"{W}tr")
    matcher = SequenceMatcher(None, list(map(_name_row, olds)), list(map(_name_row, news)), autojunk=False)
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal" or (i2 - i1 == j2 - j1 and _have_as_many(olds[i1:i2], news[j1:j2])):
            for one, other in zip(olds[i1:i2], news[j1:j2], strict=True):
                _mark_cells(pen, one, other)
            continue
        at = news[j1 - 1] if j1 else None
        for row in news[j1:j2]:
            _mark_row(pen, row, "ins")
        for one in olds[i1:i2]:
            row = clean_markup(one)
            _mark_row(pen, row, "del")
            if at is not None:
                at.addnext(row)
            else:
                news[0].addprevious(row)
            at = row


def _name_row(row: Any) -> tuple[str, int]:
    cells = row.findall(f"{W}tc")
    return say_all(cells[0].iter(f"{W}p")) if cells else "", len(cells)


def _have_as_many(olds: Iterable[Any], news: Iterable[Any]) -> bool:
    return [len(row.findall(f"{W}tc")) for row in olds] == [len(row.findall(f"{W}tc")) for row in news]


def _mark_cells(pen: _Pen, old: Any, new: Any) -> None:
    for one, other in zip(old.findall(f"{W}tc"), new.findall(f"{W}tc"), strict=True):
        _mark_paragraphs(pen, list(one.iter(f"{W}p")), list(other.iter(f"{W}p")))


def _mark_row(pen: _Pen, row: Any, kind: str) -> None:
    from lxml import etree

    look = row.find(f"{W}trPr")
    if look is None:
        look = etree.Element(f"{W}trPr")
        row.insert(0, look)
    look.append(pen.mark(kind))
    for paragraph in row.iter(f"{W}p"):
        if kind == "ins":
            _insert_paragraph(pen, paragraph)
        else:
            _replace_deleted(pen, paragraph)


def _replace_deleted(pen: _Pen, paragraph: Any) -> None:
    gone = _delete_paragraph(pen, paragraph)
    paragraph[:] = list(gone)
