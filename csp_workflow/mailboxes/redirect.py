"""Mode redirect: every letter is really sent, but to the co-ordinator, whoever it was meant for."""

from __future__ import annotations

import re
from datetime import datetime

from csp_workflow.mailboxes.mailbox import Absence, Fetched, Mailbox, Proof

_TO = re.compile(rb"^To:.*?\r\n(?=\S)", re.MULTILINE | re.DOTALL)


class RedirectedMailbox:
    """A mailbox whose every recipient is rewritten here, inside the adapter, where nothing can go round it."""

    def __init__(self, mailbox: Mailbox, *, to: str) -> None:
        self._mailbox, self._to = mailbox, to

    @property
    def server_time(self) -> datetime | None:
        """As the mailbox behind."""
        return self._mailbox.server_time

    def list_new(self, cursor: str) -> tuple[tuple[str, ...], str]:
        """As the mailbox behind."""
        return self._mailbox.list_new(cursor)

    def get(self, source: str, now: datetime) -> Fetched:
        """As the mailbox behind."""
        return self._mailbox.get(source, now)

    def file(self, source: str, folder: str) -> None:
        """As the mailbox behind."""
        self._mailbox.file(source, folder)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """As the mailbox behind."""
        return self._mailbox.find_sent(delivery_id)

    def close(self) -> None:
        """As the mailbox behind."""
        self._mailbox.close()

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Send to the co-ordinator; whom it was meant for stands in a header of its own."""
        meant = f"To: <{self._to}>\r\nX-CSP-Meant-For: {recipient}\r\n".encode("ascii", "replace")
        head, gap, body = content.partition(b"\r\n\r\n")
        rewritten = _TO.sub(lambda _: meant, head + b"\r\n", count=1).removesuffix(b"\r\n")
        return self._mailbox.send(rewritten + gap + body, self._to, delivery_id)
