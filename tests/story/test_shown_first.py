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
        assert "please reply to this letter by Monday 24 November 2014" in said(one)
    for printed in ("approved by the Chair", "Own objective: To reduce harm", "Its own measures"):
        assert printed.lower() in said(letter).lower(), "the whole of its page"
    assert "Leicester" not in said(letter).replace("Leicestershire", "").partition("Dear")[2]
    assert "No return was received by" in said(shown.the_letter(LEIC, "What the paper for")), "it is shown that too"
    draft = shown.the_letter(CO_ORDINATOR, "Draft 2 of the paper")
    assert "Work went on, they say. (edited by the Office)" in read_lines(file_of(draft))
    status = shown.ask(lambda o: cycle_status(o, Q2))
    assert status["papers"][0]["state"] == "with partners"  # type: ignore[index]
    shown.reply(letter, CHARN, "We object: that is not what we wrote.")
    shown.beat("20 Nov 09:40")
    told = said(shown.the_letter(CO_ORDINATOR, "Partnership wrote: RE"))
    assert "It answers what the paper for Strategic Partnership Executive Board was to say of Charnwood" in told
    assert shown.the_letter(CHARN, "message")


def status_of(site: Played) -> str:
    papers = site.ask(lambda o: cycle_status(o, Q2))["papers"]  # type: ignore[index]
    return str(papers[0]["state"])


def test_clear_waits_until_the_partnerships_have_had_their_days(shown: Played) -> None:
    draft = shown.the_letter(CO_ORDINATOR, "Draft 2 of the paper")
    shown.reply(draft, CO_ORDINATOR, "CLEAR\nCIRCULATE")
    shown.beat("24 Nov 16:00")
    refused = said(shown.the_letter(CO_ORDINATOR, "speb"))
    assert "is not cleared yet. The partnerships may object until Monday 24 November 2014." in refused
    assert "CLEAR speb WITHOUT WAITING clears it all the same." in refused
    assert status_of(shown) == "with partners"
    shown.beat("25 Nov 09:00")
    digest = shown.the_letter(CO_ORDINATOR, "you today")
    assert "Reply: CLEAR speb" in said(digest)
    shown.reply(digest, CO_ORDINATOR, "CLEAR speb")
    shown.beat("25 Nov 09:30")
    assert status_of(shown) == "cleared"


def test_clear_without_waiting_is_done_at_once(shown: Played) -> None:
    draft = shown.the_letter(CO_ORDINATOR, "Draft 2 of the paper")
    shown.reply(draft, CO_ORDINATOR, "CLEAR speb without waiting for the partnerships")
    shown.beat("20 Nov 09:40")
    assert status_of(shown) == "cleared"
    (cleared,) = [e for e in shown.ask(lambda o: o.store.events(Q2)) if e.kind == "paper cleared"]  # type: ignore[attr-defined]
    assert cleared.facts["unwaited"] is True


def test_an_objection_is_named_beside_the_paper_until_it_is_dealt_with(shown: Played) -> None:
    draft, letter = (
        shown.the_letter(CO_ORDINATOR, "Draft 2 of the paper"),
        shown.the_letter(CHARN, "What the paper for"),
    )
    shown.reply(letter, CHARN, "We object: that is not what we wrote.")
    shown.beat("24 Nov 09:40")
    question = shown.the_letter(CO_ORDINATOR, "Partnership wrote: RE")
    shown.beat("25 Nov 09:00")
    digest = said(shown.the_letter(CO_ORDINATOR, "you today"))
    assert "Charnwood Community Safety Partnership objects (DONE" in digest
    assert "Reply: CLEAR speb WITHOUT WAITING" in digest, "it is the day by which it is to be cleared"
    shown.reply(draft, CO_ORDINATOR, "CLEAR")
    shown.write(CO_ORDINATOR, "Paper", "DRAFT speb")
    shown.beat("25 Nov 09:30")
    letters = [said(one) for one in shown.new_letters(CO_ORDINATOR)]
    assert any("is not cleared yet. Charnwood Community Safety Partnership objects (DONE" in one for one in letters)
    third = [one for one in letters if "Draft 3 of the paper" in one]
    assert "Charnwood Community Safety Partnership objects" in third[0]
    shown.reply(question, CO_ORDINATOR, "DONE")
    shown.write(CO_ORDINATOR, "Paper", "CLEAR speb")
    shown.beat("25 Nov 09:40")
    assert status_of(shown) == "cleared"


