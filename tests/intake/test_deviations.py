"""A form as it comes back, from the workbook's bytes to what its sender is told: what is seen is recorded, or asked.

Each case is a way in which people, and programs, deviate in one figure's cell.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal
from functools import cache
from io import BytesIO

import pytest
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Border, Font, Side

from csp_workflow.forms import layout
from csp_workflow.forms.reading import read_workbook
from csp_workflow.forms.writing import write_workbook
from csp_workflow.intake.opening import read_reply
from csp_workflow.terms.phrases import say_as_number
from csp_workflow.terms.returns import FormDefinition, ReadForm
from tests.intake.intake_factory import FORMS, NOW, decided, facts, good, mail
from tests.opened_books import open_book

FORM = FORMS["charnwood"]
Change = Callable[[Cell], None]
_COUNT, _SHARE = "CHARN.L1", "CHARN.L2"


@cache
def filled(form: FormDefinition = FORM) -> bytes:
    """The form filled in on time and right."""
    book = open_book(write_workbook(form, created=NOW))
    typed = good()
    for ref, value in typed.figures.items():
        place(book, ref).value = value  # type: ignore[assignment]
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row[:-1]:
                if cell.value in typed.signed:
                    sheet.cell(cell.row, cell.column + 1).value = typed.signed[cell.value]
                if cell.value == "T1":
                    heads = {c.value: c.column for c in sheet[_head_row(sheet)]}
                    sheet.cell(cell.row, heads[layout.HAPPENED]).value = typed.texts["T1"]
    return saved(book)


def _head_row(sheet: object) -> int:
    rows = sheet.iter_rows()  # type: ignore[attr-defined]
    return next(cell.row for row in rows for cell in row if cell.value == layout.HAPPENED)


def place(book: Workbook, ref: str) -> Cell:
    """Where a figure is typed."""
    for sheet in book:
        for row in sheet.iter_rows():
            if any(cell.value == ref for cell in row):
                head = next((r for r in sheet.iter_rows() if any(c.value == layout.THIS_QUARTER for c in r)), None)
                if head:
                    column = next(c.column for c in head if c.value == layout.THIS_QUARTER)
                    return sheet.cell(row[0].row, column)
    raise AssertionError(ref)


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes) -> ReadForm:
    form = read_reply(read_workbook(data))
    assert isinstance(form, ReadForm), form
    return form


def holds(value: object, number_format: str = "General") -> Change:
    def change(cell: Cell) -> None:
        cell.value, cell.number_format = value, number_format  # type: ignore[assignment]

    return change


def struck(cell: Cell) -> None:
    cell.value, cell.font = 41, Font(strike=True)


def crossed(cell: Cell) -> None:
    cell.value, cell.border = 41, Border(diagonal=Side(style="thin"), diagonalUp=True)


def tiny(cell: Cell) -> None:
    cell.value, cell.font = 41, Font(sz=1)


def footnoted(cell: Cell) -> None:
    cell.value = CellRichText("35", TextBlock(InlineFont(vertAlign="superscript"), "1"))


RECORDED: dict[str, tuple[str, Change, Decimal]] = {
    "a per cent cell": (_SHARE, holds(0.72, "0%"), Decimal(72)),
    "a per cent cell with a decimal that is not shown": (_SHARE, holds(0.725, "0%"), Decimal("72.5")),
    "a literal per cent sign": (_SHARE, holds(72, '0"%"'), Decimal(72)),
    "an escaped per cent sign": (_SHARE, holds(72.5, "0.0\\%"), Decimal("72.5")),
    "thousands with commas": (_COUNT, holds(43, "#,##0"), Decimal(43)),
    "its own unit": (_COUNT, holds(43, '0" incidents"'), Decimal(43)),
    "an estimate by its format": (_COUNT, holds(43, '"about "0'), Decimal(43)),
    "a power of ten": (_COUNT, holds(43, "0.0E+00"), Decimal(43)),
    "a dash that accounts show for 0": (_COUNT, holds(0, '_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-'), Decimal(0)),
    "about so many": (_COUNT, holds("40ish"), Decimal(40)),
    "about so many of its own unit": (_COUNT, holds("around 43 incidents"), Decimal(43)),
    "its own unit, more or less": (_COUNT, holds("43 incidents or so"), Decimal(43)),
    "a per cent, more or less": (_SHARE, holds("c. 72%"), Decimal(72)),
    "a provisional one in words": (_COUNT, holds("43 incidents (provisional)"), Decimal(43)),
    "a nought with a sign": (_COUNT, holds("-0"), Decimal(0)),
    "full-width digits": (_COUNT, holds("\uff14\uff13"), Decimal(43)),
    "a thin space between thousands": (_COUNT, holds("43\u2009000"), Decimal(43000)),
}


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_seen_is_recorded(name: str) -> None:
    ref, change, value = RECORDED[name]
    decision = decided(mail(), facts(read(changed(ref, change))))
    (submission,) = decision.submissions
    assert {f.series: f.value for f in submission.figures}[ref] == value
    assert submission.is_complete


def changed(ref: str, change: Change) -> bytes:
    book = open_book(filled(), rich_text=True)
    change(place(book, ref))
    return saved(book)


ASKED: dict[str, tuple[str, Change, str]] = {
    "a bound by its format": (_COUNT, holds(3, '[<5]"<5";0'), "<5, where the cell holds 3"),
    "thousands by its format": (_COUNT, holds(43000, "0,"), "43, where the cell holds 43000"),
    "nothing by its format": (_COUNT, holds(43, ";;;"), "43, which cannot be seen on the screen"),
    "a sign that its format hides": (_COUNT, holds(-43, "0;0"), "43, where the cell holds -43"),
    "part of a whole one, not shown": (_COUNT, holds(43.4, "0"), "43, where the cell holds 43.4"),
    "a digit that its format adds": (_COUNT, holds(43, '0"1"'), "431, where the cell holds 43"),
    "another unit by its format": (_COUNT, holds(43, '0" cases"'), "43 cases"),
    "a format that cannot be said": (_COUNT, holds(43, "[DBNum1]0"), "43, in a number format that we cannot read"),
    "a footnote": (_COUNT, footnoted, "35 with a raised 1, where the cell holds 351"),
    "two lines": (_COUNT, holds("43\n44"), "43 44"),
    "a point": (_COUNT, holds("1.204"), "1.204"),
    "a bound that hides nothing": (_COUNT, holds("less than 200"), "less than 200"),
    "a point, about": (_COUNT, holds("1.204 approx"), "1.204 approx"),
    "a count of another unit, about": (_COUNT, holds("43 cases approx"), "43 cases approx"),
    "minutes": (_COUNT, holds("43 mins"), "43 mins"),
    "a real minus": (_COUNT, holds("\u22123"), "\u22123"),
    "brackets of an account": (_COUNT, holds(-3, "#,##0;(#,##0)"), "(3), where the cell holds -3"),
    "brackets that may be anything": (_COUNT, holds("(3)"), "(3)"),
    "a range": (_COUNT, holds("12-15"), "12-15"),
    "what is the same as before": (_COUNT, holds("as Q1"), "as Q1"),
    "not known, in letters": (_COUNT, holds("n/k"), "n/k"),
    "thousands in a letter": (_COUNT, holds("£1.2k"), "£1.2k"),
    "a comma for a point": (_COUNT, holds("1,2 Mio"), "1,2 Mio"),
    "a comma for a point below one": (_COUNT, holds("0,625"), "0,625"),
    "a sum in words": (_COUNT, holds("12 + 15 + 16"), "12 + 15 + 16"),
    "two numbers in brackets": (_COUNT, holds("43 (41 confirmed)"), "43 (41 confirmed)"),
    "a part of a whole in one cell": (_COUNT, holds("43 of 60"), "43 of 60"),
    "a letter that looks like a digit": (_COUNT, holds("4O"), "4O"),
    "a day that was a fraction": (_COUNT, holds(datetime(2014, 4, 3), "d-mmm"), "the date 3 April 2014"),
    "a time": (_COUNT, holds(time(3, 40), "h:mm"), "a time (03:40:00)"),
    "a truth": (_COUNT, holds(True), "TRUE"),
    "what there is so far": (_COUNT, holds("awaiting one team, 35 so far"), "awaiting one team, 35 so far"),
    "struck through": (_COUNT, struck, "41, struck through"),
    "crossed out from corner to corner": (_COUNT, crossed, "41, struck through"),
    "in letters of one point": (_COUNT, tiny, "41, which cannot be seen on the screen"),
    "a count where a per cent is asked": (_SHARE, holds("35 completions"), "35 completions"),
    "more than all": (_SHARE, holds(3650), "3650"),
    "below nothing": (_COUNT, holds(-3), "-3"),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_seen_otherwise_is_asked_about_and_not_handed_back_as_theirs(name: str) -> None:
    ref, change, found = ASKED[name]
    decision = decided(mail(), facts(read(changed(ref, change))))
    (submission,) = decision.submissions
    assert ref not in {f.series for f in submission.figures}
    assert not submission.is_complete
    assert [f.found for f in submission.findings if f.is_fault] == [found]
    (letter,) = decision.letters
    (told,) = letter.facts["returns"]
    assert [line.found for line in told.faults] == [say_as_number(found)]
    again = read(letter.attachments[0].data)
    fresh = next(row.this_quarter.text for row in again.figures if row.ref == ref)
    doubted = {"shown-otherwise", "not-seen", "struck-out"}
    assert not (fresh and doubted & {f.code for f in submission.findings}), "what we doubt is not handed back"
