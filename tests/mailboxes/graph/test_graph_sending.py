"""Sending through Microsoft 365: one request to send per letter, and what is known of a letter in doubt."""

from __future__ import annotations

import pytest

from csp_workflow.mailboxes.graph import Graph
from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.terms.service import MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown, WorldFault
from tests.mailboxes.graph.acts import sends
from tests.mailboxes.graph.conftest import Opener, VirtualTime
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.graph.fake_mailbox import DRAFTS, SENT
from tests.mailboxes.graph.fake_server import ADDRESS
from tests.mailboxes.mailbox_contract import ID, LETTER, NOW, RECIPIENT

# One letter, one request --------------------------------------------------------------------------


def test_a_letter_is_drafted_marked_and_sent_once(fake: FakeGraph, opened: Opener) -> None:
    points: list[str] = []
    proof = opened(reached=points.append).send(LETTER, RECIPIENT, ID)
    assert fake.mailbox.given == [((RECIPIENT,), LETTER)]
    (item,) = fake.mailbox.in_folder(SENT)
    assert proof.evidence == f"graph:{fake.mailbox.id_of(item, immutable=True)}"
    assert points == ["graph:draft made", "graph:draft marked", "graph:before send", "graph:send answered"]
    assert fake.count("POST", "/send") == 1
    assert fake.count("POST", "/sendMail") == 0


def test_a_letter_that_was_sent_is_not_sent_again(fake: FakeGraph, mailbox: Graph) -> None:
    first = mailbox.send(LETTER, RECIPIENT, ID)
    assert mailbox.send(LETTER, RECIPIENT, ID) == first
    assert len(fake.mailbox.given) == 1


def test_a_letter_to_the_mailbox_itself_arrives_as_any_other(fake: FakeGraph, mailbox: Graph) -> None:
    _, cursor = mailbox.list_new("")
    letter = LETTER.replace(RECIPIENT.encode(), ADDRESS.encode())
    mailbox.send(letter, ADDRESS, ID)
    (source,), _ = mailbox.list_new(cursor)
    assert mailbox.get(source, NOW).raw == letter


def test_the_mark_holds_where_exchange_drops_and_changes_headers(fake: FakeGraph, mailbox: Graph) -> None:
    mailbox.send(LETTER, RECIPIENT, ID)
    (item,) = fake.mailbox.in_folder(SENT)
    lines = [line for line in LETTER.split(b"\r\n") if not line.startswith((b"X-CSP", b"Auto-Sub", b"Message-ID"))]
    item.mime = b"Message-ID: <made.over.there@prod.outlook.example>\r\n" + b"\r\n".join(lines)
    assert isinstance(mailbox.find_sent(ID), Proof)


def test_accepted_with_the_advice_to_wait_is_accepted(fake: FakeGraph, mailbox: Graph) -> None:
    fake.refuses("POST", "/send", 202, Retry_After="30")
    assert isinstance(mailbox.send(LETTER, RECIPIENT, ID), Proof)


