"""What somebody wrote in the e-mail that brought a return is kept with it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of returns that are there the words stand in their messages only."""
    comment = "What its sender wrote beside the form. Keeps words"
    op.add_column("submission", sa.Column("words", sa.Text(), nullable=False, server_default="", comment=comment))
