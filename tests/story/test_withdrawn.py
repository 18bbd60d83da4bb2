"""A return that was taken back, and what else moves one after the draft: no paper goes out that is no longer true."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps import papers
from tests.story.closed_told import SECRETARIAT, read_file
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, said

Closed = tuple[Played, dict[str, Post]]


@pytest.fixture
def site(closed: Closed, tmp_path: Path) -> Played:
    return closed[0].copied_to(tmp_path / "opcc")


def order(site: Played, words: str, when: str) -> Post:
    site.write(CO_ORDINATOR, "Order", words)
    site.beat(when)
    return site.new_letters(CO_ORDINATOR)[-1]


def cells_of(letter: Post) -> list[str]:
    ((_, data),) = [one for one in letter.files if one[0].endswith(".xlsx")]
    sheets = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    return [str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row if cell]


def test_a_return_that_was_taken_back_is_printed_nowhere_and_again_once_that_is_undone(site: Played) -> None:
    order(site, "DECLINE CHARN BECAUSE they withdrew it by phone", "18 Nov 12:00")
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    told = [*read_file(draft), *cells_of(draft)]
    assert "No return was made this quarter; the request was declined." in told
    assert not [line for line in told if "Work went on" in line or "Charnwood asks" in line]
    facts = site.ask(lambda o: papers.gather_report(o, Q2, "speb", at("20 Nov 09:10")))
    assert facts.known.latest("CHARN.L1", "E22000165", Q2.key) is None

    order(site, "REOPEN CHARN BECAUSE a mistake", "20 Nov 10:00")
    cleared = said(order(site, "CLEAR speb WITHOUT WAITING", "20 Nov 10:30"))
    assert "That Charnwood Community Safety Partnership declined is no longer so" in cleared
    assert "CIRCULATE speb AS CLEARED" in cleared
    assert "something came that is not in it" in said(order(site, "CIRCULATE speb", "20 Nov 11:00"))
    assert not site.new_letters(SECRETARIAT)
    site.write(CO_ORDINATOR, "Order", "DRAFT speb")
    site.beat("20 Nov 11:30")
    again = read_file(site.the_letter(CO_ORDINATOR, "Draft 2"))
    assert [line for line in again if "Charnwood asks" in line]
