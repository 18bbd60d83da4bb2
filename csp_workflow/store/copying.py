"""A store as one SQLite file, as it was at one moment while others go on with it; such a file as the store again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Integer, func, select, text
from sqlalchemy.schema import DropSchema
from sqlmodel import SQLModel

from csp_workflow.store import migrations
from csp_workflow.store.engine import file_of, find_schema, in_our_words, open_engine, table_of
from csp_workflow.store.tables import SHAPE, EventRow, LetterRow, MessageRow
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import StoreBusy

_AT_ONCE = 1000
_BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a file while it is at work, or after it was cut off."""


def copy_store(url: str, file: Path) -> None:
    """Copy a store into a new SQLite file, as it is at this moment. Raises PreconditionFailed, StoreBusy, DiskFull."""
    if url.startswith("sqlite"):
        with in_our_words():
            _copy_file(_existing(url), file)
        return
    made = f"sqlite:///{file.absolute()}"
    with _opened(url) as source:
        _refuse_other_shape(source)
        migrations.upgrade(made)
        with _opened(made, writes=True) as target:
            _copy_rows(source, target)


def put_back(file: Path, url: str, *, beside: Path | None) -> None:
    """Put a SQLite file in the place of a store: the old one or the new one is there at every moment.

    What it replaces is kept in the folder `beside`. On a server one is filled in which nothing happened: the stamps and
    names that it may hold go. Raises StoreBusy.
    """
    if url.startswith("sqlite"):
        _replace_file(file, file_of(url), beside)
        return
    migrations.upgrade(url)
    with _opened(f"sqlite:///{file.absolute()}") as source, _opened(url, writes=True) as target:
        for table in reversed(SQLModel.metadata.sorted_tables):
            target.execute(table.delete())
        _copy_rows(source, target)
        _count_on(target)


def drop_store(url: str) -> None:
    """Remove a store that is one of many in a database, with all that it holds. Gone is no matter."""
    made = open_engine(url)
    try:
        with in_our_words(), made.begin() as connection:
            connection.execute(DropSchema(find_schema(url), cascade=True, if_exists=True))
    finally:
        made.dispose()


def holds_anything(url: str) -> bool:
    """Whether anything happened in a store, or it cannot be read: then nobody knows. False where there is none.

    Raises StoreBusy where a server cannot be reached.
    """
    try:
        with _opened(url) as connection:
            if not migrations.read_revision(connection):
                return False
            return any(connection.scalar(select(func.count()).select_from(table_of(row))) for row in _TELLING)
    except PreconditionFailed:
        return False
    except StoreBusy:
        if not url.startswith("sqlite"):
            raise
        return True
    except Exception:  # noqa: BLE001 - damaged, or of another time: whatever it is, it is not nothing
        return True


_TELLING = (EventRow, LetterRow, MessageRow)


def _existing(url: str) -> Path:
    open_engine(url).dispose()
    return file_of(url)


def _copy_file(source: Path, target: Path) -> None:
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=10)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)
        here.execute("PRAGMA journal_mode=DELETE")


def _replace_file(file: Path, place: Path, beside: Path | None) -> None:
    """The old file gets a second name first. A journal of it would be played into the new one, so it goes away."""
    if beside is not None and place.is_file():
        beside.mkdir(mode=0o700, exist_ok=True)
        try:
            with closing(sqlite3.connect(place)) as old:
                old.execute("SELECT count(*) FROM sqlite_master").fetchone()  # what a crash left open is settled
        except sqlite3.DatabaseError:
            pass  # it is damaged: that may be why a backup is put back
        os.link(place, beside / place.name)
        for end in _BESIDE:
            if Path(f"{place}{end}").exists():
                Path(f"{place}{end}").replace(beside / f"{place.name}{end}")
    file.replace(place)
    handle = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Rows, from one database to another -----------------------------------------------------------------


@contextmanager
def _opened(url: str, *, writes: bool = False) -> Iterator[Connection]:
    """A store at one moment, to be read; or to be written in one transaction."""
    made = open_engine(url)
    try:
        with in_our_words():
            connecting = made.connect().execution_options(reading=not writes)
            if made.dialect.name == "postgresql" and not writes:
                connecting = connecting.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connecting as connection, connection.begin():
                yield connection
    finally:
        made.dispose()


def _refuse_other_shape(connection: Connection) -> None:
    shape = migrations.read_revision(connection)
    if shape != SHAPE:
        raise PreconditionFailed(f"The store is in the shape '{shape or 'none'}'. Run: csp-workflow db upgrade")


def _copy_rows(source: Connection, target: Connection) -> None:
    """Every row of every table, in the order in which they point to each other."""
    for table in SQLModel.metadata.sorted_tables:
        columns = [column for column in table.columns if column.computed is None]
        rows = source.execution_options(yield_per=_AT_ONCE).execute(select(*columns))
        for part in rows.mappings().partitions(_AT_ONCE):
            target.execute(table.insert(), [dict(row) for row in part])


def _count_on(target: Connection) -> None:
    """A server numbers rows by counters of its own, which go on behind the rows that are there now."""
    for table in SQLModel.metadata.sorted_tables:
        (key, *others) = table.primary_key
        if others or not isinstance(key.type, Integer):
            continue
        counter = text("SELECT pg_get_serial_sequence(:table, :column)")
        name = target.scalar(counter, {"table": table.name, "column": key.name})
        last = target.scalar(select(func.max(key)))
        if name and last:
            target.execute(text("SELECT setval(:name, :last)"), {"name": name, "last": last})
