"""The figures of a form: each row's value or status, what is odd about it, and what the police rows are told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from csp_workflow.forms import layout
from csp_workflow.intake.checks.cell_values import UnderstoodCell, make_finding, understand_cell
from csp_workflow.intake.checks.differences import check_police_row, find_moved_row, find_unexplained_change, note_order
from csp_workflow.intake.checks.findings import FormParts, Origin, combine_parts, make_query, short_text
from csp_workflow.terms.figures import DROVE_IT, Figure, FigureStatus, Provenance
from csp_workflow.terms.phrases import plain_number
from csp_workflow.terms.returns import (
    Cell,
    CellType,
    Entry,
    FigureRow,
    Finding,
    FormDefinition,
    Narrative,
    ReadFigureRow,
    ReadForm,
    Severity,
)

NEEDED = (layout.AREA_CODE, layout.REF, layout.THIS_QUARTER)
"""The columns without which no figure can be found."""

_STATUS = {layout.same(words): meaning for words, meaning in layout.STATUS_MEANS.items()}
_CAUSES = {layout.same(cause): cause for cause in DROVE_IT}


def check_figures(form: FormDefinition, read: ReadForm, origin: Origin) -> FormParts:
    """Check every row of the form; a column that is missing hides the rows that need it."""
    lost = _missing_columns(form, read)
    if any(f.is_fault for f in lost):
        return FormParts(findings=lost, touched=True)
    rows: dict[tuple[str, str], list[ReadFigureRow]] = {}
    for row in read.figures:
        rows.setdefault((layout.same(row.area_code), layout.same(row.ref)), []).append(row)
    checked = [_row(form, row, rows.pop(_place(row), []), origin) for row in form.figures]
    extra = tuple(_not_recorded(row) for left in rows.values() for row in left)
    whole = combine_parts((*checked, FormParts(findings=lost, remarks=extra, touched=bool(extra))))
    return replace(whole, remarks=tuple(dict.fromkeys(whole.remarks)))


def _row(form: FormDefinition, row: FigureRow, seen: list[ReadFigureRow], origin: Origin) -> FormParts:
    if not seen:
        return FormParts(findings=(_missing_row(row),), touched=True)
    if len({_typed_in(one) for one in seen}) > 1:
        return FormParts(findings=tuple(_duplicate_row(row, one) for one in seen), touched=True)
    first = seen[0]
    if row.entry is Entry.CONFIRM:
        return check_police_row(row, first)
    if not row.kind.is_number:
        return _words_row(row, first)
    checked = _value_row(form, row, first, origin)
    return combine_parts(
        (checked, FormParts(findings=tuple(find_moved_row(form, row, first)), remarks=note_order(first)))
    )


def _value_row(form: FormDefinition, row: FigureRow, seen: ReadFigureRow, origin: Origin) -> FormParts:
    typed = understand_cell(seen.this_quarter, row)
    understood, odd = _with_status(typed, row, seen)
    findings = [f for f in (understood.finding, odd) if f]
    touched = any(not cell.is_blank for cell in (seen.this_quarter, seen.status, seen.drove_it, seen.note))
    if understood.status is None:
        return FormParts(findings=tuple(findings), touched=touched)
    figure = _figure(form, row, seen, understood, origin)
    findings += find_unexplained_change(row, figure, seen.this_quarter)
    remarks = (_small_number_remark(row, figure, seen),) if _is_small(row, figure) else ()
    return FormParts(
        figures=(figure,),
        findings=tuple(findings),
        readings=(understood.reading,) if understood.reading else (),
        remarks=remarks,
        touched=touched,
    )


def _with_status(typed: UnderstoodCell, row: FigureRow, seen: ReadFigureRow) -> tuple[UnderstoodCell, Finding | None]:
    """The figure cell and the Status cell read together; what the Status says outweighs an unclear figure cell."""
    if seen.status.is_blank:
        return typed, None
    chosen = _STATUS.get(layout.same(seen.status.text))
    if chosen is None:
        return typed, _unknown_status(row, seen.status)
    if typed.value is None:
        return _without_value(typed, chosen, seen), None
    if chosen.has_value and (chosen is not FigureStatus.NIL or typed.value == 0):
        # "c. 35" stays an estimate even where the list was left at Final.
        status = typed.status if chosen is FigureStatus.FINAL else chosen
        return replace(typed, status=status), None
    if chosen is FigureStatus.SUPPRESSED:
        return replace(typed, value=None, status=chosen, reading=None, finding=None), None
    return UnderstoodCell(finding=_contradiction(row, seen)), None


def _without_value(typed: UnderstoodCell, chosen: FigureStatus, seen: ReadFigureRow) -> UnderstoodCell:
    if chosen is FigureStatus.NIL:
        is_clear = seen.this_quarter.is_blank or (
            typed.finding and typed.finding.code in {"nil-or-zero", "which-is-it"}
        )
        return UnderstoodCell(value=Decimal(0), status=chosen) if is_clear else typed
    if chosen.has_value:
        return typed
    kept = typed.note or ("" if seen.this_quarter.is_blank else short_text(seen.this_quarter.text))
    return UnderstoodCell(status=chosen, note=kept)


def _figure(
    form: FormDefinition, row: FigureRow, seen: ReadFigureRow, understood: UnderstoodCell, origin: Origin
) -> Figure:
    cause = " ".join(seen.drove_it.text.split())
    note = "" if seen.note.is_blank else seen.note.text.strip()
    typed = f"Typed: {understood.note}." if understood.note else ""
    return Figure(
        series=row.ref,
        area=row.area.code,
        period=row.period or form.quarter.key,
        as_at=origin.day,
        value=understood.value,
        unit=row.unit,
        status=understood.status or FigureStatus.NOT_AVAILABLE,
        provenance=Provenance(
            source=_source(form),
            message=origin.message,
            attachment=origin.attachment,
            sheet=seen.this_quarter.sheet,
            cell=seen.this_quarter.cell,
            illustrative=form.illustrative,
        ),
        note=" ".join(filter(None, (note, typed))),
        drove_it=_CAUSES.get(layout.same(cause), cause),
    )


def _source(form: FormDefinition) -> str:
    """The analyst's figures are the force's extract; everybody else's are their return."""
    if form.kind.value == "analyst":
        return f"The force's extract for {form.quarter.label}"
    return f"Return of {form.respondent_name} for {form.quarter.label}"


