"""The archive: every message, workbook, letter and paper, as it was, under its hash.

A port with two adapters: a folder (`FolderArchive`), which every machine must reach that works at the same store, or
the store's own database (`store.archived.DatabaseArchive`). Another, such as an object store, needs these five
methods, a word in service.toml (`wiring.choose_archive`), and to pass tests/store/test_archive.py.
"""

from __future__ import annotations

import errno
import hmac
import os
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from csp_workflow.terms.service import DiskFull

_IDENTITY = "identity"
DISPOSED = "disposed"
"""The file, in the state folder, of what was disposed of."""

_HASH = re.compile(r"^[0-9a-f]{64}$")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class Archive(Protocol):
    """Bytes by the SHA-256 of what they are. Nothing is ever changed, or removed but by order."""

    def keep(self, data: bytes) -> str:
        """Keep bytes durably and return their hash. Raises DiskFull; then nothing was kept."""

    def fetch(self, name: str) -> bytes:
        """The bytes of a hash. Raises KeyError when they are not there, ValueError when they were changed."""

    def remove(self, name: str) -> None:
        """Remove what was kept under a hash for good. Gone is no matter."""

    def list_names(self) -> Iterator[str]:
        """The hashes of all that is kept."""

    def find_identity(self) -> str:
        """Which archive this is, "" while it has no identity: a store knows its own by it."""

    def take_identity(self, wanted: str, /) -> None:
        """Have an identity from now on, where it had none."""


class FolderArchive:
    """Files under `root`, which may be a folder that several machines share."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, data: bytes) -> str:
        """As the port says. A file that was cut short is kept anew."""
        name = sha256(data).hexdigest()
        place = self._place(name)
        if place.is_file() and place.stat().st_size == len(data):
            return name
        try:
            self._make(place.parent)
            _write(place, data)
        except OSError as fault:
            if fault.errno in _NO_ROOM:
                raise DiskFull("The disk is full: nothing more can be kept.") from fault
            raise
        return name

    def fetch(self, name: str) -> bytes:
        """As the port says."""
        if not _HASH.match(name):
            raise KeyError(name)
        try:
            data = self._place(name).read_bytes()
        except FileNotFoundError:
            raise KeyError(name) from None
        if sha256(data).hexdigest() != name:
            raise ValueError(f"The archived file {name[:12]} is not what was kept.")
        return data

    def remove(self, name: str) -> None:
        """As the port says."""
        if _HASH.match(name):
            self._place(name).unlink(missing_ok=True)

    def list_names(self) -> Iterator[str]:
        """As the port says."""
        found = (f"{path.parent.name}{path.name}" for path in self._root.glob("??/*"))
        return (name for name in found if _HASH.match(name))

    def find_identity(self) -> str:
        """As the port says: it stands in a file of its own."""
        try:
            return (self._root / _IDENTITY).read_text("ascii").strip()
        except FileNotFoundError:
            return ""

    def take_identity(self, wanted: str, /) -> None:
        """As the port says."""
        self._root.mkdir(parents=True, exist_ok=True)
        _write(self._root / _IDENTITY, wanted.encode("ascii"))

    def _place(self, name: str) -> Path:
        return self._root / name[:2] / name[2:]

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            _sync(self._root)


class Ledger(Protocol):
    """Where every machine at a store learns what is disposed of: the store."""

    def disposed(self) -> frozenset[str]:
        """The keyed hashes of all that is."""

    def note_disposed(self, hashes: Iterable[str], /) -> None:
        """Keep more of them."""


class Tombstones:
    """What was disposed of, by keyed hashes: in the store, and in a file beside it, one a line.

    Every machine knows of it by the store; the file is what no backup brings back to an earlier day. It is said of a
    message or a file whether it was disposed of, and nobody without the key is told what that was.
    """

    def __init__(self, path: Path, store: Ledger, *, key: bytes) -> None:
        self._path, self._store, self._key = path, store, key

    def add(self, names: Iterable[str]) -> None:
        """Note durably what is disposed of, before it is."""
        self._note(frozenset(map(self._seal, names)))

    def holds(self, name: str) -> bool:
        """Whether something was disposed of."""
        places = tuple(filter(None, (self._store.disposed(), self._in_file)))
        return bool(places) and any(self._seal(name) in place for place in places)

    def level(self) -> None:
        """Have file and store say the same: a backup was put back since, or another machine was here."""
        self._note(self._in_file | self._store.disposed())

    def _note(self, sealed: frozenset[str]) -> None:
        if new := sorted(sealed - self._in_file):
            with self._path.open("a") as file:
                os.fchmod(file.fileno(), 0o600)
                file.writelines(f"{one}\n" for one in new)
                file.flush()
                os.fsync(file.fileno())
            self.__dict__.pop("_in_file", None)
        if new := sorted(sealed - self._store.disposed()):
            self._store.note_disposed(new)

    @cached_property
    def _in_file(self) -> frozenset[str]:
        try:
            return frozenset(self._path.read_text().split())
        except FileNotFoundError:
            return frozenset()

    def _seal(self, name: str) -> str:
        return hmac.new(self._key, b"disposed\0" + name.encode(), sha256).hexdigest()


def _write(place: Path, data: bytes) -> None:
    """Whole or not at all: a temporary file, synced, renamed, and the folder synced."""
    half = place.with_name(f".{place.name}.{os.getpid()}.{os.urandom(4).hex()}")  # two machines may share a number
    try:
        with half.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.replace(place)
    finally:
        half.unlink(missing_ok=True)
    _sync(place.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
