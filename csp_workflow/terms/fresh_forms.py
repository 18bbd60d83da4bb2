"""What a form for corrections holds beside what every form asks: what was sent before, and what is asked about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A cell to be asked about in a fresh form: its row, its column, what was seen there, and what is asked."""

    sheet: str
    key: str
    column: str
    sentence: str
    is_fault: bool
    saw: str = ""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What a fresh form is filled with: the text each input held, by (sheet, key, column)."""

    values: tuple[tuple[str, str, str, str], ...] = ()
    marks: tuple[Mark, ...] = ()
