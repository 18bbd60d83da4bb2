"""The digest: compiled from what stands now, sent on the working mornings on which something in it is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.digest.history import is_news, tell_history
from csp_workflow.digest.messages import list_strangers
from csp_workflow.digest.needs import list_needs
from csp_workflow.digest.occasions import tell_measures
from csp_workflow.digest.standings import show_round, write_status_book
from csp_workflow.letters import morning
from csp_workflow.letters.answers import LARGEST_ORIGINAL
from csp_workflow.letters.catalogue import strip_tag
from csp_workflow.letters.kinds import name_kind
from csp_workflow.letters.office import FORTNIGHT, WaitingMessage, count_quiet_days
from csp_workflow.terms.dates import PaperDates, PaperState, as_utc, in_london, london_day
from csp_workflow.terms.events import (
    Decision,
    Event,
    Fact,
    Foreseen,
    Happened,
    Letter,
    LetterState,
    Manner,
    QueuedLetter,
)
from csp_workflow.terms.messages import Attachment, short_id
from csp_workflow.terms.phrases import day, joined, moment, plural, uncapital, weekday
from csp_workflow.terms.service_status import write_told
from csp_workflow.terms.site import Contact

BY = "the digest"

_TROUBLE = (LetterState.FAILED, LetterState.UNKNOWN, LetterState.FOR_A_PERSON, LetterState.HELD)

_TOLD_AFTER = timedelta(hours=4)
"""A letter that is refused for longer is told of, though nobody need do anything."""

_PATIENCE = 2
"""Working days after which what nobody decided is her deputy's too."""

_FEW = 3
"""Of so many respondents each is named, with the order that keeps their letter back."""


def compile_digest(facts: DigestFacts, now: datetime, *, is_asked: bool = False) -> morning.Digest:
    """Everything the morning letter says, in its order; `is_asked` by STATUS: all of it, as if nothing was told."""
    today, told = london_day(now), {} if is_asked else facts.service.told
    every = [replace(need, since=_find_told(need, told)) for need in list_needs(facts, now)]
    later = [need for need in every if _put_off(facts, need, now)]
    wanted = tuple(need for need in every if need not in later)
    needing = {key for need in wanted if need.item for key in (need.item.about, *need.item.of)}
    rounds = tuple(show_round(cycle, now, needing) for cycle in facts.shown)
    is_changed = facts.service.standing != _mark_standing(rounds)
    is_whole = is_asked or is_changed or _begins_week(_find_last_sent(facts), today)
    return morning.Digest(
        day=today,
        first=_first(wanted),
        subject=_say_in_short(wanted, rounds),
        needs=wanted,
        rounds=tuple(replace(shown, is_whole=is_whole) for shown in rounds),
        strangers=list_strangers(facts),
        letters=(*_in_trouble(facts), *_still_tried(facts, now)),
        ahead=_ahead(facts, today),
        ordered=tuple(_tell_ordered(facts)),
        happened=tell_history(facts, now),
        later=tuple(_tell_later(facts, later, now)),
        measures=tell_measures(facts),
        papers=tuple(_paper(cycle, paper) for cycle in facts.shown for paper in cycle.dates.papers),
        overdue=" ".join(_say_overdue(facts, wanted, today)),
        orders_at_once=facts.site.orders_at_once,
    )


def _tell_ordered(facts: DigestFacts) -> Iterator[str]:
    """What she ordered in the words that we offered, and is done, by the day on which it was."""
    for letter in facts.kept:
        yield f"{weekday(letter.queued)}: {strip_tag(letter.subject).removeprefix('Done: ')}"


def _list_overdue(facts: DigestFacts, needs: Iterable[morning.Need], today: date) -> list[date]:
    """Since when each decision waits of which she has known so long that her deputy, where there is one, has it too."""
    days, deputy = facts.site.working_days, facts.site.office.deputy
    known = [need.since for need in needs if need.since and need.words and deputy]
    return [since for since in known if days.between(since, today) >= _PATIENCE]


def _say_overdue(facts: DigestFacts, needs: Sequence[morning.Need], today: date) -> Iterator[str]:
    """Which decisions the deputy has too, in both their letters, so that neither decides without knowing it; and from
    when the deputy has what is not settled by then, since she gets no letter on that day for that alone."""
    deputy, overdue = facts.site.office.deputy, _list_overdue(facts, needs, today)
    if deputy is None or facts.site.office.is_away(today):
        return
    if overdue:
        things, is_one = plural(len(overdue), "thing", spelt=True).capitalize(), len(overdue) == 1
        waits = f"{things} {'waits' if is_one else 'wait'} for two working days or longer"
        yield f"{waits}: {deputy.name} has {'it' if is_one else 'them'} too, and may order until that is settled."
    later = [need.since or today for need in needs if need.words and (need.since or today) not in overdue]
    if later:
        when = facts.site.working_days.plus(min(later), _PATIENCE)
        yield f"What is not settled by {weekday(when)} goes to {deputy.name} too, who may order from then on."


