"""Forms saved as .xls, .ods or .xlsb: read where our reference survived, and told for what they are."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zipfile
from datetime import datetime

import pytest
from binary_workbook import NEW, Looking, binary_workbook, broken_sheet, in_binary
from form_factory import analyst_form
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.packaging.custom import CustomPropertyList
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.worksheet.worksheet import Worksheet
from returning import changed, figures_by_key, found, numbered, refused

from csp_workflow.forms import layout
from csp_workflow.terms.cells import CellType
from tests.opened_books import open_book


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The same filled form as LibreOffice saves it in each format, and without its reference."""
    place = tmp_path_factory.mktemp("formats")
    _, book = numbered()
    (place / "form.xlsx").write_bytes(book)
    (place / "bare.xlsx").write_bytes(_without_reference(book))
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice is not installed"
    (place / "odd.xlsx").write_bytes(changed(longer(), odd_cells))
    for to in ("xls", "ods", "xlsx"):
        command = [soffice, f"-env:UserInstallation=file://{place}/profile", "--headless", "--convert-to", to]
        names = ("odd",) if to == "xlsx" else ("form", "bare", "odd")
        files = [str(place / f"{name}.xlsx") for name in names]
        into = place / "again" if to == "xlsx" else place
        subprocess.run([*command, "--outdir", str(into), *files], check=True, capture_output=True, timeout=120)
    (place / "again" / "odd.xlsx").replace(place / "odd.xlsx")
    return {path.name: path.read_bytes() for path in place.iterdir() if path.is_file()}


def _without_reference(book: bytes) -> bytes:
    """Somebody copied the tables into a workbook of their own."""
    old = open_book(book)
    for name in old.sheetnames:
        if name not in {layout.FIGURES, layout.SUMMARY}:
            del old[name]
    for sheet in old.worksheets:
        sheet["A2"] = None
        sheet.oddFooter.left.text = sheet.oddFooter.center.text = sheet.oddFooter.right.text = ""
    old.properties.keywords, old.custom_doc_props = None, CustomPropertyList()
    out = io.BytesIO()
    old.save(out)
    return out.getvalue()


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_a_form_saved_in_another_format_reads_the_same(saved: dict[str, bytes], kind: str) -> None:
    original, other = found(saved["form.xlsx"]), found(saved[f"form.{kind}"])
    assert figures_by_key(other) == figures_by_key(original)
    assert {text for _, text in other.references} == {text for _, text in original.references}
    assert other.remarks == original.remarks


def test_a_form_saved_as_binary_reads_the_same() -> None:
    _, book = numbered()
    other = found(in_binary(book))
    assert figures_by_key(other) == figures_by_key(found(book))
    assert any("(.xlsb), of which we do not read" in remark for remark in other.remarks)


def longer() -> bytes:
    """A form with more figures to fill in."""
    return numbered(analyst_form())[1]


