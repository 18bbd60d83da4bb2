"""Answers of Microsoft 365 that are not whole, and those that are whole in another shape."""

from __future__ import annotations

import contextlib
import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from csp_workflow.mailboxes.graph import Graph
from csp_workflow.mailboxes.mailbox import Proof
from csp_workflow.terms.service import MailboxUnreachable, WorldFault
from tests.mailboxes.graph.acts import SOURCE, arrives
from tests.mailboxes.graph.conftest import Opener
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.graph.fake_mailbox import INBOX
from tests.mailboxes.mailbox_contract import ID, LETTER, NOW, RAW, RECIPIENT

Rewrite = Callable[[bytes], bytes]
LIST, ABOUT, VALUE, LOOK_UP = r"/delta\?", r"/messages/AAk[^/?]+\?", r"/\$value$", r"/messages\?"


def cut(missing: int) -> Rewrite:
    """An answer of which so many bytes at the end do not come, and nothing says so."""
    return lambda whole: whole[:-missing]


def put(**values: Any) -> Rewrite:
    """A JSON answer in which some properties are others; None leaves one out."""

    def rewrite(whole: bytes) -> bytes:
        said = {**json.loads(whole), **{name.replace("odata_", "@odata."): value for name, value in values.items()}}
        return json.dumps({name: value for name, value in said.items() if value is not ...}).encode()

    return rewrite


def take(mailbox: Graph) -> tuple[int, int]:
    """How many messages are listed, and how many are taken as they are."""
    listed, taken = 0, 0
    with contextlib.suppress(MailboxUnreachable):
        sources, _ = mailbox.list_new("")
        listed = len(sources)
        for source in sources:
            raw = mailbox.get(source, NOW).raw
            assert raw == RAW, "a part is taken for the whole"
            taken += 1
    return listed, taken


# Not whole ----------------------------------------------------------------------------------------


def check_cuts(fake: FakeGraph, mailbox: Graph, step: int) -> None:
    """Cut answers lose no message and send no letter twice."""
    arrives(fake)
    said: dict[str, int] = {}
    for path in (LIST, ABOUT, LOOK_UP):
        fake.rewritten = {path: lambda whole, path=path: said.update({path: len(whole)}) or whole}  # type: ignore[misc]
        assert take(mailbox) == (1, 1)
        mailbox.find_sent(ID)
    for missing in range(1, said[LIST] + 1, step):
        fake.rewritten = {LIST: cut(missing)}
        assert take(mailbox) == (0, 0)
    for missing in range(1, said[ABOUT] + 1, step):
        fake.rewritten = {ABOUT: cut(missing)}
        assert take(mailbox) == (1, 0)
    for missing in range(1, said[LOOK_UP] + 1, step):
        fake.rewritten = {LOOK_UP: cut(missing)}
        for ask in (lambda: mailbox.find_sent(ID), lambda: mailbox.send(LETTER, RECIPIENT, ID)):
            with pytest.raises(MailboxUnreachable):
                ask()
    fake.rewritten = {}
    assert take(mailbox) == (1, 1)
    assert fake.mailbox.given == []


def test_a_cut_answer_costs_a_beat_and_neither_a_message_nor_a_second_letter(fake: FakeGraph, mailbox: Graph) -> None:
    check_cuts(fake, mailbox, step=41)


@pytest.mark.sweep
def test_at_every_byte_a_cut_answer_costs_a_beat(fake: FakeGraph, mailbox: Graph) -> None:
    check_cuts(fake, mailbox, step=1)


