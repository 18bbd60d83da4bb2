"""The cases beside the project: messages and what must become of them. Skipped where that folder is not there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.events import Happened
from csp_workflow.terms.service_status import fold_service
from tests.intake.intake_factory import NOW, decided, facts, kinds, verdict
from tests.intake.test_came_back import ASKED, LEAD

CASES = Path(__file__).parents[3] / "shared" / "cases" / "mail"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the cases lie beside the project, in ../shared/cases/mail")


@pytest.mark.parametrize(
    ("name", "happened", "blame", "letters"),
    [
        ("bounce-4.4.7-given-up", Happened.LETTER_CAME_BACK, "given up", ["letter-came-back"]),
        ("bounce-5.7.1-spf", Happened.LETTER_CAME_BACK, "ours", ["letter-came-back"]),
        ("qmail-uncertain", Happened.ADDRESS_FAILED, None, ["who-to-write-to", "address-failed"]),
    ],
)
def test_bounces(name: str, happened: Happened, blame: str | None, letters: list[str]) -> None:
    message = unpack_message((CASES / f"{name}.eml").read_bytes(), received=NOW)
    (named,) = message.originals
    decision = decided(message, facts(answered=replace(ASKED, message_id=named)))
    (event,) = decision.events
    assert verdict(decision) == "bounce"
    assert (event.kind, event.subject, event.facts.get("blame")) == (happened, LEAD, blame)
    assert kinds(decision) == letters


def test_away_by_domino() -> None:
    message = unpack_message((CASES / "domino-away.eml").read_bytes(), received=NOW)
    decision = decided(message, facts())
    assert verdict(decision) == "out-of-office"
    assert fold_service(decision.events).absences[LEAD].until == date(2014, 10, 27)
