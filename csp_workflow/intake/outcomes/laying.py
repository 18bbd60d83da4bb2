"""One form of a return laid over the version that stands: who gave what of it, and what became otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from csp_workflow.forms import layout
from csp_workflow.forms.draft import is_plain_number
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.checks.candidates import read_confirmation
from csp_workflow.intake.checks.check_figures import read_said_figure
from csp_workflow.intake.checks.check_form import check_form
from csp_workflow.intake.checks.findings import CheckedForm, Origin, SeenForm, short_text
from csp_workflow.intake.outcomes.fresh_form import list_changed_rows
from csp_workflow.intake.outcomes.merging import Clash, Sender, is_same_text, merge_form
from csp_workflow.intake.outcomes.places import (
    COUNTS,
    Place,
    fill_cells,
    find_place,
    list_cells,
    list_filled,
    list_police_keys,
    say_typed,
)
from csp_workflow.intake.outcomes.settling import NOT_TAKEN, Settled, settle_form
from csp_workflow.terms.cells import Cell, Input, InputText
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Request
from csp_workflow.terms.personal import PERSONAL
from csp_workflow.terms.phrases import agree_unit, capital, joined, plural, say_figure, short_day
from csp_workflow.terms.queries import identify_finding, list_explained, name_row, number_findings
from csp_workflow.terms.returns import Entry, FigureRow, Finding, FormDefinition, Narrative, ReadForm, Submission
from csp_workflow.terms.site import Contact, Respondent


def lay_form(
    case: MessageCase,
    cycle: CycleFacts,
    respondent: Respondent,
    request: Request,
    alone: CheckedForm,
    origin: Origin,
    *,
    asked: Submission | None = None,
) -> Settled:
    """A form that came, `alone` as it says by itself, checked together with what stands. `asked` is the version that
    its answers are about, where that is not the one that the form was filled with."""
    form, ours = request.form, case.site.office.particulars
    versions = cycle.versions.get(respondent.key, ())
    accepted = versions[-1] if versions else None
    sender = _know_sender(case, respondent, form, versions)
    before_it = _list_until(versions, asked.sequence) if asked else list_filled_with(versions, request)
    base = before_it[-1] if before_it else None
    answers = tuple(_list_answers(alone.seen.read, base)) if base else ()
    given = dict(list_filled(base)) if base else {}
    read = fill_cells(form, alone.seen.read, _put_answers(form, alone.seen.read, answers, accepted, given))
    laid = _leave_out_overtaken(accepted, form, cycle, respondent) if accepted else None
    merged = merge_form(form, read, sender, accepted=laid, base=base)
    before, checks = cycle.narratives.get(respondent.key, {}), case.site.checks_of(respondent.key, case.day)
    seen = SeenForm(read=merged.read, beside=alone.seen.beside)
    checked = check_form(form, seen, origin, before=before, checks=checks, ours=ours)
    checked = _add_unsure(checked, alone)
    by = {one.sequence: one for one in versions}

    def say(clash: Clash) -> str:
        first = by.get(clash.stands.version)
        given = _say_given(form, clash, clash.stands.text)
        came = _say_given(form, clash, clash.text)
        who = f", sent by {_say_sent(respondent, first)}" if first else ""
        return f"{given}{who}; {came}, sent by {_name(respondent, case)} on {short_day(case.day)}"

    settled = settle_form(form, checked, merged, laid, version=(accepted.sequence if accepted else 0) + 1, say=say)
    explained = tuple((f, " ".join(cell.text.split())) for f, cell in answers if _explains(f, cell))
    known = {*list_explained(cycle.events, respondent.key), *(identify_finding(finding) for finding, _ in explained)}
    return settled.without_explained(known, explained)


def list_filled_with(versions: Sequence[Submission], request: Request) -> tuple[Submission, ...]:
    """The versions up to the one that a form was filled with when it was sent; none for one that went out empty."""
    return _list_until(versions, request.filled)


def _list_until(versions: Sequence[Submission], last: int) -> tuple[Submission, ...]:
    return tuple(one for one in versions if one.sequence <= last)


def _add_unsure(checked: CheckedForm, alone: CheckedForm) -> CheckedForm:
    """A form as it was laid over what stands, with what was unsure on it by itself: a cell of which nobody can be sure
    counts as empty there, and is asked about as what it is.
    """
    asked = {(f.sheet, f.cell) for f in alone.seen.unsure}
    seen = [f for f in alone.parts.findings if (f.sheet, f.cell) in asked]
    others = [f for f in checked.parts.findings if (f.sheet, f.cell) not in asked or f.code == PERSONAL]
    return replace(checked, parts=replace(checked.parts, findings=tuple(dict.fromkeys((*others, *seen)))))


# What was answered to our questions -----------------------------------------------------------------


_CHOSEN = NOT_TAKEN | {"promise-open", "not-signed", "unconfirmed", "dispute-which"}
"""What is asked of a box in which something is to stand: an explanation answers none of it."""

_RIGHT, _PUT_RIGHT = map(layout.same, layout.QUESTION_CHOICES)
_STATUSES = frozenset(map(layout.same, layout.STATUS_MEANS))


def _list_answers(read: ReadForm, base: Submission) -> Iterator[tuple[Finding, Cell]]:
    """What was answered beside our questions: in words, else the choice."""
    asked = number_findings(base)
    for box in read.questions:
        said = [cell for cell in (box.extra, box.value) if cell and not cell.is_blank]
        if said and (finding := asked.get(box.ref.strip().upper())):
            yield finding, said[0]


def _explains(finding: Finding, cell: Cell) -> bool:
    """Whether an answer settles a query by itself; that something was put right in its box shows there."""
    return not finding.is_fault and finding.code not in _CHOSEN and layout.same(cell.text) != _PUT_RIGHT


def _put_answers(
    form: FormDefinition,
    read: ReadForm,
    answers: Sequence[tuple[Finding, Cell]],
    accepted: Submission | None,
    given: Mapping[Place, str],
) -> dict[Place, str | Cell]:
    """Where the answers stand on the form: in the box that was asked about, an explanation as a note. Where that box
    was filled in as well, with another figure, both are there and are asked."""
    cells = dict(list_cells(form, read))
    notes = {one.key: one.text for one in accepted.inputs if one.input is Input.NOTE} if accepted else {}
    texts: dict[Place, str | Cell] = {}
    for finding, answer in answers:
        place, words = _find_box(form, finding, " ".join(answer.text.split()))
        cell = cells.get(place) if place else None
        there = say_typed(cell, place[1]) if cell and place else ""
        is_filled = cell is not None and not cell.is_blank
        if place and place[1] is Input.NOTE and not finding.is_fault:
            noted = str(texts.get(place, "") or there or notes.get(finding.key, ""))
            texts[place] = noted if words in noted else " ".join(filter(None, (noted, words)))
        elif place and not (is_filled and not is_same_text(there, given.get(place, ""))):
            texts[place] = words
        elif cell and place and place[1] in COUNTS and not is_same_text(there, words):
            texts[place] = replace(cell, rivals=(replace(answer, text=words),))
    return texts


def _find_box(form: FormDefinition, finding: Finding, words: str) -> tuple[Place | None, str]:
    """The input that an answer is for, and what it says there: a figure or a status in its own column, whatever was
    asked of the row, and what only explains in the note."""
    place, row, said = find_place(finding), find_row(form, finding.key), layout.same(words)
    if finding.code in _UNCONFIRMED and (answer := read_confirmation(words, noted=False)[0]):
        return place, answer
    if said in {_RIGHT, _PUT_RIGHT}:
        return None, ""
    if row and place and row.entry is Entry.VALUE and row.kind.is_number and finding.code not in _CHOSEN:
        if said in _STATUSES:
            return (finding.key, Input.STATUS), words
        figure = read_said_figure(words, row)
        if figure and (finding.is_fault or any(map(str.isdigit, figure))):
            return (place if place[1] in COUNTS else (finding.key, Input.THIS_QUARTER)), figure
    if finding.is_fault or finding.code in _CHOSEN:
        return place, words
    return ((finding.key, Input.NOTE) if row or finding.key in list_police_keys(form) else None), words


_UNCONFIRMED = {"unconfirmed", "unknown-answer"}


def _leave_out_overtaken(
    accepted: Submission, form: FormDefinition, cycle: CycleFacts, respondent: Respondent
) -> Submission:
    """The version that stands without a yes to a figure of the force's that is another on the form that came."""
    issues = {request.form.reference.revision: request.form for request in cycle.requests[respondent.key]}
    shown = {one.sequence: issues.get(one.revision) for one in cycle.versions[respondent.key]}
    changed = {version: list_changed_rows(issue, form) for version, issue in shown.items() if issue}

    def is_overtaken(one: InputText) -> bool:
        is_yes = one.input is Input.STATUS and layout.same(one.text) == layout.same(layout.CONFIRMED)
        return is_yes and one.key in changed.get(one.version, ())

    return replace(accepted, inputs=tuple(one for one in accepted.inputs if not is_overtaken(one)))


