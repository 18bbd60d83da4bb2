"""YEAR: a year as it stands, what goes over into the next, and the next one's set-up taken by one word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.report.check import find_problems
from tests.report.paper_read import list_paragraphs, read_sheets
from tests.story.site_told import CO_ORDINATOR, Played, said


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Post]:
    """A new site on which the year is ordered before anybody was asked; not played on."""
    site = Played.laid_out(tmp_path_factory.mktemp("year") / "opcc")
    site.beat("07 Jul 09:00")
    site.write(CO_ORDINATOR, "The year", "YEAR 2014/15")
    site.beat("07 Jul 09:10")
    return site, site.the_letter(CO_ORDINATOR, "The year 2014/15, and what goes over")


def test_it_brings_the_paper_the_workbook_and_what_is_missing(ordered: tuple[Played, Post]) -> None:
    letter = ordered[1]
    files = dict(letter.files)
    assert sorted(files) == ["Set-up.xlsx", "The year 2014-15 figures.xlsx", "The year 2014-15.docx"]
    text = "\n".join(list_paragraphs(files["The year 2014-15.docx"]))
    assert "Not every quarter is here" in text
    assert find_problems(files["The year 2014-15.docx"]) == ("There is the word DRAFT in the header.",)
    assert "Carried over" in read_sheets(files["The year 2014-15 figures.xlsx"])
    assert "January to March 2015 had not ended by 7 July 2014" in said(letter)
    assert "measures of the Plan: 40 go on" in said(letter)
    assert "the partnership has not said whether it goes on" in said(letter)


def test_the_next_year_begins_by_the_word_that_the_letter_names(ordered: tuple[Played, Post], tmp_path: Path) -> None:
    site, letter = ordered[0].copied_to(tmp_path / "opcc"), ordered[1]
    found = re.search(r"Reply (APPLY \w+)", said(letter))
    assert found
    assert "Financial year: 2015/16" in said(letter)
    site.reply(letter, CO_ORDINATOR, found[1])
    site.beat("07 Jul 09:20")
    years = site.ask(lambda outside: [one.year for one in outside.site.frameworks], "07 Jul 09:21")
    assert years == ["2014/15", "2015/16"]
    site.write(CO_ORDINATOR, "Again", "YEAR 2015/16")
    site.beat("07 Jul 09:30")
    refused = [x for x in site.new_letters(CO_ORDINATOR) if "2015/16" in said(x)]
    assert "No day is on record on which annual takes the year 2015/16" in said(refused[-1])
