"""Word's markup for blocks, each built as one string and parsed once. Styles by name, never fonts or colours."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from csp_workflow.report.blocks import Table
from csp_workflow.report.cleaning import clean, paragraphs

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NO_DATA = "No data"


def parsed(xml: str) -> Any:
    """An element from markup that uses the prefix w."""
    from docx.oxml import parse_xml

    head, gap, rest = xml.partition(" " if " " in xml.split(">", 1)[0] else ">")
    return parse_xml(f'{head} xmlns:w="{W}"{gap}{rest}')


def paragraph(text: str, style: str, *, lead: str = "") -> str:
    """A paragraph; line ends inside become line breaks. `lead` stands bold before it, on a line of its own."""
    bold = f"<w:r><w:rPr><w:b/></w:rPr>{_text(lead)}<w:br/></w:r>" if lead else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{bold}<w:r>{_text(text)}</w:r></w:p>'


def quoted(text: str, lead: str) -> tuple[str, ...]:
    """Somebody's own words, a paragraph each, under what they are about."""
    parts = paragraphs(text) or (NO_DATA,)
    first, *others = parts
    return (paragraph(first, "Quoted", lead=lead), *(paragraph(part, "Quoted") for part in others))


def field(instruction: str, shown: str) -> str:
    """A field with the result it shows until Word lays the page out."""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> {instruction} '
        f'</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{shown}</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def footer(text: str) -> str:
    """The foot of a page: what paper it is, and Page X of Y."""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="Foot"/></w:pPr><w:r>{_text(text + "   Page ")}</w:r>{field("PAGE", "1")}'
        f"<w:r>{_text(' of ')}</w:r>{field('NUMPAGES', '1')}</w:p>"
    )


def table(block: Table, width: int) -> str:
    """A table `width` twentieths of a point wide: a header row that repeats, rows that do not break, no empty cell."""
    widths = _widths(block.weights, width)
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    rows = "".join(_row(row, widths, block) for row in block.rows)
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" '
        f'w:noVBand="1"/><w:tblCaption w:val={quoteattr(clean(block.caption))}/>'
        f"<w:tblDescription w:val={quoteattr(clean(block.description))}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{_header(block.headers, widths)}{rows}</w:tbl>"
    )


def section(*, landscape: bool, header: str, foot: str) -> str:
    """The properties of a section: A4, with its header and footer by relation id."""
    size = 'w:w="16838" w:h="11906" w:orient="landscape"' if landscape else 'w:w="11906" w:h="16838"'
    return (
        f'<w:sectPr xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f'<w:headerReference w:type="default" r:id="{header}"/><w:footerReference w:type="default" r:id="{foot}"/>'
        f'<w:pgSz {size}/><w:pgMar w:top="1304" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" '
        'w:footer="567" w:gutter="0"/></w:sectPr>'
    )


def _header(headers: tuple[str, ...], widths: list[int]) -> str:
    cells = "".join(_cell(paragraph(text, "Tablehead"), w) for text, w in zip(headers, widths, strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"


def _row(row: tuple[str, ...], widths: list[int], block: Table) -> str:
    cells = []
    for place, (text, width) in enumerate(zip(row, widths, strict=True)):
        if place in block.bulleted:
            inside = "".join(paragraph(part, "Tablelist") for part in paragraphs(text) or (NO_DATA,))
        else:
            style = "Tablenumber" if place in block.numeric else "Tabletext"
            inside = paragraph(text.strip() or NO_DATA, style)
        cells.append(_cell(inside, width))
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _cell(inside: str, width: int) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{inside}</w:tc>'


def _widths(weights: tuple[int, ...], width: int) -> list[int]:
    """The width shared out by weight; what rounding leaves goes to the last column."""
    shared = [width * weight // sum(weights) for weight in weights]
    shared[-1] += width - sum(shared)
    return shared


def _text(text: str) -> str:
    lines = clean(text).split("\n")
    return "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
