"""The archive, in a folder and in the database: bytes under their hash, whole or not at all, and never changed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_told import land

from csp_workflow import upkeep, wiring
from csp_workflow.archive import Archive, FolderArchive
from csp_workflow.doctor import examine
from csp_workflow.store import Store, migrations
from csp_workflow.store.engine import open_engine
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.service import DiskFull
from tests.store.conftest import ENGINES
from tests.store.laying_out import lay_out_store
from tests.story.site_told import at


@pytest.fixture(params=["folder", *ENGINES])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """An archive of each kind in turn, with nothing in it."""
    if request.param == "folder":
        yield FolderArchive(tmp_path / "archive")
        return
    url = f"sqlite:///{tmp_path / 'csp.sqlite'}"
    if request.param == "sqlite":
        lay_out_store(tmp_path / "csp.sqlite")
    else:
        fresh: Callable[[str], str] = request.getfixturevalue("fresh_database")
        url = fresh("archive")
        migrations.upgrade(url)
    store = Store(url)
    yield store.archive
    store.close()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=2000))
def test_what_was_kept_is_fetched_by_its_hash(archive: Archive, data: bytes) -> None:
    name = archive.keep(data)
    assert name == archive.keep(data) == sha256(data).hexdigest()
    assert archive.fetch(name) == data
    assert name in set(archive.list_names())


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "ab"])
def test_what_was_never_kept_is_not_there(archive: Archive, name: str) -> None:
    with pytest.raises(KeyError):
        archive.fetch(name)


def test_an_archive_keeps_the_identity_that_it_has(archive: Archive) -> None:
    before = archive.find_identity()
    archive.take_identity("mine")
    assert archive.find_identity() == (before or "mine")
    archive.keep(b"x")
    assert list(archive.list_names()) == [sha256(b"x").hexdigest()]


# A folder -------------------------------------------------------------------------------------------


def test_files_lie_under_the_beginning_of_their_hash(tmp_path: Path) -> None:
    name = FolderArchive(tmp_path).keep(b"x")
    assert (tmp_path / name[:2] / name[2:]).read_bytes() == b"x"


def test_a_file_that_was_changed_is_noticed(tmp_path: Path) -> None:
    archive = FolderArchive(tmp_path)
    name = archive.keep(b"as it was")
    (tmp_path / name[:2] / name[2:]).write_bytes(b"as it is!")
    with pytest.raises(ValueError, match="not what was kept"):
        archive.fetch(name)


def test_a_file_cut_short_is_kept_anew(tmp_path: Path) -> None:
    archive = FolderArchive(tmp_path)
    name = archive.keep(b"as it was")
    (tmp_path / name[:2] / name[2:]).write_bytes(b"as")
    assert archive.keep(b"as it was") == name
    assert archive.fetch(name) == b"as it was"


def test_a_full_disk_keeps_nothing_and_leaves_no_half_file(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        archive = FolderArchive(tmp_path)
        with pytest.raises(DiskFull):
            archive.keep(b"x" * 200_000)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        assert archive.fetch(archive.keep(b"small")) == b"small"
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


# The database ---------------------------------------------------------------------------------------


def test_the_database_refuses_to_change_a_file_and_one_changed_all_the_same_is_noticed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'csp.sqlite'}"
    lay_out_store(tmp_path / "csp.sqlite")
    store = Store(url)
    name = store.archive.keep(b"as it was")
    engine, change = open_engine(url), text("UPDATE archived_file SET data = x'00'")
    with pytest.raises(DBAPIError, match="rewritten"), engine.begin() as connection:
        connection.execute(change)
    assert migrations.faults(url) == ()
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER archived_file_is_never_rewritten"))
        connection.execute(change)
    with pytest.raises(ValueError, match="not what was kept"):
        store.archive.fetch(name)
    assert any("not what was kept" in fault for fault in migrations.faults(url))
    engine.dispose()
    store.close()


# Whose archive it is --------------------------------------------------------------------------------


class Machine:
    """A machine's config and state folder; several may work at one store."""

    def __init__(self, place: Path, database: str = "", archive: str = "") -> None:
        self.place, self.state = place, place / "state"
        wiring.lay_out_site(place)
        (self.state / "key").write_bytes(bytes(range(32)))  # the site's own, on each of its machines
        self.configure(database, archive)

    def configure(self, database: str = "", archive: str = "") -> None:
        file = self.place / "config" / "service.toml"
        words = file.read_text().replace('database = ""', f'database = "{database}"', 1)
        file.write_text(words.replace('\narchive = ""', f'\narchive = "{archive}"', 1))

    def work(self, keeps: bytes = b"") -> None:
        """Open the site as the service does, and keep a message."""
        now = at("16 Oct 10:00")
        with wiring.open_site(self.place / "config", self.state, now=now) as wired:
            if keeps:
                name = wired.outside.archive.keep(keeps)
                land(wired.outside.store, name[:8], source=name, content=name)

    def fetch(self, data: bytes) -> bool:
        with wiring.open_site(self.place / "config", self.state, now=at("16 Oct 10:00"), working=False) as wired:
            return wired.outside.archive.fetch(sha256(data).hexdigest()) == data

    def problems(self) -> list[str]:
        checks = examine(self.place / "config", self.state, now=at("16 Oct 10:00"), wait=lambda _: None, probe=False)
        return [check.problem for check in checks if check.what.startswith("archive") and check.problem]


