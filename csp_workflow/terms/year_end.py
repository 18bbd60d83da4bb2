"""What the fourth quarter asks beside a usual one: the year's account, in texts and objective by objective."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FIRST_OF_TEXT = "Y"
"""How the ref of a text about the year begins."""


def is_text_of_year(ref: str) -> bool:
    """Whether a ref is that of a text about the year."""
    return bool(re.fullmatch(rf"{FIRST_OF_TEXT}\d{{1,2}}", ref))


@dataclass(frozen=True, kw_only=True)
class YearText:
    """One text about the year: `ref` is "Y1", `words` how many do; one that is `printed` is quoted in the annual paper,
    any other stands in the workbook beside it."""

    ref: str
    title: str
    prompt: str
    words: int = 120
    required: bool = True
    printed: bool = True


@dataclass(frozen=True, kw_only=True)
class YearEnd:
    """What a partnership is asked about the year; with `objectives` also what each objective came to, and whether it
    goes on."""

    objectives: bool = False
    texts: tuple[YearText, ...] = ()

    def __bool__(self) -> bool:
        return self.objectives or bool(self.texts)

    def list_printed(self) -> Iterator[YearText]:
        """The texts that the annual paper quotes."""
        return (text for text in self.texts if text.printed)


NO_YEAR_END = YearEnd()
