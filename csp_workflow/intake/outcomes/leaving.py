"""A registered person writes that somebody else does this work now: a closed list of ways to say it."""

from __future__ import annotations

import re
from datetime import datetime

from csp_workflow.intake.facts import IntakeFacts
from csp_workflow.intake.outcomes import approvals, presence
from csp_workflow.intake.outcomes.outcome import event, judged
from csp_workflow.intake.sender.authenticate import address_of, is_office
from csp_workflow.letters import contacts
from csp_workflow.letters.contacts import Lost
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.events import Happened
from csp_workflow.terms.messages import IncomingMessage, Verdict

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
_KEPT = 5_000


def told(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision | None:
    """What follows when a registered person has left: the same as from an address that failed. None for other words."""
    mine = presence.speaks_for(message, facts)
    if not mine or is_office(address_of(message), facts.site.office) or not says_so(message.answer, _listed(facts)):
        return None
    person = presence.who_wrote(message, mine)
    address = person.address.lower()
    known = facts.service.undeliverable.get(address)
    if known and known.disowned:
        return None
    lost = Lost(
        contact=person,
        respondents=mine,
        message=message.id,
        quarter=presence.asked_in(mine, facts),
        disowned=True,
        words=message.answer[:_KEPT],
        thread=message.message_id,
        topic=message.subject,
    )
    events = (event(Happened.CONTACT_DISOWNED, message, now, quarter=None, respondent="", subject=address),)
    return judged(
        message,
        Verdict.QUESTION,
        f"{person.name} writes that somebody else does this work now.",
        respondents=mine,
        events=events,
        letters=(contacts.no_longer_you(person, lost), *presence.told_of(lost, message, facts)),
    )


def says_so(answer: str, listed: frozenset[str] = frozenset()) -> bool:
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
    return approvals.plain(sentence.replace("'", " ").replace("\u2019", " "))


def _listed(facts: IntakeFacts) -> frozenset[str]:
    site = facts.site
    return frozenset(map(approvals.plain, (*site.approval_phrases, *site.nil_phrases, *site.decline_phrases)))
