"""Who is answered about a return: registered people, never an address that is only in a message."""

from __future__ import annotations

from datetime import date

from csp_workflow.intake.sender.authenticate import is_at
from csp_workflow.terms.respondents import Contact, Respondent, Role


def correspondents(respondent: Respondent, sender: str, day: date) -> tuple[Contact, ...]:
    """Who is answered: the sender as registered, else the leads. Never an address that is only in a message."""
    own = tuple(c for c in respondent.contacts if c.serves_on(day) and is_at(c, sender))
    return own[:1] or respondent.people(Role.LEAD, day) or respondent.people(Role.CHAIR, day)


def told_of_return(respondent: Respondent, sender: str, day: date) -> tuple[Contact, ...]:
    """Who is told what became of a return: who sent it, and the leads when that was somebody else."""
    people = (*correspondents(respondent, sender, day), *respondent.people(Role.LEAD, day))
    return tuple({contact.address.lower(): contact for contact in reversed(people)}.values())[::-1]
