"""A year's measures from the proof to the agreement, and the form that asks for what was agreed."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from csp_workflow.forms import catalogue as words
from csp_workflow.rehearsal.partners.mail import Post
from csp_workflow.request.form import asked_questions
from csp_workflow.steps import cycle
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.measure_sets import MeasuresState
from tests.story.closed_told import CHARN, CHARN_CHAIR, RUTLAND
from tests.story.site_told import CO_ORDINATOR, Q2, Played, at, said

YEAR = "2014/15"
RUTLAND_CHAIR = "chair@rutland.example"


@pytest.fixture(scope="module")
def asked_once(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """AGREE, a proof, SEND MEASURES, and every lead asked; not played on."""
    site = Played.laid_out(tmp_path_factory.mktemp("measures") / "opcc")
    site.beat("07 Jul 09:00")
    site.write(CO_ORDINATOR, "The year", f"AGREE {YEAR}")
    site.beat("07 Jul 09:10")
    proof = site.the_letter(CO_ORDINATOR, "Nothing has been sent to anybody else. Every workbook")
    assert len(proof.workbooks) == 8 or proof.workbooks
    assert not [x for x in site.new_letters() if "Your measures" in x.subject]
    site.reply(proof, CO_ORDINATOR, "SEND MEASURES")
    site.beat("07 Jul 10:00")
    return site


@pytest.fixture
def asked(asked_once: Played, tmp_path: Path) -> Played:
    return asked_once.copied_to(tmp_path / "opcc")


def changed(letter: Post, change: Callable[[Workbook], object]) -> tuple[str, bytes]:
    """The letter's workbook as somebody fills it in."""
    name, data = letter.workbooks[0]
    book = load_workbook(io.BytesIO(data))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return name, out.getvalue()


def sign(book: Workbook) -> None:
    book["Sign-off"].cell(7, 2).value = "A. Lead"


def find_row(book: Workbook, ref: str, sheet: str = words.MEASURES) -> int:
    page = book[sheet]
    return next(r for r in range(7, page.max_row + 1) if page.cell(r, 1).value == ref)


def type_in(book: Workbook, ref: str, texts: dict[str, object]) -> None:
    page = book[words.MEASURES]
    columns = {cell.value: cell.column for cell in page[6]}
    for header, text in texts.items():
        page.cell(find_row(book, ref), columns[header]).value = text


LIGHTS: dict[str, object] = {
    words.COUNT_WHAT: "Street lights mended",
    words.COUNTS: "Lights reported out and mended in the quarter.",
    words.COUNTED_IN: "lights",
    words.SOUGHT: "A rise",
    words.COUNTED_AS: "Count",
    words.HOW_OFTEN: "Quarterly",
    words.PRIORITIES: "8",
    words.THIS_YEAR: words.NEW,
}


def state(site: Played, respondent: str) -> MeasuresState:
    def look(outside: Outside) -> MeasuresState:
        return outside.store.service_status().agreeing.stands(YEAR, respondent).state

    return site.ask(look)  # type: ignore[return-value]


def read_morning(site: Played) -> Post:
    """The next morning's letter, which brings what was asked."""
    site.new_letters(CO_ORDINATOR)
    site.beat("08 Jul 07:35")
    return site.the_letter(CO_ORDINATOR, "waits for your answer")


