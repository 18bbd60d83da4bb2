"""The ladder: which reminder is due now, to whom. Level-triggered: the latest rung only, once.

Rungs are counted in working days from each respondent's own due date. A person who owes several
returns gets one letter that names them all, and never two letters on one working day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from csp_workflow.chase import facts as known
from csp_workflow.chase import quiet
from csp_workflow.chase.enclosed import form_for
from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.letters import chases
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.kinds import Audience, Ground, Kind
from csp_workflow.letters.requests import ReplyWords
from csp_workflow.letters.standing_in import why
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Decision, Event, Happened, together
from csp_workflow.terms.letters import About, Letter, QueuedLetter
from csp_workflow.terms.site import Contact, Respondent, RespondentKind, Rung, RungKind

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


def due(facts: ChaseFacts, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """The reminders and proposals due now. `written_to` are addresses that another rule writes to in this beat."""
    if quiet.service_is_quiet(facts) or not facts.site.working_days.is_working(london_day(now)):
        return Decision()
    chased = [r for r, _ in known.owing(facts) if not quiet.not_chased(facts, r)]
    proposals = tuple(event for r in chased for event in _proposed(facts, r, now))
    if quiet.window_is_shut(facts.site, now):
        return Decision(events=proposals)
    taken = written_to | known.written_to_today(facts, now)
    reminders = _reminders(facts, chased, now, taken)
    taken |= {letter.recipient.lower() for letter in reminders.letters}
    return together(Decision(events=proposals), reminders, _chair_letters(facts, chased, now, taken))


# The rung in force ---------------------------------------------------------------------------


def rungs_of(facts: ChaseFacts, respondent: Respondent, day: date) -> tuple[Rung, ...]:
    """The ladder for one respondent, lowest rung first: without the chair's rung where there is no other chair."""
    rungs = sorted(facts.site.ladder, key=lambda r: r.days)
    return tuple(r for r in rungs if r.kind is not RungKind.CHAIR or other_chairs(facts, respondent, day))


def other_chairs(facts: ChaseFacts, respondent: Respondent, day: date) -> tuple[Contact, ...]:
    """The chairs who are not themselves the person that is chased."""
    chased = {c.address.lower() for c in known.addressees(facts, respondent, day)}
    return tuple(c for c in known.chairs(facts, respondent, day) if c.address.lower() not in chased)


def latest_rung(facts: ChaseFacts, respondent: Respondent, now: datetime) -> Rung | None:
    """The last rung reached, or None when it no longer fits: "due today" is said on the day only."""
    day = london_day(now)
    days = known.days_from_due(facts, respondent, day)
    reached = [r for r in rungs_of(facts, respondent, day) if r.days <= days]
    if not reached:
        return None
    due_at = known.due_of(facts, respondent)
    fits = {
        RungKind.BEFORE_DUE: days < 0,
        RungKind.DUE_TODAY: london_day(due_at) == day and now < due_at,
        RungKind.OVERDUE: days > 0,
    }
    return reached[-1] if fits.get(reached[-1].kind, True) else None


def mark(facts: ChaseFacts, respondent: Respondent, rung: Rung) -> str:
    """A rung of one respondent's chase, by its own due date: an extension begins the ladder anew."""
    due_day = london_day(known.due_of(facts, respondent))
    return f"{respondent.code}={_name_of(rung)}@{due_day.isoformat()}"


def about(facts: ChaseFacts, respondent: Respondent, rung: Rung) -> About:
    """What a letter of a rung is about: the respondent, the rung, and the due date it is counted from."""
    return About(respondent=respondent.key, rung=_name_of(rung), due=london_day(known.due_of(facts, respondent)))


def letters_of(facts: ChaseFacts, respondent: Respondent, rung: Rung) -> tuple[QueuedLetter, ...]:
    """The letters of a rung that were written and not withdrawn."""
    return known.letters_about(facts, Ground.RETURN_MISSING, about(facts, respondent, rung))


def _name_of(rung: Rung) -> str:
    return f"{rung.kind.value.replace(' ', '-')}{rung.days:+d}"


# Letters to the lead -------------------------------------------------------------------------


def _reminders(facts: ChaseFacts, chased: Sequence[Respondent], now: datetime, taken: frozenset[str]) -> Decision:
    people: dict[str, tuple[Contact, list[_Owing]]] = {}
    for respondent in chased:
        owing = _reminder_due(facts, respondent, now)
        if owing is None:
            continue
        for contact in known.addressees(facts, respondent, london_day(now)):
            people.setdefault(contact.address.lower(), (contact, []))[1].append(owing)
    free = [entry for address, entry in people.items() if address not in taken]
    letters = tuple(_reminder(facts, contact, owing, now) for contact, owing in free)
    reminded = {o.mark: o for _, owing in free for o in owing}
    return Decision(letters=letters, events=tuple(_reminded(facts, o, now) for o in reminded.values()))


def _reminder_due(facts: ChaseFacts, respondent: Respondent, now: datetime) -> _Owing | None:
    rung = latest_rung(facts, respondent, now)
    if rung is None or rung.kind not in _WRITER_OF:
        return None
    if letters_of(facts, respondent, rung):
        return None
    return _Owing(respondent=respondent, rung=rung, mark=mark(facts, respondent, rung))


