"""Writes a site's own configuration and templates anew, and keeps in them what is the site's.

What was set up by workbook goes into the files of a configuration, their remarks and their order kept. For this version
of the program, what a site never touched is replaced, what is new is added, and what it changed is kept: the difference
is shown, for a person to take over. Which files a site never touched is known from what was laid out, kept in its state
folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableSequence, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import unified_diff
from hashlib import sha256
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


LAID_OUT = "laid-out.json"
_FOLDERS = ("config", "templates")


@dataclass(frozen=True, kw_only=True)
class Update:
    """What an update did, by file name: `kept` has the difference between the site's own file and this version's."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()

    def tell(self) -> Iterator[str]:
        """Everything about it, for whoever runs the site."""
        yield from (f"Added: {name}" for name in self.added)
        yield from (f"Brought to this version: {name}" for name in self.replaced)
        for name, difference in self.kept:
            yield f"Kept, since you changed it: {name}. What this version has in its place:\n{difference}"
        yield from (f"No longer used by this version, and left where it is: {name}" for name in self.unknown)
        if not (self.added or self.replaced or self.kept or self.unknown):
            yield "Everything is as this version has it."


def note_laid_out(directory: Path, defaults: Path) -> None:
    """Keep which files were laid out, so that later it is known which of them the site changed."""
    laid = {name: _hash(path) for name, path in _list(defaults).items()}
    (directory / "state" / LAID_OUT).write_text(json.dumps(laid, indent=1, sort_keys=True), "utf-8")


def update_site(directory: Path, defaults: Path) -> Update:
    """Bring a site to the files of `defaults`. Nothing that the site changed is written over."""
    ours, theirs, laid = _list(defaults), _list(directory), _read_laid_out(directory)
    added = tuple(name for name in ours if name not in theirs)
    differing = [name for name in ours if name in theirs and _hash(ours[name]) != _hash(theirs[name])]
    replaced = tuple(name for name in differing if laid.get(name) == _hash(theirs[name]))
    kept = tuple(name for name in differing if name not in replaced and laid.get(name) != _hash(ours[name]))
    for name in (*added, *replaced):
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(ours[name].read_bytes())
    unknown = tuple(name for name in theirs if name not in ours and laid.get(name) == _hash(theirs[name]))
    differences = tuple((name, _show_difference(theirs[name], ours[name])) for name in kept)
    note_laid_out(directory, defaults)
    return Update(added=added, replaced=replaced, kept=differences, unknown=unknown)


def _list(folder: Path) -> dict[str, Path]:
    found = (path for name in _FOLDERS for path in sorted((folder / name).rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in found}


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _read_laid_out(directory: Path) -> dict[str, str]:
    """{} for a site that was laid out before this was kept: then whatever differs counts as changed by the site."""
    file = directory / "state" / LAID_OUT
    return dict(json.loads(file.read_text("utf-8"))) if file.is_file() else {}


def _show_difference(theirs: Path, ours: Path) -> str:
    try:
        old, new = theirs.read_text("utf-8").splitlines(), ours.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        return "  (the two files differ; they are no text)"
    return "\n".join(f"  {line}" for line in unified_diff(old, new, "yours", "this version's", lineterm="", n=1))
