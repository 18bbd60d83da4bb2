"""A written form: steady bytes, accessible sheets, nothing hidden that matters, nothing executable."""

from __future__ import annotations

import gc
import io
import re
import zipfile
from dataclasses import replace
from decimal import Decimal

import pytest
from form_factory import CREATED, analyst_form, contributor_form, joint_form

from csp_workflow.forms import layout
from csp_workflow.forms.still_to_do import SETTLED
from csp_workflow.forms.writing import name_file, write_workbook
from csp_workflow.terms.comparisons import UsualRange
from csp_workflow.terms.queries import Filled, Mark
from csp_workflow.terms.site import Area
from tests.opened_books import open_book

FORMS = {"partnership": joint_form, "contributor": contributor_form, "analyst": analyst_form}
BLABY = "E07000129"
A4_PIXELS = (297 / 25.4 - 0.8) * 96
"""What fits on A4 landscape between the margins, in the pixels of a column's width."""


@pytest.fixture(params=FORMS)
def form(request):
    return FORMS[request.param]()


def opened(data, **how):
    return open_book(data, **how)


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
    assert book[layout.FIGURES].freeze_panes in {"D7", "E7"}


def test_nothing_prints_under_8_points(form):
    for sheet in opened(write_workbook(form, created=CREATED)).worksheets:
        if sheet.sheet_state == "visible":
            pixels = sum(7 * one.width for one in sheet.column_dimensions.values())
            assert 10 * min(1, A4_PIXELS / pixels) >= 8, sheet.title


def test_no_word_is_broken_in_a_table(form):
    """At 10 points a column is about as many letters wide as its width says; what is inked in it is a little more."""
    long = Area(code="E10000018", name="Leicestershire")
    rows = tuple(replace(r, area=long, unit="per cent of completions") if r.ref == "L2" else r for r in form.figures)
    for sheet in opened(write_workbook(replace(form, figures=rows), created=CREATED)).worksheets:
        for table in sheet.tables.values():
            for cell in (c for row in sheet[table.ref][1:] for c in row if c.value and c.data_type != "f"):
                room = sheet.column_dimensions[cell.column_letter].width
                assert max(map(len, str(cell.value).split())) < room, (sheet.title, cell.coordinate, cell.value)


def ink(text):
    """How many pixels a line of bold Arial takes at 10 points, a little less than it does in truth."""
    ems = {**dict.fromkeys("ijl ", 0.28), **dict.fromkeys("ftr", 0.34), **dict.fromkeys("mMwW", 0.77)}
    return 13.3 * sum(ems.get(c, 0.7 if c.isupper() else 0.55 if c.isalnum() else 0.28) for c in text)


