"""What moves after a quarter is closed: late returns and corrections go to chairs, and history stays as it was."""

from __future__ import annotations

from pathlib import Path

from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.terms.events import LetterState
from tests.story.closed_told import (
    CHARN,
    CHARN_CHAIR,
    LEIC,
    LEIC_CHAIR,
    SECRETARIAT,
    hold_correction,
    read_file,
    send_correction,
    told_in_the_paper,
)
from tests.story.site_told import CO_ORDINATOR, Q2, Played, filled, said


def test_a_late_return_and_a_late_correction_go_to_their_chairs_and_each_is_told_as_what_it_is(
    closed: tuple[Played, dict[str, Post]], tmp_path: Path
) -> None:
    site, asked = closed[0].copied_to(tmp_path / "opcc"), closed[1]
    yes = hold_correction(site, asked[CHARN], filled(asked[CHARN], number=20), "19 Nov 16:00")
    site.write(CO_ORDINATOR, "Yes", yes)
    site.reply(asked[LEIC], LEIC, "Sorry.", filled(asked[LEIC]))
    site.beat("20 Nov 11:00")

    to_lead = said(site.the_letter(CHARN, "version 2"))
    assert "Your return was in time. This correction of it came after returns closed" in to_lead
    assert "Your return came after returns closed" in said(site.the_letter(LEIC, "nothing is missing"))
    again, first = site.the_letter(CHARN_CHAIR, "has sent version 2"), site.the_letter(LEIC_CHAIR, "Please approve")
    assert (
        "the Board's paper says that the earlier version was approved and the correction has not been approved yet"
        in said(again)
    )

    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    (missing,) = [line for line in read_file(draft) if "partnerships made a return" in line]
    assert missing.startswith("Two of the eight partnerships made a return. ")
    assert "Not yet approved by the Chair: Leicester." in missing
    assert "Corrected since the Chair approved, and to be approved again: Charnwood." in missing
    assert told_in_the_paper(draft, "Charnwood Community Safety Partnership").endswith(
        "A return was received on Thursday 16 October 2014 and approved by the Chair on Thursday 16 October 2014. It "
        "was corrected on Wednesday 19 November 2014; the Chair has been asked again and had not approved the "
        "correction by Thursday 20 November 2014."
    )
    assert "received on Thursday 20 November 2014, after the day on which it was due" in told_in_the_paper(
        draft, "Safer Leicester Partnership"
    )

    site.beat("20 Nov 11:00")
    site.beat("20 Nov 11:01")
    site.reply(again, CHARN_CHAIR, "APPROVED")
    site.reply(first, LEIC_CHAIR, "APPROVED")
    site.beat("21 Nov 11:00")
    assert (site.state("charnwood"), site.state("leicester")) == ("approved", "approved")
    site.reply(draft, CO_ORDINATOR, "DRAFT speb")
    site.beat("21 Nov 11:05")
    withdrawn = site.ask(lambda outside: outside.store.letters(LetterState.WITHDRAWN), "21 Nov 11:06")
    assert [x.kind for x in withdrawn if x.kind.startswith("approval")] == []  # type: ignore[attr-defined]


