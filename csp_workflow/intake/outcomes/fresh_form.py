"""A fresh form for corrections: it holds the sender's own values, marked where something is to be done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from csp_workflow.forms import layout, writing
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.outcomes.one_return import AcceptedReturn, ReturnCase
from csp_workflow.intake.outcomes.places import Place, find_box, list_filled, list_police_keys
from csp_workflow.letters.disputes import find_passed
from csp_workflow.letters.requests import say_figure_change
from csp_workflow.terms.cells import Input, seal_reference
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Event, Request, note_issue
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.personal import PERSONAL, find_personal_details
from csp_workflow.terms.queries import Dispute, Filled, Mark, is_spent, lay_disputes, list_disputes, say_dispute
from csp_workflow.terms.returns import (
    FORM_VERSION,
    Entry,
    Finding,
    FormDefinition,
    Submission,
    list_changes,
)
from csp_workflow.terms.site import Respondent

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
