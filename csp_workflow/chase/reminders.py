"""Reminding leads of returns that have not come, by the ladder, and of faults that nobody has mended.

Level-triggered: the latest rung only, once. Rungs are counted in working days from each respondent's
own due date. A person who owes several returns gets one letter that names them all, and never two
letters on one working day.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from csp_workflow.chase import quiet
from csp_workflow.letters import chases
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Audience, Ground, Kind
from csp_workflow.letters.requests import REQUEST_OF, Enclosure, ReplyWords
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.events import (
    REMINDERS,
    About,
    Decision,
    Event,
    Happened,
    Letter,
    LetterState,
    QueuedLetter,
    together,
)
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.queries import group
from csp_workflow.terms.returns import FormDefinition, ReturnState, Submission
from csp_workflow.terms.site import Contact, Respondent, RespondentKind, Role, Rung, RungKind

_NEVER_LEAVE = {LetterState.WITHDRAWN, LetterState.FAILED, LetterState.HELD}
_WRITER_OF = {
    RungKind.BEFORE_DUE: chases.reminder_before_due,
    RungKind.DUE_TODAY: chases.reminder_due_today,
    RungKind.OVERDUE: chases.reminder_overdue,
}
"""The function that writes the letter of each rung that goes to the lead."""

BY = "the ladder"


@dataclass(frozen=True, kw_only=True)
class _Owing:
    """A respondent whose rung is due now."""

    respondent: Respondent
    rung: Rung
    mark: str


def decide_reminders(cycle: CycleView, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """The reminders and proposals due now. `written_to` are addresses that another rule writes to in this beat."""
    if quiet.service_is_quiet(cycle) or not cycle.site.working_days.is_working(london_day(now)):
        return Decision()
    today = london_day(now)
    chased = [r for r, _ in cycle.owed_returns() if not quiet.not_chased(cycle, r, today)]
    proposals = tuple(event for r in chased for event in _list_proposals(cycle, r, now))
    if quiet.window_is_shut(cycle.site, now):
        return Decision(events=proposals)
    written_to = written_to | quiet.addresses_written_to(cycle, now)
    reminders = _reminders(cycle, chased, now, written_to)
    written_to |= {letter.recipient.lower() for letter in reminders.letters}
    return together(Decision(events=proposals), reminders, _chair_letters(cycle, chased, now, written_to))


# The rung in force ---------------------------------------------------------------------------


def _rungs_of(cycle: CycleView, respondent: Respondent, day: date) -> tuple[Rung, ...]:
    """The ladder for one respondent, lowest rung first: without the chair's rung where there is no other chair."""
    rungs = sorted(cycle.site.ladder, key=lambda r: r.days)
    return tuple(r for r in rungs if r.kind is not RungKind.CHAIR or other_chairs(cycle, respondent, day))


def other_chairs(cycle: CycleView, respondent: Respondent, day: date) -> tuple[Contact, ...]:
    """The chairs who are not themselves the person that is chased, nor the lead who cannot be."""
    asked = (*cycle.addressees(respondent, day), *respondent.people(Role.LEAD, day))
    return tuple(c for c in cycle.chairs(respondent, day) if not any(one.is_at(c.address) for one in asked))


def latest_rung(cycle: CycleView, respondent: Respondent, now: datetime) -> Rung | None:
    """The last rung reached, or None when it no longer fits: "due today" is said on the day only."""
    day = london_day(now)
    days = cycle.days_from_due(respondent, day)
    reached = [r for r in _rungs_of(cycle, respondent, day) if r.days <= days]
    if not reached:
        return None
    due_at = cycle.due_time(respondent)
    fits = {
        RungKind.BEFORE_DUE: days < 0,
        RungKind.DUE_TODAY: london_day(due_at) == day and now < due_at,
        RungKind.OVERDUE: days > 0,
    }
    return reached[-1] if fits.get(reached[-1].kind, True) else None


def _mark(cycle: CycleView, respondent: Respondent, rung: Rung) -> str:
    """A rung of one respondent's chase, by its own due date: an extension begins the ladder anew."""
    due_day = london_day(cycle.due_time(respondent))
    return f"{respondent.code}={_name_of(rung)}@{due_day.isoformat()}"


