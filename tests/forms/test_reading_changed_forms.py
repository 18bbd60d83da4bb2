"""People sort, insert, rename, merge, hide and paste a form of the first layout: every figure is still found."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta

import pytest
import xlsxwriter
from form_factory import CREATED, joint_form
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from returning import before, changed, figures_by_key, found

from csp_workflow.forms.layout import HAPPENED
from csp_workflow.forms.writing import write_workbook
from csp_workflow.terms.cells import CellType
from csp_workflow.terms.queries import Filled
from tests.opened_books import open_book

FORM, DATA = before("joint")
BEFORE = figures_by_key(found(DATA))
HEADER, FIRST, LAST, COLUMNS = 6, 7, 26, 18
HERE = "O"


def column_of(sheet, header):
    return next(c.column for c in sheet[HEADER] if c.value == header)


def sort_backwards(book):
    sheet = book["Figures"]
    lines = [[sheet.cell(r, c).value for c in range(1, COLUMNS + 1)] for r in range(FIRST, LAST + 1)]
    for r, line in enumerate(reversed(lines), FIRST):
        for c, value in enumerate(line, 1):
            sheet.cell(r, c).value = value


def insert_row(book):
    book["Figures"].insert_rows(12)
    book["Figures"].cell(12, 4).value = "Rural crime"
    book["Figures"].cell(12, column_of(book["Figures"], "This quarter")).value = 9


def insert_column(book):
    book["Figures"].insert_cols(5)
    book["Figures"].cell(HEADER, 5).value = "Our remark"


def move_column(book):
    sheet = book["Figures"]
    here, there = column_of(sheet, "This quarter"), 25
    for r in range(HEADER, LAST + 1):
        sheet.cell(r, there).value = sheet.cell(r, here).value
        sheet.cell(r, here).value = None


def rename_sheet(book):
    book["Figures"].title = "Sheet1"


def respell_headers(book):
    sheet = book["Figures"]
    for cell in sheet[HEADER]:
        cell.value = f"  {str(cell.value).upper().replace(' ', chr(160))}: "


def insert_lines_above(book):
    book["Figures"].insert_rows(1, amount=30)


@pytest.mark.parametrize(
    "change",
    [sort_backwards, insert_row, insert_column, move_column, rename_sheet, respell_headers, insert_lines_above],
)
def test_every_figure_is_found_after(change):
    back = found(changed(DATA, change))
    assert figures_by_key(back) == BEFORE
    assert not back.missing_headers


def test_after_a_sort_the_names_point_elsewhere_and_say_so():
    back = found(changed(DATA, sort_backwards))
    assert all(row.named and row.named != row.this_quarter.cell for row in back.figures)


def test_values_pasted_into_a_new_book_are_read_without_names_or_map():
    old, new = open_book(DATA, data_only=True), Workbook()
    for name in ("Figures", "Summary", "Sign-off"):
        sheet = new.create_sheet(f"Copy of {name}")
        for row in old[name].iter_rows():
            for cell in row:
                sheet.cell(cell.row, cell.column).value = cell.value
    out = io.BytesIO()
    new.save(out)
    back = found(out.getvalue())
    assert figures_by_key(back) == BEFORE
    assert len(back.summary) == 14
    assert len(back.sign_off) == 6
    assert {text for _, text in back.references} == {str(FORM.reference)}
    assert not any(row.named for row in back.figures)


def test_both_tables_pasted_under_one_another_on_one_sheet_are_told_apart():
    old, new = open_book(DATA, data_only=True), Workbook()
    at = 0
    for name in ("Figures", "Summary"):
        for row in old[name].iter_rows(min_row=HEADER):
            for cell in row:
                new.active.cell(cell.row + at, cell.column).value = cell.value
        at += 40
    out = io.BytesIO()
    new.save(out)
    back = found(out.getvalue())
    assert figures_by_key(back) == BEFORE
    assert len(back.summary) == 14


def test_two_references_that_differ_are_both_reported():
    other = joint_form(code="CHARN").reference
    back = found(changed(DATA, lambda b: b["Summary"].__setitem__("A2", f"Return reference: {other}")))
    assert {text for _, text in back.references} == {str(FORM.reference), str(other)}


def test_a_row_of_one_s_own_is_no_row_of_ours_and_is_seen():
    seen = {(one.sheet, one.cell, one.text) for one in found(changed(DATA, insert_row)).sightings}
    assert {("Figures", "D12", "Rural crime"), ("Figures", f"{HERE}12", "9")} <= seen


def test_a_duplicated_row_comes_back_twice():
    def twice(book):
        sheet = book["Figures"]
        for c in range(1, COLUMNS + 1):
            sheet.cell(LAST + 1, c).value = sheet.cell(LAST, c).value

    back = found(changed(DATA, twice))
    assert len(back.figures) == 21
    assert back.figures[-1].ref == back.figures[-2].ref


def test_a_missing_column_is_named_and_its_cells_are_blank():
    def drop(book):
        book["Figures"].cell(HEADER, column_of(book["Figures"], "This quarter")).value = "Q2 outturn"

    back = found(changed(DATA, drop))
    assert back.missing_headers == ("This quarter",)
    assert len(back.figures) == 20
    assert all(row.this_quarter.is_blank and row.this_quarter.cell == "" for row in back.figures)


def test_a_renamed_ref_heading_is_named_once_and_not_on_every_row():
    def rename(book):
        book["Figures"].cell(HEADER, column_of(book["Figures"], "Ref")).value = "Our team"

    back = found(changed(DATA, rename))
    assert back.missing_headers == ("Ref",)
    assert not any("no ref of ours" in remark for remark in back.remarks)


def test_extra_sheets_are_not_read_and_that_is_said():
    def add(book):
        book.create_sheet("Workings")["A1"] = "scribble"
        book.create_sheet("Empty")

    assert found(changed(DATA, add)).remarks == ("We did not read the sheet 'Workings'.",)


def test_hidden_rows_columns_and_sheets_are_read_and_that_is_said():
    def hide(book):
        sheet = book["Figures"]
        sheet.row_dimensions[23].hidden = True
        sheet.column_dimensions["R"].hidden = True
        book["Summary"].sheet_state = "hidden"

    back = found(changed(DATA, hide))
    assert figures_by_key(back) == BEFORE
    said = " ".join(back.remarks)
    assert "were hidden (23)" in said
    assert "column 'Note'" in said
    assert "sheet 'Summary' was hidden" in said


def test_merged_inputs_are_reported_and_what_lies_under_them_is_blank():
    back = found(changed(DATA, lambda b: b["Figures"].merge_cells(f"{HERE}23:{HERE}25")))
    assert back.merged_inputs == (("Figures", f"{HERE}23:{HERE}25"),)
    cells = {row.row: row.this_quarter for row in back.figures}
    assert cells[23].text == "101"
    assert cells[24].is_blank


def test_an_area_code_merged_down_still_names_every_row_it_covers():
    back = found(changed(DATA, lambda b: b["Figures"].merge_cells("A7:A14")))
    assert figures_by_key(back) == BEFORE


def test_a_cell_keeps_type_format_formula_note_and_strike():
    def write_all(book):
        sheet = book["Figures"]
        for row, value in enumerate(
            (0.12, "=1/0", datetime(2014, 4, 3), True, "=6*7", "c. 35", 0.1 + 0.2, 1204.0, "34"), FIRST
        ):
            sheet[f"{HERE}{row}"].value = value
        sheet[f"{HERE}7"].number_format = "0%"
        sheet[f"{HERE}12"].comment = Comment("36 (provisional)", "An officer")
        sheet[f"{HERE}12"].font = Font(strike=True)
        part = InlineFont(strike=True)
        sheet[f"{HERE}15"].value = CellRichText(TextBlock(part, "34"), " 36")
        sheet[f"{HERE}16"].value = "#REF!"
        sheet[f"{HERE}16"].data_type = "e"

    cells = [row.this_quarter for row in found(changed(DATA, write_all)).figures]
    assert (cells[0].type, cells[0].text, cells[0].shown) == (CellType.NUMBER, "0.12", "12%")
    assert (cells[1].type, cells[1].formula, cells[1].uncalculated) == (CellType.BLANK, "=1/0", True)
    assert (cells[2].type, cells[2].text) == (CellType.DATE, "2014-04-03")
    assert (cells[3].type, cells[3].text) == (CellType.BOOLEAN, "TRUE")
    assert (cells[4].formula, cells[4].uncalculated) == ("=6*7", True)
    assert (cells[5].note, cells[5].struck) == ("36 (provisional)", True)
    assert (cells[6].text, cells[7].text) == ("0.3", "1204")
    assert (cells[8].text, cells[8].struck) == ("34 36", True)
    assert (cells[9].type, cells[9].text) == (CellType.ERROR, "#REF!")
    assert not cells[10].struck


def rewritten(data, change):
    """The same workbook with its parts changed, by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            after.writestr(name, change(name, before.read(name)))
    return out.getvalue()