def _mark(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:8]


def _mark_need(need: morning.Need) -> list[str]:
    """By what a thing is known again the next day: itself, then each order that settles it."""
    item = (need.item.about, need.item.what) if need.item else ()
    return [_mark(need.title, *item), *(_mark(need.title, *item, words) for words in need.words)]


def _find_told(need: morning.Need, told: Mapping[str, date]) -> date | None:
    """Since when she knows of a thing and of all that she may order about it; None while any of that is new."""
    marks = _mark_need(need)
    return told[marks[0]] if all(mark in told for mark in marks) else None


def _mark_letter(row: morning.LetterRow) -> str:
    return _mark(row.short, row.state)


def _mark_standing(rounds: Sequence[morning.RoundShown]) -> str:
    """Where all returns stand, but for the days that are counted beside some."""
    return _mark(
        [(r.quarter.key, x.code, x.state, x.received, x.approved, x.waits_for) for r in rounds for x in r.rows]
    )


def _begins_week(last: date | None, today: date) -> bool:
    """Whether a day is the first of its week after another."""
    return last is None or last.isocalendar()[:2] != today.isocalendar()[:2]


def _find_last_sent(facts: DigestFacts) -> date | None:
    return london_day(facts.service.digest_made) if facts.service.digest_made else None


def _is_week_over(facts: DigestFacts, today: date) -> bool:
    """Whether the last digest is so old that what goes its course is told again."""
    return _count_since_last(facts, today) >= count_quiet_days(one.status for one in facts.rounds)


def _count_since_last(facts: DigestFacts, today: date) -> int:
    """The working days since the last digest; where none went, since the first letter to her that told of anything."""
    first = (london_day(x.queued) for x in facts.every_letter if x.manner is Manner.OFFICE)
    last = _find_last_sent(facts) or next(first, None)
    return facts.site.working_days.between(last, today) if last else FORTNIGHT


def _put_off(facts: DigestFacts, need: morning.Need, now: datetime) -> date | None:
    """Until when she put a thing off, while that day has not come."""
    until = facts.service.put_off.get((need.item.about, need.item.what)) if need.item else None
    return until if until and until > london_day(now) else None


def _tell_later(facts: DigestFacts, later: Sequence[morning.Need], now: datetime) -> Iterator[str]:
    """What is put off, in a line for each day."""
    by_day: dict[date, list[str]] = {}
    for need in later:
        until = _put_off(facts, need, now)
        if until and need.item:
            by_day.setdefault(until, []).append(need.item.called)
    for until, called in sorted(by_day.items()):
        is_one = len(called) == 1
        count = plural(len(called), "thing", spelt=True).capitalize()
        yield f"{count} {'is' if is_one else 'are'} put off until {day(until)}: {joined(called)}."


def decide_digest(facts: DigestFacts, now: datetime) -> Decision:
    """The digest when its hour has come: once a working day, and to the deputy too while the co-ordinator is away.

    That the morning was looked at is noted where nothing is new too, so that no letter comes later on the day.
    """
    local = in_london(now)
    today = local.date()
    too_early = local.time() < facts.site.digest_at or not facts.site.working_days.is_working(today)
    if too_early or facts.service.last_digest == today or _has_gone(facts, today):
        return Decision()
    made = compile_digest(facts, now)
    is_empty = not (made.rounds or made.needs or made.measures or made.later or made.strangers or made.letters)
    if is_empty and not facts.service.with_deputy:
        return Decision()
    is_sent = _is_wanted(facts, made, now) or _is_handed_over(facts, today)
    known = [need for need in made.needs if is_sent or need.since or not need.may_wait]
    told = {mark: need.since or today for need in known for mark in _mark_need(need)}
    told |= {_mark_letter(row): facts.service.told.get(_mark_letter(row), today) for row in made.letters}
    noted: dict[str, Fact] = {
        "needs": len(made.needs),
        "told": write_told(told),
        "standing": _mark_standing(made.rounds) if is_sent else facts.service.standing,
        "with_deputy": len(_list_overdue(facts, made.needs, today)),
        "sent": is_sent,
    }
    event = Event(kind=Happened.DIGEST_MADE, at=now, by=BY, facts={"day": today.isoformat(), **noted})
    letters = (*_letters(facts, made, now, is_sent=is_sent), *_write_week(facts, made, now))
    return Decision(events=(event,), letters=letters)


