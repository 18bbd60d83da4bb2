"""How many a share counts, beside the n it counts them out of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is known of the shares that are stored; what is told of them stays as it was."""
    op.execute("DROP VIEW standing_figure")
    op.add_column(
        "figure",
        sa.Column(
            "count",
            sa.Integer(),
            sa.CheckConstraint("count >= 0 AND count <= base", name=op.f("ck_figure_count")),
            nullable=True,
            comment="How many of that n a share counts",
        ),
    )
    op.execute(
        "CREATE VIEW standing_figure AS SELECT figure.period, figure.area, area.name AS area_name, figure.series, "
        "series.measure, series.title, figure.value, figure.unit, figure.status, figure.count, figure.base, "
        "figure.as_at, figure.note, figure.drove_it, figure.respondent, respondent.name AS respondent_name, "
        "figure.submission, figure.source, figure.sheet, figure.cell, figure.attachment, figure.licence, "
        "figure.illustrative, figure.number "
        "FROM figure JOIN area ON area.code = figure.area JOIN series ON series.ref = figure.series "
        "LEFT JOIN respondent ON respondent.key = figure.respondent "
        "LEFT JOIN submission ON submission.id = figure.submission "
        "WHERE figure.submission IS NULL AND figure.number = (SELECT MAX(twin.number) FROM figure AS twin "
        "WHERE twin.submission IS NULL AND twin.series = figure.series AND twin.area = figure.area "
        "AND twin.period = figure.period AND twin.as_at = figure.as_at AND twin.source = figure.source) "
        "OR submission.sequence = (SELECT MAX(other.sequence) FROM submission AS other "
        "WHERE other.quarter = submission.quarter AND other.respondent = submission.respondent)"
    )
