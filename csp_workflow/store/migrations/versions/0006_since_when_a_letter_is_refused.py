"""Since when a letter is refused for now is kept with it: it is tried for days, counted from then"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of letters that were refused before it is not known: their days begin with the next refusal."""
    comment = "Since when it is refused for now"
    op.add_column("letter", sa.Column("refused", sa.DateTime(timezone=True), nullable=True, comment=comment))
