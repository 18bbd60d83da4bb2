"""Asking chairs to approve, and reminding them: one letter for exactly one submission, and what it shows of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from csp_workflow.analysis.readings import Direction
from csp_workflow.chase import quiet
from csp_workflow.letters import answers, chases
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.chases import Change, FigureLine, Seen
from csp_workflow.letters.disputes import find_passed
from csp_workflow.letters.kinds import Ground
from csp_workflow.letters.requests import say_figure_change
from csp_workflow.terms.chosen import QuickAnswer
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.disputes import list_disputes, say_passed
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.letters import REMINDERS, About, Letter, LetterState, QueuedLetter
from csp_workflow.terms.personal import keep_back
from csp_workflow.terms.phrases import day as said_day
from csp_workflow.terms.phrases import joined, say_as_number, say_figure
from csp_workflow.terms.queries import list_open_queries
from csp_workflow.terms.returns import (
    Entry,
    FigureRow,
    FormDefinition,
    Narrative,
    ReturnState,
    Submission,
    list_changes,
    show_given,
)
from csp_workflow.terms.site import Contact, Respondent, Role

BY = "the approval rule"


def decide_approvals(cycle: CycleView, now: datetime, *, written_to: frozenset[str] = frozenset()) -> Decision:
    """The approvals to ask for and to remind of now: at most one letter a working day to a person.

    An ask needs no quiet from open questions: a chair may have asked one about the version before.
    """
    if quiet.service_is_quiet(cycle) or quiet.window_is_shut(cycle.site, now):
        return Decision()
    taken = written_to | quiet.addresses_written_to(cycle, now)
    letters: list[Letter] = []
    events: list[Event] = []
    for respondent, submission in _complete_returns(cycle):
        written = [x for x in _letters_for(cycle, respondent, submission, now) if x.recipient.lower() not in taken]
        taken |= {x.recipient.lower() for x in written}
        letters += written
        if any(not one.reminder for x in written if kind_of(x.kind).asks_approval for one in x.about):
            about = {"respondent": respondent.key, "subject": submission.id, "content": submission.content}
            version = submission.sequence
            events.append(quiet.note(cycle, Happened.APPROVAL_ASKED, now, by=BY, version=version, **about))
    return Decision(letters=tuple(letters), events=tuple(events))


def find_asks(cycle: CycleView, respondent: Respondent, submission: str) -> tuple[QueuedLetter, ...]:
    """The letters that asked for approval of one submission and were not withdrawn."""
    written = cycle.letters_by_about.get(About(respondent=respondent.key, submission=submission), ())
    return tuple(letter for letter in written if kind_of(letter.kind).asks_approval)


def why_not_asked(cycle: CycleView, respondent: Respondent, *, reminded: date | None = None) -> str:
    """Why no chair is asked to approve a return, or `reminded` of it on a day; "" while one may be, until the papers
    are cleared.

    A late return or a correction is asked about even then: the approval goes on record.
    """
    state = cycle.status.returns[respondent.key].state
    if state is not ReturnState.COMPLETE:
        return f"The return is {state} now."
    if cycle.status.state not in {CycleState.OPEN, CycleState.CLOSED}:
        return f"The quarter is {cycle.status.state}."
    if reminded is None:
        return quiet.respondent_is_held(cycle, respondent)
    return quiet.papers_are_settled(cycle) or quiet.respondent_is_paused(cycle, respondent, reminded)


def _complete_returns(cycle: CycleView) -> Iterator[tuple[Respondent, Submission]]:
    for respondent, _ in cycle.owed_returns():
        if not respondent.needs_approval or why_not_asked(cycle, respondent):
            continue
        latest = cycle.latest_submission(respondent)
        if latest is not None:
            yield respondent, latest


def _letters_for(cycle: CycleView, respondent: Respondent, submission: Submission, now: datetime) -> Iterator[Letter]:
    asked, today = find_asks(cycle, respondent, submission.id), london_day(now)
    chairs = cycle.chairs(respondent, today)
    for chair in (*chairs, *_list_deputies_of_silent(cycle, respondent, chairs, asked, today)):
        mine = [x for x in asked if quiet.is_same_address(x.recipient, chair.address)]
        letter = (
            _reminder(cycle, respondent, submission, chair, mine[0], now)
            if mine
            else _ask(cycle, respondent, submission, chair, now)
        )
        if letter is not None:
            yield letter
    yield from _tell_chairs(cycle, respondent, submission, asked, today)


# A deputy chair in a chair's place -----------------------------------------------------------------


def _list_deputies_of_silent(
    cycle: CycleView,
    respondent: Respondent,
    chairs: tuple[Contact, ...],
    asked: tuple[QueuedLetter, ...],
    today: date,
) -> tuple[Contact, ...]:
    """The deputy chairs to be asked too: every chair was asked, and reminded in vain as often as anybody is."""
    waited = cycle.site.limits.approval_reminder_days * (REMINDERS + 1)
    are_chairs = all(chair.role is Role.CHAIR for chair in chairs)
    if not (chairs and are_chairs and all(_days_since_asked(cycle, c, asked, today) >= waited for c in chairs)):
        return ()
    deputies = cycle.service.reached(respondent.people(Role.DEPUTY_CHAIR, today))
    return tuple(deputy for deputy in deputies if not cycle.service.away(deputy, today))


def _days_since_asked(cycle: CycleView, chair: Contact, asked: tuple[QueuedLetter, ...], today: date) -> int:
    """Working days since the letter that asked a chair left; -1 before that."""
    left = [x.sent for x in asked if x.sent and quiet.is_same_address(x.recipient, chair.address)]
    return cycle.site.working_days.between(london_day(left[0]), today) if left else -1


def _tell_chairs(
    cycle: CycleView, respondent: Respondent, submission: Submission, asked: tuple[QueuedLetter, ...], today: date
) -> Iterator[Letter]:
    """Each chair whom letters reach is told once that a deputy chair was asked, and why."""
    deputies = [d for d in respondent.people(Role.DEPUTY_CHAIR, today) if _was_asked(d, asked)]
    about = About(respondent=respondent.key, submission=submission.id)
    told = quiet.find_letters(cycle, Ground.LATEST_VERSION, about)
    for chair in cycle.service.reached(respondent.people(Role.CHAIR, today)) if deputies else ():
        is_told = any(x.kind == chases.deputy_asked.kind.name and _was_asked(chair, (x,)) for x in told)
        absence, was_asked = cycle.service.away(chair, today), _was_asked(chair, asked)
        if is_told or not (absence or was_asked):
            continue
        yield chases.deputy_asked(
            chair,
            respondent,
            cycle.quarter,
            submission=submission.id,
            deputy=joined(d.name for d in deputies),
            because=f"you are away until {said_day(absence.until)}" if absence else "we have no answer from you yet",
            was_asked=was_asked,
        )


def _was_asked(person: Contact, letters: Iterable[QueuedLetter]) -> bool:
    return any(quiet.is_same_address(x.recipient, person.address) for x in letters)


def _say_why(cycle: CycleView, respondent: Respondent, to: Contact, today: date) -> str:
    """Why a deputy chair is asked, in a sentence; "" for the chair."""
    why = cycle.service.say_deputy_chair(to, respondent, today)
    present = [c for c in cycle.chairs(respondent, today) if c.role is Role.CHAIR]
    silent = f" We asked {joined(c.name for c in present)} before, and have no answer yet." if why and present else ""
    return f"{why}{silent}"


# Asking ----------------------------------------------------------------------------------------


def _ask(cycle: CycleView, respondent: Respondent, submission: Submission, chair: Contact, now: datetime) -> Letter:
    before = _shown_before(cycle, respondent, submission, chair)
    seen = show_submission(cycle, respondent, submission, london_day(now), before=before)
    asking = _asking(cycle, submission, why=_say_why(cycle, respondent, chair, london_day(now)))
    if before is None:
        return quiet.number_repeat(cycle, chases.approval_request(chair, seen, asking))
    letter = chases.approval_again(
        chair,
        seen,
        asking,
        changes=compare_submissions(before, submission, _find_answered(cycle, respondent, submission), respondent),
        was_approved=any(given.submission == before.id for given in cycle.status.returns[respondent.key].approvals),
    )
    return quiet.number_repeat(cycle, letter)


def _shown_before(
    cycle: CycleView, respondent: Respondent, submission: Submission, chair: Contact
) -> Submission | None:
    """The last earlier submission that this very chair was sent; a new chair is shown everything."""
    earlier = [s for s in cycle.submissions.get(respondent.key, ()) if s.sequence < submission.sequence]
    for candidate in reversed(earlier):
        letters = find_asks(cycle, respondent, candidate.id)
        if any(quiet.is_same_address(x.recipient, chair.address) and x.state is LetterState.SENT for x in letters):
            return candidate
    return None


# Reminding -------------------------------------------------------------------------------------


def _reminder(
    cycle: CycleView,
    respondent: Respondent,
    submission: Submission,
    chair: Contact,
    ask: QueuedLetter,
    now: datetime,
) -> Letter | None:
    day = london_day(now)
    number = _reminder_number(cycle, ask, day)
    if not number or why_not_asked(cycle, respondent, reminded=day):
        return None
    if cycle.service.away(chair, day) or _had_reminder(cycle, respondent, submission, chair, number):
        return None
    letter = chases.approval_reminder(
        chair,
        show_submission(cycle, respondent, submission, day),
        _asking(cycle, submission, reminder=number, why=_say_why(cycle, respondent, chair, day)),
        asked=london_day(ask.sent or ask.queued),
        last=number == REMINDERS,
        is_theirs=ask.kind == answers.receipt_to_chair.kind.name,
    )
    return quiet.number_repeat(cycle, letter)


def _reminder_number(cycle: CycleView, ask: QueuedLetter, day: date) -> int:
    """Which reminder of an ask is due on a day: 0 for none, then the latest only; an ask must have left first."""
    if ask.state is not LetterState.SENT or ask.sent is None:
        return 0
    passed = cycle.site.working_days.between(london_day(ask.sent), day)
    return min(max(passed, 0) // cycle.site.limits.approval_reminder_days, REMINDERS)


def _had_reminder(
    cycle: CycleView, respondent: Respondent, submission: Submission, chair: Contact, number: int
) -> bool:
    numbers = range(number, REMINDERS + 1)
    written = (
        x for n in numbers for x in quiet.find_reminders(cycle, Ground.APPROVAL_MISSING, respondent, submission.id, n)
    )
    return any(quiet.is_same_address(x.recipient, chair.address) for x in written)


def _asking(cycle: CycleView, submission: Submission, *, why: str, reminder: int = 0) -> chases.Asking:
    quarter = cycle.status.quarter
    # A store that was put back counts versions anew; a yes to another version must answer another letter.
    version = f"{submission.id}@{submission.content[:16]}"
    return chases.Asking(
        quarter=quarter,
        cause=f"approval:{quarter.key}:{version}{f'+{reminder}' if reminder else ''}",
        phrase=cycle.site.approval_phrases[0].upper(),
        reminder=reminder,
        why=why,
    )


# What a chair is shown -----------------------------------------------------------------------------


def show_submission(
    cycle: CycleView, respondent: Respondent, submission: Submission, today: date, *, before: Submission | None = None
) -> Seen:
    """A submission as the chair's letter shows it; everything in words, nothing but this respondent's own.

    The force's figures that changed are those since the version `before`, which the chair was shown, was made.
    """
    now, stands = cycle.forms.get(respondent.key), cycle.status.returns[respondent.key]
    form, looked_at = (_find_answered(cycle, respondent, one) for one in (submission, before or submission))
    revised = [c for c in list_changes(looked_at, now) if c.is_figure] if looked_at and now else []
    versions = cycle.submissions.get(respondent.key, ())
    earlier = (one for one in versions if one.sequence < submission.sequence)
    sign_off, passed = submission.sign_off, find_passed(cycle.letters)
    return Seen(
        respondent=respondent.key,
        code=respondent.code,
        name=respondent.name,
        submission=submission.id,
        version=submission.sequence,
        received=submission.received,
        completed_by=keep_back(", ".join(filter(None, (sign_off.completed_by, sign_off.position)))),
        own=_lines(submission, form, respondent, Entry.VALUE),
        force=_lines(submission, show_given(form, now) if form and now else form, respondent, Entry.CONFIRM),
        revised=tuple(map(say_figure_change, revised)),
        revised_on=max((c.now.as_at if c.now else today for c in revised), default=None),
        disputes=tuple(
            (_title(form, respondent, one.ref, one.area), " ".join(filter(None, (one.reason, say_passed(one)))))
            for one in list_disputes((*earlier, submission), cycle.events, passed)
        ),
        questions=tuple(_list_questions(cycle, respondent, submission, form)),
        summary=tuple((_head(form, n.ref), _say_narrative(n)) for n in submission.narratives if _say_narrative(n)),
        told=tuple(c.name for c in cycle.service.reached(respondent.people(Role.LEAD, today))),
        by=_find_day(cycle, respondent, today),
        gone=cycle.settled_boards,
        late=stands.late,
        corrected=stands.is_corrected,
    )


def _find_day(cycle: CycleView, respondent: Respondent, today: date) -> date | None:
    """The day by which an approval helps most: the close that the chair was told of, after it the next clearance."""
    close, clearance = london_day(cycle.close_time(respondent)), cycle.next_clearance(today)
    return clearance if today >= close or cycle.is_settled else close


def _list_questions(
    cycle: CycleView, respondent: Respondent, submission: Submission, form: FormDefinition | None
) -> Iterator[str]:
    """What the lead was asked and has not answered, for whoever has no form: by the row's name, never by its cell."""
    areas = {area.code for area in respondent.areas} | {row.area.code for row in (form.figures if form else ())}
    for query in list_open_queries(submission, cycle.events).values():
        area, _, ref = query.key.partition(" ")
        name = _title(form, respondent, ref, area) if area in areas else _head(form, query.key) or query.sheet
        found = say_as_number(query.found) or "nothing was filled in"
        yield f"{name}: {found.rstrip('.')}. We asked: \u201c{query.wanted}\u201d"


