"""What happened: the append-only events, the status folded from them, and the dates of each cycle."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from csp_workflow.store import values
from csp_workflow.store.engine import Connected
from csp_workflow.store.tables import EventRow, LetterRow, PlannedPaperRow, PlanRow, PlanWarningRow
from csp_workflow.terms.dates import CycleDates, CycleState, Quarter
from csp_workflow.terms.events import Event
from csp_workflow.terms.status import CycleStatus, ServiceStatus, fold_cycle, fold_service


class Truth(Connected):
    """Reading what happened. Events are read and folded once: later ones are folded onto the status known already."""

    def __init__(self) -> None:
        super().__init__()
        self._events_known: dict[Quarter | None, tuple[int, tuple[Event, ...]]] = {}
        self._cycles_folded: dict[Quarter, tuple[int, CycleStatus]] = {}
        self._service_folded: tuple[int, ServiceStatus] = (0, ServiceStatus())

    def events(self, quarter: Quarter | None) -> tuple[Event, ...]:
        """A quarter's events, or the service's own (None), in the order they were appended."""
        number, known = self._events_known.get(quarter, (0, ()))
        with self._reading() as session:
            number, later = _events_after(session, quarter, number)
        if later:
            known = (*known, *later)
            self._events_known[quarter] = (number, known)
        return known

    def mark(self) -> int:
        """Where the store stands: facts gathered at a mark are current while the mark is."""
        with self._reading() as session:
            return find_mark(session)

    def cycle_status(self, quarter: Quarter) -> CycleStatus:
        """Where a quarter stands: its events, folded."""
        with self._reading() as session:
            return self._cycle_status(session, quarter)

    def cycle_state(self, quarter: Quarter) -> CycleState:
        """The quarter's state alone, folded from the events of the cycle as a whole: cheap for old cycles."""
        wanted = select(EventRow).where(EventRow.quarter == quarter.key, col(EventRow.respondent).is_(None))
        with self._reading() as session:
            rows = session.exec(wanted.order_by(col(EventRow.number))).all()
            return fold_cycle(quarter, map(values.event_of, rows)).state

    def service_status(self) -> ServiceStatus:
        """What holds for the service as a whole: its events, folded."""
        with self._reading() as session:
            return self._service_status(session)

    def _cycle_status(self, session: Session, quarter: Quarter) -> CycleStatus:
        number, status = self._cycles_folded.get(quarter, (0, CycleStatus(quarter=quarter)))
        number, later = _events_after(session, quarter, number)
        if later:
            status = fold_cycle(quarter, later, onto=status)
            self._cycles_folded[quarter] = (number, status)
        return status

    def _service_status(self, session: Session) -> ServiceStatus:
        number, status = self._service_folded
        number, later = _events_after(session, None, number)
        if later:
            status = fold_service(later, onto=status)
            self._service_folded = (number, status)
        return status

    def _refuse_what_cannot_follow(self, session: Session, events: tuple[Event, ...]) -> None:
        """Fold events onto the status before them: what cannot be folded is never stored. Raises MoveRefused."""
        for quarter in dict.fromkeys(event.quarter for event in events):
            later = [event for event in events if event.quarter == quarter]
            if quarter is None:
                fold_service(later, onto=self._service_status(session))
            else:
                fold_cycle(quarter, later, onto=self._cycle_status(session, quarter))

    # Dates ----------------------------------------------------------------------------------------

    def cycles(self) -> tuple[Quarter, ...]:
        """The quarters that were ever planned, oldest first."""
        with self._reading() as session:
            keys = session.exec(select(PlanRow.quarter)).all()
        return tuple(sorted(Quarter.parse(key) for key in keys))

    def plan_of(self, quarter: Quarter) -> CycleDates | None:
        """A quarter's dates, or None when it is not planned."""
        with self._reading() as session:
            row = session.get(PlanRow, quarter.key)
            if row is None:
                return None
            papers = select(PlannedPaperRow).where(PlannedPaperRow.quarter == quarter.key)
            warnings = select(PlanWarningRow).where(PlanWarningRow.quarter == quarter.key)
            return values.dates_of(
                row,
                session.exec(papers.order_by(col(PlannedPaperRow.position))).all(),
                session.exec(warnings.order_by(col(PlanWarningRow.position))).all(),
            )


def find_mark(session: Session) -> int:
    """How far the events and the letters have come: both only ever grow, so the sum stands while both do."""
    events, letters = select(func.max(EventRow.number)), select(func.max(LetterRow.number))
    return (session.exec(events).one() or 0) + (session.exec(letters).one() or 0)


def _events_after(session: Session, quarter: Quarter | None, number: int) -> tuple[int, list[Event]]:
    """The events of a quarter (None: the service's) that were appended after a number, and the number of the last."""
    of = EventRow.quarter == quarter.key if quarter else col(EventRow.quarter).is_(None)
    wanted = select(EventRow).where(of, col(EventRow.number) > number).order_by(col(EventRow.number))
    rows = session.exec(wanted).all()
    return (rows[-1].number or 0) if rows else number, [values.event_of(row) for row in rows]
