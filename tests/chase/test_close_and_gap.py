"""Closing, archiving, silences and clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from csp_workflow.chase import beat
from csp_workflow.letters.catalogue import render
from csp_workflow.terms.events import Happened, PreconditionFailed
from csp_workflow.terms.service_status import ServiceStatus
from tests.chase.quarter_told import CHARNWOOD, DATES, DAYS, MELTON, OFFICE, SITE, TEMPLATES, Told, at


def test_the_close_marks_what_has_not_come_and_happens_once() -> None:
    told = Told().open(at(15))
    told.arrive(CHARNWOOD, at(20))
    told.tick(at(14, 16, 59, month=11))
    assert told.state(MELTON) == "requested"
    told.tick(at(14, 17, month=11))
    told.tick(at(14, 17, 1, month=11))
    assert {e.respondent for e in told.kinds(Happened.NOT_RECEIVED)} == {"melton", "rutland", "public-health"}
    assert len(told.kinds(Happened.CYCLE_CLOSED)) == 1
    assert told.state(CHARNWOOD) == "complete"


def test_who_was_promised_a_day_after_the_close_is_chased_until_their_own_and_then_given_up() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.happen(Happened.EXTENDED, at(20), "charnwood", until="2014-11-18", reason="flood")
    told.tick(at(14, 17, month=11))
    assert (told.state(CHARNWOOD), told.state(MELTON)) == ("requested", "not received")
    for day in range(22):
        for hour in (10, 17):
            told.tick(at(17, hour, month=11) + timedelta(days=day))
    late = [x.kind for x in told.sent() if "charnwood" in x.respondents and x.sent and x.sent > at(14, 17, month=11)]
    assert late == ["reminder-before-due", "reminder-due-today", "reminder-overdue", "reminder-overdue"]
    assert told.kinds(Happened.CHAIR_LETTER_PROPOSED), "the rungs after the reminders come too"
    assert told.state(CHARNWOOD) == "not received"
    (given_up,) = [e for e in told.kinds(Happened.NOT_RECEIVED) if e.respondent == "charnwood"]
    assert given_up.at == told.facts().close_time(CHARNWOOD) == at(5, 17, month=12)
    assert len(told.kinds(Happened.CYCLE_CLOSED)) == 1


def test_a_second_beat_at_the_moment_of_a_late_close_writes_nothing_anew() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.arrive(CHARNWOOD, at(14, 18, month=11))
    told.tick(at(17, 10, month=11))
    assert told.kinds(Happened.CYCLE_CLOSED)
    assert [x.kind for x in told.sent()] == ["approval-request"]
    assert not beat.decide_chase(told.facts(), at(17, 10, month=11))


def test_letters_after_the_close_name_no_close_that_is_past() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.happen(Happened.EXTENDED, at(20), "charnwood", until="2014-11-18", reason="flood")
    told.arrive(MELTON, at(13, month=11), faults=1)
    for day in range(12):
        told.tick(at(17, 10, month=11) + timedelta(days=day))
    told.happen(Happened.CHAIR_LETTER_PROPOSED, at(28, month=11), "charnwood")
    told.happen(Happened.CHAIR_LETTER_ALLOWED, at(28, month=11), "charnwood")
    told.tick(at(28, 10, month=11))
    own = "5pm on Friday 5 December 2014"
    written = {x.kind: x for x in told.words.values()}
    said = {kind: " ".join(render(x, OFFICE, environment=TEMPLATES).text.split()) for kind, x in written.items()}
    assert f"comes after {own}, but the Board's paper may then" in said["reminder-overdue"]
    assert f"We can wait until: {own}" in said["overdue-chair"]
    assert "What comes before the Board's paper is settled goes into it." in said["overdue-chair"]
    assert "Without an answer the return goes into the Board's paper as it is" in said["query-reminder"]


def test_a_quarter_that_never_opened_does_not_close() -> None:
    told = Told()
    told.happen(Happened.PROOF_MADE, at(15))
    told.tick(at(14, 18, month=11))
    assert not told.kinds(Happened.CYCLE_CLOSED)
    with pytest.raises(PreconditionFailed, match="only an open quarter"):
        beat.decide_closing(told.facts(), at(16), by="the command line")


def test_an_open_quarter_is_closed_by_order_before_its_time() -> None:
    told = Told().open(at(15), CHARNWOOD, MELTON)
    told.arrive(CHARNWOOD, at(20))
    told.commit(beat.decide_closing(told.facts(), at(21), by="the co-ordinator"), at(21))
    assert [(e.respondent, e.by) for e in told.kinds(Happened.NOT_RECEIVED)] == [("melton", "the co-ordinator")]
    assert [e.by for e in told.kinds(Happened.CYCLE_CLOSED)] == ["the co-ordinator"]


def test_a_doubtful_clock_closes_nothing() -> None:
    told = Told().open(at(15))
    told.happen(Happened.CLOCK_DOUBTED, at(20))
    told.tick(at(14, 18, month=11))
    assert not told.kinds(Happened.CYCLE_CLOSED)


def test_a_quarter_is_archived_twenty_working_days_after_its_last_paper() -> None:
    told = Told().open(at(15))
    told.tick(at(14, 18, month=11))
    assert beat.archive_day(told.facts()) == DAYS.plus(date(2014, 12, 1), 20)
    for kind in (Happened.PAPER_DRAFTED, Happened.PAPER_CLEARED, Happened.PAPER_CIRCULATED):
        told.happen(kind, at(25, month=11), subject="speb", content="c1")
    assert beat.archive_day(told.facts()) == DAYS.plus(date(2014, 12, 1), 20), "what comes before the meeting is taken"
    told.tick(at(30, month=12))
    assert not told.kinds(Happened.CYCLE_ARCHIVED)
    told.tick(at(31, month=12))
    told.tick(at(31, 18, month=12))
    assert len(told.kinds(Happened.CYCLE_ARCHIVED)) == 1


@pytest.mark.parametrize(
    ("waits", "settled"),
    [
        (Happened.QUESTION_ASKED, Happened.QUESTION_ANSWERED),
        (Happened.MESSAGE_HELD, Happened.MESSAGE_SETTLED),
    ],
)
def test_a_quarter_is_not_archived_while_a_message_of_it_waits_for_her(waits: Happened, settled: Happened) -> None:
    told = Told().open(at(15))
    told.tick(at(14, 18, month=11))
    told.happen(waits, at(30, month=12), "charnwood", "m1")
    told.tick(at(31, 9, month=12))
    assert not told.kinds(Happened.CYCLE_ARCHIVED)
    told.happen(settled, at(31, 10, month=12), "charnwood", "m1")
    told.tick(at(31, 11, month=12))
    assert told.kinds(Happened.CYCLE_ARCHIVED)


def test_whose_longer_time_is_over_at_the_close_is_given_up_with_it() -> None:
    told = Told().open(at(15))
    told.happen(Happened.EXTENDED, at(10, month=11), CHARNWOOD.key, until="2014-10-31", reason="")
    told.commit(beat.decide_chase(told.facts(), at(28, 18, month=11)), at(28, 18, month=11))
    assert {e.respondent for e in told.kinds(Happened.NOT_RECEIVED)} >= {CHARNWOOD.key, "melton"}
    assert not beat.decide_chase(told.facts(), at(28, 18, month=11))


def test_a_quarter_without_papers_is_archived_after_its_close() -> None:
    told = Told(dates=replace(DATES, papers=())).open(at(15))
    told.tick(at(14, 18, month=11))
    assert beat.archive_day(told.facts()) == DAYS.plus(date(2014, 11, 14), 20)


@pytest.mark.parametrize(
    ("last", "now", "noticed"),
    [
        (at(17, 17), at(22, 9), False),
        (at(17, 17), at(22, 17, 1), True),
        (at(17, 9), at(18, 9), False),
        (at(17, 9), at(19, 23), False),
        (at(15, 9), at(17, 23), False),
        (at(15, 9), at(21, 9), True),
    ],
)
def test_a_silence_is_counted_in_whole_working_days(last: object, now: object, noticed: bool) -> None:
    decision = beat.judge_silence(last, now, DAYS, SITE.limits)  # type: ignore[arg-type]
    assert [e.kind for e in decision.events] == ([Happened.GAP_NOTICED] if noticed else [])


def test_what_is_noted_of_a_silence_and_of_a_clock_that_went_back() -> None:
    (silence,) = beat.judge_silence(at(15), at(21), DAYS, SITE.limits).events
    assert (silence.at, silence.by, silence.subject) == (at(21), "the guard", "2014-10-15T08:00:00+00:00")
    assert silence.facts == {"since": "2014-10-15T08:00:00+00:00", "days": 4}
    (back,) = beat.judge_silence(at(15), at(14), DAYS, SITE.limits).events
    assert (back.kind, back.facts) == (Happened.CLOCK_DOUBTED, {"since": "2014-10-15T08:00:00+00:00", "days": 0})


def test_the_first_beat_ever_is_no_silence_and_a_noticed_one_is_noticed_once() -> None:
    assert not beat.judge_silence(None, at(17), DAYS, SITE.limits)
    held = ServiceStatus(gap_hold=True)
    assert not beat.judge_silence(at(1), at(30), DAYS, SITE.limits, service=held)


def test_a_clock_that_goes_back_is_doubted_but_not_for_seconds() -> None:
    (event,) = beat.judge_silence(at(17, 9), at(17, 8), DAYS, SITE.limits).events
    assert event.kind is Happened.CLOCK_DOUBTED
    assert event.quarter is None
    assert not beat.judge_silence(at(17, 9), at(17, 9) - timedelta(seconds=30), DAYS, SITE.limits)
    assert not beat.judge_silence(at(17, 9), at(17, 8), DAYS, SITE.limits, service=ServiceStatus(clock_doubted=True))


@pytest.mark.parametrize("apart", [timedelta(minutes=11), timedelta(minutes=-11), timedelta(days=365)])
def test_a_clock_that_is_not_the_mail_servers_is_doubted(apart: timedelta) -> None:
    (event,) = beat.judge_clock(at(17, 9) + apart, at(17, 9), service=ServiceStatus()).events
    assert event.kind is Happened.CLOCK_DOUBTED
    assert not beat.judge_clock(at(17, 9) + apart, at(17, 9), service=ServiceStatus(clock_doubted=True))


def test_a_mail_server_a_few_minutes_off_or_without_a_clock_says_nothing() -> None:
    assert not beat.judge_clock(at(17, 9) + timedelta(minutes=9), at(17, 9), service=ServiceStatus())
    assert not beat.judge_clock(None, at(17, 9), service=ServiceStatus())
