"""The first shape"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_FROZEN_LETTER = ("id", "kind", "cause", "recipient", "respondents", "quarter", "manner", "subject", "message_id",
                  "content", "queued")
_FROZEN_MESSAGE = ("id", "source", "content", "received", "size", "whole")


def upgrade() -> None:
    """Make the tables, and let the database itself keep what must never change."""
    _cycles()
    _returns()
    _messages()
    _letters()
    _stamps()
    for table in ("event", "request", "submission", "figure", "message_source"):
        _never_changed(table)
    _never_removed("message")
    _frozen("message", _FROZEN_MESSAGE)
    _never_removed("letter")
    _frozen("letter", _FROZEN_LETTER)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False)


def _word(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False)


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _moment(name: str, *, known: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not known)


def _numbered(name: str = "number") -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), primary_key=True, nullable=False)


def _cycles() -> None:
    op.create_table(
        "event",
        _numbered("id"), _word("quarter"), _moment("at"), _word("kind"), _word("by"), _word("respondent"),
        _word("subject"), _text("facts"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_quarter", "event", ["quarter"])
    op.create_table(
        "cycle_plan",
        _word("quarter"), _text("dates"),
        sa.PrimaryKeyConstraint("quarter", name="pk_cycle_plan"),
    )


def _returns() -> None:
    op.create_table(
        "request",
        _numbered("id"), _word("quarter"), _word("respondent"), _count("revision"), _word("workbook"), _text("form"),
        sa.PrimaryKeyConstraint("id", name="pk_request"),
        sa.UniqueConstraint("quarter", "respondent", "revision", name="uq_request_quarter"),
    )
    op.create_table(
        "submission",
        _numbered(), _word("id"), _word("quarter"), _word("respondent"), _count("sequence"), _word("content"),
        _text("body"),
        sa.PrimaryKeyConstraint("number", name="pk_submission"),
        sa.UniqueConstraint("id", name="uq_submission_id"),
        sa.UniqueConstraint("quarter", "respondent", "sequence", name="uq_submission_quarter"),
    )
    op.create_table(
        "figure",
        _numbered(), _word("id"), _word("submission"), _word("series"), _word("area"), _word("period"),
        _word("as_at"), _text("body"),
        sa.PrimaryKeyConstraint("number", name="pk_figure"),
        sa.UniqueConstraint("id", name="uq_figure_id"),
    )
    op.create_index("ix_figure_series", "figure", ["series"])
    op.create_index("ix_figure_submission", "figure", ["submission"])


def _messages() -> None:
    op.create_table(
        "message",
        _numbered(), _word("id"), _word("source"), _word("content"), _moment("received"), _count("size"),
        sa.Column("whole", sa.Boolean(), nullable=False), _count("attempts"), _text("sender"), _text("subject"),
        _word("verdict"), _text("reason"), _word("respondents"),
        sa.PrimaryKeyConstraint("number", name="pk_message"),
        sa.UniqueConstraint("id", name="uq_message_id"),
    )
    op.create_index("ix_message_verdict", "message", ["verdict"])
    op.create_table(
        "message_source",
        _word("source"), _word("message"),
        sa.PrimaryKeyConstraint("source", "message", name="pk_message_source"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_message_source_message"),
    )


def _letters() -> None:
    op.create_table(
        "letter",
        _numbered(), _word("id"), _word("kind"), _word("cause"), _word("recipient"), _word("respondents"),
        _word("quarter"), _word("manner"), _word("subject"), _word("message_id"), _word("content"), _word("state"),
        _moment("queued"), _moment("not_before"), _moment("handed", known=False), _moment("sent", known=False),
        _text("reason"), _word("proof"), _count("token"), _count("attempts"),
        _count("resubmissions"), sa.Column("lease_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_letter"),
        sa.UniqueConstraint("id", name="uq_letter_id"),
        sa.UniqueConstraint("message_id", name="uq_letter_message_id"),
        sa.UniqueConstraint("kind", "cause", "recipient", name="uq_letter_kind"),
    )
    for column in ("recipient", "quarter", "state"):
        op.create_index(f"ix_letter_{column}", "letter", [column])


def _stamps() -> None:
    op.create_table(
        "mailbox_cursor",
        _word("mailbox"), _text("cursor"),
        sa.PrimaryKeyConstraint("mailbox", name="pk_mailbox_cursor"),
    )
    op.create_table(
        "stamp",
        _word("name"), _word("value"),
        sa.PrimaryKeyConstraint("name", name="pk_stamp"),
    )


# What never changes ---------------------------------------------------------------------------------


def _never_changed(table: str) -> None:
    _refuse(table, "UPDATE", "changed", "")
    _never_removed(table)


def _never_removed(table: str) -> None:
    _refuse(table, "DELETE", "removed", "")
    if op.get_bind().dialect.name == "postgresql":
        _refuse(table, "TRUNCATE", "emptied", "")


def _frozen(table: str, columns: tuple[str, ...]) -> None:
    _refuse(table, f"UPDATE OF {', '.join(columns)}", "rewritten",
            " OR ".join(f"NEW.{column} IS {_DISTINCT[op.get_bind().dialect.name]} OLD.{column}" for column in columns))


_DISTINCT = {"sqlite": "NOT", "postgresql": "DISTINCT FROM"}


def _refuse(table: str, act: str, word: str, when: str) -> None:
    name, said = f"{table}_is_never_{word}", f"a row of {table} is never {word}"
    condition = f"WHEN ({when}) " if when else ""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    )
    each = "STATEMENT" if act == "TRUNCATE" else "ROW"
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH {each} {condition}EXECUTE FUNCTION {name}()"
    )
