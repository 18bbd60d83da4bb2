"""Who is away, whom no letter reaches, to whom a respondent's letters go instead, and how all that is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeVar

from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.messages import Blame
from csp_workflow.terms.phrases import day as said_day
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import Assent, Contact, Respondent, Role

P = TypeVar("P", bound="Presence")


@dataclass(frozen=True, kw_only=True)
class Absence:
    """Somebody is away up to and including a day; `assumed` when they named none and we reckoned one."""

    until: date
    assumed: bool = False


@dataclass(frozen=True, kw_only=True)
class Undeliverable:
    """An address that no letter goes to any more: mail to it comes back, or its person has left the role.

    `status` is the mail system's code ("5.1.1", or ""); `disowned` says that the person wrote so, and `named` the
    addresses that they named instead.
    """

    since: datetime
    status: str = ""
    disowned: bool = False
    named: str = ""


@dataclass(frozen=True, kw_only=True)
class Returned:
    """The latest letter that did not reach an address, which stays in use: `blame` is any but dead.

    `said` are the other side's words, `status` its code, each "" where there is none.
    """

    since: datetime
    blame: Blame
    status: str = ""
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Presence:
    """What is known of people's addresses, which are in lower case here.

    `failed` is when a letter to one did not arrive last, which no later order makes undone.
    """

    absences: Mapping[str, Absence] = field(default_factory=dict)
    undeliverable: Mapping[str, Undeliverable] = field(default_factory=dict)
    returned: Mapping[str, Returned] = field(default_factory=dict)
    failed: Mapping[str, datetime] = field(default_factory=dict)

    def away(self, contact: Contact, day: date) -> Absence | None:
        """A contact's absence on a day, or None when they are there as far as we know."""
        absence = self.absences.get(contact.address.lower())
        return absence if absence and absence.until >= day else None

    def reaches(self, contact: Contact) -> bool:
        """Whether letters to a contact arrive, as far as we know."""
        return contact.address.lower() not in self.undeliverable

    def came_back(self, address: str, since: datetime) -> bool:
        """Whether a letter to an address, written at an instant, did not arrive, as far as that is known now."""
        failed = self.failed.get(address.lower())
        return failed is not None and failed >= since

    @property
    def refused(self) -> Mapping[str, Returned]:
        """The addresses whose mail systems refuse our mail for what it is."""
        return {address: one for address, one in self.returned.items() if one.blame is Blame.OURS}

    def reached(self, contacts: Iterable[Contact]) -> tuple[Contact, ...]:
        """Those of some contacts whom letters reach."""
        return tuple(filter(self.reaches, contacts))

    def deliverable(self, respondent: Respondent, day: date) -> tuple[Contact, ...]:
        """Whom a request goes to: the leads that letters reach, else the deputies, else the chairs; () for nobody.

        Nobody is passed over for being away: a form waits in its mailbox.
        """
        return next(filter(None, self._in_succession(respondent, day)), ())

    def written_to(self, respondent: Respondent, day: date) -> tuple[Contact, ...]:
        """Whom the chase writes to: of those that letters reach the leads, else the deputies, else the chairs, who
        are there; when all are away those that a request would go to."""
        here = (tuple(c for c in people if not self.away(c, day)) for people in self._in_succession(respondent, day))
        return next(filter(None, here), ()) or self.deliverable(respondent, day)

    def chairing(self, respondent: Respondent, day: date) -> tuple[Contact, ...]:
        """Whom letters to a chair go to."""
        return self.assenting(respondent, Assent.APPROVAL, day)

    def assenting(self, respondent: Respondent, assent: Assent, day: date) -> tuple[Contact, ...]:
        """Whom letters to a chair, or a budget holder, go to: of those that letters reach the chairs, or the deputy in
        their place who serves for a time, or while no chair is there."""
        chairs, deputies = (self.reached(respondent.people(role, day)) for role in assent.roles)
        there = tuple(deputy for deputy in deputies if not self.away(deputy, day))
        acting = tuple(deputy for deputy in there if deputy.valid_to != date.max)
        if acting or all(self.away(chair, day) for chair in chairs):
            return acting or there or chairs or deputies
        return chairs

    def is_anybody_there(self, respondent: Respondent, day: date) -> bool:
        """Whether somebody whom letters reach is not away."""
        return any(not self.away(c, day) for people in self._in_succession(respondent, day) for c in people)

    def passed_over(self, respondent: Respondent, day: date) -> tuple[Contact, ...]:
        """The leads in office who are not written to, because they are away or letters do not reach them."""
        to = {c.address.lower() for c in self.written_to(respondent, day)}
        return tuple(c for c in respondent.people(Role.LEAD, day) if c.address.lower() not in to)

    # How it is said ----------------------------------------------------------------------------------

    def say_missing(self, contact: Contact, day: date) -> str:
        """Why a contact is not written to: "A. Lead is away until Friday 24 October 2014"; "" without a reason."""
        lost = self.undeliverable.get(contact.address.lower())
        if lost:
            return f"{contact.name} {'no longer does this work' if lost.disowned else 'cannot be reached by email'}"
        absence = self.away(contact, day)
        if absence is None:
            return ""
        until = " (until when is not known)" if absence.assumed else f" until {said_day(absence.until)}"
        return f"{contact.name} is away{until}"

    def say_lost(self, address: str) -> str:
        """Why no letter leaves for an address, in a sentence; "" while it may."""
        mark = self.undeliverable.get(address.lower())
        if mark is None:
            return ""
        return "Its recipient has left the role." if mark.disowned else "Letters to this address come back."

    def say_stand_in(self, to: Contact, respondent: Respondent, day: date) -> str:
        """Why somebody who is not the lead gets a lead's letter, in a sentence; "" for the lead."""
        if any(c.address.lower() == to.address.lower() for c in respondent.people(Role.LEAD, day)):
            return ""
        passed_over = [self.say_missing(lead, day) for lead in self.passed_over(respondent, day)]
        reason = joined(filter(None, passed_over)) or f"we know of nobody who leads on it for {respondent.name}"
        return f"You get this because {reason}."

    def say_deputy(self, to: Contact, respondent: Respondent, day: date) -> str:
        """Why a deputy chair gets a chair's letter, or another deputy what is another's, in a sentence; "" for nobody
        else."""
        if to.role.assent is None or to.role is to.role.assent.roles[0]:
            return ""
        first = respondent.people(to.role.assent.roles[0], day)
        missing = joined(filter(None, (self.say_missing(c, day) for c in first)))
        return f"You get this as {to.role}{f', because {missing}' if missing else ''}."

    def _in_succession(self, respondent: Respondent, day: date) -> Iterator[tuple[Contact, ...]]:
        for role in (Role.LEAD, Role.DEPUTY, Role.CHAIR, Role.DEPUTY_CHAIR):
            yield self.reached(respondent.people(role, day))


