"""Contents -> a Word file: python-docx opens the branded base, our own markup fills it. Same contents, same bytes.

The base gives styles, page, header and footer; the body is written as one string and parsed once.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from typing import Any

from csp_workflow.report.blocks import (
    Block,
    Contents,
    GroupChart,
    Heading,
    Landscape,
    Lettered,
    Lines,
    NewPage,
    Numbered,
    Plain,
    Run,
    SeriesChart,
    Table,
    Text,
)
from csp_workflow.report.word.charts import draw_chart
from csp_workflow.report.word.markup import (
    Pen,
    clean_for_word,
    is_blank,
    split_paragraphs,
    style_id,
    write_attribute,
    write_field,
    write_run,
)
from csp_workflow.report.word.package import MARKS, RELATIONS, forget_people, pack_parts, unpack_parts
from csp_workflow.report.word.tables import NO_DATA, write_table
from csp_workflow.terms.dates import as_utc
from csp_workflow.terms.phrases import day, plain_day

_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)


def build_document(contents: Contents, *, base: bytes) -> bytes:
    """Build the paper on a base file (templates/reports).

    Raises ValueError when there is no base, or when something refers to what is not in the paper.
    """
    import docx

    if not base:
        raise ValueError("templates/reports holds no Word file to build the paper on.")
    document = docx.Document(io.BytesIO(base))
    blocks = tuple(block for block in contents.blocks if not _is_blank(block))
    pen = Pen(_find_numbers(blocks))
    _set_properties(document, contents)
    _add_margins(document, contents, pen)
    paper = _Paper(document, pen)
    body = "".join(paper.write_body(contents, blocks))
    _add_marks(document, pen)
    document.element.body.clear_content()
    document.element.body.remove(document.element.body.sectPr)
    out = io.BytesIO()
    document.save(out)
    parts = unpack_parts(out.getvalue())
    head, empty, tail = parts["word/document.xml"].partition(b"<w:body/>")
    if not empty:
        raise ValueError("The Word file in templates/reports is none that papers can be built on.")
    # Put in as text: a tree of three hundred partnerships' tables takes half a gigabyte.
    about = {name: part for name, part in parts.items() if name in {"docProps/app.xml", "docProps/custom.xml"}}
    forget_people(about)  # of the base
    parts["word/document.xml"] = head + f"<w:body {_NAMESPACES}>{body}</w:body>".encode() + tail
    return pack_parts(parts | about)


def draft_marking(contents: Contents) -> str:
    """What stands at the head of every page: for a draft, also until when it is not for publication."""
    if contents.draft:
        return f"{contents.marking or 'DRAFT - not for publication'} before {day(contents.not_before)}"
    return contents.marking


def _is_blank(block: Block) -> bool:
    """A paragraph without a word is not printed; somebody's own words are missed where there are none."""
    match block:
        case Numbered() | Lettered():
            return is_blank(block.text)
        case Plain(quoted=False):
            return is_blank(block.text + block.lead)
    return False


def _find_numbers(blocks: tuple[Block, ...]) -> dict[str, str]:
    """The number of each paragraph, table and figure by its anchor, in the order in which they are written."""
    counts = {"": 0, "Table ": 0, "Figure ": 0}
    numbers: dict[str, str] = {}
    for block in blocks:
        if not isinstance(block, Numbered | Table | SeriesChart | GroupChart):
            continue
        kind = "" if isinstance(block, Numbered) else "Table " if isinstance(block, Table) else "Figure "
        counts[kind] += 1
        if block.anchor in numbers:
            raise ValueError(f"Two parts of the paper have the anchor {block.anchor!r}.")
        if block.anchor:
            numbers[block.anchor] = f"{kind}{counts[kind]}"
    return numbers


_LONGEST_PROPERTY = 255


def _set_properties(document: Any, contents: Contents) -> None:
    properties = document.core_properties
    title = ": ".join(filter(None, (contents.title, contents.covers)))
    properties.title = clean_for_word(title)[:_LONGEST_PROPERTY]
    properties.subject = clean_for_word(f"{contents.board}, {day(contents.meeting)}")[:_LONGEST_PROPERTY]
    properties.language = "en-GB"
    properties.created = properties.modified = as_utc(contents.as_at).replace(tzinfo=None)
    properties.author = properties.last_modified_by = properties.category = properties.comments = ""
    properties.revision = 1


def _add_margins(document: Any, contents: Contents, pen: Pen) -> None:
    """Head and foot of every page, below what the base has there."""
    section = document.sections[-1]
    illustrative = "ILLUSTRATIVE: made-up figures, to show the form of the paper" if contents.illustrative else ""
    head = [pen.write_paragraph(line, "Marking") for line in (illustrative, draft_marking(contents)) if line]
    foot = [_write_foot(contents)]
    kinds = ["header", "footer"]
    kinds += ["first_page_header", "first_page_footer"] * section.different_first_page_header_footer
    kinds += ["even_page_header", "even_page_footer"] * document.settings.odd_and_even_pages_header_footer
    for kind in kinds:
        margin = getattr(section, kind)
        margin.is_linked_to_previous = False
        _fill_margin(margin._element, head if kind.endswith("header") else foot)  # noqa: SLF001 - it has no other door


