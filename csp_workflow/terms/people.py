"""People beside the configuration, by what happened: whom the co-ordinator named, whom a lead confirmed, who is away.

They are laid over the configured site in one place, so that every rule sees one list of people, and one module says to
whom letters go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TypeVar

from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.messages import Blame
from csp_workflow.terms.phrases import day as said_day
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import Assent, Contact, Respondent, Role, Site, plain_address

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class NamedContact:
    """Somebody whom the co-ordinator named for a respondent (its key), with the dates that she gave.

    `replaces` are the addresses of those who then hold the role no more. `confirmed` is the day from which the address
    is known to be right, None until then. One named by the set-up (`is_set_up`) stands in the configuration already,
    and holds the role only once confirmed: until then, or for ever when `is_refused`, those replaced hold it, as long
    as they did (`kept_until`).
    """

    respondent: str
    contact: Contact
    named: datetime
    replaces: tuple[str, ...] = ()
    confirmed: date | None = None
    is_set_up: bool = False
    is_refused: bool = False
    kept_until: date = date.max

    def is_for(self, respondent: str, address: str) -> bool:
        """Whether it names an address for a respondent."""
        return self.respondent == respondent and self.contact.is_at(address)

    @property
    def serving(self) -> Contact:
        """The contact as it serves: from the day that was given, and not before the address was confirmed."""
        return replace(self.contact, valid_from=max(self.contact.valid_from, self.confirmed or date.max))


@dataclass(frozen=True, kw_only=True)
class Member:
    """A colleague whom a respondent's lead confirmed: from then on mail from `address` counts as that of `lead`."""

    respondent: str
    address: str
    lead: str
    since: date


@dataclass(frozen=True, kw_only=True)
class People:
    """Everybody known beside the configuration, in the order in which they became known."""

    named: tuple[NamedContact, ...] = ()
    members: tuple[Member, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.named or self.members)

    @property
    def unconfirmed(self) -> tuple[NamedContact, ...]:
        """Those who may still confirm their address."""
        return tuple(one for one in self.named if one.confirmed is None and not one.is_refused)


# What happened to them ------------------------------------------------------------------------------


def people_after(known: People, event: Event) -> People:
    """Who is known after an event; one that is not about people changes nothing."""
    respondent, address = event.respondent, event.subject.lower()
    match event.kind:
        case Happened.CONTACT_NAMED:
            return replace(known, named=tuple(_name(known.named, _read_naming(event))))
        case Happened.CONTACT_CONFIRMED:
            return replace(known, named=tuple(_confirm(known.named, respondent, address, london_day(event.instant))))
        case Happened.CONTACT_WITHDRAWN:
            return replace(known, named=tuple(_withdraw(known.named, respondent, address)))
        case Happened.MEMBER_CONFIRMED:
            member = Member(
                respondent=respondent, address=address, lead=str(event.facts["lead"]), since=london_day(event.instant)
            )
            return replace(known, members=(*_without(known.members, respondent, address), member))
        case Happened.MEMBER_ENDED:
            return replace(known, members=tuple(_without(known.members, respondent, address)))
    return known


def _read_naming(event: Event) -> NamedContact:
    facts = event.facts
    until = str(facts["until"])
    return NamedContact(
        respondent=event.respondent,
        contact=Contact(
            name=str(facts["name"]),
            role=Role(str(facts["role"])),
            address=event.subject,
            valid_from=date.fromisoformat(str(facts["since"])),
            valid_to=date.fromisoformat(until) if until else date.max,
        ),
        named=event.at,
        replaces=tuple(str(facts["replaces"]).split()),
        confirmed=london_day(event.instant) if facts["known"] else None,
        is_set_up=bool(facts.get("set_up")),
        kept_until=date.fromisoformat(str(facts["kept"])) if facts.get("kept") else date.max,
    )


