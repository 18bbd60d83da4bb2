"""What a workbook that came back holds, as it was found: whose form it says it is, its cells, inputs and choices, and
what else can be seen on it. Nothing is judged here.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

_SEAL_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
_DASH = r"\s*[-\u2010-\u2015\u2212_]\s*"
_REFERENCE = re.compile(
    r"(?<![A-Z0-9])([A-Z][A-Z0-9]{1,15})" + _DASH + r"(\d{4}(?:Q[1-4]|M))" + _DASH
    + r"F(\d{1,3}(?:\.\d{1,3})?)" + _DASH + r"R(\d{1,4})" + _DASH + r"([0-9A-Z]{8})(?![A-Z0-9])",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, order=True)
class FormVersion:
    """The version of a form's layout, such as 2.1. A major one has answers elsewhere, a minor one more words."""

    major: int
    minor: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}" if self.minor else str(self.major)

    @classmethod
    def parse(cls, text: str) -> FormVersion:
        """The version that is written so. Raises ValueError for anything else."""
        major, _, minor = text.partition(".")
        return cls(int(major), int(minor or 0))


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The return reference, such as "CHARN-1415Q2-F2.1-R1-7K3M9QXA". It identifies, never authenticates.

    `code` is the respondent's, `period` the quarter's, or "1415M" for a year's measures, `form` the layout's version,
    `revision` counts forms issued to the respondent in the cycle, `seal` is a short HMAC over the rest.
    """

    code: str
    period: str
    form: FormVersion
    revision: int
    seal: str

    def __str__(self) -> str:
        return f"{self.code}-{self.period}-F{self.form}-R{self.revision}-{self.seal}"


def seal_reference(code: str, period: str, form: FormVersion, revision: int, *, key: bytes) -> Reference:
    """A sealed reference for a respondent's code, a quarter's code, a layout version and a revision."""
    return Reference(
        code=code, period=period, form=form, revision=revision, seal=_make_seal(code, period, form, revision, key=key)
    )


def find_reference(text: str) -> Reference | None:
    """The first return reference in a text, whatever its case, dashes and spaces; None without one."""
    match = _REFERENCE.search(text)
    if not match:
        return None
    code, period, form, revision, sealed = (part.upper() for part in match.groups())
    return Reference(
        code=code,
        period=period,
        form=FormVersion.parse(form),
        revision=int(revision),
        seal=sealed.translate(_MISREAD),
    )


def is_genuine(reference: Reference, *, key: bytes) -> bool:
    """Whether the seal is ours: a mistyped or made-up reference has another."""
    ours = _make_seal(reference.code, reference.period, reference.form, reference.revision, key=key)
    return hmac.compare_digest(ours.encode(), reference.seal.encode())


def _make_seal(code: str, period: str, form: FormVersion, revision: int, *, key: bytes) -> str:
    """Forty bits of an HMAC in eight characters that nobody confuses when reading aloud."""
    named = f"return reference\0{code}\0{period}\0{form}\0{revision}"
    bits = int.from_bytes(hmac.digest(key, named.encode(), hashlib.sha256)[:5], "big")
    return "".join(_SEAL_LETTERS[bits >> shift & 31] for shift in range(35, -1, -5))


class CellType(StrEnum):
    """What a cell holds, as the file says."""

    BLANK = "blank"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"


RAISED = " with a raised "
"""What stands before a part of a text that is above or below the line, where it is said what is seen."""


ONLY_IN_EXCEL = "what other programs show as #VALUE!"
"""What is found of a cell that holds neither number nor words: a picture in it, or data from elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell as found. `text` is its value as text ("1204.5", "c. 35", "#DIV/0!", an ISO date).

    `shown` is what a person sees of it where that is another text ("63%"), None where that cannot be said; `hidden`
    that nothing of it is seen. `rivals` are cells that answer the same and say something else;
    `is_named`: the name that our form gave it still points at it.
    """

    sheet: str
    cell: str
    type: CellType
    text: str = ""
    shown: str | None = ""
    hidden: bool = False
    formula: str = ""
    note: str = ""
    struck: bool = False
    uncalculated: bool = False
    rivals: tuple[Cell, ...] = ()
    is_named: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing was found (white space counts as nothing)."""
        return self.type is CellType.BLANK or not self.text.strip()

    @property
    def seen(self) -> str:
        """What a person sees, with what the cell holds beside it where that is something else."""
        if self.hidden:
            return f"{self.text}, which cannot be seen on the screen"
        return f"{self.shown}, where the cell holds {self.text}" if self.shown else self.text


@dataclass(frozen=True, kw_only=True)
class ReadRow:
    """A row of a year's catalogue or of a set-up, each cell by its header.

    `table` is "measures", "objectives" or "all" of a catalogue; of a set-up a sheet's title, or what else it is.
    """

    table: str
    ref: str
    sheet: str
    row: int
    cells: tuple[tuple[str, Cell], ...]

    def cell(self, header: str) -> Cell | None:
        """What stands under a header; None where the column is gone."""
        return next((cell for name, cell in self.cells if name == header), None)


class Input(StrEnum):
    """Which input of a row: the field of `ReadFigureRow` or `ReadText` that has its cell.

    THIS_QUARTER of a share is how many, or a per cent with its sign, on forms of before too.
    """

    OUT_OF = "out_of"
    THIS_QUARTER = "this_quarter"
    STATUS = "status"
    DROVE_IT = "drove_it"
    NOTE = "note"
    VALUE = "value"
    EXTRA = "extra"
    QUICK = "quick"
    PROMISE_NOW = "promise_now"


@dataclass(frozen=True, kw_only=True)
class InputText:
    """What stands in one input of a return: the row's key, which input, the text, and the version that brought it."""

    key: str
    input: Input
    text: str
    version: int


class QuickAnswer(StrEnum):
    """What may be answered in the place of words; of an objective at the year's end, whether it goes on."""

    NOTHING_NEW = "nothing new"
    STILL_HOLDS = "still holds"
    GOES_ON = "goes on"
    REACHED = "reached"
    ENDS = "ends"


OF_OBJECTIVE = (QuickAnswer.GOES_ON, QuickAnswer.REACHED, QuickAnswer.ENDS)
"""What is chosen beside an objective at the year's end: it stands beside words, and never in their place."""


class PromiseState(StrEnum):
    """What has become of what was promised a quarter before."""

    KEPT = "kept"
    UNDER_WAY = "under way"
    DROPPED = "dropped"


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
