"""The contract on Exchange, as a fake that speaks EWS over HTTPS and holds every message against Microsoft's schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from csp_workflow.terms.faults import MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown
from csp_workflow.terms.mailboxes import Access, ExchangeMailbox, Login, Secrets
from csp_workflow.terms.messages import Mark
from csp_workflow.world.exchange import Exchange
from csp_workflow.world.mailbox import Absence, Proof
from tests.mailboxes.exchange.items import FIRST, Item
from tests.mailboxes.exchange.server import PASSWORD, USER, FakeExchange, schema
from tests.mailboxes.mailbox_contract import ID, LETTER, LIMIT, NOW, RAW, RECIPIENT, MailboxContract

OFFICE = "csp-returns@opcc.example"


def exchange(fake: FakeExchange, *, password: str = PASSWORD, seconds: float = 10.0, **changes: object) -> Exchange:
    """The adapter on the fake."""
    settings = ExchangeMailbox(
        endpoint=fake.endpoint,
        user=USER,
        login=Login.BASIC,
        access=Access.DELEGATE,
        version="2016",
        ca_file=str(fake.ca_file),
    )
    secrets = Secrets(password=password)
    return Exchange(replace(settings, **changes), secrets, address=OFFICE, limit=LIMIT, seconds=seconds)  # type: ignore[arg-type]


class OnExchange:
    """A shared mailbox and the people who use it beside the service."""

    def __init__(self, fake: FakeExchange) -> None:
        self.fake, self.store = fake, fake.store
        self.mailbox = exchange(fake)

    def delivers(self, raw: bytes, number: int = 1) -> None:
        self.store.deliver(raw)

    def removes_everything(self) -> None:
        for item_id, _ in self.store.in_folder("inbox"):
            self.store.take(item_id)

    def moves_everything_away(self) -> None:
        for item_id, _ in self.store.in_folder("inbox"):
            self.store.move(item_id, "archive")

    def moves_in(self, raw: bytes) -> None:
        self.store.put(Item(raw=raw, folder="inbox", received=FIRST))

    def reads_everything(self) -> None:
        for _, item in self.store.in_folder("inbox"):
            item.is_read = True

    def renumbers(self) -> None:
        self.store.renumber()

    def goes_down(self) -> None:
        self.fake.orders.http["*"] = (503, {"Retry-After": "30"})

    def comes_back(self) -> None:
        self.fake.orders.http.clear()

    def was_given(self) -> list[bytes]:
        return [raw for _, raw in self.store.given]


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeExchange]:
    made = FakeExchange(tmp_path)
    yield made
    made.stop()
    assert made.violations == []


@pytest.fixture
def post(fake: FakeExchange) -> Iterator[OnExchange]:
    made = OnExchange(fake)
    yield made
    made.mailbox.close()


class TestExchange(MailboxContract):
    """The contract, on Exchange."""


# What the server may do wrong ---------------------------------------------------------------------


def outcome(box: Exchange) -> object:
    """Proof, or the fault that came instead."""
    try:
        return box.send(LETTER, RECIPIENT, ID)
    except (MailboxUnreachable, NotAccepted, SendUnknown) as fault:
        return fault


@pytest.mark.parametrize("operation", ["GetFolder", "FindItem", "CreateItem"])
@pytest.mark.parametrize("order", [(503, {"Retry-After": "60"}), (429, {}), (500, {}), (502, {"Connection": "close"})])
def test_what_fails_before_the_draft_is_sent_is_asked_once_and_nothing_has_left(
    post: OnExchange, operation: str, order: tuple[int, dict[str, str]]
) -> None:
    post.fake.orders.http[operation] = order
    said = outcome(post.mailbox)
    assert isinstance(said, MailboxUnreachable | NotAccepted), said
    assert post.fake.asked[operation] == 1, "nothing is tried again below the outbox"
    assert post.store.given == []
    assert post.fake.asked["SendItem"] == 0


@pytest.mark.parametrize(
    ("way", "arrives"), [("before", 0), ("after", 1)]
)  # fmt: skip
def test_a_line_that_breaks_at_the_sending_is_unknown_and_the_look_up_tells(
    post: OnExchange, way: str, arrives: int
) -> None:
    post.fake.orders.cut["SendItem"] = way
    assert isinstance(outcome(post.mailbox), SendUnknown)
    assert (post.fake.asked["SendItem"], len(post.store.given)) == (1, arrives)
    post.fake.orders.cut.clear()
    found = post.mailbox.find_sent(ID)
    assert isinstance(found, Proof) if arrives else found is Absence.CERTAIN


@pytest.mark.parametrize("order", [(503, {"Retry-After": "30"}), (500, {}), (504, {}), (502, {"Connection": "close"})])
def test_a_server_error_at_the_sending_proves_nothing(post: OnExchange, order: tuple[int, dict[str, str]]) -> None:
    post.fake.orders.http["SendItem"] = order
    assert isinstance(outcome(post.mailbox), SendUnknown)
    assert post.fake.asked["SendItem"] == 1
    post.fake.orders.http.clear()
    assert post.mailbox.find_sent(ID) is Absence.CERTAIN


def test_a_draft_that_was_left_is_sent_and_no_second_one_made(post: OnExchange) -> None:
    post.fake.orders.cut["SendItem"] = "before"
    outcome(post.mailbox)
    post.fake.orders.cut.clear()
    assert isinstance(outcome(post.mailbox), Proof)
    assert post.fake.asked["CreateItem"] == 1
    assert [delivery for delivery, _ in post.store.given] == [ID]
    assert post.store.in_folder("drafts") == []


def test_a_draft_saved_although_the_answer_was_lost_is_found_again(post: OnExchange) -> None:
    post.fake.orders.cut["CreateItem"] = "after"
    assert isinstance(outcome(post.mailbox), MailboxUnreachable)
    assert post.mailbox.find_sent(ID) is Absence.CERTAIN
    post.fake.orders.cut.clear()
    assert isinstance(outcome(post.mailbox), Proof)
    assert len(post.store.given) == 1


def test_what_is_under_way_in_the_outbox_is_not_sent_again(post: OnExchange) -> None:
    post.store.put(Item(raw=LETTER, folder="outbox", received=None, delivery_id=ID))
    assert post.mailbox.find_sent(ID) is Absence.UNPROVED


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("ErrorInvalidRecipients", NotAcceptedForGood),
        ("ErrorMessageSizeExceeded", NotAcceptedForGood),
        ("ErrorQuotaExceeded", NotAccepted),
        ("ErrorMailboxStoreUnavailable", NotAccepted),
        ("ErrorSendAsDenied", MailboxUnreachable),
        ("ErrorServerBusy", SendUnknown),
    ],
)
def test_a_letter_that_the_server_refuses(post: OnExchange, code: str, fault: type[Exception]) -> None:
    post.fake.orders.codes["send"] = code
    assert type(outcome(post.mailbox)) is fault
    assert post.store.given == []


def test_a_wrong_password_is_shown_once_so_that_no_account_is_locked(fake: FakeExchange) -> None:
    box = exchange(fake, password="not this")
    with pytest.raises(MailboxUnreachable, match="refuses the user or the password"):
        box.list_new("")
    assert sum(fake.asked.values()) == 1
    (check,) = box.examine(NOW)
    assert "refuses the user or the password" in check.problem
    assert "not this" not in check.problem + check.remedy
    box.close()


def test_a_server_that_drips_is_given_up_in_time(fake: FakeExchange) -> None:
    box = exchange(fake, seconds=0.5)
    fake.orders.drip = 0.05
    with pytest.raises(MailboxUnreachable, match="in time"):
        box.list_new("")
    fake.orders.drip = 0.0
    box.close()


def test_a_stranger_s_certificate_is_refused(fake: FakeExchange) -> None:
    box = exchange(fake, ca_file="")
    with pytest.raises(MailboxUnreachable, match="certificate"):
        box.list_new("")
    box.close()


# What lies in the mailbox -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item_class", "mark"),
    [
        ("IPM.Note.Rules.OofTemplate.Microsoft", Mark.AWAY),
        ("REPORT.IPM.Note.NDR", Mark.BOUNCE),
        ("REPORT.IPM.Note.IPNRN", Mark.RECEIPT),
        ("IPM.Schedule.Meeting.Request", Mark.MEETING),
        ("IPM.Outlook.Recall", Mark.RECALL),
    ],
)
def test_what_exchange_calls_a_message_is_kept_as_a_mark(post: OnExchange, item_class: str, mark: Mark) -> None:
    post.store.deliver(RAW, item_class=item_class)
    (source,), _ = post.mailbox.list_new("")
    assert post.mailbox.get(source, NOW).marks == {mark}


def test_a_file_that_lies_in_a_cloud_is_noticed(post: OnExchange) -> None:
    post.store.deliver(RAW, cloud=("Return.xlsx",))
    post.store.deliver(RAW, files=(("Return.xlsx", b"PK"),))
    sources, _ = post.mailbox.list_new("")
    assert [post.mailbox.get(source, NOW).marks for source in sources] == [{Mark.CLOUD_FILE}, set()]


def test_what_cannot_be_made_mime_is_put_together_from_its_parts(post: OnExchange) -> None:
    post.store.deliver(RAW, mime_fails=True, files=(("Return.xlsx", b"PK\x03\x04 data"),))
    (source,), _ = post.mailbox.list_new("")
    message = message_from_bytes(post.mailbox.get(source, NOW).raw)
    assert message["Subject"] == "Our return"
    (attached,) = [part for part in message.walk() if part.get_filename()]
    assert attached.get_payload(decode=True) == b"PK\x03\x04 data"


def test_an_item_without_a_time_of_receipt_is_received_now(post: OnExchange) -> None:
    post.store.put(Item(raw=RAW, folder="inbox", received=None))
    (source,), _ = post.mailbox.list_new("")
    assert post.mailbox.get(source, NOW).received == NOW


def test_nothing_of_a_message_is_fetched_to_list_it(post: OnExchange) -> None:
    for number in range(25):
        post.delivers(RAW, number)
    assert len(post.mailbox.list_new("")[0]) == 25
    assert "MimeContent" not in "".join(post.fake.headers)
    assert post.fake.asked["GetItem"] == 3, "ten at a time"


def test_a_server_error_for_one_item_is_the_mailboxs_fault_not_the_messages_end(post: OnExchange) -> None:
    post.delivers(RAW)
    (source,), _ = post.mailbox.list_new("")
    post.fake.orders.codes["item"] = "ErrorInternalServerError"
    with pytest.raises((MailboxUnreachable, NotAccepted)):
        post.mailbox.get(source, NOW)
    post.fake.orders.codes.clear()
    assert post.mailbox.get(source, NOW).raw == RAW


@pytest.mark.parametrize("access", list(Access))
def test_the_shared_mailbox_is_named_in_every_request(fake: FakeExchange, access: Access) -> None:
    box = exchange(fake, access=access)
    box.list_new("")
    box.send(LETTER, RECIPIENT, ID)
    said = "".join(fake.headers)
    assert ("ExchangeImpersonation" in said) is (access is Access.IMPERSONATION)
    assert f"<t:EmailAddress>{OFFICE}</t:EmailAddress>" in said or f"{OFFICE}</t:PrimarySmtpAddress>" in said
    box.close()


def test_examined_and_all_is_well_but_for_the_clock(fake: FakeExchange) -> None:
    fake.orders.hours_ahead = 3
    box = exchange(fake)
    checks = list(box.examine(datetime.now(UTC)))
    assert [bool(check.problem) for check in checks] == [False, False, True]
    assert "the mail server" in checks[2].problem
    assert box.server_time is not None
    box.close()


def test_ntlm_and_oauth2_are_asked_for_by_name(fake: FakeExchange) -> None:
    """A server with NTLM is not here: that the library is told to use it is all that can be seen."""
    for login, name in ((Login.NTLM, "NTLM"), (Login.OAUTH2, "OAuth 2.0")):
        box = exchange(fake, login=login, tenant="t", client="c")
        assert box._connected().protocol.auth_type == name
        box.close()


def test_every_message_was_held_against_microsofts_schema(shared: Path) -> None:
    assert schema() is not None
