"""What is chosen or written is recorded as it is seen; where nobody can be sure of that it is asked about."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

import pytest
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from csp_workflow.forms import layout
from tests.intake.test_nothing_unseen import answer, codes, edited, sent_in

Edit = Callable[[Cell], None]
BOXES = {
    "a confirmation": (layout.POLICE, "H7"),
    "what drove it": (layout.FIGURES, "I7"),
    "why": (layout.FIGURES, "J7"),
    "words": (layout.SUMMARY, "G7"),
    "what is next": (layout.SUMMARY, "H7"),
    "a name": (layout.SIGN_OFF, "B7"),
    "a tick": (layout.SIGN_OFF, "B10"),
}


def struck(cell: Cell) -> None:
    cell.value, cell.font = "Confirmed", copy(Font(strike=True))


def raised(cell: Cell) -> None:
    cell.value = CellRichText("We met 3", TextBlock(InlineFont(vertAlign="superscript"), "5"))


def white(cell: Cell) -> None:
    cell.value, cell.font, cell.fill = "Confirmed", Font(color="FFFFFFFF"), PatternFill()


def broken(cell: Cell) -> None:
    cell.value = "#NAME?"


def uncalculated(cell: Cell) -> None:
    cell.value = '=A1&" and more"'


def on(box: str, edit: Edit) -> Callable[[Workbook], None]:
    sheet, at = BOXES[box]
    return lambda book: edit(book[sheet][at])


@pytest.mark.parametrize("edit", [struck, raised, white, broken, uncalculated])
@pytest.mark.parametrize("box", BOXES)
def test_what_nobody_can_be_sure_of_is_asked_about_once_and_not_recorded(box: str, edit: Edit) -> None:
    decision = sent_in(edited(on(box, edit)))
    assert [code for code in codes(decision) if code != "words-beside"] in (["struck-words"], ["excel-error"])
    (submission,) = decision.submissions
    (asked,) = (f for f in submission.findings if f.code in {"struck-words", "excel-error"})
    assert asked.is_doubt
    said = [one.text for one in submission.inputs]
    assert not {"Confirmed", "We met 35", "#NAME?"} & set(said), said


def test_a_part_of_a_text_that_merely_reads_25th_is_taken() -> None:
    def raise_th(book: Workbook) -> None:
        above = TextBlock(InlineFont(vertAlign="superscript"), "th")
        book[layout.SUMMARY]["G7"].value = CellRichText("On the 25", above)

    decision = sent_in(edited(raise_th))
    assert codes(decision) == []
    assert "On the 25th" in [n.text for n in decision.submissions[0].narratives]


@pytest.mark.parametrize(
    ("value", "number_format", "seen"),
    [
        (0.625, '0%" of calls"', "63% of calls"),
        (35, '"about "0', "about 35"),
        ("a few", '"not "@', "not a few"),
        (1204, '#,##0" calls"', "1,204 calls"),
    ],
)
def test_words_are_recorded_as_their_format_shows_them(value: object, number_format: str, seen: str) -> None:
    def put(book: Workbook) -> None:
        cell = book[layout.SUMMARY]["G7"]
        cell.value, cell.number_format = value, number_format  # type: ignore[assignment]

    decision = sent_in(edited(put))
    assert seen in [n.text for n in decision.submissions[0].narratives]
    assert seen in [one.text for one in decision.submissions[0].inputs]


def test_a_choice_that_is_seen_otherwise_is_asked_about() -> None:
    def put(book: Workbook) -> None:
        cell = book[layout.POLICE]["H7"]
        cell.value, cell.number_format = "Confirmed", '"not "@'

    assert codes(sent_in(edited(put))) == ["shown-otherwise"]


def test_an_answer_within_our_own_comment_is_said() -> None:
    def put(book: Workbook) -> None:
        words = f"{layout.NOTE_OPENING}please type one plain number.\nIt is 43, says Housing"
        book[layout.FIGURES]["J7"].comment = Comment(words, "us")

    said = answer(sent_in(edited(put)))
    assert 'a comment: "It is 43, says Housing"' in said
    assert "please type one plain number" not in said


def test_what_is_typed_where_no_quick_answer_is_offered_is_said() -> None:
    def put(book: Workbook) -> None:
        book[layout.SUMMARY]["F7"].value = "Nothing new"

    assert '"Nothing new"' in answer(sent_in(edited(put)))


@pytest.mark.parametrize("words", ["412 is wrong, 398", "4120", "398", "412 or 398", "412*", "4 12", "c. 412"])
def test_what_is_typed_over_a_figure_of_the_forces_is_never_dropped(words: str) -> None:
    def put(book: Workbook) -> None:
        book[layout.POLICE]["G7"].value = words

    (submission,) = sent_in(edited(put)).submissions
    assert [text for _, _, text in submission.disputes] == [f"The form has {words} in place of the force's 412."]


@pytest.mark.parametrize(
    ("value", "look"),
    [("412 (p)", "General"), (412, '#,##0" (p)"'), ("412 prov.", "General"), ("412r", "General")],
)
def test_how_final_the_forces_own_number_is_said_to_be_is_told_and_no_dispute(value: object, look: str) -> None:
    def put(book: Workbook) -> None:
        book[layout.POLICE]["G7"].value, book[layout.POLICE]["G7"].number_format = value, look

    decision = sent_in(edited(put))
    shown = value if isinstance(value, str) else "412 (p)"
    assert codes(decision) == []
    assert decision.submissions[0].disputes == ()
    said = answer(decision)
    assert f'Police figures, G7: you show "{shown}" for All crime, Charnwood' in said
    assert "no dispute. The force gave it as final" in said
