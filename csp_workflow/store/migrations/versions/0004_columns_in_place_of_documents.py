"""Figures, narratives, findings and verdicts become columns; what is still a document says the version of its shape.

The old tables are set aside, read once by the shapes that they had, and dropped. Whatever stops it leaves the old store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from csp_workflow.store.migrations.guards import never_changed, never_removed, never_rewritten

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OLD = (
    "event", "cycle_plan", "message", "message_source", "request", "submission", "figure", "letter", "letter_about",
    "mailbox_cursor", "stamp",
)
_MOMENTS = {"at", "received", "queued", "not_before", "handed", "sent"}
_ABOUT_A_SUBMISSION = {
    "submission received", "return queried", "return complete", "approval asked", "return approved",
}
_ABOUT_A_MESSAGE = {
    "nil return", "return declined", "question asked", "question answered", "message held", "held message settled",
    "colleague confirmed", "colleague refused", "own mail came from elsewhere", "command carried out", "answers stopped",
}


def upgrade() -> None:
    """Make the new tables, carry every row over, and let the database keep what must never change."""
    for table in _OLD:
        _set_aside(table)
    _create()
    _Carrier(op.get_bind()).carry()
    for table in reversed(_OLD):
        op.drop_table(f"{table}_old")
        _forget_guards(table)
    for table in (
        "event", "request", "submission", "figure", "narrative", "finding", "typed_cell", "dispute", "remark",
        "message_mark", "message_source", "message_verdict_respondent", "letter_about",
    ):
        never_changed(table)
    never_removed("message")
    never_rewritten("message", "id", "source", "content", "received", "size", "whole")
    never_removed("letter")
    never_rewritten(
        "letter", "id", "kind", "cause", "recipient", "quarter", "manner", "subject", "message_id", "content", "queued",
    )
    never_removed("message_verdict")
    never_rewritten("message_verdict", "message", "verdict", "reason", "given")
    _views()


def _set_aside(table: str) -> None:
    """An old table gets another name, and so does whatever of it has a name that the new one needs."""
    inspector = sa.inspect(op.get_bind())
    for index in inspector.get_indexes(table):
        if not index.get("duplicates_constraint"):
            op.drop_index(str(index["name"]), table)
    if op.get_bind().dialect.name == "postgresql":
        named = [inspector.get_pk_constraint(table)["name"], *(u["name"] for u in inspector.get_unique_constraints(table))]
        for name in named:
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {name} TO {name}_old")
    _lift(table)
    op.rename_table(table, f"{table}_old")


def _lift(table: str) -> None:
    connection = op.get_bind()
    for word in ("changed", "removed", "emptied", "rewritten"):
        name = f"{table}_is_never_{word}"
        if connection.dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        else:
            op.execute(f"DROP TRIGGER IF EXISTS {name}")


def _forget_guards(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for word in ("changed", "removed", "emptied", "rewritten"):
            op.execute(f"DROP FUNCTION IF EXISTS {table}_is_never_{word}()")


class _Carrier:
    """Carries rows from the old tables to the new ones."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._new = sa.MetaData()
        self._new.reflect(connection)
        self._seen: dict[str, set[str]] = {}
        self._submissions: set[str] = set()
        self._messages: set[str] = set()
        self._units: dict[str, str] = {}
        self._asked_in: dict[tuple[str, str, int], dict[str, str]] = {}

    def carry(self) -> None:
        """Everything, in the order in which one row points to another."""
        self._cycles()
        self._name_from_forms()
        self._messages_()
        self._requests()
        self._submissions_()
        self._imported()
        self._events()
        self._letters()
        for table, key in (("mailbox_cursor", "mailbox"), ("stamp", "name")):
            self._add(table, *(dict(row._mapping) for row in self._rows(table, key)))

    def _rows(self, table: str, order: str = "number") -> Iterator[Any]:
        old = self._new.tables[f"{table}_old"]
        columns = [sa.type_coerce(c, sa.DateTime(timezone=True)).label(c.name) if c.name in _MOMENTS else c for c in old.c]
        return iter(self._connection.execute(sa.select(*columns).order_by(old.c[order])).all())

    def _add(self, table: str, *rows: dict[str, Any]) -> None:
        if rows:
            self._connection.execute(self._new.tables[table].insert(), list(rows))

    def _name(self, table: str, key: str, value: str, **others: Any) -> None:
        """A row for what others point to, once."""
        seen = self._seen.setdefault(table, set())
        if value not in seen:
            seen.add(value)
            self._add(table, {key: value, **others})

    def _quarter(self, key: str) -> None:
        year, number = int(key[:4]), int(key[-1])
        month, last = ((4, (6, 30)), (7, (9, 30)), (10, (12, 31)), (1, (3, 31)))[number - 1]
        in_year = year + (number == 4)
        self._name("cycle", "quarter", key, starts=date(in_year, month, 1), ends=date(in_year, *last))

    def _respondent(self, key: str) -> None:
        self._name("respondent", "key", key, code="", name="")

    def _series(self, ref: str) -> None:
        self._name("series", "ref", ref, measure="", title="", unit="")

    def _area(self, code: str) -> None:
        self._name("area", "code", code, name="")

    # Cycles -----------------------------------------------------------------------------------------------

    def _cycles(self) -> None:
        for row in self._rows("cycle_plan", "quarter"):
            dates = json.loads(row.dates)
            self._quarter(row.quarter)
            self._add("cycle_plan", {
                "quarter": row.quarter, "extract_request": _day(dates["extract_request"]),
                "extract_due": _moment(dates["extract_due"]), "open": _day(dates["open"]), "due": _moment(dates["due"]),
                "close": _moment(dates["close"]), "pre_election": dates["pre_election"],
            })
            self._add("cycle_plan_paper", *(
                {
                    "quarter": row.quarter, "position": position, "board": paper["board"],
                    **{name: _day(paper[name]) for name in ("meeting", "papers_out", "clearance", "draft")},
                }
                for position, paper in enumerate(dates["papers"])
            ))
            self._add("cycle_plan_warning", *(
                {"quarter": row.quarter, "position": position, "sentence": sentence}
                for position, sentence in enumerate(dates["warnings"])
            ))

    # Messages ---------------------------------------------------------------------------------------------

    def _messages_(self) -> None:
        verdicts = 0
        for row in self._rows("message"):
            self._messages.add(row.id)
            self._add("message", {
                "id": row.id, "source": row.source, "content": row.content, "received": row.received,
                "size": row.size, "whole": bool(row.whole), "attempts": row.attempts, "sender": row.sender,
                "subject": row.subject,
            })
            self._add("message_mark", *({"message": row.id, "mark": mark} for mark in _unlisted(row.marks)))
            if not row.verdict:
                continue
            verdicts += 1
            self._add("message_verdict", {
                "message": row.id, "verdict": row.verdict, "reason": row.reason, "given": None, "reopened": None,
            })
            for position, key in enumerate(dict.fromkeys(_unlisted(row.respondents))):
                self._respondent(key)
                self._add("message_verdict_respondent", {"verdict": verdicts, "position": position, "respondent": key})
        for row in self._rows("message_source", "source"):
            self._add("message_source", {"source": row.source, "message": row.message})

    # Requests and returns -----------------------------------------------------------------------------------

    def _name_from_forms(self) -> None:
        """The names that the latest form of each respondent says, before anything points to them."""
        latest = {row.respondent: json.loads(row.form) for row in self._rows("request", "id")}
        for key, form in latest.items():
            self._name("respondent", "key", key, code=form["reference"]["code"], name=form["respondent_name"])
            for line in form["figures"]:
                self._name("area", "code", line["area"]["code"], name=line["area"]["name"])
                self._name("series", "ref", line["ref"], measure=line["measure"], title=line["title"], unit=line["unit"])
                self._units.setdefault(line["ref"], line["unit"])
    def _requests(self) -> None:
        for row in self._rows("request", "id"):
            self._quarter(row.quarter)
            form = json.loads(row.form)
            self._asked_in[(row.quarter, row.respondent, row.revision)] = {
                line["ref"]: line["unit"] for line in form["figures"]
            }
            self._add("request", {
                "quarter": row.quarter, "respondent": row.respondent, "revision": row.revision,
                "workbook": row.workbook, "form_shape": 1, "form": row.form,
            })

    def _submissions_(self) -> None:
        for row in self._rows("submission"):
            body = json.loads(row.body)
            self._quarter(row.quarter)
            self._respondent(row.respondent)
            self._submissions.add(row.id)
            self._add("submission", {
                "id": row.id, "quarter": row.quarter, "respondent": row.respondent, "sequence": row.sequence,
                "content": row.content, "message": body["message"], "attachment": body["attachment"],
                "revision": body["revision"], "received": _moment(body["received"]), "sender": body["sender"],
                "completed_by": body["sign_off"]["completed_by"], "completed_as": body["sign_off"]["position"],
                "completed_on": body["sign_off"]["date"], "late": body["late"],
            })
            units = self._asked_in.get((row.quarter, row.respondent, body["revision"]), {})
            for position, figure in enumerate(body["figures"]):
                self._figure(figure, row.id, row.respondent, position, units)
            self._parts(row.id, body)

    def _parts(self, of: str, body: dict[str, Any]) -> None:
        for area, series, _ in body["disputes"]:
            self._area(area)
            self._series(series)
        each = {
            "narrative": [dict(part) for part in body["narratives"]],
            "finding": [
                {**{name: part[name] for name in part if name not in {"key", "column"}}, "line": part["key"],
                 "header": part["column"]}
                for part in body["findings"]
            ],
            "typed_cell": [dict(part) for part in body["readings"]],
            "dispute": [{"area": area, "series": series, "reason": said} for area, series, said in body["disputes"]],
            "remark": [{"sentence": sentence} for sentence in body["remarks"]],
        }
        for table, parts in each.items():
            self._add(table, *({"submission": of, "position": n, **part} for n, part in enumerate(parts)))

    def _imported(self) -> None:
        for row in self._rows("figure"):
            if not row.submission:
                self._figure(json.loads(row.body), None, None, 0, {})

    def _figure(
        self, body: dict[str, Any], submission: str | None, respondent: str | None, position: int,
        units: dict[str, str],
    ) -> None:
        """`units` are those of the form that was filled in; else the one of the series' latest form is the nearest."""
        self._series(body["series"])
        self._area(body["area"])
        origin = body["provenance"]
        row: dict[str, Any] = {
            "submission": submission, "position": position, "respondent": respondent, "series": body["series"],
            "area": body["area"], "period": body["period"], "as_at": _day(body["as_at"]), "exact": body["value"],
            "status": body["status"], "base": body["base"], "note": body["note"], "drove_it": body["drove_it"],
            "source": origin["source"], "message": origin["message"] or None, "attachment": origin["attachment"],
            "sheet": origin["sheet"], "cell": origin["cell"], "licence": origin["licence"],
            "illustrative": origin["illustrative"],
        }
        said = [
            row["submission"], row["position"], row["series"], row["area"], row["period"], body["as_at"], row["exact"],
            row["status"], row["base"], row["note"], row["drove_it"], row["source"], row["message"], row["attachment"],
            row["sheet"], row["cell"], row["licence"], row["illustrative"],
        ]
        identity = sha256("\0".join("\1" if part is None else str(part) for part in said).encode()).hexdigest()
        self._add("figure", {"id": identity, "unit": units.get(body["series"]) or self._units.get(body["series"], ""), **row})

    # Events -----------------------------------------------------------------------------------------------

    def _events(self) -> None:
        for row in self._rows("event", "id"):
            facts = json.loads(row.facts)
            if row.quarter:
                self._quarter(row.quarter)
            if row.respondent:
                self._respondent(row.respondent)
            of_submission = row.kind in _ABOUT_A_SUBMISSION and row.subject in self._submissions
            of_message = row.kind in _ABOUT_A_MESSAGE and row.subject in self._messages
            self._add("event", {
                "quarter": row.quarter or None, "at": row.at, "kind": row.kind, "by": row.by,
                "respondent": row.respondent or None, "submission": row.subject if of_submission else None,
                "message": row.subject if of_message else None,
                "subject": "" if of_submission or of_message else row.subject,
                "facts_shape": 2 if row.kind == "absence seen" and "assumed" in facts else 1, "facts": row.facts,
            })


    # Letters ----------------------------------------------------------------------------------------------

    def _letters(self) -> None:
        for row in self._rows("letter"):
            if row.quarter:
                self._quarter(row.quarter)
            self._add("letter", {**_unnumbered(row), "quarter": row.quarter or None})
        for row in self._rows("letter_about"):
            if row.respondent:
                self._respondent(row.respondent)
            self._add("letter_about", _unnumbered(row))


