"""What a message tells about whoever is behind an address: away, back, or gone for good."""

from __future__ import annotations

from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.outcomes.came_back import find_open_quarter, write_about_lost
from csp_workflow.intake.sender import Standing, find_authority, is_office
from csp_workflow.letters import contacts
from csp_workflow.letters.contacts import Lost
from csp_workflow.mail.bodies import plain_words
from csp_workflow.mail.classify import Classification
from csp_workflow.mail.leaving import find_named, says_has_left
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.personal import keep_back_reasons
from csp_workflow.terms.site import Contact, Respondent

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
