"""Letters too large for one request."""

from __future__ import annotations

import random
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache

import pytest

from csp_workflow.mailboxes.graph import Graph
from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.terms.service import MailboxUnreachable, NotAcceptedForGood
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.graph.fake_server import ADDRESS
from tests.mailboxes.mailbox_contract import ID, LETTER, RECIPIENT


@cache
def letter_with(*sizes: int) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A letter as the product writes them, with files of random bytes."""
    made = EmailMessage(policy=policy.SMTP)
    made["From"] = f"Office <{ADDRESS}>"
    made["To"] = f"Lead <{RECIPIENT}>"
    made["Subject"] = "The paper for the Board \u2013 2014/15 Q2"
    made["Message-ID"] = "<csp.abc@opcc.example>"
    made["X-CSP-Delivery"] = ID
    made["In-Reply-To"] = "<asked@csp.example>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content("Dear colleague\n")
    made.add_alternative("<p>Dear colleague</p>\n", subtype="html")
    files = [
        (f"Paper {number} \u2013 draft.docx", random.Random(size).randbytes(size)) for number, size in enumerate(sizes)
    ]
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return bytes(made), files


def given_files(content: bytes) -> list[tuple[str, bytes]]:
    message = message_from_bytes(content, policy=policy.default)
    return [(part.get_filename() or "", part.get_payload(decode=True)) for part in message.iter_attachments()]


@pytest.mark.parametrize(
    ("sizes", "sessions"),
    [((2_999_999,), 0), ((3_000_000,), 1), ((4_300_000, 10), 1), ((1_600_000,) * 2, 0)],
)
def test_a_letter_too_large_for_one_request_goes_in_parts(
    fake: FakeGraph, mailbox: Graph, sizes: tuple[int, ...], sessions: int
) -> None:
    letter, files = letter_with(*sizes)
    mailbox.send(letter, RECIPIENT, ID)
    ((recipients, content),) = fake.mailbox.given
    assert recipients == (RECIPIENT,)
    assert given_files(content) == files
    message = message_from_bytes(content, policy=policy.default)
    assert message["Subject"] == "The paper for the Board \u2013 2014/15 Q2"
    assert message["Message-ID"] == "<csp.abc@opcc.example>"
    assert message["X-CSP-Delivery"] == ID
    assert "<p>Dear colleague</p>" in message.get_body(("html",)).get_content()
    assert fake.count("POST", "/createUploadSession") == sessions
    assert isinstance(mailbox.find_sent(ID), Proof)


def test_a_letter_that_just_fits_goes_as_its_own_bytes(fake: FakeGraph, mailbox: Graph) -> None:
    letter, _ = letter_with(2_150_000)
    assert 3_900_000 < len(letter) * 4 / 3 < 4_000_000
    mailbox.send(letter, RECIPIENT, ID)
    assert fake.mailbox.given == [((RECIPIENT,), letter)]


@pytest.mark.parametrize("trouble", ["refused", "dropped"])
def test_half_a_letter_is_never_sent(fake: FakeGraph, mailbox: Graph, trouble: str) -> None:
    letter, files = letter_with(3_400_000, 20)
    if trouble == "refused":
        fake.refuses("PUT", "/session-0", 503)
    else:
        fake.drops("PUT", "/session-0", after=True)
    with pytest.raises(MailboxUnreachable):
        mailbox.send(letter, RECIPIENT, ID)
    assert mailbox.find_sent(ID) is Absence.UNPROVED
    mailbox.send(letter, RECIPIENT, ID)
    ((_, content),) = fake.mailbox.given
    assert given_files(content) == files


def test_a_file_that_microsoft_finds_too_large_is_refused_for_good(fake: FakeGraph, mailbox: Graph) -> None:
    fake.refuses("POST", "/createUploadSession", 400, "ErrorAttachmentSizeLimitExceeded")
    with pytest.raises(NotAcceptedForGood, match="larger than Microsoft 365 allows"):
        mailbox.send(letter_with(3_400_000, 20)[0], RECIPIENT, ID)


def test_a_large_letter_that_cannot_be_parted_is_refused_for_good(fake: FakeGraph, mailbox: Graph) -> None:
    with pytest.raises(NotAcceptedForGood):
        mailbox.send(LETTER + b"x" * 4_000_000, RECIPIENT, ID)
    assert fake.mailbox.items == {}
