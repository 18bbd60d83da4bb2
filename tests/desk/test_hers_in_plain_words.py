"""Her orders in the words that people use: what is meant is done, and what may be more than an order is asked about."""

from __future__ import annotations

from datetime import date

import pytest

from csp_workflow.desk.commands import OrderFacts
from csp_workflow.desk.orders import say_why_it_waits
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.service_status import fold_service
from tests.chase.quarter_told import SITE, at
from tests.desk.reading import ask_about, read, read_one

ASKED = WaitingMessage(
    id="ab12" * 16, sender="lead@charnwood.example", subject="", received=at(16), verdict=Verdict.QUESTION, reason=""
)
FACTS = OrderFacts(
    site=SITE, service=fold_service(()), sender="", message="m", status=None, dates=None, waiting=(ASKED,)
)


@pytest.mark.parametrize(
    "words", ["Yes, please send it.", "1. Yes, send it", "Answer: yes, send them", "Please release it"]
)
def test_what_may_answer_somebody_s_question_lets_no_letter_go(words: str) -> None:
    parsed = read(words)
    (order,) = parsed.commands
    assert "ANSWER ab12ab12ab on the first line" in say_why_it_waits(order, parsed, FACTS)
    assert not say_why_it_waits(order, parsed)
    plain = read(order.write())
    assert not say_why_it_waits(plain.commands[0], plain, FACTS)


def test_what_she_asks_of_whom_she_answers_is_no_order() -> None:
    (answer,) = read("ANSWER ab12ab12ab\nYes, please send it.").commands
    assert answer.text == "Yes, please send it."
    assert not read("ANSWER ab12ab12ab\nPlease hold Melton.").commands


@pytest.mark.parametrize(
    "why",
    [
        *(
            "she said yes if Pat agrees",
            "nothing to report once Pat confirms",
            "pending Pat",
            "yes provided it is fixed",
        ),
        *("they asked, provided the chair agrees", "as long as she agrees", "assuming he does", "only if they ask"),
        *("ill and do the same for Charnwood", "ill and CHARN too", "ill, CHARN likewise", "ill + CHARN TO 30 October"),
        *("ill, charnwood to 31 oct", "ill - check with me first"),
    ],
)
@pytest.mark.parametrize("order", ["NIL MELT", "EXTEND MELT TO 5 November", "APPROVED MELT BY Melton Chair"])
def test_a_reason_that_reserves_or_orders_more_is_asked_about(order: str, why: str) -> None:
    assert not read(f"{order} BECAUSE {why}").commands


@pytest.mark.parametrize(
    "why",
    [
        *("they asked if they could have longer", "the force provided its figures late", "it came too late"),
        *("the meeting has moved to 6 November", "Pat is away from 20 to 31 October", "she was ill when the form came"),
    ],
)
def test_a_reason_that_only_says_why_is_kept(why: str) -> None:
    assert read_one(f"EXTEND MELT TO 5 November BECAUSE {why}").reason == why


@pytest.mark.parametrize("why", ["she has not answered", "nobody objected", "she didn't say no", "no reply by Monday"])
def test_silence_is_no_evidence_of_a_yes(why: str) -> None:
    assert "does not say that the chair said yes" in ask_about(f"APPROVED MELT BY Melton Chair BECAUSE {why}")


@pytest.mark.parametrize(
    ("named", "numbers"),
    [
        ("Q1-Q3", ("Q1", "Q2", "Q3")),
        ("Q1 to Q3", ("Q1", "Q2", "Q3")),
        ("Q1 - 3", ("Q1", "Q2", "Q3")),
        ("Q1, 2 and 4", ("Q1", "Q2", "Q4")),
        ("questions 1 and 2", ("Q1", "Q2")),
        ("D1, Q4", ("D1", "Q4")),
        ("Q3-Q1", ("Q3", "Q1")),
    ],
)
def test_questions_are_named_one_by_one_or_in_a_row(named: str, numbers: tuple[str, ...]) -> None:
    assert read_one(f"ACCEPT MELT {named}").questions == numbers
    assert read_one(f"ANSWERS MELT {named}").questions == numbers


@pytest.mark.parametrize(
    ("until", "day"),
    [
        *((said, 7) for said in ("5pm on Friday 7 November 2014", "Friday 7 November, 5pm", "7-Nov", "07-11-2014")),
        *((said, 7) for said in ("close of play on 7 November", "the seventh of november", "7-Nov-14")),
        *((said, 28) for said in ("the twenty-eighth of November", "twenty eighth november")),
        *((said, 30) for said in ("the end of November", "end of November")),
    ],
)
def test_a_day_is_read_as_we_and_they_write_it(until: str, day: int) -> None:
    assert read_one(f"EXTEND MELT TO {until} BECAUSE ill").day == date(2014, 11, day)
    assert read_one(f"Extend the deadline for Melton to {until} because ill").day == date(2014, 11, day)


@pytest.mark.parametrize("until", ["by a few days", "to 10am on 7 November", "by the week"])
def test_a_day_that_may_be_another_is_asked(until: str) -> None:
    assert "Write it like 5 November 2014" in ask_about(f"EXTEND MELT {until} BECAUSE ill")


def test_her_own_line_is_completed_where_only_the_reason_is_missing() -> None:
    assert ask_about("Please extend Melton to 7 November").startswith("Write: EXTEND MELT TO 7 November BECAUSE")


@pytest.mark.parametrize(
    "note",
    [
        "Please find attached",
        "See attached.",
        "Set-up attached",
        "Here it is",
        "Amended",
        "Here is the updated workbook",
    ],
)
def test_a_cover_note_is_no_order_and_nothing_to_ask_about(note: str) -> None:
    assert not read(note).lines


@pytest.mark.parametrize("words", ["please find below my answers", "Find out why Melton is late", "Export to Excel"])
def test_what_is_looked_for_is_named(words: str) -> None:
    assert "a name, an address or a code" in ask_about(words)


@pytest.mark.parametrize("closing", ["Thanks, Jo", "Kind regards, Jo Bloggs", "Jo x", "Cheers Jo"])
def test_a_closing_with_any_name_keeps_no_order_back(closing: str) -> None:
    assert not read(f"SEND\n\n{closing}").not_understood
    assert not read(f"SEND\n{closing}").not_understood


def test_small_words_of_a_name_begin_no_signature() -> None:
    assert [c.respondent for c in read("HOLD MELT\nand Charnwood").commands] == ["MELT", "CHARN"]


def test_a_paper_is_cleared_and_sent_in_one_line() -> None:
    for words in ("CLEAR and CIRCULATE", "Clear it and send it to the secretariat"):
        assert [c.verb for c in read(words).commands] == ["CLEAR", "CIRCULATE"]
    assert read_one("Clear the Board paper").board == ""


def test_several_orders_stand_in_a_line_between_commas() -> None:
    written = [c.write() for c in read("HOLD MELT, RESUME CHARN, STATUS MELT").commands]
    assert written == ["HOLD MELT", "RESUME CHARN", "EXPLAIN MELT"]


def test_days_and_persons_named_in_passing() -> None:
    away = read_one("AWAY 3-14 November")
    assert (away.since, away.day) == (date(2014, 11, 3), date(2014, 11, 14))
    assert read_one("Melton has a new lead: Jane Smith jane@council.example").person.name == "Jane Smith"  # type: ignore[union-attr]
    assert read_one("YEAR 2014-15").text == "2014/15"