def _name(known: Iterable[NamedContact], new: NamedContact) -> Iterator[NamedContact]:
    """Those named with one more. Of several that one CONTACT after another names for a role only the latest waits.

    What the set-up names stands in the configuration, and is held back there until it is confirmed itself.
    """
    for one in known:
        is_same = (one.respondent, one.contact.role) == (new.respondent, new.contact.role)
        if one.confirmed is not None or not is_same:
            yield one
        elif one.contact.is_at(new.contact.address):
            new = _take_over(new, one) if one.is_set_up else new
        elif one.is_set_up:
            yield one if new.is_set_up else replace(one, is_refused=True)
        elif new.is_set_up:
            yield one
    yield new


def _take_over(new: NamedContact, one: NamedContact) -> NamedContact:
    """Somebody named again whom the set-up named: they are held back as before, in the same person's place."""
    return replace(new, is_set_up=True, replaces=new.replaces or one.replaces, kept_until=one.kept_until)


def _withdraw(named: Iterable[NamedContact], respondent: str, address: str) -> Iterator[NamedContact]:
    for one in named:
        if one.confirmed is not None or not one.is_for(respondent, address):
            yield one
        elif one.is_set_up:
            yield replace(one, is_refused=True)


def _confirm(named: Iterable[NamedContact], respondent: str, address: str, day: date) -> Iterator[NamedContact]:
    for one in named:
        is_meant = one.confirmed is None and not one.is_refused and one.is_for(respondent, address)
        yield replace(one, confirmed=day) if is_meant else one


def _without(members: Iterable[Member], respondent: str, address: str) -> Iterator[Member]:
    return (one for one in members if (one.respondent, one.address) != (respondent, address))


# Who may be named -------------------------------------------------------------------------------------


def say_unfit(address: str, role: Role, respondent: Respondent, site: Site, reach: Presence, day: date) -> str:
    """Why an address cannot be named for a role from a day on, in a sentence; "" when it can."""
    office = site.office
    ours = (office.mailbox, *(person.address for person in office.people))
    if plain_address(address) in map(plain_address, ours):
        return f"{address} is our own office's."
    if not reach.reaches(Contact(name="", role=role, address=address)):
        return f"{reach.say_lost(address)} If {address} is right all the same, reply ADDRESS OK {address} first."
    held = [c.role for c in respondent.contacts_on(day) if c.is_at(address)]
    is_both = role.assent is not None and any(one.assent not in {None, role.assent} for one in held)
    heirs = joined(f"{one.name} (CONTACT {one.code} ...)" for one in respondent.heirs)
    why = {
        f"{respondent.name} has ended; who is asked for it are the people of {heirs or 'nobody'}.": (
            day > respondent.valid_to
        ),
        f"{respondent.name} needs nobody's approval, so it has no {role}.": (
            role.approves and not respondent.needs_approval
        ),
        f"{respondent.name} is asked about no grant money, so it has no {role}.": (
            role.is_of_grants and not respondent.grants
        ),
        f"{address} is registered as {role} for {respondent.name} already.": role in held,
        f"{address} is {joined(held)} for {respondent.name}: nobody both approves and certifies there.": is_both,
    }
    return next((sentence for sentence, is_so in why.items() if is_so), "")


def offer_contacts(
    site: Site,
    reach: Presence,
    contact: Contact,
    respondents: Iterable[Respondent],
    named: Iterable[str],
    day: date,
    *,
    words: str = "",
) -> tuple[str, ...]:
    """The orders that put somebody in a contact's place: with each address that was `named` and would be taken, and
    the name that stands before it in the `words`, or else to be filled in."""
    held = [
        (respondent, role)
        for respondent in respondents
        if day <= respondent.valid_to
        for role in dict.fromkeys(c.role for c in respondent.contacts_on(day) if c.is_at(contact.address))
    ]
    ready = tuple(
        _write_naming(respondent, role, _say_named(address, words), contact, day)
        for respondent, role in held
        for address in named
        if not say_unfit(address, role, respondent, site, reach, day)
    )
    return ready or tuple(
        _write_naming(respondent, role, "Name Surname <address>", contact, day) for respondent, role in held
    )


