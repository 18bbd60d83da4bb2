"""Draws docs/tables.md from a store that the migrations have just made. Run it to bring that page up to date."""

from __future__ import annotations

import re
import sqlite3
import sys
import tempfile
from pathlib import Path

from csp_workflow.store import migrations

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tables.md"
_HEAD = """# The tables

For a database administrator or an analyst: what the store holds, read from the database itself (`python -m
tests.house.tables` writes this page). On SQLite the comments stand in `sqlite_master`, on PostgreSQL in the catalogue.
What happened, what was asked, what came back and what a letter says is never changed or removed: triggers refuse it.
"Keeps" names what a column holds of people: a name, an address, or words that somebody wrote. Decisions are stored by
`store/commit.py` alone (a figure comes from a return by `steps/judge.py`, or from a file by `figures import`); messages
land by `store/inbox.py`, letters move by `store/outbox.py`.

Burglary in Blaby, quarter by quarter, with the cell each figure came from (`standing_figure` leaves out what a later
version of a return or of a file has replaced; `figure` has everything):

```sql
SELECT period, value, unit, status, sheet, cell, source
FROM standing_figure
WHERE title LIKE '%burglary%' AND area_name = 'Blaby'
ORDER BY period;
```

The same for everything, as a file: `csp-workflow figures export figures.xlsx`.
"""
_COMMENT = re.compile(r'^\s*"?(\w+)"? [^\n]*?/\* (.*?) \*/', re.MULTILINE)


def draw_page() -> str:
    """The page, from a fresh SQLite store."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "csp.sqlite"
        migrations.upgrade(f"sqlite:///{file}")
        with sqlite3.connect(file) as store:
            tables = dict(store.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"))
            views = dict(store.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY name"))
            tables.pop("alembic_version")
            parts = [_HEAD, _draw_picture(store, list(tables))]
            parts += [_draw_table(store, name, sql) for name, sql in tables.items()]
            parts += [_draw_view(name, sql) for name, sql in views.items()]
    return "\n".join(parts)


def _draw_picture(store: sqlite3.Connection, tables: list[str]) -> str:
    arrows = [
        f"    {to} ||--o{{ {table} : {column}"
        for table in tables
        for _, _, to, column, *_ in store.execute(f"PRAGMA foreign_key_list({table})")
    ]
    return "\n".join(["## What points to what", "", "```mermaid", "erDiagram", *sorted(arrows), "```", ""])


def _draw_table(store: sqlite3.Connection, table: str, sql: str) -> str:
    comments = dict(_COMMENT.findall(sql))
    points = {column: to for _, _, to, column, *_ in store.execute(f"PRAGMA foreign_key_list({table})")}
    lines = [f"## {table}", "", "| column | type | | what it is |", "|---|---|---|---|"]
    for _, name, kind, needed, _, key, _ in store.execute(f"PRAGMA table_xinfo({table})"):
        marks = ["key" if key else "", "" if needed or key else "may be none"]
        marks.append(f"-> {points[name]}" if name in points else "")
        lines.append(f"| {name} | {kind.lower()} | {', '.join(filter(None, marks))} | {comments.get(name, '')} |")
    return "\n".join([*lines, ""])


def _draw_view(view: str, sql: str) -> str:
    return "\n".join([f"## {view} (a view)", "", "```sql", sql, "```", ""])


if __name__ == "__main__":
    PAGE.write_text(draw_page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE} is up to date.\n")
