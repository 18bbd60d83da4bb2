"""Stores to test on: a SQLite file, and a real PostgreSQL started for the run in a folder of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from csp_workflow.store import Store, migrations
from tests.store.laying_out import lay_out_store


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """A private PostgreSQL on a Unix socket, as the user `postgres` (a server refuses to run as root)."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.fail("PostgreSQL is not installed (apt-get install postgresql), and in CI its absence is a failure.")
    place = Path(tempfile.mkdtemp(prefix="csp-pg-"))
    shutil.chown(place, "postgres")
    as_postgres = ["runuser", "-u", "postgres", "--"]
    data, log = place / "data", place / "log"

    def run(*words: str) -> None:
        done = subprocess.run([*as_postgres, *words], check=False, capture_output=True, text=True, cwd=place)
        assert done.returncode == 0, f"{words}: {done.stderr} {log.read_text() if log.exists() else ''}"

    run(str(programs[-1] / "initdb"), "-D", str(data), "-A", "trust", "-U", "csp", "--no-sync", "-E", "UTF8")
    settings = f"-k {place} -c listen_addresses='' -c fsync=off -c max_connections=40"
    run(str(programs[-1] / "pg_ctl"), "-D", str(data), "-l", str(log), "-o", settings, "-w", "start")
    try:
        yield f"postgresql+psycopg://csp@/postgres?host={place}"
    finally:
        run(str(programs[-1] / "pg_ctl"), "-D", str(data), "-m", "immediate", "-W", "stop")
        shutil.rmtree(place, ignore_errors=True)


class MakesDatabase(Protocol):
    """Makes a database on the server and gives its URL."""

    def __call__(self, name: str, *, of: str = "template1") -> str:
        """As a copy of another database; of the server's own, with nothing in it."""


@pytest.fixture(scope="session")
def fresh_database(cluster: str) -> MakesDatabase:
    from sqlalchemy import create_engine, text

    def fresh(name: str, *, of: str = "template1") -> str:
        server = create_engine(cluster, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{of}"'))
        server.dispose()
        return cluster.replace("/postgres?", f"/{name}?")

    return fresh


@pytest.fixture(scope="session")
def laid_out_database(fresh_database: MakesDatabase) -> str:
    """The name of a database of this version's shape, to be copied: to migrate each took most of a test's time."""
    name = "laid-out"
    migrations.upgrade(fresh_database(name))
    return name


ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgresql))


@pytest.fixture(params=ENGINES)
def kind_of_database(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


def _name_database(request: pytest.FixtureRequest) -> str:
    return f"t{abs(hash(request.node.nodeid)) % 10**10}"


@pytest.fixture
def empty_url(kind_of_database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in it."""
    if kind_of_database == "sqlite":
        return f"sqlite:///{tmp_path / 'csp.sqlite'}"
    fresh: MakesDatabase = request.getfixturevalue("fresh_database")
    return fresh(_name_database(request))


@pytest.fixture
def url(kind_of_database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store of this version's shape."""
    if kind_of_database == "sqlite":
        lay_out_store(tmp_path / "csp.sqlite")
        return f"sqlite:///{tmp_path / 'csp.sqlite'}"
    fresh: MakesDatabase = request.getfixturevalue("fresh_database")
    return fresh(_name_database(request), of=request.getfixturevalue("laid_out_database"))


@pytest.fixture
def opened(url: str) -> Iterator[Callable[[], Store]]:
    """Opens the store, as often as wanted: each is another worker."""
    stores: list[Store] = []

    def again() -> Store:
        stores.append(Store(url))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    """A store with nothing in it."""
    return opened()
