"""A rehearsed year: what is changed in it, and, as a sweep, the whole of it played."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from csp_workflow.rehearsal import staging
from csp_workflow.rehearsal.play import Story, rehearse_year
from csp_workflow.report.check import find_problems
from csp_workflow.report.contents import TO_WRITE
from csp_workflow.report.facts import ReportFacts
from csp_workflow.terms.dates import Quarter
from tests.report.paper_read import list_paragraphs, list_table_texts, read_sheets
from tests.report.year_told import Q4, year

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> ReportFacts:
    first, place = Quarter.parse("2014/15-Q1"), tmp_path_factory.mktemp("laid") / "config"
    return year(of=staging.site_for(staging.lay_out_year(CONFIG, place, first), partnerships=0))


def test_two_partnerships_are_one_from_january_on_and_nobody_is_lost(facts: ReportFacts) -> None:
    site = facts.site
    heir = site.respondent("melton-rutland")
    assert heir.valid_from == date(2015, 1, 1)
    assert {a.code for a in heir.areas} == {a.code for key in staging.MERGED for a in site.respondent(key).areas}
    assert {r.key for r in site.serving(Q4.end)} & {"melton", "rutland", "melton-rutland"} == {"melton-rutland"}
    assert facts.replaced == {}, "its areas stay as they are"


def test_the_group_the_counting_and_the_next_framework_are_others(facts: ReportFacts) -> None:
    now, later = facts.site.frameworks
    assert (now.year, later.year, later.title[-9:]) == ("2014/15", "2015/16", "2015-2016")
    assert {m.ref for m in now.measures} - {m.ref for m in later.measures} == {"M17c"}
    (broken,) = [s for s in now.series() if s.broken]
    assert (broken.ref, broken.broken and broken.broken.day) == ("M14a.1", date(2014, 10, 1))
    assert [group.version for group in facts.site.peers] == [date(2014, 4, 1), date(2014, 10, 1)]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    out = tmp_path_factory.mktemp("year") / "rehearsal"
    return rehearse_year(CONFIG, year="2014/15", seed=1, out=out, say=lambda _: None)


@pytest.mark.sweep
def test_a_year_is_played_to_its_end(story: Story) -> None:
    assert story.failed == []
    assert not story.waiting
    assert story.verdicts["none"] == 0
    stands = {row["respondent"]: row["state"] for row in story.status["returns"]}
    assert stands["melton-rutland"] == "approved"
    assert not set(staging.MERGED) & stands.keys()
    letters = [path.read_text() for path in sorted((story.out / "letters").glob("*.txt"))]
    (told,) = [text for text in letters if "The year 2014/15, and what goes over" in text]
    assert "was reached" in " ".join(told.split())
    assert "M17c" in told
    assert "Reply APPLY" in told


@pytest.mark.sweep
def test_played_again_it_is_the_same_to_the_last_byte(story: Story, tmp_path: Path) -> None:
    again = rehearse_year(CONFIG, year="2014/15", seed=1, out=tmp_path / "again", say=lambda _: None)
    assert again.digest == story.digest


@pytest.mark.sweep
def test_its_paper_has_the_year_of_those_who_were_merged_once(story: Story) -> None:
    (sent,) = [name for name in story.papers if "circulation annual" in name and name.endswith(".docx")]
    data = (story.out / "papers" / sent).read_bytes()
    assert find_problems(data) == ()
    text = "\n".join(list_paragraphs(data))
    assert "took over the work of Safer Melton Partnership and Rutland Community Safety Partnership" in text
    assert "This year was one of steady work." in text, "the Office's own words, written into the draft in Word"
    assert TO_WRITE not in text
    assert "approved (as Safer Melton Partnership)" in " ".join(list_table_texts(data))
    book = (story.out / "papers" / sent.replace(".docx", " figures.xlsx")).read_bytes()
    lines = [(one["Ref"], one["Area"]) for one in read_sheets(book)["Year"]]
    assert len(lines) == len(set(lines)), "each measure and area once"
    assert {"Melton", "Rutland"} <= {area for _, area in lines}
    was = {one["Written as"] for one in read_sheets(book)["Words of the year"]}
    assert {"Safer Melton Partnership", "Melton and Rutland Community Safety Partnership"} <= was
