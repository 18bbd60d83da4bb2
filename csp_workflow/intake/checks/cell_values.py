"""The one normaliser of figures: what stands in a "This quarter" cell becomes a value, a status or a finding.

It never guesses a number, never reads a blank as 0 or 0 as a blank, and says every reading back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from csp_workflow.forms import layout
from csp_workflow.intake.checks.findings import short_text
from csp_workflow.intake.checks.typed_text import TypedText, is_percent, is_whole, parse_number, read_typed_text
from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.phrases import plain_day, plain_number
from csp_workflow.terms.returns import Cell, CellType, FigureRow, Finding, Reading, Severity

_CHOOSE = "choose a reason in the Status column"
WANTED: Mapping[str, str] = {
    "blank-required": f"Please type a figure, or {_CHOOSE}. Please type 0 only if the answer is none.",
    "excel-error": "This is an Excel error. Please type the figure itself.",
    "not-calculated": "The result of this formula was not saved. Please open the workbook, save it and send it again, "
    "or type the figure.",
    "struck-out": f"This is struck through. Please type the figure we should use, or clear the cell and {_CHOOSE}.",
    "note-only": "The cell is empty, but its comment says something. Please type the figure in the cell.",
    "yes-or-no": f"Please type a figure here, or {_CHOOSE}.",
    "date-not-number": "This cell holds a date; Excel may have changed what you typed. "
    "Please type the figure again in a cell formatted as a number.",
    "unreadable-number": f"Please type one plain number, or {_CHOOSE}.",
    "which-is-it": "This can mean none or not known. Please type 0 if there were none, "
    "or choose “Not available yet” in the Status column.",
    "not-applicable-or-available": "Please choose “Not available yet” or “Not applicable” in the Status column.",
    "one-figure": f"We need one figure. Please type it, or {_CHOOSE} and explain in the Note column.",
    "full-number": "Please type the whole number in figures.",
    "other-unit": "This does not look like the unit we asked for. Please type the number alone, in the unit shown.",
    "nil-or-zero": "Please type 0 if that was the result, or choose “Not available yet” or “Not applicable” "
    "in the Status column.",
    "negative": "This should not be below 0. Please check the figure.",
    "part-of-one": "This is a count, so we expect a whole number. Please check the figure.",
    "starred": "Please tell us what the * means, in the Note column.",
    "over-100": "This is more than 100 per cent. Please check the figure, or explain it in the Note column.",
    "factor-of-100": "This is about a hundred times more or less than last quarter. "
    "Please type per cent as a plain number, such as 12.5 for 12.5 per cent.",
}
"""What each finding on a figure asks for, by its code; the same words for every cell, so that cells can be grouped."""

_EXAMPLES = {"not-applicable-or-available": "Not available yet", "which-is-it": "0"}
_STANDS = {"starred", "over-100", "factor-of-100"}
_NONE_BELOW_0 = {MeasureKind.COUNT, MeasureKind.COHORT, MeasureKind.COST, MeasureKind.SURVEY}
_EXCEL_DAY_0 = date(1899, 12, 30)


@dataclass(frozen=True, kw_only=True)
class UnderstoodCell:
    """How a cell was understood. `status` is None when nothing usable stood there; `note` keeps the words typed."""

    value: Decimal | None = None
    status: FigureStatus | None = None
    reading: Reading | None = None
    finding: Finding | None = None
    note: str = ""


def understand_cell(cell: Cell, row: FigureRow) -> UnderstoodCell:
    """Understand one "This quarter" cell of a row. Never raises; a cell that is not clear gives a finding."""
    if cell.type is CellType.ERROR or _is_error_text(cell):
        return _ask_about("excel-error", cell, row, cell.text)
    if cell.uncalculated:
        return _ask_about("not-calculated", cell, row, "a formula without a saved result")
    if cell.is_blank:
        return _blank(cell, row)
    if cell.struck:
        return _ask_about("struck-out", cell, row, f"{short_text(cell.text)}, struck through")
    return _BY_TYPE.get(cell.type, _text)(cell, row)


def as_percent(text: str) -> str:
    """What a cell formatted as per cent shows: "0.12" is "12"; "" when it is no number."""
    try:
        value = parse_number(text.strip())
    except InvalidOperation:
        return ""
    return "" if value is None else plain_number(_tidy_number(value * 100))


def make_finding(code: str, cell: Cell, row: FigureRow, found: str, *, example: str = "") -> Finding:
    """A finding on a row's figure. What leaves a required figure without a value is a fault, else a query."""
    is_query = code in _STANDS or not row.required
    return Finding(
        code=code,
        severity=Severity.QUERY if is_query else Severity.FAULT,
        sheet=cell.sheet,
        cell=cell.cell,
        key=layout.figure_key(row.area.code, row.ref),
        column=layout.THIS_QUARTER,
        found=found,
        wanted=WANTED[code],
        example=example or _EXAMPLES.get(code) or _example(row),
    )


def _text(cell: Cell, row: FigureRow) -> UnderstoodCell:
    return _accept_value(read_typed_text(cell.text[:500], row), cell, row)


