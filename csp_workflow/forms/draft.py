"""A workbook while it is being written: text fitted to its cells, how cells look, pages, tables, inputs, marks; and how
long a form takes, by one rule: 20 seconds a figure, 5 a tick, 40 words typed and 200 read a minute.

Inputs are told by a thick border and by words as well as by colour, so that a print in grey or a reader who does
not see the colour loses nothing.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name, xl_range
from xlsxwriter.worksheet import (
    CellBlankTuple,
    CellFormulaTuple,
    CellNumberTuple,
    CellRichStringTuple,
    CellStringTuple,
    Worksheet,
)

from csp_workflow.forms import layout
from csp_workflow.forms.layout import Column
from csp_workflow.terms.phrases import plural
from csp_workflow.terms.queries import Filled, Mark, order_questions
from csp_workflow.terms.returns import FormDefinition

SECONDS_A_FIGURE = 20
SECONDS_A_TICK = 5
WORDS_TYPED_A_MINUTE = 40
WORDS_READ_A_MINUTE = 200


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What somebody does with a form or a part of it."""

    figures: int = 0
    ticks: int = 0
    typed: int = 0
    read: int = 0

    def __add__(self, other: Effort) -> Effort:
        return Effort(
            figures=self.figures + other.figures,
            ticks=self.ticks + other.ticks,
            typed=self.typed + other.typed,
            read=self.read + other.read,
        )

    @property
    def minutes(self) -> float:
        """How many minutes it takes."""
        seconds = SECONDS_A_FIGURE * self.figures + SECONDS_A_TICK * self.ticks
        return seconds / 60 + self.typed / WORDS_TYPED_A_MINUTE + self.read / WORDS_READ_A_MINUTE

    def in_words(self) -> str:
        """The same for people, to the nearest minute: parts add up to what the whole is said to take, near enough."""
        whole = round(self.minutes)
        return plural(whole, "minute") if whole else "under 1 minute"


NO_EFFORT = Effort()


# Text on its way into a cell ---------------------------------------------------------------------

CELL_LIMIT = 32_767
_LINE_POINTS = 13.2
_ROW_LIMIT = 409.0
_BREAKS = re.compile(r"\r\n|\r|\x0b|\x0c|\u2028|\u2029")
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,9})?")


def clean_for_cell(text: str) -> str:
    """Text that every spreadsheet program accepts: no control characters, one kind of line break, not too long."""
    if text.isprintable() and len(text) <= CELL_LIMIT:
        return text
    return _UNFIT.sub("", _BREAKS.sub("\n", text))[:CELL_LIMIT]


def is_plain_number(text: str) -> bool:
    """Whether a typed text is a number beyond doubt, to be written as one."""
    return bool(_PLAIN_NUMBER.fullmatch(text)) and len(text.replace(".", "")) <= 15


@lru_cache(maxsize=4096)
def count_lines(text: str, width: float, *, bold: bool = False) -> int:
    """How many lines a text takes in a column so many characters wide, on the safe side."""
    room = max(4, int((width - 1.3) * (1.04 if bold else 1.15)))
    return sum(len(textwrap.wrap(line, room)) if len(line) > room else 1 for line in text.split("\n"))


def row_height(count: int) -> float:
    """The height in points of a row of so many lines, within what a spreadsheet allows."""
    return min(_ROW_LIMIT, math.ceil(count * _LINE_POINTS + 5))


def count_words(text: str) -> int:
    """How many words, as the form's own formula counts them."""
    return len([word for word in text.replace("\n", " ").split(" ") if word])


# How cells look ----------------------------------------------------------------------------------

FONT = MappingProxyType({"font_name": "Arial", "font_size": 10, "theme_font_name": "Arial"})
"""The font of everything that has no other. XlsxWriter writes into the properties it is given, so it gets a copy."""

_INK, _BAND, _RULE = "#1F2A44", "#1F3864", "#A6A6A6"
_TABLE = {"border": 1, "border_color": _RULE, "text_wrap": True, "valign": "top"}
_INPUT = {"bg_color": "#FFF8D6", "border": 2, "border_color": "#7F6000", "locked": False}
_FAULT = {"bg_color": "#FFDDDD", "border": 5, "border_color": "#B00020", "locked": False}
_QUERY = {"bg_color": "#FFE8CC", "border": 8, "border_color": "#9C5700", "locked": False}
_WRAP = {"text_wrap": True, "valign": "top"}
_RIGHT = {"align": "right", "indent": 1}
_LEFT = {"align": "left", "indent": 1}