def _find_answered(cycle: CycleView, respondent: Respondent, version: Submission) -> FormDefinition | None:
    """The issue of the form that a version was made on: it is told in those words."""
    issues = cycle.issues.get(respondent.key, ())
    made_on = (issue for issue in issues if issue.reference.revision == version.revision)
    return next(made_on, cycle.forms.get(respondent.key))


def compare_submissions(
    before: Submission, after: Submission, form: FormDefinition | None, to: Respondent
) -> tuple[Change, ...]:
    """What differs between two submissions of one respondent: figures, disputes, texts, who completed it."""
    figures = _differing(
        {(f.series, f.area): _with_note(f) for f in before.figures},
        {(f.series, f.area): _with_note(f) for f in after.figures},
    )
    disputes = _differing(
        {(ref, area): text for area, ref, text in before.disputes},
        {(ref, area): text for area, ref, text in after.disputes},
    )
    texts = _differing(
        {(n.ref, ""): _say_narrative(n) for n in before.narratives},
        {(n.ref, ""): _say_narrative(n) for n in after.narratives},
    )
    headings = {(n.ref, ""): _head(form, n.ref) for n in (*before.narratives, *after.narratives)}
    return (
        *(Change(what=_title(form, to, *key), was=was, now=now) for key, was, now in figures),
        *(
            Change(what=f"Dispute: {_title(form, to, *key)}", was=was, now=now, words=True)
            for key, was, now in disputes
        ),
        *(Change(what=headings[key], was=was, now=now, words=True) for key, was, now in texts),
        *_new_hand(before, after),
    )