def _know_sender(
    case: MessageCase, respondent: Respondent, form: FormDefinition, versions: tuple[Submission, ...]
) -> Sender:
    """Whoever sent a form may change what they gave themselves, unless on a later issue of it; so may the office."""
    by, is_office = {one.sequence: one for one in versions}, case.facts.assignment is not None
    is_over = case.site.chair_prevails and any(c.acts_from(case.sender) for c in respondent.chairs(case.day))
    mine = {plain.address for plain in find_people(respondent, case.sender, case)}

    def may_change(version: int) -> bool:
        one = by.get(version)
        if is_office or is_over or one is None:
            return True
        theirs = {c.address for c in find_people(respondent, one.sender, case)}
        is_same = one.sender.lower() == case.sender or bool(theirs & mine)
        return is_same and one.revision <= form.reference.revision

    return Sender(may_change=may_change, removing=case.site.removal_phrases)


def find_people(respondent: Respondent, address: str, case: MessageCase) -> tuple[Contact, ...]:
    """The contact for whom mail from an address counts, if any."""
    return respondent.speakers(address, case.day)[:1]


def _name(respondent: Respondent, case: MessageCase) -> str:
    return next((c.name for c in find_people(respondent, case.sender, case)), case.message.sender)


def _say_sent(respondent: Respondent, one: Submission) -> str:
    return f"{say_sender(respondent, one)} on {short_day(london_day(one.received))}"


