"""Numbers with chance in them, from a source of draws that is given, so that the same draws give the same numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

Draw = Callable[[], float]
"""Gives the next number from 0 up to (not including) 1."""

_LARGE = 60.0


def poisson(expected: float, draw: Draw) -> int:
    """A count that lies around `expected` as chance would have it; 0 where nothing is expected."""
    if expected <= 0:
        return 0
    if expected > _LARGE:
        return max(round(around(expected, math.sqrt(expected), draw)), 0)
    count, left = 0, math.exp(-expected)
    product = draw()
    while product > left:
        product *= draw()
        count += 1
    return count


def around(middle: float, spread: float, draw: Draw) -> float:
    """A number around `middle` with the standard deviation `spread`: twelve draws make a bell near enough."""
    return middle + spread * (sum(draw() for _ in range(12)) - 6)
