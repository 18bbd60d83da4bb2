"""Each return in a message: a submission, the same again, two at once, nil, declined, unchanged, another quarter's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from csp_workflow.intake.checks.check import contradicting_ticks
from csp_workflow.intake.checks.checked import Checked
from csp_workflow.intake.facts import CycleFacts, IntakeFacts, due_of
from csp_workflow.intake.outcomes import answering, refusals
from csp_workflow.intake.outcomes.outcome import about, allows, event, judged, waits_for_a_person
from csp_workflow.intake.sender.authenticate import address_of
from csp_workflow.intake.sender.correspondents import correspondents
from csp_workflow.letters import answers
from csp_workflow.letters.answers import KnownReturn
from csp_workflow.terms.decisions import Decision, Request, together
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.forms import ReadForm
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment, IncomingMessage, Verdict
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.respondents import Contact, Respondent
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.working_days import london_day


@dataclass(frozen=True, kw_only=True)
class Case:
    """One return found in a message. `cycle`, `request` and `checked` are None when it is not asked for now.

    `versions` counts the different contents that came for it, in `files`.
    """

    respondent: Respondent
    quarter: Quarter
    attachment: Attachment
    read: ReadForm
    cycle: CycleFacts | None = None
    request: Request | None = None
    checked: Checked | None = None
    versions: int = 1
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What comes of one return: its verdict, and what to store and send. `taken` when it became a submission."""

    verdict: Verdict
    reason: str
    respondent: Respondent
    events: tuple[Event, ...] = ()
    letters: tuple[Letter, ...] = ()
    taken: answering.Taken | None = None


_RANK = (Verdict.RETURN, Verdict.NIL, Verdict.DECLINED, Verdict.HELD, Verdict.NO_WORKBOOK, Verdict.DUPLICATE)


def decide(message: IncomingMessage, facts: IntakeFacts, now: datetime, cases: Sequence[Case]) -> Decision:
    """Decide on every return in a message. The strongest outcome gives the message its verdict."""
    outcomes = [_outcome(message, facts, now, case) for case in cases]
    strongest = min(outcomes, key=lambda o: _RANK.index(o.verdict))
    whole = judged(
        message,
        strongest.verdict,
        " ".join(o.reason for o in outcomes),
        respondents=[o.respondent for o in outcomes],
        events=[e for o in outcomes for e in o.events],
        letters=[x for o in outcomes for x in o.letters],
    )
    taken = [o.taken for o in outcomes if o.taken]
    return together(whole, answering.answer(message, facts, now, taken)) if taken else whole


def _outcome(message: IncomingMessage, facts: IntakeFacts, now: datetime, case: Case) -> Outcome:
    if case.cycle is None or case.checked is None or case.request is None:
        reason, letters = refusals.wrong_quarter(message, facts, now, case.respondent, case.quarter)
        return Outcome(verdict=Verdict.NO_WORKBOOK, reason=reason, respondent=case.respondent, letters=letters)
    known = _Known(message=message, facts=facts, now=now, case=case, cycle=case.cycle, checked=case.checked)
    if case.versions > 1:
        return _two_versions(known)
    if not case.checked.touched:
        return _unchanged(known)
    if case.checked.nil != case.checked.declined and contradicting_ticks(case.checked) is None:
        return _excused(known)
    return _against(known, case.request, case.cycle.latest.get(case.respondent.key))


