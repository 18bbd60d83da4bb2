"""The Figures sheet: one marked table, found again by area code and ref."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from csp_workflow.forms import layout
from csp_workflow.forms.draft import HEADER_ROW, Box, Draft
from csp_workflow.forms.wording import clean, lines, row_height
from csp_workflow.terms.figures import FigureStatus, MeasureKind
from csp_workflow.terms.returns import Entry, FigureRow

_FROZEN_COLUMNS = 4
_NO_VALUE = ("Suppressed", "Not", "Nil")


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How far a sheet is: a formula for what is done, its value now, and how much is asked."""

    sheet: str
    formula: str
    done: int
    asked: int


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """The sheet being written: where each header stands, how wide it is, and the past quarters' headers."""

    draft: Draft
    page: Any
    places: dict[str, int]
    widths: dict[str, float]
    past: tuple[str, ...]


def write(draft: Draft) -> Counted:
    """Write the sheet; says how far it is."""
    form = draft.form
    columns = layout.figure_columns(form)
    page = draft.page(layout.FIGURES, [c.width for c in columns])
    draft.top(
        page,
        f"Figures: {form.quarter.months}",
        "Type in the boxes with a thick border. The column “What to do” says which are yours. "
        "No figure? Leave it empty and choose a Status.",
        _grey(form.figures),
    )
    if form.illustrative:
        page.write_string(
            4,
            0,
            "Illustrative figures: made up for demonstration, except where a source is named.",
            draft.looks("notice"),
        )
    draft.table(
        page, HEADER_ROW, columns, len(form.figures), name="Figures_table",
        says="One row for each area and measure: what is known already, and the boxes to fill in.",
    )  # fmt: skip
    page.freeze_panes(HEADER_ROW + 1, _FROZEN_COLUMNS)
    page.repeat_rows(HEADER_ROW)
    frame = _Frame(
        draft=draft,
        page=page,
        places={c.header: place for place, c in enumerate(columns)},
        widths={c.header: c.width for c in columns},
        past=tuple(layout.history_header(q, form.quarter) for q in form.history),
    )
    done = sum(_row(frame, HEADER_ROW + 1 + n, row) for n, row in enumerate(form.figures))
    _lists(page, form.figures, frame.places)
    return _counted(form.figures, frame.places, done)


def _grey(rows: tuple[FigureRow, ...]) -> str:
    if any(row.entry is Entry.CONFIRM for row in rows):
        legend = " (p) means provisional." if any(_is_provisional(row) for row in rows) else ""
        return (
            "Grey figures come from the force: choose Confirmed (you may copy it down), "
            f"or Disputed and say why in the Note.{legend}"
        )
    return "You may sort the table, hide columns or add notes; each figure is found by its area code and ref."


def _is_provisional(row: FigureRow) -> bool:
    return row.entry is Entry.CONFIRM and row.given is not None and row.given.status is FigureStatus.PROVISIONAL


def _row(frame: _Frame, at: int, row: FigureRow) -> bool:
    """Write one row; whether what it asks for is there already."""
    draft, page, places = frame.draft, frame.page, frame.places
    texts = _known(frame, row)
    for header, text in texts.items():
        page.write_string(at, places[header], text, draft.looks("figure" if header in frame.past else "cell"))
    key = layout.figure_key(row.area.code, row.ref)
    label = f"{row.area.name}, {row.ref} {row.title}"
    boxes = {header: _box(row, key, header, label) for header in layout.FIGURE_INPUTS}
    if row.entry is Entry.CONFIRM:
        typed = {layout.THIS_QUARTER: _given(frame, at, row)}
        del boxes[layout.THIS_QUARTER]
    else:
        typed = {}
    typed |= {header: draft.put(page, at, places[header], box) for header, box in boxes.items()}
    page.set_row(at, _height(frame, texts | typed))
    return _is_done(row, typed)


def _known(frame: _Frame, row: FigureRow) -> dict[str, str]:
    """What stands in the locked columns, by header."""
    texts = {
        layout.AREA_CODE: row.area.code,
        layout.AREA: row.area.name,
        layout.REF: row.ref,
        layout.MEASURE: _measure(row),
        layout.DEFINITION: row.definition,
        layout.DIRECTION: row.intent,
        layout.UNIT: row.unit,
        **dict(zip(frame.past, row.history, strict=False)),
        layout.OFFICIAL: row.official,
        layout.COMPARATOR: row.comparator,
        layout.TO_DO: layout.to_do(row),
    }
    return {header: clean(text) for header, text in texts.items() if header in frame.places}


def _measure(row: FigureRow) -> str:
    """The series' title, over the Plan's own wording where that says something else."""
    wording = row.measure.strip()
    if " " not in wording or wording == row.title or not row.title:
        return row.title or wording
    return f"{row.title}\n({wording})"


def _box(row: FigureRow, key: str, header: str, label: str) -> Box:
    name = layout.figure_name(row.area.code, row.ref)
    is_confirm = row.entry is Entry.CONFIRM
    asked = row.required and (header == layout.STATUS if is_confirm else header == layout.THIS_QUARTER)
    kinds = {
        layout.THIS_QUARTER: "number" if row.kind.is_number else "text",
        layout.STATUS: "one of: " + "; ".join(layout.status_choices(row.entry)),
        layout.DROVE_IT: "one of: " + "; ".join(layout.DROVE_IT_CHOICES),
        layout.NOTE: "text",
    }
    return Box(
        sheet=layout.FIGURES,
        key=key,
        column=header,
        name=name if header == layout.THIS_QUARTER else f"{name}_{header.replace(' ', '_')}",
        kind=kinds[header],
        label=f"{label}: {header}",
        required=asked and layout.to_do(row) != layout.NOTHING,
        is_figure=header == layout.THIS_QUARTER and row.kind.is_number,
    )


