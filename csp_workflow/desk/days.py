"""Reading a day as people write it: "5 November", "Wed 5th Nov 2014", "5/11/14", "2014-11-05"."""

from __future__ import annotations

import re
from datetime import date

from csp_workflow.terms.phrases import plain_day

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b[,.]?\s*(?:the\s+)?", re.IGNORECASE)
_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})(?:[/.](?P<year>\d{4}|\d{2}))?"),
    re.compile(
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<name>[a-z]{3,9})\.?,?(?:\s+(?P<year>\d{4}|\d{2}))?",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?(?:\s+(?P<year>\d{4}))?", re.IGNORECASE),
)


class DayNotRead(Exception):
    """A day could not be read, or contradicts itself; the sentence says how to write it."""


def read_day(text: str, *, today: date) -> date:
    """The day meant; without a year the next such day from `today` on. Raises DayNotRead."""
    text = text.strip().rstrip(".,")
    weekday = _WEEKDAY.match(text)
    plain = text[weekday.end() :] if weekday else text
    found = next((match for form in _FORMS if (match := form.fullmatch(plain))), None)
    parts = found.groupdict() if found else {}
    month = int(parts["month"]) if parts.get("month") else _month(parts.get("name") or "")
    if not found or not month:
        raise DayNotRead(f"'{text}' is not a day we can read. Write it like 5 November 2014.")
    day = _dated(int(found["day"]), month, parts.get("year") or "", text, today)
    if weekday and day.weekday() != _WEEKDAYS.index(weekday[1].lower()[:3]):
        meant = _NAMES[_WEEKDAYS.index(weekday[1].lower()[:3])]
        raise DayNotRead(f"{plain_day(day)} is a {_NAMES[day.weekday()]}, not a {meant}.")
    return day


def _month(name: str) -> int:
    """1 to 12 for a month's name or the beginning of it, 0 for anything else."""
    name = name.lower().replace("sept", "sep") if len(name) < 6 else name.lower()
    full = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october")
    names = (*full, "november", "december")
    fits = [n for n in range(12) if len(name) >= 3 and names[n].startswith(name)]
    return fits[0] + 1 if fits else 0


def _dated(day: int, month: int, year: str, text: str, today: date) -> date:
    wanted = (int(year) + (2000 if len(year) == 2 else 0)) if year else today.year
    try:
        found = date(wanted, month, day)
        return found if year or found >= today else date(wanted + 1, month, day)
    except ValueError:
        raise DayNotRead(f"There is no such day as '{text}'.") from None
