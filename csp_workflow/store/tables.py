"""The tables, for whoever asks the database itself: typed columns, closed words, foreign keys, a comment on each.

What happened, what was asked, what came back and what a letter says is never changed or removed: the database refuses
it (triggers, made by the migrations). No unique key is nullable; times are aware and in UTC. Three documents are kept
as JSON beside the version of their shape (`request.form`, `event.facts`, `measure_set.measures`). `terms` validates.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, Computed, Index, LargeBinary, Numeric, Text, UniqueConstraint, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn
from sqlalchemy.sql.compiler import DDLCompiler
from sqlmodel import Field, SQLModel

from csp_workflow.store import words

SHAPE = "0013"  # the migration a store must have reached to be opened by this version

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


class Retention(StrEnum):
    """What a column holds of people, so that a rule on keeping and erasing can be carried out by class."""

    NAME = "name"
    ADDRESS = "address"
    WORDS = "words"


@compiles(CreateColumn, "sqlite")
def _with_comment(element: CreateColumn, compiler: DDLCompiler, **options: Any) -> str:
    """SQLite has no comments on columns but keeps the words of CREATE TABLE: there they can be read."""
    written = compiler.visit_create_column(element, **options)  # type: ignore[no-untyped-call]
    comment = element.element.comment
    return f"{written} /* {comment} */" if written and comment else str(written)


def _column(comment: str, *, keeps: Retention | None = None, text: bool = False, **more: Any) -> Any:
    """A column with its comment and, where it holds something of people's, its retention class."""
    whole = f"{comment}. Keeps {keeps}" if keeps else comment
    if text:
        more["sa_type"] = Text
    return Field(sa_column_kwargs={"comment": whole, "info": {"keeps": keeps} if keeps else {}}, **more)


def _points_to(target: str, comment: str, **more: Any) -> Any:
    return _column(comment, foreign_key=target, **more)


def _numbered() -> Any:
    return _column("In the order of storing", default=None, primary_key=True)


def _one_of(column: str, allowed: words.Words[Any]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in allowed.stored)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


# What is spoken of: named once, so that everything can point to it -------------------------------------


class AreaRow(SQLModel, table=True):
    """A place that figures are counted for."""

    __tablename__ = "area"
    code: str = _column("ONS code", primary_key=True)
    name: str = _column("As last configured; empty when never named")


class SeriesRow(SQLModel, table=True):
    """What is counted under a measure."""

    __tablename__ = "series"
    ref: str = _column("As it stands on every form, such as M01.1", primary_key=True)
    measure: str = _column("The measure's ref, such as M01")
    title: str = _column("As last configured; empty when never named", text=True)
    unit: str = _column("As last configured; a figure keeps its own")


class RespondentRow(SQLModel, table=True):
    """Whoever owes a return."""

    __tablename__ = "respondent"
    key: str = _column("Its name in config and commands", primary_key=True)
    code: str = _column("Its short form in references")
    name: str = _column("As last configured; empty when never named")


class CycleRow(SQLModel, table=True):
    """One quarter's round."""

    __tablename__ = "cycle"
    quarter: str = _column("Such as 2014/15-Q2: July to September 2014", primary_key=True)
    starts: date = _column("The quarter's first day")
    ends: date = _column("The quarter's last day")


class PlanRow(SQLModel, table=True):
    """A cycle's dates as they stand; each change of them is an event."""

    __tablename__ = "cycle_plan"
    quarter: str = _points_to("cycle.quarter", "The round", primary_key=True)
    extract_request: date = _column("When the force's analyst is asked")
    extract_due: datetime = _column("When the force's extract is due")
    open: date = _column("When requests go out")
    due: datetime = _column("The soft deadline of returns")
    close: datetime = _column("The hard deadline of returns")
    pre_election: bool = _column("Whether a pre-election period bears on it")


class PlannedPaperRow(SQLModel, table=True):
    """The dates of one board's paper in a plan, worked back from its meeting."""

    __tablename__ = "cycle_plan_paper"
    quarter: str = _points_to("cycle_plan.quarter", "The plan", primary_key=True)
    position: int = _column("In the plan's order", primary_key=True)
    board: str = _column("The board's key in the config")
    meeting: date = _column("The day it sits")
    papers_out: date = _column("The latest day to send papers")
    clearance: date = _column("When the paper is cleared")
    draft: date = _column("When it is drafted")


