"""What a paper is compiled from: each value under its own period, what is a story, and what may not be shown."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from csp_workflow.analysis.readings import Direction, Signal
from csp_workflow.report.facts import ReportFacts, Row
from csp_workflow.terms.figures import FigureStatus
from tests.report.paper_told import Q2, eight, facts, figure

CHARNWOOD, RUTLAND, CITY = "E22000165", "E22000169", "E06000016"
RISEN = (160, 150, 155, 160, *[100, 95, 105, 100] * 2)


def row(of: ReportFacts, ref: str, area: str = CHARNWOOD) -> Row:
    (series,) = [s for s in of.framework.series() if s.ref == ref]
    return next(one for one in of.rows(series) if one.area.code == area)


def first(of: ReportFacts, ref: str) -> Row:
    (series,) = [s for s in of.framework.series() if s.ref == ref]
    return of.rows(series)[0]


@pytest.mark.parametrize(
    ("ref", "period", "in_words", "year"),
    [
        ("M11", "2014/15-Q2", "July to September 2014", "twelve months to September 2014"),
        ("M03b", "2013/14-Q4", "January to March 2014", "twelve months to March 2014"),
        ("M02b", "2013/14", "year 2013/14", "year 2013/14"),
        ("M03c", "2014/15-Q2", "April to September 2014", "April to September 2014"),
        ("M09", "2014/15-Q2", "twelve months to September 2014", "twelve months to September 2014"),
    ],
)
def test_each_value_stands_under_its_own_period(ref: str, period: str, in_words: str, year: str) -> None:
    found = first(facts(), ref)
    assert (found.period, found.period_words, found.year_words) == (period, in_words, year)


def test_a_value_of_half_a_year_stands_under_the_half_that_has_ended() -> None:
    found = first(replace(facts(), quarter=Q2.plus(1)), "M03c")
    assert (found.period, found.period_words) == ("2014/15-Q2", "April to September 2014")


def test_a_yearly_value_stands_under_the_last_year_that_has_ended_beside_the_one_before() -> None:
    area = first(facts(), "M02b").area.code
    years = [figure("M02b", area, Q2, 31, period="2013/14"), figure("M02b", area, Q2, 33, period="2012/13")]
    found = first(facts(*years), "M02b")
    assert (found.figure, found.before) == tuple(years)
    assert found.year.now.value == 31, "never a sum"
    assert [(p.quarter.key, p.amount.value) for p in found.points] == [("2012/13-Q4", 33), ("2013/14-Q4", 31)]


def test_a_story_is_a_year_that_differs_from_the_usual_one_and_stories_stand_in_the_plan_s_order() -> None:
    of = facts(
        *eight("M13a", CHARNWOOD, *RISEN), *eight("M12a", CHARNWOOD, *RISEN), *eight("M11", CHARNWOOD, *RISEN[4:])
    )
    assert [one.series.ref for one in of.stories()] == ["M12a", "M13a"]
    assert (of.count_chance().compared, of.count_chance().unchanged, of.count_chance().stories) == (3, 1, 2)


def test_a_quarter_outside_the_limits_is_marked_and_no_story() -> None:
    found = row(facts(*eight("M11", CHARNWOOD, 150, *[100, 104, 96, 100] * 4)), "M11")
    assert not found.is_story
    assert found.points[-1].signal is Signal.OUTSIDE
    assert (found.limits.points, found.limits.trial) == (13, False)
    assert len(found.points) == 12


def test_points_are_the_newest_twelve_the_oldest_first_with_their_gaps() -> None:
    values = [100, 110, None, 120]
    of = facts(*(figure("M11", CHARNWOOD, Q2.plus(-back), value) for back, value in enumerate(values)))
    found = row(of, "M11")
    assert [(p.quarter, p.amount and p.amount.value) for p in found.points] == [
        (Q2.plus(-3), 120), (Q2.plus(-2), None), (Q2.plus(-1), 110), (Q2, 100),
    ]  # fmt: skip
    assert found.limits is None


def test_what_runs_over_twelve_months_has_no_limits() -> None:
    area = first(facts(), "M09").area.code
    of = facts(*(figure("M09", area, Q2.plus(-back), 80 + back % 3, base=400) for back in range(12)))
    assert (first(of, "M09").limits, len(first(of, "M09").points)) == (None, 12)
    assert first(of, "M09").year.years == 2


@pytest.mark.parametrize("back", [0, 1])
def test_a_hidden_cell_is_suppressed_and_so_is_the_year_that_holds_it(back: int) -> None:
    place = "M11", CHARNWOOD, Q2.plus(-back).key
    known = facts(*eight("M11", CHARNWOOD, *RISEN))
    hidden = replace(known, hidden=frozenset({place}))
    found = row(hidden, "M11")
    assert (found.year.direction, found.year.now) == (Direction.SUPPRESSED, None)
    assert found.points[-1 - back].amount is None
    assert row(known, "M11").is_story
    if not back:
        assert (found.figure.value, found.figure.status, found.quarter.now) == (None, FigureStatus.SUPPRESSED, None)
        assert hidden.quote_figure(found.figure, found.series) == "suppressed"


def test_a_hidden_year_before_is_left_out_of_what_is_usual() -> None:
    known = facts(*eight("M11", CHARNWOOD, *RISEN, 300, 300, 300, 300))
    found = row(replace(known, hidden=frozenset({("M11", CHARNWOOD, f"year to {Q2.plus(-12).key}")})), "M11")
    assert (row(known, "M11").year.years, row(known, "M11").year.usual) == (3, 667)
    assert (found.year.years, found.year.usual, found.year.before.value) == (2, 400, 400)
    assert len(found.points) == 12, "each of its quarters may be shown"
    found = row(replace(known, hidden=frozenset({("M11", CHARNWOOD, f"year to {Q2.plus(-4).key}")})), "M11")
    assert (found.year.years, found.year.before) == (2, None)


def test_a_hidden_year_is_suppressed_where_each_of_its_quarters_may_be_shown() -> None:
    known = facts(*eight("M11", CHARNWOOD, *RISEN))
    found = row(replace(known, hidden=frozenset({("M11", CHARNWOOD, f"year to {Q2.key}")})), "M11")
    assert (found.year.direction, found.year.now, found.figure.value) == (Direction.SUPPRESSED, None, 160)


def test_a_small_number_is_suppressed_in_every_reading() -> None:
    of = facts(*eight("M17a.1", RUTLAND, 4, *[30] * 11))
    found = row(of, "M17a.1", RUTLAND)
    assert (found.quarter.now, found.points[-1].amount) == (None, None)
    assert found.year.direction is Direction.SUPPRESSED
    assert of.quote_figure(found.figure, found.series) == "fewer than 5"


def test_a_row_is_worked_out_once() -> None:
    of = facts(*eight("M11", CHARNWOOD, *RISEN))
    assert row(of, "M11") is row(of, "M11")


def test_nothing_waits_for_pandas_before_a_paper_is_compiled() -> None:
    words = "import sys, csp_workflow.steps.beat, csp_workflow.report.contents; sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", words], check=True)
