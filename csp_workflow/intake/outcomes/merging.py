"""Several people's forms of one return as one: what came, laid over what is accepted, cell by cell, each by its place.

Each cell is held against the copy that its sender was given. An empty cell never takes anything away; who left a cell
as it was given has not spoken; who changed what nobody else has changed since is taken; where two changed the same
cell to different things, both are asked and what was accepted stands. To take something out is said in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar

from csp_workflow.forms import layout
from csp_workflow.forms.draft import is_plain_number
from csp_workflow.intake.checks.cell_values import say_held
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.cells import Cell, CellType, Input, InputText
from csp_workflow.terms.returns import (
    Entry,
    FigureRow,
    Finding,
    FormDefinition,
    ReadFigureRow,
    ReadForm,
    ReadText,
    Submission,
)

TWO_ANSWERS = "two-answers"
"""The code of the finding where two people gave different answers."""

_MAY_DIFFER = frozenset({layout.COMPLETED_BY, layout.POSITION, layout.DATE})
"""Of the sign-off: each who completes a part says so, and nobody is asked which of them it was."""

_NEVER_KEPT = frozenset({layout.NIL, layout.DECLINE, layout.REASON})
"""A tick speaks for the form that it stands on."""

_NO_VALUE = frozenset(layout.same(words) for words, meaning in layout.STATUS_MEANS.items() if not meaning.has_value)


class Choice(Enum):
    """What becomes of a cell: what is accepted stays, what came is taken, or both are asked."""

    KEEP = "keep"
    TAKE = "take"
    ASK = "ask"


def choose(base: str, accepted: str, came: str) -> Choice:
    """Of a cell as it was given to whoever sent it, as it is accepted, and as it came."""
    if not came or is_same_text(came, accepted) or (base and is_same_text(came, base)):
        return Choice.KEEP
    return Choice.TAKE if not accepted or is_same_text(accepted, base) else Choice.ASK


def is_same_text(one: str, other: str) -> bool:
    """Whether two entries say the same, however they are spaced: "1204" and "1204.0" too."""
    if " ".join(one.split()) == " ".join(other.split()):
        return True
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sent a form: whether what a version brought is theirs to change, and the words that take something out."""

    may_change: Callable[[int], bool]
    removing: tuple[str, ...]

    def removes(self, text: str) -> bool:
        """Whether an entry says that what stands there is to be taken out."""
        return bool(text) and plain_words(text) in {plain_words(said) for said in self.removing}


