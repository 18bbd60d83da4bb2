"""Who is answered, and who is told what became of a return."""

from __future__ import annotations

import pytest

from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.outcomes.receipts import find_people_to_tell
from csp_workflow.terms.site import Area, Contact, Respondent, RespondentKind, Role
from tests.intake.intake_factory import NOW, facts, mail

LEAD = Contact(name="Lead", role=Role.LEAD, address="Lead@charnwood.example")
CHAIR = Contact(name="Chair", role=Role.CHAIR, address="chair@force.example.cjsm.net")
CHARN = Respondent(
    key="charnwood",
    code="CHARN",
    name="Charnwood",
    kind=RespondentKind.PARTNERSHIP,
    areas=(Area(code="E22000165", name="Charnwood"),),
    contacts=(LEAD, CHAIR),
)


@pytest.mark.parametrize(
    ("sender", "answered", "told"),
    [
        ("lead@charnwood.example", [LEAD], [LEAD]),
        ("chair@force.example", [CHAIR], [CHAIR, LEAD]),
        ("colleague@charnwood.example", [LEAD], [LEAD]),
    ],
)
def test_the_sender_as_registered_and_the_lead_when_it_was_another(
    sender: str, answered: list[Contact], told: list[Contact]
) -> None:
    case = MessageCase(message=mail(sender=sender), facts=facts(), now=NOW, doubt="")
    assert list(case.correspondents(CHARN)) == answered
    assert list(find_people_to_tell(case, CHARN)) == told
