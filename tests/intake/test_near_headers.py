"""Headers that somebody shortened or wrote otherwise: read where only one column can be meant, and else asked about."""

from __future__ import annotations

import pytest
from openpyxl import Workbook

from csp_workflow.forms import layout
from tests.intake.test_nothing_unseen import COUNT, SOUND, Edit, answer, codes, edited, figures, sent_in


def headed(sheet: str, *changed: tuple[str, str]) -> Edit:
    """Some headers of a sheet in other words."""

    def change(book: Workbook) -> None:
        for old, new in changed:
            (cell,) = (c for row in book[sheet].iter_rows(max_row=8) for c in row if c.value == old)
            cell.value = new

    return change


OWN = {
    layout.THIS_QUARTER: (
        "This qtr", "Q2 figure", "Q2", "2014/15 Q2", "Q2 14/15", "Actual", "Value", "Current Quarter",
        "This quarter's figure", "July to Sept 2014", "Jul-Sep", "July 2014 to September 2014",
    ),
    layout.STATUS: ("State", "Status of figure", "status?"),
    layout.DROVE_IT: ("Cause", "What drove it?", "Drivers"),
    layout.NOTE: ("Comments", "Note", "Why", "In 25 words, why", "Reason"),
    layout.REF: ("Reference", "Ref no", "Ref."),
}  # fmt: skip


@pytest.mark.parametrize(("header", "said"), [(header, said) for header, every in OWN.items() for said in every])
def test_a_column_that_is_headed_nearly_so_is_read_and_said_back(header: str, said: str) -> None:
    decision = sent_in(edited(headed(layout.FIGURES, (header, said))))
    assert (figures(decision), codes(decision)) == (SOUND, [])
    if layout.same(said) not in map(layout.same, (header, layout.OLD_HEADERS.get(header, header))):
        assert f'We read the column "{said}" of \'{layout.FIGURES}\' as "{header}".' in answer(decision)


@pytest.mark.parametrize(
    ("sheet", "header", "said"),
    [
        (layout.POLICE, layout.CONFIRM, "Confirm?"), (layout.POLICE, layout.CONFIRM, "Agree / dispute"),
        (layout.POLICE, layout.NOTE, "Comments"), (layout.SUMMARY, layout.HAPPENED, "Update"),
        (layout.SUMMARY, layout.NEXT, "Next steps"), (layout.SUMMARY, layout.HAPPENED, "What happened?"),
        (layout.SUMMARY, layout.QUICK, "Quick"),
    ],
)  # fmt: skip
def test_so_it_is_on_the_other_sheets(sheet: str, header: str, said: str) -> None:
    plain, decision = sent_in(edited(lambda book: None)), sent_in(edited(headed(sheet, (header, said))))
    assert (figures(decision), codes(decision)) == (SOUND, [])
    (submission,), (as_sent,) = decision.submissions, plain.submissions
    assert (submission.narratives, submission.disputes) == (as_sent.narratives, as_sent.disputes)


def test_several_may_be_changed_at_once() -> None:
    changed = ((layout.THIS_QUARTER, "Actual"), (layout.STATUS, "State"), (layout.NOTE, "Comments"))
    decision = sent_in(edited(headed(layout.FIGURES, *changed)))
    assert (figures(decision), codes(decision)) == (SOUND, [])


@pytest.mark.parametrize(
    "said",
    [
        "Q1 figure",
        "Q2 2013",
        "Q2 2013/14",
        "April to June 2014",
        "July to Sept 2013",
        "Our figure (draft)",
        "Goal",
        "Do not use",
    ],
)
def test_a_header_that_may_mean_another_thing_is_asked_about(said: str) -> None:
    decision = sent_in(edited(headed(layout.FIGURES, (layout.THIS_QUARTER, said))))
    assert "missing-column" in codes(decision)
    assert COUNT not in figures(decision)


@pytest.mark.parametrize(
    ("ours", "own", "is_read"),
    [
        ("Actual", "Value", False), ("Our return", "Value", False), ("Value", "Workings", False),
        ("This qtr", "Workings", True), ("2014/15 Q2", "Value", False), ("Q2 2014", "Q2 2013", True),
    ],
)  # fmt: skip
def test_of_two_columns_that_may_be_meant_none_is_taken(ours: str, own: str, *, is_read: bool) -> None:
    def change(book: Workbook) -> None:
        headed(layout.FIGURES, (layout.THIS_QUARTER, ours))(book)
        sheet = book[layout.FIGURES]
        (cell,) = (c for row in sheet.iter_rows(max_row=8) for c in row if c.value == ours)
        row, column = cell.row, cell.column
        sheet.insert_cols(column)
        for at, value in enumerate((own, 99, 99)):
            sheet.cell(row + at, column).value = value

    decision = sent_in(edited(change))
    assert ("missing-column" in codes(decision)) is not is_read
    assert figures(decision).get(COUNT) == (SOUND[COUNT] if is_read else None)


def test_a_past_quarter_is_never_taken_for_this_one() -> None:
    def change(book: Workbook) -> None:
        sheet = book[layout.FIGURES]
        (past,) = (c for row in sheet.iter_rows(max_row=8) for c in row if str(c.value).startswith("Same quarter"))
        sheet.delete_cols(past.column + 2)
        past.value = "Value"

    decision = sent_in(edited(change))
    assert "missing-column" in codes(decision)
    assert COUNT not in figures(decision)


def test_a_column_elsewhere_than_we_sent_it_is_not_taken_for_ours() -> None:
    def change(book: Workbook) -> None:
        sheet = book[layout.FIGURES]
        (old,) = (c for row in sheet.iter_rows(max_row=8) for c in row if c.value == layout.NOTE)
        old.value = "zzz"
        sheet.insert_cols(1)
        sheet.cell(old.row, 1).value = "Comments"

    assert "missing-column" in codes(sent_in(edited(change)))
