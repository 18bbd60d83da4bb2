"""A written form: steady bytes, accessible sheets, nothing hidden that matters, nothing executable."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from form_factory import CREATED, analyst_form, contributor_form, joint_form
from openpyxl import load_workbook

from csp_workflow.forms import layout
from csp_workflow.forms.writing import name_file, write_workbook
from csp_workflow.terms.returns import Filled, Mark

FORMS = {"partnership": joint_form, "contributor": contributor_form, "analyst": analyst_form}
BLABY = "E07000129"


@pytest.fixture(params=FORMS)
def form(request):
    return FORMS[request.param]()


def opened(data, **how):
    return load_workbook(io.BytesIO(data), **how)


def find_cell(sheet, text):
    return next(c for row in sheet.iter_rows() for c in row if c.value == text)


def test_the_same_form_gives_the_same_bytes(form):
    assert write_workbook(form, created=CREATED) == write_workbook(form, created=CREATED)


def test_every_sheet_has_its_title_in_a1_and_the_reference_in_a2_and_the_footer(form):
    book = opened(write_workbook(form, created=CREATED))
    for sheet in book.worksheets:
        assert sheet["A1"].value
        assert sheet["A2"].value == f"Return reference: {form.reference}"
        assert str(form.reference) in sheet.oddFooter.left.text


def test_the_reference_stands_in_names_properties_and_the_file_name_too(form):
    book = opened(write_workbook(form, created=CREATED))
    assert str(form.reference) in book.defined_names[layout.REFERENCE_NAME].attr_text
    assert book.properties.keywords == str(form.reference)
    assert book.custom_doc_props[layout.REFERENCE_PROPERTY].value == str(form.reference)
    assert str(form.reference) in name_file(form)
    assert re.fullmatch(r"[\w .()-]+\.xlsx", name_file(form))


def test_no_cell_is_merged_and_every_table_has_unique_headers(form):
    for sheet in opened(write_workbook(form, created=CREATED)).worksheets:
        assert not sheet.merged_cells.ranges
        for table in sheet.tables.values():
            heads = [c.value for c in sheet[table.ref][0]]
            assert all(heads)
            assert len({layout.same(h) for h in heads}) == len(heads)


def test_every_table_is_described_for_a_screen_reader(form):
    with zipfile.ZipFile(io.BytesIO(write_workbook(form, created=CREATED))) as parts:
        tables = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/tables/")]
    assert tables
    assert all("altText=" in t and "altTextSummary=" in t for t in tables)


def test_a_sheet_prints_on_a4_landscape_one_page_wide_with_its_header_row(form):
    book = opened(write_workbook(form, created=CREATED))
    for sheet in book.worksheets:
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert sheet.page_setup.fitToHeight == 0
    assert book[layout.FIGURES].print_title_rows == "$6:$6"
    assert book[layout.FIGURES].freeze_panes == "E7"


def test_sheets_are_protected_without_a_password_and_only_inputs_are_open(form):
    book = opened(write_workbook(form, created=CREATED))
    mapped = {(r[1].value, r[2].value) for r in book[layout.MAP].iter_rows(min_row=7)}
    for sheet in book.worksheets:
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        assert not sheet.protection.formatRows
        is_open = {(sheet.title, c.coordinate) for row in sheet.iter_rows() for c in row if not c.protection.locked}
        assert is_open == {place for place in mapped if place[0] == sheet.title}


def test_the_hidden_map_lists_every_input_under_a_name_that_points_there(form):
    book = opened(write_workbook(form, created=CREATED))
    sheet = book[layout.MAP]
    assert sheet.sheet_state == "hidden"
    assert [c.value for c in sheet[6]] == list(layout.MAP_HEADERS)
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=7)]
    assert len({r[0] for r in rows}) == len(rows)
    for name, place, cell, kind, required, label in rows:
        assert book.defined_names[name].attr_text.replace("$", "").replace("'", "") == f"{place}!{cell}"
        assert kind
        assert required in {"yes", "no"}
        assert label


def test_police_figures_are_filled_in_and_locked_and_local_ones_are_open():
    form = joint_form()
    sheet = opened(write_workbook(form, created=CREATED))[layout.FIGURES]
    column = find_cell(sheet, layout.THIS_QUARTER).column
    police, local = sheet.cell(9, column), sheet.cell(23, column)
    assert (police.value, police.protection.locked) == (1204, True)
    assert (local.value, local.protection.locked) == (None, False)


def test_lists_are_inline_short_and_warn_without_stopping(form):
    for sheet in opened(write_workbook(form, created=CREATED)).worksheets:
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.formula1) <= 255
            assert rule.errorStyle == "warning"


def test_the_counter_has_a_value_before_anything_is_calculated():
    data = write_workbook(joint_form(), created=CREATED)
    values, formulas = opened(data, data_only=True)[layout.START], opened(data)[layout.START]
    row = find_cell(formulas, "Whole form").row
    assert str(formulas.cell(row, 3).value).startswith("=")
    assert (values.cell(row, 3).value, values.cell(row, 4).value) == (0, 36)
    assert values.cell(row, 2).value == "36 still to fill in"


def test_a_nil_tick_says_that_nothing_else_is_needed():
    filled = Filled(values=((layout.SIGN_OFF, layout.NIL, layout.ENTRY, "Yes"),))
    sheet = opened(write_workbook(joint_form(), created=CREATED, filled=filled), data_only=True)[layout.START]
    assert sheet.cell(find_cell(sheet, "Whole form").row, 2).value == "Nothing to report: only Sign-off is needed"


def test_illustrative_figures_are_said_to_be_so_where_they_are_seen():
    book = opened(write_workbook(joint_form(), created=CREATED))
    for name in (layout.START, layout.FIGURES):
        assert any("llustrative" in str(c.value) for row in book[name]["A1:A6"] for c in row)
    plain = opened(write_workbook(joint_form(illustrative=False), created=CREATED))
    assert not any("llustrative" in str(c.value) for s in plain.worksheets for row in s.iter_rows() for c in row)


def test_sources_stand_with_their_licence_and_the_marking_in_the_header():
    book = opened(write_workbook(joint_form(), created=CREATED))
    said = " ".join(str(c.value) for row in book[layout.ABOUT].iter_rows() for c in row)
    assert "Open Government Licence" in said
    assert "Official" in book[layout.FIGURES].oddHeader.center.text
    assert "Hinckley & Bosworth" in book[layout.FIGURES].oddHeader.right.text.replace("&&", "&")


def test_what_a_form_says_never_speaks_of_targets_and_asks_only_what_is_owned(form):
    book = opened(write_workbook(form, created=CREATED))
    said = " ".join(str(c.value) for s in book.worksheets for row in s.iter_rows() for c in row if c.value)
    assert "target" not in said.lower()
    assert (layout.SUMMARY in book.sheetnames) == bool(form.summary)
    assert (layout.ACTIONS in book.sheetnames) == bool(form.actions)


def test_text_that_looks_like_a_formula_stays_text():
    form = joint_form()
    evil = '=HYPERLINK("http://x.example","y")'
    form = replace(form, office=evil, summary=(replace(form.summary[0], heading=evil, played_back="@SUM(1)"),))
    filled = Filled(
        values=((layout.SUMMARY, "T1", layout.HAPPENED, "=1+1"), (layout.SUMMARY, "T1", layout.NEXT, "-2+3"))
    )
    book = opened(write_workbook(form, created=CREATED, filled=filled))
    for place in ("B7", "E7", "H7"):
        assert book[layout.SUMMARY][place].data_type == "s"


def test_control_characters_of_pasted_text_do_not_break_the_file():
    filled = Filled(values=((layout.SUMMARY, "T1", layout.HAPPENED, "one\x0btwo\x00\x1f\ud800\ufffe _x000D_ end"),))
    book = opened(write_workbook(joint_form(), created=CREATED, filled=filled))
    assert book[layout.SUMMARY]["E7"].value.startswith("one\ntwo _x")


# Correction forms ---------------------------------------------------------------------------------


def corrected():
    filled = Filled(
        values=(
            (layout.FIGURES, f"{BLABY} BLABHIN.L1", layout.THIS_QUARTER, "78.5"),
            (layout.FIGURES, f"{BLABY} BLABHIN.L2", layout.THIS_QUARTER, "c. 35-40"),
            (layout.FIGURES, f"{BLABY} M11", layout.STATUS, "Confirmed"),
            (layout.SUMMARY, "t1", "what  happened", "We met twice."),
        ),
        marks=(
            Mark(
                sheet="Figures", key=f"{BLABY} BLABHIN.L2", column="This quarter", sentence="One figure.", is_fault=True
            ),
            Mark(sheet="Summary", key="T2", column="What happened", sentence="Is it right?", is_fault=False),
            Mark(sheet="Workings", key="", column="", sentence="We did not read it.", is_fault=False),
        ),
    )
    return opened(write_workbook(joint_form(revision=2), created=CREATED, filled=filled))


def test_typed_values_come_back_as_numbers_or_text_as_they_were():
    book = corrected()
    sheet = book[layout.FIGURES]
    column = find_cell(sheet, layout.THIS_QUARTER).column
    typed = {
        sheet.cell(r, 3).value: sheet.cell(r, column).value for r in range(7, 27) if sheet.cell(r, 1).value == BLABY
    }
    assert typed["BLABHIN.L1"] == 78.5
    assert typed["BLABHIN.L2"] == "c. 35-40"
    assert sheet.cell(9, column + 1).value == "Confirmed"
    assert book[layout.SUMMARY]["E7"].value == "We met twice."


def test_marked_cells_have_a_note_another_fill_and_another_border():
    book = corrected()
    sheet = book[layout.FIGURES]
    marked = find_cell(sheet, "c. 35-40")
    plain = sheet.cell(marked.row - 1, marked.column)
    assert marked.comment.text.startswith(layout.NOTE_OPENING)
    assert "One figure." in marked.comment.text
    assert marked.fill.fgColor.rgb != plain.fill.fgColor.rgb
    assert marked.border.left.style != plain.border.left.style
    assert not marked.protection.locked


def test_the_first_sheet_lists_what_to_mend_with_sheet_cell_and_sentence():
    book = corrected()
    sheet = book[layout.START]
    top = find_cell(sheet, "What to mend (3)").row + 2
    rows = [[sheet.cell(top + n, c).value for c in range(1, 5)] for n in range(3)]
    assert rows[0][0] == "Figures"
    assert rows[0][2] == find_cell(book[layout.FIGURES], "c. 35-40").coordinate
    assert rows[0][1].endswith("One figure.")
    assert [row[3] for row in rows] == ["Please mend", "Please explain", "Please explain"]
    assert rows[2][0] == "Workings"
    assert not rows[2][2]


def test_a_short_form_leaves_out_columns_that_would_stand_empty():
    heads = [c.value for c in opened(write_workbook(contributor_form(), created=CREATED))[layout.FIGURES][6]]
    assert layout.OFFICIAL not in heads
    assert layout.COMPARATOR not in heads
    whole = [c.value for c in opened(write_workbook(joint_form(), created=CREATED))[layout.FIGURES][6]]
    assert {layout.OFFICIAL, layout.COMPARATOR} <= set(whole)
