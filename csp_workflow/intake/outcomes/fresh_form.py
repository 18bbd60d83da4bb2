"""A fresh form for corrections: it holds the sender's own values, marked where something is to be done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from csp_workflow.forms import layout, writing
from csp_workflow.forms.draft import is_plain_number
from csp_workflow.intake.checks.candidates import settle_candidates
from csp_workflow.intake.checks.cell_values import say_held
from csp_workflow.intake.outcomes.one_return import AcceptedReturn, ReturnCase
from csp_workflow.letters.requests import say_figure_change
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.events import Event, Request, note_issue
from csp_workflow.terms.fresh_forms import Filled, Mark
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.personal import PERSONAL, find_personal_details
from csp_workflow.terms.references import seal_reference
from csp_workflow.terms.returns import (
    FORM_VERSION,
    Entry,
    Finding,
    FormDefinition,
    ReadForm,
    Submission,
    list_changes,
)

_Value = tuple[str, str, str, str]
"""A sheet, a row's key, a column, and the text that stands there."""


def correct_return(accepted: AcceptedReturn) -> tuple[Request, Attachment]:
    """A fresh form that is the next revision for the respondent, with what stands on it now."""
    one, case = accepted.one, accepted.one.case
    key = one.respondent.key
    return make_fresh_form(
        one.cycle.forms.get(key, one.request.form),
        one.found.read,
        accepted.submission,
        revision=max(request.form.reference.revision for request in one.cycle.requests[key]) + 1,
        key=case.facts.key,
        now=case.now,
        answered=one.request.form,
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
    read: ReadForm,
    submission: Submission,
    *,
    revision: int,
    key: bytes,
    now: datetime,
    answered: FormDefinition | None = None,
) -> tuple[Request, Attachment]:
    """The next revision of a form, filled with what came back in the old one, and its workbook.

    `answered` is the issue that came back where `old` is a later one: what was confirmed there is not what stands here.
    """
    sealed = seal_reference(old.reference.code, old.reference.period, FORM_VERSION, revision, key=key)
    form = replace(old, reference=sealed)
    marks = list_marks(submission, form)
    settled, _ = settle_candidates(answered or form, read)
    values = (*(v for v in _values_to_put_back(form, settled) if v[-1]), *_disputes_in_words(submission))
    changed = _list_changed_rows(answered or form, form)
    values = tuple(v for v in values if not (v[1] in changed and v[2] == layout.CONFIRM and v[3] != layout.DISPUTED))
    filled = Filled(values=tuple(_without_personal(values, submission)), marks=marks)
    book = writing.attach_workbook(form, created=now, filled=filled)
    return Request(form=form, workbook=hashlib.sha256(book.data).hexdigest()), book


def _list_changed_rows(answered: FormDefinition, form: FormDefinition) -> frozenset[str]:
    """The keys of the rows in which the force's figure is another than the one that was looked at, each with that of
    the row that confirmed it among all."""
    given = {(row.area.code, row.ref): row.given for row in answered.figures}
    return frozenset(
        layout.figure_key(row.area.code, ref)
        for row in layout.list_police(form)
        if given.get((row.area.code, row.ref)) != row.given
        for ref in (row.ref, layout.ALL)
    )


def list_marks(submission: Submission | None, form: FormDefinition) -> tuple[Mark, ...]:
    """What a form asks about a submission that came before it; nothing where none did."""
    is_earlier = submission is not None and submission.revision < form.reference.revision
    return tuple(_mark(finding, form) for finding in submission.findings) if submission and is_earlier else ()


def _mark(finding: Finding, form: FormDefinition) -> Mark:
    sheet = _sheet(finding, form)
    entry = Entry.CONFIRM if sheet == layout.POLICE else Entry.VALUE
    column = layout.box_header(finding.column, entry) if sheet in {layout.POLICE, layout.FIGURES} else finding.column
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
    if finding.key in {row.ref for row in form.summary}:
        return layout.SUMMARY
    if finding.key in {row.ref for row in form.actions}:
        return layout.ACTIONS
    if finding.key in {row.label for row in layout.SIGN_OFF_ROWS}:
        return layout.SIGN_OFF
    if finding.key in _list_police_keys(form):
        return layout.POLICE
    return layout.FIGURES if finding.key else finding.sheet


