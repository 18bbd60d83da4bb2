"""What a letter is about stands in a table of its own"""

from __future__ import annotations

import json
from collections.abc import Iterator

from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STILL_FROZEN = ("id", "kind", "cause", "recipient", "quarter", "manner", "subject", "message_id", "content", "queued")
_ABOUT = sa.table(
    "letter_about",
    sa.column("letter", sa.String), sa.column("position", sa.Integer), sa.column("respondent", sa.String),
    sa.column("submission", sa.String), sa.column("rung", sa.String), sa.column("due", sa.Date),
    sa.column("reminder", sa.Integer), sa.column("message", sa.String), sa.column("board", sa.String),
    sa.column("draft", sa.Integer), sa.column("address", sa.String),
)


def upgrade() -> None:
    """Until now it stood in the letter's cause and in a list of respondents."""
    op.create_table(
        "letter_about",
        sa.Column("number", sa.Integer(), nullable=False), sa.Column("letter", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False), sa.Column("respondent", sa.String(), nullable=True),
        sa.Column("submission", sa.String(), nullable=True), sa.Column("rung", sa.String(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True), sa.Column("reminder", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(), nullable=True), sa.Column("board", sa.String(), nullable=True),
        sa.Column("draft", sa.Integer(), nullable=True), sa.Column("address", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_letter_about"),
        sa.UniqueConstraint("letter", "position", name="uq_letter_about_letter"),
        sa.ForeignKeyConstraint(["letter"], ["letter.id"], name="fk_letter_about_letter"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_letter_about_submission"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_letter_about_message"),
    )
    for column in ("respondent", "submission", "message"):
        op.create_index(f"ix_letter_about_{column}", "letter_about", [column])
    rows = list(_rows())
    if rows:
        op.bulk_insert(_ABOUT, rows)
    _let_go_of_respondents()
    _never_changed()


# What stood in the causes ---------------------------------------------------------------------------



class _Known(NamedTuple):
    """What the store knows beside the letters: the ids of messages, and submissions with their respondents.

    `codes` gives a respondent by quarter and by the code in its forms' references; `taken` the submission that a
    message brought from a respondent.
    """

    messages: frozenset[str]
    submissions: dict[str, str]
    taken: dict[tuple[str, str], str]
    codes: dict[tuple[str, str], str]


def _rows() -> Iterator[dict[str, Any]]:
    known = _known()
    letters = "SELECT id, kind, cause, respondents, quarter FROM letter ORDER BY number"
    for letter in op.get_bind().execute(sa.text(letters)).all():
        keys = letter.respondents.split(",") if letter.respondents else []
        for position, parts in enumerate(_about(letter.kind, letter.cause, keys, letter.quarter, known)):
            nothing = {column.name: None for column in _ABOUT.columns}
            yield {**nothing, **parts, "letter": letter.id, "position": position}


def _known() -> _Known:
    bind = op.get_bind()
    messages = frozenset(bind.scalars(sa.text("SELECT id FROM message")))
    requests = bind.execute(sa.text("SELECT quarter, respondent, form FROM request")).all()
    codes = {(row.quarter, json.loads(row.form)["reference"]["code"]): row.respondent for row in requests}
    submissions = bind.execute(sa.text("SELECT id, respondent, body FROM submission ORDER BY number")).all()
    return _Known(
        messages=messages,
        submissions={row.id: row.respondent for row in submissions},
        taken={(json.loads(row.body)["message"], row.respondent): row.id for row in submissions},
        codes=codes,
    )


def _about(kind: str, cause: str, keys: list[str], quarter: str, known: _Known) -> list[dict[str, Any]]:
    """The parts of each thing a letter is about, read out of its cause as the code did that wrote it."""
    plain = cause.partition("~")[0]
    marks = plain.split(":", 2)[-1].split(",")
    if kind.startswith("reminder-") or kind in {"overdue-chair", "extension-given"}:
        dated = [_dated(mark, quarter, keys, known) for mark in marks]
        return _by_respondent(keys, {key: parts for key, parts in dated})
    if kind in {"query-reminder", "approval-request", "approval-again", "approval-reminder"}:
        return _by_respondent(keys, dict(_numbered(mark, keys, known) for mark in marks))
    if kind in {"approval-recorded", "approval-noted"}:
        return [{"respondent": key, **_submission(plain.partition(":")[2], known)} for key in keys]
    if kind in {"draft-paper", "circulation"}:
        board, _, draft = plain.split(":", 2)[-1].partition(":draft:")
        return [{"board": board.removesuffix(":circulation"), "draft": int(draft) if draft else None}]
    if kind in {"digest", "answers-on-hold"}:
        return []
    if kind in {"proof-pack", "something-arrived", "a-person-will-reply"} or kind.startswith("request"):
        return [{"respondent": key} for key in keys]
    return _of_a_message(kind, plain, keys, known)


def _of_a_message(kind: str, cause: str, keys: list[str], known: _Known) -> list[dict[str, Any]]:
    """Answers ("MESSAGE respondents"), questions, the answers to orders, and letters about an address that failed."""
    parts: dict[str, Any] = {}
    if kind in {"address-failed", "who-to-write-to", "no-longer-you"}:
        parts["address"], _, message = cause.partition(" ")
    else:
        message = cause.removeprefix("command:").partition(" ")[0]
    if message in known.messages:
        parts["message"] = message
    rows = [{"respondent": key, **parts} for key in keys] or [parts]
    if kind in {"receipt", "correction"}:
        rows = [row | {"submission": known.taken.get((message, row["respondent"]))} for row in rows]
    return [row for row in rows if row]


def _dated(mark: str, quarter: str, keys: list[str], known: _Known) -> tuple[str, dict[str, Any]]:
    """ "CHARN=overdue+2@2014-10-30" of a reminder, "CHARN@2014-11-05" of an extension."""
    code, _, rung = mark.rpartition("@")[0].partition("=")
    due = date.fromisoformat(mark.rpartition("@")[2])
    key = keys[0] if len(keys) == 1 else known.codes.get((quarter, code), "")
    return key, {"rung": rung or None, "due": due}


def _numbered(mark: str, keys: list[str], known: _Known) -> tuple[str, dict[str, Any]]:
    """ "SUBMISSION+1" of a reminder, "SUBMISSION" of the letter that asks for approval."""
    submission, _, number = mark.partition("+")
    key = keys[0] if len(keys) == 1 else known.submissions.get(submission, "")
    return key, {**_submission(submission, known), "reminder": int(number) if number else None}


def _submission(submission: str, known: _Known) -> dict[str, Any]:
    return {"submission": submission if submission in known.submissions else None}


def _by_respondent(keys: list[str], parts: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"respondent": key, **parts.get(key, {})} for key in keys]


# What never changes ---------------------------------------------------------------------------------


def _let_go_of_respondents() -> None:
    """The trigger that guards a letter's content names the column, so it is made anew without it."""
    on_letter, distinct = ("", "NOT") if op.get_bind().dialect.name == "sqlite" else (" ON letter", "DISTINCT FROM")
    op.execute(f"DROP TRIGGER letter_is_never_rewritten{on_letter}")
    op.drop_column("letter", "respondents")
    changed = " OR ".join(f"NEW.{column} IS {distinct} OLD.{column}" for column in _STILL_FROZEN)
    begun = (
        f"CREATE TRIGGER letter_is_never_rewritten BEFORE UPDATE OF {', '.join(_STILL_FROZEN)} ON letter "
        f"FOR EACH ROW WHEN ({changed}) "
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{begun}BEGIN SELECT RAISE(ABORT, 'a row of letter is never rewritten'); END")
    else:
        op.execute(f"{begun}EXECUTE FUNCTION letter_is_never_rewritten()")


def _never_changed() -> None:
    for act, word in (("UPDATE", "changed"), ("DELETE", "removed"), ("TRUNCATE", "emptied")):
        name, said = f"letter_about_is_never_{word}", f"a row of letter_about is never {word}"
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{said}'; END $$"
            )
            each = "STATEMENT" if act == "TRUNCATE" else "ROW"
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON letter_about FOR EACH {each} EXECUTE FUNCTION {name}()")
        elif act != "TRUNCATE":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {act} ON letter_about FOR EACH ROW "
                f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
