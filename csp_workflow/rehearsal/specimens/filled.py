"""Forms as respondents fill them in: well, changed later, oddly, with faults, not at all, or ticked as nil."""

from __future__ import annotations

from enum import StrEnum

from csp_workflow.forms import layout
from csp_workflow.terms.figures import DROVE_IT
from csp_workflow.terms.returns import (
    Cell,
    CellType,
    Entry,
    FigureRow,
    FormDefinition,
    ReadFigureRow,
    ReadForm,
    ReadText,
    SummaryRow,
)


class Filling(StrEnum):
    """How a form is filled in."""

    WELL = "well"
    CHANGED = "changed in a later version"
    ODD = "with entries that may be right all the same"
    FAULTY = "with faults"
    EMPTY = "not at all"
    NIL = "ticked as having nothing to report"
    DECLINED = "ticked as declined"


_NOTHING = {Filling.EMPTY, Filling.NIL, Filling.DECLINED}
_TYPED: dict[Filling, tuple[str, ...]] = {
    Filling.CHANGED: ("40",),
    Filling.ODD: ("999999", "c. 35"),
    Filling.FAULTY: ("about forty", "", "c. 35", "12%", "999999"),
}
"""What stands in the first rows instead of the usual figure."""

_USUAL = "40"
"""What stands in a row of which nothing is known; else last quarter's figure stands there again."""

_DISPUTE = "Our own count is lower; please look at the offences of August."
_NOTE = "A second officer takes reports since July."
_WORDS = "Two joint patrols were held with licensed premises.\nVisits to farms went on."
_MORE = "\nA third patrol was held in September."
_FIRST = 7
"""The row of the sheets on which entries begin."""


def filled(form: FormDefinition, filling: Filling) -> ReadForm:
    """What would be read in a form that was filled in so."""
    own = [row for row in form.figures if row.entry is Entry.VALUE]
    confirms = [row for row in form.figures if row.entry is Entry.CONFIRM]
    typed = dict(zip(map(_place, own), _TYPED.get(filling, ()), strict=False))
    noted = {_place(row) for row in (*own[:1], *confirms[:1])}
    return ReadForm(
        references=(("Start", str(form.reference)),),
        figures=tuple(
            _figure_row(row, at, typed.get(_place(row), _usual(row)), filling, is_noted=_place(row) in noted)
            for at, row in enumerate(form.figures, start=_FIRST)
        ),
        summary=tuple(_summary(row, at, filling) for at, row in enumerate(form.summary, start=_FIRST)),
        actions=tuple(
            ReadText(ref=row.ref, value=_cell(layout.ACTIONS, f"F{at}", "Agreed." if filling not in _NOTHING else ""))
            for at, row in enumerate(form.actions, start=_FIRST)
        ),
        sign_off=tuple(
            ReadText(ref=label, value=_cell(layout.SIGN_OFF, f"B{at}", words))
            for at, (label, words) in enumerate(_signed(filling), start=5)
        ),
        remarks=("We did not read the sheet 'Workings', which is not ours.",) if filling is Filling.ODD else (),
    )


def _signed(filling: Filling) -> tuple[tuple[str, str], ...]:
    if filling is Filling.EMPTY:
        return ()
    tick = {Filling.NIL: layout.NIL, Filling.DECLINED: layout.DECLINE}.get(filling)
    reason = ((tick, layout.YES), (layout.REASON, "The team was reorganised this quarter.")) if tick else ()
    return (
        (layout.COMPLETED_BY, "A. Specimen"),
        (layout.POSITION, "Community safety officer"),
        (layout.DATE, "as received"),
        *reason,
    )


def _place(row: FigureRow) -> tuple[str, str]:
    return row.area.code, row.ref


def _usual(row: FigureRow) -> str:
    value = row.previous.value if row.previous else None
    return _USUAL if value is None else str(value)


def _summary(row: SummaryRow, at: int, filling: Filling) -> ReadText:
    """The first box is spoilt among faults and longer in a later version; all others read alike."""
    words = "" if filling in _NOTHING else _WORDS
    if at == _FIRST and filling is Filling.FAULTY:
        words = "" if row.required else "#NAME?"
    if at == _FIRST and filling is Filling.CHANGED:
        words += _MORE
    promise = "Visits before Christmas." if words and at == _FIRST else ""
    return ReadText(
        ref=row.ref,
        value=_cell(layout.SUMMARY, f"E{at}", words),
        extra=_cell(layout.SUMMARY, f"F{at}", promise),
    )


def _figure_row(row: FigureRow, at: int, typed: str, filling: Filling, *, is_noted: bool) -> ReadFigureRow:
    """A row as filled in. The one police row with a note is disputed, the others are confirmed as given."""
    confirms, is_filled = row.entry is Entry.CONFIRM, filling not in _NOTHING
    is_noted = is_noted and is_filled
    status = (layout.DISPUTED if is_noted else layout.CONFIRMED) if confirms and is_filled else ""
    note = (_DISPUTE if confirms else _NOTE) if is_noted else ""
    given = str(row.given.value) if confirms and row.given and row.given.value is not None else ""
    value = given if confirms else typed if is_filled else ""
    return ReadFigureRow(
        area_code=row.area.code,
        ref=row.ref,
        sheet=layout.FIGURES,
        row=at,
        this_quarter=_cell(layout.FIGURES, f"L{at}", value if row.kind.is_number or not is_filled else _WORDS),
        status=_cell(layout.FIGURES, f"M{at}", status),
        drove_it=_cell(layout.FIGURES, f"N{at}", DROVE_IT[0] if note and not confirms else ""),
        note=_cell(layout.FIGURES, f"O{at}", note),
    )


def _cell(sheet: str, cell: str, text: str) -> Cell:
    return Cell(sheet=sheet, cell=cell, type=_type(text), text=text)


def _type(text: str) -> CellType:
    if not text:
        return CellType.BLANK
    if text.startswith("#"):
        return CellType.ERROR
    return CellType.NUMBER if text.replace(".", "", 1).isdecimal() else CellType.TEXT
