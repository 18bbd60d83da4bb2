"""Answers of Exchange that are not whole, and those that are whole in another shape that Microsoft's schema allows."""

from __future__ import annotations

import contextlib
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from exchangelib.errors import MalformedResponseError

from csp_workflow.mailboxes.exchange import Exchange
from csp_workflow.mailboxes.exchange.answers import is_envelope, read_envelope
from csp_workflow.mailboxes.mailbox import Proof
from csp_workflow.terms.service import MailboxUnreachable, SendUnknown, WorldFault
from tests.mailboxes.exchange.conftest import only, outcome, use
from tests.mailboxes.exchange.server import SOAP, FakeExchange
from tests.mailboxes.exchange.wire import E, T
from tests.mailboxes.mailbox_contract import ID, NOW, RAW

Rewrite = Callable[[bytes], bytes]
SECOND = RAW.replace(b"Our", b"Another")


def cut(missing: int) -> Rewrite:
    """An answer of which so many bytes at the end do not come, and nothing says so."""
    return lambda whole: whole[:-missing]


def put(pattern: str, replacement: str) -> Rewrite:
    """An answer in which something stands otherwise."""

    def rewrite(whole: bytes) -> bytes:
        made, count = re.subn(pattern, replacement, whole.decode(), flags=re.DOTALL)
        assert count, "There was nothing to rewrite."
        return made.encode()

    return rewrite


def record(fake: FakeExchange, mailbox: Exchange) -> dict[str, bytes]:
    """Every verb once, and the last answer to each operation."""
    said: dict[str, bytes] = {}

    def keep(name: str) -> Rewrite:
        return lambda whole: said.update({name: whole}) or whole

    names = ("SyncFolderItems", "GetItem", "FindFolder", "CreateFolder", "MoveItem", "FindItem", "CreateItem")
    fake.orders.rewritten = {name: keep(name) for name in (*names, "SendItem")}
    fake.store.deliver(RAW)
    fake.store.deliver(SECOND)
    use(mailbox)
    fake.orders.rewritten.clear()
    assert len(said) == len(names) + 1
    return said


# Not whole ----------------------------------------------------------------------------------------


def test_no_part_of_an_answer_is_taken_for_the_whole(fake: FakeExchange, mailbox: Exchange) -> None:
    for name, whole in record(fake, mailbox).items():
        read_envelope(whole)
        for length in range(len(whole)):
            with pytest.raises(MalformedResponseError):
                read_envelope(whole[:length])
            assert not is_envelope(whole[:length]), (name, length)


def listed_and_taken(fake: FakeExchange, mailbox: Exchange, name: str, missing: int) -> tuple[int, int]:
    """How many messages are listed, and how many are taken as they are, while one operation is cut."""
    fake.orders.rewritten[name] = cut(missing)
    listed, taken = 0, 0
    with contextlib.suppress(MailboxUnreachable):
        sources, _ = mailbox.list_new("")
        listed = len(sources)
        taken = sum(mailbox.get(source, NOW).raw in (RAW, SECOND) for source in sources)
    fake.orders.rewritten.clear()
    return listed, taken


def check_cuts(fake: FakeExchange, mailbox: Exchange, step: int) -> None:
    """Cut answers lose no message and send no letter twice."""
    said = record(fake, mailbox)
    for item, _ in fake.store.in_folder("own:Processed"):
        fake.store.move(item, "inbox")
    given = len(fake.store.given)
    for missing in range(1, len(said["SyncFolderItems"]) + 1, step):
        assert listed_and_taken(fake, mailbox, "SyncFolderItems", missing) == (0, 0)
    for missing in range(1, len(said["GetItem"]) + 1, step):
        assert listed_and_taken(fake, mailbox, "GetItem", missing)[1] == 0
    assert len(mailbox.list_new("")[0]) == 2
    for name in ("FindItem", "CreateItem", "SendItem"):
        for number, missing in enumerate(range(1, len(said[name]) + 1, step)):
            delivery_id = f"{name}-{number:08}"
            fake.orders.rewritten[name] = cut(missing)
            is_sent = isinstance(outcome(mailbox, delivery_id), Proof)
            fake.orders.rewritten.clear()
            assert not is_sent
            assert isinstance(outcome(mailbox, delivery_id), Proof)
            given += 1
            assert len(fake.store.given) == given, (name, missing)


