"""Why each letter was or was not written, as sentences; and whether a queued one may still leave on its ground."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

from csp_workflow.chase import assents, quiet, reminders
from csp_workflow.letters.catalogue import kind_of, rules_by_ground
from csp_workflow.letters.chases import reminder_due_today
from csp_workflow.letters.kinds import Audience, Ground, name_kind
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import About, LetterState, QueuedLetter
from csp_workflow.terms.phrases import capital, day, joined, moment, plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Assent, Respondent, RespondentKind, Rung, RungKind
from csp_workflow.terms.status import ReturnStatus

_ENDED = {
    LetterState.QUEUED: "is queued",
    LetterState.HELD: "is held",
    LetterState.WITHDRAWN: "was withdrawn",
    LetterState.CLAIMED: "is being sent",
    LetterState.HANDING: "is being sent",
    LetterState.IN_DRAFTS: "waits in Drafts to be sent by the co-ordinator",
    LetterState.SENT: "was sent",
    LetterState.UNKNOWN: "may or may not have been sent",
    LetterState.FAILED: "could not be sent",
    LetterState.FOR_A_PERSON: "waits for a person to say whether it was sent",
}


def explain_chase(cycle: CycleView, respondent: str, now: datetime) -> Iterator[str]:
    """Every letter to a respondent and every rung of its ladder, each with what decided it.

    Also says plainly when the respondent owes nothing in this cycle or is unknown.
    """
    found = next((r for r, _ in cycle.owed_returns() if r.key == respondent), None)
    if found is None:
        yield f"'{respondent}' owes nothing in {cycle.status.quarter}, or is not in the config."
        return
    yield from _stands(cycle, found, now)
    yield from _letters(cycle, found)
    for rung in sorted(cycle.site.ladder, key=lambda r: r.days):
        yield _rung(cycle, found, rung, now)
    yield from _say_approval(cycle, found, now)
    yield from _say_certificate(cycle, found, now)
    yield from _say_faults(cycle, found, now)


def _stands(cycle: CycleView, respondent: Respondent, now: datetime) -> Iterator[str]:
    status = cycle.status.returns[respondent.key]
    yield f"{respondent.name}: the return for {cycle.status.quarter} is {status.state}."
    own = f", its own date ({status.extension_reason or 'no reason kept'})" if status.due else ""
    due_at, close = moment(cycle.due_time(respondent)), moment(cycle.dates.close)
    yield f"It is due at {due_at}{own}. The quarter closes at {close}."
    if not status.due:
        yield _say_reckoning(cycle, respondent)
    if status.overtaken:
        yield f"Its form does not show what stands since {moment(status.overtaken.at)}; REISSUE sends it anew."
    if status.received:
        versions = plural(len(status.versions), "version")
        found = f"It has {plural(status.faults, 'fault')} and {plural(status.queries, 'query')}."
        yield f"Received: {versions}, the latest at {moment(status.received)}. {found}"
    yield " ".join(_say_addressees(cycle, respondent, london_day(now)))
    silence = (
        quiet.service_is_quiet(cycle),
        quiet.answers_wait(cycle.service),
        quiet.respondent_is_paused(cycle, respondent, london_day(now)),
    )
    yield from (f"Now: {sentence}" for sentence in silence if sentence)


def _say_reckoning(cycle: CycleView, respondent: Respondent) -> str:
    """How the due day came about: working days after the quarter's end, and the holidays that do not count."""
    offsets, end, days = cycle.site.offsets, cycle.quarter.end, cycle.site.working_days
    count = offsets.extract_due if respondent.kind is RespondentKind.ANALYST else offsets.due
    due = london_day(cycle.due_time(respondent))
    free = sorted(one for one in days.holidays if end < one <= due and one.weekday() < 5)
    without = f", without {joined(map(day, free))}" if free else ""
    reckoned = f"The due day is {plural(count, 'working day')} after the quarter's end on {day(end)}{without}."
    return reckoned if days.plus(end, count) == due else f"{reckoned} A later day was told before, and it stands."


