"""One form of a return laid over the version that stands: who gave what of it, what became otherwise; and the form as
it goes out again, with the sender's own values, marked where something is to be done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from csp_workflow.forms import layout, writing
from csp_workflow.forms.draft import is_plain_number
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.checks.candidates import read_confirmation
from csp_workflow.intake.checks.cell_values import say_in_unit
from csp_workflow.intake.checks.check_figures import read_said_figure
from csp_workflow.intake.checks.check_form import check_form
from csp_workflow.intake.checks.findings import CheckedForm, Origin, SeenForm, short_text
from csp_workflow.intake.outcomes.merging import (
    COUNTS,
    Clash,
    Place,
    Sender,
    fill_cells,
    find_box,
    find_place,
    is_same_text,
    list_cells,
    list_filled,
    list_police_keys,
    merge_form,
    say_typed,
)
from csp_workflow.intake.outcomes.one_return import AcceptedReturn, ReturnCase
from csp_workflow.intake.outcomes.settling import NOT_TAKEN, Settled, settle_form
from csp_workflow.letters.disputes import find_passed
from csp_workflow.letters.requests import say_figure_change
from csp_workflow.terms.cells import Cell, Input, InputText, seal_reference
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import Event, Request, note_issue
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.personal import PERSONAL, find_personal_details
from csp_workflow.terms.phrases import capital, joined, plural, say_figure, short_day
from csp_workflow.terms.queries import (
    Dispute,
    Filled,
    Mark,
    identify_finding,
    is_spent,
    lay_disputes,
    list_disputes,
    list_explained,
    name_row,
    number_findings,
    say_dispute,
)
from csp_workflow.terms.returns import (
    FORM_VERSION,
    Entry,
    FigureRow,
    Finding,
    FormDefinition,
    Narrative,
    ReadForm,
    Submission,
    list_changes,
)
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
    return text if row.is_counted else say_in_unit(Decimal(text), row)


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
        name = name_row(form, row.area.code, row.ref)
        if say_figure(was, missing="") != say_figure(came, missing=""):
            yield f"{name}: {_say_step(was, came)}"
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


def _say_step(was: Figure | None, now: Figure | None) -> str:
    """Both figures, with the unit once; what is no number has none."""
    before = f"{say_figure(was, in_unit=now is None or now.value is None)}, " if was else ""
    return f"{before}now {say_figure(now, missing='taken out', in_unit=True)}"


# The form as it goes out again ----------------------------------------------------------------------

_Value = tuple[str, str, str, str]
"""A sheet, a row's key, a column, and the text that stands there."""


def correct_return(accepted: AcceptedReturn) -> tuple[Request, Attachment]:
    """A fresh form that is the next revision for the respondent, with what stands on it now."""
    one, case = accepted.one, accepted.one.case
    key = one.respondent.key
    return make_fresh_form(
        one.cycle.forms.get(key, one.request.form),
        (*one.cycle.versions.get(key, ()), accepted.submission),
        revision=max(request.form.reference.revision for request in one.cycle.requests[key]) + 1,
        key=case.facts.key,
        now=case.now,
        answered=one.request.form,
        disputes=list_disputes(
            (*one.cycle.versions.get(key, ()), accepted.submission), one.cycle.events, find_passed(one.cycle.letters)
        ),
    )


def note_renewed(accepted: AcceptedReturn, fresh: Mapping[str, tuple[Request, Attachment]]) -> Iterator[Event]:
    """That a form for corrections shows what changed after the one before went."""
    one, key = accepted.one, accepted.one.respondent.key
    if key in fresh and key in one.cycle.renewed:
        yield note_issue(one.cycle.quarter, fresh[key][0].form, one.case.now, by=accepted.submission.sender)


def say_revised(one: ReturnCase) -> tuple[str, ...]:
    """The force's figures that changed since the form went that came back."""
    now = one.cycle.forms.get(one.respondent.key, one.request.form)
    return tuple(say_figure_change(c) for c in list_changes(one.request.form, now) if c.is_figure)


def make_fresh_form(
    old: FormDefinition,
    versions: Sequence[Submission],
    *,
    revision: int,
    key: bytes,
    now: datetime,
    answered: FormDefinition | None = None,
    disputes: Sequence[Dispute] = (),
) -> tuple[Request, Attachment]:
    """The next revision of a form, filled with what stands in the last version of the return, and its workbook.

    `answered` is the issue that came back where `old` is a later one: what was confirmed there is not what stands here.
    `disputes` stand beside the force's figures.
    """
    sealed = seal_reference(old.reference.code, old.reference.period, FORM_VERSION, revision, key=key)
    said = {(one.area, one.ref): say_dispute(one, old.respondent_name) for one in disputes}
    form = lay_disputes(replace(old, reference=sealed), said)
    book = writing.attach_workbook(form, created=now, filled=_fill(form, versions, answered or form))
    return Request(form=form, workbook=hashlib.sha256(book.data).hexdigest(), filled=versions[-1].sequence), book


