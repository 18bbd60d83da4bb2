"""A form of one area is read by its refs: what an area code would say is known, and no other area's row is taken."""

from __future__ import annotations

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from csp_workflow.forms import layout
from tests.intake.test_nothing_unseen import COUNT, SOUND, codes, edited, figures, sent_in


def own_rows(book: Workbook) -> tuple[Worksheet, dict[str, int], list[int]]:
    """The sheet of its own figures, its columns by header, and the rows below the header."""
    sheet = book[layout.FIGURES]
    head = next(row for row in sheet.iter_rows() if any(cell.value == layout.THIS_QUARTER for cell in row))
    columns = {str(cell.value): cell.column for cell in head if cell.value}
    rows = range(head[0].row + 1, sheet.max_row + 1)
    return sheet, columns, [n for n in rows if sheet.cell(n, columns[layout.REF]).value]


@pytest.mark.parametrize("area", [None, "", "Charnwood", "charnwood", " e07000130 "])
def test_an_area_that_is_left_out_or_named_in_words_is_the_form_s_own(area: str | None) -> None:
    def change(book: Workbook) -> None:
        sheet, columns, rows = own_rows(book)
        for row in rows:
            sheet.cell(row, columns[layout.AREA_CODE]).value = area

    decision = sent_in(edited(change))
    assert (figures(decision), codes(decision)) == (SOUND, [])


def test_a_column_of_area_codes_that_is_gone_is_not_missed() -> None:
    def change(book: Workbook) -> None:
        sheet, columns, rows = own_rows(book)
        for row in (rows[0] - 1, *rows):
            sheet.cell(row, columns[layout.AREA_CODE]).value = None

    decision = sent_in(edited(change))
    assert (figures(decision), codes(decision)) == (SOUND, [])


@pytest.mark.parametrize("ref", ["L1", "l1", "CHARN L1", "CHARN-L1", "charn.l1"])
def test_a_row_is_called_by_its_ref_as_our_letters_call_it(ref: str) -> None:
    def change(book: Workbook) -> None:
        sheet, columns, rows = own_rows(book)
        (row,) = (n for n in rows if sheet.cell(n, columns[layout.REF]).value == COUNT)
        sheet.cell(row, columns[layout.REF]).value = ref

    decision = sent_in(edited(change))
    assert (figures(decision), codes(decision)) == (SOUND, [])


@pytest.mark.parametrize("area", ["E07000129", "Blaby"])
def test_another_area_s_row_is_not_taken(area: str) -> None:
    def change(book: Workbook) -> None:
        sheet, columns, rows = own_rows(book)
        (row,) = (n for n in rows if sheet.cell(n, columns[layout.REF]).value == COUNT)
        sheet.cell(row, columns[layout.AREA_CODE]).value = area

    decision = sent_in(edited(change))
    assert COUNT not in figures(decision)
    assert "missing-row" in codes(decision)


def test_a_second_row_of_the_same_ref_is_another_candidate() -> None:
    def change(book: Workbook) -> None:
        sheet, columns, rows = own_rows(book)
        below = rows[-1] + 2
        sheet.cell(below, columns[layout.REF]).value = "L1"
        sheet.cell(below, columns[layout.THIS_QUARTER]).value = 999

    decision = sent_in(edited(change))
    assert COUNT not in figures(decision)
    assert codes(decision)
