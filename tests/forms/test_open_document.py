"""An OpenDocument spreadsheet as other programs than LibreOffice may write it, by its own markup."""

from __future__ import annotations

import io
import zipfile

import pytest
from returning import found, numbered, refused

from csp_workflow.terms.cells import Cell, CellType

_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{of}:1.0"'
    for short, of in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("draw", "drawing"),
        ("fo", "xsl-fo-compatible"), ("calc", "calc-extensions"),
    )
)  # fmt: skip
_HEADS = ("Area code", "Ref", "This quarter", "Status", "What drove it", "Note")


def told(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def document(
    cell: str, *, styles: str = "", rows: str = "", before: str = "", more: dict[str, str] | None = None
) -> bytes:
    """A form of one figure, whose cell is as given."""
    head = "".join(map(told, _HEADS))
    table = (
        f'<table:table table:name="Figures" table:style-name="ta">{before}'
        f"<table:table-row>{told(f'Return reference: {numbered()[0].reference}')}</table:table-row>"
        f"<table:table-row>{head}</table:table-row>"
        f"<table:table-row>{told('E07000129')}{told('M11')}{cell}{told('Final')}</table:table-row>{rows}</table:table>"
    )
    content = (
        f"<office:document-content {_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content)
        for name, part in (more or {}).items():
            made.writestr(name, part)
    return out.getvalue()


def read(cell: str, *, styles: str = "", rows: str = "", before: str = "") -> Cell:
    (row,) = found(document(cell, styles=styles, rows=rows, before=before)).figures
    return row.this_quarter


def number(said: str, shown: str = "", kind: str = "float", style: str = "") -> str:
    text = f"<text:p>{shown}</text:p>" if shown else ""
    named = f' table:style-name="{style}"' if style else ""
    return f'<table:table-cell office:value-type="{kind}" office:value="{said}"{named}>{text}</table:table-cell>'


def style(properties: str, *, name: str = "ce", parent: str = "", family: str = "table-cell") -> str:
    of = f' style:parent-style-name="{parent}"' if parent else ""
    return f'<style:style style:name="{name}" style:family="{family}"{of}>{properties}</style:style>'


STRUCK = '<style:text-properties style:text-line-through-style="solid"/>'
WHITE = '<style:text-properties fo:color="#FFFFFF"/>'


RED = '<style:text-properties fo:color="#FF0000"/><style:table-cell-properties fo:background-color="#ff0000"/>'
RULES = (
    "<calc:conditional-formats>"
    "<calc:conditional-format calc:target-range-address=\"'It. A1'.A9:'It. A1'.B9 Figures.C3\">"
    "{}</calc:conditional-format></calc:conditional-formats>"
)


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ('<calc:condition calc:apply-style-name="Other"/>', None),
        ('<calc:date-is calc:style="Other" calc:apply-style-name="Plain"/>', ""),
        ('<calc:icon-set calc:show-value="false"/>', None),
        ("<calc:icon-set/>", ""),
    ],
)
def test_a_rule_over_ranges_may_show_another_thing(rule: str, shown: str | None) -> None:
    styles = style("", name="Plain") + style(RED, name="Other")
    assert read(number("35", "35"), styles=styles, rows=RULES.format(rule)).shown == shown


def test_a_rule_within_a_style_may_show_another_thing_and_that_of_a_number_format_does_not() -> None:
    mapped = '<style:map style:condition="cell-content()&gt;1" style:apply-style-name="Other"/>'
    of_numbers = f"<style:number-style>{mapped.replace('Other', 'N1P0')}</style:number-style>"
    known = style(RED, name="Other")
    assert read(number("35", "35", style="ce"), styles=known + style(mapped)).shown is None
    assert read(number("35", "35", style="ce"), styles=known + style("") + of_numbers).shown == ""


def test_a_cell_that_names_no_style_looks_like_its_column_or_row() -> None:
    columns = '<table:table-column table:number-columns-repeated="3" table:default-cell-style-name="ce"/>'
    assert read(number("35", "35"), styles=style(STRUCK), before=columns).struck
    assert read(number("35", "35"), styles=style(RED), before=columns).hidden


