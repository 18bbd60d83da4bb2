"""Each partnership sees what a paper says of it before it is cleared; what it objects to comes to the co-ordinator."""

from __future__ import annotations

from pathlib import Path

import pytest

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.telling import cycle_status
from tests.report.edited_told import read_lines, retyped
from tests.story.closed_told import CHARN, CHARN_CHAIR, LEIC
from tests.story.site_told import CO_ORDINATOR, Q2, Played, said
from tests.story.test_her_words import file_of


@pytest.fixture(scope="module")
def shown_once(closed: tuple[Played, dict[str, Post]], tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The co-ordinator has changed a partnership's words in the first draft, and shown the second; not played on."""
    site = closed[0].copied_to(tmp_path_factory.mktemp("shown") / "opcc")
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    hers = retyped(file_of(draft), "Reoffending. Work went on", "Work went on, they say.")
    site.reply(draft, CO_ORDINATOR, "SHOW", ("x.docx", hers))
    site.beat("20 Nov 09:30")
    return site


@pytest.fixture
def shown(shown_once: Played, tmp_path: Path) -> Played:
    return shown_once.copied_to(tmp_path / "opcc")


def test_a_partnership_sees_its_words_as_they_are_printed_and_its_chair_what_was_changed(shown: Played) -> None:
    letter, copy = (shown.the_letter(who, "What the paper for") for who in (CHARN, CHARN_CHAIR))
    for one in (letter, copy):
        assert "As it is printed: Work went on, they say." in said(one)
        assert "please reply to this letter by Tuesday 25 November 2014" in said(one)
    assert "No return was received by" in said(shown.the_letter(LEIC, "What the paper for")), "it is shown that too"
    draft = shown.the_letter(CO_ORDINATOR, "Draft 2 of the paper")
    assert "Work went on, they say. (edited by the Office)" in read_lines(file_of(draft))
    status = shown.ask(lambda o: cycle_status(o, Q2))
    assert status["papers"][0]["state"] == "with partners"  # type: ignore[index]
    shown.reply(letter, CHARN, "We object: that is not what we wrote.")
    shown.beat("20 Nov 09:40")
    told = said(shown.the_letter(CO_ORDINATOR, "We object"))
    assert "It answers what the paper for Strategic Partnership Executive Board was to say of Charnwood" in told
    assert shown.the_letter(CHARN, "message")


def test_who_agrees_brings_nobody_a_letter_and_what_is_the_same_is_shown_once(shown: Played) -> None:
    letter = shown.the_letter(CHARN, "What the paper for")
    draft = shown.the_letter(CO_ORDINATOR, "Draft 2 of the paper")
    shown.reply(letter, CHARN, "Agreed, thank you.")
    shown.reply(draft, CO_ORDINATOR, "SHOW")
    shown.beat("20 Nov 09:40")
    assert not shown.new_letters(CHARN)
    assert not [x for x in shown.new_letters(CO_ORDINATOR) if "Charnwood" in x.subject]


def test_another_edit_of_the_same_words_marks_them_once(shown: Played) -> None:
    draft = shown.the_letter(CO_ORDINATOR, "Draft 2 of the paper")
    hers = retyped(file_of(draft), "Work went on, they say", "Work goes on. (edited by the Office)")
    shown.reply(draft, CO_ORDINATOR, "", ("x.docx", hers))
    shown.beat("20 Nov 09:40")
    third = shown.the_letter(CO_ORDINATOR, "Draft 3 of the paper")
    assert [x for x in read_lines(file_of(third)) if x.startswith("Work goes on.")] == [
        "Work goes on. (edited by the Office)"
    ]
