"""Reads a returned workbook: all that was found, cell by cell, and nothing judged.

`read_workbook` runs in the sandbox's child and returns plain values; `intake.opening` makes terms of them again.
Tables are found by their headers, on whatever sheet and in whatever column they now stand; figures by area code and
ref, boxes by ref, the sign-off by label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from csp_workflow.forms import grids, layout, vetting
from csp_workflow.forms.binary_excel import load_binary_excel
from csp_workflow.forms.grids import Grid
from csp_workflow.forms.old_excel import load_old_excel
from csp_workflow.forms.open_document import load_open_document
from csp_workflow.forms.refusals import explain_refusal
from csp_workflow.mail.file_kinds import OUR_FAILURES, FileRefused, sniff_kind
from csp_workflow.terms.personal import keep_back
from csp_workflow.terms.references import find_reference
from csp_workflow.terms.returns import Cell, CellType, ReadFigureRow, ReadForm, ReadText

_LOADERS = {"xls": load_old_excel, "xlsb": load_binary_excel, "ods": load_open_document}
"""What reads the other formats of a workbook."""

_NO_COMMENTS = "The file is in the format Excel binary (.xlsb), of which we do not read the comments."
_REFERENCE_ROWS = 12
_Texts = tuple[tuple[str, str], ...]
_Signed = dict[str, tuple[ReadText, ...]]
_Names = dict[str, tuple[str, str]]
_UNREAD = {"too large": "far larger than our form", "damaged": "damaged"}
_PRINT_CODE = re.compile(r'&("[^"]*"|\d+|[A-Z])')


def read_workbook(data: bytes) -> dict[str, Any]:
    """A workbook's bytes -> {"form": ...} or {"unreadable": ...}, JSON-able. Runs in the sandbox's child."""
    kind = sniff_kind(data)
    if kind not in {"xlsx", "xlsm", *_LOADERS}:
        return {"unreadable": asdict(explain_refusal(kind))}
    try:
        parts = _parse(data, kind)
        # What is parsed is read by our own code: a failure of that is ours, and no damage of the file's.
        return {"form": asdict(_read_other(parts[0], kind) if kind in _LOADERS else _read_grids(*parts))}
    except FileRefused as refused:
        return {"unreadable": asdict(explain_refusal(refused.reason))}


def _parse(data: bytes, kind: str) -> tuple[tuple[Grid, ...], _Texts, _Texts]:
    """A workbook's sheets, names and properties. Raises FileRefused for one that cannot be parsed."""
    try:
        if kind in _LOADERS:
            return _LOADERS[kind](data), (), ()
        vetted = vetting.vet_workbook(data)
        return grids.load_grids(vetted), vetted.names, vetted.properties
    except (FileRefused, *OUR_FAILURES):
        raise
    except Exception as fault:  # a damaged file brings out faults of every kind in a parser
        # What cannot be read of these at all is asked for in the format that can.
        raise FileRefused(kind if kind in _LOADERS else "damaged") from fault


def _read_other(found: tuple[Grid, ...], kind: str) -> ReadForm:
    """A form in another format. Without its reference it cannot be told from any other table."""
    form = _read_grids(found, (), ())
    if not form.references:
        raise FileRefused(kind)
    return replace(form, remarks=(_NO_COMMENTS, *form.remarks)) if kind == "xlsb" else form


def _read_grids(every: tuple[Grid, ...], named: _Texts, properties: _Texts) -> ReadForm:
    readable = [grid for grid in every if layout.same(grid.name) != layout.same(layout.MAP)]
    found = [table for grid in readable for table in find_tables(grid) if table.kind is not BACKGROUND]
    names = _named_targets(named)
    figures = [table for table in found if table.kind in (FIGURES, POLICE)]
    signed = {grid.name: _sign_off(grid) for grid in readable}
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
        missing_headers=tuple(dict.fromkeys(header for table in found for header in table.missing)),
        pictures=tuple(grid.name for grid in readable if grid.notes.has_picture and _is_input(grid, found, signed)),
        merged_inputs=tuple(_merges(found)),
        remarks=tuple(_remarks(readable, found, signed)),
    )


def _texts(found: list[FoundTable], kind: TableKind, value: str, extra: str) -> tuple[ReadText, ...]:
    return tuple(text for table in found if table.kind is kind for text in _read_texts(table, value, extra))


def _is_input(grid: Grid, found: list[FoundTable], signed: _Signed) -> bool:
    return bool(signed.get(grid.name)) or any(table.grid is grid for table in found)


def _merges(found: list[FoundTable]) -> Iterator[tuple[str, str]]:
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
            yield f"print footer of '{grid.name}'", _PRINT_CODE.sub(" ", text)
    for name, says in named:
        yield f"name {name}", says
    for part, text in properties:
        yield "file properties" if part.endswith("core.xml") else "custom properties", text


# What was passed over -------------------------------------------------------------------------


