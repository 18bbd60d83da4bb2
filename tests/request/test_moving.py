"""Who is told that a date moved, and for which of their returns."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from csp_workflow.letters.catalogue import render
from csp_workflow.request import corrections
from csp_workflow.terms.events import Happened
from tests.chase.quarter_told import ANALYST, CHARNWOOD, COUNTY, MELTON, OFFICE, RUTLAND, TEMPLATES, Told, at


def move(told: Told, now: datetime, *, due: int = 0, close: int = 0) -> dict[str, str]:
    """Due and close move by days; what each person is told, on one line."""
    before = told.dates
    due_at, close_at = before.due + timedelta(days=due), before.close + timedelta(days=close)
    told.dates = replace(before, due=due_at, close=close_at)
    fresh = told.commit(corrections.decide_moving(told.facts(), before, now, by="test"), now)
    return {x.recipient: " ".join(render(x, OFFICE, environment=TEMPLATES).text.split()) for x in fresh}


def test_somebody_with_several_returns_is_told_whose_date_it_is_where_one_has_its_own() -> None:
    told = Told().open(at(15))
    told.happen(Happened.EXTENDED, at(16), MELTON.key, until="2014-11-04", reason="flood")
    said = move(told, at(17), due=1)[COUNTY.address]
    assert "Return now due: 5pm on Friday 31 October 2014" in said
    assert "told you for Rutland, July" in said
    assert "Melton" not in said


def test_dates_that_do_not_move_for_all_of_somebodys_returns_name_those_they_move_for() -> None:
    told = Told().open(at(15))
    told.arrive(MELTON, at(16), faults=1)
    said = move(told, at(17), due=1, close=3)[COUNTY.address]
    assert "Return now due (Rutland): 5pm on Friday 31 October 2014" in said
    assert "Returns now close: 5pm on Monday 17 November 2014" in said
    assert "told you for Melton and Rutland" in said


def test_a_chair_is_not_pointed_to_a_workbook_and_who_has_longer_is_not_told_of_the_close() -> None:
    told = Told().open(at(15), CHARNWOOD, RUTLAND)
    told.happen(Happened.EXTENDED, at(16), CHARNWOOD.key, until="2014-11-19", reason="flood")
    said = move(told, at(17), due=1, close=3)
    assert "There is nothing to open" in said["chair@rutland.example"]
    assert "Please use the workbook you have." in said[COUNTY.address]
    assert "lead@charnwood.example" not in said


def test_who_was_given_longer_is_never_due_before_the_others() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.happen(Happened.EXTENDED, at(16), CHARNWOOD.key, until="2014-10-31", reason="flood")
    said = move(told, at(17), due=5, close=5)["lead@charnwood.example"]
    assert "Return now due: 5pm on Tuesday 4 November 2014 (before: 5pm on Friday 31 October 2014)" in said
    assert told.facts().due_time(CHARNWOOD) == told.dates.due


def test_what_still_stands_of_a_letter_that_waits_is_told_though_another_date_moves_again() -> None:
    told = Told().open(at(15), RUTLAND)
    move(told, at(17, 18), due=1, close=3)
    move(told, at(17, 19), close=1)
    told.post(at(20, 10))
    told_due = [x for x in told.sent("dates-moved") if x.recipient == COUNTY.address]
    assert "Return now due" in render(told.words[told_due[0].id], OFFICE, environment=TEMPLATES).text


def test_the_analyst_is_told_before_the_quarter_opens_and_never_due_sooner_than_told() -> None:
    told = Told()
    asked = Told()
    asked.happen(Happened.REQUESTED, at(1), ANALYST.key)
    later = replace(told.dates, extract_due=told.dates.extract_due + timedelta(days=1))
    for one in (told, asked):
        one.dates = corrections.keep_promises(told.dates, later, one.facts().status)
    (letter,) = asked.commit(corrections.decide_moving(asked.facts(), Told().dates, at(2), by="test"), at(2))
    text = render(letter, OFFICE, environment=TEMPLATES).text
    assert "Extract now due: 5pm on Wednesday 15 October 2014" in " ".join(text.split())
    assert corrections.keep_promises(later, Told().dates, asked.facts().status).extract_due == later.extract_due
    assert corrections.keep_promises(later, Told().dates, Told().facts().status) == Told().dates
