"""What figures say: direction of travel, in words from a closed list.

Never a colour, never a rank. Two of the framework's readings: against the same quarter last year (which takes the
season out) and the latest twelve months against the twelve before. A change is only called one when chance would
bring it less than once in twenty times; small counts are not judged at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from csp_workflow.terms.figures import Figure, MeasureKind, Polarity, Series

CHANCE = 0.05
"""How often chance alone may bring what is called a change."""

FEWEST = 20
"""Below this total of two counts nothing is judged: at 20 the smallest change that could be told is a halving."""

_EXACT_UP_TO = 2_000


class Direction(StrEnum):
    """The closed list of what a reading may say."""

    RISING = "rising"
    FALLING = "falling"
    NO_CLEAR_CHANGE = "no clear change"
    TOO_FEW = "too few to judge"
    NOT_COMPARABLE = "not comparable"
    NOT_SUPPLIED = "not supplied"
    NARRATIVE_ONLY = "narrative only"


class Intent(StrEnum):
    """What a direction means against what the Plan seeks."""

    INTENDED = "in the intended direction"
    AGAINST = "against it"
    UNCLEAR = "intent unclear"
    NOTHING_TO_SAY = "nothing to say"


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A value that may be compared: a count, or a share (per cent) with the number it was taken of."""

    value: Decimal
    base: int | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two amounts and what they say. None where there is no value that may be shown."""

    now: Amount | None
    before: Amount | None
    direction: Direction


def amount_of(figure: Figure | None) -> Amount | None:
    """The value of a figure, or None when it carries none."""
    return None if figure is None or figure.value is None else Amount(value=figure.value, base=figure.base)


def compare(now: Amount | None, before: Amount | None, series: Series) -> Comparison:
    """What two amounts of one series say."""
    return Comparison(now=now, before=before, direction=_find_direction(now, before, series))


def add_up(quarters: Sequence[Amount | None]) -> Amount | None:
    """Twelve months from four quarters, or None when one of them is missing: a part is no whole."""
    known = [a for a in quarters if a is not None]
    if len(known) < len(quarters) or not known:
        return None
    return Amount(value=sum((a.value for a in known), Decimal(0)))


def find_intent(direction: Direction, polarity: Polarity) -> Intent:
    """How a direction stands to what the Plan seeks."""
    if direction not in {Direction.RISING, Direction.FALLING}:
        return Intent.NOTHING_TO_SAY
    if polarity in {Polarity.AMBIGUOUS, Polarity.NONE}:
        return Intent.UNCLEAR
    wanted = Direction.FALLING if polarity is Polarity.FALL else Direction.RISING
    return Intent.INTENDED if direction is wanted else Intent.AGAINST


def _find_direction(now: Amount | None, before: Amount | None, series: Series) -> Direction:
    if series.kind in {MeasureKind.MILESTONE, MeasureKind.NARRATIVE}:
        return Direction.NARRATIVE_ONLY
    if now is None:
        return Direction.NOT_SUPPLIED
    if before is None:
        return Direction.NOT_COMPARABLE
    if series.kind in {MeasureKind.PERCENT, MeasureKind.SURVEY, MeasureKind.COHORT}:
        return _compare_shares(now, before)
    if series.kind is MeasureKind.COST:
        return _rise_or_fall(now, before)
    return _compare_counts(now, before)


def _compare_counts(now: Amount, before: Amount) -> Direction:
    """Two counts: if nothing had changed, each event would fall in either period with even chances."""
    first, second = float(now.value), float(before.value)
    if first < 0 or second < 0 or first + second < FEWEST:
        return Direction.TOO_FEW
    return _rise_or_fall(now, before) if chance_of_counts(first, second) < CHANCE else Direction.NO_CLEAR_CHANGE


def _compare_shares(now: Amount, before: Amount) -> Direction:
    """Two shares: judged only where the numbers behind both are known and large enough."""
    if now.base is None or before.base is None:
        return Direction.NO_CLEAR_CHANGE if now.value == before.value else Direction.NOT_COMPARABLE
    if min(now.base, before.base) < FEWEST:
        return Direction.TOO_FEW
    p, q = float(now.value) / 100, float(before.value) / 100
    pooled = (p * now.base + q * before.base) / (now.base + before.base)
    spread = math.sqrt(max(pooled * (1 - pooled), 0) * (1 / now.base + 1 / before.base))
    if spread == 0:
        return Direction.NO_CLEAR_CHANGE
    chance = math.erfc(abs(p - q) / spread / math.sqrt(2))
    return _rise_or_fall(now, before) if chance < CHANCE else Direction.NO_CLEAR_CHANGE


def _rise_or_fall(now: Amount, before: Amount) -> Direction:
    if now.value == before.value:
        return Direction.NO_CLEAR_CHANGE
    return Direction.RISING if now.value > before.value else Direction.FALLING


def chance_of_counts(first: float, second: float) -> float:
    """How often chance alone would split a total at least as unevenly: exact and two-sided, from 0 to 1.

    Above 2,000 events the normal approximation serves, within one in a thousand of the exact value.
    """
    events, fewer = round(first + second), round(min(first, second))
    if events == 0:
        return 1.0
    if events > _EXACT_UP_TO:
        distance = max(abs(first - second) - 1, 0) / math.sqrt(events)
        return math.erfc(distance / math.sqrt(2))
    log_half = events * math.log(0.5)
    tail = sum(
        math.exp(math.lgamma(events + 1) - math.lgamma(k + 1) - math.lgamma(events - k + 1) + log_half)
        for k in range(fewer + 1)
    )
    return min(1.0, 2 * tail)
