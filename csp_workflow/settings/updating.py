"""Brings a site's configuration and templates to this version of the program.

What a site never touched is replaced, what is new is added, and what it changed is kept: the difference is shown, for a
person to take over. Which files a site never touched is known from what was laid out, kept in its state folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path

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
