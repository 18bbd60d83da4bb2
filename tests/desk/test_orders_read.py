"""Reading the co-ordinator's reply: tolerant in form, strict in meaning."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.desk.commands import LIST, Command, DayNotRead, Verb, parse, read_day

TODAY = date(2014, 10, 31)


def only(text: str) -> Command:
    parsed = parse(text, today=TODAY)
    assert not parsed.not_understood
    (command,) = parsed.commands
    return command


@pytest.mark.parametrize(
    "text",
    ["SEND", "send", "Send.", "  send!  ", "Please send", "Send, please", "SEND thanks", '"SEND"', "- SEND", "1. send"],
)
def test_letter_case_politeness_and_punctuation_do_not_matter(text: str) -> None:
    assert only(text).verb is Verb.SEND


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HOLD", {"verb": Verb.HOLD}),
        ("hold everything", {"verb": Verb.HOLD}),
        ("HOLD CHARN", {"verb": Verb.HOLD, "respondent": "CHARN"}),
        ("resume north west leicestershire.", {"verb": Verb.RESUME, "respondent": "north west leicestershire"}),
        ("RELEASE", {"verb": Verb.RELEASE}),
        ("Yes charn", {"verb": Verb.YES, "respondent": "charn"}),
        ("NO: CHARN", {"verb": Verb.NO, "respondent": "CHARN"}),
        ("ACCEPT CHARN", {"verb": Verb.ACCEPT, "respondent": "CHARN"}),
        (
            "NIL CHARN BECAUSE told by telephone",
            {"verb": Verb.NIL, "respondent": "CHARN", "reason": "told by telephone"},
        ),
        ("Decline CHARN, because: no staff.", {"verb": Verb.DECLINE, "respondent": "CHARN", "reason": "no staff"}),
        ("DONE", {"verb": Verb.DONE}),
        ("done 3fa9c1d2", {"verb": Verb.DONE, "message": "3fa9c1d2"}),
        ("ASSIGN 3fa9c1d2 to CHARN", {"verb": Verb.ASSIGN, "message": "3fa9c1d2", "respondent": "CHARN"}),
        ("DISMISS 3fa9c1d2", {"verb": Verb.DISMISS, "message": "3fa9c1d2"}),
        ("CLEAR", {"verb": Verb.CLEAR}),
        ("Clear the SPEB paper", {"verb": Verb.CLEAR, "board": "SPEB"}),
        ("CIRCULATE panel", {"verb": Verb.CIRCULATE, "board": "panel"}),
        ("status please", {"verb": Verb.STATUS}),
        ("HELP", {"verb": Verb.HELP}),
    ],
)
def test_every_command_is_read(text: str, expected: dict[str, object]) -> None:
    assert only(text) == Command(**{"words": text, **expected})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "day",
    [
        "5 November",
        "5 November 2014",
        "5th Nov",
        "Wednesday 5 November",
        "Nov 5",
        "5/11",
        "5/11/14",
        "05.11.2014",
        "2014-11-05",
    ],
)
def test_an_extension_takes_any_way_of_writing_a_day(day: str) -> None:
    command = only(f"EXTEND CHARN TO {day} BECAUSE the analyst is on leave")
    assert command.day == date(2014, 11, 5)
    assert command.reason == "the analyst is on leave"


def test_a_day_without_a_year_is_the_next_one() -> None:
    assert read_day("3 January", today=TODAY) == date(2015, 1, 3)
    assert read_day("31 October", today=TODAY) == date(2014, 10, 31)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Tuesday 5 November 2014", "is a Wednesday, not a Tuesday"),
        ("30 February", "no such day"),
        ("next week", "not a day we can read"),
        ("5 Nosuch", "not a day we can read"),
    ],
)
def test_a_day_that_contradicts_itself_is_not_guessed(text: str, said: str) -> None:
    with pytest.raises(DayNotRead, match=said):
        read_day(text, today=TODAY)


def test_several_orders_stand_on_several_lines_among_a_greeting_and_a_signature() -> None:
    text = (
        "Dear all,\n\nHOLD CHARN\n\nyes MELT\nEXTEND RUTL TO 5 November BECAUSE the lead\n"
        "is away until Monday\n\nMany thanks\nSEND\n"
    )
    parsed = parse(text, today=TODAY)
    assert [c.verb for c in parsed.commands] == [Verb.HOLD, Verb.YES, Verb.EXTEND]
    assert parsed.commands[-1].reason == "the lead is away until Monday"
    assert not parsed.not_understood


@pytest.mark.parametrize(
    "quoted", ["> SEND", "On Monday the service wrote:\nSEND", "-----Original Message-----\nSEND", "From: x\nSEND"]
)
def test_what_the_reply_quotes_is_never_an_order(quoted: str) -> None:
    assert not parse(f"Thank you, I will look at it.\n\n{quoted}", today=TODAY).commands
    assert not parse(quoted, today=TODAY).commands


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("APPROVED", "Only the chair approves"),
        ("I think it is fine", "does not begin with a command"),
        ("SEND me the list", "stands alone"),
        ("Yes", "for whom"),
        ("EXTEND CHARN", "BECAUSE"),
        ("EXTEND CHARN TO 5 November", "BECAUSE"),
        ("NIL CHARN", "BECAUSE"),
        ("DISMISS", "which message"),
        ("ASSIGN 3fa9c1d2", "TO"),
        ("DONE with all of it", "nothing else on the line"),
    ],
)
def test_what_is_no_order_is_said_back_with_what_is_wrong(text: str, said: str) -> None:
    parsed = parse(text, today=TODAY)
    assert not parsed.commands
    assert said in parsed.not_understood[0].sentence
    assert parsed.not_understood[0].words == text


def test_a_mistyped_order_after_a_good_one_is_reported_and_prose_is_left_alone() -> None:
    mistyped = parse("HOLD CHARN\nEXTEND MELT TO neverday BECAUSE x", today=TODAY)
    assert len(mistyped.commands) == 1
    assert len(mistyped.not_understood) == 1
    prose = parse("HOLD CHARN\n\nI shall be in on Thursday.\nSEND", today=TODAY)
    assert [c.verb for c in prose.commands] == [Verb.HOLD]
    assert not prose.not_understood


def test_the_list_that_people_are_sent_names_every_command() -> None:
    listed = {words.split()[0] for words, _ in LIST} | {"NO"}
    assert listed == set(Verb.__members__)


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(text: str) -> None:
    parse(text, today=TODAY)
