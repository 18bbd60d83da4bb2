"""What is disposed of is known at whatever machine works at the store, no longer by a file of each alone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from csp_workflow.store.migrations.guards import never_rewritten

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table of its own. Each machine's file comes into it when the site is opened there next."""
    told = "SHA-256 of its identity, under the site's key"
    op.create_table(
        "disposed",
        sa.Column("hash", sa.String(), nullable=False, comment=told),
        sa.PrimaryKeyConstraint("hash", name="pk_disposed"),
    )
    never_rewritten("disposed", "hash")
