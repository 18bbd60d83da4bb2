"""The answer to submissions taken: a receipt, or a correction with the sender's own values in a fresh form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from csp_workflow.forms import layout, reference, writing
from csp_workflow.intake.checks.typed import as_percent
from csp_workflow.intake.facts import CycleFacts, IntakeFacts, close_of, due_of
from csp_workflow.intake.outcomes.outcome import about
from csp_workflow.intake.outcomes.refusals import XLSX
from csp_workflow.intake.sender.authenticate import address_of
from csp_workflow.intake.sender.correspondents import told_of_return
from csp_workflow.letters import answers
from csp_workflow.letters.answers import TakenReturn
from csp_workflow.letters.grouped import group
from csp_workflow.letters.phrases import figure as figure_words
from csp_workflow.terms.decisions import Decision, Request
from csp_workflow.terms.forms import Cell, CellType, Entry, Filled, FormDefinition, Mark, ReadForm
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment, IncomingMessage
from csp_workflow.terms.respondents import Contact, Respondent
from csp_workflow.terms.returns import Finding, Reading, Submission
from csp_workflow.terms.working_days import london_day


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A submission taken, with the form it answers, what was read, and every revision sent before."""

    respondent: Respondent
    cycle: CycleFacts
    requests: tuple[Request, ...]
    form: FormDefinition
    read: ReadForm
    submission: Submission


@dataclass(frozen=True, kw_only=True)
class _Fresh:
    """A fresh form for corrections."""

    request: Request
    book: Attachment


def answer(message: IncomingMessage, facts: IntakeFacts, now: datetime, taken: Sequence[Taken]) -> Decision:
    """The submissions, the fresh forms they need, and one letter to each person who is answered."""
    fresh = {t.respondent.key: _fresh(t, facts, now) for t in taken if not t.submission.is_complete}
    return Decision(
        submissions=tuple(t.submission for t in taken),
        requests=tuple(f.request for f in fresh.values()),
        letters=tuple(_letters(message, facts, taken, fresh)),
    )


def _letters(
    message: IncomingMessage, facts: IntakeFacts, taken: Sequence[Taken], fresh: dict[str, _Fresh]
) -> Iterator[Letter]:
    """One letter to a person about all their returns; returns of people who share nobody go apart."""
    people: dict[str, tuple[Contact, list[Taken]]] = {}
    for one in taken:
        for contact in told_of_return(one.respondent, address_of(message), london_day(message.received)):
            people.setdefault(contact.address.lower(), (contact, []))[1].append(one)
    for contact, mine in people.values():
        told = [_told(one, facts, fresh.get(one.respondent.key)) for one in mine]
        known = about(message, mine[0].submission.quarter, [one.respondent for one in mine], contact.address)
        forms = tuple(fresh[one.respondent.key].book for one in mine if one.respondent.key in fresh)
        yield answers.correction(contact, told, known, forms) if forms else answers.receipt(contact, told, known)


def _told(taken: Taken, facts: IntakeFacts, fresh: _Fresh | None) -> TakenReturn:
    submission, form = taken.submission, taken.form
    due, close = due_of(facts, taken.cycle, taken.respondent), close_of(facts, taken.cycle, taken.respondent)
    late = "close" if submission.received > close else "due" if submission.received > due else ""
    return TakenReturn(
        respondent=taken.respondent.key,
        code=taken.respondent.code,
        name=taken.respondent.name,
        submission=submission.id,
        version=submission.sequence,
        received=submission.received,
        due=due,
        close=close,
        lateness=late,
        figures=tuple(_figure_rows(submission, form)),
        readings=tuple(map(_reading, submission.readings)),
        faults=group(submission.faults, form),
        queries=group(submission.queries, form),
        disputes=tuple((_row_name(form, area, ref), text) for area, ref, text in submission.disputes),
        remarks=submission.remarks,
        texts=len(submission.narratives),
        asks_chair=taken.respondent.needs_approval,
        fresh=fresh.book.name if fresh else "",
    )


def _figure_rows(submission: Submission, form: FormDefinition) -> Iterator[tuple[str, str, str]]:
    for figure in submission.figures:
        yield _row_name(form, figure.area, figure.series), figure_words(figure), figure.provenance.cell