def patched(data, old, new, *, after=0):
    """The same workbook with some bytes of its parts replaced; `after` the first few in each part."""

    def put(_, part):
        pieces = part.split(old)
        kept = old.join(pieces[: after + 1])
        return new.join([kept, *pieces[after + 1 :]])

    return rewritten(data, put)


def test_a_calculated_formula_keeps_both_its_result_and_its_text():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Figures")
        sheet.write_row(0, 0, ["Area code", "Ref", "Measure", "This quarter", "Status", "Note"])
        sheet.write_row(1, 0, ["E07000129", "M11", "All crime"])
        sheet.write_formula("D2", "=SUM(1,2)", None, 3)
        sheet.write_formula("E2", "=LEFT(C2,0)", None, "gone")
    row = found(patched(out.getvalue(), b"<v>gone</v>", b"<v></v>")).figures[0]
    assert (row.this_quarter.text, row.this_quarter.formula, row.this_quarter.uncalculated) == ("3", "=SUM(1,2)", False)
    assert (row.status.is_blank, row.status.uncalculated) == (True, False)


def test_a_formula_filled_down_is_told_in_every_cell_it_was_filled_into():
    def fill(book):
        for row in (FIRST, FIRST + 1):
            book["Figures"][f"{HERE}{row}"].value = "=1+1"

    shared = patched(changed(DATA, fill), b"<f>1+1</f>", b'<f t="shared" si="0">1+1</f>')
    filled = patched(shared, b'<f t="shared" si="0">1+1</f>', b'<f t="shared" si="0"/>', after=1)
    cells = [row.this_quarter for row in found(filled).figures[:2]]
    assert [(cell.formula, cell.uncalculated) for cell in cells] == [("=1+1", True)] * 2


