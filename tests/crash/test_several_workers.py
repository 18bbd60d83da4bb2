"""Workers beside each other at one store, some killed: each return is judged once, and everything leaves once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from csp_workflow.store import migrations
from tests.crash.working import Fleet
from tests.store import conftest as stores

cluster, fresh_database = stores.cluster, stores.fresh_database
kind_of_database, empty_url = stores.kind_of_database, stores.empty_url


@pytest.mark.parametrize(
    ("partnerships", "workers", "kills"),
    [
        pytest.param(12, 4, 3, id="12 returns"),
        pytest.param(24, 8, 6, id="24 returns", marks=pytest.mark.sweep),
        pytest.param(24, 8, 0, id="24 returns undisturbed", marks=pytest.mark.sweep),
        pytest.param(300, 8, 12, id="300 returns in the sandbox", marks=pytest.mark.sweep),
    ],
)
def test_each_return_ends_in_its_verdict_once(
    empty_url: str, tmp_path: Path, partnerships: int, workers: int, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """So many workers on a server; on a file two, and a quarter of the returns."""
    is_file = empty_url.startswith("sqlite")
    migrations.upgrade(empty_url)
    fleet = Fleet(empty_url, tmp_path, partnerships // (4 if is_file else 1), child=partnerships > 24)
    messages, workers = fleet.prepare(), 2 if is_file else workers
    took = fleet.play(workers, kills=kills, seconds=90 + 5 * partnerships)
    with capsys.disabled():
        sys.stdout.write(f"\n{workers} workers, {messages} returns, {kills} killed: {took:.0f} s\n")
    assert list(fleet.find_wrong(messages)) == []
