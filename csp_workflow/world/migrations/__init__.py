"""The store's shape, step by step. A store is created and brought up to date by these and by nothing else."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from csp_workflow.world.store.engine import engine as made_engine
from csp_workflow.world.store.engine import reading


def upgrade(url: str) -> str:
    """Create the store, or bring it to this version's shape, whole or not at all. Returns the revision reached."""
    made = made_engine(url)
    try:
        with made.connect() as connection:
            config = _config()
            if made.dialect.name == "sqlite":
                # Batch operations drop and re-create tables: with foreign keys on, children would vanish.
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        made.dispose()
    return _head()


def faults(url: str) -> tuple[str, ...]:
    """What is wrong with a store: not in this version's shape, or damaged. () when it is sound."""
    made = made_engine(url)
    try:
        with reading(made) as connection:
            found = _revision(connection)
            if found != _head():
                return (f"The store's shape is {found or 'none'}, not {_head()}. Run: csp-workflow db upgrade",)
            return _damage(made, connection)
    finally:
        made.dispose()


def _damage(made: Engine, connection: Connection) -> tuple[str, ...]:
    if made.dialect.name != "sqlite":
        return ()
    said = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    return tuple(f"The database file is damaged: {line}" for line in said if line != "ok") + tuple(
        f"A row of '{row[0]}' has lost what it belongs to." for row in broken
    )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head() -> str:
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(str(resources.files(__name__)))))
    return config
