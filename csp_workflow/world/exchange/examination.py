"""What `doctor` asks of an Exchange server, one thing after the other. One login, so that no account is locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from exchangelib import Account

from csp_workflow.terms.faults import WorldFault
from csp_workflow.world.checks import Check, clocks
from csp_workflow.world.exchange.account import ServerClock

T = TypeVar("T")
_LOOK = "Look at exchange.endpoint, user, login, access and ca_file in service.toml, and at CSP_MAIL_PASSWORD."


def examine(ask: Callable[[Callable[[Account], Any]], Any], clock: ServerClock, now: datetime) -> Iterator[Check]:
    """Name, encryption and login; the inbox; drafts and sent items; the clock."""
    steps: tuple[tuple[str, Callable[[Account], Any]], ...] = (
        ("Exchange: name, encryption, login and inbox", lambda box: box.inbox.total_count),
        ("Exchange: drafts and sent items", lambda box: (box.drafts.total_count, box.sent.total_count)),
    )
    for what, step in steps:
        try:
            ask(step)
        except WorldFault as fault:
            yield Check(what=what, problem=str(fault), remedy=_LOOK)
            return
        yield Check(what=what)
    if clock.time is not None:
        yield clocks(clock.time, now)
