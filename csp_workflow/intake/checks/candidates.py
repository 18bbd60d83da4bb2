"""What answers to one row, box or label of a form, wherever it stands in the workbook: one is taken, never the first.

Equal ones are taken once. Of different ones none is taken: the cell then names its rivals, and is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from csp_workflow.forms import layout
from csp_workflow.intake.checks.cell_values import normalise_text
from csp_workflow.terms.phrases import plain_number
from csp_workflow.terms.returns import Cell, FigureRow, FormDefinition, ReadFigureRow, ReadForm, ReadText

Found = TypeVar("Found", ReadFigureRow, ReadText)
Key = TypeVar("Key")
_AS_SENT = frozenset(map(layout.same, (layout.NOT_ASKED, layout.OLD_NOT_ASKED, layout.NOT_SUPPLIED)))


def settle_candidates(form: FormDefinition, read: ReadForm) -> ReadForm:
    """A form as read, with everything that was asked in it once."""
    given = {layout.row_key(row.area.code, row.ref): _list_given(row) for row in form.figures}
    rows = _group(read.figures, lambda row: layout.row_key(row.area_code, row.ref))
    return replace(
        read,
        figures=tuple(_join(several, _AS_SENT | given.get(key, set())) for key, several in rows.items()),
        summary=_settle_boxes(read.summary),
        actions=_settle_boxes(read.actions),
        questions=_settle_boxes(read.questions),
        sign_off=_settle_boxes(read.sign_off),
    )


def _settle_boxes(boxes: Iterable[ReadText]) -> tuple[ReadText, ...]:
    return tuple(_join(several, _AS_SENT) for several in _group(boxes, lambda box: layout.same(box.ref)).values())


def _group(found: Iterable[Found], key_of: Callable[[Found], Key]) -> dict[Key, list[Found]]:
    groups: dict[Key, list[Found]] = {}
    for one in found:
        groups.setdefault(key_of(one), []).append(one)
    return groups


def _list_given(row: FigureRow) -> set[str]:
    """What we put into a row's cells: the force's figure and the counts behind it."""
    given = row.given
    held = (given.value, given.count, given.base) if given else ()
    return {plain_number(Decimal(number)) for number in held if number is not None}


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
