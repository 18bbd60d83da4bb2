"""Content-addressed files: every message, workbook, letter and paper, as it was, under its hash."""

from __future__ import annotations

import errno
import os
from hashlib import sha256
from pathlib import Path

from csp_workflow.terms.faults import DiskFull


class Archive:
    """Files under `root`, named by the SHA-256 of what they hold. Nothing is ever changed or removed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keep(self, data: bytes) -> str:
        """Keep bytes durably and return their hash. Raises DiskFull; then nothing was kept."""
        name = sha256(data).hexdigest()
        place = self._place(name)
        if place.is_file():
            return name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            self._write(place, data)
        except OSError as fault:
            if fault.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise DiskFull("The disk is full: nothing more can be kept.") from fault
            raise
        return name

    def fetch(self, name: str) -> bytes:
        """The bytes of a hash. Raises KeyError when they are not there, ValueError when the file was changed."""
        try:
            data = self._place(name).read_bytes()
        except FileNotFoundError:
            raise KeyError(name) from None
        if sha256(data).hexdigest() != name:
            raise ValueError(f"The archived file {name[:12]} is not what was kept.")
        return data

    def _place(self, name: str) -> Path:
        return self._root / name[:2] / name[2:]

    @staticmethod
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
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
