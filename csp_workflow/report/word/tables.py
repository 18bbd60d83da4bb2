"""A table as Word's markup, one string: a header row that repeats, rows that do not break, no empty or merged cell.

Its width is shared out by how wide words are in print: no word is broken that could stand whole.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from csp_workflow.report.blocks import Table, Text, plain_text
from csp_workflow.report.word.markup import Pen, clean_for_word, is_blank, split_paragraphs, write_attribute

_WIDTHS = {
    278: " ',./I\\ijl|\u2018\u2019\u00b7",
    333: "!()-:;[]`ft",
    389: '"*r{}',
    500: "z\u201c\u201d",
    556: "#$0123456789J_aceksvxy\u00a3\u2013\u2022",
    584: "+<=>^~",
    611: "?FLTZbdghnopqu",
    667: "EPSVXY",
    722: "&ABCDHKNRU",
    778: "GOQw",
    833: "M",
    889: "%m",
    944: "W",
}
"""Arial bold (Liberation Sans has the same): thousandths of the size, from the font's own table; the rest is wider."""
_WIDTH_OF = {character: width for width, characters in _WIDTHS.items() for character in characters}
_WIDEST = 1015
_LONGEST_WORD = 28
"""No column is made wide for longer words than any place, name or measure has: what somebody pasted may break."""
_BREAK = re.compile("[ \t\n]+|(?<=[-\u2010\u2013\u2014])")


@lru_cache(maxsize=8192)
def measure_word(word: str) -> int:
    """The width of a word in thousandths of its size; an accent takes no room."""
    return sum(
        _WIDTH_OF.get(one, _WIDEST) for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one)
    )


def measure_longest(texts: tuple[str, ...], size: float) -> int:
    """The widest word of some texts printed at a size in points, in twentieths of a point."""
    words = {word for text in set(texts) for word in _BREAK.split(text) if len(word) <= _LONGEST_WORD}
    return round(max(map(measure_word, words), default=0) * size * 20 / 1000)


def share_width(width: int, weights: tuple[int, ...], needed: tuple[int, ...]) -> list[int]:
    """The width by weight; a column that needs more gets it, and the others give by what they can spare.

    Where all need more than there is, each gets less in proportion.
    """
    if sum(needed) > width:
        return _share(width, needed)
    shared = [width * weight / sum(weights) for weight in weights]
    wanting = sum(max(need - own, 0) for need, own in zip(needed, shared, strict=True))
    spare = sum(max(own - need, 0) for need, own in zip(needed, shared, strict=True))
    part = wanting / spare if spare else 0
    return _share(
        width,
        tuple(max(own - max(own - need, 0) * part, need) for need, own in zip(needed, shared, strict=True)),
    )


def _share(width: int, parts: tuple[float, ...]) -> list[int]:
    """Whole numbers in proportion; what rounding leaves goes to the last."""
    shared = [int(width * part / sum(parts)) for part in parts]
    shared[-1] += width - sum(shared)
    return shared


NO_DATA = "No data"
_MARGIN = 85
"""Left and right of a cell's text, in twentieths of a point; a hair more is kept for how programs round."""


def write_table(table: Table, pen: Pen, *, width: int, size: float) -> str:
    """A table `width` twentieths of a point wide, its text `size` points high."""
    widths = _find_widths(table, width, size)
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
    rows = "".join(_write_row(row, place, table, widths, pen) for place, row in enumerate(table.rows))
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Papertable"/><w:tblW w:w="{width}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/>'
        f'<w:tblCellMar><w:left w:w="{_MARGIN}" w:type="dxa"/><w:right w:w="{_MARGIN}" w:type="dxa"/></w:tblCellMar>'
        '<w:tblLook w:val="0620" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" '
        f'w:noVBand="1"/><w:tblCaption w:val={write_attribute(table.caption)}/>'
        f"<w:tblDescription w:val={write_attribute(table.description)}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{_write_header(table, widths, pen)}{rows}</w:tbl>"
    )


def _find_widths(table: Table, width: int, size: float) -> list[int]:
    columns = zip(*(map(plain_text, row) for row in (table.headers, *table.rows)), strict=True)
    room = 2 * _MARGIN + 20
    bullet = 300
    needed = tuple(
        measure_longest(tuple(map(clean_for_word, texts)), size) + room + bullet * (place in table.bulleted)
        for place, texts in enumerate(columns)
    )
    return share_width(width, table.weights, needed)


def _write_header(table: Table, widths: list[int], pen: Pen) -> str:
    cells = "".join(
        _write_cell(
            pen.write_paragraph(text, "Table heading number" if place in table.numeric else "Table heading"), one
        )
        for place, (text, one) in enumerate(zip(table.headers, widths, strict=True))
    )
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"


def _write_row(row: tuple[Text, ...], place: int, table: Table, widths: list[int], pen: Pen) -> str:
    rule = '<w:tcBorders><w:top w:val="single" w:sz="10" w:space="0" w:color="auto"/></w:tcBorders>'
    border = rule if place in table.ruled else ""
    cells = "".join(
        _write_cell(_write_inside(text, column, table, pen), one, border)
        for column, (text, one) in enumerate(zip(row, widths, strict=True))
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _write_inside(text: Text, column: int, table: Table, pen: Pen) -> str:
    if column in table.bulleted:
        items = split_paragraphs(plain_text(text)) or (NO_DATA,)
        return "".join(pen.write_paragraph(item, "Table list") for item in items)
    style = "Table number" if column in table.numeric else "Table text"
    if isinstance(text, str):
        text = clean_for_word(text).strip()
    return pen.write_paragraph(NO_DATA if is_blank(text) else text, style)


def _write_cell(inside: str, width: int, border: str = "") -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{border}</w:tcPr>{inside}</w:tc>'
