"""Vets the smaller parts of a workbook: its sheets and names, relationships, notes, properties, styles."""

from __future__ import annotations

from collections.abc import Mapping

from csp_workflow.forms.markup import Markup
from csp_workflow.forms.vetting import COLUMNS, ROWS, Place, SheetNotes, place_of
from csp_workflow.mail.file_kinds import FileRefused

NAMES = 20_000
_STRICT = "purl.oclc.org/ooxml/spreadsheetml"


class BookPass(Markup):
    """Reads the workbook part: its sheets, its defined names, its date system."""

    elements = 400_000

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.sheets: list[tuple[str, str, str]] = []
        self.names: list[tuple[str, str]] = []
        self.is_1904 = False
        self._name = ""
        self._said: list[str] = []

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note sheets, names and the date system; refuse Strict Open XML, which openpyxl shows as empty."""
        if self.depth == 1 and any(_STRICT in value for value in attributes.values()):
            raise FileRefused("strict")
        if name == "sheet" and self.depth == 3:
            link = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            self.sheets.append((attributes.get("name", ""), attributes.get("state", "visible"), link))
        elif name == "definedName":
            self._name, self._said = attributes.get("name", ""), []
        elif name == "workbookPr":
            self.is_1904 = attributes.get("date1904") in {"1", "true"}

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


class LinksPass(Markup):
    """Reads a relationships part: (id, kind, target), those inside the file only."""

    elements = 20_000

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.links: list[tuple[str, str, str]] = []

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note a relationship."""
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.links.append((attributes.get("Id", ""), kind, attributes.get("Target", "")))


class CommentsPass(Markup):
    """Reads the notes of a sheet."""

    def __init__(self, data: bytes, notes: SheetNotes) -> None:
        super().__init__(data)
        self._notes = notes
        self._at: Place | None = None
        self._said: list[str] = []

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """A note begins."""
        if name == "comment":
            self._at, self._said = place_of(attributes.get("ref", "")), []

    def ends(self, name: str) -> None:
        """A note ends. Of a threaded comment the text after Excel's own preface counts."""
        if name == "comment" and self._at:
            text = "".join(self._said)
            if text.startswith("[Threaded comment]"):
                text = text.rpartition("Comment:")[2]
            if self._at[0] <= ROWS and self._at[1] <= COLUMNS:
                self._notes.comments[self._at] = text.strip()[:4000]
            self._at = None

    def says(self, text: str) -> None:
        """Text of a note."""
        if self._at:
            self._said.append(text)


class WordsPass(Markup):
    """Reads whatever text a small part holds, and whether it shows a picture."""

    elements = 200_000

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.texts: list[str] = []
        self.has_picture = False

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note a picture; start a new text."""
        self.has_picture = self.has_picture or name == "pic" or "r:embed" in attributes
        self.texts.append("")

    def says(self, text: str) -> None:
        """Text of the element that began last."""
        if self.texts:
            self.texts[-1] += text[:1000]


class StylesPass(Markup):
    """Keeps number formats, fonts and cell formats; the rest of a style sheet does not matter here."""

    keep = frozenset({"numFmts", "fonts", "cellXfs"})
    elements = 300_000
