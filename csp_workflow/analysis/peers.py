"""Rates, and an area beside its comparison group: similar to, above or below its average. Never a rank.

An extract of the Most Similar Group comes with an average and limits of its own, and those are printed. Otherwise the
areas that a site has chosen (peers.toml) are compared, and the limits are reckoned here: between them 19 in 20 areas
would lie that are like the others. What areas differ by beyond chance is taken from the others themselves, what chance
does to counts of this area's size is added, and Student's t allows for how few the others are. A plain range, or twice
the others' spread, would find something in one small area of eight where nothing is.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from csp_workflow.analysis.chance import find_quantile
from csp_workflow.terms.comparisons import Denominator, GroupRate, KnownFigures, denominator_of
from csp_workflow.terms.dates import MID_YEAR, Quarter, period_end, year_to
from csp_workflow.terms.figures import (
    Figure,
    Frequency,
    Series,
    Slot,
    is_small,
    is_unreliable,
    newest_quarter,
    period_of,
    slot_of,
)
from csp_workflow.terms.phrases import capital, joined, short_day
from csp_workflow.terms.site import PeerGroup

OTHERS = 3
"""With fewer others that have a value nothing is compared: one could reckon another's figure, and chance is all."""

EXPECTED = 5
"""Events a year. Where the average would bring an area fewer, its limits say nothing."""

_YEARS_BACK = 10
_STEPS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 1, Frequency.HALF_YEARLY: 2}
"""How many quarters a value of a series covers, where twelve months are added up."""

_LIMITS = 0.05
"""How often an area that is like the others may lie outside its limits."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Events in a period for so many of whom or what (`per` 1,000 of `of` "residents"), with what they were divided by.

    `denominator_from` is the year and the source of the denominator, as they are printed; `made_of` are the figures
    that were counted and, last, the one that they were divided by.
    """

    value: Decimal
    per: int
    of: str
    period: str
    denominator: Decimal
    denominator_from: str
    made_of: tuple[Slot, ...]


class Position(StrEnum):
    """The closed list of what an area's rate may be, beside its group's average."""

    SIMILAR = "similar to"
    ABOVE = "above"
    BELOW = "below"
    NO_COMPARATOR = "no comparator"


@dataclass(frozen=True, kw_only=True)
class PeerReading:
    """An area's rate (`unit`) in a period beside its group's average, and the limits within which it is similar.

    `members` are the areas that the average is of, without the area itself where the limits were reckoned here: then
    `own` is the rate by what it was made of, and `others` are those of the average. The numbers are None without a
    comparator: `why` then says why there is none, in a clause. `is_illustrative`: anything that went into it was made
    up.
    """

    words: Position
    rate: Decimal | None = None
    average: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    period: str = ""
    group: str = ""
    version: date | None = None
    as_at: date | None = None
    members: int = 0
    is_extract: bool = False
    is_illustrative: bool = False
    own: Rate | None = None
    others: tuple[Rate, ...] = ()
    why: str = ""


