"""Rates with their own denominators, and an area beside its group: in words, with limits, and never a rank."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.analysis.peers import (
    OTHERS,
    Comparators,
    PeerReading,
    Position,
    Rate,
    reckon_limits,
    sum_rates,
)
from csp_workflow.terms.comparisons import Denominator, KnownFigures, denominator_of
from csp_workflow.terms.figures import Figure, FigureStatus, Frequency, MeasureKind, Suppression
from tests.analysis.peers_told import (
    CODES,
    GROUP,
    Q2,
    TODAY,
    VIOLENCE,
    YEAR_TO_Q2,
    comparators,
    figure,
    line,
    people,
    rate_of,
    year,
)

# Rates ------------------------------------------------------------------------------------------------


def test_a_rate_is_of_twelve_months_and_keeps_what_it_was_divided_by():
    rate = rate_of(*year(100, 90, 80, 70), people(170_000))
    assert rate == Rate(
        value=Decimal(2),
        per=1000,
        of="residents",
        period=YEAR_TO_Q2,
        denominator=Decimal(170_000),
        denominator_from="mid-2013, Office for National Statistics",
        made_of=(
            *((VIOLENCE.ref, CODES[0], Q2.plus(-back).key) for back in range(4)),
            ("residents", CODES[0], "mid-2013"),
        ),
    )


@pytest.mark.parametrize(
    ("denominator", "made_with"),
    [
        ("per 1,000 residents", Denominator(per=1000, of="residents")),
        ("per 1,000 households", Denominator(per=1000, of="households")),
        ("per 100,000 residents aged 10 to 17", Denominator(per=100_000, of="residents aged 10 to 17")),
        (" per 1000  residents  aged 18 to 24", Denominator(per=1000, of="residents aged 18 to 24")),
        ("adults in treatment", None),
        ("per head", None),
        ("per 0 residents", None),
        ("", None),
    ],
)
def test_what_a_rate_is_made_with_stands_in_the_series(denominator, made_with):
    assert denominator_of(replace(VIOLENCE, denominator=denominator)) == made_with


def test_a_share_has_no_rate():
    assert denominator_of(replace(VIOLENCE, kind=MeasureKind.PERCENT)) is None


def test_a_rate_is_made_with_what_its_series_says():
    households = replace(VIOLENCE, denominator="per 1,000 households")
    both = (*year(10, 10, 10, 10), people(170_000), people(70_000, of="households"))
    assert rate_of(*both, series=households).denominator == 70_000
    assert rate_of(*year(10, 10, 10, 10), people(170_000), series=households) is None


@pytest.mark.parametrize(
    "other",
    [
        people(38_000, area=CODES[1]),
        people(170_000, as_at=date(2015, 6, 25)),
        people(170_000, period="mid-2015"),
        people(170_000, period="mid-2003"),
        people(0),
        people(-1),
        people(None),
    ],
)
def test_no_rate_is_made_with_another_areas_people_or_with_what_was_not_known(other):
    assert rate_of(*year(100, 90, 80, 70), other) is None


def test_the_latest_known_denominator_before_the_periods_end_is_used():
    known = [people(160_000, period="mid-2012"), people(170_000), people(999, period="mid-2015")]
    assert rate_of(*year(100, 90, 80, 70), *known).denominator == 170_000


@pytest.mark.parametrize("missing", [(100, 90, 80), (100, None, 80, 70)])
def test_a_part_of_a_year_has_no_rate(missing):
    assert rate_of(*year(*missing), people(170_000)) is None


def test_a_hidden_quarter_hides_the_rate():
    small = replace(VIOLENCE, suppression=Suppression(below=5, shown_as="fewer than 5"))
    assert rate_of(*year(100, 3, 80, 70), people(170_000), series=small) is None
    assert rate_of(*year(100, 5, 80, 70), people(170_000), series=small) is not None


def test_a_count_that_is_marked_as_not_reliable_has_no_rate():
    marked = replace(figure(80, period=Q2.plus(-2).key), note="[u]")
    assert rate_of(*year(100, 90, None, 70), marked, people(170_000)) is None
    assert rate_of(replace(figure(340, period=YEAR_TO_Q2), note="[u] [note 4]"), people(170_000)) is None


def test_hidden_twelve_months_have_no_rate_and_are_in_no_groups_average():
    hidden = frozenset({("M13a", CODES[0], f"year to {Q2.key}"), ("M13a", CODES[1], f"year to {Q2.key}")})
    found = Comparators(KnownFigures(filled(), TODAY), [GROUP], [line()], hidden)
    assert found.find_rate(VIOLENCE, CODES[0], Q2) is None
    assert found.compare(VIOLENCE, CODES[0], Q2).why == "small numbers are not shown"
    assert found.compare(VIOLENCE, CODES[2], Q2).members == 5


def test_a_year_that_was_published_whole_serves_where_no_quarter_is_known():
    whole = figure(340, period=YEAR_TO_Q2)
    assert rate_of(whole, people(170_000)).value == 2
    assert rate_of(whole, *year(100, 90), people(170_000)) is None, "two sources for one year would be mixed"


@pytest.mark.parametrize(
    ("frequency", "figures", "value"),
    [
        (Frequency.HALF_YEARLY, [figure(30), figure(40, period=Q2.plus(-2).key)], 70),
        (Frequency.ROLLING_12_MONTHS, [figure(300)], 300),
        (Frequency.YEARLY, [figure(300, period="2013/14")], 300),
        (Frequency.EVENT, [figure(300)], None),
    ],
)
def test_twelve_months_are_reckoned_as_often_as_a_series_has_values(frequency, figures, value):
    rate = rate_of(*figures, people(1000), series=replace(VIOLENCE, frequency=frequency))
    assert (rate.value if rate else None) == value


def test_a_lagged_series_has_the_rate_of_the_year_that_is_known():
    lagged = replace(VIOLENCE, lag_quarters=1)
    rate = comparators(*year(None, 10, 10, 10), figure(10, period=Q2.plus(-4).key), people(1000)).find_rate(
        lagged, CODES[0], Q2
    )
    assert (rate.value, rate.period) == (40, "12 months to 2014/15-Q1")


@given(st.integers(0, 10**6), st.integers(1, 10**7))
def test_a_rate_times_its_denominator_is_the_count(count, residents):
    rate = rate_of(*year(count, 0, 0, 0), people(residents))
    assert round(rate.value * rate.denominator / rate.per) == count


# Beside an extract's group ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("6.91", Position.ABOVE),
        ("5.99", Position.SIMILAR),
        ("5.30", Position.SIMILAR),
        ("4.61", Position.SIMILAR),
        ("4.60", Position.BELOW),
    ],
)
def test_an_extract_is_read_in_its_own_numbers(rate, words):
    found = comparators(groups=[line(rate=Decimal(rate))]).compare(VIOLENCE, CODES[0], Q2)
    assert found == PeerReading(
        words=words,
        rate=Decimal(rate),
        average=Decimal("5.30"),
        low=Decimal("4.61"),
        high=Decimal("5.99"),
        unit="per 1,000 residents",
        period=YEAR_TO_Q2,
        group="Most Similar Group",
        version=date(2014, 10, 1),
        as_at=date(2014, 10, 20),
        members=15,
        is_extract=True,
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": FigureStatus.SUPPRESSED, "rate": None}, "the extract says suppressed"),
        ({"members": OTHERS}, "fewer than 3 other areas have a value"),
    ],
)
def test_an_extract_that_says_too_little_gives_no_comparator(changes, why):
    found = comparators(*filled(), peers=[GROUP], groups=[line(**changes)]).compare(VIOLENCE, CODES[0], Q2)
    assert (found.words, found.average, found.why) == (Position.NO_COMPARATOR, None, why)


def test_what_an_extract_said_later_stands_and_what_it_will_say_is_not_known():
    groups = [line(as_at=date(2014, 11, 3), rate=Decimal(5)), line(), line(as_at=date(2014, 12, 1), rate=Decimal(4))]
    assert comparators(groups=groups).compare(VIOLENCE, CODES[0], Q2).rate == 5


def test_twelve_months_come_before_a_quarter_and_other_periods_serve_nothing():
    quarter, before = line(period=Q2.key, rate=Decimal(1)), line(period="12 months to 2014/15-Q1")
    assert comparators(groups=[quarter, line()]).compare(VIOLENCE, CODES[0], Q2).period == YEAR_TO_Q2
    assert comparators(groups=[quarter]).compare(VIOLENCE, CODES[0], Q2).period == Q2.key
    assert comparators(groups=[before]).compare(VIOLENCE, CODES[0], Q2).words is Position.NO_COMPARATOR


def test_an_extract_tells_no_small_number_that_is_kept_back():
    small = replace(VIOLENCE, suppression=Suppression(below=5, shown_as="fewer than 5"))
    hidden = comparators(*year(100, 3, 80, 70), groups=[line()]).compare(small, CODES[0], Q2)
    assert (hidden.words, hidden.rate, hidden.why) == (Position.NO_COMPARATOR, None, "small numbers are not shown")
    assert comparators(*year(100, 5, 80, 70), groups=[line()]).compare(small, CODES[0], Q2).rate is not None


# Beside areas that the site has chosen ----------------------------------------------------------------


def filled(*own: int, others: tuple[int | None, ...] = (90, 95, 100, 105, 110, 100, 100)) -> list[Figure]:
    """A quarter's value for an area and for the others of its group, four times each; 100,000 residents everywhere."""
    values = dict(zip(CODES, (own[0] if own else 100, *others), strict=False))
    return [one for code, n in values.items() for one in (*year(n, n, n, n, area=code), people(100_000, area=code))]


