"""Messages as they came in, each with its one verdict; how far the mailbox was read; what the store knows of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from csp_workflow.terms.messages import Verdict
from csp_workflow.world import tables
from csp_workflow.world.store.engine import reading, writing
from csp_workflow.world.store.truth import _add, _is, _put
from csp_workflow.world.store.values import unlisted


@dataclass(frozen=True, kw_only=True)
class LandedMessage:
    """A message as the store knows it. `content` is its raw bytes' hash; `verdict` None until it is judged."""

    id: str
    source: str
    content: str
    received: datetime
    size: int
    whole: bool
    attempts: int
    sender: str
    subject: str
    verdict: Verdict | None
    reason: str
    respondents: tuple[str, ...]


class Inbox:
    """What came in."""

    _engine: Any

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
    ) -> bool:
        """Keep a message's row before anything is looked at. False when it is known already."""
        row = {
            "id": identity,
            "source": source,
            "content": content,
            "received": received.astimezone(UTC),
            "size": size,
            "whole": whole,
            "attempts": 0,
            "sender": sender,
            "subject": subject,
            "verdict": "",
            "reason": "",
            "respondents": "",
        }
        with writing(self._engine) as connection:
            return _add(connection, tables.MessageRow, row) == 1

    def unjudged(self, limit: int = 1000) -> tuple[LandedMessage, ...]:
        """The messages without a verdict, oldest received first."""
        row = tables.MessageRow
        return self._messages(_is(row.verdict, ""), limit=limit)

    def messages(self) -> tuple[LandedMessage, ...]:
        """Every message, oldest received first."""
        return self._messages()

    def message(self, identity: str) -> LandedMessage | None:
        """One message by its content identity."""
        return next(iter(self._messages(_is(tables.MessageRow.id, identity))), None)

    def begin_attempt(self, identity: str) -> int:
        """Count an attempt, committed before the message is looked at. Returns which attempt this is."""
        row = tables.MessageRow
        with writing(self._engine) as connection:
            connection.execute(update(row).where(_is(row.id, identity)).values(attempts=row.attempts + 1))
            return int(connection.scalar(select(row.attempts).where(_is(row.id, identity))) or 0)

    def end_attempt(self, identity: str) -> None:
        """Take an attempt back: what failed was the world (a locked database, a full disk), not the message."""
        row = tables.MessageRow
        with writing(self._engine) as connection:
            connection.execute(update(row).where(_is(row.id, identity)).values(attempts=row.attempts - 1))

    def reopen(self, identity: str, *, verdicts: tuple[Verdict, ...]) -> bool:
        """Take a verdict back so that the message is judged anew (after a fix, or by order)."""
        row = tables.MessageRow
        wanted = [verdict.value for verdict in verdicts]
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(row)
                .where(_is(row.id, identity), row.verdict.in_(wanted))  # type: ignore[attr-defined]
                .values(verdict="", attempts=0)
            )
        return changed.rowcount == 1

    def _messages(self, *conditions: Any, limit: int | None = None) -> tuple[LandedMessage, ...]:
        row = tables.MessageRow
        wanted = select(row.__table__).where(*conditions).order_by(row.received, row.id).limit(limit)  # type: ignore[attr-defined]
        with reading(self._engine) as connection:
            return tuple(_message(found) for found in connection.execute(wanted).all())

    # How far, and what the store knows of itself ----------------------------------------------------

    def cursor(self, mailbox: str) -> str:
        """How far a mailbox was read, "" from the beginning."""
        with reading(self._engine) as connection:
            found = connection.scalar(select(tables.CursorRow.cursor).where(_is(tables.CursorRow.mailbox, mailbox)))
        return found or ""

    def save_cursor(self, mailbox: str, cursor: str) -> None:
        """Keep how far a mailbox was read."""
        if cursor != self.cursor(mailbox):
            with writing(self._engine) as connection:
                _put(connection, tables.CursorRow, {"mailbox": mailbox, "cursor": cursor}, key="mailbox")

    def stamp(self, name: str) -> str:
        """What the store knows of itself under a name ("environment"), "" when nothing."""
        with reading(self._engine) as connection:
            return connection.scalar(select(tables.StampRow.value).where(_is(tables.StampRow.name, name))) or ""

    def set_stamp(self, name: str, value: str) -> None:
        """Note something the store is to know of itself."""
        with writing(self._engine) as connection:
            _put(connection, tables.StampRow, {"name": name, "value": value}, key="name")

    def last_seen(self) -> datetime | None:
        """The time of the latest beat."""
        found = self.stamp("last seen")
        return datetime.fromisoformat(found) if found else None

    def saw(self, now: datetime) -> None:
        """Note the time of a beat; it never goes back."""
        last = self.last_seen()
        if last is None or now > last:
            self.set_stamp("last seen", now.astimezone(UTC).isoformat())


def _message(row: Any) -> LandedMessage:
    return LandedMessage(
        id=row.id,
        source=row.source,
        content=row.content,
        received=row.received,
        size=row.size,
        whole=row.whole,
        attempts=row.attempts,
        sender=row.sender,
        subject=row.subject,
        verdict=Verdict(row.verdict) if row.verdict else None,
        reason=row.reason,
        respondents=unlisted(row.respondents),
    )
