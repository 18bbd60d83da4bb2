"""What the Office itself writes into a paper: asked for where it belongs, and left out of the copy until it is there.

The draft says what is asked; whoever puts words in its place in Word keeps them there through every later draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from csp_workflow.report.blocks import Plain
from csp_workflow.report.edits.body import list_pieces, name_style
from csp_workflow.report.edits.keeping import DOCUMENT, read_body
from csp_workflow.report.word.package import W, pack_parts, parse_part, unpack_parts, write_part
from csp_workflow.terms.report_form import ReportForm, ReportHeading

TO_WRITE = "[To be written by the Office"
"""How a text begins in whose place the Office puts its own."""


def ask_for_text(heading: ReportHeading, parts: Iterable[str] = ("",)) -> Iterator[Plain]:
    """What stands below a heading, or each part of it, until somebody edits the draft: what is asked of its author."""
    for part in parts:
        key = "/".join(filter(None, ("to write", heading.title, part)))
        yield Plain(lead=part, text=f"{TO_WRITE}: {heading.text.strip()}]", key=key)


def find_unwritten(data: bytes, form: ReportForm) -> tuple[str, ...]:
    """The headings of a paper's Word file below which something is still to be written."""
    if not any(heading.kind.startswith("to write") for heading in form.headings):
        return ()
    return tuple(dict.fromkeys(where for where, _ in _list_unwritten(read_body(data))))


def _list_unwritten(body: Any) -> Iterator[tuple[str, Any]]:
    """What of ours is still to be written, with the heading above: whoever else writes so is quoted."""
    where = ""
    for piece in list_pieces(body):
        where = piece.text if _level(piece.holder) else where
        if name_style(piece.holder) == "Listed" and TO_WRITE in piece.text:
            yield where, piece.holder


def leave_out_unwritten(data: bytes, form: ReportForm) -> bytes:
    """The file without what is still to be written, and without a heading that nothing else stands below."""
    if not find_unwritten(data, form):
        return data
    parts = unpack_parts(data)
    root = parse_part(parts[DOCUMENT])
    body = root.find(f"{W}body")
    for _, holder in list(_list_unwritten(body)):
        holder.getparent().remove(holder)
    for one, after in list(pairwise(body)):
        if 0 < _level(after) <= _level(one):
            body.remove(one)
    return pack_parts({**parts, DOCUMENT: write_part(root)})


def _level(element: Any) -> int:
    """Of a heading, 2 below the title; 0 of anything else."""
    name = name_style(element)
    return int(name[-1]) if name.startswith("Heading") and name[-1].isdigit() else 0
