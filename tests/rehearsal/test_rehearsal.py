"""The rehearsal: everybody plays their part, and the same seed gives the same bytes.

It is played from the wheel alone, in an empty folder, as somebody new would play it.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from csp_workflow.archive import FolderArchive
from csp_workflow.cli import run
from csp_workflow.rehearsal.play import Story, rehearse
from csp_workflow.report.word.package import pack_parts, unpack_parts
from csp_workflow.store import Store
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import PreconditionFailed
from tests.dashboard.pages_read import find_faults_of_pages, read_page, read_rows
from tests.report.paper_read import find_faults_of_layout, lay_out_pages, list_untraced

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
Q2 = Quarter.parse("2014/15-Q2")


@dataclass
class FromTheWheel:
    """Where the wheel alone was installed, where Python finds it, what the command did, and the quarter it played."""

    only: Path
    found: str
    ended: subprocess.CompletedProcess[str]
    story: Story


_REHEARSED = """
import pickle, sys
from pathlib import Path
from csp_workflow.cli import run
from csp_workflow.rehearsal import play

def rehearse_and_keep(*given, rehearse=play.rehearse, **named):
    story = rehearse(*given, **named)
    Path(sys.argv[1]).write_bytes(pickle.dumps(story))
    return story

play.rehearse = rehearse_and_keep
sys.exit(run(["rehearse"]))
"""
"""The command, whose story is put down for those who look at it."""


@pytest.fixture(scope="module")
def from_the_wheel(tmp_path_factory: pytest.TempPathFactory) -> FromTheWheel:
    """A rehearsal by what travels in the wheel: neither checkout nor config nor templates beside it."""
    place = tmp_path_factory.mktemp("wheel")
    dist, only, empty, kept = place / "dist", place / "only", place / "empty", place / "story"
    empty.mkdir()
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(dist), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = dist.glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(only), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)

    def python(where: Path, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(only)}
        return subprocess.run(
            [sys.executable, *words], env=environment, cwd=where, capture_output=True, text=True, check=False
        )

    found = python(place, "-c", "import csp_workflow; print(csp_workflow.__file__)").stdout
    ended = python(empty, "-c", _REHEARSED, str(kept))
    assert ended.returncode == 0, ended.stderr
    story: Story = pickle.loads(kept.read_bytes())
    return FromTheWheel(only, found, ended, replace(story, out=empty / story.out))


@pytest.fixture(scope="module")
def story(from_the_wheel: FromTheWheel) -> Story:
    return from_the_wheel.story


def test_every_figure_that_was_loaded_is_traced_to_a_kept_file(story: Story) -> None:
    state = story.out / "state"
    store, archive = Store(f"sqlite:///{state / 'csp.sqlite'}"), FolderArchive(state / "archive")
    rates = store.group_rates()
    origins = [one.provenance for one in (*store.imported_figures(), *rates)]
    store.close()
    assert len(rates) > 50
    lines = {name: archive.fetch(name).decode().splitlines() for name in {o.attachment for o in origins}}
    assert len(lines) == 5, "two files of the site's, and history, people and comparison groups that are made up"
    for origin in origins:
        line, _ = origin.cell.removeprefix("line ").split(", ")
        assert origin.source in lines[origin.attachment][int(line) - 1]


_NO_FIGURES = {"Period",
    "Measure", "Place and period", "Figure", "In the partnership's words", "Priorities", "Own objective", "Done",
    "Next", "Asked", "What was asked", "Due", "In its own words", "No.", "Strategic priority",
    "How this will be measured", "Where", "What is open",
}  # fmt: skip
"""Columns of a paper's tables whose digits are dates, ages, numbers of priorities and people's own words."""


def test_every_number_of_a_paper_s_tables_is_traced_to_all_that_it_was_made_from(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    papers = [*(story.out / "papers").glob("*circulation*.docx")]
    assert len(papers) == 2
    for paper in papers:
        where = ["--config", str(CONFIG), "--state", str(story.out / "state"), "--json"]
        assert run([*where, "report", "trace", str(paper)]) == 0
        found = json.loads(capsys.readouterr().out)
        assert {heading for heading, _ in list_untraced(paper.read_bytes())} <= _NO_FIGURES
        assert not found["untraced"]
        assert Counter(row["made"] for row in found["reckoned"]).keys() == {"total", "usual", "group"}
        assert all(row["as_stored"] for row in (*found["figures"], *found["reckoned"]))
        origins = [*found["figures"], *(part for row in found["reckoned"] for part in row["parts"])]
        assert len(origins) > 1000
        assert all(one["sha256"] and one["cell"] for one in origins)


def test_a_total_and_a_range_that_were_typed_over_are_told(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (first, *_) = sorted((story.out / "papers").glob("*circulation*.docx"))
    where = ["--config", str(CONFIG), "--state", str(story.out / "state")]
    assert run([*where, "--json", "report", "trace", str(first)]) == 0
    found = json.loads(capsys.readouterr().out)["reckoned"]
    total, usual = (next(row for row in found if row["made"] == made) for made in ("total", "usual"))
    parts = unpack_parts(first.read_bytes())
    for row in (total, usual):
        before, mark, after = parts["word/document.xml"].partition(f'"{row["bookmark"]}"'.encode())
        parts["word/document.xml"] = before + mark + after.replace(f">{row['printed']}<".encode(), b">7<", 1)
    (tmp_path / "edited.docx").write_bytes(pack_parts(parts))
    assert run([*where, "report", "trace", str(tmp_path / "edited.docx")]) == 5
    said = capsys.readouterr()
    for row in (total, usual):
        assert f"({row['bookmark']}) was changed by hand: what was stored then is {row['value']}." in said.err
    assert run([*where, "report", "trace", str(first), "--figure", total["bookmark"]]) == 0
    assert capsys.readouterr().out.count("sha256: ") == len(total["parts"])


def test_everybody_played_their_part(story: Story) -> None:
    told = " ".join(what for _, _, what in story.told)
    for part in (
        "on time and right, and then once more",
        "figures as text",
        "sorted table",
        "row of its own inserted",
        "last quarter's form",
        "another partnership's form",
        "form unchanged",
        "a PDF",
        "forgot the attachment",
        "password on the workbook",
        "whom nobody knows",
        "two different versions",
        "late",
        "out of office",
        "a question",
        "nil return",
        "declined",
        "'subject to'",
        "cells empty or wrong",
        "naming a day",
        "does not exist any more",
        "asked who to write to",
    ):
        assert part in told, part


def test_no_step_of_ours_failed(story: Story) -> None:
    """One that fails is tried again at the next beat, and the quarter goes on without what it should have written."""
    assert not story.failed


def test_each_got_its_answer_and_no_other(story: Story) -> None:
    answers = ("already-have-it", "wrong-quarter", "unchanged-form", "two-versions", "correction", "nil-recorded")
    assert {kind: story.letters[kind] for kind in answers} == dict.fromkeys(answers, 1)
    assert story.letters["unreadable-file"] == 2, "the PDF and the password"
    assert story.letters["circulation"] == 2, "each paper to its own secretariat"
    assert story.verdicts["held"] == 2, "the crossed form and the two versions"
    assert story.verdicts["quarantined"] == 1, "the stranger"
    assert "none" not in story.verdicts


def test_it_ends_as_it_should(story: Story) -> None:
    states = Counter(row["state"] for row in story.status["returns"])
    assert states["approved"] == 7
    assert states["not received"] == 1
    assert {paper["state"] for paper in story.status["papers"]} == {"circulated"}


def test_a_dead_address_and_an_absence_change_who_is_written_to(story: Story) -> None:
    assert story.letters["address-failed"] == story.letters["who-to-write-to"] == story.verdicts["bounce"] == 1
    letters = "\n".join(
        path.read_text("utf-8") for path in (story.out / "letters").glob("*reminder* to chair at oadby*")
    )
    assert "is away until Monday 27 October 2014" in " ".join(letters.split())


def test_it_leaves_what_it_says_it_leaves(story: Story) -> None:
    for folder in ("papers", "dashboard", "forms", "digests", "letters", "received", "sheets", "state/mail"):
        assert any((story.out / folder).iterdir()), folder
    _, _, places = story.as_text().partition("Where to look\n")
    assert places.split()[0] == str(story.out / "index.html")


def test_its_front_page_leads_to_every_letter_and_every_file(story: Story) -> None:
    page = (story.out / "index.html").read_bytes()
    kept = {path.relative_to(story.out).as_posix() for path in story.out.rglob("*") if path.is_file()}
    assert find_faults_of_pages({"index.html": page}, kept) == []
    links = {unquote(one.attributes["href"]) for one in read_page(page).every("a")}
    folders = ("letters/", "digests/", "received/", "sheets/", "forms/", "papers/")
    shown = {path for path in kept if path.startswith(folders) and not path.endswith(".txt")}
    assert shown <= links
    assert {"dashboard/partnership/index.html", "dashboard/public/index.html"} <= links
    assert len(page) < 300_000


def test_every_letter_s_own_page_leads_to_what_it_brought_and_back(story: Story) -> None:
    pages = [path for folder in ("letters", "digests", "received") for path in (story.out / folder).glob("*.html")]
    assert len(pages) == sum(story.letters.values()) + sum(story.verdicts.values())
    for page in pages:
        text = page.read_text("utf-8")
        assert text.count("default-src 'none'") == 1
        leads = [unquote(unescape(link)) for link in re.findall(r'href="(\.\./[^"]+)"', text)]
        assert leads[-1] == "../index.html", "every file before it is in the envelope"
        assert all((page.parent / lead).is_file() for lead in leads), page.name


def test_its_front_page_tells_how_each_return_ended(story: Story) -> None:
    page = read_page((story.out / "index.html").read_bytes())
    rows = {row["Partnership or body"]: row for row in read_rows(page.find("returns").every("table")[0])}
    assert len(rows) == len(story.status["returns"])
    ends = {name: row["How it ended"] for name, row in rows.items()}
    assert ends["Hate incident services"] == "Not received"
    assert (
        ends["Oadby and Wigston Community Safety Partnership"]
        == "Complete, and approved by the chair, after the due date"
    )
    assert ends["Mental Health Partnership Group"] == "Declined"
    (corrected,) = [end for end in ends.values() if end.startswith("Corrected")]
    assert corrected == "Corrected, and complete: two versions"
    assert "Charnwood Lead Officer forgot the attachment" in rows["Charnwood Community Safety Partnership"].popitem()[1]
    start = page.find("start").text
    assert all(f"{number}. " in start for number in range(1, 7))
    assert "Illustrative." in page.text
    assert story.digest[:16] in page.text


@pytest.mark.parametrize("audience", ["partnership", "public"])
def test_its_dashboards_are_whole(story: Story, audience: str) -> None:
    files = {path.name: path.read_bytes() for path in (story.out / "dashboard" / audience).iterdir()}
    assert len(files) > 60
    assert find_faults_of_pages(files) == []


def test_it_says_what_it_asked_of_people_to_read(story: Story) -> None:
    hers, officer, chair = story.burden
    assert 20 >= hers.letters > officer.letters > chair.letters > 1
    assert hers.as_text() in story.as_text()
    assert "Harborough" in officer.who
    assert (officer.once, officer.lapses) == (1, 3)
    assert officer.letters - officer.once - officer.lapses == 4


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("board", ["speb", "panel"])
def test_each_paper_tells_its_story_on_one_page_and_its_body_on_twelve(board: str, story: Story, tmp_path: Path):
    (paper,) = (story.out / "papers").glob(f"*circulation {board}*.docx")
    assert not find_faults_of_layout(lay_out_pages(paper.read_bytes(), tmp_path))


def test_a_quarter_is_rehearsed_from_the_wheel_in_an_empty_folder(from_the_wheel: FromTheWheel) -> None:
    assert str(from_the_wheel.only) in from_the_wheel.found
    assert "Where to look" in from_the_wheel.ended.stdout
    assert f"sha256 {from_the_wheel.story.digest[:16]}" in from_the_wheel.ended.stdout


@pytest.mark.sweep
def test_the_same_seed_gives_the_same_bytes_and_another_others(story: Story, tmp_path: Path) -> None:
    assert played(tmp_path / "again").digest == story.digest
    assert played(tmp_path / "other", seed=2).digest != story.digest


def played(out: Path, *, seed: int = 1) -> Story:
    return rehearse(CONFIG, quarter=Q2, seed=seed, partnerships=0, out=out, say=lambda _: None)


def test_more_partnerships_than_the_config_has_are_invented(tmp_path: Path) -> None:
    from csp_workflow.rehearsal.staging import site_for

    site = site_for(CONFIG, partnerships=12)
    assert sum(r.kind.value == "partnership" for r in site.respondents) == 12


def test_it_never_writes_into_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(PreconditionFailed, match="holds something else"):
        played(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "precious"
