"""May this sender speak for that respondent? Who is registered decides; a reference in a form never does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.respondents import Contact, Office, Respondent, Role
from csp_workflow.terms.site import Site


class Standing(StrEnum):
    """What a sender is to a respondent."""

    CONTACT = "contact"
    OFFICE = "office"
    ELSEWHERE = "contact of another respondent"
    COLLEAGUE = "colleague"
    STRANGER = "stranger"
    UNPROVED = "unproved"


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A sender's standing with its reason in a sentence; `roles` are those they hold at the respondent."""

    standing: Standing
    reason: str
    roles: frozenset[Role] = frozenset()

    @property
    def may_speak(self) -> bool:
        """Whether a return, an approval or a nil may be taken from this sender."""
        return self.standing in {Standing.CONTACT, Standing.OFFICE}


_FAILED = re.compile(r"\b(?:dmarc|compauth)\s*=\s*fail\b", re.IGNORECASE)
_CJSM = ".cjsm.net"


def address_of(message: IncomingMessage) -> str:
    """The sender's address as registered addresses are written: the secure mail network's suffix is left out."""
    return plain_address(message.sender)


def plain_address(written: str) -> str:
    """An address without the secure mail network's suffix."""
    return written.removesuffix(_CJSM)


def is_disproved(message: IncomingMessage) -> bool:
    """Whether a mail server on the way says the sender's address is forged."""
    return any(name.lower() == "authentication-results" and _FAILED.search(value) for name, value in message.headers)


def is_office(address: str, office: Office) -> bool:
    """Whether an address is the co-ordinator's or the deputy's."""
    people = (office.co_ordinator, *([office.deputy] if office.deputy else []))
    return bool(address) and any(address == person.address.lower() for person in people)


def authority(message: IncomingMessage, respondent: Respondent, site: Site, day: date) -> Authority:
    """What a message's sender is to a respondent on a day."""
    address = address_of(message)
    if not address:
        return Authority(standing=Standing.UNPROVED, reason="Its sender's address cannot be trusted.")
    if is_disproved(message):
        return Authority(standing=Standing.UNPROVED, reason="A mail server says that its sender's address is forged.")
    mine = [c for c in respondent.contacts if c.serves_on(day) and c.address.lower() == address]
    if mine:
        roles = frozenset(c.role for c in mine)
        return Authority(
            standing=Standing.CONTACT, reason=f"Its sender is registered for {respondent.name}.", roles=roles
        )
    if is_office(address, site.office):
        return Authority(standing=Standing.OFFICE, reason="Our own office sent it.")
    return _unregistered(address, respondent, site, day)


def _unregistered(address: str, respondent: Respondent, site: Site, day: date) -> Authority:
    others = site.registered(address, day)
    if others:
        names = " and ".join(r.name for r in others)
        return Authority(
            standing=Standing.ELSEWHERE, reason=f"Its sender is registered for {names}, not for {respondent.name}."
        )
    if _domain(address) in {_domain(c.address.lower()) for c in _serving(respondent, day)}:
        return Authority(
            standing=Standing.COLLEAGUE,
            reason=f"Its sender is not registered, but writes from the organisation of {respondent.name}'s contacts.",
        )
    return Authority(standing=Standing.STRANGER, reason="Its sender is not registered with us.")


def _serving(respondent: Respondent, day: date) -> tuple[Contact, ...]:
    return tuple(c for c in respondent.contacts if c.serves_on(day))


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
