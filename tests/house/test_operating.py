"""What the pages for operators say is so: units that systemd takes, and commands that there are."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from csp_workflow.cli import app

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("operating.md", "information-governance.md", "guides.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_is_there(page: str) -> None:
    known = set(_list_commands(typer.main.get_command(app)))
    text = re.sub(r"```mermaid.*?```", "", (DOCS / page).read_text(), flags=re.DOTALL)
    said = re.findall(r"^csp-workflow ((?:[a-z]+ ?){1,2})|`csp-workflow ((?:[a-z]+ ?){1,2})", text, re.MULTILINE)
    for words in filter(None, (one or other for one, other in said)):
        first = words.split()
        assert " ".join(first) in known or first[0] in known, words


def _list_commands(group: object, before: str = "") -> list[str]:
    found = []
    for name, command in getattr(group, "commands", {}).items():
        found += [f"{before}{name}", *_list_commands(command, f"{before}{name} ")]
    return found


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    units = [Path(shutil.copy(unit, tmp_path)) for unit in (DOCS / "systemd").iterdir()]
    for unit in units:
        unit.write_text(re.sub(r"/srv/csp/venv/bin/csp-workflow", "/bin/true", unit.read_text()))
    done = subprocess.run(["systemd-analyze", "verify", *map(str, units)], capture_output=True, text=True, check=False)
    assert not [line for line in done.stderr.splitlines() if str(tmp_path) in line], done.stderr
