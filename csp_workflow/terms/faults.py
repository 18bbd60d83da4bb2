"""Faults of the world as exceptions that say whether they are passing or permanent.

Faults of a return are values (`terms.returns.Finding`), never these.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class WorldFault(Exception):
    """Something outside went wrong. `passing` says whether trying again later may help.

    `wait` is how long the other side asked to be left alone; None when it named no time. `remedy` is what somebody can
    do about it; "" where only time helps.
    """

    passing = True

    def __init__(self, sentence: str = "", *, wait: timedelta | None = None, remedy: str = "") -> None:
        super().__init__(sentence or (self.__doc__ or "").strip())
        self.wait, self.remedy = wait, remedy


class MailboxUnreachable(WorldFault):
    """The mailbox could not be reached; nothing was sent or fetched."""


class NotAccepted(WorldFault):
    """The letter was refused before it was accepted; it was certainly not sent."""


class NotAcceptedForGood(NotAccepted):
    """The letter was refused for good, for example because the address does not exist."""

    passing = False


class SendUnknown(WorldFault):
    """The letter may or may not have been sent; it must be looked up, never blindly sent again."""

    passing = False


class MessageGone(WorldFault):
    """A listed message is no longer in the mailbox."""

    passing = False


class StoreBusy(WorldFault):
    """The database is locked or unreachable; nothing was committed."""


class DiskFull(WorldFault):
    """There is no room left to keep a message; it stays in the mailbox."""


class LockHeld(WorldFault):
    """Another service is working on this mailbox."""


class ConfigInvalid(Exception):
    """The configuration has faults; `faults` are sentences with file and key. Exit code 3."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class JobEnd(StrEnum):
    """How opening a file in the sandbox ended, where nothing came of it."""

    NOT_STARTED = "not started"
    """The sandbox could not start, or was lost on the way."""
    STALLED = "stalled"
    """The child had its time and hardly worked: this machine was busy, or stood still."""
    KILLED = "killed"
    """Ended from outside, as a machine does that is short of memory."""
    FAULT = "fault"
    """Our own code failed."""
    CRASH = "crash"
    """The library that reads the file crashed on it."""
    TIME = "time"
    MEMORY = "memory"
    TOO_MUCH = "too much"
    """What it found is more than an answer may be."""
    NOT_TRIED = "not tried"
    """What came before it in its message had used up the time of all."""

    @property
    def is_ours(self) -> bool:
        """Whether the failure is ours, or passing, so that it says nothing about the file."""
        return self not in _OF_THE_FILE


_OF_THE_FILE = {JobEnd.CRASH, JobEnd.TIME, JobEnd.MEMORY, JobEnd.TOO_MUCH, JobEnd.NOT_TRIED}
