"""Streams each XML part of a workbook once, within bounds, before any library builds a tree of it.

What the reading library would lose or hang on is noted here and left out of what it gets: openpyxl hides values
under merged ranges and hangs on far or huge ones.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from openpyxl.utils import column_index_from_string

from csp_workflow.forms.looks import Restyling, RestylingsPass, name_colour
from csp_workflow.mail.files import FileRefused

DEPTH = 64
ELEMENTS = 4_000_000


class PartPass:
    """One pass over a part. Subclasses override `starts`, `ends` and `says`; names come without prefix.

    A document type or entity declaration is refused by the parser itself, whatever the encoding.
    `keep` names the children of the root that the rest of the reading needs: all others are left
    out of `slimmed()`. `depth` is how deep the element stands that begins or ends; the root is 1.
    """

    keep: frozenset[str] | None = None
    elements = ELEMENTS

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.depth = 0
        self._count = 0
        self._cut_from = -1
        self._cut_depth = 0
        self._closing = False
        self._cuts: list[tuple[int, int]] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True

    def run(self) -> None:
        """Read the part. Raises FileRefused when it is not well formed or out of bounds."""
        parser = self._parser
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.says
        try:
            parser.Parse(self._data, True)
        except expat.ExpatError as fault:
            raise FileRefused("damaged") from fault

    def slimmed(self) -> bytes:
        """The part without what was cut."""
        if not self._cuts:
            return self._data
        kept, at = [], 0
        for first, last in self._cuts:
            kept.append(self._data[at:first])
            at = last
        return b"".join([*kept, self._data[at:]])

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def ends(self, name: str) -> None:
        """An element ends."""

    def says(self, text: str) -> None:
        """Text within an element."""

    def cut(self) -> None:
        """Leave the element that begins here, with all it holds, out of what is read on."""
        if self._cut_from < 0:
            self._cut_from = self._parser.CurrentByteIndex
            self._cut_depth = self.depth

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._closing:
            self._close()
        self.depth += 1
        self._count += 1
        if self.depth > DEPTH or self._count > self.elements:
            raise FileRefused("hostile" if self.depth > DEPTH else "too large")
        name = name.rpartition(":")[2]
        if self.depth == 2 and self.keep is not None and name not in self.keep:
            self.cut()
        self.starts(name, attributes)

    def _end(self, name: str) -> None:
        if self._closing:
            self._close()
        self.ends(name.rpartition(":")[2])
        if self._cut_from >= 0 and self.depth == self._cut_depth:
            self._closing = True
        self.depth -= 1

    def _close(self) -> None:
        """The parser tells where an element ends only when the next thing begins."""
        here = self._parser.CurrentByteIndex
        if self._cuts and self._cuts[-1][1] == self._cut_from:
            self._cuts[-1] = (self._cuts[-1][0], here)
        else:
            self._cuts.append((self._cut_from, here))
        self._cut_from = -1
        self._closing = False


def _refuse(*_: object) -> None:
    raise FileRefused("hostile")


# A worksheet -------------------------------------------------------------------------------------

ROWS = 2_000
COLUMNS = 60
CELLS = 250_000
SHEETS = 100
MERGES = 20_000
MERGED_CELLS = 600_000
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_TEXT_LIMIT = 40_000
TRUE = frozenset({"1", "true"})

Place = tuple[int, int]
Corners = tuple[int, int, int, int]
"""The first row and column of a range, and the last."""


@dataclass(kw_only=True)
class SheetNotes:
    """What was noted of one sheet. Places are (row, column), both from 1.

    `formulas` gives the formula and whether its result was saved; `merges` are (first row, first
    column, last row, last column); `far` says whether something beyond the window was passed over.
    `looks` are the numbers of the cells' formats; `raised` what stands above or below the line within a text, `inks`
    the colours of parts of it.
    `fills` are the colours behind cells; `drawn` what stands over them: where, the kind ("pic", "sp" ...), its words.
    `links` are where cells lead (at first the link's number); `messages` what is shown to whoever chooses a cell.
    `embedded` are files and controls on the sheet, by their number; `rich` the cells in whose place an error stands for
    programs that do not know what is seen there: a picture in the cell, say.
    `conditions` are ranges with what a rule may make of them, or its number; `changes` are the same by their corners.
    `unread` is why nothing of the sheet is read, "" where it is.
    """

    name: str = ""
    state: str = "visible"
    formulas: dict[Place, tuple[str, bool]] = field(default_factory=dict)
    merges: list[Corners] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    print_texts: list[str] = field(default_factory=list)
    comments: dict[Place, str] = field(default_factory=dict)
    struck: set[Place] = field(default_factory=set)
    raised: dict[Place, str] = field(default_factory=dict)
    inks: dict[Place, frozenset[str]] = field(default_factory=dict)
    looks: dict[Place, int] = field(default_factory=dict)
    fills: dict[Place, str] = field(default_factory=dict)
    drawn: list[tuple[Place, str, str]] = field(default_factory=list)
    embedded: dict[str, str] = field(default_factory=dict)
    links: dict[Place, str] = field(default_factory=dict)
    messages: list[tuple[Place, str]] = field(default_factory=list)
    rich: set[Place] = field(default_factory=set)
    conditions: list[tuple[str, int | Restyling]] = field(default_factory=list)
    changes: list[tuple[Corners, Restyling]] = field(default_factory=list)
    hides_noughts: bool = False
    has_picture: bool = False
    far: bool = False
    unread: str = ""
    cells: int = 0
    merged_cells: int = 0


@dataclass(kw_only=True)
class Runs:
    """How parts of one text are written: struck through, above or below the line, or in letters of which colours."""

    struck: bool = False
    raised: str = ""
    is_raised: bool = False
    inks: set[str] = field(default_factory=set)

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element of the text begins."""
        if name == "r":
            self.is_raised = False
        elif name == "strike":
            self.struck = self.struck or attributes.get("val", "1") in TRUE
        elif name == "vertAlign":
            self.is_raised = attributes.get("val") in {"superscript", "subscript"}
        elif name == "color":
            self.inks.add(name_colour(attributes))

    @property
    def is_odd(self) -> bool:
        """Whether they say something of what is seen."""
        return self.struck or bool(self.raised.strip()) or bool(self.inks)

    def say(self, text: str) -> None:
        """Text of the part that began last."""
        if self.is_raised and len(self.raised) < _TEXT_LIMIT:
            self.raised += text


class SheetPass(PartPass):
    """Reads a worksheet part; keeps its cells within the window only. `odd` are the texts that cells share."""

    keep = frozenset({"sheetData"})

    def __init__(self, data: bytes, notes: SheetNotes, odd: Mapping[int, Runs] | None = None) -> None:
        super().__init__(data)
        self.notes = notes
        self._odd = odd or {}
        self._runs = Runs()
        self._is_shared = False
        self._range = ""
        self._rules: list[int | Restyling] = []
        self._changes = RestylingsPass()
        self._row, self._column, self._height = 0, 0, ""
        self._is_far = False
        self._shared: dict[str, str] = {}
        self._formula: list[str] | None = None
        self._formula_index = ""
        self._has_formula = self._has_value = False
        self._said: list[str] = []
        self._hearing = ""

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note rows, cells, formulas, merges, hidden columns and print texts."""
        if name == "c":
            self._begin_cell(attributes)
        elif name in _HEARD:
            self._hear(name, attributes)
        elif name == "row":
            self._begin_row(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "col":
            self._hidden_column(attributes)
        else:
            self._note_look(name, attributes)

    def ends(self, name: str) -> None:
        """Close what was heard."""
        if name == self._hearing:
            self._heard("".join(self._said))
        elif name == "c":
            self._end_cell()
        elif name == "conditionalFormatting":
            rules = (*self._rules, *self._changes.made)
            self.notes.conditions += [(self._range, rule) for rule in rules[: MERGES - len(self.notes.conditions)]]

    def says(self, text: str) -> None:
        """Text of a value, a formula or a footer."""
        if self._hearing and len(self._said) < _TEXT_LIMIT:
            self._said.append(text)
            if self._hearing == "t":
                self._runs.say(text)

    def _note_look(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note what changes how values are seen."""
        if name in {"sheetView", "sheetFormatPr"}:
            self._note_view(attributes)
        elif name == "conditionalFormatting":
            self._range, self._rules, self._changes = attributes.get("sqref", "")[:_TEXT_LIMIT], [], RestylingsPass()
        elif name == "cfRule" and attributes.get("dxfId", "").isdecimal():
            self._rules.append(int(attributes["dxfId"][:9]))
        elif name in {"dataBar", "iconSet"} and attributes.get("showValue") in {"0", "false"}:
            self._rules.append(Restyling(number_format=""))
        elif name == "rPr":
            self.cut()
        elif name in {"oleObject", "control", "picture"}:
            what = attributes.get("progId") or attributes.get("name") or "a picture behind the cells"
            self.notes.embedded[attributes.get("shapeId", name)] = what[:100]
        elif name in {"hyperlink", "dataValidation"}:
            self._note_message(attributes)
        self._changes.begin(name, attributes)
        self._runs.begin(name, attributes)

    def _note_message(self, attributes: Mapping[str, str]) -> None:
        """What a cell has besides what stands in it: a link, and words that are shown to whoever chooses it."""
        at = corners_of((attributes.get("ref") or attributes.get("sqref") or "A1").split(" ")[0])[:2]
        said = (attributes.get(name, "")[:_TEXT_LIMIT] for name in ("tooltip", "promptTitle", "prompt"))
        self.notes.messages += [(at, text) for text in said if text.strip()][: MERGES - len(self.notes.messages)]
        for name, link in attributes.items():
            if name.endswith(":id") and len(self.notes.links) < MERGES:
                self.notes.links[at] = link

    def _note_view(self, attributes: Mapping[str, str]) -> None:
        """What holds for the whole sheet: whether noughts are shown, and the size of what says none of its own."""
        self.notes.hides_noughts = self.notes.hides_noughts or attributes.get("showZeros") in {"0", "false"}
        if attributes.get("customHeight") in TRUE:
            self._height = attributes.get("defaultRowHeight", "")
        if is_narrow(_size(attributes.get("defaultColWidth", ""))):
            self.notes.hidden_columns.update(range(1, COLUMNS + 1))

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        self._row = _whole(attributes.get("r", ""), self._row + 1)
        self._column = 0
        self._is_far = self._row > ROWS
        if self._is_far:
            self.cut()
        elif attributes.get("hidden") in TRUE or is_low(_size(attributes.get("ht", self._height))):
            self.notes.hidden_rows.add(self._row)

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            row, self._column = place_of(place)
            if row != self._row:
                raise FileRefused("hostile")
        self._has_formula = False
        self._has_value = attributes.get("t") == "str"
        self._is_shared, self._runs = attributes.get("t") == "s", Runs()
        is_rich = attributes.get("t") == "e" and "vm" in attributes
        if self._column > COLUMNS or self._is_far:
            return
        self.notes.cells += 1
        if self.notes.cells > CELLS:
            raise FileRefused("too large")
        look = attributes.get("s", "")
        if look.isdecimal():
            self.notes.looks[self._row, self._column] = int(look[:9])
        if is_rich:
            self.notes.rich.add((self._row, self._column))

    def _hear(self, name: str, attributes: Mapping[str, str]) -> None:
        self._hearing, self._said = name, []
        if name == "f":
            self._formula_index = attributes.get("si", "") if attributes.get("t") == "shared" else ""

    def _heard(self, text: str) -> None:
        name, self._hearing = self._hearing, ""
        if name in _PRINTED:
            self.notes.print_texts.append(text[:500])
        elif name == "sqref":
            self._range = text[:_TEXT_LIMIT]
        elif name == "f":
            self._has_formula = True
            if self._formula_index:
                text = self._shared.setdefault(self._formula_index, text)
            self._formula = [text]
        elif text.strip():
            self._has_value = True
            self.notes.far = self.notes.far or self._is_far or self._column > COLUMNS
            if self._is_shared and text.isdecimal():
                self._runs = self._odd.get(int(text[:9]), self._runs)

    def _end_cell(self) -> None:
        if self._runs.struck:
            self.notes.struck.add((self._row, self._column))
        if self._runs.raised.strip():
            self.notes.raised[self._row, self._column] = self._runs.raised.strip()[:80]
        if self._runs.inks:
            self.notes.inks[self._row, self._column] = frozenset(self._runs.inks)
        if self._has_formula and not self._is_far and self._formula:
            self.notes.formulas[self._row, self._column] = ("=" + self._formula[0][:1000], self._has_value)

    def _merge(self, ref: str) -> None:
        corners = corners_of(ref)
        rows = min(corners[2], ROWS) - corners[0] + 1
        columns = min(corners[3], COLUMNS) - corners[1] + 1
        if rows < 1 or columns < 1 or corners[:2] == corners[2:]:
            return
        self.notes.merges.append(corners)
        self.notes.merged_cells += rows * columns
        if len(self.notes.merges) > MERGES or self.notes.merged_cells > MERGED_CELLS:
            raise FileRefused("too large")

    def _hidden_column(self, attributes: Mapping[str, str]) -> None:
        first, last = _whole(attributes.get("min", ""), 1), _whole(attributes.get("max", ""), 1)
        columns = range(first, min(last, COLUMNS) + 1)
        if attributes.get("hidden") in TRUE or is_narrow(_size(attributes.get("width", ""))):
            self.notes.hidden_columns.update(columns)
        else:  # of another width than the sheet's columns
            self.notes.hidden_columns.difference_update(columns)


def _size(written: str) -> float:
    return float(written) if re.fullmatch(r"\d{1,9}(\.\d{1,20})?", written) else math.inf


def is_narrow(characters: float) -> bool:
    """Whether a column shows nothing of what is in it: of no width, or dragged to a hair's breadth."""
    return characters < 1


def is_low(points: float) -> bool:
    """Whether a row shows nothing of what is in it."""
    return points < 3


_PRINTED = frozenset(f"{page}{where}" for page in ("odd", "even", "first") for where in ("Header", "Footer"))
_HEARD = _PRINTED | {"f", "v", "t", "sqref"}


def place_of(text: str) -> Place:
    """A cell's name as (row, column): "P7" is (7, 16). Raises FileRefused for anything else."""
    match = _PLACE.fullmatch(text)
    if not match:
        raise FileRefused("hostile")
    return int(match[2]), column_index_from_string(match[1])


def corners_of(ref: str) -> Corners:
    """What a range covers; of whole columns ("A:C") or rows ("2:4") all. A single cell where it is no range at all."""
    first, _, last = ref.replace("$", "").partition(":")
    last = last or first
    if first.isalpha() and last.isalpha() and len(max(first, last, key=len)) <= 3:
        return 1, column_index_from_string(first), _MOST_ROWS, column_index_from_string(last)
    if first.isdecimal() and last.isdecimal() and len(first + last) <= 14:
        return int(first), 1, int(last), _MOST_COLUMNS
    if not (_PLACE.fullmatch(first) and _PLACE.fullmatch(last)):
        return 1, 1, 1, 1
    return (*place_of(first), *place_of(last))


def _whole(text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    if not text.isdecimal() or len(text) > 9:
        raise FileRefused("hostile")
    return int(text)


# The smaller parts -------------------------------------------------------------------------------

NAMES = 20_000
STRICT = "purl.oclc.org/ooxml/spreadsheetml/main"
"""What tells Strict Open XML, whose other names for the same things openpyxl shows as an empty book."""


class BookPass(PartPass):
    """Reads the workbook part: its sheets, its defined names, its date system, and whether it is Strict Open XML."""

    elements = 400_000

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.sheets: list[tuple[str, str, str]] = []
        self.names: list[tuple[str, str]] = []
        self.is_1904 = self.is_strict = False
        self._name = ""
        self._said: list[str] = []

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note sheets, names and the date system."""
        if self.depth == 1:
            self.is_strict = any(STRICT in value for value in attributes.values())
        if name == "sheet" and self.depth == 3:
            link = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            self.sheets.append((attributes.get("name", ""), attributes.get("state", "visible"), link))
        elif name == "definedName":
            self._name, self._said = attributes.get("name", ""), []
        elif name == "workbookPr":
            self.is_1904 = attributes.get("date1904") in TRUE

    def ends(self, name: str) -> None:
        """Close a defined name."""
        if name == "definedName":
            self.names.append((self._name, "".join(self._said)[:1000]))
            self._name = ""
            if len(self.names) > NAMES:
                raise FileRefused("too large")

    def says(self, text: str) -> None:
        """What a name stands for."""
        if self._name:
            self._said.append(text)


class LinksPass(PartPass):
    """Reads a relationships part: (id, kind, target) inside the file, and the targets `outside` it by their id."""

    elements = 20_000

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.links: list[tuple[str, str, str]] = []
        self.outside: dict[str, str] = {}

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note a relationship."""
        if name == "Relationship" and attributes.get("TargetMode") == "External":
            self.outside[attributes.get("Id", "")] = attributes.get("Target", "")
        elif name == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.links.append((attributes.get("Id", ""), kind, attributes.get("Target", "")))


class WordsPass(PartPass):
    """Reads whatever text a small part holds, and in elements of what name."""

    elements = 200_000

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.texts: list[str] = []
        self.names: list[str] = []

    def starts(self, name: str, _: Mapping[str, str]) -> None:
        """Start a new text."""
        self.names.append(name)
        self.texts.append("")

    def says(self, text: str) -> None:
        """Text of the element that began last."""
        self.texts[-1] += text[:1000]