def _unnumbered(row: Any) -> dict[str, Any]:
    """The database numbers rows itself, in the order in which they come, and goes on from there."""
    return {name: value for name, value in row._mapping.items() if name != "number"}


def _unlisted(text: str) -> list[str]:
    return text.split(",") if text else []


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _moment(text: str) -> datetime:
    from datetime import UTC

    return datetime.fromisoformat(text).astimezone(UTC)


def _views() -> None:
    op.execute(
        "CREATE VIEW approval AS SELECT event.quarter, event.respondent, event.submission, submission.sequence, "
        "submission.content, event.by AS approved_by, event.at AS approved_at, event.number AS event "
        "FROM event JOIN submission ON submission.id = event.submission WHERE event.kind = 'return approved'"
    )
    op.execute(
        "CREATE VIEW standing_figure AS SELECT figure.period, figure.area, area.name AS area_name, figure.series, "
        "series.measure, series.title, figure.value, figure.unit, figure.status, figure.base, figure.as_at, "
        "figure.note, figure.drove_it, figure.respondent, respondent.name AS respondent_name, figure.submission, "
        "figure.source, figure.sheet, figure.cell, figure.attachment, figure.licence, figure.illustrative, figure.number "
        "FROM figure JOIN area ON area.code = figure.area JOIN series ON series.ref = figure.series "
        "LEFT JOIN respondent ON respondent.key = figure.respondent "
        "LEFT JOIN submission ON submission.id = figure.submission "
        "WHERE figure.submission IS NULL AND figure.number = (SELECT MAX(twin.number) FROM figure AS twin "
        "WHERE twin.submission IS NULL AND twin.series = figure.series AND twin.area = figure.area "
        "AND twin.period = figure.period AND twin.as_at = figure.as_at AND twin.source = figure.source) "
        "OR submission.sequence = (SELECT MAX(other.sequence) FROM submission AS other "
        "WHERE other.quarter = submission.quarter AND other.respondent = submission.respondent)"
    )


