"""The words of orders, and what people put around them that changes nothing: politeness, bullets, emphasis."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class Verb(StrEnum):
    """What may be ordered. APPROVED records what a chair said elsewhere: by mail only a chair approves."""

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
    ACCEPT = "ACCEPT"
    APPROVED = "APPROVED"
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
    RECALL = "RECALL"
    LATER = "LATER"
    AGREE = "AGREE"
    AGREED = "AGREED"
    RETURNED = "RETURNED"
    CONTACT = "CONTACT"
    SETUP = "SETUP"
    APPLY = "APPLY"
    STATUS = "STATUS"
    HELP = "HELP"


HARMLESS = frozenset({Verb.STOP, Verb.HOLD, Verb.NO, Verb.STATUS, Verb.HELP, Verb.SETUP, Verb.RECALL})
"""What lets no letter leave to others, and can be done again or taken back: done whatever else a reply says."""


LIST: tuple[tuple[str, str], ...] = (
    ("STOP", "stop all sending at once; it counts in any words around it, also as the subject"),
    (
        "SEND",
        "send the requests as the proof pack shows them; SEND CODE the request for the extract as its proof shows it",
    ),
    ("PROOF", "make the proof pack anew, as things stand, nothing is sent; PROOF CODE that of the extract's request"),
    ("REISSUE", "send the forms anew that show old police figures or wordings; REISSUE CODE one, REISSUE NOBODY none"),
    ("HOLD", "stop all sending; HOLD CODE stops one respondent's"),
    ("RESUME", "take a hold back; RESUME CODE for one respondent"),
    ("RELEASE", "let go what waits after a silence of the service, or automatic answers that were stopped"),
    ("YES CODE", "write to the chair about a late return; NO CODE does not"),
    ("EXTEND CODE TO 5 November BECAUSE reason", "give one respondent a later due date"),
    ("ACCEPT CODE", "take a queried return as complete: its faults stand, and what was kept back is shown"),
    ("APPROVED CODE BY whom BECAUSE evidence", "record an approval that the chair gave by telephone or in a meeting"),
    ("RETURN CODE BECAUSE reason", "send a return back to its lead, with your reason and a form to mend"),
    ("NIL CODE BECAUSE reason", "record that there is nothing to report"),
    ("DECLINE CODE BECAUSE reason", "record that no return will come"),
    ("DONE", "you have dealt with the message this letter is about; DONE ID names another"),
    ("ANSWER ID", "your words below it, and files named on lines ATTACHED NAME, go to whoever wrote that message"),
    ("RECALL", "take back your answers, which leave after ten minutes; RECALL ID the one to that message"),
    ("LATER ID TO Thursday", "put that thing off in the morning letter; LATER CODE what waits about a respondent"),
    ("ASSIGN ID TO CODE", "take a held message as coming from a respondent"),
    ("DISMISS ID", "put a held message aside; nobody is answered"),
    ("DISMISS STRANGERS", "put aside all strangers' messages that the letter you answer tells of"),
    ("DISMISS BOARD WORDS", "leave your words out that have no place in a paper any more"),
    ("REPLAY ID", "look again at a message on which we failed, once the cause is mended"),
    ("DRAFT", "make a new draft of the paper now; DRAFT BOARD where there are several"),
    (
        "SHOW",
        "show each partnership what the paper says of it, to object; SHOW BOARD where there are several",
    ),
    (
        "CLEAR",
        "clear the paper's latest draft; CLEAR BOARD where there are several, WITHOUT WAITING for the partnerships",
    ),
    (
        "CIRCULATE",
        "send the cleared paper to its secretariat; CIRCULATE BOARD where there are several, AS CLEARED whatever came",
    ),
    ("CIRCULATE BOARD AS WRITTEN", "send it though it may name a person, as the letter that brought the draft says"),
    (
        "CIRCULATE BOARD ERRATUM 1",
        "send what came after a paper went out; DISMISS BOARD ERRATUM 1 BECAUSE reason leaves it unsent",
    ),
    (
        "ACTION BOARD CODE BY 28 November: what is asked",
        "record what a board asked of somebody; they are told on the next working morning, all in one letter",
    ),
    ("NOTES BOARD", "tell every partnership after a meeting, also where the board asked nothing"),
    ("CLOSE A3 BECAUSE reason", "close what a board asked: it stands on no further form, and in one more paper"),
    (
        "ADDRESS OK lead@council.example",
        "write to an address again after its mail came back or its person had left; settle a letter that came back",
    ),
    (
        "CONTACT CODE lead Name Surname <name@council.example>",
        "ask somebody else: lead, deputy, chair or deputy chair, FROM and TO a day; a new address is confirmed first",
    ),
    (
        "YES name@council.example",
        "an address is right, you have made sure; NO and the address takes a CONTACT back, or ends a colleague's say",
    ),
    ("AGREE 2015/16", "make the proof of the letters that ask the partnerships for their measures, once a year"),
    ("SEND MEASURES", "send those letters as the proof shows them"),
    ("AGREED CODE", "agree a partnership's measures as its chair approved them; the forms ask them from then on"),
    ("RETURNED CODE BECAUSE reason", "send a partnership's measures back to its lead, with your reason"),
    ("SETUP", "bring the set-up as a workbook: people, measures, meetings, absences; send it back with your changes"),
    ("APPLY WORD", "take a file that you sent, as the letter told it that names the word"),
    ("STATUS", "where everything stands, now"),
    ("HELP", "this list"),
)
"""Every command with what it does, as the product's letters list them. Several codes may follow one word."""

_STAND_FOR_HERS = (
    r"whom|who|reason|evidence|name|name surname|chair(?: ?s)? name|how you know|few words|reason in a few words"
    r"|what is asked"
)
_STANDS_FOR_HERS = re.compile(rf"(?:(?:and|the|a|an|my|your|in) )*(?:{_STAND_FOR_HERS})")
_TO_FILL_IN = re.compile(r"\b(?:whom|reason|evidence)\b")

LOUD = "STOP|SEND|REISSUE|HOLD|RESUME|RELEASE|EXTEND|DECLINE|ACCEPT|ASSIGN|DISMISS|CIRCULATE"
"""Orders that nobody writes in capitals, or first in a line, for another purpose; a pattern."""

_USUAL_WORDS = {
    *(Verb.RETURN, Verb.APPROVED, Verb.ANSWER, Verb.LATER, Verb.DRAFT, Verb.SHOW, Verb.PROOF),
    *(Verb.ACTION, Verb.NOTES, Verb.CLOSE, Verb.AGREE, Verb.AGREED, Verb.RETURNED, Verb.APPLY),
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


def fill_in(order: str) -> str:
    """An order as our letters write it, as it may read once her own words stand in it."""
    return _TO_FILL_IN.sub("something", order)


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
