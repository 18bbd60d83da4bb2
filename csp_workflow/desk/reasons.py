"""Why she gives an order: words that are no order themselves, and hold no second one."""

from __future__ import annotations

import re

from csp_workflow.desk.commands import LOUD, is_unfilled

_CLAUSE = re.compile(r"\s*[,;(\u2013\u2014]\s*|\s+-\s+")
_SENTENCE_ENDS = re.compile(r"[.!;]\s+\w")
_SAYS_MORE = re.compile(
    r"^(?:but|not|except|unless|if|only|wait|once|subject|don['\u2019]?t|do not|ignore|scrap|cancel|sorry|actually"
    r"|please|let me|hold|leave out|and leave|tomorrow|after|before|until)\b",
    re.IGNORECASE,
)
"""How a clause begins that is no part of a reason."""
BECAUSE = re.compile(r"^[\s,;:.(\u2013\u2014-]*(?:because(?:\s+of)?|reason)\b[\s:,\u2013-]*", re.IGNORECASE)
_NO_REASON = re.compile(
    r"^(?:but|except|apart|unless|if|only|or|and|not|when|once|until|till|after|before|provid\w+|subject|maybe|perhaps"
    r"|possibly|instead|then|also|at|by|for|next|this|to|in|on|from|with|without|week)\b|\bbut\b",
    re.IGNORECASE,
)
"""How words begin, or what stands in them, that say more than why."""
_RESERVES = re.compile(
    r"\b(?:except|excluding|unless|subject to|apart from|other than|on condition|pending|assuming|(?:as|so) long as"
    r"|only if|once|check with me|provided that|(?<!ask )(?<!asks )(?<!asked )(?<!asking )(?<!wondered )(?<!see )if"
    r"|when (?:asked|(?:they|she|he|it|\w+) (?:asks?|confirms?|agrees?|says?|is|are)))\b"
    r"|(?:^|[,;]|\byes)\s*provid(?:ed|ing)\b",
    re.IGNORECASE,
)
DENIES = re.compile(
    r"\b(?:not|never|no (?:answer|reply|objections?|word|response)|nobody|silen\w+|cannot)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
"""What is no evidence of a yes."""
_MORE_INSIDE = re.compile(
    rf"(?:\b(?:and|then)|[;,(+&]|\s-)\s+(?:(?:please|also|then)\s+)*(?:{LOUD}|tell|nil|status)\b|\bbecause\b"
    r"|(?:^|[,;+&]|\band)\s*(?-i:(?:[A-Z][\w'\u2019]*\s+){1,5}(?:to|TO))\s+(?:the\s+)?\d{1,2}(?:st|nd|rd|th)?\b"
    r"|(?:[,;+&]|\band)\s*(?!(?:from|up|due|back|moved|put|open|away|off|on|it|they|he|she|was|is)\b)"
    r"(?:[^\W\d_][\w'\u2019]*\s+){1,2}to\s+(?:the\s+)?\d{1,2}(?:st|nd|rd|th)?\b"
    r"|\b(?:do the same|the same (?:for|goes)|likewise|ditto|same for)\b|\b(?:too|as well)\s*(?:$|[,.;])",
    re.IGNORECASE,
)
"""A second order in a reason: "and hold Harborough", "Rutland to 31 Oct", "Melton too", "because" once more."""
ORDER_INSIDE = re.compile(rf"\b(?:{LOUD}|CONTACT)\b")


class ReasonNotRead(Exception):
    """What stands for a reason is none, or may be more; the sentence says how to write it."""


def says_more_than_why(words: str) -> bool:
    """Whether words begin like something else than a reason."""
    return bool(_NO_REASON.match(words))


def read_reason(said: str, order: str) -> str:
    """Why, as she put it; BECAUSE may be left out where nothing else can be meant."""
    given = BECAUSE.match(said)
    reason = (said[given.end() :] if given else said).strip(" ,;:.()\u2013\u2014-")
    if not reason:
        raise ReasonNotRead(f"Write: {order} BECAUSE and the reason in a few words.")
    if is_unfilled(reason):
        raise ReasonNotRead(f"'{reason}' only shows where your own words go. Write {order} BECAUSE and them.")
    is_more = any(_SAYS_MORE.match(one) for one in _CLAUSE.split(reason)[1:]) or _SENTENCE_ENDS.search(reason)
    is_loud = not reason.isupper() and ORDER_INSIDE.search(reason)
    if (
        is_more
        or is_loud
        or _MORE_INSIDE.search(reason)
        or _RESERVES.search(reason)
        or (not given and _NO_REASON.search(reason))
    ):
        raise ReasonNotRead(f"'{reason}' may be more than a reason. Write {order} BECAUSE and only why.")
    return reason
