"""Why nothing is written: each rule's sentence, as `explain` and a withdrawn letter say it."""

from __future__ import annotations

import pytest

from csp_workflow.chase import quiet
from csp_workflow.chase.grounds import explain_chase, judge_ground
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Happened
from csp_workflow.terms.service_status import ServiceStatus
from tests.chase.quarter_told import CHARNWOOD, DATES, SITE, Told, at

DOUBT = "The clock is in doubt: everything waits until the co-ordinator replies RELEASE."
GAP = "After a long silence of the service, requests and reminders wait until the co-ordinator replies RELEASE."


@pytest.mark.parametrize(
    ("service", "sentence"),
    [
        (ServiceStatus(), ""),
        (ServiceStatus(on_hold=True), "All sending is on hold."),
        (ServiceStatus(on_hold=True, gap_hold=True), GAP),
        (ServiceStatus(on_hold=True, gap_hold=True, clock_doubted=True), DOUBT),
    ],
)
def test_the_strongest_reason_for_silence_is_said(service: ServiceStatus, sentence: str) -> None:
    assert quiet.nothing_leaves(service) == sentence


def test_answers_wait_only_while_they_are_stopped() -> None:
    assert quiet.answers_wait(ServiceStatus()) == ""
    assert quiet.answers_wait(ServiceStatus(breaker="60 in an hour.")) == (
        "Automatic answers wait until the co-ordinator replies RELEASE. 60 in an hour."
    )


@pytest.mark.parametrize(
    ("day", "hour", "minute", "sentence"),
    [
        (24, 7, 59, "Letters leave between 08:00 and 17:00 only."),
        (24, 8, 0, ""),
        (24, 16, 59, ""),
        (24, 17, 0, "Letters leave between 08:00 and 17:00 only."),
        (25, 12, 0, "Today is not a working day."),
    ],
)
def test_the_window_opens_and_shuts_on_its_minute(day: int, hour: int, minute: int, sentence: str) -> None:
    assert quiet.window_is_shut(SITE, at(day, hour, minute)) == sentence


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Happened.HELD, "The respondent is on hold."),
        (Happened.MESSAGE_HELD, "A message from or about the respondent is held and waits for the co-ordinator."),
        (Happened.QUESTION_ASKED, "A question is open: nobody is chased while they wait for our answer."),
    ],
)
def test_what_pauses_a_respondent_is_said_in_its_own_words(kind: Happened, sentence: str) -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.happen(kind, at(20), CHARNWOOD.key, "m1")
    assert quiet.respondent_is_paused(told.facts(), CHARNWOOD, london_day(at(20))) == sentence


def test_what_is_due_today_is_late_at_its_very_second() -> None:
    told = Told().open(at(15), CHARNWOOD)
    told.tick(at(30), posting=False)
    (letter,) = told.letters
    assert judge_ground(letter, told.facts(), DATES.due.replace(hour=16, minute=59, second=59)) == ""
    assert judge_ground(letter, told.facts(), DATES.due) == "The due time has passed since."


def test_a_call_that_is_due_and_not_yet_asked_for_is_explained_as_due() -> None:
    told = Told().open(at(15), CHARNWOOD)
    said = list(explain_chase(told.facts(), CHARNWOOD.key, at(12, month=11)))
    assert "Phone call 9 working days after the due day (Wednesday 12 November 2014): due, not written yet." in said