OTHERS: dict[str, bytes] = {
    "an empty answer": b"",
    "a page for signing in": b"<!DOCTYPE html><html><body>Sign in: https://login.example</body></html>",
    "another kind of JSON": b"[]",
    "nothing": b"null",
    "an error without its status": b'{"error": {"code": "x"}}',
    "a list that is none": b'{"value": null, "@odata.deltaLink": null}',
    "entries that are none": b'{"value": [1]}',
    "entries without an id": b'{"value": [{"receivedDateTime": "2014-10-16T08:00:00Z"}]}',
    "nesting without end": b'{"a":' + b"[" * 9_000,
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize(
    ("path", "ask"),
    [
        (LIST, lambda box: box.list_new("")),
        (VALUE, lambda box: box.get(SOURCE, NOW)),
        (LOOK_UP, lambda box: box.find_sent(ID)),
        (LOOK_UP, lambda box: box.send(LETTER, RECIPIENT, ID)),
    ],
)
def test_something_else_with_status_200_is_no_answer(
    fake: FakeGraph, mailbox: Graph, path: str, ask: Callable[[Graph], object], other: str
) -> None:
    arrives(fake)
    fake.rewritten = {path: lambda _: OTHERS[other]}
    with pytest.raises(MailboxUnreachable):
        ask(mailbox)
    fake.rewritten = {}
    assert take(mailbox) == (1, 1)
    assert fake.mailbox.given == []


@pytest.mark.parametrize("links", [{}, {"odata_nextLink": None, "odata_deltaLink": None}, {"odata_deltaLink": ""}])
def test_a_list_that_leads_nowhere_is_broken_off(fake: FakeGraph, mailbox: Graph, links: dict[str, Any]) -> None:
    arrives(fake)
    without: dict[str, Any] = {"odata_nextLink": ..., "odata_deltaLink": ...}
    fake.rewritten = {LIST: put(**{**without, **links})}
    with pytest.raises(MailboxUnreachable, match="broke off"):
        mailbox.list_new("")


def test_a_link_that_is_null_is_none(fake: FakeGraph, mailbox: Graph) -> None:
    arrives(fake)
    fake.rewritten = {LIST: put(odata_nextLink=None), LOOK_UP: put(odata_nextLink=None)}
    assert take(mailbox) == (1, 1)
    mailbox.find_sent(ID)


def test_a_part_of_an_answer_that_says_so_is_no_answer(fake: FakeGraph, mailbox: Graph) -> None:
    arrives(fake)
    fake.refuses("GET", r"/\$value", 206)
    with pytest.raises(MailboxUnreachable, match="a part"):
        mailbox.get(SOURCE, NOW)


@pytest.mark.parametrize("headers", [{"Content-Length": "100000"}, {"Transfer-Encoding": "chunked"}])
def test_an_answer_that_ends_before_its_length_is_no_answer(
    fake: FakeGraph, opened: Opener, headers: dict[str, str]
) -> None:
    arrives(fake)
    mailbox = opened(seconds=0.5)
    mailbox.list_new("")
    fake.more_headers = headers
    with pytest.raises(MailboxUnreachable):
        mailbox.get(SOURCE, NOW)


def test_a_message_without_a_length_may_be_a_part_of_one(fake: FakeGraph, mailbox: Graph) -> None:
    arrives(fake)
    mailbox.list_new("")
    fake.more_headers = {"Content-Length": None, "Connection": "close"}
    with pytest.raises(MailboxUnreachable, match="whole message"):
        mailbox.get(SOURCE, NOW)


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
@pytest.mark.parametrize("missing", [0, 1, 9, 30])
def test_what_was_packed_on_the_way_is_taken_when_it_is_whole(
    fake: FakeGraph, mailbox: Graph, coding: str, pack: Rewrite, missing: int
) -> None:
    arrives(fake)
    mailbox.list_new("")
    fake.more_headers = {"Content-Encoding": coding}
    fake.rewritten = {VALUE: lambda whole: pack(whole)[: -missing or None], ABOUT: pack}
    if not missing:
        assert mailbox.get(SOURCE, NOW).raw == RAW
        return
    with pytest.raises(MailboxUnreachable):
        mailbox.get(SOURCE, NOW)


# Whole, in another shape --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "received"),
    [
        ("2014-10-16T08:00:00.1234567Z", datetime(2014, 10, 16, 8, 0, 0, 123456, UTC)),
        ("2014-10-16T08:00:00.123456789+01:00", datetime(2014, 10, 16, 7, 0, 0, 123456, UTC)),
        (None, NOW),
    ],
)
def test_a_time_of_receipt_is_read_however_it_is_written(
    fake: FakeGraph, mailbox: Graph, told: str | None, received: datetime
) -> None:
    arrives(fake)
    fake.rewritten = {ABOUT: put(receivedDateTime=told, news={"a": 1})}
    assert mailbox.get(SOURCE, NOW).received == received


def test_times_with_other_digits_and_zones_keep_their_order(fake: FakeGraph, mailbox: Graph) -> None:
    for number in (1, 2, 3):
        arrives(fake, number=number)
    times = {"1=": "2014-10-16T10:00:00.5Z", "2=": "2014-10-16T10:00:00Z", "3=": "2014-10-16T09:59:59.999-01:00"}

    def rewrite(whole: bytes) -> bytes:
        said = json.loads(whole)
        for entry in said["value"]:
            entry["receivedDateTime"] = times[entry["id"][-2:]]
        return json.dumps(said).encode()

    fake.rewritten = {LIST: rewrite}
    assert [source[-2:] for source in mailbox.list_new("")[0]] == ["2=", "1=", "3="]


def test_a_folder_whose_making_is_not_told_is_looked_up(fake: FakeGraph, mailbox: Graph) -> None:
    item = arrives(fake)
    fake.rewritten = {r"/mailFolders$": lambda _: b""}
    mailbox.file(SOURCE, "Held")
    assert fake.mailbox.folders[item.folder] == "Held"


def test_a_folder_that_cannot_be_made_is_a_fault_of_the_world(fake: FakeGraph, mailbox: Graph) -> None:
    item = arrives(fake)
    fake.refuses("POST", "/mailFolders", 403, "ErrorAccessDenied")
    with pytest.raises(MailboxUnreachable, match="right"):
        mailbox.file(SOURCE, "Held")
    assert item.folder == INBOX


# How long to wait ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("300", timedelta(minutes=5)),
        ("Wed, 01 Oct 2064 00:00:00 GMT", ...),
        ("9" * 40, timedelta(seconds=999_999_999)),
        ("soon", None),
    ],
)
def test_how_long_to_wait_is_kept(fake: FakeGraph, mailbox: Graph, said: str, wait: Any) -> None:
    arrives(fake)
    fake.refuses("GET", "/delta", 429, times=100, Retry_After=said)
    with pytest.raises(WorldFault) as fault:
        mailbox.list_new("")
    if wait is ...:
        assert fault.value.wait is not None
        assert fault.value.wait > timedelta(days=365)
    else:
        assert fault.value.wait == wait


def test_a_letter_is_sent_when_all_is_whole(fake: FakeGraph, mailbox: Graph) -> None:
    assert isinstance(mailbox.send(LETTER, RECIPIENT, ID), Proof)
