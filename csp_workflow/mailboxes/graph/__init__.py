"""The mailbox adapter for Microsoft 365: the five verbs, by Graph."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from csp_workflow.mailboxes.graph.connection import Calls, Connection
from csp_workflow.mailboxes.graph.examination import Examination
from csp_workflow.mailboxes.graph.receiving import GraphInbox
from csp_workflow.mailboxes.graph.sending import Outgoing
from csp_workflow.mailboxes.line import SECONDS, MailLine
from csp_workflow.mailboxes.mailbox import Absence, Check, Fetched, Proof
from csp_workflow.terms.mailboxes import GraphMailbox, Secrets


class Graph:
    """A mailbox in Microsoft 365. `limit` is the largest message taken whole, in bytes.

    A verb takes at most `seconds`. `reached` is told each point around an effect of sending; `clock` counts
    seconds and only goes forward, and `wait` lets them pass.
    """

    def __init__(
        self,
        settings: GraphMailbox,
        secrets: Secrets,
        *,
        address: str,
        limit: int,
        seconds: float = SECONDS,
        reached: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._line = MailLine(settings.ca_file, "graph.ca_file", total=seconds, clock=clock)
        self._connection = Connection(self._line)
        self._calls = Calls(settings, secrets, connection=self._connection, wait=wait)
        self._inbox = GraphInbox(self._calls, address=address, limit=limit)
        self._outgoing = Outgoing(self._calls, address=address, reached=reached)
        self._examination = Examination(self._calls, self._inbox, settings, address=address)

    def close(self) -> None:
        """Close every connection."""
        self._connection.close()

    @property
    def server_time(self) -> datetime | None:
        """The time that stood in Microsoft 365's latest answer."""
        return self._line.server_time

    def list_new(self, cursor: str) -> tuple[tuple[str, ...], str]:
        """Ids of what came into the inbox since `cursor`, oldest first, and the next cursor."""
        self._line.begin()
        return self._inbox.list_new(cursor)

    def get(self, source: str, now: datetime) -> Fetched:  # noqa: ARG002 - Microsoft 365 tells the time of receipt
        """A message by id. Raises MessageGone, MailboxUnreachable."""
        self._line.begin()
        return self._inbox.get(source)

    def file(self, source: str, folder: str) -> None:
        """Move a message to a folder beside the inbox. Raises MailboxUnreachable."""
        self._line.begin()
        self._inbox.file(source, folder)

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand over frozen bytes once. Raises MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown."""
        self._line.begin()
        return self._outgoing.send(content, recipient, delivery_id)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Look up whether a letter was handed over. Raises MailboxUnreachable."""
        self._line.begin()
        return self._outgoing.find_sent(delivery_id)

    def examine(self, now: datetime) -> Iterator[Check]:
        """Check after check, for `doctor`."""
        return self._examination.checks(now)
