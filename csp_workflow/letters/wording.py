"""Cleaning and setting of text for letters: nothing invisible, one line where one is meant, lines of 72."""

from __future__ import annotations

import re
import textwrap

WIDTH = 72
"""Characters a line of plain text may have, so that it survives quoting."""

_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Control characters, lone surrogates, non-characters, and the marks that turn text round: a letter that plays
# somebody's words back must not show other words than it holds.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_MARKER = re.compile(r"^(\s*(?:(?:[-*•]|\d{1,2}[.)])\s+)?)")


def clean(text: str) -> str:
    """The text with plain line ends and without control characters, lone surrogates or turning marks."""
    text = _BREAKS.sub("\n", text)
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _UNSEEN.sub("", text))


def one_line(text: str) -> str:
    """The text cleaned, on one line, with single spaces."""
    return " ".join(clean(text).split())


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
