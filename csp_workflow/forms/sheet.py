"""A sheet with one table while it is being written: what is known, the boxes, and what is still to do in each row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from csp_workflow.forms import layout, row_rules
from csp_workflow.forms.draft import (
    HEADER_ROW,
    NO_EFFORT,
    Box,
    Draft,
    Effort,
    FormPart,
    Question,
    clean_for_cell,
    count_lines,
    is_plain_number,
    row_height,
)
from csp_workflow.forms.layout import Column
from csp_workflow.forms.still_to_do import Rules, count_to_do, find_saying, is_to_do, make_formula

FIRST = HEADER_ROW + 1
"""The first row below the header, counted from 0."""

_TITLED = {layout.MEASURE, layout.THEME}
"""What is bold as far as its first line."""

_STRONG = {layout.REF, layout.ITEM, layout.TOPIC, *_TITLED}

_GIVE_WAY = {layout.USUAL, layout.COUNTED, layout.DROVE_IT, layout.NOTE, layout.STILL_TO_DO}
"""The columns of running words, which take more lines where a table would print too small."""

_WIDEST, _EDGES = 186.0, 0.72
"""How wide a table is that prints at 8 points on A4, and what a program adds to each column."""


@dataclass(kw_only=True)
class Sheet:
    """The sheet of one table. `read` counts the words on it; `left` the rows in which something is still to do."""

    draft: Draft
    page: Any
    name: str
    columns: Sequence[Column]
    rows: int
    places: dict[str, int]
    read: int = 0
    left: int = 0
    sayings: list[str] = field(default_factory=list)

    @cached_property
    def letters(self) -> dict[str, str]:
        """The letter of each column, by its header."""
        return {header: xl_col_to_name(place) for header, place in self.places.items()}

    @cached_property
    def history(self) -> tuple[str, ...]:
        """The headers over the form's past quarters."""
        form = self.draft.form
        return tuple(layout.history_header(past, form.quarter) for past in form.history)

    @cached_property
    def _widths(self) -> dict[str, float]:
        return {column.header: column.width for column in self.columns}

    def cells(self, at: int) -> dict[str, str]:
        """Where a row's cells are, by header; that of the sheet's other rows would be another's when it is sorted."""
        return {header: f"${letter}{at + 1}" for header, letter in self.letters.items()}

    def column(self, header: str) -> str:
        """All cells under a header, for a formula: "$H$7:$H$16"."""
        letter = self.letters[header]
        return f"${letter}${FIRST + 1}:${letter}${FIRST + self.rows}"

    def show(self, at: int, texts: Mapping[str, str], looks: Mapping[str, str]) -> dict[str, str]:
        """Write what is known in a row; returns it as it stands."""
        shown = {header: clean_for_cell(text) for header, text in texts.items() if header in self.places}
        look_of, write = self.draft.looks, self.page.write_string
        for header, text in shown.items():
            if header in _TITLED and "\n" in text:
                title, _, rest = text.partition("\n")
                bold, plain, cell = map(look_of, ("bold run", "run", "cell"))
                self.page.write_rich_string(at, self.places[header], bold, title, plain, f"\n{rest}", cell)
            else:
                look = looks.get(header) or ("strong" if header in _STRONG else "cell")
                write(at, self.places[header], text, look_of(look))
            self.read += len(text.split())
        return shown

    def not_needed(self, at: int, headers: Collection[str]) -> dict[str, str]:
        """Say of boxes that nothing is asked there."""
        texts = dict.fromkeys(headers, layout.NOT_ASKED)
        self.show(at, texts, dict.fromkeys(headers, "not needed"))
        self.read -= sum(len(text.split()) for text in texts.values())
        return texts

    def put(self, at: int, box: Box) -> str:
        """Place a box, filled with what was typed and marked where it is asked about; returns its text."""
        draft, column, letter = self.draft, self.places[box.column], self.letters[box.column]
        text, cell = draft.typed(box.sheet, box.key, box.column), f"{letter}{at + 1}"
        question = draft.ask((box.sheet, box.key, box.column), box.label, cell, text)
        state = "input" if not question else "fault" if question.mark.is_fault else "query"
        look = draft.looks(f"{state} figure" if box.is_figure else state)
        if not text:
            self.page.write_blank(at, column, None, look)  # an empty text would not count as blank in formulas
        elif box.is_figure and is_plain_number(text):
            self.page.write_number(at, column, float(text), look)
        else:
            self.page.write_string(at, column, text, look)
        if question:
            draft.note(self.page, at, column, " ".join(filter(None, (question.mark.saw, question.mark.sentence))))
        draft.inputs.append((box, cell))
        draft.name(box.name, box.sheet, at, letter)
        return text

    def finish(
        self,
        at: int,
        key: str,
        rules: Rules,
        said: Mapping[str, str],
        *,
        others: Mapping[str, tuple[str, str]] | None = None,
        least: int = 2,
    ) -> None:
        """Say what is still to do in a row. `said` is what stands in it; `others` are cells elsewhere that the rules
        look at, each with what stands there."""
        others = dict(others or {})
        if question := self.draft.about_row(self.name, key):
            others[row_rules.QUESTION] = (place_question(question), "")
            rules = (*row_rules.ask_question(question.number), *rules)
        cells = {**self.cells(at), **{name: cell for name, (cell, _) in others.items()}}
        texts = {**dict.fromkeys(cells, ""), **said, **{name: text for name, (_, text) in others.items()}}
        saying = find_saying(rules, texts)
        look = self.draft.looks("still to do")
        self.page.write_formula(at, self.places[layout.STILL_TO_DO], make_formula(rules, cells), look, saying)
        self.left += is_to_do(saying)
        self.sayings.append(saying)
        self.fit(at, {**said, layout.STILL_TO_DO: saying}, least=least)

    def fit(self, at: int, texts: Mapping[str, str], *, least: int = 1) -> None:
        """Give a row the height that its texts take."""
        widths = self._widths
        filled = ((header, text) for header, text in texts.items() if text and header in widths)
        lines = [_count_lines(header, text, widths[header]) for header, text in filled]
        self.page.set_row(at, row_height(max(least, *lines, 1)))

    def whiten(self) -> None:
        """Boxes turn white when something stands in them; the words beside them say the same."""
        for column in self.columns:
            if column.is_input:
                place = self.places[column.header]
                self.page.conditional_format(
                    FIRST,
                    place,
                    HEADER_ROW + self.rows,
                    place,
                    {"type": "no_blanks", "format": self.draft.looks("answered")},
                )

    def choose(self, first: int, last: int, header: str, choices: Sequence[str]) -> None:
        """Offer choices in some rows of a column: it warns and never stops, so that nobody types 0 to get past it.

        Raises ValueError for a choice with a comma, which falls apart in a list.
        """
        if odd := [choice for choice in choices if "," in choice]:
            raise ValueError(f"A choice may have no comma: {odd[0]}")
        column = self.places[header]
        self.page.data_validation(
            first, column, last, column,
            {
                "validate": "list", "source": list(choices), "error_type": "warning", "error_title": header[:32],
                "error_message": "This is not one of the choices. It is better to choose from the list, and to explain "
                "in words. Keep what you typed?",
            },
        )  # fmt: skip

    def as_part(self, asks: str, effort: Effort) -> FormPart:
        """The sheet as a part of the form; what it takes counts its words, and nothing where only others are asked."""
        sheet = f"'{self.name}'!{self.column(layout.STILL_TO_DO)}"
        whole = effort + Effort(read=self.read) if self.left or not self.draft.questions else NO_EFFORT
        return FormPart(sheet=self.name, asks=asks, effort=whole, formula=count_to_do(sheet), left=self.left)


