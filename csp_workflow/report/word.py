"""Contents -> a Word file: python-docx opens the branded base, our own markup fills it. Same contents, same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from csp_workflow.letters.phrases import day
from csp_workflow.report import wordml
from csp_workflow.report.blocks import Block, Contents, Heading, Landscape, Lines, NewPage, Numbered, Plain, Table
from csp_workflow.report.cleaning import clean
from csp_workflow.report.packing import packed
from csp_workflow.terms.dates import as_utc

PORTRAIT, LANDSCAPE = 11906 - 2 * 1134, 16838 - 2 * 1134
"""The width of the text on A4, in twentieths of a point."""


def build(contents: Contents, *, base: bytes) -> bytes:
    """Build the paper on a base file (templates/reports). Raises ValueError when there is no base."""
    import docx

    if not base:
        raise ValueError("templates/reports holds no Word file to build the paper on.")
    document = docx.Document(io.BytesIO(base))
    body = document.element.body
    for child in list(body):
        body.remove(child)
    _properties(document, contents)
    header, foot = _margins(document, contents)
    for xml in _written(contents, header, foot):
        body.append(wordml.parsed(xml))
    out = io.BytesIO()
    document.save(out)
    return packed(out.getvalue())


def draft_marking(contents: Contents) -> str:
    """What stands at the head of every page: for a draft, also until when it is not for publication."""
    if contents.draft:
        return f"{contents.marking or 'DRAFT - not for publication'} before {day(contents.not_before)}"
    return contents.marking


def _properties(document: Any, contents: Contents) -> None:
    properties = document.core_properties
    properties.title = clean(contents.title)
    properties.subject = f"{contents.board}, {day(contents.meeting)}"
    properties.language = "en-GB"
    properties.created = properties.modified = as_utc(contents.as_at).replace(tzinfo=None)
    properties.author = properties.last_modified_by = ""
    properties.revision = 1


def _margins(document: Any, contents: Contents) -> tuple[str, str]:
    """The header's and footer's parts, by their relation ids."""
    part = document.part
    head_part, head_id = part.add_header_part()
    foot_part, foot_id = part.add_footer_part()
    foot = f"{contents.board}, {day(contents.meeting)}"
    for piece, xml in (
        (head_part, wordml.paragraph(draft_marking(contents), "Marking")),
        (foot_part, wordml.footer(foot)),
    ):
        for child in list(piece.element):
            piece.element.remove(child)
        piece.element.append(wordml.parsed(xml))
    return head_id, foot_id


def _written(contents: Contents, header: str, foot: str) -> Iterator[str]:
    yield wordml.paragraph(contents.board, "Boardname")
    yield wordml.paragraph(day(contents.meeting), "Normal")
    yield wordml.paragraph(contents.title, "Heading1")
    width = PORTRAIT
    for block in contents.blocks:
        if isinstance(block, Landscape):
            ending = wordml.section(landscape=False, header=header, foot=foot)
            yield f'<w:p><w:pPr><w:spacing w:after="0"/>{ending}</w:pPr></w:p>'
            width = LANDSCAPE
        else:
            yield from _block(block, width)
    yield wordml.section(landscape=width == LANDSCAPE, header=header, foot=foot)


def _block(block: Block, width: int) -> Iterator[str]:
    match block:
        case Heading():
            yield wordml.paragraph(block.text, f"Heading{block.level}")
        case Numbered():
            yield wordml.paragraph(block.text, "Numberedparagraph")
        case Plain() if block.quoted:
            yield from wordml.quoted(block.text, block.lead)
        case Plain():
            yield wordml.paragraph(block.text, "Listed", lead=block.lead)
        case Lines():
            yield wordml.paragraph("\n".join(block.lines), "Officer")
        case NewPage():
            yield '<w:p><w:pPr><w:spacing w:after="0"/></w:pPr><w:r><w:br w:type="page"/></w:r></w:p>'
        case Table():
            yield wordml.paragraph(block.caption, "Tablecaption")
            yield wordml.table(block, width)
            # Word joins two tables that touch; the space between is a paragraph's, not an empty line's.
            yield '<w:p><w:pPr><w:spacing w:before="0" w:after="120" w:line="120" w:lineRule="exact"/></w:pPr></w:p>'
