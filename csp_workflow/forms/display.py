"""What a spreadsheet program shows of a value under its number format: a second reading beside what is stored.

The format language is that of ECMA-376, 18.8.31. No kept library says it in Python (ssf has had no release since 2020,
xlsx2html knows no conditions), and a form needs little of it: what is not understood is None, "cannot be said",
and is asked about. Of columns that are too narrow nothing is known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from csp_workflow.terms.phrases import plain_number

_TOKEN = re.compile(
    r'(?P<text>"[^"]*"|\\.)|(?P<space>_.|\*.)|(?P<bracket>\[[^\]]*\])|(?P<general>General)|(?P<science>E[+-])'
    r"|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<at>@)|(?P<moment>AM/PM|A/P|[ymdhsbeg])"
    r"|(?P<plain>[^A-Za-z\"\\\[\];])",
    re.IGNORECASE | re.DOTALL,
)
_SECTION = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[])*)(;|$)', re.DOTALL)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
_CURRENCY = re.compile(r"\[\$([^-\]]*)(?:-[^\]]*)?\]")
_COLOUR = re.compile(r"\[(?:black|white|red|green|blue|yellow|magenta|cyan|colou?r ?\d{1,2})\]", re.IGNORECASE)
_WHITE = re.compile(r"\[(?:white|colou?r ?2)\]", re.IGNORECASE)
_HOLDS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
    "=": lambda value, bound: value == bound,
    "<>": lambda value, bound: value != bound,
}
_LONGEST = 255
_Token = tuple[str, str]


class _NotSaidError(Exception):
    """A format outside what is understood here."""


@dataclass(frozen=True, kw_only=True)
class _Section:
    """One of a format's sections, which stand between semicolons: when it holds (None: by its place), and its parts."""

    condition: tuple[str, Decimal] | None
    tokens: tuple[_Token, ...]

    def has(self, *kinds: str) -> bool:
        """Whether a part of these kinds stands in it."""
        return any(kind in kinds for kind, _ in self.tokens)


def show_number(value: Decimal, number_format: str) -> str | None:
    """What is shown of a number, "" where nothing is; None where that cannot be said."""
    try:
        sections = _sections(number_format)
        numeric = sections[:-1] if _is_for_text(sections) else sections
        return _show(*_choose(value, numeric)) if numeric else plain_number(value)
    except (_NotSaidError, InvalidOperation):  # more digits than anything has
        return None


def show_text(text: str, number_format: str) -> str | None:
    """What is shown of a text, "" where nothing is; None where that cannot be said."""
    try:
        sections = _sections(number_format)
    except _NotSaidError:
        return None
    if not _is_for_text(sections):
        return text
    if sections[-1].has("white"):
        return None
    return "".join(text if kind == "at" else said for kind, said in sections[-1].tokens if kind in {"at", "text"})


def is_per_cent(number_format: str) -> bool:
    """Whether numbers are shown a hundred times as large, with a sign that says so; a quoted sign is a mere letter."""
    try:
        return _sections(number_format)[0].has("percent")
    except _NotSaidError:
        return False


def _is_for_text(sections: tuple[_Section, ...]) -> bool:
    return len(sections) > 3 or sections[-1].has("at")


@lru_cache(maxsize=256)
def _sections(number_format: str) -> tuple[_Section, ...]:
    if len(number_format) > _LONGEST:
        raise _NotSaidError
    found = [_parse(part) for part in _split(number_format or "General")]
    if len(found) > 4:
        raise _NotSaidError
    return tuple(found)


def _split(number_format: str) -> Iterator[str]:
    """The sections, parted at semicolons outside quotes, escapes and brackets."""
    at = 0
    while found := _SECTION.match(number_format, at):
        yield found[1]
        if not found[2]:
            return
        at = found.end()
    raise _NotSaidError


