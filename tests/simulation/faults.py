"""What goes wrong around a beat: a killed process, a full disk, a locked store, an answer that is lost on the way."""

from __future__ import annotations

import errno
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from csp_workflow.steps.outside import Outside
from csp_workflow.terms.service import SendUnknown
from tests.crash import killing


class Killed(BaseException):
    """The process ends here."""


class Dying(killing.Points):
    """Ends the process at the so-manieth point that is reached, whichever it is."""

    def __init__(self, after: int) -> None:
        self.left, self.beat = after, 0

    def reached(self, name: str) -> None:
        """Count down."""
        self.left -= 1
        if self.left == 0:
            raise Killed(name)


class LosesAnswers:
    """A mailbox that sends, and whose answer to that is lost now and then."""

    def __init__(self, mailbox: Any, draw: random.Random) -> None:
        self._mailbox, self._draw = mailbox, draw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Any:
        """Send, or not, and say nothing of it."""
        way = self._draw.random()
        if way < 0.25:
            raise SendUnknown("The line was cut.")
        proof = self._mailbox.send(content, recipient, delivery_id)
        if way < 0.5:
            raise SendUnknown("The line was cut.")
        return proof


def dying(outside: Outside, points: Dying) -> Outside:
    """The outside with a point around each effect."""
    watch = killing.Watched
    return replace(
        outside,
        store=watch(outside.store, "store", killing.STORE, points),
        archive=watch(outside.archive, "archive", killing.ARCHIVE, points),
        mailbox=watch(outside.mailbox, "mailbox", killing.MAILBOX, points),
        reached=points.reached,
    )


@contextmanager
def full_disk(draw: random.Random) -> Iterator[None]:
    """Some files can still be written, and then none."""
    left, real = draw.randint(0, 6), os.fsync

    def fsync(handle: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    with mock.patch("os.fsync", fsync):
        yield


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Somebody else has the whole store, such as a backup program or a curious analyst."""
    other = sqlite3.connect(store, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def losing(outside: Outside, draw: random.Random) -> Outside:
    """The outside whose mailbox loses its answers."""
    return replace(outside, mailbox=LosesAnswers(outside.mailbox, draw))
