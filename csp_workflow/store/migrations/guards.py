"""What the database itself refuses: triggers that keep rows from being changed, removed or rewritten.

A migration that must rewrite rows that never change does so inside `lifted`, and nowhere else. One that replaces a
table drops the table's own with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op
from sqlalchemy import text

_DISTINCT = {"sqlite": "NOT", "postgresql": "DISTINCT FROM"}


def never_changed(table: str) -> None:
    """Rows of a table are added and read, and nothing else."""
    _refuse(table, "UPDATE", "changed")
    never_removed(table)


def never_removed(table: str) -> None:
    """Rows of a table stay."""
    _refuse(table, "DELETE", "removed")
    if _dialect() == "postgresql":
        _refuse(table, "TRUNCATE", "emptied")


def never_rewritten(table: str, *columns: str) -> None:
    """Some columns of a table's rows stay as they were stored."""
    changed = " OR ".join(f"NEW.{column} IS {_DISTINCT[_dialect()]} OLD.{column}" for column in columns)
    _refuse(table, f"UPDATE OF {', '.join(columns)}", "rewritten", changed)


@contextmanager
def lifted(*tables: str) -> Iterator[None]:
    """Lift the triggers of some tables, for rewriting their rows, and put back the very same ones.

    All of it in the migration's own transaction: whatever stops it leaves the store as it was, triggers and all.
    """
    connection = op.get_bind()
    if _dialect() == "postgresql":
        for table in tables:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield
        for table in tables:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        return
    wanted = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
    found = [row for table in tables for row in connection.execute(wanted, {"table": table}).all()]
    for name, _ in found:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, sql in found:
        connection.exec_driver_sql(sql)


def _dialect() -> str:
    return op.get_bind().dialect.name


def _refuse(table: str, act: str, word: str, when: str = "") -> None:
    name, said = f"{table}_is_never_{word}", f"a row of {table} is never {word}"
    condition = f"WHEN ({when}) " if when else ""
    if _dialect() == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    )
    each = "STATEMENT" if act == "TRUNCATE" else "ROW"
    op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH {each} {condition}EXECUTE FUNCTION {name}()")
