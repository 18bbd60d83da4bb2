"""Whoever was named by order and has not said whether the address is right, with the words that help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from csp_workflow.letters.office import Item, Need
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.people import NamedContact
from csp_workflow.terms.phrases import day
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import ServiceStatus

PATIENCE = 2
"""Working days in which an address may be confirmed before the co-ordinator is told; one that fails is told at once."""


def list_unconfirmed(site: Site, service: ServiceStatus, now: datetime) -> Iterator[Need]:
    """What waits for an address to be confirmed, and does so for long or in vain."""
    today = london_day(now)
    names = {respondent.key: respondent for respondent in site.respondents}
    for one in service.people.unconfirmed:
        asked = london_day(one.named)
        lost = not service.reaches(one.contact)
        if one.respondent not in names or not (lost or site.working_days.between(asked, today) >= PATIENCE):
            continue
        address, of = one.contact.address, names[one.respondent]
        why = "letters there come back" if lost else "has not answered whether the address is right"
        whom = f"{one.contact.name} <{address}>, named as {one.contact.role} for {of.name} on {day(asked)}"
        sentence = f"{whom}: {why}. Nothing else goes there. Please telephone, or name another address."
        again = (f"ADDRESS OK {address}",) if lost else (f"YES {address}", _write_again(one, of.code, today))
        item = Item(about=of.key, what=f"address {address}", called=of.name)
        yield Need(sentence=sentence, words=(*again, f"NO {address}"), item=item)


def _write_again(one: NamedContact, code: str, today: date) -> str:
    """The same order once more: the question goes out again."""
    contact = one.contact
    since = f" FROM {day(contact.valid_from)}" if contact.valid_from > today else ""
    until = f" TO {day(contact.valid_to)}" if contact.valid_to < date.max else ""
    instead = f" INSTEAD OF {one.replaces[0]}" if len(one.replaces) == 1 else ""
    return f"CONTACT {code} {contact.role} {contact.name} <{contact.address}>{since}{until}{instead}"
