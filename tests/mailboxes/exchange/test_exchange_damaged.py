"""Messages that Exchange cannot give as MIME: put together from what it can give, and never the end of the others."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest

from csp_workflow.mailboxes.exchange import Exchange
from csp_workflow.terms.service import MailboxUnreachable, MessageGone
from tests.mailboxes.exchange.conftest import only
from tests.mailboxes.exchange.server import FakeExchange
from tests.mailboxes.mailbox_contract import LIMIT, NOW, RAW

MIME_REFUSED = [
    "ErrorMimeContentConversionFailed",
    "ErrorContentConversionFailed",
    "ErrorUnsupportedMimeConversion",
    "ErrorItemCorrupt",
    "ErrorInternalServerError",
]


@pytest.mark.parametrize("code", MIME_REFUSED)
def test_what_cannot_be_made_mime_is_put_together_from_its_parts(
    fake: FakeExchange, mailbox: Exchange, code: str
) -> None:
    fake.store.deliver(
        RAW,
        refuses={"item:MimeContent": code},
        files=(("Return £ Q2.xlsx", b"PK\x03\x04 data"),),
        inside=(("Forwarded", RAW),),
        body=("HTML", "<p>Dear all, 5 &gt; 4 £ really</p>"),
    )
    fetched = only(mailbox)
    message = message_from_bytes(fetched.raw, policy=default)
    assert (message["From"], message["Subject"], fetched.whole) == ("a@b.example", "Our return", True)
    assert "5 &gt; 4 £ really" in message.get_body(("html",)).get_content()
    assert {part.get_filename(): part.get_payload(decode=True) for part in message.iter_attachments()} == {
        "Return £ Q2.xlsx": b"PK\x03\x04 data",
        "Forwarded.eml": RAW,
    }


def test_a_rebuilt_message_that_came_without_headers_gets_those_that_exchange_knows(
    fake: FakeExchange, mailbox: Exchange
) -> None:
    head = b"From: Zo\xc3\xab Lead <lead@csp.example>\r\nSubject: Our return \xe2\x80\x93 Q2\r\n"
    raw = head + b"Message-ID: <1@csp.example>\r\n\r\n"
    fake.store.deliver(raw, has_headers=False, refuses={"item:MimeContent": "ErrorMimeContentConversionFailed"})
    message = message_from_bytes(only(mailbox).raw, policy=default)
    assert message["From"].addresses[0].addr_spec == "lead@csp.example"
    assert message["Message-ID"] == "<1@csp.example>"
    assert message["Subject"].startswith("Our return")
    assert message["Date"] is not None


def test_a_file_that_cannot_be_had_is_there_without_content(fake: FakeExchange, mailbox: Exchange) -> None:
    refuses = {"item:MimeContent": "ErrorMimeContentConversionFailed", "Bad.xlsx": "ErrorCannotOpenFileAttachment"}
    fake.store.deliver(RAW, refuses=refuses, files=(("Bad.xlsx", b"1"), ("Good.xlsx", b"2")))
    message = message_from_bytes(only(mailbox).raw, policy=default)
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in message.iter_attachments()] == [
        ("Bad.xlsx", b""),
        ("Good.xlsx", b"2"),
    ]


@pytest.mark.parametrize("sizes", [(LIMIT // 3,) * 4, (10, 2 * LIMIT, 10)])
def test_a_rebuilt_message_is_bounded_too(fake: FakeExchange, mailbox: Exchange, sizes: tuple[int, ...]) -> None:
    files = tuple((f"{number}.bin", b"x" * size) for number, size in enumerate(sizes))
    fake.store.deliver(RAW, refuses={"item:MimeContent": "ErrorItemCorrupt"}, files=files)
    fetched = only(mailbox)
    assert (fetched.whole, fetched.raw) == (False, RAW.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    assert fake.asked["GetAttachment"] < len(files)


def test_no_name_and_no_header_can_smuggle_another_one_in(fake: FakeExchange, mailbox: Exchange) -> None:
    raw = b"From: a@b.example\r\nSubject: x\nBcc: everybody@csp.example\r\n\r\n"
    refuses = {"item:MimeContent": "ErrorItemCorrupt"}
    fake.store.deliver(raw, refuses=refuses, files=(("a\nX-Other: yes\u2028\x85.xlsx", b""),))
    message = message_from_bytes(only(mailbox).raw)
    assert message["Bcc"] is None
    assert all(part["X-Other"] is None for part in message.walk())


def test_a_message_whose_attachments_cannot_be_told_is_got_all_the_same(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.store.deliver(RAW, refuses={"item:Attachments": "ErrorItemCorrupt"})
    assert only(mailbox).raw == RAW


def test_of_a_message_that_is_wholly_damaged_a_person_is_told_and_the_others_come_through(
    fake: FakeExchange, mailbox: Exchange
) -> None:
    for _ in range(2):
        fake.store.deliver(RAW, refuses={"*": "ErrorItemCorrupt"})
    fake.store.deliver(RAW)
    sources, _ = mailbox.list_new("")
    got = [mailbox.get(source, NOW) for source in sources]
    assert [fetched.whole for fetched in got].count(False) == 2
    damaged = [message_from_bytes(fetched.raw) for fetched in got if not fetched.whole]
    assert all("look at it in Outlook" in str(message["Subject"]) for message in damaged)
    assert len({message["Message-ID"] for message in damaged}) == 2, "two damaged messages are not one"
    assert all(message["From"] is None for message in damaged), "nobody is answered"


@pytest.mark.parametrize("code", ["ErrorInternalServerError", "ErrorMailboxStoreUnavailable", "ErrorServerBusy"])
def test_a_passing_error_for_one_item_is_the_mailboxs_fault_not_the_messages_end(
    fake: FakeExchange, mailbox: Exchange, code: str
) -> None:
    fake.store.deliver(RAW)
    (source,), _ = mailbox.list_new("")
    fake.orders.codes["item"] = code
    with pytest.raises(MailboxUnreachable):
        mailbox.get(source, NOW)
    fake.orders.codes.clear()
    assert mailbox.get(source, NOW).raw == RAW


@pytest.mark.parametrize(
    "refuses",
    [
        {"item:MimeContent": "ErrorItemNotFound"},
        {"item:InternetMessageHeaders": "ErrorItemNotFound", "item:MimeContent": "ErrorItemCorrupt"},
    ],
)
def test_a_message_that_goes_while_it_is_read_is_gone(
    fake: FakeExchange, mailbox: Exchange, refuses: dict[str, str]
) -> None:
    fake.store.deliver(RAW, refuses=refuses)
    (source,), _ = mailbox.list_new("")
    with pytest.raises(MessageGone):
        mailbox.get(source, NOW)
