"""Check: a form that came back against its definition as sent. The parts of a submission and its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from csp_workflow.forms import layout
from csp_workflow.intake.checks import check_figures, check_words
from csp_workflow.intake.checks.check_figures import Origin
from csp_workflow.intake.checks.checked import Checked, Parts, query, together
from csp_workflow.terms.forms import Cell, CellType, FormDefinition, ReadForm
from csp_workflow.terms.returns import Finding, Narrative, Severity


def check(form: FormDefinition, read: ReadForm, origin: Origin, *, before: Mapping[str, Narrative]) -> Checked:
    """Check a form. `form` is its definition as sent; `before` what the respondent wrote last quarter, by ref."""
    signed = check_words.sign_off(read)
    whole = together(
        (
            check_figures.figures(form, read, origin),
            check_words.summary(form, read, before),
            check_words.actions(form, read),
            Parts(findings=(*check_words.notes(read), *_whole_sheets(read))),
        )
    )
    remarks = (*whole.remarks, *read.remarks)
    return Checked(
        parts=replace(
            whole,
            findings=_without_consequences((*whole.findings, *signed.findings)),
            remarks=tuple(dict.fromkeys(remarks)),
        ),
        sign_off=signed.sign_off,
        nil=signed.nil,
        declined=signed.declined,
        reason=signed.reason,
        touched=whole.touched or signed.touched,
    )


def contradicting_ticks(checked: Checked) -> Finding | None:
    """The fault of a form ticked as nil or declined that reports something all the same; None when it does not."""
    # A 0 in every row goes with nothing to report; any other figure, and any words, do not.
    reports = any(f.value for f in checked.parts.figures) or bool(checked.parts.narratives)
    if not ((checked.nil or checked.declined) and reports):
        return None
    tick = layout.NIL if checked.nil else layout.DECLINE
    cell = Cell(sheet=layout.SIGN_OFF, cell="", type=CellType.TEXT)
    odd = query(
        "tick-and-figures",
        cell,
        tick,
        layout.ENTRY,
        found="this tick, and figures or words as well",
        wanted="Please clear the tick if the figures count, or clear the figures if the tick is meant.",
    )
    return replace(odd, severity=Severity.FAULT)


def _whole_sheets(read: ReadForm) -> Iterator[Finding]:
    for sheet in read.pictures:
        yield query(
            "picture",
            Cell(sheet=sheet, cell="", type=CellType.BLANK),
            "",
            "",
            found="a picture",
            wanted="We cannot read pictures. If it holds figures, please type them into the cells.",
        )
    for sheet, place in read.merged_inputs:
        yield query(
            "merged",
            Cell(sheet=sheet, cell=place, type=CellType.BLANK),
            "",
            "",
            found="cells merged into one",
            wanted="We read a merged entry as the first of its rows only. Please say which rows it belongs to, or "
            "undo the merging and fill in each row.",
        )


def _without_consequences(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Root faults first: a cell that is empty is not also asked about for anything that follows from it."""
    blanks = {(f.sheet, f.cell) for f in findings if f.is_fault and f.cell}
    kept = [f for f in findings if f.is_fault or (f.sheet, f.cell) not in blanks or f.code in {"picture", "merged"}]
    return tuple(dict.fromkeys(kept))
