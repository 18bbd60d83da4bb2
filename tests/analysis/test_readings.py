"""Direction of travel: what two amounts say, and what they never say."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.analysis.readings import (
    FEWEST,
    Amount,
    Direction,
    Intent,
    add_up,
    chance_of_counts,
    compare,
    find_intent,
)
from csp_workflow.terms.figures import Frequency, Geography, MeasureKind, Polarity, Series


def series(kind: MeasureKind = MeasureKind.COUNT, polarity: Polarity = Polarity.FALL) -> Series:
    return Series(
        ref="X1",
        measure="X",
        title="Something counted",
        unit="offences",
        kind=kind,
        polarity=polarity,
        geography=Geography.AREA,
        frequency=Frequency.QUARTERLY,
        owner="force-analyst",
    )


def said(
    now: int | None, before: int | None, kind: MeasureKind = MeasureKind.COUNT, base: int | None = None
) -> Direction:
    made = [None if v is None else Amount(value=Decimal(v), base=base) for v in (now, before)]
    return compare(made[0], made[1], series(kind)).direction


@pytest.mark.parametrize(
    ("now", "before", "direction"),
    [
        (89, 73, Direction.NO_CLEAR_CHANGE),
        (140, 90, Direction.RISING),
        (90, 140, Direction.FALLING),
        (9, 4, Direction.TOO_FEW),
        (0, 0, Direction.TOO_FEW),
        (0, 40, Direction.FALLING),
        (None, 40, Direction.NOT_SUPPLIED),
        (40, None, Direction.NOT_COMPARABLE),
        (-3, 60, Direction.TOO_FEW),
        (15_000, 15_100, Direction.NO_CLEAR_CHANGE),
        (15_000, 16_500, Direction.FALLING),
    ],
)
def test_counts_are_called_changed_only_beyond_chance(
    now: int | None, before: int | None, direction: Direction
) -> None:
    assert said(now, before) is direction


def test_shares_are_judged_only_with_the_numbers_behind_them() -> None:
    assert said(70, 55, MeasureKind.SURVEY) is Direction.NOT_COMPARABLE
    assert said(70, 55, MeasureKind.SURVEY, base=400) is Direction.RISING
    assert said(70, 69, MeasureKind.SURVEY, base=400) is Direction.NO_CLEAR_CHANGE
    assert said(70, 20, MeasureKind.SURVEY, base=10) is Direction.TOO_FEW


def test_a_cost_rises_or_falls_by_the_penny_and_what_is_told_in_words_has_no_direction() -> None:
    assert said(101, 100, MeasureKind.COST) is Direction.RISING
    assert said(99, 100, MeasureKind.COST) is Direction.FALLING
    assert said(100, 100, MeasureKind.COST) is Direction.NO_CLEAR_CHANGE
    for kind in (MeasureKind.MILESTONE, MeasureKind.NARRATIVE):
        assert said(1, 0, kind) is Direction.NARRATIVE_ONLY


@pytest.mark.parametrize("share", [0, 100])
def test_nobody_and_everybody_twice_is_no_change(share: int) -> None:
    assert said(share, share, MeasureKind.SURVEY, base=400) is Direction.NO_CLEAR_CHANGE


def test_twelve_months_need_all_four_quarters() -> None:
    quarters = [Amount(value=Decimal(n)) for n in (10, 12, 9, 14)]
    assert add_up(quarters) == Amount(value=Decimal(45))
    assert add_up([*quarters[:3], None]) is None


@pytest.mark.parametrize(
    ("direction", "polarity", "meant"),
    [
        (Direction.FALLING, Polarity.FALL, Intent.INTENDED),
        (Direction.RISING, Polarity.FALL, Intent.AGAINST),
        (Direction.RISING, Polarity.IMPROVEMENT, Intent.INTENDED),
        (Direction.RISING, Polarity.AMBIGUOUS, Intent.UNCLEAR),
        (Direction.NO_CLEAR_CHANGE, Polarity.FALL, Intent.NOTHING_TO_SAY),
    ],
)
def test_a_direction_is_read_against_what_is_sought(direction: Direction, polarity: Polarity, meant: Intent) -> None:
    assert find_intent(direction, polarity) is meant


_COUNTS = st.integers(min_value=0, max_value=5_000)


@given(_COUNTS, _COUNTS)
def test_turning_the_periods_round_turns_the_direction_round(now: int, before: int) -> None:
    turned = {Direction.RISING: Direction.FALLING, Direction.FALLING: Direction.RISING}
    first = said(now, before)
    assert said(before, now) is turned.get(first, first)


@given(_COUNTS)
def test_equal_counts_never_have_a_direction(count: int) -> None:
    assert said(count, count) in {Direction.NO_CLEAR_CHANGE, Direction.TOO_FEW}


@given(st.integers(0, FEWEST - 1), st.data())
def test_nothing_is_judged_under_the_floor(both: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, both))
    assert said(first, both - first) is Direction.TOO_FEW


@given(_COUNTS, _COUNTS)
def test_a_chance_is_a_chance(first: int, second: int) -> None:
    assert 0 <= chance_of_counts(first, second) <= 1


def test_the_approximation_meets_the_exact_value_where_they_join() -> None:
    exact, near = chance_of_counts(950, 1_050), chance_of_counts(951, 1_050)
    assert abs(exact - near) < 0.005
