"""Orders about people: CONTACT names somebody for a role; YES and NO with an address confirm it or take it back.

A new address gets one letter, which asks whether it is right, and nothing else before it says YES.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.desk.commands import (
    CarriedOut,
    Command,
    OrderFacts,
    Refused,
    find_orderer,
    find_respondent,
    keep_order,
    note_change,
)
from csp_workflow.desk.persons import WRITE, Person, name_by_address
from csp_workflow.letters.contacts import confirm_address
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.people import Member, NamedContact, say_unfit
from csp_workflow.terms.phrases import day as full_day
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Assent, Contact, Respondent, Role, plain_address


@dataclass(frozen=True, kw_only=True)
class _Naming:
    """Who is named for whom, and who then holds the role no more. `is_known`: nothing is to be confirmed."""

    respondent: Respondent
    contact: Contact
    replaced: tuple[Contact, ...]
    is_known: bool


def name_contact(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Name somebody for a role at a respondent. Refused for an address that cannot be written to there."""
    if command.person is None:
        raise Refused(f"{WRITE}.")
    naming = _read_naming(command.person, find_respondent(facts, command.respondent), facts, london_day(now))
    contact, of = naming.contact, naming.respondent
    event = note_change(
        Happened.CONTACT_NAMED,
        facts,
        now,
        respondent=of.key,
        subject=contact.address,
        role=contact.role.value,
        name=contact.name,
        since=contact.valid_from.isoformat(),
        until="" if contact.valid_to == date.max else contact.valid_to.isoformat(),
        replaces=" ".join(dict.fromkeys(plain_address(c.address) for c in naming.replaced)),
        known=naming.is_known,
    )
    named_by = find_orderer(facts).name
    word = facts.site.yes_phrases[0].upper()
    letters = () if naming.is_known else (confirm_address(contact, of, named_by=named_by, word=word, at=now),)
    return CarriedOut(
        sentences=tuple(_say_naming(naming, facts, london_day(now))),
        decision=keep_order(command, facts, now, event, respondent=of.key, letters=letters),
    )


def _read_naming(person: Person, respondent: Respondent, facts: OrderFacts, today: date) -> _Naming:
    since, until = max(person.since or today, today), person.until or date.max
    if until < since:
        raise Refused(f"It would end on {full_day(until)}, before it begins on {full_day(since)}.")
    unfit = say_unfit(person.address, person.role, respondent, facts.site, facts.service, since)
    if unfit:
        raise Refused(unfit)
    contact = Contact(
        name=person.name or _find_name(person.address, respondent),
        role=person.role,
        address=person.address,
        valid_from=since,
        valid_to=until,
    )
    return _Naming(
        respondent=respondent,
        contact=contact,
        replaced=_find_replaced(person, contact, respondent),
        # Letters about this very respondent go there already.
        is_known=respondent.is_registered(person.address, today),
    )


def _find_name(address: str, respondent: Respondent) -> str:
    return next((c.name for c in respondent.contacts if c.is_at(address)), name_by_address(address))


def _find_replaced(person: Person, contact: Contact, respondent: Respondent) -> tuple[Contact, ...]:
    """Whoever holds the role in that time. Of several at once it must be said whose place it is."""
    holders = tuple(
        c
        for c in respondent.contacts
        if c.role is person.role and c.valid_from <= contact.valid_to and contact.valid_from <= c.valid_to
    )
    if person.instead_of:
        holders = tuple(c for c in holders if c.is_at(person.instead_of))
        if not holders:
            raise Refused(f"{person.instead_of} is not registered as {person.role} for {respondent.name}.")
    at_first = {c.address.lower(): c.name for c in holders if c.serves_on(contact.valid_from)}
    if len(at_first) > 1:
        either = joined((f"INSTEAD OF {address} ({name})" for address, name in at_first.items()), "or")
        raise Refused(f"{respondent.name} has several people as {person.role}. Add whose place it is: {either}.")
    return holders


# What is said back ----------------------------------------------------------------------------------


