"""Random quarters: whatever people do and whatever breaks, what must always be true is true (design, section 12)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.simulation.quarter import Quarter, prepared
from tests.story.site_told import Played


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return prepared(tmp_path_factory.mktemp("small") / "opcc")


def played(small: Played, place: Path, seed: int) -> None:
    quarter = Quarter(small.copied_to(place / "opcc"), seed)
    found = quarter.play()
    assert not found, "\n".join([f"seed {seed}", *found, "", *quarter.told])


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.sweep)])
def test_a_random_quarter(small: Played, tmp_path: Path, seed: int) -> None:
    played(small, tmp_path, seed)


@pytest.mark.sweep
@pytest.mark.parametrize("hundred", range(1, 21))
def test_thousands_of_random_quarters(small: Played, tmp_path: Path, hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        played(small, tmp_path / str(seed), seed)
        shutil.rmtree(tmp_path / str(seed))