@pytest.fixture
def shared_store(tmp_path: Path) -> str:
    """The URL of a store that no machine's state folder holds."""
    lay_out_store(tmp_path / "shared" / "csp.sqlite")
    return f"sqlite:///{tmp_path / 'shared' / 'csp.sqlite'}"


def test_two_machines_at_one_store_without_a_shared_archive_do_not_start(tmp_path: Path, shared_store: str) -> None:
    one, other = (Machine(tmp_path / name, shared_store) for name in ("one", "other"))
    one.work(b"a message")
    with pytest.raises(PreconditionFailed, match='write archive = "database"'):
        other.work()
    assert other.problems()
    assert not one.problems()
    one.work()


def test_the_first_of_two_fresh_machines_gives_the_store_its_archive(tmp_path: Path, shared_store: str) -> None:
    one, other = (Machine(tmp_path / name, shared_store) for name in ("one", "other"))
    one.work()
    with pytest.raises(PreconditionFailed, match="take-archive"):
        other.work()


@pytest.mark.parametrize("archive", ["database", "{place}/common"])
def test_machines_with_one_archive_read_what_the_others_kept(tmp_path: Path, shared_store: str, archive: str) -> None:
    place = archive.format(place=tmp_path)
    one, other = (Machine(tmp_path / name, shared_store, place) for name in ("one", "other"))
    one.work(b"a message")
    other.work(b"another")
    assert one.fetch(b"another")
    assert other.fetch(b"a message")
    assert not one.problems()


def test_what_two_machines_kept_apart_is_brought_together(tmp_path: Path, shared_store: str) -> None:
    """As it is at a site from before a store knew its archive."""
    one, other = (Machine(tmp_path / name, shared_store) for name in ("one", "other"))
    one.work(b"a message")
    kept = FolderArchive(other.state / "archive").keep(b"another")
    with Store(shared_store)._writing() as session:
        session.execute(text("DELETE FROM stamp WHERE name = 'archive'"))
    store = Store(shared_store)
    land(store, "m2", source="2", content=kept)
    store.close()
    for machine in (one, other):
        with pytest.raises(PreconditionFailed):
            machine.work()
        machine.configure(archive="database")
    with pytest.raises(PreconditionFailed, match="still lacks"):
        upkeep.take_archive(one.place / "config", one.state, str(one.state / "archive"))
    said = upkeep.take_archive(other.place / "config", other.state, str(other.state / "archive"))
    assert said.startswith("1 files taken.")
    one.work()
    assert other.fetch(b"a message")
    assert one.fetch(b"another")


def test_an_archive_goes_back_from_the_database_into_a_folder(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one", archive="database")
    machine.work(b"a message")
    file = machine.place / "config" / "service.toml"
    file.write_text(file.read_text().replace('archive = "database"', 'archive = ""', 1))
    with pytest.raises(PreconditionFailed):
        machine.work()
    upkeep.take_archive(machine.place / "config", machine.state, "database")
    machine.work()
    assert machine.fetch(b"a message")


def test_a_store_that_was_moved_without_its_archive_does_not_start(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "one")
    machine.work(b"a message")
    shutil.move(machine.state / "archive", tmp_path / "left behind")
    with pytest.raises(PreconditionFailed, match="bring along its archive"):
        machine.work()
    assert machine.problems()
    shutil.move(tmp_path / "left behind", machine.state / "archive")
    machine.work()


def test_an_archive_is_known_by_its_files_where_its_identity_was_not_brought_along(tmp_path: Path) -> None:
    """So is that of a site from before archives had one."""
    machine = Machine(tmp_path / "one")
    machine.work(b"a message")
    identity = machine.state / "archive" / "identity"
    before = identity.read_text()
    identity.unlink()
    machine.work()
    assert identity.read_text() == before
    identity.unlink()
    with open_engine(f"sqlite:///{machine.state / 'csp.sqlite'}").begin() as connection:
        connection.execute(text("DELETE FROM stamp WHERE name = 'archive'"))
    machine.work()
    assert identity.read_text() != before
