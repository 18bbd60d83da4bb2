"""What somebody says is dated by when it came, also where it was read days later"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of events that are there it is not known: they count as of when they were noted, as they did."""
    told = "When the message that caused it had come, where that was before"
    op.execute("DROP VIEW approval")
    op.add_column("event", sa.Column("came", sa.DateTime(timezone=True), nullable=True, comment=told))
    op.execute(
        "CREATE VIEW approval AS SELECT event.quarter, event.respondent, event.submission, submission.sequence, "
        "submission.content, event.by AS approved_by, COALESCE(event.came, event.at) AS approved_at, event.number AS event "
        "FROM event JOIN submission ON submission.id = event.submission WHERE event.kind = 'return approved'"
    )
