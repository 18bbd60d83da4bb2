"""The letters: as they stand, and on their way: claimed under a lease, fenced by a token, handed over once, proved.

Every move names the state and the token its caller saw, so that a worker which was overtaken changes nothing.
A letter's content never changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from csp_workflow.store import values
from csp_workflow.store.engine import LEASE, Connected, asked_once, rows_of
from csp_workflow.store.tables import LetterAboutRow, LetterRow
from csp_workflow.store.values import Memory
from csp_workflow.store.words import LETTER_STATES
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import LetterState, QueuedLetter
from csp_workflow.terms.service import LockHeld

_WORD = LETTER_STATES.word
_UNPROVED = (_WORD(LetterState.HANDING), _WORD(LetterState.UNKNOWN))
_HANDED = (*_UNPROVED, _WORD(LetterState.SENT), _WORD(LetterState.FOR_A_PERSON))
_L, _S = LetterRow, LetterState

_HOW_IT_STANDS = select(*(col(getattr(_L, name)) for name in ("number", *values.HOW_A_LETTER_STANDS))).order_by(
    col(_L.number)
)


def _is_free(clock: float | BindParameter[float], *, alone: bool = False) -> ColumnElement[bool]:
    """A letter nobody holds: queued, or claimed by someone who is dead or whose lease has ended."""
    claimed = col(_L.state) == _WORD(LetterState.CLAIMED)
    left = claimed if alone else claimed & (col(_L.lease_until) < clock)
    return or_(col(_L.state) == _WORD(LetterState.QUEUED), left)


_ASKED: Mapping[str, ColumnElement[bool]] = {
    "id": col(_L.id) == bindparam("id"),
    "kind": col(_L.kind) == bindparam("kind"),
    "kinds": col(_L.kind).in_(bindparam("kinds", expanding=True)),
    "states": col(_L.state).in_(bindparam("states", expanding=True)),
    "states_not": col(_L.state).not_in(bindparam("states_not", expanding=True)),
    "quarter": col(_L.quarter) == bindparam("quarter"),
    "no_quarter": col(_L.quarter).is_(None),
    "message_ids": col(_L.message_id).in_(bindparam("message_ids", expanding=True)),
    "recipient": col(_L.recipient) == bindparam("recipient"),
    "queued_since": col(_L.queued) >= bindparam("queued_since"),
    "handed_since": col(_L.handed) >= bindparam("handed_since"),
    "handed_after": col(_L.handed) > bindparam("handed_after"),
    "free_at": _is_free(bindparam("free_at")),
    "left_alone": _is_free(0, alone=True),
    "drafted_since": or_(col(_L.state) == _WORD(_S.IN_DRAFTS), col(_L.drafted) >= bindparam("drafted_since")),
}
"""What is asked of letters, each by a value of its own name."""


@cache
def _write_question(*asked: str) -> Select[Any]:
    """The question for letters of which so much is asked. To write one anew each time takes as long as to ask it."""
    return _HOW_IT_STANDS.where(*(_ASKED[name] for name in asked))


_WITH_ABOUT = (
    select(LetterRow, LetterAboutRow)
    .join(LetterAboutRow, col(LetterAboutRow.letter) == col(LetterRow.id), isouter=True)
    .order_by(col(LetterRow.number), col(LetterAboutRow.position))
)


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

    def __init__(self) -> None:
        super().__init__()
        self._letters_read = Memory[QueuedLetter]()

    @asked_once
    def letters(
        self,
        *states: LetterState,
        quarter: Quarter | None = None,
        beyond_cycles: bool = False,
        kind: str = "",
        recipient: str = "",
    ) -> tuple[QueuedLetter, ...]:
        """Letters in the order they were queued: all, of some states, of a kind, to one, of a quarter or of none."""
        asked: dict[str, Any] = {"kind": kind} if kind else {}
        asked |= {"recipient": recipient} if recipient else {}
        if states:
            asked["states"] = [_WORD(state) for state in states]
        if quarter or beyond_cycles:
            asked |= {"quarter": quarter.key} if quarter else {"no_quarter": True}
        return self._letters(**asked)

    def letter(self, id_: str) -> QueuedLetter | None:
        """One letter by its delivery id."""
        return next(iter(self._letters(id=id_)), None)

    def letters_by_message_id(self, message_ids: Iterable[str]) -> dict[str, QueuedLetter]:
        """Those of these Message-IDs that are letters of ours, in the order in which they were asked for."""
        wanted = list(dict.fromkeys(message_ids))
        found = {letter.message_id: letter for letter in self._letters(message_ids=wanted)} if wanted else {}
        return {message_id: found[message_id] for message_id in wanted if message_id in found}

    def letter_by_message_id(self, message_ids: Iterable[str]) -> QueuedLetter | None:
        """The first of these Message-IDs (nearest first) that is a letter of ours."""
        return next(iter(self.letters_by_message_id(message_ids).values()), None)

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
        return self._letters(queued_since=moment)

    def first_to(
        self, recipient: str, quarter: Quarter, *, kinds: Iterable[str], respondents: Iterable[str]
    ) -> QueuedLetter | None:
        """The letter of these kinds to a person that began a quarter's conversation about one of some respondents."""
        about = set(respondents)
        found = self._letters(
            recipient=recipient,
            quarter=quarter.key,
            kinds=list(kinds),
            states_not=[_WORD(_S.WITHDRAWN), _WORD(_S.FAILED)],
        )
        return next((letter for letter in found if about & set(letter.respondents)), None)

    def sent_to(self, address: str, since: datetime) -> tuple[QueuedLetter, ...]:
        """Letters to an address whose hand-over began since an instant, proved or not."""
        return self._letters(recipient=address, handed_since=since, states=_HANDED)

    def handed_since(self, moment: datetime) -> tuple[QueuedLetter, ...]:
        """Letters whose hand-over began after an instant, proved or not."""
        return self._letters(handed_after=moment, states=_HANDED)

    def drafted_since(self, moment: datetime) -> tuple[QueuedLetter, ...]:
        """Letters that lie in Drafts, or were put there since an instant."""
        return self._letters(drafted_since=moment)

    def claimable(self, *, clock: float, alone: bool = False) -> tuple[QueuedLetter, ...]:
        """Letters nobody holds, in the order they were queued, put off or not."""
        return self._letters(**{"left_alone": True} if alone else {"free_at": clock})

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

    def _letters(self, **of: Any) -> tuple[QueuedLetter, ...]:
        """Only how a letter stands is asked for; what it says was read once."""
        with self._asking() as asked:
            stand = {row.number: row for row in rows_of(asked, _write_question(*of), **of)}
        letters = self._letters_read.recall(stand, self._read_letters)
        now = dict(zip(stand, map(values.letter_as_it_stands, letters, stand.values()), strict=True))
        moved = {
            number: now[number] for number, letter in zip(stand, letters, strict=True) if now[number] is not letter
        }
        self._letters_read.learn(moved)
        return tuple(now.values())

    def _read_letters(self, numbers: Sequence[int]) -> dict[int, QueuedLetter]:
        with self._reading() as session:
            found = letters_with_rows(session, col(_L.number).in_(numbers))
            return {row.number or 0: letter for letter, row in found}


