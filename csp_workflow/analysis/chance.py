"""Student's t: how far from an average chance brings a value, where few others say how much they vary."""

from __future__ import annotations

import math
from functools import cache


@cache
def find_quantile(freedom: int, chance: float) -> float:
    """Student's t beyond which, on both sides together, a value lies with this chance."""
    low, high = 0.0, 1e6
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - _inner_chance(middle, freedom) > chance else (low, middle)
    return high


def _inner_chance(t: float, freedom: int) -> float:
    """How often |t| stays below a value (Abramowitz and Stegun, 26.7.3 and 26.7.4: exact for whole degrees)."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = total = cosine if odd else 1.0
    for n in range(2 + odd, freedom - 1, 2):
        term *= cosine**2 * (n - 1) / n
        total += term
    if not odd:
        return sine * total
    return 2 / math.pi * (angle + (sine * total if freedom > 1 else 0.0))
