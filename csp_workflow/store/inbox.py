"""Messages as they came in, each by its content identity, each with its one verdict and those it had before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, text, update
from sqlmodel import Session, col, select

from csp_workflow.store.engine import LEASE, SOLE, Connected, add_all, add_once
from csp_workflow.store.tables import MessageMarkRow, MessageRow, SourceRow, VerdictRespondentRow, VerdictRow
from csp_workflow.store.values import Columns
from csp_workflow.store.words import MARKS, VERDICTS
from csp_workflow.terms.messages import Handling, Mark, Verdict, list_reopenable_verdicts
from csp_workflow.terms.service import LockHeld


@dataclass(frozen=True, kw_only=True)
class LandedMessage:
    """A message as the store knows it.

    `content` is its raw bytes' hash in the archive, `source` where it was first seen; `whole` is
    False when only its headers were kept, `marks` what the mail system said of it beside its bytes;
    `attempts`, `abandoned` and `lease_until` say how judging it went so far; `verdict` is None until it is judged.
    """

    id: str
    source: str
    content: str
    received: datetime
    size: int
    whole: bool
    marks: frozenset[Mark]
    attempts: int
    abandoned: int
    lease_until: float
    sender: str
    subject: str
    verdict: Verdict | None
    reason: str
    respondents: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A message that a worker has in hand, fenced by the token.

    `attempts` is how often judging it ended in a fault of our own, `abandoned` how often whoever had it in hand left it
    without a word: died, or was so long about it that its lease ended.
    """

    message: str
    token: int
    attempts: int = 0
    abandoned: int = 0


_MESSAGE = Columns(LandedMessage, "id source content received size whole attempts abandoned lease_until sender subject")
_M = MessageRow
_BEGUN = {"attempts": 0, "abandoned": 0}


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

    @contextmanager
    def sole_receiver(self) -> Iterator[None]:
        """One receiver per store at a time, whoever started it. Raises LockHeld while another is at work."""
        with self._sole("receiver") as is_ours:
            if not is_ours:
                raise LockHeld("Another csp-workflow is reading the mailbox.")
            yield

    @contextmanager
    def sole_worker(self, *, waits: bool) -> Iterator[None]:
        """One worker per store at a time, for all that it does, whoever started it. Raises LockHeld."""
        with self._sole(SOLE, waits=waits) as is_ours:
            if not is_ours:
                raise LockHeld("Another csp-workflow is working on this site. Wait for it, or stop it first.")
            yield

    def end_silent_worker(self, seconds: float) -> bool:
        """Have the database end the session of a sole worker that has asked nothing by it for so long. Whether one did.

        What it had claimed stays its own until the lease ends; after that nothing it stores is taken.
        """
        with self._writing() as session:
            return bool(session.execute(text(_END_ROLE), {"role": SOLE, "seconds": seconds}).scalar())

    def claim_message(self, identity: str, *, clock: float, alone: bool = False) -> Claim | None:
        """Take a message in hand, for a while. None when another worker has it, or a verdict stands on it.

        Who had it before and neither judged it nor let it go has abandoned it: that is counted. Raises KeyError for a
        message that never landed.
        """
        lease, free = col(_M.lease_until), col(_M.id) == identity
        if not alone:
            free &= lease < clock
        left = col(_M.abandoned) + case((lease > 0, 1), else_=0)
        with self._writing() as session:
            claim = _claim(session, free & ~_has_verdict(), abandoned=left, lease_until=clock + LEASE)
            if claim is None and session.exec(select(_M.id).where(_M.id == identity)).first() is None:
                raise KeyError(identity)
            return claim

    def let_go(self, claim: Claim) -> None:
        """Put a message back for whoever comes next, when it was not its fault that it was not judged."""
        with self._writing() as session:
            session.execute(update(MessageRow).where(_held_by(claim)).values(lease_until=0.0))

    def count_attempt(self, claim: Claim) -> int:
        """Note that judging a message ended in a fault of our own. Returns how often it has."""
        attempts = col(_M.attempts)
        with self._writing() as session:
            counted = update(MessageRow).where(_held_by(claim)).values(attempts=attempts + 1).returning(attempts)
            return session.execute(counted).scalar_one_or_none() or 0

    def reopen(self, identity: str, handling: Handling, *, at: datetime, clock: float) -> Claim | None:
        """Take a verdict back, and the message in hand, so that it is judged anew.

        None when `handling` does not reopen it.
        """
        allowed = list(map(VERDICTS.word, list_reopenable_verdicts(handling)))
        stands = (col(VerdictRow.message) == identity) & col(VerdictRow.reopened).is_(None)
        taken_back = update(VerdictRow).where(stands, col(VerdictRow.verdict).in_(allowed)).values(reopened=at)
        with self._writing() as session:
            if session.execute(taken_back.returning(col(VerdictRow.number))).first() is None:
                return None
            return _claim(session, col(_M.id) == identity, **_BEGUN, lease_until=clock + LEASE)

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


_END_ROLE = """
SELECT count(pg_terminate_backend(holder.pid)) FROM pg_locks AS held JOIN pg_stat_activity AS holder USING (pid)
WHERE held.locktype = 'advisory' AND held.granted AND holder.datname = current_database()
AND held.classid::bigint = (hashtext(:role)::bigint & 4294967295)
AND held.objid::bigint = (hashtext(current_schema())::bigint & 4294967295)
AND holder.state = 'idle' AND holder.state_change < now() - make_interval(secs => :seconds)
"""


def _has_verdict() -> ColumnElement[bool]:
    return exists().where(col(VerdictRow.message) == col(_M.id), col(VerdictRow.reopened).is_(None))


def _held_by(claim: Claim) -> ColumnElement[bool]:
    return (col(_M.id) == claim.message) & (col(_M.token) == claim.token)


def _claim(session: Session, free: ColumnElement[bool], **new: Any) -> Claim | None:
    """The message that is free, now this worker's own, or None."""
    claimed = update(MessageRow).where(free).values(token=col(_M.token) + 1, **new)
    wanted = (col(_M.id), col(_M.token), col(_M.attempts), col(_M.abandoned))
    row = session.execute(claimed.returning(*wanted)).first()
    return None if row is None else Claim(message=row[0], token=row[1], attempts=row[2], abandoned=row[3])


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
