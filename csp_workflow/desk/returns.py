"""Orders about returns and messages: EXTEND, NIL, DECLINE, ACCEPT, DONE, ASSIGN, DISMISS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from csp_workflow.desk.commands import Command
from csp_workflow.desk.facts import (
    CarriedOut,
    OrderFacts,
    Refused,
    StepOrder,
    find_respondent,
    find_return,
    find_waiting,
    keep_order,
    list_answered,
    note_change,
    require_cycle,
)
from csp_workflow.desk.verbs import Verb
from csp_workflow.letters.office import WaitingMessage, extension_given
from csp_workflow.terms.dates import CycleState, london, london_day
from csp_workflow.terms.events import RETURN_MOVES, Event, Happened, MoveRefused, next_state
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import WAIT_FOR_A_PERSON, Verdict
from csp_workflow.terms.phrases import day, joined, moment, plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent


def _extend(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Give one respondent its own due date: a working day to come, not after the quarter's close."""
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    if stands.state not in {ReturnState.EXPECTED, ReturnState.REQUESTED}:
        raise Refused(f"The return of {found.name} is {stands.state}; more time would change nothing.")
    if command.day is None or not command.reason:
        raise Refused("An extension needs a day and a reason.")
    due = london(command.day, facts.site.offsets.due_time)
    if not facts.site.working_days.is_working(command.day):
        raise Refused(f"{day(command.day)} is not a working day.")
    if due <= now:
        raise Refused(f"{day(command.day)} is past.")
    if due > cycle.dates.close:
        raise Refused(
            f"The quarter closes at {moment(cycle.dates.close)}. "
            "A return that comes later is still taken, and marked late."
        )
    until = command.day.isoformat()
    event = note_change(
        Happened.EXTENDED, facts, now, quarter=cycle.quarter, respondent=found.key, until=until, reason=command.reason
    )
    told = _write_extension(facts, found, now, due) if stands.state is ReturnState.REQUESTED else ()
    asked = _what_it_answers(facts, found)
    return CarriedOut(
        sentences=(
            f"{found.name} has until {moment(due)}. Reminders are counted from that day.",
            _who_is_told(told, stands.state),
            f"The reason kept with it: {command.reason}.",
            *(f"Their message {m.short} is settled by this." for m in asked),
        ),
        decision=keep_order(
            command, facts, now, event, *_settle(asked, facts, now), respondent=found.key, letters=told
        ),
    )


def _who_is_told(told: tuple[Letter, ...], state: ReturnState) -> str:
    if told:
        return f"We tell {joined(x.recipient_name for x in told)} in the sending window."
    asked = state is ReturnState.REQUESTED
    return "Nobody is told: letters reach no one there." if asked else "Nobody is told: nothing has been asked yet."


def _write_extension(facts: OrderFacts, found: Respondent, now: datetime, due: datetime) -> tuple[Letter, ...]:
    cycle = require_cycle(facts)
    until = london_day(due)
    return tuple(
        extension_given(
            lead,
            found,
            cycle.quarter,
            due=due,
            was=cycle.due_time(found),
            until=until,
            cause=f"extension:{cycle.quarter.key}:{found.code}@{until.isoformat()}",
        )
        for lead in cycle.addressees(found, london_day(now))
    )


_ENDS = {
    Verb.NIL: (Happened.NIL, "as having nothing to report"),
    Verb.DECLINE: (Happened.DECLINED, "as declined"),
}


