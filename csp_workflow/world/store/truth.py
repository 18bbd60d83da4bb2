"""The append-only truth: events, plans, requests, submissions and figures, and the status folded from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from csp_workflow.terms.cycles import CycleDates
from csp_workflow.terms.decisions import Decision, Request
from csp_workflow.terms.events import Event
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.forms import FormDefinition
from csp_workflow.terms.letters import Letter, LetterState
from csp_workflow.terms.messages import Judgement
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.returns import Narrative, Submission
from csp_workflow.terms.status import CycleStatus, ServiceStatus, fold_cycle, fold_service
from csp_workflow.world import tables
from csp_workflow.world.store.engine import reading, writing
from csp_workflow.world.store.values import dumped, event_of, key_of, listed, loaded


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A letter's bytes, frozen: their archive hash, the Message-ID and the subject in them."""

    content: str
    message_id: str
    subject: str


class Truth:
    """What happened and what was received. Everything of a decision is committed at once."""

    _engine: Any

    def mark(self) -> int:
        """How far the truth has grown: the number of its latest event. Facts gathered now are of this mark."""
        with reading(self._engine) as connection:
            return _mark(connection)

    def commit(
        self, decision: Decision, *, letters: Sequence[tuple[Letter, Frozen]], at: datetime, since: int | None = None
    ) -> bool:
        """Store a decision whole, in one transaction.

        False, and nothing is stored, when its message is judged already, or when something else has
        happened after the mark `since` its facts were gathered at.
        """
        with writing(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_COMMITTING)))
            if since is not None and _mark(connection) != since:
                return False
            if decision.judgement and not _judge(connection, decision.judgement):
                return False
            rows = [
                *((tables.SubmissionRow, _submission(submission)) for submission in decision.submissions),
                *((tables.RequestRow, _request(request)) for request in decision.requests),
                *((tables.FigureRow, _figure(figure)) for figure in decision.figures),
                *((tables.EventRow, _event(happened)) for happened in decision.events),
                *((tables.LetterRow, _letter(letter, frozen, at)) for letter, frozen in letters),
            ]
            for model, values in rows:
                _add(connection, model, values)
        return True

    # Cycles ---------------------------------------------------------------------------------------

    def cycles(self) -> tuple[Quarter, ...]:
        """The quarters that were ever planned, oldest first."""
        with reading(self._engine) as connection:
            keys = connection.scalars(select(tables.PlanRow.quarter)).all()
        return tuple(sorted(Quarter.parse(key) for key in keys))

    def plan_of(self, quarter: Quarter) -> CycleDates | None:
        """A quarter's dates, or None when it is not planned."""
        with reading(self._engine) as connection:
            text = connection.scalar(select(tables.PlanRow.dates).where(_is(tables.PlanRow.quarter, quarter.key)))
        return loaded(CycleDates, text) if text else None

    def save_plan(self, dates: CycleDates) -> None:
        """Keep a quarter's dates; a later plan replaces them."""
        row = {"quarter": dates.quarter.key, "dates": dumped(dates)}
        with writing(self._engine) as connection:
            _put(connection, tables.PlanRow, row, key="quarter")

    def events(self, quarter: Quarter | None) -> tuple[Event, ...]:
        """A quarter's events, or the service's own (None), in the order they were appended."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(tables.EventRow.__table__)  # type: ignore[attr-defined]
                .where(_is(tables.EventRow.quarter, key_of(quarter)))
                .order_by(tables.EventRow.id)
            ).all()
        return tuple(event_of(row) for row in rows)

    def cycle_status(self, quarter: Quarter) -> CycleStatus:
        """Where a quarter stands: its events, folded."""
        return fold_cycle(quarter, self.events(quarter))

    def service_status(self) -> ServiceStatus:
        """What holds for the service as a whole: its events, folded."""
        return fold_service(self.events(None))

    # Requests, submissions, figures --------------------------------------------------------------

    def request_history(self, quarter: Quarter, respondent: str = "") -> tuple[Request, ...]:
        """Every form sent in a quarter (to one respondent), oldest first."""
        wanted = select(tables.RequestRow.__table__).where(_is(tables.RequestRow.quarter, quarter.key))  # type: ignore[attr-defined]
        if respondent:
            wanted = wanted.where(_is(tables.RequestRow.respondent, respondent))
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(tables.RequestRow.id)).all()
        return tuple(Request(form=loaded(FormDefinition, row.form), workbook=row.workbook) for row in rows)

    def requests(self, quarter: Quarter) -> dict[str, Request]:
        """The latest form each respondent was sent in a quarter."""
        return {request.form.respondent: request for request in self.request_history(quarter)}

    def submissions(self, quarter: Quarter, respondent: str = "") -> tuple[Submission, ...]:
        """Every version received in a quarter (from one respondent), oldest first."""
        wanted = select(tables.SubmissionRow.body).where(_is(tables.SubmissionRow.quarter, quarter.key))
        if respondent:
            wanted = wanted.where(_is(tables.SubmissionRow.respondent, respondent))
        with reading(self._engine) as connection:
            bodies = connection.scalars(wanted.order_by(tables.SubmissionRow.sequence)).all()
        return tuple(loaded(Submission, body) for body in bodies)

    def submission(self, id_: str) -> Submission | None:
        """One version by id."""
        with reading(self._engine) as connection:
            body = connection.scalar(select(tables.SubmissionRow.body).where(_is(tables.SubmissionRow.id, id_)))
        return loaded(Submission, body) if body else None

    def latest_submissions(self, quarter: Quarter) -> dict[str, Submission]:
        """The latest version by respondent key."""
        return {submission.respondent: submission for submission in self.submissions(quarter)}

    def figures(self, *, series: str = "", areas: Iterable[str] = (), before: date | None = None) -> tuple[Figure, ...]:
        """Imported figures and those of every cycle's latest submissions, as at `before` or earlier."""
        wanted = select(tables.FigureRow.body)
        if series:
            wanted = wanted.where(_is(tables.FigureRow.series, series))
        if before:
            wanted = wanted.where(tables.FigureRow.as_at <= before.isoformat())  # type: ignore[arg-type]
        with reading(self._engine) as connection:
            bodies = connection.scalars(wanted.order_by(tables.FigureRow.as_at, tables.FigureRow.id)).all()
        imported = tuple(loaded(Figure, body) for body in bodies)
        returned = tuple(
            figure
            for quarter in self.cycles()
            for submission in self.latest_submissions(quarter).values()
            for figure in submission.figures
            if (not series or figure.series == series) and (before is None or figure.as_at <= before)
        )
        chosen = set(areas)
        return tuple(f for f in (*imported, *returned) if not chosen or f.area in chosen)

    def narratives_before(self, quarter: Quarter, respondent: str) -> dict[str, Narrative]:
        """What a respondent wrote in the latest earlier quarter it returned, by ref."""
        for earlier in reversed([q for q in self.cycles() if q < quarter]):
            found = self.submissions(earlier, respondent)
            if found:
                return {narrative.ref: narrative for narrative in found[-1].narratives}
        return {}


