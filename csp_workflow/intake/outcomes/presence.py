"""What a message tells about a person's address: away, back, gone for good, or mail to it does not arrive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from csp_workflow.intake.case import MessageCase, is_at, plain_address
from csp_workflow.intake.sender import Standing, find_authority, is_forged, is_office
from csp_workflow.letters import contacts
from csp_workflow.letters.contacts import Lost
from csp_workflow.mail.bodies import plain_words
from csp_workflow.mail.bounces import FailedRecipient, read_bounce
from csp_workflow.mail.classify import Classification
from csp_workflow.terms.dates import CycleState, Quarter
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.presence import Undeliverable
from csp_workflow.terms.site import Contact, Respondent

ASSUMED_DAYS = 3
"""Working days that an absence counts for when its message names no day of return."""

_I_HAVE = r"i (?:have|ve)(?: now| since| recently)? "
_ON = r"(?:on|for|in|at|with|within) "
_PLACE = r"(?:csp|partnership|council|force|team|returns?|figures|service|authority|organisation|company)"
_WORK = rf"(?:this|that|these|it|here|there|(?:the|this|that) {_PLACE})"
_POST = (
    r"(?:my |the |this |that )?(?:(?:lead|chair|deputy|old|previous|former|contact) )?"
    rf"(?:post|role|job|position|{_PLACE})"
)
_THING = r"(?:figures?|cells?|box|boxes|rows?|blank|empty|form|out)"
_NAMED = r"(?:lead|chair|deputy|contact|right|person|officer|manager|analyst|one|named)"
_MINE = r"my (?:role|job|responsibility|area)"
_WAYS = (
    rf"i no longer work (?:{_ON})?{_WORK}",
    rf"i don t work (?:{_ON})?{_WORK} (?:any ?more|now)",
    rf"i (?:am|m) no longer (?:(?:the|a|your) {_NAMED}|{_ON}{_POST}|part of|involved|responsible|working {_ON}{_WORK})",
    rf"{_I_HAVE}(?:left|moved on from|stood down from|stepped down from|retired from) {_POST}(?! (?:s|{_THING}))",
    rf"{_I_HAVE}(?:left|retired from) (?:(?!(?:it|them|with|to|{_THING})\b)\w+ ){{1,4}}(?:council|authority|force)$",
    rf"{_I_HAVE}(?:left|moved on|retired|stood down|stepped down)$",
    rf"{_I_HAVE}moved (?:on )?to (?:a|another) (?:new |different )?(?:post|role|job|team)",
    rf"{_I_HAVE}handed (?:this|it|the role|the work) (?:over )?to",
    r"(?:this is|it is|it s|that is|that s)? ?not me (?:any ?more|now)",
    rf"(?:(?:this|it) is )?no longer (?:me|{_MINE})",
    r"please (?:remove me|take me off|delete my (?:address|details))",
    r"(?:remove me from|take me off) (?:your|this|the) (?:mailing |distribution )?list",
    r"[\w ]{2,60} (?:has|have) (?:now )?taken (?:this )?over(?: (?:from me|my (?:role|post|job)|this(?: role)?)|$)",
    r"[\w ]{2,60} has (?:now )?replaced me",
)
"""How people say it, in small letters without punctuation ("i m" is "I'm"). "I have left a cell empty" is none."""

_LEFT = re.compile(rf"^(?:{'|'.join(_WAYS)})\b")
_GREETING = re.compile(r"^(?:dear|hi|hello|hiya|good (?:morning|afternoon|evening)|morning|afternoon)(?: [a-z]+){0,4}$")
_LEAD_IN = re.compile(
    r"^(?:(?:hi|hello|sorry|apologies|thanks|thank you|please note(?: that)?|just to (?:say|let you know)(?: that)?"
    r"|i am afraid(?: that)?|i m afraid(?: that)?|unfortunately|as of [a-z0-9 ]{3,20}) )+"
)
_FIRST_SENTENCES = 3
_WORDS_KEPT = 5_000


# Away and back --------------------------------------------------------------------------------------


def note_absence(case: MessageCase, sort: Classification) -> tuple[Event, ...]:
    """Somebody registered is away until a day: whoever stands in for them is then chased."""
    mine = _spoken_for(case)
    if not mine:
        return ()
    until = sort.until or case.site.working_days.plus(case.day, ASSUMED_DAYS)
    return (
        case.event(
            Happened.ABSENCE_SEEN,
            quarter=None,
            respondent="",
            subject=_writer(case, mine).address.lower(),
            until=until.isoformat(),
            assumed=sort.until is None,
        ),
    )


def note_presence(case: MessageCase, *, has_form: bool) -> tuple[Event, ...]:
    """A registered person writes: they are there after all, and their mailbox is.

    Who wrote that they have left has left all the same, unless they send a form.
    """
    mine = _spoken_for(case)
    if not mine:
        return ()
    address, service = _writer(case, mine).address.lower(), case.facts.service
    absence, lost = service.absences.get(address), service.undeliverable.get(address)
    holds = (
        (Happened.ABSENCE_ENDED, absence is not None and absence.until >= case.day),
        (Happened.ADDRESS_RESTORED, lost is not None and (has_form or not lost.disowned)),
    )
    return tuple(case.event(kind, quarter=None, respondent="", subject=address) for kind, is_so in holds if is_so)


def _spoken_for(case: MessageCase) -> tuple[Respondent, ...]:
    """The respondents that a message's sender is a registered contact of, as far as the address can be trusted."""
    mine = case.registered_for if case.sender else ()
    return tuple(r for r in mine if find_authority(case, r).standing is Standing.CONTACT)


