"""What the database itself refuses: triggers that keep rows from being changed, removed or rewritten.

A migration that must rewrite rows that never change does so inside `lifted`, and nowhere else. One that replaces a
table drops the table's own with it.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from alembic import op

from csp_workflow.store.erasing import lift_triggers

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


def lifted(*tables: str) -> AbstractContextManager[None]:
    """Lift the triggers of some tables in the migration's own transaction (`store/erasing.py`)."""
    return lift_triggers(op.get_bind(), *tables)


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
