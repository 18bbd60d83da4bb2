"""What lies in an Exchange mailbox: kinds of items, damaged ones, files in a cloud, folders."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csp_workflow.mailboxes.exchange import Exchange, receiving
from csp_workflow.mailboxes.mailbox import MORE
from csp_workflow.terms.messages import Mark
from csp_workflow.terms.service import MailboxUnreachable
from tests.mailboxes.exchange.conftest import Opener, only
from tests.mailboxes.exchange.items import FIRST, Item
from tests.mailboxes.exchange.server import FakeExchange
from tests.mailboxes.mailbox_contract import LIMIT, NOW, RAW

# Listing ------------------------------------------------------------------------------------------


def test_nothing_of_a_message_is_fetched_to_list_it(fake: FakeExchange, mailbox: Exchange) -> None:
    for number in range(25):
        fake.store.deliver(RAW.replace(b"return", b"return %d" % number))
    assert len(mailbox.list_new("")[0]) == 25
    said = "".join(fake.requests)
    assert "MimeContent" not in said
    assert "Body" not in said.replace("s:Body", "")
    assert fake.asked["GetItem"] == 1


@pytest.mark.parametrize("kind", ["MeetingRequest", "MeetingMessage", "PostItem", "Task", "Item", "Network", "Person"])
def test_an_item_of_any_kind_is_listed_and_got_as_it_is(fake: FakeExchange, mailbox: Exchange, kind: str) -> None:
    fake.store.deliver(RAW, kind=kind)
    fake.store.deliver(RAW)
    sources, _ = mailbox.list_new("")
    assert [mailbox.get(source, NOW).raw for source in sources] == [RAW, RAW]


@pytest.mark.parametrize("code", ["ErrorItemCorrupt", "ErrorInternalServerError", "ErrorMailboxStoreUnavailable"])
def test_an_item_that_cannot_tell_its_time_is_not_lost_from_the_list(
    fake: FakeExchange, mailbox: Exchange, code: str
) -> None:
    fake.store.deliver(RAW)
    fake.store.deliver(RAW, refuses={"item:DateTimeReceived": code})
    assert len(mailbox.list_new("")[0]) == 2


@pytest.mark.parametrize("code", ["ErrorInvalidSyncStateData", "ErrorSyncFolderNotFound"])
def test_a_state_that_the_server_has_forgotten_lists_everything(
    fake: FakeExchange, mailbox: Exchange, code: str
) -> None:
    fake.store.deliver(RAW)
    _, cursor = mailbox.list_new("")
    fake.orders.codes[f"sync state {cursor}"] = code
    assert len(mailbox.list_new(cursor)[0]) == 1


def test_an_inbox_that_cannot_be_seen_is_no_empty_one(fake: FakeExchange, mailbox: Exchange) -> None:
    del fake.store.folders["inbox"]
    fake.orders.faults["SyncFolderItems"] = "ErrorFolderNotFound"
    with pytest.raises(MailboxUnreachable, match="shows no such folder"):
        mailbox.list_new("")


# Getting ------------------------------------------------------------------------------------------


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
def test_what_exchange_calls_a_message_is_kept_as_a_mark(
    fake: FakeExchange, mailbox: Exchange, item_class: str, mark: Mark
) -> None:
    fake.store.deliver(RAW, item_class=item_class)
    assert only(mailbox).marks == {mark}


@pytest.mark.parametrize("files", [(), (("signature.png", b"PNG"),)])
def test_a_file_that_lies_in_a_cloud_is_noticed(
    fake: FakeExchange, mailbox: Exchange, files: tuple[tuple[str, bytes], ...]
) -> None:
    fake.store.deliver(RAW, cloud=("Return.xlsx",), files=files)
    assert only(mailbox).marks == {Mark.CLOUD_FILE}


def test_a_file_that_is_attached_lies_in_no_cloud(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.store.deliver(RAW, files=(("Return.xlsx", b"PK"),))
    assert only(mailbox).marks == set()


def test_an_item_without_a_time_of_receipt_is_received_now(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.store.put(Item(raw=RAW, folder="inbox", received=None))
    assert only(mailbox).received == NOW


def test_too_large_a_message_is_not_fetched_at_all(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.store.deliver(RAW, size=LIMIT + 1)
    fetched = only(mailbox)
    assert (fetched.whole, fetched.size) == (False, LIMIT + 1)
    assert "MimeContent" not in "".join(fake.requests)


def test_a_message_larger_than_its_size_says_is_not_taken_whole(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.store.deliver(RAW + b"x" * LIMIT, size=5)
    fetched = only(mailbox)
    assert not fetched.whole
    assert fetched.size > LIMIT
    assert fetched.raw == RAW.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


# Filing -------------------------------------------------------------------------------------------


def test_a_folder_is_made_once_beside_the_inbox(fake: FakeExchange, mailbox: Exchange) -> None:
    for number in range(3):
        fake.store.deliver(RAW.replace(b"return", b"return %d" % number))
    sources, _ = mailbox.list_new("")
    for source in sources:
        mailbox.file(source, "Processed")
    assert (fake.asked["FindFolder"], fake.asked["CreateFolder"]) == (1, 1)
    assert len(fake.store.in_folder("own:Processed")) == 3


def test_a_folder_made_by_hand_is_used(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.store.folders["own:processed"] = "processed"
    source = fake.store.deliver(RAW)
    mailbox.file(source, "Processed")
    assert fake.asked["CreateFolder"] == 0
    assert len(fake.store.in_folder("own:processed")) == 1


def test_a_folder_that_somebody_makes_at_the_same_time_is_used(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.orders.codes["folder"] = "ErrorFolderExists"
    mailbox.file(fake.store.deliver(RAW), "Held")
    assert len(fake.store.in_folder("own:Held")) == 1


def test_a_folder_that_somebody_removed_is_made_again(fake: FakeExchange, mailbox: Exchange) -> None:
    mailbox.file(fake.store.deliver(RAW), "Held")
    for item_id, _ in fake.store.in_folder("own:Held"):
        fake.store.take(item_id)
    del fake.store.folders["own:Held"]
    source = fake.store.deliver(RAW)
    mailbox.file(source, "Held")
    assert len(fake.store.in_folder("own:Held")) == 1


def test_a_move_that_is_refused_is_the_mailboxs_fault(fake: FakeExchange, opened: Opener) -> None:
    fake.orders.codes["move"] = "ErrorMoveCopyFailed"
    with pytest.raises(MailboxUnreachable, match="ErrorMoveCopyFailed"):
        opened().file(fake.store.deliver(RAW), "Held")


# A large inbox ------------------------------------------------------------------------------------


def test_what_was_received_before_is_neither_listed_nor_looked_into(fake: FakeExchange, mailbox: Exchange) -> None:
    ids = [fake.store.deliver(RAW.replace(b"return", b"return %d" % number)) for number in range(8)]
    timeless = fake.store.put(Item(raw=RAW, folder="inbox", received=None))
    since = FIRST + timedelta(minutes=6)
    sources, cursor = mailbox.list_new("", since)
    assert sources == (timeless, ids[6], ids[7])
    assert "MimeContent" not in "".join(fake.requests)
    moved = fake.store.put(Item(raw=RAW, folder="inbox", received=FIRST))
    assert mailbox.list_new(cursor, since)[0] == (moved,)
    fake.store.renumber()
    assert len(mailbox.list_new(cursor, since)[0]) == 3
    assert mailbox.count_messages() == 10


def test_a_long_list_comes_in_parts_with_a_place_to_go_on_from(
    fake: FakeExchange, mailbox: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "BATCH", 4)
    ids = [fake.store.deliver(RAW.replace(b"return", b"return %d" % number)) for number in range(8)]
    since = FIRST + timedelta(minutes=1)
    first, cursor = mailbox.list_new("", since)
    second, last = mailbox.list_new(cursor, since)
    assert (set(first) | set(second), first[:1]) == (set(ids[1:]), (ids[1],))
    assert (cursor.startswith(MORE), last.startswith(MORE)) == (True, False)
    fake.orders.codes[f"sync state {cursor.removeprefix(MORE)}"] = "ErrorInvalidSyncStateData"
    assert mailbox.list_new(cursor, since)[0] == first
