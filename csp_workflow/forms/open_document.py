"""Reads OpenDocument spreadsheets (.ods): each cell's value, and beside it the very text that was on the screen."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from csp_workflow.forms.grids import PLAIN, FoundCell, Grid
from csp_workflow.forms.looks import BLACK, LEAST_POINTS, WHITE, Look, Restyling, drop_white
from csp_workflow.forms.markup import (
    COLUMNS,
    MERGES,
    ROWS,
    SHEETS,
    PartPass,
    Runs,
    SheetNotes,
    corners_of,
    is_low,
    is_narrow,
)
from csp_workflow.forms.vetting import Container
from csp_workflow.mail.files import FileRefused

_NUMBERS = frozenset({"float", "percentage", "currency"})
_VALUES = {"boolean": "boolean-value", "date": "date-value", "time": "time-value"}
_SHAPES = frozenset({"frame", "custom-shape", "rect"})
_APART = frozenset({"annotation", "shapes", "g"}) | _SHAPES
"""What stands at a cell and is no part of its text."""


def load_open_document(data: bytes) -> tuple[Grid, ...]:
    """Every sheet's grid. Raises FileRefused for a container or a part that is not to be read."""
    container = Container(data)
    _refuse_password(container)
    styles = _StylesPass(container.read("styles.xml")) if "styles.xml" in container else None
    if styles:
        styles.run()
    content = _ContentPass(container.read("content.xml"), styles.looks if styles else {})
    content.run()
    if len(content.sheets) > SHEETS:
        raise FileRefused("hostile")
    return tuple(Grid(sheet.notes, sheet.cells) for sheet in content.sheets)


class _ManifestPass(PartPass):
    """Reads the list of parts, for whether any of them has a password."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.has_password = False

    def starts(self, name: str, _: Mapping[str, str]) -> None:
        """Note how a part is encrypted."""
        self.has_password = self.has_password or name == "encryption-data"


def _refuse_password(container: Container) -> None:
    if "META-INF/manifest.xml" not in container:
        return
    manifest = _ManifestPass(container.read("META-INF/manifest.xml"))
    manifest.run()
    if manifest.has_password:
        raise FileRefused("password")


@dataclass(kw_only=True)
class _Style:
    """How a cell or a part of a text is written; `number_format` is only a name."""

    look: Look = PLAIN
    number_format: str | None = None
    raised: bool = False
    is_shown: bool = True


_POINTS = {"pt": 1.0, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "px": 0.75, "pc": 12.0}
_CHARACTER = 5.25
"""How many points wide a character is."""


def _in_points(length: str) -> float:
    found = re.fullmatch(rf"(\d{{1,9}}(?:\.\d{{1,20}})?)({'|'.join(_POINTS)})", length)
    return float(found[1]) * _POINTS[found[2]] if found else math.inf


class _StylesPass(PartPass):
    """Reads the styles of a part, by their names; each begins as the one it is made from."""

    def __init__(self, data: bytes, known: Mapping[str, _Style] | None = None) -> None:
        super().__init__(data)
        self.looks: dict[str, _Style] = dict(known or {})
        self._style = _Style()

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note a style, or a property of the one that began last."""
        said = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if name == "style":
            self._style = replace(self.looks.get(said.get("parent-style-name", ""), _Style()))
            self._style.number_format = said.get("data-style-name", self._style.number_format)
            self.looks[said.get("name", "")] = self.looks[said.get("display-name", said.get("name", ""))] = self._style
        elif name == "map" and (change := self._change(said)) != Restyling():
            self._style.look = replace(self._style.look, changes=(*self._style.look.changes, change))
        elif name == "text-properties":
            self._note_text(said)
        elif name == "table-cell-properties":
            self._note_box(said)
        elif name == "table-properties":
            self._style.is_shown = said.get("display") != "false"
        elif name == "table-column-properties":
            self._style.is_shown = not is_narrow(_in_points(said.get("column-width", "")) / _CHARACTER)
        elif name == "table-row-properties":
            self._style.is_shown = not is_low(_in_points(said.get("row-height", "")))

    def _note_box(self, said: Mapping[str, str]) -> None:
        look, lines = self._style.look, {said.get(f"diagonal-{of}", "none") for of in ("bl-tr", "tl-br")}
        if "background-color" in said:
            colour = _name_colour(said["background-color"])
            look = replace(look, fill=WHITE if colour == "TRANSPARENT" else colour)
        self._style.look = replace(look, struck=look.struck or lines != {"none"})

    def _note_text(self, said: Mapping[str, str]) -> None:
        look = self._style.look
        for key in ("text-line-through-style", "text-line-through-type"):
            if key in said:
                look = replace(look, struck=said[key] != "none")
        if "color" in said:
            look = replace(look, ink=_name_colour(said["color"]))
        if "font-size" in said:
            look = replace(look, tiny=0 < _in_points(said["font-size"]) < LEAST_POINTS)
        if said.get("use-window-font-color") == "true":
            look = replace(look, ink=BLACK)
        self._style.look = look
        position = said.get("text-position", "").split(" ")[0]
        if position:
            self._style.raised = position not in {"0%", "0"}

    def _change(self, said: Mapping[str, str]) -> Restyling:
        """What a rule makes of a look: that of another style, which has no colour behind it where it names none."""
        style = self.looks.get(said.get("apply-style-name", ""))
        if style is None:
            return Restyling()
        look = style.look
        return Restyling(
            number_format=style.number_format, struck=look.struck, ink=look.ink, fill=look.fill or None,
        )  # fmt: skip


