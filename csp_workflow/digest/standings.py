"""Where each return of a quarter stands, in the words of the digest and of its workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from csp_workflow.digest.facts import DigestFacts, Round, due_of, owing
from csp_workflow.digest.people import stands_in
from csp_workflow.letters.digests import RoundShown, StatusRow
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.phrases import moment, plural, short_day
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent
from csp_workflow.terms.status import ReturnStatus


def shown(facts: DigestFacts, about: Round, now: datetime) -> RoundShown:
    """One round as the digest shows it."""
    rows = tuple(_row(facts, about, respondent, status, now) for respondent, status in owing(facts, about))
    return RoundShown(quarter=about.status.quarter, headline=_headline(about, now), rows=rows)


def _headline(about: Round, now: datetime) -> str:
    status, states = about.status, [s.state for s in about.status.returns.values()]
    if status.state is CycleState.IN_PROOF:
        return f"{status.quarter} is in proof: nothing has been asked of anybody but the analyst."
    arrived = sum(s.is_in for s in states)
    approved = sum(s is ReturnState.APPROVED for s in states)
    counted = f"{arrived} of {plural(len(states), 'return')} in, {approved} approved"
    if status.state is CycleState.CLOSED:
        return f"{status.quarter} is closed: {counted}."
    verb = "were" if about.dates.due < now else "are"
    return (
        f"{status.quarter} is open: {counted}. Returns {verb} due at {moment(about.dates.due)}; "
        f"the quarter closes at {moment(about.dates.close)}."
    )


def _row(facts: DigestFacts, about: Round, of: Respondent, status: ReturnStatus, now: datetime) -> StatusRow:
    return StatusRow(
        name=of.name,
        code=of.code,
        state=f"{_state(status)}, late" if status.late else _state(status),
        due=due_of(facts, about, of),
        received=status.received,
        version=status.submissions,
        approved=_approved(of, status),
        open=tuple(_open(facts, about, of, status, now)),
    )


def _state(status: ReturnStatus) -> str:
    return "nothing to report" if status.state is ReturnState.NIL else str(status.state)


def _approved(of: Respondent, status: ReturnStatus) -> str:
    if not of.needs_approval:
        return "not needed"
    if status.approved_at:
        return short_day(status.approved_at)
    if status.approval_asked and status.approval_asked_at:
        return f"asked {short_day(status.approval_asked_at)}"
    return "no"


def _open(facts: DigestFacts, about: Round, of: Respondent, status: ReturnStatus, now: datetime) -> Iterator[str]:
    """What is not settled: counts first, then what keeps the return from coming."""
    counts = (
        (status.faults if status.state.is_in else 0, "fault"),
        (status.queries if status.state.is_in else 0, "query"),
        (len(status.open_questions), "question"),
        (len(status.held_messages), "held message"),
    )
    yield from (plural(count, what) for count, what in counts if count)
    if status.on_hold or of.key in facts.service.held_respondents:
        yield "on hold"
    if not status.state.is_in:
        yield from _not_come(facts, about, of, status, now)


def _not_come(facts: DigestFacts, about: Round, of: Respondent, status: ReturnStatus, now: datetime) -> Iterator[str]:
    day = london_day(now)
    if status.due:
        yield "extended"
    late = facts.site.working_days.between(london_day(due_of(facts, about, of)), day)
    if late > 0 and status.state is ReturnState.REQUESTED:
        yield f"{plural(late, 'working day')} overdue"
    yield from stands_in(facts, of, day)
