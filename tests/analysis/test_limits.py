"""How a chart is marked: limits and signals as the NHS's Making Data Count has them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.analysis.limits import mark_chart
from csp_workflow.analysis.readings import ChartLimits, Signal

EIGHT = (10, 12, 10, 12, 10, 12, 10, 12)


def marked(*values: int | None, top: int | None = None) -> tuple[ChartLimits | None, tuple[Signal | None, ...]]:
    """Values, the oldest first."""
    return mark_chart([None if v is None else Decimal(v) for v in values], top=None if top is None else Decimal(top))


def test_limits_lie_266_mean_moving_ranges_from_the_mean() -> None:
    limits, signals = marked(*EIGHT)
    assert limits == ChartLimits(centre=Decimal("11.0"), low=Decimal("5.7"), high=Decimal("16.3"), trial=True, points=8)
    assert set(signals) == {None}


def test_under_eight_values_a_chart_has_no_limits() -> None:
    assert marked(*EIGHT[:7]) == (None, (None,) * 7)
    assert marked(*EIGHT[:7], None, None) == (None, (None,) * 9)


def test_limits_are_fixed_on_what_came_before_the_newest_four_where_that_is_enough() -> None:
    assert marked(*EIGHT, 90, 90, 90, 90)[0] == marked(*EIGHT)[0]
    assert marked(*EIGHT[:7], 90, 90, 90, 90)[0] != marked(*EIGHT)[0]
    assert marked(*EIGHT, 11, 12, 10, 12, 10, 90, 90, 90, 90)[0].trial is False


def test_no_limit_lies_below_none_nor_above_what_there_can_be() -> None:
    limits, _ = marked(2, 90, 3, 99, 1, 97, 2, 95, top=100)
    assert (limits.low, limits.high) == (0, 100)


def test_what_lies_below_nought_has_limits_in_their_order() -> None:
    """As crimes cancelled later do: a range "0 to -3" says nothing, and a diamond at each value no more."""
    limits, signals = marked(*(-value for value in EIGHT))
    assert (limits.low, limits.centre, limits.high) == (Decimal("-16.3"), Decimal("-11.0"), Decimal("-5.7"))
    assert set(signals) == {None}


@pytest.mark.parametrize(
    ("newest", "signals"),
    [
        ((17, 11, 11, 11), [Signal.OUTSIDE, None, None, None]),
        ((5, 11, 11, 11), [Signal.OUTSIDE, None, None, None]),
        ((15, 11, 15, 11), [None] * 4),
        ((15, 12, 15, 11), [Signal.NEAR, None, Signal.NEAR, None]),
        ((15, 10, 15, 11), [None] * 4),
        ((7, 7, 12, 11), [None] * 4),
        ((7, 7, 10, 11), [Signal.NEAR, Signal.NEAR, None, None]),
    ],
)
def test_what_lies_outside_and_what_lies_near_a_limit_is_marked(
    newest: tuple[int, ...], signals: list[Signal | None]
) -> None:
    assert list(marked(*EIGHT, *newest)[1][-4:]) == signals


def test_seven_on_one_side_are_marked_and_six_are_not() -> None:
    assert marked(8, 10, 12, 8, 10, 12, 12, 12, 13, 12, 12, 13)[1] == (*[None] * 5, *[Signal.SHIFT] * 7)
    assert set(marked(8, 10, 12, 8, 10, 10, 12, 12, 13, 12, 12, 13)[1]) == {None}
    assert set(marked(8, 10, 12, 8, 10, 12, 12, 12, None, 12, 12, 13)[1]) == {None}


def test_seven_that_only_rise_or_only_fall_are_marked_and_a_gap_ends_a_run() -> None:
    rising = (18, 10, 12, 14, 16, 18, 20, 22)
    assert marked(*rising)[1] == (None, *[Signal.TREND] * 7)
    assert marked(*(50 - v for v in rising))[1] == (None, *[Signal.TREND] * 7)
    assert Signal.TREND not in marked(18, 10, 12, 14, 16, None, 18, 20, 22)[1]
    assert Signal.TREND not in marked(18, 10, 12, 14, 16, 16, 18, 20, 22)[1]


@pytest.mark.parametrize("values", [("33.33",) * 12, ("0.04", "0.05") * 6, ("12.25",) * 9, (f"{100 / 3:.4f}",) * 14])
def test_what_hardly_changes_is_not_marked_because_its_limits_are_printed_rounded(values: tuple[str, ...]) -> None:
    assert set(mark_chart([Decimal(value) for value in values])[1]) == {None}


def test_a_value_beyond_the_limit_is_marked_where_both_are_printed_alike() -> None:
    limits, signals = marked(12, 13, 10, 13, 12, 10, 13, 9, 18, 11, 11, 11)
    assert limits is not None
    assert limits.high == 18, "17.96, before it is rounded"
    assert signals[8] is Signal.OUTSIDE


@given(st.lists(st.one_of(st.none(), st.integers(0, 500)), max_size=20))
def test_each_value_has_its_mark_or_none_and_what_is_not_there_has_none(values: list[int | None]) -> None:
    limits, signals = marked(*values)
    assert len(signals) == len(values)
    for value, signal in zip(values, signals, strict=True):
        if limits and value is not None:
            is_inside = limits.low <= value <= limits.high
            is_on_limit = min(abs(value - limits.low), abs(value - limits.high)) <= Decimal("0.05")  # as it is printed
            assert is_on_limit or (signal is Signal.OUTSIDE) is not is_inside
        else:
            assert signal is None
