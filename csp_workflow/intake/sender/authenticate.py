"""May this sender speak for that respondent? Who is registered decides; a reference in a form never does.

An address that the site's trust profile does not prove speaks for nobody. The domain that must be
proved is that of the address as it is written: mail of the secure network (x@force.example.cjsm.net)
is vouched for by that network's domain, and a proof of force.example says nothing about it. Only then
is the network's suffix left out, to find the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from csp_workflow.intake.sender.providers import is_public
from csp_workflow.mail.authentication import Forgery, NoProof, Proof, SenderEvidence, examine_sender
from csp_workflow.terms.mailboxes import TrustProfile
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


_CJSM = ".cjsm.net"


def address_of(message: IncomingMessage) -> str:
    """The sender's address as registered addresses are written: the secure mail network's suffix is left out."""
    return plain_address(message.sender)


def plain_address(written: str) -> str:
    """An address without the secure mail network's suffix."""
    return written.removesuffix(_CJSM)


def vouched(message: IncomingMessage, site: Site) -> SenderEvidence:
    """Whether the mail server that the site believes vouches for the sender's address."""
    return examine_sender(message.headers, site.trust, _domain(message.sender))


def is_disproved(message: IncomingMessage, site: Site) -> bool:
    """Whether a mail server that the site believes says the sender's address is forged."""
    return isinstance(vouched(message, site), Forgery)


def doubt(message: IncomingMessage, site: Site) -> str:
    """Why a sender's address may not be believed, in a sentence; "" when it may.

    Where a server's word counts, nothing but a proof will do. The embedded mailbox has no such server.
    """
    if not message.sender:
        return "Its sender's address cannot be trusted."
    found = vouched(message, site)
    nobody_to_ask = site.trust.profile is TrustProfile.NONE and isinstance(found, NoProof)
    return "" if nobody_to_ask or isinstance(found, Proof) else found.reason


def is_at(contact: Contact, address: str) -> bool:
    """Whether a contact is reached at an address, written without the secure mail network's suffix."""
    return plain_address(contact.address.lower()) == address


def registered(address: str, site: Site, day: date) -> tuple[Respondent, ...]:
    """The respondents whose contact is reached at an address, written without the secure mail network's suffix."""
    return tuple(r for r in site.serving(day) if any(c.serves_on(day) and is_at(c, address) for c in r.contacts))


def is_office(address: str, office: Office) -> bool:
    """Whether an address is the co-ordinator's or the deputy's."""
    people = (office.co_ordinator, *([office.deputy] if office.deputy else []))
    return bool(address) and any(address == person.address.lower() for person in people)


def authority(message: IncomingMessage, respondent: Respondent, site: Site, day: date) -> Authority:
    """What a message's sender is to a respondent on a day."""
    doubted = doubt(message, site)
    if doubted:
        return Authority(standing=Standing.UNPROVED, reason=doubted)
    address = address_of(message)
    mine = [c for c in respondent.contacts if c.serves_on(day) and is_at(c, address)]
    if mine:
        roles = frozenset(c.role for c in mine)
        return Authority(
            standing=Standing.CONTACT, reason=f"Its sender is registered for {respondent.name}.", roles=roles
        )
    if is_office(address, site.office):
        return Authority(standing=Standing.OFFICE, reason="Our own office sent it.")
    return _unregistered(address, respondent, site, day)


def _unregistered(address: str, respondent: Respondent, site: Site, day: date) -> Authority:
    others = registered(address, site, day)
    if others:
        names = " and ".join(r.name for r in others)
        return Authority(
            standing=Standing.ELSEWHERE, reason=f"Its sender is registered for {names}, not for {respondent.name}."
        )
    if is_colleague(address, respondent, day):
        return Authority(
            standing=Standing.COLLEAGUE,
            reason=f"Its sender is not registered, but writes from the organisation of {respondent.name}'s contacts.",
        )
    return Authority(standing=Standing.STRANGER, reason="Its sender is not registered with us.")


def is_colleague(address: str, respondent: Respondent, day: date) -> bool:
    """Whether an address is of the organisation of a respondent's contacts. Public mail providers are nobody's."""
    domains = {_domain(plain_address(a)) for a in respondent.addresses(day)}
    return _domain(address) in domains and not is_public(_domain(address))


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
