"""A bundle: many files in one zip that only its owner may read, with a table of contents. The same files give the same
bytes, and one of them is in memory at a time."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

_STAMP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Exported:
    """One file of a bundle: its name, its bytes, what it is, and who else is named in it ("": nobody known)."""

    name: str
    data: bytes
    what: str
    others: str = ""


def write_bundle(file: Path, files: Iterable[Exported]) -> int:
    """Write a bundle to a new file. How many files are in it."""
    half = file.with_name(f"{file.name}.part")
    with suppress(FileNotFoundError):
        half.unlink()
    with os.fdopen(os.open(half, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as handle:
        count = pack_bundle(handle, files)
    half.replace(file)
    return count


def pack_bundle(handle: IO[bytes], files: Iterable[Exported]) -> int:
    """The same into what is open already."""
    rows = []
    with zipfile.ZipFile(handle, "w") as book:
        for one in files:
            _add(book, one)
            rows.append((one.name, sha256(one.data).hexdigest(), len(one.data), one.what, one.others))
        _add(book, make_table("INDEX.csv", "", ("file", "sha256", "bytes", "what", "other persons in it"), rows))
    return len(rows) + 1


def _add(book: zipfile.ZipFile, one: Exported) -> None:
    info = zipfile.ZipInfo(one.name, _STAMP)
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    book.writestr(info, one.data)


def make_table(name: str, what: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Exported:
    """A CSV file as Excel opens it; no text in it is run as a formula."""
    from csp_workflow.analysis.figures_export import defuse

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([defuse(cell) for cell in row] for row in rows)
    return Exported(name=name, data=out.getvalue().encode("utf-8-sig"), what=what)
