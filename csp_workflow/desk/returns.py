"""Orders about returns and messages: EXTEND, NIL, DECLINE, ACCEPT, DONE, ASSIGN, DISMISS."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.desk.commands import Command
from csp_workflow.desk.facts import (
    CarriedOut,
    OrderFacts,
    Refused,
    StepOrder,
    cycle,
    due_of,
    named_by_letter,
    owed_by,
    respondent,
    waiting,
)
from csp_workflow.desk.ordered import change, ordered
from csp_workflow.letters.desk import WaitingMessage, extension_given
from csp_workflow.terms.dates import CycleState, london, london_day
from csp_workflow.terms.events import RETURN_MOVES, Event, Happened, MoveRefused, next_state
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.phrases import day, joined, moment, plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent


def extend(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Give one respondent its own due date: a working day to come, not after the quarter's close."""
    found, stands = owed_by(facts, command.respondent)
    status, dates = cycle(facts)
    if stands.state not in {ReturnState.EXPECTED, ReturnState.REQUESTED}:
        raise Refused(f"The return of {found.name} is {stands.state}; more time would change nothing.")
    if command.day is None or not command.reason:
        raise Refused("An extension needs a day and a reason.")
    due = london(command.day, facts.site.offsets.due_time)
    if not facts.site.working_days.is_working(command.day):
        raise Refused(f"{day(command.day)} is not a working day.")
    if due <= now:
        raise Refused(f"{day(command.day)} is past.")
    if due > dates.close:
        raise Refused(
            f"The quarter closes at {moment(dates.close)}. A return that comes later is still taken, and marked late."
        )
    until = command.day.isoformat()
    event = change(
        Happened.EXTENDED, facts, now, quarter=status.quarter, respondent=found.key, until=until, reason=command.reason
    )
    told = _told_of_extension(facts, found, now, due) if stands.state is ReturnState.REQUESTED else ()
    asked = _what_it_answers(facts, found)
    return CarriedOut(
        sentences=(
            f"{found.name} has until {moment(due)}. Reminders are counted from that day.",
            _who_is_told(told, stands.state),
            *_settled_too(asked),
        ),
        decision=ordered(
            command, facts, now, event, *_all_settled(asked, facts, now), respondent=found.key, letters=told
        ),
    )


def _who_is_told(told: tuple[Letter, ...], state: ReturnState) -> str:
    if told:
        return f"We tell {joined(x.recipient_name for x in told)} in the sending window."
    asked = state is ReturnState.REQUESTED
    return "Nobody is told: letters reach no one there." if asked else "Nobody is told: nothing has been asked yet."


def _told_of_extension(facts: OrderFacts, found: Respondent, now: datetime, due: datetime) -> tuple[Letter, ...]:
    status, _ = cycle(facts)
    until = london_day(due)
    return tuple(
        extension_given(
            lead,
            found,
            status.quarter,
            due=due,
            was=due_of(facts, found),
            until=until,
            cause=f"extension:{status.quarter.key}:{found.code}@{until.isoformat()}",
        )
        for lead in facts.service.written_to(found, london_day(now))
    )