def _parse(section: str) -> _Section:
    condition, tokens, at = None, [], 0
    while at < len(section):
        found = _TOKEN.match(section, at)
        if not found or not found.lastgroup:
            raise _NotSaidError
        at, kind, said = found.end(), found.lastgroup, found[0]
        if kind == "bracket" and (bound := _CONDITION.fullmatch(said)):
            condition = bound[1], Decimal(bound[2])
        elif kind == "bracket":
            tokens += _read_bracket(said)
        elif kind == "text":
            tokens.append(("text", said[1:-1] if said[0] == '"' else said[1:]))
        elif kind == "space":
            tokens += [("text", " ")] if said[0] == "_" else []
        else:
            tokens.append(("text" if kind == "plain" else kind, said))
    return _Section(condition=condition, tokens=tuple(tokens))


def _read_bracket(said: str) -> list[_Token]:
    """A colour says nothing unless nobody may see it, a currency its sign, an elapsed time that it is one."""
    if _WHITE.fullmatch(said):
        return [("white", "")]
    if _COLOUR.fullmatch(said):
        return []
    if found := _CURRENCY.fullmatch(said):
        if said.upper() in {"[$-F800]", "[$-F400]"}:
            return [("moment", said)]
        return [("text", found[1])] if found[1] else []
    if re.fullmatch(r"\[(?:h+|m+|s+)\]", said, re.IGNORECASE):
        return [("moment", said)]
    raise _NotSaidError


def _choose(value: Decimal, sections: tuple[_Section, ...]) -> tuple[Decimal, _Section]:
    """The section for a number, and the number as it stands in it: one for negatives alone leaves its sign out."""
    for place, section in enumerate(sections):
        holds = section.condition or _usual_condition(place, len(sections))
        if holds is None or _HOLDS[holds[0]](value, holds[1]):
            if value < 0 and any(one.condition for one in sections) and section.has("digit", "general"):
                raise _NotSaidError  # programs differ over the sign
            return (abs(value) if place else value), section
    if len(sections) == 1:
        return value, _parse("General")
    raise _NotSaidError


def _usual_condition(place: int, count: int) -> tuple[str, Decimal] | None:
    nought = Decimal(0)
    if place == 0 and count > 1:
        return (">=" if count == 2 else ">"), nought
    return ("<", nought) if place == 1 and count > 2 else None


def _show(value: Decimal, section: _Section) -> str:
    tokens = section.tokens
    if section.has("moment", "white"):
        raise _NotSaidError
    if section.has("general", "at"):
        return _sign(value) + "".join(
            plain_number(abs(value)) if kind in {"general", "at"} else s for kind, s in tokens
        )
    if not section.has("digit"):
        return "".join(said for _, said in tokens)
    if section.has("slash"):
        return _show_fraction(value, tokens)
    shift = 2 * sum(kind == "percent" for kind, _ in tokens)
    tokens, thousands = _take_scaling(tokens)
    scaled = value.scaleb(shift - 3 * thousands)
    return _show_science(scaled, tokens) if section.has("science") else _show_decimal(scaled, tokens)


def _sign(value: Decimal) -> str:
    return "-" if value < 0 else ""


def _take_scaling(tokens: tuple[_Token, ...]) -> tuple[tuple[_Token, ...], int]:
    """Commas right behind the last digit of the whole part divide by a thousand each; all others group."""
    digits = [n for n, (kind, _) in enumerate(tokens) if kind == "digit"]
    point = next((n for n, (kind, _) in enumerate(tokens) if kind == "point"), None)
    scaling: set[int] = set()
    for last in {digits[-1], max((n for n in digits if point is not None and n < point), default=digits[-1])}:
        at = last + 1
        while at < len(tokens) and tokens[at][0] == "comma":
            scaling.add(at)
            at += 1
    return tuple(token for n, token in enumerate(tokens) if n not in scaling), len(scaling)


