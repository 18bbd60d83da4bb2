"""What chairs are asked to approve: the letters for exactly one submission, and what they show of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from csp_workflow.analysis.readings import Direction
from csp_workflow.chase import quiet
from csp_workflow.letters import answers, chases
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.letters.chases import Change, FigureLine, Seen
from csp_workflow.letters.disputes import find_passed
from csp_workflow.letters.requests import say_figure_change
from csp_workflow.terms.cells import QuickAnswer
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import REMINDERS, About, Decision, Letter, LetterState, QueuedLetter
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.personal import keep_back
from csp_workflow.terms.phrases import say_as_number, say_figure
from csp_workflow.terms.queries import list_disputes, list_open_queries, say_passed
from csp_workflow.terms.returns import (
    Entry,
    FigureRow,
    FormDefinition,
    Narrative,
    Submission,
    list_changes,
    show_given,
)
from csp_workflow.terms.site import Assent, Contact, Respondent, Role
from csp_workflow.terms.status import GivenAssent

TOLD_OF_DEPUTY = chases.deputy_asked.kind.name


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A yes that is wanted to one respondent's latest submission, on a day."""

    cycle: CycleView
    respondent: Respondent
    submission: Submission
    assent: Assent
    day: date

    @property
    def content(self) -> str:
        """The hash of what it is a yes to."""
        return self.submission.find_content(self.assent)

    def find_shown(self, to: Contact) -> Submission | None:
        """The last earlier submission about which this very person was sent a letter; or None."""
        earlier = self.cycle.submissions.get(self.respondent.key, ())
        for candidate in reversed([s for s in earlier if s.sequence < self.submission.sequence]):
            about = About(respondent=self.respondent.key, submission=candidate.id)
            letters = [x for x in self.cycle.letters_by_about.get(about, ()) if kind_of(x.kind).asks is self.assent]
            if any(quiet.is_same_address(x.recipient, to.address) and x.state is LetterState.SENT for x in letters):
                return candidate
        return None

    def make_asking(self, *, why: str, reminder: int = 0) -> chases.Asking:
        """On what occasion somebody is written to, and the word that says yes."""
        quarter = self.cycle.status.quarter
        # A store that was put back counts versions anew; a yes to another version must answer another letter.
        version = f"{self.submission.id}@{self.content[:16]}"
        return chases.Asking(
            quarter=quarter,
            cause=f"{self.assent}:{quarter.key}:{version}{f'+{reminder}' if reminder else ''}",
            phrase=self.cycle.site.phrases_of(self.assent)[0].upper(),
            reminder=reminder,
            why=why,
        )


# The letters ------------------------------------------------------------------------------------


def ask_chair(wanted: Wanted, chair: Contact, why: str) -> Letter:
    """The letter that asks a chair to approve; of what they were shown before only what changed."""
    cycle, respondent, submission = wanted.cycle, wanted.respondent, wanted.submission
    before = wanted.find_shown(chair)
    seen = _show(wanted, chair, before=before)
    asking = wanted.make_asking(why=why)
    if before is None:
        return chases.approval_request(chair, seen, asking)
    return chases.approval_again(
        chair,
        seen,
        asking,
        changes=compare_submissions(before, submission, _find_answered(cycle, respondent, submission), respondent),
        was_approved=any(given.submission == before.id for given in cycle.status.returns[respondent.key].approvals),
    )


def remind_chair(wanted: Wanted, chair: Contact, why: str, ask: QueuedLetter, number: int) -> Letter:
    """The reminder of one ask."""
    return chases.approval_reminder(
        chair,
        _show(wanted, chair),
        wanted.make_asking(reminder=number, why=why),
        asked=london_day(ask.sent or ask.queued),
        last=number == REMINDERS,
        is_theirs=ask.kind == answers.receipt_to_chair.kind.name,
    )


def tell_chair(wanted: Wanted, chair: Contact, deputy: str, because: str, was_asked: bool) -> Letter:
    """The word to a chair that the deputy chair is asked."""
    return chases.deputy_asked(
        chair,
        wanted.respondent,
        wanted.cycle.quarter,
        submission=wanted.submission.id,
        deputy=deputy,
        because=because,
        was_asked=was_asked,
    )


# What leads are told -------------------------------------------------------------------------------


