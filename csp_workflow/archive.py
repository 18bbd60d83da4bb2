"""Content-addressed files: every message, workbook, letter and paper, as it was, under its hash."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from csp_workflow.terms.faults import DiskFull

_HASH = re.compile(r"^[0-9a-f]{64}$")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class Archive:
    """Files under `root`, named by the SHA-256 of what they hold. Nothing is ever changed or removed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, data: bytes) -> str:
        """Keep bytes durably and return their hash. Raises DiskFull; then nothing was kept."""
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
        """The bytes of a hash. Raises KeyError when they are not there, ValueError when the file was changed."""
        if not _HASH.match(name):
            raise KeyError(name)
        try:
            data = self._place(name).read_bytes()
        except FileNotFoundError:
            raise KeyError(name) from None
        if sha256(data).hexdigest() != name:
            raise ValueError(f"The archived file {name[:12]} is not what was kept.")
        return data

    def list_names(self) -> Iterator[str]:
        """The hashes of all that is kept."""
        for folder in sorted(self._root.glob("[0-9a-f][0-9a-f]")):
            yield from sorted(name for path in folder.iterdir() if _HASH.match(name := folder.name + path.name))

    def _place(self, name: str) -> Path:
        return self._root / name[:2] / name[2:]

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            _sync(self._root)


def _write(place: Path, data: bytes) -> None:
    """Whole or not at all: a temporary file, synced, renamed, and the folder synced."""
    half = place.with_name(f".{place.name}.{os.getpid()}")
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
