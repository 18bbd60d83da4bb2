"""Contents -> a Word file: python-docx opens the branded base, our own markup fills it. Same contents, same bytes.

Each block's markup is built as one string and parsed once; styles by name, never fonts or colours.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from csp_workflow.report.blocks import (
    Block,
    Contents,
    Heading,
    Landscape,
    Lines,
    NewPage,
    Numbered,
    Plain,
    Table,
    Text,
    plain_text,
)
from csp_workflow.terms.dates import as_utc
from csp_workflow.terms.phrases import day

PORTRAIT, LANDSCAPE = 11906 - 2 * 1134, 16838 - 2 * 1134
"""The width of the text on A4, in twentieths of a point."""


def build_document(contents: Contents, *, base: bytes) -> bytes:
    """Build the paper on a base file (templates/reports). Raises ValueError when there is no base."""
    import docx

    if not base:
        raise ValueError("templates/reports holds no Word file to build the paper on.")
    document = docx.Document(io.BytesIO(base))
    body = document.element.body
    for child in list(body):
        body.remove(child)
    _set_properties(document, contents)
    header, foot = _add_margins(document, contents)
    for xml in _write_body(contents, header, foot):
        body.append(_parse(xml))
    out = io.BytesIO()
    document.save(out)
    return zip_again(out.getvalue())


def draft_marking(contents: Contents) -> str:
    """What stands at the head of every page: for a draft, also until when it is not for publication."""
    if contents.draft:
        return f"{contents.marking or 'DRAFT - not for publication'} before {day(contents.not_before)}"
    return contents.marking


def _set_properties(document: Any, contents: Contents) -> None:
    properties = document.core_properties
    properties.title = clean_for_word(contents.title)
    properties.subject = f"{contents.board}, {day(contents.meeting)}"
    properties.language = "en-GB"
    properties.created = properties.modified = as_utc(contents.as_at).replace(tzinfo=None)
    properties.author = properties.last_modified_by = ""
    properties.revision = 1


def _add_margins(document: Any, contents: Contents) -> tuple[str, str]:
    """The header's and footer's parts, by their relation ids."""
    part = document.part
    head_part, head_id = part.add_header_part()
    foot_part, foot_id = part.add_footer_part()
    foot = f"{contents.board}, {day(contents.meeting)}"
    for piece, xml in (
        (head_part, _paragraph(draft_marking(contents), "Marking")),
        (foot_part, _footer(foot)),
    ):
        for child in list(piece.element):
            piece.element.remove(child)
        piece.element.append(_parse(xml))
    return head_id, foot_id


def _write_body(contents: Contents, header: str, foot: str) -> Iterator[str]:
    yield _paragraph(contents.board, "Boardname")
    yield _paragraph(day(contents.meeting), "Normal")
    yield _paragraph(contents.title, "Heading1")
    width = PORTRAIT
    for block in contents.blocks:
        if isinstance(block, Landscape):
            ending = _section(landscape=False, header=header, foot=foot)
            yield f'<w:p><w:pPr><w:spacing w:after="0"/>{ending}</w:pPr></w:p>'
            width = LANDSCAPE
        else:
            yield from _write_block(block, width)
    yield _section(landscape=width == LANDSCAPE, header=header, foot=foot)


def _write_block(block: Block, width: int) -> Iterator[str]:
    match block:
        case Heading():
            yield _paragraph(block.text, f"Heading{block.level}")
        case Numbered():
            yield _paragraph(plain_text(block.text), "Numberedparagraph")
        case Plain() if block.quoted:
            yield from _quote(block.text, block.lead)
        case Plain():
            yield _paragraph(block.text, "Listed", lead=block.lead)
        case Lines():
            yield _paragraph("\n".join(block.lines), "Officer")
        case NewPage():
            yield '<w:p><w:pPr><w:spacing w:after="0"/></w:pPr><w:r><w:br w:type="page"/></w:r></w:p>'
        case Table():
            yield _paragraph(block.caption, "Tablecaption")
            yield _table(block, width)
            # Word joins two tables that touch; the space between is a paragraph's, not an empty line's.
            yield '<w:p><w:pPr><w:spacing w:before="0" w:after="120" w:line="120" w:lineRule="exact"/></w:pPr></w:p>'


# Word's markup for blocks ------------------------------------------------------------------------

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NO_DATA = "No data"


def _parse(xml: str) -> Any:
    """An element from markup that uses the prefix w."""
    from docx.oxml import parse_xml

    head, gap, rest = xml.partition(" " if " " in xml.split(">", 1)[0] else ">")
    return parse_xml(f'{head} xmlns:w="{W}"{gap}{rest}')


def _paragraph(text: str, style: str, *, lead: str = "") -> str:
    """A paragraph; line ends inside become line breaks. `lead` stands bold before it, on a line of its own."""
    bold = f"<w:r><w:rPr><w:b/></w:rPr>{_text(lead)}<w:br/></w:r>" if lead else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{bold}<w:r>{_text(text)}</w:r></w:p>'


def _quote(text: str, lead: str) -> tuple[str, ...]:
    """Somebody's own words, a paragraph each, under what they are about."""
    parts = split_paragraphs(text) or (_NO_DATA,)
    first, *others = parts
    return (_paragraph(first, "Quoted", lead=lead), *(_paragraph(part, "Quoted") for part in others))


