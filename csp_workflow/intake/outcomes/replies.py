"""Outcomes of words without a form: a nil, a decline, thanks, a forgotten attachment, a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from csp_workflow.forms.layout import same
from csp_workflow.intake.facts import IntakeFacts
from csp_workflow.intake.outcomes import approvals, colleagues, refusals, strangers
from csp_workflow.intake.outcomes.outcome import about, allows, event, judged, waits_for_a_person
from csp_workflow.intake.outcomes.pasted import holds_figures
from csp_workflow.intake.outcomes.unread import asks_with_a_picture, unread_files
from csp_workflow.intake.sender import identify
from csp_workflow.intake.sender.authenticate import Standing, address_of, authority, doubt, is_at, is_office
from csp_workflow.intake.sender.correspondents import correspondents
from csp_workflow.intake.sender.identify import Identity
from csp_workflow.letters import answers, subjects
from csp_workflow.mail.bodies import first_line
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.events import Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import IncomingMessage, Mark, Verdict
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
_SIGNING_OFF = re.compile(
    r"^(?:kind|best|warm|many)?\s*(?:regards|wishes)|^yours\b|^sent from my\b|^thanks[,.]?$|^--", re.IGNORECASE
)
_KEPT = 5_000
_NOBODYS = "Nothing says whose it is, and its sender is not registered with us."


def answer(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision:
    """Decide on a message without one of our forms."""
    known = identify.of_message(message, facts)
    doubted = doubt(message, facts.site)
    is_ours = is_office(address_of(message), facts.site.office)
    if facts.assignment is None and doubted:
        return _unproved(message, facts, now, known, doubted)
    if facts.assignment is None and is_ours:
        return _from_the_office(message, facts, now)
    mine = tuple(r for r in known.respondents if _may_speak(message, r, facts))
    if not mine:
        return _from_nobody_registered(message, facts, now, known)
    return _from_a_contact(message, facts, now, mine, known.quarter)


def _unproved(message: IncomingMessage, facts: IntakeFacts, now: datetime, known: Identity, why: str) -> Decision:
    """What may be forged is never obeyed and never answered; with no tie to a respondent it is a stranger's."""
    if not known.respondents or is_office(address_of(message), facts.site.office):
        return strangers.decided(message, facts, now, why)
    return refusals.held(message, facts, now, respondents=known.respondents, quarter=known.quarter, reason=why)


def _from_the_office(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision:
    if facts.site.office.may_command(address_of(message), london_day(message.received)):
        return judged(message, Verdict.COMMAND, "It comes from the office; its lines are carried out by the desk.")
    why = "It comes from the deputy while the co-ordinator is not away, so nothing in it is carried out."
    return refusals.held(message, facts, now, respondents=(), quarter=None, reason=why)


def _from_nobody_registered(message: IncomingMessage, facts: IntakeFacts, now: datetime, known: Identity) -> Decision:
    if not known.respondents:
        return strangers.decided(message, facts, now, _NOBODYS)
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
    said = (
        colleagues.settled(message, facts, now)
        or _approved(message, facts, now, mine, quarter)
        or _excused(message, facts, now, mine, quarter)
    )
    if said is not None:
        return said
    unread = tuple(unread_files(message, facts))
    files, reasons = [f for f, _ in unread], [r for _, r in unread]
    if unread and not asks_with_a_picture(message, reasons):
        return refusals.unreadable(message, facts, mine, quarter, files, reasons)
    if _is_thanks(message.answer):
        return judged(message, Verdict.NOISE, "It only says thank you.", respondents=mine)
    has_link = bool(message.links) or Mark.CLOUD_FILE in message.marks
    has_table = holds_figures(message) and "?" not in message.answer
    if has_link or has_table or _forgot_the_form(message):
        return refusals.no_workbook(message, facts, mine, quarter, has_link=has_link, has_table=has_table)
    return question(message, facts, now, mine, quarter)


def _approved(
    message: IncomingMessage, facts: IntakeFacts, now: datetime, mine: tuple[Respondent, ...], quarter: Quarter | None
) -> Decision | None:
    """What answers a request for approval is a plain yes, or a question."""
    if not approvals.answers_an_approval(facts):
        return None
    return approvals.approve(message, facts, now, mine) or question(message, facts, now, mine, quarter)


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
        if not _speaks_for_the_return(message, whose, facts) or cycle.stands(whose.key).state not in _UNTAKEN:
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


def _speaks_for_the_return(message: IncomingMessage, respondent: Respondent, facts: IntakeFacts) -> bool:
    """A lead, a chair, or somebody whose message one of them or the co-ordinator says is the respondent's."""
    day = london_day(message.received)
    people = (*respondent.people(Role.LEAD, day), *respondent.people(Role.CHAIR, day))
    return _is_assigned(respondent, facts) or any(is_at(c, address_of(message)) for c in people)


def _may_speak(message: IncomingMessage, respondent: Respondent, facts: IntakeFacts) -> bool:
    standing = authority(message, respondent, facts.site, london_day(message.received)).standing
    return _is_assigned(respondent, facts) or standing is Standing.CONTACT


def _is_assigned(respondent: Respondent, facts: IntakeFacts) -> bool:
    return facts.assignment is not None and facts.assignment.respondent == respondent.key


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
