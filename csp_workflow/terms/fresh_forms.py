"""What a form for corrections holds beside what every form asks: what was sent before, and what is asked about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar


class _Asked(Protocol):
    @property
    def is_fault(self) -> bool: ...


Q = TypeVar("Q", bound=_Asked)


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


def order_questions(asked: Iterable[Q]) -> list[Q]:
    """What is asked, in the order in which it is numbered from Q1 on: what must be mended first."""
    return sorted(asked, key=lambda one: not one.is_fault)
