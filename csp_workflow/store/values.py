"""Rows <-> values of `terms`: whole values are kept as JSON and rebuilt by type."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

from pydantic import TypeAdapter

from csp_workflow.terms.cycles import CycleDates
from csp_workflow.terms.decisions import Request
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.forms import FormDefinition
from csp_workflow.terms.letters import About, LetterState, Manner, QueuedLetter
from csp_workflow.terms.quarters import Quarter
from csp_workflow.terms.returns import Submission
from csp_workflow.terms.working_days import as_utc, in_london

T = TypeVar("T")


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def dumped(value: Any) -> str:
    """A frozen value as JSON."""
    return _adapter(type(value)).dump_json(value).decode()


def loaded(kind: type[T], text: str) -> T:
    """The value back from its JSON."""
    return _adapter(kind).validate_json(text)


@cache
def quarter_of(key: str) -> Quarter | None:
    """A quarter from its key, None from ""."""
    return Quarter.parse(key) if key else None


def key_of(quarter: Quarter | None) -> str:
    """A quarter's key, "" for None."""
    return quarter.key if quarter else ""


def listed(keys: Iterable[str]) -> str:
    """Keys or words in one column; none has a comma."""
    return ",".join(keys)


def unlisted(text: str) -> tuple[str, ...]:
    """The keys back."""
    return tuple(text.split(",")) if text else ()


def storable(text: str) -> str:
    """Text from outside as every database takes it: no NUL, nothing that is not a character."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


# Values from rows --------------------------------------------------------------------------------


def dates_of(text: str) -> CycleDates:
    """A cycle's dates; their instants are London time, as the calendar gives them."""
    dates = loaded(CycleDates, text)
    return replace(
        dates, extract_due=in_london(dates.extract_due), due=in_london(dates.due), close=in_london(dates.close)
    )


def request_of(form: str, workbook: str) -> Request:
    """A request; its form says London time, as it was written."""
    definition = loaded(FormDefinition, form)
    return Request(form=replace(definition, due=in_london(definition.due)), workbook=workbook)


def submission_of(body: str) -> Submission:
    """A submission, whole."""
    found = loaded(Submission, body)
    return replace(found, received=as_utc(found.received))


def event_of(row: Any) -> Event:
    """An event from its row."""
    return Event(
        kind=Happened(row.kind),
        at=row.at,
        by=row.by,
        quarter=quarter_of(row.quarter),
        respondent=row.respondent,
        subject=row.subject,
        facts=json.loads(row.facts) if row.facts != "{}" else {},
    )


def letter_of(row: Any, about: tuple[About, ...]) -> QueuedLetter:
    """A letter from its row and what it is about."""
    return QueuedLetter(
        id=row.id,
        kind=row.kind,
        cause=row.cause,
        recipient=row.recipient,
        about=about,
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


def about_of(row: Any) -> About:
    """One thing that a letter is about, from a row that has its columns as "about_..."."""
    return About(
        respondent=row.about_respondent or "",
        submission=row.about_submission or "",
        rung=row.about_rung or "",
        due=row.about_due,
        reminder=row.about_reminder or 0,
        message=row.about_message or "",
        board=row.about_board or "",
        draft=row.about_draft or 0,
        address=row.about_address or "",
    )


# Rows from values --------------------------------------------------------------------------------


def event_row(happened: Event) -> dict[str, Any]:
    """An event as its row."""
    return {
        "quarter": key_of(happened.quarter),
        "at": as_utc(happened.at),
        "kind": happened.kind.value,
        "by": happened.by,
        "respondent": happened.respondent,
        "subject": happened.subject,
        "facts": json.dumps(dict(happened.facts), sort_keys=True),
    }


def request_row(request: Request) -> dict[str, Any]:
    """A request as its row."""
    form = request.form
    return {
        "quarter": form.quarter.key,
        "respondent": form.respondent,
        "revision": form.reference.revision,
        "workbook": request.workbook,
        "form": dumped(form),
    }


def submission_row(submission: Submission) -> dict[str, Any]:
    """A submission as its row."""
    return {
        "id": submission.id,
        "quarter": submission.quarter.key,
        "respondent": submission.respondent,
        "sequence": submission.sequence,
        "content": submission.content,
        "body": dumped(submission),
    }


def about_row(about: About, *, letter: str, position: int) -> dict[str, Any]:
    """One thing that a letter is about as its row."""
    parts = {name: part or None for name, part in vars(about).items()}
    return {"letter": letter, "position": position, **parts}


def figure_row(figure: Figure, *, submission: str = "", place: int = 0) -> dict[str, Any]:
    """A figure as its row; `place` tells two equal figures of one submission apart."""
    body = dumped(figure)
    return {
        "id": sha256(f"{submission}\0{place}\0{body}".encode()).hexdigest(),
        "submission": submission,
        "series": figure.series,
        "area": figure.area,
        "period": figure.period,
        "as_at": figure.as_at.isoformat(),
        "body": body,
    }