def decide_word_of_approval(cycle: CycleView, now: datetime) -> Decision:
    """A chair's own yes, by letter, for the leads who were to read of it on a page of a paper and now do not: its
    paper was cleared without them, has no meeting, is late, or showed them a draft that did not know of it.

    It is the answer that would have gone at once, so no limit of a day holds it back.
    """
    if quiet.service_is_quiet(cycle) or quiet.window_is_shut(cycle.site, now):
        return Decision()
    return Decision(
        letters=tuple(
            letter
            for respondent, stands in cycle.owed_returns()
            if stands.approval and not stands.approval.evidence and not quiet.respondent_is_held(cycle, respondent)
            for letter in _tell_leads(cycle, respondent, stands.approval, london_day(now))
        )
    )


def _tell_leads(cycle: CycleView, respondent: Respondent, given: GivenAssent, day: date) -> Iterator[Letter]:
    chair = next((c for c in respondent.contacts if c.role is given.role and c.owns(given.by)), None)
    about = About(respondent=respondent.key, submission=given.submission)
    is_told = any(x.kind == answers.approval_noted.kind.name for x in cycle.letters_by_about.get(about, ()))
    if chair is None or is_told or cycle.shows_approval(respondent, chair, day) or cycle.approval_shown(respondent):
        return
    key, code, name = ((said,) for said in (respondent.key, respondent.code, respondent.name))
    known = answers.Incoming(message="", quarter=cycle.quarter, respondents=key, codes=code, names=name)
    number, at = len(cycle.status.returns[respondent.key].versions), given.at
    for lead in cycle.service.reached(respondent.people(Role.LEAD, day)):
        if not lead.is_at(chair.address):
            yield answers.approval_noted(lead, known, submission=given.submission, version=number, at=at, chair=chair)


# What a chair is shown -----------------------------------------------------------------------------


def _show(wanted: Wanted, to: Contact, *, before: Submission | None = None) -> Seen:
    seen = show_submission(wanted.cycle, wanted.respondent, wanted.submission, wanted.day, before=before)
    return replace(seen, is_printed=wanted.cycle.shows_approval(wanted.respondent, to, wanted.day))


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
        summary=tuple(
            (_name_key(form, respondent, n.ref), said) for n in submission.narratives if (said := _say_narrative(n))
        ),
        told=tuple(c.name for c in cycle.service.reached(respondent.people(Role.LEAD, today))),
        by=find_day(cycle, respondent, today),
        gone=cycle.settled_boards,
        late=stands.late,
        corrected=stands.is_corrected,
    )


def find_day(cycle: CycleView, respondent: Respondent, today: date) -> date | None:
    """The day by which an approval helps most: the close that the chair was told of, after it the next clearance."""
    close, clearance = london_day(cycle.close_time(respondent)), cycle.next_clearance(today)
    return clearance if today >= close or cycle.is_settled else close


def _list_questions(
    cycle: CycleView, respondent: Respondent, submission: Submission, form: FormDefinition | None
) -> Iterator[str]:
    """What the lead was asked and has not answered, for whoever has no form: by the row's name, never by its cell.

    What is asked of several is one item.
    """

    def say_place(found: re.Match[str]) -> str:
        return f"as under \u201c{_name_key(form, respondent, found[1])}\u201d"

    alike: dict[tuple[str, ...], list[str]] = {}
    for query in list_open_queries(submission, cycle.events).values():
        name = _name_key(form, respondent, query.key) or query.sheet
        found = _AS_UNDER.sub(say_place, say_as_number(query.found) or "nothing was filled in").rstrip(".")
        alike.setdefault((query.code, query.sheet, query.column, query.wanted), []).append(f"{name}: {found}")
    for (*_, wanted), said in alike.items():
        yield f"{'; '.join(said)}. We asked: \u201c{wanted}\u201d"


_AS_UNDER = re.compile(r"as under (.+)$")


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
    headings = {(n.ref, ""): _name_key(form, to, n.ref) for n in (*before.narratives, *after.narratives)}
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


def _name_key(form: FormDefinition | None, respondent: Respondent, key: str) -> str:
    """What a person calls a row of figures, or a box, by its key: "E07000130 M12a" is a row's."""
    areas = {area.code for area in respondent.areas} | {row.area.code for row in (form.figures if form else ())}
    area, _, ref = key.partition(" ")
    return _title(form, respondent, ref, area) if ref and area in areas else _head(form, key)


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