NO_PEERS = PeerReading(words=Position.NO_COMPARATOR)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A rate beside its group in words: "Above", "6.4", "5.1", "4.3 to 6.0" with a dash ("" without limits)."""

    place: str
    rate: str
    average: str
    limits: str


def tell_beside(peers: PeerReading) -> Beside:
    """How a rate lies beside its group, with as many places as show on which side of its limits it lies."""
    more = next((more for more in range(_MORE_PLACES) if _looks_so(peers, more)), _MORE_PLACES)
    rate, average, low, high = (say_rate(one, more) for one in (peers.rate, peers.average, peers.low, peers.high))
    limits = f"{low}\N{EN DASH}{high}" if peers.low is not None else ""
    return Beside(place=capital(say_position(peers.words)), rate=rate, average=average, limits=limits)


_MORE_PLACES = 2


def _looks_so(peers: PeerReading, more: int) -> bool:
    """Whether a rate that is printed with so many places more lies where it is said to lie."""
    if peers.rate is None or peers.low is None or peers.high is None:
        return True
    rate, low, high = (round_rate(one, more) for one in (peers.rate, peers.low, peers.high))
    return (rate > high, rate < low) == (peers.rate > peers.high, peers.rate < peers.low)


def say_position(position: Position) -> str:
    """Where a rate lies beside its group: "similar", "above"."""
    return str(position).removesuffix(" to")


def say_rate(rate: Decimal | None, more: int = 0) -> str:
    """A rate to one place: "6.4", "12.0"; below one to two: "0.23"; to so many `more`."""
    return "no rate" if rate is None else f"{round_rate(rate, more):,}"


def round_rate(rate: Decimal, more: int = 0) -> Decimal:
    """A rate as it is printed, in text and in a chart alike; a half goes up."""
    return rate.quantize(Decimal(1).scaleb(-more - (1 if abs(rate) >= 1 else 2)), ROUND_HALF_UP)


def say_groups(peers: Sequence[PeerReading]) -> str:
    """The group by name, or that each area has its own; its version, and of when its extract is."""
    names = list(dict.fromkeys(one.group.replace("The ", "the ", 1) for one in peers))
    group = names[0] if len(names) == 1 else "each area's own"
    extracts = dict.fromkeys(f", extract of {short_day(one.as_at)}" for one in peers if one.is_extract and one.as_at)
    return f"{group}, {say_versions(peers)}{''.join(extracts)}"


def say_versions(peers: Sequence[PeerReading]) -> str:
    """Since when the groups are what they are: "version of 1 Oct 2014"."""
    versions = dict.fromkeys(f"version of {short_day(one.version)}" for one in peers if one.version)
    return joined(versions) or "version that is not named"


def index_groups(lines: Iterable[GroupRate], as_at: date) -> Mapping[tuple[str, str, str], GroupRate]:
    """What extracts said by a day, the latest by series, area and period."""
    known = sorted((line for line in lines if line.as_at <= as_at), key=lambda line: line.as_at)
    return {(line.series, line.area, line.period): line for line in known}


class Comparators:
    """Rates and peers of one day, each reckoned once: `known` figures, configured groups, what extracts said.

    `hidden` are the cells of which nothing may be shown; of twelve months "year to" the key of their last quarter.
    """

    def __init__(
        self,
        known: KnownFigures,
        peers: Iterable[PeerGroup],
        groups: Iterable[GroupRate] = (),
        hidden: Container[Slot] = frozenset(),
    ) -> None:
        self._known, self._peers, self._hidden = known, tuple(peers), hidden
        self._groups = index_groups(groups, known.as_at)
        self._rates: dict[tuple[str, str, Quarter], Rate | None] = {}
        self._sums: dict[tuple[str, PeerGroup, Quarter], Sums] = {}

    def find_rate(self, series: Series, area: str, quarter: Quarter) -> Rate | None:
        """The rate of the newest twelve months that a quarter's cycle can know, or None where there is none to show.

        The denominator is the area's own: the latest that was known, and not of a day after the period's end.
        """
        key = series.ref, area, quarter
        if key not in self._rates:
            self._rates[key] = self._find_rate(series, area, newest_quarter(series, quarter))
        return self._rates[key]

    def _find_rate(self, series: Series, area: str, last: Quarter) -> Rate | None:
        made_with, counted = denominator_of(series), self._count_year(series, area, last)
        people = self._find_denominator(made_with.of, area, last.end) if made_with else None
        if made_with is None or not counted or people is None or not people.value:
            return None
        return Rate(
            value=sum(counted.values(), Decimal(0)) * made_with.per / people.value,
            per=made_with.per,
            of=made_with.of,
            period=year_to(last),
            denominator=people.value,
            denominator_from=f"{people.period}, {people.provenance.source}",
            made_of=(*((series.ref, area, period) for period in counted), slot_of(people)),
        )

    def _find_denominator(self, of: str, area: str, day: date) -> Figure | None:
        years = range(day.year, day.year - _YEARS_BACK, -1)
        found = (self._known.latest(of, area, f"{MID_YEAR}{year}") for year in years)
        return next((f for f in found if f and f.value and f.value > 0 and period_end(f.period) <= day), None)

    def _count_year(self, series: Series, area: str, last: Quarter) -> dict[str, Decimal]:
        """The counts by period that make twelve months, or the one published whole; none where there are not all.

        One hidden part hides them: it could be reckoned back.
        """
        if (series.ref, area, f"year to {last.key}") in self._hidden:
            return {}
        if series.frequency in {Frequency.YEARLY, Frequency.ROLLING_12_MONTHS}:
            return self._show_values(series, area, [period_of(series, last)])
        step = _STEPS.get(series.frequency)
        parts = [last.plus(-back).key for back in range(0, 4, step)] if step else []
        known = self._show_values(series, area, parts)
        if known:
            return known if len(known) == len(parts) else {}
        return self._show_values(series, area, [year_to(last)])

    def _show_values(self, series: Series, area: str, periods: Iterable[str]) -> dict[str, Decimal]:
        found = (self._known.latest(series.ref, area, period) for period in periods)
        return {f.period: f.value for f in found if f and f.value is not None and _may_show(f, series)}

    def compare(self, series: Series, area: str, quarter: Quarter) -> PeerReading:
        """An area beside its group: as an extract has it, else beside the areas that the site has chosen."""
        last = newest_quarter(series, quarter)
        periods = (year_to(last), last.key)
        line = next(filter(None, (self._groups.get((series.ref, area, period)) for period in periods)), None)
        if line:  # where small numbers are not shown, a rate and the number of people would tell one
            is_hidden = bool(series.suppression.below) and not self._count_year(series, area, last)
            is_hidden = is_hidden or (series.ref, area, f"year to {last.key}") in self._hidden
            return _read_line(line, is_hidden=is_hidden)
        group = self._find_group(area, last.end)
        own = self.find_rate(series, area, quarter)
        if group is None or own is None:
            why = "the area is in no comparison group" if group is None else "there is no rate of the area's own"
            return PeerReading(words=Position.NO_COMPARATOR, why=why)
        everybody = self._sum_group(series, group, quarter)
        reading = _compare_chosen(own, everybody.without(own), group, self._known.as_at)
        made_up = any(self._is_illustrative(series, one, last) for one in group.areas)
        return replace(reading, is_illustrative=made_up)

    def find_newest(self, series: Series, area: str, quarter: Quarter) -> PeerReading:
        """An area beside its group in the newest twelve months of which both are known, a year before at the most."""
        found = (self.compare(series, area, quarter.plus(-back)) for back in range(5))
        return next((one for one in found if one.rate is not None), NO_PEERS)

    def _is_illustrative(self, series: Series, area: str, last: Quarter) -> bool:
        figures = (self._known.latest(series.ref, area, last.plus(-back).key) for back in range(4))
        return any(figure.provenance.illustrative for figure in figures if figure)

    def _sum_group(self, series: Series, group: PeerGroup, quarter: Quarter) -> Sums:
        key = series.ref, group, quarter
        if key not in self._sums:
            rates = (self.find_rate(series, area, quarter) for area in sorted(group.areas))
            self._sums[key] = sum_rates([rate for rate in rates if rate])
        return self._sums[key]

    def _find_group(self, area: str, day: date) -> PeerGroup | None:
        """The configured group that an area was in on a day: of several, the one with the latest version."""
        found = (group for group in self._peers if area in group.areas and group.version <= day)
        return max(found, key=lambda group: group.version, default=None)


def _may_show(figure: Figure, series: Series) -> bool:
    return not is_small(figure, series) and not is_unreliable(figure)


_TOO_FEW = f"fewer than {OTHERS} other areas have a value"


def _read_line(line: GroupRate, *, is_hidden: bool) -> PeerReading:
    """What an extract says, its own average and limits beside the rate."""
    if line.rate is None or line.low is None or line.high is None:
        return PeerReading(words=Position.NO_COMPARATOR, why=f"the extract says {line.status}")
    if is_hidden or line.members <= OTHERS:
        why = "small numbers are not shown" if is_hidden else _TOO_FEW
        return PeerReading(words=Position.NO_COMPARATOR, why=why)
    return PeerReading(
        words=_place(line.rate, line.low, line.high),
        rate=line.rate,
        average=line.average,
        low=line.low,
        high=line.high,
        unit=line.unit,
        period=line.period,
        group=line.group,
        version=line.version,
        as_at=line.as_at,
        members=line.members,
        is_extract=True,
        is_illustrative=line.provenance.illustrative,
    )


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Rates of several areas, summed up once for all of them: `squares` are about `centre`.

    `events` sums what one event more would add to the rate of each.
    """

    rates: tuple[Rate, ...]
    count: int
    total: Decimal
    centre: float
    squares: float
    events: float

    def without(self, rate: Rate) -> Sums:
        """The same without one of them."""
        return replace(
            self,
            rates=tuple(one for one in self.rates if one is not rate),
            count=self.count - 1,
            total=self.total - rate.value,
            squares=self.squares - (float(rate.value) - self.centre) ** 2,
            events=self.events - rate.per / float(rate.denominator),
        )

    @property
    def average(self) -> Decimal:
        """Their plain average, each area counting once."""
        return self.total / max(self.count, 1)

    @property
    def spread(self) -> float:
        """Their variance."""
        return max(self.squares - self.count * (float(self.average) - self.centre) ** 2, 0) / (self.count - 1)