def _boolean(cell: Cell, row: FigureRow) -> UnderstoodCell:
    return _ask_about("yes-or-no", cell, row, short_text(cell.text))


def _date(cell: Cell, row: FigureRow) -> UnderstoodCell:
    return _ask_about("date-not-number", cell, row, *_date_words(cell))


def _blank(cell: Cell, row: FigureRow) -> UnderstoodCell:
    if cell.note.strip():
        return _ask_about("note-only", cell, row, f"nothing, and a comment: “{short_text(cell.note)}”")
    if not row.required:
        return UnderstoodCell()
    return _ask_about("blank-required", cell, row, "nothing")


def _number(cell: Cell, row: FigureRow) -> UnderstoodCell:
    try:
        value = parse_number(cell.text.strip())
    except InvalidOperation:
        value = None
    if value is None:
        return _ask_about("unreadable-number", cell, row, short_text(cell.text))
    remarks = []
    if "%" in cell.number_format:
        if not is_percent(row):
            return _ask_about("other-unit", cell, row, f"{plain_number(_tidy_number(value * 100))}%")
        value = value * 100
        remarks.append("The cell is formatted as per cent.")
    if cell.formula:
        remarks.append(_formula_words(cell.formula))
    return _accept_value(
        TypedText(value=_tidy_number(value), status=FigureStatus.FINAL, remark=" ".join(remarks)), cell, row
    )


def _accept_value(meant: TypedText, cell: Cell, row: FigureRow) -> UnderstoodCell:
    """A value is tested for sense; anything recorded otherwise than it was typed is said back."""
    if meant.value is None and meant.status is None:
        code = "blank-required" if meant.problem == "blank" else meant.problem
        return _ask_about(code, cell, row, short_text(cell.text))
    code = meant.problem or (_find_oddity(meant.value, cell, row) if meant.value is not None else "")
    if code and code not in _STANDS:
        return _ask_about(code, cell, row, short_text(cell.text))
    understood = UnderstoodCell(
        value=meant.value,
        status=meant.status,
        reading=_reading(meant, cell),
        note=short_text(cell.text) if meant.value is None else "",
    )
    if not code:
        return understood
    return replace(understood, finding=make_finding(code, cell, row, _compare_with_before(code, cell, row)))


def _find_oddity(value: Decimal, cell: Cell, row: FigureRow) -> str:
    if value < 0 and (row.kind in _NONE_BELOW_0 or is_percent(row)):
        return "negative"
    if is_whole(row) and value != value.to_integral_value():
        return "part-of-one"
    if not is_percent(row):
        return ""
    before = row.previous.value if row.previous and row.previous.value else None
    typed_plainly = "%" not in cell.number_format and "%" not in cell.text
    if before and value and typed_plainly and not Decimal("0.02") < abs(value / before) < 50:
        return "factor-of-100"
    return "over-100" if value > 100 else ""


def _compare_with_before(code: str, cell: Cell, row: FigureRow) -> str:
    typed = short_text(cell.text)
    if code == "factor-of-100" and row.previous and row.previous.value is not None:
        return f"{typed}; last quarter it was {plain_number(row.previous.value)}"
    return typed


def _reading(meant: TypedText, cell: Cell) -> Reading | None:
    recorded = plain_number(meant.value) if meant.value is not None else str(meant.status)
    if not meant.remark and (cell.type is CellType.NUMBER or cell.text.strip() == recorded):
        return None
    return Reading(
        sheet=cell.sheet, cell=cell.cell, typed=short_text(cell.text), recorded=recorded, remark=meant.remark
    )


def _ask_about(code: str, cell: Cell, row: FigureRow, found: str, example: str = "") -> UnderstoodCell:
    return UnderstoodCell(finding=make_finding(code, cell, row, found, example=example))


def _date_words(cell: Cell) -> tuple[str, str]:
    """What the date is, and for a number that was shown as a date before 1920 the number it came from."""
    try:
        day = date.fromisoformat(cell.text[:10])
    except ValueError:
        return f"a date ({short_text(cell.text)})", ""
    # Excel counts a 29 February 1900 that never was, so earlier days are one off.
    serial = (day - _EXCEL_DAY_0).days - (day < date(1900, 3, 1))
    example = str(serial) if day.year < 1920 and serial > 0 else ""
    return f"the date {plain_day(day)}", example


def _formula_words(formula: str) -> str:
    if "[" in formula or ".xls" in formula.lower():
        return "The cell's formula uses another file, which we do not have; we used the result it showed."
    return "The cell has a formula; we used its result."


def _is_error_text(cell: Cell) -> bool:
    return cell.text.strip().upper() in {"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!"}


def _tidy_number(value: Decimal) -> Decimal:
    """Without the noise of binary fractions: 231.59999999999997 is 231.6."""
    return round(value, 6).normalize() + 0


def _example(row: FigureRow) -> str:
    if is_percent(row):
        return "12.5"
    return "1200" if row.kind is MeasureKind.COST else "35"


_BY_TYPE: Mapping[CellType, Callable[[Cell, FigureRow], UnderstoodCell]] = {
    CellType.NUMBER: _number,
    CellType.BOOLEAN: _boolean,
    CellType.DATE: _date,
}
