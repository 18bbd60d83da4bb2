"""Why each letter was or was not sent to a respondent, as sentences with the facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from csp_workflow.chase import approval, ladder, queries, quiet
from csp_workflow.chase import facts as known
from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.letters.standing_in import lost, missing
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import LetterState, QueuedLetter
from csp_workflow.terms.phrases import day, joined, moment, plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent, Rung, RungKind
from csp_workflow.terms.status import ReturnStatus

_ENDED = {
    LetterState.QUEUED: "is queued",
    LetterState.HELD: "is held",
    LetterState.WITHDRAWN: "was withdrawn",
    LetterState.CLAIMED: "is being sent",
    LetterState.HANDING: "is being sent",
    LetterState.SENT: "was sent",
    LetterState.UNKNOWN: "may or may not have been sent",
    LetterState.FAILED: "could not be sent",
    LetterState.FOR_A_PERSON: "waits for a person to say whether it was sent",
}


def explain(facts: ChaseFacts, respondent: str, now: datetime) -> Iterator[str]:
    """Every letter to a respondent and every rung of its ladder, each with what decided it.

    Also says plainly when the respondent owes nothing in this cycle or is unknown.
    """
    found = next((r for r, _ in known.owing(facts) if r.key == respondent), None)
    if found is None:
        yield f"'{respondent}' owes nothing in {facts.status.quarter}, or is not in the config."
        return
    yield from _stands(facts, found, now)
    yield from _letters(facts, found)
    for rung in sorted(facts.site.ladder, key=lambda r: r.days):
        yield _rung(facts, found, rung, now)
    yield from _approval(facts, found, now)
    yield from _queries(facts, found, now)


def _stands(facts: ChaseFacts, respondent: Respondent, now: datetime) -> Iterator[str]:
    status = facts.status.returns[respondent.key]
    yield f"{respondent.name}: the return for {facts.status.quarter} is {status.state}."
    own = f", its own date ({status.extension_reason or 'no reason kept'})" if status.due else ""
    due_at, close = moment(known.due_of(facts, respondent)), moment(facts.dates.close)
    yield f"It is due at {due_at}{own}. The quarter closes at {close}."
    if status.received:
        versions = plural(status.submissions, "version")
        yield f"Received: {versions}, the latest at {moment(status.received)}. {_found(status)}"
    yield " ".join(_addressed(facts, respondent, london_day(now)))
    silence = (
        quiet.service_is_quiet(facts),
        quiet.answers_wait(facts.service),
        quiet.respondent_is_paused(facts, respondent),
    )
    yield from (f"Now: {sentence}" for sentence in silence if sentence)


def _addressed(facts: ChaseFacts, respondent: Respondent, today: date) -> Iterator[str]:
    """Who gets the letters, and everybody in office who is away or out of reach."""
    people = known.addressees(facts, respondent, today)
    yield f"Letters go to {joined(f'{c.name} ({c.role})' for c in people) or 'nobody: letters reach no one there'}."
    for contact in respondent.contacts:
        reason = missing(contact, facts.service, today) if contact.serves_on(today) else ""
        if reason:
            yield f"{reason}."


def _found(status: ReturnStatus) -> str:
    return f"It has {plural(status.faults, 'fault')} and {plural(status.queries, 'query')}."


def _letters(facts: ChaseFacts, respondent: Respondent) -> Iterator[str]:
    mine = sorted((x for x in facts.letters if respondent.key in x.respondents), key=lambda x: (x.queued, x.id))
    if not mine:
        yield "No letter has been written."
    for letter in mine:
        yield _letter(letter, facts)


def _letter(letter: QueuedLetter, facts: ChaseFacts) -> str:
    when = f" at {moment(letter.sent)}" if letter.sent else ""
    waits = lost(letter.recipient, facts.service) if letter.state is LetterState.QUEUED else ""
    why = "".join(f" {reason}" for reason in (letter.reason, waits) if reason)
    return (
        f"Letter '{letter.kind}' to {letter.recipient}, written at {moment(letter.queued)} because of "
        f"{letter.cause}, {_ENDED[letter.state]}{when}.{why}"
    )


def _rung(facts: ChaseFacts, respondent: Respondent, rung: Rung, now: datetime) -> str:
    reached = _reached_on(facts, respondent, rung)
    start = f"Rung '{rung.kind}' ({rung.days:+d} working days, {day(reached)}): "
    written = ladder.letters_of(facts, respondent, rung)
    if written:
        return f"{start}{joined(f'the letter of {day(x.queued)} {_ENDED[x.state]}' for x in written)}."
    return start + (_to_the_desk(facts, respondent, rung) or _not_written(facts, respondent, rung, now))


def _reached_on(facts: ChaseFacts, respondent: Respondent, rung: Rung) -> date:
    due_day = london_day(known.due_of(facts, respondent))
    return facts.site.working_days.plus(due_day, rung.days) if rung.days else due_day


def _to_the_desk(facts: ChaseFacts, respondent: Respondent, rung: Rung) -> str:
    """What became of the rungs that go to the co-ordinator first."""
    status = facts.status.returns[respondent.key]
    if rung.kind is RungKind.PHONE and status.phone_call_due:
        return "the co-ordinator was asked to telephone."
    if rung.kind is RungKind.CHAIR and status.chair_letter_allowed:
        return "the co-ordinator said yes; the letter has not been written yet."
    if rung.kind is RungKind.CHAIR and status.chair_letter_proposed:
        return "proposed to the co-ordinator; no letter goes to the chair without her yes."
    return ""


def _not_written(facts: ChaseFacts, respondent: Respondent, rung: Rung, now: datetime) -> str:
    today = london_day(now)
    if _reached_on(facts, respondent, rung) > today:
        return "not reached yet."
    if rung.kind is RungKind.CHAIR and not ladder.other_chairs(facts, respondent, today):
        return "passed over: no chair other than the person who is chased."
    reason = quiet.not_chased(facts, respondent)
    if reason:
        return f"not written. {reason}"
    if ladder.latest_rung(facts, respondent, now) != rung:
        return "passed over: only the latest rung that still fits is written."
    return f"due, not written yet. {_what_waits(facts, respondent, now)}".rstrip()


def _what_waits(facts: ChaseFacts, respondent: Respondent, now: datetime) -> str:
    reason = quiet.service_is_quiet(facts) or quiet.window_is_shut(facts.site, now)
    if reason:
        return reason
    taken = known.written_to_today(facts, now)
    if any(c.address.lower() in taken for c in known.addressees(facts, respondent, london_day(now))):
        return "Nobody gets two letters on one working day."
    return ""


def _approval(facts: ChaseFacts, respondent: Respondent, now: datetime) -> Iterator[str]:
    status = facts.status.returns[respondent.key]
    if not respondent.needs_approval:
        yield "Approval: none is needed from a contributor."
    elif status.approved:
        yield f"Approval: given by {status.approved_by}."
    elif status.state is not ReturnState.COMPLETE:
        yield f"Approval: not asked. The return is {status.state}, not complete."
    elif not known.chairs(facts, respondent, london_day(now)):
        yield "Approval: not asked. No chair is in office whom letters reach."
    else:
        yield _asked(facts, respondent, status, now)


def _asked(facts: ChaseFacts, respondent: Respondent, status: ReturnStatus, now: datetime) -> str:
    asked = approval.asks(facts, respondent, status.submission)
    if asked:
        reminders = plural(approval.reminders_sent(facts, respondent, status.submission), "reminder")
        return f"Approval: asked on {day(asked[0].queued)}, {reminders} since, no answer that approves yet."
    reason = quiet.respondent_is_held(facts, respondent) or _what_waits(facts, respondent, now)
    return f"Approval: to be asked. {reason}".rstrip()


def _queries(facts: ChaseFacts, respondent: Respondent, now: datetime) -> Iterator[str]:
    status = facts.status.returns[respondent.key]
    if status.state is not ReturnState.QUERIED:
        return
    written = plural(queries.reminders_sent(facts, respondent, status.submission), "reminder")
    reason = queries.not_reminded(facts, respondent) or _what_waits(facts, respondent, now)
    yield f"Faults to be mended: {written} written since the correction letter. {reason}".rstrip()