def say_sender(respondent: Respondent, one: Submission) -> str:
    """Who sent a version: their name on our record, else their address."""
    return next((c.name for c in respondent.speakers(one.sender, london_day(one.received))), one.sender)


def _say_given(form: FormDefinition, clash: Clash, text: str) -> str:
    row = find_row(form, clash.stands.key)
    if row is None or clash.stands.input not in COUNTS or not is_plain_number(text):
        return f"“{short_text(text)}”"
    return text if row.is_counted else f"{text} {agree_unit(row.unit, Decimal(text))}"


def find_row(form: FormDefinition, key: str) -> FigureRow | None:
    """The row of figures that a finding or an input is about; None where it is about something else."""
    return next((row for row in form.figures if layout.figure_key(row.area.code, row.ref) == key), None)


# What became otherwise ------------------------------------------------------------------------------


def say_changes(
    before: Submission | None, now: Submission, form: FormDefinition, respondent: Respondent
) -> Iterator[str]:
    """What a version changed in the one before, in a sentence each, with who sent it; nothing of a first one."""
    by = _say_sent(respondent, now)
    yield from (f"{one}, sent by {by}." for one in _list_changes(before, now, form))


def say_changes_together(
    before: Submission | None, now: Submission, form: FormDefinition, respondent: Respondent
) -> str:
    """The same in one sentence; "" where nothing changed."""
    listed = "; ".join(_list_changes(before, now, form))
    return f"{listed}, sent by {_say_sent(respondent, now)}." if listed else ""


def _list_changes(before: Submission | None, now: Submission, form: FormDefinition) -> Iterator[str]:
    if before is None:
        return
    old = {(f.series, f.area): f for f in before.figures}
    new = {(f.series, f.area): f for f in now.figures}
    for row in form.figures:
        was, came = old.get((row.ref, row.area.code)), new.get((row.ref, row.area.code))
        said = say_figure(was, missing=""), say_figure(came, missing="")
        name = name_row(form, row.area.code, row.ref)
        value = next((f.value for f in (came, was) if f and f.value is not None), None)
        unit = "" if row.is_per_cent or value is None else f" {agree_unit(row.unit, value)}"
        if said[0] != said[1]:
            units = tuple(unit if f and f.value is not None else "" for f in (was, came))
            yield f"{name}: {_say_step(said[0], said[1], units)}"
        elif was and came and (was.note, was.drove_it) != (came.note, came.drove_it):
            yield f"{name}: why it is so"
    told = {n.ref: (n.text, n.promise) for n in before.narratives}
    words = [n for n in now.narratives if told.get(n.ref) != (n.text, n.promise)]
    if words:
        yield f"{capital(say_texts(words))} ({joined(n.ref for n in words)})"


def say_texts(narratives: Sequence[Narrative]) -> str:
    """How much was written and how much chosen: "two texts and four quick answers"; "" of nothing."""
    quick = sum(narrative.answer is not None for narrative in narratives)
    counts = ((len(narratives) - quick, "text"), (quick, "quick answer"))
    return joined(plural(count, one, spelt=True) for count, one in counts if count)


def _say_step(was: str, now: str, units: tuple[str, ...]) -> str:
    """Both figures, with the unit once; what is no number has none."""
    if not now:
        return f"{was}{units[0]}, now taken out"
    return f"{was}{'' if units[1] else units[0]}, now {now}{units[1]}" if was else f"now {now}{units[1]}"
