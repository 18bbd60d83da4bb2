"""How a store is opened: settings by SQLite version, no first run in the wrong folder, no network share."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.event import listen, remove
from store_told import NOW, Q2, event, land, queue

from csp_workflow.store import Store, engine, migrations, tables
from csp_workflow.terms.events import Decision, PreconditionFailed
from csp_workflow.terms.service import DiskFull, StoreBusy


@pytest.mark.parametrize(
    ("version", "settings"),
    [
        ((3, 40, 1), ("DELETE", "EXTRA")),
        ((3, 44, 5), ("DELETE", "EXTRA")),
        ((3, 44, 6), ("WAL", "FULL")),
        ((3, 50, 7), ("WAL", "FULL")),
        ((3, 51, 2), ("DELETE", "EXTRA")),
        ((3, 51, 3), ("WAL", "FULL")),
        ((3, 52, 0), ("WAL", "FULL")),
        ((4, 0, 0), ("WAL", "FULL")),
    ],
)
def test_a_write_ahead_log_is_used_only_where_it_loses_nothing(
    version: tuple[int, int, int], settings: tuple[str, str]
) -> None:
    assert engine.settings_in_force(version) == settings


def test_the_settings_are_in_force_on_every_connection(sqlite_store: Store) -> None:
    journal, synchronous = engine.settings_in_force()
    with sqlite_store._engine.connect() as connection:
        said = {
            name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()).upper()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
        }
    assert said["journal_mode"] == journal
    assert said["synchronous"] == {"FULL": "2", "EXTRA": "3"}[synchronous]
    assert (said["foreign_keys"], said["busy_timeout"], said["trusted_schema"]) == ("1", "10000", "0")


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Store:
    url = f"sqlite:///{tmp_path / 'csp.sqlite'}"
    migrations.upgrade(url)
    return Store(url)


def test_opening_a_store_that_is_not_there_says_how_to_make_one_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(PreconditionFailed, match="csp-workflow init"):
        Store(f"sqlite:///{tmp_path / 'csp.sqlite'}")
    assert list(tmp_path.iterdir()) == []


def test_a_store_in_memory_is_refused() -> None:
    with pytest.raises(PreconditionFailed, match="memory"):
        Store("sqlite://")


def test_a_store_of_another_shape_is_not_opened(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        sqlite3.connect(empty_url.removeprefix("sqlite:///")).execute("CREATE TABLE other (x)").connection.close()
    with pytest.raises(PreconditionFailed, match="db upgrade"):
        Store(empty_url)


@pytest.mark.parametrize(("kind", "refused"), [("ext4", False), ("nfs4", True), ("cifs", True), ("fuse.sshfs", True)])
def test_a_network_share_is_refused(tmp_path: Path, kind: str, refused: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        f"21 1 254:0 / / rw - ext4 /dev/vda rw\n30 21 0:40 / {tmp_path}/a\\040share rw,relatime - {kind} server:/x rw\n"
    )
    found = engine._filesystem_of(tmp_path / "a share" / "csp.sqlite", mounts)
    assert found == kind
    assert (found in engine._FAR_AWAY or found.startswith("fuse.")) is refused
    assert engine._filesystem_of(tmp_path / "elsewhere", mounts) == "ext4"


def test_a_locked_database_is_said_in_our_words_and_nothing_is_stored(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    url = str(sqlite_store._engine.url)
    impatient = Store(url)
    holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        impatient.commit(Decision(events=(event(),)), at=NOW)
    holder.execute("ROLLBACK")
    assert impatient.events(Q2) == ()
    assert impatient.commit(Decision(events=(event(),)), at=NOW)


def test_a_writer_waits_for_another_instead_of_failing(opened: Callable[[], Store]) -> None:
    """A deferred BEGIN that turns into a write fails at once; ours begin as writers."""
    one, other = opened(), opened()
    for number in range(20):
        land(one, f"a{number}")
        land(other, f"b{number}")
    assert len(one.messages()) == 40


def fill(store: Store) -> None:
    for number in range(10_000):
        land(store, f"m{number}", subject="x" * 4000)


def test_a_full_disk_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """On a real file system of 1 MiB."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        url = f"sqlite:///{small / 'csp.sqlite'}"
        migrations.upgrade(url)
        store = Store(url)
        with pytest.raises(DiskFull):
            fill(store)
        stored = [message.id for message in store.messages()]
        assert stored == [f"m{number}" for number in range(len(stored))]
        store.close()
        assert migrations.faults(url) == ()
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_server_that_cannot_be_reached_is_a_passing_fault() -> None:
    with pytest.raises(StoreBusy):
        Store("postgresql+psycopg://nobody@/nothing?host=/nowhere")


def test_the_migrations_make_exactly_the_tables_of_this_version(empty_url: str) -> None:
    assert migrations.upgrade(empty_url) == migrations.head() == tables.SHAPE
    assert migrations.faults(empty_url) == ()


def test_upgrading_again_changes_nothing(url: str, opened: Callable[[], Store]) -> None:
    store = opened()
    queue(store, 2)
    migrations.upgrade(url)
    assert len(store.letters()) == 2


