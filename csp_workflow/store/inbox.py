"""Messages as they came in, each by its content identity, each with its one verdict."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update

from csp_workflow.store import tables, values
from csp_workflow.store.engine import Connected, added
from csp_workflow.terms.messages import Mark, Verdict
from csp_workflow.terms.working_days import as_utc


@dataclass(frozen=True, kw_only=True)
class LandedMessage:
    """A message as the store knows it.

    `content` is its raw bytes' hash in the archive, `source` where it was first seen; `whole` is
    False when only its headers were kept, `marks` what the mail system said of it beside its bytes;
    `verdict` is None until it is judged.
    """

    id: str
    source: str
    content: str
    received: datetime
    size: int
    whole: bool
    marks: frozenset[Mark]
    attempts: int
    sender: str
    subject: str
    verdict: Verdict | None
    reason: str
    respondents: tuple[str, ...]


class Inbox(Connected):
    """What came in. Verdicts are written by `commit` alone."""

    def land(
        self,
        identity: str,
        *,
        source: str,
        content: str,
        received: datetime,
        size: int,
        sender: str = "",
        subject: str = "",
        whole: bool = True,
        marks: Iterable[Mark] = (),
    ) -> bool:
        """Note a message whose raw bytes are kept, before it is looked at. False when its content is known already."""
        row = {
            "id": identity,
            "source": source,
            "content": content,
            "received": as_utc(received),
            "size": size,
            "whole": whole,
            "marks": values.listed(sorted(mark.value for mark in marks)),
            "attempts": 0,
            "sender": values.storable(sender),
            "subject": values.storable(subject),
            "verdict": "",
            "reason": "",
            "respondents": "",
        }
        with self._writing() as connection:
            is_new = added(connection, tables.MESSAGE, row)
            added(connection, tables.SOURCE, {"source": source, "message": identity})
        return is_new

    def is_landed(self, source: str) -> bool:
        """Whether what lies under a source is known already, so that it need not be fetched again."""
        with self._reading() as connection:
            row = tables.SOURCE.c
            return connection.scalar(select(row.message).where(row.source == source).limit(1)) is not None

    def is_replaced(self, source: str, identity: str) -> bool:
        """Whether what lies under a source is by now another content than this one."""
        row = tables.SOURCE.c
        with self._reading() as connection:
            others = select(row.message).where(row.source == source, row.message != identity).limit(1)
            return connection.scalar(others) is not None

    def unjudged(self, limit: int = 1000) -> tuple[LandedMessage, ...]:
        """The messages without a verdict, oldest received first."""
        return self._messages(select(tables.MESSAGE).where(tables.MESSAGE.c.verdict == "").limit(limit))

    def messages(self) -> tuple[LandedMessage, ...]:
        """Every message, oldest received first."""
        return self._messages(select(tables.MESSAGE))

    def message(self, identity: str) -> LandedMessage | None:
        """One message by its content identity."""
        return next(iter(self._messages(select(tables.MESSAGE).where(tables.MESSAGE.c.id == identity))), None)

    def begin_attempt(self, identity: str) -> int:
        """Count an attempt, committed before the message is looked at. Returns which attempt this is.

        Raises KeyError for a message that never landed.
        """
        row = tables.MESSAGE.c
        with self._writing() as connection:
            connection.execute(update(tables.MESSAGE).where(row.id == identity).values(attempts=row.attempts + 1))
            attempts = connection.scalar(select(row.attempts).where(row.id == identity))
        if attempts is None:
            raise KeyError(identity)
        return int(attempts)

    def end_attempt(self, identity: str) -> None:
        """Take an attempt back: what failed was the world (a locked database, a full disk), not the message."""
        row = tables.MESSAGE.c
        with self._writing() as connection:
            connection.execute(
                update(tables.MESSAGE).where(row.id == identity, row.attempts > 0).values(attempts=row.attempts - 1)
            )

    def reopen(self, identity: str, *, verdicts: Collection[Verdict]) -> bool:
        """Take one of these verdicts back so that the message is judged anew (after a fix, or by order)."""
        row = tables.MESSAGE.c
        with self._writing() as connection:
            changed = connection.execute(
                update(tables.MESSAGE)
                .where(row.id == identity, row.verdict.in_([verdict.value for verdict in verdicts]))
                .values(verdict="", attempts=0)
            )
        return changed.rowcount == 1

    def _messages(self, wanted: Select[Any]) -> tuple[LandedMessage, ...]:
        row = tables.MESSAGE.c
        with self._reading() as connection:
            return tuple(_message(found) for found in connection.execute(wanted.order_by(row.received, row.number)))


def _message(row: Any) -> LandedMessage:
    return LandedMessage(
        id=row.id,
        source=row.source,
        content=row.content,
        received=row.received,
        size=row.size,
        whole=row.whole,
        marks=frozenset(map(Mark, values.unlisted(row.marks))),
        attempts=row.attempts,
        sender=row.sender,
        subject=row.subject,
        verdict=Verdict(row.verdict) if row.verdict else None,
        reason=row.reason,
        respondents=values.unlisted(row.respondents),
    )
