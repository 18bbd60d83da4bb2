"""Made-up figures: the same draws give the same ones, they are of a plausible size, and they say what they are."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from statistics import mean, pvariance

from hypothesis import given
from hypothesis import strategies as st
from request_told import CHARNWOOD, Q2, SITE, form

from csp_workflow.rehearsal.illustrate import SOURCE, draw_around, draw_count, make_extract, make_history
from csp_workflow.terms.figures import FigureStatus


def made(seed: int = 1):
    return make_history(SITE, Q2, draw=random.Random(seed).random), make_extract(
        SITE, Q2, draw=random.Random(seed).random
    )


def test_the_same_seed_gives_the_same_figures_and_another_seed_others():
    assert made(1) == made(1)
    assert made(1) != made(2)


def test_every_figure_says_that_it_is_illustrative():
    past, newest = made()
    assert {(f.provenance.source, f.provenance.illustrative) for f in (*past, *newest)} == {(SOURCE, True)}


def test_a_history_covers_twelve_quarters_of_every_series_and_was_known_before_the_quarter_ended():
    past, _ = made()
    periods = {f.period for f in past if f.series == "M11" and f.area == CHARNWOOD.code}
    assert periods == {Q2.plus(-back).key for back in range(1, 13)}
    assert {"M11", "M12a", "M17a", "M12b", "M17b", "M03a.1", "M03a.2", "M03b", "M02b", "CHARN.L1"} == {
        f.series for f in past
    } - {
        "BLHB.L1",
        "BLHB.L2",
    }
    assert max(f.as_at for f in past) <= Q2.end
    assert "2013/14" in {f.period for f in past if f.series == "M02b"}


def test_the_extract_is_the_forces_provisional_figures_for_every_area_before_the_cycle_opens():
    _, newest = made()
    assert {f.series for f in newest} == {"M11", "M12a", "M17a", "M12b"}
    assert {(f.period, f.as_at, f.status) for f in newest} == {(Q2.key, date(2014, 10, 14), FigureStatus.PROVISIONAL)}
    assert len({f.area for f in newest if f.series == "M11"}) == 4


def test_a_forms_history_and_extract_are_filled_and_illustrative():
    past, newest = made()
    asked = form("charnwood", (*past, *newest))
    assert asked.illustrative
    assert all("not available" not in row.history for row in asked.figures)
    assert all(row.given for row in asked.figures if row.ref == "M11")
    assert SOURCE + "." in asked.sources


def test_sizes_rest_on_the_forces_baselines_and_the_areas_people():
    past, _ = made()
    burglary = defaultdict(Decimal)
    for figure in past:
        if figure.series == "M12a" and figure.period.startswith("2013/14"):
            burglary[figure.area] += figure.value
    share = 168_766 / 1_035_566 * 4_199
    assert 0.7 * share < burglary[CHARNWOOD.code] < 1.3 * share


def test_some_values_were_revised_later():
    past, _ = made()
    revised = [f for f in past if f.status is FigureStatus.REVISED]
    assert revised
    for figure in revised:
        assert any(
            f.period == figure.period and f.series == figure.series and f.area == figure.area and f.as_at < figure.as_at
            for f in past
        )


@given(st.floats(0, 500), st.integers(0, 2**32))
def test_counts_are_whole_and_never_below_none(expected, seed):
    count = draw_count(expected, random.Random(seed).random)
    assert count >= 0
    assert isinstance(count, int)


def test_counts_vary_as_chance_would_have_it():
    draw = random.Random(3).random
    for expected in (4, 30, 400):
        counts = [draw_count(expected, draw) for _ in range(3000)]
        assert 0.93 < mean(counts) / expected < 1.07
        assert 0.85 < pvariance(counts) / expected < 1.15
        wide = [draw_count(expected, draw, spread=3) for _ in range(3000)]
        assert 0.9 < mean(wide) / expected < 1.15, "what would fall below none is none"
        assert 2 < pvariance(wide) / expected < 3.4
    assert draw_count(0, draw) == 0
    assert draw_count(0, draw, spread=3) == 0
    assert 9 < mean(draw_around(10, 2, draw) for _ in range(500)) < 11
