"""Whose a message is, and whether its sender may speak for them.

Whose a form or a message is: the strongest evidence that is there decides. May its sender speak? Who is registered
decides; a reference in a form never does. An address that the site's trust profile does not prove speaks for nobody.
The domain that must be proved is that of the address as it is written: mail of the secure network
(x@force.example.cjsm.net) is vouched for by that network's domain, and a proof of force.example says nothing about it.
Only then is the network's suffix left out, to find the person.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from csp_workflow.forms.layout import row_key
from csp_workflow.intake.case import IntakeFacts, MessageCase
from csp_workflow.letters.catalogue import find_tag, kind_of
from csp_workflow.letters.kinds import Audience
from csp_workflow.mail.authentication import NoSenderProof, SenderEvidence, SenderForgery, SenderProof, examine_sender
from csp_workflow.terms.cells import Reference, find_reference, is_genuine
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.messages import IncomingMessage, short_id
from csp_workflow.terms.returns import FORM_VERSION, FormAge, ReadForm, find_age
from csp_workflow.terms.service import TrustProfile
from csp_workflow.terms.site import Assent, Contact, Office, Respondent, Site, plain_address

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


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose a form or a message is.

    `respondents` are those it may be (exactly one when it is known); `quarter` is None when unknown;
    `reference` is the genuine reference found. `problem` says in a sentence why nothing may be taken.
    """

    respondents: tuple[Respondent, ...] = ()
    quarter: Quarter | None = None
    reference: Reference | None = None
    problem: str = ""

    @property
    def respondent(self) -> Respondent | None:
        """The one respondent it is, or None."""
        return self.respondents[0] if len(self.respondents) == 1 else None


class Standing(StrEnum):
    """What a sender is to a respondent."""

    CONTACT = "contact"
    OFFICE = "office"
    ELSEWHERE = "contact of another respondent"
    INVITED = "named, not confirmed"
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
        """Whether a form may be taken from this sender. Words alone need more: `replies` and `acts` ask for a contact,
        and an approval for the chair."""
        return self.standing in {Standing.CONTACT, Standing.OFFICE}


# Whose is it? ------------------------------------------------------------------------------------


def identify_form(found: ReadForm, case: MessageCase) -> Identity:
    """Whose a workbook is. Two genuine references that name different returns are a problem, never a choice."""
    genuine = list_genuine(found, case)
    returns = {(r.code, r.period) for r in genuine}
    if len(returns) > 1:
        said = " and ".join(sorted(f"{code} {period}" for code, period in returns))
        named = tuple(filter(None, (case.site.by_code(code) for code, _ in sorted(returns))))
        return Identity(respondents=named, problem=f"The workbook holds the references of different returns: {said}.")
    if genuine:
        return _by_reference(max(genuine, key=lambda r: r.revision), case)
    known = _narrow_by_rows(identify_message(case), found, case)
    seen = filter(None, (find_reference(text) for _, text in found.references))
    foreign = [r for r in seen if known.respondent and r.code != known.respondent.code]
    if foreign:
        problem = f"The workbook's reference names {foreign[0].code}, but its seal is not ours."
        return Identity(respondents=known.respondents, quarter=known.quarter, problem=problem)
    return known


def identify_message(case: MessageCase) -> Identity:
    """Whose a message is without looking into a workbook: thread, then subject, then sender."""
    for rule in (_by_assignment, _by_thread, _by_tag, _by_sender):
        known = rule(case)
        if known.respondents:
            return known
    return Identity()


def find_concerned(case: MessageCase) -> tuple[Respondent, ...]:
    """Everybody a message may be about; it asks for nothing of any cycle.

    `decide` asks for the facts of nobody else, so that those of the other three hundred need not be gathered.
    """
    facts = case.facts
    keys = {facts.assignment.respondent} if facts.assignment else set()
    known = (*case.registered_for, *case.invited_to)
    if facts.answered:
        keys.update(facts.answered.respondents)
        known += case.site.registered(facts.answered.recipient, case.day)
    tag = find_tag(case.message.subject, key=facts.key)
    codes = {*(tag.codes if tag else ()), *(r.code for _, form in facts.forms() for r in list_genuine(form, case))}
    keys.update(r.key for r in (*known, *filter(None, map(case.site.by_code, codes))))
    return _respondents(keys, case)


