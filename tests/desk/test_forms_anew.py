"""SEND and PROOF of the extract's request, and REISSUE: how they are read, and when they are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reading import read, read_one

from csp_workflow.desk.commands import CarriedOut, OrderFacts, Refused, Verb
from csp_workflow.desk.orders import carry_out
from csp_workflow.desk.sending import EXTRACT_PROOF_KIND, PROOF_KIND
from csp_workflow.terms.events import Happened, LetterState, Manner, QueuedLetter
from csp_workflow.terms.returns import ReturnState
from tests.chase.quarter_told import ANALYST, CHARNWOOD, MELTON, OFFICE, Q2, Told, at


@pytest.mark.parametrize(
    "text",
    [
        "SEND FORCE",
        "send the extract",
        "SEND to the analyst",
        "Please send the request for the extract",
        "SEND the request to Force Analyst",
        "SEND the analyst's letter now",
        "SEND it to the force analyst",
        "Send the force's extract request",
    ],
)
def test_the_extracts_request_is_sent_by_its_code_or_its_name(text: str) -> None:
    command = read_one(text)
    assert (command.verb, command.respondent) == (Verb.SEND, ANALYST.code)


@pytest.mark.parametrize("text", ["PROOF FORCE", "PROOF of the extract", "PROOF the extract"])
def test_the_small_proof_is_made_again(text: str) -> None:
    command = read_one(text)
    assert (command.verb, command.respondent) == (Verb.PROOF, ANALYST.code)


@pytest.mark.parametrize(
    "text",
    [
        "SEND Charnwood", "SEND FORCE but wait", "SEND the extract tomorrow", "SEND FORCE and CHARN", "PROOF Charnwood",
        "REISSUE all but Melton", "REISSUE tomorrow", "REISSUE CHARN if it changed", "REISSUE nobody but Melton",
        "REISSUE the forms next week",
    ],
)  # fmt: skip
def test_what_says_more_is_asked_about_and_nothing_goes(text: str) -> None:
    assert read(text).not_understood


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("REISSUE", [""]),
        ("reissue all", [""]),
        ("REISSUE the forms", [""]),
        ("REISSUE them", [""]),
        ("Please reissue all of the forms", [""]),
        ("REISSUE CHARN", ["CHARN"]),
        ("REISSUE the form of Charnwood", ["CHARN"]),
        ("REISSUE to Charnwood and Melton", ["CHARN", "MELT"]),
    ],
)
def test_reissue_names_all_or_some(text: str, codes: list[str]) -> None:
    found = read(text)
    assert not found.not_understood
    assert [(c.verb, c.respondent, c.whom) for c in found.commands] == [(Verb.REISSUE, code, "") for code in codes]


@pytest.mark.parametrize("text", ["REISSUE NOBODY", "reissue none of them", "REISSUE to no one"])
def test_reissue_nobody_leaves_the_forms_as_they_are(text: str) -> None:
    command = read_one(text)
    assert command.whom == "nobody"
    assert command.write() == "REISSUE NOBODY"


# Carrying them out ----------------------------------------------------------------------------------


def facts(told: Told, **more: object) -> OrderFacts:
    view = told.facts()
    known = {
        "site": view.site, "service": view.service, "sender": OFFICE.co_ordinator.address, "message": "m",
        "status": view.status, "dates": view.dates,
    }  # fmt: skip
    return OrderFacts(**(known | more))  # type: ignore[arg-type]


def order(told: Told, words: str, **more: object) -> CarriedOut:
    (command,) = read(words).commands
    return carry_out(command, facts(told, **more), at(14, 10))


def proof(kind: str) -> QueuedLetter:
    return QueuedLetter(
        id=kind, kind=kind, cause=kind, recipient=OFFICE.co_ordinator.address, about=(), quarter=Q2,
        manner=Manner.OFFICE, subject="", message_id="", content="", state=LetterState.SENT, queued=at(1),
    )  # fmt: skip


def expected() -> Told:
    """The extract's request is proved, and nothing is sent."""
    told = Told()
    told.happen(Happened.EXPECTED, at(1), ANALYST.key)
    told.happen(Happened.EXTRACT_PROVED, at(1), forms=1)
    return told


