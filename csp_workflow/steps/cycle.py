"""A cycle from its plan to its close: dates, the analyst's request, the proof pack, SEND, the chase, the closing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from csp_workflow.chase import approval, beat, quiet, reminders
from csp_workflow.request import calendar, moving, opening, proof
from csp_workflow.request.opening import Opening
from csp_workflow.steps.commit import commit_at, commit_current, try_until_current
from csp_workflow.steps.outside import Outside, live_quarters, require_dates, view_cycle, with_forms, with_versions
from csp_workflow.terms.dates import CycleDates, CycleState, Quarter, in_london
from csp_workflow.terms.events import NOTHING, Decision, Event, Happened

OpeningRule = Callable[[proof.OpeningFacts, datetime], Opening]

_LATEST = timedelta(days=60)
"""A quarter that ended longer ago is not even looked at: somebody has just installed this."""
_RUNNING = {CycleState.PLANNED, CycleState.IN_PROOF, CycleState.OPEN}


def plan_cycle(outside: Outside, quarter: Quarter, now: datetime) -> CycleDates:
    """Plan a quarter, or plan it again after a meeting moved. The dates that stand now.

    Dates already promised to respondents (due, close) only move later once requests have gone out;
    the papers' dates and the warnings follow the meetings always. Whoever was told a date that moved is told.
    """
    planned = commit_current(outside, lambda: _plan(outside, quarter, now), now).plans
    return planned[0] if planned else require_dates(outside, quarter)


def _plan(outside: Outside, quarter: Quarter, now: datetime) -> Decision:
    wanted = calendar.plan_quarter(quarter, outside.configured)
    kept = outside.store.plan_of(quarter)
    if kept:
        wanted = moving.keep_promises(kept, wanted, outside.store.cycle_status(quarter))
    if wanted == kept:
        return NOTHING
    if kept:
        cycle = replace(view_cycle(outside, quarter, now), dates=wanted)
        return moving.decide_moving(cycle, kept, now, by=proof.CALENDAR)
    planned = Event(kind=Happened.CYCLE_PLANNED, at=now, by=proof.CALENDAR, quarter=quarter)
    return Decision(plans=(wanted,), events=(planned,))


def follow_calendar(outside: Outside, now: datetime) -> None:
    """Plan a quarter that has ended, ask the analyst, make the proof pack, each on its day. Never SEND."""
    for quarter in _quarters_to_plan(outside, now):
        plan_cycle(outside, quarter, now)
    service = outside.store.service_status()
    for quarter in live_quarters(outside):
        dates, status = outside.store.plan_of(quarter), outside.store.cycle_status(quarter)
        if dates is None or status.state not in _RUNNING:
            continue
        if opening.analyst_is_due(outside.site, dates, status, now, reach=service):
            _open(outside, quarter, now, opening.decide_analyst_request)
        if opening.proof_is_due(outside.site, dates, status, now):
            _open(outside, quarter, now, opening.decide_scheduled_proof)
        elif status.state is CycleState.IN_PROOF:
            _renew_proof(outside, quarter, now)


def _renew_proof(outside: Outside, quarter: Quarter, now: datetime) -> None:
    """Make a proof again that may no longer show what would be sent; when it was last looked at is kept as a stamp."""
    store, name = outside.store, f"proof looked at {quarter.key}"
    looked = store.stamp(name)
    events = (*store.events(quarter), *store.events(None))
    since = datetime.fromisoformat(looked) if looked else None
    if opening.is_proof_old(store.cycle_status(quarter), events, looked=since):
        _open(outside, quarter, now, opening.decide_renewed_proof)
        store.set_stamp(name, now.isoformat())


def _quarters_to_plan(outside: Outside, now: datetime) -> list[Quarter]:
    """The quarters under way (a meeting may have moved), and those that have ended and can still be asked for."""
    site, today = outside.configured, in_london(now).date()
    ended = {m.quarter for m in site.meetings if m.quarter.end < today <= m.quarter.end + _LATEST}
    unknown = ended - set(outside.store.cycle_states())
    timely = (q for q in unknown if now < calendar.plan_quarter(q, site).due)
    return sorted({*live_quarters(outside), *timely})


def make_proof(outside: Outside, quarter: Quarter, now: datetime, *, by: str) -> int:
    """Make the proof pack by order. How many forms it shows. Raises PreconditionFailed with what stands in the way."""
    return len(_open(outside, quarter, now, opening.decide_proof, by=by).workbooks)


def send_requests(outside: Outside, quarter: Quarter, now: datetime, *, by: str) -> int:
    """Send the requests as proved. How many letters were queued."""
    return len(_open(outside, quarter, now, opening.decide_sending, by=by).decision.letters)


def _open(outside: Outside, quarter: Quarter, now: datetime, rule: OpeningRule, *, by: str = proof.CALENDAR) -> Opening:
    def attempt(mark: int) -> Opening | None:
        opened = decide_opening(outside, quarter, now, rule, by=by)
        return opened if commit_at(outside, opened.decision, now, mark) else None

    return try_until_current(outside, attempt)


def decide_opening(outside: Outside, quarter: Quarter, now: datetime, rule: OpeningRule, *, by: str) -> Opening:
    """What a rule of opening decides; its workbooks are kept, the decision is the caller's to commit."""
    store = outside.store
    opened = rule(
        proof.OpeningFacts(
            site=outside.site,
            quarter=quarter,
            dates=store.plan_of(quarter),
            status=store.cycle_status(quarter),
            figures=store.figures(),
            key=outside.key,
            templates=outside.templates(),
            narratives={r.key: store.narratives_before(quarter, r.key) for r in outside.site.respondents},
            revisions={key: request.form.reference.revision for key, request in store.requests(quarter).items()},
            events=store.events(quarter),
            service=store.service_status(),
            by=by,
        ),
        now,
    )
    for workbook in opened.workbooks:
        outside.archive.keep(workbook)
    return opened


