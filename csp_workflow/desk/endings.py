"""NIL and DECLINE: a return that is not to come, recorded for its respondent; and REOPEN, which takes that back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from csp_workflow.desk.commands import Command, Verb
from csp_workflow.desk.facts import CarriedOut, OrderFacts, Refused, find_return, keep_order, note_change, require_cycle
from csp_workflow.desk.messages import list_theirs, reopen_message, settle_messages
from csp_workflow.letters.office import Recorded, recorded_by_word
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import RETURN_MOVES, Happened, MoveRefused, next_state
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.phrases import joined, moment
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent
from csp_workflow.terms.status import ReturnStatus

_ENDS = {
    Verb.NIL: (Happened.NIL, "as having nothing to report"),
    Verb.DECLINE: (Happened.DECLINED, "as declined"),
}


def _record_end(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record that a respondent has nothing to report, or sends no return; its leads are told."""
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
        kind,
        facts,
        now,
        quarter=cycle.quarter,
        respondent=found.key,
        subject=facts.message,
        reason=command.reason,
        **({"said_by": command.whom} if command.whom else {}),
    )
    asked = list_theirs(facts, found, command.verb)
    told = _write_recorded(command, facts, found, stands, now)
    return CarriedOut(
        sentences=(
            f"{found.name} is recorded {said} for {cycle.quarter}. It is not chased any more.",
            _say_told(told, stands),
            f"A return that comes all the same takes the place of this; REOPEN {found.code} BECAUSE reason asks again.",
            f"The reason kept with it: {f'{command.whom} said: ' if command.whom else ''}{command.reason}.",
            *(f"Their message {m.short} is settled by this." for m in asked),
        ),
        decision=keep_order(
            command, facts, now, event, *settle_messages(asked, facts, now), respondent=found.key, letters=told
        ),
    )


def _say_told(told: tuple[Letter, ...], stands: ReturnStatus) -> str:
    if told:
        names = joined(x.recipient_name for x in told)
        return f"{names} {'are' if len(told) > 1 else 'is'} told so, and may say if it is not right."
    return "Nobody is told: letters reach no one there." if stands.requested else "Nobody is told: nothing was asked."


def _write_recorded(
    command: Command, facts: OrderFacts, found: Respondent, stands: ReturnStatus, now: datetime
) -> tuple[Letter, ...]:
    """Whoever is written to about the return is told what was recorded of it; nobody who was not asked."""
    if not stands.requested:
        return ()
    cycle = require_cycle(facts)
    recorded = Recorded(
        order=facts.message or now.isoformat(),
        became=command.verb.value,
        said_by=command.whom,
        reason=command.reason,
        due=cycle.due_time(found),
        is_past=cycle.due_time(found) <= now,
    )
    people = cycle.addressees(found, london_day(now))
    return tuple(recorded_by_word(to, found, cycle.quarter, recorded=recorded) for to in people)


def _reopen(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take back that a return is not to come: it stands as it did before, and is asked for again."""
    if command.message:
        return reopen_message(command, facts, now)
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    _refuse_reopening(found, stands)
    if cycle.is_settled:
        raise Refused("Every paper of this quarter is cleared. A return that comes is still taken, and marked late.")
    told = () if stands.versions else _write_recorded(command, facts, found, stands, now)
    event = note_change(
        Happened.REOPENED,
        facts,
        now,
        quarter=cycle.quarter,
        respondent=found.key,
        subject=facts.message,
        reason=command.reason,
    )
    due = cycle.due_time(found)
    asks = f"It is asked for again, and {'was' if due <= now else 'is'} due at {moment(due)}."
    later = f" EXTEND {found.code} TO day BECAUSE reason gives a later day." if due <= now else ""
    return CarriedOut(
        sentences=(
            f"It is no longer recorded that {found.name} {_UNSAID[stands.state]} for {cycle.quarter}.",
            "Its last version counts as before." if stands.versions else f"{asks}{later}",
            *([] if stands.versions else [_say_told(told, stands)]),
        ),
        decision=keep_order(command, facts, now, event, respondent=found.key, letters=told),
    )


_UNSAID = {ReturnState.NIL: "has nothing to report", ReturnState.DECLINED: "sends no return"}


def _refuse_reopening(found: Respondent, stands: ReturnStatus) -> None:
    if stands.state is ReturnState.NOT_RECEIVED:
        raise Refused(
            f"The return of {found.name} did not come before the close. EXTEND {found.code} TO day BECAUSE reason asks "
            "for it again."
        )
    if stands.state.is_made:
        raise Refused(
            f"The return of {found.name} is {stands.state}. RETURN {found.code} BECAUSE reason sends it back to its "
            "lead."
        )
    if stands.state not in _UNSAID:
        raise Refused(f"The return of {found.name} is {stands.state}: nothing about it was ended.")


ENDING_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.NIL: _record_end,
    Verb.DECLINE: _record_end,
    Verb.REOPEN: _reopen,
}