def _has_gone(facts: DigestFacts, today: date) -> bool:
    """Whether the day's letter has gone, though a later day's has too: the clock was ahead, and was put right.

    Another of the day would be taken for the same, and what it tells for told.
    """
    return any(letter.cause == morning.name_cause(today) for letter in facts.every_letter)


def _is_wanted(facts: DigestFacts, made: morning.Digest, now: datetime) -> bool:
    """Whether anything is new for her or keeps letters back, or the week begins and there is something to say; or she
    wants it daily."""
    is_trouble_new = any(_mark_letter(row) not in facts.service.told for row in made.letters)
    is_pressing = is_trouble_new or any(_asks_for_letter(facts, need, made.day) for need in made.needs)
    is_first = facts.service.last_digest is None and not made.needs
    is_weekly = _is_week_over(facts, made.day)
    waits = bool(made.needs or made.later) and _count_since_last(facts, made.day) >= FORTNIGHT
    is_owed = any(x.not_before and as_utc(x.not_before) <= as_utc(now) for x in facts.kept)
    is_told = waits or is_owed or is_news(facts, now, is_weekly=is_weekly)
    return facts.site.digest_daily or is_first or is_pressing or is_told


def _asks_for_letter(facts: DigestFacts, need: morning.Need, today: date) -> bool:
    """Whether a thing is new or presses; not when a letter of its own has brought it since the last morning."""
    seen = facts.service.morning_seen
    is_known = need.since is None and need.told_at and (seen is None or as_utc(need.told_at) >= as_utc(seen))
    if is_known and need.told_at:
        return need.presses and london_day(need.told_at) < today
    return (need.since is None and not need.may_wait) or need.presses


def _passes_on(facts: DigestFacts, made: morning.Digest) -> bool:
    """Whether something became overdue since the last morning: once for each thing, whatever mornings were missed."""
    last, days = facts.service.last_digest, facts.site.working_days
    overdue = _list_overdue(facts, made.needs, made.day)
    return last is not None and any(days.between(since, last) < _PATIENCE for since in overdue)


def _is_handed_over(facts: DigestFacts, today: date) -> bool:
    """Whether her deputy stands in today and has not had the last digest: what is known to her is new to them."""
    deputy, since = facts.site.office.deputy, facts.service.digest_made
    if deputy is None or not facts.site.office.is_away(today):
        return False
    digests = (x for x in facts.every_letter if x.kind == morning.digest.kind.name and deputy.is_at(x.recipient))
    return not any(since is None or as_utc(x.queued) >= as_utc(since) for x in digests)


def decide_digest_on_request(facts: DigestFacts, now: datetime, *, to: Contact, cause: str) -> Decision:
    """The same letter at any hour, to whoever ordered STATUS; the morning's digest still comes."""
    made = compile_digest(facts, now, is_asked=True)
    return Decision(letters=(morning.digest(to, made, cause=cause, workbook=write_status_book(made, now)),))


def _letters(facts: DigestFacts, made: morning.Digest, now: datetime, *, is_sent: bool) -> Iterator[Letter]:
    office, book, cause = facts.site.office, write_status_book(made, now), morning.name_cause(made.day)
    originals = _attach_originals(facts.waiting)
    if is_sent:
        yield morning.digest(office.co_ordinator, made, cause=cause, workbook=book, originals=originals)
    is_away, name = office.is_away(made.day), office.co_ordinator.name
    if office.deputy and ((is_away and is_sent) or _passes_on(facts, made)):
        away = f"no letter reaches {name}" if office.is_cut_off else f"{name} is away"
        why = away if is_away else f"decisions wait for {name}"
        shown = compile_digest(facts, now, is_asked=True) if _is_handed_over(facts, made.day) else made
        yield morning.digest(office.deputy, shown, cause=cause, workbook=book, originals=originals, copied_while=why)


def _attach_originals(waiting: Iterable[WaitingMessage]) -> tuple[Attachment, ...]:
    """The messages that no letter of their own brought, as they came, as far as one letter holds them."""
    attached: list[Attachment] = []
    for message in waiting:
        named = Attachment(name=f"Message {message.short} as it came.eml", data=message.original)
        if message.original and sum(len(a.data) for a in (*attached, named)) <= LARGEST_ORIGINAL:
            attached.append(named)
    return tuple(attached)


