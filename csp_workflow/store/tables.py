"""The tables, for whoever asks the database itself: typed columns, closed words, foreign keys, a comment on each.

What happened, what was asked, what came back and what a letter says is never changed or removed: the database refuses
it (triggers, made by the migrations). No unique key is nullable; times are aware and in UTC. Three documents are kept
as JSON beside the version of their shape (`request.form`, `event.facts`, `measure_set.measures`). `terms` validates.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Computed, Index, LargeBinary, Numeric, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from csp_workflow.store import words
from csp_workflow.store.columns import Retention, allow_only, make_column, number_rows, point_to

SHAPE = "0019"  # the migration a store must have reached to be opened by this version

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


# What is spoken of: named once, so that everything can point to it -------------------------------------


class AreaRow(SQLModel, table=True):
    """A place that figures are counted for."""

    __tablename__ = "area"
    code: str = make_column("ONS code", primary_key=True)
    name: str = make_column("As last configured; empty when never named")


class SeriesRow(SQLModel, table=True):
    """What is counted under a measure."""

    __tablename__ = "series"
    ref: str = make_column("As it stands on every form, such as M01.1", primary_key=True)
    measure: str = make_column("The measure's ref, such as M01")
    title: str = make_column("As last configured; empty when never named", text=True)
    unit: str = make_column("As last configured; a figure keeps its own")


class RespondentRow(SQLModel, table=True):
    """Whoever owes a return."""

    __tablename__ = "respondent"
    key: str = make_column("Its name in config and commands", primary_key=True)
    code: str = make_column("Its short form in references")
    name: str = make_column("As last configured; empty when never named")


class CycleRow(SQLModel, table=True):
    """One quarter's round."""

    __tablename__ = "cycle"
    quarter: str = make_column("Such as 2014/15-Q2: July to September 2014", primary_key=True)
    starts: date = make_column("The quarter's first day")
    ends: date = make_column("The quarter's last day")


class PlanRow(SQLModel, table=True):
    """A cycle's dates as they stand; each change of them is an event."""

    __tablename__ = "cycle_plan"
    quarter: str = point_to("cycle.quarter", "The round", primary_key=True)
    extract_request: date = make_column("When the force's analyst is asked")
    extract_due: datetime = make_column("When the force's extract is due")
    open: date = make_column("When requests go out")
    due: datetime = make_column("The soft deadline of returns")
    close: datetime = make_column("The hard deadline of returns")
    pre_election: bool = make_column("Whether a pre-election period bears on it")


class PlannedPaperRow(SQLModel, table=True):
    """The dates of one board's paper in a plan, worked back from its meeting."""

    __tablename__ = "cycle_plan_paper"
    quarter: str = point_to("cycle_plan.quarter", "The plan", primary_key=True)
    position: int = make_column("In the plan's order", primary_key=True)
    board: str = make_column("The board's key in the config")
    meeting: date = make_column("The day it sits")
    papers_out: date = make_column("The latest day to send papers")
    clearance: date = make_column("When the paper is cleared")
    draft: date = make_column("When it is drafted")


class PlanWarningRow(SQLModel, table=True):
    """Why a meeting cannot take the quarter, in a sentence."""

    __tablename__ = "cycle_plan_warning"
    quarter: str = point_to("cycle_plan.quarter", "The plan", primary_key=True)
    position: int = make_column("In the plan's order", primary_key=True)
    sentence: str = make_column("The sentence", text=True)


# What was asked and what came back ----------------------------------------------------------------------


class RequestRow(SQLModel, table=True):
    """What a respondent was asked, each revision of it."""

    __tablename__ = "request"
    __table_args__ = (UniqueConstraint("quarter", "respondent", "revision"),)
    number: int | None = number_rows()
    quarter: str = point_to("cycle.quarter", "The round")
    respondent: str = point_to("respondent.key", "Who was asked")
    revision: int = make_column("Counts the forms issued to the respondent in the round")
    workbook: str = make_column("SHA-256 of the workbook in the archive")
    form_shape: int = make_column("The version of the shape of `form`")
    form: str = make_column("The form's definition as it was sent, JSON", keeps=Retention.WORDS, text=True)
    filled: int = make_column("The version of the return that its inputs were filled with; 0: of none", default=0)