def test_a_send_goes_to_what_it_answers_or_to_the_only_thing_that_waits() -> None:
    told, small, pack = expected(), proof(EXTRACT_PROOF_KIND), proof(PROOF_KIND)
    for more in ({}, {"answered": small, "letters": (small,)}):
        done = order(told, "SEND", **more)
        assert done.order is not None
        assert (done.order.kind, done.order.respondent) == ("send", ANALYST.key)
        assert "The request for the extract to Force Analyst is queued" in done.sentences[0]
    told.happen(Happened.PROOF_MADE, at(14), forms=4, awaited=1)
    for more in ({}, {"answered": pack, "letters": (small, pack)}):
        done = order(told, "SEND", **more)
        assert done.order is not None
        assert done.order.respondent == ""
        assert "1 police figure will read “not yet supplied”" in done.sentences[1]
    newer = replace(small, id="newer", queued=at(2))
    with pytest.raises(Refused, match="A newer proof pack was made"):
        order(told, "SEND", answered=small, letters=(small, newer))


def test_proof_in_answer_to_the_small_one_makes_that_again() -> None:
    small = proof(EXTRACT_PROOF_KIND)
    for words, more in (("PROOF", {"answered": small, "letters": (small,)}), ("PROOF FORCE", {})):
        done = order(expected(), words, **more)
        assert done.order is not None
        assert (done.order.kind, done.order.respondent) == ("proof", ANALYST.key)
    done = order(expected(), "PROOF")
    assert done.order is not None
    assert done.order.respondent == ""


def overtaken(*who: str) -> Told:
    told = Told().open(at(1))
    for key in who:
        told.happen(Happened.FORM_OVERTAKEN, at(2), key, figures=1, came=0, wordings=0, mark="m")
    return told


def test_reissue_goes_to_those_whose_form_changed_and_says_whose_return_stays() -> None:
    told = overtaken(CHARNWOOD.key, MELTON.key)
    told.arrive(MELTON, at(3))
    done = order(told, "REISSUE")
    assert done.order is not None
    assert (done.order.kind, done.order.respondent) == ("reissue", "")
    assert "The forms of Charnwood and Melton go out anew" in done.sentences[0]
    assert done.sentences[1] == "Their returns count as they are: Melton."
    assert order(told, "REISSUE CHARN").order == replace(done.order, respondent=CHARNWOOD.key)


def test_reissue_is_refused_where_nothing_changed_nothing_is_needed_or_nobody_is_reached() -> None:
    told = overtaken(CHARNWOOD.key)
    with pytest.raises(Refused, match="The form of Melton"):
        order(told, "REISSUE MELT")
    told.happen(Happened.NIL, at(3), CHARNWOOD.key, reason="none")
    with pytest.raises(Refused, match=f"form of Charnwood \\({ReturnState.NIL}\\)"):
        order(told, "REISSUE CHARN")
    with pytest.raises(Refused, match="nothing to send anew"):
        order(told, "REISSUE")
    told = overtaken(CHARNWOOD.key, MELTON.key)
    for contact in CHARNWOOD.contacts:
        told.happen(Happened.ADDRESS_FAILED, at(2), subject=contact.address)
    assert "Letters reach nobody at Charnwood, so no form goes there." in order(told, "REISSUE").sentences
    with pytest.raises(Refused, match="Letters reach nobody at Charnwood"):
        order(told, "REISSUE CHARN")


def test_forms_left_as_they_are_are_not_asked_about_until_something_changes_again() -> None:
    told = overtaken(CHARNWOOD.key)
    done = order(told, "REISSUE NOBODY")
    told.events += [event for event in done.decision.events if event.quarter == Q2]
    stands = told.facts().status.returns[CHARNWOOD.key]
    assert stands.overtaken
    assert not stands.asks_reissue
    told.happen(Happened.FORM_OVERTAKEN, at(15), CHARNWOOD.key, figures=2, came=0, wordings=0, mark="n")
    assert told.facts().status.returns[CHARNWOOD.key].asks_reissue
    told.happen(Happened.FORM_OVERTAKEN, at(16), CHARNWOOD.key, figures=0, came=0, wordings=0, mark="")
    assert not told.facts().status.returns[CHARNWOOD.key].overtaken
