"""The letters as they stand: what waits, what was sent to whom, what nobody can prove yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from csp_workflow.store import values
from csp_workflow.store.engine import Connected
from csp_workflow.store.tables import LetterAboutRow, LetterRow
from csp_workflow.store.words import LETTER_STATES
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.letters import LetterState, QueuedLetter

_WORD = LETTER_STATES.word
_UNPROVED = (_WORD(LetterState.HANDING), _WORD(LetterState.UNKNOWN))
_HANDED = (*_UNPROVED, _WORD(LetterState.SENT), _WORD(LetterState.FOR_A_PERSON))
_L = LetterRow


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
            conditions.append(col(_L.state) == _WORD(state))
        if quarter or beyond_cycles:
            conditions.append(col(_L.quarter) == quarter.key if quarter else col(_L.quarter).is_(None))
        return self._letters(*conditions)

    def letter(self, id_: str) -> QueuedLetter | None:
        """One letter by its delivery id."""
        return next(iter(self._letters(col(_L.id) == id_)), None)

    def letter_by_message_id(self, message_ids: Iterable[str]) -> QueuedLetter | None:
        """The first of these Message-IDs (nearest first) that is a letter of ours."""
        wanted = list(message_ids)
        found = (
            {letter.message_id: letter for letter in self._letters(col(_L.message_id).in_(wanted))} if wanted else {}
        )
        return next((found[message_id] for message_id in wanted if message_id in found), None)

    def known_letters(self, keys: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
        """Which of these (kind, cause, recipient) are queued or were ever."""
        wanted = set(keys)
        if not wanted:
            return set()
        asked = select(_L.kind, _L.cause, _L.recipient).where(col(_L.cause).in_({cause for _, cause, _ in wanted}))
        with self._reading() as session:
            return set(session.exec(asked)) & wanted

    def queued_since(self, moment: datetime) -> tuple[QueuedLetter, ...]:
        """Letters queued since an instant."""
        return self._letters(col(_L.queued) >= moment)

    def first_to(
        self, recipient: str, quarter: Quarter, *, kinds: Iterable[str], respondents: Iterable[str]
    ) -> QueuedLetter | None:
        """The letter of these kinds to a person that began a quarter's conversation about one of some respondents."""
        about = set(respondents)
        found = self._letters(
            col(_L.recipient) == recipient,
            col(_L.quarter) == quarter.key,
            col(_L.kind).in_(list(kinds)),
            col(_L.state).not_in([_WORD(LetterState.WITHDRAWN), _WORD(LetterState.FAILED)]),
        )
        return next((letter for letter in found if about & set(letter.respondents)), None)

    def sent_to(self, address: str, since: datetime) -> tuple[QueuedLetter, ...]:
        """Letters to an address whose hand-over began since an instant, proved or not."""
        return self._letters(col(_L.recipient) == address, col(_L.handed) >= since, col(_L.state).in_(_HANDED))

    def handed_since(self, moment: datetime) -> tuple[QueuedLetter, ...]:
        """Letters whose hand-over began after an instant, proved or not."""
        return self._letters(col(_L.handed) > moment, col(_L.state).in_(_HANDED))

    def claimable(self, *, clock: float, alone: bool = False, now: datetime | None = None) -> tuple[QueuedLetter, ...]:
        """Letters nobody holds, in the order they were queued; at `now` without those put off until later."""
        put_off = col(_L.not_before) <= now if now else true()
        return self._letters(free(clock, alone=alone), put_off)

    def in_doubt(self, *, clock: float, alone: bool = False) -> tuple[InDoubt, ...]:
        """Letters whose hand-over began and was never proved, oldest first."""
        with self._reading() as session:
            return tuple(
                InDoubt(
                    letter=letter,
                    handed=row.handed,
                    resubmissions=row.resubmissions,
                    abandoned=alone or row.lease_until < clock,
                )
                for letter, row in letters_with_rows(session, col(_L.state).in_(_UNPROVED))
                if row.handed
            )

    def _letters(self, *conditions: ColumnElement[bool]) -> tuple[QueuedLetter, ...]:
        with self._reading() as session:
            return tuple(letter for letter, _ in letters_with_rows(session, *conditions))


def letters_with_rows(session: Session, *conditions: ColumnElement[bool]) -> Iterator[tuple[QueuedLetter, LetterRow]]:
    """Letters with what each is about, and the letter's row, in the order they were queued.

    One statement: with two, a letter that moves on between them would lose what it is about.
    """
    wanted = (
        select(LetterRow, LetterAboutRow)
        .join(LetterAboutRow, col(LetterAboutRow.letter) == col(LetterRow.id), isouter=True)
        .where(*conditions)
        .order_by(col(LetterRow.number), col(LetterAboutRow.position))
    )
    pairs: Sequence[tuple[LetterRow, LetterAboutRow | None]] = session.exec(wanted).all()
    for _, lines in groupby(pairs, key=lambda pair: pair[0].number):
        listed = list(lines)
        row = listed[0][0]
        yield values.letter_of(row, (about for _, about in listed if about is not None)), row


def free(clock: float, *, alone: bool = False) -> ColumnElement[bool]:
    """A letter nobody holds: queued, or claimed by someone who is dead or whose lease has ended."""
    claimed = col(_L.state) == _WORD(LetterState.CLAIMED)
    left = claimed if alone else claimed & (col(_L.lease_until) < clock)
    return or_(col(_L.state) == _WORD(LetterState.QUEUED), left)
