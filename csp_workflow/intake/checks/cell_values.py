"""The one normaliser of figures: what stands in a "This quarter" cell becomes a value, a status or a finding.

It never guesses a number, never reads a blank as 0 or 0 as a blank, and says every reading back. What people type
("1,204", "c. 35", "<5", "nil", "n/a", "TBC") is read first, then what Excel has made of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from csp_workflow.forms import layout
from csp_workflow.intake.checks.findings import ask_about, short_text
from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.phrases import plain_day, plain_number
from csp_workflow.terms.returns import Cell, CellType, FigureRow, Finding, Reading

LARGEST = 15
"""Digits before the point beyond which nothing is a figure of ours."""


@dataclass(frozen=True, kw_only=True)
class TypedText:
    """What a typed text says: a value or a status, how that is said back, or a problem (a code)."""

    value: Decimal | None = None
    status: FigureStatus | None = None
    remark: str = ""
    problem: str = ""


NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d+)?"
_PLAIN = re.compile(NUMBER)
_ABOUT = re.compile(
    rf"(?:c\.?|ca\.?|circa|approx\.?|approximately|about|around|roughly|est\.?|estimated?|~|≈) ?(?P<n>{NUMBER})"
)
_MARKED = re.compile(
    rf"(?P<n>{NUMBER}%?) ?[(\[]?(?P<mark>est\.?|estimated?|approx\.?|e|p|prov\.?|provisional|r|rev\.?|revised|u)[)\]]?"
)
_STARRED = re.compile(rf"(?P<n>{NUMBER})\*+")
_MONEY = re.compile(rf"(?:£|gbp ?|eur ?|€|\$) ?(?P<n>{NUMBER})|(?P<m>{NUMBER}) ?(?:gbp|pounds)")
_THOUSANDS = re.compile(rf"[£€$]? ?{NUMBER} ?(?:k|m|bn|thousand|million)")
_PERCENT = re.compile(rf"(?P<n>{NUMBER}) ?(?:%|per ?cent|pc)")
_FEWER = re.compile(rf"(?:<|≤|less than|fewer than|under|below|up to) ?{NUMBER}|{NUMBER} or (?:fewer|less|under|below)")
_RANGE = re.compile(
    rf"(?:>|≥|over|more than|at least|above) ?{NUMBER}|{NUMBER} ?\+|{NUMBER} or (?:more|over)"
    rf"|(?:between )?{NUMBER} ?(?:-|/|to|and|or) ?{NUMBER}"
)
_WITH_WORDS = re.compile(rf"(?P<n>{NUMBER}) ?(?P<words>[a-z][a-z' -]{{1,60}})")
_WAITING = re.compile(
    r"(?:tbc|tba|tbd|to be (?:confirmed|advised)|to follow|pending|awaiting.*|awaited|waiting.*"
    r"|(?:data |figures? )?not (?:yet )?(?:available|due|known|received|published)(?: (?:yet|until.*))?"
    r"|no data(?: yet)?|unknown)\W*"
)
_NOUGHT = {"nil", "none", "zero", "nought", "no"}
_UNCLEAR = {"-", "--", "---", ".", "..", "...", "?", "??", "/", "x", "[low]", "low"}
_NOT_SAID = {"n/a", "na", "n.a.", "n.a", "#n/a", "not app", "n\\a"}
_SHORTHAND = {
    "[x]": FigureStatus.NOT_AVAILABLE,
    "[z]": FigureStatus.NOT_APPLICABLE,
    "[c]": FigureStatus.SUPPRESSED,
    "not applicable": FigureStatus.NOT_APPLICABLE,
    "suppressed": FigureStatus.SUPPRESSED,
}
_MARKS = {"p": FigureStatus.PROVISIONAL, "r": FigureStatus.REVISED}
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), "-")
_FULL_WIDTH = {0xFFE1: "£", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
_SMALL = {"of", "in", "total", "the", "per", "and", "number", "recorded"}


def read_typed_text(text: str, row: FigureRow) -> TypedText:
    """Read a typed text. The first rule that fits decides; none that fits is a problem, never a guess."""
    plain = normalise_text(text)
    if not plain:
        return TypedText(problem="blank")
    for rule in _RULES:
        said = rule(plain, row)
        if said is not None:
            return said
    return TypedText(problem="unreadable-number")


def normalise_text(text: str) -> str:
    """The text in lower case with plain digits, spaces and signs. Superscripts stay what they are."""
    digits = "".join(_plain_character(c) for c in text.translate(_FULL_WIDTH | _DASHES))
    return " ".join(digits.lower().split()).lstrip("'\u2018\u2019`").strip()


def is_percent(row: FigureRow) -> bool:
    """Whether a row is in per cent."""
    return row.kind is MeasureKind.PERCENT or "per cent" in row.unit.lower() or "%" in row.unit


def is_in_per_cent(text: str) -> bool:
    """Whether somebody typed a per cent."""
    plain = normalise_text(text)
    return "%" in plain or bool(_PERCENT.fullmatch(plain))


def is_money(row: FigureRow) -> bool:
    """Whether a row is in pounds."""
    return row.kind is MeasureKind.COST or "£" in row.unit or "gbp" in row.unit.lower()


def is_whole(row: FigureRow) -> bool:
    """Whether a row counts things, so that only whole numbers are right."""
    return row.kind in {MeasureKind.COUNT, MeasureKind.COHORT} and not is_percent(row) and not is_money(row)


def parse_number(text: str) -> Decimal | None:
    """A plain number with or without groups of three; None when it is too long to be a figure."""
    value = Decimal(text.replace(",", "").replace(" ", ""))
    return value if value == 0 or (value.is_finite() and -9 <= value.adjusted() <= LARGEST) else None


def _plain_character(character: str) -> str:
    if unicodedata.category(character) == "Zs" or character in "\t\u200b\u2060\ufeff":
        return " "
    return str(unicodedata.decimal(character, character))


def _value(text: str, status: FigureStatus = FigureStatus.FINAL, remark: str = "") -> TypedText:
    value = parse_number(text)
    if value is None:
        return TypedText(problem="unreadable-number")
    return TypedText(value=value, status=status, remark=remark)


def _read_plain_number(text: str, _: FigureRow) -> TypedText | None:
    return _value(text) if _PLAIN.fullmatch(text) else None


def _read_in_words(text: str, row: FigureRow) -> TypedText | None:
    if text in _NOUGHT:
        if not is_whole(row):
            return TypedText(problem="nil-or-zero")
        return TypedText(value=Decimal(0), status=FigureStatus.FINAL, remark=f"We took '{text}' to mean 0.")
    if text in _SHORTHAND:
        return TypedText(status=_SHORTHAND[text])
    if text in _UNCLEAR | _NOT_SAID:
        return TypedText(problem="which-is-it" if text in _UNCLEAR else "not-applicable-or-available")
    if _WAITING.fullmatch(text):
        return TypedText(status=FigureStatus.NOT_AVAILABLE, remark="We will ask again next quarter.")
    return None


def _read_marked(text: str, row: FigureRow) -> TypedText | None:
    if about := _ABOUT.fullmatch(text):
        return _value(about["n"], FigureStatus.ESTIMATED, "We marked it as an estimate.")
    if match := _MARKED.fullmatch(text):
        if match["n"].endswith("%") and not is_percent(row):
            return TypedText(problem="other-unit")
        status = _MARKS.get(match["mark"][:1], FigureStatus.ESTIMATED)
        said = "an estimate" if status is FigureStatus.ESTIMATED else status.value
        return _value(match["n"].rstrip("%"), status, f"We marked it as {said}.")
    if starred := _STARRED.fullmatch(text):
        value = _value(starred["n"])
        return TypedText(value=value.value, status=value.status, problem=value.problem or "starred")
    return None


def _read_with_unit(text: str, row: FigureRow) -> TypedText | None:
    if _THOUSANDS.fullmatch(text):
        return TypedText(problem="full-number")
    if money := _MONEY.fullmatch(text):
        return (
            _value(money["n"] or money["m"])
            if is_money(row) and text[0] not in "e€$"
            else TypedText(problem="other-unit")
        )
    if percent := _PERCENT.fullmatch(text):
        return _value(percent["n"]) if is_percent(row) else TypedText(problem="other-unit")
    return None


def _read_bounded(text: str, _: FigureRow) -> TypedText | None:
    if _FEWER.fullmatch(text):
        return TypedText(status=FigureStatus.SUPPRESSED, remark="We recorded it as a small number that is not shown.")
    return TypedText(problem="one-figure") if _RANGE.fullmatch(text) else None


def _read_with_words(text: str, row: FigureRow) -> TypedText | None:
    match = _WITH_WORDS.fullmatch(text)
    if not match:
        return None
    return _value(match["n"]) if is_known_words(match["words"], row) else TypedText(problem="other-unit")


def is_known_words(words: str, row: FigureRow) -> bool:
    """Whether words beside a number say nothing but what the row counts."""
    return _stems(words) <= _stems(f"{row.unit} {row.title}") | _SMALL


def _stems(text: str) -> set[str]:
    return {word.rstrip("s") if len(word) > 3 else word for word in re.findall(r"[a-z]+", text.lower())}


_RULES: tuple[Callable[[str, FigureRow], TypedText | None], ...] = (
    _read_plain_number,
    _read_in_words,
    _read_marked,
    _read_with_unit,
    _read_bounded,
    _read_with_words,
)


# Cells: what Excel has made of it -----------------------------------------------------------------


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
        return _leave_open("excel-error", cell, row, cell.text)
    if cell.uncalculated:
        return _leave_open("not-calculated", cell, row, "a formula without a saved result")
    if cell.is_blank:
        return _blank(cell, row)
    if cell.struck:
        return _leave_open("struck-out", cell, row, f"{short_text(cell.text)}, struck through")
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
    key, said = layout.figure_key(row.area.code, row.ref), example or _EXAMPLES.get(code) or _example(row)
    is_fault = row.required and code not in _STANDS
    return ask_about(code, cell, key, layout.THIS_QUARTER, found, is_fault=is_fault, example=said)


def _text(cell: Cell, row: FigureRow) -> UnderstoodCell:
    return _accept_value(read_typed_text(cell.text[:500], row), cell, row)


def _boolean(cell: Cell, row: FigureRow) -> UnderstoodCell:
    return _leave_open("yes-or-no", cell, row, short_text(cell.text))


def _date(cell: Cell, row: FigureRow) -> UnderstoodCell:
    return _leave_open("date-not-number", cell, row, *_date_words(cell))


def _blank(cell: Cell, row: FigureRow) -> UnderstoodCell:
    if cell.note.strip():
        return _leave_open("note-only", cell, row, f"nothing, and a comment: “{short_text(cell.note)}”")
    if not row.required:
        return UnderstoodCell()
    return _leave_open("blank-required", cell, row, "nothing")


def _number(cell: Cell, row: FigureRow) -> UnderstoodCell:
    try:
        value = parse_number(cell.text.strip())
    except InvalidOperation:
        value = None
    if value is None:
        return _leave_open("unreadable-number", cell, row, short_text(cell.text))
    remarks = []
    if "%" in cell.number_format:
        if not is_percent(row):
            return _leave_open("other-unit", cell, row, f"{plain_number(_tidy_number(value * 100))}%")
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
        return _leave_open(code, cell, row, short_text(cell.text))
    code = meant.problem or (_find_oddity(meant.value, cell, row) if meant.value is not None else "")
    if code and code not in _STANDS:
        return _leave_open(code, cell, row, short_text(cell.text))
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


def _leave_open(code: str, cell: Cell, row: FigureRow, found: str, example: str = "") -> UnderstoodCell:
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
