"""A grant that a partnership spends, and the five lines in which it says how far: pounds with pence, since 1 April."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure, Frequency, Geography, MeasureKind, Polarity, Series

POUNDS = "pounds, with pence"
"""The unit of every line of a grant."""


class GrantLine(StrEnum):
    """What a line says of a grant. Spent, committed, forecast and underspend together are the allocation."""

    ALLOCATION = "A"
    SPENT = "S"
    COMMITTED = "C"
    FORECAST = "F"
    UNDERSPEND = "U"

    @property
    def heading(self) -> str:
        """As it stands in its row."""
        return _LINES[self][0]

    @property
    def definition(self) -> str:
        """What is to be typed, in a sentence."""
        return _LINES[self][1]


_LINES = {
    GrantLine.ALLOCATION: ("Allocation", "The grant for the whole financial year."),
    GrantLine.SPENT: ("Spent so far", "All that was paid out of it from 1 April to the end of the quarter."),
    GrantLine.COMMITTED: ("Committed", "What is ordered or agreed and not yet paid."),
    GrantLine.FORECAST: ("Forecast", "What else you expect to spend by 31 March, beside what is spent or committed."),
    GrantLine.UNDERSPEND: (
        "Expected underspend",
        "What you expect to be left on 31 March: the allocation less the three lines above. If there is any, say why.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A grant of a partnership's, asked for in the quarters that end between two days. `ref` is "<CODE>.G1".

    `asked_in` names the quarters of a year in which it is asked for ("Q2"); () for all.
    """

    ref: str
    title: str
    agreed: date
    valid_to: date = date.max
    asked_in: tuple[str, ...] = ()

    def is_asked(self, quarter: Quarter) -> bool:
        """Whether it is asked for in a quarter."""
        is_named = not self.asked_in or f"Q{quarter.number}" in self.asked_in
        return is_named and self.agreed <= quarter.end <= self.valid_to

    @property
    def lines(self) -> tuple[tuple[GrantLine, Series], ...]:
        """Its lines in the order of the form, each as a series of its own."""
        return tuple((line, self._make_series(line)) for line in GrantLine)

    def _make_series(self, line: GrantLine) -> Series:
        return Series(
            ref=f"{self.ref}{line}",
            measure=self.ref,
            title=f"{self.title}: {line.heading.lower()}",
            unit=POUNDS,
            kind=MeasureKind.GRANT,
            polarity=Polarity.NONE,
            geography=Geography.AREA,
            frequency=Frequency.QUARTERLY,
            owner="",
        )


def find_line(ref: str) -> GrantLine | None:
    """The line that a series' ref says, "CHARN.G1S" the spent one; None for a ref that is no grant's."""
    return next((line for line in GrantLine if ref.endswith(line)), None) if ".G" in ref else None


def find_grant(ref: str) -> str:
    """The grant's own ref in that of one of its lines."""
    return ref[:-1]


def mark_money(figures: Iterable[Figure]) -> str:
    """A hash of what some figures say of grant money, their notes included, by which a certificate is bound to it; ""
    where they say nothing of any."""
    lines = sorted(
        (one.series, one.area, "" if one.value is None else f"{one.value:.2f}", one.status.value, one.note.strip())
        for one in figures
        if find_line(one.series)
    )
    return hashlib.sha256(repr(lines).encode()).hexdigest() if lines else ""


@dataclass(frozen=True, kw_only=True)
class GrantStatement:
    """What a return says of one grant: each line's heading with its pounds, and the notes beside them."""

    title: str
    lines: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


def state_money(grants: Iterable[Grant], figures: Iterable[Figure]) -> Iterator[GrantStatement]:
    """Each grant that some figures speak of, in the order of the site; one that it has no more by its ref."""
    titles = {grant.ref: grant.title for grant in grants}
    said: dict[str, dict[GrantLine, Figure]] = {ref: {} for ref in titles}
    for one in figures:
        if line := find_line(one.series):
            said.setdefault(find_grant(one.series), {})[line] = one
    for ref, lines in said.items():
        if lines:
            found = [(line, lines[line]) for line in GrantLine if line in lines]
            yield GrantStatement(
                title=titles.get(ref, ref),
                lines=tuple((line.heading, say_line(one)) for line, one in found),
                notes=tuple(f"{line.heading}: {one.note.strip()}" for line, one in found if one.note.strip()),
            )


def say_line(figure: Figure) -> str:
    """A line of a grant in pounds, or the word that stands in their place."""
    return str(figure.status) if figure.value is None else say_pounds(figure.value)


def say_pounds(value: Decimal) -> str:
    """Pounds with pence, always in one way: "£12,000.50", "-£3.00"."""
    return f"{'-' if value < 0 else ''}£{abs(value):,.2f}"
