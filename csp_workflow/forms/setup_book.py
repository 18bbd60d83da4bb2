"""The set-up workbook: how it is written, and how one that came back is read. Nothing is judged here.

One table a sheet under one header row, no merged cells, nothing hidden and no formulas: a screen reader reads it, and
whatever she pastes below is a row. All texts are written as texts, so that none becomes a formula.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import xlsxwriter
from openpyxl.utils import get_column_letter

from csp_workflow.forms.draft import FONT, count_lines, row_height
from csp_workflow.forms.grids import Grid
from csp_workflow.forms.layout import same
from csp_workflow.forms.setup_sheets import (
    COPY,
    ROW,
    SETUP_SHEETS,
    SETUP_START,
    Holds,
    SetupColumn,
    SetupLine,
    SetupSheet,
    say_cell,
)
from csp_workflow.terms.cells import ReadRow
from csp_workflow.terms.messages import Attachment

SETUP_NAME = "Set-up.xlsx"
MARK, HEADERS, MERGED, STRANGE, TWICE = "mark", "headers", "merged", "strange", "twice"
"""What a row that was read is, where it is none of a sheet's: the copy's mark, or what has no place in the workbook."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DO = "What you do"
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_HEADER_ROW = 3
_SPARE = 200
"""So many rows below a table still offer its choices."""
_STEPS = (
    "Change what is to change, on any sheet. Each sheet says in its second line what a row of it is.",
    "Leave the number under Row as it is. A new row has no number there.",
    "Nobody is taken out: a person, partnership, measure or objective that ends gets its last day under To.",
    "Save the workbook, and send it to us in answer to the letter that brought it, or in a new email.",
    "We answer with a list of what would change. Nothing is changed before you reply with the word that it names.",
)


def attach_setup(lines: Sequence[SetupLine], mark: str, *, office: str, at: datetime) -> Attachment:
    """The workbook as a file that a letter carries; `mark` is that of the copy, by which it is known again."""
    return Attachment(name=SETUP_NAME, data=write_setup_book(lines, mark, office=office, at=at), content_type=_XLSX)


