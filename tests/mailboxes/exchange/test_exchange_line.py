"""The line to Exchange: its login, its encryption, its time limit, and what a broken one means."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
import requests
import trustme
from exchangelib.protocol import BaseProtocol, CachingProtocol

from csp_workflow.terms.service import MailboxUnreachable
from tests.mailboxes.exchange.conftest import Opener, use
from tests.mailboxes.exchange.server import FakeExchange
from tests.mailboxes.mailbox_contract import RAW

# Encryption ---------------------------------------------------------------------------------------


def test_a_strangers_certificate_is_refused_and_it_is_told_nothing(fake: FakeExchange, opened: Opener) -> None:
    with pytest.raises(MailboxUnreachable, match="certificate of an authority that this machine does not know"):
        opened(ca_file="").list_new("")
    assert fake.requests == []


def test_a_certificate_for_another_name_is_refused(fake: FakeExchange, opened: Opener) -> None:
    elsewhere = fake.endpoint.replace("127.0.0.1", "localhost")
    with pytest.raises(MailboxUnreachable, match="certificate that is for another name"):
        opened(endpoint=elsewhere).list_new("")


def test_the_environment_cannot_turn_the_check_off(
    fake: FakeExchange, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(fake.ca_file))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(MailboxUnreachable, match="certificate"):
        opened(ca_file="").list_new("")
    assert opened().list_new("")[0] == ()


def test_authorities_that_only_the_library_brings_are_not_trusted(
    fake: FakeExchange, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(fake.ca_file))
    with pytest.raises(MailboxUnreachable, match="certificate"):
        opened(ca_file="").list_new("")


def test_a_file_of_certificates_that_is_none_is_told(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "missing.pem"):
        with pytest.raises(MailboxUnreachable, match=r"exchange\.ca_file"):
            opened(ca_file=str(tmp_path / name)).list_new("")


def test_certificates_that_were_renewed_count_without_a_new_start(
    fake: FakeExchange, opened: Opener, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.pem"
    trustme.CA().cert_pem.write_to_path(theirs)
    box = opened(ca_file=str(theirs))
    with pytest.raises(MailboxUnreachable, match="certificate"):
        box.list_new("")
    theirs.write_bytes(fake.ca_file.read_bytes())
    assert box.list_new("")[0] == ()


def test_nothing_goes_unencrypted(opened: Opener, fake: FakeExchange) -> None:
    with pytest.raises(MailboxUnreachable):
        opened(endpoint=fake.endpoint.replace("https", "http")).list_new("")
    assert fake.requests == []


def test_mailboxes_share_nothing_and_leave_nothing_behind_in_the_library(fake: FakeExchange, opened: Opener) -> None:
    before = (BaseProtocol.TIMEOUT, BaseProtocol.HTTP_ADAPTER_CLS, dict(CachingProtocol._protocol_cache))
    first, second = opened(seconds=3.0), opened(ca_file="")
    first.list_new("")
    with pytest.raises(MailboxUnreachable):
        second.list_new("")
    first.list_new("")
    assert (BaseProtocol.TIMEOUT, BaseProtocol.HTTP_ADAPTER_CLS, dict(CachingProtocol._protocol_cache)) == before
    assert BaseProtocol.HTTP_ADAPTER_CLS is requests.adapters.HTTPAdapter


# Time ---------------------------------------------------------------------------------------------


def test_a_server_that_drips_is_given_up_in_time(fake: FakeExchange, opened: Opener) -> None:
    fake.orders.drip = 0.02
    threads, begun = threading.active_count(), time.monotonic()
    with pytest.raises(MailboxUnreachable, match="did not answer in time"):
        opened(seconds=0.4).list_new("")
    assert time.monotonic() - begun < 5.0
    assert threading.active_count() <= threads + 1, "nobody is left waiting but the fake's own thread"


def test_the_time_is_for_a_whole_verb_however_many_requests_it_makes(fake: FakeExchange, opened: Opener) -> None:
    for number in range(30):
        fake.store.deliver(RAW.replace(b"return", b"return %d" % number))
    fake.orders.slow["SyncFolderItems"] = 0.15
    with pytest.raises(MailboxUnreachable, match="did not answer in time"):
        opened(seconds=0.5).list_new("")
    assert fake.asked["SyncFolderItems"] < 10


def test_a_server_that_says_nothing_is_left(opened: Opener) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = f"https://127.0.0.1:{silent.getsockname()[1]}/EWS/Exchange.asmx"
        with pytest.raises(MailboxUnreachable, match="did not answer in time"):
            opened(endpoint=there, seconds=0.3).list_new("")


def test_the_servers_time_is_known_from_each_answer(fake: FakeExchange, opened: Opener) -> None:
    box = opened()
    assert box.server_time is None
    box.list_new("")
    first = box.server_time
    assert first is not None
    fake.orders.hours_ahead = 2
    fake.orders.http["*"] = (503, {})
    with pytest.raises(MailboxUnreachable):
        box.list_new("")
    assert box.server_time is not None
    assert box.server_time.hour != first.hour
    box.close()
    assert box.server_time is not None


# Faults -------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_a_passing_fault(opened: Opener) -> None:
    with pytest.raises(MailboxUnreachable, match="does not take the connection") as fault:
        opened(endpoint="https://127.0.0.1:1/EWS/Exchange.asmx").list_new("")
    assert fault.value.passing


def test_a_name_that_is_nobodys_is_told(opened: Opener) -> None:
    with pytest.raises(MailboxUnreachable, match="cannot be found by its name"):
        opened(endpoint="https://mail.invalid/EWS/Exchange.asmx").list_new("")


def test_a_server_that_ends_idle_connections_is_no_trouble(fake: FakeExchange, opened: Opener) -> None:
    fake.orders.hangs_up_after = "SyncFolderItems"
    box = opened()
    for _ in range(2):
        box.list_new("")
        time.sleep(0.05)
    fake.orders.hangs_up_after = ""
    use(box)
    assert len(fake.store.given) == 1


def test_a_server_that_was_started_anew_is_worked_with_again(fake: FakeExchange, opened: Opener) -> None:
    fake.orders.hangs_up_after = "SyncFolderItems"
    box = opened()
    box.list_new("")
    fake.stop()
    with pytest.raises(MailboxUnreachable):
        box.list_new("")
    fake.orders.hangs_up_after = ""
    fake.start()
    use(box)
    assert len(fake.store.given) == 1


@pytest.mark.parametrize("operation", ["SyncFolderItems", "GetItem", "MoveItem", "FindFolder", "CreateFolder"])
@pytest.mark.parametrize("way", ["before", "after"])
def test_a_connection_that_breaks_off_is_built_anew_next_time(
    fake: FakeExchange, opened: Opener, operation: str, way: str
) -> None:
    fake.store.deliver(RAW)
    box = opened()
    fake.orders.cut[operation] = way
    with pytest.raises(MailboxUnreachable):
        use(box)
    assert fake.asked[operation] == 1
    fake.orders.cut.clear()
    use(box)
    assert fake.store.in_folder("inbox") == []


@pytest.mark.parametrize("page", [b"<html><body>Please sign in</body></html>", b"", b"<s:Envelope", b"\xff\xfe\x00"])
def test_an_answer_that_is_none_is_a_passing_fault(fake: FakeExchange, opened: Opener, page: bytes) -> None:
    fake.orders.pages["SyncFolderItems"] = page
    with pytest.raises(MailboxUnreachable, match="answers what it should not"):
        opened().list_new("")


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_a_status_is_told_in_words_and_asked_for_once(fake: FakeExchange, opened: Opener, status: int) -> None:
    fake.orders.http["*"] = (status, {"Location": "https://elsewhere.example/", "Retry-After": "1"})
    with pytest.raises(MailboxUnreachable) as fault:
        opened().list_new("")
    assert sum(fake.asked.values()) == 1
    assert str(fault.value).startswith("The Exchange server ")
    assert "elsewhere" not in str(fault.value)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ErrorServerBusy", "is busy"),
        ("ErrorMailboxStoreUnavailable", "is busy"),
        ("ErrorInternalServerError", r"an error \(ErrorInternalServerError\)"),
        ("ErrorInvalidServerVersion", r"exchange\.version"),
        ("ErrorNonExistentMailbox", "knows no mailbox"),
        ("ErrorImpersonationDenied", "does not let this account into the mailbox"),
        ("ErrorNobodyKnowsThis", "answers what it should not"),
    ],
)
def test_a_fault_of_the_whole_request_is_told_in_words_and_asked_for_once(
    fake: FakeExchange, opened: Opener, code: str, said: str
) -> None:
    fake.orders.faults["SyncFolderItems"] = code
    with pytest.raises(MailboxUnreachable, match=said):
        opened().list_new("")
    assert fake.asked["SyncFolderItems"] == 1