def sum_rates(rates: Sequence[Rate]) -> Sums:
    """Several areas' rates, summed up."""
    total = sum((rate.value for rate in rates), Decimal(0))
    centre = float(total) / max(len(rates), 1)
    return Sums(
        rates=tuple(rates),
        count=len(rates),
        total=total,
        centre=centre,
        squares=sum((float(rate.value) - centre) ** 2 for rate in rates),
        events=sum(rate.per / float(rate.denominator) for rate in rates),
    )


def _compare_chosen(own: Rate, others: Sums, group: PeerGroup, as_at: date) -> PeerReading:
    """An area beside the average of the others: the limits are reckoned here."""
    why = _TOO_FEW if others.count < OTHERS else ""
    if not why and others.average * own.denominator / own.per < EXPECTED:
        why = "the numbers are too small for a comparison"
    if why:
        return PeerReading(words=Position.NO_COMPARATOR, why=why)
    low, high = reckon_limits(own, others)
    return PeerReading(
        words=_place(own.value, low, high),
        rate=own.value,
        average=others.average,
        low=low,
        high=high,
        unit=str(Denominator(per=own.per, of=own.of)),
        period=own.period,
        group=group.title,
        version=group.version,
        as_at=as_at,
        members=others.count,
        own=own,
        others=others.rates,
    )


def _place(rate: Decimal, low: Decimal, high: Decimal) -> Position:
    if rate > high:
        return Position.ABOVE
    return Position.BELOW if rate < low else Position.SIMILAR


def reckon_limits(own: Rate, others: Sums) -> tuple[Decimal, Decimal]:
    """The limits within which an area like the others (three or more) would lie 19 times in 20.

    Chance alone gives a rate the variance of its level times what one event adds to it.
    """
    average = float(others.average)
    chance = average * others.events / others.count
    expected = max(others.spread - chance, 0) + average * own.per / float(own.denominator)
    reach = find_quantile(others.count - 1, _LIMITS) * math.sqrt(expected + max(others.spread, chance) / others.count)
    low, high = (Decimal(limit).quantize(Decimal("0.0001")) for limit in (max(average - reach, 0), average + reach))
    return low, high
