"""Handing a letter over by Exchange: once, or in doubt and found again, whatever the server does."""

from __future__ import annotations

import logging

import pytest
from exchangelib import Message

from csp_workflow.mailboxes.exchange import Exchange
from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.terms.service import Access, MailboxUnreachable, NotAccepted, NotAcceptedForGood
from tests.mailboxes.exchange.conftest import OFFICE, PASSING, STATUSES, Opener, outcome
from tests.mailboxes.exchange.items import Item
from tests.mailboxes.exchange.server import FakeExchange
from tests.mailboxes.mailbox_contract import ID, LETTER, RECIPIENT


def test_a_letter_is_drafted_and_sent_with_one_request_each(fake: FakeExchange, mailbox: Exchange) -> None:
    assert mailbox.send(LETTER, RECIPIENT, ID) == Proof(evidence=f"ews:{ID}")
    assert dict(fake.asked) == {"FindItem": 1, "CreateItem": 1, "SendItem": 1}
    assert fake.store.given == [(ID, LETTER)]
    ((_, sent),) = fake.store.in_folder("sentitems")
    assert sent.to == RECIPIENT


def test_a_letter_that_was_sent_is_not_sent_again(fake: FakeExchange, mailbox: Exchange) -> None:
    for _ in range(2):
        assert isinstance(mailbox.send(LETTER, RECIPIENT, ID), Proof)
    assert fake.store.given == [(ID, LETTER)]


@pytest.mark.parametrize("access", list(Access))
def test_the_shared_mailbox_is_named_in_every_request(fake: FakeExchange, opened: Opener, access: Access) -> None:
    box = opened(access=access)
    box.list_new("")
    box.send(LETTER, RECIPIENT, ID)
    for said in fake.requests:
        assert ("ExchangeImpersonation" in said) is (access is Access.IMPERSONATION)
        assert OFFICE in said


def test_a_delivery_id_is_nothing_else(fake: FakeExchange, mailbox: Exchange) -> None:
    for name in ("", "a b c d e f g", "\x00" * 9, "é" * 9):
        with pytest.raises(NotAcceptedForGood):
            mailbox.send(LETTER, RECIPIENT, name)
    assert fake.requests == []


def test_the_librarys_own_message_is_left_as_it_is(mailbox: Exchange) -> None:
    mailbox.send(LETTER, RECIPIENT, ID)
    assert "delivery_id" not in {field.name for field in Message.FIELDS}


# Before the sending -------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["FindItem", "CreateItem"])
@pytest.mark.parametrize("order", STATUSES)
def test_what_fails_before_the_draft_is_sent_is_asked_once_and_nothing_has_left(
    fake: FakeExchange, mailbox: Exchange, operation: str, order: tuple[int, dict[str, str]]
) -> None:
    fake.orders.http[operation] = order
    for times in (1, 2, 3):
        assert isinstance(outcome(mailbox), MailboxUnreachable)
        assert fake.asked[operation] == times, "nothing is tried again below the outbox"
    assert (fake.store.given, fake.asked["SendItem"]) == ([], 0)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("ErrorInvalidRecipients", NotAcceptedForGood),
        ("ErrorMimeContentInvalid", NotAcceptedForGood),
        ("ErrorMessageSizeExceeded", NotAcceptedForGood),
        ("ErrorItemSave", NotAccepted),
        ("ErrorInvalidRequest", NotAccepted),
        ("ErrorCreateItemAccessDenied", MailboxUnreachable),
        *((code, MailboxUnreachable) for code in PASSING),
    ],
)
@pytest.mark.parametrize("way", ["item", "fault"])
def test_a_draft_that_the_server_refuses(
    fake: FakeExchange, mailbox: Exchange, code: str, fault: type[Exception], way: str
) -> None:
    if way == "item":
        fake.orders.codes["create"] = code
    else:
        fake.orders.faults["CreateItem"] = code
    said = outcome(mailbox)
    if not (way == "fault" and code == "ErrorInvalidRequest"):  # which the library takes for another version's
        assert type(said) is fault
    assert isinstance(said, NotAccepted | MailboxUnreachable)
    assert (fake.asked["CreateItem"], fake.asked["SendItem"]) == (1, 0)


def test_a_request_that_the_gate_finds_too_large_is_refused_for_good(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.orders.http["CreateItem"] = (413, {})
    assert type(outcome(mailbox)) is NotAcceptedForGood


def test_a_draft_saved_although_the_answer_was_lost_is_found_again(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.orders.cut["CreateItem"] = "after"
    assert isinstance(outcome(mailbox), MailboxUnreachable)
    assert mailbox.find_sent(ID) is Absence.CERTAIN
    fake.orders.cut.clear()
    assert isinstance(outcome(mailbox), Proof)
    assert (fake.asked["CreateItem"], len(fake.store.given)) == (1, 1)


def test_a_draft_for_somebody_else_is_not_used(fake: FakeExchange, mailbox: Exchange) -> None:
    other = Item(raw=LETTER, folder="drafts", received=None, delivery_id=ID, to="co-ordinator@opcc.example")
    fake.store.put(other)
    assert isinstance(outcome(mailbox), Proof)
    ((_, sent),) = fake.store.in_folder("sentitems")
    assert sent.to == RECIPIENT
    assert [item for _, item in fake.store.in_folder("drafts")] == [other]


def test_no_letter_is_handed_over_when_there_is_no_time_left_to_hear_the_answer(
    fake: FakeExchange, opened: Opener
) -> None:
    fake.orders.slow["CreateItem"] = 0.8
    assert isinstance(outcome(opened(seconds=1.0)), MailboxUnreachable)
    assert (fake.asked["CreateItem"], fake.asked["SendItem"]) == (1, 0)


# What is said about it ----------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["cut", "page", "http", "code", "garbled"])
def test_nothing_of_a_letter_is_ever_logged(
    fake: FakeExchange, mailbox: Exchange, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    caplog.set_level(logging.INFO)
    match trouble:
        case "cut":
            fake.orders.cut["SendItem"] = "after"
        case "page":
            fake.orders.pages["SendItem"] = b"<html>"
        case "http":
            fake.orders.http["SendItem"] = (500, {})
        case "garbled":
            fake.orders.http["CreateItem"] = (200, {"Content-Encoding": "gzip"})
        case "code":
            fake.orders.codes["send"] = "ErrorInternalServerError"
    outcome(mailbox)
    assert [record for record in caplog.records if record.name.startswith("exchangelib")] == []
    assert "lead@csp.example" not in caplog.text
