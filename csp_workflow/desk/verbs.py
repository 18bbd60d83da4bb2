"""The words of orders, and what people put around them that changes nothing: politeness, bullets, emphasis."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class Verb(StrEnum):
    """What may be ordered. APPROVED and CERTIFIED record what a chair or a budget holder said elsewhere: by mail only
    they themselves do."""

    STOP = "STOP"
    PROOF = "PROOF"
    SEND = "SEND"
    REISSUE = "REISSUE"
    HOLD = "HOLD"
    RESUME = "RESUME"
    RELEASE = "RELEASE"
    YES = "YES"
    NO = "NO"
    EXTEND = "EXTEND"
    NIL = "NIL"
    DECLINE = "DECLINE"
    REOPEN = "REOPEN"
    ACCEPT = "ACCEPT"
    APPROVED = "APPROVED"
    CERTIFIED = "CERTIFIED"
    RETURN = "RETURN"
    DONE = "DONE"
    ASSIGN = "ASSIGN"
    DISMISS = "DISMISS"
    REPLAY = "REPLAY"
    DRAFT = "DRAFT"
    SHOW = "SHOW"
    CLEAR = "CLEAR"
    CIRCULATE = "CIRCULATE"
    ACTION = "ACTION"
    NOTES = "NOTES"
    CLOSE = "CLOSE"
    ADDRESS = "ADDRESS"
    ANSWER = "ANSWER"
    ANSWERS = "ANSWERS"
    RECALL = "RECALL"
    LATER = "LATER"
    AGREE = "AGREE"
    AGREED = "AGREED"
    RETURNED = "RETURNED"
    CONTACT = "CONTACT"
    SETUP = "SETUP"
    APPLY = "APPLY"
    CALLED = "CALLED"
    AWAY = "AWAY"
    BACK = "BACK"
    RESEND = "RESEND"
    FOUND = "FOUND"
    WITHDRAW = "WITHDRAW"
    FIND = "FIND"
    EXPORT = "EXPORT"
    ERASE = "ERASE"
    STATUS = "STATUS"
    EXPLAIN = "EXPLAIN"
    DASHBOARD = "DASHBOARD"
    YEAR = "YEAR"
    HELP = "HELP"


HARMLESS = frozenset(
    {
        *(Verb.STOP, Verb.HOLD, Verb.NO, Verb.STATUS, Verb.SETUP, Verb.FIND, Verb.EXPORT, Verb.ERASE),
        *(Verb.EXPLAIN, Verb.DASHBOARD, Verb.YEAR, Verb.HELP, Verb.RECALL),
    }
)
"""What lets no letter leave to others, and can be done again or taken back: done whatever else a reply says."""

BRINGS_LETTER = frozenset(
    {
        *(Verb.STATUS, Verb.EXPLAIN, Verb.SHOW, Verb.FIND, Verb.EXPORT, Verb.DASHBOARD, Verb.YEAR),
        *(Verb.SETUP, Verb.PROOF, Verb.DRAFT),
    }
)
"""What is followed at once by a letter to her that says all there is to say of it."""

ANSWERED_AT_ONCE = frozenset(
    {
        *(Verb.STOP, Verb.HOLD, Verb.RESUME, Verb.RELEASE, Verb.ANSWER, Verb.RECALL, Verb.AWAY, Verb.BACK),
        *(Verb.ASSIGN, Verb.REPLAY, Verb.APPLY, Verb.HELP, Verb.ERASE),
    }
)
"""What stops or lets go, may be taken back for a while, or brings something: its answer waits for no morning. Nor does
that of a CLEAR alone: the next step is hers."""


_STAND_FOR_HERS = (
    r"whom|who|reason|evidence|name|name surname|chair(?: ?s)? name|how you know|few words|reason in a few words"
    r"|what is asked|what was said"
)
_STANDS_FOR_HERS = re.compile(rf"(?:(?:and|the|a|an|my|your|in) )*(?:{_STAND_FOR_HERS})")

LOUD = "STOP|SEND|REISSUE|HOLD|RESUME|RELEASE|EXTEND|DECLINE|ACCEPT|ASSIGN|DISMISS|CIRCULATE|REOPEN"
"""Orders that nobody writes in capitals, or first in a line, for another purpose; a pattern."""

_USUAL_WORDS = {
    *(Verb.RETURN, Verb.APPROVED, Verb.CERTIFIED),
    *(Verb.ANSWER, Verb.ANSWERS, Verb.LATER, Verb.DRAFT, Verb.SHOW, Verb.PROOF),
    *(Verb.ACTION, Verb.NOTES, Verb.CLOSE, Verb.AGREE, Verb.AGREED, Verb.RETURNED, Verb.CALLED),
    *(Verb.AWAY, Verb.BACK, Verb.FOUND, Verb.WITHDRAW, Verb.EXPLAIN, Verb.APPLY, Verb.DASHBOARD),
    *(Verb.FIND, Verb.EXPORT, Verb.YEAR),
}
_SET_UP = re.compile(r"^set[\s-]?up\b", re.IGNORECASE)
_MARKUP = re.compile(r"[*`~\"\u201c\u201d\u201e\u00ab\u00bb]|(?<![^\W_])_+|_+(?![^\W_])")
_BULLET = re.compile(r"^(?:[\W_]+|\(?(?:\d{1,2}|[a-hA-H])[.)]\s+)")
_AGREES = (
    r"ok(?:ay)?|right|great|fine|good|perfect|lovely|(?-i:[Aa]greed)|noted|understood|(?:many )?thanks|cheers"
    r"|thank you(?: very much| so much)?|(?:i(?: am|['\u2019]m) )?happy with (?:this|that|it|these|them)"
    r"|(?:(?:it|this|that|everything) )?(?:all |looks |all looks |is |is all )(?:ok(?:ay)?|good|fine|great)(?: to me)?"
)
_POLITE = re.compile(
    rf"^(?:{_AGREES}|please|pls|plz|kindly|so|and|then|also|next|now|first|finally|(?:could|can|would|will) you"
    r"|(?:i(?: am|['\u2019]m) )?(?:happy|fine|good|ok)(?: for (?:you|this|these|it|them))? to"
    r"|you (?:can|may)|i(?: would|['\u2019]d) like to|i want to|go ahead(?: and)?|feel free to|let(?:['\u2019]s| us)"
    r"|(?:my )?(?:reply|answer|order|orders|command|response)(?: is)?)(?![\w'\u2019-])[\s,.!:;\u2013-]*"
    r"|[\s,.;!\u2013-]+(?:please|pls|plz|thanks|thank you|many thanks|ta|cheers)$",
    re.IGNORECASE,
)
_ONLY_AGREES = re.compile(rf"^(?:(?:{_AGREES})(?![\w'\u2019-])[\s,.!\u2013-]*)+$", re.IGNORECASE)


def is_unfilled(words: str) -> bool:
    """Whether words only show where hers are to stand, as our letters write an order ("BY whom", "BECAUSE reason")."""
    return bool(_STANDS_FOR_HERS.fullmatch(" ".join(re.sub(r"[\W_]+", " ", words.lower()).split())))


def only_agrees(line: str) -> bool:
    """Whether a line says no more than that all is well ("OK", "Great, thanks!", "Looks good to me")."""
    return bool(_ONLY_AGREES.match(_MARKUP.sub("", line).strip()))


def strip_politeness(line: str) -> str:
    """A line without bullets, emphasis, politeness, quotation marks and closing punctuation."""
    line = _MARKUP.sub("", unicodedata.normalize("NFKC", line)).strip()
    before = ""
    while before != line:
        before, line = line, _BULLET.sub("", re.sub(r"[\W_]+$", "", line))
        line = _POLITE.sub("", line) or line
    return _SET_UP.sub(Verb.SETUP, line)


def find_first_word(line: str) -> str:
    """The first word, in capitals."""
    return re.split(r"[\s:,;.\u2013\u2014-]+", line, maxsplit=1)[0].upper()


def begins_like_order(line: str) -> bool:
    """Whether a line's first word, politeness apart, is that of an order; a usual word only in capitals."""
    plain = strip_politeness(line)
    word = find_first_word(plain)
    return word in Verb.__members__ and (Verb[word] not in _USUAL_WORDS or plain.startswith(word))


MEASURES, INTRODUCTIONS = "measures", "introductions"
_SENT_APART = {
    MEASURES: re.compile(r"(?:(?:the )?(?:letters|requests) )?(?:for |about )?(?:the |their )?measures", re.IGNORECASE),
    INTRODUCTIONS: re.compile(r"(?:the )?(?:introductions?|first letters?)", re.IGNORECASE),
}


def find_sent_apart(words: str) -> str:
    """What a SEND lets go by itself, apart from the requests: the letters about measures, or the introductions."""
    return next((name for name, called in _SENT_APART.items() if called.fullmatch(words)), "")
