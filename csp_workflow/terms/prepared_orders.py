"""The orders that would do what somebody's words may ask for: more time, an approval they tell of, or its refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from csp_workflow.terms.phrases import plain_day
from csp_workflow.terms.site import Assent, Respondent
from csp_workflow.terms.status import ReturnStatus
from csp_workflow.terms.written_days import find_named_day

_TIME = re.compile(
    r"\b(?:extension|extend\w*|more time|extra (?:\w+ )?(?:days?|weeks?|time)|(?:few|couple of) (?:more )?days|"
    r"another (?:week|day|fortnight)|deadline|running late|be late)\b",
    re.IGNORECASE,
)
_APPROVAL = re.compile(r"\b(?:approv\w+|agreed|signed off|cymeradw\w+)", re.IGNORECASE)
_OBJECTS = re.compile(r"(?i)\b(?:wrong|incorrect|mistakes?|object\w*|reject\w*|(?:not|cannot) (?:approve|agree))\b")
_UNSAID = re.compile(r"\b(?:not|no|n't|unless|until|cannot|reject\w*)\b|n[\u2019']t\b", re.IGNORECASE)


def offer_settling(
    of: Respondent, stands: ReturnStatus, words: str, today: date, *, owes: bool, is_chairs: bool
) -> Iterator[str]:
    """The orders for a return that is still owed, with the day where the words name one; for one that is complete and
    unapproved; and for one that its own chair (`is_chairs`: who wrote) refuses, or says is wrong."""
    if owes and _TIME.search(words):
        day = find_named_day(words, today)
        yield f"EXTEND {of.code} TO {plain_day(day) if day else 'day'} BECAUSE reason"
    if of.needs_approval and stands.wants(Assent.APPROVAL) and _APPROVAL.search(words) and not _UNSAID.search(words):
        yield f"APPROVED {of.code} BY whom BECAUSE evidence"
    if is_chairs and stands.can_go_back and _OBJECTS.search(words):
        yield f"RETURN {of.code} BECAUSE reason"
