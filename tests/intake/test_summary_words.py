"""The Summary: what stands in the place of words says nothing, and a choice of ours counts wherever it is typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.forms import layout
from csp_workflow.intake.checks.findings import CheckedForm, Origin
from csp_workflow.terms.chosen import PromiseState, QuickAnswer
from csp_workflow.terms.phrases import says_something
from csp_workflow.terms.returns import ReadText
from tests.intake.intake_factory import FORMS, came_back, cell, good
from tests.shipped_checks import CHECKS, check_form

QUICK = (QuickAnswer.NOTHING_NEW, QuickAnswer.STILL_HOLDS)
ROW = replace(FORMS["charnwood"].summary[0], quick=QUICK, played_back="We met twice.", promise="Two patrols.")
FORM = replace(FORMS["charnwood"], summary=(ROW,))
NOW = Origin(message="m", attachment="a", day=FORM.due.date())


def checked(happened: str = "", quick: str = "", promise_now: str = "Kept") -> CheckedForm:
    """The form with one row of the summary filled in."""
    box = ReadText(
        ref="T1",
        value=cell("G7", happened, sheet=layout.SUMMARY),
        quick=cell("F7", quick, sheet=layout.SUMMARY),
        promise_now=cell("E7", promise_now, sheet=layout.SUMMARY),
    )
    return check_form(FORM, replace(came_back(FORM, good()), summary=(box,)), NOW, before={}, checks=CHECKS)


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
