"""Closing and archiving a cycle: both by the calendar, once."""

from __future__ import annotations

from datetime import date, datetime

from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.terms.dates import CycleState, PaperDates, london_day
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.returns import ReturnState

ARCHIVE_AFTER = 20
"""Working days a closed cycle stays open to late returns, approvals and papers after its last paper."""

BY = "the calendar"
_NOT_COME = {ReturnState.EXPECTED, ReturnState.REQUESTED}


def due(facts: ChaseFacts, now: datetime) -> Decision:
    """Close at the hard deadline, archive after the last paper; nothing while the clock is in doubt."""
    if facts.service.clock_doubted:
        return Decision()
    if facts.status.state is CycleState.OPEN and now >= facts.dates.close:
        return _closed(facts, now, BY)
    if facts.status.state is CycleState.CLOSED and london_day(now) >= archived_on(facts):
        return Decision(events=(_event(facts, Happened.CYCLE_ARCHIVED, now, BY),))
    return Decision()


def close(facts: ChaseFacts, now: datetime, *, by: str) -> Decision:
    """Close now, by order. Raises PreconditionFailed when the cycle is not open."""
    if facts.status.state is not CycleState.OPEN:
        raise PreconditionFailed(f"{facts.status.quarter} is {facts.status.state}; only an open quarter can be closed.")
    return _closed(facts, now, by)


def missing(facts: ChaseFacts) -> tuple[str, ...]:
    """The keys of the respondents whose return has not come, in the order of their names."""
    return tuple(sorted(key for key, status in facts.status.returns.items() if status.state in _NOT_COME))


def archived_on(facts: ChaseFacts) -> date:
    """When a closed cycle is put away: 20 working days after its close and after every paper's circulation.

    A paper that never circulated counts from its meeting: nothing can be taken to it afterwards.
    """
    closed = london_day(facts.status.closed or facts.dates.close)
    last = max([closed, *(_paper_over(facts, paper) for paper in facts.dates.papers)])
    return facts.site.working_days.plus(last, ARCHIVE_AFTER)


def _paper_over(facts: ChaseFacts, paper: PaperDates) -> date:
    status = facts.status.papers.get(paper.board)
    return london_day(status.circulated_at) if status and status.circulated_at else paper.meeting


def _closed(facts: ChaseFacts, now: datetime, by: str) -> Decision:
    absent = tuple(_event(facts, Happened.NOT_RECEIVED, now, by, respondent=key) for key in missing(facts))
    return Decision(events=(*absent, _event(facts, Happened.CYCLE_CLOSED, now, by)))


def _event(facts: ChaseFacts, kind: Happened, now: datetime, by: str, *, respondent: str = "") -> Event:
    return Event(kind=kind, at=now, by=by, quarter=facts.status.quarter, respondent=respondent)
