"""What a mailbox can do: five verbs, behind which every mail system stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A message as fetched. `received` is the server's time.

    `whole` is False when it is larger than allowed: then `raw` holds its headers only and the
    message itself stays in the mailbox.
    """

    source: str
    raw: bytes
    size: int
    received: datetime
    whole: bool = True


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Evidence that a letter was handed over: what the mail system called it."""

    evidence: str


class Mailbox(Protocol):
    """A mailbox to receive from and to send through. Faults are `terms.faults.WorldFault`s.

    `absence_is_proof` says whether a letter that `find_sent` does not find was certainly not sent.
    """

    @property
    def absence_is_proof(self) -> bool:
        """Whether not finding a letter proves that it was not sent."""

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

    def find_sent(self, delivery_id: str) -> Proof | None:
        """Look up whether a letter was handed over before; None when it was not."""