def test_the_whole_agreeing(asked: Played) -> None:
    charn = asked.the_letter(CHARN, f"Your measures for {YEAR}")
    rutland = asked.the_letter(RUTLAND, f"Your measures for {YEAR}")
    # One as last year; one with a fault in a new measure.
    asked.reply(rutland, RUTLAND, "As last year")

    def with_fault(book: Workbook) -> None:
        sign(book)
        type_in(book, "CHARN.L5", {**LIGHTS, words.PRIORITIES: "99"})

    asked.reply(charn, CHARN, "Ours attached.", changed(charn, with_fault))
    asked.beat("07 Jul 11:00")
    assert "as last year" in said(asked.the_letter(RUTLAND, "We recorded version 1"))
    correction = asked.the_letter(CHARN, "some cells still need you")
    assert "numbers of the Plan's priorities" in said(correction)
    assert state(asked, "charnwood") is MeasuresState.QUERIED
    # Mended in the workbook that came back with what was typed.
    asked.reply(correction, CHARN, "", changed(correction, lambda b: type_in(b, "CHARN.L5", {words.PRIORITIES: "8"})))
    asked.beat("07 Jul 12:00")
    receipt = said(asked.the_letter(CHARN, "We recorded version 1"))
    assert "CHARN.L5 Street lights mended: new" in receipt
    # The chairs are asked for exactly that, with the terms of reference; the lead gets the same to read.
    asked.beat("08 Jul 09:30")
    ask = asked.the_letter(CHARN_CHAIR, "Please approve")
    assert "Street lights mended" in said(ask)
    assert [name for name, _ in ask.files if name.startswith("Terms of reference CHARN")]
    asked.reply(ask, CHARN_CHAIR, "Approved")
    asked.reply(asked.the_letter(RUTLAND_CHAIR, "Please approve"), RUTLAND_CHAIR, "APPROVED")
    asked.beat("08 Jul 10:00")
    assert "is recorded" in said(asked.the_letter(CHARN_CHAIR, "Your approval of the measures"))
    # She is told in the morning, agrees one and sends one back.
    asked.new_letters(CO_ORDINATOR)
    asked.beat("09 Jul 07:35")
    digest = asked.the_letter(CO_ORDINATOR, "Measures for the year")
    assert "AGREED CHARN" in said(digest)
    assert "waiting for the lead's answer" in said(digest)
    asked.reply(digest, CO_ORDINATOR, "AGREED CHARN\nRETURNED RUTL BECAUSE a domestic abuse measure is missing")
    asked.beat("09 Jul 09:00")
    done = said(asked.the_letter(CO_ORDINATOR, "AGREED CHARN"))
    assert "is agreed" in done
    assert (state(asked, "charnwood"), state(asked, "rutland")) == (MeasuresState.AGREED, MeasuresState.QUERIED)
    assert "They hold from Tuesday 1 July 2014" in said(asked.the_letter(CHARN, "Agreed: the measures"))
    assert "a domestic abuse measure is missing" in said(asked.the_letter(RUTLAND, "Please look again"))

    # The next quarter's form asks the new measure.
    def refs(outside: Outside) -> list[str]:
        of = outside.site.respondent("charnwood")
        return [q.series.ref for q in asked_questions(of, Q2, outside.site, at("15 Oct 09:00").date())]

    assert "CHARN.L5" in asked.ask(refs)  # type: ignore[operator]

    def prove(outside: Outside) -> object:
        cycle.plan_cycle(outside, Q2, at("09 Jul 09:10"))
        return cycle.make_proof(outside, Q2, at("09 Jul 09:10"), by="test")

    asked.ask(prove)


def test_what_was_typed_over_words_of_ours_in_the_yearly_workbook_is_told(asked: Played) -> None:
    charn = asked.the_letter(CHARN, f"Your measures for {YEAR}")
    workings = ("Workings.csv", b"Ward,Lights\nNorth,4\n")

    def type_over(book: Workbook) -> None:
        sign(book)
        page = book[words.MEASURES]
        page.cell(3, 1).value = "Two of these are counted by the county."

    asked.reply(charn, CHARN, "Ours attached.", changed(charn, type_over), workings)
    asked.beat("07 Jul 11:00")
    told = said(asked.the_letter(CHARN, "counted by the county"))
    assert "We saw this and did not record it" in told
    assert "We did not record Workings.csv: the file is a list of plain text" in told
    again = changed(charn, sign)
    asked.reply(charn, CHARN, "Ours attached.", again, workings)
    asked.beat("07 Jul 11:30")
    assert "We did not record Workings.csv" in said(asked.the_letter(CHARN, "We recorded version 1"))
    asked.reply(charn, CHARN, "Ours attached.", changed(charn, sign))
    asked.beat("07 Jul 12:00")
    assert "did not record" not in said(asked.the_letter(CHARN, f"these measures for {YEAR} of Charnwood"))


