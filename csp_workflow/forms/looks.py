"""How cells look, as far as that says something of what they hold: number formats, strikes, white on white.

Read by ourselves, since a library that builds a whole style sheet refuses the book for one bad colour in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openpyxl.styles.numbers import BUILTIN_FORMATS

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
        if name == "si" and (self._runs.struck or self._runs.raised.strip()):
            self.odd[self._number] = self._runs

    def says(self, text: str) -> None:
        """Text of a part."""
        if self._is_text:
            self._runs.say(text)


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a cell is formatted, as far as that says something of its value. `hidden`: white on white.

    `fill` is the colour behind it as the file names it, "" for none.
    """

    number_format: str = "General"
    struck: bool = False
    hidden: bool = False
    fill: str = ""


class StylesPass(PartPass):
    """Reads number formats, strikes and white fonts; whatever else is wrong in a style sheet does not matter.

    `changing` are the looks, of those that rules give to cells, by which a value is seen otherwise.
    """

    elements = 300_000

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.formats = dict(BUILTIN_FORMATS)
        self.looks: list[Look] = []
        self.changing: set[int] = set()
        self._conditional = -1
        self._is_font = False
        self._whitened: set[int] = set()
        self._struck: list[bool] = []
        self._white: list[bool] = []
        self._filled: list[str] = []
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
            self._note_conditional(name, attributes)
        elif self._within == "cellXfs" and name == "xf":
            font, fill = _number_of(attributes, "fontId"), _number_of(attributes, "fillId")
            look = Look(
                number_format=self.formats.get(_number_of(attributes, "numFmtId"), "General"),
                struck=any(self._struck[font : font + 1]),
                hidden=any(self._white[font : font + 1]) and not any(self._filled[fill : fill + 1]),
                fill="".join(self._filled[fill : fill + 1]),
            )
            self.looks.append(look)

    def _note_font(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "font":
            self._struck.append(False)
            self._white.append(False)
        elif name == "strike" and self._struck:
            self._struck[-1] = attributes.get("val", "1") in TRUE
        elif name == "color" and self._white:
            self._white[-1] = _is_white(attributes)

    def _note_conditional(self, name: str, attributes: Mapping[str, str]) -> None:
        """A rule's look: another number format, a strike, or white words on nothing else but white."""
        self._conditional += name == "dxf"
        self._is_font = name == "font" or (self._is_font and name not in {"fill", "border", "dxf"})
        if name in {"numFmt", "strike"}:
            self.changing.add(self._conditional)
        elif name == "color" and self._is_font and _is_white(attributes):
            self._whitened.add(self._conditional)
        elif name == "bgColor" and not _is_white(attributes):
            self._whitened.discard(self._conditional)

    def ends(self, name: str) -> None:
        """All rules' looks are read."""
        if name == "dxfs":
            self.changing |= self._whitened

    def _note_fill(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "fill":
            self._filled.append("")
        elif name == "patternFill" and self._filled:
            self._filled[-1] = "pattern" if attributes.get("patternType", "none") != "none" else ""
        elif name == "fgColor" and self._filled and self._filled[-1]:
            self._filled[-1] = "" if _is_white(attributes) else _name_colour(attributes)
        elif name == "gradientFill" and self._filled:
            self._filled[-1] = "gradient"


def _name_colour(colour: Mapping[str, str]) -> str:
    """A colour as it is compared: of one given in full, without how transparent it is."""
    if colour.get("rgb"):
        return colour["rgb"][-6:].upper()
    return " ".join(f"{name} {colour[name][:12]}" for name in ("theme", "indexed", "tint") if colour.get(name))


def _is_white(colour: Mapping[str, str]) -> bool:
    """Whether a colour is white. The first of a theme is what its windows have behind the words."""
    if colour.get("tint", "0") not in {"0", "0.0"}:
        return False
    return (
        colour.get("rgb", "")[-6:].upper() == "FFFFFF" or colour.get("theme") == "0" or colour.get("indexed") in _WHITES
    )


_WHITES = frozenset({"1", "9"})


def _number_of(attributes: Mapping[str, str], name: str) -> int:
    text = attributes.get(name, "0")
    return int(text[:9]) if text.isdecimal() else 0
