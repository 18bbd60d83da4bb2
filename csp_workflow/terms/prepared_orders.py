"""The orders that would do what somebody's words may ask for: more time, or an approval that they tell of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from csp_workflow.terms.phrases import plain_day
from csp_workflow.terms.written_days import find_named_day

_TIME = re.compile(
    r"\b(?:extension|extend\w*|more time|extra (?:\w+ )?(?:days?|weeks?|time)|(?:few|couple of) (?:more )?days|"
    r"another (?:week|day|fortnight)|deadline|running late|be late)\b",
    re.IGNORECASE,
)
_APPROVAL = re.compile(r"\b(?:approv\w+|agreed|signed off|cymeradw\w+)", re.IGNORECASE)
_UNSAID = re.compile(r"\b(?:not|no|n't|unless|until|cannot|reject\w*)\b|n[\u2019']t\b", re.IGNORECASE)


def offer_settling(code: str, words: str, today: date, *, owes: bool, is_unapproved: bool) -> Iterator[str]:
    """The orders for a return that is still owed, or complete and unapproved; the day where the words name one."""
    if owes and _TIME.search(words):
        day = find_named_day(words, today)
        yield f"EXTEND {code} TO {plain_day(day) if day else 'day'} BECAUSE reason"
    if is_unapproved and _APPROVAL.search(words) and not _UNSAID.search(words):
        yield f"APPROVED {code} BY whom BECAUSE evidence"
