"""`report.toml`: each board's paper, its headings in order, its officers to contact."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from csp_workflow.settings.schemas.common import Line, Table, Text

HeadingKind = Literal[
    "text",
    "introduction",
    "framework",
    "how to read",
    "performance",
    "contributions",
    "not received",
    "data quality",
    "recommendations",
    "officers",
    "background papers",
    "appendices",
]
"""What fills a heading; "text" prints only its own text."""


class HeadingEntry(Table):
    """One heading of a paper."""

    title: Text
    kind: HeadingKind
    text: Line = ""


class OfficerEntry(Table):
    """Whom to ask about a paper: the lines as printed."""

    lines: Annotated[tuple[Text, ...], Field(min_length=1)]


class PaperEntry(Table):
    """How one board's paper is laid out; without officers of its own it has the file's."""

    board: Line
    title: Text
    marking: Line = ""
    background_papers: tuple[Text, ...] = ()
    officers: tuple[OfficerEntry, ...] | None = None
    headings: Annotated[tuple[HeadingEntry, ...], Field(min_length=1)]


class ReportFile(Table):
    """The whole file."""

    officers: tuple[OfficerEntry, ...] = ()
    papers: Annotated[tuple[PaperEntry, ...], Field(min_length=1)]
