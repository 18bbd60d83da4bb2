"""What the co-ordinator set up by workbook, laid over the files of the configuration wherever the store is worked at"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from csp_workflow.store.migrations.guards import never_changed

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table of its own: nothing that was stored before changes."""
    op.create_table(
        "setup",
        sa.Column("number", sa.Integer(), nullable=False, comment="In the order of storing"),
        sa.Column("content", sa.String(), nullable=False, comment="SHA-256 of the workbook that brought it"),
        sa.Column("changes_shape", sa.Integer(), nullable=False, comment="The version of the shape of `changes`"),
        sa.Column("changes", sa.Text(), nullable=False, comment="Each entry as it was and as it is, JSON. Keeps address"),
        sa.PrimaryKeyConstraint("number", name="pk_setup"),
    )
    never_changed("setup")
