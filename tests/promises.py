"""Every promise of an act of ours that a letter may make, with what must be behind it: an event or another letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from csp_workflow.terms.events import Event, Happened, QueuedLetter

_H = Happened
_PROMISES = re.compile(
    r"\bwe (?:will|shall)\b|\b(?:will|shall) (?:answer|reply|write|get|see|send)\b|\bgets? in touch\b"
    r"|\bwe have (?:recorded|received|read|asked|passed|kept|thanked|sent|told)\b|\bis being\b|\byou will get no\b"
    r"|\bwe (?:ask|send|tell|pass|write)\b(?! for| about,)|\bis recorded(?! yet)\b|\bis (?:asked|told) again\b"
    r"|\byou hear of\b"
    r"|\bco-ordinator (?:reads|looks|is told|has (?:your|it|the rest))\b|\bwords go to\b",
    re.IGNORECASE,
)
"""What says of an act of ours that it was done, or will be."""

_NO_ACT = re.compile(
    r"we ask you because|no agreement is recorded|we have recorded nothing from it"
    r"|nothing in it is recorded|nothing is recorded|before we send"
    r"|that we write to about|may we write|we write about|what is recorded from it|when we write",
    re.IGNORECASE,
)
"""What has the words and says no such thing."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """Sentences of one promise, and the events and kinds of letters of which one must be behind it.

    `is_done`: it must be there with the letter; else it comes when its time does.
    """

    says: str
    events: tuple[Happened, ...] = ()
    letters: tuple[str, ...] = ()
    is_done: bool = False

    def is_in(self, sentence: str) -> bool:
        """Whether a sentence makes it."""
        return bool(re.search(self.says, sentence, re.IGNORECASE))

    def is_kept(self, letter: QueuedLetter, events: Iterable[Event], letters: Iterable[QueuedLetter]) -> bool:
        """Whether something is behind a letter that makes it: of the same respondent, or of the same message."""
        of = {*letter.respondents, *(one.message for one in letter.about if one.message)}
        told = any(e.kind in self.events and {e.respondent, e.subject} & of for e in events)
        return told or any(
            other.kind in self.letters and {*other.respondents, *(one.message for one in other.about)} & of
            for other in letters
        )


_ASKS = ("approval-request", "approval-again", "receipt-to-chair")
_CERTIFIES = ("certificate-request",)
PROMISES = (
    # Done with the letter, or before it
    Promise(says=r"(has|reads) .*\bwill (answer|reply to|write to) you", events=(_H.QUESTION_ASKED, _H.MESSAGE_HELD),
            letters=("question",), is_done=True),
    Promise(says="until then you will get no reminders", events=(_H.QUESTION_ASKED, _H.MESSAGE_HELD), is_done=True),
    Promise(says="^you will get no reminders", events=(_H.NIL, _H.DECLINED), is_done=True),
    Promise(says="we have recorded that .* (has|have) nothing to report|will not report", events=(_H.NIL, _H.DECLINED),
            is_done=True),
    Promise(says="we have recorded that .* approved", events=(_H.APPROVED,), is_done=True),
    Promise(says="your approval of the return|sent with the form, is recorded", events=(_H.APPROVED,), is_done=True),
    Promise(says="when your approval is recorded, we tell", letters=("approval-noted",)),
    Promise(says="when your approval is recorded, the board.s paper says so", events=(_H.APPROVED,)),
    Promise(says="we have recorded that .* certified", events=(_H.CERTIFIED,), is_done=True),
    Promise(says="your certificate of the grant money .* is recorded", events=(_H.CERTIFIED,), is_done=True),
    Promise(says="we ask .* as deputy budget holder, to certify", letters=_CERTIFIES, is_done=True),
    Promise(says="we have received the return|^we have read (it|them)", events=(_H.RECEIVED,), is_done=True),
    Promise(says="we have asked for your partnership", events=(_H.REQUESTED,), is_done=True),
    Promise(says="we have passed your message to", events=(_H.TOPIC_FOUND,), letters=("passed-on",), is_done=True),
    Promise(says="we ask .* as deputy chair, to approve", letters=_ASKS, is_done=True),
    Promise(says="we have thanked them", letters=("no-longer-you",), is_done=True),
    Promise(says="we will not write to you about .* again", events=(_H.CONTACT_DISOWNED,)),
    Promise(says="we have kept it aside", letters=("something-arrived", "confirm-colleague", "wrong-quarter")),
    Promise(says="your agreement to draft", events=(_H.PAPER_AGREED,)),
    Promise(says="approval of the measures", events=(_H.MEASURES_APPROVED,)),
    Promise(says="we have read the workbook", events=(_H.MEASURES_QUERIED,)),
    Promise(says="has your words( at once)?\\.?$", events=(_H.QUESTION_ASKED,), letters=("question",)),
    # What comes when its time does
    Promise(says="reads (any|every) reply|will see to it|(gets|will get) in touch", letters=("question",)),
    Promise(says="co-ordinator (looks at it|is told)|look at (it|them) now", letters=("digest",)),
    Promise(says="we write back to say", letters=("receipt", "correction")),
    Promise(says="we send .*reasons? .*to the force", letters=("disputes",)),
    Promise(says="words go to the partnership", letters=("dispute-answered",)),
    Promise(says=r"we ask your chair to approve exactly", letters=("measures-approval",)),
    Promise(says=r"we ask (your|the|you)\b.*(approv|about that one)|we send you a letter that shows", letters=_ASKS),
    Promise(says="we ask you, as its chair", letters=("measures-approval",)),
    Promise(says="we (will )?ask (you|for approval).*(again|of that one|when it is complete)", letters=_ASKS),
    Promise(says="is asked again|we will send it to you", letters=(*_ASKS, *_CERTIFIES)),
    Promise(says="we (will |also )?ask (you|your budget holder|the budget holders) to certify", letters=_CERTIFIES),
    Promise(says="other grant money later, we will ask you again", letters=_CERTIFIES),
    Promise(says="when (it|a return) is complete we write to you", letters=_ASKS),
    Promise(says="what we shall ask of you", letters=_ASKS),
    Promise(says="it is recorded at once", events=(_H.APPROVED, _H.NIL, _H.DECLINED)),
    Promise(says="we write to you whenever something is due", letters=("request", "reminder-before-due")),
    Promise(says="agrees them next, and you hear of it", letters=("measures-agreed",)),
    Promise(says="we pass it on to you", letters=("passed-on",)),
    Promise(says="we tell .* in the sending window", letters=("form-reissued", "extension-given", "recorded-by-word",
                                                             "returned-to-lead", "approval-by-word")),
    Promise(says="we will send no more today", letters=("a-person-will-reply",)),
)  # fmt: skip
"""One for each sort of sentence; `tests/specimens/test_letters_say.py` says which sentence has none."""


def split_sentences(text: str) -> list[str]:
    """The sentences of a letter's plain text, each on one line."""
    lines = re.sub(r"(?<!\n)\n(?!\n| *- | *\d\. )", " ", text)
    return [" ".join(one.split()) for one in re.split(r"(?<=[.:?])\s+|\n", lines) if one.strip()]


def list_promising(text: str) -> list[str]:
    """The sentences that promise an act of ours, or say that one was done."""
    return [one for one in split_sentences(text) if _PROMISES.search(one) and not _NO_ACT.search(one)]


def find_promises(sentence: str) -> list[Promise]:
    """The promises that a sentence makes, of those that are declared."""
    return [one for one in PROMISES if one.is_in(sentence)]


def list_unkept(
    letter: QueuedLetter, text: str, events: Sequence[Event], letters: Sequence[QueuedLetter]
) -> Iterator[str]:
    """The sentences of a letter that was sent which say what is done, and nothing is behind them."""
    for sentence in list_promising(text):
        done = [one for one in find_promises(sentence) if one.is_done]
        if done and not any(one.is_kept(letter, events, letters) for one in done):
            yield sentence