def _name_colour(said: str) -> str:
    return drop_white(said.lstrip("#").upper()[:12])


@dataclass(kw_only=True)
class _Sheet:
    """A sheet as far as it is read; `row` and `column` are where the next cell stands.

    `usual` are the styles of cells that name none, by their column.
    """

    notes: SheetNotes
    cells: dict[tuple[int, int], FoundCell] = field(default_factory=dict)
    row: int = 1
    column: int = 1
    many: int = 1
    columns: int = 1
    usual: dict[int, str] = field(default_factory=dict)
    usual_of_row: str = ""


class _ContentPass(_StylesPass):
    """Reads the sheets of a workbook."""

    def __init__(self, data: bytes, known: Mapping[str, _Style]) -> None:
        super().__init__(data, known)
        self.sheets: list[_Sheet] = []
        self._cell: dict[str, str] | None = None
        self._text: list[str] = []
        self._comment: list[str] = []
        self._apart: list[str] = []
        self._drawn: list[str] = []
        self._runs = Runs()
        self._spans: list[bool] = []
        self._ranges: list[str] = []
        self._paragraphs = 0

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """A sheet, a row, a cell or a part of its text begins."""
        super().starts(name, attributes)
        said = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        self._paragraphs += name == "p"
        if name in _APART:
            self._apart.append(name)
        elif self._cell is not None:
            self._begin_text(name, said)
        elif name == "conditional-format":
            self._ranges = _list_ranges(said.get("target-range-address", ""))
        elif self.sheets and ("apply-style-name" in said or said.get("show-value") == "false"):
            self._note_change(self.sheets[-1].notes, said)
        elif name in _BEGINS and (self.sheets or name == "table"):
            _BEGINS[name](self, said, "error" in attributes.values())

    def ends(self, name: str) -> None:
        """A row, a cell or a part of its text ends."""
        if name == "p":
            self._paragraphs -= 1
        elif name in _APART and self._apart:
            self._end_apart(name)
        elif name == "span" and self._spans:
            self._spans.pop()
            self._runs.is_raised = any(self._spans)
        elif name in {"table-cell", "covered-table-cell"} and self._cell is not None and not self._apart:
            self._end_cell()
        elif name == "table-row" and self.sheets and self._cell is None:
            sheet = self.sheets[-1]
            sheet.row += sheet.many

    def says(self, text: str) -> None:
        """Text of a cell or of its comment."""
        if not self._paragraphs:
            return
        if not _SHAPES.isdisjoint(self._apart):
            self._drawn.append(text)
        elif self._cell is None:
            return
        elif not self._apart:
            self._text.append(text)
            self._runs.say(text)
        elif self._apart == ["annotation"]:
            self._comment.append(text)

    def _end_apart(self, name: str) -> None:
        """A comment or a shape ends; a frame without words holds a picture or a chart."""
        self._apart.pop()
        if name in _SHAPES and self.sheets and _SHAPES.isdisjoint(self._apart):
            sheet, words = self.sheets[-1], " ".join("".join(self._drawn).split())
            place = (sheet.row, sheet.column) if self._cell is not None else (1, 1)
            sheet.notes.drawn.append((place, "pic" if name == "frame" and not words else "sp", words[:4000]))
            self._drawn = []

    def _begin_table(self, said: dict[str, str], _: bool) -> None:
        style = self.looks.get(said.get("style-name", ""), _Style())
        notes = SheetNotes(name=said.get("name", ""), state="visible" if style.is_shown else "hidden")
        self.sheets.append(_Sheet(notes=notes))

    def _begin_column(self, said: dict[str, str], _: bool) -> None:
        sheet, many = self.sheets[-1], _count(said, "number-columns-repeated")
        if not self._is_shown(said):
            sheet.notes.hidden_columns.update(range(sheet.columns, min(sheet.columns + many, COLUMNS + 1)))
        if named := said.get("default-cell-style-name"):
            sheet.usual.update(dict.fromkeys(range(sheet.columns, min(sheet.columns + many, COLUMNS + 1)), named))
        sheet.columns += many

    def _begin_row(self, said: dict[str, str], _: bool) -> None:
        sheet = self.sheets[-1]
        sheet.column, sheet.many = 1, _count(said, "number-rows-repeated")
        sheet.usual_of_row = said.get("default-cell-style-name", "")
        if not self._is_shown(said):
            sheet.notes.hidden_rows.update(range(sheet.row, min(sheet.row + sheet.many, ROWS + 1)))

    def _is_shown(self, said: Mapping[str, str]) -> bool:
        style = self.looks.get(said.get("style-name", ""), _Style())
        return style.is_shown and said.get("visibility", "visible") == "visible"

    def _begin_cell(self, said: dict[str, str], is_error: bool) -> None:
        sheet = self.sheets[-1]
        style = said.get("style-name") or sheet.usual_of_row or sheet.usual.get(sheet.column, "")
        self._cell = said | {"style-name": style} | ({"is-error": "yes"} if is_error else {})
        self._text, self._comment, self._runs, self._spans = [], [], Runs(), []

    def _begin_text(self, name: str, said: dict[str, str]) -> None:
        """Paragraphs are lines; blanks beyond the first are written as elements."""
        heard = self._comment if self._apart else self._text
        if name in {"p", "line-break"} and heard:
            heard.append("\n")
        elif name in {"s", "tab"}:
            heard.append(" " * min(_count(said, "c"), 100))
        elif name == "a" and not self._apart and self._cell is not None:
            self._cell["link"] = said.get("href", "")[:1000]
        elif name == "span" and not self._apart:
            style = self.looks.get(said.get("style-name", ""), _Style())
            self._spans.append(style.raised)
            self._runs.is_raised = any(self._spans)
            self._runs.struck = self._runs.struck or style.look.struck
            self._runs.inks |= {style.look.ink} - {PLAIN.ink}
        elif name == "p":
            heard.append("")

    def _note_change(self, notes: SheetNotes, said: Mapping[str, str]) -> None:
        """What a rule of the sheet makes of its ranges: the style that it names, or a picture in the value's place."""
        change = self._change(said) if "apply-style-name" in said else Restyling(number_format="")
        if change != Restyling() and len(notes.changes) < MERGES:
            notes.changes += [(corners_of(range_), change) for range_ in self._ranges]

    def _end_cell(self) -> None:
        sheet, said = self.sheets[-1], self._cell or {}
        self._cell = None
        many = _count(said, "number-columns-repeated")
        found = self._find_cell(said)
        if found:
            sheet.notes.far = sheet.notes.far or sheet.row + sheet.many - 1 > ROWS or sheet.column + many - 1 > COLUMNS
        for row in range(sheet.row, min(sheet.row + sheet.many, ROWS + 1)):
            for column in range(sheet.column, min(sheet.column + many, COLUMNS + 1)):
                self._note_cell(sheet, (row, column), said, found)
        sheet.column += many

    def _note_cell(self, sheet: _Sheet, place: tuple[int, int], said: dict[str, str], found: FoundCell | None) -> None:
        comment = "".join(self._comment).strip()
        if comment:
            sheet.notes.comments[place] = comment[:4000]
        if said.get("link"):
            sheet.notes.links[place] = said["link"]
        rows, columns = _count(said, "number-rows-spanned"), _count(said, "number-columns-spanned")
        if rows * columns > 1:
            sheet.notes.merges.append((*place, place[0] + rows - 1, place[1] + columns - 1))
        fill = self.looks.get(said.get("style-name", ""), _Style()).look.fill
        if fill:
            sheet.notes.fills[place] = fill
        if not found:
            return
        sheet.cells[place] = found
        if said.get("formula"):
            sheet.notes.formulas[place] = "=" + said["formula"].partition("=")[2][:1000], True
        self._note_runs(sheet.notes, place)

    def _note_runs(self, notes: SheetNotes, place: tuple[int, int]) -> None:
        """What of a text is struck through, of its own colour, raised or lowered."""
        if self._runs.struck:
            notes.struck.add(place)
        if self._runs.inks:
            notes.inks[place] = frozenset(self._runs.inks)
        if self._runs.raised.strip():
            notes.raised[place] = self._runs.raised.strip()[:80]

    def _find_cell(self, said: dict[str, str]) -> FoundCell | None:
        """What a cell holds. A cell without the text of its number is taken to show it as it is."""
        style = self.looks.get(said.get("style-name", ""), _Style())
        look, shown, kind = style.look, "".join(self._text), said.get("value-type", "")
        is_blank = bool(self._text) and not shown.strip()
        if "is-error" in said:
            return FoundCell(shown or "#VALUE!", "e", look)
        if kind in _NUMBERS:
            value = float(said.get("value", ""))
            bare = f"{value * 100:.12g}%" if kind == "percentage" else None
            return FoundCell(value, "n", look, shown if self._text else bare)
        if kind in _VALUES:
            value_said = said.get(_VALUES[kind], "").removesuffix("T00:00:00")
            is_yes = kind == "boolean"
            day_or_yes = value_said == "true" if is_yes else value_said
            return FoundCell(day_or_yes, "b" if is_yes else "d", look, "" if is_blank else None)
        held = said.get("string-value", shown)
        text = shown if self._text and held.split() == shown.split() else held
        return FoundCell(text, "s", look, shown if self._text else None) if text else None


_BEGINS = {
    "table": _ContentPass._begin_table,  # noqa: SLF001 - a table of its own methods
    "table-column": _ContentPass._begin_column,  # noqa: SLF001
    "table-row": _ContentPass._begin_row,  # noqa: SLF001
    "table-cell": _ContentPass._begin_cell,  # noqa: SLF001
    "covered-table-cell": _ContentPass._begin_cell,  # noqa: SLF001
}


def _list_ranges(text: str) -> list[str]:
    """Ranges as this format writes them, such as "'Own figures'.B1:'Own figures'.B4", without their sheet."""
    parts = _QUOTED.sub("", text)[:40_000].split()
    return [":".join(corner.rpartition(".")[2] for corner in part.split(":")) for part in parts]


_QUOTED = re.compile(r"'(?:[^']|'')*'")


def _count(said: Mapping[str, str], name: str) -> int:
    text = said.get(name, "1")
    return max(1, int(text[:9])) if text.isdecimal() else 1
