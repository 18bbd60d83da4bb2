"""What the store holds in words, column by column with its retention class; and how a person is erased from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, String, Table, TypeDecorator, select, text, update
from sqlmodel import SQLModel

from csp_workflow.store import tables
from csp_workflow.store.engine import Connected, table_of

_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class StoredText:
    """One text as it is stored; `keeps` is the retention class of its column, "" where that holds nothing of people's.

    `row` is the row's key.
    """

    table: str
    row: str
    column: str
    keeps: str
    text: str


class Erasing(Connected):
    """All that is stored in words, to be looked through; and the one way in which rows that never change are rewritten.

    Keys, hashes and numbers stay: what happened can be replayed, and every row still points to what it belongs to.
    """

    def stored_texts(self) -> Iterator[StoredText]:
        """Every text of every table."""
        with self._asking() as asked:
            for table, columns in _list_tables():
                for key, found in _read_rows(asked, table, columns):
                    row = " ".join(map(str, key))
                    for column, written in zip(columns, found, strict=True):
                        keeps = str(column.info.get("keeps", ""))
                        yield StoredText(table=table.name, row=row, column=column.name, keeps=keeps, text=written or "")

    def rewrite_texts(self, rewrite: Callable[[str], str]) -> int:
        """Rewrite every text in one transaction, with the triggers that refuse it lifted. How many rows changed."""
        with self._writing() as session:
            connection = session.connection()
            listed = _list_tables()
            with lift_triggers(connection, *(table.name for table, _ in listed)):
                count = sum(_rewrite_rows(connection, table, columns, rewrite) for table, columns in listed)
        self._sweep()
        return count

    def _sweep(self) -> None:
        """What was there before is not to be read in the file either; a server sweeps by itself."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("VACUUM")


@contextmanager
def lift_triggers(connection: Connection, *names: str) -> Iterator[None]:
    """Lift the triggers of some tables, for rewriting their rows, and put back the very same ones.

    All of it in the caller's own transaction: whatever stops it leaves the store as it was, triggers and all.
    """
    if connection.dialect.name == "postgresql":
        for name in names:
            connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        yield
        for name in names:
            connection.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))
        return
    wanted = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    found = [row for name in names for row in connection.execute(wanted, {"table": name}).all()]
    for name, _ in found:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, sql in found:
        connection.exec_driver_sql(sql)


def _list_tables() -> list[tuple[Table, list[Column[Any]]]]:
    """Each table with its columns of words: no key, nothing that points to another row."""
    models = (one for one in vars(tables).values() if isinstance(one, type) and issubclass(one, SQLModel))
    listed = [table_of(model) for model in models if hasattr(model, "__table__")]
    found = [(table, [column for column in table.columns if _holds_words(column)]) for table in listed]
    return [(table, columns) for table, columns in found if columns]


def _holds_words(column: Column[Any]) -> bool:
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, String) and not (column.primary_key or column.foreign_keys or column.unique)


def _read_rows(asked: Connection, table: Table, columns: list[Column[Any]]) -> Iterator[tuple[Any, Any]]:
    keys = list(table.primary_key)
    rows = asked.execute(select(*keys, *columns).order_by(*keys))
    for row in rows.yield_per(_AT_ONCE):
        yield tuple(row[: len(keys)]), row[len(keys) :]


def _rewrite_rows(
    connection: Connection, table: Table, columns: list[Column[Any]], rewrite: Callable[[str], str]
) -> int:
    count = 0
    for key, found in list(_read_rows(connection, table, columns)):
        new = {
            column.name: renewed
            for column, written in zip(columns, found, strict=True)
            if written and (renewed := _rewrite_text(table, column, written, rewrite)) != written
        }
        if new:
            is_it = (part == value for part, value in zip(table.primary_key, key, strict=True))
            connection.execute(update(table).where(*is_it).values(**new))
            count += 1
    return count


def _rewrite_text(table: Table, column: Column[Any], written: str, rewrite: Callable[[str], str]) -> str:
    """A document keeps its shape: what stands in it is rewritten, text by text."""
    if f"{column.name}_shape" not in table.columns:
        return rewrite(written)
    document = json.loads(written)
    renewed = _rewrite_document(document, rewrite)
    return written if renewed == document else json.dumps(renewed, sort_keys=True)


def _rewrite_document(document: Any, rewrite: Callable[[str], str]) -> Any:
    if isinstance(document, str):
        return rewrite(document)
    if isinstance(document, list):
        return [_rewrite_document(one, rewrite) for one in document]
    if isinstance(document, dict):
        return {rewrite(key): _rewrite_document(value, rewrite) for key, value in document.items()}
    return document
