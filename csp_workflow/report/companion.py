"""The workbook that goes with a paper: the same tables, one a sheet, for whoever reads by screen reader or reckons on.

Each sheet has its title in A1, what it shows below, then one table with a header row and no empty or merged cell.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from csp_workflow.report.blocks import Table, plain_text
from csp_workflow.report.word.markup import clean_for_word
from csp_workflow.report.word.package import parse_part, unpack_parts
from csp_workflow.report.word.tables import NO_DATA
from csp_workflow.terms.dates import as_utc

LONGEST = 32_000
"""Excel holds no longer text in a cell; what is longer goes on in the next row."""
_WIDEST, _NARROWEST = 60, 8
"""Of columns, in characters."""
_NUMBER = re.compile(r"[-\u2212]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")


def build_companion(title: str, tables: tuple[tuple[str, Table], ...], *, as_at: datetime, note: str = "") -> bytes:
    """Build the workbook: a contents sheet, then each table under the name of its sheet. Same tables, same bytes.

    `note` stands on the contents sheet, such as that figures are made up. Raises ValueError when two sheets have one
    name or a name that Excel does not take.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxWriterException

    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    made = as_utc(as_at).replace(tzinfo=None)
    book.set_properties({"title": clean_for_word(title)[:255], "created": made, "author": "", "comments": ""})
    try:
        _Companion(book).write(clean_for_word(title), tables, clean_for_word(note))
        book.close()
    except XlsxWriterException as fault:
        raise ValueError(str(fault)) from fault
    return out.getvalue()


class _Companion:
    """The sheets of one workbook, in the looks that they need."""

    def __init__(self, book: Any) -> None:
        look = {"font_name": "Arial", "font_size": 11, "valign": "top"}
        self._book = book
        self._title = book.add_format(look | {"bold": True, "font_size": 14})
        self._head = book.add_format(look | {"bold": True, "text_wrap": True, "bottom": 2})
        self._text = book.add_format(look | {"text_wrap": True})
        self._head_right, self._text_right = (
            book.add_format(look | {"text_wrap": True, "align": "right"} | more)
            for more in ({"bold": True, "bottom": 2}, {})
        )
        self._line = book.add_format(look)
        self._link = book.add_format(look | {"font_color": "#12355B", "underline": 1})
        self._numbers: dict[int, Any] = {}
        self._look = look

    def write(self, title: str, tables: tuple[tuple[str, Table], ...], note: str) -> None:
        """Contents first, then every table."""
        sheet = self._book.add_worksheet("Contents")
        sheet.write_string(0, 0, title, self._title)
        sheet.write_string(1, 0, note or "One table a sheet. The words and numbers are those of the paper.", self._line)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 90)
        for place, header in enumerate(("Sheet", "Table")):
            sheet.write_string(3, place, header, self._head)
        for row, (name, table) in enumerate(tables, start=4):
            target = name.replace("'", "''")
            sheet.write_url(row, 0, f"internal:'{target}'!A1", self._link, name)
            sheet.write_string(row, 1, clean_for_word(table.caption), self._text)
        _fit_page(sheet)
        for name, table in tables:
            self._write_table(name, table)

    def _write_table(self, name: str, table: Table) -> None:
        sheet = self._book.add_worksheet(name)
        texts = (clean_for_word(text).strip() for text in (table.description, plain_text(table.note)))
        notes = [piece for text in texts for piece in _split_text(text)]
        sheet.write_string(0, 0, clean_for_word(table.caption), self._title)
        for line, text in enumerate(notes, start=1):
            sheet.write_string(line, 0, text, self._line)
        top = len(notes) + 2
        headers = _name_apart(table.headers)
        rows = [line for row in table.rows for line in _split_long(tuple(map(_clean_cell, map(plain_text, row))))]
        widths = [_find_width(header, [row[column] for row in rows]) for column, header in enumerate(headers)]
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for place, row in enumerate(rows, start=top + 1):
            sheet.set_row(place, _find_height(row, widths))
            for column, text in enumerate(row):
                self._write_cell(sheet, (place, column), text, is_number=column in table.numeric)
        last = (top + max(len(rows), 1), len(headers) - 1)
        heads = [self._head_right if column in table.numeric else self._head for column in range(len(headers))]
        columns = [{"header": one, "header_format": look} for one, look in zip(headers, heads, strict=True)]
        sheet.add_table(top, 0, *last, {"columns": columns, "style": None, "autofilter": False})
        sheet.freeze_panes(top + 1, 0)
        sheet.repeat_rows(top)
        _fit_page(sheet)

    def _write_cell(self, sheet: Any, cell: tuple[int, int], text: str, *, is_number: bool) -> None:
        """A number as a number, with the decimals that it is printed with; all else as text, formulas too."""
        if is_number and _NUMBER.fullmatch(text):
            plain = text.replace(",", "").replace("\u2212", "-")
            sheet.write_number(*cell, float(plain), self._find_number_look(len(plain.partition(".")[2])))
        else:
            sheet.write_string(*cell, text, self._text_right if is_number else self._text)

    def _find_number_look(self, decimals: int) -> Any:
        if decimals not in self._numbers:
            form = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._numbers[decimals] = self._book.add_format(self._look | {"num_format": form})
        return self._numbers[decimals]


