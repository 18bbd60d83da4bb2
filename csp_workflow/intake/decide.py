"""Decide: one message, what is known, the time -> what to store and whom to answer, with exactly one verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from csp_workflow.intake.facts import Assignment, CycleFacts, IntakeFacts
from csp_workflow.intake.outcomes import leaving, presence, refusals, replies, returns
from csp_workflow.intake.outcomes.outcome import about, event, judged
from csp_workflow.intake.sender import identify
from csp_workflow.intake.sender.authenticate import address_of, is_disproved
from csp_workflow.letters import answers
from csp_workflow.mail.classify import Classification, Sort, classify_message
from csp_workflow.terms.decisions import Decision, together
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.letters import Letter, Manner
from csp_workflow.terms.messages import IncomingMessage, Verdict
from csp_workflow.terms.working_days import london_day

__all__ = ["Assignment", "CycleFacts", "IntakeFacts", "decide"]

LAST_ANSWER = "a-person-will-reply"

_SILENT = {
    Sort.OWN: Verdict.OWN,
    Sort.BOUNCE: Verdict.BOUNCE,
    Sort.READ_RECEIPT: Verdict.READ_RECEIPT,
    Sort.OUT_OF_OFFICE: Verdict.OUT_OF_OFFICE,
    Sort.AUTOMATIC: Verdict.NOISE,
}
"""The sorts of message that get no answer, ever."""


def decide(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision:
    """Decide on a message. Raises nothing on any message; exactly one judgement is in the decision."""
    if facts.earlier:
        return judged(message, Verdict.DUPLICATE, "The same message was looked at before.")
    sort = classify_message(
        message,
        own_addresses=frozenset({facts.site.office.mailbox.lower()}),
        is_own=bool(message.message_id) and message.message_id in facts.own_message_ids,
    )
    if sort.sort is not Sort.HUMAN:
        return _unanswered(message, facts, now, sort)
    decision = _of_a_person(message, facts, now)
    return _bounded(decision, message, facts, now)


def _of_a_person(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision:
    """A return, or words. Whoever writes is not away, and their mailbox is there."""
    has_form = any(returns.is_form(read) for _, read in facts.forms())
    if has_form:
        decision = returns.take(message, facts, now)
    else:
        decision = leaving.told(message, facts, now) or replies.answer(message, facts, now)
    has_left = any(e.kind is Happened.CONTACT_DISOWNED for e in decision.events)
    present = () if has_left else presence.wrote(message, facts, now, has_form=has_form)
    return replace(decision, events=(*decision.events, *present))


def _unanswered(message: IncomingMessage, facts: IntakeFacts, now: datetime, sort: Classification) -> Decision:
    """Machines get no answer. A machine that brings one of our forms is looked at by a person."""
    if sort.sort is Sort.AUTOMATIC:
        known = [identify.of_form(read, message, facts) for _, read in facts.forms() if returns.is_form(read)]
        ours = next((one for one in known if one.reference), None)
        if ours is not None:
            why = f"{sort.reason} But it carries one of our forms."
            return refusals.held(message, facts, now, respondents=ours.respondents, quarter=ours.quarter, reason=why)
        if sort.is_recall and facts.site.registered(address_of(message), london_day(message.received)):
            whose = identify.of_message(message, facts)
            return refusals.held(
                message, facts, now, respondents=whose.respondents, quarter=whose.quarter, reason=sort.reason
            )
    of = () if sort.sort is Sort.OWN else identify.of_message(message, facts).respondents
    follows = _FOLLOWS.get(sort.sort, _nothing)(message, facts, now, sort)
    return together(judged(message, _SILENT[sort.sort], sort.reason, respondents=of), follows)


def _away(message: IncomingMessage, facts: IntakeFacts, now: datetime, sort: Classification) -> Decision:
    return Decision(events=presence.away(message, facts, now, sort))


def _came_back(message: IncomingMessage, facts: IntakeFacts, now: datetime, _: Classification) -> Decision:
    return presence.came_back(message, facts, now)


def _own(message: IncomingMessage, facts: IntakeFacts, now: datetime, _: Classification) -> Decision:
    """Our address on a message we never sent: somebody answers us in our own name, which the breaker counts."""
    if message.message_id in facts.own_message_ids or is_disproved(message, facts.site):
        return Decision()
    return Decision(events=(event(Happened.STRAY_OWN_MAIL, message, now, quarter=None, respondent=""),))


def _nothing(_: IncomingMessage, __: IntakeFacts, ___: datetime, ____: Classification) -> Decision:
    return Decision()


_FOLLOWS = {Sort.OUT_OF_OFFICE: _away, Sort.BOUNCE: _came_back, Sort.OWN: _own}
"""What follows from a machine's message beside its verdict."""


# At most so many automatic answers a day, for everyone and every outcome alike --------------------------


def _bounded(decision: Decision, message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision:
    """Keep each correspondent within the day's automatic answers; then one note, then silence."""
    letters: list[Letter] = []
    stopped: list[Event] = []
    kinds = {address: list(kinds) for address, kinds in facts.answers_today.items()}
    for letter in decision.letters:
        had = kinds.setdefault(letter.recipient.lower(), [])
        if letter.manner is not Manner.ANSWER or len(had) < facts.site.limits.answers_a_day:
            letters.append(letter)
        elif LAST_ANSWER not in had and letter.recipient.lower() == address_of(message):
            letters.append(_last_answer(letter, message))
            stopped.append(_stopped(letter, message, facts, now))
        else:
            continue
        if letter.manner is Manner.ANSWER:
            had.append(letters[-1].kind)
    return replace(decision, letters=tuple(letters), events=(*decision.events, *stopped))


def _last_answer(letter: Letter, message: IncomingMessage) -> Letter:
    known = replace(
        about(message, letter.quarter, (), letter.recipient),
        respondents=letter.respondents,
        codes=letter.facts["codes"],
        names=letter.facts["names"],
    )
    day = london_day(message.received)
    return answers.a_person_will_reply(letter.recipient, letter.recipient_name, known, day=day)


def _stopped(letter: Letter, message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Event:
    key = letter.respondents[0] if letter.respondents else ""
    cycle = facts.cycle(letter.quarter)
    quarter = cycle.quarter if cycle and key in cycle.status.returns else None
    return event(Happened.ANSWERS_STOPPED, message, now, quarter=quarter, respondent=key, subject=message.id)
