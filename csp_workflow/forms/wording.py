"""Text on its way into a workbook: cleaned, measured for its cell, and dates as people say them."""

from __future__ import annotations

import math
import re
import textwrap
from datetime import date, datetime

from csp_workflow.terms.dates import in_london

CELL_LIMIT = 32_767
_LINE_POINTS = 13.2
_ROW_LIMIT = 409.0
_BREAKS = re.compile(r"\r\n|\r|\x0b|\x0c|\u2028|\u2029")
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,9})?")


def clean(text: str) -> str:
    """Text that every spreadsheet program accepts: no control characters, one kind of line break, not too long."""
    if text.isprintable() and len(text) <= CELL_LIMIT:
        return text
    return _UNFIT.sub("", _BREAKS.sub("\n", text))[:CELL_LIMIT]


def is_plain_number(text: str) -> bool:
    """Whether a typed text is a number beyond doubt, to be written as one."""
    return bool(_PLAIN_NUMBER.fullmatch(text)) and len(text.replace(".", "")) <= 15


def lines(text: str, width: float, *, bold: bool = False) -> int:
    """How many lines a text takes in a column so many characters wide, on the safe side."""
    room = max(4, int((width - 1.3) * (1.04 if bold else 1.15)))
    return sum(len(textwrap.wrap(line, room)) if len(line) > room else 1 for line in text.split("\n"))


def row_height(count: int) -> float:
    """The height in points of a row of so many lines, within what a spreadsheet allows."""
    return min(_ROW_LIMIT, math.ceil(count * _LINE_POINTS + 5))


def words(text: str) -> int:
    """How many words, as the form's own formula counts them."""
    return len([word for word in text.replace("\n", " ").split(" ") if word])


def day(when: date) -> str:
    """Such as "Thursday 30 October 2014"."""
    return f"{when:%A} {when.day} {when:%B %Y}"


def moment(when: datetime) -> str:
    """Such as "5pm on Thursday 30 October 2014", in London time."""
    local = in_london(when)
    hour = local.hour % 12 or 12
    minutes = f".{local.minute:02d}" if local.minute else ""
    half = "am" if local.hour < 12 else "pm"
    return f"{'midday' if (local.hour, local.minute) == (12, 0) else f'{hour}{minutes}{half}'} on {day(local.date())}"