def find_newer(found: ReadForm, case: MessageCase, respondent: Respondent) -> str:
    """Why a workbook waits for the office's word: its layout is later than we know, and nobody can say what we would
    leave unread. "" for any other, and once there is that word."""
    newest = max((r.form for r in list_genuine(found, case)), default=FORM_VERSION)
    if find_age(newest) is not FormAge.NEWER or case.facts.is_assigned(respondent.key):
        return ""
    return (
        f"{respondent.name}'s form has layout {newest}, which is later than the {FORM_VERSION} of this program. "
        f"ASSIGN {short_id(case.message.id)} {respondent.code} reads it all the same."
    )


def find_quarter(reference: Reference) -> Quarter | None:
    """The quarter a reference's period names ("1415Q2"), or None."""
    match = re.fullmatch(r"(\d{2})(\d{2})Q([1-4])", reference.period)
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        return None
    return Quarter(2000 + int(match[1]), int(match[3]))


def list_genuine(found: ReadForm, case: MessageCase) -> tuple[Reference, ...]:
    """The references in a workbook that have our seal."""
    seen = filter(None, (find_reference(text) for _, text in found.references))
    return tuple(r for r in seen if is_genuine(r, key=case.facts.key))


def _by_reference(reference: Reference, case: MessageCase) -> Identity:
    respondent = case.site.by_code(reference.code)
    quarter = find_quarter(reference)
    if respondent is None or quarter is None:
        return Identity(problem=f"Its reference names {reference.code}, which is no respondent of ours any more.")
    return Identity(respondents=(respondent,), quarter=quarter, reference=reference)


def _by_assignment(case: MessageCase) -> Identity:
    if case.facts.assignment is None:
        return Identity()
    found = _respondents((case.facts.assignment.respondent,), case)
    quarter = case.facts.assignment.quarter or (_current_quarter(found[0], case) if found else None)
    return Identity(respondents=found, quarter=quarter)


def _by_thread(case: MessageCase) -> Identity:
    letter = case.facts.answered
    if letter is None or not letter.respondents:
        return Identity()
    return Identity(respondents=_respondents(letter.respondents, case), quarter=letter.quarter)


def _by_tag(case: MessageCase) -> Identity:
    tag = find_tag(case.message.subject, key=case.facts.key)
    if tag is None:
        return Identity()
    found = tuple(filter(None, (case.site.by_code(code) for code in tag.codes)))
    return Identity(respondents=found, quarter=tag.quarter)


def _by_sender(case: MessageCase) -> Identity:
    known = case.registered_for or case.invited_to
    asked = tuple(r for r in known if case.facts.current(r.key))
    quarters = {_current_quarter(r, case) for r in asked or known}
    return Identity(respondents=asked or known, quarter=quarters.pop() if len(quarters) == 1 else None)


def _narrow_by_rows(known: Identity, found: ReadForm, case: MessageCase) -> Identity:
    """Of several respondents the one whose form has all the rows that stand in the workbook."""
    if len(known.respondents) < 2:
        return known
    rows = {row_key(row.area_code, row.ref) for row in found.figures}
    fitting = tuple(r for r in known.respondents if rows and rows <= _asked_rows(r, known.quarter, case))
    return Identity(respondents=fitting, quarter=known.quarter) if len(fitting) == 1 else known


def _asked_rows(respondent: Respondent, quarter: Quarter | None, case: MessageCase) -> set[tuple[str, str]]:
    cycle = case.facts.cycle(quarter) or case.facts.current(respondent.key)
    requests = cycle.requests.get(respondent.key, ()) if cycle else ()
    return {row_key(row.area.code, row.ref) for request in requests for row in request.form.figures}


def _respondents(keys: Collection[str], case: MessageCase) -> tuple[Respondent, ...]:
    return tuple(respondent for respondent in case.site.respondents if respondent.key in keys)


def _current_quarter(respondent: Respondent, case: MessageCase) -> Quarter | None:
    cycle = case.facts.current(respondent.key)
    return cycle.quarter if cycle else None


# May they speak? ----------------------------------------------------------------------------------


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


def is_office(address: str, office: Office) -> bool:
    """Whether an address is the co-ordinator's or the deputy's."""
    return bool(address) and any(address == person.address.lower() for person in office.people)


def find_authority(case: MessageCase, respondent: Respondent) -> Authority:
    """What a message's sender is to a respondent on the day it came."""
    if case.doubt:
        return Authority(standing=Standing.UNPROVED, reason=case.doubt)
    if respondent.speakers(case.sender, case.day):
        return Authority(standing=Standing.CONTACT, reason=f"Its sender is registered for {respondent.name}.")
    if is_office(case.sender, case.site.office):
        return Authority(standing=Standing.OFFICE, reason="Our own office sent it.")
    if respondent.is_invited(case.sender):
        reason = f"Its sender is named for {respondent.name}, and has not confirmed that the address is right."
        return Authority(standing=Standing.INVITED, reason=reason)
    return _authority_of_unregistered(case, respondent)


