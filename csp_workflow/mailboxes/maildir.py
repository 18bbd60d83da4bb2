"""The embedded mailbox: three standard Maildirs, `inbox`, `drafts` and `sent`, that any mail program can open.

A file dropped in `inbox/new/` is a delivery; each letter sent appears in `sent/new/`, one file per
recipient, named by its delivery id, so that a second hand-over of the same letter cannot happen.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from csp_workflow.mailboxes.mailbox import (
    BATCH,
    DELIVERY_ID,
    FILED,
    FOLDERS,
    MORE,
    Absence,
    Fetched,
    Proof,
    describe_lying,
)
from csp_workflow.terms.service import DiskFull, Lying, MailboxUnreachable, MessageGone, NotAccepted, Place, SendUnknown

_HEADER_ROOM = 256 * 1024
_PARTS = ("tmp", "new", "cur")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_SENT, _DRAFT = "sent ", "draft "
"""How the id of a letter begins that was sent, or is a draft."""

_FOLDER = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 _-]{0,63}$")


class Maildir:
    """A mailbox in a folder. `limit` is the largest message taken whole, in bytes."""

    server_time = None
    certificates = ()

    def __init__(self, root: Path, *, limit: int) -> None:
        self._inbox, self._sent, self._listed, self._limit = root / "inbox", root / "sent", root / "listed", limit
        self._drafts = root / "drafts"
        for box in (self._inbox, self._sent):
            _make_maildir(box)
        self._listed.mkdir(exist_ok=True)

    # Receiving ------------------------------------------------------------------------------------

    def list_new(self, cursor: str, since: datetime | None = None) -> tuple[tuple[str, ...], str]:
        """What lies in the inbox, opened by somebody or not, in the order of the names (which begin with a time).

        A message leaves the inbox when it is filed, so the cursor says nothing; it is received when it is first seen.
        """
        with _reachable(self._inbox):
            lying = {_stem(path) for part in ("new", "cur") for path in _messages(self._inbox / part)}
        return tuple(sorted(lying, key=_by_time)), cursor

    def list_filed(
        self, cursor: str, since: datetime | None = None, *, ours: bool = False
    ) -> tuple[tuple[str, ...], str]:
        """What lies in the folders beside the inbox, in the order of their names and its own."""
        with _reachable(self._inbox):
            lying = {
                f"{folder.name}/{_stem(path)}"
                for folder in self._folders()
                if not ours or folder.name.removeprefix(".") in FOLDERS
                for part in ("new", "cur")
                for path in _messages(folder / part)
                if since is None or _filed_time(path, _LATEST) >= since
            }
        behind = sorted(name for name in lying if name > cursor.removeprefix(MORE))
        listed = tuple(FILED + name for name in behind[:BATCH])
        return listed, f"{MORE}{behind[BATCH - 1]}" if len(behind) > BATCH else ""

    def get(self, source: str, now: datetime) -> Fetched:
        """A message; received at the `now` of the beat that first asked for it, whatever happened since."""
        path = self._locate(source)
        if path is None:
            raise MessageGone
        try:
            with _reachable(), path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                raw = file.read(size if size <= self._limit else _HEADER_ROOM)
        except FileNotFoundError:
            raise MessageGone from None
        whole = size <= self._limit
        received = self._first_listed(source, now) if path.parent.parent == self._inbox else _filed_time(path, now)
        return Fetched(source=source, raw=raw if whole else _headers(raw), size=size, received=received, whole=whole)

    def file(self, source: str, folder: str) -> None:
        """Move a message to a folder beside the inbox (Maildir++: `.Processed`), marked as seen. Gone is no matter.

        Its time of receipt becomes the file's own, as mail programs keep it there.
        """
        if not _FOLDER.match(folder):
            raise ValueError(f"'{folder}' is no folder's name.")
        path = _find(self._inbox, source)
        if path is None:
            return
        with _reachable():
            target = self._inbox / f".{folder}"
            _make_maildir(target)
            try:
                received = datetime.fromisoformat((self._listed / source).read_text()).timestamp()
                os.utime(path, (received, received))
            except (FileNotFoundError, ValueError):
                pass  # nobody has asked for it: the time of its delivery stands
            try:
                path.replace(_unused(target / "cur", source))
            except FileNotFoundError:
                return
            (self._listed / source).unlink(missing_ok=True)

    def remove(self, source: str) -> None:
        """Remove a message's file, and the note of when it was first listed."""
        path = self._locate(source)
        with _reachable():
            if path is not None:
                path.unlink(missing_ok=True)
                (self._listed / path.name).unlink(missing_ok=True)

    def deliver(self, raw: bytes, name: str) -> None:
        """Put a message into the inbox as a delivery agent does: by rename from `tmp/`."""
        half = self._inbox / "tmp" / name
        with _reachable():
            half.write_bytes(raw)
            half.replace(self._inbox / "new" / name)

    def _folders(self) -> list[Path]:
        return sorted(path for path in self._inbox.glob(".*") if path.is_dir() and not path.is_symlink())

    def _locate(self, source: str) -> Path | None:
        """Where a message lies; one outside the inbox is named with its folder, and a letter as sent."""
        if source.startswith(_SENT):
            return self._find_letter(source.removeprefix(_SENT))
        if source.startswith(_DRAFT):
            return _find(self._drafts, source.removeprefix(_DRAFT))
        if not source.startswith(FILED):
            return _find(self._inbox, source)
        name, _, stem = source.removeprefix(FILED).partition("/")
        folder = next((path for path in self._folders() if path.name == name), None)
        return _find(folder, stem) if folder else None

    def _first_listed(self, source: str, now: datetime) -> datetime:
        """A beat that died half-way must not make a return late: the first beat's time is written down at once."""
        note = self._listed / source
        with _reachable():
            try:
                with note.open("x") as file:
                    file.write(now.isoformat())
            except FileExistsError:
                try:
                    return datetime.fromisoformat(note.read_text())
                except ValueError:  # the beat died while writing it down
                    note.write_text(now.isoformat())
        return now

    # Sending --------------------------------------------------------------------------------------

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        """Deliver into `sent/new/`: written, synced, then linked under its delivery id, which never clobbers.

        Raises NotAccepted when nothing was delivered, SendUnknown when it may not last.
        """
        if not DELIVERY_ID.fullmatch(delivery_id):
            raise ValueError(f"'{delivery_id}' is no delivery id.")
        found = self.find_sent(delivery_id)
        if isinstance(found, Proof):
            return found
        self._clear_half(delivery_id)
        half = self._sent / "tmp" / f"{delivery_id}.{os.getpid()}"
        try:
            _write(half, content)
            os.link(half, self._sent / "new" / delivery_id)
        except FileExistsError:
            pass
        except OSError as fault:
            why = DiskFull() if fault.errno in _NO_ROOM else fault
            raise NotAccepted("The letter could not be put into the mailbox.") from why
        finally:
            half.unlink(missing_ok=True)
        try:
            _sync(self._sent / "new")
        except OSError as fault:
            raise SendUnknown("The letter lies in the mailbox, but the disk did not confirm it.") from fault
        return _proof(delivery_id)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        """Whether a letter lies in `sent`, opened or not, or in a folder somebody moved it to."""
        with _reachable(self._sent):
            return _proof(delivery_id) if self._find_letter(delivery_id) else Absence.CERTAIN

    def list_sent(self, delivery_id: str) -> tuple[str, ...]:
        """The letter in `sent`, or in the folder somebody moved it to."""
        with _reachable(self._sent):
            return (_SENT + delivery_id,) if self._find_letter(delivery_id) else ()

    def _find_letter(self, delivery_id: str) -> Path | None:
        folders = (self._sent, *(path for path in sorted(self._sent.glob(".*")) if path.is_dir()))
        return next((found for folder in folders if (found := _find(folder, delivery_id))), None)

    # Drafts ---------------------------------------------------------------------------------------

    def put_draft(self, content: bytes, recipient: str, delivery_id: str) -> None:
        """Lay a letter into `drafts/cur`, marked as a draft and named by its delivery id. Raises NotAccepted."""
        half = self._drafts / "tmp" / f"{delivery_id}.{os.getpid()}"
        with _reachable(self._sent):
            _make_maildir(self._drafts)
        try:
            _write(half, content)
            half.replace(self._drafts / "cur" / f"{delivery_id}:2,D")
            _sync(self._drafts / "cur")
        except OSError as fault:
            half.unlink(missing_ok=True)
            why = DiskFull() if fault.errno in _NO_ROOM else fault
            raise NotAccepted("The letter could not be put into Drafts.") from why

    def list_drafts(self, since: datetime) -> tuple[Lying, ...]:
        """What lies in `drafts` and `sent`, whoever laid it there; of the latter by the times of the files."""
        boxes = [(self._drafts, Place.DRAFTS, _DRAFT)] if self._drafts.is_dir() else []
        with _reachable(self._sent):
            return tuple(
                describe_lying(_headers(_read_beginning(path)), source=source + _stem(path), place=place, since=when)
                for box, place, source in (*boxes, (self._sent, Place.SENT, _SENT))
                for part in ("new", "cur")
                for path in sorted(_messages(box / part))
                if (when := _filed_time(path, _LATEST)) >= since or place is Place.DRAFTS
            )

    def close(self) -> None:
        """There is nothing to let go."""

    def _clear_half(self, delivery_id: str) -> None:
        """What a sender that died left half-written."""
        for half in (self._sent / "tmp").glob(f"{delivery_id}.*"):
            half.unlink(missing_ok=True)


