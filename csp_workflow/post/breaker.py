"""The breaker: automatic answers beyond any plan are stopped, and the office is told at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from csp_workflow.letters.desk import answers_on_hold
from csp_workflow.terms.dates import as_utc, london_day
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.letters import Manner, QueuedLetter
from csp_workflow.terms.phrases import plural
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import ServiceStatus

STRAYS = 3
"""So many messages in our own name that we never sent may come within an hour; one more is a loop."""

BY = "the breaker"

_WINDOW = timedelta(hours=1)


def counted_from(service: ServiceStatus, now: datetime) -> datetime:
    """From when answers and strays are counted: the last hour, or since the co-ordinator last said RELEASE."""
    hour_ago = as_utc(now) - _WINDOW
    return max(hour_ago, as_utc(service.released)) if service.released else hour_ago


def due(
    handed: Iterable[QueuedLetter], events: Iterable[Event], *, site: Site, service: ServiceStatus, now: datetime
) -> Decision:
    """Stop all answers when they are too many, or when our own name comes back to us. Nothing while they are stopped.

    `handed` are the letters handed over since `counted_from`; `events` the service's own.
    """
    if service.breaker:
        return Decision()
    answers = sum(letter.manner is Manner.ANSWER for letter in handed)
    begun = counted_from(service, now)
    strays = sum(e.kind is Happened.STRAY_OWN_MAIL and as_utc(e.at) > begun for e in events)
    why = _why(answers, strays, site)
    if not why:
        return Decision()
    tripped = Event(kind=Happened.BREAKER_TRIPPED, at=now, by=BY, facts={"why": why})
    office = site.office
    deputy = (office.deputy,) if office.deputy and office.is_away(london_day(now)) else ()
    cause = f"breaker:{as_utc(now).isoformat()}"
    letters = tuple(answers_on_hold(to, why=why, at=now, cause=cause) for to in (office.co_ordinator, *deputy))
    return Decision(events=(tripped,), letters=letters)


def _why(answers: int, strays: int, site: Site) -> str:
    if answers >= site.limits.answers_an_hour:
        return f"{plural(answers, 'automatic answer')} left within an hour."
    if strays > STRAYS:
        return f"{plural(strays, 'message')} in our own name, which we did not send, came within an hour."
    return ""
