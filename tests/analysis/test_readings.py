"""What figures say in words: what is judged, what is not and why, and what is said of chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.analysis.judging import judge_series
from csp_workflow.analysis.readings import (
    FEWEST,
    Chance,
    Direction,
    Intent,
    YearReading,
    amount_of,
    count_chance,
    find_intent,
)
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import (
    Break,
    Figure,
    FigureStatus,
    Frequency,
    Geography,
    MeasureKind,
    Polarity,
    Provenance,
    Series,
)

Q2 = Quarter.parse("2014/15-Q2")
SHARES = (MeasureKind.PERCENT, MeasureKind.SURVEY, MeasureKind.COHORT)
HIDDEN = "hidden"


def series(kind: MeasureKind = MeasureKind.COUNT, **others: object) -> Series:
    told = {
        "ref": "X1",
        "measure": "X",
        "title": "Something counted",
        "unit": "offences",
        "kind": kind,
        "polarity": Polarity.FALL,
        "geography": Geography.AREA,
        "frequency": Frequency.QUARTERLY,
        "owner": "force-analyst",
    }
    return Series(**{**told, **others})


def figure(value: float | str | None, base: int | None = None) -> Figure | None:
    if value is None:
        return None
    is_number = value != HIDDEN
    return Figure(
        series="X1",
        area="A",
        period="",
        as_at=date(2014, 10, 14),
        value=Decimal(str(value)) if is_number else None,
        status=FigureStatus.FINAL if is_number else FigureStatus.SUPPRESSED,
        provenance=Provenance(source="Made for a test"),
        base=base,
    )


def read(of: Series, *newest_first: float | str | tuple[float, int] | None) -> YearReading:
    """The reading of figures in one area, the newest first; a share as a pair of per cent and n."""
    figures = [figure(*one) if isinstance(one, tuple) else figure(one) for one in newest_first]
    return judge_series(of, Q2, {"A": figures})["A"].year


STEADY = [100, 104, 97, 99] * 3


@pytest.mark.parametrize(
    ("newest_first", "direction", "why"),
    [
        ([150, 152, 149, 151, *STEADY], Direction.RISING, ""),
        ([50, 52, 49, 51, *STEADY], Direction.FALLING, ""),
        ([0, 0, 0, 0, *STEADY], Direction.FALLING, ""),
        ([0] * 16, Direction.TOO_FEW, "Too few are counted"),
        ([103, 101, 99, 102, *STEADY], Direction.NO_CLEAR_CHANGE, ""),
        ([None, *STEADY], Direction.NOT_SUPPLIED, "not known"),
        ([HIDDEN, *STEADY], Direction.SUPPRESSED, "newest figure is suppressed"),
        ([100, HIDDEN, *STEADY], Direction.SUPPRESSED, "newest year is suppressed"),
        ([100, None, *STEADY], Direction.TOO_FEW, "newest year is missing"),
        ([100, 100, 100, 100, HIDDEN, 100, 100, 100], Direction.SUPPRESSED, "year before is suppressed"),
        ([100] * 7, Direction.TOO_FEW, "Too few earlier years"),
        ([4, 5, 4, 6] * 4, Direction.TOO_FEW, "Too few are counted"),
        ([100, 100, 100, 100, -300, *STEADY], Direction.TOO_FEW, "Too few are counted"),
        ([100.5, 100, 100, 100, *STEADY], Direction.NOT_COMPARABLE, "whole numbers"),
    ],
)
def test_a_year_is_held_against_the_usual_year_or_it_is_said_why_not(
    newest_first: list[float | str | None], direction: Direction, why: str
) -> None:
    said = read(series(), *newest_first)
    assert said.direction is direction
    assert why in said.why
    assert bool(said.why) is not direction.is_judged


def test_a_year_with_a_gap_is_left_out_and_the_others_are_the_yardstick() -> None:
    said = read(series(), *[150] * 4, 100, None, 100, 100, *STEADY)
    assert (said.direction, said.years, said.before) == (Direction.RISING, 3, None)


def test_the_reading_says_what_a_usual_year_is_and_between_what_it_lies() -> None:
    said = read(series(), *[100] * 4, *[110] * 4, *[90] * 4)
    assert (said.now.value, said.before.value, said.usual, said.years) == (400, 440, 400, 2)
    assert said.low < 400 < said.high


def test_a_season_is_no_change() -> None:
    assert read(series(), *[1200, 800, 1000, 1000] * 4).direction is Direction.NO_CLEAR_CHANGE


def test_years_that_swing_by_themselves_make_the_usual_range_wide() -> None:
    """No earlier year lay in what their quiet quarters alone call usual (4,116 to 4,584)."""
    swinging = [1250] * 4 + [1175] * 4 + [975] * 4 + [1200] * 4 + [1000] * 4
    said = read(series(), *swinging)
    assert said.direction is Direction.NO_CLEAR_CHANGE
    assert all(said.low <= year <= said.high for year in (4_700, 3_900, 4_800, 4_000))


def test_a_steady_trend_is_no_swing() -> None:
    falling = [round(1_000 * 1.08**year) for year in range(5) for _ in range(4)]
    assert read(series(), *falling).direction is Direction.FALLING


def test_no_further_back_is_looked_than_five_years() -> None:
    assert read(series(), *[100] * 20, *[400] * 20).direction is Direction.NO_CLEAR_CHANGE


def test_under_twelve_quarters_the_areas_are_pooled() -> None:
    figures = {name: [figure(n + (name == "B") * 2 * (-1) ** n) for n in range(100, 108)] for name in "AB"}
    said = judge_series(series(), Q2, figures)
    assert all(one.year.pooled and one.year.years == 1 for one in said.values())
    assert not read(series(), *STEADY, *STEADY).pooled


@pytest.mark.parametrize(
    ("frequency", "apart"), [(Frequency.YEARLY, 1), (Frequency.HALF_YEARLY, 2), (Frequency.ROLLING_12_MONTHS, 4)]
)
def test_what_is_not_counted_by_the_quarter_is_never_summed(frequency: Frequency, apart: int) -> None:
    years = [value for year in (700, 400, 410, 395, 405) for value in (year, *[9_999] * (apart - 1))]
    said = read(series(frequency=frequency), *years)
    assert (said.now.value, said.before.value, said.usual, said.direction) == (700, 400, 402, Direction.RISING)
    few = read(series(frequency=frequency), *years[: apart * 3])
    assert (few.direction, few.why) == (Direction.TOO_FEW, "Too few earlier years are known.")


def test_a_cost_is_shown_and_never_judged() -> None:
    said = read(series(MeasureKind.COST, frequency=Frequency.HALF_YEARLY), 105_942, 90_000, 105_943, 90_000)
    assert (said.now.value, said.before.value) == (105_942, 105_943)
    assert (said.direction, said.why) == (Direction.NOT_COMPARABLE, "How much it varies by itself is not known.")


def test_what_is_told_in_words_has_no_direction() -> None:
    for kind in (MeasureKind.MILESTONE, MeasureKind.NARRATIVE):
        assert read(series(kind), 1, 0).direction is Direction.NARRATIVE_ONLY


def test_within_a_break_figures_are_not_comparable() -> None:
    broken = series(broken=Break(day=Q2.plus(-2).start, reason="Sheds are counted too"))
    assert read(broken, 100, 100, 100).direction is Direction.NOT_COMPARABLE
    assert read(broken, 100, 100, 100).why == "Figures are comparable from 1 January 2014 on."
    before = series(comparable_from=Q2.plus(-5).start)
    assert read(before, *[100] * 6).direction is Direction.NOT_COMPARABLE
    assert read(before, *[100] * 8).direction is Direction.NO_CLEAR_CHANGE


# Shares ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SHARES)
def test_shares_of_a_year_are_judged_by_the_counts_behind_them(kind: MeasureKind) -> None:
    rolling = series(kind, frequency=Frequency.ROLLING_12_MONTHS)
    gap = [None] * 3
    assert read(rolling, (70, 400), *gap, (55, 400)).direction is Direction.RISING
    assert read(rolling, (70, 400), *gap, (69, 400)).direction is Direction.NO_CLEAR_CHANGE
    assert read(rolling, (70, 10), *gap, (20, 10)).direction is Direction.TOO_FEW
    assert read(rolling, 70, *gap, 55).direction is Direction.NOT_COMPARABLE
    assert read(rolling, (70, 400), *gap, 55).direction is Direction.NOT_COMPARABLE
    assert read(rolling, (99.5, 400), *gap, (100, 400)).direction is Direction.TOO_FEW


def test_a_quarterly_share_is_a_year_of_counts_over_a_year_of_bases() -> None:
    said = read(series(MeasureKind.PERCENT), (90, 10), (50, 190), (50, 100), (50, 100), *[(50, 100)] * 8)
    assert (said.now.value, said.now.base, said.now.count) == (Decimal("51.0"), 400, 204)
    assert (said.usual, said.direction) == (50, Direction.NO_CLEAR_CHANGE)


@pytest.mark.parametrize(
    ("share", "base", "count"),
    [
        ("62.5", 400, 250), ("70.3", 401, 282), ("70.1", 401, 281), ("70.2", 401, None), ("70", 3, None),
        ("2", 50, 1), ("0", 50, 0), ("100", 50, 50), ("101", 50, None), ("-1", 50, None), ("50", 0, None),
        ("50", None, None), ("33.33", 3, 1), ("33.3", 3, 1), ("33", 3, 1), ("7E+1", 40, 28),
    ],
)  # fmt: skip
def test_the_count_behind_a_share_is_known_where_a_whole_number_gives_it(
    share: str, base: int | None, count: int | None
) -> None:
    assert amount_of(figure(share, base), series(MeasureKind.PERCENT)).count == count


def test_a_count_that_is_given_is_the_one_behind_its_share() -> None:
    counted = replace(figure("1", 500), count=7)
    assert amount_of(counted, series(MeasureKind.PERCENT)).count == 7
    assert amount_of(figure("1", 500), series(MeasureKind.PERCENT)).count == 5


@given(st.integers(1, 400), st.data())
def test_a_share_printed_with_one_decimal_gives_its_count_back(base: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, base))
    share = round(Decimal(100 * count) / base, 1)
    assert amount_of(figure(str(share), base), series(MeasureKind.SURVEY)).count == count


# Always ----------------------------------------------------------------------------------------------

_HISTORY = st.lists(st.one_of(st.none(), st.integers(0, 3_000)), min_size=1, max_size=24)


@given(_HISTORY)
def test_what_is_called_a_change_lies_outside_what_is_printed_as_usual(values: list[int | None]) -> None:
    said = read(series(), *values)
    if said.direction.is_judged:
        assert said.low <= said.usual <= said.high
        assert said.usual >= FEWEST
        is_outside = not said.low <= said.now.value <= said.high
        assert said.direction.is_change is is_outside
        assert said.direction is not Direction.RISING or said.now.value > said.usual
    else:
        assert (said.usual, said.low, said.high) == (None, None, None)
        assert said.why


@given(st.lists(st.integers(0, 3_000), min_size=8, max_size=20), st.integers(0, 19))
def test_a_hidden_quarter_is_in_nothing_that_is_said(values: list[int], at: int) -> None:
    at %= len(values)
    hidden = [HIDDEN if n == at else value for n, value in enumerate(values)]
    others = [
        HIDDEN if n == at else value for n, value in enumerate([*values[:at], values[at] + 77, *values[at + 1 :]])
    ]
    assert read(series(), *hidden) == read(series(), *others)
    if at < 4:
        assert (read(series(), *hidden).now, read(series(), *hidden).direction) == (None, Direction.SUPPRESSED)


# Intent and chance -----------------------------------------------------------------------------------


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


def test_what_is_said_of_chance_is_reckoned_from_what_was_judged() -> None:
    directions = [Direction.RISING] * 3 + [Direction.NO_CLEAR_CHANGE] * 92 + [Direction.TOO_FEW] * 40
    found = count_chance(YearReading(direction=one) for one in directions)
    assert found == Chance(compared=95, unchanged=92, stories=3)
    assert found.in_words == "at most about two"


@pytest.mark.parametrize(
    ("compared", "words"),
    [
        (0, "none"),
        (20, "fewer than one"),
        (40, "at most about one"),
        (130, "at most about three"),
        (600, "at most about 14"),
    ],
)
def test_the_number_that_chance_brings_is_said_in_words(compared: int, words: str) -> None:
    assert Chance(compared=compared, unchanged=compared, stories=0).in_words == words
