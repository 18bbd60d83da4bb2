"""Reads a returned workbook: all that was found, cell by cell, and nothing judged.

`read_workbook` runs in the sandbox's child and returns plain values; `intake.opening` makes terms of them again.
Tables are found by their headers, on whatever sheet and in whatever column they now stand; figures by area code and
ref, boxes by ref, the sign-off by label.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from openpyxl import Workbook

from csp_workflow.forms import grids, layout, vetting
from csp_workflow.forms.binary_excel import load_binary_excel
from csp_workflow.forms.catalogue import is_ours as is_of_catalogue
from csp_workflow.forms.catalogue import read_catalogue
from csp_workflow.forms.found_tables import (
    ACTIONS,
    BACKGROUND,
    FIGURES,
    POLICE,
    QUESTIONS,
    SUMMARY,
    FoundTable,
    TableKind,
    choose_tables,
    find_tables,
    list_missing,
)
from csp_workflow.forms.grids import Grid
from csp_workflow.forms.markup import COLUMNS
from csp_workflow.forms.old_excel import load_old_excel
from csp_workflow.forms.open_document import load_open_document
from csp_workflow.forms.refusals import explain_refusal
from csp_workflow.forms.setup_book import read_setup
from csp_workflow.forms.sightings import list_properties, list_sightings, list_words, print_words
from csp_workflow.mail.files import OUR_FAILURES, FileRefused, list_ole_properties, read_file_words, sniff_kind
from csp_workflow.terms.bank_details import BANK_DETAILS, has_bank_details
from csp_workflow.terms.cells import Cell, CellType, Sighting, find_reference
from csp_workflow.terms.personal import keep_back
from csp_workflow.terms.returns import ReadFigureRow, ReadForm, ReadText

_LOADERS = {"xls": load_old_excel, "xlsb": load_binary_excel, "ods": load_open_document}
"""What reads the other formats of a workbook."""

_NO_COMMENTS = "The file is in the format Excel binary (.xlsb), of which we do not read the comments."
_REFERENCE_ROWS = 12
_Texts = tuple[tuple[str, str], ...]
_Signed = dict[str, tuple[ReadText, ...]]
_Names = dict[str, tuple[str, str]]
_Label = tuple[str, int, int]
_UNREAD = {"too large": "far larger than our form", "damaged": "damaged"}


def make_trial_form() -> bytes:
    """A workbook in which a reader meets most of what is in a form, and nobody's figures."""
    book = Workbook()
    for name, inputs in ((layout.FIGURES, layout.FIGURE_INPUTS), (layout.POLICE, layout.POLICE_INPUTS)):
        sheet = book.create_sheet(name)
        sheet.append((layout.AREA_CODE, layout.REF, layout.MEASURE, *inputs))
        for row in range(_TRIAL_ROWS):
            sheet.append(("E07000129", f"M{row}", "A measure", *(row if row % 2 else "words" for _ in inputs)))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


_TRIAL_ROWS = 50


def read_workbook(data: bytes) -> dict[str, Any]:
    """A workbook's bytes -> {"form": ...} or {"unreadable": ...}, JSON-able. Runs in the sandbox's child."""
    kind = sniff_kind(data)
    if kind not in {"xlsx", "xlsm", *_LOADERS}:
        reason = BANK_DETAILS if has_bank_details(read_file_words(data)) else kind
        return {"unreadable": asdict(explain_refusal(reason))}
    try:
        parts = _parse(data, kind)
        # What is parsed is read by our own code: a failure of that is ours, and no damage of the file's.
        form = _read_other(*parts, kind) if kind in _LOADERS else _read_grids(*parts)
        return {"form": _make_plain(form)}
    except FileRefused as refused:
        return {"unreadable": asdict(explain_refusal(refused.reason))}


def see_workbook(data: bytes) -> dict[str, Any]:
    """A form as we sent it -> {"form": ...} with what can be seen on it and nothing else. Runs in the child too."""
    every, _, properties = _parse(data, "xlsx")
    return {"form": _make_plain(ReadForm(sightings=_see_all(*_find_readable(every), properties)))}


def _see_all(readable: list[Grid], alike: list[FoundTable], properties: _Texts) -> tuple[Sighting, ...]:
    return (*list_sightings(readable, alike), *list_properties(properties))


def _make_plain(form: ReadForm) -> Any:
    return json.loads(json.dumps(form, default=vars))  # in a quarter of the time that asdict takes


