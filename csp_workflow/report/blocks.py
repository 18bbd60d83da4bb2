"""What a paper is made of, before it is Word: headings, paragraphs and tables as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Run:
    """A stretch of text that is more than its words.

    `strong` stands out, `quiet` steps back. `figure` is the key of the figure that it prints, so that it can be traced
    from the file. `to` is the anchor of what it refers to: "4", "Table 2" or "Figure 1" is printed after the text.
    """

    text: str = ""
    strong: bool = False
    quiet: bool = False
    figure: str = ""
    to: str = ""


Text = str | tuple[Run, ...]
"""Plain text, or runs one after another."""


def plain_text(text: Text) -> str:
    """What a text says, without what its runs are beside it."""
    return text if isinstance(text, str) else "".join(run.text for run in text)


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading below the title; level 2 or 3."""

    text: str
    level: int = 2


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """A paragraph that takes the next number; numbers run through all headings.

    `anchor` is by what another paragraph refers to it. `key` names it from one draft to the next, whatever it says:
    what the co-ordinator writes in its place is kept by it. A key that comes again counts on: "key#2".
    """

    text: Text
    anchor: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Lettered:
    """An item of a list (a), (b), (c) below a numbered paragraph; each numbered paragraph begins a new list."""

    text: Text
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Plain:
    """A paragraph without a number. `lead` stands above it on a line of its own; `quoted` marks somebody's own words.

    `about` says whose they are (a respondent's key) and of what (a ref); quoted words are found again by the key
    "words/RESPONDENT/REF", and others by their own `key` where they have one.
    """

    text: str
    lead: str = ""
    quoted: bool = False
    about: tuple[str, str] | None = None
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Lines that belong together: an officer to contact, an address."""

    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with one header row. `weights` share out the width; `numeric` columns (from 0) stand right.

    A cell with line ends holds a list, an item a line of plain text, when `bulleted` names its column. A heavier rule
    stands above the rows (from 0) that `ruled` names, and `note` below the table. The caption is numbered as it is
    written. A column is wider than its weight where its longest word needs it.
    """

    caption: str
    description: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    weights: tuple[int, ...]
    numeric: tuple[int, ...] = ()
    bulleted: tuple[int, ...] = ()
    ruled: tuple[int, ...] = ()
    note: Text = ""
    anchor: str = ""


def without_columns(table: Table, *, saying: str) -> Table:
    """The table without the columns that say one thing, that there is nothing, in every row."""
    count = len(table.headers)
    kept = [at for at in range(count) if not table.rows or any(plain_text(row[at]) != saying for row in table.rows)]
    return replace(
        table,
        headers=tuple(table.headers[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in table.rows),
        weights=tuple(table.weights[at] for at in kept),
        numeric=tuple(place for place, at in enumerate(kept) if at in table.numeric),
        bulleted=tuple(place for place, at in enumerate(kept) if at in table.bulleted),
    )


@dataclass(frozen=True, kw_only=True)
class SeriesChart:
    """One area's own series, oldest first, with its usual range and its average; None is a gap, or not known.

    A diamond marks the places (from 0) that `outside` names, and `labelled` those whose number is written beside them.
    `description` is the alternative text; `note` stands below the chart.
    """

    caption: str
    description: str
    name: str
    categories: tuple[str, ...]
    values: tuple[Decimal | None, ...]
    low: Decimal | None
    high: Decimal | None
    average: Decimal | None
    outside: tuple[int, ...] = ()
    labelled: tuple[int, ...] = ()
    note: Text = ""
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class GroupChart:
    """Each area's rate beside the range and the average of the group it is compared with; areas by name, never by
    value. All tuples are of one length; None where there is nothing to show.

    Up to ten areas stand side by side where their names fit; else each has a row.
    """

    caption: str
    description: str
    categories: tuple[str, ...]
    rates: tuple[Decimal | None, ...]
    averages: tuple[Decimal | None, ...]
    lows: tuple[Decimal | None, ...]
    highs: tuple[Decimal | None, ...]
    note: Text = ""
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class Landscape:
    """From here on the pages lie on their side."""


@dataclass(frozen=True, kw_only=True)
class NewPage:
    """A new page begins."""


Block = Heading | Numbered | Lettered | Plain | Lines | Table | SeriesChart | GroupChart | Landscape | NewPage


@dataclass(frozen=True, kw_only=True)
class Contents:
    """A whole paper, which `covers` some months. `as_at` is when its data were cut; `draft` prints the draft marking
    and the date it binds to.

    `version` stands in the foot of every page ("Draft 1, 20 November 2014"), `illustrative` at the head of every page.
    """

    board: str
    title: str
    meeting: date
    as_at: datetime
    marking: str
    not_before: date
    blocks: tuple[Block, ...]
    draft: bool = True
    covers: str = ""
    version: str = ""
    illustrative: bool = False