def _lines(
    submission: Submission, form: FormDefinition | None, respondent: Respondent, entry: Entry
) -> tuple[FigureLine, ...]:
    """The figures in the form's order; a figure the form does not know stands with the partnership's own."""
    given = {(f.series, f.area): f for f in submission.figures}
    if form is None:
        unknown = given.values() if entry is Entry.VALUE else ()
        return tuple(
            FigureLine(what=_title(None, respondent, f.series, f.area), now=say_figure(f), year_ago="not known")
            for f in unknown
        )
    rows = (row for row in form.figures if row.entry is entry)
    return tuple(_line(row, form, respondent, given.get((row.ref, row.area.code))) for row in rows)


def _line(row: FigureRow, form: FormDefinition, respondent: Respondent, found: Figure | None) -> FigureLine:
    known = found or (row.given if row.entry is Entry.CONFIRM else None)
    ago = dict(zip(form.history, row.history, strict=False)).get(form.quarter.year_ago, "")
    return FigureLine(
        what=_title(form, respondent, row.ref, row.area.code),
        now=say_figure(known),
        year_ago=ago or "not known",
        note=_note(known) if known else "",
        direction=_say_direction(row, known),
        is_story=bool(row.find_side(known)),
    )


def _say_direction(row: FigureRow, found: Figure | None) -> str:
    """What the paper will say of the row's twelve months, "" where it judges nothing."""
    if row.usual is None or found is None or row.usual.reckon(found, is_share=row.kind.is_share) is None:
        return ""
    sides = {"above": Direction.RISING, "below": Direction.FALLING}
    return sides.get(row.find_side(found), Direction.NO_CLEAR_CHANGE).value