def _row_name(form: FormDefinition, area: str, ref: str) -> str:
    rows = [row for row in form.figures if row.area.code == area and row.ref == ref]
    if not rows:
        return f"{ref}, {area}"
    several = len({row.area.code for row in form.figures}) > 1
    return ", ".join(filter(None, (f"{ref} {rows[0].title}", rows[0].area.name if several else "")))


def _reading(reading: Reading) -> str:
    said = f"{reading.cell}: you typed “{reading.typed}”; we recorded {reading.recorded}."
    return f"{said} {reading.remark}".strip()


# The fresh form -----------------------------------------------------------------------------------


def _fresh(taken: Taken, facts: IntakeFacts, now: datetime) -> _Fresh:
    """The next revision of the form, filled with what came and marked where something is to be done."""
    last = max(request.form.reference.revision for request in taken.requests)
    old = taken.form.reference
    sealed = reference.seal(old.code, old.period, old.form, last + 1, key=facts.key)
    form = replace(taken.form, reference=sealed)
    marks = tuple(_mark(finding, form) for finding in taken.submission.findings)
    filled = Filled(values=(*_values(taken), *_disputes(taken.submission)), marks=marks)
    data = writing.write(form, created=now, filled=filled)
    book = Attachment(name=writing.file_name(form), data=data, content_type=XLSX)
    return _Fresh(request=Request(form=form, workbook=hashlib.sha256(data).hexdigest()), book=book)


def _mark(finding: Finding, form: FormDefinition) -> Mark:
    found = f"We found: {finding.found}. " if finding.found else ""
    return Mark(
        sheet=_sheet(finding, form),
        key=finding.key,
        column=finding.column,
        sentence=f"{found}{finding.wanted}",
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
    return layout.FIGURES if finding.key else finding.sheet


def _values(taken: Taken) -> Iterator[tuple[str, str, str, str]]:
    """What each input held, by sheet, row and column. The force's own figures are never overwritten."""
    confirms = {_key(r.area.code, r.ref) for r in taken.form.figures if r.entry is Entry.CONFIRM}
    for row in taken.read.figures:
        key = layout.figure_key(row.area_code, row.ref)
        cells: tuple[tuple[str, Cell], ...] = (
            (layout.STATUS, row.status),
            (layout.DROVE_IT, row.drove_it),
            (layout.NOTE, row.note),
        )
        if _key(row.area_code, row.ref) not in confirms:
            cells = ((layout.THIS_QUARTER, row.this_quarter), *cells)
        yield from ((layout.FIGURES, key, column, _typed(cell)) for column, cell in cells if _typed(cell))
    boxes = (
        (layout.SUMMARY, layout.HAPPENED, layout.NEXT, taken.read.summary),
        (layout.ACTIONS, layout.ANSWER, layout.STATUS, taken.read.actions),
        (layout.SIGN_OFF, layout.ENTRY, "", taken.read.sign_off),
    )
    for sheet, column, more, texts in boxes:
        for box in texts:
            pairs = ((column, box.value), (more, box.extra or Cell(sheet=sheet, cell="", type=CellType.BLANK)))
            yield from ((sheet, box.ref, head, _typed(cell)) for head, cell in pairs if _typed(cell))


def _disputes(submission: Submission) -> Iterator[tuple[str, str, str, str]]:
    """A dispute made by typing over the force's figure is put into words, or it would be lost on the next return."""
    for area, ref, text in submission.disputes:
        key = layout.figure_key(area, ref)
        yield layout.FIGURES, key, layout.STATUS, layout.DISPUTED
        yield layout.FIGURES, key, layout.DROVE_IT, ""
        yield layout.FIGURES, key, layout.NOTE, text


def _typed(cell: Cell) -> str:
    """The text to put back: a formula's result, a per cent as it looks; an error is not put back."""
    if cell.is_blank or cell.type is CellType.ERROR:
        return ""
    if cell.type is CellType.NUMBER and "%" in cell.number_format:
        shown = as_percent(cell.text)
        return shown or cell.text
    return cell.text


def _key(area: str, ref: str) -> tuple[str, str]:
    return layout.same(area), layout.same(ref)
