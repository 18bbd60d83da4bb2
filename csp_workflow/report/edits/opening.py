"""Vets a Word file that was received, in the sandbox's child: what is refused, and in which words.

The file goes on as it came, and to others in the end: so it may hold nothing that runs, and nothing that is fetched
from elsewhere. What passes is well formed, within bounds, and may be opened outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from csp_workflow.forms.markup import PartPass
from csp_workflow.forms.vetting import Container
from csp_workflow.mail.files import FileRefused, sniff_kind
from csp_workflow.report.edits.body import CHANGES, OUR_NAME
from csp_workflow.report.word.package import TooLarge, W, parse_part, unpack_parts

READER = "csp_workflow.report.edits.opening:vet_paper"
"""What the sandbox runs on a Word file that may be a paper."""

_SAVE_AS = "Please choose Save As, pick \u201cWord Document (.docx)\u201d and send that."
REFUSALS: Mapping[str, str] = {
    "kind": "It is no Word document. Please attach the Word file (.docx) itself.",
    "old": f"It is in an old Word format. {_SAVE_AS}",
    "password": "It has a password or a sensitivity label that keeps us out. Please take it off and send it again.",
    "damaged": "It is damaged, so that it could not be opened. Please open it in Word, save it anew and send that.",
    "strict": f"It was saved as \u201cStrict Open XML\u201d. {_SAVE_AS}",
    "macros": f"It holds macros or controls that run. {_SAVE_AS}",
    "embedded": "It holds another program's object or file. Please take that out, or paste it as a picture or as text.",
    "links": "Something in it is fetched from elsewhere (a linked picture, template or field). Please put in a copy.",
    "tracked": "It holds tracked changes. Please accept or reject them all (Review > Accept > Accept All Changes).",
    "comments": "It holds comments that are not ours. Please delete them (Review > Delete > Delete All Comments).",
    "large": "It is far larger than a paper. Please leave out large pictures and send it again.",
    "hostile": "It is built in a way that no word processor saves, so that it was not opened.",
    "ours": "A failure of our own kept us from opening it. Please send it again in a while.",
}
"""Every reason and its sentence."""

_PARTS = re.compile(r".+\.(?:xml|rels)")
_TEXTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_RUNS = re.compile(r"vbaproject|vbadata|activex|macroenabled|customui", re.IGNORECASE)
_BOOK = re.compile(r"word/embeddings/[^/]+\.xlsx", re.IGNORECASE)
_FETCHES = re.compile(r"\b(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|AUTOTEXT|DATABASE|RD)\b", re.IGNORECASE)
_STRICT = "purl.oclc.org/ooxml/"
_NAMES = {"too large": "large", "label": "password"}


def vet_paper(data: bytes) -> dict[str, Any]:
    """A file's bytes -> {} for a Word file that may be opened, or {"refused": reason}."""
    try:
        _vet(data)
    except FileRefused as refused:
        reason = _NAMES.get(refused.reason, refused.reason)
        return {"refused": reason if reason in REFUSALS else "kind"}
    return {}


def read_refusal(reply: object) -> str:
    """Why the child refused a file, in a sentence; "" when it may be opened. A reply without sense is our failure."""
    if not isinstance(reply, dict):
        return REFUSALS["ours"]
    return REFUSALS.get(str(reply["refused"]), REFUSALS["ours"]) if "refused" in reply else ""


def refuse_unreadable(data: bytes) -> str:
    """Why a file that was vetted cannot be taken apart all the same, in a sentence; "" when it can.

    What reads it outside has bounds of its own, and takes no prefix that nobody declared.
    """
    try:
        parts = unpack_parts(data)
        roots = {name: parse_part(part) for name, part in parts.items() if _PARTS.fullmatch(name)}
    except TooLarge:
        return REFUSALS["large"]
    except ValueError:
        return REFUSALS["damaged"]
    return "" if roots["word/document.xml"].find(f"{W}body") is not None else REFUSALS["damaged"]


def _vet(data: bytes) -> None:
    kind = sniff_kind(data)
    if kind != "word":
        raise FileRefused(kind if kind in {"password", "label", "damaged", "empty"} else "kind")
    if not data.startswith(b"PK"):
        raise FileRefused("old")
    container = Container(data)
    if "word/document.xml" not in container:
        raise FileRefused("damaged")
    for name in container.list_names():
        _refuse_part(name)
        if _PARTS.fullmatch(name):
            seen = _TextPass if _TEXTS.fullmatch(name) else _OtherPass
            seen(container.read(name), name).run()


def _refuse_part(name: str) -> None:
    if _RUNS.search(name):
        raise FileRefused("macros")
    if "/embeddings/" in name and not _BOOK.fullmatch(name):
        raise FileRefused("embedded")


class _OtherPass(PartPass):
    """A part that holds none of the paper's text: types, links, comments, styles."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self._part = name

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Refuse what runs, what is fetched, and anybody else's comments."""
        if self.depth == 1 and any(_STRICT in value for value in attributes.values()):
            raise FileRefused("strict")
        if name in {"Override", "Default"} and _RUNS.search(attributes.get("ContentType", "")):
            raise FileRefused("macros")
        is_outside = name == "Relationship" and attributes.get("TargetMode") == "External"
        if is_outside and not attributes.get("Type", "").endswith("/hyperlink"):
            raise FileRefused("links")
        if name == "comment" and _named(attributes, "author") != OUR_NAME:
            raise FileRefused("comments")


class _TextPass(_OtherPass):
    """A part that prints."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data, name)
        self._hears = False

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """Refuse tracked changes, foreign chunks and fields that fetch something."""
        super().starts(name, attributes)
        if CHANGES.fullmatch(name):
            raise FileRefused("tracked")
        if name in {"altChunk", "OLEObject", "control"}:
            raise FileRefused("embedded")
        if name == "fldSimple" and _FETCHES.search(_named(attributes, "instr")):
            raise FileRefused("links")
        self._hears = name == "instrText"

    def says(self, text: str) -> None:
        """A field's instruction."""
        if self._hears and _FETCHES.search(text):
            raise FileRefused("links")


def _named(attributes: Mapping[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")
