"""What the co-ordinator writes to somebody through us: whom it goes to, and the letter that carries it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from csp_workflow.letters.kinds import Audience, Kind, Matter, writes
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.letters import About, Manner
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
    asker: Asker, message: str, *, order: str, quarter: Quarter | None, words: str, files: tuple[Attachment, ...]
) -> Matter:
    """Bring somebody the co-ordinator's own words on a message of theirs; `order` is the message she wrote them in."""
    keys = [r.key for r in asker.respondents] or [""]
    return Matter(
        to=asker.contact,
        cause=order,
        about=tuple(About(respondent=key, message=message) for key in keys),
        quarter=quarter,
        facts={"codes": tuple(r.code for r in asker.respondents), "words": words, "by_hand": True},
        attachments=files,
    )