def wrap(text, room):
    """The lines that words take in so many pixels."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], joined] if ink(joined) <= room or not lines[-1] else [*lines, word]
    return lines


def test_bold_words_have_the_room_they_need(form):
    """ "Suppressed (small number)" lost its second line in print, and "BLABHIN.L1" its last digit."""
    for sheet in opened(write_workbook(form, created=CREATED)).worksheets:
        for table in sheet.tables.values():
            for cell in (c for row in sheet[table.ref][1:] for c in row if c.value and c.font.b and c.data_type != "f"):
                room = 7 * sheet.column_dimensions[cell.column_letter].width - 12
                lines = [line for text in str(cell.value).split("\n") for line in wrap(text, room)]
                assert max(map(ink, lines)) <= room, (sheet.title, cell.value)
                height = sheet.row_dimensions[cell.row].height or 15
                assert 12.5 * len(lines) <= height, (sheet.title, cell.value)


def test_however_much_is_different_how_far_a_form_is_stands_on_the_first_page():
    form = joint_form()
    boxes = tuple(replace(form.summary[0], ref=f"M{n}", quick=()) for n in range(40))
    start = opened(write_workbook(replace(form, summary=boxes), created=CREATED))[layout.START]
    last = find_cell(start, "Whole form").row
    assert sum(start.row_dimensions[row].height or 15 for row in range(1, last + 1)) < 400
    different = start.tables["Different_table"].ref
    head = start[different][0][0].row
    assert start.print_title_rows == f"${head}:${head}"
    assert head > last


def test_the_minutes_of_the_parts_are_no_more_than_those_of_the_whole():
    """Each part was rounded up, and five of them said 11 where the whole said 9."""
    start = opened(write_workbook(joint_form(), created=CREATED))[layout.START]
    takes = [row[2].value for row in start[start.tables["Progress_table"].ref][1:]]
    *parts, whole = (0 if "under" in said else int(said.split()[0]) for said in takes)
    assert abs(sum(parts) - whole) <= len(parts) / 2


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


def test_police_figures_are_filled_in_and_locked_and_own_ones_are_open():
    book = opened(write_workbook(joint_form(), created=CREATED))
    police, own = book[layout.POLICE], book[layout.FIGURES]
    given = find_cell(police, "M11").row, find_cell(police, layout.THIS_QUARTER).column
    empty = find_cell(own, "BLABHIN.L1").row, find_cell(own, layout.THIS_QUARTER).column
    assert (police.cell(*given).value, police.cell(*given).protection.locked) == (1204, True)
    assert (own.cell(*empty).value, own.cell(*empty).protection.locked) == (None, False)
    assert book.sheetnames.index(layout.FIGURES) < book.sheetnames.index(layout.POLICE)


def test_lists_are_inline_short_and_warn_without_stopping(form):
    for sheet in opened(write_workbook(form, created=CREATED)).worksheets:
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.formula1) <= 255
            assert rule.errorStyle == "warning"


def test_the_counter_counts_what_the_rows_say_before_anything_is_calculated():
    data = write_workbook(joint_form(), created=CREATED)
    values, formulas = opened(data, data_only=True), opened(data)[layout.START]
    row = find_cell(formulas, "Whole form").row
    assert str(formulas.cell(row, 4).value).startswith("=")
    rows = [cell.value for sheet in values.worksheets for cell in still_to_do(sheet)]
    left = sum(not said.startswith(SETTLED) for said in rows)
    assert values[layout.START].cell(row, 4).value == f"{left} to do"
    assert left == 20


def still_to_do(sheet):
    """The cells of the last column of a table to fill in."""
    heads = [cell.value for cell in sheet[6]]
    if layout.STILL_TO_DO not in heads or sheet.title == layout.START:
        return []
    return [cell for (cell,) in sheet.iter_rows(min_row=7, min_col=len(heads), max_col=len(heads)) if cell.value]


def second_round():
    """A contributor's form that came with a figure in doubt and all others, and goes back with one question."""
    form = contributor_form()
    last = form.figures[-1]
    key = layout.figure_key(last.area.code, last.ref)
    rows = [layout.figure_key(row.area.code, row.ref) for row in form.figures if row is not last]
    values = [(layout.FIGURES, one, layout.STATUS, "Not available yet") for one in rows]
    values.append((layout.SIGN_OFF, layout.COMPLETED_BY, layout.ENTRY, "An officer"))
    mark = Mark(
        sheet=layout.FIGURES, key=key, column=layout.THIS_QUARTER, sentence="Type the figure alone.", saw="35 so far",
        is_fault=True,
    )  # fmt: skip
    filled = Filled(values=tuple(values), marks=(mark,))
    return opened(write_workbook(form, created=CREATED, filled=filled), data_only=True)


def test_what_is_done_takes_no_minutes_in_the_next_round():
    """A form that came back for seven answers said that it took eight minutes, six of them for what was done."""
    start = second_round()[layout.START]
    takes = {row[0].value: (row[2].value, row[3].value) for row in start[start.tables["Progress_table"].ref][1:]}
    assert takes[layout.FIGURES] == ("under 1 minute", "Done")
    assert takes["Whole form"] == (takes[layout.QUESTIONS][0], "1 to do")


