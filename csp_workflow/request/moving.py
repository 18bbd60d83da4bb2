"""Dates that move after somebody was told them: a holiday is announced, a meeting is moved or cancelled.

What respondents were told only ever moves later; whoever was told a date that does not stand any more, and still has
something to do by it, is told the new one, each in one letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from csp_workflow.letters.papers import meeting_moved
from csp_workflow.letters.requests import MovedDate, dates_moved
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleDates, CycleState, PaperDates, london_day
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.paper_status import NO_DAY
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Assent, Contact, Respondent, RespondentKind
from csp_workflow.terms.status import CycleStatus, ReturnStatus

_NOT_COME = {ReturnState.EXPECTED, ReturnState.REQUESTED}
_UNFINISHED = {*_NOT_COME, ReturnState.RECEIVED, ReturnState.QUERIED}
BEFORE_OPENING = {CycleState.PLANNED, CycleState.IN_PROOF}
"""When nobody but the force's analyst was asked yet."""


def keep_promises(promised: CycleDates, wanted: CycleDates, status: CycleStatus) -> CycleDates:
    """The dates of a quarter, worked out anew: once it was opened the papers follow their meetings, the rest is kept.

    While it is open, days to return by may still move, later only; so may the extract's once it was asked for. A paper
    that went out stays a paper of the quarter when its meeting is cancelled: what comes after it is still told.
    """
    if status.state in BEFORE_OPENING:
        is_asked = any(stands.requested for stands in status.returns.values())
        return replace(wanted, extract_due=max(promised.extract_due, wanted.extract_due)) if is_asked else wanted
    papers = (*wanted.papers, *_list_gone_out(promised, wanted, status))
    kept = replace(promised, papers=papers, warnings=wanted.warnings, pre_election=wanted.pre_election)
    if status.state is not CycleState.OPEN:
        return kept
    return replace(
        kept,
        extract_due=max(promised.extract_due, wanted.extract_due),
        due=max(promised.due, wanted.due),
        close=max(promised.close, wanted.close),
    )


def _list_gone_out(promised: CycleDates, wanted: CycleDates, status: CycleStatus) -> Iterator[PaperDates]:
    """The papers that were sent to their boards and for which no meeting is on record any more."""
    planned = {paper.board for paper in wanted.papers}
    for paper in promised.papers:
        stands = status.papers.get(paper.board)
        if paper.board not in planned and stands and stands.circulated_at:
            yield paper


def decide_moving(cycle: CycleView, before: CycleDates, now: datetime, *, by: str) -> Decision:
    """What follows when a quarter's dates became those of `cycle`: it is noted, and whoever was told is told anew."""
    was = replace(cycle, dates=before)
    moved = {one.what: one for one in _list_moved(was, cycle, london_day(now))}
    met = list(_list_met(was, cycle))
    told = [f"{one.what} {one.was:%Y-%m-%d} {one.now:%Y-%m-%d}" for one in moved.values() if one.now]
    said = "; ".join((*told, *(f"{board} {then or NO_DAY} {on or NO_DAY}" for board, then, on in met)))
    facts = {"moved": said} if said else {}
    noted = Event(kind=Happened.CYCLE_REPLANNED, at=now, by=by, quarter=cycle.quarter, facts=facts)
    people: dict[str, tuple[Contact, list[tuple[Respondent, tuple[MovedDate, ...]]]]] = {}
    for respondent, stands in cycle.owed_returns():
        for contact, dates in _find_told(was, cycle, respondent, stands, moved, london_day(now)):
            people.setdefault(contact.address.lower(), (contact, []))[1].append((respondent, dates))
    letters = tuple(dates_moved(contact, cycle.quarter, about, at=now) for contact, about in people.values())
    return Decision(plans=(cycle.dates,), events=(noted,), letters=(*letters, *_tell_secretariat(cycle, met, now)))