def _say_addressees(cycle: CycleView, respondent: Respondent, today: date) -> Iterator[str]:
    """Who gets the letters, and everybody in office who is away or out of reach."""
    people = cycle.addressees(respondent, today)
    yield f"Letters go to {joined(f'{c.name} ({c.role})' for c in people) or 'nobody: letters reach no one there'}."
    yield from (f"{reason}." for c in respondent.contacts_on(today) if (reason := cycle.service.say_missing(c, today)))


def _letters(cycle: CycleView, respondent: Respondent) -> Iterator[str]:
    mine = sorted((x for x in cycle.letters if respondent.key in x.respondents), key=lambda x: (x.queued, x.id))
    yield from [_letter(one, cycle) for one in mine] or ["No letter has been written."]


def _letter(letter: QueuedLetter, cycle: CycleView) -> str:
    when = f" at {moment(letter.sent)}" if letter.sent else ""
    waits = cycle.service.say_lost(letter.recipient) if letter.state is LetterState.QUEUED else ""
    why = "".join(f" {reason}" for reason in (letter.reason, waits) if reason)
    said = f"{capital(name_kind(letter.kind))} to {letter.recipient}, written at {moment(letter.queued)}"
    return f"{said}: {_ENDED[letter.state]}{when}.{why}"


def _rung(cycle: CycleView, respondent: Respondent, rung: Rung, now: datetime) -> str:
    reached = _reached_on(cycle, respondent, rung)
    what = {RungKind.CHAIR: "Letter to the chair", RungKind.PHONE: "Phone call"}.get(rung.kind, "Reminder")
    side = f"{plural(abs(rung.days), 'working day')} {'before' if rung.days < 0 else 'after'}" if rung.days else "on"
    start = f"{what} {side} the due day ({day(reached)}): "
    written = reminders.find_letters_of(cycle, respondent, rung)
    if written:
        return f"{start}{joined(f'the letter of {day(x.queued)} {_ENDED[x.state]}' for x in written)}."
    return start + (_to_the_desk(cycle, respondent, rung) or _why_unwritten(cycle, respondent, rung, now))


def _reached_on(cycle: CycleView, respondent: Respondent, rung: Rung) -> date:
    due_day = london_day(cycle.due_time(respondent))
    return cycle.site.working_days.plus(due_day, rung.days) if rung.days else due_day


def _to_the_desk(cycle: CycleView, respondent: Respondent, rung: Rung) -> str:
    """What became of the rungs that go to the co-ordinator first."""
    status = cycle.status.returns[respondent.key]
    if rung.kind is RungKind.PHONE and status.phone_call_due:
        return "the co-ordinator was asked to phone."
    if rung.kind is RungKind.CHAIR and status.chair_letter_allowed:
        return "the co-ordinator said yes; the letter has not been written yet."
    if rung.kind is RungKind.CHAIR and status.chair_letter_proposed:
        return "proposed to the co-ordinator; no letter goes to the chair without her yes."
    return ""


def _why_unwritten(cycle: CycleView, respondent: Respondent, rung: Rung, now: datetime) -> str:
    today = london_day(now)
    if _reached_on(cycle, respondent, rung) > today:
        state = cycle.status.returns[respondent.key].state
        return f"not needed, as the return is {state}." if state.is_in else "not due yet."
    if rung.kind is RungKind.CHAIR and not reminders.other_chairs(cycle, respondent, today):
        return "passed over: no chair other than the person who is chased."
    reason = quiet.not_chased(cycle, respondent, today)
    if reason:
        return f"not written. {reason}"
    if reminders.latest_rung(cycle, respondent, now) != rung:
        return "passed over: only the latest that still fits is written."
    return f"due, not written yet. {_what_waits(cycle, respondent, now)}".rstrip()