class PlanWarningRow(SQLModel, table=True):
    """Why a meeting cannot take the quarter, in a sentence."""

    __tablename__ = "cycle_plan_warning"
    quarter: str = _points_to("cycle_plan.quarter", "The plan", primary_key=True)
    position: int = _column("In the plan's order", primary_key=True)
    sentence: str = _column("The sentence", text=True)


# What was asked and what came back ----------------------------------------------------------------------


class RequestRow(SQLModel, table=True):
    """What a respondent was asked, each revision of it."""

    __tablename__ = "request"
    __table_args__ = (UniqueConstraint("quarter", "respondent", "revision"),)
    number: int | None = _numbered()
    quarter: str = _points_to("cycle.quarter", "The round")
    respondent: str = _points_to("respondent.key", "Who was asked")
    revision: int = _column("Counts the forms issued to the respondent in the round")
    workbook: str = _column("SHA-256 of the workbook in the archive")
    form_shape: int = _column("The version of the shape of `form`")
    form: str = _column("The form's definition as it was sent, JSON", keeps=Retention.WORDS, text=True)
    filled: int = _column("The version of the return that its inputs were filled with; 0: of none", default=0)


class SubmissionRow(SQLModel, table=True):
    """One received version of a return."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("quarter", "respondent", "sequence"),)
    number: int | None = _numbered()
    id: str = _column("Its identity", unique=True)
    quarter: str = _points_to("cycle.quarter", "The round")
    respondent: str = _points_to("respondent.key", "Whose return it is")
    sequence: int = _column("The version, from 1")
    content: str = _column("SHA-256 of what it says, the same in whatever file it stands")
    message: str = _points_to("message.id", "The message that brought it")
    attachment: str = _column("SHA-256 of the file that it was read from")
    revision: int = _column("The revision of the form that was filled in")
    received: datetime = _column("When its message was received")
    sender: str = _column("Who sent it", keeps=Retention.ADDRESS)
    completed_by: str = _column("Who says they completed the form, as typed", keeps=Retention.NAME, text=True)
    completed_as: str = _column("Their position, as typed", keeps=Retention.NAME, text=True)
    completed_on: str = _column("The date of signing, as typed", keeps=Retention.WORDS, text=True)
    late: bool = _column("Whether it came after its due date")
    words: str = _column("What its sender wrote beside the form", keeps=Retention.WORDS, text=True)


class MeasureSetRow(SQLModel, table=True):
    """One version of what a partnership counts and aims at in a year."""

    __tablename__ = "measure_set"
    __table_args__ = (UniqueConstraint("respondent", "year", "version"),)
    number: int | None = _numbered()
    respondent: str = _points_to("respondent.key", "Whose measures they are")
    year: str = _column("The financial year, such as 2014/15")
    version: int = _column("The version, from 1")
    content: str = _column("SHA-256 of what it says: a chair approves exactly one")
    message: str = _points_to("message.id", "The message that brought it")
    measures_shape: int = _column("The version of the shape of `measures`")
    measures: str = _column("The measures and the objectives, JSON", keeps=Retention.WORDS, text=True)


class FigureRow(SQLModel, table=True):
    """A figure, imported or of a submission: one value, and where it was read."""

    __tablename__ = "figure"
    __table_args__ = (
        _one_of("status", words.FIGURE_STATUSES),
        CheckConstraint("count >= 0 AND count <= base", name="count"),
        Index("ix_figure_kept", "series", "area", "period"),
    )
    number: int | None = _numbered()
    id: str = _column("SHA-256 of the rest, so that a file imported twice adds nothing", unique=True)
    submission: str | None = _points_to("submission.id", "The return it stands in; none: imported", index=True)
    position: int = _column("Its place in the submission")
    respondent: str | None = _points_to("respondent.key", "Whose return it stands in; none: imported")
    series: str = _points_to("series.ref", "What is counted")
    area: str = _points_to("area.code", "Where it is counted")
    period: str = _column(
        "A quarter (2014/15-Q2), a financial year (2013/14), other twelve months, or the middle of a year"
    )
    as_at: date = _column("The day on which it was so")
    exact: str | None = _column("The value, digit for digit; none where the status carries no number")
    value: float | None = Field(
        default=None,
        sa_column=Column(
            Numeric(asdecimal=False),
            Computed("CAST(exact AS NUMERIC)", persisted=True),
            comment="The value as a number, reckoned from `exact`",
        ),
    )
    unit: str = _column("What it counts; empty where it was never said")
    status: str = _column("What sort of value it is")
    base: int | None = _column("The n behind a per cent or a survey")
    count: int | None = _column("How many of that n a share counts")
    note: str = _column("What was written beside it", keeps=Retention.WORDS, text=True)
    drove_it: str = _column("What is said to have driven it", keeps=Retention.WORDS, text=True)
    source: str = _column("The file, publication or return it comes from", text=True)
    message: str | None = _points_to("message.id", "The message that brought it; none: imported")
    attachment: str = _column("SHA-256 of the file it was read from")
    sheet: str = _column("The sheet it was read from", text=True)
    cell: str = _column("The cell it was read from")
    licence: str = _column("The licence of a published figure", text=True)
    illustrative: bool = _column("Whether it was made up for a rehearsal")


_LIMITS = (
    "(rate IS NULL AND average IS NULL AND low IS NULL AND high IS NULL) OR "
    "(rate IS NOT NULL AND average IS NOT NULL AND low IS NOT NULL AND high IS NOT NULL AND "
    "CAST(low AS NUMERIC) <= CAST(average AS NUMERIC) AND CAST(average AS NUMERIC) <= CAST(high AS NUMERIC))"
)


class GroupRateRow(SQLModel, table=True):
    """An area's rate beside its comparison group's average and limits, as an imported extract gave them."""

    __tablename__ = "group_rate"
    __table_args__ = (
        _one_of("status", words.FIGURE_STATUSES),
        CheckConstraint("members >= 1", name="members"),
        CheckConstraint(_LIMITS, name="limits"),
        Index("ix_group_rate_kept", "series", "area", "period"),
    )
    number: int | None = _numbered()
    id: str = _column("SHA-256 of the rest, so that a file imported twice adds nothing", unique=True)
    series: str = _points_to("series.ref", "What is counted")
    area: str = _points_to("area.code", "Where it is counted")
    period: str = _column("A quarter (2014/15-Q2), a financial year, or other twelve months")
    as_at: date = _column("The day on which it was so")
    unit: str = _column("What the rates are per, such as per 1,000 residents")
    status: str = _column("What sort of values they are")
    members: int = _column("How many areas are in the group, with the area itself")
    group_name: str = _column("The group, as the extract calls it", text=True)
    version: date = _column("Since when the group has these areas")
    rate: str | None = _column("The area's rate, digit for digit; none where the status carries no number")
    average: str | None = _column("The group's average, digit for digit")
    low: str | None = _column("The lower limit, digit for digit")
    high: str | None = _column("The upper limit, digit for digit")
    source: str = _column("The file or publication it comes from", text=True)
    attachment: str = _column("SHA-256 of the file it was read from")
    sheet: str = _column("The sheet it was read from", text=True)
    cell: str = _column("The cell of the rate")
    licence: str = _column("The licence of published values", text=True)
    illustrative: bool = _column("Whether it was made up for a rehearsal")


class _PartRow(SQLModel):
    """What a submission has several of."""

    submission: str = _points_to("submission.id", "The version it stands in", primary_key=True)
    position: int = _column("Its place in the submission", primary_key=True)


class NarrativeRow(_PartRow, table=True):
    """A piece of contextual summary."""

    __tablename__ = "narrative"
    __table_args__ = (_one_of("answer", words.QUICK_ANSWERS), _one_of("promise_now", words.PROMISE_STATES))
    ref: str = _column("The theme, measure, objective or action it is about")
    text: str = _column("As written", keeps=Retention.WORDS, text=True)
    sheet: str = _column("The sheet it was read from", text=True)
    cell: str = _column("The cell it was read from")
    promise: str = _column("What was promised for the next quarter, as written", keeps=Retention.WORDS, text=True)
    answer: str | None = _column("What was answered in the place of words, or of the earlier text, which then stands")
    promise_now: str | None = _column("What became of what was promised a quarter before")


class FindingRow(_PartRow, table=True):
    """Something wrong or odd in a submission."""

    __tablename__ = "finding"
    __table_args__ = (_one_of("severity", words.SEVERITIES),)
    code: str = _column("The rule that found it")
    severity: str = _column("A fault must be mended, a query may be explained")
    sheet: str = _column("Where it was found", text=True)
    cell: str = _column("Where it was found")
    line: str = _column("The row of the form: area code and ref, or a box's ref")
    header: str = _column("The column of the form", text=True)
    found: str = _column("What stood there", keeps=Retention.WORDS, text=True)
    wanted: str = _column("What to do", text=True)
    example: str = _column("What would be right", text=True)
    is_doubt: bool = _column("Whether what was seen there is not what is recorded", default=False)


class InputRow(_PartRow, table=True):
    """What stands in one input of a return, whoever sent it."""

    __tablename__ = "input"
    __table_args__ = (_one_of("header", words.INPUTS),)
    line: str = _column("The row of the form: area code and ref, or a box's ref", text=True)
    header: str = _column("Which input of the row")
    text: str = _column("As it stands there", keeps=Retention.WORDS, text=True)
    version: int = _column("The version that brought it")


class TypedCellRow(_PartRow, table=True):
    """How one typed cell was understood, as it was said back."""

    __tablename__ = "typed_cell"
    sheet: str = _column("Where it stood", text=True)
    cell: str = _column("Where it stood")
    typed: str = _column("As typed", keeps=Retention.WORDS, text=True)
    recorded: str = _column("As it was recorded", text=True)
    remark: str = _column("What was said of it", text=True)


class DisputeRow(_PartRow, table=True):
    """A police figure that a respondent disputes."""

    __tablename__ = "dispute"
    area: str = _points_to("area.code", "Where it is counted")
    series: str = _points_to("series.ref", "What is counted")
    reason: str = _column("As written", keeps=Retention.WORDS, text=True)


class RemarkRow(_PartRow, table=True):
    """What was passed over in a submission's file, in a sentence."""

    __tablename__ = "remark"
    sentence: str = _column("The sentence", keeps=Retention.WORDS, text=True)


