"""A workbook while it is being written: pages, tables, inputs, and what was typed and marked before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from csp_workflow.forms import layout
from csp_workflow.forms.appearance import Looks
from csp_workflow.forms.layout import Column
from csp_workflow.forms.wording import clean, is_plain_number, lines, row_height
from csp_workflow.terms.returns import Filled, FormDefinition, Mark

HEADER_ROW = 5
_A4 = 9
_NOTE_PIXELS = 280
_ALLOWED = {"format_rows": True, "format_columns": True, "objects": True}


@dataclass(frozen=True, kw_only=True)
class Input:
    """A cell that a respondent fills in, as the hidden map lists it."""

    name: str
    sheet: str
    cell: str
    kind: str
    required: bool
    label: str


@dataclass(frozen=True, kw_only=True)
class Box:
    """An input to be placed: the table, the row's key and the column it belongs to, and what it takes."""

    sheet: str
    key: str
    column: str
    name: str
    kind: str
    label: str
    required: bool = False
    is_figure: bool = False


class Draft:
    """A workbook in the making. `inputs` and `mended` gather what the last sheets tell of the others."""

    def __init__(self, book: Any, form: FormDefinition, filled: Filled) -> None:
        self.book = book
        self.form = form
        self.looks = Looks(book)
        self.inputs: list[Input] = []
        self.mended: list[tuple[Mark, str, Box]] = []
        self.pages: dict[str, Any] = {}
        self._typed = {_place(sheet, key, column): text for sheet, key, column, text in filled.values}
        self._marks = {_place(m.sheet, m.key, m.column): m for m in reversed(filled.marks)}
        self._all_marks = filled.marks

    def page(self, name: str, columns: Sequence[float]) -> Any:
        """A new sheet with print settings, protection and column widths."""
        page = self.book.add_worksheet(name)
        self.pages[name] = page
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(_A4)
        page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
        page.fit_to_pages(1, 0)
        page.set_header(f"&C{_printed(self.form.marking)}&R{_printed(self.form.respondent_name)}")
        page.set_footer(f"&L{self.form.reference}&C&A&RPage &P of &N")
        page.protect("", _ALLOWED)
        for place, width in enumerate(columns):
            page.set_column(place, place, width)
        return page

    def top(self, page: Any, title: str, *lead: str) -> None:
        """Title in A1, reference in A2, then a line or two on what the sheet is for."""
        page.write_string(0, 0, clean(title), self.looks("title"))
        page.set_row(0, 24)
        page.write_string(1, 0, f"{layout.REFERENCE_LABEL}: {self.form.reference}", self.looks("reference"))
        for row, line in enumerate(lead, start=2):
            page.write_string(row, 0, clean(line), self.looks("line"))

    def table(self, page: Any, row: int, columns: Sequence[Column], count: int, *, name: str, says: str) -> None:
        """A marked table of `count` rows under one header row at `row`, described for screen readers."""
        heads = [
            {"header": c.header, "header_format": self.looks("input header" if c.is_input else "header")}
            for c in columns
        ]
        page.add_table(
            row, 0, row + count, len(columns) - 1,
            {
                "name": name, "columns": heads, "style": None, "autofilter": False, "banded_rows": False,
                "title": name.replace("_", " "), "description": says,
            },
        )  # fmt: skip
        page.set_row(row, row_height(max(lines(c.header, c.width, bold=True) for c in columns)))

    def typed(self, sheet: str, key: str, column: str) -> str:
        """What the respondent had typed in an input, "" for nothing."""
        return clean(self._typed.get(_place(sheet, key, column), ""))

    def put(self, page: Any, row: int, column: int, box: Box) -> str:
        """Place an input, filled with what was typed and marked where marked; returns its text."""
        text = self.typed(box.sheet, box.key, box.column)
        look = self._marked_look(page, row, column, box)
        if not text:
            page.write_blank(row, column, None, look)  # an empty text would not count as blank in formulas
        elif box.is_figure and is_plain_number(text):
            page.write_number(row, column, float(text), look)
        else:
            page.write_string(row, column, text, look)
        cell = xl_rowcol_to_cell(row, column)
        self.inputs.append(
            Input(
                name=box.name, sheet=box.sheet, cell=cell, kind=box.kind, required=box.required, label=clean(box.label)
            )
        )
        self.name(box.name, box.sheet, row, column)
        return text

    def name(self, name: str, sheet: str, row: int, column: int) -> None:
        """A defined name for a cell."""
        place = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        self.book.define_name(name, f"='{sheet}'!{place}")

    def mark(self, page: Any, row: int, column: int, box: Box) -> Mark | None:
        """Leave a note on a cell that is to be mended, and list it for the first sheet."""
        found = self._marks.pop(_place(box.sheet, box.key, box.column), None)
        if not found:
            return None
        sentences = [m.sentence for m in self._all_marks if _place(m.sheet, m.key, m.column) == _place_of(found)]
        note = clean(layout.NOTE_OPENING + "\n\n".join(sentences))
        height = 24 + 17 * lines(note, _NOTE_PIXELS / 6.6)
        page.write_comment(
            row, column, note,
            {"author": self.form.office, "x_scale": 1, "width": _NOTE_PIXELS, "height": height, "color": "#FFF4CE"},
        )  # fmt: skip
        for one in self._all_marks:
            if _place_of(one) == _place_of(found):
                self.mended.append((one, xl_rowcol_to_cell(row, column), box))
        return found

    def unplaced(self) -> tuple[Mark, ...]:
        """Marks whose cell the form does not have: they are listed without a cell."""
        return tuple(m for m in self._all_marks if _place_of(m) in self._marks)

    def _marked_look(self, page: Any, row: int, column: int, box: Box) -> Any:
        mark = self.mark(page, row, column, box)
        state = "input" if not mark else "fault" if mark.is_fault else "query"
        return self.looks(f"{state} figure" if box.is_figure else state)


def _place(sheet: str, key: str, column: str) -> tuple[str, str, str]:
    return layout.same(sheet), layout.same(key), layout.same(column)


def _place_of(mark: Mark) -> tuple[str, str, str]:
    return _place(mark.sheet, mark.key, mark.column)


def _printed(text: str) -> str:
    """Text for a print header, where an ampersand is doubled."""
    return clean(text)[:100].replace("\n", " ").replace("&", "&&")
