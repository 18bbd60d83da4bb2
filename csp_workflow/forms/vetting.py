"""Vets a workbook's zip and its parts, and makes a slim one that holds only what is read: cells and strings."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from csp_workflow.forms.looks import Look, Restyling
from csp_workflow.forms.markup import (
    SHEETS,
    STRICT,
    BookPass,
    LinksPass,
    Runs,
    SheetNotes,
    SheetPass,
    WordsPass,
    corners_of,
)
from csp_workflow.forms.overlays import CommentsPass, DrawingPass, StringsPass, StylesPass, ThreadsPass
from csp_workflow.mail.files import OUR_FAILURES, FileRefused

ENTRIES = 2_000
PART_BYTES = 40 * 1024 * 1024
TOTAL_BYTES = 80 * 1024 * 1024
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1


class Container:
    """The parts of a workbook (or a Word file) by name. Raises FileRefused for a container that is not to be opened.

    Nothing is ever written to disk, so that a name can do no harm; but two parts of one name
    would let the checks see one thing and the reader another.
    """

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))  # which `sniff_kind` has opened before
        self._left = TOTAL_BYTES
        self._parts = _check_entries(self._archive.infolist())

    def list_names(self) -> tuple[str, ...]:
        """The names of all parts, in small letters."""
        return tuple(self._parts)

    def __contains__(self, name: str) -> bool:
        return _plain_name(name) in self._parts

    def read(self, name: str) -> bytes:
        """A part's bytes. Raises FileRefused when it is missing, damaged, or larger than all bounds."""
        info = self._parts.get(_plain_name(name))
        if info is None:
            raise FileRefused("damaged")
        if info.file_size > min(PART_BYTES, self._left):
            raise FileRefused("too large")
        self._left -= info.file_size
        try:
            return self._archive.read(info)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError) as fault:
            raise FileRefused("damaged") from fault
        except OUR_FAILURES:
            raise
        except Exception as fault:  # zlib.error, and whatever a damaged stream brings
            raise FileRefused("damaged") from fault

    def near(self, part: str, target: str) -> str:
        """The name of a relationship's target, seen from the part that points at it."""
        if target.startswith("/"):
            return target.lstrip("/")
        return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def relationships_of(part: str) -> str:
    """Where a part's relationships stand."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _check_entries(entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    if len(entries) > ENTRIES:
        raise FileRefused("hostile")
    parts: dict[str, zipfile.ZipInfo] = {}
    for info in entries:
        name = _plain_name(info.filename)
        if ".." in name.split("/") or "\x00" in info.filename or name in parts:
            raise FileRefused("hostile")
        if info.flag_bits & _ENCRYPTED:
            raise FileRefused("password")
        if info.compress_type not in _METHODS:
            raise FileRefused("hostile")
        parts[name] = info
    return parts


def _plain_name(name: str) -> str:
    """Part names are compared without case; some programs write backslashes."""
    return name.replace("\\", "/").lstrip("/").lower()


# The workbook in it ------------------------------------------------------------------------------

_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STRICTLY = f"http://{STRICT}".encode()
_NO_CELLS = f'<worksheet xmlns="{_MAIN}"><sheetData/></worksheet>'.encode()
_Extra = TypeVar("_Extra", StringsPass, StylesPass)
_CELLLESS = {"chartsheet", "dialogsheet", "xlMacrosheet"}
_PROPERTIES = ("docProps/core.xml", "docProps/custom.xml", "meta.xml")
CUSTOM = "user-defined"


@dataclass(frozen=True, kw_only=True)
class Vetted:
    """A workbook that is safe to load, with what was noted before. `looks` are its cells' formats, by their number."""

    slim: bytes
    is_1904: bool
    looks: tuple[Look, ...]
    sheets: tuple[SheetNotes, ...]
    names: tuple[tuple[str, str], ...]
    properties: tuple[tuple[str, str], ...]


def vet_workbook(data: bytes) -> Vetted:
    """Check a workbook's parts and make the slim one. Raises FileRefused with the reason."""
    container = Container(data)
    book_part = _find_book(container)
    book = BookPass(container.read(book_part))
    book.run()
    links = read_links(container, book_part)
    targets = {link: (kind, container.near(book_part, target)) for link, kind, target in links}
    by_kind = dict(targets.values())
    strings = _read_extra(StringsPass, container, by_kind.get("sharedStrings", ""))
    styles = _read_extra(StylesPass, container, by_kind.get("styles", ""))
    parts: list[tuple[SheetNotes, bytes]] = []
    for name, state, link in book.sheets[: SHEETS + 1]:
        kind, part = targets.get(link, ("", ""))
        notes = SheetNotes(name=name, state=state)
        if kind in _CELLLESS and part in container:
            notes.far = True  # a sheet all the same, of which its sender is told that it was not read
            _note_beside(container, part, notes)
            parts.append((notes, _NO_CELLS))
        elif kind == "worksheet":
            parts.append(_vet_sheet(container, part, notes, strings.odd if strings else {}))
            _note_changes(parts[-1][0], styles.changes.made if styles else [])
            _note_fills(parts[-1][0], styles.looks if styles else [])
    _refuse_odd(book, [p for k, p in targets.values() if k == "worksheet"])
    return Vetted(
        slim=_pack(parts, strings.slimmed() if strings else b"", is_strict=book.is_strict),
        is_1904=book.is_1904,
        looks=tuple(styles.looks) if styles else (),
        sheets=tuple(notes for notes, _ in parts),
        names=tuple(book.names),
        properties=tuple(read_properties(container)),
    )


