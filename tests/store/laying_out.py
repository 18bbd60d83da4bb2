"""An empty store, laid out once for each worker and then copied: to migrate each took most of a test's time."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from csp_workflow.store import migrations


def lay_out_store(file: Path) -> None:
    """An empty SQLite store of this version's shape at `file`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_laid_out())


@cache
def _laid_out() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "csp.sqlite"
        migrations.upgrade(f"sqlite:///{file}")
        return file.read_bytes()


def settle_store(file: Path) -> None:
    """Tell a copied store that it belongs where it is: a copy of a site sends nothing."""
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("UPDATE stamp SET value = ? WHERE name = 'place'", (str(file.resolve()),))