def test_what_changed_since_it_was_shown_is_shown_again_and_nothing_else(shown: Played) -> None:
    draft = shown.the_letter(CO_ORDINATOR, "Draft 2 of the paper")
    shown.the_letter(CHARN, "What the paper for"), shown.the_letter(LEIC, "What the paper for")
    hers = retyped(file_of(draft), "Work went on, they say", "Work stopped, they say")
    shown.reply(draft, CO_ORDINATOR, "CLEAR", ("x.docx", hers))
    shown.beat("21 Nov 09:10")
    letters = {one.subject: said(one) for one in shown.new_letters(CO_ORDINATOR)}
    (third,) = (text for subject, text in letters.items() if "Draft 3" in subject)
    changed = "What it prints about Charnwood Community Safety Partnership has changed since it was shown to them."
    assert changed in third
    assert "reply with SHOW speb. They then have two working days to object" in third
    assert any(f"is not cleared yet. {changed}" in one for one in letters.values())
    shown.write(CO_ORDINATOR, "Paper", "SHOW speb")
    shown.beat("21 Nov 09:30")
    again = said(shown.the_letter(CHARN, "What the paper for"))
    assert "Work stopped, they say" in again
    assert "Below is only what is new to you in what it prints about Charnwood" in again
    assert "The rest of it is as your partnership was shown it on Thursday 20 November 2014." in again
    assert "own objective" not in again.lower()
    assert "by Tuesday 25 November 2014" in again
    assert not shown.new_letters(LEIC)
    shown.write(CO_ORDINATOR, "Paper", "SHOW speb")
    shown.beat("21 Nov 09:40")
    assert "was shown what the paper" in " ".join(said(one) for one in shown.new_letters(CO_ORDINATOR))


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


NOTED = "approved the return of Charnwood"


def test_a_lead_who_was_to_read_of_the_yes_on_a_page_that_is_never_sent_gets_one_letter(
    cleared: tuple[Played, dict[str, Post], Post],
) -> None:
    site = cleared[0]
    site.beat("21 Nov 09:05")
    assert not [one for one in site.new_letters(CHARN) if NOTED in said(one)], "the Panel's paper may still be shown"
    site.write(CO_ORDINATOR, "The Panel's", "DRAFT panel")
    site.beat("24 Nov 09:05")
    site.write(CO_ORDINATOR, "The Panel's", "CLEAR panel WITHOUT WAITING")
    for when in ("24 Nov 09:20", "24 Nov 09:25", "25 Nov 09:05"):
        site.beat(when)
    (told,) = (one for one in site.new_letters(CHARN) if NOTED in said(one))
    assert "Thursday 16 October 2014" in said(told)


def test_who_was_shown_a_page_that_says_it_gets_no_letter_about_it(shown: Played) -> None:
    site = shown
    site.write(CO_ORDINATOR, "Papers", "CLEAR speb WITHOUT WAITING\nDRAFT panel")
    site.beat("20 Nov 09:40")
    site.write(CO_ORDINATOR, "Papers", "CLEAR panel WITHOUT WAITING")
    for when in ("20 Nov 09:50", "21 Nov 09:05"):
        site.beat(when)
    assert status_of(site) == "cleared"
    assert not [one for one in site.new_letters(CHARN) if NOTED in said(one)]


def test_what_was_ordered_to_be_shown_in_the_evening_is_though_the_paper_is_cleared_before_the_morning(
    closed: tuple[Played, dict[str, Post]], tmp_path: Path
) -> None:
    """Otherwise the other board's paper, which says the same, would count as shown to those who saw nothing."""
    site = closed[0].copied_to(tmp_path / "opcc")
    site.beat("20 Nov 09:05")
    site.write(CO_ORDINATOR, "Papers", "SHOW speb\nCLEAR speb WITHOUT WAITING")
    site.beat("20 Nov 18:30")
    assert status_of(site) == "cleared"
    assert not site.new_letters(CHARN)
    site.beat("21 Nov 09:05")
    assert "approved by the Chair" in said(site.the_letter(CHARN, "What the paper for"))


def test_circulate_names_whose_pages_go_to_nobody_now(closed: tuple[Played, dict[str, Post]], tmp_path: Path) -> None:
    site = closed[0].copied_to(tmp_path / "opcc")
    site.beat("20 Nov 09:05")
    site.write(CO_ORDINATOR, "Papers", "SHOW speb\nCLEAR speb WITHOUT WAITING\nCIRCULATE speb")
    site.beat("20 Nov 18:30")
    told = said(site.the_letter(CO_ORDINATOR, "goes to"))
    assert "What it prints about Blaby and Hinckley & Bosworth Community Safety Partnership, Charnwood" in told
    assert "was still to be shown to them, and is not: the paper is out." in told
    site.beat("21 Nov 09:05")
    assert not [x for x in site.new_letters(CHARN) if "What the paper for" in said(x)]
