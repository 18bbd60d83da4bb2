"""A tick that says nil or declined for a whole return: it is recorded where nothing speaks against it, else asked."""

from __future__ import annotations

import pytest

from csp_workflow.forms import layout
from tests.intake.intake_factory import (
    FORMS,
    SIGNED,
    Typed,
    after,
    came_back,
    decided,
    facts,
    good,
    happened,
    kinds,
    mail,
    verdict,
)

CHARN = FORMS["charnwood"]
NIL, DECLINED = {**SIGNED, layout.NIL: "Yes"}, {**SIGNED, layout.DECLINE: "Yes"}
ONE = "CHARN.L1"
BESIDE: dict[str, Typed] = {
    "a figure with words": Typed(figures={ONE: "52 cases (August still to come)"}, signed=NIL),
    "a number that is not shown": Typed(figures={ONE: "<5"}, signed=NIL),
    "a figure to come": Typed(figures={ONE: "TBC"}, signed=NIL),
    "a status": Typed(statuses={ONE: "Not available yet"}, signed=NIL),
    "a note": Typed(notes={ONE: "Our analyst left; figures will follow"}, signed=NIL),
    "a cause": Typed(causes={ONE: "The fair in August"}, signed=NIL),
    "a dispute": Typed(statuses={"M11.1": layout.DISPUTED}, notes={"M11.1": "We count 400"}, signed=NIL),
    "a reason that reserves": Typed(signed={**NIL, layout.REASON: "but August figures to follow"}),
    "a day that reserves": Typed(signed={**NIL, layout.DATE: "subject to the chair agreeing"}),
    "a note beside a decline": Typed(notes={ONE: "Our analyst left; figures will follow"}, signed=DECLINED),
    "a reason that reserves a decline": Typed(signed={**DECLINED, layout.REASON: "not before the audit, if at all?"}),
}


@pytest.mark.parametrize("name", BESIDE)
def test_whatever_stands_beside_a_tick_is_asked_about(name: str) -> None:
    decision = decided(mail(""), facts(came_back(CHARN, BESIDE[name])))
    assert (verdict(decision), happened(decision), kinds(decision)) == ("question", [], ["act-held"])
    assert "so nothing was recorded. " in decision.judgement.reason


def test_what_goes_with_nothing_to_report_leaves_a_tick_as_it_is() -> None:
    typed = Typed(
        figures={ONE: 0, "CHARN.L2": "nil"},
        statuses={"M11.1": layout.CONFIRMED, "CHARN.L2": "Not applicable"},
        signed={**NIL, layout.REASON: "No staff in post"},
    )
    assert verdict(decided(mail(""), facts(came_back(CHARN, typed)))) == "nil"


@pytest.mark.parametrize("sender", ["lead@charnwood.example", "chair@charnwood.example"])
@pytest.mark.parametrize("signed", [NIL, DECLINED], ids=["nil", "declined"])
def test_a_tick_on_an_empty_form_never_overturns_a_return_that_was_made(sender: str, signed: dict[str, str]) -> None:
    first = decided(mail(""), facts(came_back(CHARN, good())))
    known = after(first)
    ticked = decided(mail("", sender=sender), facts(came_back(CHARN, Typed(signed=signed)), cycles=(known,)))
    assert (verdict(ticked), kinds(ticked)) == ("held", ["question-received"])
    assert "version 1 of its return holds figures or words and still stands" in ticked.judgement.reason
    assert after(ticked, known).stands("charnwood").state == "complete"
