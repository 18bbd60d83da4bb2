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


def move_meeting(site: Played, was: str, now: str, when: str) -> None:
    calendar = site.place / "config" / "calendar.toml"
    text = calendar.read_text("utf-8")
    assert was in text
    calendar.write_text(text.replace(was, now, 1), "utf-8")
    site.beat(when)


def test_a_paper_whose_meeting_moves_or_is_cancelled_does_not_go_out_as_if_it_had_not(site: Played) -> None:
    site.beat("20 Nov 09:05")
    order(site, "CLEAR speb WITHOUT WAITING", "20 Nov 10:00")
    move_meeting(site, "day = 2014-12-04", "day = 2014-12-09", "20 Nov 11:00")
    refused = said(order(site, "CIRCULATE speb", "20 Nov 11:30"))
    assert "Its meeting is on Tuesday 9 December 2014; it says Thursday 4 December 2014." in refused
    site.beat("21 Nov 07:35")
    assert "meets on Tuesday 9 December 2014, not Thursday 4 December" in said(site.new_letters(CO_ORDINATOR)[-1])

    move_meeting(site, "day = 2014-12-09", "cancelled = true\nday = 2014-12-09", "21 Nov 09:00")
    assert "Its meeting on Thursday 4 December 2014 is cancelled" in said(order(site, "CIRCULATE speb", "21 Nov 10:00"))
    site.beat("24 Nov 07:35")
    assert "No meeting for the paper for Strategic" in said(site.new_letters(CO_ORDINATOR)[-1])

    move_meeting(site, "cancelled = true\nday = 2014-12-09", "day = 2014-12-11", "24 Nov 09:00")
    order(site, "DRAFT speb", "24 Nov 10:00")
    order(site, "CLEAR speb WITHOUT WAITING", "24 Nov 10:30")
    order(site, "CIRCULATE speb", "24 Nov 11:00")
    (sent,) = site.new_letters(SECRETARIAT)
    assert "Thursday 11 December 2014" in said(sent)
    assert [line for line in read_file(sent) if "11 December 2014" in line]

    move_meeting(site, "day = 2014-12-11", "day = 2014-12-15", "25 Nov 10:00")
    (told,) = site.new_letters(SECRETARIAT)
    assert "meets on Monday 15 December 2014, and not on Thursday 11 December" in said(told)
    move_meeting(site, "day = 2014-12-15", "cancelled = true\nday = 2014-12-15", "26 Nov 10:00")
    (told,) = site.new_letters(SECRETARIAT)
    assert "on Monday 15 December 2014 is cancelled" in said(told)
    site.write(CO_ORDINATOR, "Go on", "RELEASE")
    site.beat("16 Dec 10:00")
    site.new_letters()
    site.write(CO_ORDINATOR, "Status", "STATUS")
    site.beat("16 Dec 10:10")
    status = " ".join(map(said, site.new_letters(CO_ORDINATOR)))
    assert "met on Monday" not in status
    assert "The meeting on Monday 15 December 2014 is cancelled." in status
    assert "has not met" in said(order(site, "NOTES speb", "16 Dec 10:30"))


def test_after_its_meeting_a_paper_is_shown_to_nobody_and_goes_out_as_late(site: Played) -> None:
    site.beat("20 Nov 09:05")
    site.write(CO_ORDINATOR, "Go on", "RELEASE")
    site.beat("05 Dec 09:05")
    assert "It was for Thursday 4 December 2014, which is past." in said(order(site, "SHOW speb", "05 Dec 09:30"))
    order(site, "CLEAR speb WITHOUT WAITING", "05 Dec 10:00")
    assert "which is past" in said(order(site, "CIRCULATE speb", "05 Dec 10:30"))
    (sent,) = site.new_letters(SECRETARIAT)
    assert "ready for the agenda" not in said(sent)
    assert "Papers were to leave" in said(sent)
