"""Reads a returned workbook: all that was found, cell by cell, and nothing judged.

`read` runs in the sandbox's child and returns plain values; `read_form` makes the terms of them again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import cache
from typing import Any

from csp_workflow.forms import layout, reference, rows, tables
from csp_workflow.forms.refusals import explain_refusal
from csp_workflow.mail.file_kinds import FileRefused, sniff_kind
from csp_workflow.terms.returns import ReadForm, Unreadable

VALUES_ONLY = {"xls": "old Excel (.xls)", "xlsb": "Excel binary (.xlsb)", "ods": "OpenDocument (.ods)"}
"""The kinds of workbook of which only the values can be read, with their names for people."""

_REFERENCE_ROWS = 12
_PRINT_CODE = re.compile(r'&("[^"]*"|\d+|[A-Z])')


def read(data: bytes) -> dict[str, Any]:
    """A workbook's bytes -> {"form": ...} or {"unreadable": ...}, JSON-able. Runs in the sandbox's child."""
    kind = sniff_kind(data)
    try:
        if kind in {"xlsx", "xlsm"}:
            return {"form": asdict(_found(data))}
        if kind in VALUES_ONLY:
            return {"form": asdict(_values_found(data, kind))}
    except FileRefused as refused:
        return {"unreadable": asdict(explain_refusal(refused.reason))}
    except Exception:  # noqa: BLE001 - a damaged file brings out faults of every kind in a parser
        # What cannot be read of these at all is asked for in the format that can.
        return {"unreadable": asdict(explain_refusal(kind if kind in VALUES_ONLY else "damaged"))}
    return {"unreadable": asdict(explain_refusal(kind))}


def warm() -> None:
    """Import what reading needs. The sandbox calls it once, before it forks a child for each file."""
    from csp_workflow.forms import grids, other_formats, slimming  # noqa: F401


def read_form(reply: object) -> ReadForm | Unreadable:
    """What the child found, as terms. A reply that makes no sense counts as a file that could not be opened."""
    try:
        if isinstance(reply, dict) and "form" in reply:
            form: ReadForm = _adapter(ReadForm).validate_python(reply["form"])
            return form
        if isinstance(reply, dict) and "unreadable" in reply:
            return explain_refusal(str(reply["unreadable"]["reason"]))
    except (ValueError, KeyError, TypeError):
        pass
    return explain_refusal("not opened")


@cache
def _adapter(kind: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _found(data: bytes) -> ReadForm:
    from csp_workflow.forms import grids, slimming

    vetted = slimming.vet(data)
    return _form_in(grids.load(vetted), vetted.names, vetted.properties)


def _values_found(data: bytes, kind: str) -> ReadForm:
    """A form in a format that keeps its values only. Without its reference it cannot be told from any other table."""
    from csp_workflow.forms import other_formats

    form = _form_in(other_formats.grids(data), (), ())
    if not form.references:
        raise FileRefused(kind)
    said = f"The file is in the format {VALUES_ONLY[kind]}, of which we read the values only."
    return replace(form, remarks=(said, *form.remarks))


def _form_in(every: Any, named: Any, properties: Any) -> ReadForm:
    readable = [grid for grid in every if layout.same(grid.name) != layout.same(layout.MAP)]
    found = [table for grid in readable for table in tables.find(grid)]
    names = rows.targets(named)
    figures = [table for table in found if table.kind is tables.FIGURES]
    signed = {grid.name: rows.sign_off(grid) for grid in readable}
    return ReadForm(
        references=tuple(_references(every, named, properties)),
        figures=tuple(row for table in figures for row in rows.figure_rows(table, names)),
        summary=_texts(found, tables.SUMMARY, layout.HAPPENED, layout.NEXT),
        actions=_texts(found, tables.ACTIONS, layout.ANSWER, layout.STATUS),
        sign_off=tuple(line for lines in signed.values() for line in lines),
        missing_headers=tuple(dict.fromkeys(header for table in found for header in table.missing)),
        pictures=tuple(grid.name for grid in readable if grid.notes.has_picture and _is_input(grid, found, signed)),
        merged_inputs=tuple(_merged(found)),
        remarks=tuple(_remarks(readable, found, signed)),
    )


def _texts(found: list[tables.Table], kind: tables.Kind, value: str, extra: str) -> Any:
    return tuple(text for table in found if table.kind is kind for text in rows.texts(table, value, extra))


def _is_input(grid: Any, found: list[tables.Table], signed: dict[str, Any]) -> bool:
    return bool(signed.get(grid.name)) or any(table.grid is grid for table in found)


def _merged(found: list[tables.Table]) -> Iterator[tuple[str, str]]:
    for table in found:
        for merge in table.grid.merges_over(rows.input_places(table)):
            yield table.grid.name, merge


# Where a reference may stand ------------------------------------------------------------------


def _references(every: Any, named: Any, properties: Any) -> Iterator[tuple[str, str]]:
    for where, text in _places(every, named, properties):
        found = reference.find(text)
        if found:
            yield where, str(found)


def _places(every: Any, named: Any, properties: Any) -> Iterator[tuple[str, str]]:
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


def _remarks(readable: list[Any], found: list[tables.Table], signed: dict[str, Any]) -> Iterator[str]:
    ours = {layout.same(name) for name in layout.SHEETS}
    for grid in readable:
        if not _is_input(grid, found, signed):
            if grid.rows and layout.same(grid.name) not in ours:
                yield f"We did not read the sheet '{grid.name}'."
            continue
        if grid.notes.state != "visible":
            yield f"The sheet '{grid.name}' was hidden; we read it too."
        if grid.notes.far:
            yield f"We read '{grid.name}' down to row 2,000 and across to column BH only."
    for table in found:
        yield from _hidden(table)
        if table.kind is tables.FIGURES:
            yield from rows.unkept_rows(table)


def _hidden(table: tables.Table) -> Iterator[str]:
    name, notes = table.grid.name, table.grid.notes
    hidden = [str(row) for row in table.rows if row in notes.hidden_rows and table.text(row, layout.REF)]
    if hidden:
        yield f"Some rows of '{name}' were hidden ({', '.join(hidden[:20])}); we read them too."
    for header in table.kind.needed:
        if table.column(header) in notes.hidden_columns:
            yield f"The column '{header}' of '{name}' was hidden; we read it too."