def _given(frame: _Frame, at: int, row: FigureRow) -> str:
    """The force's own figure, locked; returns what is shown."""
    draft, page, column = frame.draft, frame.page, frame.places[layout.THIS_QUARTER]
    box = _box(row, layout.figure_key(row.area.code, row.ref), layout.THIS_QUARTER, row.title)
    mark = draft.mark(page, at, column, box)
    draft.name(box.name, layout.FIGURES, at, column)
    value = row.given.value if row.given else None
    if value is None:
        said = row.given.status.value if row.given else layout.NOT_SUPPLIED
        page.write_string(at, column, said, draft.looks("locked"))
        return said
    look = (
        "locked count"
        if row.kind in {MeasureKind.COUNT, MeasureKind.COST} and value == value.to_integral()
        else "locked decimal"
    )
    if _is_provisional(row):
        look += " provisional"
    if mark:
        look = "fault locked" if mark.is_fault else "query locked"
    page.write_number(at, column, float(value), draft.looks(look))
    return str(value)


def _height(frame: _Frame, texts: dict[str, str]) -> float:
    return row_height(max(2, *(lines(text, frame.widths[header]) for header, text in texts.items())))


def _is_done(row: FigureRow, typed: dict[str, str]) -> bool:
    if layout.to_do(row) not in {layout.FILL_IN, layout.CONFIRM}:
        return False
    status = typed[layout.STATUS]
    if row.entry is Entry.CONFIRM:
        return bool(status)
    return bool(typed[layout.THIS_QUARTER]) or status.startswith(_NO_VALUE)


# Drop-downs: they warn, they never stop, so that nobody types 0 to get past them ----------------


def _lists(page: Any, rows: tuple[FigureRow, ...], places: dict[str, int]) -> None:
    for entry, first, last in _runs(rows, lambda row: row.entry):
        _list(page, first, last, places[layout.STATUS], layout.status_choices(entry), "Status")
    if rows:
        first, last = HEADER_ROW + 1, HEADER_ROW + len(rows)
        _list(page, first, last, places[layout.DROVE_IT], layout.DROVE_IT_CHOICES, "What drove it")
    for kind, first, last in _runs(rows, lambda row: row.kind if row.entry is Entry.VALUE else MeasureKind.NARRATIVE):
        if kind.is_number:
            _number(page, first, last, places[layout.THIS_QUARTER], kind)


def _runs(rows: tuple[FigureRow, ...], what: Any) -> Iterator[tuple[Any, int, int]]:
    """Neighbouring rows that share something, as (what, first row, last row)."""
    at = HEADER_ROW + 1
    for value, run in groupby(rows, key=what):
        count = len(list(run))
        yield value, at, at + count - 1
        at += count


def _list(page: Any, first: int, last: int, column: int, choices: tuple[str, ...], title: str) -> None:
    page.data_validation(
        first, column, last, column,
        {
            "validate": "list", "source": list(choices), "error_type": "warning", "error_title": title,
            "error_message": "This is not one of the choices. It is better to choose from the list and explain "
            "in the Note. Keep what you typed?",
        },
    )  # fmt: skip


def _number(page: Any, first: int, last: int, column: int, kind: MeasureKind) -> None:
    is_share = kind is MeasureKind.PERCENT
    page.data_validation(
        first, column, last, column,
        {
            "validate": "decimal", "criteria": "between" if is_share else ">=",
            **({"minimum": 0, "maximum": 100} if is_share else {"value": 0}),
            "input_title": "This quarter",
            "input_message": ("Type per cent as a plain number, such as 12.5." if is_share else "Type one number.")
            + " If there is none, leave this empty and choose a Status.",
            "error_type": "warning", "error_title": "Not a plain number",
            "error_message": "We expected one plain number"
            + (" between 0 and 100. " if is_share else ". ")
            + "If you have no figure, leave the cell empty and choose a Status beside it. Keep what you typed?",
        },
    )  # fmt: skip


def _counted(rows: tuple[FigureRow, ...], places: dict[str, int], done: int) -> Counted:
    """The same count as a formula that survives sorting and inserted rows."""
    first, last = HEADER_ROW + 2, HEADER_ROW + 1 + len(rows)

    def cells(header: str) -> str:
        letter = xl_col_to_name(places[header])
        return f"{layout.FIGURES}!${letter}${first}:${letter}${last}"

    what, value, status = cells(layout.TO_DO), cells(layout.THIS_QUARTER), cells(layout.STATUS)
    told = "+".join(f'(LEFT({status},{len(word)})="{word}")' for word in _NO_VALUE)
    formula = (
        f'=SUMPRODUCT(({what}="{layout.FILL_IN}")*(((1-ISBLANK({value}))+{told})>0))'
        f'+SUMPRODUCT(({what}="{layout.CONFIRM}")*(1-ISBLANK({status})))'
    )
    asked = sum(layout.to_do(row) in {layout.FILL_IN, layout.CONFIRM} for row in rows)
    return Counted(sheet=layout.FIGURES, formula=formula, done=done, asked=asked)
