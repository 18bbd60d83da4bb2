"""What a page is made of, before it is HTML: sections of the paper's own blocks, and cards, lists and terms.

A run's `to` leads to a place: a page by its name ("measure-m11-1"), or something on it ("measure-m11-1#e06000016").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from csp_workflow.report.blocks import Block, Run, SeriesChart, Table, Text

AREAS = 30
"""So many areas stand on one page of a measure, and so many partnerships' pages in one file."""

WHOLE = "everything"
"""The name of the file that holds all pages."""


class Audience(StrEnum):
    """Who reads a dashboard: the partnerships, or everybody."""

    PARTNERSHIP = "partnership"
    PUBLIC = "public"


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A rate beside its group's limits and average, as it is drawn below a chart."""

    rate: float
    average: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Days:
    """What happened on which days, as marks along a line: each so far along it (0 to 1) and what it is ("asked").

    `due` is where the due day lies, `first` and `last` are the days at its ends, and `description` is read out.
    """

    marks: tuple[tuple[float, str], ...]
    due: float
    first: str
    last: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """One series in one area: what is said of it, its chart with the chart's sentence, and its table; or what happened
    to somebody, with its days. `is_provisional` is said of its newest figure."""

    ident: str
    title: Run
    quiet: str
    said: tuple[Text, ...]
    table: Table
    chart: SeriesChart | None = None
    days: Days | None = None
    is_provisional: bool = False
    beside: Beside | None = None
    quoted: str = ""
    whose: str = ""


@dataclass(frozen=True, kw_only=True)
class Cards:
    """Small multiples side by side."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of a list that may be searched: a link, what is said behind it, and words to find it by."""

    title: Run
    said: Text
    words: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Finder:
    """A list in groups, each below its heading; `kinds` are what it may be narrowed down to, in words."""

    ident: str
    label: str
    groups: tuple[tuple[str, tuple[Entry, ...]], ...]
    kinds: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word or a source with what is said of it, to which a link may lead."""

    ident: str
    word: str
    said: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A list of terms."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """Somebody's own words under what they are about, or where `more` stands, and a small line below ("" for none)."""

    heading: str
    text: str
    more: Text = ""
    quiet: str = ""
    quoted: bool = True


Item = Block | Cards | Finder | Terms | Quoted


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a page below its own heading."""

    ident: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page: `name` is its file's, `quiet` stands small below the title, `lead` says the most important first.

    `chapter` is the page of the head's list that it belongs to; `beside` are the pages before and after it.
    """

    name: str
    title: str
    lead: tuple[Text, ...]
    sections: tuple[Section, ...]
    quiet: str = ""
    chapter: str = ""
    beside: tuple[Run, ...] = ()


@dataclass(frozen=True, kw_only=True)
class View:
    """All pages of one audience, the first first, with what stands on each of them.

    `homes` says where the figures of a series in an area stand with their origin: a place. `own` says whose alone it
    is ("CHARN-1415Q2"; "": it is for a whole audience), which the gate reads before it leaves. `files` are paths of
    what lies beside the pages, to which a run may lead too.
    """

    title: str
    pages: tuple[Page, ...]
    chapters: tuple[Run, ...]
    foot: tuple[str, ...]
    homes: Mapping[tuple[str, str], str]
    illustrative: bool = False
    own: str = ""
    files: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> frozenset[str]:
        """What its pages are called."""
        return frozenset(page.name for page in self.pages)
