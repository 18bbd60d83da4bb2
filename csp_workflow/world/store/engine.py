"""The engine: settings by SQLite version, writers begin at once, PostgreSQL by URL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import create_engine

from csp_workflow.terms.faults import StoreBusy

_WAL_FIXED = ((3, 51, 3),)
_WAL_BACKPORTS = {(3, 50): 7, (3, 44): 6}


def wal_is_safe(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:  # type: ignore[assignment]
    """Whether this SQLite has the fix for WAL resets (3.51.3, or a backport of it)."""
    backport = _WAL_BACKPORTS.get(version[:2])
    return version >= _WAL_FIXED[0] or (backport is not None and version[2] >= backport)


def engine(url: str) -> Engine:
    """An engine for a store's URL (sqlite:///... or postgresql+psycopg://...)."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    made = create_engine(url, connect_args={"timeout": 10})
    event.listen(made, "connect", _set_up_sqlite)
    event.listen(made, "begin", _begin_at_once)
    return made


def _set_up_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    journal, synchronous = ("WAL", "FULL") if wal_is_safe() else ("DELETE", "EXTRA")
    for pragma in (
        "busy_timeout=10000",
        f"journal_mode={journal}",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cell_size_check=ON",
        "mmap_size=0",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_at_once(connection: Connection) -> None:
    # A deferred BEGIN that turns into a write never waits for the lock; a writer must begin at once.
    if connection.get_execution_options().get("reading"):
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def writing(made: Engine) -> Iterator[Connection]:
    """A transaction that writes. Raises StoreBusy when the database is locked or unreachable."""
    try:
        with made.begin() as connection:
            yield connection
    except OperationalError as fault:
        raise StoreBusy(f"The database is not available: {type(fault.orig).__name__}.") from fault


@contextmanager
def reading(made: Engine) -> Iterator[Connection]:
    """A connection that only reads."""
    try:
        with made.connect().execution_options(reading=True) as connection:
            yield connection
    except OperationalError as fault:
        raise StoreBusy(f"The database is not available: {type(fault.orig).__name__}.") from fault
