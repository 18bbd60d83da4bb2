"""What a person sees of a workbook is what is read; faults of looks and sheets of one's own spoil nothing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache

import pytest
from form_factory import CREATED
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Border, Color, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from returning import changed, figures_by_key, found, numbered, refused

from csp_workflow.forms import layout
from csp_workflow.forms.writing import write_workbook
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.queries import Filled
from tests.opened_books import open_book


@cache
def plain() -> bytes:
    """A form whose figures are 101, 102, ... as its sender saved it."""
    return changed(numbered()[1], lambda _: None)


def first_place(book: Workbook) -> tuple[str, str]:
    """The sheet and cell where 101 stands."""
    return next((s.title, c.coordinate) for s in book for row in s.iter_rows() for c in row if c.value == 101)


def seen(change: Callable[[Workbook, str, str], None]) -> Cell:
    """The first figure's cell, read after a change of the book, its sheet and its place."""
    form = found(changed(plain(), lambda book: change(book, *first_place(book))))
    return form.figures[
        next(n for n, row in enumerate(found(plain()).figures) if row.this_quarter.text == "101")
    ].this_quarter


def under(value: object, number_format: str) -> Cell:
    def put(book: Workbook, sheet: str, at: str) -> None:
        book[sheet][at].value = value
        book[sheet][at].number_format = number_format

    return seen(put)


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.4, "0.0\\%", "0.4%"),
        (0.625, "0%", "63%"),
        (3, '[<5]"<5";0', "<5"),
        (35, '"about "0', "about 35"),
        (35000, "0,", "35"),
        (35, "0", ""),
        (35, "General", ""),
        (35, "[DBNum1]0", None),
        ("35", '0;0;0;"<5"', "<5"),
        ("35", "@", ""),
    ],
)
def test_a_figure_is_read_with_what_its_number_format_shows(
    value: object, number_format: str, shown: str | None
) -> None:
    cell = under(value, number_format)
    assert (cell.text, cell.shown, cell.hidden) == (str(value), shown, False)


@pytest.mark.parametrize("number_format", [";;;", "0;;;@"])
def test_a_format_that_shows_nothing_hides_a_figure(number_format: str) -> None:
    assert under(0, number_format).hidden
    assert under(35, "0;;").hidden is False


def test_a_number_under_a_format_of_days_is_a_day() -> None:
    assert (under(41_883, "dd/mm/yyyy").type, under(41_883, "dd/mm/yyyy").text) == (CellType.DATE, "2014-09-01")
    assert under(-5, "dd/mm/yyyy").type in {CellType.ERROR, CellType.DATE}


@pytest.mark.parametrize(
    ("font", "fill", "hidden"),
    [
        (Font(color="FFFFFFFF"), PatternFill(), True),
        (Font(color="FFFFFFFF"), PatternFill("solid", fgColor="FFFFFFFF"), True),
        (Font(color="FFFFFFFF"), PatternFill("solid", fgColor="FF003366"), False),
        (Font(color="FF000000"), PatternFill(), False),
        (Font(color="FFFFFF00"), PatternFill("solid", fgColor="FFFFFF00"), True),
        (Font(color="FFFF0000"), PatternFill("solid", fgColor=Color(indexed=10)), True),
        (Font(), PatternFill("solid", fgColor="FF000000"), True),
        (Font(color=Color(theme=1)), PatternFill("solid", fgColor=Color(auto=True)), True),
        (Font(color=Color(theme=4, tint=0.5)), PatternFill("solid", fgColor=Color(theme=4, tint=0.5)), True),
        (Font(color=Color(theme=4)), PatternFill("solid", fgColor=Color(theme=5)), False),
        (Font(color="FFFAFAFA"), PatternFill(), True),
        (Font(color="FF808080"), PatternFill(), False),
        (Font(), PatternFill("lightGray", fgColor="FF000000"), False),
    ],
)
def test_letters_of_the_colour_behind_them_are_not_seen(font: Font, fill: PatternFill, hidden: bool) -> None:
    def put(book: Workbook, sheet: str, at: str) -> None:
        book[sheet][at].font, book[sheet][at].fill = font, fill

    assert seen(put).hidden is hidden


def test_noughts_that_a_sheet_does_not_show_are_not_seen() -> None:
    def put(book: Workbook, sheet: str, at: str) -> None:
        book[sheet][at].value = 0
        book[sheet].sheet_view.showZeros = False

    assert seen(put).hidden


