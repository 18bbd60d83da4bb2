"""Orders about sending: SEND, HOLD, RESUME, RELEASE, and YES or NO to a letter to a chair."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.desk.commands import Command
from csp_workflow.desk.facts import (
    CarriedOut,
    OrderFacts,
    Refused,
    StepOrder,
    cycle,
    owed_by,
    respondent,
)
from csp_workflow.desk.ordered import change, ordered
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.events import Happened
from csp_workflow.terms.phrases import moment
from csp_workflow.terms.site import Role


def send(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Let the requests go as proved; the step writes them. Only from "in proof", so a second SEND sends nothing."""
    status, _ = cycle(facts)
    if status.state is CycleState.PLANNED:
        raise Refused(f"There is no proof pack for {status.quarter} yet, so there is nothing to send.")
    if status.state is not CycleState.IN_PROOF:
        when = f" at {moment(status.opened)}" if status.opened else ""
        raise Refused(f"The requests for {status.quarter} were sent already{when}. The quarter is {status.state}.")
    sentences = [f"The requests for {status.quarter} are queued. They leave in the sending window."]
    if facts.service.on_hold:
        sentences.append("All sending is on hold: nothing leaves until you reply RESUME.")
    if facts.service.gap_hold or facts.service.clock_doubted:
        sentences.append("Requests wait since the service's silence: nothing leaves until you reply RELEASE.")
    return CarriedOut(
        sentences=tuple(sentences),
        decision=ordered(command, facts, now),
        order=StepOrder(kind="send", quarter=status.quarter),
    )


def hold(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Stop all sending, or one respondent's, before the next hand-over. Receiving goes on."""
    if not command.respondent:
        if facts.service.on_hold:
            raise Refused("All sending is on hold already. RESUME takes the hold back.")
        return CarriedOut(
            sentences=(
                "All sending is on hold. What arrives is still received and read.",
                "RESUME takes the hold back.",
            ),
            decision=ordered(command, facts, now, change(Happened.HELD, facts, now)),
        )
    found = respondent(facts, command.respondent)
    if found.key in facts.service.held_respondents:
        raise Refused(f"{found.name} is on hold already. RESUME {found.code} takes the hold back.")
    event = change(Happened.HELD, facts, now, respondent=found.key)
    return CarriedOut(
        sentences=(
            f"Nothing is sent to {found.name} from now on; its returns are still received and read.",
            f"RESUME {found.code} takes the hold back.",
        ),
        decision=ordered(command, facts, now, event),
    )


def resume(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a hold back. What is still due is written afresh, the latest letter only."""
    if not command.respondent:
        if not facts.service.on_hold:
            others = ", ".join(sorted(facts.service.held_respondents))
            raise Refused(f"All sending is not on hold.{f' On hold: {others}.' if others else ''}")
        return CarriedOut(
            sentences=("Sending goes on. Whoever is owed several letters gets the latest only.",),
            decision=ordered(command, facts, now, change(Happened.RESUMED, facts, now)),
        )
    found = respondent(facts, command.respondent)
    if found.key not in facts.service.held_respondents:
        raise Refused(f"{found.name} is not on hold.")
    also = " All sending is still on hold, though." if facts.service.on_hold else ""
    return CarriedOut(
        sentences=(f"Letters go to {found.name} again, the latest due only.{also}",),
        decision=ordered(command, facts, now, change(Happened.RESUMED, facts, now, respondent=found.key)),
    )


def release(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """After a silence, a doubt about the clock, or too many answers: let go what waits."""
    service = facts.service
    let_go = (
        (service.gap_hold or service.clock_doubted, "Requests and reminders go again, to each person the latest only."),
        (bool(service.breaker), "Automatic answers go again; those that waited leave now."),
    )
    if not any(waits for waits, _ in let_go):
        raise Refused("Nothing waits for RELEASE.")
    return CarriedOut(
        sentences=tuple(sentence for waits, sentence in let_go if waits),
        decision=ordered(command, facts, now, change(Happened.RELEASED, facts, now)),
    )


def yes(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Allow the letter to a chair that was proposed."""
    found, stands = owed_by(facts, command.respondent)
    status, _ = cycle(facts)
    if stands.state.is_in:
        raise Refused(f"The return of {found.name} is {stands.state}, so no letter goes to its chair.")
    if not stands.chair_letter_proposed:
        raise Refused(f"No letter to the chair of {found.name} is proposed.")
    if stands.chair_letter_allowed:
        raise Refused(f"You have said yes to that letter already. HOLD {found.code} stops it if it has not left.")
    chairs = facts.service.reached(found.people(Role.CHAIR, london_day(now)))
    if not chairs:
        raise Refused(f"{found.name} has no chair in office whom letters reach. Please telephone its lead instead.")
    event = change(Happened.CHAIR_LETTER_ALLOWED, facts, now, quarter=status.quarter, respondent=found.key)
    return CarriedOut(
        sentences=(
            f"{chairs[0].name} will be written to in the sending window, unless the return comes first.",
            f"HOLD {found.code} stops it.",
        ),
        decision=ordered(command, facts, now, event, respondent=found.key),
    )


def no(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Leave a proposed letter to a chair unwritten. The order is kept, so the digest asks no more."""
    found, stands = owed_by(facts, command.respondent)
    if not stands.chair_letter_proposed:
        raise Refused(f"No letter to the chair of {found.name} is proposed.")
    if stands.chair_letter_allowed:
        raise Refused(f"You have said yes to that letter. HOLD {found.code} stops it if it has not left.")
    return CarriedOut(
        sentences=(f"The chair of {found.name} is not written to. YES {found.code} would still do it.",),
        decision=ordered(command, facts, now, respondent=found.key),
    )