def chase_all(outside: Outside, now: datetime) -> None:
    """Who is late, which approval is wanted, whether a cycle closes; each cycle sees the letters of the one before."""
    for quarter in live_quarters(outside):
        commit_current(outside, partial(_decide_chase, outside, quarter, now), now)


def ask_chairs_again(outside: Outside, now: datetime) -> None:
    """Write the requests for approval that were written before, in a store that came from elsewhere.

    They wait like all else, and may have left; but what a chair has answered is then an answer.
    """
    for quarter in live_quarters(outside):
        commit_current(outside, partial(_decide_asking, outside, quarter, now), now)


def _decide_asking(outside: Outside, quarter: Quarter, now: datetime) -> Decision:
    cycle = with_versions(outside, view_cycle(outside, quarter, now))
    cycle = with_forms(outside, cycle, sorted(cycle.submissions))
    cycle = replace(cycle, service=replace(cycle.service, moved=""))
    return approval.decide_approvals(cycle, quiet.find_open_window(outside.configured, now), written_to=frozenset())


def _decide_chase(outside: Outside, quarter: Quarter, now: datetime) -> Decision:
    status = outside.store.cycle_status(quarter)
    if status.state is CycleState.PLANNED and not status.returns:
        return NOTHING
    cycle = view_cycle(outside, quarter, now)
    if not quiet.window_is_shut(outside.configured, now):
        cycle = with_versions(outside, cycle)
    # Whom it writes to is known without the forms; then it is decided again with the forms of those few.
    concerned = {key for letter in beat.decide_chase(cycle, now).letters for key in letter.respondents}
    if not quiet.window_is_shut(outside.configured, now):
        concerned |= {respondent.key for respondent, _ in reminders.find_handovers(cycle, now)}
    return beat.decide_chase(with_forms(outside, cycle, sorted(concerned)), now)


def close_cycle(outside: Outside, quarter: Quarter, now: datetime, *, by: str) -> tuple[str, ...]:
    """Close a quarter by order. The keys of those whose return is not received."""
    decision = commit_current(outside, lambda: beat.decide_closing(view_cycle(outside, quarter, now), now, by=by), now)
    return tuple(event.respondent for event in decision.events if event.kind is Happened.NOT_RECEIVED)
