"""What happened: the append-only events, the status folded from them, and the dates of each cycle."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from csp_workflow.store import tables, values
from csp_workflow.store.engine import Connected, put
from csp_workflow.terms.cycles import CycleDates, CycleState
from csp_workflow.terms.events import Event
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.status import CycleStatus, ServiceStatus, fold_cycle, fold_service


class Truth(Connected):
    """Reading what happened. Events are read once: later ones are added to those already known."""

    def __init__(self) -> None:
        self._told: dict[Quarter | None, tuple[int, tuple[Event, ...]]] = {}
        self._folded: dict[Quarter | None, tuple[int, CycleStatus | ServiceStatus]] = {}

    def events(self, quarter: Quarter | None) -> tuple[Event, ...]:
        """A quarter's events, or the service's own (None), in the order they were appended."""
        with self._reading() as connection:
            return self._events(connection, quarter)

    def mark(self) -> int:
        """The number of the latest event: facts gathered at a mark stand while it stands."""
        with self._reading() as connection:
            return self._mark(connection)

    def cycle_status(self, quarter: Quarter) -> CycleStatus:
        """Where a quarter stands: its events, folded."""
        told = self.events(quarter)
        known = self._folded.get(quarter)
        if known and known[0] == len(told) and isinstance(known[1], CycleStatus):
            return known[1]
        status = fold_cycle(quarter, told)
        self._folded[quarter] = (len(told), status)
        return status

    def cycle_state(self, quarter: Quarter) -> CycleState:
        """The quarter's state alone, folded from the events of the cycle as a whole: cheap for old cycles."""
        row = tables.EVENT.c
        wanted = select(tables.EVENT).where(row.quarter == quarter.key, row.respondent == "").order_by(row.id)
        with self._reading() as connection:
            return fold_cycle(quarter, map(values.event_of, connection.execute(wanted))).state

    def service_status(self) -> ServiceStatus:
        """What holds for the service as a whole: its events, folded."""
        told = self.events(None)
        known = self._folded.get(None)
        if known and known[0] == len(told) and isinstance(known[1], ServiceStatus):
            return known[1]
        status = fold_service(told)
        self._folded[None] = (len(told), status)
        return status

    @staticmethod
    def _mark(connection: Connection) -> int:
        return int(connection.scalar(select(func.max(tables.EVENT.c.id))) or 0)

    def _events(self, connection: Connection, quarter: Quarter | None) -> tuple[Event, ...]:
        last, told = self._told.get(quarter, (0, ()))
        row = tables.EVENT.c
        later = connection.execute(
            select(tables.EVENT).where(row.quarter == values.key_of(quarter), row.id > last).order_by(row.id)
        ).all()
        if later:
            told = (*told, *map(values.event_of, later))
            self._told[quarter] = (later[-1].id, told)
        return told

    # Dates ----------------------------------------------------------------------------------------

    def cycles(self) -> tuple[Quarter, ...]:
        """The quarters that were ever planned, oldest first."""
        with self._reading() as connection:
            keys = connection.scalars(select(tables.PLAN.c.quarter)).all()
        return tuple(sorted(Quarter.parse(key) for key in keys))

    def plan_of(self, quarter: Quarter) -> CycleDates | None:
        """A quarter's dates, or None when it is not planned."""
        with self._reading() as connection:
            text = connection.scalar(select(tables.PLAN.c.dates).where(tables.PLAN.c.quarter == quarter.key))
        return values.dates_of(text) if text else None

    def save_plan(self, dates: CycleDates) -> None:
        """Keep a quarter's dates; a later plan replaces them (the change itself is an event)."""
        with self._writing() as connection:
            row = {"quarter": dates.quarter.key, "dates": values.dumped(dates)}
            put(connection, tables.PLAN, row, key="quarter")
