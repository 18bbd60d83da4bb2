"""What is disposed of is known at every machine that works at the store, and no backup makes it forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from csp_workflow.archive import Tombstones
from csp_workflow.store import Store
from tests.store.laying_out import lay_out_store

KEY = b"k" * 32


def test_what_one_machine_disposes_of_another_knows_at_once(opened: Callable[[], Store], tmp_path: Path) -> None:
    here, there = (Tombstones(tmp_path / name, opened(), key=KEY) for name in ("here", "there"))
    assert not there.holds("a message")
    here.add(["a message", "its file"])
    here.add(["its file"])
    assert there.holds("a message")
    assert there.holds("its file")
    assert not there.holds("another")
    assert not any("message" in one for one in opened().disposed()), "a hash tells nobody what it was"


def test_a_machine_s_file_brings_it_to_a_store_that_was_put_back_and_the_store_to_a_new_machine(tmp_path: Path) -> None:
    lay_out_store(tmp_path / "before.sqlite")
    lay_out_store(tmp_path / "put-back.sqlite")
    before, back = (Store(f"sqlite:///{tmp_path / name}.sqlite") for name in ("before", "put-back"))
    Tombstones(tmp_path / "here", before, key=KEY).add(["a message"])
    here = Tombstones(tmp_path / "here", back, key=KEY)
    assert here.holds("a message")
    assert back.disposed() == frozenset()
    here.level()
    Tombstones(tmp_path / "there", back, key=KEY).level()
    assert back.disposed() == before.disposed() != frozenset()
    lay_out_store(tmp_path / "again.sqlite")
    again = Store(f"sqlite:///{tmp_path / 'again.sqlite'}")
    assert Tombstones(tmp_path / "there", again, key=KEY).holds("a message")
    for store in (before, back, again):
        store.close()
