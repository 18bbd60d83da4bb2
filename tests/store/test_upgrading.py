"""An upgrade that is killed leaves the old store or the new one; what never changes is rewritten in one way only."""

from __future__ import annotations

import json
import lzma
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from golden_values import everything
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from store_told import NOW, event, queue
from test_golden_rows import GOLDEN, keep_named, unpacked

from csp_workflow.store import Store, migrations
from csp_workflow.store.engine import open_engine
from csp_workflow.store.migrations.guards import lifted
from csp_workflow.terms.events import About, Decision, Happened

OLD_TABLES = (
    *("message", "message_source", "event", "cycle_plan", "request", "submission", "figure", "letter"),
    *("mailbox_cursor", "stamp"),
)
WORKER = Path(__file__).parent / "upgrading_worker.py"


def upgraded_by_a_process(url: str, last: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(WORKER), url, str(last)], check=False, capture_output=True, text=True, cwd=WORKER.parent
    )


def shape_of(url: str) -> str:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        (shape,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(shape)


def kill_at(points: Callable[[int], Iterator[int]], place: Path) -> None:
    done = upgraded_by_a_process(unpacked("every-word", place))
    assert done.returncode == 0, done.stderr
    for last in points(int(done.stdout)):
        url = unpacked("every-word", place)
        assert upgraded_by_a_process(url, last).returncode == 9
        assert shape_of(url) in {"0002", migrations.head()}
        migrations.upgrade(url)
        store = Store(url)
        assert everything(store)["letters"]
        store.close()
        assert migrations.faults(url) == ()


def test_a_kill_during_an_upgrade_leaves_the_old_store_or_the_new(tmp_path: Path) -> None:
    kill_at(lambda total: iter((2, total // 2, total - 1, total)), tmp_path)


@pytest.mark.sweep
def test_a_kill_at_any_point_of_an_upgrade_leaves_the_old_store_or_the_new(tmp_path: Path) -> None:
    kill_at(lambda total: iter(range(1, total + 1)), tmp_path)


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A connection in a transaction, as a migration has it, on a store with one event."""
    store = Store(url)
    store.commit(Decision(events=(event(Happened.EXPECTED),)), at=NOW)
    store.close()
    engine = open_engine(url, create=True, pragmas=False)  # as `upgrade` opens it
    with engine.connect() as opened, Operations.context(MigrationContext.configure(opened)):
        yield opened
    engine.dispose()


def test_triggers_are_lifted_for_a_rewriting_and_put_back(connection: Connection) -> None:
    with lifted("event"):
        connection.execute(text("UPDATE event SET by = 'another word'"))
    assert connection.scalar(text("SELECT by FROM event")) == "another word"
    with pytest.raises(DBAPIError, match="never changed"):
        connection.execute(text("UPDATE event SET by = 'a third'"))


def test_a_rewriting_that_fails_leaves_rows_and_triggers_as_they_were(url: str, connection: Connection) -> None:
    def rewrite() -> None:
        with lifted("event"):
            connection.execute(text("UPDATE event SET by = 'another word'"))
            connection.execute(text("UPDATE event SET nothing = ''"))

    with pytest.raises(DBAPIError):
        rewrite()
    connection.rollback()
    assert connection.scalar(text("SELECT by FROM event")) == "a test"
    with pytest.raises(DBAPIError, match="never changed"):
        connection.execute(text("UPDATE event SET by = 'a third'"))


@pytest.mark.needs_postgresql
def test_the_golden_rows_are_carried_over_on_a_server_too(fresh_database: Callable[[str], str], tmp_path: Path) -> None:
    """The rows of a golden store, laid into a server's store of the same shape and brought up to date there."""
    file = unpacked("every-word", tmp_path).removeprefix("sqlite:///")
    url = fresh_database("golden")
    migrations.upgrade(url, to="0002")
    engine = create_engine(url)
    with sqlite3.connect(file) as old, engine.begin() as new:
        old.row_factory = sqlite3.Row
        for table in OLD_TABLES:
            for row in old.execute(f"SELECT * FROM {table} ORDER BY 1"):
                values = {key: _value(key, row[key]) for key in row.keys()}  # noqa: SIM118 - rows have no other way
                columns = ", ".join(f'"{key}"' for key in values)
                marks = ", ".join(f":{key}" for key in values)
                new.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({marks})"), values)
    engine.dispose()
    migrations.upgrade(url)
    store = Store(url)
    found = json.loads(json.dumps(everything(store)))
    queue(store, first=1_000, about=(About(respondent="charnwood"),))
    assert len(store.letters()) == len(found["letters"]) + 1, "the database numbers on from what was carried over"
    store.close()
    held = json.loads(lzma.decompress((GOLDEN / "every-word.json.xz").read_bytes()))
    assert keep_named(found, held) == held
    assert migrations.faults(url) == ()


def _value(key: str, value: object) -> object:
    if key == "whole":
        return bool(value)
    return f"{value}+00:00" if key in {"at", "received", "queued", "not_before", "handed", "sent"} and value else value
