"""The messages that wait for the co-ordinator, and those that do not: as her letters name them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

from csp_workflow.letters.office import WaitingMessage
from csp_workflow.steps.outside import Outside
from csp_workflow.store import LandedMessage
from csp_workflow.terms.bank_details import BANK_DETAILS
from csp_workflow.terms.events import Happened
from csp_workflow.terms.messages import STRANGERS, WAIT_FOR_A_PERSON, Verdict
from csp_workflow.terms.personal import keep_back_lines, point_to
from csp_workflow.terms.service_status import Failures, FoundTopic
from csp_workflow.terms.status import CycleStatus

_SETTLES = {Happened.MESSAGE_SETTLED, Happened.QUESTION_ANSWERED}
_HOLDS = {Happened.MESSAGE_HELD, Happened.WE_FAILED}


def waiting_messages(outside: Outside, statuses: Iterable[CycleStatus]) -> tuple[WaitingMessage, ...]:
    """The held messages and open questions that wait for the co-ordinator, oldest first."""
    return tuple(show() for waits, show in _list_messages(outside, statuses) if waits)


def part_messages(
    outside: Outside, statuses: Iterable[CycleStatus]
) -> tuple[tuple[WaitingMessage, ...], tuple[WaitingMessage, ...]]:
    """The messages that wait for the co-ordinator, and those that do not (any more), each oldest first."""
    parted: tuple[list[WaitingMessage], list[WaitingMessage]] = ([], [])
    for waits, show in _list_messages(outside, statuses):
        parted[not waits].append(show())
    return tuple(parted[False]), tuple(parted[True])


def _list_messages(
    outside: Outside, statuses: Iterable[CycleStatus]
) -> Iterator[tuple[bool, Callable[[], WaitingMessage]]]:
    """Whether each judged message waits, and what shows it: to look through the words of all of them takes long."""
    paused: dict[str, list[str]] = {}
    for status in statuses:
        for key, stands in status.returns.items():
            for message in (*stands.held_messages, *stands.open_questions):
                paused.setdefault(message, []).append(key)
    last = {event.subject: event for event in outside.store.events(None) if event.kind in _SETTLES | _HOLDS}
    settled = {message for message, event in last.items() if event.kind in _SETTLES}
    anybodys = {message for message, event in last.items() if event.kind is Happened.MESSAGE_HELD}
    strangers = {message: event.at for message, event in last.items() if event.facts.get("why") == STRANGERS}
    held = outside.store.numbered_events(Happened.MESSAGE_HELD)
    of_banks = {event.subject for _, event in held if event.facts.get("why") == BANK_DETAILS}
    service = outside.store.service_status()
    about_else = {one.message for one in service.topics if not one.settled}
    for row in outside.store.messages():
        if row.verdict is None:
            continue
        is_anybodys = row.verdict in WAIT_FOR_A_PERSON and row.id in anybodys
        waits = row.id in paused or is_anybodys or row.id in about_else or _is_stuck(row, settled)
        show = partial(_show_message, row, row.verdict, tuple(paused.get(row.id, row.respondents)))
        topics = service.list_topics(row.id) if row.id in about_else else ()
        is_set_aside = row.verdict is Verdict.QUARANTINED
        since = strangers.get(row.id) if is_set_aside and not topics else None
        failures = service.failures.get(row.id) if is_set_aside else None
        whose = {"stranger_since": since, "failures": failures, "of_banks": row.id in of_banks}
        yield waits, partial(show, topics=topics, **whose)


def _show_message(
    row: LandedMessage,
    verdict: Verdict,
    respondents: tuple[str, ...],
    *,
    topics: tuple[FoundTopic, ...],
    stranger_since: datetime | None,
    failures: Failures | None,
    of_banks: bool,
) -> WaitingMessage:
    return WaitingMessage(
        id=row.id,
        sender=row.sender,
        subject=keep_back_lines(row.subject, see=point_to(row.id)),
        received=row.received,
        verdict=verdict,
        reason=row.reason,
        respondents=respondents,
        topics=topics,
        stranger_since=None if failures else stranger_since,
        failures=failures,
        has_bank_details=of_banks,
    )


def _is_stuck(row: LandedMessage, settled: set[str]) -> bool:
    return row.verdict is Verdict.QUARANTINED and row.id not in settled
