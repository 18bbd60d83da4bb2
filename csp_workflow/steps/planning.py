"""Plan: the quarter's dates, worked back from its meetings and kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from csp_workflow.request import calendar
from csp_workflow.steps.commit import commit
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import CycleDates, CycleState, Quarter
from csp_workflow.terms.events import Decision, Event, Happened

BY = "the calendar"


def plan(outside: Outside, quarter: Quarter, now: datetime) -> CycleDates:
    """Plan a quarter, or plan it again after a meeting moved.

    Dates already promised to respondents (open, due, close) stand once requests have gone out;
    the papers' dates and the warnings follow the meetings always.
    """
    wanted = calendar.planned(quarter, outside.site)
    kept = outside.store.plan_of(quarter)
    if kept and outside.store.cycle_status(quarter).state not in {CycleState.PLANNED, CycleState.IN_PROOF}:
        wanted = replace(kept, papers=wanted.papers, warnings=wanted.warnings, pre_election=wanted.pre_election)
    if wanted == kept:
        return kept
    kind = Happened.CYCLE_REPLANNED if kept else Happened.CYCLE_PLANNED
    commit(outside, Decision(plans=(wanted,), events=(Event(kind=kind, at=now, by=BY, quarter=quarter),)), now)
    return wanted
