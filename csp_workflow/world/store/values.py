"""Rows <-> values of `terms`: whole values are kept as JSON and rebuilt by type."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.letters import LetterState, Manner, QueuedLetter
from csp_workflow.terms.quarters import Quarter
from csp_workflow.world.tables import LetterRow

T = TypeVar("T")


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dumped(value: Any) -> str:
    """A frozen value as JSON."""
    return str(_adapter(type(value)).dump_json(value).decode())


def loaded(kind: type[T], text: str) -> T:
    """The value back from its JSON."""
    value: T = _adapter(kind).validate_json(text)
    return value


def listed(keys: tuple[str, ...]) -> str:
    """Respondent keys in one column; a key has no comma."""
    return ",".join(keys)


def unlisted(text: str) -> tuple[str, ...]:
    """The keys back."""
    return tuple(text.split(",")) if text else ()


def event_of(row: Any) -> Event:
    """An event from its row."""
    return Event(
        kind=Happened(row.kind),
        at=row.at,
        by=row.by,
        quarter=quarter_of(row.quarter),
        respondent=row.respondent,
        subject=row.subject,
        facts=json.loads(row.facts),
    )


def letter_of(row: LetterRow | Any) -> QueuedLetter:
    """A letter from its row."""
    return QueuedLetter(
        id=row.id,
        kind=row.kind,
        cause=row.cause,
        recipient=row.recipient,
        respondents=unlisted(row.respondents),
        quarter=quarter_of(row.quarter),
        manner=Manner(row.manner),
        subject=row.subject,
        message_id=row.message_id,
        content=row.content,
        state=LetterState(row.state),
        queued=row.queued,
        sent=row.sent,
        reason=row.reason,
        proof=row.proof,
        token=row.token,
        attempts=row.attempts,
    )


def quarter_of(key: str) -> Quarter | None:
    """A quarter from its key, None from ""."""
    return Quarter.parse(key) if key else None


def key_of(quarter: Quarter | None) -> str:
    """A quarter's key, "" for None."""
    return quarter.key if quarter else ""
