"""What answers to one row, box or label of a form, wherever it stands in the workbook: one is taken, never the first.

Equal ones are taken once. Of different ones none is taken: the cell then names its rivals, and is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from csp_workflow.forms import layout
from csp_workflow.intake.checks.cell_values import normalise_text
from csp_workflow.intake.checks.findings import ask_about_words
from csp_workflow.terms.cells import Cell, CellType
from csp_workflow.terms.phrases import plain_number
from csp_workflow.terms.returns import FigureRow, Finding, FormDefinition, ReadFigureRow, ReadForm, ReadText

Found = TypeVar("Found", ReadFigureRow, ReadText)
Key = TypeVar("Key")
_CHOSEN_HEADERS = {"drove_it": layout.DROVE_IT}
_POLICE_HEADERS = {
    "how_many": layout.HOW_MANY, "out_of": layout.OUT_OF, "this_quarter": layout.THIS_QUARTER,
    "status": layout.CONFIRM, "drove_it": layout.DROVE_IT,
}  # fmt: skip
_TEXT_HEADERS = {"quick": layout.QUICK, "promise_now": layout.PROMISE_NOW}
_AS_SENT = frozenset(map(layout.same, (layout.NOT_ASKED, layout.OLD_NOT_ASKED, layout.NOT_SUPPLIED)))


def settle_candidates(form: FormDefinition, read: ReadForm) -> tuple[ReadForm, tuple[Finding, ...]]:
    """A form as read, with everything that was asked in it once, and what is asked of answers that are only chosen.

    Those are left out; of a figure or a text its own check asks, since nothing may stand in its place.
    """
    given = {layout.row_key(row.area.code, row.ref): _list_given(row) for row in form.figures}
    rows = _group(read.figures, lambda row: layout.row_key(row.area_code, row.ref))
    police = {layout.row_key(row.area.code, ref) for row in layout.list_police(form) for ref in (row.ref, layout.ALL)}
    asked: list[Finding] = []
    figures = []
    for key, several in rows.items():
        joined = _join(several, _AS_SENT | given.get(key, set()))
        headers = _POLICE_HEADERS if key in police else _CHOSEN_HEADERS
        figures.append(_leave_out(joined, headers, layout.figure_key(joined.area_code, joined.ref), asked))
    summary, actions, questions, sign_off = (
        tuple(
            _leave_out(_join(several, _AS_SENT), _TEXT_HEADERS, several[0].ref, asked)
            for several in _group(boxes, lambda box: layout.same(box.ref)).values()
        )
        for boxes in (read.summary, read.actions, read.questions, read.sign_off)
    )
    settled = replace(
        read, figures=tuple(figures), summary=summary, actions=actions, questions=questions, sign_off=sign_off
    )
    return settled, tuple(asked)


def _leave_out(found: Found, headers: Mapping[str, str], key: str, asked: list[Finding]) -> Found:
    """A row or box without those cells that say different things, each of which is asked about."""
    for name, header in headers.items():
        cell = getattr(found, name)
        odd = ask_about_words(cell, key, header) if cell and cell.rivals else None
        if odd:
            asked.append(odd)
            blank = Cell(sheet=cell.sheet, cell=cell.cell, type=CellType.BLANK)
            found = replace(found, **{name: blank})  # type: ignore[arg-type]
    return found


def _group(found: Iterable[Found], key_of: Callable[[Found], Key]) -> dict[Key, list[Found]]:
    groups: dict[Key, list[Found]] = {}
    for one in found:
        groups.setdefault(key_of(one), []).append(one)
    return groups


def _list_given(row: FigureRow) -> set[str]:
    """What we put into a row's cells: the force's figure and the counts behind it."""
    given = row.given
    if given is None:
        return set()
    held = {plain_number(Decimal(n)) for n in (given.value, given.count, given.base) if n is not None}
    return held | {layout.same(layout.say_given(row)), layout.same(str(given.status))}


def _join(found: Sequence[Found], as_sent: frozenset[str]) -> Found:
    """Several that answer to the same as one, cell by cell. What else is told of them is that of one in which a cell
    was taken."""
    first = found[0]
    if len(found) == 1:
        return first
    held = {field.name: [getattr(one, field.name) for one in found] for field in fields(first)}
    cells = {name: [value for value in values if isinstance(value, Cell)] for name, values in held.items()}
    chosen = {name: _choose(several, as_sent) for name, several in cells.items() if several}
    taken = {(cell.sheet, cell.cell) for cell in chosen.values() if not cell.is_blank}
    of = next((one for one in found if any((c.sheet, c.cell) in taken for c in one.inputs)), first)
    return replace(of, **chosen)  # type: ignore[arg-type]


def _choose(cells: Sequence[Cell], as_sent: frozenset[str]) -> Cell:
    """The one cell that is filled in, or one of several that say the same; of different ones one with its rivals."""
    places = list({(cell.sheet, cell.cell): cell for cell in cells if cell.cell}.values()) or list(cells)[:1]
    filled = [cell for cell in places if not cell.is_blank]
    typed = [cell for cell in filled if layout.same(cell.text) not in as_sent]
    said = {_say(cell): cell for cell in reversed(typed or filled)}
    if not said:
        return next((cell for cell in places if cell.note.strip() or cell.uncalculated), places[0])
    first, *others = reversed(said.values())
    return replace(first, rivals=tuple(others))


def _say(cell: Cell) -> tuple[object, ...]:
    """What tells one entry from another: the same number may be typed in several ways."""
    text = normalise_text(cell.text).replace(",", "").replace(" ", "")
    with suppress(InvalidOperation):
        text = plain_number(Decimal(text))
    return text, cell.shown is None, cell.hidden, cell.struck
