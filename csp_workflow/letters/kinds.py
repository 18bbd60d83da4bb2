"""What every kind of letter says of itself, and the mark that makes a function the one that writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from functools import update_wrapper
from typing import Any, Generic, ParamSpec

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import About, Letter, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.site import Assent, Contact

P = ParamSpec("P")


class Audience(StrEnum):
    """Who may get a letter, as post's gate judges it. A respondent's people must be so of every one it is about."""

    CONTACT = "a contact"
    """Anybody registered: the leads, whoever stands in for them, whoever wrote what is answered."""
    LEAD = "the lead"
    CHAIR = "the chair"
    LEAD_OR_CHAIR = "the lead or the chair"
    HOLDER = "the budget holder"
    MONEY = "the lead, the budget holder or the chief finance officer"
    ANALYST = "the force's analyst"
    ASKER = "whoever wrote what is answered"
    """A contact, or somebody in the secretariat."""
    LEAVER = "whoever has left"
    """A contact whose address is marked; no other letter goes to one."""
    OFFICE = "the office"
    """The co-ordinator and her deputy, who may read everything."""
    MANAGER = "the co-ordinator's manager"
    """Whoever gets the week in short, which names nobody but respondents."""
    SECRETARIAT = "the secretariat"
    READER = "whoever must agree to a paper"
    INVITED = "whoever is named and has not confirmed"
    """Somebody named by order; no other letter goes to an address that has not confirmed."""
    TOPIC = "whoever deals with a topic"
    """The addresses that the site names for what is not about a return; they get the message as it came."""
    WATCHER = "whoever is told of trouble"
    """The office, and the addresses that the site names for what stops the service."""
    NOBODY = "nobody"


class Ground(StrEnum):
    """What must still be so when a letter is handed over. `chase.grounds` and `post.leaving` have a rule for each."""

    NONE = "it tells what happened, which stays so"
    REQUEST = "one of the returns it asks for has not come"
    RETURN_MISSING = "the returns it reminds of have not come, and are due when it says"
    EXTENSION = "the return has not come, and its due date is the one given"
    FAULTS_OPEN = "the faults of the submission are not mended"
    SENT_BACK = "the submission is the latest and was sent back"
    LATEST_VERSION = "no later version of the returns that it speaks of has come"
    APPROVAL_MISSING = "the submission is the latest and waits for approval"
    CERTIFICATE_MISSING = "the grant money is still what it says, and waits for a certificate"
    ADDRESS_LOST = "letters do not reach the address"
    ADDRESS_UNCONFIRMED = "the address is named and has not confirmed"
    DATES = "the dates it gives are those that stand"
    FORM = "the forms it brings show what stands"
    PROOF = "the requests have not gone out, and no later proof waits"
    ACTIONS_OPEN = "nothing that it says was asked is closed since"
    PAPER_NOT_OUT = "the paper that it shows has not gone out"
    MEASURES_OPEN = "the measures of those it is about still wait for their leads"
    MEASURES_VERSION = "the version of the measures that it speaks of is the latest"
    STATE_OF_THINGS = "no later letter that tells how things stand waits"


class Conversation(StrEnum):
    """Letters that stand in one thread, whatever their subjects, so that mail programs show them together."""

    RETURN = "return"
    APPROVAL = "approval"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of letter. `name` is its folder in templates/emails.

    `about` names the parts of `About` that each thing it is about must have. `is_dated`: it counts days, so it may
    leave only on the day it was written. A kind that `begins` a conversation brings each respondent's form or asks a
    chair; one that `continues` it stands in its thread. One that `answers_news` answers changed figures or a recognised
    act: the day's limit of answers, which is there against machines, does not hold it back. One that `answers_lapse`
    says what of theirs could not be taken as it came. One with a time of
    `recall` is a person's own writing: it leaves when that time is over, unless it was taken back. One that `folds` may
    be kept for the office's next morning letter, which brings what it says: a question no longer than for the next
    morning, on which it is either told or settled; one that `waits_for_letter` for the next morning with a letter.
    """

    name: str
    manner: Manner
    audience: Audience
    about: tuple[str, ...] = ()
    ground: Ground = Ground.NONE
    begins: Conversation | None = None
    continues: Conversation | None = None
    is_dated: bool = False
    answers_news: bool = False
    answers_lapse: bool = False
    recall: timedelta = timedelta()
    folds: bool = False
    waits_for_letter: bool = False

    def __post_init__(self) -> None:
        unknown = set(self.about) - {part.name for part in fields(About)}
        if unknown:
            raise ValueError(f"The letter '{self.name}' cannot be about '{unknown.pop()}': About has no such part.")

    @property
    def is_request(self) -> bool:
        """Whether it asks for returns: then an absence is good to know, and in doubt the same bytes go once more."""
        return self.ground is Ground.REQUEST

    @property
    def brings_forms(self) -> bool:
        """Whether it brings the form of every respondent it is about, so that its recipient has them."""
        return self.begins is Conversation.RETURN or self.ground is Ground.FORM

    @property
    def asks(self) -> Assent | None:
        """The yes to a submission that it asks for, or reminds of; None for none."""
        if self.ground is Ground.APPROVAL_MISSING or self.begins is Conversation.APPROVAL:
            return Assent.APPROVAL
        return Assent.CERTIFICATE if self.ground is Ground.CERTIFICATE_MISSING else None

    @property
    def is_of_lapse(self) -> bool:
        """Whether it would not have come, had its reader sent the right thing in time."""
        return self.answers_lapse or self.ground in {Ground.RETURN_MISSING, Ground.FAULTS_OPEN}

    @property
    def is_superseded(self) -> bool:
        """Whether of several that wait only the latest is worth sending."""
        return self.ground in {Ground.PROOF, Ground.STATE_OF_THINGS}


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What the function of a kind gives: whom it writes to, why, about what, and all that the templates may say.

    `cause` tells two letters of the kind to one person apart and is never read again.
    """

    to: Contact
    cause: str
    about: tuple[About, ...]
    quarter: Quarter | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    answers: str = ""


class Writer(Generic[P]):
    """A function that writes one kind of letter: called, it gives the letter."""

    def __init__(self, kind: Kind, write: Callable[P, Matter]) -> None:
        self.kind = kind
        self._write = write
        update_wrapper(self, write)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Letter:
        """The letter. Raises ValueError when it does not say what a letter of its kind is about."""
        matter = self._write(*args, **kwargs)
        _refuse_lacking(self.kind, matter.about)
        return Letter(
            kind=self.kind.name,
            cause=matter.cause,
            recipient=matter.to.address,
            recipient_name=matter.to.name,
            about=matter.about,
            quarter=matter.quarter,
            manner=self.kind.manner,
            facts=matter.facts,
            attachments=matter.attachments,
            answers=matter.answers,
        )


def writes(kind: Kind) -> Callable[[Callable[P, Matter]], Writer[P]]:
    """Mark a function as the one that writes a kind of letter."""
    return lambda write: Writer(kind, write)


def _refuse_lacking(kind: Kind, about: tuple[About, ...]) -> None:
    lacking = [part for part in kind.about for one in about or (About(),) if not getattr(one, part)]
    if lacking:
        raise ValueError(f"A letter '{kind.name}' must say which {lacking[0]} it is about.")


_CALLED: Mapping[str, str] = {
    "reminder-before-due": "reminder before the due day",
    "reminder-due-today": "reminder on the due day",
    "reminder-overdue": "reminder after the due day",
    "overdue-chair": "letter to the chair about a late return",
    "query-reminder": "reminder of what is to be corrected",
    "approval-request": "request to approve",
    "approval-again": "request to approve a later version",
    "approval-reminder": "reminder to approve",
    "deputy-asked": "word to the chair that the deputy chair is asked too",
    "certificate-request": "request to certify grant money",
    "certificate-reminder": "reminder to certify grant money",
    "certificate-deputy": "word to the budget holder that the deputy is asked too",
    "who-to-write-to": "question who to write to",
    "confirm-address": "question whether an address is right",
    "extension-given": "word of a later due date",
    "board-note": "word of what the board asked",
    "part-shown": "page of the paper to read before it is cleared",
    "introduction": "word of who we are",
    "disputes": "disputed figures, to the force's analyst",
    "disputes-reminder": "reminder of disputed figures, to the force's analyst",
    "dispute-answered": "answer about a disputed figure",
    "dates-moved": "word of dates that moved",
    "form-reissued": "form sent anew",
}
"""How people call the letters that leave by the calendar."""


def name_kind(kind: str) -> str:
    """A kind of letter in plain words."""
    return _CALLED.get(kind) or kind.replace("-", " ")