def letters_with_rows(session: Session, *conditions: ColumnElement[bool]) -> Iterator[tuple[QueuedLetter, LetterRow]]:
    """Letters with what each is about, and the letter's row, in the order they were queued.

    One statement: with two, a letter that moves on between them would lose what it is about.
    """
    pairs: Sequence[tuple[LetterRow, LetterAboutRow | None]] = session.exec(_WITH_ABOUT.where(*conditions)).all()
    for _, lines in groupby(pairs, key=lambda pair: pair[0].number):
        listed = list(lines)
        row = listed[0][0]
        yield values.letter_of(row, (about for _, about in listed if about is not None)), row


class MoveNotAllowed(ValueError):
    """A letter's state may not follow another; a fault of ours."""


class Handover(Outbox):
    """Moving letters on."""

    def claim(
        self, among: Collection[str] | None = None, *, clock: float, alone: bool = False, lease: float | None = None
    ) -> QueuedLetter | None:
        """Take the next letter nobody holds (of those in `among`) for this worker, or None.

        The token rises with every claim: only who holds the latest may move the letter on.
        """
        wanted = select(LetterRow).where(_is_free(clock, alone=alone)).order_by(col(LetterRow.number)).limit(1)
        if among is not None:
            wanted = wanted.where(col(LetterRow.id).in_(tuple(among)))
        until = clock + (LEASE if lease is None else lease)
        return self._hold(wanted.with_for_update(skip_locked=True), until, state=_S.CLAIMED)

    def to_handing(self, letter: QueuedLetter, *, at: datetime, clock: float) -> bool:
        """Commit, just before the irreversible byte, that the hand-over begins. False when another holds the letter."""
        new = {"attempts": col(LetterRow.attempts) + 1, "handed": at, "lease_until": clock + LEASE}
        return self._moved(letter, _S.HANDING, new)

    def adopt(self, letter: QueuedLetter, *, clock: float, alone: bool = False) -> QueuedLetter | None:
        """Take over a letter in doubt that its sender left. None when its sender may still be at work on it."""
        left = _seen(letter) if alone else _seen(letter) & (col(LetterRow.lease_until) < clock)
        return self._hold(select(LetterRow).where(left).with_for_update(), clock + LEASE, state=letter.state)

    def _hold(self, wanted: SelectOfScalar[LetterRow], until: float, *, state: LetterState) -> QueuedLetter | None:
        """The letter that is wanted, now this worker's own until a time, or None when there is none."""
        with self._writing() as session:
            row = session.exec(wanted).first()
            if row is None:
                return None
            row.state, row.token, row.lease_until = _WORD(state), row.token + 1, until
            session.add(row)
            session.flush()
            return next(letter for letter, _ in letters_with_rows(session, col(LetterRow.number) == row.number))

    def move(
        self,
        letter: QueuedLetter,
        to: LetterState,
        *,
        reason: str = "",
        proof: str = "",
        at: datetime | None = None,
        not_before: datetime | None = None,
        refused: datetime | None = None,
        again: bool = False,
    ) -> bool:
        """Move a letter on, from the state and with the token the caller saw. False when either has changed.

        `proof` is what shows that it was sent, or whose word withdraws it, and `at` when; `not_before` puts off a
        letter that is queued again, `refused` says since when it is refused, `again` counts a resubmission, from which
        its time begins anew. Raises MoveNotAllowed on a move the table does not allow.
        """
        new: dict[str, Any] = {"reason": reason}
        if to is _S.SENT:
            new |= {"proof": proof, "sent": at} | ({"handed": at} if letter.drafted else {})
        if to is _S.WITHDRAWN:
            new["proof"] = proof
        if letter.state is _S.IN_DRAFTS:
            new["missed"] = at
        if not_before:
            new["not_before"] = not_before
        if refused:
            new["refused"] = refused
        if again:
            new |= {"resubmissions": col(LetterRow.resubmissions) + 1, "refused": None}
        return self._moved(letter, to, new)

    def _moved(
        self, letter: QueuedLetter, to: LetterState, new: dict[str, Any], *, is_seen_there: bool = False
    ) -> bool:
        if not letter.may_become(to) and not is_seen_there:
            raise MoveNotAllowed(f"A letter that is {letter.state} cannot become {to}.")
        with self._writing() as session:
            changed = update(LetterRow).where(_seen(letter)).values(state=_WORD(to), **new)
            return session.execute(changed.returning(col(LetterRow.number))).first() is not None

    def move_draft(
        self,
        letter: QueuedLetter,
        to: LetterState,
        *,
        reason: str = "",
        proof: str = "",
        at: datetime | None = None,
        not_before: datetime | None = None,
        missed: datetime | None = None,
        as_left: str = "",
    ) -> bool:
        """Move a letter on that is, was or will be in Drafts, or note how it lies there. False as `move` says.

        `at` is when it was put there, or when it left: a letter that a person sent has left, whatever it was taken for.
        """
        new: dict[str, Any] = {"reason": reason, "proof": proof, "missed": missed, "as_left": as_left}
        if at:
            new |= {"sent": at, "handed": at} if to is _S.SENT else {"drafted": at}
        if not_before:
            new["not_before"] = not_before
        return self._moved(letter, to, new, is_seen_there=to in {letter.state, _S.SENT})

    # One sender ------------------------------------------------------------------------------------

    @contextmanager
    def sole_sender(self) -> Iterator[None]:
        """One sender per store at a time, whoever started it. Raises LockHeld while another is at work."""
        with self._sole("sender") as is_ours:
            if not is_ours:
                raise LockHeld("Another csp-workflow is sending from this store.")
            yield


def _seen(letter: QueuedLetter) -> ColumnElement[bool]:
    """The letter as its caller saw it: in that state, with that token."""
    stands = (col(LetterRow.token) == letter.token) & (col(LetterRow.state) == _WORD(letter.state))
    return (col(LetterRow.id) == letter.id) & stands