def _against(known: _Known, request: Request, latest: Submission | None) -> Outcome:
    """A form that is filled in, held against the version that stands."""
    if latest is None:
        return _taken(known, request, None)
    if latest.content == known.checked.content:
        return _already_here(known, latest)
    if known.facts.assignment is None and _is_earlier(known, request, latest):
        return _earlier(known, latest)
    return _taken(known, request, latest)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A case with all that its outcome is made from."""

    message: IncomingMessage
    facts: IntakeFacts
    now: datetime
    case: Case
    cycle: CycleFacts
    checked: Checked

    def letters(self, write: Callable[[Contact, answers.Incoming], Letter]) -> tuple[Letter, ...]:
        """A letter to each person who is answered about this return."""
        case = self.case
        people = correspondents(case.respondent, address_of(self.message), london_day(self.message.received))
        return tuple(write(c, about(self.message, case.quarter, (case.respondent,), c.address)) for c in people)

    def waits(self, *, why: str = "") -> tuple[Event, ...]:
        """The message waits for a person, and the chase meanwhile."""
        case, kind = self.case, Happened.MESSAGE_HELD
        return waits_for_a_person(
            kind, self.message, self.facts, self.now, respondents=(case.respondent,), quarter=case.quarter, why=why
        )

    def event(self, kind: Happened, *, subject: str = "", **facts: str | int | bool | None) -> Event:
        """An event of this return."""
        case = self.case
        return event(
            kind, self.message, self.now, quarter=case.quarter, respondent=case.respondent.key, subject=subject, **facts
        )


def _two_versions(known: _Known) -> Outcome:
    case = known.case
    return Outcome(
        verdict=Verdict.HELD,
        reason=f"It holds two different versions of {case.respondent.name}'s form. Its sender was asked which counts.",
        respondent=case.respondent,
        events=known.waits(why=refusals.TWO_VERSIONS),
        letters=known.letters(lambda c, a: answers.two_versions(c, a, files=case.files)),
    )


def _unchanged(known: _Known) -> Outcome:
    due = due_of(known.facts, known.cycle, known.case.respondent)
    return Outcome(
        verdict=Verdict.NO_WORKBOOK,
        reason=f"{known.case.respondent.name}'s form came back with nothing filled in.",
        respondent=known.case.respondent,
        letters=known.letters(lambda c, a: answers.unchanged_form(c, a, due=due)),
    )


def _excused(known: _Known) -> Outcome:
    """Nil or declined by an explicit tick on the sign-off sheet."""
    kind, verdict, what, write = (
        (Happened.NIL, Verdict.NIL, "a nil return", answers.nil_recorded)
        if known.checked.nil
        else (Happened.DECLINED, Verdict.DECLINED, "a declined return", answers.declined_recorded)
    )
    respondent, reason = known.case.respondent, known.checked.reason
    if not allows(known.cycle, respondent, kind):
        held = KnownReturn(name=respondent.name, what=what, received=None)
        return Outcome(
            verdict=Verdict.DUPLICATE,
            reason=f"{respondent.name} sent {what} that is recorded already.",
            respondent=respondent,
            letters=known.letters(lambda c, a: answers.already_have_it(c, held, a)),
        )
    return Outcome(
        verdict=verdict,
        reason=f"{respondent.name} ticked {what} on the form.",
        respondent=respondent,
        events=(known.event(kind, reason=reason[:200]),),
        letters=known.letters(lambda c, a: write(c, a, reason=reason)),
    )


def _already_here(known: _Known, latest: Submission) -> Outcome:
    respondent = known.case.respondent
    held = KnownReturn(
        name=respondent.name,
        what=f"version {latest.sequence} of the return",
        received=latest.received,
        version=latest.sequence,
        open_faults=len(latest.faults) if known.cycle.stands(respondent.key).state.value == "queried" else 0,
    )
    return Outcome(
        verdict=Verdict.DUPLICATE,
        reason=f"It says the same as version {latest.sequence} of {respondent.name}'s return.",
        respondent=respondent,
        letters=known.letters(lambda c, a: answers.already_have_it(c, held, a)),
    )


def _is_earlier(known: _Known, request: Request, latest: Submission) -> bool:
    """An earlier version once more, or an earlier issue of the form than the one that was returned since."""
    versions = known.cycle.versions.get(known.case.respondent.key, ())
    return known.checked.content in versions or request.form.reference.revision < latest.revision


def _earlier(known: _Known, latest: Submission) -> Outcome:
    """What is older never replaces what is newer, unless the co-ordinator says so."""
    respondent = known.case.respondent
    return Outcome(
        verdict=Verdict.HELD,
        reason=f"It is earlier than version {latest.sequence} of {respondent.name}'s return, which still stands.",
        respondent=respondent,
        events=known.waits(),
        letters=known.letters(answers.question_received),
    )


def _taken(known: _Known, request: Request, latest: Submission | None) -> Outcome:
    """A new submission: received, then queried when a fault is left, else complete."""
    submission = _submission(known, request, latest)
    counts = {"faults": len(submission.faults), "queries": len(submission.queries)}
    kind = Happened.COMPLETE if submission.is_complete else Happened.QUERIED
    events = (
        *_settled(known),
        known.event(
            Happened.RECEIVED,
            subject=submission.id,
            late=submission.late,
            sequence=submission.sequence,
            revision=submission.revision,
        ),
        known.event(kind, subject=submission.id, **counts),
    )
    return Outcome(
        verdict=Verdict.RETURN,
        reason=_taken_words(submission, known.case.respondent),
        respondent=known.case.respondent,
        events=events,
        taken=answering.Taken(
            respondent=known.case.respondent,
            cycle=known.cycle,
            requests=known.cycle.requests[known.case.respondent.key],
            form=request.form,
            read=known.case.read,
            submission=submission,
        ),
    )


def _submission(known: _Known, request: Request, latest: Submission | None) -> Submission:
    case, checked = known.case, known.checked
    respondent, message = case.respondent, known.message
    sequence = max(latest.sequence if latest else 0, known.cycle.stands(respondent.key).submissions) + 1
    tick = contradicting_ticks(checked)
    return Submission(
        id=f"{case.quarter.key}/{respondent.key}/{sequence:03d}",
        quarter=case.quarter,
        respondent=respondent.key,
        sequence=sequence,
        content=checked.content,
        message=message.id,
        attachment=hashlib.sha256(case.attachment.data).hexdigest(),
        revision=request.form.reference.revision,
        received=message.received,
        sender=message.sender,
        figures=checked.parts.figures,
        narratives=checked.parts.narratives,
        findings=(*checked.parts.findings, *((tick,) if tick else ())),
        readings=checked.parts.readings,
        disputes=checked.parts.disputes,
        sign_off=checked.sign_off,
        remarks=checked.parts.remarks,
        late=message.received > due_of(known.facts, known.cycle, respondent),
    )


def _settled(known: _Known) -> tuple[Event, ...]:
    """One form after two at once answers our question which counts, so the held message is settled."""
    key = known.case.respondent.key
    waiting = known.cycle.stands(key).held_messages
    asked = dict.fromkeys(
        e.subject
        for e in known.cycle.events
        if e.kind is Happened.MESSAGE_HELD and e.respondent == key and e.facts.get("why") == refusals.TWO_VERSIONS
    )
    return tuple(known.event(Happened.MESSAGE_SETTLED, subject=m) for m in asked if m in waiting)


def _taken_words(submission: Submission, respondent: Respondent) -> str:
    faults, queries = len(submission.faults), len(submission.queries)
    stands = f"{faults} to mend" if faults else "complete"
    late = ", after the due date" if submission.late else ""
    return f"Version {submission.sequence} of {respondent.name}'s return{late}: {stands}, {queries} to explain."
