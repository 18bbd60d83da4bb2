"""How it is said that somebody is away or out of reach, and that somebody else gets their letters."""

from __future__ import annotations

from datetime import date

from csp_workflow.terms.phrases import day as said_day
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.presence import Presence
from csp_workflow.terms.site import Contact, Respondent, Role


def missing(contact: Contact, known: Presence, day: date) -> str:
    """Why a contact is not written to: "A. Lead is away until Friday 24 October 2014"; "" when there is no reason."""
    lost = known.undeliverable.get(contact.address.lower())
    if lost:
        return f"{contact.name} {'no longer does this work' if lost.disowned else 'cannot be reached by e-mail'}"
    absence = known.away(contact, day)
    if absence is None:
        return ""
    return f"{contact.name} is away{' (until when is not known)' if absence.assumed else until(absence.until)}"


def lost(address: str, known: Presence) -> str:
    """Why no letter leaves for an address, in a sentence; "" while it may."""
    mark = known.undeliverable.get(address.lower())
    if mark is None:
        return ""
    return "Its recipient has left the role." if mark.disowned else "Letters to this address come back."


def until(day: date) -> str:
    """Such as " until Friday 24 October 2014"."""
    return f" until {said_day(day)}"


def why(to: Contact, respondent: Respondent, known: Presence, day: date) -> str:
    """Why somebody who is not the lead gets a lead's letter, in a sentence; "" for the lead."""
    if any(c.address.lower() == to.address.lower() for c in respondent.contacts if _is_lead(c, day)):
        return ""
    passed_over = [missing(lead, known, day) for lead in known.passed_over(respondent, day)]
    reason = joined(filter(None, passed_over)) or f"we know of nobody who leads on it for {respondent.name}"
    return f"You get this because {reason}."


def _is_lead(contact: Contact, day: date) -> bool:
    return contact.role is Role.LEAD and contact.serves_on(day)
