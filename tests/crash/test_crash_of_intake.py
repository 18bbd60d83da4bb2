"""Killed at any point around any effect, intake and approval lose nothing and do nothing twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.crash.killing import matrix
from tests.crash.receiving import Approving, Receiving

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
