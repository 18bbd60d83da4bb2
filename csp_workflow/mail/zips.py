"""Zip folders: the one workbook in one, within bounds looked at before anything is inflated."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from csp_workflow.forms.refusals import Refused
from csp_workflow.forms.sniffing import sniff

ENTRIES = 20
TOTAL_BYTES = 100 * 1024 * 1024
RATIO = 100
_SMALL = 64 * 1024
_ENCRYPTED = 0x1
_BOOKS = {"xlsx", "xlsm", "xls", "xlsb", "ods", "password", "label"}
_OF_THE_SYSTEM = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")


def the_workbook(data: bytes) -> tuple[str, bytes]:
    """The name and the bytes of the one workbook in a zip folder. Raises Refused when there is not exactly one.

    A folder inside a folder is not opened, and neither is one with a password, or far larger than it looks.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            books = list(_books(archive, _entries(archive)))
    except Refused:
        raise
    except Exception as fault:  # a damaged folder brings out faults of every kind in the library
        raise Refused("zip damaged") from fault
    if len(books) > 1:
        raise Refused("zip several")
    if not books:
        raise Refused("zip")
    return books[0]


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_of_the_system(entry.filename)]
    if len(entries) > ENTRIES:
        raise Refused("zip too large")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Refused("zip password")
    if sum(entry.file_size for entry in entries) > TOTAL_BYTES or any(map(_is_swollen, entries)):
        raise Refused("zip too large")
    return entries


def _is_of_the_system(name: str) -> bool:
    """What computers put into zip folders unasked."""
    plain = name.replace("\\", "/").lower()
    return plain.startswith(_OF_THE_SYSTEM) or plain.rpartition("/")[2] in _OF_THE_SYSTEM


def _is_swollen(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > max(_SMALL, RATIO * max(entry.compress_size, 1))


def _books(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    """The library never inflates an entry beyond the size it gives, so that the sum above bounds this."""
    for entry in entries:
        data = archive.read(entry)
        if sniff(data) in _BOOKS:
            yield entry.filename, data
