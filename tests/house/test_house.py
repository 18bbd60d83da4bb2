"""The house rules that no linter keeps."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.house import diagrams, measures, tables

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "csp_workflow").rglob("*.py"))


def test_the_page_of_states_shows_them_as_the_tables_have_them() -> None:
    text = diagrams.PAGE.read_text(encoding="utf-8")
    for name in diagrams.DIAGRAMS:
        assert f"<!-- {name} states -->" in text
    assert diagrams.redraw(text) == text, "Run: .venv/bin/python -m tests.house.diagrams"


def test_the_page_of_tables_shows_them_as_the_database_has_them() -> None:
    assert tables.draw_page() == tables.PAGE.read_text(encoding="utf-8"), "Run: .venv/bin/python -m tests.house.tables"


def test_every_page_that_another_page_names_is_there() -> None:
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_every_file_of_ours_that_a_page_names_is_there() -> None:
    """A page that names a file which has moved sends a stranger searching."""
    pages = (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
    named = {name for page in pages for name in re.findall(r"`((?:\w+/)+\w+\.py)`", page.read_text(encoding="utf-8"))}
    gone = [name for name in named if not any((place / name).exists() for place in (ROOT, ROOT / "csp_workflow"))]
    assert not gone


def test_no_two_test_files_share_a_name() -> None:
    """The runner imports them by their names alone: in one worker the second of two would not be collected."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []


def test_no_file_is_too_long_to_read_in_one_sitting() -> None:
    read = [f for f in FILES if "versions" not in f.parts]  # a migration is a record, not a chapter
    long = {str(f.relative_to(ROOT)): n for f in read if (n := f.read_text().count("\n")) > 520}
    assert not long


def test_no_function_is_too_long() -> None:
    long = [
        f"{file.path.name}:{node.name}"
        for file in measures.read_files(measures.PACKAGE)
        for node in ast.walk(file.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno - node.lineno + 1 > 50
    ]
    assert not long


def test_no_measure_exceeds_its_ceiling() -> None:
    """The house grows no worse: what `python -m tests.house.measures` prints stays under its ceilings."""
    figures = measures.measure_kept()
    exceeded = [name for name, ceiling in measures.CEILINGS.items() if figures[name] > ceiling]
    assert not exceeded, f"{exceeded}\n\n{measures.draw_table(figures)}"


def test_nothing_committed_names_this_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    banned = re.compile(r"/(work|farm)/|(pypi|pythonhosted|npmjs)\.(org|com)")
    for name in listed.stdout.split():
        if name == "tests/house/test_house.py" or not (ROOT / name).is_file():
            continue
        text = (ROOT / name).read_bytes().decode("utf-8", "replace")
        assert not banned.search(text), name
