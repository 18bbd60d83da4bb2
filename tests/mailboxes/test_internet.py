"""The contract on real servers: Dovecot's IMAP and Postfix's SMTP, with TLS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from csp_workflow.mailboxes.internet import Internet
from csp_workflow.terms.service import InternetMailbox, Login, MailServer, ProofBy, Secrets, Tls
from tests.mailboxes.mailbox_contract import LIMIT, RECIPIENT, MailboxContract
from tests.mailboxes.restore_drill import ROOM, RestoreDrill
from tests.mailboxes.servers import OFFICE, Servers, ServersApart

pytestmark = pytest.mark.needs_mailservers


def settings(servers: Servers | ServersApart, **changes: object) -> InternetMailbox:
    """How the office's mailbox on these servers is reached."""
    made = InternetMailbox(
        user=servers.user,
        login=Login.PASSWORD,
        imap=MailServer(host="127.0.0.1", port=servers.ports.imap, tls=Tls.AT_ONCE),
        smtp=MailServer(host="127.0.0.1", port=servers.ports.smtp, tls=Tls.STARTTLS),
        proof=ProofBy.OWN_COPY,
        own_copy="csp-returns+sent@opcc.example",
        sent_folder="Sent",
        ca_file=str(servers.ca_file),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def mailbox(
    servers: Servers | ServersApart, *, limit: int = LIMIT, password: str = Servers.password, **changes: object
) -> Internet:
    """The adapter on these servers."""
    secrets = Secrets(password=password)
    return Internet(settings(servers, **changes), secrets, address=OFFICE, limit=limit, seconds=10.0)


class OnServers:
    """The office's mailbox on real servers, and the people who use it beside the service."""

    def __init__(self, servers: Servers, *, limit: int = LIMIT) -> None:
        self.servers = servers
        self.mailbox = mailbox(servers, limit=limit)

    def delivers(self, raw: bytes, number: int = 1) -> None:
        self.servers.deliver(raw, OFFICE, sender="a@b.example")

    def removes_everything(self) -> None:
        for path in self.servers.files_of(OFFICE):
            path.unlink()

    def moves_everything_away(self) -> None:
        self.servers.doveadm("mailbox", "create", "-u", OFFICE, "Elsewhere")
        self.servers.doveadm("move", "-u", OFFICE, "Elsewhere", "mailbox", "INBOX", "all")

    def moves_in(self, raw: bytes) -> None:
        self.servers.deliver(raw, "archive@opcc.example", sender="a@b.example")
        self.servers.doveadm(
            "import", "-u", OFFICE, f"maildir:{self.servers.maildir('archive@opcc.example')}", "", "all"
        )

    def reads_everything(self) -> None:
        self.servers.doveadm("flags", "add", "-u", OFFICE, "\\Seen", "mailbox", "INBOX", "all")

    def renumbers(self) -> None:
        """The mailbox's index is lost; Dovecot numbers everything anew."""
        self.servers.doveadm("kick", OFFICE)
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot-uidvalidity"):
            for path in self.servers.maildir(OFFICE).glob(f"{name}*"):
                path.unlink()
        self.servers.doveadm("mailbox", "update", "-u", OFFICE, "--uid-validity", "77", "INBOX")

    def goes_down(self) -> None:
        self.servers.stop_dovecot()
        self.servers.postfix("stop")

    def comes_back(self) -> None:
        self.servers.start_dovecot()
        self.servers.postfix("start")

    def sends_drafts(self) -> None:
        self.servers.doveadm("move", "-u", OFFICE, "Sent", "mailbox", "Entwuerfe", "all")

    def was_given(self) -> list[bytes]:
        self.servers.settled()
        return self.servers.everything_of(RECIPIENT)


@pytest.fixture
def post(servers: Servers) -> Iterator[OnServers]:
    made = OnServers(servers)
    yield made
    made.mailbox.close()


class TestInternet(MailboxContract):
    """The contract, on Dovecot and Postfix."""


class TestRestored(RestoreDrill):
    """The drill, on Dovecot and Postfix."""

    @pytest.fixture
    def post(self, servers: Servers) -> Iterator[OnServers]:
        made = OnServers(servers, limit=ROOM)
        yield made
        made.mailbox.close()
