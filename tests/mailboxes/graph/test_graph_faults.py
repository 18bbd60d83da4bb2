"""Faults of Microsoft 365 and of the way there, while receiving."""

from __future__ import annotations

import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from csp_workflow.terms.service import MailboxUnreachable
from tests.mailboxes.graph.acts import SOURCE, arrives, use
from tests.mailboxes.graph.conftest import Opener, VirtualTime
from tests.mailboxes.graph.fake_directory import SECRET
from tests.mailboxes.graph.fake_graph import FakeGraph
from tests.mailboxes.graph.fake_mailbox import BEGINNING, INBOX
from tests.mailboxes.graph.fake_server import ADDRESS

BUSY = (429, 503, 504)


@pytest.mark.parametrize("status", BUSY)
def test_a_busy_server_is_waited_for_as_long_as_it_says(
    fake: FakeGraph, opened: Opener, virtual: VirtualTime, status: int
) -> None:
    arrives(fake)
    fake.refuses("GET", "/delta", status, Retry_After="7")
    assert opened().list_new("")[0] == (SOURCE,)
    assert virtual.waited == [7.0]


@pytest.mark.parametrize("said", [{}, {"Retry_After": "soon"}])
def test_a_busy_server_that_does_not_say_how_long_is_asked_less_and_less_often(
    fake: FakeGraph, opened: Opener, virtual: VirtualTime, said: dict[str, str]
) -> None:
    arrives(fake)
    fake.refuses("GET", "/delta", 429, "ApplicationThrottled", times=3, **said)
    assert opened().list_new("")[0] == (SOURCE,)
    assert virtual.waited == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("status", BUSY)
def test_nobody_waits_longer_than_the_verb_may_take(
    fake: FakeGraph, opened: Opener, virtual: VirtualTime, status: int
) -> None:
    fake.refuses("GET", "/delta", status, Retry_After="61")
    with pytest.raises(MailboxUnreachable):
        opened().list_new("")
    assert virtual.waited == []
    fake.refuses("GET", "/delta", status, times=99)
    with pytest.raises(MailboxUnreachable):
        opened().list_new("")
    assert 30 < sum(virtual.waited) < 60


def test_a_token_that_has_run_out_is_renewed_once(fake: FakeGraph, opened: Opener) -> None:
    arrives(fake)
    mailbox = opened()
    mailbox.list_new("")
    fake.directory.ends_all_tokens()
    assert mailbox.list_new("")[0] == (SOURCE,)
    assert len(fake.directory.asked) == 2


def test_a_token_that_is_never_accepted_is_renewed_only_once(fake: FakeGraph, opened: Opener) -> None:
    fake.refuses("GET", "/delta", 401, "InvalidAuthenticationToken", times=99)
    with pytest.raises(MailboxUnreachable, match="does not accept the service's sign-in"):
        opened().list_new("")
    assert fake.count("GET", "/delta") == 2


@pytest.mark.parametrize("status", [403, 409, 500, 502, 507])
@pytest.mark.parametrize("path", ["/delta", "/move", "/mailFolders", "/AAkALgAA-0-000001%3D"])
def test_other_errors_are_passing_and_say_nothing_of_anybody(
    fake: FakeGraph, opened: Opener, status: int, path: str
) -> None:
    arrives(fake)
    for method in ("GET", "POST"):
        fake.refuses(method, path, status, "ErrorAccessDenied")
    with pytest.raises(MailboxUnreachable) as fault:
        use(opened())
    assert fault.value.passing
    assert f"{status} ErrorAccessDenied" in str(fault.value)
    assert ADDRESS not in str(fault.value)
    assert SECRET not in str(fault.value)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("path", ["/delta", r"/\$value", "/move"])
def test_a_connection_that_breaks_off_is_built_anew_next_time(
    fake: FakeGraph, opened: Opener, path: str, after: bool
) -> None:
    arrives(fake)
    mailbox = opened()
    for method in ("GET", "POST"):
        fake.drops(method, path, after=after)
    with pytest.raises(MailboxUnreachable):
        use(mailbox)
    use(mailbox)
    assert fake.mailbox.in_folder(INBOX) == []


@pytest.mark.parametrize("path", ["/delta", "/openid-configuration"])
def test_a_server_that_drips_its_answer_is_left(fake: FakeGraph, opened: Opener, path: str) -> None:
    fake.drips("GET", path)
    with pytest.raises(MailboxUnreachable, match="did not answer in time"):
        opened(seconds=0.4, clock=time.monotonic).list_new("")


def test_a_server_that_says_nothing_is_left(opened: Opener) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = f"https://127.0.0.1:{silent.getsockname()[1]}"
        mailbox = opened(settings={"authority": there, "endpoint": there}, seconds=0.3, clock=time.monotonic)
        with pytest.raises(MailboxUnreachable, match="did not answer in time"):
            mailbox.list_new("")


def test_a_server_that_cannot_prove_who_it_is_is_told_nothing(fake: FakeGraph, opened: Opener) -> None:
    with pytest.raises(MailboxUnreachable, match="certificate of an authority that this machine does not know"):
        opened(settings={"ca_file": ""}).list_new("")
    assert fake.asked == []


def test_a_file_of_certificates_that_is_none_is_told(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "words.pem").write_text("no certificates")
    for name in ("words.pem", "missing.pem"):
        mailbox = opened(settings={"ca_file": str(tmp_path / name)})
        with pytest.raises(MailboxUnreachable, match=r"graph\.ca_file"):
            mailbox.list_new("")
        assert "graph.ca_file" in next(mailbox.examine(BEGINNING)).problem


def test_certificates_that_were_renewed_count_without_a_new_start(
    fake: FakeGraph, opened: Opener, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.pem"
    trustme.CA().cert_pem.write_to_path(str(theirs))
    mailbox = opened(settings={"ca_file": str(theirs)})
    with pytest.raises(MailboxUnreachable, match="certificate"):
        mailbox.list_new("")
    theirs.write_bytes(fake.ca_file.read_bytes())
    assert mailbox.list_new("")[0] == ()


def test_a_server_that_is_not_there_is_a_passing_fault(fake: FakeGraph, opened: Opener) -> None:
    mailbox = opened(settings={"endpoint": "https://localhost:1/v1.0", "authority": "https://localhost:1"})
    with pytest.raises(MailboxUnreachable, match="does not take the connection"):
        mailbox.list_new("")


def test_the_servers_time_is_known_from_each_answer(fake: FakeGraph, opened: Opener) -> None:
    mailbox = opened()
    assert mailbox.server_time is None
    mailbox.list_new("")
    assert mailbox.server_time == BEGINNING
    fake.mailbox.passes(90)
    mailbox.list_new("")
    assert mailbox.server_time == BEGINNING + timedelta(seconds=90)
