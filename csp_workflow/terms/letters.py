"""An outgoing e-mail: what a rule asks for, and the states it goes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.messages import Attachment


class LetterState(StrEnum):
    """Where a letter stands on its way out."""

    QUEUED = "queued"
    HELD = "held"
    WITHDRAWN = "withdrawn"
    CLAIMED = "claimed"
    HANDING = "handing"
    IN_DRAFTS = "in drafts"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    FOR_A_PERSON = "for a person"


LETTER_MOVES: Mapping[LetterState, tuple[LetterState, ...]] = {
    LetterState.QUEUED: (LetterState.CLAIMED, LetterState.HELD, LetterState.WITHDRAWN),
    LetterState.HELD: (LetterState.QUEUED, LetterState.WITHDRAWN),
    LetterState.CLAIMED: (
        *(LetterState.QUEUED, LetterState.HELD, LetterState.WITHDRAWN),
        *(LetterState.HANDING, LetterState.IN_DRAFTS),
    ),
    LetterState.HANDING: (LetterState.SENT, LetterState.QUEUED, LetterState.UNKNOWN, LetterState.FAILED),
    LetterState.IN_DRAFTS: (
        *(LetterState.SENT, LetterState.QUEUED, LetterState.HELD, LetterState.WITHDRAWN),
        *(LetterState.FAILED, LetterState.FOR_A_PERSON),
    ),
    LetterState.UNKNOWN: (LetterState.SENT, LetterState.QUEUED, LetterState.FOR_A_PERSON),
    LetterState.FOR_A_PERSON: (
        *(LetterState.SENT, LetterState.QUEUED, LetterState.WITHDRAWN),
        LetterState.IN_DRAFTS,
    ),
    LetterState.FAILED: (LetterState.QUEUED, LetterState.WITHDRAWN),
    LetterState.SENT: (),
    LetterState.WITHDRAWN: (),
}
"""Which state may follow which. `claimed` falls back to `queued` when its lease ends, `handing` when the letter was
certainly refused. What was put into Drafts and is found among the sent letters was sent, whatever it was taken for."""


REMINDERS = 2
"""How often somebody is reminded of one submission; then the digest asks the co-ordinator to decide or to telephone."""


class Manner(StrEnum):
    """How a letter behaves on its way out.

    ANSWER goes at once at any hour and is marked as an automatic reply; TIMED waits for the
    sending window, counts towards one a working day per person, and is withdrawn when its cause
    has gone; OFFICE goes to the office's own people at once.
    """

    ANSWER = "answer"
    TIMED = "timed"
    OFFICE = "office"


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """How many letters of a kind go out on a coming day, if nothing arrives, and about whose returns (keys)."""

    day: date
    kind: str
    letters: int
    about: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class About:
    """One thing that a letter is about; what is left empty ("", 0, None) is not part of it.

    `respondent` is a key: its own information is in the letter. `submission` is the version asked about or answered.
    `rung` is the ladder's ("overdue+2") and `due` the due date that it was counted from, or the new one that is given;
    `reminder` says which reminder of the submission it is (1, 2). `message` is the content identity of the message
    that came in and that it answers or tells of. `board` and `draft` (a number from 1) say which paper it carries.
    `address` is one that no longer serves, or of whoever is to be confirmed, in lower case. `year` ("2014/15") says
    whose agreeing of measures it belongs to, and `version` which version of them it speaks of.
    """

    respondent: str = ""
    submission: str = ""
    rung: str = ""
    due: date | None = None
    reminder: int = 0
    message: str = ""
    board: str = ""
    draft: int = 0
    address: str = ""
    year: str = ""
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class _AnyLetter:
    """What is said of a letter, written or queued."""

    kind: str
    cause: str
    recipient: str
    about: tuple[About, ...]
    quarter: Quarter | None
    manner: Manner

    @cached_property
    def respondents(self) -> tuple[str, ...]:
        """The keys of those whose own information the letter carries: the egress gate judges it by them."""
        return tuple(dict.fromkeys(one.respondent for one in self.about if one.respondent))


@dataclass(frozen=True, kw_only=True)
class Letter(_AnyLetter):
    """One e-mail to exactly one person, as a rule asks for it; rendered when it is queued.

    `kind` is its folder in templates/emails. (kind, cause, recipient) identifies it, so asking twice queues once;
    a cause is only ever compared whole, and what the letter is about stands in `about`. `facts` is all the
    template may say. `answers` is the Message-ID it replies to; `topic` that message's
    subject, where a person's own words go on under it. It is put off until `not_before`.
    """

    recipient_name: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    answers: str = ""
    topic: str = ""
    not_before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ComingLetter:
    """A letter that goes out on a coming day if nobody answers; `condition` says on what it waits ("": on nothing)."""

    day: date
    letter: Letter
    condition: str = ""


@dataclass(frozen=True, kw_only=True)
class QueuedLetter(_AnyLetter):
    """A letter as the store keeps it: its bytes are frozen (in the archive under `content`).

    It is put off until `not_before`. `handed` is when its last hand-over began, `refused` since when it is refused for
    now; each None when it never was. `resubmissions` is how often it went again after a look-up found nothing.

    `drafted` is when it was last put into the Drafts folder for the co-ordinator to send (None: never), `missed` since
    when it lies neither there nor among the sent letters (None: it does), and `as_left` the hash in the archive of what
    left in its place where she had changed it ("": it left as it was written).
    """

    id: str
    subject: str
    message_id: str
    content: str
    state: LetterState
    queued: datetime
    not_before: datetime | None = None
    handed: datetime | None = None
    sent: datetime | None = None
    refused: datetime | None = None
    reason: str = ""
    proof: str = ""
    token: int = 0
    attempts: int = 0
    resubmissions: int = 0
    drafted: datetime | None = None
    missed: datetime | None = None
    as_left: str = ""

    @property
    def is_let_lie(self) -> bool:
        """Whether a person said that it is not to go: the same is not written again."""
        return self.state is LetterState.WITHDRAWN and bool(self.proof)