def describe_rung(cycle: CycleView, respondent: Respondent, rung: Rung) -> About:
    """What a letter of a rung is about: the respondent, the rung, and the due date it is counted from."""
    return About(respondent=respondent.key, rung=_name_of(rung), due=london_day(cycle.due_time(respondent)))


def find_letters_of(cycle: CycleView, respondent: Respondent, rung: Rung) -> tuple[QueuedLetter, ...]:
    """The letters of a rung that were written and not withdrawn."""
    return quiet.find_letters(cycle, Ground.RETURN_MISSING, describe_rung(cycle, respondent, rung))


def _name_of(rung: Rung) -> str:
    return f"{rung.kind.value.replace(' ', '-')}{rung.days:+d}"


# Letters to the lead -------------------------------------------------------------------------


def _reminders(cycle: CycleView, chased: Sequence[Respondent], now: datetime, written_to: frozenset[str]) -> Decision:
    people: dict[str, tuple[Contact, list[_Owing]]] = {}
    for respondent in chased:
        owing = _reminder_due(cycle, respondent, now)
        if owing is None:
            continue
        for contact in cycle.addressees(respondent, london_day(now)):
            people.setdefault(contact.address.lower(), (contact, []))[1].append(owing)
    free = [entry for address, entry in people.items() if address not in written_to]
    letters = tuple(_reminder(cycle, contact, owing, now) for contact, owing in free)
    reminded = {o.mark: o for _, owing in free for o in owing}
    return Decision(
        letters=letters,
        events=tuple(_note(cycle, Happened.REMINDED, o.respondent, o.rung, now) for o in reminded.values()),
    )


def _reminder_due(cycle: CycleView, respondent: Respondent, now: datetime) -> _Owing | None:
    rung = latest_rung(cycle, respondent, now)
    if rung is None or rung.kind not in _WRITER_OF:
        return None
    if find_letters_of(cycle, respondent, rung):
        return None
    return _Owing(respondent=respondent, rung=rung, mark=_mark(cycle, respondent, rung))


def _reminder(cycle: CycleView, to: Contact, owing: Sequence[_Owing], now: datetime) -> Letter:
    """One letter for all that one person owes; the most pressing return decides which letter it is."""
    write = _WRITER_OF[max(owing, key=lambda o: o.rung.days).rung.kind]
    forms = [_form_for(cycle, o.respondent, to, now) for o in owing]
    owed = [
        replace(
            _owed(cycle, one.respondent, one.rung, now),
            why=cycle.service.say_stand_in(to, one.respondent, london_day(now)),
        )
        for one in owing
    ]
    marks = ",".join(sorted(o.mark for o in owing))
    occasion = _occasion(cycle, "chase", marks, [o.respondent for o in owing], now)
    letter = write(to, owed, occasion, forms=tuple(filter(None, forms)))
    return quiet.number_repeat(cycle, letter)


def _owed(cycle: CycleView, respondent: Respondent, rung: Rung, now: datetime) -> chases.Owed:
    return chases.Owed(
        respondent=respondent.key,
        code=respondent.code,
        name=respondent.name,
        thing="extract" if respondent.kind is RespondentKind.ANALYST else "return",
        due=cycle.due_time(respondent),
        days=cycle.days_from_due(respondent, london_day(now)),
        rung=_name_of(rung),
    )


def _occasion(
    cycle: CycleView, rule: str, marks: str, respondents: Collection[Respondent], now: datetime
) -> chases.Occasion:
    quarter, close = cycle.status.quarter, _first_close(cycle, respondents)
    return chases.Occasion(
        quarter=quarter,
        cause=f"{rule}:{quarter.key}:{marks}",
        close=close if now < close else None,
        words=_reply_words(cycle),
        longer=close > cycle.dates.close,
    )


def _first_close(cycle: CycleView, respondents: Collection[Respondent]) -> datetime:
    """After when the first of these returns is late for the papers: each has its own close."""
    return min(cycle.close_time(respondent) for respondent in respondents)


def _reply_words(cycle: CycleView) -> ReplyWords:
    return ReplyWords(nil=cycle.site.nil_phrases[0].upper(), decline=cycle.site.decline_phrases[0].upper())


def _form_for(cycle: CycleView, respondent: Respondent, to: Contact, now: datetime) -> Attachment | None:
    """The form that is asked for, empty: as last sent, or as it stands now for somebody who never had it (a deputy, a
    lead entered since). None where no forms were gathered."""
    if respondent.key not in cycle.forms:
        return None
    issues = () if _lacks_form(cycle, respondent, to) else cycle.issues.get(respondent.key, ())
    form = issues[-1] if issues else cycle.forms[respondent.key]
    return _write_workbook(cycle.give_due(form, respondent), now)


