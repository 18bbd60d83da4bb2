"""The letters about an address that no longer serves: to the office, to a colleague, and to whoever has left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from csp_workflow.letters.kinds import Audience, Ground, Kind, Matter, writes
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import About, Manner
from csp_workflow.terms.messages import Blame, short_id
from csp_workflow.terms.site import Contact, Respondent, RespondentKind


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A person whom letters no longer go to.

    `message` is the content identity of what told us ("" when the mail server refused the letter at once), `thread` its
    Message-ID; `words` what the person or the mail system said and `status` its code, each ""
    where there is none; `named` the addresses that the words name. `letter` is the id of the letter that came back,
    `blame` whose fault that is. `quarter` is the one in which they were asked.
    """

    contact: Contact
    respondents: tuple[Respondent, ...]
    message: str = ""
    letter: str = ""
    blame: Blame = Blame.DEAD
    quarter: Quarter | None = None
    disowned: bool = False
    status: str = ""
    words: str = ""
    named: tuple[str, ...] = ()
    thread: str = ""


@writes(Kind(name="address-failed", manner=Manner.OFFICE, audience=Audience.OFFICE, about=("address",)))
def address_failed(
    to: Contact, lost: Lost, *, instead: Sequence[Contact], asked: Sequence[Contact], orders: Sequence[str] = ()
) -> Matter:
    """Tell the office who can no longer be written to, who gets their letters now, and how to put it right.

    `orders` put somebody else in their place.
    """
    facts = {
        "lost": lost.contact,
        "disowned": lost.disowned,
        "status": lost.status,
        "words": lost.words,
        "named": lost.named,
        "instead": tuple(c.name for c in instead),
        "asked": tuple(c.name for c in asked),
        "file": file_of(lost.respondents),
        "orders": tuple(orders),
        "order": f"ADDRESS OK {lost.contact.address}",
    }
    return _matter(to, lost, facts)


@writes(
    Kind(
        name="who-to-write-to",
        manner=Manner.TIMED,
        audience=Audience.CONTACT,
        about=("respondent", "address"),
        ground=Ground.ADDRESS_LOST,
    )
)
def who_to_write_to(to: Contact, lost: Lost) -> Matter:
    """Ask a colleague who to write to now, about the respondents that both are registered for."""
    return _matter(to, lost, {"lost": lost.contact, "disowned": lost.disowned})


@writes(
    Kind(
        name="no-longer-you", manner=Manner.ANSWER, audience=Audience.LEAVER, about=("respondent", "message", "address")
    )
)
def no_longer_you(to: Contact, lost: Lost) -> Matter:
    """Thank somebody for saying that they have left; the last letter they get."""
    return _matter(to, lost, {}, answers=lost.thread)


@writes(
    Kind(
        name="confirm-address",
        manner=Manner.TIMED,
        audience=Audience.INVITED,
        about=("respondent", "address"),
        ground=Ground.ADDRESS_UNCONFIRMED,
    )
)
def confirm_address(to: Contact, respondent: Respondent, *, named_by: str, word: str, at: datetime) -> Matter:
    """Ask somebody who was named whether the address is right; nothing of the return but whose it is."""
    return Matter(
        to=to,
        cause=f"{to.address} {respondent.key} {to.role} {at.isoformat()}",
        about=(About(respondent=respondent.key, address=to.address),),
        quarter=None,
        facts={
            "codes": (respondent.code,),
            "names": (respondent.name,),
            "role": to.role.value,
            "since": to.valid_from,
            "named_by": named_by,
            "word": word,
        },
    )


@writes(Kind(name="letter-came-back", manner=Manner.OFFICE, audience=Audience.OFFICE, about=("address",)))
def letter_came_back(to: Contact, lost: Lost, *, orders: Sequence[str] = ()) -> Matter:
    """Tell the office of a letter that did not arrive though the address stays in use: whose fault, and what to do.

    `orders` put somebody else in their place. One that the mail server did not take is in no folder of sent letters:
    `never_left` names it then.
    """
    facts = {
        "lost": lost.contact,
        "blame": lost.blame.value,
        "never_left": "" if lost.message else short_id(lost.letter),
        "status": lost.status,
        "words": lost.words,
        "orders": tuple(orders),
        "file": file_of(lost.respondents),
        "order": f"ADDRESS OK {lost.contact.address}",
    }
    return _matter(to, lost, facts)


@writes(Kind(name="sending-held", manner=Manner.OFFICE, audience=Audience.OFFICE, about=("address",)))
def sending_held(to: Contact, lost: Lost, *, why: str, at: datetime) -> Matter:
    """Tell the office that all sending is on hold because our mail is refused, and how to let it go on."""
    facts = {
        "why": why,
        "at": at,
        "lost_name": lost.contact.name,
        "status": lost.status,
        "words": lost.words,
        "order": "RESUME",
    }
    # It is about our mail, not about the respondent whose refusal was the last.
    return _matter(to, replace(lost, respondents=(), quarter=None), facts)


def file_of(respondents: Sequence[Respondent]) -> str:
    """The config file in which some respondents' people stand; the office's for nobody's."""
    kinds = {r.kind is RespondentKind.PARTNERSHIP for r in respondents}
    names = {True: "config/partnerships.toml", False: "config/contributors.toml"}
    return " and ".join(names[kind] for kind in sorted(kinds, reverse=True)) or "config/service.toml"


def _matter(to: Contact, lost: Lost, facts: dict[str, Any], *, answers: str = "") -> Matter:
    address = lost.contact.address.lower()
    keys = [r.key for r in lost.respondents] or [""]
    return Matter(
        to=to,
        cause=f"{address} {lost.message or lost.letter}",
        about=tuple(About(respondent=key, message=lost.message, address=address) for key in keys),
        quarter=lost.quarter,
        facts={
            "codes": tuple(r.code for r in lost.respondents),
            "names": tuple(r.name for r in lost.respondents),
            **facts,
        },
        answers=answers,
    )
