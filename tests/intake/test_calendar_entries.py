"""A calendar entry says nothing; what somebody writes in it, or beside it, is read like any mail."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage

import pytest

from csp_workflow.mail.unpack import unpack_message
from csp_workflow.terms.events import Decision
from tests.intake.intake_factory import LATER, asked_to_approve, complete, cycle, decided, facts, kinds, verdict
from tests.intake.test_words_beside import CHAIR, COUNTY, LEAD

INVITED = (
    "When: Monday 27 October 2014 10:00\nWhere: Town hall\nJoin the Skype meeting",
    "You have been invited.",
    "Sam Lead has accepted this invitation.",
    "",
)


def entry(description: str = "") -> str:
    lines = ["BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "SUMMARY:CSP form", "END:VEVENT", "END:VCALENDAR", ""]
    more = [f"DESCRIPTION;LANGUAGE=en:{description}"] if description else []
    return "\r\n".join([*lines[:4], *more, "BEGIN:VALARM", "DESCRIPTION:REMINDER", "END:VALARM", *lines[4:]])


def send(words: str, described: str = "", *, sender: str = LEAD, kind: str = "calendar") -> Decision:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, COUNTY.office.mailbox, "Invitation: CSP meeting"
    made["Message-ID"] = "<1@mail.example>"
    first, now = complete()
    asked = sender == CHAIR
    if asked:
        made["In-Reply-To"] = "<asked@opcc.example>"
    made.set_content(words)
    if kind == "calendar":
        made.add_attachment(entry(described), subtype="calendar", filename="leave.ics")
    else:
        made.add_attachment(entry(described).encode(), maintype="application", subtype="ics", filename="leave.ics")
    known = facts(
        cycles=(now if asked else cycle(),), answered=asked_to_approve(first.submissions[0].id) if asked else None
    )
    return decided(unpack_message(made.as_bytes(), received=LATER), replace(known, site=COUNTY), LATER)


@pytest.mark.parametrize("words", INVITED)
def test_an_entry_alone_is_noise(words: str) -> None:
    decision = send(words)
    assert (verdict(decision), kinds(decision)) == ("noise", [])


@pytest.mark.parametrize("kind", ["calendar", "ics"])
def test_words_beside_an_entry_and_in_it_are_read(kind: str) -> None:
    said = "We need an extension, and the dates are in here."
    assert verdict(send(said, kind=kind)) == "question"
    (letter,) = (
        x for x in send(INVITED[0], f"{said[:20]}\r\n {said[20:]}\\n", kind=kind).letters if x.kind == "question"
    )
    assert said in letter.facts["words"]


def test_a_chair_s_words_with_an_entry_are_theirs() -> None:
    assert verdict(send("Approved", sender=CHAIR)) == "approval"
    assert verdict(send("I am not ready to approve: burglary looks wrong to me.", sender=CHAIR)) == "question"
    assert verdict(send("Approved", "Only if L2 is put right.", sender=CHAIR)) == "question"