class SubmissionRow(SQLModel, table=True):
    """One received version of a return."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("quarter", "respondent", "sequence"),)
    number: int | None = number_rows()
    id: str = make_column("Its identity", unique=True)
    quarter: str = point_to("cycle.quarter", "The round")
    respondent: str = point_to("respondent.key", "Whose return it is")
    sequence: int = make_column("The version, from 1")
    content: str = make_column("SHA-256 of what it says, the same in whatever file it stands")
    message: str = point_to("message.id", "The message that brought it")
    attachment: str = make_column("SHA-256 of the file that it was read from")
    revision: int = make_column("The revision of the form that was filled in")
    received: datetime = make_column("When its message was received")
    sender: str = make_column("Who sent it", keeps=Retention.ADDRESS)
    completed_by: str = make_column("Who says they completed the form, as typed", keeps=Retention.NAME, text=True)
    completed_as: str = make_column("Their position, as typed", keeps=Retention.NAME, text=True)
    completed_on: str = make_column("The date of signing, as typed", keeps=Retention.WORDS, text=True)
    late: bool = make_column("Whether it came after its due date")
    words: str = make_column("What its sender wrote beside the form", keeps=Retention.WORDS, text=True)


class MeasureSetRow(SQLModel, table=True):
    """One version of what a partnership counts and aims at in a year."""

    __tablename__ = "measure_set"
    __table_args__ = (UniqueConstraint("respondent", "year", "version"),)
    number: int | None = number_rows()
    respondent: str = point_to("respondent.key", "Whose measures they are")
    year: str = make_column("The financial year, such as 2014/15")
    version: int = make_column("The version, from 1")
    content: str = make_column("SHA-256 of what it says: a chair approves exactly one")
    message: str = point_to("message.id", "The message that brought it")
    measures_shape: int = make_column("The version of the shape of `measures`")
    measures: str = make_column("The measures and the objectives, JSON", keeps=Retention.WORDS, text=True)


class SetupRow(SQLModel, table=True):
    """What one workbook changed of the configuration, as it was applied."""

    __tablename__ = "setup"
    number: int | None = number_rows()
    content: str = make_column("SHA-256 of the workbook that brought it")
    changes_shape: int = make_column("The version of the shape of `changes`")
    changes: str = make_column("Each entry as it was and as it is, JSON", keeps=Retention.ADDRESS, text=True)


class FigureRow(SQLModel, table=True):
    """A figure, imported or of a submission: one value, and where it was read."""

    __tablename__ = "figure"
    __table_args__ = (
        allow_only("status", words.FIGURE_STATUSES),
        CheckConstraint("count >= 0 AND count <= base", name="count"),
        Index("ix_figure_kept", "series", "area", "period"),
    )
    number: int | None = number_rows()
    id: str = make_column("SHA-256 of the rest, so that a file imported twice adds nothing", unique=True)
    submission: str | None = point_to("submission.id", "The return it stands in; none: imported", index=True)
    position: int = make_column("Its place in the submission")
    respondent: str | None = point_to("respondent.key", "Whose return it stands in; none: imported")
    series: str = point_to("series.ref", "What is counted")
    area: str = point_to("area.code", "Where it is counted")
    period: str = make_column(
        "A quarter (2014/15-Q2), a financial year (2013/14), other twelve months, or the middle of a year"
    )
    as_at: date = make_column("The day on which it was so")
    exact: str | None = make_column("The value, digit for digit; none where the status carries no number")
    value: float | None = Field(
        default=None,
        sa_column=Column(
            Numeric(asdecimal=False),
            Computed("CAST(exact AS NUMERIC)", persisted=True),
            comment="The value as a number, reckoned from `exact`",
        ),
    )
    unit: str = make_column("What it counts; empty where it was never said")
    status: str = make_column("What sort of value it is")
    base: int | None = make_column("The n behind a per cent or a survey")
    count: int | None = make_column("How many of that n a share counts")
    note: str = make_column("What was written beside it", keeps=Retention.WORDS, text=True)
    drove_it: str = make_column("What is said to have driven it", keeps=Retention.WORDS, text=True)
    source: str = make_column("The file, publication or return it comes from", text=True)
    message: str | None = point_to("message.id", "The message that brought it; none: imported")
    attachment: str = make_column("SHA-256 of the file it was read from")
    sheet: str = make_column("The sheet it was read from", text=True)
    cell: str = make_column("The cell it was read from")
    licence: str = make_column("The licence of a published figure", text=True)
    illustrative: bool = make_column("Whether it was made up for a rehearsal")


_LIMITS = (
    "(rate IS NULL AND average IS NULL AND low IS NULL AND high IS NULL) OR "
    "(rate IS NOT NULL AND average IS NOT NULL AND low IS NOT NULL AND high IS NOT NULL AND "
    "CAST(low AS NUMERIC) <= CAST(average AS NUMERIC) AND CAST(average AS NUMERIC) <= CAST(high AS NUMERIC))"
)


class GroupRateRow(SQLModel, table=True):
    """An area's rate beside its comparison group's average and limits, as an imported extract gave them."""

    __tablename__ = "group_rate"
    __table_args__ = (
        allow_only("status", words.FIGURE_STATUSES),
        CheckConstraint("members >= 1", name="members"),
        CheckConstraint(_LIMITS, name="limits"),
        Index("ix_group_rate_kept", "series", "area", "period"),
    )
    number: int | None = number_rows()
    id: str = make_column("SHA-256 of the rest, so that a file imported twice adds nothing", unique=True)
    series: str = point_to("series.ref", "What is counted")
    area: str = point_to("area.code", "Where it is counted")
    period: str = make_column("A quarter (2014/15-Q2), a financial year, or other twelve months")
    as_at: date = make_column("The day on which it was so")
    unit: str = make_column("What the rates are per, such as per 1,000 residents")
    status: str = make_column("What sort of values they are")
    members: int = make_column("How many areas are in the group, with the area itself")
    group_name: str = make_column("The group, as the extract calls it", text=True)
    version: date = make_column("Since when the group has these areas")
    rate: str | None = make_column("The area's rate, digit for digit; none where the status carries no number")
    average: str | None = make_column("The group's average, digit for digit")
    low: str | None = make_column("The lower limit, digit for digit")
    high: str | None = make_column("The upper limit, digit for digit")
    source: str = make_column("The file or publication it comes from", text=True)
    attachment: str = make_column("SHA-256 of the file it was read from")
    sheet: str = make_column("The sheet it was read from", text=True)
    cell: str = make_column("The cell of the rate")
    licence: str = make_column("The licence of published values", text=True)
    illustrative: bool = make_column("Whether it was made up for a rehearsal")


class _PartRow(SQLModel):
    """What a submission has several of."""

    submission: str = point_to("submission.id", "The version it stands in", primary_key=True)
    position: int = make_column("Its place in the submission", primary_key=True)


class NarrativeRow(_PartRow, table=True):
    """A piece of contextual summary."""

    __tablename__ = "narrative"
    __table_args__ = (allow_only("answer", words.QUICK_ANSWERS), allow_only("promise_now", words.PROMISE_STATES))
    ref: str = make_column("The theme, measure, objective or action it is about")
    text: str = make_column("As written", keeps=Retention.WORDS, text=True)
    sheet: str = make_column("The sheet it was read from", text=True)
    cell: str = make_column("The cell it was read from")
    promise: str = make_column("What was promised for the next quarter, as written", keeps=Retention.WORDS, text=True)
    answer: str | None = make_column(
        "What was answered in the place of words, or of the earlier text, which then stands"
    )
    promise_now: str | None = make_column("What became of what was promised a quarter before")


class FindingRow(_PartRow, table=True):
    """Something wrong or odd in a submission."""

    __tablename__ = "finding"
    __table_args__ = (allow_only("severity", words.SEVERITIES),)
    code: str = make_column("The rule that found it")
    severity: str = make_column("A fault must be mended, a query may be explained")
    sheet: str = make_column("Where it was found", text=True)
    cell: str = make_column("Where it was found")
    line: str = make_column("The row of the form: area code and ref, or a box's ref")
    header: str = make_column("The column of the form", text=True)
    found: str = make_column("What stood there", keeps=Retention.WORDS, text=True)
    wanted: str = make_column("What to do", text=True)
    example: str = make_column("What would be right", text=True)
    is_doubt: bool = make_column("Whether what was seen there is not what is recorded", default=False)


class InputRow(_PartRow, table=True):
    """What stands in one input of a return, whoever sent it."""

    __tablename__ = "input"
    __table_args__ = (allow_only("header", words.INPUTS),)
    line: str = make_column("The row of the form: area code and ref, or a box's ref", text=True)
    header: str = make_column("Which input of the row")
    text: str = make_column("As it stands there", keeps=Retention.WORDS, text=True)
    version: int = make_column("The version that brought it")


class TypedCellRow(_PartRow, table=True):
    """How one typed cell was understood, as it was said back."""

    __tablename__ = "typed_cell"
    sheet: str = make_column("Where it stood", text=True)
    cell: str = make_column("Where it stood")
    typed: str = make_column("As typed", keeps=Retention.WORDS, text=True)
    recorded: str = make_column("As it was recorded", text=True)
    remark: str = make_column("What was said of it", text=True)


class DisputeRow(_PartRow, table=True):
    """A police figure that a respondent disputes."""

    __tablename__ = "dispute"
    area: str = point_to("area.code", "Where it is counted")
    series: str = point_to("series.ref", "What is counted")
    reason: str = make_column("As written", keeps=Retention.WORDS, text=True)


class RemarkRow(_PartRow, table=True):
    """What was passed over in a submission's file, in a sentence."""

    __tablename__ = "remark"
    sentence: str = make_column("The sentence", keeps=Retention.WORDS, text=True)


