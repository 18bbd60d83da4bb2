"""The sheet of questions: an answer goes to the box that was asked about, is asked again, or explains what stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.forms import layout
from csp_workflow.intake.case import CycleFacts
from csp_workflow.terms.events import Decision
from csp_workflow.terms.queries import number_findings
from csp_workflow.terms.returns import ReadText
from tests.intake.intake_factory import SIGNED, Typed, cell, good, verdict
from tests.intake.test_explaining import L1, L2, returned

RIGHT, PUT_RIGHT = layout.QUESTION_CHOICES


def asked(typed: Typed) -> tuple[Decision, CycleFacts]:
    """A form that raised questions, and the cycle in which it went back with them."""
    first, stands = returned(typed)
    sent = stands.requests["charnwood"][0]
    return first, replace(stands, requests={**stands.requests, "charnwood": (replace(sent, filled=1),)})


def answered(typed: Typed, about: str, words: str, back: Typed) -> Decision:
    """The form that comes back with an answer beside the question about a row, or a box."""
    first, stands = asked(typed)
    number = next(n for n, one in number_findings(first.submissions[0]).items() if about in one.key)
    box = ReadText(
        ref=number,
        value=cell("E7", words if words in layout.QUESTION_CHOICES else "", sheet=layout.QUESTIONS),
        extra=cell("F7", "" if words in layout.QUESTION_CHOICES else words, sheet=layout.QUESTIONS),
    )
    return returned(back, stands, questions=(box,))[0]


def said(decision: Decision, ref: str = L1) -> tuple[str, str, str]:
    figure = next((f for f in decision.submissions[0].figures if f.series == ref), None)
    return (str(figure.value), str(figure.status), figure.note) if figure else ("", "", "")


EMPTY = good(figures={L1: "see email", L2: 45})
BLANK = good(figures={L2: 45})
FAULTED = {
    "43": ("43", "final"),
    "43 incidents": ("43", "final"),
    "c. 43": ("43", "estimated"),
    "It was 43": ("43", "final"),
    "forty-three": ("43", "final"),
    "nil": ("0", "final"),
    "Not available yet": ("None", "not available"),
    "TBC": ("None", "not available"),
}


@pytest.mark.parametrize("words", FAULTED)
def test_a_figure_that_was_asked_for_is_read_as_in_its_cell(words: str) -> None:
    decision = answered(EMPTY, L1, words, BLANK)
    assert said(decision)[:2] == FAULTED[words]
    assert not decision.submissions[0].faults


@pytest.mark.parametrize("words", ["We do not hold this figure any more", "n/a", "dunno", RIGHT, PUT_RIGHT])
def test_what_is_no_figure_is_asked_again_and_makes_a_version(words: str) -> None:
    decision = answered(EMPTY, L1, words, BLANK)
    (submission,) = decision.submissions
    assert verdict(decision) == "return"
    assert [f.key for f in submission.faults] == [f"E07000130 {L1}"]
    assert any(words in remark for remark in submission.remarks)


def test_a_status_that_was_asked_about_is_answered_in_its_own_column() -> None:
    odd = good(figures={L1: 43, L2: 45}, statuses={L1: "Blue"})
    plain = good(figures={L1: 43, L2: 45})
    assert said(answered(odd, L1, "Provisional", plain)) == ("43", "provisional", "")
    right = answered(odd, L1, RIGHT, plain)
    assert "unknown-status" in {f.code for f in right.submissions[0].findings}
    assert said(right)[2] == ""


def test_a_figure_that_answers_a_query_takes_the_place_of_what_stands() -> None:
    odd = good(figures={L1: "43*", L2: 45})
    assert said(answered(odd, L1, "44", odd)) == ("44", "final", "")
    assert said(answered(odd, L1, "It means provisional", odd)) == ("43", "final", "It means provisional")
    assert said(answered(odd, L1, "Provisional", odd))[1] == "provisional"


def test_an_answer_and_a_cell_that_say_different_things_are_both_asked() -> None:
    decision = answered(EMPTY, L1, "43", good(figures={L1: 44, L2: 45}))
    assert {f.code for f in decision.submissions[0].faults} == {"two-candidates"}


def test_who_completed_the_form_and_a_doubtful_tick_are_answered_there_too() -> None:
    unsigned = replace(EMPTY, signed={layout.NIL: "Nil?"})
    back = replace(BLANK, signed={})
    assert answered(unsigned, layout.COMPLETED_BY, "J Smith, Officer", back).submissions[0].sign_off.completed_by == (
        "J Smith, Officer"
    )
    unticked = answered(unsigned, layout.NIL, "No", back)
    assert "unclear-tick" not in {f.code for f in unticked.submissions[0].findings}


def test_the_same_answers_sent_twice_are_known_the_second_time() -> None:
    first, stands = asked(EMPTY)
    number = next(iter(number_findings(first.submissions[0])))
    box = ReadText(ref=number, value=cell("E7", "", sheet=layout.QUESTIONS), extra=cell("F7", "dunno"))
    back = replace(BLANK, signed=SIGNED)
    _, known = returned(back, stands, questions=(box,))
    assert verdict(returned(back, known, questions=(box,))[0]) == "duplicate"


def test_a_figure_waits_for_a_status_that_was_no_choice_of_ours() -> None:
    odd, plain = good(figures={L1: 3, L2: 45}, statuses={L1: "Blue"}), good(figures={L1: 3, L2: 45})
    assert said(asked(odd)[0]) == ("", "", "")
    again = returned(plain, asked(odd)[1])[0]
    assert (said(again), len(again.submissions[0].faults)) == (("", "", ""), 1)
    chosen = good(figures={L1: 3, L2: 45}, statuses={L1: "Suppressed (small number)"})
    assert said(returned(chosen, asked(odd)[1])[0])[1] == "suppressed"
