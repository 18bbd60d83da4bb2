"""How far each mailbox was read, and what the store knows of itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from csp_workflow.store import tables
from csp_workflow.store.engine import Connected, put
from csp_workflow.terms.working_days import as_utc

_LAST_SEEN = "last seen"


class Stamps(Connected):
    """Cursors and stamps. The names in use: environment, generation, machine, place, mailbox, last seen."""

    def cursor(self, mailbox: str) -> str:
        """How far a mailbox was read, "" from the beginning."""
        with self._reading() as connection:
            row = tables.CURSOR.c
            return connection.scalar(select(row.cursor).where(row.mailbox == mailbox)) or ""

    def save_cursor(self, mailbox: str, cursor: str) -> None:
        """Keep how far a mailbox was read."""
        if cursor != self.cursor(mailbox):
            with self._writing() as connection:
                put(connection, tables.CURSOR, {"mailbox": mailbox, "cursor": cursor}, key="mailbox")

    def stamps(self) -> Mapping[str, str]:
        """Everything the store knows of itself, by name."""
        with self._reading() as connection:
            return {row.name: row.value for row in connection.execute(select(tables.STAMP))}

    def stamp(self, name: str) -> str:
        """What the store knows of itself under a name, "" when nothing."""
        return self.stamps().get(name, "")

    def set_stamp(self, name: str, value: str) -> None:
        """Note something the store is to know of itself."""
        with self._writing() as connection:
            put(connection, tables.STAMP, {"name": name, "value": value}, key="name")

    def last_seen(self) -> datetime | None:
        """The time of the latest beat."""
        found = self.stamp(_LAST_SEEN)
        return datetime.fromisoformat(found) if found else None

    def saw(self, now: datetime) -> None:
        """Note the time of a beat; it never goes back."""
        last = self.last_seen()
        if last is None or now > last:
            self.set_stamp(_LAST_SEEN, as_utc(now).isoformat())
