"""The contract on servers of other makes: Cyrus with Exim, and Courier with OpenSMTPD."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator

import pytest

from csp_workflow.mailboxes.mailbox import Check
from tests.mailboxes.mailbox_contract import NOW, RAW, RECIPIENT, MailboxContract
from tests.mailboxes.servers import OFFICE, ServersApart, running_apart
from tests.mailboxes.servers.pairs import COURIER_OPENSMTPD, CYRUS_EXIM
from tests.mailboxes.test_internet import mailbox

pytestmark = pytest.mark.needs_other_mailservers

BOX = "user.csp-returns"
"""The office's mailbox, as whoever runs Cyrus calls it."""


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

    def sends_drafts(self) -> None:
        with self.servers.colleague() as imap:
            imap.create("INBOX.Sent")
            imap.select("INBOX.Drafts")
            imap.copy("1:*", "INBOX.Sent")
            imap.store("1:*", "+FLAGS", "\\Deleted")
            imap.expunge()

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


@pytest.fixture
def made_well(cyrus: ServersApart) -> Iterator[imaplib.IMAP4]:
    """Whoever runs Cyrus; at the end the office has its rights and all the room it wants."""
    cyrus.forget()
    with cyrus.colleague("cyrus") as administrator:
        yield administrator
        administrator.setacl(BOX, cyrus.user, "lrswipkxtecda")
        administrator.setquota(BOX, "()")


def examined(servers: ServersApart) -> dict[str, Check]:
    """What `doctor` finds, by what it looks at."""
    box = mailbox(servers)
    found = {check.what: check for check in box.examine(NOW)}
    box.close()
    return found


@pytest.mark.parametrize("name", ["cyrus", "courier"])
def test_examined_and_all_is_well_and_told(name: str, request: pytest.FixtureRequest) -> None:
    servers = request.getfixturevalue(name)
    servers.forget()
    found = examined(servers)
    assert {check.state for check in found.values()} == {"well"}, found


def test_examined_without_the_right_to_delete(cyrus: ServersApart, made_well: imaplib.IMAP4) -> None:
    examined(cyrus)
    made_well.setacl(BOX, cyrus.user, "lrswipkxa")
    found = examined(cyrus)
    assert found["rights in the inbox"].problem == "In INBOX the user may not delete and not move messages."


def test_examined_without_the_right_to_put_anything_into_the_folders(
    cyrus: ServersApart, made_well: imaplib.IMAP4
) -> None:
    made_well.setacl(BOX, cyrus.user, "lrs")
    said = examined(cyrus)["the folders Processed, Held, Quarantine"]
    assert said.problem == "In Processed the user may not put messages."


def test_examined_while_it_is_full(cyrus: ServersApart, made_well: imaplib.IMAP4) -> None:
    with cyrus.colleague() as imap:
        imap.append("INBOX", "", "", RAW + b"A line of a large return.\r\n" * 80)
    made_well.setquota(BOX, "(STORAGE 1)")
    said = examined(cyrus)["room in the mailbox"]
    assert said.problem.startswith("The mailbox is full: ")
    assert "Make room" in said.remedy


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
