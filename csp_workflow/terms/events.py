"""What happened, append-only. All status is a fold over these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from csp_workflow.terms.quarters import Quarter


class Happened(StrEnum):
    """The kinds of event."""

    CYCLE_PLANNED = "cycle planned"
    PROOF_MADE = "proof made"
    CYCLE_OPENED = "cycle opened"
    CYCLE_CLOSED = "cycle closed"
    CYCLE_ARCHIVED = "cycle archived"
    CYCLE_REPLANNED = "cycle replanned"
    EXPECTED = "return expected"
    REQUESTED = "return requested"
    RECEIVED = "submission received"
    QUERIED = "return queried"
    COMPLETE = "return complete"
    APPROVAL_ASKED = "approval asked"
    APPROVED = "return approved"
    NIL = "nil return"
    DECLINED = "return declined"
    NOT_RECEIVED = "return not received"
    EXTENDED = "due date extended"
    QUESTION_ASKED = "question asked"
    QUESTION_ANSWERED = "question answered"
    MESSAGE_HELD = "message held"
    MESSAGE_SETTLED = "held message settled"
    COLLEAGUE_CONFIRMED = "colleague confirmed"
    COLLEAGUE_REFUSED = "colleague refused"
    HELD = "sending held"
    RESUMED = "sending resumed"
    ABSENCE_SEEN = "absence seen"
    ABSENCE_ENDED = "absence ended"
    ADDRESS_FAILED = "address failed"
    CONTACT_DISOWNED = "contact disowned"
    ADDRESS_RESTORED = "address restored"
    CHAIR_LETTER_PROPOSED = "letter to chair proposed"
    CHAIR_LETTER_ALLOWED = "letter to chair allowed"
    REMINDED = "reminded"
    PHONE_CALL_DUE = "phone call due"
    PAPER_DRAFTED = "paper drafted"
    PAPER_CLEARED = "paper cleared"
    PAPER_CIRCULATED = "paper circulated"
    PAPER_PUBLISHED = "paper published"
    DIGEST_MADE = "digest made"
    GAP_NOTICED = "gap noticed"
    CLOCK_DOUBTED = "clock doubted"
    STRAY_OWN_MAIL = "own mail came from elsewhere"
    BREAKER_TRIPPED = "breaker tripped"
    RELEASED = "released"
    FIGURES_IMPORTED = "figures imported"
    COMMANDED = "command carried out"
    ANSWERS_STOPPED = "answers stopped"


Fact = str | int | bool | None


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened. `at` is aware UTC; `by` is who or what caused it.

    `respondent` is "" for the cycle as a whole and `quarter` None for the service as a whole;
    `subject` is the id of the submission, letter, message or paper it is about; `facts` holds the
    few values the fold and people need. Which facts a kind has is said in store/documents/events.py.
    """

    kind: Happened
    at: datetime
    by: str
    quarter: Quarter | None = None
    respondent: str = ""
    subject: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
