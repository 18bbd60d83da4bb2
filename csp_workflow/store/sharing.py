"""Many sites in one database: a schema each, and few connections of a process for all of them."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, inspect
from sqlalchemy.exc import DisconnectionError, IntegrityError
from sqlalchemy.schema import CreateSchema

from csp_workflow.store.engine import (
    BUSY_SECONDS,
    PATIENCE,
    in_our_words,
    open_engine,
    open_postgresql,
    read_address,
    split_address,
)

_lent: dict[tuple[int, str], tuple[Engine, int]] = {}
_lending = threading.Lock()

_RESTED = 2.0
"""Seconds in which a connection is not lost unseen: what is asked by one that was is asked anew at the next beat."""


@dataclass
class _Loan:
    """What one store has of a shared engine: given back once, however often it says so."""

    key: tuple[int, str]
    is_out: bool = True


def lend_engine(url: str) -> Engine:
    """An engine for a store at work. Stores of one process that share a database share a few connections to it.

    Whoever takes one gives it back (`take_back`). Raises PreconditionFailed as `open_engine` does.
    """
    address = read_address(url)
    server, schema, count = split_address(address)
    if address.drivername == "sqlite" or not schema:
        return open_engine(url)
    key = (os.getpid(), f"{server.render_as_string(hide_password=False)} {count}")  # a fork begins with none
    with _lending:
        shared, users = _lent.get(key) or (_open_shared(address, count), 0)
        _lent[key] = (shared, users + 1)
    return shared.execution_options(schema=schema, loan=_Loan(key))


def take_back(engine: Engine) -> None:
    """Let an engine's connections go, once nobody in this process uses them any more."""
    loan: _Loan | None = engine.get_execution_options().get("loan")
    if loan is None:
        engine.dispose()
        return
    with _lending:
        shared, users = _lent.get(loan.key, (engine, 1))
        if not loan.is_out:
            return
        loan.is_out = False
        if users > 1:
            _lent[loan.key] = (shared, users - 1)
            return
        _lent.pop(loan.key, None)
    shared.dispose()


def make_schema(url: str, name: str) -> None:
    """Make a schema in a database, where it has none of that name. Raises StoreBusy, PreconditionFailed."""
    made = open_engine(url)
    try:
        with suppress(IntegrityError), in_our_words(), made.begin() as connection:  # else another was first
            if not inspect(connection).has_schema(name):
                connection.execute(CreateSchema(name))
    finally:
        made.dispose()


def _open_shared(address: URL, count: int) -> Engine:
    waits = {"pool_size": count, "max_overflow": 0, "pool_timeout": BUSY_SECONDS, "pool_use_lifo": True}
    made = open_postgresql(address, PATIENCE, pool_pre_ping=False, **waits)
    event.listen(made, "begin", _look_into_schema)
    event.listen(made, "checkin", _note_use)
    event.listen(made, "checkout", _ask_after_a_rest)
    return made


def _note_use(_: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _ask_after_a_rest(driver: Any, record: Any, _: Any) -> None:
    """A beat takes up a connection a hundred times: only one that was left alone is asked whether it is there still."""
    if time.monotonic() - record.info.get("used", 0.0) < _RESTED and not driver.closed:
        return
    was_so = driver.autocommit
    try:
        driver.autocommit = True
        driver.execute("")
        driver.autocommit = was_so
    except Exception as fault:
        raise DisconnectionError from fault  # the pool opens another


def _look_into_schema(connection: Connection) -> None:
    """Before a transaction begins its connection sees this site's schema, and nothing else.

    It is set outside of any transaction: a rollback would set it back to another site's. A connection that was never
    set sees no site at all.
    """
    schema = connection.get_execution_options().get("schema", "")
    if connection.info.get("schema") == schema:
        return
    driver: Any = connection.connection.driver_connection
    connection.info.pop("schema", None)
    was_so, driver.autocommit = driver.autocommit, True
    try:
        driver.execute("SELECT set_config('search_path', %s, false)", (schema,))
    finally:
        driver.autocommit = was_so
    connection.info["schema"] = schema
