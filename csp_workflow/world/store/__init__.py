"""The store: SQLite or PostgreSQL behind named questions and one commit. No other I/O inside a transaction."""

from __future__ import annotations

from csp_workflow.world.store.engine import engine
from csp_workflow.world.store.inbox import Inbox, LandedMessage
from csp_workflow.world.store.outbox import Outbox
from csp_workflow.world.store.truth import Frozen, Truth

__all__ = ["Frozen", "LandedMessage", "Store"]


class Store(Truth, Inbox, Outbox):
    """One site's store. It is created by the migrations only, never by being opened."""

    def __init__(self, url: str) -> None:
        self._engine = engine(url)

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()
