"""The raw messages of tests/pathologies/messages; a line "@@file key@@" stands for a file they carry."""

from __future__ import annotations

import re
from base64 import encodebytes
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "messages"
_FILE = re.compile(rb"^@@([a-z-]+)(?: ([a-z]+))?@@$", re.MULTILINE)


@cache
def raw(name: str) -> bytes:
    """A message as it comes from a mail server: lines end in CR LF."""
    return filled_in((_FOLDER / f"{name}.eml").read_bytes()).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@cache
def every_name() -> tuple[str, ...]:
    """The names of all messages, in order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.eml")))


@cache
def beginning(name: str, size: int = 900) -> bytes:
    """A message whose files are cut off after so many bytes: what is cheap to look at by the thousand."""
    return filled_in((_FOLDER / f"{name}.eml").read_bytes(), size)


def filled_in(template: bytes, size: int | None = None) -> bytes:
    """A message with its files in place, whole or only so many bytes of each."""
    from tests.pathologies.books import FILES

    def encoded(match: re.Match[bytes]) -> bytes:
        return encodebytes(FILES[match[1].decode()]((match[2] or b"").decode())[:size]).rstrip()

    return _FILE.sub(encoded, template)
