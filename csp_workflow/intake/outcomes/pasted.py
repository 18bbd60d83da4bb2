"""Figures pasted into the words of a message: seen, never read."""

from __future__ import annotations

import re

from csp_workflow.terms.messages import IncomingMessage

_FEWEST_ROWS = 2
_FIGURE = re.compile(r"[-+]?£?\d{1,3}(?:,?\d{3})*(?:\.\d+)? ?%?")
_WORDS = re.compile(r"[A-Za-z]{2,}|\bM\d")


def holds_figures(message: IncomingMessage) -> bool:
    """Whether the new part of a message has a table like ours: rows that name something and give a figure."""
    return sum(map(_is_row_of_figures, message.rows)) >= _FEWEST_ROWS


def _is_row_of_figures(row: str) -> bool:
    cells = [cell.strip() for cell in row.split("\t") if cell.strip()]
    figures = [cell for cell in cells if _FIGURE.fullmatch(cell)]
    return bool(figures) and any(_WORDS.search(cell) for cell in cells if cell not in figures)
