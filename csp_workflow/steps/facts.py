"""Facts that several steps gather from the store: of a cycle, and of what waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.letters.desk import WaitingMessage
from csp_workflow.steps.outside import Outside
from csp_workflow.store import LandedMessage
from csp_workflow.terms.dates import CycleDates, CycleState, Quarter, in_london
from csp_workflow.terms.events import Happened
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.letters import LetterState, QueuedLetter
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.status import CycleStatus

V = TypeVar("V")

_PENDING = {LetterState.QUEUED, LetterState.CLAIMED, LetterState.HANDING, LetterState.HELD}
_WAIT_FOR_A_PERSON = {Verdict.HELD, Verdict.QUESTION, Verdict.QUARANTINED}


def live_quarters(outside: Outside) -> tuple[Quarter, ...]:
    """The quarters that are planned and not archived, oldest first."""
    store = outside.store
    return tuple(q for q in sorted(store.cycles()) if store.cycle_state(q) is not CycleState.ARCHIVED)


def running_quarter(outside: Outside) -> Quarter | None:
    """The quarter an order is about when nothing else says so: open before in proof before closed before planned."""
    rank = (CycleState.OPEN, CycleState.IN_PROOF, CycleState.CLOSED, CycleState.PLANNED)
    stands = [(rank.index(outside.store.cycle_state(q)), q) for q in live_quarters(outside)]
    return min(stands, key=lambda pair: (pair[0], -pair[1].year, -pair[1].number))[1] if stands else None


def dates_of(outside: Outside, quarter: Quarter) -> CycleDates:
    """A quarter's dates as planned. Raises PreconditionFailed with what to do."""
    dates = outside.store.plan_of(quarter)
    if dates is None:
        raise PreconditionFailed(f"{quarter} is not planned. Run: csp-workflow cycle plan {quarter.key}")
    return dates


def chase_facts(outside: Outside, quarter: Quarter, now: datetime) -> ChaseFacts:
    """All that the chase asks about one cycle."""
    store = outside.store
    status = store.cycle_status(quarter)
    return ChaseFacts(
        site=outside.site,
        dates=dates_of(outside, quarter),
        status=status,
        service=store.service_status(),
        letters=_letters_for_chase(outside, quarter, now),
        submissions=LookedUp(
            tuple(key for key, stands in status.returns.items() if stands.submissions),
            lambda key: store.submissions(quarter, key),
        ),
        forms=LookedUp(
            tuple(key for key, stands in status.returns.items() if stands.requested),
            lambda key: store.request_history(quarter, key)[-1].form,
        ),
    )


def _letters_for_chase(outside: Outside, quarter: Quarter, now: datetime) -> tuple[QueuedLetter, ...]:
    """This cycle's letters, and any other's that are queued or were sent today: one a working day over all cycles."""
    own = outside.store.letters(quarter=quarter)
    today = in_london(now).date()
    elsewhere = (
        letter
        for other in live_quarters(outside)
        if other != quarter
        for letter in outside.store.letters(quarter=other)
        if letter.state in _PENDING or (letter.sent and in_london(letter.sent).date() == today)
    )
    return (*own, *elsewhere)


def waiting_messages(outside: Outside, statuses: Iterable[CycleStatus]) -> tuple[WaitingMessage, ...]:
    """The held messages and open questions that wait for the co-ordinator, oldest first."""
    paused: dict[str, list[str]] = {}
    for status in statuses:
        for key, stands in status.returns.items():
            for message in (*stands.held_messages, *stands.open_questions):
                paused.setdefault(message, []).append(key)
    settled = {
        event.subject
        for event in outside.store.events(None)
        if event.kind in {Happened.MESSAGE_SETTLED, Happened.QUESTION_ANSWERED}
    }
    anybodys = {event.subject for event in outside.store.events(None) if event.kind is Happened.MESSAGE_HELD} - settled
    return tuple(
        WaitingMessage(
            id=row.id,
            sender=row.sender,
            subject=row.subject,
            received=row.received,
            verdict=row.verdict,
            reason=row.reason,
            respondents=tuple(paused.get(row.id, row.respondents)),
        )
        for row in outside.store.messages()
        if row.verdict in _WAIT_FOR_A_PERSON
        and (row.id in paused or row.id in anybodys - settled or _stuck(row, settled))
    )


def _stuck(row: LandedMessage, settled: set[str]) -> bool:
    return row.verdict is Verdict.QUARANTINED and row.id not in settled


class LookedUp(Mapping[str, V]):
    """Something by respondent key that is read from the store only when it is asked for.

    A decision is about one respondent or two; the facts of the other three hundred are never read.
    """

    def __init__(self, keys: tuple[str, ...], look_up: Callable[[str], V]) -> None:
        self._keys, self._look_up, self._found = keys, look_up, dict[str, V]()

    def __getitem__(self, key: str) -> V:
        if key not in self._keys:
            raise KeyError(key)
        if key not in self._found:
            self._found[key] = self._look_up(key)
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
