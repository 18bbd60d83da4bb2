"""What a mailbox can do: five verbs, behind which every mail system stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from csp_workflow.mailboxes.checks import Check
from csp_workflow.terms.messages import Mark

FOLDERS = ("Processed", "Held", "Quarantine")
"""Where messages are filed."""

DELIVERY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,127}")
"""What a delivery id looks like, so that it can be asked for in any mail system's words."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A message as fetched. `received` is the server's time.

    `whole` is False when it is larger than allowed: then `raw` holds its headers only and the
    message itself stays in the mailbox. `marks` is what the mail system says of it beside its bytes.
    """

    source: str
    raw: bytes
    size: int
    received: datetime
    whole: bool = True
    marks: frozenset[Mark] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Evidence that a letter was handed over: what the mail system called it."""

    evidence: str


class Absence(StrEnum):
    """What it means that a letter was not found."""

    CERTAIN = "it was certainly not sent"
    UNPROVED = "it may have been sent all the same"


class Mailbox(Protocol):
    """A mailbox to receive from and to send through. Faults are `terms.faults.WorldFault`s."""

    @property
    def server_time(self) -> datetime | None:
        """The mail system's clock as it last told it, for comparison with ours; None when it tells nothing."""

    def list_new(self, cursor: str) -> tuple[tuple[str, ...], str]:
        """Ids of messages not seen before `cursor`, oldest first, and the next cursor.

        An id may be listed again (a cursor may be lost); the caller knows messages by content.
        """

    def get(self, source: str, now: datetime) -> Fetched:
        """A message by id. Raises MessageGone when a person moved or deleted it."""

    def file(self, source: str, folder: str) -> None:
        """Move a message to a folder, after commit only. A hint to people, never state."""

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Hand over frozen bytes once. Raises NotAccepted, or SendUnknown when nobody can tell."""

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Look up whether a letter was handed over before, and if it is not found, what that means."""

    def close(self) -> None:
        """Let connections go. The next verb makes new ones."""


class RealMailbox(Mailbox, Protocol):
    """A mailbox on a mail system, which can be examined as well."""

    def examine(self, now: datetime) -> Iterator[Check]:
        """Check after check, for `doctor`; ends at the first problem that leaves nothing more to see. Never raises."""