@pytest.mark.parametrize("kind", ["string", "date", "boolean"])
def test_what_is_held_and_not_shown_is_hidden(kind: str) -> None:
    held = 'office:string-value="why" office:date-value="2014-10-20" office:boolean-value="true"'
    assert read(f'<table:table-cell {held} office:value-type="{kind}"><text:p/></table:table-cell>').hidden


@pytest.mark.parametrize(
    ("cell", "text", "shown"),
    [
        (number("0.625", "62.5%", "percentage"), "0.625", "62.5%"),
        (number("0.625", kind="percentage"), "0.625", "62.5%"),
        (number("1204", "1,204"), "1204", "1,204"),
        (number("35"), "35", ""),
        (number("35", "£35.00", "currency"), "35", "£35.00"),
        (told("c. 35"), "c. 35", ""),
        (told("35</text:p><text:p>36"), "35\n36", ""),
        (told("35<text:line-break/>36"), "35\n36", ""),
        (told('35<text:s text:c="3"/>36'), "35   36", ""),
        ('<table:table-cell office:value-type="string" office:string-value="n/a"/>', "n/a", ""),
        (told("<draw:frame><text:p>a text box</text:p></draw:frame>35"), "35", ""),
    ],
)
def test_a_value_is_read_with_the_text_that_was_on_the_screen(cell: str, text: str, shown: str) -> None:
    found_cell = read(cell)
    assert (found_cell.text, found_cell.shown) == (text, shown)


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        ('<table:table-cell office:value-type="date" office:date-value="2014-09-30"/>', CellType.DATE, "2014-09-30"),
        ('<table:table-cell office:value-type="time" office:time-value="PT30H"/>', CellType.DATE, "PT30H"),
        ('<table:table-cell office:value-type="boolean" office:boolean-value="true"/>', CellType.BOOLEAN, "TRUE"),
        (told("Err:502", ' calcext:value-type="error" xmlns:calcext="x"'), CellType.ERROR, "Err:502"),
        ("<table:table-cell/>", CellType.BLANK, ""),
    ],
)
def test_a_cell_is_what_the_file_says_it_is(cell: str, kind: CellType, text: str) -> None:
    found_cell = read(cell)
    assert (found_cell.type, found_cell.text) == (kind, text)


def test_looks_are_found_by_their_styles_and_those_these_are_made_from() -> None:
    assert read(number("35", "35", style="ce"), styles=style(STRUCK)).struck
    made_from = style(STRUCK, name="a") + style("", parent="a")
    assert read(number("35", "35", style="ce"), styles=made_from).struck
    undone = style(STRUCK, name="a") + style(STRUCK.replace("solid", "none"), parent="a")
    assert not read(number("35", "35", style="ce"), styles=undone).struck
    assert read(number("35", "35", style="ce"), styles=style(WHITE)).hidden
    filled = '<style:table-cell-properties fo:background-color="#003366"/>'
    assert not read(number("35", "35", style="ce"), styles=style(WHITE + filled)).hidden
    assert read(number("35", "<text:s/>")).hidden, "blanks alone show nothing"
    assert not read(number("35", "35", style="none of ours")).hidden
    shared = {"styles.xml": f"<office:document-styles {_NAMES}>{style(STRUCK)}</office:document-styles>"}
    (row,) = found(document(number("35", "35", style="ce"), more=shared)).figures
    assert row.this_quarter.struck


def test_parts_of_a_text_may_be_struck_or_raised() -> None:
    raised = style('<style:text-properties style:text-position="super 58%"/>', family="text")
    cell = read(told('35<text:span text:style-name="ce">1</text:span>'), styles=raised)
    assert (cell.text, cell.shown) == ("351", "35 with a raised 1")
    cell = read(told('35 <text:span text:style-name="ce">36</text:span>'), styles=style(STRUCK, family="text"))
    assert (cell.text, cell.struck) == ("35 36", True)
    level = style('<style:text-properties style:text-position="0% 100%"/>', family="text")
    assert read(told('35<text:span text:style-name="ce">1</text:span>'), styles=level).shown == ""


