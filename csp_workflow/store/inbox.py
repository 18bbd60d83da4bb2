"""Messages as they came in, each by its content identity, each with its one verdict and those it had before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, update
from sqlmodel import Session, col, select

from csp_workflow.store.engine import Connected, add_all, add_once
from csp_workflow.store.tables import MessageMarkRow, MessageRow, SourceRow, VerdictRespondentRow, VerdictRow
from csp_workflow.store.values import Columns
from csp_workflow.store.words import MARKS, VERDICTS
from csp_workflow.terms.messages import Handling, Mark, Verdict, list_reopenable_verdicts


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


_MESSAGE = Columns(LandedMessage, "id source content received size whole attempts sender subject")


class Inbox(Connected):
    """What came in. Verdicts are given by `commit` alone."""

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
        row = MessageRow(
            id=identity,
            source=source,
            content=content,
            received=received,
            size=size,
            whole=whole,
            attempts=0,
            sender=sender,
            subject=subject,
        )
        with self._writing() as session:
            is_new = add_once(session, row)
            if is_new:
                add_all(session, (MessageMarkRow(message=identity, mark=MARKS.word(mark)) for mark in set(marks)))
            add_once(session, SourceRow(source=source, message=identity))
        return is_new

    def is_replaced(self, source: str, identity: str) -> bool:
        """Whether what lies under a source is by now another content than this one."""
        others = select(SourceRow).where(SourceRow.source == source, SourceRow.message != identity)
        with self._reading() as session:
            return session.exec(others.limit(1)).first() is not None

    def unjudged(self, limit: int = 1000) -> tuple[LandedMessage, ...]:
        """The messages without a verdict, oldest received first."""
        return self._messages(col(VerdictRow.number).is_(None), limit=limit)

    def messages(self) -> tuple[LandedMessage, ...]:
        """Every message, oldest received first."""
        return self._messages()

    def judged_since(self, moment: datetime) -> tuple[LandedMessage, ...]:
        """The messages whose verdict was given at an instant or after it, oldest received first."""
        return self._messages(col(VerdictRow.given) >= moment)

    def message(self, identity: str) -> LandedMessage | None:
        """One message by its content identity."""
        return next(iter(self._messages(MessageRow.id == identity)), None)

    def begin_attempt(self, identity: str) -> int:
        """Count an attempt, committed before the message is looked at. Returns which attempt this is.

        Raises KeyError for a message that never landed.
        """
        with self._writing() as session:
            row = session.exec(select(MessageRow).where(MessageRow.id == identity).with_for_update()).first()
            if row is None:
                raise KeyError(identity)
            row.attempts += 1
            session.add(row)
            return row.attempts

    def end_attempt(self, identity: str) -> None:
        """Take an attempt back: what failed was the world (a locked database, a full disk), not the message."""
        attempts = col(MessageRow.attempts)
        with self._writing() as session:
            session.execute(
                update(MessageRow).where(col(MessageRow.id) == identity, attempts > 0).values(attempts=attempts - 1)
            )

    def reopen(self, identity: str, handling: Handling, *, at: datetime) -> bool:
        """Take a verdict back so that the message is judged anew. False when `handling` does not reopen it."""
        with self._writing() as session:
            row = session.exec(
                select(VerdictRow).where(
                    VerdictRow.message == identity,
                    col(VerdictRow.reopened).is_(None),
                    col(VerdictRow.verdict).in_(list(map(VERDICTS.word, list_reopenable_verdicts(handling)))),
                )
            ).first()
            if row is None:
                return False
            row.reopened = at
            session.add(row)
            session.execute(update(MessageRow).where(col(MessageRow.id) == identity).values(attempts=0))
            return True

    def _messages(self, *conditions: Any, limit: int | None = None) -> tuple[LandedMessage, ...]:
        stands = and_(col(VerdictRow.message) == col(MessageRow.id), col(VerdictRow.reopened).is_(None))
        wanted = select(MessageRow, VerdictRow).join(VerdictRow, stands, isouter=True).where(*conditions)
        which = select(MessageRow.id).join(VerdictRow, stands, isouter=True).where(*conditions)
        with self._reading() as session:
            rows: Sequence[tuple[MessageRow, VerdictRow | None]] = session.exec(
                wanted.order_by(col(MessageRow.received), col(MessageRow.number)).limit(limit)
            ).all()
            if not rows:
                return ()
            marks = _marks_of(session, which)
            respondents = _respondents_of(session, which)
            return tuple(
                _MESSAGE.read(
                    row,
                    marks=frozenset(marks.get(row.id, ())),
                    verdict=VERDICTS.member(verdict.verdict) if verdict else None,
                    reason=verdict.reason if verdict else "",
                    respondents=respondents.get(verdict.number, ()) if verdict else (),
                )
                for row, verdict in rows
            )


def _marks_of(session: Session, messages: Any) -> dict[str, tuple[Mark, ...]]:
    found: dict[str, tuple[Mark, ...]] = {}
    for row in session.exec(select(MessageMarkRow).where(col(MessageMarkRow.message).in_(messages))):
        found[row.message] = (*found.get(row.message, ()), MARKS.member(row.mark))
    return found


def _respondents_of(session: Session, messages: Any) -> dict[int | None, tuple[str, ...]]:
    """The respondents of the verdicts that stand on some messages, by the verdict's number."""
    of, found = VerdictRespondentRow, dict[int | None, tuple[str, ...]]()
    wanted = (
        select(of).join(VerdictRow).where(col(VerdictRow.message).in_(messages), col(VerdictRow.reopened).is_(None))
    )
    for row in session.exec(wanted.order_by(col(of.verdict), col(of.position))):
        found[row.verdict] = (*found.get(row.verdict, ()), row.respondent)
    return found
