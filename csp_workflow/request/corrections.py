"""Whoever has something of ours that does not stand any more is told so: forms, and dates.

Forms: the extract came or was revised after they went, or a wording was corrected. The co-ordinator is told what
changed and by how much; REISSUE sends the forms anew, with what was typed. Dates: a holiday is announced, a meeting is
moved or cancelled. What respondents were told only ever moves later; whoever was told a date that does not stand any
more, and still has something to do by it, is told the new one, each in one letter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from csp_workflow.forms.writing import attach_workbook
from csp_workflow.letters.disputes import dispute_answered
from csp_workflow.letters.papers import meeting_moved
from csp_workflow.letters.requests import MovedDate, Reissued, dates_moved, form_reissued, forms_overtaken
from csp_workflow.request import proof
from csp_workflow.request.opening import REQUESTS
from csp_workflow.request.proof import OpeningFacts
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleDates, CycleState, PaperDates, london_day
from csp_workflow.terms.events import (
    Decision,
    Event,
    Happened,
    Letter,
    PreconditionFailed,
    Request,
    note_issue,
    together,
)
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.paper_status import NO_DAY
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.phrases import say_figure
from csp_workflow.terms.queries import Dispute, name_disputed
from csp_workflow.terms.returns import FormDefinition, ReturnState, RowChange, list_changes
from csp_workflow.terms.site import Assent, Contact, Respondent, RespondentKind
from csp_workflow.terms.status import CycleStatus, ReturnStatus

LOOKED_AT = {CycleState.OPEN, CycleState.CLOSED}
"""While forms are out."""

_MAY_OVERTAKE = {Happened.FIGURES_IMPORTED, Happened.CONFIG_TAKEN, Happened.SETUP_APPLIED}


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """A respondent's form as it would be sent now, and what in it is otherwise than on the form it has."""

    respondent: Respondent
    form: FormDefinition
    changes: tuple[RowChange, ...]


def count_overtaking(analysts: Collection[str], events: Iterable[Event]) -> int:
    """How many things happened that forms which are out may not show; `events` are the cycle's and the service's."""
    return sum(e.kind in _MAY_OVERTAKE or (e.kind is Happened.RECEIVED and e.respondent in analysts) for e in events)


def list_fresh(facts: OpeningFacts, sent: Mapping[str, Sequence[FormDefinition]], now: datetime) -> tuple[Fresh, ...]:
    """The forms as they would be sent now to all (but the analyst) who were sent one, each with what changed.

    `sent` has the issues to compare with, the latest last: the first in which anything was otherwise counts.
    """
    among = [r.key for r in facts.site.respondents if r.kind in REQUESTS.kinds and r.key in sent]
    if facts.dates is None:
        return ()
    return tuple(
        Fresh(respondent=respondent, form=form, changes=next(filter(None, changes), ()))
        for respondent, form in proof.define_forms(facts, facts.dates, now, among=among)
        for changes in [(list_changes(issue, form) for issue in reversed(sent[respondent.key]))]
    )


def decide_overtaken(
    facts: OpeningFacts,
    sent: Mapping[str, FormDefinition],
    now: datetime,
    *,
    kept: Collection[str] = (),
    disputed: Mapping[str, Sequence[tuple[Dispute, Figure | None]]] | None = None,
) -> Decision:
    """What changed on which form is noted once, and told to whoever is in charge in one letter.

    A form that is `kept`, since its letter has not left, is written anew by itself: of that she need not hear.
    `disputed` are the force's figures that each respondent disputes, as they stood then: who disputes one is told what
    came in its place.
    """
    last = {key: (form,) for key, form in sent.items() if key in facts.status.returns}
    fresh = list_fresh(facts, last, now)
    revised = together(*(_tell_revised(one, facts, now, (disputed or {}).get(one.respondent.key, ())) for one in fresh))
    noted = tuple(event for one in fresh for event in _note_change(one, facts, now))
    told = [one for one in fresh if one.changes and one.respondent.key not in kept]
    if not noted or not told or facts.dates is None:
        return together(Decision(events=noted), revised)
    cycle = CycleView(site=facts.site, dates=facts.dates, status=facts.status)
    rows = tuple((one.respondent, change) for one in told for change in one.changes)
    cause = f"{facts.quarter.key} {now.isoformat()}"
    states = [facts.status.returns[one.respondent.key].state for one in told]
    letters = tuple(
        forms_overtaken(
            to,
            facts.quarter,
            rows,
            cause=cause,
            returned=sum(state.is_made for state in states),
            waiting=states.count(ReturnState.REQUESTED),
            gone=cycle.settled_boards,
        )
        for to in facts.site.office.in_charge(london_day(now))
    )
    return together(Decision(events=noted, letters=letters), revised)


