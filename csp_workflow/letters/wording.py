"""Setting of plain text for letters: straight quotation marks, lines of 72."""

from __future__ import annotations

import re
import textwrap

WIDTH = 72
"""Characters a line of plain text may have, so that it survives quoting."""

_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_MARKER = re.compile(r"^(\s*(?:(?:[-*•]|\d{1,2}[.)])\s+)?)")


def straight(text: str) -> str:
    """The text with straight quotation marks, as plain text has them throughout."""
    return text.translate(_STRAIGHT)


def wrapped(text: str) -> str:
    """Plain text with long lines broken at about 72 and never more than one empty line together.

    Lines are never joined; a broken list item hangs under its own text.
    """
    lines = (line.rstrip() for line in text.strip().splitlines())
    return re.sub("\n{3,}", "\n\n", "\n".join(_wrapped_line(line) for line in lines)) + "\n"


def _wrapped_line(line: str) -> str:
    if len(line) <= WIDTH:
        return line
    marker = _MARKER.match(line)
    hang = " " * min(len(marker[1]) if marker else 0, WIDTH // 2)
    return textwrap.fill(
        line, WIDTH, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
