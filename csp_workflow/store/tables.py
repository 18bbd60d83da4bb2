"""The tables. Values of `terms` are kept whole as JSON beside the columns that are asked for.

No unique key is nullable; times are aware and in UTC. Table models do not validate: `terms` does.
Events, submissions, requests and figures are never changed or removed, and neither a letter's content nor
what it is about ever changes: the database itself refuses it (triggers, made by the migrations).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Table, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

SHAPE = "0003"
"""The migration a store must have reached to be opened by this version."""

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


def _text() -> Column[str]:
    return Column(Text, nullable=False)


class EventRow(SQLModel, table=True):
    """One thing that happened; append-only. `quarter` is "" for the service as a whole."""

    __tablename__ = "event"
    id: int | None = Field(default=None, primary_key=True)
    quarter: str = Field(index=True)
    at: datetime
    kind: str
    by: str
    respondent: str
    subject: str
    facts: str = Field(sa_column=_text())


class PlanRow(SQLModel, table=True):
    """A cycle's dates as they stand; each change of them is an event."""

    __tablename__ = "cycle_plan"
    quarter: str = Field(primary_key=True)
    dates: str = Field(sa_column=_text())


class RequestRow(SQLModel, table=True):
    """What a respondent was asked, each revision of it."""

    __tablename__ = "request"
    __table_args__ = (UniqueConstraint("quarter", "respondent", "revision"),)
    id: int | None = Field(default=None, primary_key=True)
    quarter: str
    respondent: str
    revision: int
    workbook: str
    form: str = Field(sa_column=_text())


class SubmissionRow(SQLModel, table=True):
    """One received version of a return, whole in `body`."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("quarter", "respondent", "sequence"),)
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    quarter: str
    respondent: str
    sequence: int
    content: str
    body: str = Field(sa_column=_text())


class FigureRow(SQLModel, table=True):
    """A figure, imported (`submission` is "") or of a submission. `id` is its identity, so a repeat is a no-op."""

    __tablename__ = "figure"
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    submission: str = Field(index=True)
    series: str = Field(index=True)
    area: str
    period: str
    as_at: str
    body: str = Field(sa_column=_text())


class MessageRow(SQLModel, table=True):
    """A message that came in, by content identity, and its one verdict ("" until it is judged)."""

    __tablename__ = "message"
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    source: str
    content: str
    received: datetime
    size: int
    whole: bool
    marks: str
    attempts: int
    sender: str = Field(sa_column=_text())
    subject: str = Field(sa_column=_text())
    verdict: str = Field(index=True)
    reason: str = Field(sa_column=_text())
    respondents: str


class SourceRow(SQLModel, table=True):
    """Where a message was seen: one content may lie in a mailbox more than once."""

    __tablename__ = "message_source"
    source: str = Field(primary_key=True)
    message: str = Field(primary_key=True, foreign_key="message.id")


class LetterRow(SQLModel, table=True):
    """A letter on its way out. Its bytes are in the archive under `content`.

    `token` fences: it rises with each claim. `lease_until` is machine time (seconds), all other
    times are the service's. `handed` is the last hand-over begun; `resubmissions` counts
    byte-identical ones after a look-up found nothing.
    """

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("kind", "cause", "recipient"),)
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    kind: str
    cause: str
    recipient: str = Field(index=True)
    quarter: str = Field(index=True)
    manner: str
    subject: str
    message_id: str = Field(unique=True)
    content: str
    state: str = Field(index=True)
    queued: datetime
    not_before: datetime
    handed: datetime | None
    sent: datetime | None
    reason: str = Field(sa_column=_text())
    proof: str
    token: int
    attempts: int
    resubmissions: int
    lease_until: float


class LetterAboutRow(SQLModel, table=True):
    """One thing that a letter is about, with NULL for what is no part of it; see `terms.letters.About`."""

    __tablename__ = "letter_about"
    __table_args__ = (UniqueConstraint("letter", "position"),)
    number: int | None = Field(default=None, primary_key=True)
    letter: str = Field(foreign_key="letter.id")
    position: int
    respondent: str | None = Field(index=True)
    submission: str | None = Field(foreign_key="submission.id", index=True)
    rung: str | None
    due: date | None
    reminder: int | None
    message: str | None = Field(foreign_key="message.id", index=True)
    board: str | None
    draft: int | None
    address: str | None


class CursorRow(SQLModel, table=True):
    """How far a mailbox was read."""

    __tablename__ = "mailbox_cursor"
    mailbox: str = Field(primary_key=True)
    cursor: str = Field(sa_column=_text())


class StampRow(SQLModel, table=True):
    """What the store knows of itself: environment, generation, machine, place, mailbox, when it was last seen."""

    __tablename__ = "stamp"
    name: str = Field(primary_key=True)
    value: str


def _table(model: type[Any]) -> Table:
    table: Table = model.__table__
    return table


EVENT = _table(EventRow)
PLAN = _table(PlanRow)
REQUEST = _table(RequestRow)
SUBMISSION = _table(SubmissionRow)
FIGURE = _table(FigureRow)
MESSAGE = _table(MessageRow)
SOURCE = _table(SourceRow)
LETTER = _table(LetterRow)
LETTER_ABOUT = _table(LetterAboutRow)
CURSOR = _table(CursorRow)
STAMP = _table(StampRow)
