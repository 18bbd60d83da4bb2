"""Disputed police figures, passed on to the force's analyst on the next working morning, all in one letter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from csp_workflow.chase import quiet
from csp_workflow.letters.disputes import Disputed, pass_disputes
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.personal import keep_back_lines


def decide_disputes(cycle: CycleView, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """The letter with what was disputed before today and not passed on; none while it would be a second one today."""
    today = london_day(now)
    analyst = cycle.site.find_analyst(today)
    if analyst is None or quiet.service_is_quiet(cycle) or quiet.window_is_shut(cycle.site, now):
        return Decision()
    taken = written_to | quiet.addresses_written_to(cycle, now)
    people = [c for c in cycle.service.written_to(analyst, today) if c.address.lower() not in taken]
    is_held = analyst.key in cycle.status.returns and cycle.is_held(analyst)
    disputed = tuple(_list_disputed(cycle, now)) if people and not is_held else ()
    if not disputed:
        return Decision()
    return Decision(
        events=tuple(
            quiet.note(
                cycle, Happened.DISPUTES_PASSED, now, by="the dispute rule", respondent=one.respondent,
                subject=one.submission,
            )
            for one in disputed
        ),
        letters=tuple(
            pass_disputes(to, analyst.key, analyst.code, cycle.quarter, disputed) for to in people
        ),
    )  # fmt: skip


def _list_disputed(cycle: CycleView, now: datetime) -> Iterator[Disputed]:
    titles = {series.ref: series.title for framework in cycle.site.frameworks for series in framework.series()}
    areas = {area.code: area.name for one in cycle.site.respondents for area in one.areas}
    for respondent, stands in cycle.owed_returns():
        versions = cycle.submissions.get(respondent.key, ())
        told = {dispute for one in versions if one.id == stands.disputes_passed for dispute in one.disputes}
        new = [one for one in versions[-1].disputes if one not in told] if versions else []
        if new and london_day(versions[-1].received) < london_day(now):
            rows = (
                (f"{ref} {titles.get(ref, '')}, {areas.get(area, area)}", keep_back_lines(reason))
                for area, ref, reason in new
            )
            yield Disputed(
                respondent=respondent.key, name=respondent.name, submission=versions[-1].id, rows=tuple(rows)
            )