@pytest.mark.parametrize(
    ("look", "shown"),
    [
        (DifferentialStyle(numFmt=NumberFormat(numFmtId=164, formatCode='"<5"')), None),
        (DifferentialStyle(font=Font(strike=True)), None),
        (DifferentialStyle(font=Font(color="FFFFFFFF")), None),
        (DifferentialStyle(font=Font(color="FFFFFFFF"), fill=PatternFill("solid", bgColor="FFFFFFFF")), None),
        # One rule's letters may stand on what another has behind them: here on ours.
        (DifferentialStyle(font=Font(color="FFFFFFFF"), fill=PatternFill("solid", bgColor="FFC00000")), None),
        (DifferentialStyle(font=Font(color="FF000000")), ""),
        (DifferentialStyle(fill=PatternFill("solid", bgColor="FFFFEE00")), ""),
        (DifferentialStyle(fill=PatternFill(bgColor="FF000000")), None),
        (DifferentialStyle(font=Font(color="FFFF0000"), fill=PatternFill(bgColor="FFFF0000")), None),
        (DifferentialStyle(font=Font(color="FFFF0000"), border=Border(left=Side("thin", color="FFFFFFFF"))), ""),
    ],
)
def test_a_rule_that_may_show_another_thing_makes_a_figure_doubtful(look: DifferentialStyle, shown: str | None) -> None:
    def put(book: Workbook, sheet: str, at: str) -> None:
        rule = Rule(type="cellIs", operator="lessThan", formula=["5"], dxf=look)
        book[sheet].conditional_formatting.add(f"{at}:{at}", rule)

    assert seen(put).shown == shown


SIXTEEN = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
BESIDE = (
    f'<extLst><ext xmlns:x14="{SIXTEEN}" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
    "<x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule>{}</x14:cfRule>"
    "<xm:sqref>{}</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>"
)


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ('<x14:iconSet showValue="0"/>', None),
        ('<x14:dataBar showValue="0"/>', None),
        ("<x14:dataBar/>", ""),
        ('<x14:dxf><numFmt numFmtId="170" formatCode="&quot;few&quot;"/></x14:dxf>', None),
        ("<x14:dxf><font><b/></font></x14:dxf>", ""),
    ],
)
def test_a_rule_that_stands_apart_from_the_others_is_read_too(rule: str, shown: str | None) -> None:
    sheet, at = first_place(open_book(plain()))
    assert sheet == layout.FIGURES
    put = parts_changed(
        plain(), r"xl/worksheets/sheet\d+\.xml", lambda text: text.replace("</worksheet>", BESIDE.format(rule, at))
    )
    cell = next(row.this_quarter for row in found(put).figures if row.this_quarter.text == "101")
    assert cell.shown == shown


@pytest.mark.parametrize("where", ["superscript", "subscript"])
def test_a_raised_footnote_is_no_digit_of_the_figure(where: str) -> None:
    def put(book: Workbook, sheet: str, at: str) -> None:
        book[sheet][at].value = CellRichText("35", TextBlock(InlineFont(vertAlign=where), "1"))

    cell = seen(put)
    assert (cell.text, cell.shown) == ("351", "35 with a raised 1")


