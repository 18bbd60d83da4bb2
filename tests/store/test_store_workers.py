"""Worker processes on one store: every letter is handed over exactly once, every step is stored once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from store_told import queue

from csp_workflow.store import Store, engine, migrations
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.service import LockHeld, StoreBusy

WORKERS = 4
HERE = Path(__file__).parent


def started(program: str, *words: str) -> subprocess.Popen[str]:
    """A worker process that says "ready" and waits to be told to begin."""
    command = [sys.executable, str(HERE / program), *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def all_at_once(workers: list[subprocess.Popen[str]]) -> list[list[str]]:
    """Let them begin together, and wait. The words each said."""
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = [worker.communicate(timeout=180)[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * len(workers)
    return said


def test_four_workers_hand_over_each_letter_exactly_once(url: str, opened: Callable[[], Store], tmp_path: Path) -> None:
    count = 400 if url.startswith("postgresql") else 60
    store = opened()
    queue(store, count)
    abandoned = [store.claim(clock=time.time(), lease=-1.0) for _ in range(20)]
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    all_at_once([started("claiming_worker.py", url, str(outbox), f"worker{n}") for n in range(WORKERS)])

    handed = Counter(line for file in outbox.iterdir() for line in file.read_text().split())
    assert len(handed) == count
    assert set(handed.values()) == {1}
    assert all(letter.state is LetterState.SENT for letter in store.letters())
    assert sum(bool(file.read_text()) for file in outbox.iterdir()) > 1, "one worker did it all: nothing was tested"
    stale = [letter for letter in abandoned if letter]
    assert len(stale) == 20
    assert not any(store.to_handing(letter, at=letter.queued, clock=time.time()) for letter in stale)


def test_workers_that_decide_at_once_never_both_store_the_same_step(url: str) -> None:
    """All read the same facts; what one stores makes the others' decision stale."""
    said = all_at_once([started("deciding_worker.py", url) for _ in range(3)])
    stored = Counter(word for words in said for word in words)
    assert set(stored.values()) == {1}
    assert len(stored) == 20


@pytest.mark.needs_postgresql
def test_whoever_waits_long_for_its_turn_to_decide_goes_on_all_the_same(
    fresh_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker whose turn it is may have been stopped for good; the mark keeps out what comes too late."""
    patience = {**engine.PATIENCE, "options": "-c lock_timeout=100ms"}
    monkeypatch.setattr(engine, "PATIENCE", patience)
    url = fresh_database("turns")
    migrations.upgrade(url)
    one, other = Store(url), Store(url)
    with one.sole_decider(), one.sole_decider():
        began = time.monotonic()
        with other.sole_decider():
            assert 0.1 <= time.monotonic() - began < 5
    began = time.monotonic()
    with other.sole_decider(), one.sole_sender(), pytest.raises(LockHeld), other.sole_sender():
        pass
    assert time.monotonic() - began < 0.1
    one.close()
    other.close()


@pytest.mark.needs_postgresql
def test_sites_that_share_a_database_each_in_a_schema_have_senders_of_their_own(
    fresh_database: Callable[[str], str],
) -> None:
    whole, stores = fresh_database("shared"), []
    for schema in ("leicestershire", "rutland"):
        server = create_engine(whole)
        with server.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        server.dispose()
        stores.append(Store.__new__(Store))
        stores[-1]._engine = create_engine(f"{whole}&options=-c%20search_path%3D{schema}")
    with stores[0].sole_sender(), stores[1].sole_sender():
        pass
    for store in stores:
        store.close()


@pytest.mark.needs_postgresql
def test_who_has_a_store_to_themselves_sees_what_they_stored_and_later_what_another_did(
    fresh_database: Callable[[str], str],
) -> None:
    """Meanwhile nothing is asked twice: 300 sites at rest are looked at each minute."""
    url = fresh_database("alone")
    migrations.upgrade(url)
    one, other = Store(url), Store(url)
    with one.sole_worker(waits=False), pytest.raises(LockHeld), other.sole_worker(waits=False):
        pass
    with one.sole_worker(waits=False):
        assert one.stamp("a word") == ""
        one.set_stamp("a word", "mine")
        assert one.stamp("a word") == "mine"
    other.set_stamp("a word", "theirs")
    assert one.stamp("a word") == "theirs"
    with one.sole_worker(waits=False):
        assert one.stamp("a word") == "theirs"
    one.close()
    other.close()


@pytest.mark.needs_postgresql
def test_a_worker_that_says_nothing_for_long_loses_the_store_it_had_to_itself(
    fresh_database: Callable[[str], str],
) -> None:
    url = fresh_database("silent")
    migrations.upgrade(url)
    paused, other = Store(url), Store(url)
    held = ExitStack()
    held.enter_context(paused.sole_worker(waits=False))
    assert not other.end_silent_worker(60)
    assert other.end_silent_worker(0)
    with other.sole_worker(waits=True):
        assert not other.end_silent_worker(60)
    with pytest.raises(StoreBusy):
        held.close()
    assert not other.end_silent_worker(0), "nobody has it now"
    paused.close()
    other.close()
