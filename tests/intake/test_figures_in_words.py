"""Figures in the words of an email: an answer where that is plain, else said back as seen and not recorded."""

from __future__ import annotations

from decimal import Decimal

import pytest

from csp_workflow.intake.outcomes.beside import find_said_figures
from csp_workflow.letters.catalogue import render
from csp_workflow.terms.events import Decision
from csp_workflow.terms.figures import FigureStatus
from tests.intake.intake_factory import (
    FORMS,
    LATER,
    OFFICE,
    Typed,
    after,
    came_back,
    cycle,
    decided,
    facts,
    good,
    happened,
    kinds,
    mail,
    templates,
    verdict,
)
from tests.intake.test_explaining import L1, L2, notes, queries, reply, returned

FORM = FORMS["charnwood"]


def said_back(decision: Decision) -> tuple[str, ...]:
    (letter,) = (x for x in decision.letters if x.kind == "no-workbook")
    words = render(letter, OFFICE, environment=templates(), illustrative=True).text  # type: ignore[arg-type]
    assert all(one in words for one in letter.facts["figures"])
    return tuple(letter.facts["figures"])


def value_of(decision: Decision, ref: str) -> Decimal | None:
    return next((f.value for f in decision.submissions[0].figures if f.series == ref), None)


@pytest.mark.parametrize(
    ("line", "row", "value"),
    [
        ("L1 58", L1, "58"),
        ("L1: 58", L1, "58"),
        ("CHARN.L1 = 1,058", L1, "1058"),
        ("l1 is 58.", L1, "58"),
        ("- L1 - 58 incidents", L1, "58"),
        ("L1: 58 is right", L1, "58"),
        ("L1: it is 58 now, the count is final.", L1, "58"),
        ("L1\t58", L1, "58"),
        ("Incidents in the town centre 58", L1, "58"),
        ("Incidents town centre: 58", L1, "58"),
        ("L2 62.5%", L2, "62.5"),
        ("M11.1 412", "M11.1", "412"),
    ],
)
def test_a_line_that_says_one_figure_is_read(line: str, row: str, value: str) -> None:
    (said,) = find_said_figures([line], FORM).values()
    assert said.row
    assert (said.row.ref, str(said.value)) == (row, value)


@pytest.mark.parametrize(
    "line",
    [
        "L1", "58", "L1 58 of 90", "L1 rose from 40 to 58", "L1 58 provisional", "L1 is not 58", "L1 58 is not right",
        "L1 by 31 October", "L1 leaves out 3 wards", "centre 58", "L11 58", "Q1 58", "Call me on L1 01509 123456",
        "L1 58 (so far)", "L1 about 58", "", "the 58",
    ],
)  # fmt: skip
def test_a_line_that_says_more_or_names_no_row_is_none(line: str) -> None:
    assert not find_said_figures([line], FORM)


@pytest.mark.parametrize(
    "words",
    ["L1 58", "L1 58\nL2 72", "Our figures are below:\n\nL1: 58\nL2: 72%\n\nRegards\nSam", "Incidents town centre 58"],
)
def test_figures_without_a_form_are_said_back_and_asked_for(words: str) -> None:
    decision = decided(mail(words), facts())
    assert verdict(decision) == "no workbook"
    assert said_back(decision) == tuple(line for line in words.split("\n") if any(map(str.isdigit, line)))
    assert "58" not in str(decision.submissions)


def test_a_figure_beside_the_form_that_says_another_is_kept_and_told() -> None:
    other = decided(mail("L1 58"), facts(came_back(FORM, good())))
    assert other.submissions[0].words == "L1 58"
    assert "L1 58" in str(next(x for x in other.letters if x.kind == "receipt").facts["words"])
    same = decided(mail("L1 43"), facts(came_back(FORM, good())))
    assert same.submissions[0].words == ""


MISSING = good(figures={L2: 45})


def test_a_figure_that_was_asked_for_is_taken_from_a_line_that_says_it_and_nothing_else() -> None:
    first, stands = returned(MISSING)
    assert value_of(first, L1) is None
    answer = reply("L1: 58", first, stands)
    assert verdict(answer) == "return"
    assert value_of(answer, L1) == 58
    assert not answer.submissions[0].faults
    (letter,) = answer.letters
    assert "58" in str(letter.facts["returns"][0].figures)


def test_words_that_name_a_row_are_offered_as_an_answer_to_nothing_else() -> None:
    """ "L1: 58 by the end of September" was offered as the answer to what was asked of another row."""
    first, stands = returned(good(figures={L2: "45*"}))
    assert queries(first) == [f"E07000130 {L2}"]
    about_l1 = reply("L1: it may be 58 by the end of the month", first, stands)
    assert verdict(about_l1) == "question"
    assert "ANSWERS" not in str([x.facts for x in about_l1.letters])
    about_neither = reply("It may be 58 by the end of the month", first, stands)
    assert "ANSWERS CHARN Q2" in str([x.facts for x in about_neither.letters])


def test_each_line_answers_what_was_asked_of_its_row() -> None:
    first, stands = returned(good(figures={}))
    answer = reply("L1: 58\nL2: 45", first, stands)
    assert (value_of(answer, L1), value_of(answer, L2)) == (58, 45)


