"""What a person reads off the screen of a figure's cell: a small oracle that shares nothing with our reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.returns import FigureRow


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What is seen of a cell. `is_doubtful`: no person could be sure of it. `words` stand beside it."""

    text: str
    is_doubtful: bool = False
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a person takes a text for: a number as far as it is seen, or why there is none."""

    number: Decimal | None = None
    status: FigureStatus | None = None

    def fits(self, value: Decimal | int | None, status: FigureStatus | None) -> bool:
        """Whether what was recorded is what was meant, with no digit that is not seen rounded away."""
        if self.number is None or value is None:
            return value is None and self.number is None and status is self.status
        shown = self.number.as_tuple().exponent
        assert isinstance(shown, int)
        is_same = Decimal(value).quantize(Decimal(1).scaleb(shown), ROUND_HALF_UP) == self.number
        return is_same and (self.status is None or status is self.status)


_NUMBER = r"(?P<n>[-+\u2212]?(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d+)?)"
_ABOUT = re.compile(rf"(?:c\.?|ca\.?|circa|approx\.?|about|around|~|\u2248) ?{_NUMBER}")
_ESTIMATED = re.compile(rf"{_NUMBER} ?\(?(?:e|est|est\.|estimated)\)?")
_OTHERS = {
    "p": FigureStatus.PROVISIONAL, "prov": FigureStatus.PROVISIONAL, "provisional": FigureStatus.PROVISIONAL,
    "r": FigureStatus.REVISED, "revised": FigureStatus.REVISED,
}  # fmt: skip
_NONE = {
    **dict.fromkeys(
        ("tbc", "to follow", "awaiting data", "[x]", "not available", "not available yet", "pending", "unknown"),
        FigureStatus.NOT_AVAILABLE,
    ),
    "[z]": FigureStatus.NOT_APPLICABLE, "not applicable": FigureStatus.NOT_APPLICABLE, "[c]": FigureStatus.SUPPRESSED,
}  # fmt: skip


_FEW = re.compile(r"(?:<|under|fewer than|less than|up to|below) ?[1-5]|[1-5] or (?:fewer|less)")


def count_of(row: FigureRow) -> FigureRow:
    """A row as its count is asked, where it is a share."""
    return replace(row, kind=MeasureKind.COUNT, unit=row.out_of) if row.out_of else row


def is_of_hundred(row: FigureRow) -> bool:
    """Whether a row asks for a per cent."""
    return row.kind is MeasureKind.PERCENT


def mean(text: str, row: FigureRow) -> Meaning | None:
    """What a text means where only one thing can be meant; None: it must be asked about."""
    plain = re.sub(r"[\u00a0\u2007\u2009\u202f]", " ", re.sub(r"[\u200b\u00ad]", "", text)).strip().lower().lstrip("'")
    if plain in _NONE:
        return Meaning(status=_NONE[plain])
    if _FEW.fullmatch(plain):
        return Meaning(status=FigureStatus.SUPPRESSED)
    if plain in {"nil", "none", "zero"} and row.kind in {MeasureKind.COUNT, MeasureKind.COHORT}:
        return Meaning(number=Decimal(0))
    bare, unit = _take_unit(plain, row)
    if found := _ABOUT.fullmatch(bare) or _ESTIMATED.fullmatch(bare):
        return Meaning(number=_number(found["n"]), status=FigureStatus.ESTIMATED)
    if (found := re.fullmatch(rf"{_NUMBER} ?\(?(?P<mark>[a-z]+)\)?", bare)) and found["mark"] in _OTHERS:
        return Meaning(number=_number(found["n"]), status=_OTHERS[found["mark"]])
    found = re.fullmatch(_NUMBER, bare)
    is_point_of_thousands = re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", bare) and not is_of_hundred(row)
    return Meaning(number=_number(found["n"])) if found and unit and not is_point_of_thousands else None


def _take_unit(text: str, row: FigureRow) -> tuple[str, bool]:
    """A text without the unit that its row asks for; and whether no other is left."""
    if is_of_hundred(row):
        return re.sub(r" ?(?:%|per cent|pc)$", "", text), True
    if row.kind is MeasureKind.COST:
        return text.removeprefix("£"), True
    words = {row.unit.lower(), row.unit.lower().rstrip("s")}
    head, _, tail = text.rpartition(" ")
    return (head, True) if tail in words and head else (text, "%" not in text)


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace(" ", "").replace("\u2212", "-"))


# Number formats, shown by hand ---------------------------------------------------------------------


def _fix(places: int = 0, *, by: str = "1", grouped: bool = False) -> Callable[[Decimal], str]:
    def show(value: Decimal) -> str:
        rounded = (value * Decimal(by)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        rounded = abs(rounded) if rounded == 0 else rounded
        return f"{rounded:{',' if grouped else ''}.{places}f}"

    return show


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _day(value: Decimal) -> str:
    return f"{date(1899, 12, 30) + timedelta(days=int(value)):%d/%m/%Y}"


SHOWN: dict[str, Callable[[Decimal], str]] = {
    "General": _plain,
    "@": _plain,
    "0": _fix(),
    "0.0": _fix(1),
    "0.00": _fix(2),
    "#,##0": _fix(grouped=True),
    "#,##0.00": _fix(2, grouped=True),
    "[Red]0": _fix(),
    "000": lambda value: f"{int(_fix()(value)):03d}",
    "0%": lambda value: f"{_fix(by='100')(value)}%",
    "0.0%": lambda value: f"{_fix(1, by='100')(value)}%",
    "0\\%": lambda value: f"{_fix()(value)}%",
    '0.0" %"': lambda value: f"{_fix(1)(value)} %",
    '0" per cent"': lambda value: f"{_fix()(value)} per cent",
    '[<5]"<5";0': lambda value: "<5" if value < 5 else _fix()(value),
    '[>=1000]0.0,"k";0': lambda value: f"{_fix(1, by='0.001')(value)}k" if value >= 1000 else _fix()(value),
    '"about "0': lambda value: f"about {_fix()(value)}",
    '"c. "0': lambda value: f"c. {_fix()(value)}",
    '0" offences"': lambda value: f"{_fix()(value)} offences",
    '0" people"': lambda value: f"{_fix()(value)} people",
    '0"*"': lambda value: f"{_fix()(value)}*",
    '0" (p)"': lambda value: f"{_fix()(value)} (p)",
    '0"e"': lambda value: f"{_fix()(value)}e",
    '0"1"': lambda value: f"{_fix()(value)}1",
    '0" of 40"': lambda value: f"{_fix()(value)} of 40",
    '"£"#,##0': lambda value: f"£{_fix(grouped=True)(value)}",
    "0,": _fix(by="0.001"),
    '0.0,"k"': lambda value: f"{_fix(1, by='0.001')(value)}k",
    '"<5"': lambda _: "<5",
    '"n/a"': lambda _: "n/a",
    '"35"': lambda _: "35",
    ";;;": lambda _: "",
    "0;;;@": lambda value: _fix()(value) if value > 0 else "",
    "dd/mm/yyyy": _day,
}
"""What programs show of a number that is not below 0, by its format."""
