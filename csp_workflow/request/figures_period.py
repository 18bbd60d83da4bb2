"""Periods and days as people write them in files of figures."""

from __future__ import annotations

import re
from datetime import date

from csp_workflow.terms.dates import Quarter

_FLAGS = re.IGNORECASE | re.ASCII
_YEARS = r"((?:19|20)\d{2})\s*[/-]\s*(?:20)?(\d{2})"
_QUARTER = re.compile(
    r"(?<!\d)" + _YEARS + r"[\s,_-]*(?:quarter|qtr|q)\s*([1-4])(?!\d)",
    _FLAGS,
)
_QUARTER_FIRST = re.compile(
    r"(?<![a-z])(?:quarter|qtr|q)\s*([1-4])[\s,_-]*(?:of\s+)?" + _YEARS + r"(?!\d)",
    _FLAGS,
)
_YEAR = re.compile(
    r"(?<![\d/-])" + _YEARS + r"(?![\d/-])(?!\s*[,_-]?\s*q(?:uarter|tr)?\s*\d)",
    _FLAGS,
)
_MONTHS = re.compile(
    r"\b(apr|jul|oct|jan)[a-z]*\s*(?:\d{4}\s*)?(?:to|-|\N{EN DASH}|until)\s*(jun|sep|dec|mar)[a-z]*\s+((?:19|20)\d{2})",
    _FLAGS,
)
_ENDS = {("apr", "jun"): 1, ("jul", "sep"): 2, ("oct", "dec"): 3, ("jan", "mar"): 4}
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_WORDED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3})[a-z]*\.?\s+((?:19|20)\d{2})", _FLAGS)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def periods_in(text: str) -> tuple[str, ...]:
    """Every different period a text names, as the store writes them: "2014/15-Q2" or "2011/12"."""
    found: list[str] = []
    for pattern, order in ((_QUARTER, (0, 1, 2)), (_QUARTER_FIRST, (1, 2, 0))):
        for match in pattern.finditer(text):
            year, following, number = (match.groups()[place] for place in order)
            found += _quarter(year, following, number)
        text = pattern.sub(" ", text)
    for match in _MONTHS.finditer(text):
        number = _ENDS.get((match[1].lower(), match[2].lower()))
        if number:
            year = int(match[3]) - (number == 4)
            found.append(Quarter(year, number).key)
    for match in _YEAR.finditer(text):
        if (int(match[1]) + 1) % 100 == int(match[2]):
            found.append(f"{match[1]}/{match[2]}")
    return tuple(dict.fromkeys(found))


def period_of(text: str) -> str:
    """The one period a cell names and nothing else, or ""."""
    found = periods_in(text)
    rest = text
    for pattern in (_QUARTER, _QUARTER_FIRST, _MONTHS, _YEAR):
        rest = pattern.sub(" ", rest)
    words = re.sub(r"financial year|quarter|\(|\)|[\s,.:-]", "", rest, flags=re.IGNORECASE)
    return found[0] if len(found) == 1 and not words else ""


def end_of(period: str) -> date:
    """The last day of a period as the store writes it."""
    if "Q" in period:
        return Quarter.parse(period).end
    return date(int(period[:4]) + 1, 3, 31)


def day_of(text: str) -> date | None:
    """A day: 2014-10-14, 14/10/2014 or 14 October 2014; None for anything else."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}(T.*)?", text):
            return date.fromisoformat(text[:10])
        slashed = _SLASHED.fullmatch(text)
        if slashed:
            return date(int(slashed[3]), int(slashed[2]), int(slashed[1]))
        worded = _WORDED.fullmatch(text)
        if worded and worded[2].lower() in _NAMES:
            return date(int(worded[3]), _NAMES.index(worded[2].lower()) + 1, int(worded[1]))
    except ValueError:
        return None
    return None


def _quarter(year: str, following: str, number: str) -> list[str]:
    if (int(year) + 1) % 100 != int(following):
        return []
    return [Quarter(int(year), int(number)).key]