_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": _INK},
    "reference": {"font_size": 11, "font_color": _INK},
    "lead": {"font_size": 11, "bold": True, "font_color": _INK},
    "line": {"font_size": 11},
    "notice": {"font_size": 11, "bold": True, "italic": True},
    "heading": {"bold": True, "font_size": 13, "font_color": _INK},
    "header": {**_TABLE, **_LEFT, "bold": True, "font_color": "#FFFFFF", "bg_color": _BAND},
    "input header": {
        **_TABLE,
        **_LEFT,
        "bold": True,
        "font_color": "#000000",
        "bg_color": "#F2C94C",
        "border_color": "#7F6000",
    },
    "cell": {**_TABLE, **_LEFT},
    "strong": {**_TABLE, "bold": True, **_LEFT},
    "figure": {**_TABLE, **_RIGHT},
    "link": {**_TABLE, **_LEFT, "font_color": "#0B4FA0", "underline": 1},
    "input": {**_INPUT, **_WRAP, **_LEFT},
    "input figure": {**_INPUT, **_WRAP, **_RIGHT},
    "fault": {**_FAULT, **_WRAP, **_LEFT},
    "fault figure": {**_FAULT, **_WRAP, **_RIGHT},
    "query": {**_QUERY, **_WRAP, **_LEFT},
    "query figure": {**_QUERY, **_WRAP, **_RIGHT},
    "whole": {**_TABLE, **_RIGHT, "num_format": "#,##0"},
    "decimal": {**_TABLE, **_RIGHT, "num_format": "#,##0.0##"},
    "whole provisional": {**_TABLE, **_RIGHT, "num_format": '#,##0" (p)"'},
    "decimal provisional": {**_TABLE, **_RIGHT, "num_format": '#,##0.0##" (p)"'},
    "run": {},
    "bold run": {"bold": True},
    "answered": {"bg_color": "#FFFFFF"},
    "not needed": {**_TABLE, **_LEFT, "italic": True, "font_color": "#595959"},
    "still to do": {**_TABLE, **_LEFT, "bold": True},
    "all": {**_TABLE, "bold": True, **_LEFT, "bg_color": "#E7EDF7"},
    "band": {"bold": True, "bg_color": "#E7EDF7", "valign": "top", "top": 1, "bottom": 1, "border_color": _RULE},
    "map": {"font_name": "Consolas", "font_size": 9},
}


# The workbook in the making ----------------------------------------------------------------------

HEADER_ROW = 5
_A4 = 9
_NOTE_PIXELS = 280
_WHOLE_BOOK = -1
"""Where a defined name holds, as XlsxWriter has it."""
_ALLOWED = {"format_rows": True, "format_columns": True, "objects": True}


class _Page(Worksheet):  # type: ignore[misc]
    """A worksheet that takes rows and columns as numbers, all of them within it, whose formulas name no function of a
    later Excel, and whose rows do not say which columns they span.

    The library would look into each cell's place for letters and bounds, into its number and look for what XML cannot
    hold, and into each formula for thirty functions: half of what a form costs. It has no public way round that.
    """

    write_number = Worksheet._write_number  # noqa: SLF001
    write_blank = Worksheet._write_blank  # noqa: SLF001

    def write_string(self, row: int, column: int, text: str, look: Any) -> None:
        """A text that is short enough for a cell."""
        self.table[row][column] = CellStringTuple(self.str_table._get_shared_string_index(text), look)  # noqa: SLF001

    def write_formula(self, row: int, column: int, formula: str, look: Any, value: str) -> None:
        """A formula with what it comes to now."""
        self.table[row][column] = CellFormulaTuple(formula.removeprefix("="), look, value)

    def add_table(self, row: int, column: int, last_row: int, last_column: int, options: dict[str, Any]) -> None:
        """A table over so many rows. The library would note each of its cells, to find tables that overlap."""
        super().add_table(row, column, row + 1, last_column, options)
        self.tables[-1]["range"] = self.tables[-1]["a_range"] = xl_range(row, column, last_row, last_column)

    def _prepare_formula(self, formula: str, _: bool = False) -> str:
        return formula.removeprefix("=")

    def _check_dimensions(self, *_: object, **__: object) -> int:
        return 0

    def _assemble_xml_file(self) -> None:
        filled = {row: cells for row, cells in self.table.items() if cells}
        self.dim_rowmin, self.dim_rowmax = min(filled), max(filled)
        self.dim_colmin = min(map(min, filled.values()))
        self.dim_colmax = max(map(max, filled.values()))
        super()._assemble_xml_file()

    def _write_rows(self) -> None:
        letters = [xl_col_to_name(column) for column in range(self.dim_colmax + 1)]
        for row in sorted(self.table):
            if cells := self.table[row]:
                self._write_row(row, None, self.row_info.get(row))
                line = (_write_cell(f"{letters[column]}{row + 1}", cells[column]) for column in sorted(cells))
                self.fh.write("".join((*line, "</row>")))


def _write_cell(place: str, cell: Any) -> str:
    """A cell as it stands in its sheet's part."""
    begun = f'<c r="{place}" s="{cell.format._get_xf_index()}"'  # noqa: SLF001
    if isinstance(cell, CellStringTuple | CellRichStringTuple):
        return f'{begun} t="s"><v>{cell.string}</v></c>'
    if isinstance(cell, CellBlankTuple):
        return f"{begun}/>"
    if isinstance(cell, CellNumberTuple):
        return f"{begun}><v>{cell.number:.16G}</v></c>"
    return f'{begun} t="str"><f>{escape(cell.formula)}</f><v>{escape(cell.value)}</v></c>'