def _create() -> None:
    op.create_table(
        "area",
        sa.Column("code", sa.String(), nullable=False, comment='ONS code'),
        sa.Column("name", sa.String(), nullable=False, comment='As last configured; empty when never named'),
        sa.PrimaryKeyConstraint('code', name="pk_area"),
    )
    op.create_table(
        "series",
        sa.Column("ref", sa.String(), nullable=False, comment='As it stands on every form, such as M01.1'),
        sa.Column("measure", sa.String(), nullable=False, comment="The measure's ref, such as M01"),
        sa.Column("title", sa.Text(), nullable=False, comment='As last configured; empty when never named'),
        sa.Column("unit", sa.String(), nullable=False, comment='As last configured; a figure keeps its own'),
        sa.PrimaryKeyConstraint('ref', name="pk_series"),
    )
    op.create_table(
        "respondent",
        sa.Column("key", sa.String(), nullable=False, comment='Its name in config and commands'),
        sa.Column("code", sa.String(), nullable=False, comment='Its short form in references'),
        sa.Column("name", sa.String(), nullable=False, comment='As last configured; empty when never named'),
        sa.PrimaryKeyConstraint('key', name="pk_respondent"),
    )
    op.create_table(
        "cycle",
        sa.Column("quarter", sa.String(), nullable=False, comment='Such as 2014/15-Q2: July to September 2014'),
        sa.Column("starts", sa.Date(), nullable=False, comment="The quarter's first day"),
        sa.Column("ends", sa.Date(), nullable=False, comment="The quarter's last day"),
        sa.PrimaryKeyConstraint('quarter', name="pk_cycle"),
    )
    op.create_table(
        "cycle_plan",
        sa.Column("quarter", sa.String(), nullable=False, comment='The round'),
        sa.Column("extract_request", sa.Date(), nullable=False, comment="When the force's analyst is asked"),
        sa.Column("extract_due", sa.DateTime(timezone=True), nullable=False, comment="When the force's extract is due"),
        sa.Column("open", sa.Date(), nullable=False, comment='When requests go out'),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False, comment='The soft deadline of returns'),
        sa.Column("close", sa.DateTime(timezone=True), nullable=False, comment='The hard deadline of returns'),
        sa.Column("pre_election", sa.Boolean(), nullable=False, comment='Whether a pre-election period bears on it'),
        sa.PrimaryKeyConstraint('quarter', name="pk_cycle_plan"),
        sa.ForeignKeyConstraint(["quarter"], ["cycle.quarter"], name="fk_cycle_plan_quarter"),
    )
    op.create_table(
        "cycle_plan_paper",
        sa.Column("quarter", sa.String(), nullable=False, comment='The plan'),
        sa.Column("position", sa.Integer(), nullable=False, comment="In the plan's order"),
        sa.Column("board", sa.String(), nullable=False, comment="The board's key in the config"),
        sa.Column("meeting", sa.Date(), nullable=False, comment='The day it sits'),
        sa.Column("papers_out", sa.Date(), nullable=False, comment='The latest day to send papers'),
        sa.Column("clearance", sa.Date(), nullable=False, comment='When the paper is cleared'),
        sa.Column("draft", sa.Date(), nullable=False, comment='When it is drafted'),
        sa.PrimaryKeyConstraint('quarter', 'position', name="pk_cycle_plan_paper"),
        sa.ForeignKeyConstraint(["quarter"], ["cycle_plan.quarter"], name="fk_cycle_plan_paper_quarter"),
    )
    op.create_table(
        "cycle_plan_warning",
        sa.Column("quarter", sa.String(), nullable=False, comment='The plan'),
        sa.Column("position", sa.Integer(), nullable=False, comment="In the plan's order"),
        sa.Column("sentence", sa.Text(), nullable=False, comment='The sentence'),
        sa.PrimaryKeyConstraint('quarter', 'position', name="pk_cycle_plan_warning"),
        sa.ForeignKeyConstraint(["quarter"], ["cycle_plan.quarter"], name="fk_cycle_plan_warning_quarter"),
    )
    op.create_table(
        "message",
        sa.Column("number", sa.Integer(), nullable=False, comment='In the order of storing'),
        sa.Column("id", sa.String(), nullable=False, comment='Its content identity'),
        sa.Column("source", sa.String(), nullable=False, comment='Where in the mailbox it was first seen'),
        sa.Column("content", sa.String(), nullable=False, comment='SHA-256 of its raw bytes in the archive'),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False, comment='When the mail system received it'),
        sa.Column("size", sa.Integer(), nullable=False, comment='Bytes as received'),
        sa.Column("whole", sa.Boolean(), nullable=False, comment='False: too large, only its headers were kept'),
        sa.Column("attempts", sa.Integer(), nullable=False, comment='How often it was begun to be judged since it was last reopened'),
        sa.Column("sender", sa.Text(), nullable=False, comment='From, as sent. Keeps address'),
        sa.Column("subject", sa.Text(), nullable=False, comment='As sent. Keeps words'),
        sa.PrimaryKeyConstraint('number', name="pk_message"),
        sa.UniqueConstraint('id', name="uq_message_id"),
    )
    op.create_table(
        "message_mark",
        sa.Column("message", sa.String(), nullable=False, comment='The message'),
        sa.Column("mark", sa.String(), nullable=False, comment='The mark'),
        sa.PrimaryKeyConstraint('message', 'mark', name="pk_message_mark"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_message_mark_message"),
        sa.CheckConstraint("mark IN ('away', 'bounce', 'receipt', 'recall', 'meeting', 'cloud file')", name=op.f("ck_message_mark_ck_message_mark_mark")),
    )
    op.create_table(
        "message_source",
        sa.Column("source", sa.String(), nullable=False, comment='Where in the mailbox'),
        sa.Column("message", sa.String(), nullable=False, comment='The message'),
        sa.PrimaryKeyConstraint('source', 'message', name="pk_message_source"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_message_source_message"),
    )
    op.create_table(
        "message_verdict",
        sa.Column("number", sa.Integer(), nullable=False, comment='In the order of storing'),
        sa.Column("message", sa.String(), nullable=False, comment='The message'),
        sa.Column("verdict", sa.String(), nullable=False, comment='The verdict'),
        sa.Column("reason", sa.Text(), nullable=False, comment='Why, in a sentence. Keeps words'),
        sa.Column("given", sa.DateTime(timezone=True), nullable=True, comment='When; none where an earlier version did not keep it'),
        sa.Column("reopened", sa.DateTime(timezone=True), nullable=True, comment='When it was taken back, so that the message was judged anew'),
        sa.PrimaryKeyConstraint('number', name="pk_message_verdict"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_message_verdict_message"),
        sa.CheckConstraint("verdict IN ('return', 'approval', 'nil', 'declined', 'command', 'question', 'out-of-office', 'bounce', 'read receipt', 'own', 'duplicate', 'no workbook', 'unreadable', 'noise', 'held', 'quarantined')", name=op.f("ck_message_verdict_ck_message_verdict_verdict")),
    )
    op.create_index("ix_message_verdict_message", "message_verdict", ['message'])
    op.create_index("uq_message_verdict_standing", "message_verdict", ['message'], unique=True, sqlite_where=sa.text("reopened IS NULL"), postgresql_where=sa.text("reopened IS NULL"))
    op.create_table(
        "message_verdict_respondent",
        sa.Column("verdict", sa.Integer(), nullable=False, comment='The verdict'),
        sa.Column("position", sa.Integer(), nullable=False, comment='In the order named'),
        sa.Column("respondent", sa.String(), nullable=False, comment='The respondent'),
        sa.PrimaryKeyConstraint('verdict', 'position', name="pk_message_verdict_respondent"),
        sa.ForeignKeyConstraint(["respondent"], ["respondent.key"], name="fk_message_verdict_respondent_respondent"),
        sa.ForeignKeyConstraint(["verdict"], ["message_verdict.number"], name="fk_message_verdict_respondent_verdict"),
    )
    op.create_table(
        "request",
        sa.Column("number", sa.Integer(), nullable=False, comment='In the order of storing'),
        sa.Column("quarter", sa.String(), nullable=False, comment='The round'),
        sa.Column("respondent", sa.String(), nullable=False, comment='Who was asked'),
        sa.Column("revision", sa.Integer(), nullable=False, comment='Counts the forms issued to the respondent in the round'),
        sa.Column("workbook", sa.String(), nullable=False, comment='SHA-256 of the workbook in the archive'),
        sa.Column("form_shape", sa.Integer(), nullable=False, comment='The version of the shape of `form`'),
        sa.Column("form", sa.Text(), nullable=False, comment="The form's definition as it was sent, JSON. Keeps words"),
        sa.PrimaryKeyConstraint('number', name="pk_request"),
        sa.ForeignKeyConstraint(["quarter"], ["cycle.quarter"], name="fk_request_quarter"),
        sa.ForeignKeyConstraint(["respondent"], ["respondent.key"], name="fk_request_respondent"),
        sa.UniqueConstraint('quarter', 'respondent', 'revision', name="uq_request_quarter"),
    )
    op.create_table(
        "submission",
        sa.Column("number", sa.Integer(), nullable=False, comment='In the order of storing'),
        sa.Column("id", sa.String(), nullable=False, comment='Its identity'),
        sa.Column("quarter", sa.String(), nullable=False, comment='The round'),
        sa.Column("respondent", sa.String(), nullable=False, comment='Whose return it is'),
        sa.Column("sequence", sa.Integer(), nullable=False, comment='The version, from 1'),
        sa.Column("content", sa.String(), nullable=False, comment='SHA-256 of what it says, the same in whatever file it stands'),
        sa.Column("message", sa.String(), nullable=False, comment='The message that brought it'),
        sa.Column("attachment", sa.String(), nullable=False, comment='SHA-256 of the file that it was read from'),
        sa.Column("revision", sa.Integer(), nullable=False, comment='The revision of the form that was filled in'),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False, comment='When its message was received'),
        sa.Column("sender", sa.String(), nullable=False, comment='Who sent it. Keeps address'),
        sa.Column("completed_by", sa.Text(), nullable=False, comment='Who says they completed the form, as typed. Keeps name'),
        sa.Column("completed_as", sa.Text(), nullable=False, comment='Their position, as typed. Keeps name'),
        sa.Column("completed_on", sa.Text(), nullable=False, comment='The date of signing, as typed. Keeps words'),
        sa.Column("late", sa.Boolean(), nullable=False, comment='Whether it came after its due date'),
        sa.PrimaryKeyConstraint('number', name="pk_submission"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_submission_message"),
        sa.ForeignKeyConstraint(["quarter"], ["cycle.quarter"], name="fk_submission_quarter"),
        sa.ForeignKeyConstraint(["respondent"], ["respondent.key"], name="fk_submission_respondent"),
        sa.UniqueConstraint('id', name="uq_submission_id"),
        sa.UniqueConstraint('quarter', 'respondent', 'sequence', name="uq_submission_quarter"),
    )
    op.create_table(
        "figure",
        sa.Column("number", sa.Integer(), nullable=False, comment='In the order of storing'),
        sa.Column("id", sa.String(), nullable=False, comment='SHA-256 of the rest, so that a file imported twice adds nothing'),
        sa.Column("submission", sa.String(), nullable=True, comment='The return it stands in; none: imported'),
        sa.Column("position", sa.Integer(), nullable=False, comment='Its place in the submission'),
        sa.Column("respondent", sa.String(), nullable=True, comment='Whose return it stands in; none: imported'),
        sa.Column("series", sa.String(), nullable=False, comment='What is counted'),
        sa.Column("area", sa.String(), nullable=False, comment='Where it is counted'),
        sa.Column("period", sa.String(), nullable=False, comment='A quarter (2014/15-Q2) or a financial year (2013/14)'),
        sa.Column("as_at", sa.Date(), nullable=False, comment='The day on which it was so'),
        sa.Column("exact", sa.String(), nullable=True, comment='The value, digit for digit; none where the status carries no number'),
        sa.Column("value", sa.Numeric(), sa.Computed("CAST(exact AS NUMERIC)", persisted=True), nullable=True, comment='The value as a number, reckoned from `exact`'),
        sa.Column("unit", sa.String(), nullable=False, comment='What it counts; empty where it was never said'),
        sa.Column("status", sa.String(), nullable=False, comment='What sort of value it is'),
        sa.Column("base", sa.Integer(), nullable=True, comment='The n behind a per cent or a survey'),
        sa.Column("note", sa.Text(), nullable=False, comment='What was written beside it. Keeps words'),
        sa.Column("drove_it", sa.Text(), nullable=False, comment='What is said to have driven it. Keeps words'),
        sa.Column("source", sa.Text(), nullable=False, comment='The file, publication or return it comes from'),
        sa.Column("message", sa.String(), nullable=True, comment='The message that brought it; none: imported'),
        sa.Column("attachment", sa.String(), nullable=False, comment='SHA-256 of the file it was read from'),
        sa.Column("sheet", sa.Text(), nullable=False, comment='The sheet it was read from'),
        sa.Column("cell", sa.String(), nullable=False, comment='The cell it was read from'),
        sa.Column("licence", sa.Text(), nullable=False, comment='The licence of a published figure'),
        sa.Column("illustrative", sa.Boolean(), nullable=False, comment='Whether it was made up for a rehearsal'),
        sa.PrimaryKeyConstraint('number', name="pk_figure"),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name="fk_figure_area"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_figure_message"),
        sa.ForeignKeyConstraint(["respondent"], ["respondent.key"], name="fk_figure_respondent"),
        sa.ForeignKeyConstraint(["series"], ["series.ref"], name="fk_figure_series"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_figure_submission"),
        sa.CheckConstraint("status IN ('final', 'provisional', 'revised', 'estimated', 'suppressed', 'not available', 'not applicable', 'not yet knowable', 'nil')", name=op.f("ck_figure_ck_figure_status")),
        sa.UniqueConstraint('id', name="uq_figure_id"),
    )
    op.create_index("ix_figure_kept", "figure", ['series', 'area', 'period'])
    op.create_index("ix_figure_submission", "figure", ['submission'])
    op.create_table(
        "narrative",
        sa.Column("submission", sa.String(), nullable=False, comment='The version it stands in'),
        sa.Column("position", sa.Integer(), nullable=False, comment='Its place in the submission'),
        sa.Column("ref", sa.String(), nullable=False, comment='The theme, measure, objective or action it is about'),
        sa.Column("text", sa.Text(), nullable=False, comment='As written. Keeps words'),
        sa.Column("sheet", sa.Text(), nullable=False, comment='The sheet it was read from'),
        sa.Column("cell", sa.String(), nullable=False, comment='The cell it was read from'),
        sa.Column("promise", sa.Text(), nullable=False, comment='What was promised for the next quarter, as written. Keeps words'),
        sa.PrimaryKeyConstraint('submission', 'position', name="pk_narrative"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_narrative_submission"),
    )
    op.create_table(
        "finding",
        sa.Column("submission", sa.String(), nullable=False, comment='The version it stands in'),
        sa.Column("position", sa.Integer(), nullable=False, comment='Its place in the submission'),
        sa.Column("code", sa.String(), nullable=False, comment='The rule that found it'),
        sa.Column("severity", sa.String(), nullable=False, comment='A fault must be mended, a query may be explained'),
        sa.Column("sheet", sa.Text(), nullable=False, comment='Where it was found'),
        sa.Column("cell", sa.String(), nullable=False, comment='Where it was found'),
        sa.Column("line", sa.String(), nullable=False, comment="The row of the form: area code and ref, or a box's ref"),
        sa.Column("header", sa.Text(), nullable=False, comment='The column of the form'),
        sa.Column("found", sa.Text(), nullable=False, comment='What stood there. Keeps words'),
        sa.Column("wanted", sa.Text(), nullable=False, comment='What to do'),
        sa.Column("example", sa.Text(), nullable=False, comment='What would be right'),
        sa.PrimaryKeyConstraint('submission', 'position', name="pk_finding"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_finding_submission"),
        sa.CheckConstraint("severity IN ('fault', 'query')", name=op.f("ck_finding_ck_finding_severity")),
    )
    op.create_table(
        "typed_cell",
        sa.Column("submission", sa.String(), nullable=False, comment='The version it stands in'),
        sa.Column("position", sa.Integer(), nullable=False, comment='Its place in the submission'),
        sa.Column("sheet", sa.Text(), nullable=False, comment='Where it stood'),
        sa.Column("cell", sa.String(), nullable=False, comment='Where it stood'),
        sa.Column("typed", sa.Text(), nullable=False, comment='As typed. Keeps words'),
        sa.Column("recorded", sa.Text(), nullable=False, comment='As it was recorded'),
        sa.Column("remark", sa.Text(), nullable=False, comment='What was said of it'),
        sa.PrimaryKeyConstraint('submission', 'position', name="pk_typed_cell"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_typed_cell_submission"),
    )
    op.create_table(
        "dispute",
        sa.Column("submission", sa.String(), nullable=False, comment='The version it stands in'),
        sa.Column("position", sa.Integer(), nullable=False, comment='Its place in the submission'),
        sa.Column("area", sa.String(), nullable=False, comment='Where it is counted'),
        sa.Column("series", sa.String(), nullable=False, comment='What is counted'),
        sa.Column("reason", sa.Text(), nullable=False, comment='As written. Keeps words'),
        sa.PrimaryKeyConstraint('submission', 'position', name="pk_dispute"),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name="fk_dispute_area"),
        sa.ForeignKeyConstraint(["series"], ["series.ref"], name="fk_dispute_series"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_dispute_submission"),
    )
    op.create_table(
        "remark",
        sa.Column("submission", sa.String(), nullable=False, comment='The version it stands in'),
        sa.Column("position", sa.Integer(), nullable=False, comment='Its place in the submission'),
        sa.Column("sentence", sa.Text(), nullable=False, comment='The sentence. Keeps words'),
        sa.PrimaryKeyConstraint('submission', 'position', name="pk_remark"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_remark_submission"),
    )
    op.create_table(
        "event",
        sa.Column("number", sa.Integer(), nullable=False, comment='In the order of storing'),
        sa.Column("quarter", sa.String(), nullable=True, comment='The round; none: the service as a whole'),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment='When'),
        sa.Column("kind", sa.String(), nullable=False, comment='What happened'),
        sa.Column("by", sa.Text(), nullable=False, comment='Who or what caused it. Keeps address'),
        sa.Column("respondent", sa.String(), nullable=True, comment='Whose return; none: the whole round'),
        sa.Column("submission", sa.String(), nullable=True, comment='The version it is about'),
        sa.Column("message", sa.String(), nullable=True, comment='The message it is about'),
        sa.Column("subject", sa.Text(), nullable=False, comment='What else it is about: an address, a board, a file. Keeps address'),
        sa.Column("facts_shape", sa.Integer(), nullable=False, comment='The version of the shape of `facts`'),
        sa.Column("facts", sa.Text(), nullable=False, comment='The few values that the fold and people need, JSON. Keeps words'),
        sa.PrimaryKeyConstraint('number', name="pk_event"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_event_message"),
        sa.ForeignKeyConstraint(["quarter"], ["cycle.quarter"], name="fk_event_quarter"),
        sa.ForeignKeyConstraint(["respondent"], ["respondent.key"], name="fk_event_respondent"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_event_submission"),
    )
    op.create_index("ix_event_kind", "event", ['kind'])
    op.create_index("ix_event_quarter", "event", ['quarter'])
    op.create_index("ix_event_respondent", "event", ['respondent'])
    op.create_table(
        "letter",
        sa.Column("number", sa.Integer(), nullable=False, comment='In the order of storing'),
        sa.Column("id", sa.String(), nullable=False, comment='The delivery id, reckoned from the Message-ID'),
        sa.Column("kind", sa.String(), nullable=False, comment='Which letter: its folder in templates/emails'),
        sa.Column("cause", sa.Text(), nullable=False, comment='Identifies it beside kind and recipient; never read. Keeps address'),
        sa.Column("recipient", sa.String(), nullable=False, comment='Whom it goes to. Keeps address'),
        sa.Column("quarter", sa.String(), nullable=True, comment='The round; none: the service as a whole'),
        sa.Column("manner", sa.String(), nullable=False, comment='How it behaves on its way out'),
        sa.Column("subject", sa.Text(), nullable=False, comment='As it stands in its bytes. Keeps words'),
        sa.Column("message_id", sa.String(), nullable=False, comment='As it stands in its bytes'),
        sa.Column("content", sa.String(), nullable=False, comment='SHA-256 of its bytes in the archive'),
        sa.Column("state", sa.String(), nullable=False, comment='Where it stands on its way out'),
        sa.Column("queued", sa.DateTime(timezone=True), nullable=False, comment='When it was written'),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False, comment='Put off until then'),
        sa.Column("handed", sa.DateTime(timezone=True), nullable=True, comment='When the last hand-over began'),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=True, comment='When it was proved to have been handed over'),
        sa.Column("reason", sa.Text(), nullable=False, comment='Why it stands there, in a sentence. Keeps address'),
        sa.Column("proof", sa.Text(), nullable=False, comment='What the mail system said. Keeps address'),
        sa.Column("token", sa.Integer(), nullable=False, comment='Fences: it rises with each claim'),
        sa.Column("attempts", sa.Integer(), nullable=False, comment='How many hand-overs were begun'),
        sa.Column("resubmissions", sa.Integer(), nullable=False, comment='How often the same bytes went again after a look-up found nothing'),
        sa.Column("lease_until", sa.Float(), nullable=False, comment="Until when a claim is its worker's own, machine time in seconds"),
        sa.PrimaryKeyConstraint('number', name="pk_letter"),
        sa.ForeignKeyConstraint(["quarter"], ["cycle.quarter"], name="fk_letter_quarter"),
        sa.CheckConstraint("manner IN ('answer', 'timed', 'office')", name=op.f("ck_letter_ck_letter_manner")),
        sa.CheckConstraint("state IN ('queued', 'held', 'withdrawn', 'claimed', 'handing', 'sent', 'unknown', 'failed', 'for a person')", name=op.f("ck_letter_ck_letter_state")),
        sa.UniqueConstraint('id', name="uq_letter_id"),
        sa.UniqueConstraint('kind', 'cause', 'recipient', name="uq_letter_kind"),
        sa.UniqueConstraint('message_id', name="uq_letter_message_id"),
    )
    op.create_index("ix_letter_quarter", "letter", ['quarter'])
    op.create_index("ix_letter_recipient", "letter", ['recipient'])
    op.create_index("ix_letter_state", "letter", ['state'])
    op.create_table(
        "letter_about",
        sa.Column("number", sa.Integer(), nullable=False, comment='In the order of storing'),
        sa.Column("letter", sa.String(), nullable=False, comment='The letter'),
        sa.Column("position", sa.Integer(), nullable=False, comment="In the letter's order"),
        sa.Column("respondent", sa.String(), nullable=True, comment='Whose own information is in it'),
        sa.Column("submission", sa.String(), nullable=True, comment='The version asked about or answered'),
        sa.Column("rung", sa.String(), nullable=True, comment='The rung of the ladder, such as overdue+2'),
        sa.Column("due", sa.Date(), nullable=True, comment='The due date that the rung was counted from, or the new one that is given'),
        sa.Column("reminder", sa.Integer(), nullable=True, comment='Which reminder of the submission it is, from 1'),
        sa.Column("message", sa.String(), nullable=True, comment='The message that it answers or tells of'),
        sa.Column("board", sa.String(), nullable=True, comment='Whose paper it carries'),
        sa.Column("draft", sa.Integer(), nullable=True, comment='Which draft of the paper, from 1'),
        sa.Column("address", sa.String(), nullable=True, comment='An address that no longer serves. Keeps address'),
        sa.PrimaryKeyConstraint('number', name="pk_letter_about"),
        sa.ForeignKeyConstraint(["letter"], ["letter.id"], name="fk_letter_about_letter"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_letter_about_message"),
        sa.ForeignKeyConstraint(["respondent"], ["respondent.key"], name="fk_letter_about_respondent"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_letter_about_submission"),
        sa.UniqueConstraint('letter', 'position', name="uq_letter_about_letter"),
    )
    op.create_index("ix_letter_about_message", "letter_about", ['message'])
    op.create_index("ix_letter_about_respondent", "letter_about", ['respondent'])
    op.create_index("ix_letter_about_submission", "letter_about", ['submission'])
    op.create_table(
        "mailbox_cursor",
        sa.Column("mailbox", sa.String(), nullable=False, comment='The adapter and its address'),
        sa.Column("cursor", sa.Text(), nullable=False, comment='What the adapter said last'),
        sa.PrimaryKeyConstraint('mailbox', name="pk_mailbox_cursor"),
    )
    op.create_table(
        "stamp",
        sa.Column("name", sa.String(), nullable=False, comment='What is known'),
        sa.Column("value", sa.String(), nullable=False, comment='Its value'),
        sa.PrimaryKeyConstraint('name', name="pk_stamp"),
    )
