"""Asking chairs to approve, and reminding them: one letter for exactly one submission."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from csp_workflow.chase import facts as known
from csp_workflow.chase import quiet, shown
from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.letters import answers, approvals
from csp_workflow.letters.kinds import Ground
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.letters import REMINDERS, About, Letter, LetterState, QueuedLetter
from csp_workflow.terms.returns import ReturnState, Submission
from csp_workflow.terms.site import Contact, Respondent

BY = "the approval rule"


def due(facts: ChaseFacts, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """The approvals to ask for and to remind of now: at most one letter a working day to a person.

    An ask needs no quiet from open questions: a chair may have asked one about the version before.
    """
    if quiet.service_is_quiet(facts) or quiet.window_is_shut(facts.site, now):
        return Decision()
    taken = written_to | known.written_to_today(facts, now)
    letters: list[Letter] = []
    events: list[Event] = []
    for respondent, submission in _complete(facts):
        written = [x for x in _letters_for(facts, respondent, submission, now) if x.recipient.lower() not in taken]
        taken |= {x.recipient.lower() for x in written}
        letters += written
        if any(not one.reminder for x in written for one in x.about):
            events.append(_asked(facts, respondent, submission, now))
    return Decision(letters=tuple(letters), events=tuple(events))


def unasked(facts: ChaseFacts, day: date) -> tuple[Respondent, ...]:
    """The respondents whose complete return has no chair in office to approve it: for the digest."""
    return tuple(r for r, _ in _complete(facts) if not known.chairs(facts, r, day))


def asks(facts: ChaseFacts, respondent: Respondent, submission: str) -> tuple[QueuedLetter, ...]:
    """The letters that asked for approval of one submission and were not withdrawn."""
    return known.letters_about(facts, Ground.APPROVAL_MISSING, About(respondent=respondent.key, submission=submission))


def reminders(facts: ChaseFacts, respondent: Respondent, submission: str, number: int) -> tuple[QueuedLetter, ...]:
    """The letters of one number that reminded of the approval of one submission and were not withdrawn."""
    what = About(respondent=respondent.key, submission=submission, reminder=number)
    return known.letters_about(facts, Ground.APPROVAL_MISSING, what)


def reminders_sent(facts: ChaseFacts, respondent: Respondent, submission: str) -> int:
    """How many reminders were written about one submission (to the chair who has had most)."""
    return sum(bool(reminders(facts, respondent, submission, n)) for n in range(1, REMINDERS + 1))


def _complete(facts: ChaseFacts) -> Iterator[tuple[Respondent, Submission]]:
    if facts.status.state not in {CycleState.OPEN, CycleState.CLOSED}:
        return
    for respondent, status in known.owing(facts):
        if not respondent.needs_approval or status.state is not ReturnState.COMPLETE:
            continue
        latest = next((s for s in facts.submissions.get(respondent.key, ()) if s.id == status.submission), None)
        if latest is not None:
            yield respondent, latest


def _letters_for(facts: ChaseFacts, respondent: Respondent, submission: Submission, now: datetime) -> Iterator[Letter]:
    if quiet.respondent_is_held(facts, respondent):
        return
    asked = asks(facts, respondent, submission.id)
    for chair in known.chairs(facts, respondent, london_day(now)):
        mine = [x for x in asked if known.same(x.recipient, chair.address)]
        letter = (
            _reminder(facts, respondent, submission, chair, mine[0], now)
            if mine
            else _ask(facts, respondent, submission, chair, now)
        )
        if letter is not None:
            yield letter


# Asking ----------------------------------------------------------------------------------------


def _ask(facts: ChaseFacts, respondent: Respondent, submission: Submission, chair: Contact, now: datetime) -> Letter:
    seen = shown.seen(facts, respondent, submission, london_day(now))
    before = _shown_before(facts, respondent, submission, chair)
    asking = _asking(facts, submission)
    if before is None:
        return known.numbered(facts, approvals.approval_request(chair, seen, asking))
    letter = approvals.approval_again(
        chair,
        seen,
        asking,
        changes=shown.changes(before, submission, facts.forms.get(respondent.key), respondent),
        was_approved=_was_approved(facts, before),
    )
    return known.numbered(facts, letter)


def _shown_before(
    facts: ChaseFacts, respondent: Respondent, submission: Submission, chair: Contact
) -> Submission | None:
    """The last earlier submission that this very chair was sent; a new chair is shown everything."""
    earlier = [s for s in facts.submissions.get(respondent.key, ()) if s.sequence < submission.sequence]
    for candidate in reversed(earlier):
        letters = asks(facts, respondent, candidate.id)
        if any(known.same(x.recipient, chair.address) and x.state is LetterState.SENT for x in letters):
            return candidate
    return None


def _was_approved(facts: ChaseFacts, before: Submission) -> bool:
    recorded = answers.approval_recorded.kind.name
    return any(x.kind == recorded and one.submission == before.id for x in facts.letters for one in x.about)


def _asked(facts: ChaseFacts, respondent: Respondent, submission: Submission, now: datetime) -> Event:
    return Event(
        kind=Happened.APPROVAL_ASKED,
        at=now,
        by=BY,
        quarter=facts.status.quarter,
        respondent=respondent.key,
        subject=submission.id,
        facts={"content": submission.content, "version": submission.sequence},
    )


# Reminding -------------------------------------------------------------------------------------


def _reminder(
    facts: ChaseFacts,
    respondent: Respondent,
    submission: Submission,
    chair: Contact,
    ask: QueuedLetter,
    now: datetime,
) -> Letter | None:
    day = london_day(now)
    number = reminder_number(facts, ask, day)
    if not number or quiet.respondent_is_paused(facts, respondent) or shown.every_paper_is_settled(facts):
        return None
    if facts.service.away(chair, day) or _is_reminded(facts, respondent, submission, chair, number):
        return None
    letter = approvals.approval_reminder(
        chair,
        shown.seen(facts, respondent, submission, day),
        _asking(facts, submission, reminder=number),
        asked=london_day(ask.sent or ask.queued),
        last=number == REMINDERS,
    )
    return known.numbered(facts, letter)


def reminder_number(facts: ChaseFacts, ask: QueuedLetter, day: date) -> int:
    """Which reminder of an ask is due on a day: 0 for none, then the latest only; an ask must have left first."""
    if ask.state is not LetterState.SENT or ask.sent is None:
        return 0
    passed = facts.site.working_days.between(london_day(ask.sent), day)
    return min(max(passed, 0) // facts.site.limits.approval_reminder_days, REMINDERS)


def _is_reminded(
    facts: ChaseFacts, respondent: Respondent, submission: Submission, chair: Contact, number: int
) -> bool:
    numbers = range(number, REMINDERS + 1)
    written = (x for n in numbers for x in reminders(facts, respondent, submission.id, n))
    return any(known.same(x.recipient, chair.address) for x in written)


def _asking(facts: ChaseFacts, submission: Submission, *, reminder: int = 0) -> approvals.Asking:
    quarter = facts.status.quarter
    return approvals.Asking(
        quarter=quarter,
        cause=f"approval:{quarter.key}:{submission.id}{f'+{reminder}' if reminder else ''}",
        phrase=facts.site.approval_phrases[0].upper(),
        reminder=reminder,
    )
