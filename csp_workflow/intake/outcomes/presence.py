"""What a message tells about a person's address: they are away, they are back, mail to them does not arrive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from csp_workflow.intake.facts import IntakeFacts
from csp_workflow.intake.outcomes.outcome import event
from csp_workflow.intake.sender.authenticate import (
    Standing,
    address_of,
    authority,
    is_at,
    is_disproved,
    plain_address,
    registered,
)
from csp_workflow.letters import contacts
from csp_workflow.letters.contacts import Lost
from csp_workflow.mail.bounces import FailedRecipient, read_bounce
from csp_workflow.mail.classify import Classification
from csp_workflow.terms.cycles import CycleState
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.presence import Undeliverable
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Contact, Respondent
from csp_workflow.terms.working_days import london_day

ASSUMED_DAYS = 3
"""Working days that an absence counts for when its message names no day of return."""


# Away and back --------------------------------------------------------------------------------------


def away(message: IncomingMessage, facts: IntakeFacts, now: datetime, sort: Classification) -> tuple[Event, ...]:
    """Somebody registered is away until a day: whoever stands in for them is then chased."""
    mine = speaks_for(message, facts)
    if not mine:
        return ()
    assumed = facts.site.working_days.plus(london_day(message.received), ASSUMED_DAYS)
    until = sort.until or assumed
    return (
        event(
            Happened.ABSENCE_SEEN,
            message,
            now,
            quarter=None,
            respondent="",
            subject=who_wrote(message, mine).address.lower(),
            until=until.isoformat(),
            assumed=sort.until is None,
        ),
    )


def wrote(message: IncomingMessage, facts: IntakeFacts, now: datetime, *, has_form: bool) -> tuple[Event, ...]:
    """A registered person writes: they are there after all, and their mailbox is.

    Who wrote that they have left has left all the same, unless they send a form.
    """
    mine = speaks_for(message, facts)
    if not mine:
        return ()
    address = who_wrote(message, mine).address.lower()
    absence, lost = facts.service.absences.get(address), facts.service.undeliverable.get(address)
    holds = (
        (Happened.ABSENCE_ENDED, absence is not None and absence.until >= london_day(message.received)),
        (Happened.ADDRESS_RESTORED, lost is not None and (has_form or not lost.disowned)),
    )
    return tuple(
        event(kind, message, now, quarter=None, respondent="", subject=address) for kind, is_so in holds if is_so
    )


def speaks_for(message: IncomingMessage, facts: IntakeFacts) -> tuple[Respondent, ...]:
    """The respondents that a message's sender is a registered contact of, as far as the address can be trusted."""
    day = london_day(message.received)
    mine = registered(address_of(message), facts.site, day) if address_of(message) else ()
    return tuple(r for r in mine if authority(message, r, facts.site, day).standing is Standing.CONTACT)


def who_wrote(message: IncomingMessage, mine: tuple[Respondent, ...]) -> Contact:
    """The contact behind a message of theirs, with the address as it is registered."""
    day = london_day(message.received)
    return next(c for r in mine for c in r.contacts if c.serves_on(day) and is_at(c, address_of(message)))


# Mail that came back --------------------------------------------------------------------------------


def came_back(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision:
    """What follows from a bounce: nothing, unless it is certain, for good, and about a letter of ours to that address.

    Anybody can write a bounce; only who got a letter of ours knows its Message-ID.
    """
    failed = _believed(message, facts)
    if failed is None or facts.answered is None:
        return Decision()
    address = facts.answered.recipient.lower()
    if address in facts.service.undeliverable:
        return Decision()
    marked = event(
        Happened.ADDRESS_FAILED,
        message,
        now,
        quarter=None,
        respondent="",
        subject=address,
        status=failed.status,
        letter=facts.answered.id,
    )
    person, respondents = _whose(address, facts, message)
    lost = Lost(
        contact=person,
        respondents=respondents,
        message=message.id,
        quarter=asked_in(respondents, facts),
        status=failed.status,
    )
    return Decision(events=(marked,), letters=tuple(told_of(lost, message, facts)))


def _believed(message: IncomingMessage, facts: IntakeFacts) -> FailedRecipient | None:
    bounce, letter = read_bounce(message), facts.answered
    if bounce is None or not bounce.certain or letter is None or letter.message_id not in bounce.original_ids:
        return None
    if is_disproved(message, facts.site):
        return None
    ours = plain_address(letter.recipient.lower())
    return next((one for one in bounce.recipients if one.permanent and plain_address(one.address) == ours), None)


def _whose(address: str, facts: IntakeFacts, message: IncomingMessage) -> tuple[Contact, tuple[Respondent, ...]]:
    """The person behind an address of ours, and the respondents they are registered for (none: the office's)."""
    respondents = facts.site.registered(address, london_day(message.received))
    office = facts.site.office
    people = (
        *(c for r in respondents for c in r.contacts),
        *(c for c in (office.co_ordinator, office.deputy) if c),
        *office.secretariat,
    )
    known = next((c for c in people if c.address.lower() == address), None)
    return known or Contact(name=address, role=office.co_ordinator.role, address=address), respondents


def told_of(lost: Lost, message: IncomingMessage, facts: IntakeFacts) -> Iterator[Letter]:
    """The letters about somebody lost: to whoever gets their letters now, and to the office."""
    day = london_day(message.received)
    mark = Undeliverable(since=message.received, status=lost.status, disowned=lost.disowned)
    address = lost.contact.address.lower()
    known = replace(facts.service, undeliverable={**facts.service.undeliverable, address: mark})
    instead = {c.address.lower(): c for r in lost.respondents for c in known.written_to(r, day)}
    asked = tuple(c for c in instead.values() if not known.away(c, day))
    for colleague in asked:
        shared = tuple(r for r in lost.respondents if r.is_registered(colleague.address, day))
        yield contacts.who_to_write_to(colleague, replace(lost, respondents=shared))
    for person in _office(address, facts, day):
        yield contacts.address_failed(person, lost, instead=tuple(instead.values()), asked=asked)


def asked_in(respondents: tuple[Respondent, ...], facts: IntakeFacts) -> Quarter | None:
    """The open quarter in which some respondents were asked, or None."""
    cycles = filter(None, (facts.current(r.key) for r in respondents))
    return next((c.quarter for c in cycles if c.status.state is CycleState.OPEN), None)


def _office(lost: str, facts: IntakeFacts, day: date) -> tuple[Contact, ...]:
    """The co-ordinator, and her deputy while she is away or when it is her own address that failed."""
    office = facts.site.office
    deputy = (office.deputy,) if office.deputy else ()
    is_hers = office.co_ordinator.address.lower() == lost
    people = (*(() if is_hers else (office.co_ordinator,)), *(deputy if is_hers or office.is_away(day) else ()))
    return tuple(person for person in people if person.address.lower() != lost)
