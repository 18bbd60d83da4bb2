"""The force's extract in the morning letter: from its first day until it has come, with orders that would succeed."""

from __future__ import annotations

from csp_workflow.terms.events import Happened
from tests.chase.quarter_told import ANALYST, CHARNWOOD, MELTON, Told, at
from tests.digest.test_digest_told import compiled, said


def expected() -> Told:
    told = Told()
    told.happen(Happened.EXPECTED, at(1), ANALYST.key)
    return told


def asked() -> Told:
    told = expected()
    told.happen(Happened.REQUESTED, at(1), ANALYST.key)
    return told


def test_a_quarter_stands_in_the_letter_from_the_small_proof_on() -> None:
    (shown,) = compiled(expected(), at(2)).rounds
    assert shown.headline == (
        "2014/15 Q2 is planned: requests go out on Wednesday 15 October 2014, after a proof. "
        "The force's extract has not been asked for."
    )
    assert "late from Wednesday 15 October 2014. | SEND FORCE" in said(compiled(expected(), at(2)))
    (shown,) = compiled(asked(), at(2)).rounds
    assert "was asked of Force Analyst on Wednesday 1 October 2014 and is due at 5pm" in shown.headline
    assert not compiled(asked(), at(2)).needs
    assert not compiled(Told(), at(2)).rounds


def test_a_late_extract_says_what_it_stops_and_what_may_be_done_as_things_stand() -> None:
    told = asked()
    assert "is due at 5pm on Tuesday 14 October 2014 and has not come yet" in said(compiled(told, at(14)))
    told.happen(Happened.PROOF_MADE, at(15))
    told.happen(Happened.PHONE_CALL_DUE, at(15), ANALYST.key)
    text = said(compiled(told, at(17)))
    assert "asked on Wednesday 1 October 2014, is 3 working days late. You may wait, or let the forms go" in text
    assert "Please phone Force Analyst" in text
    assert "| SEND / EXTEND FORCE TO day BECAUSE reason / DECLINE FORCE BECAUSE reason" in text
    told.happen(Happened.CYCLE_OPENED, at(17))
    text = said(compiled(told, at(17)))
    assert "The forms went out without its figures" in text
    assert "| EXTEND FORCE TO day" in text
    told.happen(Happened.CYCLE_CLOSED, at(17))
    assert "The extract" not in said(compiled(told, at(17)))


def test_forms_that_changed_are_asked_about_until_she_says() -> None:
    told = Told().open(at(15))
    for respondent in (CHARNWOOD, MELTON):
        told.happen(Happened.FORM_OVERTAKEN, at(20), respondent.key, figures=1, came=2, wordings=0, mark="m")
    made = compiled(told, at(21))
    assert (
        "2 police figures were revised and 4 missing police figures were supplied (last at 9am on Monday 20 October "
        "2014), for Charnwood and Melton."
    ) in said(made)
    assert "| REISSUE / REISSUE NOBODY" in said(made)
    assert any(line.startswith("After the forms went, 2 police figures were revised") for line in made.happened)
    told.happen(Happened.FORM_OVERTAKEN, at(21), CHARNWOOD.key, figures=0, came=0, wordings=0, mark="")
    told.happen(Happened.FORM_REISSUED, at(21), MELTON.key, revision=2)
    made = compiled(told, at(21))
    assert "REISSUE" not in said(made)
    assert "Sent their form anew, or left as it was: Melton." in made.happened
