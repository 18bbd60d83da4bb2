"""A worker process that decides twenty submissions of one return from what it sees, as its rivals do at the same time.

It says "ready", begins when it is told to, and prints the sequence of each version it stored.
"""

from __future__ import annotations

import os
import sys

from store_told import NOW, Q2, event, land, submission

from csp_workflow.store import Store
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.service import StoreBusy


def work(url: str) -> None:
    store = Store(url)
    land(store, f"m{os.getpid()}")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    while True:
        known = store.submissions(Q2, "charnwood")
        following = len(known) + 1
        if following > 20:
            return
        new = submission(following, message=f"m{os.getpid()}")
        decision = Decision(events=(event(Happened.RECEIVED, subject=new.id),), submissions=(new,))
        try:
            if store.commit(decision, at=NOW):
                sys.stdout.write(f"{following}\n")
        except StoreBusy:
            continue


if __name__ == "__main__":
    work(sys.argv[1])
