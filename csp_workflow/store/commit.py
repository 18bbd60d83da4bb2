"""One commit: everything a decision asks for is stored in one transaction, or nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select, text, update

from csp_workflow.mail.compose import derive_delivery_id
from csp_workflow.store import tables, values
from csp_workflow.store.engine import added
from csp_workflow.store.truth import Truth
from csp_workflow.terms.decisions import Decision, Request
from csp_workflow.terms.events import Event
from csp_workflow.terms.faults import StoreBusy
from csp_workflow.terms.letters import Letter, LetterState
from csp_workflow.terms.messages import Judgement
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.status import fold_cycle, fold_service
from csp_workflow.terms.working_days import as_utc

_STALE = "Something else was stored meanwhile: decide again on the facts as they are now."


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A letter's bytes, frozen: their archive hash, the Message-ID and the subject in them."""

    content: str
    message_id: str
    subject: str


class Commit(Truth):
    """The only way into the truth."""

    def commit(
        self,
        decision: Decision,
        *,
        letters: Sequence[tuple[Letter, Frozen]] = (),
        at: datetime,
        since: int | None = None,
    ) -> bool:
        """Store a decision whole. False, and nothing stored, when its message is judged already.

        `letters` are the decision's letters with their frozen bytes; one whose (kind, cause,
        recipient) is known stands as it is. `since` is the mark at which the facts were gathered:
        when something has happened after it, nothing is stored either. Raises StoreBusy when the
        database is not available or the decision was made on old facts, MoveRefused when an event
        cannot follow the ones before.
        """
        with self._writing() as connection:
            _one_at_a_time(connection)
            if since is not None and self._mark(connection) != since:
                return False
            if decision.judgement and not _judge(connection, decision.judgement):
                return False
            self._append(connection, decision.events)
            for submission in decision.submissions:
                _add_submission(connection, submission)
            for request in decision.requests:
                _add_request(connection, request)
            for figure in decision.figures:
                added(connection, tables.FIGURE, values.figure_row(figure))
            for letter, frozen in letters:
                added(connection, tables.LETTER, _letter_row(letter, frozen, at))
        return True

    def _append(self, connection: Connection, events: Sequence[Event]) -> None:
        """Append events after folding them onto those before: what cannot be folded is never stored."""
        for quarter in dict.fromkeys(event.quarter for event in events):
            told = (*self._events(connection, quarter), *(e for e in events if e.quarter == quarter))
            if quarter is None:
                fold_service(told)
            else:
                fold_cycle(quarter, told)
        if events:
            connection.execute(tables.EVENT.insert(), [values.event_row(event) for event in events])


def _one_at_a_time(connection: Connection) -> None:
    """Decisions are appended one after the other, so that events are numbered in the order of their commits."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE"))


def _judge(connection: Connection, judgement: Judgement) -> bool:
    row = tables.MESSAGE.c
    changed = connection.execute(
        update(tables.MESSAGE)
        .where(row.id == judgement.message, row.verdict == "")
        .values(
            verdict=judgement.verdict.value,
            reason=values.storable(judgement.reason),
            respondents=values.listed(judgement.respondents),
        )
    )
    if not changed.rowcount and connection.scalar(select(row.id).where(row.id == judgement.message)) is None:
        raise KeyError(judgement.message)
    return bool(changed.rowcount)


def _add_submission(connection: Connection, submission: Submission) -> None:
    row = values.submission_row(submission)
    if not added(connection, tables.SUBMISSION, row):
        _refuse_another(connection, tables.SUBMISSION, row, key=("quarter", "respondent", "sequence"))
        return
    rows = [
        values.figure_row(figure, submission=submission.id, place=place)
        for place, figure in enumerate(submission.figures)
    ]
    if rows:
        connection.execute(tables.FIGURE.insert(), rows)


def _add_request(connection: Connection, request: Request) -> None:
    row = values.request_row(request)
    if not added(connection, tables.REQUEST, row):
        _refuse_another(connection, tables.REQUEST, row, key=("quarter", "respondent", "revision"))


def _refuse_another(connection: Connection, table: Table, row: dict[str, Any], *, key: tuple[str, ...]) -> None:
    """The same again is a repeat; another one in its place must not be lost silently."""
    stands = connection.execute(select(table).where(*(table.c[name] == row[name] for name in key))).mappings().first()
    if stands is None or any(stands[name] != row[name] for name in row):
        raise StoreBusy(_STALE)


def _letter_row(letter: Letter, frozen: Frozen, at: datetime) -> dict[str, Any]:
    return {
        "id": derive_delivery_id(frozen.message_id),
        "kind": letter.kind,
        "cause": letter.cause,
        "recipient": letter.recipient,
        "respondents": values.listed(letter.respondents),
        "quarter": values.key_of(letter.quarter),
        "manner": letter.manner.value,
        "subject": frozen.subject,
        "message_id": frozen.message_id,
        "content": frozen.content,
        "state": LetterState.QUEUED.value,
        "queued": as_utc(at),
        "not_before": as_utc(at),
        "handed": None,
        "sent": None,
        "reason": "",
        "proof": "",
        "token": 0,
        "attempts": 0,
        "resubmissions": 0,
        "lease_until": 0.0,
    }
