"""All that can be seen on a workbook's sheets, whoever put it there: cells, comments, links, colours, shapes,
print texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from openpyxl.utils import get_column_letter

from csp_workflow.forms import layout
from csp_workflow.forms.found_tables import FoundTable
from csp_workflow.forms.grids import Grid
from csp_workflow.forms.markup import Place
from csp_workflow.terms.cells import Sighting, SightingKind

MOST = 1_000
"""So many of a kind are listed of one sheet; what we send has a third of it."""

_LONGEST = 1_000
_PRINT_PART = re.compile(r"&[LCR](?![a-z])")
_PRINT_CODE = re.compile(r'&("[^"]*"|\d+|K[0-9A-F]{6}|K\d\d[+-]\d{3}|[A-Z])')
_Owners = dict[Place, tuple[str, str]]


def list_sightings(grids: Iterable[Grid], tables: Iterable[FoundTable]) -> Iterator[Sighting]:
    """What can be seen of each sheet that could be read, within bounds."""
    every = list(tables)
    for grid in grids:
        if not grid.notes.unread:
            mine = [table for table in every if table.grid is grid]
            owners = _find_owners(mine)
            if mine and not _PROGRAMS.fullmatch(grid.name):
                name = _NUMBERED.sub("", grid.name).replace("_", " ")
                yield Sighting(kind=SightingKind.PROPERTY, sheet="", cell="", text=f"{SHEET_NAME}{name}")
            named = ((t, column) for t in mine for column in (*t.renamed, *t.list_old()))
            heads = {f"{get_column_letter(column)}{t.header_row}" for t, column in named}
            for look in _LOOKERS:
                every_one = islice(look(grid, owners), MOST)
                yield from (one for one in every_one if one.kind is not SightingKind.CELL or one.cell not in heads)


def list_words(grid: Grid) -> str:
    """All the words of a sheet, row below row, whether or not anybody sees them."""
    notes = grid.notes
    rows = ("\t".join(text for _, text in sorted(grid.rows[row].items())) for row in sorted(grid.rows))
    drawn = (text for _, _, text in notes.drawn)
    return "\n".join((notes.name, *rows, *notes.comments.values(), *drawn, *map(print_words, notes.print_texts)))


def print_words(text: str) -> str:
    """The words of a header or footer, without the codes between them."""
    return " ".join(_PRINT_CODE.sub(" ", text).split())


SHEET_NAME = "Sheet name: "
"""How it is said what a sheet of ours is called now; programs put a number behind it, or behind a word of theirs."""

_NUMBERED, _PROGRAMS = re.compile(r"^Copy of |(?<! v)\W*\(?\d+\)?$"), re.compile(r"[^\W_]+ ?\d+")
_MADE = re.compile(
    r"(?:microsoft |excel |power ?point )*(?:work(?:book|sheet)|(?:spread)?sheet|book|presentation|document)? ?\d*|"
    r"untitled(?: \w+)?|[\w ().-]+\.(?:xls[xmb]?|ods)|"
    r"(?:generated|created|exported|converted) (?:by|with|from) \w+(?: \w+)?|"
    r"\[?(?:sec=)?(?:official|unclassified|not protectively marked)\]?|not started|final",
    re.IGNORECASE,
)
"""What programs put there by themselves: their own names, the file's, a marking, that it was marked as final."""

_PROPERTIES = {
    "title": "Title",
    "subject": "Subject",
    "keywords": "Tags",
    "keyword": "Tags",
    "description": "Comments",
    "category": "Categories",
    "contentStatus": "Status",
}
"""What programs call those properties of a file in which people write, by the names of their elements."""


def list_properties(properties: Iterable[tuple[str, str]]) -> Iterator[Sighting]:
    """What stands in the properties of a file that people fill in."""
    for name, text in properties:
        if name in _PROPERTIES and not _MADE.fullmatch(text):
            said = f"{_PROPERTIES[name]}: {text[:_LONGEST]}"
            yield Sighting(kind=SightingKind.PROPERTY, sheet="", cell="", text=said)


