"""Outcomes of words without a form: a nil, a decline, thanks, a forgotten attachment, a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from csp_workflow.forms.layout import same
from csp_workflow.intake import approvals, identify, refusals
from csp_workflow.intake.authenticate import Standing, address_of, authority, is_disproved, is_office
from csp_workflow.intake.bodies import first_line
from csp_workflow.intake.facts import IntakeFacts, correspondents
from csp_workflow.intake.identify import Identity
from csp_workflow.intake.outcomes import about, allows, event, judged, waits_for_a_person
from csp_workflow.letters import answers, subjects
from csp_workflow.letters.answers import UnreadFile
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.events import Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import IncomingMessage, Verdict
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Contact, Respondent, Role
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.working_days import london_day

_UNTAKEN = {
    ReturnState.EXPECTED,
    ReturnState.REQUESTED,
    ReturnState.NOT_RECEIVED,
    ReturnState.NIL,
    ReturnState.DECLINED,
}
_THANKS = re.compile(
    r"\b(?:(?:many )?thanks?(?: you)?|cheers|noted|received(?: with thanks)?|ok(?:ay)?|will do|great|perfect|hi|hello"
    r"|(?:very |so )much|for (?:that|this|letting (?:me|us) know|confirming)"
    r"|for your (?:e ?mail|message|help|letter|reminder)|that s fine)\b"
)
_ATTACHED = re.compile(
    r"\battach(?:ed|ment|ing)?\b|\benclosed\b|\bherewith\b|\bfind (?:our|the|my)\b|\bour (?:quarterly )?return\b"
    r"|\bhere (?:is|are)\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://\S*(?:sharepoint\.com|1drv\.ms|onedrive\.live|docs\.google|drive\.google)", re.IGNORECASE)
_SIGNING_OFF = re.compile(
    r"^(?:kind|best|warm|many)?\s*(?:regards|wishes)|^yours\b|^sent from my\b|^thanks[,.]?$|^--", re.IGNORECASE
)
_OWN_DESIGN = "The workbook is not the form we sent you. Please fill in the form we sent you and attach that."
_TOO_LARGE = "It was too large, so that we did not open it. Please send the form we sent you, and nothing else with it."
_KEPT = 5_000


def answer(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision:
    """Decide on a message without one of our forms."""
    address = address_of(message)
    if not address or is_disproved(message):
        known = identify.of_message(message, facts)
        why = "Its sender's address cannot be trusted."
        return refusals.held(message, facts, now, respondents=known.respondents, quarter=known.quarter, reason=why)
    if is_office(address, facts.site.office):
        return _from_the_office(message, facts, now)
    known = identify.of_message(message, facts)
    mine = tuple(r for r in known.respondents if _may_speak(message, r, facts))
    if not mine:
        return _from_nobody_registered(message, facts, now, known)
    return _from_a_contact(message, facts, now, mine, known.quarter)


def _from_the_office(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision:
    if facts.site.office.may_command(address_of(message), london_day(message.received)):
        return judged(message, Verdict.COMMAND, "It comes from the office; its lines are carried out by the desk.")
    why = "It comes from the deputy while the co-ordinator is not away, so nothing in it is carried out."
    return refusals.held(message, facts, now, respondents=(), quarter=None, reason=why)


def _from_nobody_registered(message: IncomingMessage, facts: IntakeFacts, now: datetime, known: Identity) -> Decision:
    if not known.respondents:
        why = "Nothing says whose it is, and its sender is not registered with us."
        return refusals.held(message, facts, now, respondents=(), quarter=None, reason=why)
    standing = authority(message, known.respondents[0], facts.site, london_day(message.received))
    return refusals.held(
        message,
        facts,
        now,
        respondents=known.respondents,
        quarter=known.quarter,
        reason=standing.reason,
        authority=standing,
    )


def _from_a_contact(
    message: IncomingMessage, facts: IntakeFacts, now: datetime, mine: tuple[Respondent, ...], quarter: Quarter | None
) -> Decision:
    """The first rule that fits decides; words that fit none are a question."""
    if approvals.answers_an_approval(facts):
        decided = approvals.approve(message, facts, now, mine)
        return decided or question(message, facts, now, mine, quarter)
    excused = _excused(message, facts, now, mine, quarter)
    if excused is not None:
        return excused
    unread = tuple(_unread(message, facts))
    if unread:
        files, reasons = [f for f, _ in unread], [r for _, r in unread]
        return refusals.unreadable(message, facts, mine, quarter, files, reasons)
    if _is_thanks(message.answer):
        return judged(message, Verdict.NOISE, "It only says thank you.", respondents=mine)
    has_link = bool(_LINK.search(message.answer) or _LINK.search(message.text[: len(message.answer) + 500]))
    if has_link or _forgot_the_form(message):
        return refusals.no_workbook(message, facts, mine, quarter, has_link=has_link)
    return question(message, facts, now, mine, quarter)


def question(
    message: IncomingMessage, facts: IntakeFacts, now: datetime, mine: Sequence[Respondent], quarter: Quarter | None
) -> Decision:
    """Put somebody's words before the co-ordinator, pause the chase, and say so once to the one who wrote."""
    events = waits_for_a_person(Happened.QUESTION_ASKED, message, facts, now, respondents=mine, quarter=quarter)
    told = next((e.quarter for e in events if e.quarter), quarter)
    to = correspondents(mine[0], address_of(message), london_day(message.received))
    letters = [answers.question_received(c, about(message, told, mine, c.address)) for c in to]
    return judged(
        message,
        Verdict.QUESTION,
        "It asks or says something that a person must answer.",
        respondents=mine,
        events=events,
        letters=(*letters, *_to_the_office(message, facts, mine, told)),
    )