def _show_decimal(value: Decimal, tokens: tuple[_Token, ...]) -> str:
    """A number in its placeholders: those before the point fill from the right, those behind it from the left."""
    point = next((n for n, (kind, _) in enumerate(tokens) if kind == "point"), len(tokens))
    places = sum(kind == "digit" for kind, _ in tokens[point:])
    rounded = abs(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    whole, _, behind = f"{rounded:f}".partition(".")
    sign = "-" if value < 0 and rounded else ""
    return sign + _fill_whole(whole.lstrip("0"), tokens[:point]) + _fill_behind(behind, tokens[point:])


def _fill_whole(digits: str, tokens: tuple[_Token, ...]) -> str:
    """From the right, one digit a placeholder; the first takes all that are left. In groups of three where one asks."""
    marks = [said for kind, said in tokens if kind == "digit"]
    filling = {"0": "0", "?": " "}
    put = [digits[-n] if n <= len(digits) else filling.get(mark, "") for n, mark in enumerate(reversed(marks), start=1)]
    rest = digits[: max(0, len(digits) - len(marks))]
    is_grouped = any(kind == "comma" for kind, _ in tokens)
    if is_grouped:
        put = [f"{digit}{',' if n and n % 3 == 0 and digit.strip() else ''}" for n, digit in enumerate(put)]
    return _place_digits(tokens, put, _group(rest, len(marks)) if is_grouped else rest)


def _place_digits(tokens: tuple[_Token, ...], put: list[str], rest: str) -> str:
    out, left = [], list(put)
    for kind, said in tokens:
        if kind == "digit":
            out.append(rest + left.pop())
            rest = ""
        elif kind != "comma":
            out.append(said)
    return "".join(out) + rest


def _group(digits: str, behind: int) -> str:
    """Digits with a comma wherever a multiple of three follows, `behind` more of them included."""
    out = ""
    for n, digit in enumerate(reversed(digits), start=behind):
        out = f"{digit}{',' if n and n % 3 == 0 else ''}{out}"
    return out


def _fill_behind(digits: str, tokens: tuple[_Token, ...]) -> str:
    """What stands from the point on. Noughts at the end of what need not be filled are left out."""
    out, at = [], 0
    for kind, said in tokens:
        if kind != "digit":
            out.append(said)
            continue
        is_end = not digits[at:].strip("0")
        out.append({"#": "", "?": " "}.get(said, digits[at]) if is_end else digits[at])
        at += 1
    return "".join(out)


def _show_science(value: Decimal, tokens: tuple[_Token, ...]) -> str:
    mark = next(n for n, (kind, _) in enumerate(tokens) if kind == "science")
    head, tail = tokens[:mark], tokens[mark + 1 :]
    point = next((n for n, (kind, _) in enumerate(head) if kind == "point"), len(head))
    if sum(kind == "digit" for kind, _ in head[:point]) != 1:
        raise _NotSaidError
    power = value.adjusted() if value else 0
    places = sum(kind == "digit" for kind, _ in head[point:])
    if abs(value.scaleb(-power)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) >= 10:
        power += 1
    sign = "-" if power < 0 else tokens[mark][1][1].replace("-", "")
    return f"{_show_decimal(value.scaleb(-power), head)}E{sign}{_fill_whole(str(abs(power)).lstrip('0'), tail)}"


def _show_fraction(value: Decimal, tokens: tuple[_Token, ...]) -> str:
    """Halves, eighths ...: "# ?/?", "?/?", "# ?/4"."""
    shape = "".join(said for kind, said in tokens if kind in {"digit", "slash", "text"})
    found = re.fullmatch(r"\s*([#0?]+ +)?([#0?]+) ?/ ?([#0?]+|\d+)\s*", shape)
    if not found:
        raise _NotSaidError
    of = Fraction(abs(value))
    whole = int(of) if found[1] else 0
    part = of - whole
    fixed = int(found[3]) if found[3].strip("0").isdecimal() else 0
    near = Fraction(round(part * fixed), fixed) if fixed else part.limit_denominator(10 ** len(found[3]) - 1)
    if found[1] and near == 1:
        whole, near = whole + 1, Fraction(0)
    over, under = (near.numerator * fixed // near.denominator, fixed) if fixed else (near.numerator, near.denominator)
    said = f"{over}/{under}" if over or not found[1] else ""
    return _sign(value) + " ".join(filter(None, (str(whole) if whole or (found[1] and not said) else "", said)))