def _fit_page(sheet: Any) -> None:
    """A4 on its side, as wide as the sheet."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _clean_cell(text: str) -> str:
    return clean_for_word(text).strip() or NO_DATA


def _name_apart(headers: tuple[str, ...]) -> tuple[str, ...]:
    """Each header once, since a screen reader tells columns apart by nothing else."""
    names: list[str] = []
    for place, header in enumerate(headers, start=1):
        name = clean_for_word(header).replace("\n", " ").strip() or f"Column {place}"
        taken = {one.casefold() for one in names}
        count = next(n for n in range(1, place + 1) if _number_name(name, n).casefold() not in taken)
        names.append(_number_name(name, count))
    return tuple(names)


def _number_name(name: str, count: int) -> str:
    return f"{name} ({count})" if count > 1 else name


def _split_long(row: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A row, and its texts that are too long for a cell carried on below: nothing is cut in silence."""
    pieces = [_split_text(text) for text in row]
    for line in range(max(map(len, pieces), default=0)):
        yield tuple(one[line] if line < len(one) else "as above" for one in pieces)


def _split_text(text: str) -> list[str]:
    return [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)]


def _find_width(header: str, texts: list[str]) -> int:
    longest = max((len(line) for text in (header, *texts[:500]) for line in text.split("\n")), default=0)
    return max(_NARROWEST, min(longest + 2, _WIDEST))


def _find_height(row: tuple[str, ...], widths: list[int]) -> float:
    """Of a row in points, so that programs that measure none show every line; Excel has none higher than 409."""
    long = ((text, width) for text, width in zip(row, widths, strict=True) if len(text) > width or "\n" in text)
    lines = (sum(-(-max(len(line), 1) // width) for line in text.split("\n")) for text, width in long)
    return min(_LINE * max(lines, default=1), 409)


_LINE = 15.0


# Read back ---------------------------------------------------------------------------------------------

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_companion(data: bytes) -> Iterator[tuple[str, str]]:
    """Every text of such a workbook beside the first of its row, which says whose or what it is."""
    parts = unpack_parts(data, "xl/workbook.xml")
    strings = ["".join(one.itertext(f"{_S}t")) for one in parse_part(parts["xl/sharedStrings.xml"])]
    for name in sorted(one for one in parts if one.startswith("xl/worksheets/sheet")):
        for row in parse_part(parts[name]).iter(f"{_S}row"):
            texts = [strings[int(cell.findtext(f"{_S}v"))] for cell in row if cell.get("t") == "s"]
            yield from ((texts[0], text) for text in texts)