def _write_week(facts: DigestFacts, made: morning.Digest, now: datetime) -> Iterator[Letter]:
    """The week in short, with its first digest, where somebody is named for it. A morning that is still to come was
    that of a clock which ran ahead, and began no week."""
    mornings = (e.at for e in reversed(facts.events) if e.kind is Happened.DIGEST_MADE and e.at <= now)
    last = next(mornings, None)
    if (manager := facts.site.office.manager) and _begins_week(london_day(last) if last else None, made.day):
        yield morning.week_in_short(manager, made)


def _first(needs: Sequence[morning.Need]) -> str:
    """Whether anything needs her, and whether that is new."""
    count, fresh = len(needs), sum(need.since is None for need in needs)
    things = plural(count, "thing", spelt=True).capitalize()
    if count and not fresh:
        return f"{things} still {'needs' if count == 1 else 'need'} you. Nothing of it is new."
    new = f", {plural(fresh, 'thing', spelt=True).split()[0]} of them new" if fresh < count else ""
    return f"{things} {'needs' if count == 1 else 'need'} you today{new}." if count else "Nothing needs you today."


def _say_in_short(needs: Sequence[morning.Need], rounds: Iterable[morning.RoundShown]) -> str:
    """Whether anything needs her and the first new thing, or how far the returns have come, for forty characters."""
    count, fresh = len(needs), [need.title for need in needs if need.since is None]
    things = plural(count, "thing", spelt=True).capitalize()
    if fresh:
        return f"{things} {'needs' if count == 1 else 'need'} you: {uncapital(fresh[0])}"
    if count:
        return f"Nothing new needs you, {plural(count, 'thing', spelt=True)} {'waits' if count == 1 else 'wait'}"
    counted = joined(shown.counted for shown in rounds if shown.counted)
    return f"Nothing needs you{f': {counted}' if counted else ''}"


def _in_trouble(facts: DigestFacts) -> Iterator[morning.LetterRow]:
    return (_show_letter(x, str(x.state), x.reason) for x in facts.every_letter if x.state in _TROUBLE)


def _still_tried(facts: DigestFacts, now: datetime) -> Iterator[morning.LetterRow]:
    """The letters that are refused for now, and for hours already: since when, until when, and what was said last."""
    for letter in facts.every_letter:
        if letter.state is LetterState.QUEUED and letter.refused and now - letter.refused >= _TOLD_AFTER:
            since, until = moment(letter.refused), moment(facts.site.limits.ends_trying(letter.refused))
            tried = f"It is refused for now since {since}, and tried again until {until}. You need do nothing."
            yield _show_letter(letter, "still trying", f"{tried} {letter.reason}")


def _show_letter(letter: QueuedLetter, state: str, reason: str) -> morning.LetterRow:
    short, what = short_id(letter.id), name_kind(letter.kind)
    return morning.LetterRow(short=short, what=what, recipient=letter.recipient, state=state, reason=reason)


def _ahead(facts: DigestFacts, today: date) -> tuple[morning.NextRow, ...]:
    """What goes out next; beside what goes today stand the orders that keep it back, where they are few."""
    coming: dict[tuple[date, str], list[Foreseen]] = {}
    for one in sorted((row for cycle in facts.rounds for row in cycle.ahead), key=lambda row: row.day):
        coming.setdefault((one.day, name_kind(one.kind)), []).append(one)
    return tuple(_foresee(facts, when, what, rows, today) for (when, what), rows in coming.items())


def _foresee(facts: DigestFacts, when: date, what: str, rows: list[Foreseen], today: date) -> morning.NextRow:
    keys = {key for row in rows for key in row.about}
    about = [r for r in facts.site.respondents if r.key in keys]
    is_few = 0 < len(about) <= _FEW
    return morning.NextRow(
        day=when,
        what=what,
        letters=sum(row.letters for row in rows),
        about=tuple(r.name for r in about) if is_few else (),
        stops=tuple(f"HOLD {r.code}" for r in about) if is_few and when == today else (),
    )


def _paper(cycle: Round, paper: PaperDates) -> morning.PaperRow:
    status = cycle.status.papers.get(paper.board)
    state = status.state if status and status.content else None
    coming = {
        None: f"draft by {day(paper.draft)}",
        PaperState.DRAFT: f"clearance by {day(paper.clearance)}",
        PaperState.WITH_PARTNERS: f"clearance by {day(paper.clearance)}",
        PaperState.CLEARED: f"out by {day(paper.papers_out)}",
    }
    board = cycle.site.board(paper.board)
    return morning.PaperRow(
        board=board.name,
        quarter=cycle.status.quarter.label,
        meeting=paper.meeting,
        state=str(state) if state else "not drafted",
        next=coming.get(state, ""),
        yearly=board.yearly,
        is_cancelled=cycle.site.is_cancelled(paper.board, paper.meeting),
    )