@pytest.mark.parametrize(
    ("own", "words"), [(100, Position.SIMILAR), (160, Position.ABOVE), (50, Position.BELOW), (112, Position.SIMILAR)]
)
def test_an_area_stands_beside_the_average_of_the_others(own, words):
    found = comparators(*filled(own), peers=[GROUP]).compare(VIOLENCE, CODES[0], Q2)
    assert (found.words, found.rate, found.average) == (words, Decimal(own) * 4 / 100, Decimal(4))
    assert (found.members, found.is_extract, found.group) == (7, False, "Chosen comparators")
    assert (found.version, found.as_at, found.unit) == (GROUP.version, TODAY, "per 1,000 residents")
    assert found.low < found.average < found.high


def test_every_area_of_a_group_is_read_beside_all_the_others():
    of = comparators(*filled(160), peers=[GROUP])
    found = [of.compare(VIOLENCE, code, Q2) for code in CODES]
    assert [one.words for one in found] == [Position.ABOVE, *[Position.SIMILAR] * 7]
    assert len({one.average for one in found}) > 1, "each area is left out of its own average"


def test_fewer_than_three_others_are_no_group():
    for others, words in (((90, 100, 110), Position.SIMILAR), ((90, 100, None), Position.NO_COMPARATOR), ((), None)):
        found = comparators(*filled(others=others), peers=[GROUP]).compare(VIOLENCE, CODES[0], Q2)
        assert found.words is (words or Position.NO_COMPARATOR)
        assert bool(found.why) is (words is not Position.SIMILAR)


