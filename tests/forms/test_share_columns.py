"""A share is asked as two counts: its columns, what stands in them, and what comes back."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from form_factory import BLABY, CREATED, contributor_form, joint_form
from openpyxl import load_workbook
from returning import changed, found

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.returns import CellType, Filled, FormDefinition, Mark

HEADERS = (layout.HOW_MANY, layout.OUT_OF, layout.COMES_TO, layout.THIS_QUARTER)
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


def cells_of(data: bytes, ref: str, *, data_only: bool = True) -> dict[str, object]:
    """A row's cells by header, as they are when the file is opened and nothing is calculated."""
    sheet = load_workbook(io.BytesIO(data), data_only=data_only)[layout.FIGURES]
    heads = [str(cell.value) for cell in sheet[6]]
    rows = (dict(zip(heads, line, strict=True)) for line in sheet.iter_rows(min_row=7))
    return next(cells for cells in rows if cells[layout.REF].value == ref)


def test_the_columns_stand_together_and_only_where_a_share_is_asked():
    assert [c.header for c in layout.figure_columns(mixed_form())][-8:-3] == [layout.TO_DO, *HEADERS]
    assert not set(HEADERS[:3]) & {c.header for c in layout.figure_columns(joint_form())}


def test_beside_a_count_it_says_that_the_counts_are_not_asked():
    cells = cells_of(write_workbook(mixed_form(), created=CREATED), "BLABHIN.L2")
    assert [cells[header].value for header in HEADERS] == ["not asked", "not asked", "not asked", None]
    assert [cells[header].protection.locked for header in HEADERS] == [True, True, True, False]


def test_a_score_has_its_n_in_a_column_of_its_own():
    rows = [
        replace(r, unit="score", kind=MeasureKind.SURVEY) if r.ref == "BLABHIN.L1" else r for r in mixed_form().figures
    ]
    book = write_workbook(replace(mixed_form(), figures=tuple(rows)), created=CREATED)
    cells = cells_of(book, "BLABHIN.L1")
    assert [cells[header].value for header in HEADERS] == ["not asked", None, "not asked", None]
    assert [cells[header].protection.locked for header in HEADERS] == [True, False, True, False]
    lines = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(book))[layout.MAP].iter_rows(min_row=7)]
    asked = {line[0]: line[4] for line in lines if "BLABHIN_L1" in str(line[0])}
    assert [name.rpartition("L1")[2] for name, is_asked in asked.items() if is_asked == "yes"] == [
        "_Out_of_how_many",
        "",
    ]


def test_the_force_s_share_is_shown_with_its_counts():
    book = write_workbook(mixed_form(), created=CREATED)
    cells = cells_of(book, "M12b")
    assert [cells[header].value for header in HEADERS] == [412, 500, "= 82.4 per cent", 82.4]
    assert all(cells[header].protection.locked for header in HEADERS)
    other = replace(mixed_form(), figures=tuple(r for r in mixed_form().figures if r.area != BLABY or r.ref != "M12b"))
    without = cells_of(write_workbook(other, created=CREATED), "M12b")
    assert [without[header].value for header in HEADERS] == ["not asked", "not asked", "not asked", 82.4]


@pytest.mark.parametrize(
    ("many", "out", "shown"),
    [
        ("", "", "= ? per cent"),
        ("15", "", "= ? per cent"),
        ("15", "forty", "= ? per cent"),
        ("15", "40", "= 37.5 per cent"),
        ("1", "3", "= 33.3 per cent"),
        ("40", "40", "= 100 per cent"),
        ("41", "40", "more than there are: please check"),
        ("0", "0", "nobody counted"),
    ],
)
def test_the_per_cent_is_worked_out_and_shown_before_anything_is_calculated(many, out, shown):
    data = write_workbook(mixed_form(), created=CREATED, filled=typed((layout.HOW_MANY, many), (layout.OUT_OF, out)))
    cells = cells_of(data, "BLABHIN.L1")
    assert cells[layout.COMES_TO].value == shown
    assert cells[layout.COMES_TO].protection.locked
    assert str(cells_of(data, "BLABHIN.L1", data_only=False)[layout.COMES_TO].value).startswith("=IF(COUNT(")


