"""A return that came: made a submission, and answered with a receipt, or a correction and a fresh form.

The fresh form holds the sender's own values, marked where something is to be done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from csp_workflow.forms import layout, writing
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.checks.cell_values import as_percent
from csp_workflow.intake.checks.check_form import contradicting_ticks
from csp_workflow.intake.checks.findings import CheckedForm
from csp_workflow.letters import answers
from csp_workflow.letters.answers import TakenReturn, group
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Event, Happened, Request
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import say_figure
from csp_workflow.terms.returns import (
    Cell,
    CellType,
    Entry,
    Filled,
    Finding,
    FormDefinition,
    Mark,
    ReadForm,
    Reading,
    Submission,
    seal_reference,
)
from csp_workflow.terms.site import Contact, Respondent, Role

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, kw_only=True)
class ReturnCase:
    """One return that is asked for now, found in a message: the form as it was sent, and as it came back, checked."""

    case: MessageCase
    respondent: Respondent
    cycle: CycleFacts
    request: Request
    attachment: Attachment
    read: ReadForm
    checked: CheckedForm

    def write_to_each(self, write: Callable[[Contact, answers.Incoming], Letter]) -> tuple[Letter, ...]:
        """A letter to each person who is answered about this return."""
        people, quarter = self.case.correspondents(self.respondent), self.cycle.quarter
        return tuple(write(c, self.case.refer(quarter, (self.respondent,), c.address)) for c in people)

    def wait_for_a_person(self, *, why: str = "") -> tuple[Event, ...]:
        """The message waits for a person, and the chase meanwhile."""
        return self.case.wait_for_a_person(Happened.MESSAGE_HELD, (self.respondent,), self.cycle.quarter, why=why)

    def event(self, kind: Happened, *, subject: str = "", **facts: str | int | bool | None) -> Event:
        """An event of this return."""
        quarter, key = self.cycle.quarter, self.respondent.key
        return self.case.event(kind, quarter=quarter, respondent=key, subject=subject, **facts)


@dataclass(frozen=True, kw_only=True)
class AcceptedReturn:
    """A return with the submission that was made of it."""

    found: ReturnCase
    submission: Submission

    @property
    def respondent(self) -> Respondent:
        """Whose return it is."""
        return self.found.respondent

    @property
    def form(self) -> FormDefinition:
        """The form that it answers, as it was sent."""
        return self.found.request.form


@dataclass(frozen=True, kw_only=True)
class _FreshForm:
    """A fresh form for corrections."""

    request: Request
    book: Attachment


def make_submission(one: ReturnCase, latest: Submission | None) -> Submission:
    """The next version of a return."""
    checked, key, message = one.checked, one.respondent.key, one.case.message
    sequence = max(latest.sequence if latest else 0, one.cycle.stands(key).submissions) + 1
    tick = contradicting_ticks(checked)
    return Submission(
        id=f"{one.cycle.quarter.key}/{key}/{sequence:03d}",
        quarter=one.cycle.quarter,
        respondent=key,
        sequence=sequence,
        content=checked.content,
        message=message.id,
        attachment=hashlib.sha256(one.attachment.data).hexdigest(),
        revision=one.request.form.reference.revision,
        received=message.received,
        sender=message.sender,
        figures=checked.parts.figures,
        narratives=checked.parts.narratives,
        findings=(*checked.parts.findings, *((tick,) if tick else ())),
        readings=checked.parts.readings,
        disputes=checked.parts.disputes,
        sign_off=checked.sign_off,
        remarks=checked.parts.remarks,
        late=message.received > one.cycle.due_time(one.respondent),
    )


def answer_submissions(case: MessageCase, accepted: Sequence[AcceptedReturn]) -> Decision:
    """The submissions, the fresh forms they need, and one letter to each person who is answered."""
    fresh = {one.respondent.key: _make_fresh_form(one) for one in accepted if not one.submission.is_complete}
    return Decision(
        submissions=tuple(one.submission for one in accepted),
        requests=tuple(f.request for f in fresh.values()),
        letters=tuple(_letters(case, accepted, fresh)),
    )


def answer_wrong_quarter(
    case: MessageCase, respondent: Respondent, sent_for: Quarter
) -> tuple[str, tuple[Letter, ...]]:
    """A form of another quarter: kept out of both. The reason, and the letter with the current form."""
    current, form, due = case.facts.current(respondent.key), None, None
    if current is not None:
        last = current.requests[respondent.key][-1].form
        form = Attachment(
            name=writing.name_file(last), data=writing.write_workbook(last, created=case.now), content_type=_XLSX
        )
        due = current.due_time(respondent)
        due = due if due >= case.now else current.close_time(respondent)
    quarter = current.quarter if current else sent_for
    letters = tuple(
        answers.wrong_quarter(c, case.refer(quarter, (respondent,), c.address), sent_for=sent_for, due=due, form=form)
        for c in case.correspondents(respondent)
    )
    return f"It is {respondent.name}'s form for {sent_for.label}, which is not the one asked for now.", letters


# Letters --------------------------------------------------------------------------------------------


def _letters(case: MessageCase, accepted: Sequence[AcceptedReturn], fresh: dict[str, _FreshForm]) -> Iterator[Letter]:
    """One letter to a person about all their returns; returns of people who share nobody go apart."""
    people: dict[str, tuple[Contact, list[AcceptedReturn]]] = {}
    for one in accepted:
        for contact in find_people_to_tell(case, one.respondent):
            people.setdefault(contact.address.lower(), (contact, []))[1].append(one)
    for contact, mine in people.values():
        told = [_describe_return(one, fresh.get(one.respondent.key)) for one in mine]
        known = case.refer(mine[0].submission.quarter, [one.respondent for one in mine], contact.address)
        forms = tuple(fresh[one.respondent.key].book for one in mine if one.respondent.key in fresh)
        yield answers.correction(contact, told, known, forms) if forms else answers.receipt(contact, told, known)


def find_people_to_tell(case: MessageCase, respondent: Respondent) -> tuple[Contact, ...]:
    """Who is told what became of a return: who sent it, and the leads when that was somebody else."""
    people = (*case.correspondents(respondent), *respondent.people(Role.LEAD, case.day))
    return tuple({contact.address.lower(): contact for contact in reversed(people)}.values())[::-1]


def _describe_return(accepted: AcceptedReturn, fresh: _FreshForm | None) -> TakenReturn:
    submission, form, found = accepted.submission, accepted.form, accepted.found
    due, close = found.cycle.due_time(found.respondent), found.cycle.close_time(found.respondent)
    late = "close" if submission.received > close else "due" if submission.received > due else ""
    return TakenReturn(
        respondent=accepted.respondent.key,
        code=accepted.respondent.code,
        name=accepted.respondent.name,
        submission=submission.id,
        version=submission.sequence,
        received=submission.received,
        due=due,
        close=close,
        lateness=late,
        figures=tuple(_figure_rows(submission, form)),
        readings=tuple(map(_say_reading, submission.readings)),
        faults=group(submission.faults, form),
        queries=group(submission.queries, form),
        disputes=tuple((_row_name(form, area, ref), text) for area, ref, text in submission.disputes),
        remarks=submission.remarks,
        texts=len(submission.narratives),
        asks_chair=accepted.respondent.needs_approval,
        fresh=fresh.book.name if fresh else "",
    )


def _figure_rows(submission: Submission, form: FormDefinition) -> Iterator[tuple[str, str, str]]:
    for figure in submission.figures:
        yield _row_name(form, figure.area, figure.series), say_figure(figure), figure.provenance.cell


def _row_name(form: FormDefinition, area: str, ref: str) -> str:
    row = next(row for row in form.figures if row.area.code == area and row.ref == ref)
    several = len({row.area.code for row in form.figures}) > 1
    return ", ".join(filter(None, (f"{ref} {row.title}", row.area.name if several else "")))


def _say_reading(reading: Reading) -> str:
    said = f"{reading.cell}: you typed “{reading.typed}”; we recorded {reading.recorded}."
    return f"{said} {reading.remark}".strip()


# The fresh form -----------------------------------------------------------------------------------


def _make_fresh_form(accepted: AcceptedReturn) -> _FreshForm:
    """The next revision of the form, filled with what came and marked where something is to be done."""
    last = max(request.form.reference.revision for request in accepted.found.cycle.requests[accepted.respondent.key])
    old = accepted.form.reference
    sealed = seal_reference(old.code, old.period, old.form, last + 1, key=accepted.found.case.facts.key)
    form = replace(accepted.form, reference=sealed)
    marks = tuple(_mark(finding, form) for finding in accepted.submission.findings)
    filled = Filled(values=(*_values_to_put_back(accepted), *_disputes_in_words(accepted.submission)), marks=marks)
    data = writing.write_workbook(form, created=accepted.found.case.now, filled=filled)
    book = Attachment(name=writing.name_file(form), data=data, content_type=_XLSX)
    return _FreshForm(request=Request(form=form, workbook=hashlib.sha256(data).hexdigest()), book=book)


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


def _values_to_put_back(accepted: AcceptedReturn) -> Iterator[tuple[str, str, str, str]]:
    """What each input held, by sheet, row and column. The force's own figures are never overwritten."""
    confirms = {_key(r.area.code, r.ref) for r in accepted.form.figures if r.entry is Entry.CONFIRM}
    for row in accepted.found.read.figures:
        key = layout.figure_key(row.area_code, row.ref)
        cells: tuple[tuple[str, Cell], ...] = (
            (layout.STATUS, row.status),
            (layout.DROVE_IT, row.drove_it),
            (layout.NOTE, row.note),
        )
        if _key(row.area_code, row.ref) not in confirms:
            cells = ((layout.THIS_QUARTER, row.this_quarter), *cells)
        yield from (
            (layout.FIGURES, key, column, _text_to_put_back(cell)) for column, cell in cells if _text_to_put_back(cell)
        )
    boxes = (
        (layout.SUMMARY, layout.HAPPENED, layout.NEXT, accepted.found.read.summary),
        (layout.ACTIONS, layout.ANSWER, layout.STATUS, accepted.found.read.actions),
        (layout.SIGN_OFF, layout.ENTRY, "", accepted.found.read.sign_off),
    )
    for sheet, column, more, texts in boxes:
        for box in texts:
            pairs = ((column, box.value), (more, box.extra or Cell(sheet=sheet, cell="", type=CellType.BLANK)))
            yield from (
                (sheet, box.ref, head, _text_to_put_back(cell)) for head, cell in pairs if _text_to_put_back(cell)
            )


def _disputes_in_words(submission: Submission) -> Iterator[tuple[str, str, str, str]]:
    """A dispute made by typing over the force's figure is put into words, or it would be lost on the next return."""
    for area, ref, text in submission.disputes:
        key = layout.figure_key(area, ref)
        yield layout.FIGURES, key, layout.STATUS, layout.DISPUTED
        yield layout.FIGURES, key, layout.DROVE_IT, ""
        yield layout.FIGURES, key, layout.NOTE, text


def _text_to_put_back(cell: Cell) -> str:
    """The text to put back: a formula's result, a per cent as it looks; an error is not put back."""
    if cell.is_blank or cell.type is CellType.ERROR:
        return ""
    if cell.type is CellType.NUMBER and "%" in cell.number_format:
        shown = as_percent(cell.text)
        return shown or cell.text
    return cell.text


def _key(area: str, ref: str) -> tuple[str, str]:
    return layout.same(area), layout.same(ref)
