"""How dates, numbers and lists are said to people: the filters of every template. British English, London time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from csp_workflow.terms.dates import in_london
from csp_workflow.terms.figures import Figure, FigureStatus

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def day(when: date) -> str:
    """Such as "Thursday 30 October 2014". An aware instant is said as its day in London."""
    local = _local_day(when)
    return f"{local:%A} {local.day} {local:%B} {local.year}"


def short_day(when: date) -> str:
    """Such as "30 Oct 2014", for tables."""
    local = _local_day(when)
    return f"{local.day} {local:%b} {local.year}"


def clock(when: datetime) -> str:
    """The London wall-clock time as people say it: "5pm", "9:30am", "midday", "midnight"."""
    local = in_london(_aware(when))
    if local.minute == 0 and local.hour in (0, 12):
        return "midday" if local.hour else "midnight"
    minutes = f":{local.minute:02d}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'pm' if local.hour >= 12 else 'am'}"


def moment(when: datetime) -> str:
    """Such as "5pm on Thursday 30 October 2014", London time, whatever zone the instant is kept in."""
    return f"{clock(when)} on {day(when)}"


def number(value: Decimal | int | float | None) -> str:
    """Such as "1,204" or "12.5". None, a value that is not there, is said as "no figure"."""
    if value is None:
        return "no figure"
    text = f"{Decimal(str(value)):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def figure(value: Figure | None) -> str:
    """A figure as one phrase: "1,204", "1,204 (provisional)", "suppressed". None is "not supplied"."""
    if value is None:
        return "not supplied"
    if value.status is FigureStatus.NIL or value.value is None:
        return str(value.status)
    said = number(value.value)
    return said if value.status is FigureStatus.FINAL else f"{said} ({value.status})"


def words(count: int) -> str:
    """A small count in words ("two"), from ten in figures ("12")."""
    return _WORDS[count] if 0 <= count < len(_WORDS) else number(count)


def plural(count: int, one: str, many: str = "", *, spelt: bool = False) -> str:
    """A count with its noun: "1 cell", "2 cells", "3 replies"; with `spelt` small counts are in words."""
    noun = one if count == 1 else many or _many(one)
    return f"{words(count) if spelt else number(count)} {noun}"


def joined(things: Iterable[object], word: str = "and") -> str:
    """Such as "A", "A and B" or "A, B and C"; "" for nothing."""
    texts = [str(thing) for thing in things]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def capital(text: str) -> str:
    """The text with its first letter as a capital; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def paragraphs(text: str) -> Markup:
    """Several lines of somebody's writing as HTML paragraphs, escaped; for body.html only."""
    lines = [line.strip() for line in str(text).splitlines()]
    return Markup("").join(Markup("<p>{}</p>").format(escape(line)) for line in lines if line)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "day": day,
    "short_day": short_day,
    "clock": clock,
    "moment": moment,
    "number": number,
    "figure": figure,
    "words": words,
    "plural": plural,
    "joined": joined,
    "capital": capital,
    "paragraphs": paragraphs,
}
"""Every filter a template may use, beside Jinja's own."""


def _many(one: str) -> str:
    if one.endswith("y") and one[-2:-1] not in "aeiou":
        return f"{one[:-1]}ies"
    if one.endswith(("s", "x", "ch", "sh")):
        return f"{one}es"
    return f"{one}s"


def _local_day(when: date) -> date:
    return in_london(_aware(when)).date() if isinstance(when, datetime) else when


def _aware(when: datetime) -> datetime:
    """A naive time has no meaning to people in two zones. Raises ValueError on one."""
    if when.tzinfo is None:
        raise ValueError("A time without a zone cannot be said to people.")
    return when
