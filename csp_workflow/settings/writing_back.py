"""Writes what was set up by workbook into the files of a configuration, their remarks and their order kept."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, InlineTable, Table

from csp_workflow.terms.setup import SetupChange, lay_setup

_MARK = "\ufeff"


def write_tables(config_dir: Path, changes: Sequence[SetupChange]) -> tuple[str, ...]:
    """Lay changes over the files of a folder, and write those that are then otherwise; their names.

    Each is put in its place whole. The files must have been read without fault. Raises SetupNotLaid; then nothing was
    written.
    """
    texts = {path.name: path.read_bytes().decode("utf-8") for path in sorted(config_dir.glob("*.toml"))}
    laid = lay_texts(texts, changes)
    written = tuple(name for name, text in laid.items() if texts.get(name) != text)
    for name in written:
        half = config_dir / f".{name}.half"
        half.write_bytes(laid[name].encode("utf-8"))
        half.replace(config_dir / name)
    return written


def lay_texts(texts: dict[str, str], changes: Sequence[SetupChange]) -> dict[str, str]:
    """The texts of files by name with changes laid over them; without any they are the same to the last byte."""
    named = {change.place.file for change in changes}
    documents = {name: tomlkit.parse(text.removeprefix(_MARK)) for name, text in texts.items()}
    was = deepcopy({name: documents[name].unwrap() for name in documents})
    lay_setup(documents, changes, append=_append)
    laid = dict(texts)
    for name in sorted(named):
        if was.get(name) != documents[name].unwrap():
            mark = _MARK if texts.get(name, "").startswith(_MARK) else ""
            laid[name] = mark + tomlkit.dumps(documents[name])
    return laid


def _append(entries: MutableSequence[Any], entry: dict[str, Any]) -> None:
    """A new entry stands right behind the last; remarks below that are of what follows, and stay above it."""
    if not isinstance(entries, AoT):
        entries.append(_write_inline(entry))
        return
    table = tomlkit.table()
    for key, value in entry.items():
        table.add(key, value)
    for item in _take_below(entries[-1]) if len(entries) else ():
        table.add(item)
    entries.append(table)


def _write_inline(entry: dict[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    for key, value in entry.items():
        table.append(key, value)
    return table


def _take_below(table: Any) -> list[Any]:
    """The empty lines and remarks at the end of a table, taken from it; one empty line is left there."""
    while tables := [value for value in table.values() if isinstance(value, AoT | Table) and len(value)]:
        table = tables[-1][-1] if isinstance(tables[-1], AoT) else tables[-1]
    body = table.value.body
    taken: list[Any] = []
    while body and body[-1][0] is None:
        taken.insert(0, body.pop()[1])
    table.add(tomlkit.nl())
    return taken
