"""Answers in words to what was asked about a return: bound where that is plain, and shown to the co-ordinator else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from csp_workflow.forms import layout
from csp_workflow.intake.case import CycleFacts
from csp_workflow.letters.catalogue import kind_of
from csp_workflow.terms.events import About, Decision, LetterState, Manner, QueuedLetter
from csp_workflow.terms.queries import number_findings
from csp_workflow.terms.returns import ReadText, UsualRange
from tests.intake.intake_factory import (
    CLOSE,
    FORMS,
    LATER,
    OPENED,
    Q2,
    Typed,
    after,
    came_back,
    cell,
    cycle,
    decided,
    facts,
    good,
    happened,
    kinds,
    mail,
    verdict,
)
from tests.intake.test_words_beside import COUNTY

L1, L2 = "CHARN.L1", "CHARN.L2"
WHY = "Two new hostels opened in August"


def receipt_of(decision: Decision) -> QueuedLetter:
    """The letter that asked, as it stands once it has left."""
    letter = decision.letters[0]
    assert kind_of(letter.kind)
    return QueuedLetter(
        id="x", kind=letter.kind, cause="x", recipient=letter.recipient, quarter=Q2, manner=Manner.ANSWER, subject="",
        about=(About(respondent="charnwood", submission=decision.submissions[0].id),), message_id="<r@opcc.example>",
        content="", state=LetterState.SENT, queued=OPENED,
    )  # fmt: skip


def reply(words: str, first: Decision, stands: CycleFacts, **more: object) -> Decision:
    return decided(mail(words, **more), facts(cycles=(stands,), answered=receipt_of(first)), LATER)  # type: ignore[arg-type]


USUAL = UsualRange(low=Decimal(30), high=Decimal(60))
ROWS = FORMS["charnwood"].figures
CHARN = replace(FORMS["charnwood"], figures=tuple(replace(r, usual=USUAL) if r.ref in {L1, L2} else r for r in ROWS))
FORMS_NOW = {**FORMS, "charnwood": CHARN}


def returned(typed: Typed, stands: CycleFacts | None = None, **more: object) -> tuple[Decision, CycleFacts]:
    before = stands or cycle(forms=FORMS_NOW)
    decision = decided(mail("Our form."), facts(came_back(CHARN, typed, **more), cycles=(before,)))
    return decision, after(decision, before)


def notes(decision: Decision) -> dict[str, str]:
    return {f.series: f.note for f in decision.submissions[0].figures}


def queries(decision: Decision) -> list[str]:
    return [f.key for f in decision.submissions[0].queries]


ONE_ODD = good(figures={L1: 90, L2: 45})
TWO_ODD = good(figures={L1: 90, L2: "45*"})


def test_the_only_open_question_is_answered_by_a_sentence_and_printed_with_the_figure() -> None:
    first, stands = returned(ONE_ODD)
    assert queries(first) == [f"E07000130 {L1}"]
    answer = reply(WHY, first, stands)
    assert verdict(answer) == "return"
    assert happened(answer) == ["RECEIVED", "COMPLETE", "QUERY_ANSWERED"]
    assert notes(answer)[L1] == WHY
    assert not answer.submissions[0].findings
    assert kinds(answer) == ["receipt"]


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (f"L2: {WHY}", WHY),
        (f"{L2} is right. {WHY}", f"{L2} is right. {WHY}"),
        (f"Residents who feel safe: {WHY}", WHY),
        (f"It is so for L2: {WHY}", f"It is so for L2: {WHY}"),
    ],
)
def test_of_several_the_one_that_is_named_is_answered_without_its_label(words: str, note: str) -> None:
    first, stands = returned(TWO_ODD)
    answer = reply(words, first, stands)
    assert queries(answer) == [f"E07000130 {L1}"]
    assert notes(answer)[L2] == note


def test_words_that_were_taken_as_an_answer_are_told_as_such_and_not_beside_it() -> None:
    first, stands = returned(TWO_ODD)
    (letter,) = reply(f"L2: {WHY}.", first, stands).letters
    (told,) = letter.facts["returns"]
    assert [said for said in told.remarks if WHY in said] == [f"To our question Q1 you answered: {WHY}."]
    assert not letter.facts["words"]


@pytest.mark.parametrize(
    "words", [WHY, f"L1 and L2: {WHY}", f"Q2 was hard: {WHY}", "Is L1 so odd?", "L1 may be wrong, please wait"]
)
def test_what_is_not_plain_goes_to_the_co_ordinator(words: str) -> None:
    first, stands = returned(TWO_ODD)
    answer = reply(words, first, stands)
    assert verdict(answer) == "question"
    assert not answer.submissions


def test_lines_that_each_name_a_row_answer_each_its_own() -> None:
    first, stands = returned(TWO_ODD)
    answer = reply("L1: Two hostels opened\nCHARN.L2: the star means that the survey ran late", first, stands)
    assert queries(answer) == []
    assert (notes(answer)[L1], notes(answer)[L2]) == ("Two hostels opened", "the star means that the survey ran late")


@pytest.mark.parametrize(
    "words",
    [
        "Oops, typo on my part. 60 was meant.",
        "Please use 60.",
        "L1: sixty",
        "L1: 58 (was 90)",
        "L1: 58, previously 90",
        "L1: 58 (not 90)",
        "L1: nil",
        "L1: zero.",
        "L1 is zero.",
        "The figure for L1 is zero.",
        "L1 was sixty, sorry.",
        "CHARN.L1 should be five",
        "Actually it is 88 now that we have taken out the duplicates.",
        "Will look into this and come back to you next week.",
        "Leave it with me.",
        "Will send new figures by Friday.",
        "Approved",
        "Nil return",
        "Off the record, this is all down to one family.",
        "Not sure.",
    ],
)
def test_a_correction_a_delay_or_another_act_explains_nothing(words: str) -> None:
    first, stands = returned(ONE_ODD)
    known = replace(facts(cycles=(stands,), answered=receipt_of(first)), site=COUNTY)
    answer = decided(mail(words), known, LATER)
    assert "QUERY_ANSWERED" not in happened(answer)
    assert not answer.submissions


@pytest.mark.parametrize(
    "words",
    [
        "L2 fell because of staffing.",
        "The police crime figure looks too high to us.",
        "Please stop sending me these emails.",
        "I use a screen reader and could not read the form.",
        "I'm on leave from tomorrow for two weeks.",
        "I will ring you about this.",
        "This is not my area.",
        "You have misread it.",
        "No",
        "Not available.",
        "n/a",
        "Yes, that's correct.",
        "All correct",
        "Apologies.",
        "See attached",
        "As above",
        "See email of 3 October.",
        "L1: same",
        "L1: as above",
        "Sam is dealing with it.",
        "Nice to see you at the meeting on Thursday.",
    ],
)
def test_words_about_something_else_or_nothing_are_a_question_with_the_order_that_binds_them(words: str) -> None:
    first, stands = returned(ONE_ODD)
    known = replace(facts(cycles=(stands,), answered=receipt_of(first)), site=COUNTY)
    answer = decided(mail(words), known, LATER)
    assert not answer.submissions
    if verdict(answer) == "question":
        (letter,) = (x for x in answer.letters if x.kind == "question")
        offered = [order for order, _ in letter.facts["queries"]]
        assert offered == ([] if words == "No" else ["ANSWERS CHARN Q1"]), "a bare no may be a chair's"
    else:
        assert (verdict(answer), words) == ("no workbook", "See attached")


@pytest.mark.parametrize(
    "leads_in",
    [
        "Please note that ",
        "I can confirm that ",
        "We have checked, and ",
        "I think ",
        "As far as we know ",
        "I am told ",
    ],
)
def test_words_that_only_lead_in_to_an_explanation_are_a_part_of_it(leads_in: str) -> None:
    first, stands = returned(ONE_ODD)
    assert notes(reply(f"{leads_in}two hostels have opened.", first, stands))[L1]
    nothing = reply(f"{leads_in}this is correct.", first, stands)
    assert (verdict(nothing), nothing.submissions) == ("question", ())


def test_two_answers_on_one_line_answer_each_its_own() -> None:
    first, stands = returned(TWO_ODD)
    answer = reply("L1: new provider. L2: two services.", first, stands)
    assert (notes(answer)[L1], notes(answer)[L2]) == ("new provider.", "two services.")
    other = reply("L1: new provider, and L2 was two services.", first, stands)
    assert (verdict(other), other.submissions) == ("question", ())


def test_what_comes_after_the_close_or_names_somebody_or_answers_no_letter_of_ours_is_for_a_person() -> None:
    first, stands = returned(ONE_ODD)
    late = decided(mail(WHY, at=CLOSE), facts(cycles=(stands,), answered=receipt_of(first)), CLOSE)
    named = reply("Ring Jane on 07700 900123", first, stands)
    other = decided(mail(WHY), facts(cycles=(stands,)), LATER)
    assert [verdict(one) for one in (late, named, other)] == ["question"] * 3


def test_an_answer_stays_while_the_value_stays_and_the_question_comes_back_with_another() -> None:
    first, stands = returned(ONE_ODD)
    answer = reply("New hostels.", first, stands)
    assert not answer.submissions[0].findings
    stands = after(answer, stands)
    again, _ = returned(good(figures={L1: 90, L2: 46}), stands)
    assert queries(again) == []
    other, _ = returned(good(figures={L1: 99, L2: 45}), stands)
    assert queries(other) == [f"E07000130 {L1}"]


def test_the_sheet_of_questions_answers_too() -> None:
    first, stands = returned(TWO_ODD)
    numbers = {finding.key: number for number, finding in number_findings(first.submissions[0]).items()}
    box = ReadText(
        ref=numbers[f"E07000130 {L1}"],
        value=cell("E7", layout.QUESTION_CHOICES[0], sheet=layout.QUESTIONS),
        extra=cell("F7", WHY, sheet=layout.QUESTIONS),
    )
    sent = stands.requests["charnwood"][0]
    stands = replace(stands, requests={**stands.requests, "charnwood": (replace(sent, filled=1),)})
    answer, _ = returned(TWO_ODD, stands, questions=(box,))
    assert queries(answer) == [f"E07000130 {L2}"]
    assert notes(answer)[L1] == WHY
    assert "QUERY_ANSWERED" in happened(answer)
