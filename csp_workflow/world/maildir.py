"""The embedded mailbox: two standard Maildirs, `inbox` and `sent`, that any mail program can open.

A file dropped in `inbox/new/` is a delivery; each letter sent appears in `sent/new/`, one file per
recipient, named by its delivery id, so that a second hand-over of the same letter cannot happen.
"""

from __future__ import annotations

import errno
import os
from datetime import datetime
from pathlib import Path

from csp_workflow.terms.faults import DiskFull, MessageGone, NotAccepted
from csp_workflow.world.mailbox import Fetched, Proof

_HEADER_ROOM = 64 * 1024


class Maildir:
    """A mailbox in a folder. `limit` is the largest message taken whole, in bytes."""

    absence_is_proof = True

    def __init__(self, root: Path, *, limit: int) -> None:
        self._inbox, self._sent, self._limit = root / "inbox", root / "sent", limit
        for box in (self._inbox, self._sent):
            for part in ("tmp", "new", "cur"):
                (box / part).mkdir(parents=True, exist_ok=True)

    def list_new(self, cursor: str) -> tuple[tuple[str, ...], str]:
        """What lies in the inbox, by name: a filed message has left it, so no cursor is needed."""
        return tuple(sorted(p.name for p in self._lying())), cursor

    def get(self, source: str, now: datetime) -> Fetched:
        """A message; received at the `now` of the beat that first lists it."""
        path = self._find(self._inbox, source)
        if path is None:
            raise MessageGone(f"A listed message is no longer in {self._inbox.name}.")
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                raw = file.read(size if size <= self._limit else _HEADER_ROOM)
        except FileNotFoundError:
            raise MessageGone from None
        if size <= self._limit:
            return Fetched(source=source, raw=raw, size=size, received=now)
        return Fetched(source=source, raw=_headers(raw), size=size, received=now, whole=False)

    def file(self, source: str, folder: str) -> None:
        """Move a message to a folder beside the inbox (Maildir++: `.Processed`), marked as seen."""
        path = self._find(self._inbox, source)
        if path is None:
            return
        target = self._inbox / f".{folder}"
        for part in ("tmp", "new", "cur"):
            (target / part).mkdir(parents=True, exist_ok=True)
        path.replace(target / "cur" / f"{source.partition(':')[0]}:2,S")

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Deliver into `sent/new/`: written, synced, then linked under its delivery id, which never clobbers."""
        found = self.find_sent(delivery_id)
        if found:
            return found
        half = self._sent / "tmp" / f"{delivery_id}.{os.getpid()}"
        try:
            with half.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(half, self._sent / "new" / delivery_id)
            _sync(self._sent / "new")
        except FileExistsError:
            pass
        except OSError as fault:
            if fault.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise NotAccepted("The disk is full: the letter was not handed over.") from DiskFull()
            raise
        finally:
            half.unlink(missing_ok=True)
        return Proof(evidence=f"maildir:{delivery_id}")

    def find_sent(self, delivery_id: str) -> Proof | None:
        """Whether a letter lies in `sent`, opened or not."""
        path = self._find(self._sent, delivery_id)
        return Proof(evidence=f"maildir:{delivery_id}") if path else None

    def deliver(self, raw: bytes, name: str) -> None:
        """Put a message into the inbox as a delivery agent does: by rename from `tmp/`."""
        half = self._inbox / "tmp" / name
        half.write_bytes(raw)
        half.replace(self._inbox / "new" / name)

    def _lying(self) -> list[Path]:
        return [path for part in ("new", "cur") for path in (self._inbox / part).iterdir() if path.is_file()]

    @staticmethod
    def _find(box: Path, name: str) -> Path | None:
        """A message by name, whatever flags a mail program has put behind it."""
        fresh = box / "new" / name
        if fresh.is_file():
            return fresh
        stem = name.partition(":")[0]
        return next((path for path in (box / "cur").glob(f"{stem}*") if path.name.partition(":")[0] == stem), None)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _headers(raw: bytes) -> bytes:
    for gap in (b"\r\n\r\n", b"\n\n"):
        head, found, _ = raw.partition(gap)
        if found:
            return head + gap
    return raw
