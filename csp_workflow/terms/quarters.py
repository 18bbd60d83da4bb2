"""Financial quarters: 2014/15 Q2 is July to September 2014."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

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
    def containing(cls, day: date) -> Quarter:
        """The quarter in which a day falls."""
        if day.month <= 3:
            return cls(day.year - 1, 4)
        return cls(day.year, (day.month - 1) // 3)

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
    def code(self) -> str:
        """The short form inside a return reference: "1415Q2"."""
        return f"{self.year % 100:02d}{(self.year + 1) % 100:02d}Q{self.number}"

    @property
    def start(self) -> date:
        """The quarter's first day."""
        month = (4, 7, 10, 1)[self.number - 1]
        return date(self.year + (self.number == 4), month, 1)

    @property
    def end(self) -> date:
        """The quarter's last day."""
        month, day = ((6, 30), (9, 30), (12, 31), (3, 31))[self.number - 1]
        return date(self.year + (self.number == 4), month, day)

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
