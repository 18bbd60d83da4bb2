"""What is told of whoever is behind an address: they are away, back or gone, or letters to them come back.

Only a dead address is marked, and a colleague asked whom to write to. Whatever else it is, the address stays in use
and the office is told: at once where somebody must act, and in the digest until she has dealt with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.sender import Standing, find_authority, is_forged, is_office
from csp_workflow.letters import contacts
from csp_workflow.letters.contacts import Lost
from csp_workflow.mail.absence import find_named, says_has_left
from csp_workflow.mail.bounces import Bounce, FailedRecipient, read_bounce
from csp_workflow.mail.classify import Classification
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.dates import CycleState, Quarter, as_utc, london_day
from csp_workflow.terms.events import Decision, Event, Happened, Letter
from csp_workflow.terms.messages import Blame, Verdict
from csp_workflow.terms.people import Returned, Undeliverable, offer_contacts
from csp_workflow.terms.personal import keep_back_lines, keep_back_reasons
from csp_workflow.terms.phrases import plural
from csp_workflow.terms.service_status import ServiceStatus
from csp_workflow.terms.site import Contact, Respondent, Site, plain_address

REFUSALS = 3
"""So many addresses may refuse our mail for what it is within an hour; then sending is held."""

_WINDOW = timedelta(hours=1)
_AN_ADDRESS = re.compile(r"\S+@\S+")
"""Whose letter it was has to be said; a person in what a mail system quotes has not."""

_SAID = 300
"""Characters of the other side's words that are kept."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A letter that did not arrive: `failed` says why, with the address as it was written to.

    `letter` is its id, "" when it is not known which it was; `message` the content identity of the message that says
    so, "" when the mail server refused it at once. `at` is the aware instant, `by` who says so.
    """

    failed: FailedRecipient
    at: datetime
    by: str
    letter: str = ""
    message: str = ""
    quarter: Quarter | None = None


def follow_bounce(case: MessageCase) -> Decision:
    """What follows from a bounce of a letter of ours, or of one to somebody registered; nothing from any other.

    Anybody can write a bounce; only who got a letter of ours knows its Message-ID, so without it, or without certain
    words, nothing is marked and nothing held: then it is unclear.
    """
    bounce = read_bounce(case.message)
    if bounce is None or is_forged(case):
        return Decision()
    failure = _read_failure(case, bounce)
    return follow_failure(failure, case.site, case.facts.service, case.now) if failure else Decision()


def is_puzzle(case: MessageCase) -> bool:
    """Whether a bounce is of a letter that is not known and may be ours all the same: a person must look at it.

    It names nobody, or somebody beside people whom we write to. Others are about mail that somebody sent in our name.
    """
    bounce = read_bounce(case.message)
    if bounce is None or is_forged(case) or _read_failure(case, bounce):
        return False
    places = {c.address.lower().rpartition("@")[2] for r in case.site.serving(case.day) for c in r.contacts}
    return any(not one.address or one.address.rpartition("@")[2] in places for one in bounce.recipients)


def _read_failure(case: MessageCase, bounce: Bounce) -> Failure | None:
    letter = case.facts.answered
    if letter is None or letter.message_id not in bounce.original_ids:
        failed = next((one for one in bounce.recipients if _is_somebodys(case, one.address)), None)
        return _make_failure(case, _doubt(failed, failed.address)) if failed else None
    address = letter.recipient.lower()
    ours = next((one for one in bounce.recipients if plain_address(one.address) == plain_address(address)), None)
    # A letter may be forwarded, and fail where we never wrote to.
    failed = replace(ours, address=address) if ours else _doubt(bounce.recipients[0], address)
    if failed.blame is Blame.DEAD and not bounce.certain:
        failed = _doubt(failed, address)
    quarter = find_open_quarter(case, case.site.registered(address, case.day))
    return _make_failure(case, failed, letter=letter.id, quarter=quarter)


def _doubt(failed: FailedRecipient, address: str) -> FailedRecipient:
    """The same, with a blame that has no consequences: what is not certain is shown and no more."""
    is_harmless = failed.blame in {Blame.PASSING, Blame.GIVEN_UP}
    return replace(failed, address=address, blame=failed.blame if is_harmless else Blame.UNCLEAR)


def _is_somebodys(case: MessageCase, address: str) -> bool:
    return bool(address) and bool(case.site.registered(address, case.day))


def _make_failure(
    case: MessageCase, failed: FailedRecipient, *, letter: str = "", quarter: Quarter | None = None
) -> Failure:
    by = case.message.sender or "a mail system"
    return Failure(failed=failed, at=case.now, by=by, letter=letter, message=case.message.id, quarter=quarter)


def follow_failure(failure: Failure, site: Site, service: ServiceStatus, now: datetime) -> Decision:
    """What follows from a letter that did not arrive. Nothing for an address that is marked already."""
    failed, address = failure.failed, failure.failed.address.lower()
    if address in service.undeliverable:
        return Decision()
    person, respondents = find_owner(site, address, now)
    lost = Lost(
        contact=person,
        respondents=respondents,
        message=failure.message,
        letter=failure.letter,
        quarter=failure.quarter,
        status=failed.status,
        words=keep_back_lines(failed.said[:_SAID], ours=" ".join(_AN_ADDRESS.findall(failed.said))),
        blame=failed.blame,
    )
    if failed.blame is Blame.DEAD:
        marked = _event(failure, Happened.ADDRESS_FAILED, address, status=failed.status, letter=failure.letter)
        return Decision(events=(marked,), letters=tuple(write_about_lost(lost, site, service, failure.at)))
    noted = _event(
        failure,
        Happened.LETTER_CAME_BACK,
        address,
        letter=failure.letter,
        blame=failed.blame.value,
        status=failed.status,
        said=lost.words,
        tried=failed.is_tried,
    )
    if failed.is_tried:
        return Decision(events=(noted,))
    held, why = _judge_hold(failure, service)
    letters = [*_tell_once(lost, site, service, now), *(_tell_hold(lost, why, site, now) if why else ())]
    return Decision(events=(noted, *held), letters=tuple(letters))


def _event(failure: Failure, kind: Happened, subject: str, **facts: str | bool) -> Event:
    return Event(kind=kind, at=failure.at, by=failure.by, subject=subject, facts=facts)


def _tell_once(lost: Lost, site: Site, service: ServiceStatus, now: datetime) -> Iterator[Letter]:
    """The office is told of an address and a blame once, and once of all refusals, until she has dealt with it."""
    known = service.returned.get(lost.contact.address.lower())
    is_told = bool(service.refused) if lost.blame is Blame.OURS else known is not None and known.blame is lost.blame
    orders = offer_contacts(site, service, lost.contact, lost.respondents, (), london_day(now))
    if not is_told:
        for person in _list_office(site, now, lost.contact.address.lower()):
            yield contacts.letter_came_back(person, lost, orders=orders)


def _judge_hold(failure: Failure, service: ServiceStatus) -> tuple[tuple[Event, ...], str]:
    """Hold all sending, and why, when several mail systems refuse us for what we are: more letters do more harm."""
    if failure.failed.blame is not Blame.OURS or service.on_hold:
        return (), ""
    now = Returned(since=failure.at, blame=Blame.OURS)
    lately = {
        address
        for address, one in {**service.refused, failure.failed.address.lower(): now}.items()
        if as_utc(failure.at) - as_utc(one.since) <= _WINDOW
    }
    if len(lately) < REFUSALS:
        return (), ""
    why = f"The mail systems of {plural(len(lately), 'person', 'people')} refused our mail within an hour."
    return (Event(kind=Happened.HELD, at=failure.at, by="the breaker", facts={"why": why}),), why


def _tell_hold(lost: Lost, why: str, site: Site, now: datetime) -> Iterator[Letter]:
    for person in _list_office(site, now, ""):
        yield contacts.sending_held(person, lost, why=why, at=now)


# Whose address it is, and who is told ---------------------------------------------------------------


def find_owner(site: Site, address: str, now: datetime) -> tuple[Contact, tuple[Respondent, ...]]:
    """The person behind an address of ours, and for which respondents (none: the office's) they are known or named."""
    named_for = tuple(r for r in site.respondents if r.is_invited(address))
    respondents = site.registered(address, london_day(now)) or named_for
    office = site.office
    people = (
        *(c for r in respondents for c in (*r.contacts, *r.invited)),
        *office.people,
        *office.secretariat,
    )
    known = next((c for c in people if c.address.lower() == address), None)
    return known or Contact(name=address, role=office.co_ordinator.role, address=address), respondents


def write_about_lost(lost: Lost, site: Site, service: ServiceStatus, at: datetime) -> Iterator[Letter]:
    """The letters about somebody lost: to whoever gets their letters now, and to the office."""
    address, day = lost.contact.address.lower(), london_day(at)
    mark = Undeliverable(since=at, status=lost.status, disowned=lost.disowned)
    known = replace(service, undeliverable={**service.undeliverable, address: mark})
    instead = {c.address.lower(): c for r in lost.respondents for c in known.written_to(r, day)}
    # Nobody is asked who to write to in place of somebody who was only named.
    is_contact = any(r.is_registered(address, day) for r in lost.respondents)
    asked = tuple(c for c in instead.values() if is_contact and not known.away(c, day))
    for colleague in asked:
        shared = tuple(r for r in lost.respondents if r.is_registered(colleague.address, day))
        yield contacts.who_to_write_to(colleague, replace(lost, respondents=shared))
    orders = offer_contacts(site, known, lost.contact, lost.respondents, lost.named, day, words=lost.words)
    for person in _list_office(site, at, address):
        yield contacts.address_failed(person, lost, instead=tuple(instead.values()), asked=asked, orders=orders)


def find_open_quarter(case: MessageCase, respondents: Sequence[Respondent]) -> Quarter | None:
    """The open quarter in which some respondents were asked, or None."""
    cycles = filter(None, (case.facts.current(r.key) for r in respondents))
    return next((c.quarter for c in cycles if c.status.state is CycleState.OPEN), None)


def _list_office(site: Site, at: datetime, lost: str) -> tuple[Contact, ...]:
    """The co-ordinator, and her deputy while she is away or when it is her own address that failed."""
    office = site.office
    deputy = (office.deputy,) if office.deputy else ()
    is_hers = office.co_ordinator.address.lower() == lost
    is_away = office.is_away(london_day(at))
    people = (*(() if is_hers else (office.co_ordinator,)), *(deputy if is_hers or is_away else ()))
    return tuple(person for person in people if person.address.lower() != lost)


ASSUMED_DAYS = 3
"""Working days that an absence counts for when its message names no day of return."""

_WORDS_KEPT = 5_000


# Away and back --------------------------------------------------------------------------------------


def note_absence(case: MessageCase, sort: Classification) -> tuple[Event, ...]:
    """Somebody whom we write to is away until a day: whoever stands in for them is then chased.

    One of several who read a shared mailbox being away changes nothing.
    """
    writer = _find_writer(case)
    if writer is None or not writer.owns(case.sender):
        return ()
    until = sort.until or case.site.working_days.plus(case.day, ASSUMED_DAYS)
    return (
        case.event(
            Happened.ABSENCE_SEEN,
            quarter=None,
            respondent="",
            subject=writer.address.lower(),
            until=until.isoformat(),
            assumed=sort.until is None,
        ),
    )


def note_presence(case: MessageCase, *, has_form: bool) -> tuple[Event, ...]:
    """Somebody whom we write to writes: they are there after all, and so is the mailbox that they write from.

    Who wrote that they have left has left all the same, unless they send a form.
    """
    writer = _find_writer(case)
    if writer is None:
        return ()
    address, service = writer.address.lower(), case.facts.service
    absence, lost = service.absences.get(address), service.undeliverable.get(address)
    is_doubted = writer.is_at(case.sender) and (lost is not None or address in service.returned)
    holds = (
        (Happened.ABSENCE_ENDED, absence is not None and absence.until >= case.day),
        (Happened.ADDRESS_RESTORED, is_doubted and (has_form or not (lost and lost.disowned))),
    )
    return tuple(case.event(kind, quarter=None, respondent="", subject=address) for kind, is_so in holds if is_so)


def _spoken_for(case: MessageCase) -> tuple[Respondent, ...]:
    """The respondents that a message's sender is a registered contact of, as far as the address can be trusted."""
    mine = case.registered_for if case.sender else ()
    return tuple(r for r in mine if find_authority(case, r).standing is Standing.CONTACT)


def _find_writer(case: MessageCase) -> Contact | None:
    """The contact, or whoever of the secretariat, for whom a message counts, with the address as it is registered.

    None for anybody else, and where the address cannot be trusted.
    """
    mine = (c for r in _spoken_for(case) for c in r.speakers(case.sender, case.day))
    return next(mine, None) or (None if case.doubt else case.site.office.secretary_at(case.sender))


# Somebody else does this work now -------------------------------------------------------------------


def follow_leaving(case: MessageCase, *, is_machine: bool = False) -> Decision | None:
    """What follows when a registered person has left: the same as from an address that failed. None for other words.

    An automatic reply (`is_machine`) says so like the person, but nobody thanks a machine. Whoever is named to write
    to instead is shown to the office, and never taken by itself. What the secretariat writes by hand the co-ordinator
    reads in any case.
    """
    mine, message, site = _spoken_for(case), case.message, case.site
    listed = frozenset(map(plain_words, (*site.approval_phrases, *site.nil_phrases, *site.decline_phrases)))
    person = _find_writer(case)
    if (
        person is None
        or not person.owns(case.sender)
        or not (mine or is_machine)
        or is_office(case.sender, site.office)
    ):
        return None
    if not says_has_left(message.answer, listed, is_machine=is_machine, more=site.left_phrases):
        return None
    address = person.address.lower()
    known = case.facts.service.undeliverable.get(address)
    if known and known.disowned:
        return None
    named = find_named(message.answer, (case.sender, address, site.office.mailbox))
    lost = Lost(
        contact=person,
        respondents=mine,
        message=message.id,
        quarter=find_open_quarter(case, mine),
        disowned=True,
        words=keep_back_reasons(message.answer[:_WORDS_KEPT]),
        named=named,
        thread=message.message_id,
    )
    thanks = () if is_machine else (contacts.no_longer_you(person, lost),)
    gone = case.event(Happened.CONTACT_DISOWNED, quarter=None, respondent="", subject=address, named=", ".join(named))
    return case.conclude(
        Verdict.OUT_OF_OFFICE if is_machine else Verdict.QUESTION,
        f"{person.name} writes that this is no longer for them.",
        respondents=mine,
        events=(gone,),
        letters=(*thanks, *write_about_lost(lost, site, case.facts.service, message.received)),
    )
