"""How a board's paper is laid out, who must agree to it, and what of it is shown before it is cleared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class ReportHeading:
    """One heading of a paper: `kind` is what fills it ("text", "introduction", "performance", ...)."""

    title: str
    kind: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class TermsClause:
    """A heading of the terms of reference for the performance product; an empty line in its text parts paragraphs."""

    title: str
    text: str


class ReaderRole(StrEnum):
    """What somebody beside the co-ordinator says yes to before a paper is cleared."""

    SECOND = "second reader"
    ACCURACY = "factual accuracy"


@dataclass(frozen=True, kw_only=True)
class PaperReader:
    """Somebody whose yes to exactly one file a board's paper needs before it is cleared."""

    name: str
    address: str
    role: ReaderRole
    phone: str = ""


class EditedWords(StrEnum):
    """Where it is said that the office changed somebody's own words."""

    LETTER = "letter"
    """In the letter that shows its page to a partnership, which then goes to its chair too."""
    PAPER = "paper"
    """Beside the words in the paper."""
    BOTH = "both"


@dataclass(frozen=True, kw_only=True)
class ReportForm:
    """How one board's paper is laid out, and who must agree to it.

    A board that `takes_requests` is asked what partnerships ask. The partnerships have `objection_days` working days to
    object to what is printed about them (0: they are not shown). With `own_pages` a lead whose return is approved gets
    a page of its own areas, while the paper is not out.
    """

    board: str
    title: str
    marking: str
    headings: tuple[ReportHeading, ...]
    officers: tuple[tuple[str, ...], ...]
    background_papers: tuple[str, ...] = ()
    readers: tuple[PaperReader, ...] = ()
    objection_days: int = 2
    edited_words: EditedWords = EditedWords.BOTH
    takes_requests: bool = True
    own_pages: bool = False

    @property
    def prints_standing(self) -> bool:
        """Whether it says of each partnership whether its return came and was approved."""
        return any(heading.kind == "contributions" for heading in self.headings)
