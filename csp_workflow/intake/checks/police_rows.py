"""The police rows of a form: a respondent confirms, comments or disputes; what is typed over them is never a figure."""

from __future__ import annotations

from dataclasses import replace

from csp_workflow.forms import layout
from csp_workflow.intake.checks.checked import Parts, found, query
from csp_workflow.intake.checks.typed import said, understand
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.forms import FigureRow, ReadFigureRow
from csp_workflow.terms.returns import Finding, Narrative


def police_row(row: FigureRow, seen: ReadFigureRow) -> Parts:
    """What a respondent says of the force's figure: nothing, a confirmation, a comment or a dispute."""
    given = row.given
    key = layout.figure_key(row.area.code, row.ref)
    if given is None:
        return _nothing_to_check(seen, key)
    overwritten = _overwritten(row, seen, given)
    is_disputed = layout.same(seen.status.text) == layout.same(layout.DISPUTED)
    words = _comment(seen)
    findings: list[Finding] = []
    if overwritten:
        findings.append(
            query(
                "police-figure-overwritten",
                seen.this_quarter,
                key,
                layout.THIS_QUARTER,
                found=f"{overwritten}, where the force's figure is {_value(given)}",
                wanted="We recorded your figure as a dispute and passed it on; the force's figure stands until it "
                "answers. If you only meant to confirm, please reply and say so.",
            )
        )
    elif is_disputed and not words:
        findings.append(
            query(
                "dispute-unexplained",
                seen.status,
                key,
                layout.NOTE,
                found="“Disputed” without a reason",
                wanted="Please say in the Note column what you think is wrong.",
            )
        )
    touched = bool(overwritten or words or not seen.status.is_blank)
    if overwritten or is_disputed:
        instead = f"They have {overwritten}." if overwritten else ""
        text = " ".join(filter(None, (instead, words))) or "No reason was given."
        return Parts(findings=tuple(findings), disputes=((row.area.code, row.ref, text),), touched=touched)
    comment = Narrative(ref=key, text=words, sheet=seen.note.sheet, cell=seen.note.cell)
    return Parts(narratives=(comment,) if words else (), touched=touched)


def _nothing_to_check(seen: ReadFigureRow, key: str) -> Parts:
    """The force has given no figure: what was written on its row all the same is said back, never dropped."""
    entries = (
        (seen.this_quarter, layout.THIS_QUARTER),
        (seen.status, layout.STATUS),
        (seen.drove_it, layout.DROVE_IT),
        (seen.note, layout.NOTE),
    )
    return Parts(
        findings=tuple(
            query(
                "police-figure-not-supplied",
                cell,
                key,
                header,
                found=cell.text,
                wanted="The police have not supplied this figure yet, so there is nothing to check and we did not "
                "record this. If it should be known, please reply and say so.",
            )
            for cell, header in entries
            if not cell.is_blank and layout.same(cell.text) != layout.same(layout.NOT_SUPPLIED)
        )
    )


def _overwritten(row: FigureRow, seen: ReadFigureRow, given: Figure) -> str:
    """What was typed in place of the force's figure, or "" when it stands (or was merely deleted)."""
    cell = seen.this_quarter
    if cell.is_blank or layout.same(cell.text) in {layout.same(_value(given)), layout.same(str(given.status))}:
        return ""
    typed = understand(cell, replace(row, previous=None, required=False))
    if typed.value is not None:
        return "" if typed.value == given.value else said(typed.value)
    if given.value is not None and layout.same(cell.text).startswith(layout.same(said(given.value))):
        return ""
    return "" if typed.status is not None and typed.status is given.status else found(cell)


def _value(given: Figure) -> str:
    return said(given.value) if given.value is not None else str(given.status)


def _comment(seen: ReadFigureRow) -> str:
    cause = "" if seen.drove_it.is_blank else f"What drove it: {seen.drove_it.text.strip().rstrip('.')}."
    note = "" if seen.note.is_blank else seen.note.text.strip()
    return " ".join(filter(None, (cause, note)))
