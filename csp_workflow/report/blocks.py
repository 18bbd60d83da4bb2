"""What a paper is made of, before it is Word: headings, paragraphs and tables as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading below the title; level 2 or 3."""

    text: str
    level: int = 2


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """A paragraph that takes the next number; numbers run through all headings."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Plain:
    """A paragraph without a number. `lead` is printed bold before it; `quoted` marks somebody's own words.

    `about` says whose they are (a respondent's key) and of what (a ref).
    """

    text: str
    lead: str = ""
    quoted: bool = False
    about: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Lines that belong together: an officer to contact, an address."""

    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with one header row. `weights` share out the width; `numeric` columns (from 0) stand right.

    A cell with line ends holds a list, an item a line, when `bulleted` names its column.
    """

    caption: str
    description: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    weights: tuple[int, ...]
    numeric: tuple[int, ...] = ()
    bulleted: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Landscape:
    """From here on the pages lie on their side."""


@dataclass(frozen=True, kw_only=True)
class NewPage:
    """A new page begins."""


Block = Heading | Numbered | Plain | Lines | Table | Landscape | NewPage


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A whole paper. `as_at` is when its data were cut; `draft` prints the draft marking and the date it binds to."""

    board: str
    title: str
    meeting: date
    as_at: datetime
    marking: str
    not_before: date
    blocks: tuple[Block, ...]
    draft: bool = True
