"""What a message tells about whoever is behind an address: away, back, or gone for good."""

from __future__ import annotations

import re

from csp_workflow.intake.case import MessageCase, is_at
from csp_workflow.intake.outcomes.came_back import find_open_quarter, write_about_lost
from csp_workflow.intake.sender import Standing, find_authority, is_office
from csp_workflow.letters import contacts
from csp_workflow.letters.contacts import Lost
from csp_workflow.mail.bodies import plain_words
from csp_workflow.mail.classify import Classification
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.messages import Verdict
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
    is_doubted = lost is not None or address in service.returned
    holds = (
        (Happened.ABSENCE_ENDED, absence is not None and absence.until >= case.day),
        (Happened.ADDRESS_RESTORED, is_doubted and (has_form or not (lost and lost.disowned))),
    )
    return tuple(case.event(kind, quarter=None, respondent="", subject=address) for kind, is_so in holds if is_so)


def _spoken_for(case: MessageCase) -> tuple[Respondent, ...]:
    """The respondents that a message's sender is a registered contact of, as far as the address can be trusted."""
    mine = case.registered_for if case.sender else ()
    return tuple(r for r in mine if find_authority(case, r).standing is Standing.CONTACT)


def _writer(case: MessageCase, mine: tuple[Respondent, ...]) -> Contact:
    """The contact behind a message of theirs, with the address as it is registered."""
    return next(c for r in mine for c in r.contacts if c.serves_on(case.day) and is_at(c, case.sender))


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
        quarter=find_open_quarter(case, mine),
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
        letters=(
            contacts.no_longer_you(person, lost),
            *write_about_lost(lost, case.site, case.facts.service, message.received),
        ),
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