def _say_naming(naming: _Naming, facts: OrderFacts, today: date) -> Iterator[str]:
    contact, of = naming.contact, naming.respondent
    whom = f"{contact.name} <{contact.address}>"
    before = joined(dict.fromkeys(c.name for c in naming.replaced))
    place = f", in place of {before}" if before else ""
    starts = f"from {full_day(contact.valid_from)}" if contact.valid_from > today else "from then on"
    if naming.is_known:
        starts = "from today" if contact.valid_from == today else f"from {full_day(contact.valid_from)}"
        yield f"{whom} is {contact.role} for {of.name} {starts}{place}."
        yield "We write to that address about them already, so it need not be confirmed."
    else:
        yield (
            f"We ask {whom} in the sending window whether this address is right. Until it replies YES it gets nothing "
            "else, and what it sends waits for you."
        )
        yield f"Once it has, {contact.name} is {contact.role} for {of.name} {starts}{place}."
        yield f"Until then nothing changes. NO {contact.address} takes it back."
    if contact.valid_to < date.max:
        again = f"{before} again" if before else "nobody"
        yield f"It ends on {full_day(contact.valid_to)}; from the day after it is {again}."
    yield from _say_what_is_owed(naming, facts)


def _say_what_is_owed(naming: _Naming, facts: OrderFacts) -> Iterator[str]:
    stands = facts.status.returns.get(naming.respondent.key) if facts.status else None
    if stands is None:
        return
    if naming.contact.role is Role.LEAD and stands.state is ReturnState.REQUESTED:
        yield "The request with the form, which is still owed, goes there then."
    if naming.contact.role is Role.CHAIR and stands.state is ReturnState.COMPLETE:
        yield "The return waits for approval: the new chair is asked then."
    if naming.contact.role is Role.BUDGET_HOLDER and stands.wants(Assent.CERTIFICATE):
        yield "Its grant money waits for a certificate: the new budget holder is asked then."


# YES and NO with an address -------------------------------------------------------------------------


def confirm_contact(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take an address as right on the co-ordinator's own word."""
    waiting = _list_unconfirmed(command.address, facts)
    if not waiting:
        raise Refused(f"No address {command.address} waits to be confirmed.")
    events = (_note(Happened.CONTACT_CONFIRMED, one, facts, now) for one in waiting)
    return CarriedOut(
        sentences=tuple(
            f"{one.contact.name} <{one.contact.address}> is {one.contact.role} for {_name(one, facts)} from "
            f"{full_day(max(one.contact.valid_from, london_day(now)))}. What is owed goes there in the sending window."
            for one in waiting
        ),
        decision=keep_order(command, facts, now, *events),
    )


def end_contact(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a naming back that is not confirmed, or end what a lead's colleague may send."""
    waiting = _list_unconfirmed(command.address, facts)
    members = [
        one for one in facts.service.people.members if plain_address(one.address) == plain_address(command.address)
    ]
    if not waiting and not members:
        more = "A contact is replaced by naming somebody else: CONTACT and the code."
        raise Refused(f"No address {command.address} waits to be confirmed, and no lead confirmed it. {more}")
    events = (
        *(_note(Happened.CONTACT_WITHDRAWN, one, facts, now) for one in waiting),
        *(_note(Happened.MEMBER_ENDED, one, facts, now) for one in members),
    )
    return CarriedOut(
        sentences=(
            *(f"{one.contact.name} <{command.address}> is not asked for {_name(one, facts)}." for one in waiting),
            *(f"What {command.address} sends counts for {_name(one, facts)} no more." for one in members),
        ),
        decision=keep_order(command, facts, now, *events),
    )


def _list_unconfirmed(address: str, facts: OrderFacts) -> Sequence[NamedContact]:
    return [one for one in facts.service.people.unconfirmed if one.contact.is_at(address)]


def _name(one: NamedContact | Member, facts: OrderFacts) -> str:
    return next((r.name for r in facts.site.respondents if r.key == one.respondent), one.respondent)


def _note(kind: Happened, one: NamedContact | Member, facts: OrderFacts, now: datetime) -> Event:
    address = one.address if isinstance(one, Member) else one.contact.address
    return note_change(kind, facts, now, respondent=one.respondent, subject=address)