@dataclass(frozen=True, kw_only=True)
class Clash:
    """A cell to which two people gave different answers: what is accepted, and what came."""

    stands: InputText
    cell: Cell
    text: str


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A form with what is accepted in the place of what was left empty, or is asked.

    `cells` are those that came, `kept` the accepted texts that stay, `gone` the keys of what was taken out, `repeated`
    the keys where whoever gave what stands only said it again.
    """

    read: ReadForm
    cells: Mapping[Place, Cell]
    kept: Mapping[Place, InputText]
    clashes: tuple[Clash, ...]
    gone: frozenset[str]
    repeated: frozenset[str]

    def is_blank(self, place: Place) -> bool:
        """Whether nothing came there."""
        return place not in self.cells or self.cells[place].is_blank


@dataclass(frozen=True, kw_only=True)
class _Laid:
    """What a form is laid over: the accepted inputs, what its sender was given, and the rows it asked them about."""

    cells: Mapping[Place, Cell]
    stands: Mapping[Place, InputText]
    given: Mapping[Place, str]
    asked: frozenset[str]
    sender: Sender

    def choose(self, place: Place, came: str) -> Choice:
        """What becomes of an accepted input where a text came."""
        choice, one = choose(self.given.get(place, ""), self.stands[place].text, came), self.stands[place]
        is_theirs = one.key in self.asked | _MAY_DIFFER or self.sender.may_change(one.version)
        return Choice.TAKE if choice is Choice.ASK and is_theirs else choice

    def is_repeated(self, place: Place) -> bool:
        """Whether whoever gave what stands said it again, on a form that did not ask them about it."""
        cell, one = self.cells.get(place), self.stands[place]
        is_there = cell is not None and not cell.is_blank
        return is_there and one.key not in self.asked and self.sender.may_change(one.version)

    def list_taken_out(self) -> Iterator[tuple[str, Cell]]:
        """The rows in which what stands is to be taken out: in a word, or by a Status that goes with no figure."""
        for (key, which), cell in self.cells.items():
            is_said = which in _GROUP and self.sender.removes(cell.text)
            if is_said or (which is Input.STATUS and self._withdraws(key, cell)):
                yield key, cell

    def _withdraws(self, key: str, status: Cell) -> bool:
        stands = self.stands.get((key, Input.STATUS))
        is_new = stands is None or not is_same_text(stands.text, status.text)
        return is_new and self.is_alone(key) and layout.same(status.text) in _NO_VALUE

    def is_alone(self, key: str) -> bool:
        """Whether no number came in a row."""
        return all((key, which) not in self.cells or self.cells[key, which].is_blank for which in COUNTS)


def merge_form(
    form: FormDefinition, read: ReadForm, sender: Sender, *, accepted: Submission | None, base: Submission | None
) -> Merged:
    """A form that came, laid over the version that stands; `base` is the version that it was filled with, if any."""
    inputs = accepted.inputs if accepted else ()
    laid = _Laid(
        cells=dict(list_cells(form, read)),
        stands={(i.key, i.input): i for i in inputs if i.key not in _NEVER_KEPT},
        given=dict(list_filled(base)) if base else {},
        asked=frozenset(f.key for f in base.findings if f.code == TWO_ANSWERS) if base else frozenset(),
        sender=sender,
    )
    out = dict(laid.list_taken_out())
    clashes = tuple(_find_clashes(laid, out))
    held = {clash.stands.key for clash in clashes if out.get(clash.stands.key) is clash.cell}
    kept = _drop_overruled(laid, dict(_keep(laid, out.keys() - held)))
    emptied = [
        place for place, cell in laid.cells.items() if cell is out.get(place[0]) and _is_emptied(laid, place, held)
    ]
    texts = {**dict.fromkeys(emptied, ""), **{place: one.text for place, one in kept.items()}}
    return Merged(
        read=fill_cells(form, read, texts),
        cells=laid.cells,
        kept=kept,
        clashes=clashes,
        gone=frozenset(out.keys() - held),
        repeated=frozenset(key for key, which in kept if laid.is_repeated((key, which))),
    )


def _is_emptied(laid: _Laid, place: Place, held: set[str]) -> bool:
    """Whether a cell that takes something out says nothing of its own, or is not followed yet. Beside a figure that
    still stands there a Status does: it is asked about."""
    is_beside = place[1] is Input.STATUS and not laid.is_alone(place[0])
    return place[0] in held or (laid.sender.removes(laid.cells[place].text) and not is_beside)


def _find_clashes(laid: _Laid, out: Mapping[str, Cell]) -> Iterator[Clash]:
    """What two people answered differently; of a row that one of them takes out the first of its inputs."""
    seen = set()
    for (key, which), one in laid.stands.items():
        is_out = key in out and which in _GROUP
        cell = out[key] if is_out else laid.cells.get((key, which))
        text = "" if cell is None else cell.text if is_out else say_typed(cell, which)
        if cell and key not in seen and laid.choose((key, which), text) is Choice.ASK:
            seen |= {key} if is_out else set()
            yield Clash(stands=one, cell=cell, text=text)


def _keep(laid: _Laid, out: frozenset[str] | set[str]) -> Iterator[tuple[Place, InputText]]:
    """The accepted inputs that stay: nothing else came there, or it is asked. What nobody can read takes nothing in."""
    for place, one in laid.stands.items():
        cell = laid.cells.get(place)
        text = "" if cell is None else say_typed(cell, one.input)
        is_unread = cell is not None and not cell.is_blank and not text
        is_out = place[0] in out and place[1] in _GROUP
        if not is_out and not is_unread and laid.choose(place, text) is not Choice.TAKE:
            yield place, one


def _drop_overruled(laid: _Laid, kept: dict[Place, InputText]) -> dict[Place, InputText]:
    """A Status without figure goes when a figure comes, however its sender left that cell."""
    came = {key for (key, which), cell in laid.cells.items() if which in COUNTS and not cell.is_blank}
    renewed = {key for key in came if not any((key, which) in kept for which in COUNTS)}
    return {
        place: one
        for place, one in kept.items()
        if not (place[0] in renewed and one.input is Input.STATUS and layout.same(one.text) in _NO_VALUE)
    }


# The inputs of a form, each by its place ------------------------------------------------------------

Place = tuple[str, Input]
"""A row's key, and which of its inputs."""

COUNTS = (Input.THIS_QUARTER, Input.OUT_OF)
VALUES = (*COUNTS, Input.STATUS)
"""The inputs that say a row's figure together."""