def test_a_part_of_a_text_that_is_white_is_not_taken_for_what_is_seen() -> None:
    white = style('<style:text-properties fo:color="#ffffff"/>', family="text")
    assert read(told('35<text:span text:style-name="ce">1</text:span>'), styles=white).shown is None
    plain = style('<style:text-properties fo:font-weight="bold"/>', family="text")
    assert read(told('35<text:span text:style-name="ce">1</text:span>'), styles=plain).shown == ""


def test_a_comment_is_read_without_its_author() -> None:
    by = "<dc:creator xmlns:dc='x'>A. Person</dc:creator>"
    note = f"<office:annotation>{by}<text:p>Should be</text:p><text:p>36</text:p></office:annotation>"
    cell = read(number("35", f"35</text:p>{note}<text:p>"))
    assert cell.note == "Should be\n36"


def test_where_words_lead_is_seen_and_our_own_links_are_none() -> None:
    leads = "<text:p>see <text:a xlink:href='{}' xmlns:xlink='x'>here</text:a></text:p>"
    cells = "".join(told("", "").replace("<text:p></text:p>", leads.format(to)) for to in ("file:///x.ods", "#A.B1"))
    form = found(document(number("35", "35"), rows=f"<table:table-row>{cells}</table:table-row>"))
    assert [(one.cell, one.text) for one in form.sightings if one.kind == "link"] == [("A4", "file:///x.ods")]
    assert ("A4", "see here") in {(one.cell, one.text) for one in form.sightings}


def test_hidden_sheets_rows_and_columns_merges_and_formulas_are_told() -> None:
    hidden = '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>'
    cell = number("35", "35").replace("<table:table-cell", '<table:table-cell table:formula="of:=[.A1]+1"')
    concealed = style('<style:table-properties table:display="false"/>', name="ta", family="table")
    form = found(document(cell, before=hidden, styles=concealed))
    assert form.figures[0].this_quarter.formula == "=[.A1]+1"
    assert "The column 'This quarter' of 'Figures' was hidden; we read it too." in form.remarks
    assert "The sheet 'Figures' was hidden; we read it too." in form.remarks
    wide = number("35", "35").replace("<table:table-cell", '<table:table-cell table:number-columns-spanned="2"')
    assert found(document(wide)).merged_inputs
    cells = f"{told('E07000129')}{told('M12')}{number('1', '1')}"
    row = f"<table:table-row table:visibility='filter'>{cells}</table:table-row>"
    assert any("were hidden" in remark for remark in found(document(number("35", "35"), rows=row)).remarks)


def test_repeated_cells_and_rows_are_read_within_the_window() -> None:
    wide = told("x", ' table:number-columns-repeated="16384"')
    many = f'<table:table-row table:number-rows-repeated="1048000">{wide}</table:table-row>'
    form = found(document(number("35", "35"), rows=many))
    assert form.figures[0].this_quarter.text == "35"
    assert any("down to row 2,000" in remark for remark in form.remarks)


def test_what_is_no_spreadsheet_of_a_form_is_refused() -> None:
    sheets = "<table:table/>" * 101
    assert refused(document("", rows=f"</table:table>{sheets}<table:table>")).reason == "hostile"
    assert refused(document(number("many", "35"))).reason == "ods"


def test_colours_and_boxes_of_theirs_are_seen() -> None:
    green = '<style:table-cell-properties fo:background-color="#00b050"/>'
    words = "<text:p>Figures <text:span>are late</text:span></text:p>"
    box = f"<draw:frame><draw:text-box>{words}</draw:text-box></draw:frame>"
    image = "<draw:frame><draw:image/></draw:frame>"
    styled = f'<style:style style:name="g" style:family="table-cell">{green}</style:style>'
    cell = number("35", "35", style="g").replace("</table:table-cell>", f"{box}</table:table-cell>")
    shapes = f"<table:shapes>{image}</table:shapes>"
    form = found(document(cell, styles=styled, before=shapes))
    seen = {(one.kind.value, one.cell, one.text) for one in form.sightings}
    assert {("highlighted", "C3", "00B050"), ("text box", "C3", "Figures are late"), ("picture", "A1", "")} <= seen
    assert form.figures[0].this_quarter.text == "35"
