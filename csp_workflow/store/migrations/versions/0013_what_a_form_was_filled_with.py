"""What stands in each input of a return, what a form was filled with, and which findings are of what is not recorded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from csp_workflow.store.migrations.guards import never_changed

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INPUTS = "'out of', 'this quarter', 'status', 'drove it', 'note', 'value', 'extra', 'quick', 'promise now'"


def upgrade() -> None:
    """Of returns that are there the inputs stand in their files only; what they say is kept all the same."""
    comment = "The version of the return that its inputs were filled with; 0: of none"
    op.add_column("request", sa.Column("filled", sa.Integer(), nullable=False, server_default="0", comment=comment))
    doubt = "Whether what was seen there is not what is recorded"
    op.add_column(
        "finding", sa.Column("is_doubt", sa.Boolean(), nullable=False, server_default=sa.false(), comment=doubt)
    )
    op.create_table(
        "input",
        sa.Column("submission", sa.String(), nullable=False, comment="The version it stands in"),
        sa.Column("position", sa.Integer(), nullable=False, comment="Its place in the submission"),
        sa.Column("line", sa.Text(), nullable=False, comment="The row of the form: area code and ref, or a box's ref"),
        sa.Column("header", sa.String(), nullable=False, comment="Which input of the row"),
        sa.Column("text", sa.Text(), nullable=False, comment="As it stands there. Keeps words"),
        sa.Column("version", sa.Integer(), nullable=False, comment="The version that brought it"),
        sa.PrimaryKeyConstraint("submission", "position", name="pk_input"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_input_submission"),
        sa.CheckConstraint(f"header IN ({_INPUTS})", name=op.f("ck_input_header")),
    )
    never_changed("input")
