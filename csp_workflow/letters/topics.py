"""The letters about what is not about a return: to whoever deals with it, and to the contact who wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.letters.answers import Incoming, attach_original
from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import About, Manner
from csp_workflow.terms.messages import short_id
from csp_workflow.terms.site import Contact
from csp_workflow.terms.topics import Topic


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
