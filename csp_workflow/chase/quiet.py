"""What keeps the chase quiet: each rule answers with a sentence why, or "" when nothing does."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.terms.dates import CycleState, in_london, london_day
from csp_workflow.terms.phrases import day
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent, RespondentKind, Site
from csp_workflow.terms.status import ServiceStatus


def service_is_quiet(facts: ChaseFacts) -> str:
    """Why nobody at all is written to now."""
    return nothing_leaves(facts.service)


def nothing_leaves(service: ServiceStatus) -> str:
    """Why no timed letter leaves to anybody."""
    if service.clock_doubted:
        return "The clock is in doubt: everything waits until the co-ordinator replies RELEASE."
    if service.gap_hold:
        return (
            "After a long silence of the service, requests and reminders wait until the co-ordinator replies RELEASE."
        )
    return "All sending is on hold." if service.on_hold else ""


def answers_wait(service: ServiceStatus) -> str:
    """Why no automatic answer leaves now."""
    return (
        f"Automatic answers wait until the co-ordinator replies RELEASE. {service.breaker}" if service.breaker else ""
    )


def window_is_shut(site: Site, now: datetime) -> str:
    """Why no timed letter may leave at this moment: not a working day, or outside the sending window."""
    local = in_london(now)
    if not site.working_days.is_working(local.date()):
        return "Today is not a working day."
    if not site.window.opens <= local.time() < site.window.closes:
        return f"Letters leave between {site.window.opens:%H:%M} and {site.window.closes:%H:%M} only."
    return ""


def respondent_is_held(facts: ChaseFacts, respondent: Respondent) -> str:
    """Why no timed letter at all goes to a respondent: a HOLD, or a message that waits for a person."""
    status = facts.status.returns[respondent.key]
    if status.on_hold or respondent.key in facts.service.held_respondents:
        return "The respondent is on hold."
    if status.held_messages:
        return "A message from or about the respondent is held and waits for the co-ordinator."
    return ""


def respondent_is_paused(facts: ChaseFacts, respondent: Respondent) -> str:
    """Why a respondent is not reminded of anything: a hold, or a question of theirs that is not answered."""
    if facts.status.returns[respondent.key].open_questions:
        return "A question is open: nobody is chased while they wait for our answer."
    return respondent_is_held(facts, respondent)


def not_chased(facts: ChaseFacts, respondent: Respondent) -> str:
    """Why a respondent is not chased for a return that has not come."""
    state = facts.status.returns[respondent.key].state
    if state.is_in:
        return f"Nobody is chased for a return that is {state}."
    if state is not ReturnState.REQUESTED:
        return f"The return is {state}: it is not asked for at present."
    return _cycle_is_past(facts, respondent) or respondent_is_paused(facts, respondent)


def _cycle_is_past(facts: ChaseFacts, respondent: Respondent) -> str:
    state = facts.status.state
    if state in {CycleState.CLOSED, CycleState.ARCHIVED}:
        return f"The quarter is {state}."
    # The force's analyst is asked before the cycle opens; nobody else is.
    if state is not CycleState.OPEN and respondent.kind is not RespondentKind.ANALYST:
        return "The quarter is not open."
    return ""


def written_for_another_day(letter_day: datetime, now: datetime) -> str:
    """A reminder counts its days from the day it was written, so it may not leave on another."""
    written = london_day(letter_day)
    if written != london_day(now):
        return f"It was written on {day(written)} and counts its days from then."
    return ""
