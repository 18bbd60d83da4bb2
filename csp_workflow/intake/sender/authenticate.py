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

from csp_workflow.intake.case import MessageCase, is_at, plain_address
from csp_workflow.mail.authentication import NoSenderProof, SenderEvidence, SenderForgery, SenderProof, examine_sender
from csp_workflow.terms.mailboxes import TrustProfile
from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.respondents import Office, Respondent
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
    """A sender's standing with its reason in a sentence."""

    standing: Standing
    reason: str

    @property
    def may_speak(self) -> bool:
        """Whether a return, an approval or a nil may be taken from this sender."""
        return self.standing in {Standing.CONTACT, Standing.OFFICE}


_PUBLIC_PROVIDERS = """
    gmail.com googlemail.com
    outlook.com outlook.co.uk hotmail.com hotmail.co.uk live.com live.co.uk msn.com
    yahoo.com yahoo.co.uk ymail.com rocketmail.com aol.com aol.co.uk
    icloud.com me.com mac.com
    btinternet.com btopenworld.com talktalk.net tiscali.co.uk lineone.net virginmedia.com virgin.net
    ntlworld.com blueyonder.co.uk sky.com plus.com plus.net plusnet.com o2.co.uk orange.net orange.co.uk
    wanadoo.co.uk freeserve.co.uk supanet.com madasafish.com zen.co.uk
    proton.me protonmail.com pm.me gmx.com gmx.co.uk gmx.net mail.com email.com zoho.com zohomail.eu
    fastmail.com fastmail.co.uk fastmail.fm hushmail.com tutanota.com tuta.com yandex.com qq.com 163.com
"""
_PUBLIC = frozenset(_PUBLIC_PROVIDERS.split())


def find_evidence(message: IncomingMessage, site: Site) -> SenderEvidence:
    """Whether the mail server that the site believes vouches for the sender's address."""
    return examine_sender(message.headers, site.trust, _domain(message.sender))


def is_forged(case: MessageCase) -> bool:
    """Whether a mail server that the site believes says the sender's address is forged."""
    return isinstance(find_evidence(case.message, case.site), SenderForgery)


def find_doubt(message: IncomingMessage, site: Site) -> str:
    """Why a sender's address may not be believed, in a sentence; "" when it may.

    Where a server's word counts, nothing but a proof will do. The embedded mailbox has no such server.
    """
    if not message.sender:
        return "Its sender's address cannot be trusted."
    found = find_evidence(message, site)
    nobody_to_ask = site.trust.profile is TrustProfile.NONE and isinstance(found, NoSenderProof)
    return "" if nobody_to_ask or isinstance(found, SenderProof) else found.reason


def find_registered(address: str, site: Site, day: date) -> tuple[Respondent, ...]:
    """The respondents whose contact is reached at an address, written without the secure mail network's suffix."""
    return tuple(r for r in site.serving(day) if any(is_at(c, address) and c.serves_on(day) for c in r.contacts))


def is_office(address: str, office: Office) -> bool:
    """Whether an address is the co-ordinator's or the deputy's."""
    people = (office.co_ordinator, *([office.deputy] if office.deputy else []))
    return bool(address) and any(address == person.address.lower() for person in people)


def find_authority(case: MessageCase, respondent: Respondent) -> Authority:
    """What a message's sender is to a respondent on the day it came."""
    if case.doubt:
        return Authority(standing=Standing.UNPROVED, reason=case.doubt)
    if any(is_at(c, case.sender) and c.serves_on(case.day) for c in respondent.contacts):
        return Authority(standing=Standing.CONTACT, reason=f"Its sender is registered for {respondent.name}.")
    if is_office(case.sender, case.site.office):
        return Authority(standing=Standing.OFFICE, reason="Our own office sent it.")
    return _authority_of_unregistered(case.sender, respondent, case.site, case.day)


def _authority_of_unregistered(address: str, respondent: Respondent, site: Site, day: date) -> Authority:
    others = find_registered(address, site, day)
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


def is_public(domain: str) -> bool:
    """Whether anybody can have an address at this domain (in lower case), which then says nothing of an employer."""
    return domain in _PUBLIC


def is_colleague(address: str, respondent: Respondent, day: date) -> bool:
    """Whether an address is of the organisation of a respondent's contacts. Public mail providers are nobody's."""
    domains = {_domain(plain_address(a)) for a in respondent.addresses(day)}
    return _domain(address) in domains and not is_public(_domain(address))


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
