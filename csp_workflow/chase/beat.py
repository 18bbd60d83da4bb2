"""What a beat decides of one cycle: the chase, closing, what a silence means; and the letters ahead if nobody answers.

Those ahead are found by asking the very rules that write them, day by day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice, takewhile

from csp_workflow.chase import approval, assents, notes, quiet, reminders
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleState, PaperDates, WorkingDays, as_utc, in_london, london, london_day
from csp_workflow.terms.events import (
    ComingLetter,
    Decision,
    Event,
    Foreseen,
    Happened,
    Letter,
    LetterState,
    PreconditionFailed,
    QueuedLetter,
    Request,
    Sending,
    note_issue,
    together,
)
from csp_workflow.terms.service_status import ServiceStatus, count_generation
from csp_workflow.terms.site import Limits
from csp_workflow.terms.status import fold_cycle

CALENDAR = "the calendar"

ARCHIVE_AFTER = 20
"""Working days a closed cycle stays open to late returns, approvals and papers after its last paper."""


SLACK = timedelta(minutes=2)
"""A clock that is put right steps back by seconds; more than this is a doubt."""

APART = timedelta(minutes=10)
"""Our clock and the mail server's may differ so much before one of them is not believed."""


def decide_chase(cycle: CycleView, now: datetime) -> Decision:
    """What is due now, as things stand after what the calendar closes and gives up at this moment.

    Approvals come first: a chair is asked before anybody is chased, and nobody is written to twice.
    """
    closed = _decide_by_calendar(cycle, now)
    cycle = replace(cycle, status=fold_cycle(cycle.quarter, closed.events, onto=cycle.status))
    decided: tuple[Decision, ...] = (closed,)
    rules = (
        assents.decide_assents,
        reminders.decide_handovers,
        reminders.decide_reminders,
        reminders.decide_fault_reminders,
        notes.decide_notes,
        notes.decide_disputes,
    )
    for rule in rules:
        written_to = frozenset(x.recipient.lower() for d in decided for x in d.letters)
        decided = (*decided, rule(cycle, now, written_to=written_to))
    brought = _keep_issues(cycle, [x for d in decided for x in d.letters], now)
    return together(*decided, approval.decide_word_of_approval(cycle, now), brought)


def _keep_issues(cycle: CycleView, letters: list[Letter], now: datetime) -> Decision:
    """A form that letters bring as it stands now is an issue of its own; its people have it once they all get it."""
    brought: dict[str, set[str]] = {}
    for letter in letters:
        names = [attached.name for attached in letter.attachments]
        for key in (k for k in letter.respondents if k in cycle.renewed):
            if any(str(cycle.forms[key].reference) in name for name in names):
                brought.setdefault(key, set()).add(letter.recipient.lower())
    today = london_day(now)
    people = {r.key: {c.address.lower() for c in cycle.addressees(r, today)} for r, _ in cycle.owed_returns()}
    return Decision(
        requests=tuple(Request(form=cycle.forms[key], workbook="") for key in brought),
        events=tuple(
            note_issue(cycle.quarter, cycle.forms[key], now, by=CALENDAR)
            for key, had in brought.items()
            if people[key] <= had
        ),
    )


# Closing and archiving: both by the calendar, once ----------------------------------------


def _decide_by_calendar(cycle: CycleView, now: datetime) -> Decision:
    """Close at the hard deadline, archive after the last paper and once no message of it waits for the co-ordinator;
    nothing in a doubt of the clock or after a silence.

    A clock that is a year ahead looks like a silence of a year.
    """
    if cycle.service.clock_doubted or cycle.service.gap_hold or cycle.service.moved:
        return Decision()
    if cycle.status.state is CycleState.OPEN and now >= cycle.dates.close:
        return _close(cycle, now, CALENDAR)
    if cycle.status.state is not CycleState.CLOSED:
        return Decision()
    waits = any(stands.held_messages or stands.open_questions for stands in cycle.status.returns.values())
    if london_day(now) >= archive_day(cycle) and not waits:
        return Decision(events=(quiet.note(cycle, Happened.CYCLE_ARCHIVED, now, by=CALENDAR),))
    over = (r.key for r, status in cycle.owed_returns() if status.state.is_awaited and cycle.close_time(r) <= now)
    return Decision(events=tuple(_give_up(cycle, over, now, CALENDAR)))


def decide_closing(cycle: CycleView, now: datetime, *, by: str) -> Decision:
    """Close now, by order. Raises PreconditionFailed when the cycle is not open."""
    if cycle.status.state is not CycleState.OPEN:
        raise PreconditionFailed(f"{cycle.status.quarter} is {cycle.status.state}; only an open quarter can be closed.")
    return _close(cycle, now, by)


def archive_day(cycle: CycleView) -> date:
    """When a closed cycle is put away: 20 working days after its close, and after every meeting and circulation."""
    closed = london_day(cycle.status.closed or cycle.dates.close)
    last = max([closed, *(_paper_over(cycle, paper) for paper in cycle.dates.papers)])
    return cycle.site.working_days.plus(last, ARCHIVE_AFTER)


