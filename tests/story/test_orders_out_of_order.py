"""Orders and words that come too late, or the other way round: whoever was told something is told when it is undone."""

from __future__ import annotations

from pathlib import Path

from csp_workflow.rehearsal.partners.mail import Post
from tests.story.closed_told import CHARN, CHARN_CHAIR
from tests.story.site_told import CO_ORDINATOR, Played, filled, said


def order(site: Played, words: str, when: str) -> str:
    site.write(CO_ORDINATOR, "An order", words)
    site.beat(when)
    return said(next(x for x in site.new_letters(CO_ORDINATOR) if "You wrote" in x.text))


def test_pages_that_a_paper_overtook_are_told_as_unsent_and_the_other_board_s_paper_shows_them(
    closed: tuple[Played, dict[str, Post]], tmp_path: Path
) -> None:
    site = closed[0].copied_to(tmp_path / "opcc")
    site.beat("20 Nov 09:05")
    site.new_letters()
    told = order(site, "SHOW speb\nCLEAR speb WITHOUT WAITING\nCIRCULATE speb AS CLEARED", "20 Nov 18:30")
    assert "in the sending window, and not after the paper is out" in told
    site.beat("21 Nov 09:05")
    assert not site.new_letters(CHARN)
    assert "draft 1 of the paper for Police and Crime Panel" in order(site, "DRAFT panel\nSHOW panel", "21 Nov 12:00")
    assert "approved by the Chair" in said(site.the_letter(CHARN, "What the paper for"))


def test_pages_that_left_before_the_paper_are_shown_once(
    closed: tuple[Played, dict[str, Post]], tmp_path: Path
) -> None:
    site = closed[0].copied_to(tmp_path / "opcc")
    site.beat("20 Nov 09:05")
    order(site, "SHOW speb", "20 Nov 09:30")
    assert site.the_letter(CHARN, "What the paper for")
    order(site, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb AS CLEARED", "20 Nov 18:30")
    assert "Each partnership was shown" in order(site, "DRAFT panel\nSHOW panel", "21 Nov 12:00")


def sent_in(site: Played) -> None:
    """Charnwood's return has come, and its chair is asked."""
    asked = site.the_letter(CHARN, "Please fill in")
    site.reply(asked, CHARN, "Our return.", filled(asked))
    site.beat("16 Oct 10:00")
    for who in (CHARN, CO_ORDINATOR):
        site.new_letters(who)


def test_a_return_that_was_set_aside_and_counts_again_is_told_to_its_lead_both_times(site: Played) -> None:
    sent_in(site)
    assert "Version 1 of its return, which had come, counts no more." in order(
        site, "NIL CHARN BECAUSE they rang", "16 Oct 10:20"
    )
    told = said(site.the_letter(CHARN, "nothing to report"))
    assert "Version 1 of the return, which you sent, counts no more." in told
    assert "If that is not right, please reply and say so, or fill in the form" in told
    assert "Charnwood Lead Officer is told so" in order(site, "REOPEN CHARN BECAUSE a mistake", "16 Oct 10:30")
    again = site.the_letter(CHARN, "taken back")
    assert again.subject.startswith("Counts again: your return for July to September 2014")
    assert "version 1 of the return, which you sent, counts as it did before." in said(again)
    assert "fill in" not in said(again)


def test_a_yes_to_what_is_set_aside_or_sent_back_says_to_her_why_it_is_not_recorded(site: Played) -> None:
    sent_in(site)
    asked = site.the_letter(CHARN_CHAIR, "Please approve")
    order(site, "NIL CHARN BECAUSE they rang", "16 Oct 10:20")
    site.reply(asked, CHARN_CHAIR, "APPROVED")
    site.beat("16 Oct 10:30")
    morning = said(site.told_in_full("17 Oct 07:35"))
    assert "It approves the return, which is nil since, so nothing was recorded." in morning
    assert "APPROVED CHARN" not in morning, "that could not be done now"
    order(site, "REOPEN CHARN BECAUSE a mistake", "17 Oct 09:20")
    assert "Reply: APPROVED CHARN BY whom BECAUSE evidence" in said(site.told_in_full("20 Oct 07:35"))


def test_a_chair_s_no_brings_the_order_that_sends_the_return_back_also_after_another_s_yes(site: Played) -> None:
    sent_in(site)
    asked = site.the_letter(CHARN_CHAIR, "Please approve")
    site.reply(asked, CHARN_CHAIR, "I do not approve. The bicycle figures are wrong.")
    site.beat("16 Oct 10:30")
    assert "Reply: RETURN CHARN BECAUSE reason" in said(site.told_in_full("17 Oct 07:35"))
    order(site, "APPROVED CHARN BY the vice chair BECAUSE she rang me", "17 Oct 09:20")
    assert "RETURN CHARN BECAUSE reason" in said(site.told_in_full("20 Oct 07:35"))
    assert "ends" in order(site, "RETURN CHARN BECAUSE the chair says the bicycle figures are wrong", "20 Oct 09:20")
    assert "RETURN CHARN" not in said(site.told_in_full("21 Oct 07:35"))
