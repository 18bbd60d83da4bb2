"""Every command whole, on a site as `init` lays it out: what it says where, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
import tomlkit

from csp_workflow.cli import run

OPEN, LATER = "2014-10-15T09:30", "2014-10-16T10:00"


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cli") / "opcc"
    assert run(["init", str(place)]) == 0
    assert at(place, OPEN, "cycle", "plan", "2014/15-Q2") == 0
    assert at(place, OPEN, "cycle", "open", "2014/15-Q2") == 0
    assert at(place, OPEN, "cycle", "send", "2014/15-Q2") == 0
    return place


@pytest.fixture
def opened(opened_once: Path, tmp_path: Path) -> Path:
    """A site of the test's own whose quarter is open."""
    return Path(shutil.copytree(opened_once, tmp_path / "opcc"))


def at(place: Path, now: str, *words: str) -> int:
    """A command on a site, at a time ("" for now)."""
    pretended = ["--now", now] if now else []
    return run(["--config", str(place / "config"), "--state", str(place / "state"), *pretended, *words])


def told(capsys: pytest.CaptureFixture[str], place: Path, *words: str) -> object:
    """What a command says on stdout with --json."""
    capsys.readouterr()
    assert at(place, "", *words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_init_refuses_a_folder_that_holds_a_site(opened: Path) -> None:
    assert run(["init", str(opened)]) == 4


def test_the_shell_completes_commands() -> None:
    asked = {"COMP_WORDS": "csp-workflow cycle o", "COMP_CWORD": "2", "_CSP_WORKFLOW_COMPLETE": "complete_bash"}
    command = [str(Path(sys.executable).parent / "csp-workflow")]
    given = subprocess.run(command, env={**os.environ, **asked}, capture_output=True, text=True, check=False)
    assert given.stdout.split() == ["open"]


def test_status_has_the_documented_fields(opened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = told(capsys, opened, "cycle", "status", "2014/15-Q2")
    assert {"quarter", "state", "due", "close", "returns"} <= status.keys()  # type: ignore[union-attr]
    assert status["state"] == "open"  # type: ignore[index]
    wanted = {"respondent", "state", "due", "submissions", "findings", "approved"}
    assert all(wanted <= row.keys() for row in status["returns"])  # type: ignore[index]


def test_outbox_and_inbox_have_the_documented_fields(opened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letters = told(capsys, opened, "outbox", "list")
    assert {"id", "kind", "respondent", "to", "subject", "state", "queued", "sent"} <= letters[0].keys()  # type: ignore[index]
    stranger = opened.parent / "stranger.eml"
    stranger.write_text("From: somebody@nowhere.example\nTo: csp-returns@opcc.example\nSubject: Hello\n\nHello.\n")
    assert at(opened, "", "inbox", "add", str(stranger)) == 0
    assert at(opened, LATER, "tick") == 0
    messages = told(capsys, opened, "inbox", "list")
    assert {"id", "from", "subject", "received", "verdict", "reason", "respondent"} <= messages[0].keys()  # type: ignore[index]
    assert messages[0]["verdict"] == "quarantined"  # type: ignore[index]
    shown = told(capsys, opened, "inbox", "show", messages[0]["id"][:8])  # type: ignore[index]
    assert shown["text"].strip() == "Hello."  # type: ignore[index]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("cycle", "status", "2014-Q2"), 2, "Write it like 2014/15-Q2"),
        (("cycle", "status", "2013/14-Q1"), 4, "is not planned"),
        (("cycle", "send", "2014/15-Q2"), 4, "sent already"),
        (("hold", "nowhere"), 4, "There is no respondent 'nowhere'"),
        (("cycle", "extend", "2014/15-Q2", "rutland", "2014-10-31"), 2, "needs a reason"),
        (("report", "circulate", "2014/15-Q2", "--board", "speb"), 4, "is not cleared"),
        (("report", "compile", "2014/15-Q2", "--board", "nobody"), 4, "The boards are: speb, panel"),
        (("inbox", "show", "zzzz"), 4, "0 messages begin with"),
        (("outbox", "show", "zzzz"), 4, "0 letters begin with"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    opened: Path, words: tuple[str, ...], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert at(opened, "", *words) == code
    captured = capsys.readouterr()
    assert sentence in captured.err
    assert not captured.out


def test_orders_typed_and_their_effects(opened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert at(opened, LATER, "hold", "rutland") == 0
    assert at(opened, LATER, "resume", "rutland") == 0
    assert at(opened, LATER, "cycle", "extend", "2014/15-Q2", "rutland", "2014-10-31", "--reason", "on leave") == 0
    assert at(opened, LATER, "return", "nil", "2014/15-Q2", "melton", "--reason", "told us by telephone") == 0
    assert at(opened, LATER, "return", "decline", "2014/15-Q2", "lscb", "--reason", "told us by telephone") == 0
    rows = told(capsys, opened, "cycle", "status", "2014/15-Q2")["returns"]  # type: ignore[index]
    states = {row["respondent"]: (row["state"], row["due"]) for row in rows}
    assert states["rutland"] == ("requested", "2014-10-31")
    assert (states["melton"][0], states["lscb"][0]) == ("nil", "declined")
    assert any("its own date" in line for line in told(capsys, opened, "explain", "2014/15-Q2", "rutland"))  # type: ignore[union-attr]
    assert told(capsys, opened, "return", "show", "2014/15-Q2", "melton")["state"] == "nil"  # type: ignore[index]


def test_a_draft_can_be_compiled_at_any_moment(opened: Path, tmp_path: Path) -> None:
    out = tmp_path / "paper.docx"
    assert at(opened, LATER, "report", "compile", "2014/15-Q2", "--board", "speb", "--out", str(out)) == 0
    assert out.read_bytes().startswith(b"PK")
    assert at(opened, "", "report", "check", str(out)) == 1, "a draft is not for circulation"


def test_figures_are_reported_row_by_row(opened: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.csv"
    file.write_text(
        "series,area,period,as_at,value,status,source\n"
        "M12a,E22000165,2013/14-Q2,2013-10-20,95,final,A test\n"
        "M99,E22000165,2013/14-Q2,2013-10-20,95,final,A test\n"
        "M12a,E22000165,,2013-10-20,95,final,A test\n"
    )
    capsys.readouterr()
    assert at(opened, LATER, "figures", "import", str(file), "--json") == 5
    report = json.loads(capsys.readouterr().out)
    assert (report["taken"], report["refused"]) == (1, 2)


def test_pretended_time_never_goes_back_and_never_runs(opened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert at(opened, "2014-10-01T09:00", "tick") == 4
    assert "may not go back" in capsys.readouterr().err
    assert at(opened, LATER, "run") == 2


def test_a_folder_without_a_site_is_refused_and_nothing_is_made_in_it(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    assert at(tmp_path, "", "tick") == 3
    assert list((tmp_path).iterdir()) == [tmp_path / "config"]


def test_nothing_works_while_a_letter_has_no_template(opened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(opened / "templates" / "emails" / "receipt")
    capsys.readouterr()
    assert at(opened, LATER, "tick") == 3
    assert "templates/emails/receipt/subject.txt: this file is missing" in capsys.readouterr().err.replace("\n", "")


def test_a_broken_configuration_names_every_fault_at_once(opened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = opened / "config" / "service.toml"
    whole = service.read_text()
    try:
        service.write_text(
            whole.replace('mode = "rehearsal"', 'mood = "rehearsal"').replace("opens = 09:00:00", "opens = 9")
        )
        assert at(opened, "", "config", "check") == 3
        said = capsys.readouterr().err
        assert "mood" in said
        assert "opens" in said
        assert at(opened, LATER, "tick") == 3
    finally:
        service.write_text(whole)


def test_config_check_and_the_store_are_sound(opened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The letters for all twenty are written in tests/specimens; here for the partnership that is left.
    file = opened / "config" / "partnerships.toml"
    laid = tomlkit.parse(file.read_text("utf-8"))
    for one in laid["partnerships"]:
        one["valid_to"] = date.max if one["key"] == "charnwood" else date(2014, 3, 31)
    file.write_text(tomlkit.dumps(laid), "utf-8")
    assert told(capsys, opened, "config", "check")
    assert at(opened, "", "db", "check") == 0
    assert at(opened, "", "db", "upgrade") == 0


def test_two_services_never_work_on_one_site_and_sigterm_ends_one_cleanly(opened: Path) -> None:
    words = [sys.executable, "-m", "csp_workflow", "--config", str(opened / "config"), "--state", str(opened / "state")]
    first = subprocess.Popen([*words, "-v", "run"], stderr=subprocess.PIPE, text=True, env={**os.environ})
    try:
        assert first.stderr is not None
        assert "service.started" in first.stderr.readline()
        second = subprocess.run([*words, "run"], capture_output=True, text=True, timeout=30, check=False)
        assert second.returncode == 6
        assert "Another csp-workflow is working on this site" in second.stderr
        time.sleep(2)
    finally:
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=30)
    assert first.returncode == 0