def _tell_secretariat(
    cycle: CycleView, met: Iterable[tuple[str, date | None, date | None]], now: datetime
) -> Iterator[Letter]:
    """Whoever was sent a paper is told that its meeting is on another day than they know, or on none."""
    site = cycle.site
    for board, then, on in met:
        if cycle.status.papers[board].circulated_at:
            for one in site.office.secretariat_of(board):
                yield meeting_moved(one, board=site.board(board), quarter=cycle.quarter, was=then, now=on, at=now)


def _list_moved(was: CycleView, cycle: CycleView, today: date) -> Iterator[MovedDate]:
    before, now = was.dates, cycle.dates
    pairs = (
        ("extract-due", before.extract_due, now.extract_due),
        ("due", before.due, now.due),
        ("close", before.close, now.close),
    )
    for what, told, stands in pairs:
        if told != stands:
            yield MovedDate(what=what, was=told, now=stands)
    was_settled, is_settled = was.next_clearance(today), cycle.next_clearance(today)
    if was_settled and was_settled != is_settled:
        yield MovedDate(what="clearance", was=was_settled, now=is_settled)


def _list_met(was: CycleView, cycle: CycleView) -> Iterator[tuple[str, date | None, date | None]]:
    """The meetings of papers that were drafted, where they are on another day than they were (None: on none)."""
    for board, paper in cycle.status.papers.items():
        then = paper.moved.now if paper.moved else next(_find_days(was, board), None)
        now = next((d for d in _find_days(cycle, board) if not cycle.site.is_cancelled(board, d)), None)
        if paper.content and then != now and (then or paper.moved):
            yield board, then, now


def _find_days(cycle: CycleView, board: str) -> Iterator[date]:
    return (paper.meeting for paper in cycle.dates.papers if paper.board == board)


def _find_told(
    was: CycleView,
    cycle: CycleView,
    respondent: Respondent,
    stands: ReturnStatus,
    moved: dict[str, MovedDate],
    today: date,
) -> Iterator[tuple[Contact, tuple[MovedDate, ...]]]:
    """Who was told a date about a return that is not finished, and which of those that moved."""
    if stands.certificate_asked_at and stands.wants(Assent.CERTIFICATE):
        theirs = _pick_for(was, respondent, stands.certificate_asked_at, moved)
        yield from ((one, theirs) for one in cycle.givers(respondent, Assent.CERTIFICATE, today) if theirs)
    if stands.requested is None or stands.state.is_finished:
        return
    mine = tuple(_list_for_leads(was, cycle, respondent, stands))
    if mine:
        yield from ((contact, mine) for contact in cycle.addressees(respondent, today))
    chairs = cycle.chairs(respondent, today) if respondent.needs_approval else ()
    theirs = _pick_for(was, respondent, stands.approval_asked_at, moved)
    if theirs:
        yield from ((chair, theirs) for chair in chairs)


def _pick_for(
    was: CycleView, respondent: Respondent, asked: datetime | None, moved: dict[str, MovedDate]
) -> tuple[MovedDate, ...]:
    """The date that somebody was told who was asked for a yes then, where it moved."""
    is_after_close = asked is not None and london_day(asked) >= london_day(was.close_time(respondent))
    return tuple(_pick(moved, ("clearance",) if is_after_close else ("close",)))


def _list_for_leads(
    was: CycleView, cycle: CycleView, respondent: Respondent, stands: ReturnStatus
) -> Iterator[MovedDate]:
    """Their own day and their own close; a return that is in waits for its close only. The extract has no close."""
    is_extract = respondent.kind is RespondentKind.ANALYST
    if cycle.status.state is not CycleState.OPEN and not (is_extract and cycle.status.state in BEFORE_OPENING):
        return
    pairs = (
        ("extract-due" if is_extract else "due", was.due_time(respondent), cycle.due_time(respondent), _NOT_COME),
        ("close", was.close_time(respondent), cycle.close_time(respondent), () if is_extract else _UNFINISHED),
    )
    yield from (
        MovedDate(what=what, was=then, now=now) for what, then, now, of in pairs if then != now and stands.state in of
    )


def _pick(moved: dict[str, MovedDate], names: Iterable[str]) -> tuple[MovedDate, ...]:
    return tuple(moved[name] for name in names if name in moved)