def test_small_numbers_are_not_compared():
    found = comparators(*filled(1, others=(1, 1, 1, 1)), peers=[GROUP]).compare(VIOLENCE, CODES[0], Q2)
    assert (found.words, found.why) == (Position.NO_COMPARATOR, "the numbers are too small for a comparison")


def test_an_area_without_group_or_rate_has_no_comparator():
    elsewhere = comparators(*filled(), peers=[replace(GROUP, areas=tuple(CODES[1:]))])
    assert "no comparison group" in elsewhere.compare(VIOLENCE, CODES[0], Q2).why
    unknown = comparators(*filled()[4:], peers=[GROUP]).compare(VIOLENCE, CODES[0], Q2)
    assert (unknown.words, unknown.why) == (Position.NO_COMPARATOR, "there is no rate of the area's own")


def test_the_group_is_the_one_of_the_periods_end():
    later = replace(GROUP, title="Later", version=date(2014, 9, 30))
    after = replace(GROUP, title="After", version=date(2014, 10, 1))
    found = comparators(*filled(), peers=[after, later, GROUP]).compare(VIOLENCE, CODES[0], Q2)
    assert found.group == "Later"
    assert comparators(*filled(), peers=[after]).compare(VIOLENCE, CODES[0], Q2).words is Position.NO_COMPARATOR