def _refuse_odd(book: BookPass, worksheets: list[str]) -> None:
    if len(book.sheets) > SHEETS or len(set(worksheets)) != len(worksheets):
        raise FileRefused("hostile")
    if not worksheets:
        raise FileRefused("damaged")


def _find_book(container: Container) -> str:
    for _, kind, target in read_links(container, ""):
        if kind == "officeDocument":
            return container.near("", target)
    return "xl/workbook.xml"


def read_links(container: Container, part: str) -> list[tuple[str, str, str]]:
    """What a part points at ("": the book itself): the name, kind and target of each relationship."""
    found = _read_relationships(container, part)
    return found.links if found else []


def _read_relationships(container: Container, part: str) -> LinksPass | None:
    rels = relationships_of(part) if part else "_rels/.rels"
    if rels not in container:
        return None
    found = LinksPass(container.read(rels))
    found.run()
    return found


def _vet_sheet(container: Container, part: str, notes: SheetNotes, odd: Mapping[int, Runs]) -> tuple[SheetNotes, bytes]:
    """What is noted of a sheet, and the part to read. One too large or damaged is left out, and spoils no other."""
    try:
        cells = SheetPass(container.read(part), notes, odd)
        cells.run()
        _note_beside(container, part, notes)
    except FileRefused as refused:
        if refused.reason == "hostile":
            raise
        return SheetNotes(name=notes.name, state=notes.state, unread=refused.reason), _NO_CELLS
    return notes, cells.slimmed()


def _note_changes(notes: SheetNotes, made: list[Restyling]) -> None:
    """Where rules may make cells look otherwise; of most only the number of what they make is said there."""
    for said, rule in notes.conditions:
        change = rule if isinstance(rule, Restyling) else made[rule] if rule < len(made) else Restyling()
        if change != Restyling():
            notes.changes += [(corners_of(ref), change) for ref in said.split()]


def _note_fills(notes: SheetNotes, looks: list[Look]) -> None:
    """The colour behind each cell that has any, an empty one's too."""
    coloured = {number: look.fill for number, look in enumerate(looks) if look.fill}
    notes.fills = {place: coloured[number] for place, number in notes.looks.items() if number in coloured}


_BESIDE = {"comments": CommentsPass, "threadedComment": ThreadsPass, "drawing": DrawingPass}


def _note_beside(container: Container, part: str, notes: SheetNotes) -> None:
    """The comments of a sheet, what is drawn over it, and where its links lead, which stand in parts of their own."""
    found = _read_relationships(container, part)
    outside = found.outside if found else {}
    notes.links = {place: outside[link] for place, link in notes.links.items() if link in outside}
    links = {kind: container.near(part, target) for _, kind, target in (found.links if found else ())}
    for kind, read in _BESIDE.items():
        if links.get(kind, "") in container:
            read(container.read(links[kind]), notes).run()


def _read_extra(make: type[_Extra], container: Container, part: str) -> _Extra | None:
    """Shared strings or styles, read; None where there are none."""
    if part not in container:
        return None
    extra = make(container.read(part))
    extra.run()
    return extra


def read_properties(container: Container) -> Iterator[tuple[str, str]]:
    """The properties of a workbook's file, each with the name of its element; CUSTOM for those that have their own."""
    for part in _PROPERTIES:
        if part in container:
            words = WordsPass(container.read(part))
            words.run()
            for name, text in zip(words.names, words.texts, strict=True):
                if text.strip():
                    yield CUSTOM if part.endswith("custom.xml") or name == CUSTOM else name, text.strip()


def _pack(parts: list[tuple[SheetNotes, bytes]], strings: bytes, *, is_strict: bool) -> bytes:
    """The slim package, stored and not compressed, since it is read at once and thrown away."""
    out = io.BytesIO()
    sheets = [("worksheet", f"worksheets/sheet{n}.xml", content) for n, (_, content) in enumerate(parts, start=1)]
    every = [*sheets, *([("sharedStrings", "sharedStrings.xml", strings)] if strings else [])]
    targets = [(kind, target) for kind, target, _ in every]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:

        def put(name: str, content: str | bytes) -> None:
            made.writestr(zipfile.ZipInfo(name), content)

        put("[Content_Types].xml", _content_types(targets))
        put("_rels/.rels", _relationships([("officeDocument", "xl/workbook.xml")]))
        put("xl/workbook.xml", _book(len(parts)))
        put("xl/_rels/workbook.xml.rels", _relationships(targets))
        for _, target, content in every:
            put(f"xl/{target}", content.replace(_STRICTLY, _MAIN.encode(), 1) if is_strict else content)
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


def _book(sheets: int) -> str:
    """Sheets stand under numbers here: their own names, however odd, are in the notes."""
    lines = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, sheets + 1))
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr/><sheets>{lines}</sheets></workbook>'
