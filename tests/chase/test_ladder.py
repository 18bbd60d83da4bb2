"""The ladder: the right letter, to the right person, on the right day, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from csp_workflow.letters.catalogue import render
from csp_workflow.post import gate
from csp_workflow.terms.events import Happened, LetterState
from csp_workflow.terms.people import People, lay_over
from csp_workflow.terms.site import Role, RungKind
from tests.chase.quarter_told import (
    ANALYST,
    CHARNWOOD,
    COUNTY,
    HEALTH,
    MELTON,
    OFFICE,
    Q2,
    RUTLAND,
    SITE,
    TEMPLATES,
    Told,
    at,
    contact,
    partnership,
)


def days_of(told: Told, address: str) -> list[tuple[str, str]]:
    return [(f"{x.sent:%d %b}", x.kind) for x in told.sent() if x.recipient == address and x.sent]


def run(told: Told, first: int, last: int, month: int = 10) -> Told:
    """A beat at nine and at three on each day."""
    for day in range(first, last + 1):
        told.tick(at(day, 9, month=month))
        told.tick(at(day, 15, month=month))
    return told


def test_a_silent_lead_is_reminded_before_on_and_after_the_due_date_and_then_left_to_the_office() -> None:
    told = Told().open(at(15), CHARNWOOD)
    run(told, 16, 31)
    run(told, 1, 13, month=11)
    assert days_of(told, "lead@charnwood.example") == [
        ("27 Oct", "reminder-before-due"),
        ("30 Oct", "reminder-due-today"),
        ("03 Nov", "reminder-overdue"),
        ("06 Nov", "reminder-overdue"),
    ]
    assert [e.at.date() for e in told.kinds(Happened.CHAIR_LETTER_PROPOSED)] == [date(2014, 11, 10)]
    assert [e.at.date() for e in told.kinds(Happened.PHONE_CALL_DUE)] == [date(2014, 11, 12)]
    assert not days_of(told, "chair@charnwood.example")
    assert len(told.kinds(Happened.REMINDED)) == 4


def test_a_chair_is_written_to_only_after_the_co_ordinators_yes_and_once() -> None:
    told = run(Told().open(at(15), CHARNWOOD), 1, 10, month=11)
    told.happen(Happened.CHAIR_LETTER_ALLOWED, at(10, 16, month=11), "charnwood")
    run(told, 11, 13, month=11)
    assert days_of(told, "chair@charnwood.example") == [("11 Nov", "overdue-chair")]


def test_a_yes_is_too_late_when_the_return_has_come() -> None:
    told = run(Told().open(at(15), CHARNWOOD), 1, 10, month=11)
    told.happen(Happened.CHAIR_LETTER_ALLOWED, at(10, 16, month=11), "charnwood")
    told.arrive(CHARNWOOD, at(10, 17, month=11), faults=1)
    run(told, 11, 12, month=11)
    assert not told.sent("overdue-chair")


def test_of_an_officer_s_two_districts_one_that_has_ended_silences_not_the_other() -> None:
    ended = replace(MELTON, valid_to=date(2014, 10, 20))
    site = replace(SITE, respondents=tuple(ended if r is MELTON else r for r in SITE.respondents))
    told = Told(site).open(at(15), ended, RUTLAND)
    run(told, 27, 27)
    (letter,) = told.sent()
    assert (letter.recipient, letter.respondents) == ("officer@county.example", ("rutland",))


@pytest.mark.parametrize(("is_taken_over", "to"), [(True, ["new@merged.example", "new@merged.example"]), (False, [])])
def test_of_a_partnership_that_has_ended_its_heir_s_people_are_asked_or_nobody(
    is_taken_over: bool, to: list[str]
) -> None:
    first = date(2014, 11, 1)
    people = (replace(COUNTY, valid_from=first), contact("New Chair", Role.CHAIR, "new@merged.example"))
    merged = replace(
        partnership("merged", "MERG", "Merged", *people),
        valid_from=first,
        predecessors=("melton",) if is_taken_over else (),
    )
    ended = replace(MELTON, valid_to=date(2014, 10, 31))
    site = lay_over(replace(SITE, respondents=(CHARNWOOD, ended, merged)), People())
    told = run(Told(site).open(at(15), ended), 27, 31)
    run(told, 3, 10, month=11)
    told.happen(Happened.CHAIR_LETTER_ALLOWED, at(10, 16, month=11), "melton")
    run(told, 11, 11, month=11)
    told.arrive(ended, at(12, month=11))
    run(told, 12, 12, month=11)
    late = [x for x in told.sent() if x.sent and x.sent.date() >= first]
    assert [x.recipient for x in late if x.recipient != COUNTY.address] == to
    assert bool([x for x in late if x.recipient == COUNTY.address]) == is_taken_over
    assert not [x for x in told.letters if gate.judge_recipient(x, site, x.queued.date())]


def test_an_officer_of_two_districts_gets_one_letter_that_names_both() -> None:
    told = Told().open(at(15), MELTON, RUTLAND)
    run(told, 27, 27)
    (letter,) = told.sent()
    assert letter.recipient == "officer@county.example"
    assert letter.respondents == ("melton", "rutland")
    assert letter.cause == "chase:2014/15-Q2:MELT=before-due-3@2014-10-30,RUTL=before-due-3@2014-10-30"
    text = render(told.words[letter.id], OFFICE, environment=TEMPLATES).text
    assert "Melton" in text
    assert "Rutland" in text
    assert "in three working days" in text


def test_an_officer_of_two_districts_with_different_due_dates_never_gets_two_letters_on_a_day() -> None:
    told = Told().open(at(15), MELTON, RUTLAND)
    told.happen(Happened.EXTENDED, at(20), "rutland", until="2014-10-31", reason="a meeting")
    run(told, 16, 31)
    days = [day for day, _ in days_of(told, "officer@county.example")]
    assert len(days) == len(set(days))
    assert ("31 Oct", "reminder-due-today") in days_of(told, "officer@county.example")


def test_one_return_of_two_arriving_before_the_hand_over_withdraws_the_joint_letter_and_asks_for_the_other() -> None:
    told = Told().open(at(15), MELTON, RUTLAND)
    told.tick(at(27), posting=False)
    told.arrive(MELTON, at(27, 9, 30), faults=1)
    assert told.post(at(27, 9, 31)) == []
    assert told.letters[0].state is LetterState.WITHDRAWN
    (letter,) = told.tick(at(27, 10))
    assert letter.respondents == ("rutland",)


def test_an_extension_begins_the_ladder_anew_from_its_own_day() -> None:
    told = run(Told().open(at(15), CHARNWOOD), 27, 27)
    told.happen(Happened.EXTENDED, at(28), "charnwood", until="2014-11-07", reason="leave")
    run(told, 28, 31)
    run(told, 1, 12, month=11)
    assert days_of(told, "lead@charnwood.example") == [
        ("27 Oct", "reminder-before-due"),
        ("04 Nov", "reminder-before-due"),
        ("07 Nov", "reminder-due-today"),
        ("11 Nov", "reminder-overdue"),
    ]


@pytest.mark.parametrize("kind", [Happened.QUESTION_ASKED, Happened.MESSAGE_HELD])
def test_what_waits_for_a_person_pauses_the_chase_and_its_settling_lets_it_go_on(kind: Happened) -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.happen(kind, at(20), "charnwood", "m9")
    run(told, 27, 29)
    assert not told.letters
    settled = Happened.QUESTION_ANSWERED if kind is Happened.QUESTION_ASKED else Happened.MESSAGE_SETTLED
    told.happen(settled, at(29, 16), "charnwood", "m9")
    run(told, 30, 30)
    assert [x.kind for x in told.sent()] == ["reminder-due-today"]


def test_a_hold_stops_one_respondent_and_leaves_the_rest() -> None:
    told = Told().open(at(15))
    told.happen(Happened.HELD, at(20), "charnwood")
    run(told, 27, 27)
    assert {x.recipient for x in told.sent()} == {"officer@county.example", "lead@health.example"}


@pytest.mark.parametrize("kind", [Happened.HELD, Happened.GAP_NOTICED, Happened.CLOCK_DOUBTED])
def test_nothing_is_written_while_the_service_is_held(kind: Happened) -> None:
    told = Told().open(at(15))
    told.happen(kind, at(20))
    run(told, 27, 31)
    run(told, 3, 12, month=11)
    assert not told.letters
    assert not told.kinds(Happened.CHAIR_LETTER_PROPOSED)


def test_a_letter_withdrawn_by_a_pause_is_written_afresh_under_a_cause_of_its_own() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.tick(at(27), posting=False)
    told.happen(Happened.QUESTION_ASKED, at(27, 9, 10), "charnwood", "m9")
    told.post(at(27, 9, 11))
    told.happen(Happened.QUESTION_ANSWERED, at(27, 9, 20), "charnwood", "m9")
    (letter,) = told.tick(at(27, 9, 21))
    assert letter.cause.endswith("~2")


def test_a_reminder_that_missed_the_window_is_not_sent_next_morning_with_yesterdays_count() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.tick(at(29, 16, 59), posting=False)
    sent = told.post(at(30, 8))
    assert sent == []
    assert [x.kind for x in told.tick(at(30, 8, 1))] == ["reminder-due-today"]


def test_the_lead_away_means_the_deputy_and_without_a_deputy_still_the_lead() -> None:
    told = Told().open(at(15), CHARNWOOD, HEALTH)
    told.happen(Happened.ABSENCE_SEEN, at(24), subject="Lead@Charnwood.example", until="2014-10-28")
    told.happen(Happened.ABSENCE_SEEN, at(24), subject="lead@health.example", until="2014-10-28")
    run(told, 27, 27)
    assert {x.recipient for x in told.sent()} == {"deputy@charnwood.example", "lead@health.example"}
    run(told, 30, 30)
    assert "lead@charnwood.example" in {x.recipient for x in told.sent()}


def test_a_contributor_without_a_chair_goes_straight_to_the_telephone() -> None:
    told = run(Told().open(at(15), HEALTH), 1, 13, month=11)
    assert not told.kinds(Happened.CHAIR_LETTER_PROPOSED)
    assert [e.respondent for e in told.kinds(Happened.PHONE_CALL_DUE)] == ["public-health"]


def test_a_chair_who_is_the_lead_is_not_told_of_their_own_lateness() -> None:
    people = (
        contact("One Officer", Role.LEAD, "one@charnwood.example"),
        contact("One Officer", Role.CHAIR, "One@charnwood.example"),
    )
    small = replace(CHARNWOOD, contacts=people)
    told = run(Told(replace(SITE, respondents=(small,))).open(at(15), small), 1, 13, month=11)
    assert not told.kinds(Happened.CHAIR_LETTER_PROPOSED)


def test_the_analyst_is_chased_before_the_cycle_opens_and_nobody_else_is() -> None:
    told = Told()
    told.happen(Happened.REQUESTED, at(1), ANALYST.key)
    told.happen(Happened.EXPECTED, at(1), CHARNWOOD.key)
    run(told, 1, 15)
    assert days_of(told, "analyst@force.example") == [
        ("09 Oct", "reminder-before-due"),
        ("14 Oct", "reminder-due-today"),
    ]
    assert {x.recipient for x in told.sent()} == {"analyst@force.example"}


def test_nothing_is_said_to_be_due_today_after_the_hour_has_passed() -> None:
    site = replace(SITE, window=replace(SITE.window, closes=at(1, 19).time()))
    told = Told(site).open(at(15), CHARNWOOD)
    told.tick(at(30, 17, 30))
    assert not told.sent()


def test_nobody_is_reminded_once_the_quarter_has_closed() -> None:
    told = run(Told().open(at(15)), 16, 31)
    for day in range(3, 22):
        told.tick(at(day, month=11))
    closed = told.kinds(Happened.CYCLE_CLOSED)[0].at
    assert closed.date() == date(2014, 11, 15)
    assert all(x.sent and x.sent < closed for x in told.sent())


def test_every_mark_in_a_cause_is_of_the_quarter_the_respondent_the_rung_and_the_due_date() -> None:
    told = run(Told().open(at(15), CHARNWOOD), 3, 3, month=11)
    assert told.letters[0].cause == f"chase:{Q2.key}:CHARN=overdue+2@2014-10-30"
    again = Told().open(at(15), CHARNWOOD)
    again.tick(at(3, 11, month=11))
    assert again.letters[0].cause == told.letters[0].cause


def test_the_words_count_from_the_day_they_are_written() -> None:
    told = Told().open(at(15), CHARNWOOD)
    for hours in range(0, 24 * 20, 24):
        told.tick(at(27) + timedelta(hours=hours))
    texts = {x.kind: render(told.words[x.id], OFFICE, environment=TEMPLATES).text for x in told.sent()}
    assert "due in three working days" in texts["reminder-before-due"]
    assert "Today: due today" in texts["reminder-due-today"]
    assert "five working days late" in texts["reminder-overdue"]
    for text in texts.values():
        assert "NIL" in text
        assert "If you need longer" in text
        assert "5pm on Thursday 30 October 2014" in text


def test_a_ladder_without_rungs_chases_nobody() -> None:
    told = run(Told(replace(SITE, ladder=())).open(at(15)), 1, 12, month=11)
    assert not told.letters


def test_rungs_may_stand_in_any_order_in_the_config() -> None:
    told = run(Told(replace(SITE, ladder=tuple(reversed(SITE.ladder)))).open(at(15), CHARNWOOD), 27, 31)
    assert [x.kind for x in told.sent()] == ["reminder-before-due", "reminder-due-today"]
    assert {r.kind for r in SITE.ladder} == set(RungKind)
