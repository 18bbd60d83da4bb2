"""The contract on servers of other makes: Cyrus with Exim, and Courier with OpenSMTPD."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mailboxes.mailbox_contract import RECIPIENT, MailboxContract
from tests.mailboxes.servers import OFFICE, ServersApart, running_apart
from tests.mailboxes.servers.pairs import COURIER_OPENSMTPD, CYRUS_EXIM
from tests.mailboxes.test_internet import mailbox


class OnPair:
    """The office's mailbox on a pair, and the people who use it with mail programs of their own."""

    def __init__(self, servers: ServersApart) -> None:
        self.servers = servers
        self.mailbox = mailbox(servers)

    def delivers(self, raw: bytes, number: int = 1) -> None:
        self.servers.deliver(raw, OFFICE, sender="a@b.example")

    def removes_everything(self) -> None:
        with self.servers.colleague() as imap:
            imap.store("1:*", "+FLAGS", "\\Deleted")
            imap.expunge()

    def moves_everything_away(self) -> None:
        with self.servers.colleague() as imap:
            imap.create("INBOX.Elsewhere")
            imap.copy("1:*", "INBOX.Elsewhere")
        self.removes_everything()

    def moves_in(self, raw: bytes) -> None:
        with self.servers.colleague() as imap:
            imap.create("INBOX.Archive")
            imap.append("INBOX.Archive", "", "", raw)
            imap.select("INBOX.Archive")
            imap.copy("1", "INBOX")

    def reads_everything(self) -> None:
        with self.servers.colleague() as imap:
            imap.store("1:*", "+FLAGS", "\\Seen")

    def renumbers(self) -> None:
        self.servers.rebuild()

    def goes_down(self) -> None:
        self.servers.stop()

    def comes_back(self) -> None:
        self.servers.start()

    def was_given(self) -> list[bytes]:
        self.servers.settled()
        return self.servers.everything_of(RECIPIENT)


@pytest.fixture(scope="module")
def cyrus() -> Iterator[ServersApart]:
    with running_apart(CYRUS_EXIM) as started:
        yield started


@pytest.fixture(scope="module")
def courier() -> Iterator[ServersApart]:
    with running_apart(COURIER_OPENSMTPD) as started:
        yield started


def opened(servers: ServersApart) -> Iterator[OnPair]:
    """The pair with an empty mailbox."""
    servers.forget()
    made = OnPair(servers)
    yield made
    made.mailbox.close()


class TestCyrusAndExim(MailboxContract):
    """The contract, on Cyrus and Exim."""

    @pytest.fixture
    def post(self, cyrus: ServersApart) -> Iterator[OnPair]:
        yield from opened(cyrus)


class TestCourierAndOpenSmtpd(MailboxContract):
    """The contract, on Courier and OpenSMTPD."""

    @pytest.fixture
    def post(self, courier: ServersApart) -> Iterator[OnPair]:
        yield from opened(courier)