TEXTS = (Input.VALUE, Input.EXTRA, Input.QUICK, Input.PROMISE_NOW)
_GROUP = (*VALUES, *TEXTS)
_OF_POLICE = (Input.STATUS, Input.DROVE_IT, Input.NOTE)
_OF_ROW = (*COUNTS, *_OF_POLICE)
_HEADERS = {
    layout.HOW_MANY: Input.THIS_QUARTER,
    layout.THIS_QUARTER: Input.THIS_QUARTER,
    layout.OUT_OF: Input.OUT_OF,
    layout.STATUS: Input.STATUS,
    layout.CONFIRM: Input.STATUS,
    layout.DROVE_IT: Input.DROVE_IT,
    layout.NOTE: Input.NOTE,
}
_BOXES = {
    layout.SUMMARY: (layout.HAPPENED, layout.NEXT, layout.QUICK, layout.PROMISE_NOW),
    layout.YEAR: (layout.HAPPENED, layout.NEXT, layout.QUICK),
    layout.ACTIONS: (layout.ANSWER, layout.STATUS),
    layout.SIGN_OFF: (layout.ENTRY,),
}
"""The columns of the sheets of words, in the order of TEXTS."""


_OF_WORDS = (layout.SUMMARY, layout.YEAR)


def list_cells(form: FormDefinition, read: ReadForm) -> Iterator[tuple[Place, Cell]]:
    """Every input that was found, by its place; of the force's figures those that may be filled in."""
    rows = _list_rows(form)
    for seen in read.figures:
        key, row = rows.get(layout.row_key(seen.area_code, seen.ref), ("", None))
        for which in (_OF_ROW if row and row.entry is Entry.VALUE else _OF_POLICE) if key else ():
            is_share = which is Input.THIS_QUARTER and row is not None and row.is_counted
            cell = _find_share(form, seen) if is_share else getattr(seen, which)
            yield (key, which), _BLANK if layout.is_left_empty(cell.text) else cell
    refs = {layout.same(ref): ref for ref in _list_refs(form)}
    for box in (*read.summary, *read.actions, *read.sign_off):
        for which in TEXTS:
            cell = getattr(box, which)
            if cell and layout.same(box.ref) in refs:
                yield (refs[layout.same(box.ref)], which), _BLANK if layout.is_left_empty(cell.text) else cell


def _list_rows(form: FormDefinition) -> dict[tuple[str, str], tuple[str, FigureRow | None]]:
    """The rows of figures as they are compared, each with its key; without a row for the one that confirms all."""
    rows: dict[tuple[str, str], tuple[str, FigureRow | None]] = {
        layout.row_key(row.area.code, row.ref): (layout.figure_key(row.area.code, row.ref), row) for row in form.figures
    }
    for area in dict.fromkeys(row.area.code for row in layout.list_police(form)):
        rows[layout.row_key(area, layout.ALL)] = layout.figure_key(area, layout.ALL), None
    return rows


def list_police_keys(form: FormDefinition) -> frozenset[str]:
    """The keys of the force's rows, with those of the rows that confirm all of an area."""
    return frozenset(key for key, row in _list_rows(form).values() if row is None or row.entry is Entry.CONFIRM)


def _find_share(form: FormDefinition, seen: ReadFigureRow) -> Cell:
    """What says a share: how many, else a per cent, whose sign tells it from a count also where it stood apart."""
    counted = seen.how_many if not layout.is_left_empty(seen.how_many.text) else None
    cell = counted or seen.this_quarter
    held = say_held(cell) if cell.type is CellType.NUMBER else cell.text
    is_apart = layout.is_of_before(form) and not counted and is_plain_number(held)
    if is_apart or held.endswith("%"):
        return replace(cell, type=CellType.TEXT, text=f"{held.rstrip('%')}%", shown="")
    return cell


def _list_refs(form: FormDefinition) -> Iterator[str]:
    yield from (row.ref for row in form.summary)
    yield from (row.ref for row in form.actions)
    yield from (row.label for row in layout.SIGN_OFF_ROWS)


def say_typed(cell: Cell, which: Input) -> str:
    """What an input holds as its sender would type it: a formula's result, a per cent as it looks.

    "" where that is an error, or nothing that is seen.
    """
    if cell.is_blank or cell.type is CellType.ERROR or cell.struck or cell.hidden or cell.rivals:
        return ""
    if which not in COUNTS:
        return cell.text
    held = say_held(cell)
    return held if cell.type is not CellType.NUMBER else held.rstrip("%")


