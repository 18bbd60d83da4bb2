"""Killed at every point of a real send path: nothing lost, nothing twice; what cannot be proved waits for a person."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.crash.killing import matrix
from tests.crash.sending import SendingBy, blind, by_ews, by_graph, by_smtp

AROUND = ("smtp:", "ews:", "graph:", "post:handing", "mailbox.send:", "post:sent")
"""The default run kills around the hand-over; `--sweep` at every point there is."""


def _shown(scenario: SendingBy, report: object, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{report}\n  {scenario.tally}\n")


@pytest.fixture(params=[AROUND, pytest.param("", marks=pytest.mark.sweep)], ids=["around the hand-over", "everywhere"])
def within(request: pytest.FixtureRequest) -> str:
    return request.param  # type: ignore[no-any-return]


@pytest.mark.needs_mailservers
def test_killed_while_sending_by_smtp(tmp_path: Path, within: str, capsys: pytest.CaptureFixture[str]) -> None:
    with by_smtp() as system:
        scenario = SendingBy("post by SMTP", system)
        report = matrix(scenario, tmp_path / "matrix", within=within)
    _shown(scenario, report, capsys)
    kinds = {point.split("#")[0] for point in report.points}
    assert {"smtp:data asked", "smtp:content sent", "smtp:end sent", "smtp:accepted"} <= kinds
    assert report.violations == []


def test_killed_while_sending_by_ews(tmp_path: Path, within: str, capsys: pytest.CaptureFixture[str]) -> None:
    with by_ews(tmp_path) as system:
        scenario = SendingBy("post by EWS", system)
        report = matrix(scenario, tmp_path / "matrix", within=within)
    _shown(scenario, report, capsys)
    kinds = {point.split("#")[0] for point in report.points}
    assert {"ews:before draft", "ews:draft saved", "ews:before send", "ews:sent"} <= kinds
    assert report.violations == []


def test_killed_while_sending_by_graph(tmp_path: Path, within: str, capsys: pytest.CaptureFixture[str]) -> None:
    with by_graph(tmp_path) as system:
        scenario = SendingBy("post by Graph", system)
        report = matrix(scenario, tmp_path / "matrix", within=within)
    _shown(scenario, report, capsys)
    kinds = {point.split("#")[0] for point in report.points}
    assert {"graph:draft made", "graph:draft marked", "graph:before send", "graph:send answered"} <= kinds
    assert report.violations == []


@pytest.mark.needs_mailservers
def test_without_the_look_up_letters_would_go_twice(tmp_path: Path) -> None:
    with by_smtp() as system:
        scenario = SendingBy("post by SMTP without its look-up", system)
        report = matrix(scenario, tmp_path / "matrix", mutation=blind, within="smtp:accepted")
    assert report.violations
    assert scenario.tally.twice == report.kills
