"""Killed at any point around any effect, intake and approval lose nothing and do nothing twice."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from csp_workflow.steps.beat import tick
from csp_workflow.terms.status import fold_cycle
from tests.crash.killing import matrix
from tests.crash.receiving import Approving, Receiving
from tests.simulation import always
from tests.story import conftest as stories
from tests.story.site_told import Q2, Played, at, filled

sent_out, site = stories.sent_out, stories.site

POINTS = {
    "mailbox.list_new:after", "archive.keep:before", "archive.keep:after", "receive:kept", "store.land:before",
    "store.land:after", "receive:landed", "judge:claimed", "judge:opened", "commit:before", "store.commit:before",
    "store.commit:after", "commit:after", "judge:committed", "mailbox.file:before", "mailbox.file:after",
    "judge:filed", "post:handing", "mailbox.send:before", "mailbox.send:after", "post:proved",
}  # fmt: skip


@pytest.mark.parametrize("scenario", [Receiving, Approving], ids=["return", "approval"])
@pytest.mark.parametrize(
    "once", [True, pytest.param(False, marks=pytest.mark.sweep)], ids=["at each kind of point", "at every point"]
)
def test_nothing_is_lost_and_nothing_is_done_twice(
    scenario: type[Receiving], once: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = matrix(scenario(child=not once), tmp_path, once=once)
    with capsys.disabled():
        sys.stdout.write(f"\n{report}\n")
    assert {point.split("#")[0] for point in report.points} >= POINTS
    assert report.kills == len(report.points)
    assert report.violations == []


def killed_once_received(site: Played, now: datetime) -> None:
    """A worker of its own is killed when it has received what lies there, before it judges any of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        worker = os.fork()
    if not worker:
        outside = site.opened(now).outside

        def reached(point: str) -> None:
            if point == "judge:claimed":
                os.kill(os.getpid(), signal.SIGKILL)

        tick(replace(outside, reached=reached), now)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == -signal.SIGKILL


def test_a_return_came_when_it_was_received_and_counts_when_it_is_judged_also_when_its_events_are_replayed(
    site: Played,
) -> None:
    """The worker between the two is dead; who judges whole quarters by a replay knows both moments."""
    lead = "lead@charnwood.example"
    form = site.the_letter(lead, "Please fill in")
    site.reply(form, lead, "Our return.", filled(form))
    site.close()
    killed_once_received(site, at("16 Oct 09:05"))
    site.beat("16 Oct 09:13")
    store = site.opened(at("16 Oct 09:13")).outside.store
    (version,) = store.cycle_status(Q2).returns["charnwood"].versions
    assert (version.received, version.counted) == (at("16 Oct 09:05"), at("16 Oct 09:13"))
    found = list(always.Watch().judge_end(site, [], at("16 Oct 09:14")))
    assert not [told for told in found if told.startswith("N6")]
    assert fold_cycle(Q2, store.events(Q2)) != store.cycle_status(Q2), "a replay that is not told has another moment"
