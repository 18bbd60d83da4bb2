"""What people type where a number is wanted, read without guessing: "1,204", "c. 35", "<5", "nil", "n/a", "TBC"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.returns import FigureRow

LARGEST = 15
"""Digits before the point beyond which nothing is a figure of ours."""


@dataclass(frozen=True, kw_only=True)
class TypedText:
    """What a typed text says: a value or a status, how that is said back, or a problem (a code)."""

    value: Decimal | None = None
    status: FigureStatus | None = None
    remark: str = ""
    problem: str = ""


_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d+)?"
_PLAIN = re.compile(_NUMBER)
_ABOUT = re.compile(
    rf"(?:c\.?|ca\.?|circa|approx\.?|approximately|about|around|roughly|est\.?|estimated?|~|≈) ?(?P<n>{_NUMBER})"
)
_MARKED = re.compile(
    rf"(?P<n>{_NUMBER}%?) ?[(\[]?(?P<mark>est\.?|estimated?|approx\.?|e|p|prov\.?|provisional|r|rev\.?|revised|u)[)\]]?"
)
_STARRED = re.compile(rf"(?P<n>{_NUMBER})\*+")
_MONEY = re.compile(rf"(?:£|gbp ?|eur ?|€|\$) ?(?P<n>{_NUMBER})|(?P<m>{_NUMBER}) ?(?:gbp|pounds)")
_THOUSANDS = re.compile(rf"[£€$]? ?{_NUMBER} ?(?:k|m|bn|thousand|million)")
_PERCENT = re.compile(rf"(?P<n>{_NUMBER}) ?(?:%|per ?cent|pc)")
_FEWER = re.compile(
    rf"(?:<|≤|less than|fewer than|under|below|up to) ?{_NUMBER}|{_NUMBER} or (?:fewer|less|under|below)"
)
_RANGE = re.compile(
    rf"(?:>|≥|over|more than|at least|above) ?{_NUMBER}|{_NUMBER} ?\+|{_NUMBER} or (?:more|over)"
    rf"|(?:between )?{_NUMBER} ?(?:-|/|to|and|or) ?{_NUMBER}"
)
_WITH_WORDS = re.compile(rf"(?P<n>{_NUMBER}) ?(?P<words>[a-z][a-z' -]{{1,60}})")
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
    known = _stems(f"{row.unit} {row.title}") | _SMALL
    return _value(match["n"]) if _stems(match["words"]) <= known else TypedText(problem="other-unit")


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
