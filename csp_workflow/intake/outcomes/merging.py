"""Several people's forms of one return as one: what came, laid over what is accepted, cell by cell.

Each cell is held against the copy that its sender was given. An empty cell never takes anything away; who left a cell
as it was given has not spoken; who changed what nobody else has changed since is taken; where two changed the same
cell to different things, both are asked and what was accepted stands. To take something out is said in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum

from csp_workflow.forms import layout
from csp_workflow.intake.outcomes.places import (
    COUNTS,
    TEXTS,
    VALUES,
    Place,
    fill_cells,
    list_cells,
    list_filled,
    say_typed,
)
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.cells import Cell, Input, InputText
from csp_workflow.terms.returns import FormDefinition, ReadForm, Submission

TWO_ANSWERS = "two-answers"
"""The code of the finding where two people gave different answers."""

_MAY_DIFFER = frozenset({layout.COMPLETED_BY, layout.POSITION, layout.DATE})
"""Of the sign-off: each who completes a part says so, and nobody is asked which of them it was."""

_NEVER_KEPT = frozenset({layout.NIL, layout.DECLINE, layout.REASON})
"""A tick speaks for the form that it stands on."""

_NO_VALUE = frozenset(layout.same(words) for words, meaning in layout.STATUS_MEANS.items() if not meaning.has_value)
_GROUP = (*VALUES, *TEXTS)


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