def _parse(data: bytes, kind: str) -> tuple[tuple[Grid, ...], _Texts, _Texts]:
    """A workbook's sheets, names and properties. Raises FileRefused for one that cannot be parsed."""
    try:
        if kind in _LOADERS:
            found = _LOADERS[kind](data)
            of_zip = vetting.read_properties(vetting.Container(data)) if kind != "xls" else ()
            return found, (), tuple(of_zip) or tuple(list_ole_properties(data))
        vetted = vetting.vet_workbook(data)
        return grids.load_grids(vetted), vetted.names, vetted.properties
    except (FileRefused, *OUR_FAILURES):
        raise
    except Exception as fault:  # a damaged file brings out faults of every kind in a parser
        # What cannot be read of these at all is asked for in the format that can.
        raise FileRefused(kind if kind in _LOADERS else "damaged") from fault


def _read_other(found: tuple[Grid, ...], names: _Texts, properties: _Texts, kind: str) -> ReadForm:
    """A form in another format. Without its reference it cannot be told from any other table."""
    form = _read_grids(found, names, properties)
    if not (form.references or form.setup):
        raise FileRefused(kind)
    return replace(form, remarks=(_NO_COMMENTS, *form.remarks)) if kind == "xlsb" else form


def _read_grids(every: tuple[Grid, ...], named: _Texts, properties: _Texts) -> ReadForm:
    if any(has_bank_details(text) for text in (*map(list_words, every), *(text for _, text in (*named, *properties)))):
        raise FileRefused(BANK_DETAILS)
    if setup := read_setup(every):
        return ReadForm(setup=setup)
    readable, alike = _find_readable(every)
    found = tuple(table for table in choose_tables(alike) if table.kind is not BACKGROUND)
    names = _named_targets(named)
    figures = [table for table in found if table.kind in (FIGURES, POLICE)]
    signed = _find_sign_off(readable)
    unread = [grid.notes.unread for grid in every if grid.notes.unread]
    if unread and not found and not any(signed.values()):
        raise FileRefused(unread[0])
    return ReadForm(
        references=tuple(_references(every, named, properties)),
        figures=tuple(row for table in figures for row in _figure_rows(table, names)),
        summary=_texts(found, SUMMARY, layout.HAPPENED, layout.NEXT),
        actions=_texts(found, ACTIONS, layout.ANSWER, layout.STATUS),
        questions=_texts(found, QUESTIONS, layout.ANSWER, layout.WORDS),
        sign_off=tuple(line for lines in signed.values() for line in lines),
        missing_headers=tuple(dict.fromkeys(list_missing(found))),
        pictures=tuple(grid.name for grid in readable if grid.notes.has_picture and _is_input(grid, found, signed)),
        merged_inputs=tuple(_merges(found)),
        remarks=tuple(_remarks(readable, found, signed)),
        catalogue=read_catalogue(readable),
        sightings=_see_all(readable, alike, properties),
    )


def _find_readable(every: tuple[Grid, ...]) -> tuple[list[Grid], list[FoundTable]]:
    """The sheets that people read, with all that look like tables of ours on them."""
    readable = [grid for grid in every if not _is_map(grid)]
    return readable, [table for grid in readable for table in find_tables(grid)]


def _is_map(grid: Grid) -> bool:
    """Whether a sheet is our map for programs, by its name or, where a program renamed it, by its title."""
    return layout.same(grid.name) == layout.same(layout.MAP) or grid.text(1, 1) == layout.MAP_TITLE


def _texts(found: tuple[FoundTable, ...], kind: TableKind, value: str, extra: str) -> tuple[ReadText, ...]:
    return tuple(text for table in found if table.kind is kind for text in _read_texts(table, value, extra))


def _is_input(grid: Grid, found: tuple[FoundTable, ...], signed: _Signed) -> bool:
    return bool(signed.get(grid.name)) or any(table.grid is grid for table in found)


def _merges(found: tuple[FoundTable, ...]) -> Iterator[tuple[str, str]]:
    for table in found:
        for merge in table.grid.merges_over(_input_places(table)):
            yield table.grid.name, merge


# Where a reference may stand ------------------------------------------------------------------


def _references(every: tuple[Grid, ...], named: _Texts, properties: _Texts) -> Iterator[tuple[str, str]]:
    for where, text in _places(every, named, properties):
        found = find_reference(text)
        if found:
            yield where, str(found)


def _places(every: tuple[Grid, ...], named: _Texts, properties: _Texts) -> Iterator[tuple[str, str]]:
    for grid in every:
        for row in sorted(r for r in grid.rows if r <= _REFERENCE_ROWS):
            for column, text in sorted(grid.rows[row].items()):
                where = "A2" if (row, column) == (2, 1) else f"row {row}"
                yield f"{where} of '{grid.name}'", text[:500]
        for text in grid.notes.print_texts:
            yield f"print footer of '{grid.name}'", print_words(text)
    for name, says in named:
        yield f"name {name}", says
    for name, text in properties:
        yield "custom properties" if name == vetting.CUSTOM else "file properties", text