def _find_owners(tables: Iterable[FoundTable]) -> _Owners:
    """What the row of a cell in a table is about, and what stands over it."""
    owners: _Owners = {}
    for table in tables:
        heads = table.grid.rows[table.header_row]
        said = {column: " ".join(text.split()) for column, text in heads.items()} | dict(table.renamed)
        columns = [(c, said[c]) for c in sorted(heads) if table.span[0] <= c <= table.span[1]]
        for row in table.rows:
            area, ref = next(table.list_keys(row), ("", ""))
            key = layout.figure_key(area, ref).strip()
            owners |= {(row, column): (key, header) for column, header in columns}
    return owners


def _see_cells(grid: Grid, owners: _Owners) -> Iterator[Sighting]:
    for row in sorted(grid.rows):
        for column in sorted(grid.rows[row]):
            place = row, column
            key, header = owners.get(place, ("", ""))
            kind = SightingKind.STRUCK if grid.is_struck(place) else SightingKind.CELL
            is_formula = place in grid.notes.formulas
            yield _see(grid, kind, place, grid.seen(row, column), key=key, header=header, is_formula=is_formula)


def _see_comments(grid: Grid, owners: _Owners) -> Iterator[Sighting]:
    for place, text in sorted(grid.notes.comments.items()):
        if text.strip():
            key, header = owners.get(place, ("", ""))
            yield _see(grid, SightingKind.COMMENT, place, text, key=key, header=header)


def _see_drawn(grid: Grid, _: _Owners) -> Iterator[Sighting]:
    for place, kind, text in grid.notes.drawn:
        is_box = bool(text) and kind in {"sp", "cxnSp"}  # a line over a figure, without words, is a drawing
        yield _see(grid, SightingKind.BOX if is_box else SightingKind.PICTURE, place, text)


def _see_embedded(grid: Grid, _: _Owners) -> Iterator[Sighting]:
    for what in grid.notes.embedded.values():
        yield Sighting(kind=SightingKind.EMBEDDED, sheet=grid.name, cell="", text=what)


def _see_fills(grid: Grid, owners: _Owners) -> Iterator[Sighting]:
    for place, colour in sorted(grid.notes.fills.items()):
        key, header = owners.get(place, ("", ""))
        yield _see(grid, SightingKind.FILL, place, colour, key=key, header=header)


def _see_links(grid: Grid, owners: _Owners) -> Iterator[Sighting]:
    """Where cells lead out of the workbook, unless that stands in them: programs make links of addresses in words."""
    called = {place: found[1] for place, (said, _) in grid.notes.formulas.items() if (found := _LINKED.match(said))}
    for place, target in sorted({**grid.notes.links, **called}.items()):
        key, header = owners.get(place, ("", ""))
        text = grid.text(*place)
        if not target.startswith("#") and _bare_link(target) not in map(_bare_link, (text, *text.split())):
            yield _see(grid, SightingKind.LINK, place, target, key=key, header=header)


_LINKED = re.compile(r'=HYPERLINK\("([^"]+)"', re.IGNORECASE)


def _bare_link(target: str) -> str:
    return re.sub(r"^[(<]?(?:mailto:|https?://)?|/?[.,;:)>]*$", "", target.strip().casefold())


def _see_messages(grid: Grid, _: _Owners) -> Iterator[Sighting]:
    for place, text in grid.notes.messages:
        yield _see(grid, SightingKind.MESSAGE, place, text)


def _see_printed(grid: Grid, _: _Owners) -> Iterator[Sighting]:
    for text in grid.notes.print_texts:
        for part in filter(None, map(print_words, _PRINT_PART.split(text))):
            yield Sighting(kind=SightingKind.PRINTED, sheet=grid.name, cell="", text=part)


_LOOKERS = (
    *(_see_comments, _see_drawn, _see_embedded, _see_printed, _see_messages),
    *(_see_links, _see_cells, _see_fills),
)
"""What says most comes first."""


def _see(grid: Grid, kind: SightingKind, place: Place, text: str, **more: object) -> Sighting:
    at = f"{get_column_letter(place[1])}{place[0]}"
    return Sighting(kind=kind, sheet=grid.name, cell=at, text=text.strip()[:_LONGEST], **more)  # type: ignore[arg-type]