def odd_cells(book: Workbook) -> None:
    """Cells whose value says another thing than what is seen, in the place of the first figures."""
    sheet, places = book[layout.FIGURES], {n: _place_of(book, n) for n in range(101, 117)}
    values: dict[int, tuple[object, str]] = {
        101: (0.625, "0.0%"), 102: (3, '[<5]"<5";0'), 103: (0.4, "0.0\\%"), 104: (35, ";;;"), 105: (35, "0"),
        106: ("=1/0", "General"), 107: ("c. 35", "General"), 108: ("=35+7", "General"),
        109: (CellRichText("35", TextBlock(InlineFont(vertAlign="superscript"), "1")), "General"), 110: (36, "General"),
        111: (datetime(2014, 9, 1), "dd/mm/yyyy"), 112: (True, "General"), 113: (0.25, '0"%"'),
        114: ("35\n36", "General"),
        115: (CellRichText("35 ", TextBlock(InlineFont(strike=True), "36")), "General"), 116: (-3, "0;0"),
    }  # fmt: skip
    for number, (value, number_format) in values.items():
        cell = sheet[places[number]]
        cell.value, cell.number_format = value, number_format
    sheet[places[105]].font = Font(strike=True)
    sheet[places[110]].font = Font(color="FFFFFFFF")
    sheet[places[110]].fill = PatternFill()
    sheet.row_dimensions[sheet[places[111]].row].hidden = True
    sheet.row_dimensions[sheet[places[112]].row].height = 1.5
    sheet.column_dimensions[_column_of(sheet, layout.STATUS)].width = 0.3
    sheet.merge_cells(start_row=900, end_row=901, start_column=1, end_column=2)
    sheet["A900"] = "merged"
    sheet[_place_of(book, 117)].value = '="n"&"/a"'
    for number, look in RULES.items():
        rule = Rule(type="cellIs", operator="greaterThan", formula=["-1000"], dxf=look)
        sheet.conditional_formatting.add(_place_of(book, number), rule)
    for number, look in {123: Font(color="FFFFFF00"), 124: Font()}.items():
        cell = sheet[_place_of(book, number)]
        cell.font, cell.fill = look, PatternFill("solid", fgColor="FFFFFF00")
    cell = sheet[_place_of(book, 125)]
    cell.value, cell.number_format = "a text", ";;;"
    sheet[places[107]].comment = Comment("still to be agreed", "An officer")


RULES = {
    118: DifferentialStyle(numFmt=NumberFormat(numFmtId=171, formatCode='"few"')),
    119: DifferentialStyle(font=Font(color="FFFFFFFF")),
    120: DifferentialStyle(font=Font(strike=True)),
    121: DifferentialStyle(font=Font(color="FFFF0000"), fill=PatternFill(bgColor="FFFF0000")),
    122: DifferentialStyle(fill=PatternFill(bgColor="FFFFEE00")),
}
"""Conditional formats on the figures of these numbers; the last of them changes nothing that is said."""


def _place_of(book: Workbook, number: int) -> str:
    return next(c.coordinate for row in book[layout.FIGURES].iter_rows() for c in row if c.value == number)


def _column_of(sheet: Worksheet, header: str) -> str:
    return next(c.column_letter for row in sheet.iter_rows() for c in row if c.value == header)


def _list_hidden(book: Workbook, *numbers: int) -> list[str]:
    rows = (book[layout.FIGURES][_place_of(book, number)].row for number in numbers)
    return [
        f"Some rows of 'Your figures' were hidden ({', '.join(map(str, sorted(rows)))}); we read them too.",
        "The column 'Status' of 'Your figures' was hidden; we read it too.",
    ]


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx"])
def test_what_is_seen_is_read_in_every_format(saved: dict[str, bytes], kind: str) -> None:
    by_number = list(figures_by_key(found(longer())).values())
    cells = [row.this_quarter for row in found(saved[f"odd.{kind}"]).figures]
    odd = {number: cells[by_number.index(str(number))] for number in range(101, 117)}
    assert [(odd[n].text, odd[n].shown) for n in (101, 102, 103)] == [
        ("0.625", "62.5%"), ("3", "<5"), ("0.4", "0.4%"),
    ]  # fmt: skip
    assert odd[104].hidden
    assert odd[105].struck
    assert (odd[106].type, odd[106].text) == (CellType.ERROR, "#DIV/0!")
    assert (odd[107].text, odd[107].note) == ("c. 35", "still to be agreed")
    assert odd[108].text == "42"
    assert odd[108].formula
    assert (odd[109].text, odd[109].shown) == ("351", "35 with a raised 1")
    assert odd[110].hidden
    assert (odd[111].type, odd[111].text[:10]) == (CellType.DATE, "2014-09-01")
    if kind != "ods":  # where LibreOffice writes it as the number 1, and shows that
        assert (odd[112].type, odd[112].text) == (CellType.BOOLEAN, "TRUE")
    assert (odd[113].shown, odd[114].text, odd[116].shown) == ("0%", "35\n36", "3")
    assert (odd[115].text, odd[115].struck) == ("35 36", True)
    more = {number: cells[by_number.index(str(number))] for number in range(118, 126)}
    assert [more[n].shown for n in RULES] == [None, None, None, None, ""]
    assert [more[n].hidden for n in (123, 124, 125)] == [True, False, True]
    told = [remark for remark in found(saved[f"odd.{kind}"]).remarks if "hidden" in remark]
    assert told == _list_hidden(open_book(longer()), 111, 112)


