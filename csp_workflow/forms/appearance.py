"""How a form looks: every cell format by name, made once for a workbook.

Inputs are told by a thick border and by words as well as by colour, so that a print in grey or a
reader who does not see the colour loses nothing.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

FONT = MappingProxyType({"font_name": "Arial", "font_size": 10, "theme_font_name": "Arial"})
"""The font of everything that has no other. XlsxWriter writes into the properties it is given, so it gets a copy."""

_INK, _BAND, _RULE = "#1F2A44", "#1F3864", "#A6A6A6"
_TABLE = {"border": 1, "border_color": _RULE, "text_wrap": True, "valign": "top"}
_INPUT = {"bg_color": "#FFF8D6", "border": 2, "border_color": "#7F6000", "locked": False}
_FAULT = {"bg_color": "#FFDDDD", "border": 5, "border_color": "#B00020", "locked": False}
_QUERY = {"bg_color": "#FFE8CC", "border": 8, "border_color": "#9C5700", "locked": False}
_LOCKED = {"bg_color": "#EDEDED", "border": 1, "border_color": _RULE}
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
    "count": {**_TABLE, **_RIGHT, "bold": True},
    "figure": {**_TABLE, **_RIGHT},
    "link": {**_TABLE, **_LEFT, "font_color": "#0B4FA0", "underline": 1},
    "input": {**_INPUT, **_WRAP, **_LEFT},
    "input figure": {**_INPUT, **_WRAP, **_RIGHT},
    "fault": {**_FAULT, **_WRAP, **_LEFT},
    "fault figure": {**_FAULT, **_WRAP, **_RIGHT},
    "query": {**_QUERY, **_WRAP, **_LEFT},
    "query figure": {**_QUERY, **_WRAP, **_RIGHT},
    "locked": {**_LOCKED, **_WRAP},
    "locked count": {**_LOCKED, **_WRAP, **_RIGHT, "num_format": "#,##0"},
    "locked decimal": {**_LOCKED, **_WRAP, **_RIGHT, "num_format": "#,##0.0##"},
    "locked count provisional": {**_LOCKED, **_WRAP, **_RIGHT, "num_format": '#,##0" (p)"'},
    "locked decimal provisional": {**_LOCKED, **_WRAP, **_RIGHT, "num_format": '#,##0.0##" (p)"'},
    "fault locked": {**_FAULT, **_WRAP, **_RIGHT, "locked": True},
    "query locked": {**_QUERY, **_WRAP, **_RIGHT, "locked": True},
    "map": {"font_name": "Consolas", "font_size": 9},
}


class Looks:
    """The formats of one workbook, each made the first time it is asked for."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[str, Any] = {}

    def __call__(self, name: str) -> Any:
        """The format of that name. Raises KeyError for a name that is not ours."""
        if name not in self._made:
            self._made[name] = self._book.add_format({**FONT, **_LOOKS[name]})
        return self._made[name]
