"""Alembic's entry: runs the migrations on the connection, and in the transaction, that `upgrade` opened."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from csp_workflow.store import tables  # noqa: F401 - puts the tables into the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
)
context.run_migrations()