def test_a_question_says_of_which_area_it_is_in_words_that_every_program_shows_whole():
    """A link is one line in some programs, however narrow its column: it stands on the number."""
    form, sheet = contributor_form(), second_round()[layout.QUESTIONS]
    ref, where = sheet["A7"], sheet["B7"]
    assert (ref.value, where.hyperlink) == ("Q1", None)
    assert layout.FIGURES in ref.hyperlink.location
    assert str(where.value).startswith(f"{form.figures[-1].area.name}, {form.figures[-1].ref} ")


def test_a_bracket_beside_an_earlier_figure_is_never_broken_and_all_prints_at_8_points():
    """The end of "(102 of 125)" stood in a line by itself, and the form of public health printed at 7.65 points."""
    long, said = Area(code="E10000018", name="Leicestershire"), ("81.6 (1,102\xa0of\xa01,254)", "17 (provisional)") * 2
    usual = UsualRange(low=Decimal("66.3"), high=Decimal("91.4"))
    rows = contributor_form().figures
    rows = tuple(replace(r, area=long, history=said, usual=usual, unit="per cent of completions") for r in rows)
    form = replace(contributor_form(), figures=(rows[0], contributor_form().figures[1]))
    book = opened(write_workbook(form, created=CREATED))
    test_nothing_prints_under_8_points(form)
    for sheet in (book[layout.FIGURES], book[layout.BACKGROUND]):
        cells = [c for row in sheet.iter_rows(min_row=7) for c in row if c.value in said]
        assert cells
        for cell in cells:
            bracket = cell.value.split(" ")[1]
            assert len(bracket) < sheet.column_dimensions[cell.column_letter].width, (sheet.title, bracket)


def test_a_nil_tick_says_that_nothing_else_is_needed():
    filled = Filled(values=((layout.SIGN_OFF, layout.NIL, layout.ENTRY, "Yes"),))
    sheet = opened(write_workbook(joint_form(), created=CREATED, filled=filled), data_only=True)[layout.START]
    assert sheet.cell(find_cell(sheet, "Whole form").row, 4).value == "Ready to send"


def test_one_tick_confirms_all_police_figures_but_one_that_is_disputed():
    filled = Filled(
        values=(
            (layout.POLICE, f"{BLABY} {layout.ALL}", layout.CONFIRM, layout.CONFIRMED),
            (layout.POLICE, f"{BLABY} M12a", layout.CONFIRM, layout.DISPUTED),
        )
    )
    sheet = opened(write_workbook(joint_form(), created=CREATED, filled=filled), data_only=True)[layout.POLICE]
    said = [cell.value for cell in still_to_do(sheet)]
    assert said[:9] == [
        "Done",
        *["Done: confirmed above"] * 3,
        "Say why you dispute it",
        *["Done: confirmed above"] * 4,
    ]
    assert said[9:] == ["Choose Confirmed, or answer each row", *["See row ALL"] * 8]


def test_a_choice_with_a_comma_is_refused_when_the_form_is_built(monkeypatch):
    monkeypatch.setattr(layout, "ACTION_CHOICES", ("Done", "Under way, slowly"))
    with pytest.raises(ValueError, match="Under way, slowly"):
        write_workbook(joint_form(), created=CREATED)


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
    assert "target" not in said.lower().replace("it is no target", "")
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
    for place in ("B7", "G7", "H7"):
        assert book[layout.SUMMARY][place].data_type == "s"


def test_control_characters_of_pasted_text_do_not_break_the_file():
    filled = Filled(values=((layout.SUMMARY, "T1", layout.HAPPENED, "one\x0btwo\x00\x1f\ud800\ufffe _x000D_ end"),))
    book = opened(write_workbook(joint_form(), created=CREATED, filled=filled))
    assert book[layout.SUMMARY]["G7"].value.startswith("one\ntwo _x")