def _proof(delivery_id: str) -> Proof:
    return Proof(evidence=f"maildir:{delivery_id}")


def _make_maildir(folder: Path) -> None:
    for part in _PARTS:
        (folder / part).mkdir(parents=True, exist_ok=True)


def _messages(folder: Path) -> Iterator[Path]:
    """The messages in a part of a Maildir: plain readable files; no folders, links or hidden files."""
    if folder.is_dir():
        with os.scandir(folder) as entries:
            for entry in entries:
                hidden = entry.name.startswith(".")
                if not hidden and entry.is_file(follow_symlinks=False) and os.access(entry.path, os.R_OK):
                    yield Path(entry.path)


def _find(box: Path, stem: str) -> Path | None:
    """A message by its name, whatever flags a mail program has put behind it."""
    if not stem or "/" in stem or stem.startswith("."):
        return None
    fresh = box / "new" / stem
    if fresh.is_file() and not fresh.is_symlink():
        return fresh
    return next((path for part in ("cur", "new") for path in _messages(box / part) if _stem(path) == stem), None)


def _stem(path: Path) -> str:
    return path.name.partition(":2,")[0]


def _by_time(name: str) -> tuple[int, str]:
    """Names that begin with a time come in its order, all others behind them."""
    digits = re.match(r"\d{1,18}", name)
    return (int(digits[0]) if digits else 10**18, name)


