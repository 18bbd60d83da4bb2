"""How wide words are in print, and so how a table's width is shared out: no word is broken that could stand whole."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WIDTHS = {
    278: " ',./I\\ijl|\u2018\u2019\u00b7",
    333: "!()-:;[]`ft",
    389: '"*r{}',
    500: "z\u201c\u201d",
    556: "#$0123456789J_aceksvxy\u00a3\u2013\u2022",
    584: "+<=>^~",
    611: "?FLTZbdghnopqu",
    667: "EPSVXY",
    722: "&ABCDHKNRU",
    778: "GOQw",
    833: "M",
    889: "%m",
    944: "W",
}
"""Arial bold (Liberation Sans has the same): thousandths of the size, from the font's own table; the rest is wider."""
_WIDTH_OF = {character: width for width, characters in _WIDTHS.items() for character in characters}
_WIDEST = 1015
_LONGEST_WORD = 28
"""No column is made wide for longer words than any place, name or measure has: what somebody pasted may break."""
_BREAK = re.compile("[ \t\n]+|(?<=[-\u2010\u2013\u2014])")


@lru_cache(maxsize=8192)
def measure_word(word: str) -> int:
    """The width of a word in thousandths of its size; an accent takes no room."""
    return sum(
        _WIDTH_OF.get(one, _WIDEST) for one in unicodedata.normalize("NFD", word) if not unicodedata.combining(one)
    )


def measure_longest(texts: tuple[str, ...], size: float) -> int:
    """The widest word of some texts printed at a size in points, in twentieths of a point."""
    words = {word for text in set(texts) for word in _BREAK.split(text) if len(word) <= _LONGEST_WORD}
    return round(max(map(measure_word, words), default=0) * size * 20 / 1000)


def share_width(width: int, weights: tuple[int, ...], needed: tuple[int, ...]) -> list[int]:
    """The width by weight; a column that needs more gets it, and the others give by what they can spare.

    Where all need more than there is, each gets less in proportion.
    """
    if sum(needed) > width:
        return _share(width, needed)
    shared = [width * weight / sum(weights) for weight in weights]
    wanting = sum(max(need - own, 0) for need, own in zip(needed, shared, strict=True))
    spare = sum(max(own - need, 0) for need, own in zip(needed, shared, strict=True))
    part = wanting / spare if spare else 0
    return _share(
        width,
        tuple(max(own - max(own - need, 0) * part, need) for need, own in zip(needed, shared, strict=True)),
    )


def _share(width: int, parts: tuple[float, ...]) -> list[int]:
    """Whole numbers in proportion; what rounding leaves goes to the last."""
    shared = [int(width * part / sum(parts)) for part in parts]
    shared[-1] += width - sum(shared)
    return shared