def _write_workbook(form: FormDefinition, now: datetime) -> Attachment:
    from csp_workflow.forms import writing

    return writing.attach_workbook(form, created=now)


def _lacks_form(cycle: CycleView, respondent: Respondent, to: Contact) -> bool:
    """Whether the form went out, or was withdrawn from whoever was asked before, and somebody has not had it."""
    is_out = _had(cycle, respondent, lambda kind: kind.brings_forms, but_for=_NEVER_LEAVE - {LetterState.WITHDRAWN})
    return bool(is_out) and to.address.lower() not in _had(cycle, respondent, lambda kind: kind.brings_forms)


def _had(
    cycle: CycleView,
    respondent: Respondent,
    which: Callable[[Kind], bool],
    *,
    but_for: Collection[LetterState] = frozenset(_NEVER_LEAVE),
) -> set[str]:
    """The addresses that have had, or will have, a letter of some kinds about a return."""
    return {
        x.recipient.lower()
        for x in cycle.letters_by_respondent.get(respondent.key, ())
        if (x.state not in but_for or x.is_let_lie) and which(kind_of(x.kind))
    }


# A lead who never had the form -------------------------------------------------------------------


def decide_handovers(cycle: CycleView, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """What is still owed, with its form, to leads who came since the others were asked.

    Before the due date that is the request itself, which no other letter of the day holds back; after it the reminder
    that counts the days.
    """
    if quiet.service_is_quiet(cycle) or quiet.window_is_shut(cycle.site, now):
        return Decision()
    written_to = written_to | quiet.addresses_written_to(cycle, now)
    requests: dict[str, tuple[Contact, list[Respondent]]] = {}
    overdue: dict[str, tuple[Contact, list[_Owing]]] = {}
    for respondent, lead in (pair for pair in find_handovers(cycle, now) if pair[0].key in cycle.forms):
        address, rung = lead.address.lower(), _overdue_rung(cycle, respondent, now)
        if now < cycle.due_time(respondent):
            requests.setdefault(address, (lead, []))[1].append(respondent)
        elif rung and address not in written_to:
            owing = _Owing(respondent=respondent, rung=rung, mark=_mark(cycle, respondent, rung))
            overdue.setdefault(address, (lead, []))[1].append(owing)
    return Decision(
        letters=(
            *(_request_anew(cycle, lead, owed, now) for lead, owed in requests.values()),
            *(_reminder(cycle, lead, owing, now) for lead, owing in overdue.values()),
        )
    )


def find_handovers(cycle: CycleView, now: datetime) -> tuple[tuple[Respondent, Contact], ...]:
    """The leads who never had the form of a return that is still owed. Their forms need not be gathered yet."""
    today = london_day(now)
    return tuple(
        (respondent, lead)
        for respondent in (r for r, _ in cycle.owed_returns() if not quiet.not_chased(cycle, r, today))
        for lead in cycle.service.deliverable(respondent, today)
        if (lead.role is Role.LEAD or _was_withdrawn(cycle, respondent, lead))
        and _lacks_form(cycle, respondent, lead)
        and lead.address.lower() not in _had(cycle, respondent, lambda kind: kind.ground is Ground.RETURN_MISSING)
    )


def _was_withdrawn(cycle: CycleView, respondent: Respondent, to: Contact) -> bool:
    """Whether somebody was to get the form already, in a letter that had aged before it left."""
    but_for = _NEVER_LEAVE - {LetterState.WITHDRAWN}
    return to.address.lower() in _had(cycle, respondent, lambda kind: kind.brings_forms, but_for=but_for)


def _request_anew(cycle: CycleView, to: Contact, owed: Sequence[Respondent], now: datetime) -> Letter:
    enclosures = [
        Enclosure(
            form=form,
            workbook=_write_workbook(form, now),
            why=""
            if _was_withdrawn(cycle, respondent, to)
            else f"You get this because you now lead on it for {respondent.name}.",
        )
        for respondent in owed
        for form in [cycle.give_due(cycle.forms[respondent.key], respondent)]
    ]
    dates = replace(cycle.dates, close=_first_close(cycle, owed))
    write = REQUEST_OF[owed[0].kind]
    return quiet.number_repeat(cycle, write(to, enclosures, dates, words=_reply_words(cycle)))


def _overdue_rung(cycle: CycleView, respondent: Respondent, now: datetime) -> Rung | None:
    """The last overdue rung reached, or the first one before it is; None on the due day itself."""
    day = london_day(now)
    days = cycle.days_from_due(respondent, day)
    rungs = [r for r in _rungs_of(cycle, respondent, day) if r.kind is RungKind.OVERDUE]
    reached = [r for r in rungs if r.days <= days]
    return next(iter(reached[-1:] or rungs), None) if days > 0 else None


# The chair and the telephone -----------------------------------------------------------------


def _list_proposals(cycle: CycleView, respondent: Respondent, now: datetime) -> list[Event]:
    """What the co-ordinator is to be asked: may we write to the chair; please telephone."""
    status = cycle.status.returns[respondent.key]
    happened = {
        RungKind.CHAIR: (Happened.CHAIR_LETTER_PROPOSED, status.chair_letter_proposed),
        RungKind.PHONE: (Happened.PHONE_CALL_DUE, status.phone_call_due),
    }
    return [
        _note(cycle, happened[rung.kind][0], respondent, rung, now)
        for rung in _late_rungs(cycle, respondent, now)
        if rung.kind in happened and not happened[rung.kind][1]
    ]


def _chair_letters(
    cycle: CycleView, chased: Sequence[Respondent], now: datetime, written_to: frozenset[str]
) -> Decision:
    letters: list[Letter] = []
    events: list[Event] = []
    for respondent in chased:
        rung = _allowed_rung(cycle, respondent, now)
        to = other_chairs(cycle, respondent, london_day(now)) if rung else ()
        free = [c for c in to if c.address.lower() not in written_to]
        if rung is None or not free:
            continue
        letters += [_chair_letter(cycle, respondent, rung, contact, now) for contact in free]
        events.append(_note(cycle, Happened.REMINDED, respondent, rung, now))
        written_to |= {c.address.lower() for c in free}
    return Decision(letters=tuple(letters), events=tuple(events))


def _allowed_rung(cycle: CycleView, respondent: Respondent, now: datetime) -> Rung | None:
    """The chair's rung when the co-ordinator said yes to it and no letter of it has been written."""
    if not cycle.status.returns[respondent.key].chair_letter_allowed:
        return None
    rungs = [r for r in _late_rungs(cycle, respondent, now) if r.kind is RungKind.CHAIR]
    if not rungs or find_letters_of(cycle, respondent, rungs[-1]):
        return None
    return rungs[-1]


def _late_rungs(cycle: CycleView, respondent: Respondent, now: datetime) -> list[Rung]:
    day = london_day(now)
    days = cycle.days_from_due(respondent, day)
    return [r for r in _rungs_of(cycle, respondent, day) if 0 < r.days <= days]


def _chair_letter(cycle: CycleView, respondent: Respondent, rung: Rung, to: Contact, now: datetime) -> Letter:
    # Where a chair can be written to there is always an addressee: in the last resort that chair.
    leads = cycle.addressees(respondent, london_day(now))
    reminded = {
        london_day(letter.sent)
        for letter in cycle.letters
        if _is_to_leads(kind_of(letter.kind)) and letter.sent and respondent.key in letter.respondents
    }
    letter = chases.overdue_chair(
        to,
        _owed(cycle, respondent, rung, now),
        _occasion(cycle, "chase", _mark(cycle, respondent, rung), [respondent], now),
        lead=leads[0].name,
        reminded=sorted(reminded),
    )
    return quiet.number_repeat(cycle, letter)


def _is_to_leads(kind: Kind) -> bool:
    return kind.ground is Ground.RETURN_MISSING and kind.audience is not Audience.CHAIR


def _note(cycle: CycleView, kind: Happened, respondent: Respondent, rung: Rung, now: datetime) -> Event:
    mark, what = _mark(cycle, respondent, rung), rung.kind.value
    return quiet.note(cycle, kind, now, by=BY, respondent=respondent.key, subject=mark, rung=what, days=rung.days)


# Faults to be mended -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    """A queried return whose reminder is due now."""

    respondent: Respondent
    submission: Submission
    number: int


def decide_fault_reminders(cycle: CycleView, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """The reminders of unmended faults due now, until every paper is cleared."""
    if quiet.service_is_quiet(cycle) or quiet.window_is_shut(cycle.site, now):
        return Decision()
    written_to = written_to | quiet.addresses_written_to(cycle, now)
    people: dict[str, tuple[Contact, list[_Waiting]]] = {}
    for waiting in (w for r, _ in cycle.owed_returns() if (w := _find_waiting(cycle, r, london_day(now)))):
        for contact in cycle.addressees(waiting.respondent, london_day(now)):
            people.setdefault(contact.address.lower(), (contact, []))[1].append(waiting)
    free = [entry for address, entry in people.items() if address not in written_to]
    reminded = {w.submission.id: w for _, all_of_one in free for w in all_of_one}
    return Decision(
        letters=tuple(_fault_reminder(cycle, contact, waiting, now) for contact, waiting in free),
        events=tuple(_note_fault_reminder(cycle, w, now) for w in reminded.values()),
    )


def _fault_reminder_number(cycle: CycleView, submission: Submission, day: date) -> int:
    """Which reminder is due on a day, counted from when it came or was sent back: 0 none, then the latest only."""
    since = cycle.status.returns[submission.respondent].returned or submission.received
    passed = cycle.site.working_days.between(london_day(since), day)
    return min(max(passed, 0) // cycle.site.limits.query_reminder_days, REMINDERS)


def why_faults_rest(cycle: CycleView, respondent: Respondent, today: date) -> str:
    """Why a respondent is not reminded of faults, or "" when it may be."""
    if cycle.status.returns[respondent.key].state is not ReturnState.QUERIED:
        return "No fault is waiting to be corrected."
    is_running = cycle.status.state in {CycleState.OPEN, CycleState.CLOSED}
    if not is_running and (respondent.kind is not RespondentKind.ANALYST or cycle.status.state is CycleState.ARCHIVED):
        return f"The quarter is {cycle.status.state}."
    return quiet.papers_are_settled(cycle) or quiet.respondent_is_paused(cycle, respondent, today)


def _find_waiting(cycle: CycleView, respondent: Respondent, day: date) -> _Waiting | None:
    latest = cycle.latest_submission(respondent)
    if latest is None or why_faults_rest(cycle, respondent, day):
        return None
    number = _fault_reminder_number(cycle, latest, day)
    numbers = range(number, REMINDERS + 1)
    if not number or any(quiet.find_reminders(cycle, Ground.FAULTS_OPEN, respondent, latest.id, n) for n in numbers):
        return None
    return _Waiting(respondent=respondent, submission=latest, number=number)


def _fault_reminder(cycle: CycleView, to: Contact, waiting: Sequence[_Waiting], now: datetime) -> Letter:
    marks = ",".join(sorted(f"{w.submission.id}+{w.number}" for w in waiting))
    occasion = _occasion(cycle, "query", marks, [w.respondent for w in waiting], now)
    unmended = [_describe_faults(cycle, w, to, london_day(now)) for w in waiting]
    forms = tuple(cycle.marked[w.respondent.key] for w in waiting if w.respondent.key in cycle.marked)
    last = all(w.number == REMINDERS for w in waiting)
    letter = chases.query_reminder(to, unmended, occasion, last=last, forms=forms)
    return quiet.number_repeat(cycle, letter)


def _describe_faults(cycle: CycleView, waiting: _Waiting, to: Contact, today: date) -> chases.Unmended:
    stands = cycle.status.returns[waiting.respondent.key]
    return chases.Unmended(
        respondent=waiting.respondent.key,
        code=waiting.respondent.code,
        name=waiting.respondent.name,
        submission=waiting.submission.id,
        reminder=waiting.number,
        received=waiting.submission.received,
        faults=group(waiting.submission.faults, cycle.forms.get(waiting.respondent.key)),
        why=cycle.service.say_stand_in(to, waiting.respondent, today),
        returned=stands.returned,
        reason=stands.reason if stands.returned else "",
    )


def _note_fault_reminder(cycle: CycleView, waiting: _Waiting, now: datetime) -> Event:
    about = {"respondent": waiting.respondent.key, "subject": waiting.submission.id, "rung": "faults to be mended"}
    return quiet.note(cycle, Happened.REMINDED, now, by="the query rule", number=waiting.number, **about)
