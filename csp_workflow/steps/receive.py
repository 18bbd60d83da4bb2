"""Receive: every new message is kept raw, and its row committed, before anything in it is looked at.

Later it is put into a folder of the mailbox: a hint to people who look there, never state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import structlog

from csp_workflow.mail.unpack import unpack_message
from csp_workflow.mailboxes.mailbox import FILED, MORE, Fetched
from csp_workflow.steps.outside import Filing, Outside, find_beginning
from csp_workflow.terms.bank_details import keep_back_bank_details
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.messages import MESSAGE_FOLDERS, MessageState
from csp_workflow.terms.service import MailboxUnreachable, MessageGone, WorldFault

LONGEST = 60.0
"""Seconds after which no further part of a long list is begun in the same beat."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """How many messages were landed, and whether the mailbox was read to its end."""

    landed: int
    drained: bool


def receive(outside: Outside, now: datetime) -> Received:
    """Land what is new, part after part of a long list. What is left after a minute waits for the next beat.

    The cursor is saved behind each part: a crash means a message is listed again, known by its content.
    """
    since, began = find_beginning(outside, now), outside.clock()
    cursor = outside.store.cursor(outside.mailbox_name)
    landed, has_more = 0, True
    while has_more and not outside.stopping() and outside.clock() - began < LONGEST:
        sources, following = outside.mailbox.list_new(cursor, since)
        outside.reached("receive:listed")
        landed += _land_all(outside, sources, now)
        if outside.stopping():
            break
        outside.store.save_cursor(outside.mailbox_name, following)
        outside.reached("receive:cursor")
        cursor, has_more = following, following.startswith(MORE)
    return Received(landed=landed, drained=not has_more)


def _land_all(outside: Outside, sources: Iterable[str], now: datetime) -> int:
    """Land one message after the other. One that cannot be had does not hold up the others, but the cursor."""
    landed, missed = 0, None
    for source in sources:
        if outside.stopping():
            break
        try:
            landed += _land(outside, source, now)
        except MessageGone:
            structlog.get_logger().warning("receive.message.gone")
        except MailboxUnreachable as fault:
            if missed:  # it is the mailbox, and no single message
                raise
            missed = fault
    if missed:
        raise missed
    return landed


def _land(outside: Outside, source: str, now: datetime) -> bool:
    fetched = outside.mailbox.get(source, now)
    is_new, identity = land(outside, fetched)
    if not is_new:
        _file_again(outside, source, identity, now)
    return is_new


def land(outside: Outside, fetched: Fetched) -> tuple[bool, str]:
    """Keep a message's bytes, then its row. Whether its content is new, and its content identity."""
    opened = unpack_message(fetched.raw, received=fetched.received)
    if outside.tombstones.holds(opened.id):  # it was disposed of, and is not taken again
        return False, opened.id
    content = outside.archive.keep(fetched.raw)
    outside.reached("receive:kept")
    is_new = outside.store.land(
        opened.id,
        source=fetched.source,
        content=content,
        received=fetched.received,
        size=fetched.size,
        sender=opened.sender or keep_back_bank_details(opened.header("From")),
        subject=keep_back_bank_details(opened.subject),
        whole=fetched.whole,
        marks=fetched.marks,
    )
    outside.reached("receive:landed")
    return is_new, opened.id


def _file_again(outside: Outside, source: str, identity: str, now: datetime) -> None:
    """A message that is known and judged lies in the inbox still (a crash, a redelivery): put it away."""
    known = outside.store.message(identity)
    if known and known.verdict:
        file_message(outside, source, MESSAGE_FOLDERS[MessageState.of_verdict(known.verdict)], now)


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


def deliver_message(outside: Outside, raw: bytes) -> None:
    """Put a message into the embedded mailbox. Raises PreconditionFailed with any other mailbox."""
    put = getattr(outside.mailbox, "deliver", None)
    if put is None:
        raise PreconditionFailed("Only the embedded mailbox takes messages by hand; send an email instead.")
    put(raw, sha256(raw).hexdigest()[:32])