def lay_sheet(
    draft: Draft, name: str, columns: Sequence[Column], rows: int, title: str, *lead: str, table: str, says: str,
    frozen: int = 0,
) -> Sheet:  # fmt: skip
    """A new sheet: its words on top, and below them a table of so many rows whose header every page repeats."""
    columns = _fit_page(columns)
    page = draft.page(name, [c.width for c in columns])
    draft.top(page, title, *lead)
    if draft.form.illustrative:
        page.write_string(HEADER_ROW - 1, 0, ILLUSTRATIVE, draft.looks("notice"))
    draft.table(page, HEADER_ROW, columns, rows, name=table, says=says)
    page.repeat_rows(HEADER_ROW)
    page.freeze_panes(FIRST, frozen)
    read = sum(len(line.split()) for line in (title, *lead, *(c.header for c in columns)))
    places = {c.header: place for place, c in enumerate(columns)}
    return Sheet(draft=draft, page=page, name=name, columns=columns, rows=rows, places=places, read=read)


def _fit_page(columns: Sequence[Column]) -> Sequence[Column]:
    over = sum(c.width + _EDGES for c in columns) - _WIDEST
    part = 1 - max(over, 0) / (sum(c.width for c in columns if c.header in _GIVE_WAY) or 1)
    return [replace(c, width=c.width * part) if c.header in _GIVE_WAY else c for c in columns]


def _count_lines(header: str, text: str, width: float) -> int:
    """How many lines a text takes under a header, by how much of it is bold."""
    title, _, rest = text.partition("\n") if header in _TITLED else (text, "", "")
    is_bold = header in _STRONG or header == layout.STILL_TO_DO
    return count_lines(title, width, bold=is_bold) + (count_lines(rest, width) if rest else 0)


ILLUSTRATIVE = "Illustrative figures: made up for demonstration, except where a source is named."


def place_question(question: Question) -> str:
    """Where it stands what is still to do about a question."""
    letter = xl_col_to_name(len(layout.QUESTION_COLUMNS) - 1)
    return f"'{layout.QUESTIONS}'!${letter}${FIRST + question.number}"
