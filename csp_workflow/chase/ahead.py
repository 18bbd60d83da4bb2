"""The letters ahead if nobody answers: found by asking the very rules that write them, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, takewhile

from csp_workflow.chase.beat import archive_day, decide_chase
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import in_london, london, london_day
from csp_workflow.terms.events import Decision, Event, Happened, Sending
from csp_workflow.terms.letters import ComingLetter, Foreseen, Letter, LetterState, QueuedLetter
from csp_workflow.terms.status import fold_cycle

_IF_ALLOWED = "if you reply YES {}"


def foresee_letters(cycle: CycleView, now: datetime, *, days: int = 3) -> tuple[Foreseen, ...]:
    """What goes out next if nothing arrives, for `days` working days from today, counted by day and kind."""
    rows: list[Foreseen] = []
    for moment, decided, _ in _play(cycle, islice(_openings(cycle, now), days), ()):
        for kind, count in sorted(Counter(x.kind for x in decided.letters).items()):
            about = dict.fromkeys(key for x in decided.letters if x.kind == kind for key in x.respondents)
            rows.append(Foreseen(day=london_day(moment), kind=kind, letters=count, about=tuple(about)))
    return tuple(rows)


def foresee_quarter(cycle: CycleView, sendings: Sequence[Sending], now: datetime) -> tuple[ComingLetter, ...]:
    """Every letter to come until the quarter is put away, if nobody answers and each sending is let go on its day.

    A letter to a chair is among them with the order that it waits for.
    """
    end = archive_day(cycle)
    moments = takewhile(lambda moment: london_day(moment) <= end, _openings(cycle, now))
    return tuple(
        ComingLetter(day=london_day(moment), letter=letter, condition=condition)
        for moment, decided, asked in _play(cycle, moments, sendings)
        for condition, letters in (("", decided.letters), *asked)
        for letter in letters
    )


_Asked = tuple[tuple[str, tuple[Letter, ...]], ...]


def _play(
    cycle: CycleView, moments: Iterable[datetime], sendings: Sequence[Sending]
) -> Iterator[tuple[datetime, Decision, _Asked]]:
    """Each moment with what is decided then, and what would be on a YES that is asked for; silence follows it."""
    for moment in moments:
        for sending in (s for s in sendings if s.day <= london_day(moment)):
            forms = {request.form.respondent: request.form for request in sending.decision.requests}
            cycle = replace(_follow(cycle, sending.decision, moment), forms={**cycle.forms, **forms})
            yield moment, sending.decision, ()
        sendings = [s for s in sendings if s.day > london_day(moment)]
        decided = decide_chase(cycle, moment)
        cycle = _follow(cycle, decided, moment)
        yield moment, decided, _list_asked(cycle, decided, moment)


def _follow(cycle: CycleView, decided: Decision, moment: datetime) -> CycleView:
    """The cycle after what was decided: each letter leaves at once."""
    return replace(
        cycle,
        status=fold_cycle(cycle.quarter, decided.events, onto=cycle.status),
        letters=(*cycle.letters, *(as_sent(x, moment) for x in decided.letters)),
    )


def _list_asked(cycle: CycleView, decided: Decision, moment: datetime) -> _Asked:
    """The letters to chairs that are proposed now, as they would be on the co-ordinator's YES."""
    proposed = [e for e in decided.events if e.kind is Happened.CHAIR_LETTER_PROPOSED]
    yes = Decision(
        events=tuple(
            Event(kind=Happened.CHAIR_LETTER_ALLOWED, at=moment, by=e.by, quarter=e.quarter, respondent=e.respondent)
            for e in proposed
        )
    )
    letters = decide_chase(_follow(cycle, yes, moment), moment).letters if proposed else ()
    codes = {r.key: r.code for r in cycle.site.respondents}
    return tuple((_IF_ALLOWED.format(codes[x.respondents[0]]), (x,)) for x in letters)


def _openings(cycle: CycleView, now: datetime) -> Iterator[datetime]:
    """The moments from which letters may leave: now or later today, then each working day's opening."""
    window, local = cycle.site.window, in_london(now)
    day = local.date()
    if local.time() >= window.closes:
        day += timedelta(days=1)
    while True:
        day = cycle.site.working_days.plus(day, 0)
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
