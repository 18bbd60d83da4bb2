"""A figure in a paper, to where it came from; and two papers part by part. Values in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from difflib import SequenceMatcher
from hashlib import sha256

from csp_workflow.report.basis import Basis, read_basis
from csp_workflow.report.reading_back import read_figures, restore_marks
from csp_workflow.report.word.package import PROPERTIES, W, parse_part, unpack_parts
from csp_workflow.terms.figures import TracedFigure

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_CREATED = "{http://purl.org/dc/terms/}created"
_MOST_WORDS = 20
"""So many changed paragraphs of a part are shown."""


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A figure as a paper prints it: its bookmark, the key it was marked with, and the text."""

    bookmark: str
    key: str
    text: str

    @property
    def basis(self) -> Basis | None:
        """What it was made from; None where its key does not say."""
        return read_basis(self.key)

    def is_meant(self, words: str) -> bool:
        """Whether it is asked for by its bookmark, its key, or what is printed."""
        return words in {self.bookmark, self.key, self.text.strip()}


def list_printed(data: bytes, draft: bytes | None) -> tuple[Printed, ...]:
    """Every figure that a paper prints. Of a file whose program dropped what its bookmarks mark, by our own `draft`.

    Raises ValueError for what is no Word file.
    """
    found = read_figures(data) or (read_figures(restore_marks(data, draft)) if draft else ())
    return tuple(Printed(bookmark=bookmark, key=key, text=text) for bookmark, key, text in found)


def read_created(data: bytes) -> datetime | None:
    """When a file says it was made, in UTC; our own papers say as at when. Raises ValueError for no Word file."""
    parts = unpack_parts(data)
    said = parse_part(parts[PROPERTIES]).findtext(_CREATED) if PROPERTIES in parts else None
    try:
        return datetime.fromisoformat(said).replace(tzinfo=UTC) if said else None
    except ValueError:
        return None


def choose_figure(text: str, history: Sequence[TracedFigure]) -> tuple[TracedFigure, bool] | None:
    """The figure that a text prints, of all that were stored for its cell by then, and whether it says just that.

    The last that comes to what is printed; where none does, somebody changed the text, and it was the last of all.
    """
    if not history:
        return None
    same = [one for one in history if is_printed(one.figure.value, text)]
    return (same or history)[-1], bool(same)


def is_printed(value: Decimal | None, text: str) -> bool:
    """Whether a text prints a value, rounded either way to a tenth or less; of none it has no number."""
    found = _NUMBER.search(text)
    if value is None or found is None:
        return value is None and found is None
    printed = Decimal(found[0].replace(",", ""))
    places = len(found[0].partition(".")[2])
    return printed == value or bool(places and 2 * abs(printed - value) <= Decimal(1).scaleb(-places))


def list_revisions(chosen: TracedFigure, history: Sequence[TracedFigure]) -> tuple[TracedFigure, ...]:
    """What was stored later for the same cell and is another thing."""
    later = history[history.index(chosen) + 1 :]
    said = (chosen.figure.value, chosen.figure.status)
    return tuple(one for one in later if (one.figure.value, one.figure.status) != said)


# Two papers, part by part ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A part of a file that is not the same in another: both SHA-256 ("" where it is not there), and what its
    paragraphs say otherwise, as pairs of what stands in the one and in the other."""

    part: str
    ours: str
    theirs: str
    words: tuple[tuple[str, str], ...] = ()


def compare_parts(ours: bytes, theirs: bytes) -> tuple[Difference, ...]:
    """The parts of two Word files that differ. Raises ValueError for what is no Word file."""
    return tuple(_compare(unpack_parts(ours), unpack_parts(theirs)))


def _compare(ours: Mapping[str, bytes], theirs: Mapping[str, bytes]) -> Iterator[Difference]:
    for name in sorted({*ours, *theirs}):
        one, other = ours.get(name), theirs.get(name)
        if one != other:
            yield Difference(
                part=name,
                ours=sha256(one).hexdigest() if one is not None else "",
                theirs=sha256(other).hexdigest() if other is not None else "",
                words=tuple(_compare_words(_list_paragraphs(name, one), _list_paragraphs(name, other)))[:_MOST_WORDS],
            )


def _list_paragraphs(name: str, part: bytes | None) -> list[str]:
    if not part or not name.endswith(".xml"):
        return []
    return ["".join(piece.text or "" for piece in one.iter(f"{W}t")) for one in parse_part(part).iter(f"{W}p")]


def _compare_words(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[str, str]]:
    for what, i1, i2, j1, j2 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if what != "equal":
            yield "\n".join(filter(None, ours[i1:i2])), "\n".join(filter(None, theirs[j1:j2]))