def _writer(case: MessageCase, mine: tuple[Respondent, ...]) -> Contact:
    """The contact behind a message of theirs, with the address as it is registered."""
    return next(c for r in mine for c in r.contacts if c.serves_on(case.day) and is_at(c, case.sender))


# Mail that came back --------------------------------------------------------------------------------


def follow_bounce(case: MessageCase) -> Decision:
    """What follows from a bounce: nothing, unless it is certain, for good, and about a letter of ours to that address.

    Anybody can write a bounce; only who got a letter of ours knows its Message-ID.
    """
    failed, letter = _failure_believed(case), case.facts.answered
    if failed is None or letter is None:
        return Decision()
    address = letter.recipient.lower()
    if address in case.facts.service.undeliverable:
        return Decision()
    event = case.event(
        Happened.ADDRESS_FAILED, quarter=None, respondent="", subject=address, status=failed.status, letter=letter.id
    )
    person, respondents = _owner_of(case, address)
    lost = Lost(
        contact=person,
        respondents=respondents,
        message=case.message.id,
        quarter=_open_quarter(case, respondents),
        status=failed.status,
    )
    return Decision(events=(event,), letters=tuple(_letters_about_lost(case, lost)))


def _failure_believed(case: MessageCase) -> FailedRecipient | None:
    bounce, letter = read_bounce(case.message), case.facts.answered
    if bounce is None or not bounce.certain or letter is None or letter.message_id not in bounce.original_ids:
        return None
    if is_forged(case):
        return None
    ours = plain_address(letter.recipient.lower())
    return next((one for one in bounce.recipients if one.permanent and plain_address(one.address) == ours), None)


def _owner_of(case: MessageCase, address: str) -> tuple[Contact, tuple[Respondent, ...]]:
    """The person behind an address of ours, and the respondents they are registered for (none: the office's)."""
    respondents = case.site.registered(address, case.day)
    office = case.site.office
    people = (
        *(c for r in respondents for c in r.contacts),
        *(c for c in (office.co_ordinator, office.deputy) if c),
        *office.secretariat,
    )
    known = next((c for c in people if c.address.lower() == address), None)
    return known or Contact(name=address, role=office.co_ordinator.role, address=address), respondents


