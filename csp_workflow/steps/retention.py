"""The retention schedule: what has been kept long enough goes, once a month, unless a quarter or a hold needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.disposing import (
    find_quarters,
    is_received_before,
    list_needed,
    note_disposal,
    remove_files,
    sweep_mailbox,
)
from csp_workflow.steps.outside import Outside, live_quarters
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Decision, Event, Fact, Happened, LetterState
from csp_workflow.terms.retention import months_before

BY = "the retention schedule"
_RAN = "retention ran"
_SETTLED = {LetterState.SENT, LetterState.FAILED, LetterState.WITHDRAWN}


@dataclass(frozen=True, kw_only=True)
class Due:
    """A message or a letter that was kept long enough; `held` is why it stays all the same, "" where it goes."""

    where: str
    id: str
    when: datetime
    content: str
    held: str = ""

    def describe(self) -> dict[str, Any]:
        """For people and for --json."""
        return {"where": self.where, "id": self.id, "when": self.when.isoformat(), "stays": self.held}


def follow_schedule(outside: Outside, now: datetime) -> None:
    """Run the schedule at the first beat of a month."""
    month = f"{london_day(now):%Y-%m}"
    if outside.store.stamp(_RAN) != month:
        run_schedule(outside, now, by=BY)
        outside.store.set_stamp(_RAN, month)


def run_schedule(outside: Outside, now: datetime, *, by: str) -> tuple[Due, ...]:
    """Dispose of what is due, logged as an event. What was due, that which stays too."""
    due = tuple(list_due(outside, now))
    going = [one for one in due if not one.held]
    if going:
        counts = {f"{where}s": sum(one.where == where for one in going) for where in ("message", "letter")}
        facts: dict[str, Fact] = {"before": max(one.when for one in going).isoformat(), **counts}
        event = Event(kind=Happened.MESSAGES_DISPOSED, at=now, by=by, facts=facts)
        commit_current(outside, lambda: Decision(events=(event,)), now)
        note_disposal(outside, [name for one in going for name in (one.id, one.content)])
        remove_files(outside, [one.content for one in going])
        sweep_mailbox(outside, now)
    return due


def list_due(outside: Outside, now: datetime) -> Iterator[Due]:
    """What was kept as long as the schedule says, and is not disposed of."""
    yield from _list_messages(outside, now)
    yield from _list_letters(outside, now)


def _list_messages(outside: Outside, now: datetime) -> Iterator[Due]:
    schedule, today = outside.configured.retention, london_day(now)
    if not schedule.messages_months:
        return
    before = months_before(today, schedule.messages_months)
    since, waiting = list_needed(outside)
    for row in outside.store.messages():
        if is_received_before(row, min(before, since)) and row.verdict and not outside.tombstones.holds(row.id):
            held = "It waits for somebody." if row.id in waiting else ""
            about = {"respondents": row.respondents, "addresses": (row.sender,)}
            held = held or schedule.say_held(today, quarters=find_quarters(outside, row.id), **about)
            yield Due(where="message", id=row.id, when=row.received, content=row.content, held=held)


def _list_letters(outside: Outside, now: datetime) -> Iterator[Due]:
    schedule, today, live = outside.configured.retention, london_day(now), live_quarters(outside)
    if not schedule.letters_months:
        return
    before = months_before(today, schedule.letters_months)
    for letter in outside.store.letters():
        is_done = letter.state in _SETTLED and letter.quarter not in live
        if is_done and london_day(letter.queued) < before and not outside.tombstones.holds(letter.content):
            about = {"respondents": letter.respondents, "addresses": (letter.recipient,)}
            held = schedule.say_held(today, quarters=(letter.quarter,), **about)
            for content in filter(None, (letter.content, letter.as_left)):
                yield Due(where="letter", id=letter.id, when=letter.queued, content=content, held=held)