# Correction forms ---------------------------------------------------------------------------------


def corrected():
    return opened(corrected_bytes())


def corrected_bytes():
    filled = Filled(
        values=(
            (layout.FIGURES, f"{BLABY} BLABHIN.L1", layout.THIS_QUARTER, "78.5"),
            (layout.FIGURES, f"{BLABY} BLABHIN.L2", layout.THIS_QUARTER, "c. 35-40"),
            (layout.POLICE, f"{BLABY} M11", layout.CONFIRM, "Confirmed"),
            (layout.SUMMARY, "t1", "what  happened", "We met twice."),
        ),
        marks=(
            Mark(
                sheet=layout.FIGURES,
                key=f"{BLABY} BLABHIN.L2",
                column="This quarter",
                saw="We found: c. 35-40.",
                sentence="One figure.",
                is_fault=True,
            ),
            Mark(sheet="Summary", key="T2", column="What happened", sentence="Is it right?", is_fault=False),
            Mark(sheet="Workings", key="", column="", sentence="We did not read it.", is_fault=False),
        ),
    )
    return write_workbook(joint_form(revision=2), created=CREATED, filled=filled)


def test_typed_values_come_back_as_numbers_or_text_as_they_were():
    book = corrected()
    sheet = book[layout.FIGURES]
    column = find_cell(sheet, layout.THIS_QUARTER).column
    assert sheet.cell(find_cell(sheet, "BLABHIN.L1").row, column).value == 78.5
    assert sheet.cell(find_cell(sheet, "BLABHIN.L2").row, column).value == "c. 35-40"
    police = book[layout.POLICE]
    assert police.cell(find_cell(police, "M11").row, find_cell(police, layout.CONFIRM).column).value == "Confirmed"
    assert book[layout.SUMMARY]["G7"].value == "We met twice."


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


def test_the_questions_stand_on_a_sheet_of_their_own_with_what_we_saw():
    book = corrected()
    sheet = book[layout.QUESTIONS]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=7, max_row=9)]
    place = find_cell(book[layout.FIGURES], "c. 35-40").coordinate
    assert rows[0][0] == "Q1"
    assert rows[0][1].endswith(f"{layout.FIGURES} {place}")
    assert rows[0][2:4] == ["We found: c. 35-40.", "One figure."]
    assert rows[2][1] == "Workings"
    row = find_cell(book[layout.FIGURES], "BLABHIN.L2").row
    values = opened(corrected_bytes(), data_only=True)
    assert values[layout.FIGURES].cell(row, find_cell(book[layout.FIGURES], layout.STILL_TO_DO).column).value == (
        "See Questions, Q1"
    )
    said = [cell.value for row in values[layout.START].iter_rows() for cell in row if cell.value]
    assert "3 questions about what you sent." in said


def test_a_short_form_leaves_out_columns_that_would_stand_empty():
    heads = [c.value for c in opened(write_workbook(contributor_form(), created=CREATED))[layout.BACKGROUND][6]]
    assert layout.OFFICIAL not in heads
    assert layout.COMPARATOR not in heads
    whole = [c.value for c in opened(write_workbook(joint_form(), created=CREATED))[layout.BACKGROUND][6]]
    assert {layout.OFFICIAL, layout.COMPARATOR} <= set(whole)


@pytest.mark.parametrize("is_on", [True, False])
def test_garbage_is_looked_for_after_a_form_as_it_was_before(is_on, monkeypatch):
    monkeypatch.setattr(gc, "isenabled", lambda: is_on)
    asked = []
    monkeypatch.setattr(gc, "enable", lambda: asked.append("on"))
    monkeypatch.setattr(gc, "disable", lambda: asked.append("off"))
    write_workbook(contributor_form(), created=CREATED)
    assert asked == (["off", "on"] if is_on else ["off"])
