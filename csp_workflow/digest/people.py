"""Who is away, whom no letter reaches, and who gets their letters, as the digest says it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from csp_workflow.digest.facts import DigestFacts
from csp_workflow.letters.contacts import file_of
from csp_workflow.letters.digests import Need
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import LetterState
from csp_workflow.terms.phrases import day as said_day
from csp_workflow.terms.phrases import joined, plural, short_day
from csp_workflow.terms.presence import Undeliverable
from csp_workflow.terms.site import Contact, Respondent, Role


def lost_addresses(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """Each address that no letter goes to and that still stands in the configuration, with how to put it right."""
    today = london_day(now)
    for address, lost in sorted(facts.service.undeliverable.items(), key=lambda pair: (pair[1].since, pair[0])):
        person, respondents = holder(facts, address, today)
        if person is not None:
            yield Need(
                sentence=" ".join(_lost(facts, person, respondents, lost, today)), words=(f"ADDRESS OK {address}",)
            )


def holder(facts: DigestFacts, address: str, day: date) -> tuple[Contact | None, tuple[Respondent, ...]]:
    """Whose address it is on a day and for which respondents (none: the office's); None when it is nobody's."""
    respondents = facts.site.registered(address, day)
    office = facts.site.office
    people = (
        *(c for r in respondents for c in r.contacts),
        *(c for c in (office.co_ordinator, office.deputy, *office.secretariat) if c),
    )
    return next((c for c in people if c.address.lower() == address.lower()), None), respondents


def _lost(
    facts: DigestFacts, person: Contact, respondents: tuple[Respondent, ...], lost: Undeliverable, today: date
) -> Iterator[str]:
    where = f" ({joined(r.name for r in respondents)})" if respondents else ""
    since = said_day(london_day(lost.since))
    if lost.disowned:
        yield f"{person.name}{where} wrote on {since} that somebody else does this work now."
    else:
        code = f", with the code {lost.status}" if lost.status else ""
        yield f"Letters to {person.name}{where} come back since {since}{code}."
    instead = {c.address: c.name for r in respondents for c in facts.service.written_to(r, today)}
    if instead:
        yield f"Letters go to {joined(instead.values())} meanwhile."
    elif respondents:
        yield "Nobody else there can be written to."
    waiting = sum(
        x.state is LetterState.QUEUED and x.recipient.lower() == person.address.lower() for x in facts.every_letter
    )
    if waiting:
        yield f"{plural(waiting, 'letter')} to them {'waits' if waiting == 1 else 'wait'}."
    yield f"Please put the right person into {file_of(respondents)}, or say that the address is right."


def stands_in(facts: DigestFacts, of: Respondent, day: date) -> Iterator[str]:
    """Which leads are away or out of reach, until when, and who gets the reminders until then."""
    service = facts.service
    missing = [c for c in of.people(Role.LEAD, day) if service.away(c, day) or not service.reaches(c)]
    to = service.written_to(of, day)
    if not missing or not to:
        yield from (["letters reach nobody there"] if not to else [])
        return
    if not service.is_anybody_there(of, day):
        yield f"nobody is there: {joined(_missing(facts, c, day) for c in missing)}; reminders still go to {_names(to)}"
        return
    passed_over = service.passed_over(of, day)
    for lead in missing:
        gone = _missing(facts, lead, day)
        then = " until then" if service.reaches(lead) else ""
        yield f"{gone}; reminders go to {_names(to)}{then}" if lead in passed_over else gone


def _missing(facts: DigestFacts, contact: Contact, day: date) -> str:
    lost, absence = facts.service.undeliverable.get(contact.address.lower()), facts.service.away(contact, day)
    if lost:
        return f"{contact.name} {'has left the role' if lost.disowned else 'cannot be reached'}"
    if absence is None:
        return f"{contact.name} is there"
    reckoned = " (no day was named)" if absence.assumed else ""
    return f"{contact.name} is away until {short_day(absence.until)}{reckoned}"


def _names(people: tuple[Contact, ...]) -> str:
    return joined(c.name for c in people)
