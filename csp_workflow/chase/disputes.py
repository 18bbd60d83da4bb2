"""Disputed police figures, passed on to the force's analyst on the next working morning, all in one letter.

What is not answered is asked for once more, and then stands in the co-ordinator's morning letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from csp_workflow.chase import quiet
from csp_workflow.letters.disputes import Disputed, find_passed, pass_disputes, remind_of_disputes
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.letters import LetterState
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.queries import Dispute, list_disputes, name_disputed


def decide_disputes(cycle: CycleView, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """The letter with what was disputed before today and not passed on; else the one reminder of what waits.

    None while it would be a second one today.
    """
    today = london_day(now)
    analyst = cycle.site.find_analyst(today)
    if analyst is None or quiet.service_is_quiet(cycle) or quiet.window_is_shut(cycle.site, now):
        return Decision()
    taken = written_to | quiet.addresses_written_to(cycle, now)
    people = [c for c in cycle.service.written_to(analyst, today) if c.address.lower() not in taken]
    if not people or (analyst.key in cycle.status.returns and cycle.is_held(analyst)):
        return Decision()
    if new := tuple(_list_new(cycle, now)):
        return Decision(
            events=tuple(
                quiet.note(
                    cycle, Happened.DISPUTES_PASSED, now, by="the dispute rule", respondent=one.respondent,
                    subject=one.submission,
                )
                for one in new
            ),
            letters=tuple(pass_disputes(to, analyst, cycle.quarter, new) for to in people),
        )  # fmt: skip
    late = tuple(_list_unanswered(cycle, now))
    return Decision(letters=tuple(remind_of_disputes(to, analyst, cycle.quarter, late, 1) for to in people if late))


def _list_new(cycle: CycleView, now: datetime) -> Iterator[Disputed]:
    """What each latest version disputes that the analyst was not sent, from the day after it came."""
    for respondent, stands in cycle.owed_returns():
        versions = cycle.submissions.get(respondent.key, ())
        told = {dispute for one in versions if one.id == stands.disputes_passed for dispute in one.disputes}
        disputes = list_disputes(versions, cycle.events)
        new = [one for one in disputes if not one.answered and (one.area, one.ref, one.reason) not in told]
        if new and london_day(versions[-1].received) < london_day(now):
            yield _describe(cycle, respondent.name, versions[-1].id, new)


def _list_unanswered(cycle: CycleView, now: datetime) -> Iterator[Disputed]:
    """What the analyst was sent some days ago, and was not reminded of."""
    passed, days = find_passed(cycle.letters), cycle.site.limits.query_reminder_days
    reminded = {
        about.submission
        for x in cycle.letters
        if x.kind == remind_of_disputes.kind.name and x.state is not LetterState.WITHDRAWN
        for about in x.about
    }
    for respondent, _ in cycle.owed_returns():
        versions = cycle.submissions.get(respondent.key, ())
        open_ones = [one for one in list_disputes(versions, cycle.events, passed) if one.is_open]
        for version in dict.fromkeys(d.letter for d in open_ones if d.letter not in reminded):
            mine, since = [d for d in open_ones if d.letter == version], passed[version]
            if cycle.site.working_days.between(london_day(since), london_day(now)) >= days:
                yield _describe(cycle, respondent.name, version, mine, since=since)


def _describe(
    cycle: CycleView, name: str, version: str, disputes: Sequence[Dispute], since: datetime | None = None
) -> Disputed:
    rows = tuple((name_disputed(cycle.site, one), keep_back_lines(one.reason)) for one in disputes)
    return Disputed(respondent=disputes[0].respondent, name=name, submission=version, rows=rows, since=since)
