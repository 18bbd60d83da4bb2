"""CALLED: with whom a call was, what was said, and the day that it holds reminders until."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.chase.beat import decide_chase
from csp_workflow.desk.commands import Refused
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Happened
from tests.chase.quarter_told import CHARNWOOD, Told, at
from tests.desk.reading import ask_about, read, read_one
from tests.desk.test_orders_done import answered, order

FRIDAY = date(2014, 11, 7)


@pytest.mark.parametrize(
    ("line", "code", "whom", "said", "until"),
    [
        ("CALLED MELT, they will send on Friday", "MELT", "", "they will send on Friday", FRIDAY),
        ("called Melton: will send it by 7 November", "MELT", "", "will send it by 7 November", FRIDAY),
        ("Called Melton they promise it by Friday.", "MELT", "", "they promise it by Friday", FRIDAY),
        ("CALLED MELT UNTIL Friday: she is ill", "MELT", "", "she is ill", FRIDAY),
        ("CALLED MELT until 7 November, they are short of staff", "MELT", "", "they are short of staff", FRIDAY),
        ("CALLED the chair of Melton - approves tomorrow", "MELT", "chair", "approves tomorrow", date(2014, 11, 1)),
        ("CALLED Melton's chair, no answer", "MELT", "chair", "no answer", None),
        ("CALLED MELT deputy chair: left a message", "MELT", "deputy chair", "left a message", None),
        ("CALLED Melton Lead: nobody in", "MELT", "lead", "nobody in", None),
        ("CALLED MELT: they sat down with the analyst", "MELT", "", "they sat down with the analyst", None),
        ("CALLED MELT: they will not be able to send it by Friday", "MELT", "",
         "they will not be able to send it by Friday", None),
        ("CALLED MELT: new lead Bob Jones from 3 November", "MELT", "", "new lead Bob Jones from 3 November", None),
        ("CALLED MELT: it is 2 days' work", "MELT", "", "it is 2 days' work", None),
        ("CALLED MELT: they hope to have it in two weeks", "MELT", "", "they hope to have it in two weeks",
         date(2014, 11, 14)),
    ],
)  # fmt: skip
def test_a_call_is_read_with_its_day(line: str, code: str, whom: str, said: str, until: date | None) -> None:
    command = read_one(line)
    assert (command.respondent, command.whom, command.reason, command.day) == (code, whom, said, until)


def test_a_person_is_named_by_name_or_surname() -> None:
    contact = CHARNWOOD.contacts[0]
    assert (read_one(f"CALLED {contact.name}: will do").respondent) == "CHARN"


@pytest.mark.parametrize(
    "line",
    [
        "CALLED MELT",
        "CALLED MELT: what was said",
        "CALLED nobody we know: will send",
        "CALLED MELT: they were rung on Monday",
        "CALLED MELT: they sent it on Tuesday",
        "CALLED MELT: the form is due on 4 November as normal, they know",
        "CALLED MELT: by Tuesday or by Thursday",
        "CALLED MELT: will it come on Friday?",
        "CALLED MELT: will send by 31 February",
        "CALLED MELT: please EXTEND them",
        "Called a meeting with the partnerships",
        "CALLED MELT UNTIL: ill",
    ],
)
def test_what_may_mean_two_things_is_asked_about(line: str) -> None:
    assert not read(line).commands
    assert ask_about(line)


@given(st.sampled_from(["CALLED MELT, they will send on Friday", "CALLED MELT chair: approves by 7 November"]))
def test_a_call_said_back_is_read_as_the_same(line: str) -> None:
    command = read_one(line)
    again = read_one(command.write())
    assert (again.respondent, again.whom, again.reason, again.day) == (
        command.respondent,
        command.whom,
        command.reason,
        command.day,
    )


def late() -> Told:
    told = Told().open(at(15), CHARNWOOD)
    told.happen(Happened.PHONE_CALL_DUE, at(10, month=11), "charnwood", rung="phone+8", days=8)
    return told


def test_a_call_holds_reminders_until_the_day_is_over() -> None:
    told = Told().open(at(15), CHARNWOOD)
    written = [day for day in range(3, 15) if decide_chase(told.facts(), at(day, month=11)).letters]
    done = order(told, f"CALLED CHARN: they will send on {written[-2]} November", at(3, month=11))
    assert f"{written[-2]} November 2014 is over" in done.sentences[1]
    for day in written:
        assert bool(decide_chase(told.facts(), at(day, month=11)).letters) is (day == written[-1]), day


def test_a_call_without_a_day_holds_nothing() -> None:
    told = Told().open(at(15), CHARNWOOD)
    order(told, "CALLED CHARN: no answer", at(5, month=11))
    assert decide_chase(told.facts(), at(6, month=11)).letters


def test_a_call_settles_that_somebody_is_to_be_telephoned_until_its_day_is_over() -> None:
    told = late()
    stands = lambda: told.facts().status.returns["charnwood"]  # noqa: E731
    assert stands().wants_call(london_day(at(11, month=11)))
    order(told, "CALLED CHARN: they will send by 13 November", at(11, month=11))
    assert not stands().wants_call(date(2014, 11, 13))
    assert stands().wants_call(date(2014, 11, 14))
    order(told, "CALLED CHARN: it is in the post", at(14, month=11))
    assert not stands().wants_call(date(2014, 12, 24))


def test_what_was_said_ends_with_what_comes() -> None:
    told = late()
    order(told, "CALLED CHARN: they will send by 13 November", at(11, month=11))
    told.arrive(CHARNWOOD, at(12, month=11), faults=1)
    assert told.facts().status.returns["charnwood"].phoned is None


def test_a_call_about_nothing_owed_is_refused() -> None:
    told = Told()
    with pytest.raises(Refused, match="owes no return"):
        order(told, "CALLED CHARN: hello")


def test_a_day_that_was_to_come_when_she_wrote_is_recorded_however_late_it_is_read() -> None:
    told = late()
    said = "CALLED CHARN: they will send by 13 November"
    done = order(told, said, at(17, month=11), came=at(12, month=11))
    assert done.sentences[1] == "Thursday 13 November 2014 is over. Reminders go on where they are due."
    phoned = told.facts().status.returns["charnwood"].phoned
    assert phoned
    assert (phoned.said, phoned.until) == ("they will send by 13 November", date(2014, 11, 13))
    with pytest.raises(Refused, match="is past"):
        order(told, said, at(17, month=11), came=at(14, month=11))


def test_a_day_beyond_the_close_says_so() -> None:
    told = Told().open(at(15), CHARNWOOD)
    done = order(told, "CALLED CHARN: they will send by 19 December")
    assert "EXTEND gives them longer" in done.sentences[2]


def test_the_echo_says_what_was_recorded() -> None:
    _, text = answered(Told().open(at(15), CHARNWOOD), "CALLED Charnwood, they will send on Friday")
    assert "Your call to Charnwood" in text
    assert "is recorded: they will send on Friday." in text
