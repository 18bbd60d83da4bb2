"""A service that runs for months: what is edited in its configuration counts at the next beat, when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from csp_workflow import wiring
from csp_workflow.service import Running
from tests.story.site_told import CO_ORDINATOR, Played, said

NOW = datetime(2014, 10, 15, 6, 0, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Played:
    made = Played.laid_out(tmp_path / "opcc")
    for folder in ("config", "templates"):
        for path in (made.place / folder).rglob("*"):
            os.utime(path, (NOW.timestamp() - 60, NOW.timestamp() - 60))
    return made


@pytest.fixture
def running(site: Played) -> Iterator[Running]:
    config, state = site.place / "config", site.place / "state"
    with wiring.open_site(config, state, now=NOW, pretended=True) as wired:
        made = Running(config, state, wired)
        yield made
        made.close()


def edit(site: Played, old: str, new: str, when: datetime) -> None:
    path = site.place / "config" / "service.toml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    os.utime(path, (when.timestamp(), when.timestamp()))


def test_a_change_counts_at_the_next_beat_and_is_told(site: Played, running: Running) -> None:
    running.beat(NOW)
    edit(site, "digest = 07:30:00", "digest = 08:45:00", NOW)
    later = NOW + timedelta(minutes=1)
    running.beat(later)
    running.beat(NOW.replace(hour=6, minute=35))
    assert not site.new_letters(CO_ORDINATOR), "the digest has another hour now"
    running.beat(NOW.replace(hour=7, minute=46))
    assert "The changed configuration was taken" in said(site.the_letter(CO_ORDINATOR, "you today"))


def test_one_with_faults_is_refused_and_said_until_it_is_mended(site: Played, running: Running) -> None:
    running.beat(NOW)
    edit(site, "digest = 07:30:00", "digest = 25:00:00", NOW)
    running.beat(NOW.replace(minute=31))
    told = said(site.the_letter(CO_ORDINATOR, "you today"))
    assert "cannot be used as it is, so the service goes on with the one before" in told
    assert "sending.digest" in told or "service.toml" in told
    edit(site, "digest = 25:00:00", "digest = 07:30:00", NOW.replace(minute=40))
    running.beat(NOW.replace(minute=41))
    running.beat(NOW.replace(day=16, minute=31))
    assert not [one for one in site.new_letters(CO_ORDINATOR) if "cannot be used as it is" in said(one)]


def test_a_file_that_is_being_written_waits_for_the_next_beat(site: Played, running: Running) -> None:
    running.beat(NOW)
    edit(site, "digest = 07:30:00", "digest = 07:", NOW + timedelta(seconds=58))
    running.beat(NOW + timedelta(minutes=1))
    edit(site, "digest = 07:", "digest = 07:29:00", NOW + timedelta(seconds=61))
    running.beat(NOW + timedelta(minutes=2))
    running.beat(NOW.replace(minute=31))
    told = said(site.the_letter(CO_ORDINATOR, "you today"))
    assert "cannot be used" not in told
