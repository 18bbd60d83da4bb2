"""What a coming quarter lacks is said while there is time to enter it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from csp_workflow import settings
from csp_workflow.request.calendar import foresee_gaps
from csp_workflow.terms.site import RespondentKind

SITE, _ = settings.load(settings.find_defaults() / "config", environment={})


def test_nothing_is_missing_while_everything_is_there() -> None:
    assert foresee_gaps(SITE, date(2014, 12, 1)) == ()
    assert foresee_gaps(SITE, date(2015, 3, 31)) == ()


def test_a_quarter_without_a_meeting_is_said_two_months_before_it_ends_and_until_it_is_late() -> None:
    none = replace(SITE, meetings=tuple(m for m in SITE.meetings if m.quarter.key != "2014/15-Q3"))
    assert foresee_gaps(none, date(2014, 10, 29)) == ()
    (said,) = foresee_gaps(none, date(2014, 10, 30))
    assert said.startswith("2014/15 Q3, which ends on Wednesday 31 December 2014: no meeting of any board is on record")
    assert foresee_gaps(none, date(2015, 1, 28)) == (said,)
    assert foresee_gaps(none, date(2015, 2, 1)) == ()


def test_a_cancelled_meeting_leaves_its_board_without_a_paper() -> None:
    meetings = tuple(replace(m, cancelled=m.board == "panel") for m in SITE.meetings)
    (said,) = foresee_gaps(replace(SITE, meetings=meetings), date(2014, 12, 1))
    assert "no meeting of the Police and Crime Panel is on record to take it, so it gets no paper" in said


def test_a_meeting_that_was_moved_too_near_leaves_its_board_without_a_paper() -> None:
    early = date(2015, 1, 30)
    meetings = tuple(
        replace(m, day=early) if (m.board, m.quarter.key) == ("panel", "2014/15-Q3") else m for m in SITE.meetings
    )
    (said,) = foresee_gaps(replace(SITE, meetings=meetings), date(2014, 12, 1))
    assert "the meeting of the Police and Crime Panel comes too soon to take it, so it gets no paper." in said


def test_a_year_without_a_framework_or_without_bank_holidays_is_said() -> None:
    next_year = foresee_gaps(SITE, date(2015, 5, 1))
    assert [one.split(": ")[1] for one in next_year] == [
        "no meeting of any board is on record to take it, and without one nobody is asked (SETUP adds one).",
        "there is no framework for 2015/16, which says what is asked.",
    ]
    short = replace(SITE, working_days=replace(SITE.working_days, last_year=2014))
    assert any("The bank holiday table covers 2013 to 2014" in one for one in foresee_gaps(short, date(2014, 12, 1)))


def test_a_site_without_any_meeting_says_so() -> None:
    assert foresee_gaps(replace(SITE, meetings=()), date(2014, 12, 1))


def test_a_comparison_group_and_a_source_of_the_extract_are_needed_too() -> None:
    later = replace(SITE, peers=tuple(replace(group, version=date(2015, 1, 1)) for group in SITE.peers))
    (said,) = foresee_gaps(later, date(2014, 12, 1))
    assert "there is no comparison group" in said
    assert "peers.toml" in said
    gone = tuple(r for r in SITE.respondents if r.kind is not RespondentKind.ANALYST)
    (said,) = foresee_gaps(replace(SITE, respondents=gone), date(2014, 12, 1))
    assert "nobody is on record who supplies the force's extract" in said
