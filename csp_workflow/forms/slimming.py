"""Makes of a vetted workbook a slim one that holds only what is read: cells, strings, formats."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from csp_workflow.forms.container import Container, relationships_of
from csp_workflow.forms.markup import Markup
from csp_workflow.forms.part_passes import BookPass, CommentsPass, LinksPass, StylesPass, WordsPass
from csp_workflow.forms.vetting import SHEETS, SheetNotes, SheetPass
from csp_workflow.mail.file_kinds import FileRefused

_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PROPERTIES = ("docProps/core.xml", "docProps/custom.xml")


@dataclass(frozen=True, kw_only=True)
class Vetted:
    """A workbook that is safe to load, with what was noted before."""

    slim: bytes
    sheets: tuple[SheetNotes, ...]
    names: tuple[tuple[str, str], ...]
    properties: tuple[tuple[str, str], ...]


def vet(data: bytes) -> Vetted:
    """Check a workbook's parts and make the slim one. Raises FileRefused with the reason."""
    container = Container(data)
    book_part = _book_part(container)
    book = BookPass(container.read(book_part))
    book.run()
    links = _links(container, book_part)
    targets = {link: (kind, container.near(book_part, target)) for link, kind, target in links}
    parts: list[tuple[SheetNotes, bytes]] = []
    for name, state, link in book.sheets[: SHEETS + 1]:
        kind, part = targets.get(link, ("", ""))
        if kind == "worksheet":
            parts.append(_sheet(container, part, SheetNotes(name=name, state=state)))
    _refuse_odd(book, parts, [p for k, p in targets.values() if k == "worksheet"])
    extras = _extras(container, dict(targets.values()))
    return Vetted(
        slim=_packed(parts, extras, is_1904=book.is_1904),
        sheets=tuple(notes for notes, _ in parts),
        names=tuple(book.names),
        properties=tuple(_properties(container)),
    )


def _refuse_odd(book: BookPass, parts: list[tuple[SheetNotes, bytes]], worksheets: list[str]) -> None:
    if len(book.sheets) > SHEETS or len(set(worksheets)) != len(worksheets):
        raise FileRefused("hostile")
    if not parts:
        raise FileRefused("damaged")


def _book_part(container: Container) -> str:
    for _, kind, target in _links(container, ""):
        if kind == "officeDocument":
            return container.near("", target)
    return "xl/workbook.xml"


def _links(container: Container, part: str) -> list[tuple[str, str, str]]:
    rels = relationships_of(part) if part else "_rels/.rels"
    if rels not in container:
        return []
    found = LinksPass(container.read(rels))
    found.run()
    return found.links


def _sheet(container: Container, part: str, notes: SheetNotes) -> tuple[SheetNotes, bytes]:
    cells = SheetPass(container.read(part), notes)
    cells.run()
    for _, kind, target in _links(container, part):
        near = container.near(part, target)
        if near not in container:
            continue
        if kind == "comments":
            CommentsPass(container.read(near), notes).run()
        elif kind == "drawing":
            drawing = WordsPass(container.read(near))
            drawing.run()
            notes.has_picture = notes.has_picture or drawing.has_picture
    return notes, cells.slimmed()


def _extras(container: Container, by_kind: dict[str, str]) -> dict[str, bytes]:
    """Shared strings and styles, vetted."""
    extras = {}
    for kind, made in (("sharedStrings", Markup), ("styles", StylesPass)):
        part = by_kind.get(kind, "")
        if part and part in container:
            one = made(container.read(part))
            one.run()
            extras[kind] = one.slimmed()
    return extras


def _properties(container: Container) -> list[tuple[str, str]]:
    found = []
    for part in _PROPERTIES:
        if part in container:
            words = WordsPass(container.read(part))
            words.run()
            found += [(part, text.strip()) for text in words.texts if text.strip()]
    return found


def _packed(parts: list[tuple[SheetNotes, bytes]], extras: dict[str, bytes], *, is_1904: bool) -> bytes:
    """The slim package, stored and not compressed, since it is read at once and thrown away."""
    out = io.BytesIO()
    targets = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(parts) + 1)]
    targets += [(kind, f"{kind}.xml") for kind in extras]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:

        def put(name: str, content: str | bytes) -> None:
            made.writestr(zipfile.ZipInfo(name), content)

        put("[Content_Types].xml", _content_types(targets))
        put("_rels/.rels", _relationships([("officeDocument", "xl/workbook.xml")]))
        put("xl/workbook.xml", _book([notes for notes, _ in parts], is_1904=is_1904))
        put("xl/_rels/workbook.xml.rels", _relationships(targets))
        for n, (_, content) in enumerate(parts, start=1):
            put(f"xl/worksheets/sheet{n}.xml", content)
        for kind, content in extras.items():
            put(f"xl/{kind}.xml", content)
    return out.getvalue()


def _content_types(targets: list[tuple[str, str]]) -> str:
    lines = "".join(f'<Override PartName="/xl/{target}" ContentType="{_TYPES}{kind}+xml"/>' for kind, target in targets)
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}sheet.main+xml"/>{lines}</Types>'
    )


def _relationships(targets: list[tuple[str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _book(sheets: list[SheetNotes], *, is_1904: bool) -> str:
    """Sheets stand under numbers here: their own names, however odd, are in the notes."""
    lines = "".join(
        f"<sheet name={quoteattr(f's{n}')} sheetId={quoteattr(str(n))} r:id={quoteattr(f'r{n}')}/>"
        for n in range(1, len(sheets) + 1)
    )
    system = '<workbookPr date1904="1"/>' if is_1904 else "<workbookPr/>"
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{system}<sheets>{lines}</sheets></workbook>'