def _remarks(readable: list[Grid], found: list[FoundTable], signed: _Signed) -> Iterator[str]:
    for grid in readable:
        yield from _remarks_on(grid, is_input=_is_input(grid, found, signed))
    for table in found:
        yield from _hidden(table)
        if table.kind in (FIGURES, POLICE):
            yield from _unkept_rows(table)


def _remarks_on(grid: Grid, *, is_input: bool) -> Iterator[str]:
    """What was not read of a sheet, or read though nobody sees it."""
    is_ours = layout.same(grid.name) in {layout.same(name) for name in (*layout.SHEETS, *layout.OLD_SHEETS)}
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


# Tables, found by their headers ------------------------------------------------------------------

_ALIKE = 5
"""So many of a table's headers make a header row, even when the one that matters was renamed."""


@dataclass(frozen=True, kw_only=True)
class TableKind:
    """A kind of table: the header that tells it, all its headers, and those that must be there.

    Of those that stand `together` all are there, or none.
    """

    tell: str
    headers: tuple[str, ...]
    needed: tuple[str, ...]
    together: tuple[str, ...] = ()


POLICE = TableKind(
    tell=layout.CONFIRM,
    headers=(
        layout.AREA_CODE, layout.AREA, layout.REF, layout.MEASURE, layout.UNIT, layout.USUAL, layout.THIS_QUARTER,
        *layout.POLICE_INPUTS, layout.STILL_TO_DO,
    ),
    needed=(layout.AREA_CODE, layout.REF, *layout.POLICE_INPUTS),
)  # fmt: skip
FIGURES = TableKind(
    tell=layout.THIS_QUARTER,
    headers=(
        layout.AREA_CODE, layout.AREA, layout.REF, layout.MEASURE, layout.COUNTED, layout.DIRECTION, layout.UNIT,
        layout.OFFICIAL, layout.COMPARATOR, layout.USUAL, *layout.FIGURE_INPUTS, layout.STILL_TO_DO,
        *layout.OLD_HEADERS.values(), layout.HOW_MANY, layout.OLD_COMES_TO, layout.OLD_TO_DO,
    ),
    needed=(layout.AREA_CODE, layout.REF, layout.THIS_QUARTER, layout.STATUS, layout.DROVE_IT, layout.NOTE),
    together=(layout.HOW_MANY, layout.OLD_HEADERS[layout.OUT_OF]),
)  # fmt: skip
SUMMARY = TableKind(
    tell=layout.HAPPENED,
    headers=(*(c.header for c in layout.SUMMARY_COLUMNS), *layout.OLD_SUMMARY_HEADERS),
    needed=(layout.REF, layout.HAPPENED, layout.NEXT),
    together=(layout.PROMISE_NOW, layout.QUICK),
)
QUESTIONS = TableKind(
    tell=layout.SAW,
    headers=tuple(c.header for c in layout.QUESTION_COLUMNS),
    needed=(layout.REF, layout.ANSWER, layout.WORDS),
)
ACTIONS = TableKind(
    tell=layout.ANSWER,
    headers=tuple(c.header for c in layout.ACTION_COLUMNS),
    needed=(layout.REF, layout.ANSWER, layout.STATUS),
)
BACKGROUND = TableKind(tell=layout.COUNTED, headers=(), needed=())
"""What is only looked up: nothing of it is read."""

_KINDS = (POLICE, BACKGROUND, FIGURES, SUMMARY, QUESTIONS, ACTIONS)
_HEADERS = {kind.tell: {layout.same(header) for header in kind.headers} for kind in _KINDS}


@dataclass(frozen=True, kw_only=True)
class FoundTable:
    """A table as found: its header row, its columns by compared header, and the rows below it."""

    kind: TableKind
    grid: Grid
    header_row: int
    columns: dict[str, int]
    rows: tuple[int, ...]

    def column(self, header: str) -> int | None:
        """Where a column stands now, or None; one of a form of before under what it was called then."""
        found = self.columns.get(layout.same(header))
        old = layout.OLD_HEADERS.get(header)
        return self.columns.get(layout.same(old)) if found is None and old else found

    def text(self, row: int, header: str) -> str:
        """What stands in a row under a header, "" when the column is gone."""
        column = self.column(header)
        return self.grid.text(row, column) if column else ""

    @property
    def needed(self) -> tuple[str, ...]:
        """The headers that must be there."""
        have_any = any(self.column(header) for header in self.kind.together)
        return (*self.kind.needed, *(self.kind.together if have_any else ()))

    @property
    def missing(self) -> tuple[str, ...]:
        """The headers that could not be found and are needed."""
        return tuple(header for header in self.needed if self.column(header) is None)


def find_tables(grid: Grid) -> tuple[FoundTable, ...]:
    """Every table of a sheet, from the top; each ends where the next begins."""
    heads = list(_find_heads(grid))
    if not heads:
        return ()
    ends = [row for row, _, _ in heads[1:]] + [max(grid.rows, default=0) + 1]
    hidden = set(grid.notes.formulas) | set(grid.notes.comments)
    filled = sorted(set(grid.rows) | {row for row, _ in hidden})
    return tuple(
        FoundTable(
            kind=kind, grid=grid, header_row=row, columns=columns, rows=tuple(r for r in filled if row < r < end)
        )
        for (row, kind, columns), end in zip(heads, ends, strict=True)
    )  # fmt: skip


