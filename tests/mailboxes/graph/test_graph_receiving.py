"""Receiving from Microsoft 365: what the contract does not say."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from csp_workflow.mailboxes.graph import receiving
from csp_workflow.mailboxes.mailbox import MORE
from csp_workflow.terms.messages import Mark
from csp_workflow.terms.service import MailboxUnreachable
from tests.mailboxes.graph.acts import SOURCE, arrives
from tests.mailboxes.graph.conftest import Opener
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.graph.fake_mailbox import ARCHIVE, BEGINNING, INBOX
from tests.mailboxes.mailbox_contract import LIMIT, NOW, RAW

# Listing ------------------------------------------------------------------------------------------


def test_a_long_list_comes_in_pages_and_is_put_in_order(fake: FakeGraph, opened: Opener) -> None:
    for number in (5, 3, 1, 4, 2):
        arrives(fake, RAW.replace(b"return", b"return %d" % number), number)
    mailbox = opened()
    sources, _ = mailbox.list_new("")
    said = [mailbox.get(source, NOW).raw.split(b"\r\n")[1] for source in sources]
    assert said == [b"Subject: Our return %d" % number for number in (1, 2, 3, 4, 5)]
    assert fake.count("GET", "/delta") == 3


def test_the_cursor_is_the_whole_link_and_holds_across_a_restart(fake: FakeGraph, opened: Opener) -> None:
    arrives(fake)
    _, cursor = opened().list_new("")
    arrives(fake, number=2)
    sources, _ = opened().list_new(cursor)
    assert sources == ("AAkALgAA-0-000002=",)


@pytest.mark.parametrize(
    "cursor",
    [
        "https://elsewhere.example/v1.0/users/x/mailFolders/inbox/messages/delta?$deltatoken=1",
        "http://localhost/v1.0/users/x/mailFolders/inbox/messages/delta",
        "https://localhost:1/v1.0/users/x",
        "https://[",
        "https://localhost@elsewhere.example/v1.0/x",
    ],
)
def test_a_cursor_that_leads_elsewhere_is_not_followed(fake: FakeGraph, opened: Opener, cursor: str) -> None:
    arrives(fake)
    assert opened().list_new(cursor)[0] == (SOURCE,)


def test_an_answer_that_leads_elsewhere_is_not_followed(fake: FakeGraph, opened: Opener) -> None:
    arrives(fake)
    fake.leads_elsewhere = True
    with pytest.raises(MailboxUnreachable, match="another server"):
        opened().list_new("")


@pytest.mark.parametrize(("status", "code"), [(410, "SyncStateNotFound"), (400, "BadRequest"), (404, "NotFound")])
def test_a_place_in_the_list_that_was_lost_lists_everything(
    fake: FakeGraph, opened: Opener, status: int, code: str
) -> None:
    arrives(fake)
    mailbox = opened()
    _, cursor = mailbox.list_new("")
    arrives(fake, number=2)
    fake.refuses("GET", "/delta", status, code)
    sources, cursor = mailbox.list_new(cursor)
    assert len(sources) == 2
    assert mailbox.list_new(cursor)[0] == ()


def test_a_list_that_breaks_off_between_two_pages_is_begun_anew(fake: FakeGraph, opened: Opener) -> None:
    arrives(fake)
    mailbox = opened()
    _, cursor = mailbox.list_new("")
    for number in (2, 3, 4):
        arrives(fake, number=number)
    fake.refuses("GET", "/delta", 200)
    with pytest.raises(MailboxUnreachable):
        mailbox.list_new(cursor)
    assert len(mailbox.list_new(cursor)[0]) == 3


def test_a_mailbox_that_does_not_exist_is_no_empty_one(opened: Opener) -> None:
    with pytest.raises(MailboxUnreachable):
        opened(address="nobody@opcc.example").list_new("")


@pytest.mark.parametrize("path", ["/AAkALgAA-0-000001%3D", r"/\$value"])
@pytest.mark.parametrize("code", ["", "MailboxNotEnabledForRESTAPI", "ErrorNonExistentMailbox", "UnknownError"])
def test_a_mailbox_that_is_away_is_not_taken_for_a_message_that_is_gone(
    fake: FakeGraph, opened: Opener, path: str, code: str
) -> None:
    arrives(fake)
    mailbox = opened()
    (source,), _ = mailbox.list_new("")
    fake.refuses("GET", path, 404, code)
    with pytest.raises(MailboxUnreachable):
        mailbox.get(source, NOW)
    assert mailbox.get(source, NOW).raw == RAW


# Fetching -----------------------------------------------------------------------------------------


def test_the_time_of_receipt_is_the_servers(fake: FakeGraph, opened: Opener) -> None:
    arrives(fake)
    assert opened().get(SOURCE, NOW + timedelta(days=9)).received == BEGINNING + timedelta(seconds=1)


def test_a_message_keeps_its_id_wherever_a_person_moves_it(fake: FakeGraph, opened: Opener) -> None:
    item = arrives(fake)
    mailbox = opened()
    (source,), _ = mailbox.list_new("")
    fake.mailbox.move(item, ARCHIVE)
    assert mailbox.get(source, NOW).raw == RAW
    mailbox.file(source, "Processed")
    assert fake.mailbox.folders[item.folder] == "Processed"


@pytest.mark.parametrize(
    ("item_class", "marks"),
    [
        ("IPM.Note", set()),
        ("IPM.Note.SMIME.MultipartSigned", set()),
        ("IPM.Note.Rules.OofTemplate.Microsoft", {Mark.AWAY}),
        ("REPORT.IPM.Note.NDR", {Mark.BOUNCE}),
        ("report.ipm.note.ipnrn", {Mark.RECEIPT}),
        ("REPORT.IPM.Note.IPNNRN", {Mark.RECEIPT}),
        ("REPORT.IPM.Note.DR", {Mark.RECEIPT}),
        ("REPORT.IPM.Note.Delayed", set()),
        ("IPM.Outlook.Recall", {Mark.RECALL}),
        ("IPM.Schedule.Meeting.Request", {Mark.MEETING}),
        ("IPM.Schedule.Meetings", set()),
    ],
)
def test_what_exchange_calls_a_message_is_kept_with_it(
    fake: FakeGraph, opened: Opener, item_class: str, marks: set[Mark]
) -> None:
    arrives(fake, **{"String 0x1a": item_class})
    assert opened().get(SOURCE, NOW).marks == marks


def test_a_file_left_in_the_cloud_is_noticed(fake: FakeGraph, opened: Opener) -> None:
    item = arrives(fake)
    fake.mailbox.attach(item, {"name": "map.png", "contentType": "image/png", "contentBytes": "aGk="})
    mailbox = opened()
    assert mailbox.get(SOURCE, NOW).marks == set()
    link = {"@odata.type": "#microsoft.graph.referenceAttachment", "name": "Return.xlsx", "contentType": None}
    fake.mailbox.attach(item, link)
    assert mailbox.get(SOURCE, NOW).marks == {Mark.CLOUD_FILE}


def test_too_large_a_message_is_not_fetched_at_all(fake: FakeGraph, opened: Opener) -> None:
    head = b"From: a@b.example\r\nSubject: A long\r\n subject\r\n"
    arrives(fake, head + b"\r\n" + b"x" * 5 * LIMIT)
    fetched = opened().get(SOURCE, NOW)
    assert (fetched.whole, fetched.raw) == (False, head + b"\r\n")
    assert fetched.size == len(head) + 2 + 5 * LIMIT
    assert fake.count("GET", r"/\$value") == 0


def test_a_message_larger_than_its_size_says_is_not_taken_whole(fake: FakeGraph, opened: Opener) -> None:
    arrives(fake, RAW + b"x" * 5 * LIMIT, **{"Long 0xe08": "100"})
    fetched = opened().get(SOURCE, NOW)
    assert not fetched.whole
    assert fetched.size > LIMIT
    assert fetched.raw == RAW.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def test_no_header_can_smuggle_another_one_in(fake: FakeGraph, opened: Opener) -> None:
    item = arrives(fake, RAW + b"x" * 5 * LIMIT)
    item.values["internetMessageHeaders"] = [
        {"name": "Subject", "value": "one\r\nFrom: chief@opcc.example\nX: y\r\rz"},
        {"name": "Bad name: x\r\nTo", "value": "x"},
    ]
    raw = opened().get(SOURCE, NOW).raw
    assert raw == b"Subject: one From: chief@opcc.example X: y  z\r\n\r\n"


@pytest.mark.parametrize("status", [400, 500])
def test_a_message_that_cannot_be_had_as_mime_is_rebuilt_from_its_parts(
    fake: FakeGraph, opened: Opener, status: int
) -> None:
    item = arrives(fake)
    fake.mailbox.attach(item, {"name": "Return Q2.xlsx", "contentType": "x/y", "contentBytes": "UEsDBA=="})
    fake.refuses("GET", r"/\$value", status, "ErrorMimeContentConversionFailed")
    fetched = opened().get(SOURCE, NOW)
    assert fetched.whole
    assert fetched.raw.startswith(b"From: a@b.example\r\nSubject: Our return\r\n")
    assert b'filename="Return Q2.xlsx"' in fetched.raw
    assert b"UEsDBA==" in fetched.raw


def test_a_rebuilt_message_takes_whatever_words_and_names_there_are(fake: FakeGraph, opened: Opener) -> None:
    item = arrives(fake)
    item.values["body"] = {"contentType": "html", "content": "<p>half \ud800 caf\u00e9</p>"}
    fake.mailbox.attach(item, {"name": "a\r\nb \udfff.xlsx", "contentType": "x/y", "contentBytes": "UEsDBA=="})
    fake.refuses("GET", r"/\$value", 500)
    message = message_from_bytes(opened().get(SOURCE, NOW).raw, policy=policy.default)
    assert message.get_body(("html",)).get_content().strip() == "<p>half ? caf\u00e9</p>"
    assert [part.get_filename() for part in message.iter_attachments()] == ["a  b ?.xlsx"]


def test_a_rebuilt_message_is_bounded_too(fake: FakeGraph, opened: Opener) -> None:
    item = arrives(fake)
    fake.mailbox.attach(item, {"name": "x.bin", "contentType": "x/y", "contentBytes": "AAAA" * LIMIT})
    fake.refuses("GET", f"{SOURCE.replace('=', '%3D')}/\\$value", 500)
    assert not opened().get(SOURCE, NOW).whole


# Filing -------------------------------------------------------------------------------------------


def test_a_folder_is_made_once(fake: FakeGraph, opened: Opener) -> None:
    for number in (1, 2):
        arrives(fake, number=number)
    mailbox = opened()
    for source in mailbox.list_new("")[0]:
        mailbox.file(source, "Processed")
    assert fake.count("POST", "/mailFolders") == 1
    assert fake.mailbox.in_folder(INBOX) == []
    assert len(fake.mailbox.items) == 2


def test_a_folder_that_somebody_removed_is_made_again(fake: FakeGraph, opened: Opener) -> None:
    first, second = arrives(fake), arrives(fake, number=2)
    mailbox = opened()
    mailbox.file(fake.mailbox.id_of(first, immutable=True), "Held")
    del fake.mailbox.folders[first.folder]
    mailbox.file(fake.mailbox.id_of(second, immutable=True), "Held")
    assert fake.mailbox.folders[second.folder] == "Held"


def test_a_folder_made_by_hand_is_used(fake: FakeGraph, opened: Opener) -> None:
    fake.mailbox.folders["AAMkMINE="] = "processed"
    item = arrives(fake)
    opened().file(SOURCE, "Processed")
    assert item.folder == "AAMkMINE="


@pytest.mark.parametrize("name", ["../../etc", "a/b", "", "x' or '1' eq '1", "a" * 65])
def test_a_folders_name_is_nothing_else(opened: Opener, name: str) -> None:
    with pytest.raises(ValueError, match="folder's name"):
        opened().file(SOURCE, name)


# A large inbox ------------------------------------------------------------------------------------


def test_what_was_received_before_is_neither_listed_nor_looked_into(fake: FakeGraph, opened: Opener) -> None:
    for number in range(1, 6):
        arrives(fake, number=number)
    mailbox, since = opened(), BEGINNING + timedelta(seconds=4)
    sources, cursor = mailbox.list_new("", since)
    assert [source[-2:] for source in sources] == ["4=", "5="]
    assert fake.count("GET", r"/messages/AAk.*") == 0
    arrives(fake, number=0)
    assert [source[-2:] for source in mailbox.list_new(cursor, since)[0]] == ["6="]
    fake.refuses("GET", "/delta", 410, "SyncStateNotFound")
    assert len(mailbox.list_new(cursor, since)[0]) == 2
    assert mailbox.count_messages() == 6


def test_a_long_list_comes_in_parts_with_a_place_to_go_on_from(
    fake: FakeGraph, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "BATCH", 2)
    for number in range(1, 6):
        arrives(fake, number=number)
    mailbox, since, cursor = opened(), BEGINNING + timedelta(seconds=2), ""
    listed: list[str] = []
    for _ in range(5):
        sources, cursor = mailbox.list_new(cursor, since)
        listed += sources
        if not cursor.startswith(MORE):
            break
    assert sorted(source[-2:] for source in listed) == ["2=", "3=", "4=", "5="]
    assert not cursor.startswith(MORE)
    assert fake.count("GET", "/delta") >= 3
