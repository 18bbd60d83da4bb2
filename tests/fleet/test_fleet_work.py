"""What a worker says when it cannot begin, and that a site whose beat takes long is in nobody's way."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from unittest import mock

import pytest

from csp_workflow.cli import run
from csp_workflow.fleet import Fleet, lay_out_fleet, working
from csp_workflow.steps.beat import Beat
from csp_workflow.terms.events import PreconditionFailed
from tests.story.site_told import at


def test_a_fleet_of_files_has_no_workers_and_says_what_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out_fleet(tmp_path / "fleet")
    assert run(["fleet", "--fleet", str(tmp_path / "fleet"), "work"]) == 4
    said = " ".join(capsys.readouterr().err.split())
    assert "name it in" in said
    assert "fleet.toml" in said


def test_a_worker_never_lies_about_time(tmp_path: Path) -> None:
    lay_out_fleet(tmp_path / "fleet")
    assert run(["--now", "2014-10-15T09:00", "fleet", "--fleet", str(tmp_path / "fleet"), "work"]) == 2


def test_without_the_engine_it_is_said_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out_fleet(tmp_path / "fleet")
    monkeypatch.setenv("CSP_DATABASE", "postgresql://nobody@/none")
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    with pytest.raises(PreconditionFailed, match=r"csp-workflow\[fleet\]"):
        working.Worker(Fleet(tmp_path / "fleet"), lambda: at("15 Oct 09:00"), threading.Event()).work()


@pytest.mark.needs_postgresql
def test_sites_that_hang_hold_themselves_alone_and_no_beats_of_a_site_overlap(
    make_fleet: Callable[..., Fleet], fresh_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three of five sites hang, more than the worker does at a time; the other two beat all the same."""
    fleet, stopping, beats = make_fleet(database=fresh_database("hanging"), connections=6), threading.Event(), []
    hanging, at_work = {"c", "d", "e"}, set[str]()
    monkeypatch.setattr(working, "LONG", 0.5)
    for name in "abcde":
        (fleet.folder / "sites" / name).mkdir()
    looks = mock.Mock(side_effect=fleet.list_sites)
    monkeypatch.setattr(fleet, "list_sites", looks)

    def beat(name: str, now: datetime) -> Beat:
        assert name not in at_work
        at_work.add(name)
        stopping.wait(1.5 if name in hanging else 0)
        at_work.remove(name)
        beats.append(name)
        if beats.count("a") >= 8 or time.monotonic() > ends:
            stopping.set()
        return Beat()

    ends = time.monotonic() + 60
    monkeypatch.setattr(fleet, "beat", beat)
    working.Worker(fleet, lambda: at("15 Oct 09:00"), stopping, every=0.2).work()
    assert beats.count("a") >= 8
    assert beats.count("b") >= 5
    assert set(beats) >= hanging
    assert looks.call_count < len(beats) / 2, "no beat looks at all sites: its cost would grow with their number"
    assert sum(name in hanging for name in beats) < beats.count("a") + beats.count("b")
