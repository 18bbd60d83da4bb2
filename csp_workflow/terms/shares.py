"""A share is three numbers that belong together: a per cent, how many it counts, and out of how many."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

_TENTH = Decimal("0.1")


def reckon_per_cent(count: int | Decimal, base: int | Decimal) -> Decimal:
    """A part of a whole (above 0) in per cent, to one decimal place; a half is rounded up."""
    return (Decimal(100 * count) / base).quantize(_TENTH, ROUND_HALF_UP)


def is_per_cent_of(value: Decimal, count: int, base: int) -> bool:
    """Whether a per cent says what two counts say, as exactly as its decimals let it."""
    return abs(Decimal(100 * count) - value * base) <= _half_a_step(value) * base


def find_count(value: Decimal, base: int) -> int | None:
    """The one whole number that is so many per cent of a whole; None where there is none, or more than one.

    A figure's identity in the store rests on it: what it finds must never change.
    """
    low, high = _bounds(value)
    return _find_only(low * base / 100, min(high * base / 100, Decimal(base)))


def estimate_count(value: Decimal, base: int) -> int | None:
    """The whole number that is nearest to so many per cent of a whole; None where none is as the per cent says."""
    if base <= 0 or not 0 <= value <= 100 or not has_counts(value, base):
        return None
    return int((value * base / 100).quantize(Decimal(1), ROUND_HALF_UP))


def span_counts(value: Decimal, base: int) -> tuple[int, int]:
    """The fewest and the most of a whole that a per cent may stand for; the nearest number is always one of them."""
    (low, high), nearest = _bounds(value), round(value * base / 100)
    fewest, most = math.ceil(low * base / 100), math.floor(high * base / 100)
    return max(min(fewest, nearest), 0), min(max(most, nearest), base)


def find_base(value: Decimal, count: int) -> int | None:
    """The one whole of which a count is so many per cent; None where there is none, or more than one."""
    low, high = _bounds(value)
    return _find_only(100 * count / high, 100 * count / low) if count and low > 0 else None


def has_counts(value: Decimal, base: int) -> bool:
    """Whether any whole number is so many per cent of a whole, such as none is 2.5 per cent of 50."""
    low, high = _bounds(value)
    return math.ceil(low * base / 100) <= math.floor(high * base / 100)


def _find_only(low: Decimal, high: Decimal) -> int | None:
    least, most = math.ceil(low), math.floor(high)
    return least if least == most else None


def _bounds(value: Decimal) -> tuple[Decimal, Decimal]:
    """What a per cent may have been rounded from."""
    step = _half_a_step(value)
    return max(value - step, Decimal(0)), value + step


def _half_a_step(value: Decimal) -> Decimal:
    """Half of the last decimal place that a number is given to: 0.05 for 12.5, and 0.5 for 12."""
    exponent = value.normalize().as_tuple().exponent
    return Decimal(5).scaleb(min(int(exponent), 0) - 1)


def is_hundredfold(value: Decimal, before: Decimal, times: Decimal) -> bool:
    """Whether a number is so many times another, or as many times less; 0 is of neither."""
    return bool(value and before) and not abs(before) < abs(value) * times < abs(before) * times * times
