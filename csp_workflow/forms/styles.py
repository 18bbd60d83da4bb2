"""Reads the style sheet of a workbook and the texts that its cells share, for how they look."""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl.styles.numbers import BUILTIN_FORMATS

from csp_workflow.forms.looks import BLACK, WHITE, Look, RestylingsPass, name_colour
from csp_workflow.forms.markup import TRUE, PartPass, Runs


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
        elif self._within == "dxfs":
            self.changes.begin(name, attributes)
        elif self._within == "cellXfs" and name == "xf":
            font, fill = _number_of(attributes, "fontId"), _number_of(attributes, "fillId")
            look = Look(
                number_format=self.formats.get(_number_of(attributes, "numFmtId"), "General"),
                struck=any(self._struck[font : font + 1]),
                ink=self._inks[font] if font < len(self._inks) else BLACK,
                fill="".join(self._fills[fill : fill + 1]),
            )
            self.looks.append(look)

    def _note_font(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "font":
            self._struck.append(False)
            self._inks.append(BLACK)
        elif name == "strike" and self._struck:
            self._struck[-1] = attributes.get("val", "1") in TRUE
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