@given(st.permutations(range(7)))
def test_the_order_of_a_group_is_no_matter(order):
    codes = (CODES[0], *(CODES[1:][n] for n in order))
    found = comparators(*filled(150), peers=[replace(GROUP, areas=codes)]).compare(VIOLENCE, CODES[0], Q2)
    assert found == comparators(*filled(150), peers=[GROUP]).compare(VIOLENCE, CODES[0], Q2)


def rate(count: float, residents: float) -> Rate:
    value, people = Decimal(count) * 1000 / Decimal(residents), Decimal(residents)
    return Rate(value=value, per=1000, of="residents", period="", denominator=people, denominator_from="", made_of=())


@given(st.lists(st.integers(0, 900), min_size=3, max_size=40), st.integers(0, 900), st.integers(10**3, 10**7))
def test_what_is_left_without_an_area_is_what_the_others_are(counts, own, residents):
    others, one = [rate(count, 100_000) for count in counts], rate(own, residents)
    left, alone = sum_rates([*others, one]).without(one), sum_rates(others)
    assert left.count == alone.count
    assert float(left.average) == pytest.approx(fmean(float(r.value) for r in others), abs=1e-9)
    assert left.spread == pytest.approx(variance(float(r.value) for r in others), rel=1e-6, abs=1e-6)
    assert left.events == pytest.approx(alone.events)


@given(st.lists(st.integers(50, 900), min_size=3, max_size=40), st.integers(50, 900))
def test_limits_lie_about_the_average_and_are_wider_for_a_smaller_area(counts, own):
    others = [rate(count, 100_000) for count in counts]
    average = float(sum(other.value for other in others) / len(others))
    (low, high), (lower, higher) = (reckon_limits(rate(own, size), sum_rates(others)) for size in (100_000, 10_000))
    assert 0 <= lower <= low < average < high < higher
    chance = math.sqrt(average * 1000 / 100_000)
    assert float(high) - average > 1.96 * chance, "never narrower than what chance alone would bring"


@pytest.mark.parametrize("members", [3, 7, 14])
@pytest.mark.parametrize("spread", [0.0, 0.25])
def test_of_areas_that_are_alike_one_in_twenty_lies_outside(members, spread):
    """Sizes from 38,000 to 340,000 people, levels that differ by `spread` of the average, chance as counts have it."""
    draws, times = random.Random(11), 1500
    outside = 0
    for _ in range(times):
        areas = []
        for _ in range(members + 1):
            residents = draws.uniform(38_000, 340_000)
            expected = max(draws.gauss(1, spread), 0.05) * residents * 5 / 1000
            areas.append(rate(max(draws.gauss(expected, math.sqrt(expected)), 0), residents))
        low, high = reckon_limits(areas[0], sum_rates(areas[1:]))
        outside += not low <= areas[0].value <= high
    assert outside / times < 0.075
