"""Quarters, working days, London time, and the dates of a cycle and of its meetings. Nothing here reads a clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

_KEY = re.compile(r"^\s*(\d{4})/(\d{2})[-\s]*Q([1-4])\s*$", re.IGNORECASE)
_MONTHS = ("April to June", "July to September", "October to December", "January to March")


@dataclass(frozen=True, order=True)
class Quarter:
    """One financial quarter. `year` is the calendar year in which its financial year starts."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 4:
            raise ValueError(f"A quarter is numbered 1 to 4, not {self.number}.")

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Read "2014/15-Q2" (or "2014/15 Q2"). Raises ValueError with a sentence for people."""
        match = _KEY.match(text)
        if not match:
            raise ValueError(f"'{text}' is not a quarter. Write it like 2014/15-Q2.")
        year, following, number = int(match[1]), int(match[2]), int(match[3])
        if (year + 1) % 100 != following:
            raise ValueError(f"'{text}' is not a financial year: {year} is followed by {(year + 1) % 100:02d}.")
        return cls(year, number)

    @classmethod
    def of_day(cls, day: date) -> Quarter:
        """The quarter in which a day lies."""
        number = (day.month - 4) // 3 % 4 + 1
        return cls(day.year - (number == 4), number)

    @property
    def financial_year(self) -> str:
        """Such as "2014/15"."""
        return f"{self.year}/{(self.year + 1) % 100:02d}"

    @property
    def key(self) -> str:
        """As written in commands, files and the store: "2014/15-Q2"."""
        return f"{self.financial_year}-Q{self.number}"

    @property
    def label(self) -> str:
        """As written to people: "2014/15 Q2"."""
        return f"{self.financial_year} Q{self.number}"

    @property
    def months(self) -> str:
        """As people say it, beyond all doubt: "July to September 2014"."""
        return f"{_MONTHS[self.number - 1]} {self.start.year}"

    @property
    def short_months(self) -> str:
        """For a chart, where there is little room: the months cut to three letters, joined by a dash."""
        first, last = (month[:3] for month in _MONTHS[self.number - 1].split(" to "))
        return f"{first}\N{EN DASH}{last} {self.start.year}"

    @property
    def code(self) -> str:
        """The short form inside a return reference: "1415Q2"."""
        return f"{self.year % 100:02d}{(self.year + 1) % 100:02d}Q{self.number}"

    @property
    def start(self) -> date:
        """The quarter's first day."""
        month = (4, 7, 10, 1)[self.number - 1]
        return date(self.year + self.ends_year, month, 1)

    @property
    def end(self) -> date:
        """The quarter's last day."""
        month, day = ((6, 30), (9, 30), (12, 31), (3, 31))[self.number - 1]
        return date(self.year + self.ends_year, month, day)

    @property
    def ends_year(self) -> bool:
        """Whether its financial year ends with it."""
        return self.number == 4

    def plus(self, quarters: int) -> Quarter:
        """The quarter so many quarters later (or earlier, when negative)."""
        index = self.year * 4 + (self.number - 1) + quarters
        return Quarter(index // 4, index % 4 + 1)

    @property
    def previous(self) -> Quarter:
        """The quarter before."""
        return self.plus(-1)

    @property
    def year_ago(self) -> Quarter:
        """The same quarter of the year before."""
        return self.plus(-4)

    def __str__(self) -> str:
        return self.label


# The periods that figures are of, as they are written -----------------------------------------------

YEAR_TO = "12 months to "
MID_YEAR = "mid-"


def year_to(quarter: Quarter) -> str:
    """The period of the twelve months that end with a quarter: a financial year's, where they are one."""
    return quarter.financial_year if quarter.ends_year else f"{YEAR_TO}{quarter.key}"


def period_end(period: str) -> date:
    """The last day of a figure's period; of the middle of a year, the day that it is counted on."""
    if period.startswith(MID_YEAR):
        return date(int(period.removeprefix(MID_YEAR)), 6, 30)
    last = period.removeprefix(YEAR_TO)
    return Quarter.parse(last if "-Q" in last else f"{last}-Q4").end


# Working days and London time ----------------------------------------------------------------------


LONDON = ZoneInfo("Europe/London")


class HolidaysRunOut(ValueError):
    """A date lies outside the years the bank holiday table covers."""


@dataclass(frozen=True)
class WorkingDays:
    """The bank holidays of a place, for whole years `first_year` to `last_year`."""

    holidays: frozenset[date]
    first_year: int
    last_year: int

    def is_working(self, day: date) -> bool:
        """Monday to Friday and no bank holiday. Raises HolidaysRunOut outside the table's years."""
        if not self.first_year <= day.year <= self.last_year:
            raise HolidaysRunOut(
                f"The bank holiday table covers {self.first_year} to {self.last_year}; "
                f"{day:%d %B %Y} is outside it. Extend config/bank-holidays.csv."
            )
        return day.weekday() < 5 and day not in self.holidays

    def plus(self, day: date, days: int) -> date:
        """The working day so many working days after `day` (before it, when negative).

        With 0: `day` itself when it is a working day, else the next one.
        """
        if days == 0:
            while not self.is_working(day):
                day += timedelta(days=1)
            return day
        step = timedelta(days=1 if days > 0 else -1)
        left = abs(days)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def after(self, moment: datetime, days: int, clock: time) -> datetime:
        """A time of the London day that is so many working days after a moment's."""
        return london(self.plus(london_day(moment), days), clock)

    def between(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and including `last` (negative if earlier)."""
        if last < first:
            return -self.between(last, first)
        return _count_working_days(self, first, last)

    def before_clear_days(self, meeting: date, clear: int) -> date:
        """The latest working day to send papers so that `clear` whole working days lie between.

        Neither the day of sending nor the day of the meeting counts.
        """
        return self.plus(meeting, -(clear + 1))


@lru_cache(maxsize=1024)  # every rung of every return asks for the same few spans, at each beat
def _count_working_days(working: WorkingDays, first: date, last: date) -> int:
    return sum(working.is_working(first + timedelta(days=n + 1)) for n in range((last - first).days))


def london(day: date, at: time) -> datetime:
    """An instant from a London date and wall-clock time, aware and in London time."""
    return datetime.combine(day, at, tzinfo=LONDON)


def in_london(moment: datetime) -> datetime:
    """An aware instant as London wall-clock time."""
    return moment.astimezone(LONDON)


def london_day(moment: datetime) -> date:
    """The London date of an aware instant."""
    return in_london(moment).date()


def as_utc(moment: datetime) -> datetime:
    """An aware instant in UTC. Raises ValueError on a naive one."""
    if moment.tzinfo is None:
        raise ValueError("A time without a zone cannot be compared with others.")
    return moment.astimezone(UTC)


# Cycles and meetings -------------------------------------------------------------------------------


class CycleState(StrEnum):
    """Where a quarter's round stands."""

    PLANNED = "planned"
    IN_PROOF = "in proof"
    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"


class PaperState(StrEnum):
    """Where one board's paper for one meeting stands."""

    DRAFT = "draft"
    WITH_PARTNERS = "with partners"
    CLEARED = "cleared"
    CIRCULATED = "circulated"
    PUBLISHED = "published"


@dataclass(frozen=True, kw_only=True)
class Board:
    """A board that takes the quarterly paper. Lead times are in working days (clear days for the Panel).

    `notes_to_all`: after its meeting every partnership gets a short note, also where nothing was asked of it.
    In a paper that is not `public`, `counts_below` stands in the place of each owner's rule for small numbers (0: the
    owners' rules hold). A `yearly` board takes one paper a year, of four quarters, when the last has closed: it is
    whoever writes the annual report, never sits, and asks nothing of anybody.
    """

    key: str
    name: str
    public: bool
    clear_days: int = 0
    lead_days: int = 0
    notes_to_all: bool = False
    counts_below: int = 0
    yearly: bool = False


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A dated sitting of a board, and the quarter it is to take. `cancelled` stays on record."""

    board: str
    day: date
    quarter: Quarter
    place: str = ""
    cancelled: bool = False


@dataclass(frozen=True, kw_only=True)
class PaperDates:
    """The dates of one board's paper, worked back from its meeting."""

    board: str
    meeting: date
    papers_out: date
    clearance: date
    draft: date


@dataclass(frozen=True, kw_only=True)
class CycleDates:
    """The dates of a cycle. `due` and `close` are instants in Europe/London, aware.

    `extract_due` is when the force's analyst owes the extract, `open` when requests go out,
    `due` the soft and `close` the hard deadline. `warnings` says in plain sentences which
    meeting cannot take the quarter and why.
    """

    quarter: Quarter
    extract_request: date
    extract_due: datetime
    open: date
    due: datetime
    close: datetime
    papers: tuple[PaperDates, ...]
    pre_election: bool = False
    warnings: tuple[str, ...] = ()