def _paper_over(cycle: CycleView, paper: PaperDates) -> date:
    status = cycle.status.papers.get(paper.board)
    sent = status.circulated_at if status else None
    return max(london_day(sent), paper.meeting) if sent else paper.meeting


def _close(cycle: CycleView, now: datetime, by: str) -> Decision:
    """Everybody whose return has not come is noted, but for whoever was promised longer: their own day closes them."""
    longer = {r.key for r, _ in cycle.owed_returns() if cycle.has_longer(r) and cycle.close_time(r) > now}
    missing = (key for key, status in cycle.status.returns.items() if status.state.is_awaited and key not in longer)
    closed = quiet.note(cycle, Happened.CYCLE_CLOSED, now, by=by)
    return Decision(events=(*_give_up(cycle, missing, now, by), closed))


def _give_up(cycle: CycleView, respondents: Iterable[str], now: datetime, by: str) -> Iterator[Event]:
    """These returns are not waited for any more, in the order of the respondents' keys."""
    for key in sorted(respondents):
        yield quiet.note(cycle, Happened.NOT_RECEIVED, now, by=by, respondent=key)


# After a silence: hold what would surprise people; without a clock to be trusted, everything ---


def judge_silence(
    last_seen: datetime | None,
    now: datetime,
    working_days: WorkingDays,
    limits: Limits,
    *,
    service: ServiceStatus | None = None,
) -> Decision:
    """What the time since the last beat means. Silent when it was noticed already (`service` says so).

    More than `limits.gap_working_days` working days of silence: GAP_NOTICED; requests and reminders
    wait for RELEASE, receiving and answering go on. A clock that went back: CLOCK_DOUBTED.
    """
    service = service or ServiceStatus()
    if last_seen is None:
        return Decision()
    if as_utc(now) < as_utc(last_seen) - SLACK:
        return Decision() if service.clock_doubted else _note_doubt(Happened.CLOCK_DOUBTED, last_seen, now, days=0)
    days = _silent_days(last_seen, now, working_days)
    if days > limits.gap_working_days and not service.gap_hold:
        return _note_doubt(Happened.GAP_NOTICED, last_seen, now, days=days)
    return Decision()


def judge_whereabouts(known: Mapping[str, str], noted: Mapping[str, str], here: Mapping[str, str], *, mark: int) -> str:
    """Why the store came from elsewhere since it was last at work, in a sentence; "" when all agrees.

    A store that several may work at, each from a folder of its own, has no "folder" here; on a server no "machine".
    There a generation after the noted one is no doubt: another worker saw that the store came from elsewhere, and it
    stands in the store.

    `known` is what the store knows of itself, `noted` what stands beside it, `here` how it is (what is "" there is
    not compared); `mark` is how far the store has come. One in which nothing happened yet may be anywhere.
    """
    far = int(noted.get("mark") or 0)
    may_be = {noted.get("generation"), noted.get("before")}
    if not known.get("generation"):
        return PUT_BACK if noted and "" not in may_be else ""
    if mark == 0 and far == 0:
        return ""
    moved = (sentence for name, sentence in _MOVED.items() if here.get(name) and known.get(name) != here[name])
    if found := next(moved, ""):
        return found
    if not noted:
        return "The store is at work in a folder where it never was." if here.get("folder") else ""
    last = count_generation(noted.get("before", noted.get("generation", "")))
    if not here.get("folder") and count_generation(known["generation"]) > last:
        return ""
    return PUT_BACK if known["generation"] not in may_be or mark < far else ""


PUT_BACK = "The store is not the one that was last at work here: an earlier one, or a backup, was put in its place."
"""Why a store that was put back sends nothing."""

_MOVED = {
    "machine": "The store was last at work on another machine.",
    "place": "The store was last at work in another place: it was moved, or this is a copy of it.",
    "mailbox": "The store was last at work on another mailbox.",
}


def judge_clock(server_time: datetime | None, now: datetime, *, service: ServiceStatus) -> Decision:
    """What the mail server's clock means: more than `APART` from ours, in either direction, is CLOCK_DOUBTED."""
    if server_time is None or service.clock_doubted or abs(as_utc(server_time) - as_utc(now)) <= APART:
        return Decision()
    return _note_doubt(Happened.CLOCK_DOUBTED, server_time, now, days=0)


def _silent_days(last_seen: datetime, now: datetime, working_days: WorkingDays) -> int:
    """Whole working days of silence: from Friday 5pm to Wednesday 9am it is two, from 5pm three."""
    then, today = in_london(last_seen), in_london(now)
    days = working_days.between(then.date(), today.date())
    begun = working_days.is_working(today.date()) and today.time() < then.time()
    return max(days - begun, 0)


def _note_doubt(kind: Happened, last_seen: datetime, now: datetime, *, days: int) -> Decision:
    since = as_utc(last_seen).isoformat()
    return Decision(
        events=(Event(kind=kind, at=now, by="the guard", subject=since, facts={"since": since, "days": days}),)
    )


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
