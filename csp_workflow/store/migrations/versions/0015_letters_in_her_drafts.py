"""A letter may wait in the Drafts folder, for the co-ordinator to send: since when, and what left in its place"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from csp_workflow.store.migrations.guards import never_removed, never_rewritten

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATES = (
    "'queued', 'held', 'withdrawn', 'claimed', 'handing', 'in drafts', 'sent', 'unknown', 'failed', 'for a person'"
)
_STATE = "ck_letter_ck_letter_state"
_OLD = (
    "number, id, kind, cause, recipient, quarter, manner, subject, message_id, content, state, queued, not_before, "
    "handed, sent, reason, proof, token, attempts, resubmissions, lease_until, refused"
)


def upgrade() -> None:
    """Every letter stands as it did: none was in Drafts before."""
    drafted = sa.Column(
        "drafted", sa.DateTime(timezone=True), nullable=True, comment="When it was last put into the Drafts folder"
    )
    missed = sa.Column(
        "missed",
        sa.DateTime(timezone=True),
        nullable=True,
        comment="Since when it is neither in Drafts nor among the sent",
    )
    as_left = sa.Column(
        "as_left",
        sa.String(),
        nullable=False,
        server_default="",
        comment="SHA-256 of what left in its place, as a person changed it",
    )
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(_STATE), "letter", type_="check")
        op.create_check_constraint(op.f(_STATE), "letter", f"state IN ({_STATES})")
        for column in (drafted, missed, as_left):
            op.add_column("letter", column)
        return
    # SQLite cannot change a check: the table is made anew, and its rows, indexes and guards with it.
    _create_letter(drafted, missed, as_left)
    op.execute(f"INSERT INTO letter_anew ({_OLD}) SELECT {_OLD} FROM letter ORDER BY number")  # noqa: S608 - names
    op.drop_table("letter")
    op.rename_table("letter_anew", "letter")
    for indexed in ("quarter", "recipient", "state"):
        op.create_index(f"ix_letter_{indexed}", "letter", [indexed])
    never_removed("letter")
    never_rewritten("letter", *_FROZEN)


_FROZEN = "id kind cause recipient quarter manner subject message_id content queued".split()
"""What a letter says and whom it goes to."""


def _create_letter(*further: sa.Column[Any]) -> None:
    op.create_table(
        "letter_anew",
        sa.Column("number", sa.Integer(), nullable=False, comment="In the order of storing"),
        sa.Column("id", sa.String(), nullable=False, comment="The delivery id, reckoned from the Message-ID"),
        sa.Column("kind", sa.String(), nullable=False, comment="Which letter: its folder in templates/emails"),
        sa.Column(
            "cause",
            sa.Text(),
            nullable=False,
            comment="Identifies it beside kind and recipient; never read. Keeps address",
        ),
        sa.Column("recipient", sa.String(), nullable=False, comment="Whom it goes to. Keeps address"),
        sa.Column("quarter", sa.String(), nullable=True, comment="The round; none: the service as a whole"),
        sa.Column("manner", sa.String(), nullable=False, comment="How it behaves on its way out"),
        sa.Column("subject", sa.Text(), nullable=False, comment="As it stands in its bytes. Keeps words"),
        sa.Column("message_id", sa.String(), nullable=False, comment="As it stands in its bytes"),
        sa.Column("content", sa.String(), nullable=False, comment="SHA-256 of its bytes in the archive"),
        sa.Column("state", sa.String(), nullable=False, comment="Where it stands on its way out"),
        sa.Column("queued", sa.DateTime(timezone=True), nullable=False, comment="When it was written"),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False, comment="Put off until then"),
        sa.Column("handed", sa.DateTime(timezone=True), nullable=True, comment="When the last hand-over began"),
        sa.Column(
            "sent",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was proved to have been handed over",
        ),
        sa.Column(
            "reason", sa.Text(), nullable=False, comment="Why it stands there, in a sentence. Keeps address"
        ),
        sa.Column("proof", sa.Text(), nullable=False, comment="What the mail system said. Keeps address"),
        sa.Column("token", sa.Integer(), nullable=False, comment="Fences: it rises with each claim"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="How many hand-overs were begun"),
        sa.Column(
            "resubmissions",
            sa.Integer(),
            nullable=False,
            comment="How often the same bytes went again after a look-up found nothing",
        ),
        sa.Column(
            "lease_until",
            sa.Float(),
            nullable=False,
            comment="Until when a claim is its worker's own, machine time in seconds",
        ),
        sa.Column(
            "refused", sa.DateTime(timezone=True), nullable=True, comment="Since when it is refused for now"
        ),
        *further,
        sa.PrimaryKeyConstraint("number", name="pk_letter"),
        sa.ForeignKeyConstraint(["quarter"], ["cycle.quarter"], name="fk_letter_quarter"),
        sa.CheckConstraint("manner IN ('answer', 'timed', 'office')", name=op.f("ck_letter_ck_letter_manner")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f(_STATE)),
        sa.UniqueConstraint("id", name="uq_letter_id"),
        sa.UniqueConstraint("kind", "cause", "recipient", name="uq_letter_kind"),
        sa.UniqueConstraint("message_id", name="uq_letter_message_id"),
    )
