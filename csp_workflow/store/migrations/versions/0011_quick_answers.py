"""What is answered in the place of words, and what became of a promise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing of the kind was asked before."""
    op.add_column(
        "narrative",
        sa.Column(
            "answer",
            sa.String(),
            sa.CheckConstraint("answer IN ('nothing new', 'still holds')", name=op.f("ck_narrative_answer")),
            nullable=True,
            comment="What was answered in the place of words, or of the earlier text, which then stands",
        ),
    )
    op.add_column(
        "narrative",
        sa.Column(
            "promise_now",
            sa.String(),
            sa.CheckConstraint("promise_now IN ('kept', 'under way', 'dropped')", name=op.f("ck_narrative_promise_now")),
            nullable=True,
            comment="What became of what was promised a quarter before",
        ),
    )
