"""Put messages into the folders of the mailbox, now or later: a hint to people who look there, never state."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from csp_workflow.mailboxes.mailbox import FILED
from csp_workflow.steps.outside import Filing, Outside
from csp_workflow.terms.faults import WorldFault

FILINGS = 5
"""How often a message is tried to be filed; after that it stays in the inbox."""

LASTING = 5
"""So many refusals one after the other are told by `doctor`."""

_FIRST_REST, _LONGEST_REST = timedelta(minutes=1), timedelta(hours=4)


def file_message(outside: Outside, source: str, folder: str, now: datetime) -> None:
    """Put a message into a folder of the mailbox, now or later: a hint to people who look there, never state.

    So no fault of it stops anything.
    """
    if source.startswith(FILED):
        return
    filing = outside.filing
    filing.left[source] = folder
    if filing.rests_until is not None and now < filing.rests_until:
        return
    try:
        outside.mailbox.file(source, folder)
    except WorldFault as fault:
        _rest_from_filing(filing, source, now, fault)
        if filing.faults == LASTING:
            outside.store.save_not_filed_since(now)
    else:
        if filing.faults >= LASTING:
            outside.store.save_not_filed_since(None)
        filing.faults = 0
        del filing.left[source], filing.tries[source]


def _rest_from_filing(filing: Filing, source: str, now: datetime, fault: WorldFault) -> None:
    filing.tries[source] += 1
    filing.faults += 1
    folder = filing.left.pop(source)
    if filing.tries[source] < FILINGS:
        filing.left[source] = folder  # behind the others: it may be the only one that is refused
    rest = min(_FIRST_REST * 2 ** min(filing.faults, 10), _LONGEST_REST)
    filing.rests_until = now + max(rest, fault.wait or rest)
    structlog.get_logger().warning("mailbox.filing.refused", fault=type(fault).__name__, left=len(filing.left))


def file_left(outside: Outside, now: datetime) -> None:
    """File what could not be filed before, as long as it goes well."""
    filing = outside.filing
    for source, folder in tuple(filing.left.items()):
        if outside.stopping() or (filing.rests_until is not None and now < filing.rests_until):
            return
        file_message(outside, source, folder, now)
