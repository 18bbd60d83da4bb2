"""An approval that the chair gave elsewhere, and a return that goes back to its lead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csp_workflow.chase.grounds import explain_chase
from csp_workflow.desk.commands import HARMLESS, Verb
from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.digest.needs import list_needs
from csp_workflow.post.leaving import judge_cause
from csp_workflow.terms.events import Decision, Happened
from tests.chase.quarter_told import CHARNWOOD, MELTON, Told, at
from tests.desk.reading import read, read_one
from tests.desk.test_orders_done import NOW, QUESTION, forwarded, order, refused

BY_TELEPHONE = "APPROVED CHARN BY Cllr Chair BECAUSE she told me so by telephone"
BACK = "RETURN CHARN BECAUSE the burglary figure is last year's"


@pytest.fixture
def told() -> Told:
    return Told().open(at(15))


# APPROVED --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        BY_TELEPHONE,
        "Approved Charnwood by Cllr Chair because she told me so by telephone.",
        "please APPROVED CHARN, by Cllr Chair, because she told me so by telephone",
        "Approve CHARN BY Cllr Chair (because she told me so by telephone)",
        "APPROVED CHARN BY Cllr Chair REASON: she told me so by telephone",
    ],
)
def test_who_approved_and_how_she_knows_are_read(words: str) -> None:
    read = read_one(words)
    assert (read.respondent, read.whom, read.reason) == ("CHARN", "Cllr Chair", "she told me so by telephone")


def test_one_minute_may_approve_several() -> None:
    commands = read("APPROVED CHARN and MELT BY their chairs BECAUSE minute 4 of 30 October").commands
    assert [(c.respondent, c.reason) for c in commands] == [
        ("CHARN", "minute 4 of 30 October"),
        ("MELT", "minute 4 of 30 October"),
    ]


def test_what_is_recorded_in_the_chair_s_place_says_so_everywhere(told: Told) -> None:
    told.arrive(CHARNWOOD, at(30))
    asked = told.tick(at(31, 9))
    assert "approval-request" in {x.kind for x in asked}
    done = order(told, BY_TELEPHONE)
    assert "Version 1 of Charnwood's return, received at" in done.sentences[0]
    assert "The evidence kept with it: she told me so by telephone." in done.sentences
    status = told.facts().status.returns["charnwood"]
    assert (str(status.state), status.approval.by) == ("approved", "Cllr Chair")
    assert {x.recipient for x in done.decision.letters} == {"lead@charnwood.example", "chair@charnwood.example"}
    said = " ".join(explain_chase(told.facts(), "charnwood", NOW))
    assert "given by Cllr Chair, as the office recorded: she told me so by telephone" in said
    told.tick(at(10, month=11))
    assert not [x for x in told.letters if x.kind == "approval-reminder"]
    assert "is approved already, by Cllr Chair" in refused(told, BY_TELEPHONE)


def test_it_settles_the_chair_s_message_that_brought_more_than_a_yes(told: Told) -> None:
    told.arrive(CHARNWOOD, at(30))
    told.happen(Happened.QUESTION_ASKED, at(30), "charnwood", QUESTION.id)
    asked = replace(QUESTION, sender="chair@charnwood.example")
    done = order(told, BY_TELEPHONE, waiting=(asked,), answered=forwarded(asked))
    assert "is settled by this" in done.sentences[-1]
    assert not told.facts().status.returns["charnwood"].is_paused


def test_a_lead_s_question_still_waits_after_it(told: Told) -> None:
    told.arrive(CHARNWOOD, at(30))
    told.happen(Happened.QUESTION_ASKED, at(30), "charnwood", QUESTION.id)
    order(told, BY_TELEPHONE, waiting=(QUESTION,), answered=forwarded(QUESTION))
    assert told.facts().status.returns["charnwood"].is_paused


def test_an_approval_is_refused_where_nothing_complete_waits(told: Told) -> None:
    assert "only a complete one can be approved" in refused(told, BY_TELEPHONE)
    told.arrive(CHARNWOOD, at(30), faults=2)
    assert "ACCEPT CHARN takes it as complete first" in refused(told, BY_TELEPHONE)
    assert Verb.APPROVED not in HARMLESS


# RETURN ----------------------------------------------------------------------------------------


def test_what_she_records_is_of_the_day_on_which_she_wrote_it(told: Told) -> None:
    """Written on Friday, read on Monday after a machine was down."""
    wrote, monday = at(31, 16, 55), at(3, month=11)
    told.arrive(CHARNWOOD, at(30))
    order(told, BY_TELEPHONE, monday, came=wrote)
    order(told, "CALLED CHARN: they thank us", monday, came=wrote)
    order(told, "DECLINE MELT BECAUSE they told me", monday, came=wrote)
    stands = told.facts().status.returns
    approval, call = stands["charnwood"].approval, stands["charnwood"].phoned
    assert (approval and approval.at, call and call.at, stands["melton"].answered) == (wrote, wrote, wrote)


@pytest.mark.parametrize(
    "words",
    [
        BACK,
        "Return Charnwood because the burglary figure is last year's",
        "please return Charnwood's form to the lead because the burglary figure is last year's",
    ],
)
def test_whose_return_goes_back_and_why_are_read(words: str) -> None:
    read = read_one(words)
    assert (read.verb, read.respondent, read.reason) == (
        Verb.RETURN,
        "CHARN",
        "the burglary figure is last year's",
    )


@pytest.mark.parametrize("state", ["queried", "complete", "approved"])
def test_a_return_goes_back_from_whatever_it_was(told: Told, state: str) -> None:
    told.arrive(CHARNWOOD, at(30), faults=2 if state == "queried" else 0)
    if state == "approved":
        order(told, BY_TELEPHONE)
    done = order(told, BACK)
    assert done.order is not None
    assert [x.recipient for x in done.order.letters] == ["lead@charnwood.example"]
    status = told.facts().status.returns["charnwood"]
    assert (str(status.state), status.approved, status.reason) == ("queried", "", "the burglary figure is last year's")
    assert ("Its approval by Cllr Chair ends." in done.sentences) == (state == "approved")
    assert "sent back already" in refused(told, BACK)
    assert "Sent back on" in " ".join(explain_chase(told.facts(), "charnwood", NOW))


def test_there_must_be_a_version_to_send_back(told: Told) -> None:
    assert "there is no version of it to send back" in refused(told, BACK)
    order(told, "NIL CHARN BECAUSE nothing happened")
    assert "there is no version of it to send back" in refused(told, BACK)


def test_its_lead_is_reminded_of_what_went_back_until_a_version_comes(told: Told) -> None:
    told.arrive(CHARNWOOD, at(24))
    order(told, BACK, at(27, 10))
    assert not [x for x in told.tick(at(28)) if x.kind == "query-reminder"]
    assert len([x for x in told.tick(at(30)) if x.kind == "query-reminder"]) == 1
    told.arrive(CHARNWOOD, at(31))
    status = told.facts().status.returns["charnwood"]
    assert (str(status.state), status.returned, status.reason) == ("complete", None, "")


def test_accept_takes_what_went_back_after_all_and_the_letter_that_waits_goes_no_more(told: Told) -> None:
    told.arrive(CHARNWOOD, at(30))
    done = order(told, BACK)
    assert done.order is not None
    told.commit(Decision(letters=done.order.letters), NOW)
    letter = told.letters[-1]
    assert not judge_cause(letter, cycle=told.facts().status, service=told.facts().service)
    order(told, "ACCEPT CHARN")
    assert "is taken" in judge_cause(letter, cycle=told.facts().status, service=told.facts().service)


def test_the_digest_offers_the_approval_where_the_chair_stays_silent(told: Told) -> None:
    told.arrive(MELTON, at(20))
    for day in (21, 24, 27, 30, 31):
        told.tick(at(day, 10))
    now = at(31, 11)
    view = told.facts()
    shown = Round(**{name: getattr(view, name) for name in Round.__dataclass_fields__ if hasattr(view, name)})
    needs = list_needs(DigestFacts(site=told.site, service=view.service, rounds=(shown,)), now)
    words = [w for need in needs for w in need.words]
    assert "APPROVED MELT BY whom BECAUSE evidence" in words
    assert not told.kinds(Happened.APPROVED)


@pytest.mark.parametrize(
    "words", ["ACCEPT MELT", "RETURN MELT BECAUSE of a typo", BY_TELEPHONE, "NIL CHARN BECAUSE they rang"]
)
def test_an_order_about_a_return_is_not_about_a_version_that_came_after_she_wrote(told: Told, words: str) -> None:
    """Her mail was read late: it waited for its file, or was replayed."""
    told.arrive(CHARNWOOD, at(20, 10))
    told.arrive(MELTON, at(20, 10), faults=1)
    assert "20 October 2014, after you wrote" in refused(told, words, at(20, 12), came=at(20, 9))
    assert order(told, words, at(20, 12), came=at(20, 11)).sentences
