"""Which troubles stop the service now, and when each was last over: a fold over what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from csp_workflow.terms.events import Event, Happened


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
