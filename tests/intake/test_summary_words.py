"""The Summary: what stands in the place of words says nothing, and a choice of ours counts wherever it is typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.forms import layout
from csp_workflow.intake.checks.findings import CheckedForm, Origin
from csp_workflow.terms.cells import OF_OBJECTIVE, PromiseState, QuickAnswer
from csp_workflow.terms.phrases import says_something
from csp_workflow.terms.returns import ReadText, SummaryRow
from tests.intake.intake_factory import FORMS, came_back, cell, good
from tests.shipped_checks import CHECKS, check_form

QUICK = (QuickAnswer.NOTHING_NEW, QuickAnswer.STILL_HOLDS)
ROW = replace(FORMS["charnwood"].summary[0], quick=QUICK, played_back="We met twice.", promise="Two patrols.")
FORM = replace(FORMS["charnwood"], summary=(ROW,))
NOW = Origin(message="m", attachment="a", day=FORM.due.date())


def checked(
    happened: str = "", quick: str = "", promise_now: str = "Kept", *, next_: str = "", row: SummaryRow = ROW
) -> CheckedForm:
    """The form with one row of the summary filled in."""
    box = ReadText(
        ref="T1",
        value=cell("G7", happened, sheet=layout.SUMMARY),
        quick=cell("F7", quick, sheet=layout.SUMMARY),
        promise_now=cell("E7", promise_now, sheet=layout.SUMMARY),
        extra=cell("H7", next_, sheet=layout.SUMMARY),
    )
    form = replace(FORM, summary=(row,))
    return check_form(form, replace(came_back(form, good()), summary=(box,)), NOW, before={}, checks=CHECKS)


@pytest.mark.parametrize(
    "words",
    [
        "Please see the attached Word document for our summary.",
        "See attached report",
        "Text to be confirmed by the Chair",
        "x",
        "xxx",
        "as Q1",
        "Same as last quarter",
        "Summary to follow in November",
    ],
)
def test_what_stands_in_the_place_of_words_is_asked_for(words: str) -> None:
    found = checked(words)
    assert ([f.code for f in found.parts.findings], found.parts.narratives[0].text) == (["blank-text"], "")


@pytest.mark.parametrize(
    "words",
    [
        "See the children's play scheme: it reached forty families.",
        "To be clear, two patrols were held.",
        "Report burglary was our campaign in August.",
    ],
)
def test_words_that_begin_alike_are_words(words: str) -> None:
    assert says_something(words)


@pytest.mark.parametrize("typed", ["Last quarter's text still holds", "last quarter\u2019s text still holds."])
def test_our_own_choice_counts_wherever_it_is_typed(typed: str) -> None:
    for found in (checked(happened=typed), checked(quick=typed)):
        (told,) = found.parts.narratives
        assert (told.text, told.answer, found.parts.findings) == ("We met twice.", QuickAnswer.STILL_HOLDS, ())
    (told,) = checked(happened="Nothing new").parts.narratives
    assert (told.text, told.answer) == ("", QuickAnswer.NOTHING_NEW)


@pytest.mark.parametrize(
    ("said", "state"),
    [("Done", PromiseState.KEPT), ("Yes.", PromiseState.KEPT), ("Ongoing", PromiseState.UNDER_WAY)],
)
def test_what_became_of_a_promise_is_read_in_plain_words(said: str, state: PromiseState) -> None:
    found = checked("Two patrols were held.", promise_now=said)
    assert (found.parts.narratives[0].promise_now, found.parts.findings) == (state, ())
    assert [one.typed for one in found.parts.readings] == [said]
    assert checked("Two patrols were held.", promise_now="Kept").parts.readings == ()


NEAR = {
    "Nothing new this quarter.": QuickAnswer.NOTHING_NEW, "nothing to report": QuickAnswer.NOTHING_NEW,
    "No change": QuickAnswer.NOTHING_NEW, "There is nothing further to add at this time": QuickAnswer.NOTHING_NEW,
    "No significant updates since last quarter": QuickAnswer.NOTHING_NEW, "None this quarter": QuickAnswer.NOTHING_NEW,
    "Nothing has changed": QuickAnswer.NOTHING_NEW,
    "still holds": QuickAnswer.STILL_HOLDS, "Last quarter's text still holds": QuickAnswer.STILL_HOLDS,
}  # fmt: skip


@pytest.mark.parametrize("words", NEAR)
def test_a_quick_answer_in_other_words_is_taken_in_either_column_and_said_back(words: str) -> None:
    for found in (checked(words), checked(quick=words)):
        (told,) = found.parts.narratives
        assert (told.answer, found.parts.findings, found.parts.unrecorded) == (NEAR[words], (), ())
        assert told.text == ("We met twice." if NEAR[words] is QuickAnswer.STILL_HOLDS else "")
        said = [(one.typed, layout.QUICK_MEANS[one.recorded]) for one in found.parts.readings]
        assert said == ([] if words.startswith("Last") else [(words, NEAR[words])])


@pytest.mark.parametrize(
    "words",
    [
        "No patrols were held.", "Nothing new, but two officers left", "New: nothing", "No returns",
        "No change in burglary, but car crime rose", "Reached 200 people", "No return this quarter",
    ],
)  # fmt: skip
def test_words_that_say_more_are_no_quick_answer(words: str) -> None:
    (told,) = checked(words).parts.narratives
    assert (told.text, told.answer) == (words, None)


@pytest.mark.parametrize("words", ["Nothing new", "No change this quarter", "Goes on next year"])
def test_what_a_row_does_not_offer_is_neither_its_text_nor_lost(words: str) -> None:
    for happened, quick in ((words, ""), ("", words)):
        owed = checked(happened, quick, row=replace(ROW, quick=(), promise=""))
        assert [f.code for f in owed.parts.findings] == ["blank-text"]
        assert words in owed.parts.findings[0].found
        free = checked(happened, row=replace(ROW, quick=(), promise="", required=False))
        assert (free.parts.findings, free.parts.narratives) == ((), ())
        assert not happened or words in "".join(free.parts.unrecorded)


def test_of_two_choices_the_one_in_its_own_column_counts_and_the_other_is_told() -> None:
    found = checked("Nothing new", "Last quarter's text still holds")
    assert found.parts.narratives[0].answer is QuickAnswer.STILL_HOLDS
    assert "“Nothing new”" in "".join(found.parts.unrecorded)
    other = checked("Nothing new", "See Jo")
    assert other.parts.narratives[0].answer is QuickAnswer.NOTHING_NEW
    assert "“See Jo”" in "".join(other.parts.unrecorded)


@pytest.mark.parametrize("words", ["None", "Nil.", "No", "Yes"])
def test_a_word_that_says_neither_is_asked_about_wherever_it_stands(words: str) -> None:
    assert [f.code for f in checked(words).parts.findings] == ["blank-text"]
    assert [f.code for f in checked(quick=words).parts.findings] == ["unknown-quick-answer"]
    assert checked("We met.", next_=words).parts.narratives[0].promise == ""


@pytest.mark.parametrize("words", ["Nothing new", "None at this time"])
def test_nothing_is_no_promise(words: str) -> None:
    found = checked("Two patrols were held.", next_=words)
    assert (found.parts.narratives[0].text, found.parts.narratives[0].promise) == ("Two patrols were held.", "")
    assert words in "".join(found.parts.unrecorded)


@pytest.mark.parametrize(
    ("words", "answer"),
    [("Continues", QuickAnswer.GOES_ON), ("Ends here.", QuickAnswer.ENDS), ("Reached", QuickAnswer.REACHED)],
)
def test_whether_an_objective_goes_on_may_be_said_in_either_column(words: str, answer: QuickAnswer) -> None:
    row = replace(ROW, quick=OF_OBJECTIVE, promise="")
    for found in (checked(words, row=row), checked("It went well.", words, row=row)):
        assert (found.parts.narratives[0].answer, found.parts.findings) == (answer, ())
