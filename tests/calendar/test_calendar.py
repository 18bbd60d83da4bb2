"""The dates of a cycle: worked examples, warnings, offsets and extensions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from calendar_told import ENGLAND, OFFSETS, PANEL, Q2, SPEB, planned

from csp_workflow.request.calendar import offset_faults, reckon_dates
from csp_workflow.terms.dates import HolidaysRunOut, Meeting, Quarter, WorkingDays, in_london

# Worked examples ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("meeting", "publish"),
    [
        (date(2019, 12, 11), date(2019, 12, 3)),
        (date(2014, 9, 25), date(2014, 9, 17)),
        (date(2022, 9, 26), date(2022, 9, 15)),  # the state funeral on 19 September was a bank holiday
    ],
)
def test_five_clear_days_before_a_meeting(meeting, publish):
    assert ENGLAND.before_clear_days(meeting, 5) == publish
    board = replace(PANEL, lead_days=0)
    quarter = Quarter(meeting.year, 1).plus((meeting.month - 4) // 3 - 2)
    dates = planned(quarter, [("panel", meeting)], these=(board,))
    assert dates.papers[0].papers_out == publish


def test_the_second_quarter_of_2014_15_for_the_board_of_1_december():
    dates = planned(meetings=[("speb", date(2014, 12, 1))], these=(SPEB,))
    assert (dates.extract_request, dates.open) == (date(2014, 10, 1), date(2014, 10, 15))
    assert dates.extract_due.isoformat() == "2014-10-14T17:00:00+01:00"
    assert dates.due.isoformat() == "2014-10-28T17:00:00+00:00"
    assert dates.close.isoformat() == "2014-11-04T17:00:00+00:00"
    (paper,) = dates.papers
    assert (paper.draft, paper.clearance, paper.papers_out) == (
        date(2014, 11, 11),
        date(2014, 11, 18),
        date(2014, 11, 20),
    )
    assert dates.warnings == ()


@pytest.mark.parametrize(
    ("quarter", "ten", "twenty"),
    [
        (Quarter(2026, 1), date(2026, 7, 14), date(2026, 7, 28)),
        (Quarter(2026, 2), date(2026, 10, 14), date(2026, 10, 28)),
        (Quarter(2026, 3), date(2027, 1, 15), date(2027, 1, 29)),
        (Quarter(2026, 4), date(2027, 4, 14), date(2027, 4, 28)),
    ],
)
def test_ten_and_twenty_working_days_after_the_quarters_of_2026_27(quarter, ten, twenty):
    dates = planned(quarter)
    assert in_london(dates.extract_due).date() == ten
    assert in_london(dates.due).date() == twenty


def test_a_meeting_that_comes_too_soon_is_said_plainly_and_has_no_paper():
    dates = planned(meetings=[("panel", date(2014, 10, 8)), ("speb", date(2014, 12, 1))])
    assert [paper.board for paper in dates.papers] == ["speb"]
    assert dates.warnings == (
        (
            "The Police and Crime Panel on Wednesday 8 October 2014 cannot take 2014/15 Q2: its papers leave on Friday "
            "26 September 2014, before the quarter's figures exist. The earliest day on which it could is Wednesday "
            "19 November 2014."
        ),
    )


def test_a_meeting_whose_draft_would_come_before_the_due_date_cannot_take_the_quarter():
    dates = planned(meetings=[("panel", date(2014, 11, 18))], these=(PANEL,))
    assert dates.papers == ()
    assert (
        "its draft would have to be made on Tuesday 28 October 2014, and returns are due on Tuesday 28"
        in dates.warnings[0]
    )


def test_on_the_earliest_day_that_is_named_the_meeting_can_take_the_quarter():
    assert planned(meetings=[("panel", date(2014, 11, 19))], these=(PANEL,)).papers
    assert not planned(meetings=[("panel", date(2014, 11, 18))], these=(PANEL,)).papers


def test_a_meeting_that_binds_brings_the_close_forward_and_never_the_due_date():
    dates = planned(meetings=[("panel", date(2014, 11, 20)), ("speb", date(2014, 12, 1))])
    assert in_london(dates.due).date() == date(2014, 10, 28)
    assert in_london(dates.close).date() == date(2014, 10, 30) == dates.papers[0].draft
    assert dates.warnings == (
        (
            "Returns close on Thursday 30 October 2014 instead of Tuesday 4 November 2014, because the draft for the "
            "Police and Crime Panel on Thursday 20 November 2014 must be made that day."
        ),
    )


def test_a_cancelled_meeting_is_planned_without_and_said():
    meetings = [Meeting(board="speb", day=date(2014, 12, 1), quarter=Q2, cancelled=True)]
    dates = reckon_dates(Q2, meetings=meetings, boards=[SPEB], offsets=OFFSETS, working_days=ENGLAND)
    assert dates.papers == ()
    assert dates.warnings == (
        (
            "The meeting of the Strategic Partnership Executive Board on Monday 1 December 2014 is cancelled, "
            "and no other is to take 2014/15 Q2."
        ),
    )
    meetings.append(Meeting(board="speb", day=date(2014, 12, 8), quarter=Q2))
    again = reckon_dates(Q2, meetings=meetings, boards=[SPEB], offsets=OFFSETS, working_days=ENGLAND)
    assert [paper.meeting for paper in again.papers] == [date(2014, 12, 8)]
    assert again.warnings == ()


def test_a_meeting_that_takes_another_quarter_plays_no_part():
    other = Meeting(board="speb", day=date(2014, 12, 1), quarter=Q2.plus(1))
    dates = reckon_dates(Q2, meetings=[other], boards=[SPEB], offsets=OFFSETS, working_days=ENGLAND)
    assert dates.warnings == (
        "No meeting of the Strategic Partnership Executive Board is on record to take 2014/15 Q2.",
    )


def test_a_cycle_that_touches_a_pre_election_period_says_so():
    period = [(date(2027, 3, 31), date(2027, 5, 6))]
    assert planned(Quarter(2026, 4), pre_election=period).pre_election
    assert not planned(Quarter(2026, 3), pre_election=period).pre_election


def test_a_table_that_is_too_short_says_what_to_extend():
    short = WorkingDays(ENGLAND.holidays, first_year=2013, last_year=2014)
    with pytest.raises(HolidaysRunOut, match=r"2013 to 2014; .* 2015 is outside it. Extend config/bank-holidays.csv"):
        reckon_dates(Quarter(2014, 3), meetings=[], boards=[], offsets=OFFSETS, working_days=short)


# Offsets ---------------------------------------------------------------------


def test_offsets_out_of_order_are_refused_by_name():
    wrong = replace(OFFSETS, extract_request=0, open=5, close=20, drafting=-1)
    assert offset_faults(OFFSETS) == ()
    assert offset_faults(wrong) == (
        "The offset 'open' (5) may not come before 'extract_due' (10).",
        "The offsets 'due' and 'close' are the same day: nobody would have time to answer.",
        "The offset 'extract_request' (0) may not be less than 1.",
        "The offset 'drafting' (-1) may not be negative.",
    )
    with pytest.raises(ValueError, match="'open'"):
        planned(by=wrong)
