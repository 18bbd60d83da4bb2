"""Disposing, by order and by schedule: the bytes of messages and letters go for good, from the archive and from every
folder of the mailbox.

What goes is noted first, by a keyed hash in a file that no backup brings back. So whatever a backup or the mailbox
brings again is known for disposed of, and a disposal that was cut off is finished by the next. The schedule runs once
a month: what has been kept long enough goes, unless a quarter or a hold needs it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from csp_workflow.mail.unpack import identify_content
from csp_workflow.mailboxes.mailbox import MORE
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside, live_quarters, require_dates
from csp_workflow.steps.waiting import waiting_messages
from csp_workflow.store import LandedMessage
from csp_workflow.terms.dates import Quarter, as_utc, london, london_day
from csp_workflow.terms.events import Decision, Event, Fact, Happened, LetterState, PreconditionFailed
from csp_workflow.terms.phrases import plain_day
from csp_workflow.terms.retention import months_before
from csp_workflow.terms.service import MessageGone


@dataclass(frozen=True, kw_only=True)
class Disposed:
    """How many messages are disposed of by now, and how many were found in the mailbox and removed there."""

    messages: int
    removed: int


def dispose_messages(outside: Outside, before: date, now: datetime, *, by: str) -> Disposed:
    """Dispose of the messages that were received before a day. Raises PreconditionFailed while they may be needed.

    What was read in them stays: returns, figures, verdicts and who wrote when. One that waits for somebody stays too.
    """
    _refuse_what_is_needed(outside, before)
    old = tuple(_list_old(outside, before, now))
    note_disposal(outside, [name for row in old for name in (row.id, row.content)])
    remove_files(outside, [row.content for row in old])
    removed = sweep_mailbox(outside, now)
    facts: dict[str, Fact] = {"before": before.isoformat(), "messages": len(old)}
    event = Event(kind=Happened.MESSAGES_DISPOSED, at=now, by=by, facts=facts)
    commit_current(outside, lambda: Decision(events=(event,)), now)
    return Disposed(messages=len(old), removed=removed)


def note_disposal(outside: Outside, names: Collection[str]) -> None:
    """Note for good that messages and files, by identity and hash, are disposed of."""
    outside.tombstones.add(name for name in names if not outside.tombstones.holds(name))
    outside.reached("dispose:noted")


def remove_files(outside: Outside, contents: Collection[str]) -> None:
    """Remove files from the archive."""
    for content in contents:
        outside.archive.remove(content)
    outside.reached("dispose:archive")


def sweep_mailbox(outside: Outside, now: datetime) -> int:
    """Remove from every folder of the mailbox what was disposed of, letters sent among it. How many were found."""
    letters = (letter for letter in outside.store.letters() if outside.tombstones.holds(letter.content))
    sent = [source for letter in letters for source in outside.mailbox.list_sent(letter.id)]
    for source in sent:
        outside.mailbox.remove(source)
    return len(sent) + sum(_remove_disposed(outside, source, now) for source in _list_all(outside))


def list_needed(outside: Outside) -> tuple[date, frozenset[str]]:
    """The day since when messages may be needed by a quarter under way, and those that wait for somebody."""
    first = min((require_dates(outside, one).extract_request for one in live_quarters(outside)), default=date.max)
    statuses = map(outside.store.cycle_status, outside.store.cycle_states())
    return first, frozenset(message.id for message in waiting_messages(outside, statuses))


def find_quarters(outside: Outside, message: str) -> tuple[Quarter, ...]:
    """The quarters in which a message brought something, or is told of."""
    return tuple(
        quarter
        for quarter in outside.store.cycle_states()
        if any(event.subject == message for event in outside.store.events(quarter))
        or any(version.message == message for version in outside.store.submissions(quarter))
    )


def is_received_before(row: LandedMessage, day: date) -> bool:
    """Whether a message came before a day began in London."""
    return day == date.max or as_utc(row.received) < as_utc(london(day, time(0)))


def _refuse_what_is_needed(outside: Outside, before: date) -> None:
    for quarter in live_quarters(outside):
        first = require_dates(outside, quarter).extract_request
        if before > first:
            raise PreconditionFailed(
                f"{quarter} is under way: what came from {plain_day(first)} on may be needed. Name an earlier day."
            )


def _list_old(outside: Outside, before: date, now: datetime) -> Iterator[LandedMessage]:
    """What waits for somebody, or is on legal hold, stays."""
    _, waiting = list_needed(outside)
    for row in outside.store.messages():
        if is_received_before(row, before) and row.verdict and row.id not in waiting:
            about = {"respondents": row.respondents, "addresses": (row.sender,)}
            quarters = find_quarters(outside, row.id) if outside.configured.retention.legal_holds else ()
            if not outside.configured.retention.say_held(london_day(now), quarters=quarters, **about):
                yield row


def _list_all(outside: Outside) -> Iterator[str]:
    """Every message of the mailbox, in whatever folder but that of what was sent."""
    for list_part in (outside.mailbox.list_new, outside.mailbox.list_filed):
        cursor, has_more = "", True
        while has_more:
            sources, cursor = list_part(cursor)
            has_more = cursor.startswith(MORE)
            yield from sources


def _remove_disposed(outside: Outside, source: str, now: datetime) -> bool:
    try:
        fetched = outside.mailbox.get(source, now)
    except MessageGone:
        return False
    is_disposed = outside.tombstones.holds(identify_content(fetched.raw))
    if is_disposed:
        outside.mailbox.remove(source)
    return is_disposed


# The schedule ---------------------------------------------------------------------------------------

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
