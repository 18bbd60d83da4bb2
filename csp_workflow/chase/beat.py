"""All that the chase does for one cycle now, and what it will do on the next working days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from csp_workflow.chase import approval, closing, ladder, queries
from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.terms.dates import in_london, london, london_day
from csp_workflow.terms.events import Decision, together
from csp_workflow.terms.letters import Letter, LetterState, QueuedLetter


def due(facts: ChaseFacts, now: datetime) -> Decision:
    """What is due now. At the close nobody is reminded any more: the closing is decided alone.

    Approvals come first: a chair is asked before anybody is chased, and nobody is written to twice.
    """
    closed = closing.due(facts, now)
    if closed:
        return closed
    decided: tuple[Decision, ...] = ()
    for rule in (approval.due, ladder.due, queries.due):
        written_to = frozenset(x.recipient.lower() for d in decided for x in d.letters)
        decided = (*decided, rule(facts, now, written_to=written_to))
    return together(*decided)


def ahead(facts: ChaseFacts, now: datetime, *, days: int = 3) -> tuple[tuple[date, str, int], ...]:
    """What goes out next if nothing arrives: (day, kind of letter, how many), for `days` working days from today.

    Found by asking the rules themselves at the opening of each day's window.
    """
    rows: list[tuple[date, str, int]] = []
    for moment in _openings(facts, now, days):
        if moment >= facts.dates.close > now:
            break
        letters = due(facts, moment).letters
        rows += [(london_day(moment), kind, count) for kind, count in sorted(Counter(x.kind for x in letters).items())]
        facts = replace(facts, letters=(*facts.letters, *(as_sent(x, moment) for x in letters)))
    return tuple(rows)


def _openings(facts: ChaseFacts, now: datetime, days: int) -> Iterator[datetime]:
    """The moments from which letters may leave: now or later today, then each working day's opening."""
    window, local = facts.site.window, in_london(now)
    day = local.date()
    if local.time() >= window.closes:
        day += timedelta(days=1)
    for _ in range(days):
        day = facts.site.working_days.plus(day, 0)
        yield max(now, london(day, window.opens))
        day += timedelta(days=1)


def as_sent(letter: Letter, moment: datetime) -> QueuedLetter:
    """A letter as the store would have it after it left."""
    return QueuedLetter(
        id=letter.cause,
        kind=letter.kind,
        cause=letter.cause,
        recipient=letter.recipient,
        about=letter.about,
        quarter=letter.quarter,
        manner=letter.manner,
        subject="",
        message_id="",
        content="",
        state=LetterState.SENT,
        queued=moment,
        sent=moment,
    )
