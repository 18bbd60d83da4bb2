"""Specimen submissions: a respondent's own form, filled in well or with slips, and checked by the real rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from csp_workflow.forms import layout
from csp_workflow.intake.checks.check_form import check_form
from csp_workflow.intake.checks.findings import CheckedForm, Origin
from csp_workflow.rehearsal.specimens.stage import Case, digest
from csp_workflow.terms.dates import in_london
from csp_workflow.terms.figures import DROVE_IT
from csp_workflow.terms.returns import (
    Cell,
    CellType,
    Entry,
    FigureRow,
    FormDefinition,
    ReadFigureRow,
    ReadForm,
    ReadText,
    Severity,
    SignOff,
    Submission,
    SummaryRow,
)

SIGNED = SignOff(completed_by="A. Specimen", position="Community safety officer", date="as received")
_WELL = "40"
"""What stands in a row of which nothing is known; else last quarter's figure stands there again."""
_SLIPS = ("about forty", "", "c. 35", "12%", "999999")
"""What stands in the first rows of a form with slips: no figure, nothing, an estimate, a per cent, a leap."""
_DISPUTED = "Our own count is lower; please look at the offences of August."
_NOTE = "A second officer takes reports since July."
_TOLD = "Two joint patrols were held with licensed premises.\nVisits to farms went on."
_ADDED = "\nA third patrol was held in September."


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A case with one submission of it."""

    case: Case
    submission: Submission


def sent(case: Case, *, received: datetime, version: int = 1, slips: bool = False) -> Sent:
    """A submission of a case, received at a moment. With `slips` it has faults and queries, else queries at most."""
    form, key = case.form, case.respondent.key
    origin = Origin(message=digest(f"{key} {version}"), attachment="", day=in_london(received).date())
    checked = check_form(form, _read(form, slips=slips, version=version), origin, before={})
    return Sent(case=case, submission=_submission(case, checked, received=received, version=version))


def doubted(one: Sent) -> Sent:
    """The same submission with queries that may stand, as on a return whose odd entries are right after all."""
    slips = sent(one.case, received=one.submission.received, slips=True).submission
    # A form may have no row that can be doubted; what is at fault in it then stands for it.
    queries = slips.queries or tuple(replace(fault, severity=Severity.QUERY) for fault in slips.faults)
    return replace(one, submission=replace(one.submission, findings=queries))


def _submission(case: Case, checked: CheckedForm, *, received: datetime, version: int) -> Submission:
    parts = checked.parts
    return Submission(
        id=digest(f"submission {case.respondent.key} {version}"),
        quarter=case.form.quarter,
        respondent=case.respondent.key,
        sequence=version,
        content=checked.content,
        message=digest(f"{case.respondent.key} {version}"),
        attachment="",
        revision=1,
        received=received,
        sender=case.leads[0].address if case.leads else "",
        figures=parts.figures,
        narratives=parts.narratives,
        findings=parts.findings,
        readings=parts.readings,
        disputes=parts.disputes,
        sign_off=SIGNED,
        remarks=("We did not read the sheet 'Workings', which is not ours.",),
        late=received > case.due,
    )


def _read(form: FormDefinition, *, slips: bool, version: int) -> ReadForm:
    own = [row for row in form.figures if row.entry is Entry.VALUE]
    changed = _SLIPS if slips else (_WELL,) * (version > 1)
    typed = dict(zip(map(_place, own), changed, strict=False))
    confirms = [row for row in form.figures if row.entry is Entry.CONFIRM]
    noted = {_place(row) for row in (*own[:1], *confirms[:1])}
    return ReadForm(
        figures=tuple(
            _figure_row(row, place, typed.get(_place(row), _usual(row)), is_noted=_place(row) in noted)
            for place, row in enumerate(form.figures, start=7)
        ),
        summary=tuple(
            ReadText(
                ref=row.ref,
                value=_cell(layout.SUMMARY, f"E{place}", _told(row, place, slips=slips, version=version)),
                extra=_cell(layout.SUMMARY, f"F{place}", "Visits before Christmas." if place == 7 else ""),
            )
            for place, row in enumerate(form.summary, start=7)
        ),
        actions=tuple(
            ReadText(ref=row.ref, value=_cell(layout.ACTIONS, f"F{place}", "Agreed with the licensing officer."))
            for place, row in enumerate(form.actions, start=7)
        ),
        sign_off=tuple(
            ReadText(ref=row.label, value=_cell(layout.SIGN_OFF, f"B{place}", words))
            for place, (row, words) in enumerate(zip(layout.SIGN_OFF_ROWS, _signed(), strict=False), start=5)
        ),
    )


def _signed() -> tuple[str, str, str]:
    return SIGNED.completed_by, SIGNED.position, SIGNED.date


def _place(row: FigureRow) -> tuple[str, str]:
    return row.area.code, row.ref


def _usual(row: FigureRow) -> str:
    value = row.previous.value if row.previous else None
    return _WELL if value is None else str(value)


def _told(row: SummaryRow, place: int, *, slips: bool, version: int) -> str:
    """The first box is spoilt among slips and longer in a later version; all others read alike."""
    if place > 7:
        return _TOLD
    spoilt = "" if row.required else "#NAME?"
    return spoilt if slips else f"{_TOLD}{_ADDED}" if version > 1 else _TOLD


def _figure_row(row: FigureRow, place: int, typed: str, *, is_noted: bool) -> ReadFigureRow:
    """A row as filled in. The one police row with a note is disputed, the others are confirmed as given."""
    confirms = row.entry is Entry.CONFIRM
    status = (layout.DISPUTED if is_noted else layout.CONFIRMED) if confirms else ""
    note = (_DISPUTED if confirms else _NOTE) if is_noted else ""
    given = str(row.given.value) if confirms and row.given and row.given.value is not None else ""
    figure = given if confirms else typed
    return ReadFigureRow(
        area_code=row.area.code,
        ref=row.ref,
        sheet=layout.FIGURES,
        row=place,
        this_quarter=_cell(layout.FIGURES, f"L{place}", figure if row.kind.is_number else _TOLD),
        status=_cell(layout.FIGURES, f"M{place}", status),
        drove_it=_cell(layout.FIGURES, f"N{place}", DROVE_IT[0] if note and not confirms else ""),
        note=_cell(layout.FIGURES, f"O{place}", note),
    )


def _cell(sheet: str, cell: str, text: str) -> Cell:
    return Cell(sheet=sheet, cell=cell, type=_type(text), text=text)


def _type(text: str) -> CellType:
    if not text:
        return CellType.BLANK
    if text.startswith("#"):
        return CellType.ERROR
    return CellType.NUMBER if text.replace(".", "", 1).isdecimal() else CellType.TEXT
