"""Virtual time: from one interesting moment to the next, so that a quarter passes in seconds."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from csp_workflow.rehearsal.partners.people import Sending
from csp_workflow.terms.dates import WorkingDays, london

BEATS = (time(7, 31), time(9, 2), time(13, 0), time(17, 3))
"""When the service beats on a working day: around the digest, the sending window and the deadlines."""


@dataclass
class Clockwork:
    """Beats of the service and deliveries of mail, in the order of virtual time."""

    working_days: WorkingDays
    first: date
    last: date
    _pending: list[tuple[datetime, int, Sending]] = field(default_factory=list)
    _count: int = 0

    def deliver(self, sending: Sending) -> None:
        """Something is on its way to the office's mailbox."""
        self._count += 1
        heapq.heappush(self._pending, (sending.at.astimezone(UTC), self._count, sending))

    def moments(self) -> Iterator[tuple[datetime, list[Sending]]]:
        """Each moment with what arrives at it. Mail may be added while this runs."""
        for beat in self._beats():
            while self._pending and self._pending[0][0] < beat:
                at = self._pending[0][0]
                yield at + timedelta(seconds=30), self._arrived(at)
            yield beat, []

    def _arrived(self, until: datetime) -> list[Sending]:
        arrived = []
        while self._pending and self._pending[0][0] <= until:
            arrived.append(heapq.heappop(self._pending)[2])
        return arrived

    def _beats(self) -> Iterator[datetime]:
        day = self.first
        while day <= self.last:
            if self.working_days.is_working(day):
                for at in BEATS:
                    yield london(day, at).astimezone(UTC)
            day += timedelta(days=1)