def _authority_of_unregistered(case: MessageCase, respondent: Respondent) -> Authority:
    if case.registered_for:
        names = " and ".join(r.name for r in case.registered_for)
        return Authority(
            standing=Standing.ELSEWHERE, reason=f"Its sender is registered for {names}, not for {respondent.name}."
        )
    if is_colleague(case.sender, respondent, case.day):
        return Authority(
            standing=Standing.COLLEAGUE,
            reason=f"Its sender is not registered, but writes from the organisation of {respondent.name}'s contacts.",
        )
    return Authority(standing=Standing.STRANGER, reason="Its sender is not registered with us.")


def find_writing_giver(case: MessageCase, respondent: Respondent, assent: Assent) -> Contact | None:
    """The chair, or the budget holder, who writes. No word of anybody else's makes up for a proof."""
    givers = () if case.doubt else respondent.givers(assent, case.day)
    return next((c for c in givers if case.is_from([c])), None)


def is_public(domain: str) -> bool:
    """Whether anybody can have an address at this domain (in lower case), which then says nothing of an employer."""
    return domain in _PUBLIC


def is_colleague(address: str, respondent: Respondent, day: date) -> bool:
    """Whether an address is of the organisation of a respondent's contacts."""
    return _shares_domain(address, respondent.addresses(day))


def is_stranger(case: MessageCase) -> bool:
    """Whether the sender has nothing to do with returns: no contact, and of nobody's organisation whom we write to."""
    office, serving = case.site.office, case.site.serving(case.day)
    people = (*office.people, *office.secretariat)
    known = case.registered_for or case.invited_to or _shares_domain(case.sender, (one.address for one in people))
    is_secretary = office.secretary_at(case.sender) is not None
    return not (known or is_secretary or any(is_colleague(case.sender, one, case.day) for one in serving))


def may_open(message: IncomingMessage, site: Site) -> bool:
    """Whether what a message brought may be opened before a person has seen it: a proved sender, and no stranger."""
    facts = IntakeFacts(site=site, key=b"")
    case = MessageCase(message=message, facts=facts, now=message.received, doubt=find_doubt(message, site))
    return not case.doubt and not is_stranger(case)


def answers_a_paper(case: MessageCase) -> bool:
    """Whether a message replies to a letter that went to the secretariat."""
    letter = case.facts.answered
    return letter is not None and kind_of(letter.kind).audience is Audience.SECRETARIAT


def is_beside_secretariat(case: MessageCase) -> bool:
    """Whether somebody of the secretariat's organisation replies to a letter that went to the secretariat."""
    people = (person.address for person in case.site.office.secretariat)
    return answers_a_paper(case) and _shares_domain(case.sender, people)


def _shares_domain(address: str, others: Iterable[str]) -> bool:
    """Whether an address is of the same organisation as another. Public mail providers are nobody's."""
    domain = _domain(address)
    return not is_public(domain) and domain in {_domain(plain_address(other)) for other in others}


def answers_in_place_of(case: MessageCase, recipient: str) -> bool:
    """Whether a message answers the very letter that `recipient` was sent, from an address of the same organisation.

    Our Message-IDs cannot be made up, so whoever answers it directly reads that mailbox.
    """
    letter = case.facts.answered
    is_direct = letter is not None and case.message.answered[:1] == (letter.message_id,)
    theirs = _domain(plain_address(recipient))
    return is_direct and not case.doubt and _domain(case.sender) == theirs and not is_public(theirs)


def was_contact(case: MessageCase, respondents: Iterable[Respondent]) -> bool:
    """Whether somebody answers a letter that they were sent as a contact of some respondents, and are one no longer."""
    letter = case.facts.answered
    if letter is None or case.facts.assignment or plain_address(letter.recipient) != case.sender:
        return False
    return any(respondent.speakers(case.sender, london_day(letter.queued)) for respondent in respondents)


def answers_lost_letter(case: MessageCase) -> bool:
    """Whether what it answers is a letter of ours that a store which was put back does not know: of another version."""
    domain = re.escape(case.site.office.mailbox.partition("@")[2])
    ours = (one for one in case.message.answered if re.fullmatch(rf"<csp\.[a-z2-7]{{32}}@{domain}>", one))
    return next(ours, None) not in {None, *case.facts.own_message_ids}


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