def test_a_table_changed_by_hand_is_noticed(url: str, opened: Callable[[], Store]) -> None:
    with opened()._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE stamp ADD COLUMN odd INTEGER")
    assert "odd" in migrations.faults(url)[0]


def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "csp.sqlite"
    url = f"sqlite:///{file}"
    migrations.upgrade(url)
    store = Store(url)
    for number in range(200):
        land(store, f"m{number}", subject="x" * 200)
    store.close()
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4096] = b"\xff" * 4096
    file.write_bytes(data)
    assert any("damaged" in fault for fault in migrations.faults(url))


def test_a_migration_that_fails_half_way_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'csp.sqlite'}"
    monkeypatch.setattr(migrations, "_orphans", lambda _: ("A row of 'x' has lost what it belongs to.",))
    with pytest.raises(migrations.ShapeBroken):
        migrations.upgrade(url)
    with sqlite3.connect(tmp_path / "csp.sqlite") as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_migrations_run_with_foreign_keys_off_in_one_writing_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With foreign keys on, a batch operation would drop the rows that refer to the table it re-creates."""
    url = f"sqlite:///{tmp_path / 'csp.sqlite'}"
    seen: list[tuple[object, bool]] = []

    def look(connection: Connection) -> tuple[str, ...]:
        driver = connection.connection.driver_connection
        seen.append((connection.exec_driver_sql("PRAGMA foreign_keys").scalar(), driver.in_transaction))  # type: ignore[union-attr]
        return ()

    monkeypatch.setattr(migrations, "_orphans", look)
    migrations.upgrade(url)
    assert seen == [(0, True)]


@pytest.mark.needs_postgresql
def test_a_lock_held_on_the_server_is_said_in_our_words(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = request.getfixturevalue("fresh_database")("locked")
    migrations.upgrade(url)
    monkeypatch.setitem(engine.PATIENCE, "options", "-c lock_timeout=50ms")
    holder, impatient = Store(url), Store(url)
    with holder._engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StoreBusy):
            impatient.commit(Decision(events=(event(),)), at=NOW)
    assert impatient.commit(Decision(events=(event(),)), at=NOW)
    holder.close()
    impatient.close()


def test_a_store_of_the_first_shape_is_brought_up_to_date_with_its_messages(empty_url: str) -> None:
    assert migrations.upgrade(empty_url, to="0001") == "0001"
    with pytest.raises(PreconditionFailed, match="csp-workflow db upgrade"):
        Store(empty_url)
    made = engine.open_engine(empty_url)
    with made.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO message (id, source, content, received, size, whole, attempts, sender, subject, verdict,"
            " reason, respondents) VALUES ('m1', 's1', 'c1', '2014-10-16 09:30:00', 7, true, 1, 'a@b.example',"
            " 'Our return', 'return', 'Taken.', 'charnwood')"
        )
    made.dispose()
    assert migrations.upgrade(empty_url) == migrations.head()
    assert migrations.faults(empty_url) == ()
    store = Store(empty_url)
    message = store.message("m1")
    store.close()
    assert message is not None
    assert (message.subject, message.attempts, message.marks) == ("Our return", 1, frozenset())


# What is asked again and again -------------------------------------------------------------------


QUESTIONS = (
    lambda store: store.events(Q2),
    lambda store: store.cycle_status(Q2),
    lambda store: store.service_status(),
    lambda store: store.mark(),
    lambda store: store.stamps(),
    lambda store: store.letters(),
    lambda store: store.figures(),
)


@pytest.fixture
def statements(sqlite_store: Store) -> Iterator[list[str]]:
    """What is asked of the database."""
    said: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        said.append(statement)

    listen(sqlite_store._engine, "before_cursor_execute", note)
    yield said
    remove(sqlite_store._engine, "before_cursor_execute", note)


def test_a_beat_that_asks_the_same_a_hundred_times_asks_the_database_once(
    sqlite_store: Store, statements: list[str]
) -> None:
    first = [ask(sqlite_store) for ask in QUESTIONS]
    assert statements
    statements.clear()
    assert [ask(sqlite_store) for ask in QUESTIONS] == first
    assert not statements


def test_what_is_stored_by_this_worker_or_another_is_seen_by_the_next_question(sqlite_store: Store) -> None:
    another = Store(str(sqlite_store._engine.url))
    for worker in (another, sqlite_store, another):
        mark, letters = sqlite_store.mark(), sqlite_store.letters()
        queue(worker, first=len(letters) + 1)
        assert sqlite_store.mark() == mark + 1
        assert len(sqlite_store.letters()) == len(letters) + 1
        worker.set_stamp("said", str(mark))
        assert sqlite_store.stamp("said") == another.stamp("said") == str(mark)


def test_a_store_that_was_closed_and_asked_again_knows_what_came_meanwhile(sqlite_store: Store) -> None:
    assert sqlite_store.stamps() == {}
    sqlite_store.close()
    another = Store(str(sqlite_store._engine.url))
    another.set_stamp("said", "meanwhile")
    another.close()
    assert sqlite_store.stamp("said") == "meanwhile"
