"""The letters as they stand: what waits, what was sent to whom, what nobody can prove yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select, true

from csp_workflow.store import tables, values
from csp_workflow.store.engine import Connected
from csp_workflow.terms.letters import LetterState, QueuedLetter
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.working_days import as_utc

_L = tables.LETTER.c
_A = tables.LETTER_ABOUT.c
_UNPROVED = (LetterState.HANDING.value, LetterState.UNKNOWN.value)
_HANDED = (*_UNPROVED, LetterState.SENT.value, LetterState.FOR_A_PERSON.value)


@dataclass(frozen=True, kw_only=True)
class InDoubt:
    """A letter whose hand-over began and was never proved.

    `handed` is when it began; `resubmissions` how often it was handed over again after a look-up;
    `abandoned` whether its sender is certainly no longer at work on it.
    """

    letter: QueuedLetter
    handed: datetime
    resubmissions: int
    abandoned: bool


class Outbox(Connected):
    """Reading what goes out.

    `clock` is machine time in seconds, for leases only; `alone` says that no other worker can be at
    this store, so that whatever is claimed or in hand was left by one that is dead.
    """

    def letters(
        self, *, state: LetterState | None = None, quarter: Quarter | None = None, beyond_cycles: bool = False
    ) -> tuple[QueuedLetter, ...]:
        """Letters in the order they were queued: all, of a state, of a quarter, or those of no quarter."""
        conditions: list[ColumnElement[bool]] = []
        if state:
            conditions.append(_L.state == state.value)
        if quarter or beyond_cycles:
            conditions.append(_L.quarter == values.key_of(quarter))
        return self._letters(*conditions)

    def letter(self, id_: str) -> QueuedLetter | None:
        """One letter by its delivery id."""
        return next(iter(self._letters(_L.id == id_)), None)

    def letter_by_message_id(self, message_ids: Iterable[str]) -> QueuedLetter | None:
        """The first of these Message-IDs (nearest first) that is a letter of ours."""
        wanted = list(message_ids)
        found = {letter.message_id: letter for letter in self._letters(_L.message_id.in_(wanted))} if wanted else {}
        return next((found[message_id] for message_id in wanted if message_id in found), None)

    def known_letters(self, keys: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
        """Which of these (kind, cause, recipient) are queued or were ever."""
        wanted = set(keys)
        if not wanted:
            return set()
        asked = select(_L.kind, _L.cause, _L.recipient).where(_L.cause.in_({cause for _, cause, _ in wanted}))
        with self._reading() as connection:
            return {(kind, cause, recipient) for kind, cause, recipient in connection.execute(asked)} & wanted

    def queued_since(self, moment: datetime) -> tuple[QueuedLetter, ...]:
        """Letters queued since an instant."""
        return self._letters(_L.queued >= as_utc(moment))

    def first_to(
        self, recipient: str, quarter: Quarter, *, kinds: Iterable[str], respondents: Iterable[str]
    ) -> QueuedLetter | None:
        """The letter of these kinds to a person that began a quarter's conversation about one of some respondents."""
        about = set(respondents)
        found = self._letters(
            _L.recipient == recipient,
            _L.quarter == quarter.key,
            _L.kind.in_(list(kinds)),
            _L.state.not_in([LetterState.WITHDRAWN.value, LetterState.FAILED.value]),
        )
        return next((letter for letter in found if about & set(letter.respondents)), None)

    def sent_to(self, address: str, since: datetime) -> tuple[QueuedLetter, ...]:
        """Letters to an address whose hand-over began since an instant, proved or not."""
        return self._letters(_L.recipient == address, _L.handed >= as_utc(since), _L.state.in_(_HANDED))

    def handed_since(self, moment: datetime) -> tuple[QueuedLetter, ...]:
        """Letters whose hand-over began after an instant, proved or not."""
        return self._letters(_L.handed > as_utc(moment), _L.state.in_(_HANDED))

    def claimable(self, *, clock: float, alone: bool = False, now: datetime | None = None) -> tuple[QueuedLetter, ...]:
        """Letters nobody holds, in the order they were queued; at `now` without those put off until later."""
        put_off = _L.not_before <= as_utc(now) if now else true()
        return self._letters(free(clock, alone=alone), put_off)

    def in_doubt(self, *, clock: float, alone: bool = False) -> tuple[InDoubt, ...]:
        """Letters whose hand-over began and was never proved, oldest first."""
        with self._reading() as connection:
            found = list(letters_with_rows(connection, _L.state.in_(_UNPROVED)))
        return tuple(
            InDoubt(
                letter=letter,
                handed=row.handed,
                resubmissions=row.resubmissions,
                abandoned=alone or row.lease_until < clock,
            )
            for letter, row in found
        )

    def _letters(self, *conditions: Any) -> tuple[QueuedLetter, ...]:
        with self._reading() as connection:
            return tuple(letter for letter, _ in letters_with_rows(connection, *conditions))


def letters_with_rows(
    connection: Connection, *conditions: ColumnElement[bool]
) -> Iterator[tuple[QueuedLetter, Row[Any]]]:
    """Letters with what each is about, and the letter's row, in the order they were queued.

    One statement: with two, a letter that moves on between them would lose what it is about.
    """
    wanted = (
        select(*_L, *(column.label(f"about_{column.name}") for column in _A))
        .outerjoin(tables.LETTER_ABOUT, _A.letter == _L.id)
        .where(*conditions)
        .order_by(_L.number, _A.position)
    )
    for _, lines in groupby(connection.execute(wanted).all(), key=lambda line: line.number):
        row, *more = lines
        about = (values.about_of(line) for line in (row, *more) if line.about_number is not None)
        yield values.letter_of(row, tuple(about)), row


def free(clock: float, *, alone: bool = False) -> ColumnElement[bool]:
    """A letter nobody holds: queued, or claimed by someone who is dead or whose lease has ended."""
    claimed = _L.state == LetterState.CLAIMED.value
    return or_(_L.state == LetterState.QUEUED.value, claimed if alone else claimed & (_L.lease_until < clock))
