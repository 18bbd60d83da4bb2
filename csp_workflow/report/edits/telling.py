"""What is said of what somebody wrote into a paper: what is kept where, which numbers are others, what has no place."""

from __future__ import annotations

import re
from collections import Counter

from csp_workflow.letters.papers import OwnWords
from csp_workflow.report.edits.keeping import Edit, Placed
from csp_workflow.terms.phrases import joined

_NUMBER = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?%?")
_SHOWN = 90
"""So many characters of a text show which is meant."""
_LACKS = " A picture or note in it cannot be kept in later drafts."


def tell_words(placed: Placed, *, whole: bool = False) -> OwnWords:
    """All that is said of the edits in a draft; `whole` when the draft is somebody's file as it came."""
    return OwnWords(
        whole=whole,
        kept=tuple(_say_kept(edit) for edit, _ in placed.taken),
        numbers=tuple(said for edit, now in placed.taken if (said := _say_numbers(edit, now))),
        overtaken=tuple((edit.text or "(taken out)", now) for edit, now in placed.overtaken),
        unplaced=tuple(edit.text for edit in placed.unplaced),
    )


def _say_kept(edit: Edit) -> str:
    lacks = _LACKS if edit.lacks else ""
    if not edit.text:
        return f"Taken out: {_quote(edit.was)}"
    if edit.place:
        return f"{_quote(edit.text)} in place of {_quote(edit.was)}.{lacks}"
    return f"Added {'after' if edit.after else 'before'} {_quote(edit.beside)}: {_quote(edit.text)}.{lacks}"


def _quote(text: str) -> str:
    said = " ".join(text.split())
    return f"\u201c{said if len(said) <= _SHOWN else f'{said[:_SHOWN].rsplit(maxsplit=1)[0]} ...'}\u201d"


def _say_numbers(edit: Edit, now: str) -> str:
    """Which numbers of a changed text are not those that were printed, and what stands there now; "" for none."""
    was, typed, stands = (Counter(_NUMBER.findall(text)) for text in (edit.was, edit.text, now))
    if not edit.place or not edit.text or not typed - was:
        return ""
    printed, theirs, store = (
        joined(numbers.elements()) or "no number" for numbers in (was - typed, typed - was, stands - (typed & was))
    )
    return f"{_quote(edit.text)}: was printed {printed}, is in your file {theirs}, stands in the store {store}."