# What came in ---------------------------------------------------------------------------------------------


class MessageRow(SQLModel, table=True):
    """A message that came in, by content identity. Its verdicts stand in `message_verdict`."""

    __tablename__ = "message"
    number: int | None = _numbered()
    id: str = _column("Its content identity", unique=True)
    source: str = _column("Where in the mailbox it was first seen")
    content: str = _column("SHA-256 of its raw bytes in the archive")
    received: datetime = _column("When the mail system received it")
    size: int = _column("Bytes as received")
    whole: bool = _column("False: too large, only its headers were kept")
    attempts: int = _column("How often judging it ended in a fault of our own since it was last reopened")
    sender: str = _column("From, as sent", keeps=Retention.ADDRESS, text=True)
    subject: str = _column("As sent", keeps=Retention.WORDS, text=True)
    token: int = _column("Fences: it rises with each claim", default=0)
    abandoned: int = _column("How often a claim was left without a word since it was last reopened", default=0)
    lease_until: float = _column(
        "Until when a claim is its worker's own, machine time in seconds; 0: let go", default=0.0
    )


class MessageMarkRow(SQLModel, table=True):
    """What the mail system said of a message beside its bytes."""

    __tablename__ = "message_mark"
    __table_args__ = (_one_of("mark", words.MARKS),)
    message: str = _points_to("message.id", "The message", primary_key=True)
    mark: str = _column("The mark", primary_key=True)


