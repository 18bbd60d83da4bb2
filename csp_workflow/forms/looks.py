"""How cells look, as far as that says something of what they hold: number formats, strikes, letters nobody sees.

Read by ourselves, since a library that builds a whole style sheet refuses the book for one bad colour in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

from openpyxl.styles.colors import COLOR_INDEX

WHITE, BLACK = "", "000000"
"""Colours stand as six hex digits or by the name that the file gives them; white is no colour."""

LEAST_POINTS = 3
"""Letters that are smaller are seen by nobody."""

_TOLD_APART = 1.15
"""Where letters and what is behind them contrast by less (WCAG 2.2: 1 is the same), they cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a cell is formatted, as far as that says something of its value. `ink` and `fill` are colours.

    A line from corner to corner strikes it too; `tiny` are letters too small to be seen. `changes` are what rules
    that the cell's own style names may make of it.
    """

    number_format: str = "General"
    struck: bool = False
    ink: str = BLACK
    fill: str = WHITE
    tiny: bool = False
    changes: tuple[Restyling, ...] = ()

    @property
    def hidden(self) -> bool:
        """Whether the letters are of the colour behind them, or too small."""
        return self.tiny or not _are_told_apart(self.ink, self.fill)


@dataclass(frozen=True, kw_only=True)
class Restyling:
    """What a rule makes of a look where it holds, which only the program knows; None for what stays.

    A number format of "" is one that we do not know, and may show anything or nothing.
    """

    number_format: str | None = None
    struck: bool = False
    ink: str | None = None
    fill: str | None = None


def is_in_doubt(look: Look, kind: str, changes: Iterable[Restyling]) -> bool:
    """Whether rules may show what a cell holds otherwise than its own look does, or strike it through, or hide it."""
    every = tuple(changes)
    if any(one.struck or _is_shown_otherwise(one.number_format, kind) for one in every):
        return True
    inks = {look.ink, *(one.ink for one in every if one.ink is not None)}
    fills = {look.fill, *(one.fill for one in every if one.fill is not None)}
    return any(not _are_told_apart(*pair) for pair in product(inks, fills))


def _is_shown_otherwise(number_format: str | None, kind: str) -> bool:
    """Whether a format has something to say of what is held; of a text only where it has a section for texts."""
    return number_format is not None and (kind != "s" or "@" in number_format or number_format.count(";") > 2)


@lru_cache(maxsize=256)
def _are_told_apart(ink: str, fill: str) -> bool:
    if ink == fill or not (_HEX.fullmatch(ink or "FFFFFF") and _HEX.fullmatch(fill or "FFFFFF")):
        return ink != fill
    low, high = sorted(map(_luminance, (ink or "FFFFFF", fill or "FFFFFF")))
    return (high + 0.05) / (low + 0.05) >= _TOLD_APART


_HEX = re.compile(r"[0-9A-F]{6}")


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it, from 0 (black) to 1 (white)."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


_THEME = {"0": "FFFFFF", "1": BLACK}
"""What a theme's windows have behind the words, and for the words."""

_INDEXED = {str(n): argb[-6:] for n, argb in enumerate(COLOR_INDEX)} | {"64": BLACK, "65": "FFFFFF"}


def name_colour(said: Mapping[str, str]) -> str:
    """A colour as it is compared, without how transparent it is."""
    known = (
        said.get("rgb", "")[-6:].upper() or _INDEXED.get(said.get("indexed", "")) or _THEME.get(said.get("theme", ""))
    )
    if said.get("auto"):
        return BLACK
    if known and said.get("tint", "0") in {"0", "0.0"}:
        return drop_white(known)
    return " ".join(f"{name} {said[name][:12]}" for name in ("rgb", "theme", "indexed", "tint") if said.get(name))


def drop_white(colour: str) -> str:
    """A colour of six hex digits, where white is none."""
    return WHITE if colour == "FFFFFF" else colour


class RestylingsPass:
    """Reads what rules may make of looks, of the elements that describe it."""

    def __init__(self) -> None:
        self.made: list[Restyling] = []
        self._within = ""

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins: a change, or a part of the last one. Of two colours behind a cell the last one counts."""
        if name == "dxf":
            self.made.append(Restyling())
        elif name in {"font", "fill", "border"}:
            self._within = name
        elif not self.made:
            return
        elif name == "numFmt":
            self.made[-1] = replace(self.made[-1], number_format=attributes.get("formatCode", ""))
        elif name == "strike":
            self.made[-1] = replace(self.made[-1], struck=attributes.get("val", "1") in {"1", "true"})
        elif self._within == "font" and name == "color":
            self.made[-1] = replace(self.made[-1], ink=name_colour(attributes))
        elif self._within == "fill" and name in {"fgColor", "bgColor"}:
            self.made[-1] = replace(self.made[-1], fill=name_colour(attributes))
