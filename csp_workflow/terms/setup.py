"""What the co-ordinator changed of the configuration by her workbook: entries of its lists, laid over its files.

Files are their tables by name, as a TOML reader gives them: plain ones, or documents that keep remarks and order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Protocol

from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import Site

Entry = Mapping[str, Any]
"""A table of a file, as far as it holds no tables: texts, whole numbers, days, true or false, and lists of these."""
Files = MutableMapping[str, Any]
Append = Callable[[MutableSequence[Any], dict[str, Any]], None]

FRAMEWORKS = "framework-"
"""How the name of a framework year's file begins."""

_NAMED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "partnerships": ("key",),
        "contributors": ("key",),
        "areas": ("code",),
        "contacts": ("role", "address", "valid_from"),
        "local_measures": ("ref",),
        "objectives": ("ref",),
        "grants": ("ref",),
        "measures": ("ref",),
        "series": ("ref",),
        "meetings": ("board", "day"),
        "absences": ("first",),
        "secretariat": ("address",),
        "officers": ("lines",),
        "extra": ("day",),
        "worked": ("day",),
        "pre_election": ("first",),
    }
)
"""By what an entry of each list is found again, whatever else of it was changed."""


class SetupNotLaid(ValueError):
    """A change finds no place in the files; the sentence says which."""


@dataclass(frozen=True, kw_only=True)
class SetupPlace:
    """A list of a file: the tables on the way to it and its name, and the key of whoever it lies `within`.

    Without `lists` it is the file itself.
    """

    file: str
    lists: tuple[str, ...]
    within: str = ""


@dataclass(frozen=True, kw_only=True)
class SetupChange:
    """An entry as it was (None: it is new) and as it is now (None: it is taken out)."""

    place: SetupPlace
    was: Entry | None
    now: Entry | None


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What one workbook changed; `content` is its hash in the archive."""

    content: str
    changes: tuple[SetupChange, ...]


class KnownSettings(Protocol):
    """A site's configuration, as its files were when it was opened."""

    def assemble(self, setups: Sequence[Setup]) -> Site:
        """The site with what was set up laid over its files. Raises ConfigInvalid where that cannot be."""

    def lay(self, setups: Sequence[Setup]) -> Mapping[str, Any]:
        """The files themselves, as tables by name, with what was set up laid over them. Raises ConfigInvalid."""

    def find_faults(self, setups: Sequence[Setup]) -> tuple[str, ...]:
        """Why the site could not be so, a sentence each: also what would mean another thing than what was sent."""


def fold_setups(setups: Iterable[Setup]) -> tuple[SetupChange, ...]:
    """The changes of several workbooks in their order, those of one entry as one: as it was first, as it is now."""
    found: list[SetupChange] = []
    for change in (change for one in setups for change in one.changes):
        same = (at for at, one in enumerate(found) if one.place == change.place and one.now and one.now == change.was)
        at = next(same, None)
        if at is None:
            found.append(change)
        else:
            found[at] = replace(found[at], now=change.now)
    return tuple(one for one in found if one.was is not None or one.now is not None)


def append_entry(entries: MutableSequence[Any], entry: dict[str, Any]) -> None:
    """Add an entry at the end of a list."""
    entries.append(entry)


def lay_setup(files: Files, changes: Iterable[SetupChange], *, append: Append = append_entry) -> None:
    """Lay changes over the files, in their order. What a file says by now counts once. Raises SetupNotLaid.

    `append` is how a list takes a new entry.
    """
    for change in changes:
        place = change.place
        if place.lists:
            _lay_entry(find_list(files, place, make=True), change, append)
        else:
            _lay_year(files, change)


def find_list(files: Mapping[str, Any], place: SetupPlace, *, make: bool = False) -> MutableSequence[Any]:
    """The entries of a list; none where a file does not have it, unless it is to be made. Raises SetupNotLaid."""
    table: Any = files.get(place.file)
    for name in place.lists[:-1]:
        table = (table or {}).get(name)
        if not isinstance(table, Mapping):
            table = next((one for one in table or () if place.within in {one.get("key"), one.get("ref")}), None)
    if table is None:
        raise SetupNotLaid(f"{place.file} has no {' '.join(filter(None, (place.within, place.lists[-1])))}")
    if place.lists[-1] not in table and make:
        table[place.lists[-1]] = []
    found: MutableSequence[Any] = table.get(place.lists[-1], [])
    return found


def find_entry(entries: Iterable[Entry], place: SetupPlace, *wanted: Entry | None) -> Entry | None:
    """The entry that is one of those wanted, the first sought first: by all it says, else by what it is called."""
    every = tuple(entries)
    keys = _NAMED_BY[place.lists[-1]]
    for said in filter(None, wanted):
        for one in every:
            if all(one.get(key) == value for key, value in said.items()):
                return one
    for said in filter(None, wanted):
        for one in every:
            if all(one.get(key) == said.get(key) for key in keys):
                return one
    return None


def _lay_entry(entries: MutableSequence[Any], change: SetupChange, append: Append) -> None:
    if change.now is None:
        gone = find_entry(entries, change.place, change.was)
        if gone is not None:
            entries.remove(gone)
        return
    found = find_entry(entries, change.place, change.now, change.was)
    if found is None and change.was is None:
        append(entries, dict(change.now))
    elif found is None:
        said = joined(str(value) for value in (change.was or {}).values())
        raise SetupNotLaid(f"{change.place.file} has no entry any more that says {said}")
    else:
        write_entry(found, change.was or {}, change.now)


def write_entry(table: Any, was: Entry, now: Entry) -> None:
    """Change the keys of a table that are not as they were, and no other."""
    for key in (*was, *(key for key in now if key not in was)):
        if key not in now:
            table.pop(key, None)
        elif now[key] != was.get(key) and now[key] != table.get(key):
            table[key] = now[key]


def _lay_year(files: Files, change: SetupChange) -> None:
    """A year's framework is begun as a copy of the one before it."""
    file, now = change.place.file, change.now or {}
    if file not in files:
        before = max((name for name in files if name.startswith(FRAMEWORKS) and name < file), default="")
        if not before:
            raise SetupNotLaid(f"{file} has no year before it to begin with")
        files[file] = deepcopy(files[before])
    write_entry(files[file], change.was or {}, now)
