"""After a silence: hold what would surprise people; when the clock cannot be trusted, hold everything."""

from __future__ import annotations

from datetime import datetime, timedelta

from csp_workflow.terms.dates import WorkingDays, as_utc, in_london
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.site import Limits
from csp_workflow.terms.status import ServiceStatus

SLACK = timedelta(minutes=2)
"""A clock that is put right steps back by seconds; more than this is a doubt."""

APART = timedelta(minutes=10)
"""Our clock and the mail server's may differ so much before one of them is not believed."""

BY = "the guard"


def guard(
    last_seen: datetime | None,
    now: datetime,
    working_days: WorkingDays,
    limits: Limits,
    *,
    service: ServiceStatus | None = None,
) -> Decision:
    """What the time since the last beat means. Silent when it was noticed already (`service` says so).

    More than `limits.gap_working_days` working days of silence: GAP_NOTICED; requests and reminders
    wait for RELEASE, receiving and answering go on. A clock that went back: CLOCK_DOUBTED.
    """
    service = service or ServiceStatus()
    if last_seen is None:
        return Decision()
    if as_utc(now) < as_utc(last_seen) - SLACK:
        return Decision() if service.clock_doubted else _noted(Happened.CLOCK_DOUBTED, last_seen, now, days=0)
    days = silent_days(last_seen, now, working_days)
    if days > limits.gap_working_days and not service.gap_hold:
        return _noted(Happened.GAP_NOTICED, last_seen, now, days=days)
    return Decision()


def compare(server_time: datetime | None, now: datetime, *, service: ServiceStatus) -> Decision:
    """What the mail server's clock means: more than `APART` from ours, in either direction, is CLOCK_DOUBTED."""
    if server_time is None or service.clock_doubted or abs(as_utc(server_time) - as_utc(now)) <= APART:
        return Decision()
    return _noted(Happened.CLOCK_DOUBTED, server_time, now, days=0)


def silent_days(last_seen: datetime, now: datetime, working_days: WorkingDays) -> int:
    """Whole working days of silence: from Friday 5pm to Wednesday 9am it is two, from 5pm three."""
    then, today = in_london(last_seen), in_london(now)
    days = working_days.between(then.date(), today.date())
    begun = working_days.is_working(today.date()) and today.time() < then.time()
    return max(days - begun, 0)


def _noted(kind: Happened, last_seen: datetime, now: datetime, *, days: int) -> Decision:
    since = as_utc(last_seen).isoformat()
    return Decision(events=(Event(kind=kind, at=now, by=BY, subject=since, facts={"since": since, "days": days}),))
