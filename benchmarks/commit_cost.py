"""What one commit costs late in a quarter beside one early in it: status is folded onto what was folded, not anew.

Run: .venv/bin/python benchmarks/commit_cost.py
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from csp_workflow.store import Store, migrations
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Event, Happened

Q2 = Quarter(2014, 2)
START = datetime(2014, 10, 16, 9, 0, tzinfo=UTC)
EARLY, LATE, RESPONDENTS, TIMES = 900, 9_000, 300, 30


def reminded(number: int) -> Event:
    """One more reminder of one of the respondents."""
    facts = {"rung": "overdue", "days": 2}
    key = f"respondent-{number % RESPONDENTS}"
    at = START + timedelta(minutes=number)
    return Event(kind=Happened.REMINDED, at=at, by="a benchmark", quarter=Q2, respondent=key, facts=facts)


def fill(store: Store, first: int, last: int) -> None:
    """Append events in commits of a hundred."""
    for begin in range(first, last, 100):
        store.commit(Decision(events=tuple(map(reminded, range(begin, min(begin + 100, last))))), at=START)


def time_commits(store: Store, first: int) -> float:
    """The median of some commits of one event each, the status asked for before each as a step does; milliseconds."""
    took = []
    for number in range(first, first + TIMES):
        began = time.perf_counter()
        mark = store.mark()
        store.cycle_status(Q2)
        assert store.commit(Decision(events=(reminded(number),)), at=START, since=mark)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def main() -> None:
    """Print the cost at both ends of a quarter and their ratio."""
    with tempfile.TemporaryDirectory() as place:
        url = f"sqlite:///{Path(place) / 'csp.sqlite'}"
        migrations.upgrade(url)
        store = Store(url)
        fill(store, 0, EARLY)
        early = time_commits(store, EARLY)
        fill(store, EARLY + TIMES, LATE)
        late = time_commits(store, LATE)
        cold = Store(url)
        began = time.perf_counter()
        cold.cycle_status(Q2)
        folded = (time.perf_counter() - began) * 1000
        print(f"a commit at {EARLY} events: {early:.2f} ms; at {LATE}: {late:.2f} ms; ratio {late / early:.2f}")
        print(f"the whole quarter folded once by a process that starts: {folded:.0f} ms")
        for opened in (store, cold):
            opened.close()


if __name__ == "__main__":
    main()