@dataclass(frozen=True, kw_only=True)
class FormPart:
    """A part of the form: its sheet, what it asks in a few words, what it takes, and what is still to do, as a formula
    and as it is now."""

    sheet: str
    asks: str
    effort: Effort
    formula: str
    left: int


class Box(NamedTuple):
    """A cell that a respondent fills in: the table, the row's key and the column it belongs to, and what it takes."""

    sheet: str
    key: str
    column: str
    name: str
    kind: str
    label: str
    required: bool = False
    is_figure: bool = False


@dataclass(frozen=True, kw_only=True)
class Question:
    """A mark as a question: its number, and where its box stands once that is written ("" without one)."""

    number: int
    mark: Mark
    label: str = ""
    place: str = ""
    text: str = ""


class Draft:
    """A workbook in the making. `inputs`, with their cells, and `questions` are gathered for the last sheets."""

    def __init__(self, book: Any, form: FormDefinition, filled: Filled) -> None:
        self.book = book
        self.form = form
        self.looks = cache(lambda name: book.add_format({**FONT, **_LOOKS[name]}))  # each once for a workbook
        self.inputs: list[tuple[Box, str]] = []
        self.questions = [
            Question(number=n, mark=mark) for n, mark in enumerate(order_questions(filled.marks), start=1)
        ]
        self._typed = {_place(sheet, key, column): text for sheet, key, column, text in filled.values}

    def page(self, name: str, columns: Sequence[float]) -> Any:
        """A new sheet with print settings, protection and column widths."""
        page = self.book.add_worksheet(name, _Page)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(_A4)
        page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
        page.fit_to_pages(1, 0)
        page.set_header(f"&C{_print_text(self.form.marking)}&R{_print_text(self.form.respondent_name)}")
        page.set_footer(f"&L{self.form.reference}&C&A&RPage &P of &N")
        page.protect("", _ALLOWED)
        for place, width in enumerate(columns):
            page.set_column(place, place, width)
        return page

    def top(self, page: Any, title: str, *lead: str) -> None:
        """Title in A1, reference in A2, then a line or two on what the sheet is for."""
        page.write_string(0, 0, clean_for_cell(title), self.looks("title"))
        page.set_row(0, 24)
        page.write_string(1, 0, f"{layout.REFERENCE_LABEL}: {self.form.reference}", self.looks("reference"))
        for row, line in enumerate(lead, start=2):
            page.write_string(row, 0, clean_for_cell(line), self.looks("line"))

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
        page.set_row(row, row_height(max(count_lines(c.header, c.width, bold=True) for c in columns)))

    def typed(self, sheet: str, key: str, column: str) -> str:
        """What the respondent had typed in an input, "" for nothing."""
        return clean_for_cell(self._typed.get(_place(sheet, key, column), "")) if self._typed else ""

    def ask(self, place: tuple[str, str, str], label: str, cell: str, text: str) -> Question | None:
        """The first question on a box, which stands in a cell with a text; None where nothing is asked."""
        wanted = _place(*place) if self.questions else ()
        found = [at for at, one in enumerate(self.questions) if _mark_place(one.mark) == wanted]
        for at in found:
            where = f"'{place[0]}'!{cell}"
            self.questions[at] = replace(self.questions[at], label=label, place=where, text=text)
        return self.questions[found[0]] if found else None

    def about_row(self, sheet: str, key: str) -> Question | None:
        """The first question on any box of a row."""
        row = (layout.same(sheet), layout.same(key)) if self.questions else ()
        return next((one for one in self.questions if _mark_place(one.mark)[:2] == row), None)

    def note(self, page: Any, row: int, column: int, text: str) -> None:
        """A note of ours on a cell that is asked about."""
        note = clean_for_cell(layout.NOTE_OPENING + text)
        height = 24 + 17 * count_lines(note, _NOTE_PIXELS / 6.6)
        page.write_comment(
            row, column, note,
            {"author": self.form.office, "x_scale": 1, "width": _NOTE_PIXELS, "height": height, "color": "#FFF4CE"},
        )  # fmt: skip

    def name(self, name: str, sheet: str, row: int, letter: str) -> None:
        """A defined name for a cell in a row, counted from 0, and a column by its letter."""
        # The library would look into each for what Excel takes no name for: ours begin with "in_".
        self.book.defined_names.append([name, _WHOLE_BOOK, f"'{sheet}'!${letter}${row + 1}", False])


def _place(sheet: str, key: str, column: str) -> tuple[str, str, str]:
    return layout.same(sheet), layout.same(key), layout.same(column)


def _mark_place(mark: Mark) -> tuple[str, str, str]:
    return _place(mark.sheet, mark.key, mark.column)


def _print_text(text: str) -> str:
    """Text for a print header, where an ampersand is doubled."""
    return clean_for_cell(text)[:100].replace("\n", " ").replace("&", "&&")
