"""Killed at every point around Drafts: no letter lies there twice, none is lost; and the matrix would notice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from csp_workflow.steps.outside import Outside
from tests.crash.drafting import FollowingDrafts, PuttingDrafts, Unseeing
from tests.crash.killing import matrix
from tests.crash.test_crash_matrix import tell

PUTTING = {
    *("post:to be drafted", "post:drafted", "post:in drafts"),
    *("store.move_draft:before", "store.move_draft:after", "mailbox.put_draft:before", "mailbox.put_draft:after"),
    *("os.rename:before", "os.rename:after"),
}
FOLLOWING = {
    *("post:found sent by hand", "post:to be taken out", "post:draft removed"),
    *("mailbox.remove:before", "mailbox.remove:after", "archive.keep:after"),
}


@pytest.mark.parametrize(
    ("scenario", "points"), [(PuttingDrafts(), PUTTING), (FollowingDrafts(), FOLLOWING)], ids=["putting", "following"]
)
def test_no_draft_is_lost_and_none_lies_there_twice(
    scenario: PuttingDrafts, points: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = matrix(scenario, tmp_path)
    tell(report, capsys)
    assert {point.split("#")[0] for point in report.points} >= points
    assert report.violations == []


def unseeing(outside: Outside) -> Outside:
    return replace(outside, mailbox=Unseeing(outside.mailbox))  # type: ignore[arg-type]


def test_without_the_look_into_drafts_letters_would_lie_there_twice(tmp_path: Path) -> None:
    report = matrix(PuttingDrafts(), tmp_path, mutation=unseeing, within="post:drafted")
    assert report.violations
