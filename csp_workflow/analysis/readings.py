"""The words of what figures say: direction of travel, from a closed list, and what it was read from.

Never a colour, never a rank. The question is whether a thing has changed more than it usually does: a story is a
year that differs from the series' usual year, and nothing else is one. How that is reckoned stands in `judging`, how a
chart is marked in `limits`; here are the values that papers, forms and pages read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure, Polarity, Series, is_share, quarters_of
from csp_workflow.terms.shares import estimate_count

CHANCE = 0.022
"""How often chance alone may bring what is called a change, on both sides of the usual year together: what keeps false
stories below 2 in 100 where figures vary up to three times as much as by chance (`python -m
tests.analysis.false_stories`)."""

FEWEST = 20
"""A year that usually comes to less, and a share of fewer, are not judged."""

QUARTERS_BACK = 20
"""No further is looked back: what was usual longer ago is no yardstick."""


class Direction(StrEnum):
    """The closed list of what a reading may say."""

    RISING = "rising"
    FALLING = "falling"
    NO_CLEAR_CHANGE = "no clear change"
    TOO_FEW = "too few to judge"
    NOT_COMPARABLE = "not comparable"
    SUPPRESSED = "suppressed"
    NOT_SUPPLIED = "not supplied"
    NARRATIVE_ONLY = "narrative only"

    @property
    def is_change(self) -> bool:
        """Whether it says that something has changed."""
        return self in {Direction.RISING, Direction.FALLING}

    @property
    def is_judged(self) -> bool:
        """Whether it says anything about change at all."""
        return self.is_change or self is Direction.NO_CLEAR_CHANGE


class Intent(StrEnum):
    """What a direction means against what the Plan seeks."""

    INTENDED = "in the intended direction"
    AGAINST = "against it"
    UNCLEAR = "intent unclear"
    NOTHING_TO_SAY = "nothing to say"


class Signal(StrEnum):
    """What marks a point in a chart (the rules of the NHS's Making Data Count); by itself it is no story."""

    OUTSIDE = "outside the limits"
    SHIFT = "one of seven on one side of the average"
    TREND = "one of seven that rise or fall"
    NEAR = "one of two in three that lie near a limit"


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A value that may be compared: a count; or a share in per cent, with the n it was taken of and those counted."""

    value: Decimal
    base: int | None = None
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two amounts beside each other; by itself called nothing. None where there is no value that may be shown."""

    now: Amount | None
    before: Amount | None


@dataclass(frozen=True, kw_only=True)
class YearReading:
    """The newest year against the series' usual year.

    A year is the sum of four quarters; of what is counted less often or over twelve months it is the newest value,
    against those of the same time in earlier years. `before` is the year before; `usual` is what the `years` earlier
    ones come to; between `low` and `high` a year falls 98 times in 100 if nothing changes. `pooled`: how much the
    figures vary was taken from all areas of the series. `why` says, in a sentence, why a reading is no judgement.
    """

    now: Amount | None = None
    before: Amount | None = None
    usual: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    direction: Direction
    years: int = 0
    pooled: bool = False
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ChartLimits:
    """The middle and the natural limits of a chart, from so many points; `trial` under thirteen."""

    centre: Decimal
    low: Decimal
    high: Decimal
    trial: bool
    points: int


@dataclass(frozen=True, kw_only=True)
class Point:
    """A value of a series at a quarter's end, and what marks it. None where no value may be shown."""

    quarter: Quarter
    amount: Amount | None
    signal: Signal | None = None


@dataclass(frozen=True, kw_only=True)
class SeriesReading:
    """All that is said of a series in one area; `points` are the newest, the oldest first."""

    quarter: Comparison
    year: YearReading
    limits: ChartLimits | None
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Chance:
    """What a paper says about chance, reckoned for that paper."""

    compared: int
    unchanged: int
    stories: int

    @property
    def expected(self) -> Decimal:
        """How many stories chance alone may bring, were nothing changing anywhere: quiet figures bring far fewer."""
        return round(Decimal(str(CHANCE)) * self.compared, 1)

    @property
    def in_words(self) -> str:
        """The same for a sentence: "fewer than one", "at most about three"."""
        if self.expected < Decimal("0.8"):
            return "fewer than one" if self.compared else "none"
        whole = int(self.expected.quantize(Decimal(1), ROUND_HALF_UP))
        return f"at most about {_NUMBERS[whole] if whole < len(_NUMBERS) else whole}"


_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count_chance(readings: Iterable[YearReading]) -> Chance:
    """How many of these were judged, how many show no more than usual, how many are stories."""
    directions = [one.direction for one in readings]
    return Chance(
        compared=sum(one.is_judged for one in directions),
        unchanged=directions.count(Direction.NO_CLEAR_CHANGE),
        stories=sum(one.is_change for one in directions),
    )


def find_intent(direction: Direction, polarity: Polarity) -> Intent:
    """How a direction stands to what the Plan seeks."""
    if not direction.is_change:
        return Intent.NOTHING_TO_SAY
    if polarity in {Polarity.AMBIGUOUS, Polarity.NONE}:
        return Intent.UNCLEAR
    wanted = Direction.FALLING if polarity is Polarity.FALL else Direction.RISING
    return Intent.INTENDED if direction is wanted else Intent.AGAINST


def amount_of(figure: Figure | None, series: Series) -> Amount | None:
    """The value of a figure, or None when it carries none."""
    if figure is None or figure.value is None:
        return None
    if not is_share(series):
        return Amount(value=figure.value)
    count = figure.count
    if count is None and figure.base is not None:
        count = estimate_count(figure.value, figure.base)  # what it is rounded by is far less than chance
    return Amount(value=figure.value, base=figure.base, count=count)


def list_quarters(series: Series, newest: Quarter) -> list[Quarter]:
    """The quarters at whose ends the values stand that a reading looks at, the newest first."""
    return [newest.plus(-back) for back in range(0, QUARTERS_BACK, quarters_of(series))]