def _words_row(row: FigureRow, seen: ReadFigureRow) -> FormParts:
    """A milestone is told in words, so its cell is a text."""
    cell = seen.this_quarter
    key = layout.figure_key(row.area.code, row.ref)
    if cell.type is CellType.ERROR:
        return FormParts(findings=(make_finding("excel-error", cell, row, cell.text),), touched=True)
    if not cell.is_blank:
        note = "" if seen.note.is_blank else f" {seen.note.text.strip()}"
        text = f"{cell.text.strip()}{note}"
        return FormParts(narratives=(Narrative(ref=key, text=text, sheet=cell.sheet, cell=cell.cell),), touched=True)
    excused = _STATUS.get(layout.same(seen.status.text)) if not seen.status.is_blank else None
    is_missing = row.required and excused is None
    missing = (make_finding("blank-required", cell, row, "nothing", example="Done in August"),) if is_missing else ()
    return FormParts(findings=missing, touched=excused is not None)


# What is odd about rows and columns ---------------------------------------------------------------


def _missing_columns(form: FormDefinition, read: ReadForm) -> tuple[Finding, ...]:
    if not form.figures:
        return ()
    known = {layout.same(header): header for header in (*NEEDED, layout.STATUS, layout.DROVE_IT, layout.NOTE)}
    lost = [known[layout.same(h)] for h in read.missing_headers if layout.same(h) in known]
    return tuple(
        Finding(
            code="missing-column",
            severity=Severity.FAULT if header in NEEDED else Severity.QUERY,
            sheet=layout.FIGURES,
            cell="",
            key="",
            column=header,
            found=f"no column headed “{header}”",
            wanted="Please put the column's heading back as it was, or copy your figures into the form attached.",
        )
        for header in dict.fromkeys(lost)
    )


def _missing_row(row: FigureRow) -> Finding:
    is_fault = row.required and row.entry is Entry.VALUE
    cell = Cell(sheet=layout.FIGURES, cell="", type=CellType.BLANK)
    odd = make_query(
        "missing-row",
        cell,
        layout.figure_key(row.area.code, row.ref),
        layout.THIS_QUARTER,
        found=f"no row for {row.title} ({row.ref})",
        wanted="Please fill in this row on the form attached, or say in a reply why it was taken out.",
    )
    return replace(odd, severity=Severity.FAULT if is_fault else Severity.QUERY)


def _duplicate_row(row: FigureRow, seen: ReadFigureRow) -> Finding:
    cell = seen.this_quarter
    odd = make_query(
        "duplicate-row",
        cell,
        layout.figure_key(row.area.code, row.ref),
        layout.THIS_QUARTER,
        found=f"{short_text(cell.text) or 'nothing'}, in one of several rows for {row.ref}",
        wanted="The same row stands more than once with different entries. Please keep the right one only.",
    )
    return replace(odd, severity=Severity.FAULT)


def _unknown_status(row: FigureRow, cell: Cell) -> Finding:
    return make_query(
        "unknown-status",
        cell,
        layout.figure_key(row.area.code, row.ref),
        layout.STATUS,
        found=short_text(cell.text),
        wanted="We could not use this. Please choose from the list in the Status column.",
    )


def _contradiction(row: FigureRow, seen: ReadFigureRow) -> Finding:
    odd = make_query(
        "figure-and-status-differ",
        seen.this_quarter,
        layout.figure_key(row.area.code, row.ref),
        layout.THIS_QUARTER,
        found=f"{short_text(seen.this_quarter.text)}, with the Status “{seen.status.text.strip()}”",
        wanted="The figure and its Status say different things. Please keep the one that is right.",
    )
    return replace(odd, severity=Severity.FAULT)


def _is_small(row: FigureRow, figure: Figure) -> bool:
    return figure.value is not None and 0 < figure.value < row.suppressed_below


def _small_number_remark(row: FigureRow, figure: Figure, seen: ReadFigureRow) -> str:
    shown = plain_number(figure.value) if figure.value is not None else ""
    return f"{seen.this_quarter.cell} ({row.ref}): {shown} is a small number. We keep it, and do not publish it."


def _not_recorded(row: ReadFigureRow) -> str:
    return f"We did not record row {row.row} ({row.area_code} {row.ref}): it is not one of the rows we asked for."


def _typed_in(row: ReadFigureRow) -> tuple[str, ...]:
    return tuple(" ".join(cell.text.split()) for cell in (row.this_quarter, row.status, row.note))


def _place(row: FigureRow) -> tuple[str, str]:
    return layout.same(row.area.code), layout.same(row.ref)