# What was passed over -------------------------------------------------------------------------


def _remarks(readable: list[Grid], found: tuple[FoundTable, ...], signed: _Signed) -> Iterator[str]:
    for grid in readable:
        yield from _remarks_on(grid, is_input=_is_input(grid, found, signed))
    for table in found:
        yield from _hidden(table)
        for column, header in table.renamed.items():
            said = " ".join(table.grid.text(table.header_row, column).split())
            yield f"We read the column “{keep_back(said)}” of '{table.grid.name}' as “{header}”."


def _remarks_on(grid: Grid, *, is_input: bool) -> Iterator[str]:
    """What was not read of a sheet, or read though nobody sees it."""
    is_ours = layout.same(grid.name) in {layout.same(name) for name in (*layout.SHEETS, *layout.OLD_SHEETS)}
    is_ours = is_ours or is_of_catalogue(grid.name) or bool(find_reference(grid.text(2, 1)))
    if grid.notes.unread:
        yield f"We could not read the sheet '{keep_back(grid.name)}': it is {_UNREAD[grid.notes.unread]}."
    elif not is_input:
        if (grid.rows or grid.notes.far) and not is_ours:
            yield f"We did not read the sheet '{keep_back(grid.name)}'."
    else:
        if grid.notes.state != "visible":
            yield f"The sheet '{grid.name}' was hidden; we read it too."
        if grid.notes.far:
            yield f"We read '{grid.name}' down to row 2,000 and across to column BH only."


def _hidden(table: FoundTable) -> Iterator[str]:
    name, notes = table.grid.name, table.grid.notes
    hidden = [str(row) for row in table.rows if row in notes.hidden_rows and table.text(row, layout.REF)]
    if hidden:
        yield f"Some rows of '{name}' were hidden ({', '.join(hidden[:20])}); we read them too."
    for column in (table.column(header) for header in table.needed):
        if column in notes.hidden_columns:
            header = " ".join(table.grid.text(table.header_row, column).split())
            yield f"The column '{header}' of '{name}' was hidden; we read it too."


# Rows --------------------------------------------------------------------------------------------

_TARGET = re.compile(r"^=?(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Za-z]{1,3})\$?(\d{1,7})$")
_INPUT_HEADERS = frozenset(
    layout.same(header)
    for header in (*layout.FIGURE_INPUTS, *layout.POLICE_INPUTS, layout.HOW_MANY, *layout.OLD_HEADERS.values())
)
_KEY_HEADERS = frozenset(layout.same(header) for header in (layout.AREA_CODE, layout.REF))
_LABELS = {
    layout.COMPLETED_BY: "completedby",
    layout.POSITION: "position",
    layout.DATE: "date",
    layout.NIL: "nilreturn",
    layout.DECLINE: "wedecline",
    layout.REASON: "reason,ifnil",
}
_WHOLE = {layout.POSITION, layout.DATE}


def _named_targets(names: _Texts) -> _Names:
    """Our defined names in small letters, with the sheet and cell each points at."""
    found: _Names = {}
    for name, says in names:
        match = _TARGET.match(says) if name.casefold().startswith("in_") else None
        if match:
            sheet = (match[1] or match[2]).replace("''", "'")
            found[name.casefold()] = (sheet, f"{match[3].upper()}{match[4]}")
    return found


def _figure_rows(table: FoundTable, names: _Names) -> Iterator[ReadFigureRow]:
    """Every row of a figures table that has a ref; once more for each further column of one of its headers."""
    name = table.grid.name
    status = layout.CONFIRM if table.kind is POLICE else layout.STATUS
    inputs = (*layout.VALUE_INPUTS, status, layout.DROVE_IT, layout.NOTE)
    several = max(len(table.places(header)) for header in inputs)
    for row in table.rows:
        for area, ref in table.list_keys(row):
            for nth in range(max(several, 1)):
                cells = {header: _cell(table, row, header, nth) for header in inputs}
                figure, named = cells[layout.THIS_QUARTER], _named_place(names, area, ref, name)
                yield ReadFigureRow(
                    area_code=area,
                    ref=ref,
                    sheet=name,
                    row=row,
                    how_many=cells[layout.HOW_MANY],
                    out_of=cells[layout.OUT_OF],
                    this_quarter=replace(figure, is_named=bool(named) and named == figure.cell),
                    status=cells[status],
                    drove_it=cells[layout.DROVE_IT],
                    note=cells[layout.NOTE],
                    named=named,
                    neighbours=_neighbours(table, row),
                )


