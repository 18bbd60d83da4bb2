"""What holds of every cycle's dates, over every quarter from 2013 to 2040."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise

from calendar_told import ENGLAND, OFFSETS, a_meeting, boards, offsets, planned, quarters
from hypothesis import assume, given
from hypothesis import strategies as st

from csp_workflow.terms.dates import Quarter, in_london

# What always holds --------------------------------------------------------------------------


@given(quarters, offsets(), boards, st.integers(1, 120))
def test_the_stages_come_in_order_on_working_days(quarter, by, board, ahead):
    dates = planned(quarter, these=(board,), by=by)
    dates = planned(quarter, [("board", a_meeting(dates, ahead))], these=(board,), by=by)
    due, close = in_london(dates.due).date(), in_london(dates.close).date()
    common = [dates.extract_request, in_london(dates.extract_due).date(), dates.open]
    assert common == sorted(common)
    assert dates.open < due < close
    assert all(ENGLAND.is_working(day) for day in (*common, due, close))
    for paper in dates.papers:
        stages = [close, paper.draft, paper.clearance, paper.papers_out]
        assert stages == sorted(stages)
        assert paper.papers_out < paper.meeting
        assert all(map(ENGLAND.is_working, stages))
    assert bool(dates.papers) != any("cannot take" in warning for warning in dates.warnings)


@given(quarters, st.integers(0, 23), st.integers(0, 59))
def test_due_is_the_same_wall_clock_time_in_summer_and_winter(quarter, hour, minute):
    dates = planned(quarter, by=replace(OFFSETS, due_time=time(hour, minute)))
    for instant in (dates.extract_due, dates.due, dates.close):
        assert instant.utcoffset() is not None
        assert (in_london(instant).hour, in_london(instant).minute) == (hour, minute)


def test_due_at_five_is_four_utc_in_july_and_five_utc_after_the_clocks_went_back():
    assert planned(Quarter(2014, 1)).due.isoformat() == "2014-07-28T17:00:00+01:00"
    assert planned(Quarter(2014, 2)).due.isoformat() == "2014-10-28T17:00:00+00:00"


@given(st.dates(date(2013, 6, 1), date(2040, 12, 31)), st.integers(0, 10))
def test_between_publication_and_meeting_lie_so_many_whole_working_days(meeting, clear):
    publish = ENGLAND.before_clear_days(meeting, clear)
    between = [publish + timedelta(days=ahead) for ahead in range(1, (meeting - publish).days)]
    assert ENGLAND.is_working(publish)
    assert sum(map(ENGLAND.is_working, between)) == clear


@given(quarters, boards, st.integers(1, 120), st.integers(1, 30))
def test_a_meeting_that_moves_later_brings_no_date_forward(quarter, board, ahead, moved):
    before = planned(quarter, these=(board,))
    first, second = (
        planned(quarter, [("board", a_meeting(before, days))], these=(board,)) for days in (ahead, ahead + moved)
    )
    assume(first.papers)
    assert second.papers, "a meeting that could take the quarter can do so later"
    for earlier, later in zip(first.papers, second.papers, strict=True):
        assert (earlier.draft, earlier.clearance, earlier.papers_out) <= (
            later.draft,
            later.clearance,
            later.papers_out,
        )
        assert earlier.draft <= later.draft
        assert earlier.clearance <= later.clearance
        assert earlier.papers_out <= later.papers_out
    assert first.close <= second.close
    assert (first.due, first.open, first.extract_due) == (second.due, second.open, second.extract_due)


@given(quarters, boards, offsets(), st.integers(-60, 60))
def test_the_earliest_day_named_is_the_earliest_that_works(quarter, board, by, ahead):
    before = planned(quarter, these=(board,), by=by)
    dates = planned(quarter, [("board", a_meeting(before, ahead))], these=(board,), by=by)
    assume(not dates.papers)
    said = dates.warnings[0].split("could is ")[1].rstrip(".")
    day = next(
        day
        for day in (a_meeting(before, days) for days in range(200))
        if f"{day:%A} {day.day} {day:%B} {day.year}" == said
    )
    assert planned(quarter, [("board", day)], these=(board,), by=by).papers
    assert not planned(quarter, [("board", ENGLAND.plus(day, -1))], these=(board,), by=by).papers


@given(quarters, st.lists(st.integers(1, 150), max_size=4))
def test_the_order_in_which_meetings_are_listed_changes_nothing(quarter, aheads):
    before = planned(quarter)
    meetings = [("speb" if ahead % 2 else "panel", a_meeting(before, ahead)) for ahead in aheads]
    dates = planned(quarter, meetings)
    assert dates == planned(quarter, meetings[::-1])
    assert all(one.meeting <= other.meeting for one, other in pairwise(dates.papers))