@pytest.mark.parametrize("name", ["", "x' or ep/value ne '", "short", "a/b/c/d/e"])
def test_a_delivery_id_is_nothing_else(fake: FakeGraph, mailbox: Graph, name: str) -> None:
    for verb in (lambda: mailbox.send(LETTER, RECIPIENT, name), lambda: mailbox.find_sent(name)):
        with pytest.raises(ValueError, match="delivery id"):
            verb()
    assert fake.asked == []


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "headers", "fault"),
    [
        (400, "ErrorInvalidRecipients", {}, NotAcceptedForGood),
        (400, "ErrorMessageSizeExceeded", {}, NotAcceptedForGood),
        (413, "", {}, NotAcceptedForGood),
        (400, "ErrorQuotaExceeded", {}, MailboxUnreachable),
        (429, "ApplicationThrottled", {"Retry_After": "9"}, MailboxUnreachable),
        (429, "ApplicationThrottled", {}, MailboxUnreachable),
        (503, "ErrorServerBusy", {"Retry_After": "9"}, MailboxUnreachable),
        (507, "ErrorInsufficientStorage", {}, MailboxUnreachable),
        (401, "InvalidAuthenticationToken", {}, MailboxUnreachable),
        (403, "ErrorSendAsDenied", {}, MailboxUnreachable),
        (400, "ErrorSchemaValidation", {}, NotAccepted),
        (200, "", {}, SendUnknown),
        (204, "", {}, SendUnknown),
        (404, "ErrorItemNotFound", {}, SendUnknown),
        (409, "ErrorIrresolvableConflict", {}, SendUnknown),
        (500, "ErrorInternalServerError", {}, SendUnknown),
        (502, "", {}, SendUnknown),
        (503, "", {}, SendUnknown),
        (504, "UnknownError", {}, SendUnknown),
    ],
)
def test_what_is_answered_to_the_sending_is_told_apart(
    fake: FakeGraph,
    mailbox: Graph,
    virtual: VirtualTime,
    status: int,
    code: str,
    headers: dict[str, str],
    fault: type[WorldFault],
) -> None:
    fake.refuses("POST", "/send", status, code, **headers)
    said = str(sends(mailbox, fault))
    assert ADDRESS not in said
    assert fake.count("POST", "/send") == 1
    assert virtual.waited == []
    assert fake.mailbox.given == []


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "1"}])
def test_every_try_asks_once_and_uses_the_same_draft(fake: FakeGraph, mailbox: Graph, headers: dict[str, str]) -> None:
    fake.refuses("POST", "/send", 503, times=3, **headers)
    for number in (1, 2, 3):
        with pytest.raises((MailboxUnreachable, SendUnknown)):
            mailbox.send(LETTER, RECIPIENT, ID)
        assert fake.count("POST", "/send") == number
    mailbox.send(LETTER, RECIPIENT, ID)
    assert len(fake.mailbox.given) == 1
    assert len(fake.mailbox.items) == 1


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (400, "ErrorMimeContentInvalid", NotAcceptedForGood),
        (413, "", NotAcceptedForGood),
        (400, "ErrorSchemaValidation", NotAccepted),
        (507, "ErrorQuotaExceeded", MailboxUnreachable),
        (400, "ErrorQuotaExceeded", MailboxUnreachable),
        (401, "InvalidAuthenticationToken", MailboxUnreachable),
        (403, "ErrorAccessDenied", MailboxUnreachable),
        (429, "ApplicationThrottled", MailboxUnreachable),
        (500, "", MailboxUnreachable),
        (503, "", MailboxUnreachable),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/messages"), ("PATCH", "%3D")])
def test_a_draft_that_cannot_be_made_is_never_in_doubt(
    fake: FakeGraph,
    mailbox: Graph,
    method: str,
    path: str,
    status: int,
    code: str,
    fault: type[WorldFault],
) -> None:
    fake.refuses(method, path, status, code)
    sends(mailbox, fault)
    assert fake.count("POST", "/send") == 0
    mailbox.send(LETTER, RECIPIENT, ID)
    assert len(fake.mailbox.given) == 1


def test_a_draft_that_was_removed_in_between_is_a_passing_refusal(fake: FakeGraph, mailbox: Graph) -> None:
    fake.refuses("PATCH", "%3D", 404, "ErrorItemNotFound")
    assert sends(mailbox, NotAccepted).passing


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("method", "path"), [("GET", "/messages"), ("POST", "/messages"), ("PATCH", "%3D")])
def test_a_connection_lost_before_the_sending_loses_and_doubles_nothing(
    fake: FakeGraph, mailbox: Graph, method: str, path: str, after: bool
) -> None:
    fake.drops(method, path, after=after)
    sends(mailbox, MailboxUnreachable)
    assert fake.mailbox.given == []
    mailbox.send(LETTER, RECIPIENT, ID)
    assert len(fake.mailbox.given) == 1


def test_a_stray_draft_without_a_mark_is_never_sent(fake: FakeGraph, mailbox: Graph) -> None:
    fake.drops("PATCH", "%3D", after=False)
    sends(mailbox, MailboxUnreachable)
    assert mailbox.find_sent(ID) is Absence.UNPROVED
    mailbox.send(LETTER, RECIPIENT, ID)
    (stray,) = fake.mailbox.in_folder(DRAFTS)
    assert stray.number == 1


def test_a_draft_for_somebody_else_is_not_used(fake: FakeGraph, mailbox: Graph) -> None:
    fake.refuses("POST", "/send", 429)
    sends(mailbox, MailboxUnreachable)
    (draft,) = fake.mailbox.in_folder(DRAFTS)
    draft.values["ccRecipients"] = [{"emailAddress": {"address": "somebody@csp.example"}}]
    mailbox.send(LETTER, RECIPIENT, ID)
    assert fake.mailbox.in_folder(DRAFTS) == [draft]
    assert len(fake.mailbox.given) == 1


def test_no_letter_is_handed_over_when_there_is_no_time_left_to_hear_the_answer(
    fake: FakeGraph, opened: Opener, virtual: VirtualTime
) -> None:
    slow = opened(reached=lambda point: virtual.wait(50) if point == "graph:draft made" else None)
    sends(slow, MailboxUnreachable)
    assert fake.count("POST", "/send") == 0
    slow.send(LETTER, RECIPIENT, ID)
    assert len(fake.mailbox.items) == len(fake.mailbox.given) == 1