def test_what_was_typed_comes_back_in_the_same_boxes_and_is_marked_there():
    mark = Mark(sheet="Figures", key=KEY, column=layout.OUT_OF, sentence="Mend it.", is_fault=True)
    filled = replace(typed((layout.HOW_MANY, "15"), (layout.OUT_OF, "n = 40")), marks=(mark,))
    data = write_workbook(mixed_form(), created=CREATED, filled=filled)
    row = next(row for row in found(data).figures if row.ref == "BLABHIN.L1")
    assert [(c.type, c.text) for c in row.inputs[:3]] == [
        (CellType.NUMBER, "15"), (CellType.TEXT, "n = 40"), (CellType.BLANK, ""),
    ]  # fmt: skip
    marked = cells_of(data, "BLABHIN.L1")[layout.OUT_OF]
    assert "Mend it." in marked.comment.text
    beside = Mark(
        sheet="Figures", key=KEY.replace("L1", "L2"), column=layout.HOW_MANY, sentence="Not here.", is_fault=False
    )
    data = write_workbook(mixed_form(), created=CREATED, filled=Filled(marks=(beside,)))
    assert "Not here." in cells_of(data, "BLABHIN.L2")[layout.HOW_MANY].comment.text


def test_the_map_asks_for_both_counts_and_leaves_the_per_cent_open():
    sheet = load_workbook(io.BytesIO(write_workbook(contributor_form(), created=CREATED)))[layout.MAP]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=7)]
    first = {
        str(line[0]).removeprefix("in_E06000016_M03a_1"): line[3:5] for line in lines if "E06000016" in str(line[0])
    }
    assert first["_How_many"] == first["_Out_of_how_many"] == ["whole number", "yes"]
    assert first[""] == ["number", "no"]


def test_prompts_say_out_of_how_many_what():
    with zipfile.ZipFile(io.BytesIO(write_workbook(contributor_form(), created=CREATED))) as parts:
        sheet = parts.read("xl/worksheets/sheet2.xml").decode()
    assert "Out of how many adults in treatment: a whole number." in sheet
    assert "Only if you have no counts" in sheet


@pytest.mark.parametrize(
    ("values", "done"),
    [
        ([(layout.HOW_MANY, "15"), (layout.OUT_OF, "40")], 1),
        ([(layout.HOW_MANY, "15")], 0),
        ([(layout.THIS_QUARTER, "37.5")], 1),
        ([(layout.STATUS, "Not available yet")], 1),
    ],
)
def test_the_counter_counts_a_share_once_it_is_answered(values, done):
    book = load_workbook(
        io.BytesIO(write_workbook(mixed_form(), created=CREATED, filled=typed(*values))), data_only=True
    )
    said = {row[0].value: row[2].value for row in book[layout.START].iter_rows(max_col=4)}
    assert said["Figures"] == done


def test_columns_that_move_or_are_renamed_by_half_are_found_or_missed():
    data = write_workbook(mixed_form(), created=CREATED, filled=typed((layout.HOW_MANY, "15"), (layout.OUT_OF, "40")))

    def insert(book):
        book[layout.FIGURES].insert_cols(3)

    def rename(book):
        next(c for c in book[layout.FIGURES][6] if c.value == layout.OUT_OF).value = "Base"

    row = next(row for row in found(changed(data, insert)).figures if row.ref == "BLABHIN.L1")
    assert (row.how_many.text, row.out_of.text) == ("15", "40")
    assert found(changed(data, rename)).missing_headers == (layout.OUT_OF,)


def test_a_form_of_before_has_no_such_columns_and_lacks_none():
    read = found(write_workbook(joint_form(), created=CREATED))
    assert read.missing_headers == ()
    assert all(row.how_many.cell == row.out_of.cell == "" for row in read.figures)
