"""Word comments that show the co-ordinator where to look, and the check that they are ours."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csp_workflow.report.edits.body import OUR_NAME, list_pieces
from csp_workflow.report.edits.keeping import find_cells
from csp_workflow.report.word.package import PROPERTIES, W, pack_parts, parse_part, unpack_parts
from csp_workflow.terms.dates import as_utc

MOST = 100
"""So many comments at most: more would hide the paper; what changed stands in the file of changes as well."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """A comment at a place of the paper."""

    place: str
    text: str


def add_notes(data: bytes, notes: Sequence[Note], as_at: datetime) -> bytes:
    """The file with comments of ours; one whose place is not there is left out. The same notes, the same bytes."""
    import docx

    if not notes:
        return data
    document = docx.Document(io.BytesIO(data))
    pieces = list_pieces(document.element.body)
    places = {piece.place: piece.paragraphs for piece in pieces}
    places |= {place: tuple(cell.iter(f"{W}p")) for place, cell in find_cells(pieces).items()}
    for note in [one for one in notes if places.get(one.place)][:MOST]:
        runs = _list_runs(document, places[note.place])
        if runs:
            comment = document.add_comment(runs=[runs[0], runs[-1]], text=note.text, author=OUR_NAME, initials="CSP")
            element = comment._comment_elm  # noqa: SLF001 - its date has no other door
            element.set(f"{W}date", as_utc(as_at).strftime("%Y-%m-%dT%H:%M:%SZ"))
    out = io.BytesIO()
    document.save(out)
    same = {name: part for name, part in unpack_parts(data).items() if name == PROPERTIES}
    return pack_parts(unpack_parts(out.getvalue()) | same)


def has_other_notes(given: bytes, edited: bytes) -> bool:
    """Whether somebody wrote into our comments, which each draft has anew."""
    return not _list_noted(edited) <= _list_noted(given)


def _list_noted(data: bytes) -> set[str]:
    part = unpack_parts(data).get("word/comments.xml")
    comments = () if part is None else parse_part(part).iter(f"{W}comment")
    return {" ".join("".join(one.itertext(f"{W}t")).split()) for one in comments}


def _list_runs(document: Any, paragraphs: Sequence[Any]) -> list[Any]:
    from docx.text.run import Run

    return [Run(run, document) for paragraph in paragraphs for run in paragraph.findall(f"{W}r")]
