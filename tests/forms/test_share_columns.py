"""A share is asked as two counts, beside what is counted: its columns, what stands in them, and what comes back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from form_factory import BLABY, CREATED, contributor_form, joint_form
from returning import changed, found

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.terms.cells import CellType
from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.queries import Filled, Mark
from csp_workflow.terms.returns import FormDefinition
from tests.opened_books import open_book

KEY = f"{BLABY.code} BLABHIN.L1"


def mixed_form() -> FormDefinition:
    """A joint form whose one share of its own, and the force's share, are asked and shown as counts."""
    rows = [
        replace(
            row,
            unit="per cent of cases closed" if row.ref == "BLABHIN.L1" else row.unit,
            out_of="cases closed" if row.ref == "BLABHIN.L1" else "victims surveyed" if row.ref == "M12b" else "",
            given=replace(row.given, count=412, base=500) if row.ref == "M12b" and row.area == BLABY else row.given,
        )
        for row in joint_form().figures
    ]
    return replace(joint_form(), figures=tuple(rows))


def typed(*values: tuple[str, str]) -> Filled:
    return Filled(values=tuple((layout.FIGURES, KEY, column, text) for column, text in values))


def cells_of(data: bytes, ref: str, sheet: str = layout.FIGURES) -> dict[str, object]:
    """A row's cells by header, as they are when the file is opened and nothing is calculated."""
    page = open_book(data, data_only=True)[sheet]
    heads = [str(cell.value) for cell in page[6]]
    rows = (dict(zip(heads, line, strict=True)) for line in page.iter_rows(min_row=7))
    return next(cells for cells in rows if cells[layout.REF].value == ref)


def test_the_second_count_stands_beside_the_first_and_only_where_a_share_is_asked():
    headers = [c.header for c in layout.figure_columns(mixed_form())]
    assert headers[headers.index(layout.THIS_QUARTER) + 1] == layout.OUT_OF
    assert layout.OUT_OF not in {c.header for c in layout.figure_columns(joint_form())}


def test_beside_a_count_it_says_that_the_second_is_not_needed():
    cells = cells_of(write_workbook(mixed_form(), created=CREATED), "BLABHIN.L2")
    assert (cells[layout.OUT_OF].value, cells[layout.OUT_OF].protection.locked) == ("not needed", True)
    assert (cells[layout.THIS_QUARTER].value, cells[layout.THIS_QUARTER].protection.locked) == (None, False)


def test_a_score_has_its_n_in_a_column_of_its_own():
    rows = [
        replace(r, unit="score", kind=MeasureKind.SURVEY) if r.ref == "BLABHIN.L1" else r for r in mixed_form().figures
    ]
    book = write_workbook(replace(mixed_form(), figures=tuple(rows)), created=CREATED)
    cells = cells_of(book, "BLABHIN.L1")
    inputs = [cells[header] for header in (layout.THIS_QUARTER, layout.OUT_OF)]
    assert [(cell.value, cell.protection.locked) for cell in inputs] == [(None, False), (None, False)]
    assert "Type the figure" in cells[layout.STILL_TO_DO].value


def test_the_force_s_share_is_shown_with_its_counts():
    cells = cells_of(write_workbook(mixed_form(), created=CREATED), "M12b", layout.POLICE)
    assert (cells[layout.THIS_QUARTER].value, cells[layout.THIS_QUARTER].protection.locked) == (
        "82.4 (412 of 500)",
        True,
    )


@pytest.mark.parametrize(
    ("many", "out", "said"),
    [
        ("", "", "Type how many, or choose a Status"),
        ("", "40", "Type how many"),
        ("15", "", "Type out of how many"),
        ("15", "forty", "Check: type one plain number"),
        ("15", "40", "Done: 15 of 40 (37.5%)"),
        ("1", "3", "Done: 1 of 3 (33.3%)"),
        ("40", "40", "Done: 40 of 40 (100%)"),
        ("41", "40", "Check: it is more than there are"),
        ("0", "0", "Done: nobody counted"),
    ],
)
def test_the_row_says_what_two_counts_come_to_before_anything_is_calculated(many, out, said):
    filled = typed((layout.THIS_QUARTER, many), (layout.OUT_OF, out))
    cells = cells_of(write_workbook(mixed_form(), created=CREATED, filled=filled), "BLABHIN.L1")
    assert cells[layout.STILL_TO_DO].value == said


def test_what_was_typed_comes_back_in_the_same_boxes_and_is_marked_there():
    mark = Mark(sheet=layout.FIGURES, key=KEY, column=layout.OUT_OF, sentence="Mend it.", is_fault=True)
    filled = replace(typed((layout.THIS_QUARTER, "15"), (layout.OUT_OF, "n = 40")), marks=(mark,))
    data = write_workbook(mixed_form(), created=CREATED, filled=filled)
    row = next(row for row in found(data).figures if row.ref == "BLABHIN.L1")
    assert [(c.type, c.text) for c in row.inputs[:3]] == [
        (CellType.BLANK, ""), (CellType.TEXT, "n = 40"), (CellType.NUMBER, "15"),
    ]  # fmt: skip
    assert "Mend it." in cells_of(data, "BLABHIN.L1")[layout.OUT_OF].comment.text


def test_the_map_asks_for_both_counts():
    sheet = open_book(write_workbook(contributor_form(), created=CREATED))[layout.MAP]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=7)]
    kinds = {line[5].rpartition(": ")[2]: line[3:5] for line in lines if "M03a" in str(line[5])}
    assert kinds[layout.THIS_QUARTER] == kinds[layout.OUT_OF] == ["whole number", "yes"]


def test_prompts_say_out_of_how_many_what():
    with zipfile.ZipFile(io.BytesIO(write_workbook(contributor_form(), created=CREATED))) as parts:
        sheet = parts.read("xl/worksheets/sheet2.xml").decode()
    assert "Out of how many adults in treatment: a whole number." in sheet


def test_columns_that_move_or_are_renamed_are_found_or_their_cells_missed():
    data = write_workbook(
        mixed_form(), created=CREATED, filled=typed((layout.THIS_QUARTER, "15"), (layout.OUT_OF, "40"))
    )

    def insert(book):
        book[layout.FIGURES].insert_cols(3)

    row = next(row for row in found(changed(data, insert)).figures if row.ref == "BLABHIN.L1")
    assert (row.this_quarter.text, row.out_of.text) == ("15", "40")


def test_a_form_without_a_share_has_no_such_column_and_lacks_none():
    read = found(write_workbook(joint_form(), created=CREATED))
    assert read.missing_headers == ()
    assert all(row.how_many.cell == row.out_of.cell == "" for row in read.figures)