def test_what_comes_between_clearing_and_circulating_stops_the_paper_until_she_has_chosen(
    cleared: tuple[Played, dict[str, Post], Post],
) -> None:
    site, asked, draft = cleared
    send_correction(site, asked[CHARN], filled(asked[CHARN], number=20), "20 Nov 11:00")
    site.reply(draft, CO_ORDINATOR, "CIRCULATE speb")
    site.beat("20 Nov 11:05")
    refused = said(site.the_letter(CO_ORDINATOR, "something came that is not in it"))
    assert "The return of Charnwood Community Safety Partnership was corrected at 11am" in refused
    assert not site.new_letters(SECRETARIAT)
    site.reply(draft, CO_ORDINATOR, "DRAFT speb")
    site.beat("20 Nov 11:10")
    again = site.the_letter(CO_ORDINATOR, "Draft 2")
    told = told_in_the_paper(again, "Charnwood Community Safety Partnership")
    assert "It was corrected on Thursday 20 November" in told
    site.reply(again, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING\nCIRCULATE speb")
    site.beat("20 Nov 11:15")
    assert site.the_letter(SECRETARIAT, "ready for the agenda").files
    assert not site.new_letters("democratic.services@county.example"), "each board has its own secretariat"


def test_a_paper_goes_as_it_was_cleared_when_she_says_so(
    cleared: tuple[Played, dict[str, Post], Post],
) -> None:
    site, asked, draft = cleared
    site.reply(asked[LEIC], LEIC, "Late.", filled(asked[LEIC]))
    site.beat("20 Nov 11:00")
    site.reply(draft, CO_ORDINATOR, "CIRCULATE speb as cleared")
    site.beat("20 Nov 11:05")
    paper = site.the_letter(SECRETARIAT, "ready for the agenda")
    assert "No return was received" in told_in_the_paper(paper, "Safer Leicester Partnership")


def test_what_may_name_a_person_waits_for_her_word_though_the_return_was_accepted(
    closed: tuple[Played, dict[str, Post]], tmp_path: Path
) -> None:
    site, asked = closed[0].copied_to(tmp_path / "opcc"), closed[1]
    words = "Mrs Karen Whitfield was assaulted at 14 Orchard Close, LE13 1QT."
    site.reply(asked[LEIC], LEIC, "Late.", filled(asked[LEIC], words=words))
    site.beat("19 Nov 11:00")
    site.write(CO_ORDINATOR, "Their words", "ACCEPT LEIC")
    site.beat("19 Nov 11:05")
    site.new_letters()
    site.beat("20 Nov 09:05")
    draft = site.the_letter(CO_ORDINATOR, "is attached (speb")
    assert "a person's name" in said(draft)
    assert "in what Safer Leicester Partnership wrote" in said(draft)
    assert "Whitfield" not in said(draft)
    site.reply(draft, CO_ORDINATOR, "CLEAR speb WITHOUT WAITING")
    site.beat("20 Nov 09:10")
    assert "CIRCULATE speb AS WRITTEN sends it" in said(site.the_letter(CO_ORDINATOR, "is cleared"))
    site.reply(draft, CO_ORDINATOR, "CIRCULATE speb")
    site.beat("20 Nov 09:15")
    refused = said(site.the_letter(CO_ORDINATOR, "may name a person, so that it is not circulated"))
    assert "CIRCULATE speb AS WRITTEN sends it as it is" in refused
    assert not site.new_letters(SECRETARIAT)
    site.reply(draft, CO_ORDINATOR, "CIRCULATE speb as written")
    site.beat("20 Nov 09:20")
    assert site.the_letter(SECRETARIAT, "ready for the agenda").files
    (gone,) = [e for e in site.ask(lambda o: o.store.events(Q2), "20 Nov 09:21") if e.kind == "paper circulated"]  # type: ignore[attr-defined]
    assert gone.facts["as_written"] is True


def test_a_correction_after_the_close_is_a_revision_with_a_reason_that_waits_for_her_yes(
    closed: tuple[Played, dict[str, Post]], tmp_path: Path
) -> None:
    site, asked = closed[0].copied_to(tmp_path / "opcc"), closed[1]

    def figure() -> str:
        latest = site.ask(lambda o: o.store.latest_submissions(Q2)["charnwood"])
        return str(latest.figures[0].value)  # type: ignore[attr-defined]

    yes = hold_correction(site, asked[CHARN], filled(asked[CHARN], number=20), "19 Nov 11:00")
    letter = site.the_letter(CHARN, "your return was accepted before")
    assert "17, now 20 cases" in said(letter)
    assert "reply to this letter with a sentence that says why the figures change" in said(letter)
    assert not site.new_letters(CHARN_CHAIR)
    assert (figure(), site.state("charnwood")) == ("17", "approved")
    # The reason comes in a letter of its own, and is shown to her with the word that takes the correction.
    site.reply(letter, CHARN, "A late batch of cases was entered in November.")
    site.beat("19 Nov 12:00")
    shown = said(site.the_letter(CO_ORDINATOR, "A late batch of cases"))
    assert yes in shown
    morning = said(site.told_in_full("20 Nov 07:40"))
    assert "It corrects the accepted return of Charnwood Community Safety Partnership after the close." in morning
    site.reply(letter, CO_ORDINATOR, yes)
    site.beat("20 Nov 09:30")
    assert figure() == "20"
    assert site.ask(lambda o: o.store.latest_submissions(Q2)["charnwood"].words).endswith(
        "A late batch of cases was entered in November."
    )  # type: ignore[attr-defined]
    assert "version 2" in said(site.the_letter(CHARN, "This correction of it came after returns closed"))
    assert site.the_letter(CHARN_CHAIR, "has sent version 2")


def test_a_reason_beside_the_form_is_not_asked_for_and_what_changes_no_figure_is_taken(
    closed: tuple[Played, dict[str, Post]], tmp_path: Path
) -> None:
    site, asked = closed[0].copied_to(tmp_path / "opcc"), closed[1]
    why = "A late batch of cases was entered in November."
    hold_correction(site, asked[CHARN], filled(asked[CHARN], number=20), "19 Nov 11:00", why)
    letter = said(site.the_letter(CHARN, "your return was accepted before"))
    assert "What to do: nothing. We write to you when the correction is taken." in letter
    assert why in letter
    site.reply(asked[CHARN], CHARN, "", filled(asked[CHARN], words="Work goes on."))
    site.beat("19 Nov 12:00")
    assert "version 2" in said(site.the_letter(CHARN, "nothing is missing"))
