"""A chair's yes to exactly one submission."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.messages import IncomingMessage
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.status import fold_cycle
from tests.intake.intake_factory import (
    FORMS,
    LATER,
    OFFICE,
    Q2,
    after,
    asked_to_approve,
    came_back,
    complete,
    decided,
    facts,
    good,
    happened,
    kinds,
    mail,
    verdict,
)  # fmt: skip

QUOTED = "\n\nOn 19/10/2014 09:00, returns@opcc.example wrote:\n> Please approve the return.\n> Approved\n"


def from_the_chair(text: str) -> IncomingMessage:
    return mail(text, sender="chair@charnwood.example", answering="<asked@opcc.example>", at=LATER)


@pytest.mark.parametrize(
    "words",
    ["Approved", "approved.", "  APPROVED!\n\nKind regards\nThe chair", "I approve this return", "Approved" + QUOTED],
)
def test_a_plain_yes_from_the_chair_approves_exactly_that_submission(words: str) -> None:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair(words), known, LATER)
    assert (verdict(decision), happened(decision)) == ("approval", ["APPROVED"])
    assert decision.events[0].subject == first.submissions[0].id
    assert decision.events[0].facts["content"] == first.submissions[0].content
    assert [(x.kind, x.recipient) for x in decision.letters] == [
        ("approval-recorded", "chair@charnwood.example"),
        ("approval-noted", "lead@charnwood.example"),
    ]
    assert first.submissions[0].id in decision.letters[0].cause
    assert after(decision, now).stands("charnwood").state is ReturnState.APPROVED


@pytest.mark.parametrize(
    "words",
    [
        "Approved subject to the burglary figure",
        "Yes",
        "Not approved",
        "Approved?\nWho filled it in?",
        "Thanks",
        QUOTED,
        "I do not approve this return",
    ],
)
def test_anything_else_from_the_chair_goes_to_the_co_ordinator(words: str) -> None:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair(words), known, LATER)
    assert (verdict(decision), happened(decision)) == ("question", ["QUESTION_ASKED"])
    answer = "act-held" if words.startswith("Approved") else "question-received"
    assert [(x.kind, x.recipient) for x in decision.letters] == [
        (answer, "chair@charnwood.example"),
        ("question", OFFICE.co_ordinator.address),
    ]


def test_only_the_chairs_own_address_approves() -> None:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    lead = mail("Approved", answering="<asked@opcc.example>")
    assert verdict(decided(lead, known)) == "question"
    stranger = mail("Approved", sender="chair@elsewhere.example", answering="<asked@opcc.example>")
    assert verdict(decided(stranger, known)) == "held"


def test_approval_outside_the_thread_is_a_question() -> None:
    _, now = complete()
    decision = decided(mail("Approved", sender="chair@charnwood.example"), facts(cycles=(now,)))
    assert verdict(decision) == "question"


def test_approving_a_replaced_version_tells_the_chair_which_is_current() -> None:
    first, now = complete()
    typed = good(figures={"CHARN.L1": 44, "CHARN.L2": 72})
    second = decided(mail("Corrected."), facts(came_back(FORMS["charnwood"], typed), cycles=(now,)), LATER)
    known = facts(cycles=(after(second, now),), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair("Approved"), known, LATER)
    assert (verdict(decision), happened(decision), kinds(decision)) == ("approval", [], ["approval-out-of-date"])
    assert decision.letters[0].facts["current"] == 2


def test_the_same_yes_again_changes_nothing() -> None:
    first, now = complete()
    letter = asked_to_approve(first.submissions[0].id, kind="approval-reminder")
    yes = decided(from_the_chair("Approved"), facts(cycles=(now,), answered=letter), LATER)
    again = decided(from_the_chair("Approved."), facts(cycles=(after(yes, now),), answered=letter), LATER)
    assert (verdict(again), again.events, again.letters) == ("duplicate", (), ())


def test_a_yes_to_a_letter_that_went_to_another_chair_approves_nothing() -> None:
    first, now = complete()
    letter = asked_to_approve(first.submissions[0].id, to="former.chair@charnwood.example")
    decision = decided(from_the_chair("Approved"), facts(cycles=(now,), answered=letter), LATER)
    assert (verdict(decision), "APPROVED" in happened(decision)) == ("question", False)


def test_a_yes_to_a_return_that_is_no_longer_complete_approves_nothing() -> None:
    first, now = complete()
    declined = Event(kind=Happened.DECLINED, at=LATER, by="t", quarter=Q2, respondent="charnwood", facts={"reason": ""})
    gone = replace(now, status=fold_cycle(Q2, (*now.events, declined)), events=(*now.events, declined))
    known = facts(cycles=(gone,), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair("Approved"), known, LATER)
    assert (verdict(decision), "APPROVED" in happened(decision)) == ("question", False)


def test_what_is_recorded_of_an_approval_and_who_is_told_what() -> None:
    first, now = complete()
    known = facts(cycles=(now,), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair("Approved"), known, LATER)
    (approved,) = decision.events
    assert (approved.at, approved.respondent, approved.quarter) == (LATER, "charnwood", Q2)
    assert decision.judgement is not None
    assert decision.judgement.respondents == ("charnwood",)
    assert decision.judgement.reason == "The chair approved version 1 of Charnwood CSP's return."
    thanks, note = decision.letters
    assert (thanks.facts["version"], note.facts["version"]) == (1, 1)
    assert note.facts["chair"] == thanks.recipient_name
    again = decided(from_the_chair("Approved."), facts(cycles=(after(decision, now),), answered=known.answered), LATER)
    assert again.judgement is not None
    assert again.judgement.reason == "That version is approved already."
    assert again.judgement.respondents == ("charnwood",)


def test_a_chair_who_approves_a_replaced_version_is_told_which_it_was() -> None:
    first, now = complete()
    typed = good(figures={"CHARN.L1": 44, "CHARN.L2": 72})
    second = decided(mail("Corrected."), facts(came_back(FORMS["charnwood"], typed), cycles=(now,)), LATER)
    known = facts(cycles=(after(second, now),), answered=asked_to_approve(first.submissions[0].id))
    decision = decided(from_the_chair("Approved"), known, LATER)
    assert decision.judgement is not None
    assert decision.judgement.respondents == ("charnwood",)
    assert decision.judgement.reason == (
        "The chair approved version 1, which version 2 has replaced; nothing is recorded."
    )
    (letter,) = decision.letters
    assert (letter.facts["version"], letter.facts["current"], letter.facts["is_complete"]) == (1, 2, True)
