"""Who carries the mail of a rehearsal: the embedded mailbox, or (in tests) a real mail system."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from csp_workflow.mailboxes.mailbox import Mailbox
from csp_workflow.mailboxes.maildir import Maildir


class Carrier(Protocol):
    """Carries mail between the service's mailbox and everybody else."""

    @property
    def mailbox(self) -> Mailbox:
        """The service's own mailbox."""

    def bring(self, raw: bytes) -> None:
        """Somebody's message to the service; it lies in its inbox when this returns."""

    def received(self, delivery_id: str, recipient: str) -> bytes:
        """A letter of the service's as its recipient got it."""


class Embedded:
    """Two folders: nothing leaves the machine."""

    def __init__(self, root: Path, *, limit: int) -> None:
        self._root, self._brought = root, 0
        self.mailbox = Maildir(root, limit=limit)

    def bring(self, raw: bytes) -> None:
        """Delivered under a number, in the order of time."""
        self._brought += 1
        self.mailbox.deliver(raw, f"{self._brought:05}")

    def received(self, delivery_id: str, recipient: str) -> bytes:  # noqa: ARG002 - one folder holds everybody's
        """From the folder of what was sent."""
        return (self._root / "sent" / "new" / delivery_id).read_bytes()
