"""A message whose file is still being checked by mail security: fetched again, and not answered, until it is there.

Such a system delivers a stand-in first and puts the real file into its place some minutes later. Moving the
message may stop that, and answering it would tell somebody that nothing was attached.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from csp_workflow.mail.classify import awaits_scan
from csp_workflow.mail.unpack import unpack_message
from csp_workflow.steps.commit import commit
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.receive import land
from csp_workflow.store import LandedMessage
from csp_workflow.terms.decisions import Decision
from csp_workflow.terms.faults import MessageGone
from csp_workflow.terms.messages import Judgement, Verdict

PATIENCE = timedelta(minutes=60)
"""How long the real file may take; then its sender is told."""

_REPLACED = "It was a stand-in while its attachment was being checked; the message itself was read afterwards."


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
    commit(outside, Decision(judgement=judgement), now)
    structlog.get_logger().info("judge.message.replaced", message=row.id[:12])
    return True