_COMMITTING = 0x435350
"""PostgreSQL's advisory lock under which decisions are committed one after the other, as SQLite does by itself."""


def _mark(connection: Connection) -> int:
    return int(connection.scalar(select(func.max(tables.EventRow.id))) or 0)


def _judge(connection: Connection, judgement: Judgement) -> bool:
    row = tables.MessageRow
    changed = connection.execute(
        update(row)
        .where(_is(row.id, judgement.message), _is(row.verdict, ""))
        .values(verdict=judgement.verdict.value, reason=judgement.reason, respondents=listed(judgement.respondents))
    )
    return changed.rowcount == 1


def _is(column: Any, value: object) -> Any:
    return column == value


def _table(model: type[Any]) -> Table:
    table: Table = model.__table__
    return table


def _add(connection: Connection, model: type[Any], values: dict[str, Any]) -> int:
    """Insert a row; a repeat by any unique key is a no-op. How many rows were added."""
    insert = insert_postgresql if connection.dialect.name == "postgresql" else insert_sqlite
    return connection.execute(insert(_table(model)).values(**values).on_conflict_do_nothing()).rowcount


def _put(connection: Connection, model: type[Any], values: dict[str, Any], *, key: str) -> None:
    """Insert a row, or replace the one with its key."""
    insert = insert_postgresql if connection.dialect.name == "postgresql" else insert_sqlite
    connection.execute(insert(_table(model)).values(**values).on_conflict_do_update(index_elements=[key], set_=values))


def _event(happened: Event) -> dict[str, Any]:
    return {
        "quarter": key_of(happened.quarter),
        "at": happened.at.astimezone(UTC),
        "kind": happened.kind.value,
        "by": happened.by,
        "respondent": happened.respondent,
        "subject": happened.subject,
        "facts": json.dumps(dict(happened.facts), sort_keys=True),
    }


def _submission(submission: Submission) -> dict[str, Any]:
    return {
        "id": submission.id,
        "quarter": submission.quarter.key,
        "respondent": submission.respondent,
        "sequence": submission.sequence,
        "content": submission.content,
        "body": dumped(submission),
    }


def _request(request: Request) -> dict[str, Any]:
    form = request.form
    return {
        "quarter": form.quarter.key,
        "respondent": form.respondent,
        "revision": form.reference.revision,
        "workbook": request.workbook,
        "form": dumped(form),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    body = dumped(figure)
    return {
        "id": hashlib.sha256(body.encode()).hexdigest(),
        "series": figure.series,
        "area": figure.area,
        "period": figure.period,
        "as_at": figure.as_at.isoformat(),
        "body": body,
    }


def _letter(letter: Letter, frozen: Frozen, at: datetime) -> dict[str, Any]:
    return {
        "id": hashlib.sha256(frozen.message_id.encode()).hexdigest()[:32],
        "kind": letter.kind,
        "cause": letter.cause,
        "recipient": letter.recipient,
        "respondents": listed(letter.respondents),
        "quarter": key_of(letter.quarter),
        "manner": letter.manner.value,
        "subject": frozen.subject,
        "message_id": frozen.message_id,
        "content": frozen.content,
        "state": LetterState.QUEUED.value,
        "queued": at.astimezone(UTC),
        "sent": None,
        "reason": "",
        "proof": "",
        "token": 0,
        "attempts": 0,
        "lease_until": 0.0,
    }
