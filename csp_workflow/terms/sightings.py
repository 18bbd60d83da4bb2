"""What can be seen on a form that came back, whoever put it there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SightingKind(StrEnum):
    """What was seen on a form, whether or not anybody asked for it."""

    CELL = "cell"
    COMMENT = "comment"
    BOX = "text box"
    PICTURE = "picture"
    EMBEDDED = "embedded file or control"
    FILL = "highlighted"
    STRUCK = "struck through"
    PRINTED = "header or footer"
    PROPERTY = "file properties"
    LINK = "link"
    MESSAGE = "message at a cell"


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """One thing seen on a form, at a cell ("" where it stands at none). Of a highlighted cell `text` is the colour,
    of a link where it leads.

    In a table `key` is what its row is about ("E22000165 M11", "T1") and `header` what stands over it. `is_formula`:
    a formula worked it out.
    """

    kind: SightingKind
    sheet: str
    cell: str
    text: str
    key: str = ""
    header: str = ""
    is_formula: bool = False