def _what_waits(cycle: CycleView, respondent: Respondent, now: datetime) -> str:
    reason = quiet.service_is_quiet(cycle) or quiet.window_is_shut(cycle.site, now)
    if reason:
        return reason
    taken = quiet.addresses_written_to(cycle, now)
    if any(c.address.lower() in taken for c in cycle.addressees(respondent, london_day(now))):
        return "Nobody gets two letters on one working day."
    return ""


def _say_approval(cycle: CycleView, respondent: Respondent, now: datetime) -> Iterator[str]:
    status = cycle.status.returns[respondent.key]
    if not respondent.needs_approval:
        yield "Approval: none is needed from a contributor."
    elif status.approval:
        known = f", as the office recorded: {status.approval.evidence}" if status.approval.evidence else ""
        yield f"Approval: given by {status.approval.by}{known}."
    elif status.state is not ReturnState.COMPLETE:
        yield f"Approval: not asked. The return is {status.state}, not complete."
    elif not cycle.chairs(respondent, london_day(now)):
        yield "Approval: not asked. No chair is in office whom letters reach."
    else:
        yield _say_asking(cycle, respondent, status, now)


def _say_certificate(cycle: CycleView, respondent: Respondent, now: datetime) -> Iterator[str]:
    status = cycle.status.returns[respondent.key]
    if not status.money:
        return
    if given := status.certificate:
        known = f", as the office recorded: {given.evidence}" if given.evidence else ""
        yield f"Certificate of the grant money: given by {given.by}{known}."
    elif not status.wants(Assent.CERTIFICATE):
        yield f"Certificate of the grant money: not asked. The return is {status.state}."
    elif not cycle.givers(respondent, Assent.CERTIFICATE, london_day(now)):
        yield "Certificate of the grant money: not asked. No budget holder is in office whom letters reach."
    else:
        yield _say_asking(cycle, respondent, status, now, Assent.CERTIFICATE)


def _say_asking(
    cycle: CycleView, respondent: Respondent, status: ReturnStatus, now: datetime, assent: Assent = Assent.APPROVAL
) -> str:
    is_approval = assent is Assent.APPROVAL
    what, verb = ("Approval", "approves") if is_approval else ("Certificate of the grant money", "certifies")
    asked = quiet.find_asks(cycle, respondent, status.submission, assent)
    if asked:
        numbers = {
            one.reminder
            for x in quiet.find_asks(cycle, respondent, status.submission, assent, reminders=True)
            for one in x.about
        }
        written = plural(len(numbers), "reminder")
        return f"{what}: asked on {day(asked[0].queued)}, {written} since, no answer that {verb} yet."
    reason = quiet.respondent_is_held(cycle, respondent) or _what_waits(cycle, respondent, now)
    return f"{what}: to be asked. {reason}".rstrip()


def _say_faults(cycle: CycleView, respondent: Respondent, now: datetime) -> Iterator[str]:
    status = cycle.status.returns[respondent.key]
    if status.state is not ReturnState.QUERIED:
        return
    written = plural(quiet.count_reminders(cycle, Ground.FAULTS_OPEN, respondent, status.submission), "reminder")
    reason = reminders.why_faults_rest(cycle, respondent, london_day(now)) or _what_waits(cycle, respondent, now)
    if status.returned:
        yield f"Sent back on {day(status.returned)}: {status.reason}."
    letter = "that letter" if status.returned else "the correction letter"
    yield f"Faults to be corrected: {written} written since {letter}. {reason}".rstrip()


# Whether a queued letter still has its ground: post asks before each hand-over --------------------


