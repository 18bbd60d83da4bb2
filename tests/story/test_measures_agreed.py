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


def test_what_is_more_than_a_plain_yes_goes_to_her(asked: Played) -> None:
    rutland = asked.the_letter(RUTLAND, f"Your measures for {YEAR}")
    asked.reply(rutland, RUTLAND, "As last year, except that we now count burglary.")
    asked.beat("07 Jul 11:00")
    assert state(asked, "rutland") is MeasuresState.ASKED
    assert asked.the_letter(CO_ORDINATOR, "we now count burglary")


def test_an_order_out_of_turn_is_refused(asked: Played) -> None:
    asked.write(CO_ORDINATOR, "Now", f"AGREED RUTL\n\nRETURNED RUTL BECAUSE too few\n\nAGREE {YEAR}\n\nAGREE 2031/32")
    asked.beat("07 Jul 11:00")
    told = said(asked.the_letter(CO_ORDINATOR, "AGREED RUTL"))
    assert "Only what the chair approved can be agreed" in told
    assert "There is nothing to send back" in told
    assert "Every partnership was asked" in told
    assert "There is no framework for 2031/32" in told
