"""The letters about what is not about a return.

Others' matters: to whoever deals with them, and to the contact who wrote. Trouble with the service itself: when it
begins, when it is over, and when nothing leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.letters.answers import Incoming, attach_original
from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import About, Manner, QueuedLetter
from csp_workflow.terms.messages import Topic, Verdict, short_id
from csp_workflow.terms.service import Lying, Trouble
from csp_workflow.terms.site import Contact


@dataclass(frozen=True, kw_only=True)
class PassedOn:
    """A message that may be about a topic. `due` is when the law wants an answer; `original` its bytes."""

    message: str
    topic: Topic
    sender: str
    received: datetime
    due: date | None
    words: str
    original: bytes
    kept_in: tuple[str, ...] = ()
    """The files that nobody has opened, and that therefore go no further."""


@writes(Kind(name="passed-on", manner=Manner.OFFICE, audience=Audience.TOPIC, about=("message",), folds=True))
def passed_on(to: Contact, passed: PassedOn, *, is_last: bool = False) -> Matter:
    """Pass a message on to whoever deals with what it may be about, as it came.

    `is_last`: as many came today as are passed on in a day; this is written once a day, and brings none.
    """
    attached = () if is_last else attach_original(passed.original)
    facts = {
        "codes": (),
        "topic": passed.topic.name,
        "sender": passed.sender,
        "received": passed.received,
        "due": passed.due,
        "words": "" if attached or is_last else passed.words,
        "attached": bool(attached),
        "kept_in": passed.kept_in,
        "is_last": is_last,
        "order": "" if passed.topic.address else f"DONE {short_id(passed.message)}",
    }
    day = london_day(passed.received).isoformat()
    return Matter(
        to=to,
        cause=f"no more {day}" if is_last else f"{passed.message} {passed.topic.key}",
        about=(About(message=passed.message),),
        quarter=None,
        facts=facts,
        attachments=attached,
    )


@writes(Kind(name="passed-on-told", manner=Manner.ANSWER, audience=Audience.CONTACT, about=("respondent", "message")))
def passed_on_told(to: Contact, incoming: Incoming) -> Matter:
    """Tell a contact, whom nothing else answers, that their message was passed on; every answer can say so."""
    return Matter(
        to=to,
        cause=incoming.message,
        about=incoming.about,
        quarter=incoming.quarter,
        facts={"codes": incoming.codes, "names": incoming.names},
        answers=incoming.thread,
    )


@writes(
    Kind(name="bank-details-held", manner=Manner.ANSWER, audience=Audience.CONTACT, about=("respondent", "message"))
)
def bank_details_held(to: Contact, incoming: Incoming, *, received: datetime) -> Matter:
    """Tell a contact that their message may hold bank details and was not read; nothing of it is repeated."""
    return Matter(
        to=to,
        cause=incoming.message,
        about=incoming.about,
        quarter=incoming.quarter,
        facts={"codes": incoming.codes, "names": incoming.names, "received": received},
        answers=incoming.thread,
    )


REMEDIES = {
    Trouble.MAILBOX_UNREAD: "see why the mail system does not answer. Nothing is lost: what arrives waits there",
    Trouble.LETTERS_STUCK: "see what became of the letters. None is lost, and none leaves twice",
    Trouble.DIGEST_BACK: "put the co-ordinator's address right in service.toml. Meanwhile her deputy gets her letters",
    Trouble.DISK_FULL: "make room. Without it messages stay unread in the mailbox",
    Trouble.TABLES_END: "add what is missing to the configuration, before the quarter begins",
}
"""What to do about each trouble, behind "Please"."""


@writes(Kind(name="alert", manner=Manner.OFFICE, audience=Audience.WATCHER))
def alert(to: Contact, trouble: Trouble, why: str, at: datetime) -> Matter:
    """Say that something stops the service, why, and what to do."""
    facts = {"codes": (), "trouble": trouble.value, "why": why, "remedy": REMEDIES[trouble], "at": at}
    return Matter(to=to, cause=f"{trouble.name}:{at.isoformat()}", about=(), quarter=None, facts=facts)


@writes(Kind(name="all-clear", manner=Manner.OFFICE, audience=Audience.WATCHER))
def all_clear(to: Contact, trouble: Trouble, since: datetime, at: datetime) -> Matter:
    """Say that a trouble is over."""
    facts = {"codes": (), "trouble": trouble.value, "since": since, "at": at}
    return Matter(to=to, cause=f"{trouble.name}:{since.isoformat()}", about=(), quarter=None, facts=facts)


MOST_TOLD = 100
"""So many messages and letters are listed one by one."""


@dataclass(frozen=True, kw_only=True)
class FoundMessage:
    """A message that lay in the mailbox and was not known: who wrote, under which subject, when, and what it is."""

    sender: str
    subject: str
    received: datetime
    verdict: Verdict
    names: tuple[str, ...]


@writes(Kind(name="mailbox-compared", manner=Manner.OFFICE, audience=Audience.OFFICE))
def mailbox_compared(
    to: Contact,
    *,
    why: str,
    found: Sequence[FoundMessage],
    left: Sequence[QueuedLetter],
    waiting: int,
    at: datetime,
    drafts: Sequence[Lying] = (),
) -> Matter:
    """Tell the office that nothing leaves since the store came from elsewhere, and what the mailbox holds beyond it;
    `drafts` are letters of ours that lie in Drafts and are not known."""
    facts = {
        "codes": (),
        "why": why,
        "at": at,
        "found": tuple(found),
        "left": tuple((letter.subject, letter.recipient) for letter in left),
        "drafts": tuple((one.subject, ", ".join(sorted(one.recipients))) for one in drafts),
        "most": MOST_TOLD,
        "waiting": waiting,
        "order": "RELEASE",
    }
    return Matter(to=to, cause=f"compared:{at.isoformat()}", about=(), quarter=None, facts=facts)
