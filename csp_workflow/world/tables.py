"""The tables. Values of `terms` are kept whole as JSON beside the columns that are asked for.

No unique key is nullable; times are UTC. Table models do not validate: `terms` does.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


def _json() -> Column[str]:
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
    facts: str = Field(sa_column=_json())


class PlanRow(SQLModel, table=True):
    """A cycle's dates."""

    __tablename__ = "cycle_plan"
    quarter: str = Field(primary_key=True)
    dates: str = Field(sa_column=_json())


class RequestRow(SQLModel, table=True):
    """What a respondent was asked, each revision of it."""

    __tablename__ = "request"
    __table_args__ = (UniqueConstraint("quarter", "respondent", "revision"),)
    id: int | None = Field(default=None, primary_key=True)
    quarter: str
    respondent: str
    revision: int
    workbook: str
    form: str = Field(sa_column=_json())


class SubmissionRow(SQLModel, table=True):
    """One received version of a return; never changed."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("quarter", "respondent", "sequence"),)
    id: str = Field(primary_key=True)
    quarter: str
    respondent: str
    sequence: int
    content: str
    body: str = Field(sa_column=_json())


class FigureRow(SQLModel, table=True):
    """A figure that was imported (a submission's figures are in its body)."""

    __tablename__ = "figure"
    id: str = Field(primary_key=True)
    series: str = Field(index=True)
    area: str
    period: str
    as_at: str
    body: str = Field(sa_column=_json())


class MessageRow(SQLModel, table=True):
    """A message that came in, and its one verdict ("" until it is judged)."""

    __tablename__ = "message"
    id: str = Field(primary_key=True)
    source: str
    content: str
    received: datetime = Field(index=True)
    size: int
    whole: bool
    attempts: int
    sender: str
    subject: str
    verdict: str
    reason: str
    respondents: str


class LetterRow(SQLModel, table=True):
    """A letter on its way out. Its bytes are in the archive under `content` and never change."""

    __tablename__ = "letter"
    __table_args__ = (UniqueConstraint("kind", "cause", "recipient"),)
    number: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    kind: str
    cause: str
    recipient: str = Field(index=True)
    respondents: str
    quarter: str
    manner: str
    subject: str
    message_id: str = Field(unique=True)
    content: str
    state: str = Field(index=True)
    queued: datetime
    sent: datetime | None
    reason: str
    proof: str
    token: int
    attempts: int
    lease_until: float


class CursorRow(SQLModel, table=True):
    """How far a mailbox was read."""

    __tablename__ = "mailbox_cursor"
    mailbox: str = Field(primary_key=True)
    cursor: str = Field(sa_column=_json())


class StampRow(SQLModel, table=True):
    """What the store knows of itself: environment, generation, place, when it was last seen."""

    __tablename__ = "stamp"
    name: str = Field(primary_key=True)
    value: str