def _letters_about_lost(case: MessageCase, lost: Lost) -> Iterator[Letter]:
    """The letters about somebody lost: to whoever gets their letters now, and to the office."""
    service, address = case.facts.service, lost.contact.address.lower()
    mark = Undeliverable(since=case.message.received, status=lost.status, disowned=lost.disowned)
    known = replace(service, undeliverable={**service.undeliverable, address: mark})
    instead = {c.address.lower(): c for r in lost.respondents for c in known.written_to(r, case.day)}
    asked = tuple(c for c in instead.values() if not known.away(c, case.day))
    for colleague in asked:
        shared = tuple(r for r in lost.respondents if r.is_registered(colleague.address, case.day))
        yield contacts.who_to_write_to(colleague, replace(lost, respondents=shared))
    for person in _office_people(case, address):
        yield contacts.address_failed(person, lost, instead=tuple(instead.values()), asked=asked)


def _open_quarter(case: MessageCase, respondents: tuple[Respondent, ...]) -> Quarter | None:
    """The open quarter in which some respondents were asked, or None."""
    cycles = filter(None, (case.facts.current(r.key) for r in respondents))
    return next((c.quarter for c in cycles if c.status.state is CycleState.OPEN), None)


def _office_people(case: MessageCase, lost: str) -> tuple[Contact, ...]:
    """The co-ordinator, and her deputy while she is away or when it is her own address that failed."""
    office = case.site.office
    deputy = (office.deputy,) if office.deputy else ()
    is_hers = office.co_ordinator.address.lower() == lost
    people = (*(() if is_hers else (office.co_ordinator,)), *(deputy if is_hers or office.is_away(case.day) else ()))
    return tuple(person for person in people if person.address.lower() != lost)


# Somebody else does this work now -------------------------------------------------------------------


def follow_leaving(case: MessageCase) -> Decision | None:
    """What follows when a registered person has left: the same as from an address that failed. None for other words."""
    mine, message, site = _spoken_for(case), case.message, case.site
    listed = frozenset(map(plain_words, (*site.approval_phrases, *site.nil_phrases, *site.decline_phrases)))
    if not mine or is_office(case.sender, site.office) or not says_has_left(message.answer, listed):
        return None
    person = _writer(case, mine)
    address = person.address.lower()
    known = case.facts.service.undeliverable.get(address)
    if known and known.disowned:
        return None
    lost = Lost(
        contact=person,
        respondents=mine,
        message=message.id,
        quarter=_open_quarter(case, mine),
        disowned=True,
        words=message.answer[:_WORDS_KEPT],
        thread=message.message_id,
        topic=message.subject,
    )
    return case.conclude(
        Verdict.QUESTION,
        f"{person.name} writes that somebody else does this work now.",
        respondents=mine,
        events=(case.event(Happened.CONTACT_DISOWNED, quarter=None, respondent="", subject=address),),
        letters=(contacts.no_longer_you(person, lost), *_letters_about_lost(case, lost)),
    )


def says_has_left(answer: str, listed: frozenset[str] = frozenset()) -> bool:
    """Whether the first sentences say that the writer has left. Lines `listed` elsewhere (a yes, a nil) come first."""
    said = [sentence for sentence in map(_plain, _sentences(answer)) if sentence and not _GREETING.match(sentence)]
    if not said or said[0] in listed:
        return False
    return any(_LEFT.match(_LEAD_IN.sub("", sentence)) for sentence in said[:_FIRST_SENTENCES])


def _sentences(answer: str) -> list[str]:
    """Sentences without questions: mail programs break lines anywhere, so a line that goes on is joined to the next."""
    paragraphs = re.split(r"\n\s*\n", answer.strip()[:2_000])
    parts = (part for paragraph in paragraphs for part in re.split(r"(?<=[.!?;])\s+|,\s*\n", paragraph))
    return [" ".join(part.split()) for part in parts if not part.rstrip().endswith("?")]


def _plain(sentence: str) -> str:
    return plain_words(sentence.replace("'", " ").replace("\u2019", " "))
