"""A day as people write it: "5 November", "Wed 5th Nov 2014", "5/11/14", "Wednesday", "tomorrow", "in two weeks".

What can be meant in two ways, or contradicts itself, is never guessed.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from csp_workflow.terms.dates import WorkingDays
from csp_workflow.terms.phrases import day as full_day
from csp_workflow.terms.phrases import plain_day, plural

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBERS = ("a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WEEKDAY = r"(?P<name>mon|tue(?:s)?|wed(?:s|nes)?|thu(?:r|rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[,.]?(?:\s+the\b(?=\s+\d))?"
_ON_A_WEEKDAY = re.compile(
    rf"(?P<how>(?:(?:this|next|coming|the|on)\s+)*)(?P<later>a?\s*week\s+on\s+)?{_WEEKDAY}(?P<week>\s+week\b)?",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?P<named>today|tomorrow|(?:the\s+)?day\s+after\s+tomorrow)\b,?", re.IGNORECASE)
_COUNTED = re.compile(
    rf"(?P<since>in\s+)?(?P<count>{'|'.join(_NUMBERS)}|[1-9]\d?)\s+(?P<unit>day|week|fortnight)s?\b"
    r"(?P<on>['\u2019]?s?['\u2019]?\s+time|\s+from\s+(?:now|today))?,?",
    re.IGNORECASE,
)
_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})[/.](?P<month>\d{1,2})(?:[/.](?P<year>\d{4}|\d{2}))?"),
    re.compile(r"(?P<day>\d{1,2})-(?P<month>\d{1,2})-(?P<year>\d{4}|\d{2})"),
    re.compile(r"(?P<day>\d{1,2})-(?P<name>[a-z]{3,9})(?:-(?P<year>\d{4}|\d{2}))?", re.IGNORECASE),
    re.compile(
        r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?(?:\s+of)?\s+(?P<name>[a-z]{3,9})\.?,?(?:\s+(?P<year>\d{4}|\d{2}))?",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?(?:\s+(?P<year>\d{4}))?", re.IGNORECASE),
)
_BEGINS_DAY = re.compile(r"\d|(?:mon|tues?|wed|thu|fri|sat|sun|tomorrow|end)", re.IGNORECASE)
_END = re.compile(r"(?:the\s+)?(?:end|last day)\s+of\s+(?P<of>(?:the|this)\s+month|[a-z]{3,9})", re.IGNORECASE)
_TIME = r"(?:5(?:[.:]00)?\s?pm|17[.:]?00|c\.?o\.?b|e\.?o\.?d|(?:close|end) of (?:play|business|(?:the )?day))"
_CLOSE_OF_DAY = re.compile(rf"^(?:by |at )?{_TIME}[\s,]+(?:on\s+)?|[\s,]+(?:by |at )?{_TIME}$", re.IGNORECASE)
"""The end of a working day, at which everything is due: it says nothing more than the day."""
_SPELT = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
)
_SPELT += " sixteenth seventeenth eighteenth nineteenth twentieth"
_ORDINALS = {word: number for number, word in enumerate(_SPELT.split(), start=1)} | {"thirtieth": 30}
_AS_WORD = re.compile(rf"\b(?:(?P<tens>twenty|thirty)[\s-]+)?(?P<one>{'|'.join(_ORDINALS)})\b", re.IGNORECASE)
_OF_THE_MONTH = re.compile(r"(?:the\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)", re.IGNORECASE)
_LONGER = re.compile(
    rf"(?P<by>(?:by|for|of)\s+)?(?:an?\s+)?(?P<more>(?:another|more|extra|further|additional)\s+)?"
    rf"(?:(?P<count>{'|'.join(_NUMBERS)}|[1-9]\d?)\s+)?(?P<again>(?:(?:more|extra|further|additional)\s+)?)(?P<working>working\s+)?"
    r"(?P<unit>day|week|fortnight)s?\b(?:['\u2019]s?)?(?P<longer>\s+(?:longer|more|extra|later|extension))?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_UNIT = r"(?:working\s+)?(?:day|week|fortnight|month)s?\b"
_PART = re.compile(
    rf"(?:(?:by|for|of|in|another|an?)\s+)*(?:(?:\d+[.,]\d+|\d*\s?[\u00bc-\u00be]|(?:\d+\s+)?\d{{1,2}}[/\u2044]\d|half)\s*(?:an?\s+)?{_UNIT}"
    rf"|(?:(?:{'|'.join(_NUMBERS)}|\d+)\s+)?(?:{_UNIT}\s+)?and\s+a\s+half\b)",
    re.IGNORECASE,
)
"""A length that may be reckoned in several ways: "1.5 weeks", "a week and a half", "half a month"."""
_PARTING = re.compile(r"^[,;:(\u2013\u2014-]|^(?:because|as|since|due to|owing to)\b", re.IGNORECASE)
_LATELY = timedelta(days=60)
"""Nobody means next year by a day that was so lately."""
_LONGEST = 8


class DayNotRead(Exception):
    """A day could not be read; the sentence says how to write it."""


class DayInDoubt(DayNotRead):
    """A day contradicts itself or may be one of two; the sentence says which."""


def split_day(text: str, *, today: date) -> tuple[date, str]:
    """The day that some words begin with, and what follows it. Raises DayNotRead.

    A day without its month ("Wednesday", "the 5th") must be parted from what follows: "Wednesday after next" is none.
    """
    words = text.split()
    for count in range(min(len(words), _LONGEST), 0, -1):
        said, rest = " ".join(words[:count]), " ".join(words[count:])
        try:
            found = read_day(said.rstrip(",;:-\u2013\u2014"), today=today)
        except DayInDoubt:
            raise
        except DayNotRead:
            continue
        is_parted = not rest or said[-1] in ",;:-\u2013\u2014)" or _PARTING.match(rest)
        if is_parted or _absolute(said, today):
            return found, rest
        raise DayInDoubt(f"Where '{text}' stops being a day is not clear. Write the day, then BECAUSE and the reason.")
    raise DayNotRead(f"'{' '.join(words[:_LONGEST])}' is not a day we can read. Write it like 5 November 2014.")


@dataclass(frozen=True, kw_only=True)
class Longer:
    """So many days more than somebody has: "another week", "two working days longer"."""

    days: int
    is_working: bool = False

    def __str__(self) -> str:
        return plural(self.days, "working day" if self.is_working else "day")

    def reckon(self, due: date, working: WorkingDays) -> date:
        """The day that it makes of the one that stands."""
        return working.plus(due, self.days) if self.is_working else due + timedelta(days=self.days)


def split_longer(text: str) -> tuple[Longer, str] | None:
    """How much longer some words begin with, and what follows it; None where they do not, or where it may be counted
    from today ("a week", "in a week", "a week from today")."""
    found = _LONGER.fullmatch(text.strip())
    if not found or not any(found[word] for word in ("by", "more", "again", "longer")):
        return None
    rest, count = found["rest"].strip(" .?!"), (found["count"] or "one").lower()
    if rest and not _PARTING.match(rest):
        return None
    number = int(count) if count.isdigit() else max(_NUMBERS.index(count), 1)
    days = {"day": 1, "week": 7, "fortnight": 14}[found["unit"].lower()]
    if found["working"] and days > 1:
        return None
    return Longer(days=number * days, is_working=bool(found["working"])), rest


def read_day(text: str, *, today: date) -> date:
    """The day meant; without a year the next such day from `today` on. Raises DayNotRead."""
    if part := _PART.match(text.strip()):
        raise DayInDoubt(f"'{part[0]}' may be reckoned in several ways. Write the date.")
    said = _AS_WORD.sub(_write_ordinal, " ".join(re.sub(r"[()]", " ", text).split()).strip(".,"))
    said = _CLOSE_OF_DAY.sub("", said)
    named = _on_a_weekday(said, today) or _relative(said, today) or _of_the_month(said, today)
    found = named or _absolute(said, today) or _end_of_month(said, today)
    if found is None:
        raise DayNotRead(f"'{text.strip()}' is not a day we can read. Write it like 5 November 2014.")
    return found


def _relative(said: str, today: date) -> date | None:
    named, counted = _NAMED.match(said), _COUNTED.match(said)
    if named:
        days = {"today": 0, "tomorrow": 1}.get(named["named"].lower(), 2)
    elif counted:
        count = counted["count"].lower()
        number = int(count) if count.isdigit() else max(_NUMBERS.index(count), 1)
        days = number * {"day": 1, "week": 7, "fortnight": 14}[counted["unit"].lower()]
    else:
        return None
    found = today + timedelta(days=days)
    rest = said[(named or counted).end() :].strip()  # type: ignore[union-attr]
    if counted and not (counted["since"] or counted["on"] or rest):
        raise DayInDoubt(f"'{said}' does not say from when it counts. Write the date.")
    return _agree(said, (found,), rest, today)


def _on_a_weekday(said: str, today: date) -> date | None:
    """ "Wednesday" is the next one; "next Wednesday" only where that and the one of next week are the same day."""
    match = _ON_A_WEEKDAY.match(said)
    if not match:
        return None
    wanted, rest = _WEEKDAYS.index(match["name"].lower()[:3]), said[match.end() :].strip()
    following = today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    if match["week"] or match["later"]:
        return _agree(said, (following + timedelta(days=7),), rest, today)
    if "next" in match["how"].lower().split():
        of_next_week = today + timedelta(days=wanted - today.weekday() + 7)
        return _agree(said, (following, of_next_week), rest, today)
    return _agree(said, (following,), rest, today) if not rest else _dated_weekday(wanted, rest, today)


def _agree(said: str, meant: tuple[date, ...], rest: str, today: date) -> date | None:
    """The one day meant; beside a date it must be that date."""
    dated = read_day(rest, today=today) if rest else None
    if dated is not None and dated in meant:
        return dated
    days = sorted(set(meant))
    if dated is not None:
        raise DayInDoubt(f"'{said}' contradicts itself: {full_day(dated)} is not {full_day(days[0])}.")
    if len(days) > 1:
        either = " or ".join(full_day(one) for one in days)
        raise DayInDoubt(f"'{said}' may be {either}. Write the date.")
    return days[0]


def _dated_weekday(wanted: int, rest: str, today: date) -> date | None:
    dated = _of_the_month(rest, today) or _absolute(rest, today)
    if dated is not None and dated.weekday() != wanted:
        raise DayInDoubt(
            f"{plain_day(dated)} is a {calendar.day_name[dated.weekday()]}, not a {calendar.day_name[wanted]}."
        )
    return dated


def _of_the_month(said: str, today: date) -> date | None:
    """ "The 5th": the next such day."""
    match = _OF_THE_MONTH.fullmatch(said)
    if not match:
        return None
    months = ((today.year + (today.month + more - 1) // 12, (today.month + more - 1) % 12 + 1) for more in range(3))
    days = (date(y, m, int(match["day"])) for y, m in months if 1 <= int(match["day"]) <= calendar.monthrange(y, m)[1])
    found = next((one for one in days if one >= today), None)
    if found is None:
        raise DayInDoubt(f"There is no such day as '{said}'.")
    return found


def _write_ordinal(found: re.Match[str]) -> str:
    tens = {"twenty": 20, "thirty": 30}.get((found["tens"] or "").lower(), 0)
    return f"{tens + _ORDINALS[found['one'].lower()]}th"


def _end_of_month(said: str, today: date) -> date | None:
    """ "End of October", "the end of the month": its last day."""
    match = _END.fullmatch(said)
    month = (today.month if " " in match["of"] else _month(match["of"])) if match else 0
    year = today.year + (month < today.month)
    return date(year, month, calendar.monthrange(year, month)[1]) if month else None


def _absolute(said: str, today: date) -> date | None:
    """A day with its month, or None. Raises DayInDoubt when there is no such day."""
    said = re.sub(r"^(?:on\s+)?(?:the\s+)?", "", said.strip(" .,;:-\u2013\u2014"), flags=re.IGNORECASE)
    weekday = re.match(rf"{_WEEKDAY}\s*", said, re.IGNORECASE)
    said = said[weekday.end() :] if weekday else said
    found = next((match for form in _FORMS if (match := form.fullmatch(said))), None)
    parts = found.groupdict() if found else {}
    month = int(parts["month"]) if parts.get("month") else _month(parts.get("name") or "")
    return _dated(int(found["day"]), month, parts.get("year") or "", said, today) if found and month else None


def _month(name: str) -> int:
    """1 to 12 for a month's name or the beginning of it, 0 for anything else."""
    name = name.lower().replace("sept", "sep") if len(name) < 6 else name.lower()
    months = [month.lower() for month in calendar.month_name]
    fits = [number for number, month in enumerate(months) if len(name) >= 3 and month.startswith(name)]
    return fits[0] if fits else 0


def _dated(day: int, month: int, year: str, said: str, today: date) -> date:
    wanted = (int(year) + (2000 if len(year) == 2 else 0)) if year else today.year
    try:
        found = date(wanted, month, day)
        coming = found if year or found >= today else date(wanted + 1, month, day)
    except ValueError:
        raise DayInDoubt(f"There is no such day as '{said}'.") from None
    if coming != found and today - found <= _LATELY:
        raise DayInDoubt(f"{full_day(found)} is past. If you mean {full_day(coming)}, write the year as well.")
    return coming


def find_named_day(words: str, today: date) -> date | None:
    """The first day after today that some words name: by number or weekday, as tomorrow, or as the end of a month."""
    said = re.sub(r"[?!.]+(?=\s|$)", ",", words).split()
    for at, word in enumerate(said):
        if not _BEGINS_DAY.match(word):
            continue
        try:
            found, _ = split_day(" ".join(said[at:]), today=today)
        except DayNotRead:
            continue
        if found > today:
            return found
    return None