def _note(value: Figure) -> str:
    return ". ".join(filter(None, (value.drove_it.strip(), value.note.strip())))


def _with_note(value: Figure) -> str:
    note = _note(value)
    return f"{say_figure(value)}. {note}" if note else say_figure(value)


def _say_narrative(narrative: Narrative) -> str:
    """What was written or chosen, what became of an earlier promise, and what is promised now."""
    chosen = {
        QuickAnswer.NOTHING_NEW: "Nothing new this quarter.",
        QuickAnswer.STILL_HOLDS: "(Last quarter's text, which still holds.)",
        QuickAnswer.GOES_ON: "It goes on next year.",
        QuickAnswer.REACHED: "It was reached, and ends here.",
        QuickAnswer.ENDS: "It ends here.",
    }
    lines = (
        narrative.text.strip(),
        chosen[narrative.answer] if narrative.answer else "",
        f"What was promised: {narrative.promise_now}." if narrative.promise_now else "",
        f"Next quarter: {narrative.promise.strip()}" if narrative.promise.strip() else "",
    )
    return "\n".join(filter(None, lines))


def _title(form: FormDefinition | None, respondent: Respondent, ref: str, area: str) -> str:
    """Such as "Burglary in a dwelling", with the area where the respondent answers for several."""
    row = next((r for r in form.figures if r.ref == ref and r.area.code == area), None) if form else None
    place = row.area.name if row else next((a.name for a in respondent.areas if a.code == area), area)
    title = row.title if row else ref
    return f"{title}, {place}" if place and len(respondent.areas) > 1 else title


def _head(form: FormDefinition | None, ref: str) -> str:
    """What a box asks for; its ref where the form does not know it."""
    rows = {row.ref: row.heading for row in form.summary} if form else {}
    actions = {row.ref: row.wording.rstrip(".") for row in form.actions} if form else {}
    return rows.get(ref) or actions.get(ref) or ref


def _differing(
    before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]
) -> Iterable[tuple[tuple[str, str], str, str]]:
    keys = dict.fromkeys((*after, *before))
    pairs = ((key, before.get(key, ""), after.get(key, "")) for key in keys)
    return [(key, was or "nothing", now or "nothing") for key, was, now in pairs if was != now]


def _new_hand(before: Submission, after: Submission) -> tuple[Change, ...]:
    was, now = before.sign_off.completed_by, after.sign_off.completed_by
    return (Change(what="Completed by", was=was or "nothing", now=now or "nothing"),) if was != now else ()
