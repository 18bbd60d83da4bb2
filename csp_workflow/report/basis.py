"""What a printed number was made from, as the key of its bookmark says it, and the number reckoned from that again.

Keys stand in files that went out: what one says is read for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from csp_workflow.terms.figures import Figure, Slot, slot_of
from csp_workflow.terms.shares import estimate_count, reckon_per_cent


class Made(StrEnum):
    """How a printed number comes from what is stored.

    A rate is of counts and what they are divided by; an average is of the rates of several areas; what an extract says
    of a group is one line of it. A usual range, and the limits of a group, come from figures by more than arithmetic.
    """

    FIGURE = "figure"
    TOTAL = "total"
    USUAL = "usual"
    RATE = "rate"
    AVERAGE = "average"
    LIMITS = "limits"
    GROUP = "group"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """All that went into a printed number, by series, area and period; a rate is per so many."""

    how: Made
    slots: tuple[Slot, ...]
    per: int = 0

    @property
    def key(self) -> str:
        """As a bookmark is keyed: slots that share their areas, or their periods, are written together."""
        if self.how is Made.FIGURE:
            return f"figure {' '.join(self.slots[0])}"
        per = f" per {self.per}" if self.per else ""
        return f"{self.how}{per}: {'; '.join(_write_terms(self.slots))}"


def figure_key(figure: Figure) -> str:
    """How a figure is found again, whatever its value is by then."""
    return Basis(how=Made.FIGURE, slots=(slot_of(figure),)).key


def _write_terms(slots: Iterable[Slot]) -> Iterator[str]:
    periods: dict[tuple[str, str], list[str]] = {}
    for series, area, period in slots:
        periods.setdefault((series, area), []).append(period)
    areas: dict[tuple[str, str], list[str]] = {}
    for (series, area), of in periods.items():
        areas.setdefault((series, ",".join(of)), []).append(area)
    yield from (f"{series}|{','.join(places)}|{of}" for (series, of), places in areas.items())


_KEY = re.compile(r"([a-z]+)(?: per (\d+))?: (.+)")
_TERM = re.compile(r"(.+?)\|([^|;]+)\|([^|;]+)(?:; |$)")


def read_basis(key: str) -> Basis | None:
    """What the key of a bookmark says; None for one that tells of no figures."""
    how, *about = key.split(" ", 3)
    if how == Made.FIGURE and len(about) == 3:
        return Basis(how=Made.FIGURE, slots=((about[0], about[1], about[2]),))
    found = _KEY.fullmatch(key)
    if found is None or found[1] not in set(Made):
        return None
    slots = (
        (series, area, period)
        for series, areas, periods in _TERM.findall(found[3])
        for area in areas.split(",")
        for period in periods.split(",")
    )
    return Basis(how=Made(found[1]), slots=tuple(slots), per=int(found[2] or 0))


def reckon(basis: Basis, figures: Mapping[Slot, Figure]) -> Decimal | None:
    """A total, a rate or an average reckoned from figures; None for another kind, or where a figure lacks its value."""
    found = [figures[slot] for slot in basis.slots if slot in figures and figures[slot].value is not None]
    if not found or len(found) < len(basis.slots):
        return None
    if basis.how is Made.TOTAL:
        return _add_up(found)
    return _average_rates(found, basis.per) if basis.how in {Made.RATE, Made.AVERAGE} else None


def _add_up(figures: list[Figure]) -> Decimal | None:
    """Counts added up; shares by the counts behind them."""
    if all(figure.base is None for figure in figures):
        return _sum(figures)
    counts = [f.count if f.count is not None else estimate_count(f.value or Decimal(), f.base or 0) for f in figures]
    known, base = [count for count in counts if count is not None], sum(figure.base or 0 for figure in figures)
    return reckon_per_cent(sum(known), base) if base and len(known) == len(counts) else None


def _average_rates(figures: list[Figure], per: int) -> Decimal:
    """The plain average of the areas' rates: what was counted comes first, what it is divided by has another series."""
    counted: dict[str, list[Figure]] = {}
    people: dict[str, Decimal] = {}
    for figure in figures:
        if figure.series == figures[0].series:
            counted.setdefault(figure.area, []).append(figure)
        else:
            people[figure.area] = figure.value or Decimal()
    rates = [_sum(of) * per / people[area] for area, of in counted.items()]
    return sum(rates, Decimal()) / len(rates)


def _sum(figures: Iterable[Figure]) -> Decimal:
    return sum((figure.value for figure in figures if figure.value is not None), Decimal())
