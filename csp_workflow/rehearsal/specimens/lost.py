"""Specimens of the letters about addresses that no longer serve, and about answers that were stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.letters import contacts, desk
from csp_workflow.letters.contacts import Lost
from csp_workflow.rehearsal.specimens.stage import Party, Stage, digest
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.site import Contact

_WORDS = "I no longer work on this.\nPlease write to the community safety team."


def about_people(stage: Stage) -> Iterator[Letter]:
    """A lead whose mail comes back and one who has left, with and without a colleague; an address of the office."""
    office = stage.site.office
    for party in stage.parties:
        yield from _lost(stage, party)
    for person in office.secretariat[:1]:
        lost = Lost(contact=person, respondents=(), message=digest("a bounce"), status="5.1.1")
        yield contacts.address_failed(office.co_ordinator, lost, instead=(), asked=())
    at = stage.moment(stage.dates.due, 0)
    why = "60 automatic answers left within an hour."
    yield desk.answers_on_hold(office.co_ordinator, why=why, at=at, cause="specimen: breaker")


def _lost(stage: Stage, party: Party) -> Iterator[Letter]:
    office, respondents = stage.site.office.co_ordinator, tuple(case.respondent for case in party.cases)
    left = Lost(
        contact=party.contact,
        respondents=respondents,
        message=digest(f"farewell of {party.contact.address}"),
        quarter=stage.quarter,
        disowned=True,
        words=_WORDS,
        thread="<specimen@example>",
    )
    failed = replace(left, message=digest(f"bounce to {party.contact.address}"), disowned=False, words="", thread="")
    yield contacts.no_longer_you(party.contact, left)
    for lost in (left, failed, replace(failed, message=digest("no code"), status="5.1.1", quarter=None)):
        others = _colleagues(stage, party)
        yield contacts.address_failed(office, lost, instead=others, asked=others[:1])
        yield from (contacts.who_to_write_to(other, _shared(lost, other, stage)) for other in others)
    alone = replace(failed, contact=replace(party.contact, phone=""), message=digest("nobody else"))
    yield contacts.address_failed(office, alone, instead=(), asked=())


def _colleagues(stage: Stage, party: Party) -> tuple[Contact, ...]:
    """Everybody else who serves for the same respondents on the day they are asked."""
    day = stage.dates.open
    people = (c for case in party.cases for c in case.respondent.contacts if c.serves_on(day))
    found = {c.address.lower(): c for c in people if c.address.lower() != party.contact.address.lower()}
    return tuple(found.values())


def _shared(lost: Lost, other: Contact, stage: Stage) -> Lost:
    day = stage.dates.open
    return replace(lost, respondents=tuple(r for r in lost.respondents if r.is_registered(other.address, day)))