def _reminder(facts: ChaseFacts, to: Contact, owing: Sequence[_Owing], now: datetime) -> Letter:
    """One letter for all that one person owes; the most pressing return decides which letter it is."""
    write = _WRITER_OF[max(owing, key=lambda o: o.rung.days).rung.kind]
    forms = [form_for(facts, o.respondent, to, now) for o in owing]
    owed = [
        replace(
            _owed(facts, one.respondent, one.rung, now),
            why=why(to, one.respondent, facts.service, london_day(now)),
            file=form.name if form else "",
        )
        for one, form in zip(owing, forms, strict=True)
    ]
    marks = ",".join(sorted(o.mark for o in owing))
    letter = write(to, owed, _occasion(facts, marks), forms=tuple(filter(None, forms)))
    return known.numbered(facts, letter)


def _owed(facts: ChaseFacts, respondent: Respondent, rung: Rung, now: datetime) -> chases.Owed:
    status = facts.status.returns[respondent.key]
    return chases.Owed(
        respondent=respondent.key,
        code=respondent.code,
        name=respondent.name,
        thing="extract" if respondent.kind is RespondentKind.ANALYST else "return",
        due=known.due_of(facts, respondent),
        days=known.days_from_due(facts, respondent, london_day(now)),
        rung=_name_of(rung),
        extended=status.due is not None,
        requested=status.requested,
    )


def _occasion(facts: ChaseFacts, marks: str) -> chases.Occasion:
    quarter = facts.status.quarter
    return chases.Occasion(
        quarter=quarter,
        cause=f"chase:{quarter.key}:{marks}",
        close=facts.dates.close,
        words=ReplyWords(nil=facts.site.nil_phrases[0].upper(), decline=facts.site.decline_phrases[0].upper()),
    )


def _reminded(facts: ChaseFacts, owing: _Owing, now: datetime) -> Event:
    return _event(facts, Happened.REMINDED, owing.respondent, owing.rung, now)


# The chair and the telephone -----------------------------------------------------------------


def _proposed(facts: ChaseFacts, respondent: Respondent, now: datetime) -> list[Event]:
    """What the co-ordinator is to be asked: may we write to the chair; please telephone."""
    status = facts.status.returns[respondent.key]
    happened = {
        RungKind.CHAIR: (Happened.CHAIR_LETTER_PROPOSED, status.chair_letter_proposed),
        RungKind.PHONE: (Happened.PHONE_CALL_DUE, status.phone_call_due),
    }
    return [
        _event(facts, happened[rung.kind][0], respondent, rung, now)
        for rung in _reached_of_late(facts, respondent, now)
        if rung.kind in happened and not happened[rung.kind][1]
    ]


def _chair_letters(facts: ChaseFacts, chased: Sequence[Respondent], now: datetime, taken: frozenset[str]) -> Decision:
    letters: list[Letter] = []
    events: list[Event] = []
    for respondent in chased:
        rung = _allowed_rung(facts, respondent, now)
        to = other_chairs(facts, respondent, london_day(now)) if rung else ()
        free = [c for c in to if c.address.lower() not in taken]
        if rung is None or not free:
            continue
        letters += [_chair_letter(facts, respondent, rung, contact, now) for contact in free]
        events.append(_event(facts, Happened.REMINDED, respondent, rung, now))
        taken |= {c.address.lower() for c in free}
    return Decision(letters=tuple(letters), events=tuple(events))


def _allowed_rung(facts: ChaseFacts, respondent: Respondent, now: datetime) -> Rung | None:
    """The chair's rung when the co-ordinator said yes to it and no letter of it has been written."""
    if not facts.status.returns[respondent.key].chair_letter_allowed:
        return None
    rungs = [r for r in _reached_of_late(facts, respondent, now) if r.kind is RungKind.CHAIR]
    if not rungs or letters_of(facts, respondent, rungs[-1]):
        return None
    return rungs[-1]


def _reached_of_late(facts: ChaseFacts, respondent: Respondent, now: datetime) -> list[Rung]:
    day = london_day(now)
    days = known.days_from_due(facts, respondent, day)
    return [r for r in rungs_of(facts, respondent, day) if 0 < r.days <= days]


def _chair_letter(facts: ChaseFacts, respondent: Respondent, rung: Rung, to: Contact, now: datetime) -> Letter:
    leads = known.addressees(facts, respondent, london_day(now))
    reminded = {
        london_day(letter.sent)
        for letter in facts.letters
        if _is_to_leads(kind_of(letter.kind)) and letter.sent and respondent.key in letter.respondents
    }
    letter = chases.overdue_chair(
        to,
        _owed(facts, respondent, rung, now),
        _occasion(facts, mark(facts, respondent, rung)),
        lead=leads[0].name if leads else "",
        reminded=sorted(reminded),
    )
    return known.numbered(facts, letter)


def _is_to_leads(kind: Kind) -> bool:
    return kind.ground is Ground.RETURN_MISSING and kind.audience is not Audience.CHAIR


def _event(facts: ChaseFacts, kind: Happened, respondent: Respondent, rung: Rung, now: datetime) -> Event:
    return Event(
        kind=kind,
        at=now,
        by=BY,
        quarter=facts.status.quarter,
        respondent=respondent.key,
        subject=mark(facts, respondent, rung),
        facts={"rung": rung.kind.value, "days": rung.days},
    )
