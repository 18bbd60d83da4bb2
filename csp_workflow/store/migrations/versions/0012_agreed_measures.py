"""What partnerships count and aim at in a year is agreed with them, each version of it kept; letters say which"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from csp_workflow.store.migrations.guards import never_changed

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table of its own, and what letters of the agreeing are about: nothing that was stored before changes."""
    year = "The year whose measures are being agreed"
    op.add_column("letter_about", sa.Column("year", sa.String(), nullable=True, comment=year))
    version = "Which version of a partnership's measures, from 1"
    op.add_column("letter_about", sa.Column("version", sa.Integer(), nullable=True, comment=version))
    op.create_table(
        "measure_set",
        sa.Column("number", sa.Integer(), nullable=False, comment="In the order of storing"),
        sa.Column("respondent", sa.String(), nullable=False, comment="Whose measures they are"),
        sa.Column("year", sa.String(), nullable=False, comment="The financial year, such as 2014/15"),
        sa.Column("version", sa.Integer(), nullable=False, comment="The version, from 1"),
        sa.Column("content", sa.String(), nullable=False, comment="SHA-256 of what it says: a chair approves exactly one"),
        sa.Column("message", sa.String(), nullable=False, comment="The message that brought it"),
        sa.Column("measures_shape", sa.Integer(), nullable=False, comment="The version of the shape of `measures`"),
        sa.Column("measures", sa.Text(), nullable=False, comment="The measures and the objectives, JSON. Keeps words"),
        sa.PrimaryKeyConstraint("number", name="pk_measure_set"),
        sa.ForeignKeyConstraint(["respondent"], ["respondent.key"], name="fk_measure_set_respondent"),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name="fk_measure_set_message"),
        sa.UniqueConstraint("respondent", "year", "version", name="uq_measure_set_respondent"),
    )
    never_changed("measure_set")
