"""The letters about addresses that no longer serve, and about answers that were stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from csp_workflow.letters import contacts, office
from csp_workflow.letters.catalogue import render
from csp_workflow.letters.contacts import Lost
from csp_workflow.terms.events import Letter, Manner
from csp_workflow.terms.messages import Blame
from csp_workflow.terms.site import Respondent, RespondentKind
from tests.letters.letters_told import CHAIR, LEAD, OFFICE, Q2, SITE

CHARNWOOD = Respondent(
    key="charnwood",
    code="CHARN",
    name="Charnwood",
    kind=RespondentKind.PARTNERSHIP,
    areas=(),
    contacts=(LEAD, CHAIR),
)
FAILED = Lost(contact=LEAD, respondents=(CHARNWOOD,), message="m1", quarter=Q2, status="5.1.1")
LEFT = Lost(contact=LEAD, respondents=(CHARNWOOD,), message="m2", disowned=True, words="I have left.", thread="<a@b>")


def words(letter: Letter) -> str:
    shown = render(letter, OFFICE, environment=SITE)
    assert shown.subject
    return " ".join(shown.text.split())


def test_the_office_reads_what_failed_who_stands_in_and_the_exact_words_to_order() -> None:
    letter = contacts.address_failed(OFFICE.co_ordinator, FAILED, instead=[CHAIR], asked=[CHAIR])
    text = words(letter)
    assert letter.manner is Manner.OFFICE
    assert "its code is 5.1.1" in text
    assert f"go to {CHAIR.name} meanwhile. We are asking {CHAIR.name} who to write to." in text
    assert "config/partnerships.toml" in text
    lines = render(letter, OFFICE, environment=SITE).text.splitlines()
    assert f"ADDRESS OK {LEAD.address}" in lines, "on a line by itself, to be copied"


def test_the_office_is_told_when_nobody_else_can_be_written_to() -> None:
    text = words(contacts.address_failed(OFFICE.co_ordinator, FAILED, instead=(), asked=()))
    assert "We know of nobody else to write to there" in text
    assert "We have no phone number." in text


def test_the_office_reads_the_words_of_whoever_has_left() -> None:
    text = words(contacts.address_failed(OFFICE.co_ordinator, LEFT, instead=[CHAIR], asked=()))
    assert '"I have left."' in text
    assert "We are asking" not in text


def test_a_colleague_is_asked_for_a_name_and_an_address_in_the_sending_window() -> None:
    letter = contacts.who_to_write_to(CHAIR, FAILED)
    assert letter.manner is Manner.TIMED
    assert [one.address for one in letter.about] == [LEAD.address]
    assert f"Our letters to {LEAD.name} ({LEAD.address})" in words(letter)
    assert LEAD.address not in words(contacts.who_to_write_to(CHAIR, LEFT))


def test_whoever_has_left_is_thanked_in_their_own_thread() -> None:
    letter = contacts.no_longer_you(LEAD, LEFT)
    assert (letter.kind, letter.answers, letter.manner) == ("no-longer-you", "<a@b>", Manner.ANSWER)
    assert "We will not write to you about Charnwood again." in words(letter)


def test_the_same_news_asks_once_and_later_news_asks_again() -> None:
    again = contacts.who_to_write_to(CHAIR, FAILED)
    assert again.cause == contacts.who_to_write_to(CHAIR, FAILED).cause
    assert again.cause != contacts.who_to_write_to(CHAIR, LEFT).cause


def test_the_office_reads_why_answers_were_stopped_and_how_to_let_them_go() -> None:
    at = datetime(2014, 10, 20, 9, 12, tzinfo=UTC)
    why = "60 automatic answers left within an hour."
    text = words(office.answers_on_hold(OFFICE.co_ordinator, why=why, at=at, cause="breaker:1"))
    assert "10:12am on Monday 20 October 2014" in text
    assert why in text
    assert "RELEASE on a line by itself" in text


def test_what_the_mail_server_did_not_take_lies_in_no_folder_of_sent_letters() -> None:
    for blame in (Blame.GIVEN_UP, Blame.OURS):
        came_back = Lost(contact=LEAD, respondents=(CHARNWOOD,), message="m1", letter="af7f9c8fe8d3b5a7", blame=blame)
        assert "from the mailbox's sent folder" in words(contacts.letter_came_back(OFFICE.co_ordinator, came_back))
        refused = words(contacts.letter_came_back(OFFICE.co_ordinator, replace(came_back, message="")))
        assert "Then reply RESEND af7f9c8fe8 to send it again." in refused
        assert "sent folder" not in refused
