"""What stands over the cells of a sheet, in parts of its own: notes, threaded comments, and what is drawn there."""

from __future__ import annotations

from collections.abc import Mapping

from csp_workflow.forms.markup import COLUMNS, ROWS, PartPass, Place, SheetNotes, place_of

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