def fill_cells(
    form: FormDefinition, read: ReadForm, texts: Mapping[Place, str] | Mapping[Place, str | Cell]
) -> ReadForm:
    """A form with some texts, or whole cells, in its cells; rows and boxes that are not there are laid out for them."""
    by_key: dict[str, dict[str, str | Cell]] = {}
    for (key, which), text in texts.items():
        by_key.setdefault(key, {})[which.value] = text
    rows = _list_rows(form)
    if layout.is_of_before(form):
        by_key |= {
            key: _part_share(by_key[key]) for key, row in rows.values() if row and row.is_counted and key in by_key
        }
    there = {layout.row_key(row.area_code, row.ref) for row in read.figures}
    absent = (_blank_row(*key.split(" ", 1)) for place, (key, _) in rows.items() if place not in there)
    figures = [
        (rows.get(layout.row_key(row.area_code, row.ref), ("", None))[0], row) for row in (*read.figures, *absent)
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


def _part_share(texts: dict[str, str | Cell]) -> dict[str, str | Cell]:
    """The texts of a share as it stood on forms of before: how many, and a per cent, in columns of their own."""
    said = texts.get(Input.THIS_QUARTER)
    if not isinstance(said, str):
        return texts
    counted, other = (said, "") if is_plain_number(said) else ("", said)
    return {**texts, "how_many": counted, Input.THIS_QUARTER.value: other}


R = TypeVar("R", ReadFigureRow, ReadText)


def _put_texts(row: R, texts: Mapping[str, str | Cell]) -> R:
    cells: dict[str, Any] = {name: _put_text(getattr(row, name), text) for name, text in texts.items()}
    return replace(row, **cells) if cells else row


_BLANK = Cell(sheet="", cell="", type=CellType.BLANK)


def lay_out_blank(form: FormDefinition) -> ReadForm:
    """A form in which nothing was filled in, with all of its rows."""
    return ReadForm(
        figures=tuple(
            _blank_row(*key.split(" ", 1), sheet=layout.GRANTS if _is_grant(row) else layout.FIGURES)
            for key, row in _list_rows(form).values()
        )
    )


def _is_grant(row: FigureRow | None) -> bool:
    return row is not None and layout.sheet_of(row) == layout.GRANTS


def _blank_row(area: str, ref: str, *, sheet: str = "") -> ReadFigureRow:
    return ReadFigureRow(
        area_code=area, ref=ref, sheet=sheet, row=0, how_many=_BLANK, out_of=_BLANK, this_quarter=_BLANK, status=_BLANK,
        drove_it=_BLANK, note=_BLANK,
    )  # fmt: skip


def _put_text(cell: Cell | None, text: str | Cell) -> Cell:
    """A cell with a text in it, as a fresh form would have it."""
    if isinstance(text, Cell):
        return text
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


def find_box(form: FormDefinition, place: Place) -> tuple[str, str, str] | None:
    """The sheet, the row's key and the column in which an input has its box on a form of today; None for none."""
    key, which = place
    if which not in TEXTS:
        police = key in list_police_keys(form)
        column = next(header for header, one in _HEADERS.items() if one is which and header != layout.HOW_MANY)
        header = layout.box_header(column, Entry.CONFIRM if police else Entry.VALUE)
        return layout.POLICE if police else layout.find_sheet(form, key), key, header
    lists = (
        *((name, {r.ref for r in form.summary if layout.sheet_of_box(r) == name}) for name in _OF_WORDS),
        (layout.ACTIONS, {row.ref for row in form.actions}),
        (layout.SIGN_OFF, {row.label for row in layout.SIGN_OFF_ROWS}),
    )
    found = (sheet for sheet, refs in lists if key in refs and TEXTS.index(which) < len(_BOXES[sheet]))
    sheet = next(found, "")
    return (sheet, key, _BOXES[sheet][TEXTS.index(which)]) if sheet else None


def find_place(finding: Finding) -> Place | None:
    """The input that a finding is about; None where it is about something else on its row, or about a sheet."""
    if not finding.key:
        return None
    if " " in finding.key and (which := _HEADERS.get(finding.column)):
        return finding.key, which
    which_text = (TEXTS[at] for headers in _BOXES.values() for at, said in enumerate(headers) if said == finding.column)
    found = next(which_text, None)
    return (finding.key, found) if found else None


def list_group(place: Place) -> tuple[Place, ...]:
    """The inputs that answer together for what one of them is asked: all that say a figure."""
    return tuple((place[0], which) for which in VALUES) if place[1] in VALUES else (place,)