def _list_police_keys(form: FormDefinition) -> frozenset[str]:
    rows = layout.list_police(form)
    return frozenset(layout.figure_key(row.area.code, ref) for row in rows for ref in (row.ref, layout.ALL))


def _values_to_put_back(form: FormDefinition, read: ReadForm) -> Iterator[_Value]:
    """What each input held, by sheet, row and column. The force's own figures are never overwritten."""
    yield from _figures_to_put_back(form, read)
    boxes = (
        (layout.SUMMARY, (layout.HAPPENED, layout.NEXT, layout.QUICK, layout.PROMISE_NOW), read.summary),
        (layout.ACTIONS, (layout.ANSWER, layout.STATUS), read.actions),
        (layout.SIGN_OFF, (layout.ENTRY,), read.sign_off),
    )
    for sheet, columns, texts in boxes:
        for box in texts:
            for column, cell in zip(columns, (box.value, box.extra, box.quick, box.promise_now), strict=False):
                yield sheet, box.ref, column, _text_to_put_back(cell) if cell else ""


def _figures_to_put_back(form: FormDefinition, read: ReadForm) -> Iterator[_Value]:
    police = {layout.same(key) for key in _list_police_keys(form)}
    shares = {layout.row_key(row.area.code, row.ref) for row in form.figures if row.is_counted}
    for row in read.figures:
        key = layout.figure_key(row.area_code, row.ref)
        entry = Entry.CONFIRM if layout.same(key) in police else Entry.VALUE
        is_share = layout.row_key(row.area_code, row.ref) in shares
        sheet = layout.POLICE if entry is Entry.CONFIRM else layout.FIGURES
        for header, cell in zip(layout.READ_INPUTS, row.inputs, strict=True):
            is_beside = header == layout.THIS_QUARTER and is_share and not row.how_many.is_blank
            if is_beside or (entry is Entry.CONFIRM and header in layout.VALUE_INPUTS):
                continue
            text = _text_to_put_back(cell, header)
            if is_share and header == layout.HOW_MANY and "%" in text:
                text = (
                    ""  # a count that looks like a per cent is doubted, and in its box of today it would pass for one
                )
            if is_share and header == layout.THIS_QUARTER and is_plain_number(text):
                # A per cent stays one, or it would come back as so many people.
                text += "%" * (bool(row.how_many.cell) or say_held(cell).endswith("%"))
            yield sheet, key, layout.box_header(header, entry), text


def _disputes_in_words(submission: Submission) -> Iterator[_Value]:
    """A dispute made by typing over the force's figure is put into words, or it would be lost on the next return."""
    for area, ref, text in submission.disputes:
        key = layout.figure_key(area, ref)
        yield layout.POLICE, key, layout.CONFIRM, layout.DISPUTED
        yield layout.POLICE, key, layout.DROVE_IT, ""
        yield layout.POLICE, key, layout.NOTE, text


def _without_personal(values: Iterable[_Value], submission: Submission) -> Iterator[_Value]:
    """What may name a person does not go back, to be sent once more: whoever wrote it is asked to write it anew."""
    asked = {finding.key for finding in submission.findings if finding.code == PERSONAL}
    for sheet, key, column, text in values:
        is_kept = (key in asked or sheet == layout.SIGN_OFF) and find_personal_details(text)
        yield sheet, key, column, "" if is_kept else text


def _text_to_put_back(cell: Cell, column: str = "") -> str:
    """The text to put back: a formula's result, a per cent as it looks; no error, and nothing that was not seen."""
    is_empty = cell.is_blank or layout.is_left_empty(cell.text)
    if is_empty or cell.type is CellType.ERROR or cell.struck or cell.hidden or cell.rivals:
        return ""
    if column not in layout.VALUE_INPUTS:
        return cell.text
    held = say_held(cell)
    return held if column in layout.COUNT_INPUTS or cell.type is not CellType.NUMBER else held.rstrip("%")
