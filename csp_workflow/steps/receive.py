"""Receive: every new message is kept raw and committed before anything is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from csp_workflow.mail.classify import awaits_scan
from csp_workflow.mail.unpack import identify_content, unpack_message
from csp_workflow.mailboxes.mailbox import Fetched
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside
from csp_workflow.store import LandedMessage
from csp_workflow.terms.events import Decision
from csp_workflow.terms.faults import MessageGone
from csp_workflow.terms.messages import Judgement, Verdict

PATIENCE = timedelta(minutes=60)
"""How long the real file may take; then its sender is told."""

_REPLACED = "It was a stand-in while its attachment was being checked; the message itself was read afterwards."


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


# A message whose file is still being checked by mail security -------------------------------------
#
# Such a system delivers a stand-in first and puts the real file into its place some minutes later. Moving the message
# may stop that, and answering it would tell somebody that nothing was attached.


def is_awaited(outside: Outside, row: LandedMessage, now: datetime) -> bool:
    """Whether a message is left alone for now. One whose real file has come is landed anew and replaces it."""
    if now - row.received >= PATIENCE or not row.whole:
        return False
    message = unpack_message(outside.archive.fetch(row.content), received=row.received)
    if not awaits_scan(message):
        return False
    if not outside.store.is_replaced(row.source, row.id):
        try:
            fetched = outside.mailbox.get(row.source, now)
        except MessageGone:
            return True  # a mail system may put it back under another id
        if awaits_scan(unpack_message(fetched.raw, received=fetched.received)):
            return True
        land(outside, fetched)
    judgement = Judgement(message=row.id, verdict=Verdict.DUPLICATE, reason=_REPLACED)
    commit_current(outside, lambda: Decision(judgement=judgement), now)
    structlog.get_logger().info("judge.message.replaced", message=row.id[:12])
    return True
