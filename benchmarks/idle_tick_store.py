"""What an idle beat asks of the store: 300 partnerships x 12 past cycles, as ratios within one run.

Run: python benchmarks/idle_tick_store.py [PARTNERSHIPS] [CYCLES]

cold   the first beat of a process: every event is read and folded
warm   the next beats: only what was appended since is read
plain  the same rows fetched with sqlite3 alone and nothing done with them
state  which cycles are archived, asked of the cycles' own events only
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from csp_workflow.store import Store, migrations
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Event, Fact, Happened

NOW = datetime(2014, 10, 16, 9, tzinfo=UTC)
FIRST = Quarter(2011, 3)
FACTS: dict[Happened, dict[str, Fact]] = {
    Happened.PROOF_MADE: {"forms": 1},
    Happened.CYCLE_OPENED: {"forms": 1},
    Happened.REQUESTED: {"revision": 1},
    Happened.REMINDED: {"rung": "overdue", "days": 2},
}


def main(partnerships: int, cycles: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "csp.sqlite"
        url = f"sqlite:///{file}"
        migrations.upgrade(url)
        quarters = [FIRST.plus(number) for number in range(cycles)]
        fill(Store(url), quarters, partnerships)
        store = Store(url)
        cold = seconds(lambda: idle(store, quarters))
        warm = min(seconds(lambda: idle(store, quarters)) for _ in range(5))
        state = min(seconds(store.cycle_states) for _ in range(5))
        plain = min(seconds(lambda: fetched(file)) for _ in range(5))
        events = sum(len(store.events(q)) for q in quarters)
        print(f"{partnerships} partnerships x {cycles} cycles, {events} events")
        print(f"plain {plain * 1000:7.1f} ms   1.0")
        for name, took in (("cold", cold), ("warm", warm), ("state", state)):
            print(f"{name:5} {took * 1000:7.1f} ms {took / plain:5.1f} x plain")


def idle(store: Store, quarters: list[Quarter]) -> None:
    store.service_status()
    for quarter in quarters:
        store.cycle_status(quarter)
    store.claimable(clock=0.0)
    store.in_doubt(clock=0.0)
    store.unjudged()


def fetched(file: Path) -> int:
    with sqlite3.connect(file) as connection:
        return len(connection.execute("SELECT * FROM event ORDER BY number").fetchall())


def fill(store: Store, quarters: list[Quarter], partnerships: int) -> None:
    told = (Happened.EXPECTED, Happened.REQUESTED, *(Happened.REMINDED for _ in range(5)))
    for quarter in quarters:
        events = [event(kind, quarter) for kind in (Happened.PROOF_MADE, Happened.CYCLE_OPENED)]
        events += [event(kind, quarter, f"p{number}") for number in range(partnerships) for kind in told]
        events += [event(kind, quarter) for kind in (Happened.CYCLE_CLOSED, Happened.CYCLE_ARCHIVED)]
        store.commit(Decision(events=tuple(events)), at=NOW)
    store.close()


def event(kind: Happened, quarter: Quarter, respondent: str = "") -> Event:
    return Event(kind=kind, at=NOW, by="benchmark", quarter=quarter, respondent=respondent, facts=FACTS.get(kind, {}))


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (300, 12))