def _to_the_office(
    message: IncomingMessage, facts: IntakeFacts, mine: Sequence[Respondent], quarter: Quarter | None
) -> Iterator[Letter]:
    office = facts.site.office
    is_away = office.is_away(london_day(message.received))
    people = (office.co_ordinator, *([office.deputy] if office.deputy and is_away else []))
    name = _name_of(message, mine)
    for person in people:
        yield answers.question(
            person,
            about(message, quarter, mine),
            sender=name,
            subject=subjects.untagged(message.subject)[:200],
            words=message.answer[:_KEPT] or message.text[:_KEPT],
            files=[attachment.name for attachment, _ in facts.opened],
        )


def _name_of(message: IncomingMessage, mine: Sequence[Respondent]) -> str:
    """The sender as registered, never as they call themselves."""
    address = address_of(message)
    contacts: Iterator[Contact] = (c for r in mine for c in r.contacts if c.address.lower() == address)
    found = next(contacts, None)
    return f"{found.name} <{found.address}>" if found else address


def _excused(
    message: IncomingMessage, facts: IntakeFacts, now: datetime, mine: Sequence[Respondent], quarter: Quarter | None
) -> Decision | None:
    """A nil or a decline: a listed phrase alone on the first line, or followed by the respondent's name."""
    for phrases, kind, verdict, write in (
        (facts.site.nil_phrases, Happened.NIL, Verdict.NIL, answers.nil_recorded),
        (facts.site.decline_phrases, Happened.DECLINED, Verdict.DECLINED, answers.declined_recorded),
    ):
        whose = _meant(message, mine, phrases)
        cycle = (facts.cycle(quarter) or facts.current(whose.key)) if whose else None
        if whose is None or cycle is None or not cycle.takes_returns or not cycle.requests.get(whose.key):
            continue
        if not _speaks_for_the_return(message, whose) or cycle.stands(whose.key).state not in _UNTAKEN:
            return None
        if not allows(cycle, whose, kind):
            return judged(
                message, Verdict.DUPLICATE, f"{whose.name} is recorded as {verdict} already.", respondents=[whose]
            )
        to = correspondents(whose, address_of(message), london_day(message.received))
        return judged(
            message,
            verdict,
            f"{whose.name} wrote so in a reply.",
            respondents=[whose],
            events=[event(kind, message, now, quarter=cycle.quarter, respondent=whose.key, reason="")],
            letters=[write(c, about(message, cycle.quarter, [whose], c.address), reason="") for c in to],
        )
    return None


def _meant(message: IncomingMessage, mine: Sequence[Respondent], phrases: Sequence[str]) -> Respondent | None:
    """Whose return a phrase is about; with several there must be a name beside it or on the next line."""
    lines = [approvals.plain(line) for line in message.answer.split("\n") if line.strip()][:2]
    if not lines:
        return None
    for phrase in sorted(map(approvals.plain, phrases), key=len, reverse=True):
        if lines[0] == phrase:
            named = _named(lines[1] if len(lines) > 1 else "", mine)
            return mine[0] if len(mine) == 1 else named
        if lines[0].startswith(f"{phrase} "):
            return _named(lines[0].removeprefix(phrase), mine)
    return None


def _named(words: str, mine: Sequence[Respondent]) -> Respondent | None:
    """The one respondent that some words name and nothing else ("for Charnwood"), or None."""
    said = same(re.sub(r"^(?:return )?(?:for|from)? ?(?:the )?", "", words.strip()))
    if not said:
        return None
    fitting = [r for r in mine if said in {same(r.code), same(r.key)} or same(approvals.plain(r.name)).startswith(said)]
    return fitting[0] if len(fitting) == 1 and len(said) > 2 else None


def _speaks_for_the_return(message: IncomingMessage, respondent: Respondent) -> bool:
    address, day = address_of(message), london_day(message.received)
    people = (*respondent.people(Role.LEAD, day), *respondent.people(Role.CHAIR, day))
    return any(c.address.lower() == address for c in people)


def _may_speak(message: IncomingMessage, respondent: Respondent, facts: IntakeFacts) -> bool:
    return authority(message, respondent, facts.site, london_day(message.received)).standing is Standing.CONTACT


def _unread(message: IncomingMessage, facts: IntakeFacts) -> Iterator[tuple[UnreadFile, str]]:
    """Each file that could not be taken and why. A message above the size limit has its files unopened."""
    if not facts.whole:
        yield UnreadFile(name=f"Your message ({message.size / 1_000_000:.0f} MB)", sentence=_TOO_LARGE), "too large"
    for attachment, found in facts.unreadable():
        yield UnreadFile(name=attachment.name, sentence=found.sentence), found.reason
    for attachment, _ in facts.forms():
        yield UnreadFile(name=attachment.name, sentence=_OWN_DESIGN), "another design"


def _is_thanks(answer: str) -> bool:
    """Whether the words only thank: a closed list, over a greeting and a signature."""
    lines = [line.strip() for line in answer.split("\n") if line.strip()]
    end = next((at for at, line in enumerate(lines) if at and _SIGNING_OFF.match(line)), len(lines))
    said = approvals.plain(" ".join(lines[:end]))
    return bool(said) and len(said) < 120 and not _THANKS.sub("", said).strip()


def _forgot_the_form(message: IncomingMessage) -> bool:
    """Whether words speak of a form that is not there, or there are no words at all. A question mark is a question."""
    if not first_line(message.answer):
        return True
    return "?" not in message.answer and bool(_ATTACHED.search(message.answer[:500]))