def test_what_stands_is_explained_by_it_and_never_changed() -> None:
    first, stands = returned(good(figures={L1: 90, L2: 45}))
    right = reply("L1: 90 is right", first, stands)
    assert notes(right)[L1] == "90 is right"
    assert queries(right) == []
    other = reply("L1: 58 is right", first, stands)
    assert verdict(other) == "question"
    assert not other.submissions
    wordy = reply("L1 should be 58, since September came late", first, stands)
    assert verdict(wordy) == "question"
    assert not wordy.submissions


def test_what_was_asked_for_is_taken_beside_what_stands() -> None:
    first, stands = returned(MISSING)
    answer = reply("L1: 58\nL2: 45", first, stands)
    assert (value_of(answer, L1), value_of(answer, L2)) == (58, 45)
    assert "QUESTION_ASKED" not in happened(answer)


@pytest.mark.parametrize("before", [MISSING, good(figures={L1: 90, L2: 45})])
@pytest.mark.parametrize("words", ["L1: 90\nL2: 44", "L2: 44%\nL1: 90", "L1: 90\nL2: 44\nL1: 90 is right"])
def test_beside_another_figure_of_what_stands_nothing_is_taken_and_each_is_named(words: str, before: Typed) -> None:
    """While their chair is asked to approve, too: what is put before her is all of it."""
    first, stands = returned(before)
    answer = reply(words, first, stands)
    assert (verdict(answer), answer.submissions) == ("question", ())
    assert answer.judgement is not None
    assert all(line in answer.judgement.reason for line in words.split("\n"))


@pytest.mark.parametrize(
    "said",
    [
        "~58", "\u224858", "58+", "\u00b158", "\u2260 58", "58*", "58\u2020", "\u202658", "58%", "\u00a358", "$58",
        "\u00a358,000", "\u221258", "\u2013 58", "- 58", "<58", "58<", ">58", "<5", "\u22645",
    ],
)  # fmt: skip
def test_a_sign_at_a_figure_means_in_words_what_it_means_in_a_cell(said: str) -> None:
    first, stands = returned(MISSING)
    in_cell, _ = returned(good(figures={L1: said, L2: 45}))
    in_words = reply(f"L1: {said}", first, stands).submissions[0]
    read = [[(f.value, f.status) for f in one.figures if f.series == L1] for one in (in_words, in_cell.submissions[0])]
    asked = [sorted(f.code for f in one.findings) for one in (in_words, in_cell.submissions[0])]
    assert (read[0], asked[0]) == (read[1], asked[1])
    assert asked[0] or read[0][0][1] is not FigureStatus.FINAL


@pytest.mark.parametrize(
    "words", ["L1: 58\nL1: 60", "L1: 58 per cent", "L1: 58\u00b9", "L1: 58 [1]", "L1: 58 [struck through: 60]"]
)
def test_what_says_two_things_of_one_figure_is_for_a_person(words: str) -> None:
    first, stands = returned(MISSING)
    answer = reply(words, first, stands)
    assert verdict(answer) == "question"
    assert not answer.submissions


@pytest.mark.parametrize("words", ["L1: 58\nPlease wait for L2", "L1: 58?"])
def test_where_one_line_is_no_answer_nothing_is_taken_from_words(words: str) -> None:
    first, stands = returned(MISSING)
    answer = reply(words, first, stands)
    assert not answer.submissions
    assert "58" in str([x.facts for x in answer.letters])


def test_a_figure_in_an_answer_to_no_letter_of_ours_is_asked_about_where_a_return_stands() -> None:
    _, stands = returned(MISSING)
    assert verdict(decided(mail("L1: 58"), facts(cycles=(stands,)), LATER)) == "question"


SORRY = "L1: 58 is right, sorry for the slip in the form."


def test_a_form_that_has_the_figure_settles_the_question_that_said_it() -> None:
    first, stands = returned(good(figures={L1: 90, L2: 45}))
    asked = reply(SORRY, first, stands)
    assert happened(asked) == ["QUESTION_ASKED"]
    (event,) = asked.events
    assert event.facts["figures"] == f"E07000130 {L1} = 58"
    waiting = after(asked, stands)
    assert waiting.stands("charnwood").open_questions
    other, _ = returned(good(figures={L1: 57, L2: 45}), waiting)
    assert "QUESTION_ANSWERED" not in happened(other)
    settled, now = returned(good(figures={L1: 58, L2: 45}), waiting)
    assert "QUESTION_ANSWERED" in happened(settled)
    assert not now.stands("charnwood").open_questions


@pytest.mark.parametrize(
    "words", ["L1: 58 is right. May we have until Friday?", "L1: 58 is right\n\nOur chair has left us"]
)
def test_a_question_that_says_anything_else_stays_open(words: str) -> None:
    first, stands = returned(good(figures={L1: 90, L2: 45}))
    waiting = after(reply(words, first, stands), stands)
    settled, now = returned(good(figures={L1: 58, L2: 45}), waiting)
    assert "QUESTION_ANSWERED" not in happened(settled)
    assert now.stands("charnwood").open_questions


def test_figures_in_words_never_count_for_another_s_row() -> None:
    assert kinds(decided(mail("BLABY.L1 58"), facts(cycles=(cycle(),)))) == kinds(decided(mail("X.L1 58"), facts()))