def _unused(folder: Path, stem: str) -> Path:
    """A name nothing has: what was filed before is never overwritten."""
    taken = {_stem(path) for path in _messages(folder)}
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}.{number}"
    return folder / f"{name}:2,S"


def _filed_time(path: Path, now: datetime) -> datetime:
    """When a message was received that was filed: as its file says, and never in time to come."""
    try:
        return min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now)
    except FileNotFoundError:  # moved on just now
        return now


_LATEST = datetime.max.replace(tzinfo=UTC)


def _read_beginning(path: Path) -> bytes:
    """As much of a message as holds its headers; nothing of one that was moved on just now."""
    try:
        with path.open("rb") as file:
            return file.read(_HEADER_ROOM)
    except FileNotFoundError:
        return b""


def _headers(raw: bytes) -> bytes:
    ends = [place + len(gap) for gap in (b"\r\n\r\n", b"\n\n") if (place := raw.find(gap)) >= 0]
    return raw[: min(ends)] if ends else raw


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _reachable(*boxes: Path) -> Iterator[None]:
    """Faults of the disk as faults of the world; a file that is not there is the caller's to judge.

    A box that is not there is no empty one: its disk may have gone, and what lies on it is not seen.
    """
    try:
        if not all((box / "new").is_dir() for box in boxes):
            raise MailboxUnreachable("The mailbox's folder is not there. Is its disk mounted?")
        yield
    except FileNotFoundError:
        raise
    except OSError as fault:
        if fault.errno in _NO_ROOM:
            raise DiskFull("The disk is full: the mailbox cannot be worked on.") from fault
        raise MailboxUnreachable("The mailbox's folder cannot be read or written.") from fault