def nil(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record that a respondent has nothing to report."""
    return _recorded(command, facts, now, Happened.NIL, "as having nothing to report")


def decline(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record that a respondent sends no return."""
    return _recorded(command, facts, now, Happened.DECLINED, "as declined")


def _recorded(command: Command, facts: OrderFacts, now: datetime, kind: Happened, said: str) -> CarriedOut:
    found, stands = owed_by(facts, command.respondent)
    status, _ = cycle(facts)
    if not command.reason:
        raise Refused("This needs a reason, to be kept with the record.")
    _allowed(found, stands.state, kind)
    event = change(
        kind, facts, now, quarter=status.quarter, respondent=found.key, subject=facts.message, reason=command.reason
    )
    asked = _what_it_answers(facts, found)
    return CarriedOut(
        sentences=(
            f"{found.name} is recorded {said} for {status.quarter}. It is not chased any more.",
            "A return that comes all the same is read and takes the place of this.",
            *_settled_too(asked),
        ),
        decision=ordered(command, facts, now, event, *_all_settled(asked, facts, now), respondent=found.key),
    )


def accept(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a queried return as complete; its faults stand and the paper shows them."""
    found, stands = owed_by(facts, command.respondent)
    status, _ = cycle(facts)
    if stands.state is not ReturnState.QUERIED:
        raise Refused(f"The return of {found.name} is {stands.state}; only a queried return can be accepted.")
    event = change(
        Happened.COMPLETE,
        facts,
        now,
        quarter=status.quarter,
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
        decision=ordered(command, facts, now, event, respondent=found.key),
    )


def done(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Settle the question or held message that was dealt with; its respondent may be chased again."""
    message = waiting(facts, command.message)
    return CarriedOut(
        sentences=(f"Message {message.short} is settled. {_chase_goes_on(facts, message)}".strip(),),
        decision=ordered(command, facts, now, *_settled(message, facts, now)),
    )


def dismiss(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Put a held message aside; nobody is answered and the message is kept."""
    message = waiting(facts, command.message)
    return CarriedOut(
        sentences=(f"Message {message.short} is put aside and kept. Nobody is answered.",),
        decision=ordered(command, facts, now, *_settled(message, facts, now)),
    )


def assign(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a held message as coming from a respondent: the step reads it again as that respondent's."""
    message = waiting(facts, command.message)
    found = respondent(facts, command.respondent)
    if message.verdict is Verdict.QUESTION:
        raise Refused(f"Message {message.short} is a question, not a return. DONE {message.short} settles it.")
    status, _ = cycle(facts)
    if status.state is CycleState.ARCHIVED:
        raise Refused(f"{status.quarter} is archived.")
    return CarriedOut(
        sentences=(f"Message {message.short} is read as coming from {found.name}, and answered to its lead.",),
        decision=ordered(command, facts, now),
        order=StepOrder(kind="assign", quarter=status.quarter, message=message.id, respondent=found.key),
    )


def _allowed(found: Respondent, state: ReturnState, kind: Happened) -> None:
    try:
        next_state(RETURN_MOVES, state, kind)
    except MoveRefused:
        raise Refused(f"The return of {found.name} is {state} already.") from None


def _settled(message: WaitingMessage, facts: OrderFacts, now: datetime) -> tuple[Event, ...]:
    """A message may wait for several respondents (an officer of two districts): it is settled for each."""
    kind = Happened.QUESTION_ANSWERED if message.verdict is Verdict.QUESTION else Happened.MESSAGE_SETTLED
    quarter = facts.status.quarter if facts.status else None
    paused = _paused_by(facts, message)
    events = tuple(change(kind, facts, now, quarter=quarter, respondent=key, subject=message.id) for key in paused)
    return events or (change(kind, facts, now, subject=message.id),)


def _what_it_answers(facts: OrderFacts, found: Respondent) -> tuple[WaitingMessage, ...]:
    """The respondent's own message that the answered letter brought her: ordering what it asks for settles it."""
    return tuple(m for m in named_by_letter(facts) if _paused_by(facts, m) == (found.key,))


def _settled_too(messages: tuple[WaitingMessage, ...]) -> tuple[str, ...]:
    return tuple(f"Their message {m.short} is settled by this." for m in messages)


def _all_settled(messages: tuple[WaitingMessage, ...], facts: OrderFacts, now: datetime) -> tuple[Event, ...]:
    return tuple(event for m in messages for event in _settled(m, facts, now))


def _paused_by(facts: OrderFacts, message: WaitingMessage) -> tuple[str, ...]:
    returns = facts.status.returns if facts.status else {}
    return tuple(
        key for key, status in returns.items() if message.id in (*status.open_questions, *status.held_messages)
    )


def _chase_goes_on(facts: OrderFacts, message: WaitingMessage) -> str:
    names = [r.name for r in facts.site.respondents if r.key in _paused_by(facts, message)]
    return f"Reminders to {' and '.join(names)} go on where they are due." if names else ""
