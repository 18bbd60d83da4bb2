"""The rehearsal: everybody plays their part, and the same seed gives the same bytes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from csp_workflow.rehearsal.play import rehearse
from csp_workflow.rehearsal.story import Story
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.faults import PreconditionFailed

CONFIG = Path(__file__).resolve().parents[2] / "config"
Q2 = Quarter.parse("2014/15-Q2")


def played(out: Path, *, seed: int = 1, partnerships: int = 0) -> Story:
    return rehearse(CONFIG, quarter=Q2, seed=seed, partnerships=partnerships, out=out, say=lambda _: None)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return played(tmp_path_factory.mktemp("whole") / "rehearsal")


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


def test_each_got_its_answer_and_no_other(story: Story) -> None:
    answers = ("already-have-it", "wrong-quarter", "unchanged-form", "two-versions", "correction", "nil-recorded")
    assert {kind: story.letters[kind] for kind in answers} == dict.fromkeys(answers, 1)
    assert story.letters["unreadable-file"] == 2, "the PDF and the password"
    assert story.letters["circulation"] == 4, "two papers to two secretariats"
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
    for folder in ("papers", "forms", "digests", "letters", "state/mail"):
        assert any((story.out / folder).iterdir()), folder
    assert "Where to look" in story.as_text()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first, again = (played(tmp_path / name, partnerships=1) for name in ("first", "again"))
    assert first.digest == again.digest


@pytest.mark.sweep
def test_another_seed_gives_others(tmp_path: Path) -> None:
    first, other = (played(tmp_path / str(seed), seed=seed, partnerships=1) for seed in (1, 2))
    assert first.digest != other.digest


def test_more_partnerships_than_the_config_has_are_invented(tmp_path: Path) -> None:
    from csp_workflow.rehearsal.staging import site_for

    site = site_for(CONFIG, partnerships=12)
    assert sum(r.kind.value == "partnership" for r in site.respondents) == 12


def test_it_never_writes_into_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(PreconditionFailed, match="holds something else"):
        played(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "precious"
