"""Letters on their way out: claimed with a lease and a fencing token, handed over once, proved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import or_, select, update

from csp_workflow.terms.letters import LETTER_MOVES, LetterState, QueuedLetter
from csp_workflow.terms.quarters import Quarter
from csp_workflow.world import tables
from csp_workflow.world.store.engine import reading, writing
from csp_workflow.world.store.truth import _is
from csp_workflow.world.store.values import letter_of

_S = LetterState


class Outbox:
    """What goes out. `clock` times are seconds of the machine, for leases only."""

    _engine: Any

    def letters(
        self, *, state: LetterState | None = None, quarter: Quarter | None = None, beyond_cycles: bool = False
    ) -> tuple[QueuedLetter, ...]:
        """Letters in the order they were queued: all, of a state, of a quarter, or those of no quarter."""
        row, conditions = tables.LetterRow, []
        if state:
            conditions.append(_is(row.state, state.value))
        if quarter or beyond_cycles:
            conditions.append(_is(row.quarter, quarter.key if quarter else ""))
        return self._letters(*conditions)

    def letter(self, id_: str) -> QueuedLetter | None:
        """One letter by its delivery id."""
        return next(iter(self._letters(_is(tables.LetterRow.id, id_))), None)

    def letter_by_message_id(self, message_ids: Iterable[str]) -> QueuedLetter | None:
        """The first of these Message-IDs that is a letter of ours."""
        for message_id in message_ids:
            for found in self._letters(_is(tables.LetterRow.message_id, message_id)):
                return found
        return None

    def known_letters(self, keys: Iterable[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
        """Which of these (kind, cause, recipient) are queued or were ever."""
        row = tables.LetterRow
        wanted = list(keys)
        if not wanted:
            return set()
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(row.kind, row.cause, row.recipient).where(row.cause.in_({cause for _, cause, _ in wanted}))  # type: ignore[attr-defined]
            ).all()
        return {(kind, cause, recipient) for kind, cause, recipient in rows} & set(wanted)

    def sent_to(self, address: str, since: datetime) -> tuple[QueuedLetter, ...]:
        """Letters to an address queued since an instant."""
        row = tables.LetterRow
        return self._letters(_is(row.recipient, address), row.queued >= since.astimezone(UTC))

    def queued_since(self, since: datetime) -> tuple[QueuedLetter, ...]:
        """Letters to anyone queued since an instant."""
        return self._letters(tables.LetterRow.queued >= since.astimezone(UTC))

    # On the way ---------------------------------------------------------------------------------------

    def claimable(self, *, clock: float, alone: bool) -> tuple[QueuedLetter, ...]:
        """The letters a worker may try to claim, in the order they were queued."""
        return self._letters(_free(clock, alone))

    def claim(
        self, among: Iterable[str], *, clock: float, alone: bool = False, lease: float = 300.0
    ) -> QueuedLetter | None:
        """Take the first free letter among some for this worker, or None when none is left.

        A letter is free when it is queued, or claimed with a lease that has ended (or, when this
        worker is alone, left behind by an earlier run). The token fences: only its holder may
        finish the letter.
        """
        row = tables.LetterRow
        wanted = (
            select(row.number)
            .where(_free(clock, alone), row.id.in_(list(among)))  # type: ignore[attr-defined]
            .order_by(row.number)
            .limit(1)
        )
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                wanted = wanted.with_for_update(skip_locked=True)
            number = connection.scalar(wanted)
            if number is None:
                return None
            connection.execute(
                update(row)
                .where(_is(row.number, number))
                .values(state=_S.CLAIMED.value, token=row.token + 1, lease_until=clock + lease)
            )
            found = connection.execute(select(row.__table__).where(_is(row.number, number))).one()  # type: ignore[attr-defined]
        return letter_of(found)

    def in_doubt(self, *, clock: float, alone: bool) -> tuple[QueuedLetter, ...]:
        """The letters whose hand-over began and was never proved, once their worker is gone; and the unknown ones."""
        row = tables.LetterRow
        left = _is(row.state, _S.HANDING.value)
        return self._letters(or_(left if alone else left & (row.lease_until < clock), _is(row.state, _S.UNKNOWN.value)))

    def to_handing(self, letter: QueuedLetter) -> bool:
        """Commit, just before the irreversible byte, that the hand-over begins. False when another holds the letter."""
        with writing(self._engine) as connection:
            row = tables.LetterRow
            changed = connection.execute(
                update(row)
                .where(_is(row.id, letter.id), _is(row.token, letter.token), _is(row.state, _S.CLAIMED.value))
                .values(state=_S.HANDING.value, attempts=row.attempts + 1)
            )
        return changed.rowcount == 1

    def move(
        self,
        letter: QueuedLetter,
        to: LetterState,
        *,
        reason: str = "",
        proof: str = "",
        at: datetime | None = None,
    ) -> bool:
        """Move a letter on, from the state and with the token the caller saw. False when either has changed.

        Raises ValueError on a move the table does not allow.
        """
        if to not in LETTER_MOVES[letter.state]:
            raise ValueError(f"A letter that is {letter.state} cannot become {to}.")
        row = tables.LetterRow
        values: dict[str, Any] = {"state": to.value, "reason": reason}
        if to is _S.SENT:
            values |= {"proof": proof, "sent": at.astimezone(UTC) if at else None}
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(row)
                .where(_is(row.id, letter.id), _is(row.token, letter.token), _is(row.state, letter.state.value))
                .values(**values)
            )
        return changed.rowcount == 1

    def _letters(self, *conditions: Any) -> tuple[QueuedLetter, ...]:
        row = tables.LetterRow
        with reading(self._engine) as connection:
            rows = connection.execute(select(row.__table__).where(*conditions).order_by(row.number)).all()  # type: ignore[attr-defined]
        return tuple(letter_of(found) for found in rows)


def _free(clock: float, alone: bool) -> Any:
    row = tables.LetterRow
    left = _is(row.state, _S.CLAIMED.value)
    return or_(_is(row.state, _S.QUEUED.value), left if alone else left & (row.lease_until < clock))
