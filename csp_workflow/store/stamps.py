"""How far each mailbox was read, and what the store knows of itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import select

from csp_workflow.store.adding import put
from csp_workflow.store.engine import Connected
from csp_workflow.store.tables import CursorRow, StampRow
from csp_workflow.terms.dates import as_utc

_LAST_SEEN = "last seen"


class Stamps(Connected):
    """Cursors and stamps. The names in use: environment, generation, machine, place, mailbox, last seen."""

    def cursor(self, mailbox: str) -> str:
        """How far a mailbox was read, "" from the beginning."""
        with self._reading() as session:
            row = session.get(CursorRow, mailbox)
            return row.cursor if row else ""

    def save_cursor(self, mailbox: str, cursor: str) -> None:
        """Keep how far a mailbox was read."""
        if cursor != self.cursor(mailbox):
            with self._writing() as session:
                put(session, CursorRow(mailbox=mailbox, cursor=cursor))

    def stamps(self) -> Mapping[str, str]:
        """Everything the store knows of itself, by name."""
        with self._reading() as session:
            return {row.name: row.value for row in session.exec(select(StampRow))}

    def stamp(self, name: str) -> str:
        """What the store knows of itself under a name, "" when nothing."""
        return self.stamps().get(name, "")

    def set_stamp(self, name: str, value: str) -> None:
        """Note something the store is to know of itself."""
        with self._writing() as session:
            put(session, StampRow(name=name, value=value))

    def last_seen(self) -> datetime | None:
        """The time of the latest beat."""
        found = self.stamp(_LAST_SEEN)
        return datetime.fromisoformat(found) if found else None

    def saw(self, now: datetime) -> None:
        """Note the time of a beat; it never goes back."""
        last = self.last_seen()
        if last is None or now > last:
            self.set_stamp(_LAST_SEEN, as_utc(now).isoformat())