def judge_ground(letter: QueuedLetter, cycle: CycleView, now: datetime) -> str:
    """Why a letter of the chase must be withdrawn, or "" when it may leave.

    What stands on other grounds is not judged here. A rule that withdraws a letter never loses it: what
    is still due is written afresh, with today's count of days.
    """
    judge = _JUDGES[kind_of(letter.kind).ground]
    reasons = (
        _judge_form(letter, cycle, respondent) or judge(letter, cycle, respondent, now)
        for respondent in _its_respondents(letter, cycle)
    )
    return next(filter(None, reasons), "") or _stale(letter, now)


def _its_respondents(letter: QueuedLetter, cycle: CycleView) -> tuple[Respondent, ...]:
    return tuple(r for r, _ in cycle.owed_returns() if r.key in letter.respondents)


def _stale(letter: QueuedLetter, now: datetime) -> str:
    return quiet.written_for_another_day(letter.queued, now) if kind_of(letter.kind).is_dated else ""


_SHOWS_FORM = {Ground.RETURN_MISSING, Ground.APPROVAL_MISSING}


def _judge_form(letter: QueuedLetter, cycle: CycleView, respondent: Respondent) -> str:
    """Whether what stands on the form changed since a letter was written that brings the form, or tells what is on it.

    It is written afresh with what stands now, but for a form that was sent anew by order: she is told, and orders it.
    """
    kind = kind_of(letter.kind)
    if not kind.brings_forms and kind.ground not in _SHOWS_FORM:
        return ""
    changed = any(revision.at > letter.queued for revision in cycle.status.returns[respondent.key].revisions)
    return "What stands on the form has changed since." if changed else ""


def _judge_reissued(letter: QueuedLetter, cycle: CycleView, respondent: Respondent, now: datetime) -> str:
    state = cycle.status.returns[respondent.key].state
    if not state.has_use_for_form:
        return f"The return is {state} now."
    return (
        quiet.cycle_is_past(cycle, respondent) if not state.is_in else _judge_recipient(letter, cycle, respondent, now)
    )


def _judge_reminder(letter: QueuedLetter, cycle: CycleView, respondent: Respondent, now: datetime) -> str:
    reason = quiet.not_chased(cycle, respondent, london_day(now))
    if reason:
        return reason
    if not {reminders.describe_rung(cycle, respondent, rung) for rung in cycle.site.ladder} & set(letter.about):
        return "The due date has been moved since."
    late = cycle.due_time(respondent) <= now
    if late and letter.kind == reminder_due_today.kind.name:
        return "The due time has passed since."
    return _judge_recipient(letter, cycle, respondent, now)


def _judge_recipient(letter: QueuedLetter, cycle: CycleView, respondent: Respondent, now: datetime) -> str:
    """Whether a letter's recipient may still have it: what is due is written afresh to whoever gets the letters now.

    A chair's letter goes to a chair only: one who left office last night is not written to this morning.
    """
    today = london_day(now)
    unreached = cycle.service.say_lost(letter.recipient)
    if unreached:
        return unreached
    meant = {Audience.CHAIR: Assent.APPROVAL, Audience.HOLDER: Assent.CERTIFICATE}.get(kind_of(letter.kind).audience)
    if meant is None:
        return "" if respondent.is_registered(letter.recipient, today) else "The recipient is no longer a contact."
    people = (c for role in meant.roles for c in respondent.people(role, today))
    in_office = any(quiet.is_same_address(c.address, letter.recipient) for c in people)
    return "" if in_office else f"The recipient is no longer the {meant.roles[0]}."


def _judge_approval(letter: QueuedLetter, cycle: CycleView, respondent: Respondent, now: datetime) -> str:
    status = cycle.status.returns[respondent.key]
    if status.state is ReturnState.COMPLETE and all(one.submission != status.submission for one in letter.about):
        return "A later submission has come since."
    return _judge_asking(letter, cycle, respondent, now, Assent.APPROVAL)


def _judge_certificate(letter: QueuedLetter, cycle: CycleView, respondent: Respondent, now: datetime) -> str:
    since = cycle.status.returns[respondent.key].money_since
    if since is None or letter.queued < since:
        return "Other grant money was stated since, or it was sent back."
    return _judge_asking(letter, cycle, respondent, now, Assent.CERTIFICATE)