def test_what_is_more_than_a_plain_yes_goes_to_her(asked: Played) -> None:
    rutland = asked.the_letter(RUTLAND, f"Your measures for {YEAR}")
    asked.reply(rutland, RUTLAND, "As last year, except that we now count burglary.")
    asked.beat("07 Jul 11:00")
    assert state(asked, "rutland") is MeasuresState.ASKED
    assert "we now count burglary" in said(read_morning(asked))


def test_what_is_asked_on_the_day_that_measures_are_due_goes_to_her_at_once(asked: Played) -> None:
    rutland = asked.the_letter(RUTLAND, f"Your measures for {YEAR}")
    asked.beat("28 Jul 07:35")
    asked.new_letters()
    asked.reply(rutland, RUTLAND, "What do we count as a burglary?")
    asked.beat("28 Jul 11:00")
    assert asked.the_letter(CO_ORDINATOR, "What do we count as a burglary?")


def test_an_order_out_of_turn_is_refused(asked: Played) -> None:
    asked.write(CO_ORDINATOR, "Now", f"AGREED RUTL\n\nRETURNED RUTL BECAUSE too few\n\nAGREE {YEAR}\n\nAGREE 2031/32")
    asked.beat("07 Jul 11:00")
    told = said(asked.the_letter(CO_ORDINATOR, "AGREED RUTL"))
    assert "Only what the chair approved can be agreed" in told
    assert "There is nothing to send back" in told
    assert "Every partnership was asked" in told
    assert "There is no framework for 2031/32" in told


COUNTY = "community.safety@county.example"


def test_an_officer_of_two_partnerships_answers_for_both_in_one(asked: Played) -> None:
    letter = asked.the_letter(COUNTY, f"Your measures for {YEAR}")
    assert len(letter.workbooks) == 2
    asked.reply(letter, COUNTY, "No change")
    asked.beat("07 Jul 11:00")
    assert (state(asked, "harborough"), state(asked, "melton")) == (MeasuresState.COMPLETE, MeasuresState.COMPLETE)
    assert len([x for x in asked.new_letters(COUNTY) if "We recorded version 1" in said(x)]) == 2


def test_an_officer_of_two_who_names_one_is_asked_by_her(asked: Played) -> None:
    letter = asked.the_letter(COUNTY, f"Your measures for {YEAR}")
    asked.reply(letter, COUNTY, "As last year for Melton")
    asked.beat("07 Jul 11:00")
    assert (state(asked, "harborough"), state(asked, "melton")) == (MeasuresState.ASKED, MeasuresState.ASKED)
    assert "As last year for Melton" in said(read_morning(asked))


def all_stays(book: Workbook) -> None:
    book["Sign-off"].cell(10, 2).value = "Yes"


def test_the_same_again_is_known_and_what_changed_replaces_it(asked: Played) -> None:
    letter = asked.the_letter(RUTLAND, f"Your measures for {YEAR}")
    for hour in ("11", "12"):
        asked.reply(letter, RUTLAND, "", changed(letter, all_stays))
        asked.beat(f"07 Jul {hour}:00")
    answers = [said(x) for x in asked.new_letters(RUTLAND)]
    assert [("We recorded version 1" in text, "already have this" in text) for text in answers] == [
        (True, False),
        (False, True),
    ]
    asked.new_letters()

    def stop(book: Workbook) -> None:
        sign(book)
        type_in(book, "RUTL.L1", {words.THIS_YEAR: words.STOP})

    asked.reply(letter, RUTLAND, "", changed(letter, stop))
    asked.beat("07 Jul 13:00")
    assert "RUTL.L1" in said(asked.the_letter(RUTLAND, "We recorded version 2"))


