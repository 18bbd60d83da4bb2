"""False stories and missed changes, by simulation: quick in every run, closely with --sweep."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from csp_workflow.analysis.chance import find_quantile
from csp_workflow.analysis.years import measure_years
from tests.analysis.false_stories import (
    LEAST_FOUND,
    Unchanged,
    find_stories,
    list_restless,
    list_unchanged,
    measure_false,
    measure_found,
)

MOST_FALSE = 2.0
"""Of a hundred comparisons in which nothing has changed."""


def test_where_nothing_changed_hardly_a_story_is_told() -> None:
    false = {kind: measure_false(kind, find_stories, 4_000) for kind in list_unchanged()}
    assert max(false.values()) < MOST_FALSE + 0.7, "three standard errors of 4,000 rows"


def most_false(kind: Unchanged) -> float:
    """What was measured of the harder ones; by twelve quarters alone a swing of years cannot be told from a change."""
    if kind.swing:
        return {0.03: 9.0, 0.05: 18.5}[kind.swing] if kind.quarters > 12 else 28.0
    return {5: 2.9, 8: 3.6}[kind.ratio]


def test_what_varies_by_more_brings_few_false_stories_more() -> None:
    false = {kind: measure_false(kind, find_stories, 4_000) for kind in list_restless()}
    assert not {kind: found for kind, found in false.items() if found > most_false(kind) + 0.9}


@pytest.mark.parametrize("ratio", LEAST_FOUND)
def test_a_real_step_is_found_within_a_year(ratio: int) -> None:
    assert measure_found(ratio, find_stories, 4_000) > LEAST_FOUND[ratio]


@pytest.mark.parametrize(("in_year", "values"), [(4, 12), (4, 20), (1, 2), (1, 5)])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.85])
def test_a_share_that_stays_as_it_is_is_hardly_ever_a_story(share: float, in_year: int, values: int) -> None:
    """Of quarters whose counts are known, and of surveys of which one value stands for a year."""
    chance = np.random.default_rng(1)
    bases = chance.integers(60, 300, (4_000, values))
    counts = chance.binomial(bases, share)
    tables = (pd.DataFrame(one.astype(float)).reindex(columns=range(5 * in_year)) for one in (counts, bases))
    years = measure_years(*tables, in_year=in_year)
    assert years["usual"].notna().mean() > 0.9
    assert 100 * ((years["now"] > years["high"]) | (years["now"] < years["low"])).mean() < 1.5


@pytest.mark.sweep
@pytest.mark.parametrize("kind", list(list_unchanged()), ids=str)
def test_false_stories_stay_below_two_in_a_hundred_in_every_cell(kind) -> None:
    assert measure_false(kind, find_stories, 200_000, seed=7) <= MOST_FALSE


@pytest.mark.parametrize("spread", [1.0, 2.0])
def test_a_survey_that_varies_by_more_than_its_n_says_is_judged_by_what_it_showed(spread: float) -> None:
    """Quotas and weights: twice the variance that its n would give."""
    chance = np.random.default_rng(1)
    asked, told = 400, np.full((8_000, 5), 0.7)
    if spread > 1:
        fewer = (asked - spread) / (spread - 1)
        told = chance.beta(0.7 * fewer, 0.3 * fewer, told.shape)
    counts = pd.DataFrame(chance.binomial(asked, told).astype(float))
    years = measure_years(counts, pd.DataFrame(np.full(told.shape, float(asked))), in_year=1)
    assert 100 * ((years["now"] > years["high"]) | (years["now"] < years["low"])).mean() < 2.3


@pytest.mark.sweep
@pytest.mark.parametrize("looked_back", [16, 20])
@pytest.mark.parametrize("ratio", LEAST_FOUND)
def test_real_steps_are_found_as_often_as_they_must_be(ratio: int, looked_back: int) -> None:
    assert measure_found(ratio, find_stories, 200_000, looked_back=looked_back, seed=7) >= LEAST_FOUND[ratio]


@pytest.mark.parametrize(
    ("freedom", "chance", "t"),
    [
        (1, 0.05, 12.7062), (2, 0.05, 4.3027), (3, 0.05, 3.1824), (6, 0.05, 2.4469), (6, 0.01, 3.7074),
        (7, 0.02, 2.9980), (10, 0.05, 2.2281), (30, 0.05, 2.0423), (120, 0.05, 1.9799), (1_000, 0.05, 1.9623),
    ],
)  # fmt: skip
def test_student_s_t_is_what_the_printed_tables_have(freedom: int, chance: float, t: float) -> None:
    assert find_quantile(freedom, chance) == pytest.approx(t, abs=0.0001)
