"""Which troubles stop the service now, and when each was last over: a fold over what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.faults import JobEnd


@dataclass(frozen=True, kw_only=True)
class Troubles:
    """Since when each `lasting` trouble (`terms.watching.Trouble`) lasts, and when each was last `over`."""

    lasting: Mapping[str, datetime] = field(default_factory=dict)
    over: Mapping[str, datetime] = field(default_factory=dict)


def troubles_after(known: Troubles, event: Event) -> Troubles:
    """The troubles after an event; one that is about none changes nothing."""
    if event.kind is Happened.TROUBLE_BEGAN:
        return replace(known, lasting=MappingProxyType({**known.lasting, event.subject: event.at}))
    if event.kind is Happened.TROUBLE_ENDED:
        lasting = {name: since for name, since in known.lasting.items() if name != event.subject}
        over = MappingProxyType({**known.over, event.subject: event.at})
        return Troubles(lasting=MappingProxyType(lasting), over=over)
    return known


@dataclass(frozen=True, kw_only=True)
class Failures:
    """How often we failed on a message, when last, and how that ended."""

    count: int
    last: datetime
    end: JobEnd


def failures_after(failures: Mapping[str, Failures], event: Event) -> Mapping[str, Failures]:
    """Our failures by message, until it is settled or looked at anew."""
    others = {message: failed for message, failed in failures.items() if message != event.subject}
    if event.kind is Happened.WE_FAILED:
        count = failures[event.subject].count if event.subject in failures else 0
        end = JobEnd(str(event.facts["end"]))
        others[event.subject] = Failures(count=count + 1, last=event.at, end=end)
    return MappingProxyType(others)
