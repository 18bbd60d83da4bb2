"""What earlier versions stored reads back value for value, for ever."""

from __future__ import annotations

import json
import lzma
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from golden_values import everything

from csp_workflow.store import Store, migrations

GOLDEN = Path(__file__).parent / "golden"
STORES = sorted(path.name.removesuffix(".sqlite.xz") for path in GOLDEN.glob("*.sqlite.xz"))
"""first-landed: a quarter of the first version that landed (shape 0001). before-columns: one of the version before
figures became columns (shape 0002). every-word: made by that version by hand, with every word that it could store.
every-event: made by hand when the paper had landed (shape 0010), with every kind of event and all its facts, shares
with their counts, rates beside groups, and what boards asked. every-input: made by hand when forms had minor versions
(shape 0013), with all that every-event has, every input and quick answer of a return, what is usual and what was
promised on a form, the version that it was filled with, and a set of measures. every-grant: made by hand when grant
money was certified (shape 0014), with all that every-input has, and a grant. every-draft: made by hand when letters
could wait in Drafts (shape 0017), with all that every-input has, what became of such letters, and grants. every-year:
made by hand when the year had landed (shape 0017, forms of shape 6), with all that every-draft has, what was set up by
workbook, what was disputed on a form, and from which sizes on it asks about likeness. every-hash: made by hand when
what is disposed of came into the store (shape 0018), with all that every-year has, and two such hashes. every-check:
made by hand when a row said which checks look at it (shape 0018, forms of shape 8), with all that every-hash has.
every-day: made by hand when what people say got the day on which it came (shape 0019), with all of every-check."""


def keep_named(found: Any, held: Any) -> Any:
    """What was found, without the keys that a later version of something stored has beside those it was stored with."""
    if isinstance(found, dict) and isinstance(held, dict):
        return {key: keep_named(found[key], held[key]) for key in held if key in found}
    if isinstance(found, list) and isinstance(held, list) and len(found) == len(held):
        return [keep_named(*pair) for pair in zip(found, held, strict=True)]
    return found


def unpacked(name: str, place: Path) -> str:
    """The URL of a golden store, laid out in a folder."""
    file = place / f"{name}.sqlite"
    file.write_bytes(lzma.decompress((GOLDEN / f"{name}.sqlite.xz").read_bytes()))
    return f"sqlite:///{file}"


@pytest.mark.parametrize("name", STORES)
def test_what_an_earlier_version_stored_reads_back_value_for_value(name: str, tmp_path: Path) -> None:
    url = unpacked(name, tmp_path)
    migrations.upgrade(url)
    store = Store(url)
    try:
        found = json.loads(json.dumps(everything(store)))
    finally:
        store.close()
    held = json.loads(lzma.decompress((GOLDEN / f"{name}.json.xz").read_bytes()))
    assert keep_named(found, held) == held
    assert migrations.faults(url) == ()
    asked = "SELECT DISTINCT name FROM request JOIN respondent ON respondent.key = request.respondent"
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        assert all(name for (name,) in connection.execute(asked)), "a respondent lost its name"