def test_a_cut_answer_costs_a_beat_and_neither_a_message_nor_a_second_letter(
    fake: FakeExchange, mailbox: Exchange
) -> None:
    check_cuts(fake, mailbox, step=131)


@pytest.mark.sweep
def test_at_every_byte_a_cut_answer_costs_a_beat(fake: FakeExchange, mailbox: Exchange) -> None:
    check_cuts(fake, mailbox, step=1)


@pytest.mark.parametrize(("name", "ask"), [("SyncFolderItems", only), ("FindItem", lambda box: box.find_sent(ID))])
@pytest.mark.parametrize(
    "content", [b"", b"<html><body>Sign in</body></html>", b"<a/>", b"{}", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"]
)
def test_what_is_no_envelope_is_a_fault_of_the_world(
    fake: FakeExchange, mailbox: Exchange, name: str, ask: Callable[[Exchange], object], content: bytes
) -> None:
    fake.orders.rewritten[name] = lambda _: content
    with pytest.raises(MailboxUnreachable):
        ask(mailbox)


@pytest.mark.parametrize(
    ("name", "rewrite"),
    [
        ("GetItem", put(r"(<t:MimeContent[^>]*>.{20}).*?</t:MimeContent>", r"\1=x</t:MimeContent>")),
        ("GetItem", put(r"(<t:MimeContent[^>]*>.{21}).*?</t:MimeContent>", r"\1</t:MimeContent>")),
        ("SyncFolderItems", put(r"<m:SyncState>.*?</m:SyncState>", "")),
        ("SyncFolderItems", put(r' Id="[^"]*"', "")),
    ],
)
def test_a_whole_envelope_with_a_broken_content_is_asked_for_again(
    fake: FakeExchange, mailbox: Exchange, name: str, rewrite: Rewrite
) -> None:
    source = fake.store.deliver(RAW)
    fake.orders.rewritten[name] = lambda whole: rewrite(whole) if b"MimeContent" in whole or b"Sync" in whole else whole
    with pytest.raises(MailboxUnreachable):
        mailbox.get(mailbox.list_new("")[0][0], NOW)
    fake.orders.rewritten.clear()
    assert mailbox.get(source, NOW).raw == RAW


@pytest.mark.parametrize(
    "rewrite",
    [
        put('IncludesLastItemInRange="true"', 'IncludesLastItemInRange="false"'),
        put(r"<m:RootFolder.*?</m:RootFolder>", ""),
        put(r"<t:Items>.*?</t:Items>|<t:Items/>", ""),
        put(r"(<m:FindItemResponseMessage .*?</m:FindItemResponseMessage>)", ""),
    ],
)
def test_a_look_up_that_is_not_told_whole_finds_neither_something_nor_nothing(
    fake: FakeExchange, mailbox: Exchange, rewrite: Rewrite
) -> None:
    fake.orders.rewritten["FindItem"] = rewrite
    with pytest.raises(MailboxUnreachable):
        mailbox.find_sent(ID)
    assert isinstance(outcome(mailbox), MailboxUnreachable)
    assert fake.store.given == []


def test_a_sending_that_is_answered_in_part_is_unknown(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.orders.rewritten["SendItem"] = cut(300)
    assert isinstance(outcome(mailbox), SendUnknown)


# Whole, in another shape --------------------------------------------------------------------------

SHAPES: dict[str, tuple[str, str, str]] = {
    "another name of a message": ("*", r"(</?m:)\w+ResponseMessage\b", r"\1GetServerTimeZonesResponseMessage"),
    "another name of the response": ("*", r"(</?m:)\w+Response\b", r"\1UpdateItemResponse"),
    "other prefixes": ("*", r"(</?|xmlns:)(t|m)([:=])", r"\1x\2\3"),
    "elements nobody knows": ("*", r"(<m:ResponseCode>)", r'<m:News t:at="1">n</m:News>\1'),
    "no code beside success": ("*", r"<m:ResponseCode>NoError</m:ResponseCode>", ""),
    "comments": ("*", r"(<m:ResponseCode>)", r"<!-- a remark -->\1"),
    "no folders": ("FindFolder", r"<t:Folders>.*?</t:Folders>|<t:Folders/>", ""),
    "no root folder": ("FindFolder", r"<m:RootFolder.*?</m:RootFolder>", ""),
    "no attributes of a page": ("FindFolder", r'(TotalItemsInView|IncludesLastItemInRange)="\w+"', ""),
    "no items of a move": ("MoveItem", r"<m:Items>.*?</m:Items>", "<m:Items/>"),
    "a change of another kind": ("SyncFolderItems", r"<m:Changes>", '<m:Changes><t:Change Id="x"/>'),
    "the last page as a number": ("SyncFolderItems", r"InRange>true<", "InRange>1<"),
    "MIME in lines": ("GetItem", r"(<t:MimeContent[^>]*>.{20})", r"\1\r\n"),
    "a class nobody knows": ("GetItem", r"IPM\.Note", "IPM.Something.New"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_the_schema_allows_is_read(fake: FakeExchange, mailbox: Exchange, shape: str) -> None:
    name, pattern, replacement = SHAPES[shape]
    every = ("SyncFolderItems", "GetItem", "FindFolder", "MoveItem", "FindItem", "CreateItem", "SendItem")

    def rewrite(whole: bytes) -> bytes:
        return re.sub(pattern, replacement, whole.decode(), flags=re.DOTALL).encode()

    fake.store.folders["own:Processed"] = "Processed"
    fake.orders.rewritten = dict.fromkeys(every if name == "*" else (name,), rewrite)
    fake.store.deliver(RAW)
    if name == "FindFolder":
        fake.orders.codes["folder"] = "ErrorFolderExists"
        fake.orders.rewritten[name] = first_time(rewrite)
    assert only(mailbox).raw == RAW
    use(mailbox)
    assert len(fake.store.in_folder("own:Processed")) == len(fake.store.given) == 1


def first_time(rewrite: Rewrite) -> Rewrite:
    """Only the first answer is another."""
    left = [rewrite]
    return lambda whole: left.pop()(whole) if left else whole


def test_a_folder_whose_making_is_not_told_is_looked_up(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.orders.rewritten["CreateFolder"] = put(r"<m:Folders>.*?</m:Folders>", "")
    mailbox.file(fake.store.deliver(RAW), "Held")
    assert len(fake.store.in_folder("own:Held")) == 1


def test_a_folder_that_is_made_and_never_shown_is_a_fault_of_the_world(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.orders.rewritten["CreateFolder"] = put(r"<m:Folders>.*?</m:Folders>", "")
    fake.orders.rewritten["FindFolder"] = put(r"<t:Folders>.*?</t:Folders>", "")
    with pytest.raises(MailboxUnreachable, match="does not show the folder"):
        mailbox.file(fake.store.deliver(RAW), "Held")


def test_a_list_without_changes_is_an_empty_one(fake: FakeExchange, mailbox: Exchange) -> None:
    without = put(r"<m:IncludesLastItemInRange>.*?</m:Changes>", "")
    fake.orders.rewritten["SyncFolderItems"] = without
    assert mailbox.list_new("")[0] == ()


def test_a_list_that_says_nothing_of_its_end_is_followed_to_it(fake: FakeExchange, mailbox: Exchange) -> None:
    for number in range(7):
        fake.store.deliver(RAW.replace(b"return", b"return %d" % number))
    fake.orders.rewritten["SyncFolderItems"] = put(r"<m:IncludesLastItemInRange>\w+</m:IncludesLastItemInRange>", "")
    assert len(mailbox.list_new("")[0]) == 7


@pytest.mark.parametrize(
    ("told", "received"),
    [
        ("2014-10-16T08:00:00.123456789Z", datetime(2014, 10, 16, 8, 0, 0, 123456, UTC)),
        ("2014-10-16T08:00:00.1+01:00", datetime(2014, 10, 16, 7, 0, 0, 100000, UTC)),
        ("2014-10-15T20:30:00-11:30", datetime(2014, 10, 16, 8, 0, tzinfo=UTC)),
        ("2014-10-16T08:00:00", datetime(2014, 10, 16, 8, 0, tzinfo=UTC)),
        ("2014-10-15T24:00:00Z", datetime(2014, 10, 15, 23, 59, 59, 999999, UTC)),
        ("yesterday", NOW),
    ],
)
def test_a_time_of_receipt_is_read_however_it_is_written(
    fake: FakeExchange, mailbox: Exchange, told: str, received: datetime
) -> None:
    fake.store.deliver(RAW)
    fake.orders.rewritten["GetItem"] = lambda whole: re.sub(
        rb"(<t:DateTimeReceived>)[^<]*", rb"\g<1>" + told.encode(), whole
    )
    assert only(mailbox).received == received


def test_messages_whose_seconds_have_nine_digits_keep_their_order(fake: FakeExchange, mailbox: Exchange) -> None:
    times = iter(["09.000000001", "07.000000003", "08.000000002"])
    ids = [fake.store.deliver(RAW.replace(b"return", b"return %d" % number)) for number in range(3)]

    def rewrite(whole: bytes) -> bytes:
        return re.sub(rb"\d\dZ</t:DateTimeR", lambda _: f"{next(times)}Z</t:DateTimeR".encode(), whole)

    for item in fake.store.items.values():
        item.received = datetime(2014, 10, 16, 8, tzinfo=UTC)
    fake.orders.rewritten["GetItem"] = rewrite
    assert mailbox.list_new("")[0] == (ids[1], ids[2], ids[0])


@pytest.mark.parametrize("odd", ["&#x3;", "&#0;", "&#xD83D;&#xDE00;", "&#xFFFE;", "&#x110000;", "\x03", "\x1b", "&#9;"])
def test_a_character_that_xml_does_not_know_holds_nothing_up(fake: FakeExchange, mailbox: Exchange, odd: str) -> None:
    fake.store.deliver(RAW, refuses={"item:MimeContent": "ErrorMimeContentConversionFailed"}, body=("Text", "Dear all"))
    fake.orders.rewritten["GetItem"] = lambda whole: whole.replace(b"Dear all", b"Dear " + odd.encode() + b" all")
    raw = only(mailbox).raw
    assert b64encode(b"Dear ")[:6] in raw


def test_bytes_that_are_no_text_hold_nothing_up(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.store.deliver(RAW, refuses={"item:MimeContent": "ErrorMimeContentConversionFailed"})
    fake.orders.rewritten["GetItem"] = lambda whole: whole.replace(b"Dear all", b"Dear \xff all")
    assert only(mailbox).whole


# How long to wait ---------------------------------------------------------------------------------

_BUSY = (
    '<m:SyncFolderItemsResponseMessage ResponseClass="Error"><m:ResponseCode>{code}</m:ResponseCode><m:MessageXml>'
    '<t:Value Name="Other">5</t:Value><t:Value Name="BackOffMilliseconds">297749</t:Value></m:MessageXml>'
    "</m:SyncFolderItemsResponseMessage>"
)
_FAULT = f"""
<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><soap:Fault><faultcode>a</faultcode><faultstring>busy</faultstring>
<detail xmlns:t="{T}" xmlns:e="{E}"><e:ResponseCode>ErrorServerBusy</e:ResponseCode><t:MessageXml>
<t:Value Name="Other">5</t:Value><t:Value Name="BackOffMilliseconds">297749</t:Value>
</t:MessageXml></detail></soap:Fault></soap:Body></soap:Envelope>"""


def waits(mailbox: Exchange) -> timedelta | None:
    """How long a list that is refused asks to wait."""
    with pytest.raises(WorldFault) as fault:
        mailbox.list_new("")
    return fault.value.wait


@pytest.mark.parametrize("code", ["ErrorServerBusy", "ErrorTimeoutExpired"])
def test_how_long_to_wait_is_kept_from_a_refusal(fake: FakeExchange, mailbox: Exchange, code: str) -> None:
    busy = _BUSY.format(code=code)
    fake.orders.rewritten["SyncFolderItems"] = put(
        r"<m:SyncFolderItemsResponseMessage.*</m:SyncFolderItemsResponseMessage>", busy
    )
    assert waits(mailbox) == timedelta(milliseconds=297749)


def test_how_long_to_wait_is_kept_from_a_fault_whatever_its_prefixes(fake: FakeExchange, mailbox: Exchange) -> None:
    fake.orders.rewritten["SyncFolderItems"] = lambda _: _FAULT.encode()
    assert waits(mailbox) == timedelta(milliseconds=297749)


@pytest.mark.parametrize(("said", "wait"), [("30", timedelta(seconds=30)), ("soon", None)])
def test_how_long_to_wait_is_kept_from_the_gate_before_it(
    fake: FakeExchange, mailbox: Exchange, said: str, wait: timedelta | None
) -> None:
    fake.orders.http["SyncFolderItems"] = (503, {"Retry-After": said})
    assert waits(mailbox) == wait
