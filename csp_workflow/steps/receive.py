"""Receive: every new message is kept raw and committed before anything is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from csp_workflow.mail.unpack import identify_content, unpack_message
from csp_workflow.mailboxes.mailbox import Fetched
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.faults import MessageGone


@dataclass(frozen=True, kw_only=True)
class Received:
    """How many messages were landed, and whether the mailbox was read to its end."""

    landed: int
    drained: bool


def receive(outside: Outside, now: datetime) -> Received:
    """Land what is new. The cursor is saved last: a crash means a message is listed again, known by its content."""
    log = structlog.get_logger()
    cursor = outside.store.cursor(outside.mailbox_name)
    sources, following = outside.mailbox.list_new(cursor)
    outside.reached("receive:listed")
    landed = 0
    for source in sources:
        if outside.stopping():
            return Received(landed=landed, drained=False)
        try:
            landed += _land(outside, source, now)
        except MessageGone:
            log.warning("receive.message.gone")
    outside.store.save_cursor(outside.mailbox_name, following)
    outside.reached("receive:cursor")
    return Received(landed=landed, drained=True)


def _land(outside: Outside, source: str, now: datetime) -> bool:
    fetched = outside.mailbox.get(source, now)
    is_new, identity = land(outside, fetched)
    if not is_new:
        _file_again(outside, source, identity)
    return is_new


def land(outside: Outside, fetched: Fetched) -> tuple[bool, str]:
    """Keep a message's bytes, then its row. Whether its content is new, and its content identity."""
    content = outside.archive.keep(fetched.raw)
    outside.reached("receive:kept")
    opened = unpack_message(fetched.raw, received=fetched.received)
    identity = identify_content(fetched.raw)
    is_new = outside.store.land(
        identity,
        source=fetched.source,
        content=content,
        received=fetched.received,
        size=fetched.size,
        sender=opened.sender or opened.header("From"),
        subject=opened.subject,
        whole=fetched.whole,
        marks=fetched.marks,
    )
    outside.reached("receive:landed")
    return is_new, identity


def _file_again(outside: Outside, source: str, identity: str) -> None:
    """A message that is known and judged lies in the inbox still (a crash, a redelivery): put it away."""
    known = outside.store.message(identity)
    if known and known.verdict:
        outside.mailbox.file(source, "Processed")
