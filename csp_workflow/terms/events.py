"""What happened, append-only, and what a rule decides: events to note, letters to send, values to keep.

All status is a fold over events. The tables of which state may follow which stand beside the folds (`status`,
`paper_status`, `service_status`); the diagrams of docs/states.md are drawn from them, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeVar

from csp_workflow.terms.comparisons import GroupRate
from csp_workflow.terms.dates import CycleDates, Quarter
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.measure_sets import MeasureSet
from csp_workflow.terms.messages import Attachment, Judgement
from csp_workflow.terms.returns import FormDefinition, Submission
from csp_workflow.terms.setup import Setup


class Happened(StrEnum):
    """The kinds of event."""

    CYCLE_PLANNED = "cycle planned"
    EXTRACT_PROVED = "extract proved"
    INTRODUCTIONS_PROVED = "introductions proved"
    PROOF_MADE = "proof made"
    CYCLE_OPENED = "cycle opened"
    CYCLE_CLOSED = "cycle closed"
    CYCLE_ARCHIVED = "cycle archived"
    CYCLE_REPLANNED = "cycle replanned"
    FORM_OVERTAKEN = "form overtaken"
    FORM_REISSUED = "form reissued"
    EXPECTED = "return expected"
    REQUESTED = "return requested"
    RECEIVED = "submission received"
    QUERIED = "return queried"
    COMPLETE = "return complete"
    APPROVAL_ASKED = "approval asked"
    APPROVED = "return approved"
    CERTIFICATE_ASKED = "certificate asked"
    CERTIFIED = "grant money certified"
    NIL = "nil return"
    DECLINED = "return declined"
    NOT_RECEIVED = "return not received"
    REOPENED = "return asked for again"
    EXTENDED = "due date extended"
    QUESTION_ASKED = "question asked"
    QUESTION_ANSWERED = "question answered"
    MESSAGE_HELD = "message held"
    MESSAGE_SETTLED = "held message settled"
    COLLEAGUE_CONFIRMED = "colleague confirmed"
    COLLEAGUE_REFUSED = "colleague refused"
    OFFICE_AWAY = "co-ordinator away"
    OFFICE_BACK = "co-ordinator back"
    HELD = "sending held"
    RESUMED = "sending resumed"
    ABSENCE_SEEN = "absence seen"
    ABSENCE_ENDED = "absence ended"
    ADDRESS_FAILED = "address failed"
    LETTER_CAME_BACK = "letter came back"
    CONTACT_DISOWNED = "contact disowned"
    ADDRESS_RESTORED = "address restored"
    CONTACT_NAMED = "contact named"
    CONTACT_CONFIRMED = "contact confirmed"
    CONTACT_WITHDRAWN = "contact withdrawn"
    MEMBER_CONFIRMED = "member confirmed"
    MEMBER_ENDED = "member ended"
    CHAIR_LETTER_PROPOSED = "letter to chair proposed"
    CHAIR_LETTER_ALLOWED = "letter to chair allowed"
    REMINDED = "reminded"
    PHONE_CALL_DUE = "phone call due"
    PHONED = "telephone call recorded"
    PAPER_DRAFTED = "paper drafted"
    WORDS_DISMISSED = "words dismissed"
    PAPER_SHOWN = "paper shown"
    AGREEMENT_ASKED = "agreement asked"
    PAPER_AGREED = "paper agreed"
    CLEARANCE_WANTED = "clearance wanted"
    PAPER_CLEARED = "paper cleared"
    PAPER_CIRCULATED = "paper circulated"
    PAPER_PUBLISHED = "paper published"
    ERRATUM_DRAFTED = "erratum drafted"
    ERRATUM_CIRCULATED = "erratum circulated"
    ERRATUM_DISMISSED = "erratum dismissed"
    DIGEST_MADE = "digest made"
    GAP_NOTICED = "gap noticed"
    CLOCK_DOUBTED = "clock doubted"
    STRAY_OWN_MAIL = "own mail came from elsewhere"
    BREAKER_TRIPPED = "breaker tripped"
    RELEASED = "released"
    FIGURES_IMPORTED = "figures imported"
    COMMANDED = "command carried out"
    ANSWERS_STOPPED = "answers stopped"
    ANSWER_RECALLED = "answer recalled"
    RETURNED = "return sent back"
    PUT_OFF = "thing put off"
    TOPIC_FOUND = "topic found"
    TOPIC_SETTLED = "topic settled"
    WE_FAILED = "we failed on a message"
    CONFIG_TAKEN = "changed configuration taken"
    CONFIG_REFUSED = "changed configuration refused"
    STORE_MOVED = "store came from elsewhere"
    MAILBOX_COMPARED = "mailbox compared"
    MESSAGES_DISPOSED = "messages disposed of"
    TROUBLE_BEGAN = "trouble began"
    TROUBLE_ENDED = "trouble ended"
    SUBJECT_ERASED = "person erased"
    ACTION_ASKED = "action asked"
    ACTION_CLOSED = "action closed"
    NOTES_ORDERED = "notes ordered"
    QUERY_ANSWERED = "query answered"
    DISPUTES_PASSED = "disputes passed on"
    DISPUTE_ANSWERED = "dispute answered"
    REVISION_EXPLAINED = "revision explained"
    MEASURES_PROVED = "measures proved"
    MEASURES_ASKED = "measures asked"
    MEASURES_QUERIED = "measures queried"
    MEASURES_PROPOSED = "measures proposed"
    MEASURES_APPROVED = "measures approved"
    MEASURES_RETURNED = "measures sent back"
    MEASURES_AGREED = "measures agreed"
    SETUP_SENT_OUT = "setup sent out"
    FILE_OFFERED = "file offered"
    SETUP_APPLIED = "setup applied"


Fact = str | int | bool | None


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened. `at` is aware UTC, when it was noted; `by` is who or what caused it.

    `came` is when the message that caused it had come, where that was before.
    `respondent` is "" for the cycle as a whole and `quarter` None for the service as a whole;
    `subject` is the id of the submission, letter, message or paper it is about; `facts` holds the
    few values the fold and people need. Which facts a kind has is said in store/documents.py.
    """

    kind: Happened
    at: datetime
    by: str
    quarter: Quarter | None = None
    respondent: str = ""
    subject: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    came: datetime | None = None

    @property
    def instant(self) -> datetime:
        """When somebody said it: what people say is dated by when it came, what we do by when it was noted."""
        return self.came or self.at


