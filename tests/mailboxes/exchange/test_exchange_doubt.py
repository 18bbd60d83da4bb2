"""A letter whose sending was not answered with success: where it lies tells, and nothing is sent twice."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from csp_workflow.mailboxes.exchange import Exchange
from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.steps.post import BELIEVED, post
from csp_workflow.terms.service import MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown
from tests.mailboxes.exchange.answers import answer
from tests.mailboxes.exchange.conftest import PASSING, STATUSES, Opener, outcome
from tests.mailboxes.exchange.items import Item
from tests.mailboxes.exchange.server import FakeExchange
from tests.mailboxes.exchange.wire import bad, responses
from tests.mailboxes.mailbox_contract import ID, LETTER, RECIPIENT
from tests.post.post_told import NOW, letter, make_site, outside, queue, states

_ENVELOPE = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>'
ODD = [
    "ErrorInternalServerError",
    "ErrorTimeoutExpired",
    "ErrorInternalServerTransientError",
    "ErrorIrresolvableConflict",
    "ErrorProxyCallFailed",
    "ErrorConnectionFailed",
]
OF_THE_LETTER = {"ErrorInternalServerError", "ErrorIrresolvableConflict"}


@pytest.mark.parametrize(("way", "arrives"), [("before", 0), ("after", 1)])
def test_a_line_that_breaks_at_the_sending_is_unknown_and_the_look_up_tells(
    fake: FakeExchange, mailbox: Exchange, way: str, arrives: int
) -> None:
    fake.orders.cut["SendItem"] = way
    assert isinstance(outcome(mailbox), SendUnknown)
    assert (fake.asked["SendItem"], len(fake.store.given)) == (1, arrives)
    fake.orders.cut.clear()
    found = mailbox.find_sent(ID)
    assert isinstance(found, Proof) if arrives else found is Absence.CERTAIN
    assert isinstance(outcome(mailbox), Proof)
    assert (fake.asked["CreateItem"], len(fake.store.given)) == (1, 1)


def test_a_server_that_is_gone_when_the_draft_is_to_be_sent_was_asked_nothing(
    fake: FakeExchange, opened: Opener
) -> None:
    def goes(point: str) -> None:
        if point == "ews:before send":
            time.sleep(0.05)
            fake.stop()

    fake.orders.hangs_up_after = "CreateItem"
    assert isinstance(outcome(opened(reached=goes)), MailboxUnreachable)
    assert fake.asked["SendItem"] == 0


@pytest.mark.parametrize("order", STATUSES)
def test_a_status_at_the_sending_proves_nothing(
    fake: FakeExchange, mailbox: Exchange, order: tuple[int, dict[str, str]]
) -> None:
    fake.orders.http["SendItem"] = order
    for times in (1, 2, 3):
        assert isinstance(outcome(mailbox), SendUnknown)
        assert fake.asked["SendItem"] == times
    assert fake.asked["CreateItem"] == 1
    fake.orders.http.clear()
    assert mailbox.find_sent(ID) is Absence.CERTAIN


@pytest.mark.parametrize("page", [b"<html><body>Please sign in</body></html>", b"", b"<s:Envelope", b"\xff\xfe\x00"])
def test_an_answer_that_is_none_proves_nothing(fake: FakeExchange, mailbox: Exchange, page: bytes) -> None:
    fake.orders.pages["SendItem"] = page
    assert isinstance(outcome(mailbox), SendUnknown)
    assert fake.asked["SendItem"] == 1


@pytest.mark.parametrize("status", [401, 403])
def test_whom_the_gate_does_not_let_in_has_sent_nothing(fake: FakeExchange, mailbox: Exchange, status: int) -> None:
    fake.orders.http["SendItem"] = (status, {})
    assert isinstance(outcome(mailbox), MailboxUnreachable)
    assert fake.asked["SendItem"] == 1


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("ErrorInvalidRecipients", NotAcceptedForGood),
        ("ErrorMessageSizeExceeded", NotAcceptedForGood),
        ("ErrorSendAsDenied", MailboxUnreachable),
        ("ErrorAccessDenied", MailboxUnreachable),
        *((code, MailboxUnreachable) for code in PASSING),
        *((code, NotAccepted if code in OF_THE_LETTER else MailboxUnreachable) for code in ODD),
    ],
)
@pytest.mark.parametrize("way", ["item", "fault"])
def test_a_letter_that_the_server_refuses_and_that_lies_among_the_drafts_was_not_sent(
    fake: FakeExchange, mailbox: Exchange, code: str, fault: type[Exception], way: str
) -> None:
    if way == "item":
        fake.orders.codes["send"] = code
    else:
        fake.orders.faults["SendItem"] = code
    said = outcome(mailbox)
    assert type(said) is fault
    assert fake.asked["SendItem"] == 1
    assert fake.store.given == []
    assert RECIPIENT not in str(said)


def test_an_account_without_the_right_to_send_as_the_mailbox_is_told_so(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.orders.codes["send"] = "ErrorSendAsDenied"
    assert "Send As" in str(outcome(mailbox))


@pytest.mark.parametrize("code", ODD)
def test_a_letter_that_was_sent_although_an_error_was_answered_is_proved_by_where_it_lies(
    fake: FakeExchange, mailbox: Exchange, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sends_and_answers(fake, code, monkeypatch)
    assert isinstance(outcome(mailbox), Proof)
    assert (fake.asked["SendItem"], len(fake.store.given)) == (1, 1)


def test_a_letter_that_left_and_whose_look_up_fails_is_unknown(
    fake: FakeExchange, mailbox: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sends_and_answers(fake, "ErrorInternalServerError", monkeypatch, then=lambda: fake.orders.http.update(_BUSY))
    assert isinstance(outcome(mailbox), SendUnknown)


_BUSY: dict[str, tuple[int, dict[str, str]]] = {"FindItem": (503, {})}


def _sends_and_answers(
    fake: FakeExchange, code: str, monkeypatch: pytest.MonkeyPatch, then: Any = lambda: None
) -> None:
    """The server sends, and says that it did not."""
    submit = fake.store.submit

    def submits(item_id: str) -> None:
        submit(item_id)
        fake.orders.codes["send"] = code
        fake.orders.faults["SendItem"] = code
        then()

    monkeypatch.setattr(fake.store, "submit", submits)
    monkeypatch.setattr("tests.mailboxes.exchange.server.answer", _answers_late(fake))


def _answers_late(fake: FakeExchange) -> Any:
    """An answer that is judged by the orders as they stand when the work is done."""

    def answers(operation: Any, store: Any, fails: Any) -> str:
        said = answer(operation, store, fails)
        code = fake.orders.faults.get("SendItem", "")
        is_send = operation.tag.endswith("}SendItem")
        return responses("SendItem", [bad("SendItem", code)]) if is_send and code else said

    return answers


@pytest.mark.parametrize("strange", [b"<html><body>Done</body></html>", _ENVELOPE % b'<x:Done xmlns:x="urn:x"/>'])
def test_a_sending_whose_answer_is_never_understood_is_asked_for_three_times_and_no_more(
    fake: FakeExchange, mailbox: Exchange, tmp_path: Path, strange: bytes
) -> None:
    """As published, an independent server sent seven copies in seven beats."""
    make_site(tmp_path)
    world = outside(tmp_path, mailbox=mailbox)
    queue(world, letter("receipt"), letter("receipt", number=2))
    fake.orders.pages["SendItem"] = strange
    for minute in range(7):
        post(world, NOW + timedelta(minutes=minute))
    assert set(states(world).values()) == {"for a person"}
    assert fake.asked["SendItem"] == BELIEVED + 1 + 1, "and of the next letter once"


# Under way ----------------------------------------------------------------------------------------


def test_while_the_transport_is_down_a_submitted_draft_is_in_doubt_and_never_sent_twice(
    fake: FakeExchange, mailbox: Exchange
) -> None:
    fake.store.transport_is_down = True
    fake.orders.cut["SendItem"] = "after"
    assert isinstance(outcome(mailbox), SendUnknown)
    fake.orders.cut.clear()
    assert mailbox.find_sent(ID) is Absence.UNPROVED, "it lies among the drafts, but it will leave"
    assert isinstance(outcome(mailbox), SendUnknown)
    assert fake.asked["SendItem"] == 1
    fake.store.transports()
    assert isinstance(mailbox.find_sent(ID), Proof)
    assert len(fake.store.given) == 1


def test_what_is_under_way_in_the_outbox_is_not_sent_again(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.store.put(Item(raw=LETTER, folder="outbox", received=None, delivery_id=ID, to=RECIPIENT))
    assert mailbox.find_sent(ID) is Absence.UNPROVED
    assert isinstance(outcome(mailbox), SendUnknown)
    assert fake.asked["SendItem"] == 0


def test_a_sending_that_the_server_takes_up_late_and_a_second_one_are_one_letter(
    fake: FakeExchange, opened: Opener
) -> None:
    fake.orders.slow["SendItem"] = 0.8
    assert isinstance(outcome(opened(seconds=0.5)), SendUnknown)
    second = opened()
    assert second.find_sent(ID) is Absence.CERTAIN, "as far as anybody can see"
    assert isinstance(outcome(second), Proof)
    assert (fake.asked["CreateItem"], fake.asked["SendItem"], len(fake.store.given)) == (1, 2, 1)
