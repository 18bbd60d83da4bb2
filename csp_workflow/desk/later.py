"""LATER: what waits for the co-ordinator is put off in her morning letter, never beyond a deadline."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from csp_workflow.desk.commands import Command
from csp_workflow.desk.facts import (
    CarriedOut,
    OrderFacts,
    Refused,
    StepOrder,
    find_return,
    find_waiting,
    keep_order,
)
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.phrases import day as full_day


def put_off(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Put off a message, or what waits about a respondent, until a day: the next working day where none is named.

    The step knows what waits: it refuses where nothing does, or nothing that may be put off.
    """
    today = london_day(now)
    until = command.day or facts.site.working_days.plus(today + timedelta(days=1), 0)
    if command.respondent:
        found, _ = find_return(facts, command.respondent)
        key, message, called = found.key, "", found.name
    else:
        waiting = find_waiting(facts, command.message)
        key, message, called = "", waiting.id, f"message {waiting.short}"
    if until <= today:
        raise Refused(f"{full_day(until)} is not a day to come.")
    last = _find_deadline(facts, today)
    if last and until > last[0]:
        raise Refused(f"{last[1]} on {full_day(last[0])}, so it can be put off until that day at the latest.")
    return CarriedOut(
        sentences=(
            f"What waits about {called} is put off until {full_day(until)}; then it comes back by itself.",
            "The morning letter counts it until then.",
        ),
        decision=keep_order(command, facts, now, respondent=key),
        order=StepOrder(kind="later", quarter=None, respondent=key, message=message, day=until),
    )


def _find_deadline(facts: OrderFacts, today: date) -> tuple[date, str] | None:
    """The next day by which the quarter's things must be decided, and what happens on it."""
    if facts.dates is None:
        return None
    ends = [(london_day(facts.dates.close), "The quarter closes")]
    ends += [(paper.clearance, "A paper is to be cleared") for paper in facts.dates.papers]
    return min((end for end in ends if end[0] >= today), default=None)
