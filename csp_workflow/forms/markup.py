"""Streams a part's XML once, within bounds, before any library builds a tree of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.parsers import expat

from csp_workflow.mail.file_kinds import FileRefused

DEPTH = 64
ELEMENTS = 4_000_000

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]


class Markup:
    """One pass over a part. Subclasses override `starts`, `ends` and `says`; names come without prefix.

    A document type or entity declaration is refused by the parser itself, whatever the encoding.
    `keep` names the children of the root that the rest of the reading needs: all others are left
    out of `slimmed()`.
    """

    keep: frozenset[str] | None = None
    elements = ELEMENTS

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._depth = 0
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
            self._cut_depth = self._depth

    @property
    def depth(self) -> int:
        """How deep the element that begins or ends stands; the root is 1."""
        return self._depth

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._closing:
            self._close()
        self._depth += 1
        self._count += 1
        if self._depth > DEPTH or self._count > self.elements:
            raise FileRefused("hostile" if self._depth > DEPTH else "too large")
        if ":" in name:
            name = name.rpartition(":")[2]
        if self._depth == 2 and self.keep is not None and name not in self.keep:
            self.cut()
        self.starts(name, attributes)

    def _end(self, name: str) -> None:
        if self._closing:
            self._close()
        if ":" in name:
            name = name.rpartition(":")[2]
        self.ends(name)
        if self._cut_from >= 0 and self._depth == self._cut_depth:
            self._closing = True
        self._depth -= 1

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