def _record_end(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record that a respondent has nothing to report, or sends no return."""
    kind, said = _ENDS[command.verb]
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    if not command.reason:
        raise Refused("This needs a reason, to be kept with the record.")
    try:
        next_state(RETURN_MOVES, stands.state, kind)
    except MoveRefused:
        raise Refused(f"The return of {found.name} is {stands.state} already.") from None
    event = note_change(
        kind, facts, now, quarter=cycle.quarter, respondent=found.key, subject=facts.message, reason=command.reason
    )
    asked = _what_it_answers(facts, found)
    return CarriedOut(
        sentences=(
            f"{found.name} is recorded {said} for {cycle.quarter}. It is not chased any more.",
            "A return that comes all the same is read and takes the place of this.",
            f"The reason kept with it: {command.reason}.",
            *(f"Their message {m.short} is settled by this." for m in asked),
        ),
        decision=keep_order(command, facts, now, event, *_settle(asked, facts, now), respondent=found.key),
    )


def _accept(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a queried return as complete; its faults stand and the paper shows them."""
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    if stands.state is not ReturnState.QUERIED:
        raise Refused(f"The return of {found.name} is {stands.state}; only a queried return can be accepted.")
    event = note_change(
        Happened.COMPLETE,
        facts,
        now,
        quarter=cycle.quarter,
        respondent=found.key,
        subject=stands.submission,
        faults=stands.faults,
        queries=stands.queries,
    )
    follows = "Its chair is asked to approve it." if found.needs_approval else "It needs no approval."
    return CarriedOut(
        sentences=(
            f"The return of {found.name} is taken as complete, {plural(stands.faults, 'fault')} standing. {follows}",
        ),
        decision=keep_order(command, facts, now, event, respondent=found.key),
    )


def _settle_message(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Settle the question or held message that was dealt with; its respondent may be chased again."""
    message = find_waiting(facts, command.message)
    about_else = (note_change(Happened.TOPIC_SETTLED, facts, now, subject=message.id),) if message.topics else ()
    return CarriedOut(
        sentences=(f"Message {message.short} is settled. {_chase_goes_on(facts, message)}".strip(),),
        decision=keep_order(command, facts, now, *_settle((message,), facts, now), *about_else),
    )


def _dismiss(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Put a held message aside; nobody is answered and the message is kept."""
    message = find_waiting(facts, command.message)
    if message.topics:
        may_be = joined((facts.site.topics.find(one.topic).name for one in message.topics), "or")
        raise Refused(
            f"Message {message.short} may be {may_be}, so it is not put aside. DONE {message.short} settles it."
        )
    return CarriedOut(
        sentences=(f"Message {message.short} is put aside and kept. Nobody is answered.",),
        decision=keep_order(command, facts, now, *_settle((message,), facts, now)),
    )


def _assign(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a held message as coming from a respondent: the step reads it again as that respondent's."""
    message = find_waiting(facts, command.message)
    found = find_respondent(facts, command.respondent)
    if message.verdict is Verdict.QUESTION:
        raise Refused(f"Message {message.short} is a question, not a return. DONE {message.short} settles it.")
    cycle = require_cycle(facts)
    if cycle.status.state is CycleState.ARCHIVED:
        raise Refused(f"{cycle.quarter} is archived.")
    return CarriedOut(
        sentences=(f"Message {message.short} is read as coming from {found.name}, and answered to its lead.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="assign", quarter=cycle.quarter, message=message.id, respondent=found.key),
    )


def _settle(messages: tuple[WaitingMessage, ...], facts: OrderFacts, now: datetime) -> Iterator[Event]:
    """A message may wait for several respondents (an officer of two districts): it is settled for each."""
    quarter = facts.status.quarter if facts.status else None
    for message in messages:
        paused = _whom_it_pauses(facts, message)
        for key in paused:
            is_question = facts.status is not None and message.id in facts.status.returns[key].open_questions
            kind = Happened.QUESTION_ANSWERED if is_question else Happened.MESSAGE_SETTLED
            yield note_change(kind, facts, now, quarter=quarter, respondent=key, subject=message.id)
        if not paused and message.verdict in WAIT_FOR_A_PERSON:
            kind = Happened.QUESTION_ANSWERED if message.verdict is Verdict.QUESTION else Happened.MESSAGE_SETTLED
            yield note_change(kind, facts, now, subject=message.id)


def _what_it_answers(facts: OrderFacts, found: Respondent) -> tuple[WaitingMessage, ...]:
    """The respondent's own message that the answered letter brought her: ordering what it asks for settles it."""
    return tuple(m for m in list_answered(facts) if _whom_it_pauses(facts, m) == (found.key,))


def _whom_it_pauses(facts: OrderFacts, message: WaitingMessage) -> tuple[str, ...]:
    returns = facts.status.returns if facts.status else {}
    return tuple(
        key for key, status in returns.items() if message.id in (*status.open_questions, *status.held_messages)
    )


def _chase_goes_on(facts: OrderFacts, message: WaitingMessage) -> str:
    names = [r.name for r in facts.site.respondents if r.key in _whom_it_pauses(facts, message)]
    return f"Reminders to {' and '.join(names)} go on where they are due." if names else ""


RETURN_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.EXTEND: _extend,
    Verb.NIL: _record_end,
    Verb.DECLINE: _record_end,
    Verb.ACCEPT: _accept,
    Verb.DONE: _settle_message,
    Verb.ASSIGN: _assign,
    Verb.DISMISS: _dismiss,
}
