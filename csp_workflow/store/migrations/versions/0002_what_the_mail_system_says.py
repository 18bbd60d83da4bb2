"""A message keeps what the mail system says of it beside its bytes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Messages that are there came from the embedded mailbox, which says nothing."""
    op.add_column("message", sa.Column("marks", sa.String(), nullable=False, server_default=""))