def write_setup_book(lines: Sequence[SetupLine], mark: str, *, office: str, at: datetime) -> bytes:
    """The workbook's bytes, the same for the same rows, mark and time."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {**_OPTIONS, "default_format_properties": {**FONT}})
    created = at.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": "Set-up", "author": office, "created": created})
    _Writer(book).write(lines, mark)
    book.close()
    return out.getvalue()


class _Writer:
    """The workbook while it is written."""

    def __init__(self, book: Any) -> None:
        table = {"border": 1, "border_color": "#A6A6A6", "text_wrap": True, "valign": "top", **FONT}
        self._book = book
        self._title = book.add_format({**FONT, "bold": True, "font_size": 16})
        self._line = book.add_format({**FONT, "font_size": 11})
        self._head = book.add_format({**table, "bold": True, "bg_color": "#1F3864", "font_color": "#FFFFFF"})
        self._text = book.add_format({**table, "num_format": "@"})
        self._day = book.add_format({**table, "num_format": "d mmmm yyyy", "align": "left"})

    def write(self, lines: Sequence[SetupLine], mark: str) -> None:
        """First how it is used, then a sheet for each kind of row."""
        self._write_start(mark)
        for sheet in SETUP_SHEETS:
            self._write_sheet(sheet, [line for line in lines if line.sheet is sheet])
        self._book.worksheets()[0].activate()

    def _begin(self, name: str, lead: str, widths: Sequence[int]) -> Any:
        page = self._book.add_worksheet(name)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(_HEADER_ROW)
        for place, width in enumerate(widths):
            page.set_column(place, place, width)
        page.write_string(0, 0, name, self._title)
        page.write_string(1, 0, lead, self._line)
        return page

    def _write_start(self, mark: str) -> None:
        page = self._begin(SETUP_START, "Who is who, what is counted, and which days are worked or met on.", (12, 100))
        heads = [{"header": header, "header_format": self._head} for header in ("Step", _DO)]
        rows = [(str(number), says) for number, says in enumerate(_STEPS, start=1)] + [(COPY, mark)]
        page.add_table(
            _HEADER_ROW, 0, _HEADER_ROW + len(rows), 1,
            {"name": "Steps_table", "columns": heads, "style": None, "autofilter": False, "description": "What to do."},
        )  # fmt: skip
        for row, (step, says) in enumerate(rows, start=_HEADER_ROW + 1):
            page.write_string(row, 0, step, self._text)
            page.write_string(row, 1, says, self._text)
            page.set_row(row, row_height(count_lines(says, 100)))

    def _write_sheet(self, sheet: SetupSheet, lines: Sequence[SetupLine]) -> None:
        whose = [SetupColumn(header=sheet.whose, key="", width=24)] if sheet.whose else []
        columns = [SetupColumn(header=ROW, key="", width=6), *whose, *sheet.columns]
        page = self._begin(sheet.title, sheet.lead, [column.width for column in columns])
        last = _HEADER_ROW + max(len(lines), 1)
        page.add_table(
            _HEADER_ROW, 0, last, len(columns) - 1,
            {
                "name": f"{re.sub('[^A-Za-z]', '_', sheet.title)}_table", "style": None, "autofilter": False,
                "columns": [{"header": one.header, "header_format": self._head} for one in columns],
                "title": sheet.title, "description": sheet.lead,
            },
        )  # fmt: skip
        page.set_row(_HEADER_ROW, row_height(max(count_lines(c.header, c.width, bold=True) for c in columns)))
        page.freeze_panes(_HEADER_ROW + 1, 0)
        for row, line in enumerate(lines, start=_HEADER_ROW + 1):
            said = [str(line.number or ""), *([sheet.say_whose(line.place)] if whose else [])]
            said += [say_cell(line.entry.get(column.key), column) for column in sheet.columns]  # type: ignore[misc]
            self._write_row(page, row, said, columns)
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width, self._look(column))
            if column.choices:
                rule = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
                page.data_validation(_HEADER_ROW + 1, place, last + _SPARE, place, rule)

    def _write_row(self, page: Any, row: int, said: Sequence[str | date], columns: Sequence[SetupColumn]) -> None:
        for place, (text, column) in enumerate(zip(said, columns, strict=True)):
            if isinstance(text, date):
                page.write_datetime(row, place, datetime.combine(text, time()), self._day)
            elif text:
                page.write_string(row, place, text, self._text)
            else:
                page.write_blank(row, place, None, self._look(column))
        texts = zip(map(str, said), columns, strict=True)
        page.set_row(row, row_height(max(count_lines(text, column.width) for text, column in texts)))

    def _look(self, column: SetupColumn) -> Any:
        return self._day if column.holds is Holds.DAY else self._text


# Reading ---------------------------------------------------------------------------------------------


def read_setup(grids: Sequence[Grid]) -> tuple[ReadRow, ...]:
    """Every row of a set-up workbook, on whatever sheet and in whatever order of columns; () for any other workbook."""
    start = next((grid for grid in grids if same(grid.name) == same(SETUP_START)), None)
    marks = tuple(_find_mark(start)) if start else ()
    if not marks:
        return ()
    known = {same(sheet.title): sheet for sheet in SETUP_SHEETS}
    rows = list(marks)
    for grid in grids:
        sheet = known.get(same(grid.name))
        if sheet is not None:
            rows += _read_sheet(grid, sheet)
        else:
            cells = ((row, column, text) for row, found in grid.rows.items() for column, text in found.items())
            theirs = (one for one in cells if grid is not start or not _is_start(*one))
            rows += _list_strange(grid, ((row, column) for row, column, _ in theirs))
    return tuple(rows)


def _is_start(row: int, column: int, text: str) -> bool:
    """Whether what stands on the first sheet is how the workbook is used, as we wrote it."""
    is_step = column == 1 and (text.strip().isdecimal() or same(text) in {same(COPY), same("Step")})
    says = column == 2 and (row > _HEADER_ROW + len(_STEPS) or same(text) in {same(one) for one in (*_STEPS, _DO)})
    return (column == 1 and row < _HEADER_ROW) or is_step or says


def _find_mark(grid: Grid) -> Iterator[ReadRow]:
    for row, cells in sorted(grid.rows.items()):
        for column, text in cells.items():
            if same(text) == same(COPY):
                cell = grid.cell(row, column + 1)
                yield ReadRow(table=MARK, ref=cell.text.strip(), sheet=grid.name, row=row, cells=((COPY, cell),))


def _read_sheet(grid: Grid, sheet: SetupSheet) -> Iterator[ReadRow]:
    known = {same(header): header for header in sheet.headers}
    head = max(sorted(grid.rows), key=lambda row: sum(same(t) in known for t in grid.rows[row].values()), default=0)
    headers = {c: known[same(text)] for c, text in grid.rows.get(head, {}).items() if same(text) in known}
    seen = list(headers.values())
    heads = tuple((header, grid.cell(head, column)) for column, header in headers.items())
    yield ReadRow(table=HEADERS, ref=sheet.title, sheet=grid.name, row=head, cells=heads)
    for header, cell in heads:
        if seen.count(header) > 1:
            yield ReadRow(table=TWICE, ref=header, sheet=grid.name, row=head, cells=((header, cell),))
    below = [row for row in sorted(grid.rows) if row > head]
    beside = ((row, column) for row in below for column in grid.rows[row] if column not in headers)
    above = ((row, c) for row in grid.rows if row < head for c in grid.rows[row] if c > 1 or row >= _HEADER_ROW)
    yield from _list_strange(grid, (*above, *beside))
    places = {(row, column) for row in range(head, max(grid.rows, default=0) + 1) for column in headers}
    for merge in grid.merges_over(places):
        yield ReadRow(table=MERGED, ref=merge, sheet=grid.name, row=head, cells=())
    named = {*range(head + 1, max(grid.rows, default=0) + 1)}
    named |= {row for row, _ in (*grid.notes.formulas, *grid.notes.comments) if row > head}
    for row in sorted(named):
        cells = tuple((header, grid.cell(row, column)) for column, header in headers.items())
        if any(not cell.is_blank or cell.formula or cell.note for _, cell in cells):
            ref = next((cell.text.strip() for header, cell in cells if header == ROW), "")
            yield ReadRow(table=sheet.title, ref=ref, sheet=grid.name, row=row, cells=cells)


def _list_strange(grid: Grid, places: Iterable[tuple[int, int]]) -> Iterator[ReadRow]:
    """The first of the cells that have no place in the workbook: a sheet of another name, a column without a header."""
    first = min(places, default=None)
    if first is not None:
        cells = ((get_column_letter(first[1]), grid.cell(*first)),)
        yield ReadRow(table=STRANGE, ref=grid.text(*first), sheet=grid.name, row=first[0], cells=cells)