def _find_heads(grid: Grid) -> Iterator[tuple[int, TableKind, dict[str, int]]]:
    for row in sorted(grid.rows):
        columns: dict[str, int] = {}
        for column, text in sorted(grid.rows[row].items()):
            if len(text) <= 100:
                columns.setdefault(layout.same(text), column)
        kind = _find_kind(columns)
        if kind:
            yield row, kind, columns


def _find_kind(columns: Iterable[str]) -> TableKind | None:
    have = set(columns)
    for kind in _KINDS:
        if {layout.same(layout.REF), layout.same(kind.tell)} <= have:
            return kind
    alike, kind = max(((len(have & _HEADERS[kind.tell]), kind) for kind in _KINDS), key=lambda pair: pair[0])
    return kind if alike >= _ALIKE else None


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
    """Every row of a figures table that has a ref, duplicates too."""
    grid = table.grid
    for row in table.rows:
        area, ref = table.text(row, layout.AREA_CODE), table.text(row, layout.REF)
        if not ref:
            continue
        cells = {header: _cell(table, row, header) for header in (*layout.VALUE_INPUTS, layout.DROVE_IT, layout.NOTE)}
        status = layout.CONFIRM if table.kind is POLICE else layout.STATUS
        yield ReadFigureRow(
            area_code=area,
            ref=ref,
            sheet=grid.name,
            row=row,
            how_many=cells[layout.HOW_MANY],
            out_of=cells[layout.OUT_OF],
            this_quarter=cells[layout.THIS_QUARTER],
            status=_cell(table, row, status),
            drove_it=cells[layout.DROVE_IT],
            note=cells[layout.NOTE],
            named=_named_place(names, area, ref, grid.name),
            neighbours=_neighbours(table, row),
        )


def _unkept_rows(table: FoundTable) -> Iterator[str]:
    """What was written in a figures table on rows of one's own, which have no ref of ours. Nothing is said of
    rows whose refs cannot be seen because the heading itself is gone: that is said once, of the heading."""
    for row in table.rows if table.column(layout.REF) else ():
        if table.text(row, layout.REF):
            continue
        said = table.text(row, layout.MEASURE) or table.text(row, layout.AREA)
        if table.text(row, layout.THIS_QUARTER) or said:
            what = f"'{keep_back(said)[:60]}' " if said else "a figure "
            yield f"We did not record {what}(row {row} of '{table.grid.name}'): the row has no ref of ours."


def _read_texts(table: FoundTable, value: str, extra: str) -> Iterator[ReadText]:
    """The boxes of a summary or actions table, by ref."""
    for row in table.rows:
        ref = table.text(row, layout.REF)
        if ref:
            quick, promise = (
                _cell(table, row, header) if table.column(header) else None
                for header in (layout.QUICK, layout.PROMISE_NOW)
            )
            value_cell, more = _cell(table, row, value), _cell(table, row, extra)
            yield ReadText(ref=ref, value=value_cell, extra=more, quick=quick, promise_now=promise)


def _sign_off(grid: Grid) -> tuple[ReadText, ...]:
    """The sign-off lines of a sheet; none when it does not say "Completed by"."""
    found: dict[str, tuple[int, int]] = {}
    entry_column = None
    for row, column, text in _short_texts(grid):
        said = layout.same(text)
        if said == layout.same(layout.ENTRY):
            entry_column = column
        for label, start in _LABELS.items():
            if said == start or (label not in _WHOLE and said.startswith(start)):
                found.setdefault(label, (row, column))
    if layout.COMPLETED_BY not in found:
        return ()
    return tuple(
        ReadText(ref=label, value=grid.cell(row, entry_column or column + 1)) for label, (row, column) in found.items()
    )


def _input_places(table: FoundTable) -> set[tuple[int, int]]:
    """Where a table's inputs stand, for the rows that have a ref."""
    columns = [table.column(header) for header in table.needed if header not in {layout.AREA_CODE, layout.REF}]
    rows = [row for row in table.rows if table.text(row, layout.REF)]
    return {(row, column) for row in rows for column in columns if column}


def _short_texts(grid: Grid) -> Iterator[tuple[int, int, str]]:
    for row in sorted(grid.rows):
        for column, text in sorted(grid.rows[row].items()):
            if len(text) <= 100:
                yield row, column, text


def _cell(table: FoundTable, row: int, header: str) -> Cell:
    column = table.column(header)
    if column is None:
        return Cell(sheet=table.grid.name, cell="", type=CellType.BLANK)
    return table.grid.cell(row, column)


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
        for said, column in sorted(table.columns.items(), key=lambda item: item[1])
        if said not in _INPUT_HEADERS and said not in _KEY_HEADERS
    )