# The moves that events make, each with the letter it sends -----------------------------------------


S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Move(Generic[S]):
    """A move to `to` from any of `sources`, recorded by `event`; `letter` is the folder it sends, or ""."""

    event: Happened
    sources: tuple[S, ...]
    to: S
    letter: str = ""


class MoveRefused(Exception):
    """A state may not follow another; the message names both."""


def next_state(table: tuple[Move[S], ...], state: S, event: Happened) -> S:
    """The state after an event. Raises MoveRefused when the table does not allow it from `state`."""
    moves = [move for move in table if move.event is event]
    for move in moves:
        if state in move.sources:
            return move.to
    if moves:
        raise MoveRefused(f"'{event}' cannot follow the state '{state}'.")
    return state


# Letters: what a rule asks for, and the states they go through -----------------------------------


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

    def may_become(self, state: LetterState) -> bool:
        """Whether a state may follow the one it is in."""
        return state in LETTER_MOVES[self.state]

    @property
    def is_let_lie(self) -> bool:
        """Whether a person said that it is not to go: the same is not written again."""
        return self.state is LetterState.WITHDRAWN and bool(self.proof)


# Decisions -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one respondent is asked in one cycle, as sent: the form's definition and its workbook's hash.

    `filled` is the version of the return that its inputs were filled with; 0 for a form that holds nothing of theirs.
    """

    form: FormDefinition
    workbook: str
    filled: int = 0


def note_issue(quarter: Quarter, form: FormDefinition, now: datetime, *, by: str) -> Event:
    """That a respondent's people get an issue of their form that shows what stands now."""
    return Event(
        kind=Happened.FORM_REISSUED,
        at=now,
        by=by,
        quarter=quarter,
        respondent=form.respondent,
        facts={"revision": form.reference.revision},
    )


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to store, which letters to queue, what to note. Rules return it; steps commit it whole."""

    events: tuple[Event, ...] = ()
    letters: tuple[Letter, ...] = ()
    submissions: tuple[Submission, ...] = ()
    requests: tuple[Request, ...] = ()
    figures: tuple[Figure, ...] = ()
    group_rates: tuple[GroupRate, ...] = ()
    plans: tuple[CycleDates, ...] = ()
    measure_sets: tuple[MeasureSet, ...] = ()
    setups: tuple[Setup, ...] = ()
    judgement: Judgement | None = None

    def __bool__(self) -> bool:
        return any(vars(self).values())


NOTHING = Decision()
"""The decision to do nothing."""


class PreconditionFailed(Exception):
    """A command cannot be carried out now; the message says why and what to do. Exit code 4."""


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What an order of the co-ordinator's would let go, and on which day."""

    day: date
    decision: Decision


def together(*decisions: Decision) -> Decision:
    """Several decisions as one, to be committed together. At most one may judge a message."""
    judged = [d.judgement for d in decisions if d.judgement]
    if len(judged) > 1:
        raise ValueError("A message ends in exactly one verdict.")
    return Decision(
        events=tuple(e for d in decisions for e in d.events),
        letters=tuple(x for d in decisions for x in d.letters),
        submissions=tuple(s for d in decisions for s in d.submissions),
        requests=tuple(r for d in decisions for r in d.requests),
        figures=tuple(f for d in decisions for f in d.figures),
        group_rates=tuple(g for d in decisions for g in d.group_rates),
        plans=tuple(p for d in decisions for p in d.plans),
        measure_sets=tuple(s for d in decisions for s in d.measure_sets),
        setups=tuple(s for d in decisions for s in d.setups),
        judgement=judged[0] if judged else None,
    )
