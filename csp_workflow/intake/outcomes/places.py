"""The inputs of a form by their place: what stands in each as it was found, and a form with other texts in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from csp_workflow.forms import layout
from csp_workflow.forms.draft import is_plain_number
from csp_workflow.intake.checks.cell_values import say_held
from csp_workflow.terms.returns import (
    Cell,
    CellType,
    Entry,
    Finding,
    FormDefinition,
    Input,
    ReadFigureRow,
    ReadForm,
    ReadText,
    Submission,
)

Place = tuple[str, Input]
"""A row's key, and which of its inputs."""

COUNTS = (Input.HOW_MANY, Input.OUT_OF, Input.THIS_QUARTER)
VALUES = (*COUNTS, Input.STATUS)
"""The inputs that say a row's figure together."""

TEXTS = (Input.VALUE, Input.EXTRA)
_OF_ROW = (*VALUES, Input.DROVE_IT, Input.NOTE)
_HEADERS: Mapping[str, Input] = dict(zip(layout.FIGURE_INPUTS, _OF_ROW, strict=True))


def list_cells(form: FormDefinition, read: ReadForm) -> Iterator[tuple[Place, Cell]]:
    """Every input that was found, by its place; of the force's figures those that may be filled in."""
    keys = {layout.row_key(row.area.code, row.ref): row for row in form.figures}
    for row in read.figures:
        asked = keys.get(layout.row_key(row.area_code, row.ref))
        if asked:
            known = asked.entry is Entry.CONFIRM
            for which in _OF_ROW[len(COUNTS) if known else 0 :]:
                yield (layout.figure_key(asked.area.code, asked.ref), which), getattr(row, which)
    refs = {layout.same(ref): ref for ref in _list_refs(form)}
    for box in (*read.summary, *read.actions, *read.sign_off):
        for which in TEXTS:
            cell = getattr(box, which)
            if cell and layout.same(box.ref) in refs:
                yield (refs[layout.same(box.ref)], which), cell


def _list_refs(form: FormDefinition) -> Iterator[str]:
    yield from (row.ref for row in form.summary)
    yield from (row.ref for row in form.actions)
    yield from (row.label for row in layout.SIGN_OFF_ROWS)


def list_doubled(form: FormDefinition, read: ReadForm) -> frozenset[str]:
    """The keys of the rows that stand there more than once: nothing is laid over what must be asked first."""
    seen = [layout.row_key(row.area_code, row.ref) for row in read.figures]
    rows = {layout.row_key(row.area.code, row.ref): layout.figure_key(row.area.code, row.ref) for row in form.figures}
    return frozenset(rows[key] for key in rows if seen.count(key) > 1)


def say_typed(cell: Cell, which: Input) -> str:
    """What an input holds as its sender would type it: a formula's result, a per cent as it looks.

    "" where that is an error, or nothing that is seen. A count that looks like a per cent stays one, or it would come
    back as so many people.
    """
    if cell.is_blank or cell.type is CellType.ERROR or cell.struck or cell.hidden:
        return ""
    if which not in COUNTS:
        return cell.text
    held = say_held(cell)
    return held if which is not Input.THIS_QUARTER or cell.type is not CellType.NUMBER else held.rstrip("%")


