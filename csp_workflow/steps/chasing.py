"""Chase: for every live cycle, who is late, which approval is wanted, whether the cycle closes."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.chase import beat, closing
from csp_workflow.steps.commit import commit
from csp_workflow.steps.facts import chase_facts, live_quarters
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import CycleState, Quarter


def chase(outside: Outside, now: datetime) -> None:
    """Decide and commit what is due now, cycle by cycle: the next one sees the letters of the one before."""
    for quarter in live_quarters(outside):
        mark = outside.store.mark()
        status = outside.store.cycle_status(quarter)
        if status.state is not CycleState.PLANNED or status.returns:
            commit(outside, beat.due(chase_facts(outside, quarter, now), now), now, since=mark)


def close(outside: Outside, quarter: Quarter, now: datetime, *, by: str) -> tuple[str, ...]:
    """Close a quarter by order. The keys of those whose return is not received."""
    facts = chase_facts(outside, quarter, now)
    decision = closing.close(facts, now, by=by)
    commit(outside, decision, now)
    return closing.missing(facts)
