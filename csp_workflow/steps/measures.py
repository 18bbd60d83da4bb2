"""A year's measures, from the proof of the letters that ask for them to what is agreed: facts gathered, rules asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from functools import partial

from csp_workflow.chase.measures import MeasuresView, decide_measures_chase, write_agreed, write_returned
from csp_workflow.report.terms_of_reference import attach_terms
from csp_workflow.request.measures import (
    CALENDAR,
    MeasuresFacts,
    decide_measures_proof,
    decide_measures_sending,
    find_next_year,
    is_proof_due,
)
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside, live_quarters
from csp_workflow.steps.waiting import waiting_messages
from csp_workflow.terms.dates import london, london_day
from csp_workflow.terms.events import NOTHING, Decision


def prove_letters(outside: Outside, year: str, now: datetime, *, by: str = CALENDAR) -> Decision:
    """What AGREE decides; the caller commits it."""
    agreeing = outside.store.service_status().agreeing
    year = year or find_next_year(outside.site, agreeing, now)
    return decide_measures_proof(_gather(outside, year, by), now)


def send_letters(outside: Outside, year: str, now: datetime, *, by: str) -> Decision:
    """What SEND MEASURES decides; the caller commits it."""
    return decide_measures_sending(_gather(outside, year, by), now)


def tell_agreed(outside: Outside, respondent: str, year: str, now: datetime) -> Decision:
    """The letters that tell leads and chairs what is agreed, with the terms of reference."""
    one = outside.store.measure_sets(year=year, respondent=respondent)[-1]
    file = attach_terms(outside.site, one, base=outside.report_base(), at=now, key=outside.key)
    return write_agreed(outside.site, one, file, now)


def tell_returned(outside: Outside, respondent: str, year: str, now: datetime, *, reason: str) -> Decision:
    """The letters that send measures back to the leads, with the workbook as things stand."""
    facts, of = _gather(outside, year, CALENDAR), outside.site.respondent(respondent)
    stands = facts.agreeing.stands(year, respondent)
    file = facts.attach(of, now, issue=stands.answers + 1)
    return write_returned(of, stands, file, now, due=facts.due(now), reason=reason)


def follow_measures(outside: Outside, now: datetime) -> None:
    """Make the proof when its day comes, and chase what was asked for; most beats have nothing to look at."""
    agreeing = outside.store.service_status().agreeing
    if is_proof_due(outside.site, agreeing, now):
        commit_current(outside, lambda: _prove_when_due(outside, now), now)
    if agreeing.open_years:
        commit_current(outside, lambda: _decide_chase(outside, now), now)


def _prove_when_due(outside: Outside, now: datetime) -> Decision:
    year = is_proof_due(outside.site, outside.store.service_status().agreeing, now)
    return prove_letters(outside, year, now) if year else NOTHING


def _decide_chase(outside: Outside, now: datetime) -> Decision:
    service, store = outside.store.service_status(), outside.store
    sets = {(one.year, one.respondent): one for one in store.measure_sets()}

    today = london(london_day(now), time(0))
    view = MeasuresView(
        site=outside.site,
        service=service,
        letters=tuple({x.id: x for x in (*store.letters(beyond_cycles=True), *store.queued_since(today))}.values()),
        sets=sets,
        attach=lambda stands: _gather(outside, stands.year, CALENDAR).attach(
            outside.site.respondent(stands.respondent), now, issue=stands.answers + 1
        ),
        enclose=partial(attach_terms, outside.site, base=outside.report_base(), at=now, key=outside.key),
    )
    if not decide_measures_chase(view, now):
        return NOTHING
    # Nobody is chased while they wait for our answer; who waits is looked for only where somebody would be.
    waiting = waiting_messages(outside, (store.cycle_status(quarter) for quarter in live_quarters(outside)))
    paused = frozenset(key for message in waiting for key in message.respondents)
    return decide_measures_chase(replace(view, paused=paused), now)


def _gather(outside: Outside, year: str, by: str) -> MeasuresFacts:
    agreeing = outside.store.service_status().agreeing
    return MeasuresFacts(site=outside.site, agreeing=agreeing, key=outside.key, year=year, by=by)
