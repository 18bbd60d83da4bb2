"""The last day of somebody's absence, as far as the words of an automatic reply tell it. A hint, never data."""

from __future__ import annotations

import re
from datetime import date, timedelta

from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.working_days import in_london

_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS if name != "september") + "|sept?(?:ember)?"
_DAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?(?:the )?"
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b,?(?: (?P<year>\d{{4}}))?"
)
_SLASHED = r"(?P<d>\d{1,2})[/.](?P<m>\d{1,2})(?:[/.](?P<y>\d{2,4}))?"
_UNTIL = re.compile(
    r"(?P<how>until|till|through to|back on|back in the office on|returning on|return on|returning|back|return)"
    rf"(?: to (?:work|the office))?(?: on)?:? (?:{_DAY}|{_SLASHED})",
    re.IGNORECASE,
)
_LONGEST_ABSENCE = timedelta(days=200)


def last_day_away(message: IncomingMessage) -> date | None:
    """The last day away, as far as the words tell: the day named after "until", the day before "back on"."""
    today = in_london(message.received).date()
    match = _UNTIL.search(" ".join(message.text[:5_000].split()))
    day = _named_day(match, today) if match else None
    if day is None or match is None or not today <= day <= today + _LONGEST_ABSENCE:
        return None
    is_last = match["how"].lower() in {"until", "till", "through to"}
    return day if is_last or day == today else day - timedelta(days=1)


def _named_day(match: re.Match[str], today: date) -> date | None:
    """A day without a year is the next such day."""
    if match["day"]:
        number, month = int(match["day"]), _month(match["month"])
        year = int(match["year"]) if match["year"] else 0
    else:
        number, month = int(match["d"]), int(match["m"])
        year = int(match["y"]) if match["y"] else 0
    if 0 < year < 100:
        year += 2000
    for candidate in (year,) if year else (today.year, today.year + 1):
        try:
            day = date(candidate, month, number)
        except ValueError:
            return None
        if year or day >= today:
            return day
    return None


def _month(name: str) -> int:
    return next(at for at, month in enumerate(_MONTHS, start=1) if month.startswith(name.lower()[:3]))