class SourceRow(SQLModel, table=True):
    """Where a message was seen: one content may lie in a mailbox more than once."""

    __tablename__ = "message_source"
    source: str = _column("Where in the mailbox", primary_key=True)
    message: str = _points_to("message.id", "The message", primary_key=True)


class VerdictRow(SQLModel, table=True):
    """A verdict on a message. One that was reopened stands no more; at most one stands."""

    __tablename__ = "message_verdict"
    __table_args__ = (
        _one_of("verdict", words.VERDICTS),
        Index(
            "uq_message_verdict_standing",
            "message",
            unique=True,
            sqlite_where=text("reopened IS NULL"),
            postgresql_where=text("reopened IS NULL"),
        ),
    )
    number: int | None = _numbered()
    message: str = _points_to("message.id", "The message", index=True)
    verdict: str = _column("The verdict")
    reason: str = _column("Why, in a sentence", keeps=Retention.WORDS, text=True)
    given: datetime | None = _column("When; none where an earlier version did not keep it")
    reopened: datetime | None = _column("When it was taken back, so that the message was judged anew")


class VerdictRespondentRow(SQLModel, table=True):
    """Whose return a verdict is about."""

    __tablename__ = "message_verdict_respondent"
    verdict: int = _points_to("message_verdict.number", "The verdict", primary_key=True)
    position: int = _column("In the order named", primary_key=True)
    respondent: str = _points_to("respondent.key", "The respondent")


# What happened ------------------------------------------------------------------------------------------


