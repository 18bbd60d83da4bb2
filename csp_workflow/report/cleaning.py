"""Text as Word can hold it: what XML forbids is replaced visibly, once, at the boundary."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EXCEL_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def clean(text: str) -> str:
    """Line ends as one, Excel's "_x000D_" undone, vertical tabs as line ends, what XML forbids as U+FFFD."""
    text = _EXCEL_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
    text = re.sub("\r\n?|[\v\f\x85\u2028]", "\n", text)
    return _FORBIDDEN.sub("\ufffd", text)


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of somebody's writing, none of them empty."""
    return tuple(part.strip() for part in clean(text).split("\n") if part.strip())
