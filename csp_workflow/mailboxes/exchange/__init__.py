"""A mailbox on Exchange: listed by sync, read as raw MIME, letters leave as drafts that are then sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from csp_workflow.mailboxes.exchange import sending
from csp_workflow.mailboxes.exchange.connection import Connection
from csp_workflow.mailboxes.exchange.examination import Examination
from csp_workflow.mailboxes.exchange.receiving import ExchangeInbox
from csp_workflow.mailboxes.line import SECONDS, MailLine
from csp_workflow.mailboxes.mailbox import Absence, Check, Fetched, Proof
from csp_workflow.terms.mailboxes import ExchangeMailbox, Secrets


class Exchange:
    """The five verbs by EWS. `limit` is the largest message taken whole in bytes, `seconds` the longest a verb takes.

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
        self._examination = Examination(self._connection, self._inbox, settings, address=address)
        self._reached = reached

    @property
    def server_time(self) -> datetime | None:
        """The Date of the server's last answer."""
        return self._line.server_time

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def list_new(self, cursor: str) -> tuple[tuple[str, ...], str]:
        """What has come since a sync state, oldest first; everything when the server does not know it any more."""
        with self._connection.work() as calls:
            return self._inbox.list_new(calls, cursor)

    def get(self, source: str, now: datetime) -> Fetched:
        """A message by id. Raises MessageGone, MailboxUnreachable."""
        with self._connection.work() as calls:
            return self._inbox.get(calls, source, now)

    def file(self, source: str, folder: str) -> None:
        """Move a message to a folder beside the inbox. Raises MailboxUnreachable."""
        with self._connection.work() as calls:
            self._inbox.file(calls, source, folder)

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand over frozen bytes once. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown."""
        with self._connection.work() as calls:
            return sending.send_letter(calls, content, recipient, delivery_id, self._reached)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Look up whether a letter was handed over. Raises MailboxUnreachable."""
        with self._connection.work() as calls:
            return sending.find_sent(calls, delivery_id)

    def examine(self, now: datetime) -> Iterator[Check]:
        """Check after check, for `doctor`."""
        return self._examination.checks(now)
