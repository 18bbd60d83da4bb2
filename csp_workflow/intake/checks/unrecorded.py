"""What was seen on a form that came back, that we did not put there, and that is none of the answers we asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import groupby

from csp_workflow.forms import layout
from csp_workflow.forms.catalogue import is_ours
from csp_workflow.forms.row_rules import find_sayings
from csp_workflow.forms.sightings import SHEET_NAME
from csp_workflow.intake.checks.findings import FormParts, SeenBeside, ask_about
from csp_workflow.terms.cells import Cell, CellType, Sighting, SightingKind
from csp_workflow.terms.personal import keep_back
from csp_workflow.terms.returns import Entry, FigureRow, Finding, FormDefinition, ReadFigureRow, ReadForm

MOST_LINES = 60
MOST_ELSEWHERE = 6
"""So many lines tell what stands on one of our sheets, and on one of theirs; the rest is counted."""

_LONGEST = 300
_QUOTED = 3
_LAID_OVER = {SightingKind.COMMENT, SightingKind.BOX, SightingKind.PICTURE, SightingKind.EMBEDDED, SightingKind.LINK}
_WORDS = _LAID_OVER - {SightingKind.LINK} | {SightingKind.CELL, SightingKind.MESSAGE}
_SAID = {
    SightingKind.CELL: "{where}: “{text}”",
    SightingKind.COMMENT: "{where}, a comment: “{text}”",
    SightingKind.BOX: "{where}, a text box: “{text}”",
    SightingKind.EMBEDDED: "{where}: an embedded file or control, “{text}”",
    SightingKind.STRUCK: "{where}: “{text}”, struck through",
    SightingKind.PRINTED: "{where}, in the header or footer: “{text}”",
    SightingKind.LINK: "{where}, a link to “{text}”",
    SightingKind.MESSAGE: "{where}, a message to whoever chooses the cell: “{text}”",
    SightingKind.PROPERTY: "The properties of the file: “{text}”",
}
_Mark = tuple[SightingKind, str, str, str]
_Places = Collection[tuple[str, str]]


def find_beside(form: FormDefinition, read: ReadForm, *, sent: tuple[Sighting, ...] | None) -> SeenBeside:
    """Everything that was seen beside the answers. `read` is the form with every candidate, `sent` what could be seen
    on it as it was sent, None where nobody knows any more."""
    if not read.sightings:
        return SeenBeside()
    answers = {(cell.sheet, cell.cell) for cell in _list_answers(form, read)}
    sheets = {sheet for sheet, _ in answers} | {*layout.SHEETS, *layout.OLD_SHEETS}
    sheets |= {one.sheet for one in read.sightings if read.catalogue and is_ours(one.sheet)}
    seen = [one for one in read.sightings if sent is not None or _is_laid_over(one, sheets, form)]
    # Where a program kept no formulas, what they came to stands in their place.
    keeps_formulas = any(one.is_formula for one in seen)
    sayings = cache(lambda: find_sayings(form))  # which few forms need

    def can_say(text: str) -> bool:
        return not keeps_formulas and (layout.is_of_before(form) or sayings()(text))

    theirs = tuple(_find_theirs(sent or (), seen, answers, can_say))
    colours = [one for one in theirs if one.kind is SightingKind.FILL and one.sheet in sheets]
    told = tuple(one for one in theirs if one.kind is not SightingKind.FILL)
    figures = {(c.sheet, c.cell): row for row in read.figures for c in (row.how_many, row.out_of, row.this_quarter)}
    lit = [one for one in colours if (one.sheet, one.cell) in answers and (one.sheet, one.cell) in figures]
    return SeenBeside(
        told=told, sheets=frozenset(sheets), lit=tuple(_ask_about_colours(lit, figures)), colours=tuple(colours)
    )


def tell_beside(seen: SeenBeside, *, ours: str = "", asked: _Places = ()) -> FormParts:
    """What is told of what was seen beside the answers, and asked of what may change one.

    A comment on a cell in `asked`, or what stands there, is quoted in a question of that cell's own. `ours` are our own
    addresses and numbers, which name nobody.
    """
    quoted = {SightingKind.COMMENT, SightingKind.CELL}
    told = [o for o in seen.told if o.kind not in quoted or (o.sheet, o.cell) not in asked]
    beside = [one for one in told if one.sheet in seen.sheets and one.kind in _WORDS]
    return FormParts(
        findings=(*_ask_about_beside(beside, ours), *seen.lit),
        unrecorded=(*_tell(told, seen.sheets, ours), *_tell_colours(seen.colours), *seen.files),
        touched=any(one.kind in _WORDS for one in seen.told),
    )


# What is theirs -------------------------------------------------------------------------------------


def _list_answers(form: FormDefinition, read: ReadForm) -> Iterator[Cell]:
    """Every cell that answers something we asked, each of several candidates too."""
    asked = {layout.row_key(row.area.code, row.ref): row for row in form.figures}
    for seen in read.figures:
        row = asked.get(layout.row_key(seen.area_code, seen.ref))
        if row:
            yield from _list_answers_in(form, row, seen)
        elif layout.same(seen.ref) == layout.same(layout.ALL):
            yield seen.status
    boxes = {layout.same(row.ref): row for row in form.summary}
    for box in read.summary:
        if row_of := boxes.get(layout.same(box.ref)):
            left_out = (None if row_of.quick else box.quick, None if row_of.promise else box.promise_now)
            yield from (cell for cell in box.inputs if cell not in left_out)
    refs = {layout.same(action.ref) for action in form.actions}
    actions = (box for box in read.actions if layout.same(box.ref) in refs)
    for text in (*actions, *read.questions, *read.sign_off):
        yield from text.inputs
    yield from (cell for line in read.catalogue for _, cell in line.cells)


def _list_answers_in(form: FormDefinition, row: FigureRow, seen: ReadFigureRow) -> Iterator[Cell]:
    yield from (seen.this_quarter, seen.status, seen.note)
    if any(one.out_of for one in form.figures):
        yield from (seen.how_many, seen.out_of)
    if row.kind.is_number or row.entry is Entry.CONFIRM:
        yield seen.drove_it


def _is_laid_over(one: Sighting, sheets: Collection[str], form: FormDefinition) -> bool:
    """Whether something is seen to be theirs on a form of which nobody knows any more all that it said."""
    asked = {layout.figure_key(row.area.code, row.ref) for row in form.figures}
    asked |= {box.ref for box in form.summary} | {action.ref for action in form.actions}
    if one.kind is SightingKind.PROPERTY:
        known = (form.respondent_name, form.reference.code, "Quarterly return", "Illustrative figures", SHEET_NAME)
        return not any(layout.same(ours) in layout.same(one.text) for ours in known)
    is_own_row = bool(one.header) and one.key not in asked
    is_over = one.kind in _LAID_OVER
    return one.sheet not in sheets or is_over or is_own_row


def _find_theirs(
    sent: Collection[Sighting], seen: Collection[Sighting], answers: _Places, can_say: Callable[[str], bool]
) -> Iterator[Sighting]:
    """What the form as sent does not show: a comment, a colour, words in a cell that answers nothing or was ours."""
    words = [one for one in sent if one.kind is SightingKind.CELL and not one.is_formula]
    marks, held = {_mark(one) for one in sent}, {_place(one): one.text for one in words}
    reckoned = {place for one in sent if one.is_formula for place in (_place(one), (one.sheet, one.cell))}
    notes = [one.text for one in sent if one.kind is SightingKind.COMMENT]
    palette = {one.text for one in sent if one.kind is SightingKind.FILL}  # which sorting and inserting move about
    for one in seen:
        is_answer = one.kind in {SightingKind.CELL, SightingKind.STRUCK} and (one.sheet, one.cell) in answers
        is_reckoned = one.kind is SightingKind.CELL and _place(one) in reckoned
        is_reckoning = is_reckoned and (one.is_formula or can_say(one.text))
        is_painted = one.kind is SightingKind.FILL and one.text in palette
        if is_answer or is_painted or _mark(one) in marks or is_reckoning:
            continue
        text = layout.leave_out_ours(one.text, notes) if one.kind is SightingKind.COMMENT else one.text
        was = held.get(_place(one), "") if one.key and one.kind is SightingKind.CELL else ""
        if text or one.kind is not SightingKind.COMMENT:
            yield replace(one, text=f"{text}” in place of “{was}" if was else text)


def _mark(one: Sighting) -> _Mark:
    """What makes two sightings the same: what is seen, in a table also in which row and column, on whatever sheet."""
    star = "*" * one.text.rstrip().endswith("*")
    return one.kind, layout.same(one.key), layout.same(one.header) if one.key else "", layout.same(one.text) + star


def _place(one: Sighting) -> tuple[str, str]:
    return (layout.same(one.key), layout.same(one.header)) if one.key else (one.sheet, one.cell)


# What is asked --------------------------------------------------------------------------------------


def _ask_about_beside(beside: list[Sighting], ours: str) -> Iterator[Finding]:
    """One question about all words that may bear on an answer, by sheet."""
    for sheet, several in groupby(beside, lambda one: one.sheet):
        every = list(several)
        said = "; ".join(f"{one.cell} {_quote(one, ours)}".strip() for one in every[:_QUOTED])
        more = f"; and {len(every) - _QUOTED} more" if len(every) > _QUOTED else ""
        cell = Cell(sheet=sheet, cell=every[0].cell, type=CellType.BLANK)
        yield ask_about("words-beside", cell, "", "", f"{said}{more}")


def _ask_about_colours(lit: list[Sighting], figures: dict[tuple[str, str], ReadFigureRow]) -> Iterator[Finding]:
    for one in lit:
        row = figures[one.sheet, one.cell]
        cell = next(c for c in (row.how_many, row.out_of, row.this_quarter) if c.cell == one.cell)
        if not cell.is_blank:
            key = layout.figure_key(row.area_code, row.ref)
            yield ask_about("highlighted", cell, key, one.header, f"{keep_back(cell.seen)}, in colour")


# What is told ---------------------------------------------------------------------------------------


def _tell(told: list[Sighting], sheets: Collection[str], ours: str) -> Iterator[str]:
    """A line for each, those on our own sheets first."""
    for sheet in sorted({one.sheet for one in told}, key=lambda name: (name not in sheets, name)):
        mine = [one for one in told if one.sheet == sheet]
        most = MOST_LINES if sheet in sheets else MOST_ELSEWHERE
        yield from (_say(one, ours) for one in mine[:most])
        if len(mine) > most:
            yield f"{keep_back(sheet)}: {len(mine) - most} more cells or comments, from {mine[most].cell} on"


def _say(one: Sighting, ours: str) -> str:
    under = f" ({', '.join(filter(None, (one.key, one.header)))})" if one.key else ""
    where = ", ".join(filter(None, (keep_back(one.sheet), one.cell))) + keep_back(under)
    if one.kind is SightingKind.PICTURE:
        return f"{where}: a picture, chart or drawing{f', “{_shorten(one, ours)}”' if one.text else ''}"
    return _SAID[one.kind].format(where=where, text=_shorten(one, ours))


def _quote(one: Sighting, ours: str) -> str:
    return f"“{_shorten(one, ours)[:100]}”" if one.text else "(a picture, chart or drawing)"


def _shorten(one: Sighting, ours: str) -> str:
    text = " ".join(keep_back(one.text, ours=ours).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _tell_colours(colours: Iterable[Sighting]) -> Iterator[str]:
    """The cells in a colour of theirs, sheet by sheet."""
    for sheet, several in groupby(colours, lambda one: one.sheet):
        cells = [one.cell for one in several]
        more = f" and {len(cells) - MOST_LINES} more" if len(cells) > MOST_LINES else ""
        yield f"{keep_back(sheet)}: highlighted {', '.join(cells[:MOST_LINES])}{more}"