# What came in ---------------------------------------------------------------------------------------------


class MessageRow(SQLModel, table=True):
    """A message that came in, by content identity. Its verdicts stand in `message_verdict`."""

    __tablename__ = "message"
    number: int | None = number_rows()
    id: str = make_column("Its content identity", unique=True)
    source: str = make_column("Where in the mailbox it was first seen")
    content: str = make_column("SHA-256 of its raw bytes in the archive")
    received: datetime = make_column("When the mail system received it")
    size: int = make_column("Bytes as received")
    whole: bool = make_column("False: too large, only its headers were kept")
    attempts: int = make_column("How often judging it ended in a fault of our own since it was last reopened")
    sender: str = make_column("From, as sent", keeps=Retention.ADDRESS, text=True)
    subject: str = make_column("As sent", keeps=Retention.WORDS, text=True)
    token: int = make_column("Fences: it rises with each claim", default=0)
    abandoned: int = make_column("How often a claim was left without a word since it was last reopened", default=0)
    lease_until: float = make_column(
        "Until when a claim is its worker's own, machine time in seconds; 0: let go", default=0.0
    )


class MessageMarkRow(SQLModel, table=True):
    """What the mail system said of a message beside its bytes."""

    __tablename__ = "message_mark"
    __table_args__ = (allow_only("mark", words.MARKS),)
    message: str = point_to("message.id", "The message", primary_key=True)
    mark: str = make_column("The mark", primary_key=True)


