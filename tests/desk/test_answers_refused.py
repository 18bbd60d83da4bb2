"""ANSWER, and what it is refused for: each in a sentence that says what to do, and nothing leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.desk.commands import CarriedOut, Command, Refused, Verb
from csp_workflow.desk.orders import carry_out
from csp_workflow.terms.events import Happened
from csp_workflow.terms.messages import Attachment
from tests.chase.quarter_told import Told, at
from tests.desk.test_orders_done import HELD, NOW, QUESTION, facts, refused

ANSWER = Command(verb=Verb.ANSWER, words="ANSWER", text="Yes, until Friday.")
GUIDE = Attachment(name="Guide.pdf", data=b"%PDF", content_type="application/pdf")
OTHER = replace(QUESTION, id="88b0c1d2e4b5a697")


@pytest.fixture
def told() -> Told:
    return Told().open(at(15))


def answered(told: Told, command: Command, **more: object) -> CarriedOut:
    return carry_out(command, facts(told, **{"waiting": (QUESTION,), **more}), NOW)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (replace(ANSWER, message="77b0", text="\n"), "nothing in it for"),
        (replace(ANSWER, message="77b0", text="word " * 4_000), "longer than 15000 characters"),
        (replace(ANSWER, message="3fa9"), "is not registered with us"),
        (replace(ANSWER, message="77b0", whom="Margaret"), "not from 'Margaret'"),
        (replace(ANSWER, message="77b0", files=("Plan.pdf",)), "No file 'Plan.pdf' is attached"),
        (replace(ANSWER, respondent="CHARN"), "Several messages of theirs wait: 77b0c1d2e4, 88b0c1d2e4"),
        (replace(ANSWER, respondent="MELT"), "No message of theirs waits"),
    ],
)
def test_what_cannot_go_is_refused_with_what_to_do(told: Told, command: Command, said: str) -> None:
    with pytest.raises(Refused, match=said):
        answered(told, command, waiting=(QUESTION, OTHER, HELD), files=(GUIDE,))


def test_an_address_that_letters_do_not_reach_gets_no_answer(told: Told) -> None:
    told.happen(Happened.ADDRESS_FAILED, at(30), subject=QUESTION.sender, quarter=None, letter="", status="5.1.1")
    with pytest.raises(Refused, match=f"ADDRESS OK {QUESTION.sender} first"):
        answered(told, replace(ANSWER, message="77b0"))


def test_of_one_respondent_its_only_message_is_meant_and_a_file_goes_by_its_name(told: Told) -> None:
    done = answered(told, replace(ANSWER, respondent="CHARN", files=("guide and guide.pdf",)), files=(GUIDE,))
    assert done.order is not None
    (letter,) = done.order.letters
    assert (letter.recipient, letter.attachments) == (QUESTION.sender, (GUIDE,))
    assert "With it: Guide.pdf." in done.sentences


def test_a_held_message_still_waits_after_its_answer(told: Told) -> None:
    held = replace(HELD, sender=QUESTION.sender)
    done = answered(told, replace(ANSWER, message="3fa9"), waiting=(held,))
    assert "still waits, for ASSIGN or DISMISS" in done.sentences[-1]


def test_nothing_that_does_not_wait_is_recalled(told: Told) -> None:
    assert "No answer of yours waits" in refused(told, "RECALL 77b0c1d2", waiting=(QUESTION,))


def test_only_who_needs_an_approval_is_approved_and_a_contact_needs_somebody(told: Told) -> None:
    assert "needs no approval" in refused(told, "APPROVED PH BY Jo BECAUSE she rang")
    with pytest.raises(Refused, match="CONTACT CODE lead"):
        carry_out(Command(verb=Verb.CONTACT, words="CONTACT", respondent="CHARN"), facts(told), NOW)