_SEEN = ("}t", "}drawing", "}pict", "}fldSimple", "}instrText")


def _fill_margin(margin: Any, paragraphs: list[str]) -> None:
    """After what stands there; a paragraph with nothing in it makes room."""
    for child in list(margin) if paragraphs else ():
        if child.tag.endswith("}p") and not any(one.tag.endswith(_SEEN) for one in child.iter()):
            margin.remove(child)
    margin.extend([_parse(xml.replace("<w:p>", f"<w:p {_NAMESPACES}>", 1)) for xml in paragraphs])


def _write_foot(contents: Contents) -> str:
    """What paper it is, and Page X of Y at the right margin, however wide the page."""
    parts = (f"{contents.board}, {plain_day(contents.meeting)}", contents.version)
    left = write_run(". ".join(part for part in parts if part))
    right = '<w:r><w:ptab w:relativeTo="margin" w:alignment="right" w:leader="none"/></w:r>'
    pages = f"{write_run('Page ')}{write_field('PAGE', '1')}{write_run(' of ')}{write_field('NUMPAGES', '1')}"
    return f'<w:p><w:pPr><w:pStyle w:val="Foot"/></w:pPr>{left}{right}{pages}</w:p>'


_Printed = Heading | Numbered | Lettered | Plain | Lines | NewPage | Table | SeriesChart | GroupChart
_Exhibit = Table | SeriesChart | GroupChart


class _Paper:
    """The body of one paper as it is written, page after page."""

    def __init__(self, document: Any, pen: Pen) -> None:
        self._document, self._pen = document, pen
        section = document.sections[-1]
        across = section.left_margin.twips + section.right_margin.twips
        self._upright = section.page_width.twips - across
        self._on_its_side = section.page_height.twips - across
        self._width = self._upright
        self._size, self._font = _find_size(document.styles, "Table text"), _find_font(document.styles)
        self._counts = {"Table": 0, "Figure": 0}

    def write_body(self, contents: Contents, blocks: tuple[Block, ...]) -> list[str]:
        """Every block in its order, and the page it stands on."""
        pen = self._pen
        covers = f", on {contents.covers}" if contents.covers else ""
        written = [
            pen.write_paragraph(f"{contents.board}, {plain_day(contents.meeting)}{covers}", "Board name"),
            pen.write_paragraph(contents.title, "Heading 1"),
        ]
        for block in blocks:
            if isinstance(block, Landscape):
                self._end_section(written)
                self._width = self._on_its_side
            else:
                written += self._write_block(block)
        if written[-1].startswith("<w:tbl"):
            written.append(pen.write_paragraph((), "Section end"))
        return [*written, self._write_section()]

    def _end_section(self, written: list[str]) -> None:
        """The section's properties go into its last paragraph, so that no blank one is printed."""
        self._pen.breaks_page = False
        if not written[-1].startswith("<w:p>"):
            written.append(self._pen.write_paragraph((), "Section end"))
        written[-1] = written[-1].replace("</w:pPr>", f"{self._write_section()}</w:pPr>", 1)

    def _write_section(self) -> str:
        from docx.enum.section import WD_ORIENT
        from lxml import etree

        section = copy.deepcopy(self._document.sections[-1]._sectPr)  # noqa: SLF001 - copied whole, header and all
        if self._width == self._on_its_side:
            size = section.pgSz
            size.w, size.h = size.h, size.w
            size.orient = WD_ORIENT.LANDSCAPE
        return etree.tostring(section, encoding="unicode")

    def _write_block(self, block: _Printed) -> Iterator[str]:
        pen = self._pen
        match block:
            case Heading():
                yield pen.write_paragraph(block.text, f"Heading {block.level}")
            case Numbered():
                yield self._write_item(block.text, "Numbered paragraph", block.key, block.anchor)
            case Lettered():
                yield self._write_item(block.text, "Lettered item", block.key)
            case Plain():
                yield from self._write_plain(block)
            case Lines():
                yield pen.write_paragraph("\n".join(block.lines), "Officer")
            case NewPage():
                pen.breaks_page = True
            case _:
                yield from self._write_exhibit(block)

    def _write_exhibit(self, block: _Exhibit) -> Iterator[str]:
        """A table or figure below its caption and above its note."""
        kind = "Table" if isinstance(block, Table) else "Figure"
        yield self._write_caption(kind, block)
        if isinstance(block, Table):
            yield write_table(block, self._pen, width=self._width, size=self._size)
        else:
            yield self._write_chart(block)
        if not is_blank(block.note):
            yield self._pen.write_paragraph(block.note, "Note")

    def _write_item(self, text: Text, style: str, key: str, anchor: str = "") -> str:
        if key:
            return self._pen.write_words(key, (text,), style, anchor=anchor)
        start, end = self._pen.open_anchor(anchor)
        return self._pen.write_paragraph(text, style, before=start, after=end)

    def _write_plain(self, block: Plain) -> Iterator[str]:
        """Each paragraph of it, the first behind what it is about; words that have an owner are found by their key."""
        style = "Quoted" if block.quoted else "Listed"
        first, *others = split_paragraphs(block.text) or ((NO_DATA,) if block.quoted else ("",))
        lead = (Run(text=f"{block.lead}. ", strong=True),) if block.lead else ()
        parts: tuple[Text, ...] = ((*lead, Run(text=first)), *others)
        key = "/".join(("words", *block.about)) if block.quoted and block.about else block.key
        if key:
            yield self._pen.write_words(key, parts, style)
        else:
            yield from (self._pen.write_paragraph(part, style) for part in parts)

    def _write_caption(self, kind: str, block: _Exhibit) -> str:
        """Such as "Table 2: Returns received", its number a field that other text can refer to."""
        self._counts[kind] += 1
        number = write_run(f"{kind} ") + write_field(rf"SEQ {kind} \* ARABIC", str(self._counts[kind]))
        start, end = self._pen.open_anchor(block.anchor or f"{kind} {self._counts[kind]}")
        return self._pen.write_paragraph(f": {block.caption}", "Caption", before=f"{start}{number}{end}")

    def _write_chart(self, chart: SeriesChart | GroupChart) -> str:
        number = self._counts["Figure"]
        drawing = draw_chart(chart, width=self._width, font=self._font)
        part = _add_part(self._document, f"/word/charts/paperchart{number}.xml", _CHART, drawing.xml)
        book = _add_part(self._document, f"/word/embeddings/paperdata{number}.xlsx", _BOOK, drawing.workbook)
        part.relate_to(book, RELATIONS + "package")
        relation = self._document.part.relate_to(part, RELATIONS + "chart")
        inside = (
            '<wp:inline distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent cx="{self._width * _EMU}" cy="{drawing.height * _EMU}"/><wp:docPr id="{self._pen.next_id()}" '
            f'name="Figure {number}" descr={write_attribute(chart.description)}/>'
            '<wp:cNvGraphicFramePr/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart '
            f'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" r:id="{relation}"/></a:graphicData>'
            "</a:graphic></wp:inline>"
        )
        return self._pen.write_paragraph((), "Chart", after=f"<w:r><w:drawing>{inside}</w:drawing></w:r>")