@pytest.mark.needs_libreoffice
def test_a_text_that_a_formula_makes_is_no_nought_in_an_old_workbook(saved: dict[str, bytes]) -> None:
    """LibreOffice writes it as the number 0 beside the text, and xlrd reads the number."""
    by_number = list(figures_by_key(found(longer())).values())
    cells = [row.this_quarter for row in found(saved["odd.xls"]).figures]
    asked = cells[by_number.index("117")]
    assert asked.uncalculated or asked.text == "n/a"


@pytest.mark.needs_libreoffice
def test_a_password_on_an_open_document_is_called_one(saved: dict[str, bytes]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved["form.ods"])) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            locked = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
            after.writestr(name, before.read(name).replace(b"</manifest:manifest>", locked))
    assert refused(out.getvalue()).reason == "password"


def test_what_is_seen_is_read_in_a_binary_workbook() -> None:
    book = longer()
    by_number = list(figures_by_key(found(book)).values())
    values = {
        101: Looking(0.625, "0.0%"), 102: Looking(3, '[<5]"<5";0'), 103: Looking(35, "General", struck=True),
        104: Looking("#DIV/0!", formula=True), 105: Looking(42.0, formula=True), 106: Looking(41_883, "dd/mm/yyyy"),
        107: "#N/A", 108: Looking("later", formula=True), 109: Looking(True, formula=True),
        110: Looking(43, white=True), 111: Looking("351", last=0x10000), 112: Looking("35", last=8), 113: Looking(0.5),
    }  # fmt: skip
    cells = [row.this_quarter for row in found(in_binary(book, instead=values)).figures]
    odd = {number: cells[by_number.index(str(number))] for number in values}
    assert [(odd[n].text, odd[n].shown) for n in (101, 102)] == [("0.625", "62.5%"), ("3", "<5")]
    assert odd[103].struck
    assert [(odd[n].type, odd[n].text) for n in (104, 107)] == [(CellType.ERROR, e) for e in ("#DIV/0!", "#N/A")]
    assert [(odd[n].text, odd[n].formula) for n in (105, 108, 109)] == [("42", "="), ("later", "="), ("TRUE", "=")]
    assert (odd[106].type, odd[106].text) == (CellType.DATE, "2014-09-01")
    assert odd[110].hidden
    assert (odd[111].shown, odd[112].struck, odd[113].text) == ("35 with a raised 1", True, "0.5")


def test_a_conditional_format_in_a_binary_workbook_that_may_show_another_thing_is_asked_about() -> None:
    book = longer()
    by_number = list(figures_by_key(found(book)).values())
    white, red = (struct.pack("<BBhBBBB", 2 << 1 | 1, 0, 0, *rgb, 255) for rgb in ((255, 255, 255), (255, 0, 0)))
    few = struct.pack("<HH", 171, 5) + '"few"'.encode("utf-16-le")
    values = {
        101: Looking(35, rule=(38, few)), 102: Looking(36, rule=(41, struct.pack("<H", 10))),
        103: Looking(37, rule=(5, white)), 104: Looking(38, rule=(29, b"\1")), 105: Looking(39, rule=NEW),
        106: Looking(40, rule=(5, red)), 107: Looking(41, rule=(2, red)), 108: Looking(42, rule=(29, b"\0")),
        109: Looking(43),
    }  # fmt: skip
    cells = [row.this_quarter for row in found(in_binary(book, instead=values)).figures]
    shown = {number: cells[by_number.index(str(number))].shown for number in values}
    assert [number for number, said in shown.items() if said is None] == [101, 102, 103, 104, 105]


