"""Fleets to test on: at a database on a real server, and with a file for each site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from csp_workflow.fleet import Fleet, lay_out_fleet
from tests.store import conftest as stores

cluster, fresh_database = stores.cluster, stores.fresh_database


@pytest.fixture
def make_fleet(tmp_path: Path) -> Iterator[Callable[..., Fleet]]:
    """Makes a fleet in a folder of the test's own, at a database or (database = "") with files."""
    made: list[Fleet] = []

    def make(name: str = "fleet", database: str = "", connections: int = 4) -> Fleet:
        lay_out_fleet(tmp_path / name)
        file = tmp_path / name / "fleet.toml"
        file.write_text(f'database = "{database}"\nconnections = {connections}\n')
        made.append(Fleet(tmp_path / name))
        return made[-1]

    yield make
    for fleet in made:
        fleet.close()
