"""Reads every row through its loader, as `db check` does, and names each that this version cannot read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

from csp_workflow.store import values, words
from csp_workflow.store.engine import table_of
from csp_workflow.store.tables import (
    EventRow,
    FigureRow,
    FindingRow,
    LetterRow,
    MessageMarkRow,
    RequestRow,
    SubmissionRow,
    VerdictRow,
)
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Event, MoveRefused
from csp_workflow.terms.status import fold_cycle, fold_service

_AT_ONCE = 500
_LOADERS: dict[type[SQLModel], Callable[[Any], object]] = {
    RequestRow: values.request_of,
    SubmissionRow: lambda row: values.submission_of(row, values.SubmissionParts()),
    FigureRow: values.figure_of,
    FindingRow: values.finding_of,
    MessageMarkRow: lambda row: words.MARKS.member(row.mark),
    VerdictRow: lambda row: words.VERDICTS.member(row.verdict),
    LetterRow: lambda row: values.letter_of(row, ()),
    EventRow: values.event_of,
}
"""Each table with something to be understood; the columns of all others are what they are."""


def find_unreadable_rows(engine: Engine) -> Iterator[str]:
    """A sentence for each row that its loader cannot read, and for a quarter whose events cannot be replayed."""
    with Session(engine.execution_options(reading=True)) as session:
        for model, load in _LOADERS.items():
            yield from _unreadable(session, model, load)
        yield from _unplayable(session)


def _unreadable(session: Session, model: type[SQLModel], load: Callable[[Any], object]) -> Iterator[str]:
    keys = [column.name for column in table_of(model).primary_key]
    wanted = select(model).order_by(*table_of(model).primary_key).execution_options(yield_per=_AT_ONCE)
    for row in session.exec(wanted):
        try:
            load(row)
        except (ValueError, ArithmeticError) as fault:
            which = ", ".join(f"{key} {getattr(row, key)}" for key in keys)
            yield f"The row of '{table_of(model).name}' with {which} cannot be read: {fault}"


def _unplayable(session: Session) -> Iterator[str]:
    """Status is a fold over the events: from the first one on they must still be a life that the tables allow."""
    lives: dict[Quarter | None, list[Event]] = {}
    for row in session.exec(select(EventRow).order_by(col(EventRow.number))):
        try:
            event = values.event_of(row)
        except ValueError:
            continue  # named already
        lives.setdefault(event.quarter, []).append(event)
    for quarter, events in lives.items():
        try:
            if quarter is None:
                fold_service(events)
            else:
                fold_cycle(quarter, events)
        except (MoveRefused, ValueError, KeyError) as fault:
            yield f"The events of {quarter or 'the service as a whole'} cannot be replayed: {fault}"
