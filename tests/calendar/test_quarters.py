"""Financial quarters: which days they hold, how they are written, and that both ways agree."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.terms.dates import Quarter

quarters = st.builds(Quarter, st.integers(2013, 2040), st.integers(1, 4))


@given(quarters)
def test_a_quarter_is_read_back_from_its_key_and_from_its_label(quarter):
    assert Quarter.parse(quarter.key) == quarter
    assert Quarter.parse(f" {quarter.label.lower()} ") == quarter


@given(quarters)
def test_quarters_follow_one_another_without_a_gap(quarter):
    assert quarter.plus(1).start == quarter.end + timedelta(days=1)
    assert quarter.plus(1).previous == quarter
    assert quarter < quarter.plus(1)


@given(quarters, st.integers(-40, 40))
def test_going_on_and_back_again_leads_home(quarter, count):
    assert quarter.plus(count).plus(-count) == quarter
    assert quarter.year_ago == quarter.plus(-4)
    assert quarter.year_ago.months[:-4] == quarter.months[:-4]


def test_the_second_quarter_of_2014_15_is_july_to_september_2014():
    quarter = Quarter.parse("2014/15-Q2")
    assert (quarter.start, quarter.end) == (date(2014, 7, 1), date(2014, 9, 30))
    assert (quarter.months, quarter.code, str(quarter)) == ("July to September 2014", "1415Q2", "2014/15 Q2")


def test_the_last_quarter_lies_in_the_next_calendar_year():
    quarter = Quarter.parse("2014/15-Q4")
    assert quarter.months == "January to March 2015"
    assert quarter.end == date(2015, 3, 31)


@pytest.mark.parametrize("text", ["2014/16-Q2", "2014-Q2", "Q2 2014/15", "2014/15-Q5", "", "2014/15"])
def test_what_is_no_quarter_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match="is not a"):
        Quarter.parse(text)


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (date(2014, 3, 31), "2013/14-Q4"),
        (date(2014, 4, 1), "2014/15-Q1"),
        (date(2014, 9, 30), "2014/15-Q2"),
        (date(2014, 12, 31), "2014/15-Q3"),
        (date(2015, 1, 1), "2014/15-Q4"),
    ],
)
def test_a_day_lies_in_its_quarter(day: date, key: str) -> None:
    quarter = Quarter.of_day(day)
    assert quarter.key == key
    assert quarter.start <= day <= quarter.end
