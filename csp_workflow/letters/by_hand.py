"""What the co-ordinator writes to somebody through us: whom it goes to, and the letter that carries it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import quote

from csp_workflow.letters.kinds import Audience, Conversation, Ground, Kind, Matter, writes
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.letters import About, Letter, Manner
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import Contact, Office, Respondent, Site

_NAMED = 10
"""How many characters of a message's id name it in an order."""


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Whoever wrote a message, as registered, with the respondents for whom they wrote it; none in the secretariat."""

    contact: Contact
    respondents: tuple[Respondent, ...] = ()

    @property
    def named(self) -> str:
        """Such as "Jane Smith (Melton)"."""
        where = joined(r.name for r in self.respondents) or "the secretariat"
        return f"{self.contact.name} ({where})"


def find_asker(site: Site, address: str, concerned: Collection[str], day: date) -> Asker | None:
    """For whom an address speaks on a day: a contact, first of the respondents concerned, or one of the secretariat."""
    known = site.spoken_for(address, day) if address else ()
    theirs = tuple(r for r in known if r.key in concerned) or known
    if theirs:
        return Asker(contact=theirs[0].speakers(address, day)[0], respondents=theirs)
    found = next((c for c in site.office.secretariat if address and c.is_at(address)), None)
    return Asker(contact=found) if found else None


def prepare_answer(office: Office, asker: Asker, message: str) -> tuple[str, str]:
    """The subject under which words to somebody reach us, and the link that opens such a letter."""
    subject = f"ANSWER {message[:_NAMED]} to {asker.named}"
    return subject, f"mailto:{office.mailbox}?subject={quote(subject)}"


@dataclass(frozen=True, kw_only=True)
class SentBack:
    """A version that is sent back: by whom and why, whether it was approved; `close` while that is to come."""

    by: str
    version: int
    received: datetime
    reason: str
    close: datetime | None
    was_approved: bool


ANSWER_KIND = Kind(
    name="answer-from-office",
    manner=Manner.ANSWER,
    audience=Audience.ASKER,
    about=("message",),
    answers_news=True,
    recall=timedelta(minutes=10),
)


@writes(ANSWER_KIND)
def answer_from_office(
    asker: Asker,
    message: str,
    *,
    order: str,
    quarter: Quarter | None,
    by: str,
    words: str,
    files: tuple[Attachment, ...],
) -> Matter:
    """Bring somebody the words of one of the office's people on a message of theirs, from the message `order`."""
    keys = [r.key for r in asker.respondents] or [""]
    return Matter(
        to=asker.contact,
        cause=order,
        about=tuple(About(respondent=key, message=message) for key in keys),
        quarter=quarter,
        facts={"codes": tuple(r.code for r in asker.respondents), "words": words, "by_hand": by},
        attachments=files,
    )


@writes(
    Kind(
        name="returned-to-lead",
        manner=Manner.ANSWER,
        audience=Audience.CONTACT,
        about=("respondent", "submission"),
        ground=Ground.SENT_BACK,
        continues=Conversation.RETURN,
        answers_news=True,
    )
)
def returned_to_lead(
    to: Contact, respondent: Respondent, quarter: Quarter, *, submission: str, sent_back: SentBack, order: str
) -> Matter:
    """Send a version back to a lead, with the co-ordinator's reason as her words."""
    return Matter(
        to=to,
        cause=f"returned:{order}",
        about=(About(respondent=respondent.key, submission=submission),),
        quarter=quarter,
        facts={"codes": (respondent.code,), "name": respondent.name, "sent_back": sent_back, "file": ""},
    )


def bring_form(letter: Letter, form: Attachment) -> Letter:
    """The letter with the form to mend."""
    return replace(letter, attachments=(form,), facts={**letter.facts, "file": form.name})
