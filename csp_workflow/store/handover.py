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

from sqlalchemy import ColumnElement, text, update
from sqlmodel import col, select

from csp_workflow.store.engine import file_of, in_our_words
from csp_workflow.store.outbox import Outbox, free, letters_with_rows
from csp_workflow.store.tables import LetterRow
from csp_workflow.store.words import LETTER_STATES
from csp_workflow.terms.faults import LockHeld
from csp_workflow.terms.letters import LETTER_MOVES, LetterState, QueuedLetter

LEASE = 300.0
"""Seconds of machine time for which a claim, or a hand-over, is its worker's own."""

_SENDER = 0x43535057  # "CSPW", the server's lock for the one sender
_S = LetterState
_WORD = LETTER_STATES.word


class MoveNotAllowed(ValueError):
    """A letter's state may not follow another; a fault of ours."""


class Handover(Outbox):
    """Moving letters on."""

    def claim(
        self, among: Collection[str] | None = None, *, clock: float, alone: bool = False, lease: float = LEASE
    ) -> QueuedLetter | None:
        """Take the next letter nobody holds (of those in `among`) for this worker, or None.

        The token rises with every claim: only who holds the latest may move the letter on.
        """
        wanted = select(LetterRow).where(free(clock, alone=alone)).order_by(col(LetterRow.number)).limit(1)
        if among is not None:
            wanted = wanted.where(col(LetterRow.id).in_(tuple(among)))
        with self._writing() as session:
            row = session.exec(wanted.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            row.state, row.token, row.lease_until = _WORD(_S.CLAIMED), row.token + 1, clock + lease
            session.add(row)
            session.flush()
            return next(letter for letter, _ in letters_with_rows(session, col(LetterRow.number) == row.number))

    def to_handing(self, letter: QueuedLetter, *, at: datetime, clock: float, lease: float = LEASE) -> bool:
        """Commit, just before the irreversible byte, that the hand-over begins. False when another holds the letter."""
        new = {"attempts": col(LetterRow.attempts) + 1, "handed": at, "lease_until": clock + lease}
        return self._moved(letter, _S.HANDING, new)

    def adopt(
        self, letter: QueuedLetter, *, clock: float, alone: bool = False, lease: float = LEASE
    ) -> QueuedLetter | None:
        """Take over a letter in doubt that its sender left. None when its sender may still be at work on it."""
        left = _seen(letter) if alone else _seen(letter) & (col(LetterRow.lease_until) < clock)
        with self._writing() as session:
            row = session.exec(select(LetterRow).where(left).with_for_update()).first()
            if row is None:
                return None
            row.token, row.lease_until = row.token + 1, clock + lease
            session.add(row)
            session.flush()
            return next(found for found, _ in letters_with_rows(session, col(LetterRow.number) == row.number))

    def move(
        self,
        letter: QueuedLetter,
        to: LetterState,
        *,
        reason: str = "",
        proof: str = "",
        at: datetime | None = None,
        not_before: datetime | None = None,
        again: bool = False,
    ) -> bool:
        """Move a letter on, from the state and with the token the caller saw. False when either has changed.

        `at` is when it was sent, `not_before` puts off a letter that is queued again, `again` counts
        a resubmission. Raises MoveNotAllowed on a move the table does not allow.
        """
        new: dict[str, Any] = {"reason": reason}
        if to is _S.SENT:
            new |= {"proof": proof, "sent": at}
        if not_before:
            new["not_before"] = not_before
        if again:
            new["resubmissions"] = col(LetterRow.resubmissions) + 1
        return self._moved(letter, to, new)

    def _moved(self, letter: QueuedLetter, to: LetterState, new: dict[str, Any]) -> bool:
        if to not in LETTER_MOVES[letter.state]:
            raise MoveNotAllowed(f"A letter that is {letter.state} cannot become {to}.")
        with self._writing() as session:
            changed = update(LetterRow).where(_seen(letter)).values(state=_WORD(to), **new)
            return session.execute(changed.returning(col(LetterRow.number))).first() is not None

    # One sender ------------------------------------------------------------------------------------

    @contextmanager
    def sole_sender(self) -> Iterator[None]:
        """One sender per store at a time, whoever started it. Raises LockHeld while another is at work.

        The lock ends with its holder's process, or on a server with its connection.
        """
        held = self._sender_of_file() if self._engine.dialect.name == "sqlite" else self._sender_of_server()
        with held:
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
        with in_our_words(), self._engine.connect().execution_options(reading=True) as connection:
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _SENDER}):
                raise LockHeld("Another csp-workflow is sending from this store.")
            connection.rollback()  # the lock is the session's: no transaction stays open while letters are handed over
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _SENDER})


def _seen(letter: QueuedLetter) -> ColumnElement[bool]:
    """The letter as its caller saw it: in that state, with that token."""
    stands = (col(LetterRow.token) == letter.token) & (col(LetterRow.state) == _WORD(letter.state))
    return (col(LetterRow.id) == letter.id) & stands
