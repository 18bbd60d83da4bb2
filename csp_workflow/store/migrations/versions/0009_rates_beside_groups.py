"""What an extract says of an area beside its comparison group is kept: rate, average and limits, with where they stood"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from csp_workflow.store.migrations.guards import never_changed

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATUSES = (
    "'final', 'provisional', 'revised', 'estimated', 'suppressed', 'not available', 'not applicable', "
    "'not yet knowable', 'nil'"
)


def upgrade() -> None:
    """A table of its own: nothing that was stored before changes."""
    if op.get_bind().dialect.name == "postgresql":  # SQLite would make the table anew for the sake of a remark
        period = "A quarter (2014/15-Q2), a financial year (2013/14), other twelve months, or the middle of a year"
        op.alter_column("figure", "period", comment=period)
    op.create_table(
        "group_rate",
        sa.Column("number", sa.Integer(), nullable=False, comment="In the order of storing"),
        sa.Column("id", sa.String(), nullable=False, comment="SHA-256 of the rest, so that a file imported twice adds nothing"),
        sa.Column("series", sa.String(), nullable=False, comment="What is counted"),
        sa.Column("area", sa.String(), nullable=False, comment="Where it is counted"),
        sa.Column("period", sa.String(), nullable=False, comment="A quarter (2014/15-Q2), a financial year, or other twelve months"),
        sa.Column("as_at", sa.Date(), nullable=False, comment="The day on which it was so"),
        sa.Column("unit", sa.String(), nullable=False, comment="What the rates are per, such as per 1,000 residents"),
        sa.Column("status", sa.String(), nullable=False, comment="What sort of values they are"),
        sa.Column("members", sa.Integer(), nullable=False, comment="How many areas are in the group, with the area itself"),
        sa.Column("group_name", sa.Text(), nullable=False, comment="The group, as the extract calls it"),
        sa.Column("version", sa.Date(), nullable=False, comment="Since when the group has these areas"),
        sa.Column("rate", sa.String(), nullable=True, comment="The area's rate, digit for digit; none where the status carries no number"),
        sa.Column("average", sa.String(), nullable=True, comment="The group's average, digit for digit"),
        sa.Column("low", sa.String(), nullable=True, comment="The lower limit, digit for digit"),
        sa.Column("high", sa.String(), nullable=True, comment="The upper limit, digit for digit"),
        sa.Column("source", sa.Text(), nullable=False, comment="The file or publication it comes from"),
        sa.Column("attachment", sa.String(), nullable=False, comment="SHA-256 of the file it was read from"),
        sa.Column("sheet", sa.Text(), nullable=False, comment="The sheet it was read from"),
        sa.Column("cell", sa.String(), nullable=False, comment="The cell of the rate"),
        sa.Column("licence", sa.Text(), nullable=False, comment="The licence of published values"),
        sa.Column("illustrative", sa.Boolean(), nullable=False, comment="Whether it was made up for a rehearsal"),
        sa.PrimaryKeyConstraint("number", name="pk_group_rate"),
        sa.ForeignKeyConstraint(["area"], ["area.code"], name="fk_group_rate_area"),
        sa.ForeignKeyConstraint(["series"], ["series.ref"], name="fk_group_rate_series"),
        sa.CheckConstraint(f"status IN ({_STATUSES})", name=op.f("ck_group_rate_status")),
        sa.CheckConstraint("members >= 1", name=op.f("ck_group_rate_members")),
        sa.CheckConstraint(
            "(rate IS NULL AND average IS NULL AND low IS NULL AND high IS NULL) OR (rate IS NOT NULL AND average IS NOT NULL AND "
            "low IS NOT NULL AND high IS NOT NULL AND CAST(low AS NUMERIC) <= CAST(average AS NUMERIC) AND "
            "CAST(average AS NUMERIC) <= CAST(high AS NUMERIC))",
            name=op.f("ck_group_rate_limits"),
        ),
        sa.UniqueConstraint("id", name="uq_group_rate_id"),
    )
    op.create_index("ix_group_rate_kept", "group_rate", ["series", "area", "period"])
    never_changed("group_rate")
