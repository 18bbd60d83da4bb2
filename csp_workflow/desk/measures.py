"""Orders about a year's measures: AGREE proves the letters, SEND MEASURES sends them, AGREED and RETURNED settle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from csp_workflow.desk.commands import (
    CarriedOut,
    Command,
    OrderFacts,
    Refused,
    StepOrder,
    Verb,
    find_respondent,
    keep_order,
    note_change,
)
from csp_workflow.terms.events import Happened
from csp_workflow.terms.measure_sets import MeasuresState, MeasuresStatus
from csp_workflow.terms.site import Respondent

_S = MeasuresState
_MAY_GO_BACK = {_S.COMPLETE, _S.APPROVED, _S.AGREED}


def prove_measures(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """The proof of the letters that ask for a year's measures; the step makes it."""
    return CarriedOut(
        sentences=("The proof of the letters comes in a letter of its own. Nothing is sent to anybody else.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="measures proof", quarter=None, year=command.text),
    )


def send_measures(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Let the letters go as proved: those of the year that was proved last."""
    proved = facts.service.agreeing.proved
    if not proved:
        raise Refused("No letters that ask for measures were proved. AGREE makes their proof.")
    year = max(proved, key=lambda one: proved[one])
    return CarriedOut(
        sentences=(f"The letters that ask for the measures for {year} are queued. They leave in the sending window.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="measures send", quarter=None, year=year),
    )


def agree_measures(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Agree what a chair approved. Refused before: nobody agrees for a chair."""
    found, stands = _find_standing(command, facts)
    if stands.state is not _S.APPROVED:
        raise Refused(f"{_say_state(found, stands)} Only what the chair approved can be agreed.")
    event = note_change(
        Happened.MEASURES_AGREED,
        facts,
        now,
        respondent=found.key,
        year=stands.year,
        version=stands.version,
        content=stands.content,
    )
    approved = f"as {stands.approved_by} approved it"
    return CarriedOut(
        sentences=(
            f"Version {stands.version} of the measures of {found.name} for {stands.year} is agreed, {approved}.",
            "The lead and the chair are told.",
        ),
        decision=keep_order(command, facts, now, event, respondent=found.key),
        order=StepOrder(kind="measures agreed", quarter=None, respondent=found.key, year=stands.year),
    )


def return_measures(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Send measures back to their lead, approved or agreed though they be; what was agreed holds until another is."""
    found, stands = _find_standing(command, facts)
    if stands.state not in _MAY_GO_BACK:
        raise Refused(f"{_say_state(found, stands)} There is nothing to send back.")
    event = note_change(
        Happened.MEASURES_RETURNED,
        facts,
        now,
        respondent=found.key,
        year=stands.year,
        version=stands.version,
        reason=command.reason,
    )
    holds = " What was agreed holds until another version is." if stands.agreed else ""
    return CarriedOut(
        sentences=(f"The measures of {found.name} for {stands.year} go back to the lead, with your reason.{holds}",),
        decision=keep_order(command, facts, now, event, respondent=found.key),
        order=StepOrder(
            kind="measures returned", quarter=None, respondent=found.key, year=stands.year, reason=command.reason
        ),
    )


def _find_standing(command: Command, facts: OrderFacts) -> tuple[Respondent, MeasuresStatus]:
    found = find_respondent(facts, command.respondent)
    stands = facts.service.agreeing.find_open(found.key)
    if stands is None:
        raise Refused(f"{found.name} was not asked for its measures.")
    return found, stands


def _say_state(found: Respondent, stands: MeasuresStatus) -> str:
    return f"The measures of {found.name} for {stands.year} are {stands.state}."


MEASURE_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.AGREE: prove_measures,
    Verb.AGREED: agree_measures,
    Verb.RETURNED: return_measures,
}