def test_a_chair_s_yes_counts_for_the_version_that_was_shown(asked: Played) -> None:
    letter = asked.the_letter(RUTLAND, f"Your measures for {YEAR}")
    asked.reply(letter, RUTLAND, "As last year")
    asked.beat("07 Jul 11:00")
    ask = asked.the_letter(RUTLAND_CHAIR, "Please approve")
    asked.reply(ask, RUTLAND_CHAIR, "Approved, but I have a question about the second one.")
    asked.beat("07 Jul 11:30")
    assert state(asked, "rutland") is MeasuresState.COMPLETE
    # The lead sends another version; a yes to the first is no yes to it.
    asked.reply(
        letter, RUTLAND, "", changed(letter, lambda b: (sign(b), type_in(b, "RUTL.L1", {words.SOUGHT: "A fall"})))
    )
    asked.beat("07 Jul 12:00")
    asked.reply(ask, RUTLAND_CHAIR, "Approved")
    asked.beat("07 Jul 12:30")
    assert state(asked, "rutland") is MeasuresState.COMPLETE
    asked.reply(ask, RUTLAND_CHAIR, "Thank you")
    asked.beat("07 Jul 13:00")
    assert "I have a question about the second one" in said(read_morning(asked))


def test_nobody_but_a_contact_is_heard_and_a_mixture_waits(asked: Played) -> None:
    letter = asked.the_letter(RUTLAND, f"Your measures for {YEAR}")
    other = asked.the_letter(CHARN, f"Your measures for {YEAR}")
    asked.reply(letter, CHARN, "", changed(letter, all_stays))
    asked.reply(letter, RUTLAND, "", changed(letter, all_stays), changed(letter, sign))
    asked.reply(other, "somebody@rutland.example", "", changed(other, all_stays))
    asked.beat("07 Jul 11:00")
    assert (state(asked, "rutland"), state(asked, "charnwood")) == (MeasuresState.ASKED, MeasuresState.ASKED)


def without_reference(book: Workbook) -> None:
    all_stays(book)
    for page in book.worksheets:
        page.cell(2, 1).value = None
        page.oddFooter.left.text = None
    book.defined_names.clear()
    book.properties.keywords = None
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]


def test_a_workbook_pasted_anew_is_its_sender_s_own(asked: Played) -> None:
    letter = asked.the_letter(RUTLAND, f"Your measures for {YEAR}")
    county = asked.the_letter(COUNTY, f"Your measures for {YEAR}")
    _, data = changed(letter, without_reference)
    asked.reply(letter, RUTLAND, "", ("Copy.xlsx", data))
    asked.reply(county, COUNTY, "", ("Copy.xlsx", changed(county, without_reference)[1]))
    asked.beat("07 Jul 11:00")
    assert state(asked, "rutland") is MeasuresState.COMPLETE
    assert (state(asked, "harborough"), state(asked, "melton")) == (MeasuresState.ASKED, MeasuresState.ASKED)


def test_what_is_agreed_is_changed_only_once_she_sends_it_back(asked: Played) -> None:
    letter = asked.the_letter(RUTLAND, f"Your measures for {YEAR}")
    asked.reply(letter, RUTLAND, "As last year")
    asked.beat("07 Jul 11:00")
    asked.reply(asked.the_letter(RUTLAND_CHAIR, "Please approve"), RUTLAND_CHAIR, "Approved")
    asked.beat("07 Jul 11:30")
    asked.write(CO_ORDINATOR, "Agreed", "AGREED RUTL")
    asked.beat("07 Jul 12:00")
    assert state(asked, "rutland") is MeasuresState.AGREED
    asked.reply(letter, RUTLAND, "", changed(letter, all_stays))
    asked.beat("07 Jul 12:30")
    assert state(asked, "rutland") is MeasuresState.AGREED
    asked.reply(letter, RUTLAND, "", ("photo.xlsx", b"no workbook"))
    asked.beat("07 Jul 13:00")
