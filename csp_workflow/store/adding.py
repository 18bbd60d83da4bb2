"""Adding rows where a repeat must change nothing, and naming what rows point to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, literal
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlmodel import Session, SQLModel


def add_once(session: Session, row: SQLModel) -> bool:
    """Insert a row; one that repeats any unique key changes nothing. Whether the row was added."""
    # The row itself says that it was added: a count of rows is not to be had from every driver.
    wanted = _insert(session, row).on_conflict_do_nothing().returning(literal(1))
    return session.execute(wanted).first() is not None


def put(session: Session, row: SQLModel) -> None:
    """Insert a row, or replace the one with its primary key."""
    keys = [column.name for column in table_of(type(row)).primary_key]
    new = {name: value for name, value in values_of(row).items() if name not in keys}
    session.execute(_insert(session, row).on_conflict_do_update(index_elements=keys, set_=new))


def add_all(session: Session, rows: Iterable[SQLModel]) -> None:
    """Insert rows of one table, all at once."""
    listed = list(rows)
    if listed:
        session.execute(table_of(type(listed[0])).insert(), [values_of(row) for row in listed])


def name_unnamed(session: Session, model: type[SQLModel], keys: Iterable[str]) -> None:
    """Rows for what is pointed to and was never named by the config, with empty names."""
    table = table_of(model)
    (key,) = table.primary_key
    others = {column.name: "" for column in table.columns if column is not key}
    rows = [{key.name: one, **others} for one in sorted(set(keys))]
    if rows:
        session.execute(_inserting(session, table).on_conflict_do_nothing(), rows)


def values_of(row: SQLModel) -> dict[str, Any]:
    """A row's values as they are stored: without what the database itself numbers or reckons."""
    table = table_of(type(row))
    numbered = {c.name for c in table.columns if c.computed is not None or (c.primary_key and c.name == "number")}
    return {c.name: _storable(getattr(row, c.name)) for c in table.columns if c.name not in numbered}


def storable(text: str) -> str:
    """Text from outside as every database takes it: no NUL, nothing that is not a character."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _storable(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def _insert(session: Session, row: SQLModel) -> Any:
    return _inserting(session, table_of(type(row))).values(**values_of(row))


def _inserting(session: Session, table: Table) -> Any:
    """An INSERT that says what becomes of a repeat, as the database at hand writes it."""
    return (insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite)(table)