def _say_named(address: str, words: str) -> str:
    """Such as "Sarah Jones <sarah.jones@...>", of "Sarah Jones (sarah.jones@...) has taken over"."""
    word = r"(?!(?:Please|Contact|Email|Write|Ask|From|To|Use|My|Our|The|Dear|Hi|Hello)\b)[A-Z][\w'\u2019-]+"
    name = rf"(?P<name>{word} (?:{word} )?{word})"
    found = re.search(rf"{name}[\s,:(<\[-]+(?i:{re.escape(address)})(?![\w@-])", words)
    return f"{found['name']} <{address}>" if found else f"<{address}>"


def _write_naming(respondent: Respondent, role: Role, who: str, contact: Contact, day: date) -> str:
    """The order; of several who hold the role it says whose place it is."""
    instead = f" INSTEAD OF {contact.address.lower()}" if len(respondent.people(role, day)) > 1 else ""
    return f"CONTACT {respondent.code} {role} {who}{instead}"


# Laid over the configuration ------------------------------------------------------------------------


def lay_over(site: Site, people: People) -> Site:
    """The configured site with the people known beside it, and with the heirs of whoever has ended."""
    every = tuple(_lay_over(one, people) for one in site.respondents) if people else site.respondents
    heirs = {one.key: tuple(r for r in every if one.key in r.predecessors) for one in every if one.valid_to < date.max}
    if not people and not heirs:
        return site
    return replace(site, respondents=tuple(replace(r, heirs=heirs[r.key]) if r.key in heirs else r for r in every))


def _lay_over(respondent: Respondent, people: People) -> Respondent:
    named = [one for one in people.named if one.respondent == respondent.key]
    members = [one for one in people.members if one.respondent == respondent.key]
    contacts = respondent.contacts
    for one in named:
        held_back = tuple(_without_named(contacts, one)) if one.is_set_up else contacts
        contacts = tuple(_with_named(contacts, one)) if one.confirmed else held_back
    return replace(
        respondent,
        contacts=tuple(_with_members(contact, members) for contact in contacts),
        invited=tuple(one.contact for one in named if one.confirmed is None and not one.is_refused),
    )


def _without_named(contacts: Iterable[Contact], named: NamedContact) -> Iterator[Contact]:
    """The contacts without one that the set-up named and nobody confirmed; those in whose place it was stay."""
    for contact in contacts:
        is_it = contact.role is named.contact.role
        if is_it and plain_address(contact.address) in named.replaces:
            yield replace(contact, valid_to=max(contact.valid_to, named.kept_until))
        elif not (is_it and contact.is_at(named.contact.address)):
            yield contact


def _with_named(contacts: Iterable[Contact], named: NamedContact) -> Iterator[Contact]:
    """The contacts with one more, who holds the role in place of those that are replaced, while it is theirs."""
    new = named.serving
    if new.valid_from > new.valid_to:
        yield from contacts
        return
    is_there = False
    for contact in contacts:
        is_replaced = contact.role is new.role and plain_address(contact.address) in named.replaces
        yield from _outside(contact, new.valid_from, new.valid_to) if is_replaced else (contact,)
        is_there = is_there or (contact.role is new.role and contact.is_at(new.address) and _overlap(contact, new))
    # Whoever stands in the configuration by now is there already.
    if not is_there:
        yield new


def _overlap(one: Contact, other: Contact) -> bool:
    return one.valid_from <= other.valid_to and other.valid_from <= one.valid_to


def _outside(contact: Contact, first: date, last: date) -> Iterator[Contact]:
    """What is left of somebody's time in a role when somebody else holds it from a day to another."""
    before = replace(contact, valid_to=min(contact.valid_to, first - _ONE_DAY))
    after = replace(contact, valid_from=max(contact.valid_from, last + _ONE_DAY)) if last < date.max else None
    yield from (one for one in (before, after) if one and one.valid_from <= one.valid_to)


def _with_members(contact: Contact, members: Iterable[Member]) -> Contact:
    more = tuple(one.address for one in members if contact.role is Role.LEAD and contact.is_at(one.lead))
    return replace(contact, members=(*contact.members, *more)) if more else contact


# Who is away, and who is written to instead ---------------------------------------------------------

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
