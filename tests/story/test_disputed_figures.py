"""A police figure is disputed: its reason goes to the force's analyst, once, and what they send back is a revision."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from csp_workflow.rehearsal.partners import excel
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.steps.papers import gather_report
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, said
from tests.story.test_answers import all_letters

LEAD, CHAIR = "lead@charnwood.example", "chair@charnwood.example"


def dispute(book: Workbook) -> None:
    """The first police figure looks wrong to whoever fills in the form."""
    for sheet in book.worksheets:
        for row, columns, _, ref in excel.figure_rows(sheet):
            if excel.CONFIRM in columns and ref != "ALL":
                sheet.cell(row, columns[excel.CONFIRM]).value = "Disputed"
                sheet.cell(row, columns[excel.WHY]).value = "Our own log has 12 more."
                return


def fill(letter: Post, number: object, when: str, **more: object) -> tuple[str, bytes]:
    name, data = letter.workbooks[0]
    return name, excel.fill(
        data,
        number=lambda *_: number,
        status=lambda *_: "Final",
        words=lambda ref: f"Work went on. ({ref})",
        now=at(when),
        **more,  # type: ignore[arg-type]
    )


ANALYST_SAYS = "M01.1 in Charnwood stands: the offences were recorded in July."


@pytest.fixture(scope="module")
def passed_on(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Post, Post]:
    """A lead disputes a police figure, and the analyst was sent why; with that letter and the analyst's request."""
    site = Played.laid_out(tmp_path_factory.mktemp("disputed") / "opcc")
    site.beat("01 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Nobody has been asked yet"), CO_ORDINATOR, "SEND")
    site.beat("01 Oct 09:05")
    asked = next(x for x in site.new_letters() if x.workbooks and x.to != CO_ORDINATOR)
    site.reply(asked, asked.to, "The extract.", fill(asked, 40, "01 Oct 11:00"))
    for day in ("02", "03", "06", "07", "08", "09", "10", "13", "14"):
        site.beat(f"{day} Oct 07:35")
    site.beat("15 Oct 07:35")
    site.reply(site.the_letter(CO_ORDINATOR, "Here is everything"), CO_ORDINATOR, "SEND")
    site.beat("15 Oct 09:10")
    request = next(x for x in site.new_letters(LEAD) if x.workbooks)
    site.reply(request, LEAD, "", fill(request, 17, "16 Oct 09:00", change=dispute))
    site.beat("16 Oct 10:00")
    (receipt,) = site.new_letters(LEAD)
    assert "We send your reasons to the force's analyst on the next working day" in said(receipt)
    assert "passed that on" not in said(receipt)
    # The chair's yes comes before the analyst was written to, and holds nothing up.
    chair = site.the_letter(CHAIR, "Please approve")
    site.reply(chair, CHAIR, "APPROVED")
    site.beat("16 Oct 15:00")
    assert not [x for x in site.new_letters(asked.to) if "look wrong to them" in said(x)], "one letter, in the morning"
    site.beat("17 Oct 09:10")
    (told,) = [x for x in site.new_letters(asked.to) if "look wrong to them" in said(x)]
    site.new_letters()
    return site, told, asked


@pytest.fixture
def story(passed_on: tuple[Played, Post, Post], tmp_path: Path) -> tuple[Played, Post, Post]:
    """A copy of it of one's own."""
    site, told, asked = passed_on
    return site.copied_to(tmp_path / "opcc"), told, asked


def receipt_like(site: Played) -> Post:
    """Any letter to her that an order may answer."""
    site.beat("17 Oct 11:30")
    return [x for x in all_letters(site) if x.to == CO_ORDINATOR][-1]


def say_beside(letter: Post) -> list[str]:
    """What stands beside the force's figures of a form about disputes."""
    book = load_workbook(io.BytesIO(letter.workbooks[0][1]))
    return [
        str(sheet.cell(row, columns["What is disputed"]).value)
        for sheet in book.worksheets
        for row, columns, _, ref in excel.figure_rows(sheet)
        if ref != "ALL" and "What is disputed" in columns and sheet.cell(row, columns["What is disputed"]).value
    ]


def test_a_dispute_goes_to_the_analyst_once_on_the_next_working_morning(story: tuple[Played, Post, Post]) -> None:
    site, told, _ = story
    assert "Charnwood Community Safety Partnership" in told.text
    assert "Our own log has 12 more." in said(told)
    for when in ("17 Oct 15:00", "20 Oct 09:10", "21 Oct 09:10"):
        site.beat(when)
    assert not [x for x in site.new_letters(told.to) if "look wrong to them" in said(x)], "once"


