"""The wheel alone is enough: config and templates travel in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_quarter_is_rehearsed_from_the_wheel_in_an_empty_folder(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--target",
        str(tmp_path / "only"),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    (tmp_path / "empty").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "only")}
    where = "import csp_workflow; print(csp_workflow.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert str(tmp_path / "only") in found.stdout
    rehearse = [sys.executable, "-m", "csp_workflow", "rehearse", "--partnerships", "1"]
    told = subprocess.run(
        rehearse, env=environment, cwd=tmp_path / "empty", capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "Where to look" in told.stdout
    assert list((tmp_path / "empty" / "rehearsal" / "papers").glob("*.docx"))
