"""How a chart is marked: the limits and signals of an XmR chart, as the NHS's Making Data Count has them.

The middle is the mean, the limits lie 2.66 mean moving ranges beyond it. Signals are for charts only: over a few dozen
series they mark too much for each to be a story.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from statistics import mean

from csp_workflow.analysis.readings import ChartLimits, Signal

_RANGES = Decimal("2.66")
_FEWEST_POINTS = 8
_FIRM_FROM = 13
_NEWEST = 4
"""Limits are fixed on what came before the newest year, where that is enough: no change widens its own limits."""

_RUN = 7


def mark_chart(
    values: Sequence[Decimal | None], *, top: Decimal | None = None
) -> tuple[ChartLimits | None, tuple[Signal | None, ...]]:
    """The limits of values (the oldest first, None where there is none) and what marks each. None under eight values.

    No limit lies below 0 (unless a value does), nor above `top` (100 for a share in per cent).
    """
    before = [v for v in values[:-_NEWEST] if v is not None]
    fixed = values[:-_NEWEST] if len(before) >= _FEWEST_POINTS else values
    known = [v for v in fixed if v is not None]
    if len(known) < _FEWEST_POINTS:
        return None, (None,) * len(values)
    centre = mean(known)
    ranges = [abs(a - b) for a, b in pairwise(fixed) if a is not None and b is not None]
    reach = _RANGES * mean(ranges) if ranges else Decimal(0)
    low, high = centre - reach, centre + reach
    low = low if min(known) < 0 else max(low, Decimal(0))
    high = high if top is None else min(high, top)
    limits = ChartLimits(
        centre=round(centre, 1),
        low=round(low, 1),
        high=round(high, 1),
        trial=len(known) < _FIRM_FROM,
        points=len(known),
    )
    return limits, tuple(_mark(values, centre, low, high, reach))


def _mark(
    values: Sequence[Decimal | None], centre: Decimal, low: Decimal, high: Decimal, reach: Decimal
) -> Iterator[Signal | None]:
    """The strongest signal of each value, in the order in which the NHS's tools give them; nothing is rounded yet."""
    sides = [0 if v is None else (v > centre) - (v < centre) for v in values]
    is_outside = [v is not None and not low <= v <= high for v in values]
    is_near = [
        v is not None and not outside and abs(v - centre) > reach * 2 / 3
        for v, outside in zip(values, is_outside, strict=True)
    ]
    in_trend, in_shift = _list_trends(values), _list_shifts(sides)
    pairs = _list_near(is_near, sides)
    for at, value in enumerate(values):
        found = (
            (Signal.OUTSIDE, is_outside[at]),
            (Signal.TREND, at in in_trend),
            (Signal.NEAR, at in pairs),
            (Signal.SHIFT, at in in_shift),
        )
        yield next((signal for signal, holds in found if holds), None) if value is not None else None


def _list_trends(values: Sequence[Decimal | None]) -> set[int]:
    """Which values belong to seven that only rise or only fall; a gap ends a run."""
    steps = [0 if a is None or b is None else (b > a) - (b < a) for a, b in pairwise(values)]
    return {at + n for at in _find_runs(steps, _RUN - 1) for n in range(_RUN)}


def _list_shifts(sides: Sequence[int]) -> set[int]:
    return {at + n for at in _find_runs(sides, _RUN) for n in range(_RUN)}


def _find_runs(signs: Sequence[int], length: int) -> Iterator[int]:
    """Where so many of the same sign begin."""
    for at in range(len(signs) - length + 1):
        if abs(sum(signs[at : at + length])) == length:
            yield at


def _list_near(is_near: Sequence[bool], sides: Sequence[int]) -> set[int]:
    """Those of three on one side of which two lie beyond two thirds of the way to the limit."""
    windows = (range(at, at + 3) for at in _find_runs(sides, 3))
    return {at for window in windows if sum(is_near[at] for at in window) > 1 for at in window if is_near[at]}
