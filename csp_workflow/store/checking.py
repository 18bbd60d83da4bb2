"""Reads every row through its loader, as `db check` does, and names each that this version cannot read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

from csp_workflow.store import tables, values, words
from csp_workflow.store.archived import DatabaseArchive
from csp_workflow.store.engine import table_of
from csp_workflow.terms.comparisons import GroupRate
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Event, MoveRefused
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.service_status import fold_service
from csp_workflow.terms.status import fold_cycle

_AT_ONCE = 500
_UNREADABLE = (ValueError, TypeError, ArithmeticError, KeyError)


def _load_figure(row: tables.FigureRow) -> Figure:
    figure = values.figure_of(row)
    if (figure.value is not None) != figure.status.has_value:
        raise ValueError(f"A figure that is {figure.status} has the value {row.exact}.")
    return figure


def _load_group_rate(row: tables.GroupRateRow) -> GroupRate:
    rate = values.group_rate_of(row)
    if (rate.rate is not None) != rate.status.has_value:
        raise ValueError(f"A rate that is {rate.status} has the value {row.rate}.")
    return rate


_LOADERS: dict[type[SQLModel], Callable[[Any], object]] = {
    tables.PlanRow: lambda row: values.dates_of(row, (), ()),
    tables.CycleRow: lambda row: Quarter.parse(row.quarter),
    tables.RequestRow: values.request_of,
    tables.SubmissionRow: lambda row: values.submission_of(row, {}),
    tables.FigureRow: _load_figure,
    tables.GroupRateRow: _load_group_rate,
    tables.FindingRow: values.FINDING.read,
    tables.MessageMarkRow: lambda row: words.MARKS.member(row.mark),
    tables.VerdictRow: lambda row: words.VERDICTS.member(row.verdict),
    tables.LetterRow: lambda row: values.letter_of(row, ()),
    tables.EventRow: values.event_of,
}
"""The tables with something to be understood. Of all others a row is read when its columns are of their types."""


def find_unreadable_rows(engine: Engine) -> Iterator[str]:
    """A sentence for each row that its loader cannot read, and for a quarter whose events cannot be replayed."""
    with Session(engine.execution_options(reading=True)) as session:
        for model in _models():
            yield from _unreadable(session, model)
        yield from _unplayable(session)
    yield from _changed_files(DatabaseArchive(engine))


def _models() -> list[type[SQLModel]]:
    found = (one for one in vars(tables).values() if isinstance(one, type) and hasattr(one, "__table__"))
    found = (one for one in found if one is not tables.ArchivedFileRow)  # large: one at a time
    return sorted(found, key=lambda model: table_of(model).name)


def _unreadable(session: Session, model: type[SQLModel]) -> Iterator[str]:
    """A sound table is read in one go; one that is not, row by row, so that each row that fails can be named."""
    load: Callable[[Any], object] = _LOADERS.get(model, bool)
    try:
        for row in session.exec(select(model).execution_options(yield_per=_AT_ONCE)):
            load(row)
    except _UNREADABLE:
        session.expunge_all()
        yield from _each_unreadable(session, model, load)


def _each_unreadable(session: Session, model: type[SQLModel], load: Callable[[Any], object]) -> Iterator[str]:
    table = table_of(model)
    keys = list(table.primary_key)
    for key in session.execute(select(*keys).order_by(*keys)).all():
        try:
            load(session.get(model, tuple(key)))
        except _UNREADABLE as fault:
            which = ", ".join(f"{column.name} {part}" for column, part in zip(keys, key, strict=True))
            yield f"The row of '{table.name}' with {which} cannot be read: {fault}"
        session.expunge_all()


def _changed_files(archive: DatabaseArchive) -> Iterator[str]:
    for name in tuple(archive.list_names()):
        try:
            archive.fetch(name)
        except ValueError as fault:
            yield str(fault)


def _unplayable(session: Session) -> Iterator[str]:
    """Status is a fold over the events: from the first one on they must still be a life that the tables allow."""
    lives: dict[Quarter | None, list[Event]] = {}
    try:
        for row in session.exec(select(tables.EventRow).order_by(col(tables.EventRow.number))):
            event = values.event_of(row)
            lives.setdefault(event.quarter, []).append(event)
    except _UNREADABLE:
        return  # the rows that cannot be read are named; a life with a hole in it proves nothing
    for quarter, events in lives.items():
        try:
            if quarter is None:
                fold_service(events)
            else:
                fold_cycle(quarter, events)
        except (MoveRefused, *_UNREADABLE) as fault:
            yield f"The events of {quarter or 'the service as a whole'} cannot be replayed: {fault}"