def _judge_asking(letter: QueuedLetter, cycle: CycleView, respondent: Respondent, now: datetime, assent: Assent) -> str:
    is_reminder = any(one.reminder for one in letter.about)
    reason = assents.why_not_asked(cycle, respondent, assent, reminded=london_day(now) if is_reminder else None)
    return reason or _judge_recipient(letter, cycle, respondent, now)


def _judge_queries(letter: QueuedLetter, cycle: CycleView, respondent: Respondent, now: datetime) -> str:
    reason = reminders.why_faults_rest(cycle, respondent, london_day(now))
    if reason:
        return reason
    status = cycle.status.returns[respondent.key]
    if not any(one.submission == status.submission for one in letter.about):
        return "A later submission has come since."
    return _judge_recipient(letter, cycle, respondent, now)


def _judge_extension(letter: QueuedLetter, cycle: CycleView, respondent: Respondent, now: datetime) -> str:
    status = cycle.status.returns[respondent.key]
    if status.state.is_in:
        return f"The return is {status.state} now."
    if past := quiet.cycle_is_past(cycle, respondent):
        return past
    if status.due is None or About(respondent=respondent.key, due=status.due) not in letter.about:
        return "The due date has been moved since."
    return _judge_recipient(letter, cycle, respondent, now)


def _judge_request(_: QueuedLetter, cycle: CycleView, respondent: Respondent, __: datetime) -> str:
    return quiet.cycle_is_past(cycle, respondent)


def _judge_dates(letter: QueuedLetter, cycle: CycleView, respondent: Respondent, now: datetime) -> str:
    dates, today = cycle.dates, london_day(now)
    stand = {*map(london_day, (dates.extract_due, dates.due, dates.close)), cycle.next_clearance(today)}
    # What still stands of it was told in no other letter.
    if not {one.due for one in letter.about if one.respondent == respondent.key} & stand:
        return "The dates have moved again since."
    return "" if respondent.is_registered(letter.recipient, today) else "The recipient is no longer a contact."


def _judge_note(letter: QueuedLetter, cycle: CycleView, respondent: Respondent, now: datetime) -> str:
    boards = {one.board for one in letter.about}
    for action in cycle.site.actions:
        is_told = action.respondent == respondent.key and action.board in boards and action.recorded is not None
        if is_told and action.closed is not None and action.closed > letter.queued:
            return f"{action.ref} was closed since."
    return _judge_recipient(letter, cycle, respondent, now)


def _pass(_: QueuedLetter, __: CycleView, ___: Respondent, ____: datetime) -> str:
    return ""


_Judge = Callable[[QueuedLetter, CycleView, Respondent, datetime], str]
_JUDGES: Mapping[Ground, _Judge] = rules_by_ground(
    {
        Ground.NONE: _pass,
        Ground.REQUEST: _judge_request,
        Ground.RETURN_MISSING: _judge_reminder,
        Ground.EXTENSION: _judge_extension,
        Ground.FAULTS_OPEN: _judge_queries,
        Ground.SENT_BACK: _pass,
        Ground.LATEST_VERSION: _pass,
        Ground.APPROVAL_MISSING: _judge_approval,
        Ground.CERTIFICATE_MISSING: _judge_certificate,
        Ground.ADDRESS_LOST: _pass,
        Ground.ADDRESS_UNCONFIRMED: _pass,
        Ground.DATES: _judge_dates,
        Ground.FORM: _judge_reissued,
        Ground.PROOF: _pass,
        Ground.ACTIONS_OPEN: _judge_note,
        Ground.PAPER_NOT_OUT: _pass,
        Ground.MEASURES_OPEN: _pass,
        Ground.MEASURES_VERSION: _pass,
        Ground.STATE_OF_THINGS: _pass,
    }
)
