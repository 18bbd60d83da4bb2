"""Reminding a lead of faults that nobody has mended: a letter to a person, naming every such return of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.chase import facts as known
from csp_workflow.chase import quiet
from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.letters import chases
from csp_workflow.letters.grouped import group
from csp_workflow.letters.kinds import Ground
from csp_workflow.letters.requests import ReplyWords
from csp_workflow.letters.standing_in import why
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.letters import REMINDERS, About, Letter, QueuedLetter
from csp_workflow.terms.returns import ReturnState, Submission
from csp_workflow.terms.site import Contact, Respondent, RespondentKind

BY = "the query rule"


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    """A queried return whose reminder is due now."""

    respondent: Respondent
    submission: Submission
    number: int


def due(facts: ChaseFacts, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """The reminders of unmended faults due now. None after the close: the paper reports a return as it is."""
    if quiet.service_is_quiet(facts) or quiet.window_is_shut(facts.site, now):
        return Decision()
    taken = written_to | known.written_to_today(facts, now)
    people: dict[str, tuple[Contact, list[_Waiting]]] = {}
    for waiting in (w for r, _ in known.owing(facts) if (w := _waiting(facts, r, london_day(now)))):
        for contact in known.addressees(facts, waiting.respondent, london_day(now)):
            people.setdefault(contact.address.lower(), (contact, []))[1].append(waiting)
    free = [entry for address, entry in people.items() if address not in taken]
    reminded = {w.submission.id: w for _, all_of_one in free for w in all_of_one}
    return Decision(
        letters=tuple(_letter(facts, contact, waiting, london_day(now)) for contact, waiting in free),
        events=tuple(_reminded(facts, w, now) for w in reminded.values()),
    )


def reminders(facts: ChaseFacts, respondent: Respondent, submission: str, number: int) -> tuple[QueuedLetter, ...]:
    """The letters of one number that reminded of one submission's faults and were not withdrawn."""
    what = About(respondent=respondent.key, submission=submission, reminder=number)
    return known.letters_about(facts, Ground.FAULTS_OPEN, what)


def reminders_sent(facts: ChaseFacts, respondent: Respondent, submission: str) -> int:
    """How many reminders of one submission's faults were written."""
    return sum(bool(reminders(facts, respondent, submission, n)) for n in range(1, REMINDERS + 1))


def reminder_number(facts: ChaseFacts, submission: Submission, day: date) -> int:
    """Which reminder is due on a day, counted from the submission's arrival: 0 none, then the latest only."""
    passed = facts.site.working_days.between(london_day(submission.received), day)
    return min(max(passed, 0) // facts.site.limits.query_reminder_days, REMINDERS)


def not_reminded(facts: ChaseFacts, respondent: Respondent) -> str:
    """Why a respondent is not reminded of faults, or "" when it may be."""
    if facts.status.returns[respondent.key].state is not ReturnState.QUERIED:
        return "No fault is waiting to be mended."
    if facts.status.state is not CycleState.OPEN and respondent.kind is not RespondentKind.ANALYST:
        return f"The quarter is {facts.status.state}."
    return quiet.respondent_is_paused(facts, respondent)


def _waiting(facts: ChaseFacts, respondent: Respondent, day: date) -> _Waiting | None:
    status = facts.status.returns[respondent.key]
    latest = next((s for s in facts.submissions.get(respondent.key, ()) if s.id == status.submission), None)
    if latest is None or not_reminded(facts, respondent):
        return None
    number = reminder_number(facts, latest, day)
    numbers = range(number, REMINDERS + 1)
    if not number or any(reminders(facts, respondent, latest.id, n) for n in numbers):
        return None
    return _Waiting(respondent=respondent, submission=latest, number=number)


def _letter(facts: ChaseFacts, to: Contact, waiting: Sequence[_Waiting], today: date) -> Letter:
    quarter = facts.status.quarter
    marks = ",".join(sorted(f"{w.submission.id}+{w.number}" for w in waiting))
    occasion = chases.Occasion(
        quarter=quarter,
        cause=f"query:{quarter.key}:{marks}",
        close=facts.dates.close,
        words=ReplyWords(nil=facts.site.nil_phrases[0].upper(), decline=facts.site.decline_phrases[0].upper()),
    )
    unmended = [_unmended(facts, w, to, today) for w in waiting]
    letter = chases.query_reminder(to, unmended, occasion, last=all(w.number == REMINDERS for w in waiting))
    return known.numbered(facts, letter)


def _unmended(facts: ChaseFacts, waiting: _Waiting, to: Contact, today: date) -> chases.Unmended:
    return chases.Unmended(
        respondent=waiting.respondent.key,
        code=waiting.respondent.code,
        name=waiting.respondent.name,
        submission=waiting.submission.id,
        reminder=waiting.number,
        received=waiting.submission.received,
        faults=group(waiting.submission.faults, facts.forms.get(waiting.respondent.key)),
        why=why(to, waiting.respondent, facts.service, today),
    )


def _reminded(facts: ChaseFacts, waiting: _Waiting, now: datetime) -> Event:
    return Event(
        kind=Happened.REMINDED,
        at=now,
        by=BY,
        quarter=facts.status.quarter,
        respondent=waiting.respondent.key,
        subject=waiting.submission.id,
        facts={"rung": "faults to be mended", "number": waiting.number},
    )
