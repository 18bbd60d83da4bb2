"""Four worker processes on one store: every letter is handed over exactly once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from store_told import queue

from csp_workflow.terms.letters import LetterState
from csp_workflow.world.store import Store

WORKERS = 4


def test_four_workers_hand_over_each_letter_exactly_once(url: str, opened: Callable[[], Store], tmp_path: Path) -> None:
    count = 2000 if url.startswith("postgresql") else 60
    store = opened()
    queue(store, count)
    abandoned = [store.claim(clock=time.time(), lease=-1.0) for _ in range(20)]
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    worker = Path(__file__).with_name("claiming_worker.py")
    workers = [subprocess.Popen([sys.executable, str(worker), url, str(outbox), f"worker{n}"]) for n in range(WORKERS)]
    assert [w.wait(timeout=120) for w in workers] == [0] * WORKERS

    handed = Counter(line for file in outbox.iterdir() for line in file.read_text().split())
    assert len(handed) == count
    assert set(handed.values()) == {1}
    assert all(letter.state is LetterState.SENT for letter in store.letters())
    assert sum(bool(file.read_text()) for file in outbox.iterdir()) > 1, "one worker did it all: nothing was tested"
    stale = [letter for letter in abandoned if letter]
    assert not any(store.to_handing(letter, at=letter.queued, clock=time.time()) for letter in stale)


def test_two_workers_that_decide_at_once_never_both_store_the_same_step(url: str, tmp_path: Path) -> None:
    """Both read the same facts; the events of one would make the other's impossible."""
    worker = Path(__file__).with_name("deciding_worker.py")
    workers = [
        subprocess.Popen([sys.executable, str(worker), url], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [w.communicate(timeout=60)[0].split() for w in workers]
    assert [w.returncode for w in workers] == [0, 0, 0]
    stored = Counter(word for words in said for word in words)
    assert set(stored.values()) == {1}
    assert len(stored) == 20