def _tell_revised(
    one: Fresh, facts: OpeningFacts, now: datetime, disputed: Sequence[tuple[Dispute, Figure | None]]
) -> Decision:
    """What a respondent disputed and the force has given anew: it is answered, and told in one letter."""
    given = {(row.area.code, row.ref): row.given for row in one.form.figures}
    revised = [
        (dispute, f"The force has revised it: {say_figure(was)}, now {say_figure(given.get(place))}.")
        for dispute, was in disputed
        if (place := (dispute.area, dispute.ref)) in given and say_figure(was) != say_figure(given[place])
    ]
    rows = [(name_disputed(facts.site, d), keep_back_lines(d.reason), said) for d, said in revised]
    people = facts.service.written_to(one.respondent, london_day(now)) if rows else ()
    return Decision(
        events=tuple(
            Event(
                kind=Happened.DISPUTE_ANSWERED, at=now, by=facts.by, quarter=facts.quarter,
                respondent=one.respondent.key, facts={"area": d.area, "ref": d.ref, "words": said},
            )
            for d, said in revised
        ),
        letters=tuple(
            dispute_answered(
                to, one.respondent, facts.quarter, rows, cause=f"{one.respondent.key} {now.isoformat()}", at=now,
                is_revised=True,
            )
            for to in people
        ),
    )  # fmt: skip


def _note_change(one: Fresh, facts: OpeningFacts, now: datetime) -> Iterator[Event]:
    known = facts.status.returns[one.respondent.key].overtaken
    figures = [change for change in one.changes if change.is_figure]
    wordings = [change for change in one.changes if not change.is_figure]
    seen = [(c.place, c.ref, c.now and (c.now.value, c.now.status)) for c in figures], [c.wording for c in wordings]
    mark = ":".join(proof.digest_values(part, facts.key) for part in seen) if one.changes else ""
    if mark == (known.mark if known else ""):
        return
    came = sum(change.was is None for change in figures)
    counted = {"figures": len(figures) - came, "came": came, "wordings": len(wordings)}
    yield Event(
        kind=Happened.FORM_OVERTAKEN,
        at=now,
        by=facts.by,
        quarter=facts.quarter,
        respondent=one.respondent.key,
        facts={"mark": mark, **counted},
    )


def decide_reissue(
    facts: OpeningFacts, fresh: Iterable[Fresh], filled: Mapping[str, tuple[Request, Attachment]], now: datetime
) -> Decision:
    """The forms anew to whoever gets letters about them, one letter to each; `filled` has the workbooks of those who
    returned, with what they typed. Raises PreconditionFailed when letters reach nobody."""
    people: dict[str, tuple[Contact, list[Reissued]]] = {}
    sent: list[Fresh] = []
    for one in fresh:
        told = facts.service.written_to(one.respondent, london_day(now))
        made = filled.get(one.respondent.key)
        workbook = made[1] if made else attach_workbook(one.form, created=now)
        brought = Reissued(
            form=one.form,
            workbook=workbook,
            changes=one.changes,
            is_in=facts.status.returns[one.respondent.key].state.is_in,
            is_filled=one.respondent.key in filled,
        )
        sent += [one] if told else []
        for contact in told:
            people.setdefault(contact.address.lower(), (contact, []))[1].append(brought)
    if not sent:
        raise PreconditionFailed("Letters reach nobody to whom a form would go.")
    workbooks = {
        r.form.respondent: hashlib.sha256(r.workbook.data).hexdigest() for _, mine in people.values() for r in mine
    }
    return Decision(
        events=tuple(note_issue(facts.quarter, one.form, now, by=facts.by) for one in sent),
        letters=tuple(
            form_reissued(contact, facts.quarter, mine, today=london_day(now)) for contact, mine in people.values()
        ),
        requests=tuple(
            filled[key][0] if (key := one.respondent.key) in filled else Request(form=one.form, workbook=workbooks[key])
            for one in sent
        ),
    )


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
