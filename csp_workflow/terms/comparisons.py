"""What a figure is read beside: those known on a day, what is usual, and the rates of its comparison group."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csp_workflow.terms.figures import Figure, FigureStatus, Provenance, Series, Slot, is_share, slot_of
from csp_workflow.terms.shares import reckon_per_cent

_YEAR = re.compile(r"\d{4}/\d{2}")


class KnownFigures:
    """Figures by series, area and period, as they were known at the end of `as_at`."""

    def __init__(self, figures: Iterable[Figure], as_at: date) -> None:
        self.as_at = as_at
        self._versions: dict[Slot, list[Figure]] = {}
        self._years: dict[tuple[str, str], set[str]] = {}
        self._areas: dict[str, dict[str, None]] = {}
        for figure in figures:
            if figure.as_at <= as_at:
                self._versions.setdefault(slot_of(figure), []).append(figure)
                if _YEAR.fullmatch(figure.period):
                    self._years.setdefault((figure.series, figure.area), set()).add(figure.period)
        for versions in self._versions.values():
            versions.sort(key=lambda figure: figure.as_at)  # stable: of one day, the one stored last is the latest

    def slots(self) -> Iterable[Slot]:
        """Where there are figures."""
        return self._versions.keys()

    def areas_of(self, series: str) -> tuple[str, ...]:
        """The areas of which there are figures of a series, in order."""
        if not self._areas:
            for ref, area, _ in self._versions:
                self._areas.setdefault(ref, {})[area] = None
        return tuple(self._areas.get(series, ()))

    def change(self, changed: Callable[[Figure], Figure], slots: Iterable[Slot]) -> KnownFigures:
        """The same figures, each version of those in `slots` as `changed` makes it."""
        other, mine = KnownFigures((), self.as_at), (slot for slot in slots if slot in self._versions)
        other._versions = {**self._versions, **{slot: list(map(changed, self._versions[slot])) for slot in mine}}
        other._years = self._years
        return other

    def latest(self, series: str, area: str, period: str) -> Figure | None:
        """The value as last known, or None."""
        versions = self._versions.get((series, area, period))
        return versions[-1] if versions else None

    def replaced(self, figure: Figure) -> Figure | None:
        """The last value before it that was another one, or None: what a revision was revised from."""
        versions = self._versions.get(slot_of(figure), [])
        others = [v for v in versions if v.as_at <= figure.as_at and v.value is not None and v.value != figure.value]
        return others[-1] if others else None

    def latest_year(self, series: str, area: str) -> Figure | None:
        """The figure of the latest whole financial year that has a value, or None."""
        for year in sorted(self._years.get((series, area), ()), reverse=True):
            figure = self.latest(series, area, year)
            if figure and figure.value is not None:
                return figure
        return None


@dataclass(frozen=True, kw_only=True)
class UsualRange:
    """What twelve months of a row usually come to, both ends included; of a share in per cent. It is no target.

    `rest` is what the other quarters of the newest twelve months came to, or how many of `base` they counted; 0 where
    a value stands for its months alone.
    """

    low: Decimal
    high: Decimal
    rest: Decimal = Decimal(0)
    base: int = 0

    def reckon(self, figure: Figure, *, is_share: bool) -> Decimal | None:
        """What the twelve months come to with a figure; None where that cannot be told."""
        if not is_share:
            return None if figure.value is None else self.rest + figure.value
        if figure.count is None or not figure.base:
            return None
        return reckon_per_cent(self.rest + figure.count, self.base + figure.base)

    def find_side(self, year: Decimal | None) -> str:
        """Whether twelve months lie "above" or "below"; "" for neither, or where nothing is known of them."""
        if year is None or self.low <= year <= self.high:
            return ""
        return "above" if year > self.high else "below"


_PER = re.compile(r"per ([1-9][0-9,]*) (\S.*)")


@dataclass(frozen=True, kw_only=True)
class Denominator:
    """What a rate is made with: so many ("per 1,000") of whom or what ("residents")."""

    per: int
    of: str

    def __str__(self) -> str:
        return f"per {self.per:,} {self.of}"


def denominator_of(series: Series) -> Denominator | None:
    """What a series' counts are divided by; None where no rate is made of it: a share is one already."""
    return None if is_share(series) else read_denominator(series.denominator)


def read_denominator(text: str) -> Denominator | None:
    """What a rate is made with, as people write it: "per 1,000 residents"."""
    found = _PER.fullmatch(" ".join(text.casefold().split()))
    return Denominator(per=int(found[1].replace(",", "")), of=found[2]) if found else None


@dataclass(frozen=True, kw_only=True)
class GroupRate:
    """An area's rate beside its group's average and limits, as an extract gave them, for a period as figures have it.

    The four numbers are None exactly when the status carries none. `members` counts the group's areas with the area
    itself; `version` is the day since when the group is what it is.
    """

    series: str
    area: str
    period: str
    as_at: date
    unit: str
    status: FigureStatus
    members: int
    group: str
    version: date
    provenance: Provenance
    rate: Decimal | None = None
    average: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