def test_times_lengths_of_time_and_numbers_beyond_all_measure_are_read_as_what_they_are():
    def write_all(book):
        for row, value in enumerate((datetime(2014, 10, 20, 14, 30), timedelta(hours=25), 77_777), FIRST):
            book["Figures"][f"{HERE}{row}"].value = value
        book["Figures"][f"{HERE}{FIRST + 2}"].number_format = "0"

    huge = patched(changed(DATA, write_all), b"<v>77777</v>", b"<v>1E999</v>")
    cells = [row.this_quarter for row in found(huge).figures[:3]]
    assert [cell.text for cell in cells] == ["2014-10-20T14:30:00", "1 day, 1:00:00", "#NUM!"]


def test_a_part_of_a_text_struck_through_in_excel_is_seen():
    """Excel keeps such a text among the shared strings; openpyxl writes it into its cell."""
    theirs = write_workbook(FORM, created=CREATED, filled=Filled(values=(("Summary", "T1", HAPPENED, "We met."),)))
    struck = patched(theirs, b"<t>We met.</t>", b"<r><rPr><strike/></rPr><t>We met.</t></r><r><t> Twice.</t></r>")
    box = next(box.value for box in found(struck).summary if box.ref == "T1")
    assert (box.text, box.struck) == ("We met. Twice.", True)


def test_of_a_threaded_comment_its_words_are_read_and_a_note_far_below_does_no_harm():
    def note(book):
        preface = "[Threaded comment]\n\nYour version of Excel allows you to read this threaded comment.\n\nComment:\n"
        book["Figures"][f"{HERE}{FIRST}"].comment = Comment(f"{preface}    Still provisional", "An officer")
        book["Figures"]["C5000"].comment = Comment("Far below", "An officer")

    first, second = [row.this_quarter for row in found(changed(DATA, note)).figures[:2]]
    assert (first.note, second.note) == ("Still provisional", "")


def test_a_line_of_one_s_own_is_no_box_and_a_row_without_a_figure_is_not_named():
    def write(book):
        book["Summary"].insert_rows(8)
        book["Summary"].cell(8, 3).value = "A line between two boxes"
        book["Figures"].insert_rows(12)
        book["Figures"].cell(12, column_of(book["Figures"], "Note")).value = "Next year differs."

    back = found(changed(DATA, write))
    assert [box.ref for box in back.summary] == [box.ref for box in found(DATA).summary]
    assert not any("row 12" in remark for remark in back.remarks)
    assert figures_by_key(back) == BEFORE


def test_a_sheet_that_is_a_chart_is_passed_over():
    assert figures_by_key(found(changed(DATA, lambda book: book.create_chartsheet("Our chart", 0)))) == BEFORE


def test_cells_that_do_not_say_where_they_stand_stand_side_by_side():
    """Some programs leave a cell's place out, and lay the workbook's own part out over several lines."""
    import re

    def tidy(name, part):
        if name == "xl/workbook.xml":
            return part.replace(b"<definedName ", b"\n  <definedName ")
        return re.sub(rb'(<c) r="[A-C]\d+"', rb"\1", part) if name == "xl/worksheets/sheet1.xml" else part

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Figures")
        sheet.write_row(0, 0, ["Area code", "Ref", "This quarter"])
        sheet.write_row(1, 0, ["E07000129", "M11", 12])
        book.define_name("Ours", "=Figures!$A$1")
    assert figures_by_key(found(rewritten(out.getvalue(), tidy))) == {("E07000129", "M11"): "12"}


def test_a_workbook_whose_properties_are_listed_first_is_read():
    def turn(name, part):
        if name != "_rels/.rels":
            return part
        head, *links = part.replace(b"</Relationships>", b"").split(b"<Relationship ")
        return b"<Relationship ".join([head, *reversed(links)]) + b"</Relationships>"

    assert figures_by_key(found(rewritten(DATA, turn))) == BEFORE


def test_a_picture_pasted_over_an_input_sheet_is_reported():
    import struct
    import zlib

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0\0\0")) + chunk(b"IEND", b"")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Figures")
        sheet.write_row(0, 0, ["Area code", "Ref", "Measure", "This quarter", "Status", "Note"])
        sheet.insert_image("D2", "shot.png", {"image_data": io.BytesIO(png)})
    assert found(out.getvalue()).pictures == ("Figures",)
