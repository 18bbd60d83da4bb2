"""The inputs of a form, and what stands in each of them, whoever sent it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Input(StrEnum):
    """Which input of a row: the field of `ReadFigureRow` or `ReadText` that has its cell.

    THIS_QUARTER of a share is how many, or a per cent with its sign, on forms of before too.
    """

    OUT_OF = "out_of"
    THIS_QUARTER = "this_quarter"
    STATUS = "status"
    DROVE_IT = "drove_it"
    NOTE = "note"
    VALUE = "value"
    EXTRA = "extra"
    QUICK = "quick"
    PROMISE_NOW = "promise_now"


@dataclass(frozen=True, kw_only=True)
class InputText:
    """What stands in one input of a return: the row's key, which input, the text, and the version that brought it."""

    key: str
    input: Input
    text: str
    version: int
