"""What is said of what somebody wrote into a paper: what is kept where, which numbers are others, what has no place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from csp_workflow.letters.papers import OwnWords
from csp_workflow.report.edits.body import list_pieces
from csp_workflow.report.edits.keeping import Edit, Placed, find_edits, read_body
from csp_workflow.report.edits.margins import say_margin
from csp_workflow.report.edits.notes import Note
from csp_workflow.report.reading_back import list_redrawn
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.personal import KEPT_BACK
from csp_workflow.terms.phrases import joined

_NUMBER = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?%?")
_SHOWN = 90
"""So many characters of a text show which is meant."""
_BEFORE = 4
"""So many words before a change show where it is."""
_LACKS = " A picture cannot be kept in later drafts."
_IS_NOTE = " A note is a paragraph in a draft that is written anew."


def tell_words(placed: Placed, *, whole: bool = False, redrawn: Iterable[str] = ()) -> OwnWords:
    """All that is said of the edits in a draft; `whole` when the draft is somebody's file as it came, with charts that
    were `redrawn`."""
    return OwnWords(
        whole=whole,
        kept=tuple(_say_kept(edit) for edit, _ in placed.taken),
        numbers=(*(said for edit, now in placed.taken if (said := _say_numbers(edit, now))), *redrawn),
        overtaken=tuple((edit.text or "(taken out)", now) for edit, now in placed.overtaken),
        unplaced=tuple(edit.text for edit in placed.unplaced),
    )


def _say_kept(edit: Edit) -> str:
    margin = say_margin(edit.place)
    beside = margin or f"{'after' if edit.after else 'before'} {_quote(edit.beside)}"
    lacks = _LACKS if edit.lacks else ""
    if edit.is_move:
        return f"Moved, to stand {beside}: {_quote(edit.text)}"
    if not edit.text:
        return f"Taken out: {_quote(edit.was)}"
    if edit.place and not margin:
        return f"{_quote_from(edit.text, edit.was)} in place of {_quote_from(edit.was, edit.text)}.{lacks}"
    return f"Added {beside}: {_quote(edit.text)}.{lacks or _IS_NOTE * edit.is_note}"


def _quote_from(text: str, other: str) -> str:
    """A text from shortly before where it parts from another."""
    words, others = text.split(), other.split()
    same = next((i for i, (one, two) in enumerate(zip(words, others, strict=False)) if one != two), len(others))
    begins = max(min(same, len(words)) - _BEFORE, 0)
    return _quote(f"{'... ' if begins else ''}{' '.join(words[begins:])}")


def _quote(text: str) -> str:
    said = " ".join(text.split())
    return f"\u201c{said if len(said) <= _SHOWN else f'{said[:_SHOWN].rsplit(maxsplit=1)[0]} ...'}\u201d"


def _say_numbers(edit: Edit, now: str) -> str:
    """Which numbers of a changed text are not those that were printed, and what stands there now; "" for none."""
    was, typed, stands = (Counter(_NUMBER.findall(text)) for text in (edit.was, edit.text, now))
    if not edit.place or say_margin(edit.place) or not edit.text or not typed - was:
        return ""
    printed, theirs, store = (
        joined(numbers.elements()) or "no number" for numbers in (was - typed, typed - was, stands - (typed & was))
    )
    return f"{_quote(edit.text)}: was printed {printed}, is in your file {theirs}, stands in the store {store}."


def tell_redrawn(given: bytes, edited: bytes) -> tuple[str, ...]:
    """Which numbers of a chart are others in an edited file; it is drawn from what is stored in each later draft."""
    return tuple(
        f"The chart {_quote(what)}: showed {joined(was) or 'no number'}, shows in your file {joined(now) or 'none'}. A "
        "draft that is written anew draws what the store has."
        for what, was, now in list_redrawn(given, edited)
    )


# Where she must look ----------------------------------------------------------------------------------------

_LOOKS = (
    (re.compile(re.escape(KEPT_BACK)), "Something is kept back here, since it may name a person."),
    (
        re.compile(r"\bno explanation was given\b", re.IGNORECASE),
        "The partnership gave no explanation. You may ask it.",
    ),
    (
        re.compile(r"\bdisputes?\b[^.]*\bpolice figures?\b", re.IGNORECASE),
        "A partnership disputes what the force says.",
    ),
)
"""What a text has in it, and what its comment says."""


def list_notes(before: bytes, placed: Placed, paper: PaperStatus | None) -> list[Note]:
    """The comments of a draft: what changed since the one `before` (b"" for none), and what she must look at."""
    pieces = [piece for piece in list_pieces(read_body(placed.file)) if not piece.is_table]
    looks = (Note(place=p.place, text=note) for p in pieces for sign, note in _LOOKS if sign.search(p.text))
    number = paper.drafts if paper else 0
    return [*_note_overtaken(placed), *(_note_changed(before, placed.file, number) if before else ()), *looks]


def _note_overtaken(placed: Placed) -> Iterator[Note]:
    for edit, now in placed.overtaken:
        if edit.text:
            yield Note(place=edit.place_now, text=f"Your words stand here; the draft would say now: {now}")


def _note_changed(before: bytes, after: bytes, number: int) -> Iterator[Note]:
    """The numbers that are others than in the draft before."""
    for edit in find_edits(before, after):
        was, now = (Counter(_NUMBER.findall(text)) for text in (edit.was, edit.text))
        if edit.place and edit.text and was - now:
            yield Note(place=edit.place_now, text=f"Was {joined((was - now).elements())} in draft {number}.")
