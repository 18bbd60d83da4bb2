"""What was set up by workbook, each as it was applied: its stored shape, and reading them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool, StrictInt, StrictStr, ValidationError
from sqlmodel import Session, col, select

from csp_workflow.store.engine import Connected, asked_once
from csp_workflow.store.stored_shape import DocumentUnreadable
from csp_workflow.store.tables import SetupRow
from csp_workflow.store.values import Memory
from csp_workflow.terms.setup import Entry, Setup, SetupChange, SetupPlace

_LATEST = 1


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SetupDay(_Shape):
    """A day, to be told from a text that looks like one."""

    day: date


_Said = dict[str, StrictBool | StrictInt | StrictStr | SetupDay | list[StrictInt | StrictStr]]


class ChangeShape(_Shape):
    """One entry of one list of a file, as it was and as it is."""

    file: str
    lists: tuple[str, ...]
    within: str
    was: _Said | None
    now: _Said | None


class ChangesShape(_Shape):
    """What one workbook changed, version 1."""

    changes: tuple[ChangeShape, ...]


def make_setup_row(one: Setup) -> SetupRow:
    """What was applied as its row."""
    return SetupRow(content=one.content, changes_shape=_LATEST, changes=dump_changes(one.changes))


def dump_changes(changes: Iterable[SetupChange]) -> str:
    """Changes as they are stored, JSON; so are the rows that a copy of the workbook showed."""
    return ChangesShape(changes=tuple(map(_shape_change, changes))).model_dump_json()


def _shape_change(one: SetupChange) -> ChangeShape:
    place = one.place
    said = (_shape_entry(one.was), _shape_entry(one.now))
    return ChangeShape(file=place.file, lists=place.lists, within=place.within, was=said[0], now=said[1])


def _shape_entry(entry: Entry | None) -> Any:
    if entry is None:
        return None
    return {key: SetupDay(day=value) if isinstance(value, date) else value for key, value in entry.items()}


def read_setup(row: SetupRow) -> Setup:
    """What was applied, from its row. Raises DocumentUnreadable."""
    if row.changes_shape != _LATEST:
        raise DocumentUnreadable(f"A set-up of shape {row.changes_shape} is not known to this version.")
    return Setup(content=row.content, changes=read_changes(row.changes))


def read_changes(text: str) -> tuple[SetupChange, ...]:
    """Changes as they were stored. Raises DocumentUnreadable."""
    try:
        said = ChangesShape.model_validate_json(text)
    except ValidationError as fault:
        raise DocumentUnreadable(f"It is no set-up of shape {_LATEST}: {fault.errors()[0]['msg']}.") from None
    return tuple(map(_read_change, said.changes))


def _read_change(one: ChangeShape) -> SetupChange:
    place = SetupPlace(file=one.file, lists=one.lists, within=one.within)
    return SetupChange(place=place, was=_read_entry(one.was), now=_read_entry(one.now))


def _read_entry(said: _Said | None) -> Entry | None:
    if said is None:
        return None
    return {key: value.day if isinstance(value, SetupDay) else value for key, value in said.items()}


class Setups(Connected):
    """Reading what was applied. It is written by `commit` alone and never changes."""

    def __init__(self) -> None:
        super().__init__()
        self._setups_read = Memory[Setup]()

    @asked_once
    def setups(self, count: int | None = None) -> tuple[Setup, ...]:
        """All that was applied, or the first so many, oldest first."""
        if count == 0:
            return ()
        with self._reading() as session:
            numbers = session.exec(select(SetupRow.number).order_by(col(SetupRow.number)).limit(count)).all()
            return self._setups_read.recall(numbers, partial(_read_setups, session))


def _read_setups(session: Session, numbers: Sequence[int]) -> dict[int, Setup]:
    rows = session.exec(select(SetupRow).where(col(SetupRow.number).in_(numbers)))
    return {row.number or 0: read_setup(row) for row in rows}
