"""What happened, and the one way in: a decision is stored whole in one transaction, or nothing of it is.

Events are append-only; status is folded from them, later ones onto the status known already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, text
from sqlmodel import Session, col, select

from csp_workflow.mail.compose import derive_delivery_id
from csp_workflow.store import values
from csp_workflow.store.engine import (
    Connected,
    add_all,
    add_new,
    add_once,
    asked_once,
    name_unnamed,
    put,
    rows_of,
    values_of,
)
from csp_workflow.store.measures import make_set_row
from csp_workflow.store.setups import make_setup_row
from csp_workflow.store.tables import (
    AreaRow,
    EventRow,
    LetterRow,
    MessageRow,
    PlannedPaperRow,
    PlanRow,
    PlanWarningRow,
    RequestRow,
    RespondentRow,
    SeriesRow,
    SubmissionRow,
    VerdictRespondentRow,
    VerdictRow,
)
from csp_workflow.store.words import EVENT_KINDS, VERDICTS
from csp_workflow.terms.comparisons import GroupRate
from csp_workflow.terms.dates import CycleDates, CycleState, Quarter
from csp_workflow.terms.events import Decision, Event, Happened, Letter
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.messages import Judgement
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.service import StoreBusy
from csp_workflow.terms.service_status import ServiceStatus, fold_service
from csp_workflow.terms.status import CycleStatus, fold_cycle

# Asked many times in each beat, so written once: building a question takes longer than asking it.
_IN_ORDER = select(EventRow).order_by(col(EventRow.number))
_LATER = _IN_ORDER.where(col(EventRow.number) > bindparam("number"), col(EventRow.number) < bindparam("until"))
_OF_A_QUARTER = _LATER.where(col(EventRow.quarter) == bindparam("quarter"))
_OF_NO_QUARTER = _LATER.where(col(EventRow.quarter).is_(None))
_OF_CYCLES_ALONE = _LATER.where(col(EventRow.quarter).is_not(None), col(EventRow.respondent).is_(None))
_LAST_OF_A_CYCLE_ALONE = select(func.max(EventRow.number)).where(
    col(EventRow.quarter) == bindparam("quarter"), col(EventRow.respondent).is_(None)
)
_OF_A_KIND = _IN_ORDER.where(col(EventRow.kind) == bindparam("kind"))
_CAME = select(col(SubmissionRow.id), col(SubmissionRow.received)).where(
    col(SubmissionRow.id).in_(bindparam("ids", expanding=True))
)
_PLANNED = select(PlanRow.quarter)
_PLAN = select(PlanRow).filter_by(quarter=bindparam("quarter"))
_PAPERS = select(PlannedPaperRow).filter_by(quarter=bindparam("quarter")).order_by(col(PlannedPaperRow.position))
_WARNINGS = select(PlanWarningRow).filter_by(quarter=bindparam("quarter")).order_by(col(PlanWarningRow.position))
_MARK = select(
    func.coalesce(select(func.max(EventRow.number)).scalar_subquery(), 0)
    + func.coalesce(select(func.max(LetterRow.number)).scalar_subquery(), 0)
    + func.coalesce(select(func.max(VerdictRow.number)).scalar_subquery(), 0)
)


class Truth(Connected):
    """Reading what happened. Events are read and folded once: later ones are folded onto the status known already."""

    def __init__(self) -> None:
        super().__init__()
        self._events_known: dict[Quarter | None, tuple[int, tuple[Event, ...]]] = {}
        self._cycles_folded: dict[Quarter, tuple[int, CycleStatus]] = {}
        self._service_folded: tuple[int, ServiceStatus] = (0, ServiceStatus())
        self._alone_folded: tuple[int, dict[Quarter, CycleStatus]] = (0, {})
        self._plans_read: dict[Quarter, tuple[int | None, CycleDates]] = {}

    @asked_once
    def events(self, quarter: Quarter | None) -> tuple[Event, ...]:
        """A quarter's events, or the service's own (None), in the order they were appended."""
        number, known = self._events_known.get(quarter, (0, ()))
        with self._asking() as asked:
            number, later = _events_after(asked, quarter, number, self._until)
        if later:
            known = (*known, *later)
            self._events_known[quarter] = (number, known)
        return known

    @asked_once
    def numbered_events(self, kind: Happened) -> tuple[tuple[int, Event], ...]:
        """Every event of a kind, in the order they were appended, each with its number among all events."""
        with self._asking() as asked:
            rows = rows_of(asked, _OF_A_KIND, kind=EVENT_KINDS.word(kind))
        return tuple((row.number or 0, values.event_of(row)) for row in rows)

    @asked_once
    def mark(self) -> int:
        """Where the store stands: facts gathered at a mark are current while the mark is."""
        with self._asking() as asked:
            return find_mark(asked)

    @asked_once
    def cycle_status(self, quarter: Quarter) -> CycleStatus:
        """Where a quarter stands: its events, folded."""
        with self._asking() as asked:
            return self._cycle_status(asked, quarter)

    @asked_once
    def cycle_states(self) -> Mapping[Quarter, CycleState]:
        """The state of each quarter that was ever planned, oldest first; only the events of cycles as a whole tell it.

        It is asked many times in a beat, and is cheap however many returns old cycles had.
        """
        number, known = self._alone_folded
        with self._asking() as asked:
            planned = asked.scalars(_PLANNED).all()
            later = rows_of(asked, _OF_CYCLES_ALONE, number=number, until=self._until)
        if later:
            events = [values.event_of(row) for row in later]
            new = {
                quarter: fold_cycle(
                    quarter,
                    (event for event in events if event.quarter == quarter),
                    onto=known.get(quarter, CycleStatus(quarter=quarter)),
                )
                for quarter in {event.quarter for event in events}
                if quarter
            }
            known = {**known, **new}
            self._alone_folded = (later[-1].number or 0, known)
        nothing_yet = CycleState.PLANNED
        quarters = sorted(map(Quarter.parse, planned))
        return {quarter: known[quarter].state if quarter in known else nothing_yet for quarter in quarters}

    @asked_once
    def service_status(self) -> ServiceStatus:
        """What holds for the service as a whole: its events, folded."""
        with self._asking() as asked:
            return self._service_status(asked)

    def _cycle_status(self, asked: Connection, quarter: Quarter) -> CycleStatus:
        number, status = self._cycles_folded.get(quarter, (0, CycleStatus(quarter=quarter)))
        number, later = _events_after(asked, quarter, number, self._until)
        if later:
            status = fold_cycle(quarter, later, onto=status, received=_find_received(asked, later))
            self._cycles_folded[quarter] = (number, status)
        return status

    def _service_status(self, asked: Connection) -> ServiceStatus:
        number, status = self._service_folded
        number, later = _events_after(asked, None, number, self._until)
        if later:
            status = fold_service(later, onto=status)
            self._service_folded = (number, status)
        return status

    def _refuse_what_cannot_follow(self, asked: Connection, events: tuple[Event, ...]) -> None:
        """Fold events onto the status before them: what cannot be folded is never stored. Raises MoveRefused."""
        for quarter in dict.fromkeys(event.quarter for event in events):
            later = [event for event in events if event.quarter == quarter]
            if quarter is None:
                fold_service(later, onto=self._service_status(asked))
            else:
                fold_cycle(quarter, later, onto=self._cycle_status(asked, quarter))

    # Dates ----------------------------------------------------------------------------------------

    @asked_once
    def plan_of(self, quarter: Quarter) -> CycleDates | None:
        """A quarter's dates, or None when it is not planned. Read again once an event of the cycle alone may change
        them."""
        of = {"quarter": quarter.key}
        with self._asking() as asked:
            number = asked.scalar(_LAST_OF_A_CYCLE_ALONE, of)
            if quarter not in self._plans_read or self._plans_read[quarter][0] != number:
                plan = rows_of(asked, _PLAN, **of)
                if not plan:
                    return None
                dates = values.dates_of(plan[0], rows_of(asked, _PAPERS, **of), rows_of(asked, _WARNINGS, **of))
                self._plans_read[quarter] = (number, dates)
        return self._plans_read[quarter][1]


def find_mark(asked: Connection) -> int:
    """How far events, letters and verdicts have come: each only ever grows, so the sum stands while all do.

    It does not move when a letter goes from one state to the next: what is decided by those is asked for again.
    """
    return int(asked.scalar(_MARK) or 0)


def _events_after(asked: Connection, quarter: Quarter | None, number: int, until: int) -> tuple[int, list[Event]]:
    """The events of a quarter (None: the service's) appended after a number, before another; and the last one's."""
    wanted, of = (_OF_A_QUARTER, {"quarter": quarter.key}) if quarter else (_OF_NO_QUARTER, {})
    rows = rows_of(asked, wanted, number=number, until=until, **of)
    return (rows[-1].number or 0) if rows else number, [values.event_of(row) for row in rows]


def _find_received(asked: Connection, events: Sequence[Event]) -> dict[str, datetime]:
    """When the messages of versions came, by submission, where events tell of any: those say when it was counted."""
    ids = [event.subject for event in events if event.kind is Happened.RECEIVED]
    return {row.id: row.received for row in rows_of(asked, _CAME, ids=ids)} if ids else {}


# One commit: everything a decision asks for is stored in one transaction, or nothing is -----------


_STALE = "Something else was stored meanwhile: decide again on the facts as they are now."


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A letter's bytes, frozen: their archive hash, the Message-ID and the subject in them."""

    content: str
    message_id: str
    subject: str


class Commit(Truth):
    """The only way into the truth."""

    def __init__(self) -> None:
        super().__init__()
        self._is_deciding = False

    @contextmanager
    def sole_decider(self) -> Iterator[None]:
        """One worker at a time gathers facts, decides and commits: what is decided beside it would be decided again.

        A courtesy, and no guard: whoever has waited for long goes on, and what came too late is not stored.
        """
        if self._is_deciding:
            yield
            return
        with self._sole("decider", waits=True):
            self._is_deciding = True
            try:
                yield
            finally:
                self._is_deciding = False

    def commit(
        self,
        decision: Decision,
        *,
        letters: Sequence[tuple[Letter, Frozen]] = (),
        at: datetime,
        since: int | None = None,
    ) -> bool:
        """Store a decision whole. False, and nothing stored, when its message is judged already or it came too late.

        `letters` are the decision's letters with their frozen bytes; one whose (kind, cause,
        recipient) is known stands as it is. `since` is the mark at which the facts were gathered:
        when something was stored after it, the decision came too late. Raises StoreBusy when the
        database is not available or another version stands in the place of one to be stored, MoveRefused
        when an event cannot follow the ones before.
        """
        with self._writing() as session:
            _one_at_a_time(session)
            if since is not None and find_mark(session.connection()) != since:
                return False
            if decision.judgement and _is_judged(session, decision.judgement.message):
                return False
            self._refuse_what_cannot_follow(session.connection(), decision.events)
            _name_what_is_pointed_to(session, decision)
            for dates in decision.plans:
                self._plans_read.pop(dates.quarter, None)
            if decision.judgement:
                _judge(session, decision.judgement, at)
            _add_contents(session, decision)
            for letter, frozen in letters:
                _add_letter(session, letter, frozen, at)
        return True


def _add_contents(session: Session, decision: Decision) -> None:
    for dates in decision.plans:
        _put_plan(session, dates)
    for submission in decision.submissions:
        _add_submission(session, submission)
    for request in decision.requests:
        _add_unless_it_stands(session, values.request_row(request), "revision")
    add_new(session, map(make_set_row, decision.measure_sets))
    add_all(session, map(make_setup_row, decision.setups))
    add_new(session, map(values.figure_row, decision.figures))
    add_new(session, map(values.group_rate_row, decision.group_rates))
    add_all(session, map(values.event_row, decision.events))


def _one_at_a_time(session: Session) -> None:
    """Decisions are appended one after the other, so that events are numbered in the order of their commits."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE"))


def _name_what_is_pointed_to(session: Session, decision: Decision) -> None:
    """Rows for the cycles, respondents, series and areas of a decision, where the config named none yet."""
    submissions, requests = decision.submissions, decision.requests
    figures: list[Figure | GroupRate] = [*decision.figures, *decision.group_rates]
    figures += (figure for s in submissions for figure in s.figures)
    disputes = [dispute for s in submissions for dispute in s.disputes]
    quarters = {
        *(event.quarter for event in decision.events),
        *(dates.quarter for dates in decision.plans),
        *(submission.quarter for submission in submissions),
        *(request.form.quarter for request in requests),
        *(letter.quarter for letter in decision.letters),
    }
    respondents = {
        *(event.respondent for event in decision.events),
        *(submission.respondent for submission in submissions),
        *(one.respondent for one in decision.measure_sets),
        *(request.form.respondent for request in requests),
        *(key for letter in decision.letters for key in letter.respondents),
        *(decision.judgement.respondents if decision.judgement else ()),
    }
    add_new(session, map(values.cycle_row, sorted(filter(None, quarters))))
    name_unnamed(session, RespondentRow, filter(None, respondents))
    name_unnamed(session, SeriesRow, (*(f.series for f in figures), *(series for _, series, _ in disputes)))
    name_unnamed(session, AreaRow, (*(f.area for f in figures), *(area for area, _, _ in disputes)))


def _is_judged(session: Session, message: str) -> bool:
    """Whether a verdict stands on a message. Raises KeyError for a message that never landed."""
    if session.exec(select(MessageRow.id).where(MessageRow.id == message)).first() is None:
        raise KeyError(message)
    standing = select(VerdictRow.number).where(VerdictRow.message == message, col(VerdictRow.reopened).is_(None))
    return session.exec(standing).first() is not None


def _judge(session: Session, judgement: Judgement, at: datetime) -> None:
    row = VerdictRow(
        message=judgement.message,
        verdict=VERDICTS.word(judgement.verdict),
        reason=judgement.reason,
        given=at,
        reopened=None,
    )
    session.add(row)
    session.flush()
    add_all(
        session,
        (
            VerdictRespondentRow(verdict=row.number or 0, position=position, respondent=key)
            for position, key in enumerate(dict.fromkeys(judgement.respondents))
        ),
    )


def _put_plan(session: Session, dates: CycleDates) -> None:
    put(session, values.plan_row(dates))
    for model, rows in ((PlannedPaperRow, values.paper_rows(dates)), (PlanWarningRow, values.warning_rows(dates))):
        session.execute(delete(model).where(col(model.quarter) == dates.quarter.key))
        add_all(session, rows)


def _add_submission(session: Session, submission: Submission) -> None:
    if not _add_unless_it_stands(session, values.submission_row(submission), "sequence"):
        return
    for rows in values.part_rows(submission):
        add_all(session, rows)


def _add_unless_it_stands(session: Session, row: RequestRow | SubmissionRow, counted: str) -> bool:
    """The same again is a repeat; another one in its place must not be lost silently. Whether the row was added."""
    if add_once(session, row):
        return True
    place = {name: getattr(row, name) for name in ("quarter", "respondent", counted)}
    stands = session.exec(select(type(row)).filter_by(**place)).first()
    if stands is None or values_of(stands) != values_of(row):
        raise StoreBusy(_STALE)
    return False


def _add_letter(session: Session, letter: Letter, frozen: Frozen, at: datetime) -> None:
    """A letter that is known stands as it is, with what it is about."""
    row = values.letter_row(
        letter,
        id_=derive_delivery_id(frozen.message_id),
        message_id=frozen.message_id,
        subject=frozen.subject,
        content=frozen.content,
        at=at,
    )
    if add_once(session, row):
        add_all(session, values.about_rows(letter, row.id))