def test_what_is_drawn_in_the_place_of_a_number_in_a_binary_workbook_is_asked_about() -> None:
    book = longer()
    by_number = list(figures_by_key(found(book)).values())
    bar, bar_14 = (467, bytes([10, 90])), (1051, bytes([0, 0, 0, 0, 0, 100]))
    icons, icons_14 = (465, bytes(4)), (1052, bytes(8))
    values = {
        101: Looking(35, drawn=(bar[0], bar[1] + b"\0")), 102: Looking(36, drawn=(bar[0], bar[1] + b"\1")),
        103: Looking(37, drawn=(bar_14[0], bar_14[1] + b"\0")), 104: Looking(38, drawn=(bar_14[0], bar_14[1] + b"\1")),
        105: Looking(39, drawn=(icons[0], icons[1] + b"\2\0")), 106: Looking(40, drawn=(icons[0], icons[1] + b"\4\0")),
        107: Looking(41, drawn=(icons_14[0], icons_14[1] + b"\2\0")), 108: Looking(42, folded=True),
        109: Looking(43, squeezed=True),
    }  # fmt: skip
    form = found(in_binary(book, instead=values))
    cells = [row.this_quarter for row in form.figures]
    shown = {number: cells[by_number.index(str(number))].shown for number in values}
    assert [number for number, said in shown.items() if said is None] == [101, 103, 105, 107]
    rows, column = (remark for remark in form.remarks if "hidden" in remark)
    assert rows == _list_hidden(open_book(book), 108, 109)[0]
    assert column == "The column 'This quarter' of 'Your figures' was hidden; we read it too."


def test_a_damaged_sheet_of_their_own_in_a_binary_workbook_spoils_nothing() -> None:
    _, book = numbered()
    form = found(broken_sheet(in_binary(book, more={"Workings": {(1, 1): "a"}})))
    assert figures_by_key(form) == figures_by_key(found(book))
    assert "We could not read the sheet 'Workings': it is damaged." in form.remarks


@pytest.mark.needs_libreoffice
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_without_our_reference_it_is_any_table_and_not_read(saved: dict[str, bytes], kind: str) -> None:
    said = refused(saved[f"bare.{kind}"])
    assert said.reason == kind
    assert "our form's reference is not in it" in said.sentence
    assert "(.xlsx)" in said.sentence


@pytest.mark.parametrize("kind", ["xls", "xlsb", "ods"])
def test_damaged_files_of_these_formats_are_refused_in_a_sentence(kind: str) -> None:
    data = {
        "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le") + b"\0" * 2_000,
        "xlsb": in_binary(numbered()[1])[:-2_000],
        "ods": b"PK\x03\x04 nothing more",
    }[kind]
    assert refused(data).sentence


def test_what_no_form_ever_holds_is_refused_here_too() -> None:
    assert refused(binary_workbook({f"S{n}": {(1, 1): "a"} for n in range(101)})).reason == "hostile"
    assert refused(binary_workbook({"S": {(100_010, 1): "far below"}})).reason == "xlsb"


def test_a_tick_in_a_cell_is_read_as_one() -> None:
    table = ("Area code", "Ref", "This quarter"), ("E07000129", "M11", True)
    cells = {(row, column): value for row, line in enumerate(table, 1) for column, value in enumerate(line, 1)}
    reference = f"Return reference: {numbered()[0].reference}"
    (row,) = found(binary_workbook({"Figures": {**cells, (4, 1): reference}})).figures
    assert (row.this_quarter.type, row.this_quarter.text) == (CellType.BOOLEAN, "TRUE")


def test_a_cell_far_away_is_passed_over() -> None:
    """A library asks for a table over all of the sheet, which is more than the sandbox's child may have."""
    far = {(1, 1): "a", (1_048_576, 16_384): "b"}
    book = in_binary(numbered()[1], more={"Workings": far})
    assert figures_by_key(found(book)) == figures_by_key(found(numbered()[1]))
