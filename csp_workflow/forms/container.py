"""The zip around a workbook: looked at before anything is inflated, and each part only within bounds."""

from __future__ import annotations

import io
import posixpath
import zipfile

from csp_workflow.mail.file_kinds import FileRefused

ENTRIES = 2_000
PART_BYTES = 40 * 1024 * 1024
TOTAL_BYTES = 80 * 1024 * 1024
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1


class Container:
    """The parts of a workbook by name. Raises FileRefused for a container that is not to be opened.

    Nothing is ever written to disk, so that a name can do no harm; but two parts of one name
    would let the checks see one thing and the reader another.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as fault:
            raise FileRefused("damaged") from fault
        self._left = TOTAL_BYTES
        self._parts = _checked(self._archive.infolist())

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._parts

    def names(self) -> tuple[str, ...]:
        """Every part's name, in small letters."""
        return tuple(self._parts)

    def read(self, name: str) -> bytes:
        """A part's bytes. Raises FileRefused when it is missing, damaged, or larger than all bounds."""
        info = self._parts.get(_plain(name))
        if info is None:
            raise FileRefused("damaged")
        if info.file_size > min(PART_BYTES, self._left):
            raise FileRefused("too large")
        self._left -= info.file_size
        try:
            return self._archive.read(info)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError) as fault:
            raise FileRefused("damaged") from fault
        except Exception as fault:  # zlib.error, and whatever a damaged stream brings
            raise FileRefused("damaged") from fault

    def near(self, part: str, target: str) -> str:
        """The name of a relationship's target, seen from the part that points at it."""
        if target.startswith("/"):
            return target.lstrip("/")
        return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def relationships_of(part: str) -> str:
    """Where a part's relationships stand."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _checked(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    if len(entries) > ENTRIES:
        raise FileRefused("hostile")
    parts: dict[str, zipfile.ZipInfo] = {}
    for info in entries:
        name = _plain(info.filename)
        if ".." in name.split("/") or "\x00" in info.filename or name in parts:
            raise FileRefused("hostile")
        if info.flag_bits & _ENCRYPTED:
            raise FileRefused("password")
        if info.compress_type not in _METHODS:
            raise FileRefused("hostile")
        parts[name] = info
    return parts


def _plain(name: str) -> str:
    """Part names are compared without case; some programs write backslashes."""
    return name.replace("\\", "/").lstrip("/").lower()
