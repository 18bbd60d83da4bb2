"""What every outcome needs: judgements, events, whom a letter is about, and what a state allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from csp_workflow.intake.facts import CycleFacts, IntakeFacts, due_of
from csp_workflow.intake.sender.authenticate import address_of, plain_address
from csp_workflow.letters.answers import Incoming
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import IncomingMessage, Judgement, Verdict
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Respondent
from csp_workflow.terms.states import RETURN_MOVES, MoveRefused, moved

UNKNOWN_SENDER = "an unknown sender"


def judged(
    message: IncomingMessage,
    verdict: Verdict,
    reason: str,
    *,
    respondents: Iterable[Respondent] = (),
    events: Sequence[Event] = (),
    letters: Sequence[Letter] = (),
) -> Decision:
    """A decision with its one verdict, the events and the letters that go with it."""
    keys = tuple(dict.fromkeys(r.key for r in respondents))
    return Decision(
        events=tuple(events),
        letters=tuple(letters),
        judgement=Judgement(message=message.id, verdict=verdict, reason=reason, respondents=keys),
    )


def about(
    message: IncomingMessage, quarter: Quarter | None, respondents: Sequence[Respondent], to: str = ""
) -> Incoming:
    """What an answer refers to; it stands in the thread only for the one who wrote the message."""
    wrote_it = plain_address(to.lower()) == address_of(message)
    return Incoming(
        message=message.id,
        quarter=quarter,
        respondents=tuple(r.key for r in respondents),
        codes=tuple(r.code for r in respondents),
        names=tuple(r.name for r in respondents),
        thread=message.message_id if wrote_it else "",
        topic=message.subject if wrote_it else "",
    )


def event(
    kind: Happened,
    message: IncomingMessage,
    now: datetime,
    *,
    quarter: Quarter | None,
    respondent: str,
    subject: str = "",
    **facts: str | int | bool | None,
) -> Event:
    """An event that a message caused; `subject` is the message itself unless another is named."""
    return Event(
        kind=kind,
        at=now,
        by=message.sender or UNKNOWN_SENDER,
        quarter=quarter,
        respondent=respondent,
        subject=subject or message.id,
        facts=facts,
    )


def allows(cycle: CycleFacts, respondent: Respondent, kind: Happened) -> bool:
    """Whether a return's state allows an event now."""
    try:
        moved(RETURN_MOVES, cycle.stands(respondent.key).state, kind)
    except MoveRefused:
        return False
    return True


def still_due(facts: IntakeFacts, respondents: Sequence[Respondent], quarter: Quarter | None) -> datetime | None:
    """When the first of some respondents' returns that has not come is due; None when none is owed."""
    owed = []
    for respondent in respondents:
        cycle = facts.cycle(quarter) or facts.current(respondent.key)
        if cycle and cycle.requests.get(respondent.key) and not cycle.stands(respondent.key).state.is_in:
            owed.append(due_of(facts, cycle, respondent))
    return min(owed, default=None)


def waits_for_a_person(
    kind: Happened,
    message: IncomingMessage,
    facts: IntakeFacts,
    now: datetime,
    *,
    respondents: Sequence[Respondent],
    quarter: Quarter | None,
    why: str = "",
) -> tuple[Event, ...]:
    """Mark a message as waiting for a person, for each respondent in its cycle; it pauses their chase.

    One that belongs to nobody's return is marked for the service as a whole, so that it is shown too.
    """
    more = {"why": why} if why else {}
    marked = []
    for respondent in respondents:
        cycle = facts.cycle(quarter)
        if cycle is None or respondent.key not in cycle.status.returns:
            cycle = facts.current(respondent.key)
        if cycle is not None and respondent.key in cycle.status.returns:
            marked.append(event(kind, message, now, quarter=cycle.quarter, respondent=respondent.key, **more))
    if marked:
        return tuple(marked)
    return (event(Happened.MESSAGE_HELD, message, now, quarter=None, respondent="", **more),)
