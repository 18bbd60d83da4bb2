"""Working days in England, clear days and London time. Dates only; nothing here reads a clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

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

    def between(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and including `last` (negative if earlier)."""
        if last < first:
            return -self.between(last, first)
        return sum(self.is_working(day) for day in _days(first + timedelta(days=1), last))

    def before_clear_days(self, meeting: date, clear: int) -> date:
        """The latest working day to send papers so that `clear` whole working days lie between.

        Neither the day of sending nor the day of the meeting counts.
        """
        return self.plus(meeting, -(clear + 1))


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


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
