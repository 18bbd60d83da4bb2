"""A message is claimed as a letter is, so that workers do not take each other's; the archive may lie in the database"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from csp_workflow.store.migrations.guards import never_rewritten

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has a message in hand while the store is brought to its new shape."""
    for name, kind, comment in (
        ("token", sa.Integer(), "Fences: it rises with each claim"),
        ("abandoned", sa.Integer(), "How often a claim was left without a word since it was last reopened"),
        ("lease_until", sa.Float(), "Until when a claim is its worker's own, machine time in seconds; 0: let go"),
    ):
        op.add_column("message", sa.Column(name, kind, nullable=False, server_default="0", comment=comment))
    if op.get_bind().dialect.name == "postgresql":  # SQLite would make the table anew for the sake of a remark
        attempts = "How often judging it ended in a fault of our own since it was last reopened"
        op.alter_column("message", "attempts", comment=attempts)
    op.create_table(
        "archived_file",
        sa.Column("hash", sa.String(), nullable=False, comment="SHA-256 of the bytes"),
        sa.Column("data", sa.LargeBinary(), nullable=False, comment="The bytes. Keeps words"),
        sa.PrimaryKeyConstraint("hash", name="pk_archived_file"),
    )
    never_rewritten("archived_file", "hash", "data")
