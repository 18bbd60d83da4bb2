"""Disposing: the bytes of old messages go for good, from the archive and from every folder of the mailbox.

What goes is noted first, by a keyed hash in a file that no backup brings back. So whatever a backup or the mailbox
brings again is known for disposed of, and a disposal that was cut off is finished by the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from csp_workflow.mail.unpack import identify_content
from csp_workflow.mailboxes.mailbox import MORE
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside, live_quarters, require_dates, waiting_messages
from csp_workflow.store import LandedMessage
from csp_workflow.terms.dates import as_utc, london
from csp_workflow.terms.events import Decision, Event, Fact, Happened
from csp_workflow.terms.faults import MessageGone, PreconditionFailed
from csp_workflow.terms.phrases import plain_day


@dataclass(frozen=True, kw_only=True)
class Disposed:
    """How many messages are disposed of by now, and how many were found in the mailbox and removed there."""

    messages: int
    removed: int


def dispose_messages(outside: Outside, before: date, now: datetime, *, by: str) -> Disposed:
    """Dispose of the messages that were received before a day. Raises PreconditionFailed while they may be needed.

    What was read in them stays: returns, figures, verdicts and who wrote when. One that waits for somebody stays too.
    """
    _refuse_what_is_needed(outside, before)
    old = tuple(_list_old(outside, before))
    outside.tombstones.add(name for row in old for name in (row.id, row.content))
    outside.reached("dispose:noted")
    for row in old:
        outside.archive.remove(row.content)
    outside.reached("dispose:archive")
    removed = sum(_remove_disposed(outside, source, now) for source in _list_all(outside))
    facts: dict[str, Fact] = {"before": before.isoformat(), "messages": len(old)}
    event = Event(kind=Happened.MESSAGES_DISPOSED, at=now, by=by, facts=facts)
    commit_current(outside, lambda: Decision(events=(event,)), now)
    return Disposed(messages=len(old), removed=removed)


def _refuse_what_is_needed(outside: Outside, before: date) -> None:
    for quarter in live_quarters(outside):
        first = require_dates(outside, quarter).extract_request
        if before > first:
            raise PreconditionFailed(
                f"{quarter} is under way: what came from {plain_day(first)} on may be needed. Name an earlier day."
            )


def _list_old(outside: Outside, before: date) -> Iterator[LandedMessage]:
    statuses = map(outside.store.cycle_status, outside.store.cycle_states())
    waiting = {message.id for message in waiting_messages(outside, statuses)}
    for row in outside.store.messages():
        is_old = as_utc(row.received) < as_utc(london(before, time(0)))
        if is_old and row.verdict and row.id not in waiting:
            yield row


def _list_all(outside: Outside) -> Iterator[str]:
    """Every message of the mailbox, in whatever folder."""
    for list_part in (outside.mailbox.list_new, outside.mailbox.list_filed):
        cursor, has_more = "", True
        while has_more:
            sources, cursor = list_part(cursor)
            has_more = cursor.startswith(MORE)
            yield from sources


def _remove_disposed(outside: Outside, source: str, now: datetime) -> bool:
    try:
        fetched = outside.mailbox.get(source, now)
    except MessageGone:
        return False
    is_disposed = outside.tombstones.holds(identify_content(fetched.raw))
    if is_disposed:
        outside.mailbox.remove(source)
    return is_disposed