# The base, and parts beside its own ----------------------------------------------------------------

_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_EMU = 635
"""A twentieth of a point in the units of drawings."""
_STORE = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
_ABOUT = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"


def _add_part(document: Any, name: str, content_type: str, content: bytes | str) -> Any:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    data = content if isinstance(content, bytes) else f"{head}{content}".encode()
    return Part(PackURI(name), content_type, data, document.part.package)


def _add_marks(document: Any, pen: Pen) -> None:
    """What each bookmark marks, as a part that travels in the file."""
    marks = "".join(
        f"<{kind} name={write_attribute(name)} key={write_attribute(key)}/>" for name, (kind, key) in pen.marks.items()
    )
    item = _add_part(document, "/customXml/item77.xml", "application/xml", f'<marks xmlns="{MARKS}">{marks}</marks>')
    about = (
        f'<ds:datastoreItem xmlns:ds="{_STORE}" ds:itemID="{{6F1D2C0E-6B0B-4C0D-9C5A-2B7A4E5D9F11}}"><ds:schemaRefs>'
        f'<ds:schemaRef ds:uri="{MARKS}"/></ds:schemaRefs></ds:datastoreItem>'
    )
    item.relate_to(_add_part(document, "/customXml/itemProps77.xml", _ABOUT, about), RELATIONS + "customXmlProps")
    document.part.relate_to(item, RELATIONS + "customXml")


def _find_style(styles: Any, name: str) -> Any:
    """A style by its id, or None where the base lacks it."""
    return next((style for style in styles if style.style_id == style_id(name)), None)


def _find_size(styles: Any, name: str) -> float:
    """A style's size in points: its own, that of a style it is based on, or what all text has."""
    style = _find_style(styles, name)
    while style is not None and style.font.size is None:
        style = style.base_style
    defaults = styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:sz/@w:val")
    return float(style.font.size.pt) if style is not None else int(defaults[0]) / 2 if defaults else 10.0


def _find_font(styles: Any) -> str:
    fonts = styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:rFonts/@w:ascii")
    return str(fonts[0]) if fonts else ""


def _parse(xml: str) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(xml)