def _field(instruction: str, result: str) -> str:
    """A field with the result it shows until Word lays the page out."""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> {instruction} '
        f'</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{result}</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _footer(text: str) -> str:
    """The foot of a page: what paper it is, and Page X of Y."""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="Foot"/></w:pPr><w:r>{_text(text + "   Page ")}</w:r>{_field("PAGE", "1")}'
        f"<w:r>{_text(' of ')}</w:r>{_field('NUMPAGES', '1')}</w:p>"
    )


def _table(block: Table, width: int) -> str:
    """A table `width` twentieths of a point wide: a header row that repeats, rows that do not break, no empty cell."""
    widths = _widths(block.weights, width)
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    rows = "".join(_row(row, widths, block) for row in block.rows)
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" '
        f'w:noVBand="1"/><w:tblCaption w:val={quoteattr(clean_for_word(block.caption))}/>'
        f"<w:tblDescription w:val={quoteattr(clean_for_word(block.description))}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{_header_row(block.headers, widths)}{rows}</w:tbl>"
    )


def _section(*, landscape: bool, header: str, foot: str) -> str:
    """The properties of a section: A4, with its header and footer by relation id."""
    size = 'w:w="16838" w:h="11906" w:orient="landscape"' if landscape else 'w:w="11906" w:h="16838"'
    return (
        f'<w:sectPr xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f'<w:headerReference w:type="default" r:id="{header}"/><w:footerReference w:type="default" r:id="{foot}"/>'
        f'<w:pgSz {size}/><w:pgMar w:top="1304" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" '
        'w:footer="567" w:gutter="0"/></w:sectPr>'
    )


def _header_row(headers: tuple[str, ...], widths: list[int]) -> str:
    cells = "".join(_cell(_paragraph(text, "Tablehead"), w) for text, w in zip(headers, widths, strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"


def _row(row: tuple[Text, ...], widths: list[int], block: Table) -> str:
    cells = []
    for place, (text, width) in enumerate(zip(map(plain_text, row), widths, strict=True)):
        if place in block.bulleted:
            inside = "".join(_paragraph(part, "Tablelist") for part in split_paragraphs(text) or (_NO_DATA,))
        else:
            style = "Tablenumber" if place in block.numeric else "Tabletext"
            inside = _paragraph(text.strip() or _NO_DATA, style)
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
    lines = clean_for_word(text).split("\n")
    return "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)


# Text as Word can hold it: what XML forbids is replaced visibly ----------------------------------

_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EXCEL_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def clean_for_word(text: str) -> str:
    """Line ends as one, Excel's "_x000D_" undone, vertical tabs as line ends, what XML forbids as U+FFFD."""
    text = _EXCEL_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
    text = re.sub("\r\n?|[\v\f\x85\u2028]", "\n", text)
    return _FORBIDDEN.sub("\ufffd", text)


def split_paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of somebody's writing, none of them empty."""
    return tuple(part.strip() for part in clean_for_word(text).split("\n") if part.strip())


# The same parts as the same bytes ----------------------------------------------------------------

_STAMP = (1980, 1, 1, 0, 0, 0)


def zip_again(data: bytes) -> bytes:
    """The same parts in a fixed order with fixed stamps."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            new.writestr(info, old.read(name))
    return out.getvalue()
