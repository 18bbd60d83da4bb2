"""The store: SQLite or PostgreSQL behind named questions and one commit. Nothing here does other I/O in a transaction.

tables     what a database administrator sees: columns, closed words, foreign keys, comments
words      the words that are stored, apart from the code's
documents  the shapes of what is stored as JSON, a loader for each version
values     rows <-> values of `terms`

commit     events, append-only, and the status folded from them; the one way in, whole or not at all
returns    requests, submissions, figures, narratives
measures   the sets of measures that partnerships proposed, with their stored shape
inbox      messages and their verdicts
outbox     letters as they stand and on their way: claim, handing, proof
erasing    all that is stored in words, and how a person is erased from it
archived   the archive, where it is kept in the database
sharing    few connections for many sites in one database
stamps     cursors, what the store knows of itself, names for whoever asks the database itself

migrations the way from each shape to the next; checking reads every row, for `db check`
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnClause, String, event, select
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.sql import column, table

from csp_workflow.store.archived import IN_DATABASE, DatabaseArchive
from csp_workflow.store.commit import Commit, Frozen
from csp_workflow.store.engine import find_schema, name_place
from csp_workflow.store.erasing import Erasing, StoredText
from csp_workflow.store.inbox import Claim, Inbox, LandedMessage
from csp_workflow.store.measures import Measures
from csp_workflow.store.outbox import Handover, InDoubt
from csp_workflow.store.returns import Returns
from csp_workflow.store.setups import Setups
from csp_workflow.store.sharing import lend_engine, take_back
from csp_workflow.store.stamps import Naming, Stamps
from csp_workflow.store.tables import SHAPE
from csp_workflow.terms.events import PreconditionFailed
from csp_workflow.terms.measure_sets import MeasureSet

__all__ = [
    "IN_DATABASE",
    "Claim",
    "Frozen",
    "InDoubt",
    "LandedMessage",
    "Store",
    "StoredText",
    "find_schema",
    "name_place",
]


class Store(Commit, Returns, Measures, Setups, Inbox, Handover, Stamps, Naming, Erasing):
    """One site's store. It is created by the migrations only, never by being opened.

    Raises PreconditionFailed when there is no store, or one in another version's shape.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._engine = lend_engine(url)
        try:
            self.refuse_other_shapes()
        except BaseException:
            take_back(self._engine)
            raise

    def forgo_disk(self) -> None:
        """Wait for no disk from now on: for a store that is made anew each time, and need not outlast a power cut."""
        event.listen(self._engine, "connect", _forgo_disk)
        self._engine.dispose()

    @property
    def archive(self) -> DatabaseArchive:
        """The archive in this very database."""
        return DatabaseArchive(self._engine)

    def as_before(self, number: int) -> Store:
        """The store as it stood before the event of that number, to be read and never written.

        Of plans only those that stand now are known, and of forms those that were issued later too.
        """
        past = Store.__new__(Store)
        super(Store, past).__init__()
        vars(past).update(_engine=self._engine, _until=number, _pulse=self._pulse)
        return past

    def rewrite_texts(self, rewrite: Callable[[str], str]) -> int:
        """As `Erasing` says; what was read before is forgotten."""
        count = super().rewrite_texts(rewrite)
        super().__init__()
        return count

    def agreed_sets(self) -> tuple[MeasureSet, ...]:
        """The sets of measures that were agreed, for each year and partnership."""
        agreed = self.service_status().agreeing.agreed
        return tuple(one for one in self.measure_sets() if one.key in agreed) if agreed else ()

    def close(self) -> None:
        """Let the connections go."""
        self._pulse.end()
        take_back(self._engine)

    def refuse_other_shapes(self) -> None:
        """Raise PreconditionFailed for another version's shape: a store may have been upgraded meanwhile."""
        version: ColumnClause[str] = column("version_num", String)
        try:
            with self._reader.connect() as connection:
                shape = connection.scalar(select(version).select_from(table("alembic_version", version)))
        except (OperationalError, ProgrammingError) as fault:
            if "alembic_version" not in str(fault.orig):
                with self._reading() as connection:  # says it in our own words: locked, full, out of reach
                    connection.scalar(select(version).select_from(table("alembic_version", version)))
            shape = None
        if shape != SHAPE:
            raise PreconditionFailed(
                f"The store is in the shape '{shape or 'none'}', this version needs '{SHAPE}'. "
                "Run: csp-workflow db upgrade"
            )


def _forgo_disk(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=MEMORY", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}")