def write_form_again(cycle: CycleFacts, respondent: Respondent, now: datetime) -> Attachment:
    """The form that a respondent was last sent, as a file: with what it held then, and the day on which it is due."""
    request = cycle.requests[respondent.key][-1]
    form = cycle.give_due(request.form, respondent)
    held = [v for v in cycle.versions.get(respondent.key, ()) if v.sequence <= request.filled]
    return writing.attach_workbook(form, created=now, filled=_fill(form, held, form) if held else Filled())


def write_wanted_forms(
    case: MessageCase, respondents: Iterable[Respondent], quarter: Quarter | None
) -> tuple[Attachment, ...]:
    """The forms of those among some respondents whose return has not come, or is to be corrected."""
    cycles = ((r, case.facts.cycle(quarter) or case.facts.current(r.key)) for r in respondents)
    return tuple(
        write_form_again(cycle, respondent, case.now)
        for respondent, cycle in cycles
        if cycle and cycle.requests.get(respondent.key) and cycle.stands(respondent.key).state.wants_form
    )


def _fill(form: FormDefinition, versions: Sequence[Submission], answered: FormDefinition) -> Filled:
    """What the last of these versions puts into a form, where `answered` is the issue that came back."""
    submission, changed = versions[-1], list_changed_rows(answered, form)
    values = (
        value
        for value in _list_values(form, submission)
        if not (value[1] in changed and value[2] == layout.CONFIRM and value[3] != layout.DISPUTED)
    )
    return Filled(values=tuple(_without_personal(values, submission)), marks=list_marks(versions, form))


def list_changed_rows(answered: FormDefinition, form: FormDefinition) -> frozenset[str]:
    """The keys of the rows in which the force's figure is another than the one that was looked at, each with that of
    the row that confirmed it among all."""
    given = {(row.area.code, row.ref): row.given for row in answered.figures}
    return frozenset(
        layout.figure_key(row.area.code, ref)
        for row in layout.list_police(form)
        if given.get((row.area.code, row.ref)) != row.given
        for ref in (row.ref, layout.ALL)
    )


def list_marks(versions: Sequence[Submission], form: FormDefinition) -> tuple[Mark, ...]:
    """What a form asks about the last of the versions that came before it, which has its questions in this order.

    What was asked often enough stands last among them, and is not asked.
    """
    if not versions or versions[-1].revision >= form.reference.revision:
        return ()
    return tuple(_mark(finding, form) for finding in versions[-1].findings if not is_spent(versions, finding))


_OF_ROWS = {layout.POLICE, layout.FIGURES, layout.GRANTS}


def _mark(finding: Finding, form: FormDefinition) -> Mark:
    sheet = _sheet(finding, form)
    entry = Entry.CONFIRM if sheet == layout.POLICE else Entry.VALUE
    column = layout.box_header(finding.column, entry) if sheet in _OF_ROWS else finding.column
    return Mark(
        sheet=sheet,
        key=finding.key,
        column=column,
        saw=f"We found: {finding.found}." if finding.found else "",
        sentence=finding.wanted,
        is_fault=finding.is_fault,
    )


def _sheet(finding: Finding, form: FormDefinition) -> str:
    """The sheet of ours that a row stands on, whatever the sheet was called in the workbook that came."""
    if box := next((row for row in form.summary if row.ref == finding.key), None):
        return layout.sheet_of_box(box)
    if finding.key in {row.ref for row in form.actions}:
        return layout.ACTIONS
    if finding.key in {row.label for row in layout.SIGN_OFF_ROWS}:
        return layout.SIGN_OFF
    if finding.key in list_police_keys(form):
        return layout.POLICE
    return layout.find_sheet(form, finding.key) if finding.key else finding.sheet


def _list_values(form: FormDefinition, submission: Submission) -> Iterator[_Value]:
    """What goes back into each input. Of a version from before inputs were kept, the figures and the words."""
    filled = list_filled(submission) if submission.inputs else _list_recorded(submission)
    for place, text in filled:
        if text and (where := find_box(form, place)):
            yield *where, text


def _list_recorded(submission: Submission) -> Iterator[tuple[Place, str]]:
    statuses = {meaning: words for words, meaning in layout.STATUS_MEANS.items()}
    for figure in submission.figures:
        key = layout.figure_key(figure.area, figure.series)
        number = figure.value if figure.count is None else figure.count
        yield (key, Input.THIS_QUARTER), "" if number is None else str(number)
        yield (key, Input.OUT_OF), "" if figure.base is None else str(figure.base)
        yield (key, Input.STATUS), statuses.get(figure.status, "")
        yield (key, Input.DROVE_IT), figure.drove_it
        yield (key, Input.NOTE), figure.note
    for told in submission.narratives:
        yield (told.ref, Input.VALUE), told.text
        yield (told.ref, Input.EXTRA), told.promise


def _without_personal(values: Iterable[_Value], submission: Submission) -> Iterator[_Value]:
    """What may name a person does not go back, to be sent once more: whoever wrote it is asked to write it anew."""
    asked = {finding.key for finding in submission.findings if finding.code == PERSONAL}
    for sheet, key, column, text in values:
        is_kept = (key in asked or sheet == layout.SIGN_OFF) and find_personal_details(text)
        yield sheet, key, column, "" if is_kept else text
