"""What stands in parts of its own beside the cells of a sheet.

The style sheet of a workbook and the texts that its cells share, for how they look; and what stands over the cells:
notes, threaded comments, and what is drawn there.
"""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl.styles.numbers import BUILTIN_FORMATS

from csp_workflow.forms.looks import BLACK, LEAST_POINTS, WHITE, Look, RestylingsPass, name_colour
from csp_workflow.forms.markup import COLUMNS, ROWS, TRUE, PartPass, Place, Runs, SheetNotes, place_of


class StringsPass(PartPass):
    """Reads the texts that cells share, for how parts of them are written, by the text's number."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.odd: dict[int, Runs] = {}
        self._number = -1
        self._runs = Runs()
        self._is_text = False

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """A text, or a part of one, begins."""
        if name == "si":
            self._number, self._runs = self._number + 1, Runs()
        elif name == "rPr":
            self.cut()
        self._is_text = name == "t"
        self._runs.begin(name, attributes)

    def ends(self, name: str) -> None:
        """Keep a text of which parts are written otherwise."""
        self._is_text = False
        if name == "si" and self._runs.is_odd:
            self.odd[self._number] = self._runs

    def says(self, text: str) -> None:
        """Text of a part."""
        if self._is_text:
            self._runs.say(text)


class StylesPass(PartPass):
    """Reads number formats, strikes and colours; whatever else is wrong in a style sheet does not matter.

    `changes` are what rules may make of looks, by their number.
    """

    elements = 300_000

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.formats = dict(BUILTIN_FORMATS)
        self.looks: list[Look] = []
        self.changes = RestylingsPass()
        self._struck: list[bool] = []
        self._tiny: list[bool] = []
        self._crossed: list[bool] = []
        self._inks: list[str] = []
        self._fills: list[str] = []
        self._within = ""

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note a number format, a font, a fill or a cell's format."""
        if self.depth == 2:
            self._within = name
        elif self._within == "numFmts" and name == "numFmt":
            self.formats[_number_of(attributes, "numFmtId")] = attributes.get("formatCode", "")
        elif self._within == "fonts":
            self._note_font(name, attributes)
        elif self._within == "fills":
            self._note_fill(name, attributes)
        elif self._within == "borders" and name == "border":
            self._crossed.append(not TRUE.isdisjoint((attributes.get("diagonalUp"), attributes.get("diagonalDown"))))
        elif self._within == "dxfs":
            self.changes.begin(name, attributes)
        elif self._within == "cellXfs" and name == "xf":
            font, fill, border = (_number_of(attributes, f"{of}Id") for of in ("font", "fill", "border"))
            look = Look(
                number_format=self.formats.get(_number_of(attributes, "numFmtId"), "General"),
                struck=any((*self._struck[font : font + 1], *self._crossed[border : border + 1])),
                tiny=any(self._tiny[font : font + 1]),
                ink=self._inks[font] if font < len(self._inks) else BLACK,
                fill="".join(self._fills[fill : fill + 1]),
            )
            self.looks.append(look)

    def _note_font(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "font":
            self._struck.append(False)
            self._tiny.append(False)
            self._inks.append(BLACK)
        elif name == "strike" and self._struck:
            self._struck[-1] = attributes.get("val", "1") in TRUE
        elif name == "sz" and self._tiny:
            self._tiny[-1] = attributes.get("val", "").partition(".")[0] in map(str, range(LEAST_POINTS))
        elif name == "color" and self._inks:
            self._inks[-1] = name_colour(attributes)

    def _note_fill(self, name: str, attributes: Mapping[str, str]) -> None:
        """Of a pattern that is not solid the colours say little of what is seen."""
        if name == "fill":
            self._fills.append(WHITE)
        elif name == "patternFill" and self._fills:
            kind = attributes.get("patternType", "none")
            self._fills[-1] = WHITE if kind == "none" else kind
        elif name == "fgColor" and self._fills and self._fills[-1] == "solid":
            self._fills[-1] = name_colour(attributes)
        elif name == "gradientFill" and self._fills:
            self._fills[-1] = "gradient"


def _number_of(attributes: Mapping[str, str], name: str) -> int:
    text = attributes.get(name, "0")
    return int(text[:9]) if text.isdecimal() else 0


_DRAWN = frozenset({"pic", "sp", "cxnSp", "graphicFrame", "contentPart"})
_MOST_DRAWN = 500
_LONGEST_NOTE = 4_000


class CommentsPass(PartPass):
    """Reads the notes of a sheet."""

    def __init__(self, data: bytes, notes: SheetNotes) -> None:
        super().__init__(data)
        self._notes = notes
        self._is_text = False
        self._at: Place | None = None
        self._said: list[str] = []

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """A note begins, or a part of its text: other texts in it say where it is drawn."""
        self._is_text = name == "t"
        if name == "comment":
            self._at, self._said = place_of(attributes.get("ref", "")), []

    def ends(self, name: str) -> None:
        """A note ends. Of a threaded comment the text after Excel's own preface counts."""
        self._is_text = False
        if name == "comment" and self._at:
            text = "".join(self._said)
            if text.startswith("[Threaded comment]"):
                text = text.partition("Comment:")[2]
            if self._at[0] <= ROWS and self._at[1] <= COLUMNS:
                self._notes.comments[self._at] = text.strip()[:_LONGEST_NOTE]
            self._at = None

    def says(self, text: str) -> None:
        """Text of a note."""
        if self._at and self._is_text:
            self._said.append(text)


class ThreadsPass(PartPass):
    """Reads the threaded comments of a sheet, answers included, in place of the note that stands for each thread."""

    def __init__(self, data: bytes, notes: SheetNotes) -> None:
        super().__init__(data)
        self._notes = notes
        self._threads: dict[Place, list[str]] = {}
        self._at: Place | None = None
        self._is_text = False

    def run(self) -> None:
        """Read the part, and keep what each thread says."""
        super().run()
        for (row, column), said in self._threads.items():
            if row <= ROWS and column <= COLUMNS:
                self._notes.comments[row, column] = "; ".join(filter(None, map(str.strip, said)))[:_LONGEST_NOTE]

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """A comment of a thread begins, or its text."""
        self._is_text = name == "text"
        if name == "threadedComment":
            self._at = place_of(attributes.get("ref", ""))
            self._threads.setdefault(self._at, []).append("")

    def ends(self, _: str) -> None:
        """A text ends."""
        self._is_text = False

    def says(self, text: str) -> None:
        """Text of a comment."""
        if self._at and self._is_text:
            self._threads[self._at][-1] += text


class DrawingPass(PartPass):
    """Reads what is drawn over a sheet: text boxes, shapes, pictures, charts; each with the cell under its corner."""

    elements = 200_000

    def __init__(self, data: bytes, notes: SheetNotes) -> None:
        super().__init__(data)
        self._notes = notes
        self._at: list[str] = []
        self._kind = ""
        self._words: list[str] = []
        self._hearing = ""

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Something is drawn, or says where it stands, or what."""
        if name.endswith("Anchor"):
            self._at, self._kind, self._words = [], "", []
        elif name in _DRAWN:
            self._kind = self._kind or name
        elif name == "cNvPr" and attributes.get("descr"):
            self._words.append(attributes["descr"][:_LONGEST_NOTE])
        elif name == "p":
            self._words.append("")
        self._hearing = name if name in {"t", "col", "row"} else ""

    def ends(self, name: str) -> None:
        """What is drawn ends."""
        self._hearing = ""
        if name.endswith("Anchor") and self._kind and len(self._notes.drawn) < _MOST_DRAWN:
            column, row = (int(n) + 1 if n.strip().isdecimal() else 1 for n in (*self._at, "", "")[:2])
            # A program that writes a shape twice, for older ones too, means one.
            said = "\n".join(dict.fromkeys(filter(None, map(str.strip, self._words))))
            self._notes.drawn.append(((row, column), self._kind, said[:_LONGEST_NOTE]))
            self._notes.has_picture = self._notes.has_picture or self._kind == "pic"

    def says(self, text: str) -> None:
        """Words of what is drawn, or the column and row of its corner, which come before those of the other."""
        if self._hearing == "t" and self._words and len(self._words) < _MOST_DRAWN:
            self._words[-1] += text
        elif self._hearing in {"col", "row"}:
            self._at.append(text[:9])
