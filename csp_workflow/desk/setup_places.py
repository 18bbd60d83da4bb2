"""Where in a set-up workbook a fault of the configuration stands, which names file and key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from csp_workflow.desk.setup_cells import SetupFault
from csp_workflow.forms.setup_sheets import SetupLine, list_lines
from csp_workflow.terms.phrases import plain_day

if TYPE_CHECKING:
    from csp_workflow.desk.setup_plan import PlannedChange

_FILE = re.compile(r"^(?:[^\s:]*/)?(?P<file>[\w.-]+\.(?:toml|csv)): ")
_ISO_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_NTH = re.compile(r"^\[\d+\]")
_FOR_A_FILE = re.compile(r" Add a line such as: .*$")
_IN_HER_WORDS = (
    (r"^areas is missing\..*", "it has no area. Please add a row for it on the sheet Areas."),
    (r"^(has no [\w ]+)\. Add a block of contacts.*", r"it \1. Please add a row on the sheet Contacts."),
    (r"Add years to that file\.", "Is the year right? If it is, whoever keeps the configuration adds bank holidays."),
    (
        r"date the change: break_from = (\S+) \(or later\) and break_reason\. .*",
        r"fill in Another thing since (\1 or later) and Why. Where only the words changed, fill in Reworded on.",
    ),
)
"""What sentences for a file say, as the workbook has it."""
_NAMES = ("key", "ref", "code", "number", "name")


def find_place(sentence: str, planned: Sequence[PlannedChange], files: Mapping[str, Any]) -> SetupFault:
    """A fault at the cell that it is about; at none where no row of the workbook says it."""
    found = _FILE.match(sentence)
    said = _FOR_A_FILE.sub(" Please fill it in.", sentence[found.end() :] if found else sentence)
    for where, line in sorted(_name_lines(files), key=lambda pair: -len(pair[0])):
        if found and line.place.file == found["file"] and said.startswith(where):
            rest = said[len(where) :]
            return _place(rest, line, planned) or _place_beside(rest, line, planned, said)
    return SetupFault(sheet="", cell="", sentence=said)


def _place_beside(rest: str, line: SetupLine, planned: Sequence[PlannedChange], said: str) -> SetupFault:
    """At the row that was changed and has the same address, which the fault of the other is about too; or at none."""
    address = line.entry.get("address")
    alike = (
        one for one in planned if one.change.place == line.place and (one.change.now or {}).get("address") == address
    )
    row = next((one.row for one in alike if address), None)
    return row.say_fault("address", rest.lstrip(".: ")) if row else SetupFault(sheet="", cell="", sentence=said)


def _name_lines(files: Mapping[str, Any]) -> Iterator[tuple[str, SetupLine]]:
    """Each row with how faults name its entry: by its name or by its place, within whom it lies."""
    counts: dict[object, int] = {}
    for line in list_lines(files):
        place = line.place
        counts[place] = count = counts.get(place, 0) + 1
        outer = f"{place.lists[0]}[{place.within}]." if place.within else "".join(f"{one}." for one in place.lists[:-1])
        named = "" if "address" in line.entry else next((str(line.entry[n]) for n in _NAMES if n in line.entry), "")
        for name in filter(None, (named, str(count))):
            if place.lists:
                yield f"{outer}{place.lists[-1]}[{name}]", line
                yield f"[{name}]", line


def _place(rest: str, line: SetupLine, planned: Sequence[PlannedChange]) -> SetupFault | None:
    """At the row that asks for the entry, in the column that the fault names."""
    rows = (one.row for one in planned if one.change.place == line.place and one.change.now == line.entry)
    row = next(rows, None)
    if row is None:
        return None
    key = re.match(r"\.(\w+)", rest)
    column = next((c for c in line.sheet.columns if key and c.key == key[1]), None)
    if column is None:
        return row.say_fault("", _say_in_her_words(rest.lstrip(".: ")))
    said = _NTH.sub("", rest[len(key[0]) :]) if key else rest
    return row.say_fault(column.key, _say_in_her_words(f"{column.header}{said}"))


def _say_in_her_words(said: str) -> str:
    for pattern, words in _IN_HER_WORDS:
        said = re.sub(pattern, words, said)
    return _ISO_DAY.sub(lambda found: plain_day(date.fromisoformat(found[0])), said)