def fill_cells(form: FormDefinition, read: ReadForm, texts: Mapping[Place, str]) -> ReadForm:
    """A form with some texts in its cells; rows and boxes that are not there are laid out for them."""
    by_key: dict[str, dict[str, str]] = {}
    for (key, which), text in texts.items():
        by_key.setdefault(key, {})[which.value] = text
    rows = {layout.row_key(row.area.code, row.ref): row for row in form.figures}
    there = {layout.row_key(row.area_code, row.ref) for row in read.figures}
    absent = (_blank_row(row.area.code, row.ref) for place, row in rows.items() if place not in there)
    figures = [
        (layout.figure_key(known.area.code, known.ref) if known else "", row)
        for row in (*read.figures, *absent)
        for known in [rows.get(layout.row_key(row.area_code, row.ref))]
    ]

    def boxes(found: tuple[ReadText, ...], refs: Iterable[str]) -> tuple[ReadText, ...]:
        known = {layout.same(ref): ref for ref in refs}
        have = {layout.same(box.ref) for box in found}
        every = (*found, *(ReadText(ref=ref, value=_BLANK) for plain, ref in known.items() if plain not in have))
        named = ((known.get(layout.same(box.ref), ""), box) for box in every)
        return tuple(_put_texts(box, by_key.get(key, {})) for key, box in named if box in found or key in by_key)

    return replace(
        read,
        figures=tuple(_put_texts(row, by_key.get(key, {})) for key, row in figures if row.sheet or key in by_key),
        summary=boxes(read.summary, [row.ref for row in form.summary]),
        actions=boxes(read.actions, [row.ref for row in form.actions]),
        sign_off=boxes(read.sign_off, [row.label for row in layout.SIGN_OFF_ROWS]),
    )


R = TypeVar("R", ReadFigureRow, ReadText)


def _put_texts(row: R, texts: Mapping[str, str]) -> R:
    cells: dict[str, Any] = {name: _put_text(getattr(row, name), text) for name, text in texts.items()}
    return replace(row, **cells) if cells else row


_BLANK = Cell(sheet="", cell="", type=CellType.BLANK)


def _blank_row(area: str, ref: str) -> ReadFigureRow:
    return ReadFigureRow(
        area_code=area, ref=ref, sheet="", row=0, how_many=_BLANK, out_of=_BLANK, this_quarter=_BLANK, status=_BLANK,
        drove_it=_BLANK, note=_BLANK,
    )  # fmt: skip


def _put_text(cell: Cell | None, text: str) -> Cell:
    """A cell with a text in it, as a fresh form would have it."""
    there = cell or _BLANK
    kind = CellType.BLANK if not text else CellType.NUMBER if is_plain_number(text) else CellType.TEXT
    return Cell(sheet=there.sheet, cell=there.cell, type=kind, text=text)


# What is handed back --------------------------------------------------------------------------------


def list_filled(submission: Submission) -> Iterator[tuple[Place, str]]:
    """What goes back into a fresh form: what stands there, but nothing in whose place we saw something else.

    Nor a Status that would answer for the figure which is asked about.
    """
    doubted = {place for finding in submission.findings if finding.is_doubt and (place := find_place(finding))}
    unsure = {key for key, which in doubted if which in COUNTS}
    for one in submission.inputs:
        if (one.key, one.input) not in doubted and not (one.key in unsure and one.input is Input.STATUS):
            yield (one.key, one.input), one.text


def name_column(form: FormDefinition, key: str, which: Input) -> str:
    """The header over an input of a row."""
    if which not in TEXTS:
        return next(header for header, one in _HEADERS.items() if one is which)
    if key in {row.ref for row in form.actions}:
        return layout.ANSWER if which is Input.VALUE else layout.STATUS
    if key in {row.ref for row in form.summary}:
        return layout.HAPPENED if which is Input.VALUE else layout.NEXT
    return layout.ENTRY


def find_place(finding: Finding) -> Place | None:
    """The input that a finding is about; None where it is about something else on its row, or about a sheet."""
    if not finding.key:
        return None
    if " " in finding.key and (which := _HEADERS.get(finding.column)):
        return finding.key, which
    texts = {layout.NEXT: Input.EXTRA, layout.STATUS: Input.EXTRA}
    texts |= dict.fromkeys((layout.HAPPENED, layout.ANSWER, layout.ENTRY), Input.VALUE)
    return (finding.key, texts[finding.column]) if finding.column in texts else None


def list_group(place: Place) -> tuple[Place, ...]:
    """The inputs that answer together for what one of them is asked: all that say a figure."""
    return tuple((place[0], which) for which in VALUES) if place[1] in VALUES else (place,)
