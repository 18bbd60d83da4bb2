"""The store's shape, step by step. A store is created and brought up to date by these and by nothing else."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.schema import CreateSchema
from sqlmodel import SQLModel

from csp_workflow.store import tables  # noqa: F401 - puts the tables into the metadata
from csp_workflow.store.checking import find_unreadable_rows
from csp_workflow.store.engine import file_of, find_schema, in_our_words, open_engine

_LOCK = 0x43535044  # "CSPD"


class ShapeBroken(Exception):
    """A migration would have left rows without what they belong to; nothing of it was kept."""


def upgrade(url: str, *, to: str = "head") -> str:
    """Create the store, or bring it to this version's shape, whole or not at all. Returns the revision reached."""
    if url.startswith("sqlite"):
        file_of(url).parent.mkdir(parents=True, exist_ok=True)
    # Batch operations drop and re-create tables: with foreign keys on, children would vanish. Hence no pragmas.
    made = open_engine(url, create=True, pragmas=False)
    try:
        with in_our_words(), made.begin() as connection:
            if made.dialect.name == "postgresql":
                schema = find_schema(url)
                wanted = text("SELECT pg_advisory_xact_lock(:key, hashtext(:schema))")
                connection.execute(wanted, {"key": _LOCK, "schema": schema})
                if schema:
                    connection.execute(CreateSchema(schema, if_not_exists=True))
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, to)
            orphans = _orphans(connection)
            if orphans:
                raise ShapeBroken("; ".join(orphans))
            return read_revision(connection)
    finally:
        made.dispose()


def faults(url: str) -> tuple[str, ...]:
    """What is wrong with a store: another shape, damaged, or rows that cannot be read. () when it is sound.

    Raises PreconditionFailed when there is none, StoreBusy when it cannot be reached.
    """
    made = open_engine(url)
    try:
        with in_our_words(), made.connect().execution_options(reading=True) as connection:
            found = read_revision(connection)
            if found != head():
                return (f"The store's shape is '{found or 'none'}', not '{head()}'. Run: csp-workflow db upgrade",)
            if damage := _damage(connection) or (*_drift(connection), *_orphans(connection)):
                return damage
        return tuple(find_unreadable_rows(made))
    except DatabaseError as fault:
        return (f"The database file is damaged: {fault.orig}. Bring back a backup.",)
    finally:
        made.dispose()


def knows(revision: str) -> bool:
    """Whether this version has a way from a revision to its own."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def head() -> str:
    """The latest revision there is."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _damage(connection: Connection) -> tuple[str, ...]:
    if connection.dialect.name != "sqlite":
        return ()
    said = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    return tuple(f"The database file is damaged: {line}" for line in said if line != "ok")


def _orphans(connection: Connection) -> tuple[str, ...]:
    if connection.dialect.name != "sqlite":
        return ()
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    return tuple(f"A row of '{row[0]}' has lost what it belongs to." for row in broken)


def _drift(connection: Connection) -> tuple[str, ...]:
    """Somebody changed the tables by hand, or a table was changed without a migration."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = compare_metadata(context, SQLModel.metadata)
    return tuple(f"The tables differ from this version's: {difference}" for difference in found)


def read_revision(connection: Connection) -> str:
    """The revision that a store is in, "" where there is none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
