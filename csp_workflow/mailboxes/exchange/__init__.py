"""A mailbox on Exchange: listed by sync, read as raw MIME, letters leave as drafts that are then sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from exchangelib import Folder, errors

from csp_workflow.mailboxes.exchange import sending
from csp_workflow.mailboxes.exchange.answers import NOT_ALLOWED, HttpRefused, make_unreachable
from csp_workflow.mailboxes.exchange.calls import DRAFTS, INBOX, OUTBOX, SENT, Calls, check_refusal
from csp_workflow.mailboxes.exchange.connection import Connection
from csp_workflow.mailboxes.exchange.receiving import ExchangeInbox
from csp_workflow.mailboxes.line import LATER, SECONDS, MailLine
from csp_workflow.mailboxes.mailbox import (
    FOLDERS,
    Absence,
    Check,
    Fetched,
    Proof,
    check_clocks,
    make_checks,
    tell,
    tell_fault,
)
from csp_workflow.terms.service import Access, ExchangeMailbox, Login, Lying, Secrets, ServerCertificate, WorldFault

_ASK = "Ask whoever runs Exchange"
_WANTED = {
    INBOX: ("read", "create_contents", "delete"),
    DRAFTS: ("read", "create_contents", "modify", "delete"),
    OUTBOX: ("read",),
    SENT: ("read", "create_contents"),
}
_FOLDER = {INBOX: "the inbox", DRAFTS: "the drafts", OUTBOX: "the outbox", SENT: "the sent items"}


class Exchange:
    """The verbs by EWS. `limit` is the largest message taken whole in bytes, `seconds` the longest a verb takes.

    A cursor is the server's sync state, an id an ItemId, which changes with every move. One connection,
    one user of it at a time. `reached` is told each point around an effect of sending.
    """

    def __init__(
        self,
        settings: ExchangeMailbox,
        secrets: Secrets,
        *,
        address: str,
        limit: int,
        seconds: float = SECONDS,
        reached: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._line = MailLine(settings.ca_file, "exchange.ca_file", total=seconds)
        self._connection = Connection(settings, secrets, address=address, line=self._line)
        self._inbox = ExchangeInbox(limit=limit)
        self._settings, self._address = settings, address
        self._reached = reached

    @property
    def server_time(self) -> datetime | None:
        """The Date of the server's last answer."""
        return self._line.server_time

    @property
    def certificates(self) -> Sequence[ServerCertificate]:
        """What the servers showed."""
        return tuple(self._line.certificates.values())

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        """What has come after a sync state, oldest first; everything when the server does not know it any more."""
        with self._connection.work() as calls:
            return self._inbox.list_new(calls, cursor, since)

    def list_filed(
        self, cursor: str, since: datetime | None = None, *, ours: bool = False
    ) -> tuple[tuple[str, ...], str]:
        """What lies in the other folders of mail, a part at a time."""
        with self._connection.work() as calls:
            return self._inbox.list_filed(calls, cursor, since, ours=ours)

    def count_messages(self) -> int:
        """How many messages lie in the inbox."""
        with self._connection.work() as calls:
            return calls.count_items(INBOX)

    def get(self, source: str, now: datetime) -> Fetched:
        """A message by id. Raises MessageGone, MailboxUnreachable."""
        with self._connection.work() as calls:
            return self._inbox.get(calls, source, now)

    def file(self, source: str, folder: str) -> None:
        """Move a message to a folder beside the inbox. Raises MailboxUnreachable."""
        with self._connection.work() as calls:
            self._inbox.file(calls, source, folder)

    def remove(self, source: str) -> None:
        """Remove a message for good. Raises MailboxUnreachable."""
        with self._connection.work() as calls:
            self._inbox.remove(calls, source)

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand over frozen bytes once. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown."""
        with self._connection.work() as calls:
            return sending.send_letter(calls, content, recipient, delivery_id, self._reached)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Look up whether a letter was handed over. Raises MailboxUnreachable."""
        with self._connection.work() as calls:
            return sending.find_sent(calls, delivery_id)

    def list_sent(self, delivery_id: str) -> tuple[str, ...]:
        """The copies of a letter. Raises MailboxUnreachable."""
        with self._connection.work() as calls:
            return sending.list_sent(calls, delivery_id)

    def put_draft(self, content: bytes, recipient: str, delivery_id: str) -> None:
        """Put a letter into Drafts. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood."""
        with self._connection.work() as calls:
            sending.put_draft(calls, content, recipient, delivery_id, self._reached)

    def list_drafts(self, since: datetime) -> tuple[Lying, ...]:
        """What lies in Drafts, is on its way out, or was sent since an instant. Raises MailboxUnreachable."""
        with self._connection.work() as calls:
            return sending.list_drafts(calls, since)

    # Looking the mailbox over, for the command `doctor` --------------------------------------------

    def examine(self, now: datetime) -> Iterator[Check]:
        """Check after check; ends where there is no sense in looking further.

        Nothing is sent, and nothing changed but a missing folder made. There is one login, so that no account is
        locked. Whether the account may send as the mailbox is known to Exchange only when it does, so the letter to
        ourselves shows that.
        """
        yield from make_checks(
            (
                (f"connection to {urlsplit(self._settings.endpoint).hostname}", self._check_line),
                (f"login, and mailbox {self._address}", self._check_login),
                ("rights in the mailbox", self._check_rights),
                (f"folders {', '.join(FOLDERS)}", self._check_folders),
                ("clock, compared with the mail server's", partial(self._check_clock, now)),
            )
        )

    def _check_line(self, what: str) -> Check:
        """The server's name, the way to it, and its certificate."""
        url = urlsplit(self._settings.endpoint)

        def reach() -> None:
            reason = self._line.find_reason(url.hostname or "", url.port or 443)
            if reason:
                raise reason.make_fault("The Exchange server", "exchange")

        return tell(what, reach)

    def _check_login(self, what: str) -> Check:
        """One request, which needs the login and the mailbox."""
        fault = self._ask(lambda calls: check_refusal(calls.get_folders(INBOX)[0]))
        if fault is None:
            return Check(what=what)
        return tell_fault(what, make_unreachable(fault), self._find_remedy(fault))

    def _check_clock(self, now: datetime, what: str) -> Check:
        told = self.server_time
        return Check(what=what, unmade="the server does not tell its time") if told is None else check_clocks(told, now)

    def _find_remedy(self, fault: Exception) -> str:
        if isinstance(fault, HttpRefused) and fault.status in {401, 403}:
            secret = "CSP_MAIL_CLIENT_SECRET" if self._settings.login is Login.OAUTH2 else "CSP_MAIL_PASSWORD"
            return f"Look at exchange.user and exchange.login in service.toml, and at {secret}."
        if isinstance(fault, (*NOT_ALLOWED, errors.ErrorFolderNotFound)):
            impersonates = self._settings.access is Access.IMPERSONATION
            needed = "the role ApplicationImpersonation" if impersonates else "Full Access"
            return f"{_ASK} to grant the account {needed} on the mailbox; look at exchange.access in service.toml too."
        return f"Look at exchange.endpoint in service.toml. {LATER}"

    def _check_rights(self, what: str) -> Check:
        """What the account may do in the folders that letters go through."""
        found: dict[type[Folder], Any] = {}
        fault = self._ask(lambda calls: found.update(zip(_WANTED, calls.get_folders(*_WANTED), strict=True)))
        if fault is not None:
            return tell_fault(what, make_unreachable(fault))
        lacking = [_FOLDER[kind] for kind, folder in found.items() if not _has_rights(folder, _WANTED[kind])]
        if not lacking:
            return Check(what=what)
        problem = f"The account may not do all that is needed in {' and '.join(lacking)}."
        return Check(what=what, problem=problem, remedy=f"{_ASK} to grant the account Full Access on the mailbox.")

    def _check_folders(self, what: str) -> Check:
        fault = self._ask(lambda calls: [self._inbox.find_folder(calls, name) for name in FOLDERS])
        if fault is None:
            return Check(what=what)
        remedy = f"{_ASK} to let the account make folders, or make them by hand beside the inbox."
        return tell_fault(what, make_unreachable(fault), remedy)

    def _ask(self, ask: Callable[[Calls], Any]) -> Exception | None:
        """The fault that came of asking, as the server or the library told it."""
        try:
            with self._connection.work() as calls:
                ask(calls)
        except WorldFault as fault:
            cause = fault.__cause__
            return cause if isinstance(cause, Exception) else fault
        return None


def _has_rights(folder: Any, wanted: tuple[str, ...]) -> bool:
    rights = None if isinstance(folder, Exception) else folder.effective_rights
    return all(getattr(rights, right, False) for right in wanted)
