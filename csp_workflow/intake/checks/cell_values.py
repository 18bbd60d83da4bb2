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
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from csp_workflow.forms import layout
from csp_workflow.intake.checks.findings import ask_about, find_doubt, short_text
from csp_workflow.terms.cells import ONLY_IN_EXCEL, Cell, CellType
from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.grants import GrantLine, find_line, say_pounds
from csp_workflow.terms.phrases import agree_unit, number, plain_day, plain_number
from csp_workflow.terms.returns import FigureRow, Finding, Reading

USUALLY_HIDDEN = 6
"""Below so many a count is commonly not given, where the series names no number of its own."""

LARGEST, _SMALLEST = 15, -6
"""Digits before the point beyond which nothing is a figure of ours, and how near nought one may be (ten to that)."""


@dataclass(frozen=True, kw_only=True)
class TypedText:
    """What a typed text says: a value or a status, how that is said back, or a problem (a code)."""

    value: Decimal | None = None
    status: FigureStatus | None = None
    remark: str = ""
    problem: str = ""


_APART = "¦"
"""Stands for a new line, or a gap, between two numbers: they are never joined."""

NUMBER = r"-?(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?: \d{3})+|\d+)(?:\.\d+)?"  # “0,625” is no thousands
_PLAIN = re.compile(NUMBER)
_HEDGE = r"(?:est\.?|estimated?|approx\.?|approximately|prov\.?|provisional|rev\.?|revised)"
_MARKED = re.compile(
    rf"(?P<before>c\.?|ca\.?|circa|about|around|roughly|~|≈|{_HEDGE}):? ?(?P<m>(?:£ ?)?{NUMBER}.*)"
    rf"|(?P<n>{NUMBER}.*?)(?:(?<=[\d%])ish|(?<![a-z])[ (\[,;-]*(?P<after>{_HEDGE}|or so|or thereabouts)[)\]]?)"
    rf"|(?P<k>{NUMBER}%?) ?[(\[]?(?P<letter>[epru])[)\]]?"
)
"""What says of a number, whatever stands beside it, that it is not the last word."""
_SETTLED = re.compile(
    rf"(?P<n>{NUMBER}%?)[ (\[,;-]*(?:final|confirmed|checked|in total)[)\]]?"
    rf"|(?:total|final|actual):? ?(?P<m>{NUMBER}%?)"
)
"""What says of a number that it is the last word."""
_STARRED = re.compile(rf"(?P<n>{NUMBER})\*+")
_MONEY = re.compile(rf"(?:£|gbp ?|eur ?|€|\$) ?(?P<n>{NUMBER})|(?P<m>{NUMBER}) ?(?:gbp|pounds)")
_THOUSANDS = re.compile(rf"[£€$]? ?{NUMBER} ?(?:k|m|bn|thousand|million)")
_PERCENT = re.compile(rf"(?P<n>{NUMBER}) ?(?:%|per ?cent|pc)")
_FEWER = re.compile(rf"(?:<|less than|fewer than|under|below) ?(?P<n>{NUMBER})")
_AT_MOST = re.compile(
    rf"(?:≤|<=|up to|at most|no more than) ?(?P<n>{NUMBER})|(?P<m>{NUMBER}) or (?:fewer|less|under|below)"
)
_RANGE = re.compile(
    rf"(?:>|≥|over|more than|at least|above) ?{NUMBER}|{NUMBER} ?\+|\+ ?{NUMBER}|{NUMBER} or (?:more|over)"
    rf"|(?:between )?{NUMBER} ?(?:-|/|to|and|or|{_APART}) ?{NUMBER}"
)
_POINTED = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+")
"""What is a thousand and more in one country, and a little more than one in another."""
_SO_FAR = re.compile(
    rf"{NUMBER} ?[-,;(]? ?(?:so far|to date|as (?:yet|of)|until|up to|incomplete|partial|part(?: year)?|tbc|tba|tbd"
    rf"|to be|to follow|pending|awaiting|awaited|waiting|not (?:yet|all|complete|final)|more|plus|at least|min)\b.*"
    rf"|(?:so far|to date|min)\b ?:? ?{NUMBER}.*"
)
_DAYS = re.compile(
    r"\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?: \d{4})?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,4}|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?"
    r"|q[1-4]\b|(?:19|20)\d{2}(?:[/-]\d{2,4})?|\d{1,2}(?:st|nd|rd|th)\b"
)
_WITH_WORDS = re.compile(rf"(?P<n>{NUMBER}) ?(?P<words>[a-z][a-z' -]{{1,60}})")
_WAITING = re.compile(
    r"(?:tbc|tba|tbd|to be (?:confirmed|advised)|to follow|pending|awaiting.*|awaited|waiting.*"
    r"|(?:data |figures? )?not (?:yet )?(?:available|due|known|received|published)(?: (?:yet|until.*))?"
    r"|no data(?: yet)?|unknown)\W*"
)
_NOUGHT = {"nil", "none", "zero", "nought"}
_UNCLEAR = {"no", "-", "--", "---", ".", "..", "...", "?", "??", "/", "x", "[low]", "low"}
_NOT_SAID = {"n/a", "n / a", "na", "n.a.", "n.a", "#n/a", "not app", "n\\a"}
_SHORTHAND = {
    "[x]": FigureStatus.NOT_AVAILABLE,
    "[z]": FigureStatus.NOT_APPLICABLE,
    "[c]": FigureStatus.SUPPRESSED,
    "not applicable": FigureStatus.NOT_APPLICABLE,
    "suppressed": FigureStatus.SUPPRESSED,
}
_MARKS = {FigureStatus.PROVISIONAL: {"p", "pro"}, FigureStatus.REVISED: {"r", "rev"}}
_GAP = re.compile(r"(?<=\d)(?:\s*[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*|\s{2,})(?=[-+]?\d)")
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), "-")
_FULL_WIDTH = {0xFFE1: "£", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
_LONGEST = 500  # what is longer is no figure, and the patterns would try each way to part it
_SMALL = {"of", "in", "total", "the", "per", "and", "number", "recorded"}


def read_typed_text(text: str, row: FigureRow) -> TypedText:
    """Read a typed text. The first rule that fits decides; none that fits is a problem, never a guess."""
    plain = normalise_text(text)
    if not plain or len(plain) > _LONGEST:
        return TypedText(problem="unreadable-number" if plain else "blank")
    if plain.endswith(".") and plain not in _UNCLEAR | _NOT_SAID:
        plain = plain[:-1].rstrip()
    if settled := _SETTLED.fullmatch(plain):
        plain = settled["n"] or settled["m"]
    for rule in _RULES:
        said = rule(plain, row)
        if said is not None:
            return said
    return TypedText(problem="unreadable-number")


@lru_cache(maxsize=1_024)  # most cells of a form are empty, or say what others say
def normalise_text(text: str) -> str:
    """The text in lower case with plain digits, spaces and signs. Superscripts stay what they are."""
    digits = "".join(_plain_character(c) for c in _GAP.sub(_APART, text).translate(_FULL_WIDTH | _DASHES))
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
    return row.kind in {MeasureKind.COST, MeasureKind.GRANT} or "£" in row.unit or "gbp" in row.unit.lower()


def say_in_unit(value: Decimal, row: FigureRow) -> str:
    """A number as it is said back, always with its unit: "35 offences", "62.5 per cent", "£1,204"."""
    if is_percent(row):
        return f"{number(value)} per cent"
    if row.kind is MeasureKind.GRANT:
        return say_pounds(value)
    return f"£{number(value)}" if is_money(row) else f"{number(value)} {agree_unit(row.unit, value)}".strip()


def is_whole(row: FigureRow) -> bool:
    """Whether a row counts things, so that only whole numbers are right."""
    return row.kind in {MeasureKind.COUNT, MeasureKind.COHORT} and not is_percent(row) and not is_money(row)


def parse_number(text: str) -> Decimal | None:
    """A plain number with or without groups of three; None when it is too long, or too near nought, to be a figure."""
    value = Decimal(text.replace(",", "").replace(" ", ""))
    is_fitting = value == 0 or (value.is_finite() and _SMALLEST <= value.adjusted() <= LARGEST)
    return (value or abs(value)) if is_fitting else None


def _plain_character(character: str) -> str:
    if unicodedata.category(character) == "Zs" or character in "\t\u200b\u2060\ufeff":
        return " "
    if unicodedata.category(character) == "Cf":  # marks of direction, which nobody sees
        return ""
    return str(unicodedata.decimal(character, character))


def _value(text: str, status: FigureStatus = FigureStatus.FINAL, remark: str = "") -> TypedText:
    value = parse_number(text)
    if value is None:
        return TypedText(problem="unreadable-number")
    return TypedText(value=value, status=status, remark=remark)


def _read_plain_number(text: str, row: FigureRow) -> TypedText | None:
    if _POINTED.fullmatch(text) and not is_percent(row):
        return TypedText(problem="point-or-comma")
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
    return _read_waiting(text) if _WAITING.fullmatch(text) else None


def _read_waiting(text: str) -> TypedText:
    """What is waited for; a number in it that is no day may be what there is so far."""
    if re.search(r"\d", _DAYS.sub("", text)):
        return TypedText(problem="so-far")
    return TypedText(status=FigureStatus.NOT_AVAILABLE, remark="We will ask again next quarter.")


def _read_marked(text: str, row: FigureRow) -> TypedText | None:
    """A number, and what is to be thought of it; the rest is read as it would be without that."""
    if match := _MARKED.fullmatch(text):
        if match["letter"] == "p" and text.endswith("p") and is_money(row):
            return TypedText(problem="other-unit")  # pence
        rest = read_typed_text(match["m"] or match["n"] or match["k"], row)
        if rest.value is None:
            return TypedText(problem=rest.problem) if rest.problem else None
        mark = (match["before"] or match["after"] or match["letter"] or "")[:3]
        status = next((one for one, marks in _MARKS.items() if mark in marks), FigureStatus.ESTIMATED)
        said = "an estimate" if status is FigureStatus.ESTIMATED else status.value
        return replace(rest, status=status, remark=f"We marked it as {said}.")
    if starred := _STARRED.fullmatch(text):
        value = _value(starred["n"])
        return TypedText(value=value.value, status=value.status, problem=value.problem or "starred")
    return None


def _read_with_unit(text: str, row: FigureRow) -> TypedText | None:
    if _THOUSANDS.fullmatch(text):
        return TypedText(problem="full-number")
    if money := _MONEY.fullmatch(re.sub("^-£ ?", "£-", text)):
        is_pounds = is_money(row) and text[0] not in "e€$"
        return _value(money["n"] or money["m"]) if is_pounds else TypedText(problem="other-unit")
    if percent := _PERCENT.fullmatch(text):
        return _value(percent["n"]) if is_percent(row) else TypedText(problem="other-unit")
    return None


def _read_bounded(text: str, row: FigureRow) -> TypedText | None:
    if _is_small(text, row):
        return TypedText(status=FigureStatus.SUPPRESSED, remark="It is a small number that is not shown.")
    if any(rule.fullmatch(text) for rule in (_FEWER, _AT_MOST, _RANGE)):
        return TypedText(problem="one-figure")
    return TypedText(problem="so-far") if _SO_FAR.fullmatch(text) else None


def _is_small(text: str, row: FigureRow) -> bool:
    """Whether a text says that a count is below what its owner's rule hides; "under 100" is a figure we do not have."""
    below, at_most = _FEWER.fullmatch(text), _AT_MOST.fullmatch(text)
    said = below["n"] if below else (at_most["n"] or at_most["m"]) if at_most else ""
    bound = parse_number(said) if said else None
    is_count = row.kind is MeasureKind.COUNT or row.is_counted  # "under £5" hides nobody
    hidden_below = row.suppressed_below or USUALLY_HIDDEN * is_count
    return bound is not None and bound > 0 and bound + (not below) <= hidden_below


def _read_with_words(text: str, row: FigureRow) -> TypedText | None:
    match = _WITH_WORDS.fullmatch(text)
    if not match:
        return None
    return _value(match["n"]) if is_known_words(match["words"], row) else TypedText(problem="other-unit")


def is_known_words(words: str, row: FigureRow) -> bool:
    """Whether words beside a number say nothing but what the row counts: its unit, or what its title begins with."""
    counted = re.split(r"\b(?:of|in|per|by|for|from|with|among|who|that|to)\b", row.title, maxsplit=1)[0]
    return not is_percent(row) and _stems(words) <= _stems(f"{row.unit} {counted}") | _SMALL


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
_STANDS = {"starred", "over-100"}
_IMPOSSIBLE = {"negative", "share-over-100"}
_NONE_BELOW_0 = {MeasureKind.COUNT, MeasureKind.COHORT, MeasureKind.COST, MeasureKind.SURVEY, MeasureKind.GRANT}
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
        code = "only-in-excel" if cell.text == ONLY_IN_EXCEL else "excel-error"
        return _leave_open(code, cell, row, cell.text)
    if cell.uncalculated:
        return _leave_open("not-calculated", cell, row, "a formula without a saved result")
    if cell.is_blank:
        return _blank(cell, row)
    if doubt := find_doubt(cell):
        return _leave_open(doubt[0], cell, row, doubt[1])
    return _BY_TYPE.get(cell.type, _text)(cell, row)


def say_held(cell: Cell) -> str:
    """What a figure's cell holds as its sender would type it: "62.5" under "63%". "" where another thing is seen."""
    if find_doubt(cell):
        return ""
    if not cell.shown:
        return cell.text
    stored, text = _stored_number(cell), normalise_text(cell.shown)
    plain = _SHOWN.fullmatch(text)
    if cell.type is not CellType.NUMBER or stored is None or not plain:
        return ""
    fitting = _find_fitting(stored, plain)
    return f"{plain_number(_tidy_number(fitting))}{'%' * bool(plain['percent'])}" if fitting is not None else ""


def make_finding(code: str, cell: Cell, row: FigureRow, found: str, *, example: str = "") -> Finding:
    """A finding on a row's figure. What leaves a required figure without a value is a fault, else a query."""
    key, said = layout.figure_key(row.area.code, row.ref), example or _EXAMPLES.get(code) or _example(row)
    is_fault = code in _IMPOSSIBLE or (row.required and code not in _STANDS)
    asked = ask_about(code, cell, key, layout.THIS_QUARTER, found, is_fault=is_fault, example=said)
    return replace(asked, wanted=asked.wanted.format(unit="whole numbers" if row.is_counted else row.unit))


def _text(cell: Cell, row: FigureRow) -> UnderstoodCell:
    if cell.shown and normalise_text(cell.shown) != normalise_text(cell.text):
        return _leave_open("shown-otherwise", cell, row, short_text(cell.seen))
    return _accept_value(read_typed_text(cell.text, row), cell, row)


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
    """A number, read as it is shown: what is shown must be what is stored, rounded at most."""
    meant = _read_shown(cell, row)
    if meant.value is None:
        found = (cell.shown or cell.text) if meant.problem else cell.seen
        return _leave_open(meant.problem or "shown-otherwise", cell, row, short_text(found))
    remarks = [meant.remark, _formula_words(cell.formula) if cell.formula else ""]
    return _accept_value(replace(meant, remark=" ".join(filter(None, remarks))), cell, row)


def _read_shown(cell: Cell, row: FigureRow) -> TypedText:
    """What is stored, as what is shown says it: 0.625 under "62.5%" is 62.5, and "about 35" an estimate."""
    stored, text = _stored_number(cell), normalise_text(cell.shown or cell.text)
    if stored is None or not text:
        return TypedText(problem="unreadable-number" if text else "not-seen")
    if stored < 0:  # as accounts show it
        text = _BRACKETED.sub(r"-\1", text)
    plain = _SHOWN.fullmatch(text)
    if _POINTED.fullmatch(text) and stored % 1 and not is_percent(row):
        return TypedText(problem="point-or-comma")
    is_dash = not stored and (text.removeprefix("£").strip() if is_money(row) else text) == "-"
    said = TypedText(value=stored, status=FigureStatus.FINAL, remark="The cell shows a dash for 0." if is_dash else "")
    meant = said if plain or is_dash else read_typed_text(text, row)
    if meant.value is None:
        return TypedText(problem=meant.problem)
    if plain and plain["percent"] and not is_percent(row):
        return TypedText(problem="other-unit")
    value = _find_fitting(stored, plain) if plain else stored
    if value is None or not (plain or _rounds_to(stored, meant.value)):
        return TypedText()
    as_percent = "The cell is formatted as per cent." if value != stored else ""
    return replace(meant, value=_tidy_number(value), remark=" ".join(filter(None, (as_percent, meant.remark))))


_BRACKETED = re.compile(r"^\((.*)\)$")
_SHOWN = re.compile(
    r"(?P<n>[-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:e[-+]\d{1,3})?)"
    r"(?P<percent> ?%)?"
)
"""A number as programs show it, with any number of decimals and in powers of ten."""


def _stored_number(cell: Cell) -> Decimal | None:
    try:
        return parse_number(cell.text.strip())
    except InvalidOperation:
        return None


def _find_fitting(stored: Decimal, shown: re.Match[str]) -> Decimal | None:
    """What a stored number means by what is shown of it; None where nothing or several things fit.

    Under a per cent sign a program shows a hundred times what it holds, unless the sign is a mere letter of the format.
    """
    seen = Decimal(shown["n"].replace(",", "").replace(" ", ""))
    meanings = {stored, stored * 100} if shown["percent"] else {stored}
    fitting = [value for value in meanings if _rounds_to(value, seen)]
    return fitting[0] if len(fitting) == 1 else None


def _rounds_to(value: Decimal, shown: Decimal) -> bool:
    exponent = shown.as_tuple().exponent
    return isinstance(exponent, int) and value.quantize(Decimal(1).scaleb(exponent), ROUND_HALF_UP) == shown


def _accept_value(meant: TypedText, cell: Cell, row: FigureRow) -> UnderstoodCell:
    """A value is tested for sense; anything recorded otherwise than it was typed is said back."""
    if meant.value is None and meant.status is None:
        code = "blank-required" if meant.problem == "blank" else meant.problem
        return _leave_open(code, cell, row, short_text(cell.text))
    code = meant.problem or (_find_oddity(meant.value, row) if meant.value is not None else "")
    if code and code not in _STANDS:
        return _leave_open(code, cell, row, short_text(cell.seen))
    understood = UnderstoodCell(
        value=meant.value,
        status=meant.status,
        reading=_reading(meant, cell, row),
        note=short_text(cell.text) if meant.value is None else "",
    )
    if not code:
        return understood
    return replace(understood, finding=make_finding(code, cell, row, short_text(cell.text)))


def _find_oddity(value: Decimal, row: FigureRow) -> str:
    is_overspent = row.kind is MeasureKind.GRANT and find_line(row.ref) is GrantLine.UNDERSPEND
    if value < 0 and (row.kind in _NONE_BELOW_0 or is_percent(row)) and not is_overspent:
        return "negative"
    if is_whole(row) and value != value.to_integral_value():
        return "part-of-one"
    if not is_percent(row):
        return ""
    if value > 100 and row.kind.is_share:
        return "share-over-100"
    return "over-100" if value > 100 else ""


def _reading(meant: TypedText, cell: Cell, row: FigureRow) -> Reading | None:
    plain = plain_number(meant.value) if meant.value is not None else str(meant.status)
    if not meant.remark and (cell.type is CellType.NUMBER or cell.text.strip() == plain):
        return None
    recorded = say_in_unit(meant.value, row) if meant.value is not None else plain
    typed = short_text(cell.shown or cell.text)
    return Reading(sheet=cell.sheet, cell=cell.cell, typed=typed, recorded=recorded, remark=meant.remark)


def _leave_open(code: str, cell: Cell, row: FigureRow, found: str, example: str = "") -> UnderstoodCell:
    return UnderstoodCell(finding=make_finding(code, cell, row, found, example=example))


def _date_words(cell: Cell) -> tuple[str, str]:
    """What the date is, and for a number that was shown as a date before 1920 the number it came from."""
    try:
        day = date.fromisoformat(cell.text[:10])
    except ValueError:
        return f"a {'time' if ':' in cell.text else 'date'} ({short_text(cell.text)})", ""
    # Excel counts a 29 February 1900 that never was, so earlier days are one off.
    serial = (day - _EXCEL_DAY_0).days - (day < date(1900, 3, 1))
    example = str(serial) if day.year < 1920 and serial > 0 else ""
    return f"the date {plain_day(day)}", example


def _formula_words(formula: str) -> str:
    if _CHANGING.search(formula):
        return "The cell has a formula that gives another result on another day; we used the one it showed when saved."
    if "[" in formula or ".xls" in formula.lower():
        return "The cell's formula uses another file, which we do not have; we used the result it showed."
    return "The cell has a formula; we used its result."


_CHANGING = re.compile(r"\b(?:TODAY|NOW|RAND|RANDBETWEEN)\(", re.IGNORECASE)


def _is_error_text(cell: Cell) -> bool:
    return bool(_ERROR.fullmatch(cell.text.strip()))


_ERROR = re.compile(
    r"#(?:REF!|DIV/0!|VALUE!|NAME\?|N/A|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|GETTING_DATA)|Err:\d{3}",
    re.IGNORECASE,
)
"""What programs show where a formula failed."""


def _tidy_number(value: Decimal) -> Decimal:
    """Without the noise of binary fractions: 231.59999999999997 is 231.6."""
    return round(value, 6).normalize() + 0


def _example(row: FigureRow) -> str:
    if is_percent(row):
        return "12.5"
    return "1200" if is_money(row) else "35"


_BY_TYPE: Mapping[CellType, Callable[[Cell, FigureRow], UnderstoodCell]] = {
    CellType.NUMBER: _number,
    CellType.BOOLEAN: _boolean,
    CellType.DATE: _date,
}
