"""A return goes back to its lead by order, with the form as it was sent; and a chair's word by telephone."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.outside import Outside
from tests.story.site_told import CO_ORDINATOR, Q2, Played, filled, said

LEIC = "lead@leicester.example"
CHAIR = "chair@leicester.example"


def order(site: Played, words: str, when: str) -> str:
    site.write(CO_ORDINATOR, "An order", words)
    site.beat(when)
    return said(site.the_letter(CO_ORDINATOR, "You wrote"))


@pytest.fixture
def came(site: Played) -> Played:
    """Leicester's return came, complete."""
    site.reply(*_return(site, 17))
    site.beat("16 Oct 10:00")
    assert site.state("leicester") == "complete"
    site.new_letters()
    return site


def _return(site: Played, number: int) -> tuple[Post, str, str, tuple[str, bytes]]:
    letter = next(x for x in site.new_letters(LEIC) if x.workbooks)
    return letter, LEIC, "Our return.", filled(letter, number=number)


def test_a_return_goes_back_with_what_it_held_and_comes_again(came: Played) -> None:
    told = order(came, "RETURN LEIC BECAUSE the burglary figure is last year's", "16 Oct 11:00")
    assert "counts as queried" in told
    (letter,) = came.new_letters(LEIC)
    assert '"the burglary figure is last year\'s"' in said(letter)
    assert letter.subject.startswith("Please look at your return again")
    values = [
        cell.value for row in load_workbook(BytesIO(letter.workbooks[0][1]))["Your figures"].iter_rows() for cell in row
    ]
    assert 17 in values or "17" in values
    assert came.state("leicester") == "queried"
    came.reply(letter, LEIC, "Mended.", filled(letter, number=18))
    came.beat("16 Oct 12:00")
    assert came.state("leicester") == "complete"
    assert "there is no version" not in order(came, "ACCEPT LEIC", "16 Oct 12:10")


def test_what_the_chair_said_by_telephone_is_recorded_and_told(came: Played) -> None:
    came.beat("17 Oct 10:00")
    told = order(came, "APPROVED LEIC BY the chair BECAUSE she told me so by telephone on 17 October", "17 Oct 11:00")
    assert "is recorded as approved by the chair" in told
    for to in (LEIC, CHAIR):
        letter = said(came.the_letter(to, "though not by an email to us"))
        assert "she told me so by telephone on 17 October" in letter
        assert "If that is not right, please reply" in letter
    assert came.state("leicester") == "approved"
    digest = _digest(came)
    assert "approved 17 Oct 2014, as you recorded" in digest
    assert "Recorded as approved by order, without a chair's letter: " in digest
    assert "Its approval by the chair ends." in order(came, "RETURN LEIC BECAUSE a figure is wrong", "20 Oct 11:00")
    assert "Your chair's approval was of that version." in said(came.the_letter(LEIC, "asks you to look at it again"))

    def find(outside: Outside) -> str:
        return outside.store.cycle_status(Q2).returns["leicester"].approved

    assert not came.ask(find)


def _digest(site: Played) -> str:
    site.write(CO_ORDINATOR, "How things stand", "STATUS")
    site.beat("17 Oct 12:00")
    return said(site.the_letter(CO_ORDINATOR, "2014/15 Q2 is open"))