class EventRow(SQLModel, table=True):
    """One thing that happened. All status is a fold over these."""

    __tablename__ = "event"
    number: int | None = _numbered()
    quarter: str | None = _points_to("cycle.quarter", "The round; none: the service as a whole", index=True)
    at: datetime = _column("When")
    kind: str = _column("What happened", index=True)
    by: str = _column("Who or what caused it", keeps=Retention.ADDRESS, text=True)
    respondent: str | None = _points_to("respondent.key", "Whose return; none: the whole round", index=True)
    submission: str | None = _points_to("submission.id", "The version it is about")
    message: str | None = _points_to("message.id", "The message it is about")
    subject: str = _column("What else it is about: an address, a board, a file", keeps=Retention.ADDRESS, text=True)
    facts_shape: int = _column("The version of the shape of `facts`")
    facts: str = _column("The few values that the fold and people need, JSON", keeps=Retention.WORDS, text=True)


# What goes out --------------------------------------------------------------------------------------------


class LetterRow(SQLModel, table=True):
    """A letter on its way out. Its content never changes; its state does."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("kind", "cause", "recipient"),
        _one_of("manner", words.MANNERS),
        _one_of("state", words.LETTER_STATES),
    )
    number: int | None = _numbered()
    id: str = _column("The delivery id, reckoned from the Message-ID", unique=True)
    kind: str = _column("Which letter: its folder in templates/emails")
    cause: str = _column("Identifies it beside kind and recipient; never read", keeps=Retention.ADDRESS, text=True)
    recipient: str = _column("Whom it goes to", keeps=Retention.ADDRESS, index=True)
    quarter: str | None = _points_to("cycle.quarter", "The round; none: the service as a whole", index=True)
    manner: str = _column("How it behaves on its way out")
    subject: str = _column("As it stands in its bytes", keeps=Retention.WORDS, text=True)
    message_id: str = _column("As it stands in its bytes", unique=True)
    content: str = _column("SHA-256 of its bytes in the archive")
    state: str = _column("Where it stands on its way out", index=True)
    queued: datetime = _column("When it was written")
    not_before: datetime = _column("Put off until then")
    handed: datetime | None = _column("When the last hand-over began", default=None)
    sent: datetime | None = _column("When it was proved to have been handed over", default=None)
    refused: datetime | None = _column("Since when it is refused for now", default=None)
    reason: str = _column("Why it stands there, in a sentence", keeps=Retention.ADDRESS, text=True, default="")
    proof: str = _column("What the mail system said", keeps=Retention.ADDRESS, text=True, default="")
    token: int = _column("Fences: it rises with each claim", default=0)
    attempts: int = _column("How many hand-overs were begun", default=0)
    resubmissions: int = _column("How often the same bytes went again after a look-up found nothing", default=0)
    lease_until: float = _column("Until when a claim is its worker's own, machine time in seconds", default=0.0)


class LetterAboutRow(SQLModel, table=True):
    """One thing that a letter is about: what is no part of it is NULL."""

    __tablename__ = "letter_about"
    __table_args__ = (UniqueConstraint("letter", "position"),)
    number: int | None = _numbered()
    letter: str = _points_to("letter.id", "The letter")
    position: int = _column("In the letter's order")
    respondent: str | None = _points_to("respondent.key", "Whose own information is in it", index=True)
    submission: str | None = _points_to("submission.id", "The version asked about or answered", index=True)
    rung: str | None = _column("The rung of the ladder, such as overdue+2")
    due: date | None = _column("The due date that the rung was counted from, or the new one that is given")
    reminder: int | None = _column("Which reminder of the submission it is, from 1")
    message: str | None = _points_to("message.id", "The message that it answers or tells of", index=True)
    board: str | None = _column("Whose paper it carries")
    draft: int | None = _column("Which draft of the paper, from 1")
    address: str | None = _column("An address that no longer serves", keeps=Retention.ADDRESS)
    year: str | None = _column("The year whose measures are being agreed")
    version: int | None = _column("Which version of a partnership's measures, from 1")


# What the store knows of itself -----------------------------------------------------------------------


class CursorRow(SQLModel, table=True):
    """How far a mailbox was read."""

    __tablename__ = "mailbox_cursor"
    mailbox: str = _column("The adapter and its address", primary_key=True)
    cursor: str = _column("What the adapter said last", text=True)


class ArchivedFileRow(SQLModel, table=True):
    """A file of the archive, where that is kept in the database: so that several machines have the same one."""

    __tablename__ = "archived_file"
    hash: str = _column("SHA-256 of the bytes", primary_key=True)
    data: bytes = _column("The bytes", keeps=Retention.WORDS, sa_type=LargeBinary)


class StampRow(SQLModel, table=True):
    """What the store knows of itself: environment, archive, machine, place, mailbox, last seen, and the like."""

    __tablename__ = "stamp"
    name: str = _column("What is known", primary_key=True)
    value: str = _column("Its value")