def after(known: P, event: Event) -> P:
    """What is known after an event; one that is not about an address changes nothing."""
    absences, undeliverable, returned = dict(known.absences), dict(known.undeliverable), dict(known.returned)
    address, facts, failed = event.subject.lower(), event.facts, dict(known.failed)
    match event.kind:
        case Happened.ABSENCE_SEEN:
            until = date.fromisoformat(str(facts["until"]))
            absences[address] = Absence(until=until, assumed=bool(facts.get("assumed")))
        case Happened.ABSENCE_ENDED:
            absences.pop(address, None)
        case Happened.ADDRESS_FAILED:
            undeliverable[address] = Undeliverable(since=event.at, status=str(facts.get("status") or ""))
            returned.pop(address, None)
            failed[address] = event.at
        case Happened.CONTACT_DISOWNED:
            named = str(facts.get("named") or "")
            undeliverable[address] = Undeliverable(since=event.at, disowned=True, named=named)
            returned.pop(address, None)
        case Happened.LETTER_CAME_BACK if not facts["tried"]:
            blame, status, said = Blame(str(facts["blame"])), str(facts["status"]), str(facts["said"])
            returned[address] = Returned(since=event.at, blame=blame, status=status, said=said)
            failed[address] = event.at
        case Happened.ADDRESS_RESTORED:
            undeliverable.pop(address, None)
            returned.pop(address, None)
        case Happened.RESUMED if not event.respondent:  # whoever lets sending go on has looked at what was refused
            returned = {to: one for to, one in returned.items() if one.blame is not Blame.OURS}
        case _:
            return known
    return replace(
        known,
        absences=MappingProxyType(absences),
        undeliverable=MappingProxyType(undeliverable),
        returned=MappingProxyType(returned),
        failed=MappingProxyType(failed),
    )
