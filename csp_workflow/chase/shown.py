"""What a chair is shown of a submission, and what changed since the one shown before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from csp_workflow.chase.facts import ChaseFacts
from csp_workflow.letters.approvals import Change, FigureLine, Seen
from csp_workflow.terms.dates import PaperState
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.phrases import say_figure
from csp_workflow.terms.returns import Entry, FigureRow, FormDefinition, Narrative, Submission
from csp_workflow.terms.site import Respondent

_SETTLED = {PaperState.CLEARED, PaperState.CIRCULATED, PaperState.PUBLISHED}


def seen(facts: ChaseFacts, respondent: Respondent, submission: Submission, today: date) -> Seen:
    """A submission as the chair's letter shows it; everything in words, nothing but this respondent's own."""
    form = facts.forms.get(respondent.key)
    sign_off = submission.sign_off
    return Seen(
        respondent=respondent.key,
        code=respondent.code,
        name=respondent.name,
        submission=submission.id,
        version=submission.sequence,
        received=submission.received,
        completed_by=", ".join(filter(None, (sign_off.completed_by, sign_off.position))),
        own=_lines(submission, form, respondent, Entry.VALUE),
        force=_lines(submission, form, respondent, Entry.CONFIRM),
        disputes=tuple((_title(form, respondent, ref, area), text) for area, ref, text in submission.disputes),
        queries=submission.queries,
        summary=tuple((_heading(form, n), _told(n)) for n in submission.narratives if n.text.strip()),
        clearance=_next_clearance(facts, today),
        gone=papers_settled(facts),
        late=submission.late,
    )


def changes(before: Submission, after: Submission, form: FormDefinition | None, to: Respondent) -> tuple[Change, ...]:
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
        {(n.ref, ""): _told(n) for n in before.narratives}, {(n.ref, ""): _told(n) for n in after.narratives}
    )
    headings = {(n.ref, ""): _heading(form, n) for n in (*before.narratives, *after.narratives)}
    return (
        *(Change(what=_title(form, to, *key), was=was, now=now) for key, was, now in figures),
        *(
            Change(what=f"Dispute: {_title(form, to, *key)}", was=was, now=now, words=True)
            for key, was, now in disputes
        ),
        *(Change(what=headings[key], was=was, now=now, words=True) for key, was, now in texts),
        *_new_hand(before, after),
    )


def papers_settled(facts: ChaseFacts) -> tuple[str, ...]:
    """The names of the boards whose paper for this quarter is cleared or gone."""
    return tuple(
        facts.site.board(paper.board).name
        for paper in facts.dates.papers
        if (status := facts.status.papers.get(paper.board)) and status.state in _SETTLED
    )


def every_paper_is_settled(facts: ChaseFacts) -> bool:
    """Whether no paper of this quarter can take an approval any more."""
    return bool(facts.dates.papers) and len(papers_settled(facts)) == len(facts.dates.papers)


def _next_clearance(facts: ChaseFacts, today: date) -> date | None:
    open_papers = (
        paper.clearance
        for paper in facts.dates.papers
        if paper.clearance >= today
        and ((status := facts.status.papers.get(paper.board)) is None or status.state not in _SETTLED)
    )
    return min(open_papers, default=None)


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
    )


def _note(value: Figure) -> str:
    return ". ".join(filter(None, (value.drove_it.strip(), value.note.strip())))


def _with_note(value: Figure) -> str:
    note = _note(value)
    return f"{say_figure(value)}. {note}" if note else say_figure(value)


def _told(narrative: Narrative) -> str:
    promise = narrative.promise.strip()
    return f"{narrative.text.strip()}\nNext quarter: {promise}" if promise else narrative.text.strip()


def _title(form: FormDefinition | None, respondent: Respondent, ref: str, area: str) -> str:
    """Such as "Burglary in a dwelling", with the area where the respondent answers for several."""
    row = next((r for r in form.figures if r.ref == ref and r.area.code == area), None) if form else None
    place = row.area.name if row else next((a.name for a in respondent.areas if a.code == area), area)
    title = row.title if row else ref
    return f"{title}, {place}" if place and len(respondent.areas) > 1 else title


def _heading(form: FormDefinition | None, narrative: Narrative) -> str:
    rows = {row.ref: row.heading for row in form.summary} if form else {}
    actions = {row.ref: row.wording for row in form.actions} if form else {}
    return rows.get(narrative.ref) or actions.get(narrative.ref) or narrative.ref


def _differing(
    before: dict[tuple[str, str], str], after: dict[tuple[str, str], str]
) -> Iterable[tuple[tuple[str, str], str, str]]:
    keys = dict.fromkeys((*after, *before))
    pairs = ((key, before.get(key, ""), after.get(key, "")) for key in keys)
    return [(key, was or "nothing", now or "nothing") for key, was, now in pairs if was != now]


def _new_hand(before: Submission, after: Submission) -> tuple[Change, ...]:
    was, now = before.sign_off.completed_by, after.sign_off.completed_by
    return (Change(what="Completed by", was=was or "nothing", now=now or "nothing"),) if was != now else ()