def test_why_a_figure_stands_goes_straight_to_whoever_disputed_it(story: tuple[Played, Post, Post]) -> None:
    site, told, _ = story
    site.reply(told, told.to, ANALYST_SAYS)
    site.beat("17 Oct 11:00")
    (letter,) = [x for x in site.new_letters(LEAD) if "has answered what" in said(x)]
    assert "You said: Our own log has 12 more." in said(letter)
    assert "the offences were recorded in July" in said(letter)
    assert not [x for x in site.new_letters(CO_ORDINATOR) if "wrote to us" in said(x)], "it is settled"
    # A form that she sends back says so beside the figure, and the paper behind the reason.
    told_in = site.ask(lambda o: gather_report(o, Q2, "speb", at("17 Oct 11:30")).submissions["charnwood"].disputes)
    assert told_in[0][2].startswith("Our own log has 12 more. [The answer: ")  # type: ignore[index]
    site.reply(receipt_like(site), CO_ORDINATOR, "RETURN CHARN BECAUSE the texts are too short")
    site.beat("17 Oct 11:40")
    back = next(x for x in site.new_letters(LEAD) if x.workbooks)
    (beside,) = say_beside(back)
    assert beside.startswith("Disputed by Charnwood Community Safety Partnership since Thursday 16 October 2014.")
    assert "Answered on Friday 17 October 2014: M01.1 in Charnwood stands" in beside
    # The next receipt says what became of it, and promises nothing that was done already.
    form = next(x for x in all_letters(site) if x.to == LEAD and x.workbooks)
    site.reply(form, LEAD, "", fill(form, 18, "17 Oct 12:00", change=dispute))
    site.beat("17 Oct 13:00")
    again = next(x for x in site.new_letters(LEAD) if "version 2" in said(x))
    assert "It was answered on Friday 17 October 2014" in said(again)
    assert "on the next working day" not in said(again)
    for when in ("20 Oct 09:10", "22 Oct 09:10", "24 Oct 09:10", "28 Oct 09:10"):
        site.beat(when)
    assert not [x for x in site.new_letters(told.to) if "dispute" in said(x)], "nothing more is asked"


def test_a_figure_in_words_is_asked_for_and_the_extract_with_it_is_told(story: tuple[Played, Post, Post]) -> None:
    site, told, _ = story
    site.reply(told, told.to, "40 should be 52.")
    site.beat("17 Oct 11:00")
    (asked,) = [x for x in site.new_letters(told.to) if "We take no figure from words" in said(x)]
    assert asked.workbooks
    assert not site.new_letters(LEAD)

    site.reply(asked, told.to, "", fill(asked, 52, "17 Oct 12:00"))
    for when in ("17 Oct 13:00", "17 Oct 13:30", "20 Oct 09:10"):
        site.beat(when)
    (letter,) = [x for x in site.new_letters(LEAD) if "has revised what" in said(x)]
    assert "The force has revised it: 40, now 52." in said(letter)


def test_what_is_not_answered_is_asked_once_more_and_stands_before_her(story: tuple[Played, Post, Post]) -> None:
    site, told, _ = story
    site.reply(told, told.to, "We are looking into it and will be in touch.")
    site.beat("17 Oct 11:00")
    question = site.the_letter(CO_ORDINATOR, "Their words may answer what we asked")
    assert "ANSWERS CHARN D1" in said(question)
    site.reply(question, CO_ORDINATOR, "DONE")
    for when in ("20 Oct 09:10", "22 Oct 09:10", "24 Oct 07:40", "24 Oct 09:10", "28 Oct 09:10", "30 Oct 09:10"):
        site.beat(when)
    reminders = [x for x in site.new_letters(told.to) if "We do not write about these again" in said(x)]
    assert len(reminders) == 1
    morning = site.told_in_full("30 Oct 09:20")
    assert "disputes 1 police figure, and the force, which has had it for 9 working days, has not" in said(morning)
    assert "answered. D1 (" in said(morning)
    site.reply(morning, CO_ORDINATOR, "ACCEPT CHARN D1")
    site.beat("30 Oct 10:00")
    done = said(site.the_letter(CO_ORDINATOR, "Done: ACCEPT CHARN D1"))
    assert "is taken as it stands" in done
    assert "is told that the dispute ends so" in done
    told_lead = said(site.the_letter(LEAD, "The force has not answered what"))
    assert "The office takes the force's figure as it stands." in told_lead
    assert "police figure, and the force" not in said(site.told_in_full("31 Oct 07:40"))


def test_she_says_what_the_analyst_s_words_answer(story: tuple[Played, Post, Post]) -> None:
    site, told, _ = story
    site.reply(told, told.to, "It stands, but only since two of them were recorded in July.")
    site.beat("17 Oct 11:00")
    question = site.the_letter(CO_ORDINATOR, "Their words may answer what we asked")
    site.reply(question, CO_ORDINATOR, "ANSWERS CHARN D2\nANSWERS CHARN D1")
    site.beat("17 Oct 11:05")
    done = said(site.the_letter(CO_ORDINATOR, "ANSWERS CHARN D1"))
    assert "D2 of Charnwood Community Safety Partnership is not open. Open now: D1 (" in done
    assert "is kept as the answer to D1" in done
    (letter,) = [x for x in site.new_letters(LEAD) if "has answered what" in said(x)]
    assert "only since two of them were recorded in July" in said(letter)