def _read_texts(table: FoundTable, value: str, extra: str) -> Iterator[ReadText]:
    """The boxes of a summary or actions table, by ref; once more for each further column of one of its headers."""
    headers = (value, extra, layout.QUICK, layout.PROMISE_NOW)
    several = max(len(table.places(header)) for header in headers)
    for row in table.rows:
        for _, ref in table.list_keys(row):
            for nth in range(max(several, 1)):
                first, more, quick, promise = (_cell(table, row, header, nth) for header in headers)
                yield ReadText(
                    ref=ref,
                    value=first,
                    extra=more,
                    quick=quick if table.column(layout.QUICK) else None,
                    promise_now=promise if table.column(layout.PROMISE_NOW) else None,
                )


# The sign-off -------------------------------------------------------------------------------------

_SURE = 3
"""With so many of our labels in one column it is a sign-off; with fewer it may be anybody's "Date" and "Position"."""


def _find_sign_off(grids: Iterable[Grid]) -> _Signed:
    """The sign-off lines of each sheet that has any: of every block that is surely one, else of all there are."""
    blocks = [(grid, labels, until) for grid in grids for labels, until in _label_blocks(grid)]
    sure = [block for block in blocks if len({label for label, _, _ in block[1]}) >= _SURE]
    signed: _Signed = {}
    for grid, labels, until in sure or blocks:
        signed[grid.name] = (*signed.get(grid.name, ()), *_read_entries(grid, labels, until))
    return signed


def _label_blocks(grid: Grid) -> Iterator[tuple[list[_Label], int]]:
    """The labels of each column in which "Completed by" stands, with their places, and where the next such begins."""
    found: dict[int, list[_Label]] = {}
    for row, column, text in _short_texts(grid):
        said = layout.same(text)
        for label, start in _LABELS.items():
            if said == start or (label not in _WHOLE and said.startswith(start)):
                found.setdefault(column, []).append((label, row, column))
    signing = sorted(c for c, labels in found.items() if any(label == layout.COMPLETED_BY for label, _, _ in labels))
    for column, until in zip(signing, [*signing[1:], COLUMNS + 1], strict=False):
        yield found[column], until


def _read_entries(grid: Grid, labels: list[_Label], until: int) -> Iterator[ReadText]:
    """What may be the entry beside each label: under "Your entry", wherever that stands, else in the next cell."""
    entry = layout.same(layout.ENTRY)
    heads = {column: row for row, column, text in _short_texts(grid) if layout.same(text) == entry}
    for label, row, column in labels:
        above = sorted(place for place, head in heads.items() if head < row)
        beside = [place for place in above if column < place < until] or above or [column + 1]
        yield from (ReadText(ref=label, value=grid.cell(row, place)) for place in beside)


def _input_places(table: FoundTable) -> set[tuple[int, int]]:
    """Where a table's inputs stand, for the rows that have a ref."""
    columns = [place for header in table.needed if header not in table.kind.keys for place in table.places(header)]
    return {(row, column) for row in table.rows if table.text(row, layout.REF) for column in columns}


def _short_texts(grid: Grid) -> Iterator[tuple[int, int, str]]:
    for row in sorted(grid.rows):
        for column, text in sorted(grid.rows[row].items()):
            if len(text) <= 100:
                yield row, column, text


def _cell(table: FoundTable, row: int, header: str, nth: int) -> Cell:
    """What stands under the nth column of a header, a blank where there are not so many."""
    places = table.places(header)
    if nth >= len(places):
        return Cell(sheet=table.grid.name, cell="", type=CellType.BLANK)
    return table.grid.cell(row, places[nth])


def _named_place(names: _Names, area: str, ref: str, sheet: str) -> str:
    place = names.get(layout.figure_name(area, ref).casefold())
    if not place:
        return ""
    return place[1] if place[0] == sheet else f"{place[0]}!{place[1]}"


def _neighbours(table: FoundTable, row: int) -> tuple[tuple[str, str], ...]:
    """The locked columns' headers as they stand, with what stands under them now."""
    header_row = table.grid.rows[table.header_row]
    return tuple(
        (" ".join(header_row[column].split()), table.grid.text(row, column))
        for column, said in sorted((place, said) for said, places in table.columns.items() for place in places)
        if said not in _INPUT_HEADERS and said not in _KEY_HEADERS
    )
