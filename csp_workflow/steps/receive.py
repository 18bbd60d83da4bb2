"""Receive: every new message is kept raw, and its row committed, before anything in it is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from csp_workflow.mail.unpack import unpack_message
from csp_workflow.mailboxes.mailbox import MORE, Fetched
from csp_workflow.steps.filing import file_message
from csp_workflow.steps.outside import Outside, find_beginning
from csp_workflow.terms.bank_details import keep_back_bank_details
from csp_workflow.terms.faults import MailboxUnreachable, MessageGone
from csp_workflow.terms.messages import MESSAGE_FOLDERS, MessageState

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
