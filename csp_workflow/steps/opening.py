"""Opening: quarters are planned, the analyst is asked, the proof pack is made, and SEND sends the requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from csp_workflow.request import calendar, opening
from csp_workflow.request.opening import Opening, OpeningFacts
from csp_workflow.steps import planning
from csp_workflow.steps.commit import commit
from csp_workflow.steps.facts import LookedUp, live_quarters
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import CycleState, Quarter, in_london
from csp_workflow.terms.events import Decision

_LATEST = timedelta(days=60)
"""A quarter that ended longer ago is not even looked at: somebody has just installed this."""


def due(outside: Outside, now: datetime) -> None:
    """By the calendar: plan a quarter that has ended, ask the analyst, make the proof pack. Never SEND."""
    for quarter in _to_plan(outside, now):
        planning.plan(outside, quarter, now)
    service = outside.store.service_status()
    for quarter in live_quarters(outside):
        dates, status = outside.store.plan_of(quarter), outside.store.cycle_status(quarter)
        if dates is None or status.state not in {CycleState.PLANNED, CycleState.IN_PROOF, CycleState.OPEN}:
            continue
        if opening.analyst_is_due(outside.site, dates, status, now, reach=service):
            _open(outside, quarter, now, opening.analyst)
        if opening.proof_is_due(outside.site, dates, status, now):
            _open(outside, quarter, now, opening.automatic)


def prove(outside: Outside, quarter: Quarter, now: datetime, *, by: str) -> int:
    """Make the proof pack by order. How many forms it shows. Raises PreconditionFailed with what stands in the way."""
    return _open(outside, quarter, now, opening.prove, by=by)


def send(outside: Outside, quarter: Quarter, now: datetime, *, by: str) -> int:
    """Send the requests as proved. How many letters were queued."""
    decision = sending(outside, quarter, now, by=by)
    commit(outside, decision, now)
    return len(decision.letters)


def sending(outside: Outside, quarter: Quarter, now: datetime, *, by: str) -> Decision:
    """What SEND decides; its workbooks are kept, the decision is the caller's to commit."""
    return _kept(outside, opening.send(_facts(outside, quarter, by=by), now))


def _open(
    outside: Outside,
    quarter: Quarter,
    now: datetime,
    rule: Callable[[OpeningFacts, datetime], Opening],
    *,
    by: str = "",
) -> int:
    mark = outside.store.mark()
    opened = rule(_facts(outside, quarter, by=by), now)
    commit(outside, _kept(outside, opened), now, since=mark)
    return len(opened.workbooks)


def _kept(outside: Outside, opened: Opening) -> Decision:
    for workbook in opened.workbooks:
        outside.archive.keep(workbook)
    return opened.decision


def _facts(outside: Outside, quarter: Quarter, *, by: str) -> OpeningFacts:
    store = outside.store
    keys = tuple(respondent.key for respondent in outside.site.respondents)
    return OpeningFacts(
        site=outside.site,
        quarter=quarter,
        dates=store.plan_of(quarter),
        status=store.cycle_status(quarter),
        figures=store.figures(),
        key=outside.key,
        templates=outside.templates(),
        narratives=LookedUp(keys, lambda key: store.narratives_before(quarter, key)),
        revisions={key: request.form.reference.revision for key, request in store.requests(quarter).items()},
        events=store.events(quarter),
        service=store.service_status(),
        **({"by": by} if by else {}),
    )


def _to_plan(outside: Outside, now: datetime) -> list[Quarter]:
    """The quarters under way (a meeting may have moved), and those that have ended and can still be asked for."""
    site, today = outside.site, in_london(now).date()
    ended = {m.quarter for m in site.meetings if m.quarter.end < today <= m.quarter.end + _LATEST}
    unknown = ended - set(outside.store.cycles())
    return sorted({*live_quarters(outside), *(q for q in unknown if now < calendar.planned(q, site).due)})
