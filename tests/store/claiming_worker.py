"""A worker process of the concurrency test: claims and "sends" letters until none is left.

Run as `claiming_worker.py URL OUTBOX NAME`; every hand-over it makes is a line in OUTBOX/NAME. It
says "ready" and begins when it is told to, so that all workers begin together.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from store_told import NOW

from csp_workflow.store import Store
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.service import StoreBusy


def work(url: str, outbox: Path, name: str) -> None:
    store = Store(url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with (outbox / name).open("w") as sent:
        while True:
            try:
                letter = store.claim(clock=time.time())
                if letter is None:
                    return
                if store.to_handing(letter, at=NOW, clock=time.time()):
                    sent.write(letter.id + "\n")
                    handing = replace(letter, state=LetterState.HANDING)
                    assert store.move(handing, LetterState.SENT, proof=name, at=NOW)
            except StoreBusy:
                continue


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
