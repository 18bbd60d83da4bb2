"""Letters on their way: claimed under a lease, fenced by a token, handed over once, proved.

Every move names the state and the token its caller saw, so that a worker which was overtaken
changes nothing. A letter's content never changes.
"""

from __future__ import annotations

import fcntl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, or_, select, text, update

from csp_workflow.terms.faults import LockHeld
from csp_workflow.terms.letters import LETTER_MOVES, LetterState, QueuedLetter
from csp_workflow.terms.working_days import as_utc
from csp_workflow.world import tables
from csp_workflow.world.store import values
from csp_workflow.world.store.engine import file_of
from csp_workflow.world.store.outbox import Outbox, free

LEASE = 300.0
"""Seconds of machine time for which a claim holds."""

_SENDER_LOCK = 0x43535057  # "CSPW"
_L = tables.LETTER.c
_S = LetterState


class MoveNotAllowed(ValueError):
    """A letter's state may not follow another; a fault of ours."""


class Handover(Outbox):
    """Moving letters on."""

    def claim(
        self,
        *,
        clock: float | None = None,
        lease: float = LEASE,
        only: str = "",
        passed_over: Collection[str] = (),
    ) -> QueuedLetter | None:
        """Take the next letter nobody holds (or `only` that one) for this worker, or None.

        `clock` is machine time in seconds, the database's own when not given. The token rises with
        every claim: only who holds the latest may move the letter on.
        """
        seconds = self.machine_seconds() if clock is None else clock
        wanted = select(_L.number).where(free(seconds)).order_by(_L.number).limit(1)
        if only:
            wanted = wanted.where(_L.id == only)
        if passed_over:
            wanted = wanted.where(_L.id.not_in(tuple(passed_over)))
        with self._writing() as connection:
            number = connection.scalar(wanted.with_for_update(skip_locked=True))
            if number is None:
                return None
            return _changed(
                connection,
                _L.number == number,
                state=_S.CLAIMED.value,
                owner=self.owner,
                token=_L.token + 1,
                lease_until=seconds + lease,
            )

    def to_handing(
        self, letter: QueuedLetter, *, at: datetime, clock: float | None = None, lease: float = LEASE
    ) -> QueuedLetter | None:
        """Commit, just before the irreversible byte, that the hand-over begins. None when another holds the letter."""
        seconds = self.machine_seconds() if clock is None else clock
        return self._move(
            letter,
            (_S.HANDING,),
            attempts=_L.attempts + 1,
            handed=as_utc(at),
            lease_until=seconds + lease,
        )

    def adopt(self, letter: QueuedLetter, *, clock: float | None = None, lease: float = LEASE) -> QueuedLetter | None:
        """Take over an unproved letter that its sender left. None when its sender may still be at work on it."""
        seconds = self.machine_seconds() if clock is None else clock
        with self._writing() as connection:
            return _changed(
                connection,
                _seen(letter) & or_(_L.owner == self.owner, _L.lease_until < seconds),
                owner=self.owner,
                token=_L.token + 1,
                lease_until=seconds + lease,
            )

    def move(
        self,
        letter: QueuedLetter,
        *to: LetterState,
        reason: str = "",
        proof: str = "",
        at: datetime | None = None,
        not_before: datetime | None = None,
        again: bool = False,
    ) -> QueuedLetter | None:
        """Move a letter through the states `to`, in one transaction. None when its state or token has changed.

        `at` is when it was sent; `not_before` puts a letter off that is queued again; `again` counts
        a resubmission. Raises MoveNotAllowed on a move the table does not allow.
        """
        new: dict[str, Any] = {"reason": reason}
        if to[-1] is _S.SENT:
            new |= {"proof": proof, "sent": as_utc(at) if at else None}
        if not_before:
            new["not_before"] = as_utc(not_before)
        if again:
            new["resubmissions"] = _L.resubmissions + 1
        return self._move(letter, to, **new)

    def _move(self, letter: QueuedLetter, to: tuple[LetterState, ...], **new: Any) -> QueuedLetter | None:
        state = letter.state
        for following in to:
            if following not in LETTER_MOVES[state]:
                raise MoveNotAllowed(f"A letter that is {state} cannot become {following}.")
            state = following
        with self._writing() as connection:
            return _changed(connection, _seen(letter), state=state.value, **new)

    # One sender ------------------------------------------------------------------------------------

    @contextmanager
    def sole_sender(self) -> Iterator[None]:
        """One sender per store at a time, whoever started it. Raises LockHeld while another is at work.

        The lock ends with its holder, so a letter in `handing` seen under it was left by a dead one.
        """
        with self._sender_of_file() if self._engine.dialect.name == "sqlite" else self._sender_of_server():
            yield

    @contextmanager
    def _sender_of_file(self) -> Iterator[None]:
        file = file_of(self._engine.url.render_as_string(hide_password=False))
        with Path(f"{file}.sender").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as fault:
                raise LockHeld("Another csp-workflow is sending from this store.") from fault
            yield

    @contextmanager
    def _sender_of_server(self) -> Iterator[None]:
        with self._reading() as connection:
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _SENDER_LOCK}):
                raise LockHeld("Another csp-workflow is sending from this store.")
            connection.rollback()  # the lock is the session's: no transaction stays open while letters are handed over
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _SENDER_LOCK})


def _seen(letter: QueuedLetter) -> Any:
    return (_L.id == letter.id) & (_L.token == letter.token) & (_L.state == letter.state.value)


def _changed(connection: Connection, condition: Any, **new: Any) -> QueuedLetter | None:
    """Change one letter if it still is as its caller saw it, and return it as it is now."""
    row = connection.execute(update(tables.LETTER).where(condition).values(**new).returning(*_L)).first()
    return values.letter_of(row) if row else None
