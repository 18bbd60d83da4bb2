"""A mail system refuses one person's letters for days: the others' leave, she is told, and nothing is said too late."""

from __future__ import annotations

import pytest

from csp_workflow.mailboxes.mailbox import Proof
from csp_workflow.mailboxes.maildir import Maildir
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.events import LetterState, QueuedLetter
from csp_workflow.terms.service import NotAccepted
from tests.story.site_told import CO_ORDINATOR, Played, at, filled, said

LEIC = "lead@leicester.example"
GREYLISTED = "The mail server refused the letter: 451 4.7.1 Greylisted, please try again later"


@pytest.fixture
def greylisted(site: Played, monkeypatch: pytest.MonkeyPatch) -> Played:
    """What was sent out is read; from now on nothing more is taken for Leicester's lead."""
    sends = Maildir.send

    def refuses(self: Maildir, content: bytes, recipient: str, delivery_id: str) -> Proof:
        if recipient == LEIC:
            raise NotAccepted(GREYLISTED)
        return sends(self, content, recipient, delivery_id)

    monkeypatch.setattr(Maildir, "send", refuses)
    return site


def to_leicester(site: Played) -> list[QueuedLetter]:
    """Every letter to Leicester's lead since the request."""

    def find(outside: Outside) -> list[QueuedLetter]:
        return [x for x in outside.store.letters() if x.recipient == LEIC and not x.kind.startswith("request")]

    return site.ask(find)  # type: ignore[return-value]


def test_five_days_of_refusals_are_told_end_with_what_was_said_and_can_be_taken_up_again(
    greylisted: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = greylisted
    request = site.the_letter(LEIC, "Please fill in")
    other = site.the_letter("lead@charnwood.example", "Please fill in")
    site.reply(request, LEIC, "Our return.", filled(request))
    site.reply(other, "lead@charnwood.example", "Our return.", filled(other))
    site.beat("16 Oct 10:00")
    (receipt,) = to_leicester(site)
    assert (receipt.state, receipt.refused) == (LetterState.QUEUED, at("16 Oct 10:00"))
    assert "lead@charnwood.example" in {x.to for x in site.new_letters()}, "in the same beat"

    site.beat("17 Oct 07:35")
    digest = said(site.the_letter(CO_ORDINATOR, "2014/15 Q2 is open"))
    assert f"Letter: {receipt.id[:10]}, receipt To: {LEIC} State: still trying" in digest
    assert (
        "It is refused for now since 10am on Thursday 16 October 2014, and tried again until 10am on Tuesday 21"
        in digest
    )
    assert f"You need do nothing. {GREYLISTED}" in digest
    assert "RESEND" not in digest

    for day in range(18, 22):
        site.beat(f"{day} Oct 07:40")
    site.new_letters()
    site.beat("21 Oct 12:00")
    (receipt,) = [x for x in to_leicester(site) if x.kind == "receipt"]
    assert (receipt.state, receipt.reason) == (LetterState.FAILED, f"It was tried for 5 days. {GREYLISTED}")
    site.beat("21 Oct 12:01")
    told = said(site.the_letter(CO_ORDINATOR, "given up"))
    assert f"reply RESEND {receipt.id[:10]} to send it again" in told
    assert "sent folder" not in told
    site.beat("22 Oct 07:35")
    digest = said(site.the_letter(CO_ORDINATOR, "2014/15 Q2 is open"))
    assert "could not be sent, and nothing is known against the address" in digest
    assert "It never left: how to send it again is below." in digest
    assert "check the addresses" not in digest

    monkeypatch.undo()
    site.write(CO_ORDINATOR, "It is mended", f"RESEND {receipt.id[:10]}")
    site.beat("22 Oct 08:00")
    assert "goes again, the same letter" in said(site.the_letter(CO_ORDINATOR, "You wrote"))
    site.beat("22 Oct 08:01")
    assert [x.state for x in to_leicester(site) if x.kind == "receipt"] == [LetterState.SENT]


def test_an_answer_that_could_not_leave_is_not_said_after_a_later_version_came(
    greylisted: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = greylisted
    request = site.the_letter(LEIC, "Please fill in")
    site.reply(request, LEIC, "Our return is attached.")
    site.beat("16 Oct 10:00")
    site.reply(request, LEIC, "Our return.", filled(request, number="many"))
    site.beat("16 Oct 10:20")
    assert [x.kind for x in to_leicester(site)] == ["no-workbook", "correction"]
    site.reply(request, LEIC, "Our return.", filled(request))
    site.beat("18 Oct 09:00")
    monkeypatch.undo()
    site.beat("20 Oct 10:00")
    assert {x.kind: x.state.value for x in to_leicester(site)} == {
        "no-workbook": "withdrawn",
        "correction": "withdrawn",
        "receipt": "sent",
    }
    assert {x.reason for x in to_leicester(site) if x.kind != "receipt"} == {
        "A later version has come since, and has an answer of its own."
    }