class SourceRow(SQLModel, table=True):
    """Where a message was seen: one content may lie in a mailbox more than once."""

    __tablename__ = "message_source"
    source: str = make_column("Where in the mailbox", primary_key=True)
    message: str = point_to("message.id", "The message", primary_key=True)


class VerdictRow(SQLModel, table=True):
    """A verdict on a message. One that was reopened stands no more; at most one stands."""

    __tablename__ = "message_verdict"
    __table_args__ = (
        allow_only("verdict", words.VERDICTS),
        Index(
            "uq_message_verdict_standing",
            "message",
            unique=True,
            sqlite_where=text("reopened IS NULL"),
            postgresql_where=text("reopened IS NULL"),
        ),
    )
    number: int | None = number_rows()
    message: str = point_to("message.id", "The message", index=True)
    verdict: str = make_column("The verdict")
    reason: str = make_column("Why, in a sentence", keeps=Retention.WORDS, text=True)
    given: datetime | None = make_column("When; none where an earlier version did not keep it")
    reopened: datetime | None = make_column("When it was taken back, so that the message was judged anew")


class VerdictRespondentRow(SQLModel, table=True):
    """Whose return a verdict is about."""

    __tablename__ = "message_verdict_respondent"
    verdict: int = point_to("message_verdict.number", "The verdict", primary_key=True)
    position: int = make_column("In the order named", primary_key=True)
    respondent: str = point_to("respondent.key", "The respondent")


# What happened ------------------------------------------------------------------------------------------


class EventRow(SQLModel, table=True):
    """One thing that happened. All status is a fold over these."""

    __tablename__ = "event"
    number: int | None = number_rows()
    quarter: str | None = point_to("cycle.quarter", "The round; none: the service as a whole", index=True)
    at: datetime = make_column("When")
    came: datetime | None = make_column("When the message that caused it had come, where that was before", default=None)
    kind: str = make_column("What happened", index=True)
    by: str = make_column("Who or what caused it", keeps=Retention.ADDRESS, text=True)
    respondent: str | None = point_to("respondent.key", "Whose return; none: the whole round", index=True)
    submission: str | None = point_to("submission.id", "The version it is about")
    message: str | None = point_to("message.id", "The message it is about")
    subject: str = make_column("What else it is about: an address, a board, a file", keeps=Retention.ADDRESS, text=True)
    facts_shape: int = make_column("The version of the shape of `facts`")
    facts: str = make_column("The few values that the fold and people need, JSON", keeps=Retention.WORDS, text=True)


# What goes out --------------------------------------------------------------------------------------------