def parts_changed(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """The same workbook with one part rewritten."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            content = before.read(part)
            after.writestr(part, change(content.decode()).encode() if re.fullmatch(name, part) else content)
    return out.getvalue()


def test_a_raised_footnote_among_the_shared_texts_is_seen() -> None:
    form, _ = numbered()
    key = next(f"{row.area.code} {row.ref}" for row in form.figures if row.entry.value == "value")
    filled = Filled(values=((layout.FIGURES, key, layout.THIS_QUARTER, "35 footnote"),))
    raised = '<r><t>35</t></r><r><rPr><vertAlign val="superscript"/><color rgb="none of ours"/></rPr><t>1</t></r>'
    shared = parts_changed(
        write_workbook(form, created=CREATED, filled=filled),
        "xl/sharedStrings.xml",
        lambda text: text.replace("<t>35 footnote</t>", raised),
    )
    cells = [row.this_quarter for row in found(shared).figures]
    assert [cell.shown for cell in cells if cell.text == "351"] == ["35 with a raised 1"]


STYLES = {
    "a bad colour": lambda text: text.replace("<fonts", "<!-- --><fonts").replace(
        "<font>", '<font><color rgb="red"/>', 1
    ),
    "a vendor's attribute": lambda text: text.replace("<xf ", '<xf ours="1" ').replace("<font>", '<font x="y">'),
    "a vendor's element": lambda text: text.replace("</fonts>", "<font><glow/></font></fonts>"),
    "no number for a format": lambda text: text.replace("numFmtId=", "formerly="),
    "a format's number in words": lambda text: re.sub(r'numFmtId="\d+"', 'numFmtId="none"', text),
    "fonts that are not there": lambda text: re.sub(r'fontId="\d+"', 'fontId="999"', text),
    "no formats at all": lambda _: '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
    "a gradient": lambda text: text.replace("</fills>", "<fill><gradientFill/></fill></fills>"),
}


@pytest.mark.parametrize("fault", STYLES)
def test_a_fault_of_styles_refuses_no_form(fault: str) -> None:
    assert figures_by_key(found(parts_changed(plain(), "xl/styles.xml", STYLES[fault]))) == figures_by_key(
        found(plain())
    )


SHEETS = {
    "a format beyond the table": lambda text: re.sub(r' s="\d+"', ' s="9999"', text),
    "a merge of a whole column": lambda text: merged(text, "AZ:BA"),
    "a merge of whole rows": lambda text: merged(text, "900:905"),
    "a merge of nothing": lambda text: merged(text, "nothing"),
}


def merged(text: str, ref: str) -> str:
    text = re.sub(r"<mergeCells.*?</mergeCells>", "", text)
    return text.replace("</sheetData>", f'</sheetData><mergeCells><mergeCell ref="{ref}"/></mergeCells>')


@pytest.mark.parametrize("fault", SHEETS)
def test_what_is_odd_about_a_sheets_looks_refuses_no_form(fault: str) -> None:
    odd = parts_changed(plain(), r"xl/worksheets/sheet\d+.xml", SHEETS[fault])
    assert figures_by_key(found(odd)) == figures_by_key(found(plain()))


def with_own(content: str = "", *, state: str = "visible") -> bytes:
    """The form with a sheet "Workings", of whose part the cells are as given."""

    def add(book: Workbook) -> None:
        book.create_sheet("Workings")["A1"] = "ours"
        book["Workings"].sheet_state = state

    data = changed(plain(), add)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        last = max((n for n in book.namelist() if "worksheets/sheet" in n), key=lambda n: int(re.findall(r"\d+", n)[0]))
    body = re.compile(r"<sheetData.*</sheetData>", re.DOTALL)
    return parts_changed(
        data, re.escape(last), lambda text: body.sub(lambda _: f"<sheetData>{content}</sheetData>", text)
    )


OWN = {
    "a far cell": '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "120,000 rows": "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 120_001)),
    "more than we read": '<row r="1">' + '<c r="A1"><v>1</v></c>' * 250_001 + "</row>",
    "a number in words": '<row r="1"><c r="A1"><v>one</v></c></row>',
    "a text that is not there": '<row r="1"><c r="A1" t="s"><v>99999</v></c></row>',
    "a format in words": '<row r="1"><c r="A1" s="bold"><v>1</v></c></row>',
    "markup that is broken": '<row r="1"><c></row>',
}


@pytest.mark.parametrize(("fault", "state"), [*((fault, "visible") for fault in OWN), ("a far cell", "hidden")])
def test_a_sheet_of_their_own_never_spoils_ours_and_is_named(fault: str, state: str) -> None:
    form = found(with_own(OWN[fault], state=state))
    assert figures_by_key(form) == figures_by_key(found(plain()))
    assert any("read the sheet 'Workings'" in remark for remark in form.remarks), form.remarks


def test_where_nothing_of_ours_is_left_the_reason_is_said() -> None:
    broken = parts_changed(plain(), r"xl/worksheets/sheet\d+.xml", lambda text: text.replace("</sheetData>", "", 1))
    assert refused(broken).reason == "damaged"


def test_a_sheet_of_ours_that_cannot_be_read_is_named() -> None:
    number = open_book(plain()).sheetnames.index(layout.SUMMARY) + 1
    part = rf"xl/worksheets/sheet{number}.xml"
    broken = parts_changed(plain(), part, lambda text: text.replace("</sheetData>", "", 1))
    form = found(broken)
    assert figures_by_key(form) == figures_by_key(found(plain()))
    assert f"We could not read the sheet '{layout.SUMMARY}': it is damaged." in form.remarks
