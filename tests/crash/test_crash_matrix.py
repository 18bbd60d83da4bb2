"""Killed at any point around any effect, post loses nothing and sends nothing twice; and the matrix would notice."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from csp_workflow.steps.outside import Outside
from tests.crash.killing import Report, kill_once, matrix
from tests.crash.posting import Forgetful, Posting, PostingAppending, Recovering, Unmarking

LEAVING = 2
"""How many of the scenario's letters may leave."""

STEPS_POINTS = {
    "post:before claim", "post:claimed", "post:before handing", "post:handing", "post:sent", "post:proved",
    "post:held", "store.claim:before", "store.claim:after", "store.to_handing:before", "store.to_handing:after",
    "store.move:before", "store.move:after", "mailbox.send:before", "mailbox.send:after",
}  # fmt: skip
RECOVERYS_POINTS = {
    "store.adopt:before", "store.adopt:after", "post:looking up", "mailbox.find_sent:before",
    "mailbox.find_sent:after", "post:looked up", "post:proved late", "post:unknown", "post:settled",
}  # fmt: skip


def without_look_up(outside: Outside) -> Outside:
    return replace(outside, mailbox=Forgetful(outside.mailbox))


def without_handing_mark(outside: Outside) -> Outside:
    return replace(outside, store=Unmarking(outside.store))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scenario", "files"),
    [(Posting(), {"os.link:before", "os.link:after"}), (PostingAppending(), {"os.rename:before", "os.rename:after"})],
    ids=["maildir", "appending"],
)
def test_nothing_is_lost_and_nothing_is_sent_twice(
    scenario: Posting, files: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = matrix(scenario, tmp_path)
    tell(report, capsys)
    reached = {point.split("#")[0] for point in report.points}
    assert reached >= STEPS_POINTS | files
    assert report.kills == len(report.points)
    assert report.violations == []


def tell(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    """The counts, for whoever runs the tests."""
    with capsys.disabled():
        sys.stdout.write(f"\n{report}\n")


def test_a_process_that_dies_while_putting_right_what_another_left_does_no_harm_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = matrix(Recovering(), tmp_path)
    tell(report, capsys)
    reached = {point.split("#")[0] for point in report.points}
    assert reached >= STEPS_POINTS | RECOVERYS_POINTS
    assert report.violations == []


def test_the_matrix_fails_when_the_look_up_is_taken_out(tmp_path: Path) -> None:
    report = matrix(PostingAppending(), tmp_path, mutation=without_look_up, within="post:sent")
    assert len(report.violations) == report.kills == LEAVING
    assert all("was delivered 2 times" in sentence for sentence in report.violations)


def test_the_matrix_fails_when_the_handing_mark_is_taken_out(tmp_path: Path) -> None:
    report = matrix(PostingAppending(), tmp_path, mutation=without_handing_mark, within="post:sent")
    assert len(report.violations) == report.kills == LEAVING
    assert all("was delivered 2 times" in sentence for sentence in report.violations)


def test_on_the_maildir_the_send_calls_show_it_although_nothing_is_delivered_twice(tmp_path: Path) -> None:
    """The Maildir's own safety (a name that exists is not written again) hides the loss of a guard from recipients."""
    sound = matrix(Posting(), tmp_path / "sound", within="post:sent")
    broken = matrix(Posting(), tmp_path / "broken", mutation=without_handing_mark, within="post:sent")
    assert sound.violations == broken.violations == []
    assert sound.sends == (sound.kills + 1) * LEAVING
    assert broken.sends == sound.sends + broken.kills


@pytest.mark.parametrize("point", ["post:handing#1", "post:sent#2", "mailbox.send:before#1", "store.move:after#1"])
def test_a_process_with_an_interpreter_of_its_own_fares_the_same(point: str, tmp_path: Path) -> None:
    assert kill_once(Posting(), tmp_path / "site", point, module="tests.crash.posting:Posting") == []