class LetterRow(SQLModel, table=True):
    """A letter on its way out. Its content never changes; its state does."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("kind", "cause", "recipient"),
        allow_only("manner", words.MANNERS),
        allow_only("state", words.LETTER_STATES),
    )
    number: int | None = number_rows()
    id: str = make_column("The delivery id, reckoned from the Message-ID", unique=True)
    kind: str = make_column("Which letter: its folder in templates/emails")
    cause: str = make_column("Identifies it beside kind and recipient; never read", keeps=Retention.ADDRESS, text=True)
    recipient: str = make_column("Whom it goes to", keeps=Retention.ADDRESS, index=True)
    quarter: str | None = point_to("cycle.quarter", "The round; none: the service as a whole", index=True)
    manner: str = make_column("How it behaves on its way out")
    subject: str = make_column("As it stands in its bytes", keeps=Retention.WORDS, text=True)
    message_id: str = make_column("As it stands in its bytes", unique=True)
    content: str = make_column("SHA-256 of its bytes in the archive")
    state: str = make_column("Where it stands on its way out", index=True)
    queued: datetime = make_column("When it was written")
    not_before: datetime = make_column("Put off until then")
    handed: datetime | None = make_column("When the last hand-over began", default=None)
    sent: datetime | None = make_column("When it was proved to have been handed over", default=None)
    refused: datetime | None = make_column("Since when it is refused for now", default=None)
    reason: str = make_column("Why it stands there, in a sentence", keeps=Retention.ADDRESS, text=True, default="")
    proof: str = make_column("What the mail system said", keeps=Retention.ADDRESS, text=True, default="")
    token: int = make_column("Fences: it rises with each claim", default=0)
    attempts: int = make_column("How many hand-overs were begun", default=0)
    resubmissions: int = make_column("How often the same bytes went again after a look-up found nothing", default=0)
    drafted: datetime | None = make_column("When it was last put into the Drafts folder", default=None)
    missed: datetime | None = make_column("Since when it is neither in Drafts nor among the sent", default=None)
    as_left: str = make_column("SHA-256 of what left in its place, as a person changed it", default="")
    lease_until: float = make_column("Until when a claim is its worker's own, machine time in seconds", default=0.0)


class LetterAboutRow(SQLModel, table=True):
    """One thing that a letter is about: what is no part of it is NULL."""

    __tablename__ = "letter_about"
    __table_args__ = (UniqueConstraint("letter", "position"),)
    number: int | None = number_rows()
    letter: str = point_to("letter.id", "The letter")
    position: int = make_column("In the letter's order")
    respondent: str | None = point_to("respondent.key", "Whose own information is in it", index=True)
    submission: str | None = point_to("submission.id", "The version asked about or answered", index=True)
    rung: str | None = make_column("The rung of the ladder, such as overdue+2")
    due: date | None = make_column("The due date that the rung was counted from, or the new one that is given")
    reminder: int | None = make_column("Which reminder of the submission it is, from 1")
    message: str | None = point_to("message.id", "The message that it answers or tells of", index=True)
    board: str | None = make_column("Whose paper it carries")
    draft: int | None = make_column("Which draft of the paper, from 1")
    address: str | None = make_column("An address that no longer serves", keeps=Retention.ADDRESS)
    year: str | None = make_column("The year whose measures are being agreed")
    version: int | None = make_column("Which version of a partnership's measures, from 1")


# What the store knows of itself -----------------------------------------------------------------------


class CursorRow(SQLModel, table=True):
    """How far a mailbox was read."""

    __tablename__ = "mailbox_cursor"
    mailbox: str = make_column("The adapter and its address", primary_key=True)
    cursor: str = make_column("What the adapter said last", text=True)


class ArchivedFileRow(SQLModel, table=True):
    """A file of the archive, where that is kept in the database: so that several machines have the same one."""

    __tablename__ = "archived_file"
    hash: str = make_column("SHA-256 of the bytes", primary_key=True)
    data: bytes = make_column("The bytes", keeps=Retention.WORDS, sa_type=LargeBinary)


class DisposedRow(SQLModel, table=True):
    """A message or a file that is disposed of, told by a hash alone, by which every machine at the store knows it."""

    __tablename__ = "disposed"
    hash: str = make_column("SHA-256 of its identity, under the site's key", primary_key=True)


class StampRow(SQLModel, table=True):
    """What the store knows of itself: environment, archive, machine, place, mailbox, last seen, and the like."""

    __tablename__ = "stamp"
    name: str = make_column("What is known", primary_key=True)
    value: str = make_column("Its value")
