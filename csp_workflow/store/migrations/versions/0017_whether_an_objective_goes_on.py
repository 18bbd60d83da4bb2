"""At the year's end a partnership says of each objective whether it goes on, was reached, or ends"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from csp_workflow.store.migrations.guards import never_changed

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

_ANSWERS = "answer IN ('nothing new', 'still holds', 'goes on', 'reached', 'ends')"
_CHECK = "ck_narrative_answer"
_COLUMNS = "submission, position, ref, text, sheet, cell, promise, answer, promise_now"


def upgrade() -> None:
    """Every piece of words stands as it did."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(_CHECK), "narrative", type_="check")
        op.create_check_constraint(op.f(_CHECK), "narrative", _ANSWERS)
        return
    # SQLite cannot change a check: the table is made anew, and its rows and guards with it.
    _create_anew()
    op.execute(f"INSERT INTO narrative_anew ({_COLUMNS}) SELECT {_COLUMNS} FROM narrative")  # noqa: S608 - names
    op.drop_table("narrative")
    op.rename_table("narrative_anew", "narrative")
    never_changed("narrative")


def _create_anew() -> None:
    op.create_table(
        "narrative_anew",
        _column("submission", sa.String(), "The version it stands in"),
        _column("position", sa.Integer(), "Its place in the submission"),
        _column("ref", sa.String(), "The theme, measure, objective or action it is about"),
        _column("text", sa.Text(), "As written. Keeps words"),
        _column("sheet", sa.Text(), "The sheet it was read from"),
        _column("cell", sa.String(), "The cell it was read from"),
        _column("promise", sa.Text(), "What was promised for the next quarter, as written. Keeps words"),
        sa.Column("answer", sa.String(), nullable=True, comment=_ANSWER),
        sa.Column("promise_now", sa.String(), nullable=True, comment="What became of what was promised a quarter before"),
        sa.PrimaryKeyConstraint("submission", "position", name="pk_narrative"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_narrative_submission"),
        sa.CheckConstraint(_ANSWERS, name=op.f(_CHECK)),
        sa.CheckConstraint("promise_now IN ('kept', 'under way', 'dropped')", name=op.f("ck_narrative_promise_now")),
    )


_ANSWER = "What was answered in the place of words, or of the earlier text, which then stands"


def _column(name: str, of: sa.types.TypeEngine[Any], comment: str) -> sa.Column[Any]:
    return sa.Column(name, of, nullable=False, comment=comment)
