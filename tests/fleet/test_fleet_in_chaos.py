"""Workers that die, are paused and disagree on the time: nothing is lost, doubled or carried to another site."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from csp_workflow.fleet import Fleet
from csp_workflow.terms.dates import in_london
from tests.fleet.chaos import Chaos
from tests.simulation.quarter import LAST
from tests.story.site_told import at

Make, Fresh = Callable[..., Fleet], Callable[[str], str]
pytestmark = pytest.mark.needs_postgresql


def tell(chaos: Chaos, capsys: pytest.CaptureFixture[str]) -> None:
    letters, again = chaos.count_handed()
    gap = max(site.gap for site in chaos.sites.values())
    said = sum(len(site.said) for site in chaos.sites.values())
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(chaos.sites)} sites, {len(chaos.workers)} workers begun, {chaos.kills} killed,"
            f" {chaos.pauses} paused, the database restarted {chaos.restarts} times: {said} messages,"
            f" {letters} letters, {again} handed over twice; the longest gap between a site's beats {gap:.0f} s\n"
        )


def test_a_fleet_goes_on_when_a_worker_is_killed(
    make_fleet: Make, fresh_database: Fresh, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two days of two sites, at whose second moment a worker is killed."""
    chaos = Chaos(make_fleet(database=fresh_database("chaos")))
    chaos.lay_out(2)
    moments = [at("15 Oct 07:35"), at("15 Oct 09:04"), at("16 Oct 09:04")]
    chaos.play(moments, 2, {1: Chaos.kill}.get)
    tell(chaos, capsys)
    assert list(chaos.find_wrong(moments[-1] + timedelta(hours=1), is_whole=False)) == []
    assert chaos.count_handed()[0] > 12


@pytest.mark.sweep
def test_a_fleet_goes_on_when_a_worker_is_paused_and_when_the_database_is_restarted(
    make_fleet: Make, fresh_database: Fresh, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two days of two sites; the paused worker goes on after its sites were taken from it."""
    chaos = Chaos(make_fleet(database=fresh_database("paused")))
    chaos.lay_out(2)
    moments = [at(f"15 Oct {clock}") for clock in ("07:35", "09:04", "13:02")] + [at("16 Oct 09:04")]
    chaos.play(moments, 2, {1: Chaos.pause, 2: Chaos.restart_database}.get)
    tell(chaos, capsys)
    assert list(chaos.find_wrong(moments[-1] + timedelta(hours=1), is_whole=False)) == []
    logs = "".join(file.read_text() for file in chaos.fleet.folder.glob("log-*"))
    assert "fleet.site.freed" in logs
    assert "fleet.worker.paused" in logs


@pytest.mark.sweep
def test_a_whole_quarter_of_43_sites_in_chaos(
    make_fleet: Make, fresh_database: Fresh, capsys: pytest.CaptureFixture[str]
) -> None:
    """Takes 15 minutes of two cores, and ends when a site has no beat for ten."""
    chaos = Chaos(make_fleet(database=fresh_database("chaos43")))
    chaos.lay_out(43)
    first = date(2014, 10, 14)
    days = [first + timedelta(days=n) for n in range((in_london(LAST).date() - first).days + 1)]
    moments = [  # by London's clocks, which go back meanwhile: letters leave from nine on
        at(f"{day:%d %b} {clock}")
        for number, day in enumerate(day for day in days if day.weekday() < 5)
        for clock in (("07:33", "09:33") if number < 4 else ("09:33",))
    ]
    troubles = {number: act for first, act in enumerate((Chaos.kill, Chaos.pause, Chaos.restart_database, Chaos.kill))
                for number in range(first * 3 + 1, len(moments), 12)}  # fmt: skip
    chaos.play(moments, 4, troubles.get)
    tell(chaos, capsys)
    assert list(chaos.find_wrong(LAST, is_whole=True)) == []
