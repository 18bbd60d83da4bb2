"""The set-up workbook: its sheets and columns, said once for writing, reading and comparing, and its rows of the files.

Each sheet is a view of one or several lists of the configuration's files; a column is a key of their entries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from csp_workflow.forms.draft import clean_for_cell
from csp_workflow.terms.figures import Frequency, MeasureKind, Polarity
from csp_workflow.terms.setup import FRAMEWORKS, Entry, SetupPlace, find_list
from csp_workflow.terms.site import Role

SETUP_START = "Set-up"
COPY = "This copy"
ROW = "Row"
WORKED, NOT_WORKED = "worked", "not worked"
YES_WORD, NO_WORD = "yes", "no"
_PARTNERSHIPS, _CONTRIBUTORS, _CALENDAR = "partnerships.toml", "contributors.toml", "calendar.toml"


class Holds(StrEnum):
    """What stands in the cells of a column."""

    TEXT = "text"
    DAY = "day"
    YES = "yes or no"
    LIST = "list"
    NUMBERS = "whole numbers"
    LINES = "lines"


class Bound(StrEnum):
    """What a day in a column begins or ends: nothing that is past is changed by it."""

    NONE = ""
    FIRST = "first"
    LAST = "last"
    ONLY = "only"


@dataclass(frozen=True, kw_only=True)
class SetupColumn:
    """A column: its header, the key of an entry under which it stands, and what its cells hold.

    `is_fixed`: what stands there is never changed in a row that is there already, since forms carry it.
    """

    header: str
    key: str
    holds: Holds = Holds.TEXT
    width: int = 18
    is_fixed: bool = False
    bound: Bound = Bound.NONE
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SetupSheet:
    """A sheet: what one row of it is called, the lists that it shows, and the header of the column that says which.

    Of lists that lie within respondents that column holds a respondent's key, else the name of the list. What is
    `is_kept` ends by a day and is never taken out; to one that is `is_closed` no row is added either: its words may be
    changed.
    """

    title: str
    one: str
    lead: str
    columns: tuple[SetupColumn, ...]
    places: Mapping[str, SetupPlace]
    whose: str = ""
    is_kept: bool = False
    is_closed: bool = False
    name: Callable[[Entry], str]

    @property
    def headers(self) -> tuple[str, ...]:
        """All of its headers, in their order."""
        return (ROW, *([self.whose] if self.whose else []), *(column.header for column in self.columns))

    def say_whose(self, place: SetupPlace) -> str:
        """What stands in the column that says which list a row is in."""
        if place.file.startswith(FRAMEWORKS):
            year = place.file.removeprefix(FRAMEWORKS).removesuffix(".toml").replace("-", "/")
            return f"{year} {place.within}".strip()
        named = (label for label, one in self.places.items() if one.lists == place.lists)
        return place.within or next(named, "")


def _text(header: str, key: str, width: int = 18, **more: Any) -> SetupColumn:
    return SetupColumn(header=header, key=key, width=width, **more)


def _day(header: str, key: str, bound: Bound = Bound.NONE) -> SetupColumn:
    return SetupColumn(header=header, key=key, holds=Holds.DAY, bound=bound)


def _list(header: str, key: str, width: int = 24, holds: Holds = Holds.LIST) -> SetupColumn:
    return SetupColumn(header=header, key=key, holds=holds, width=width)


def _in(file: str, *lists: str) -> SetupPlace:
    return SetupPlace(file=file, lists=lists)


_FROM, _TO = _day("From", "valid_from", Bound.FIRST), _day("To", "valid_to", Bound.LAST)
_AGREED, _UNTIL = _day("Agreed", "agreed", Bound.FIRST), _day("To", "valid_to", Bound.LAST)
_PRIORITIES = _list("Plan priorities", "priorities", 14, Holds.NUMBERS)
_KEY, _CODE = _text("Key", "key", 22, is_fixed=True), _text("Code", "code", 12, is_fixed=True)
_NAME = _text("Name", "name", 40)


def _name_by(*keys: str) -> Callable[[Entry], str]:
    """An entry is named by the first of these keys that it has."""
    return lambda entry: str(next((entry[key] for key in keys if key in entry), ""))


def _words_of(kind: Iterable[StrEnum]) -> tuple[str, ...]:
    return tuple(one.value for one in kind)


SETUP_SHEETS: tuple[SetupSheet, ...] = (
    SetupSheet(
        title="Partnerships",
        one="partnership",
        lead="One row for each partnership. One that ends gets its last day under To; no row is taken out.",
        columns=(
            _KEY,
            _CODE,
            _NAME,
            _FROM,
            _TO,
            _list("Takes over from", "predecessors"),
            _day("Covers other areas since", "break_from", Bound.FIRST),
            _text("Why", "break_reason", 30),
        ),
        places={"": _in(_PARTNERSHIPS, "partnerships")},
        is_kept=True,
        name=_name_by("name", "key"),
    ),
    SetupSheet(
        title="Areas",
        one="area",
        lead="The areas that each partnership covers, with their ONS codes and the upper tier that each lies in.",
        columns=(
            _text("ONS code", "code", 14, is_fixed=True),
            _NAME,
            _text("Upper tier", "upper_tier", 14),
        ),
        places={"": _in(_PARTNERSHIPS, "partnerships", "areas")},
        whose="Partnership",
        is_kept=True,
        name=_name_by("name", "code"),
    ),
    SetupSheet(
        title="Larger places",
        one="place",
        lead="Places larger than an area of one partnership, for which contributors are asked.",
        columns=(
            _text("ONS code", "code", 14, is_fixed=True),
            _NAME,
            _text("Kind of place", "geography", choices=("upper tier", "policing area", "force")),
        ),
        places={"": _in(_CONTRIBUTORS, "areas")},
        is_kept=True,
        name=_name_by("name", "code"),
    ),
    SetupSheet(
        title="Contributors",
        one="contributor",
        lead="Bodies that supply what partnerships do not hold, and the force's analyst.",
        columns=(
            _KEY,
            _CODE,
            _NAME,
            _text("Kind", "kind", choices=("contributor", "analyst")),
            _FROM,
            _TO,
            _list("Places", "areas", 40),
        ),
        places={"": _in(_CONTRIBUTORS, "contributors")},
        is_kept=True,
        name=_name_by("name", "key"),
    ),
    SetupSheet(
        title="Contacts",
        one="contact",
        lead="Who fills in, approves or certifies. Who leaves gets a last day under To; a successor gets a new row.",
        columns=(
            _text("Role", "role", 14, choices=_words_of(Role)),
            _NAME,
            _text("Email", "address", 36),
            _text("Phone", "phone", 16),
            _FROM,
            _TO,
            _list("Other addresses of theirs", "also", 30),
            _list("Who else answers from their mailbox", "members", 30),
        ),
        places={
            "partnership": _in(_PARTNERSHIPS, "partnerships", "contacts"),
            "contributor": _in(_CONTRIBUTORS, "contributors", "contacts"),
        },
        whose="Partnership or contributor",
        is_kept=True,
        name=lambda entry: f"{entry.get('role', '')} {entry.get('name', '')}".strip(),
    ),
    SetupSheet(
        title="Local measures",
        one="local measure",
        lead="What a partnership itself counts, agreed with its chair. One that ends gets its last day under To.",
        columns=(
            _text("Measure ref", "ref", 14, is_fixed=True),
            _text("ONS code", "area", 14),
            _text("Title", "title", 30),
            _text("Counted in", "unit", 16),
            _text("Counted as", "kind", 14, choices=_words_of(MeasureKind)),
            _text("Direction", "polarity", 20, choices=_words_of(Polarity)),
            _text("How often it is counted", "frequency", 18, choices=_words_of(Frequency)),
            _text("What counts", "definition", 50),
            _PRIORITIES,
            _AGREED,
            _UNTIL,
            _day("Reworded on", "reworded_on"),
            _day("Another thing since", "break_from", Bound.FIRST),
            _text("Why", "break_reason", 30),
        ),
        places={"": _in(_PARTNERSHIPS, "partnerships", "local_measures")},
        whose="Partnership",
        is_kept=True,
        name=lambda entry: f"{entry.get('ref', '')} {entry.get('title', '')}".strip(),
    ),
    SetupSheet(
        title="Objectives",
        one="objective",
        lead="What a partnership itself aims at, in its own words. Another aim gets another ref.",
        columns=(
            _text("Objective ref", "ref", 14, is_fixed=True),
            _text("In their words", "wording", 60),
            _PRIORITIES,
            _AGREED,
            _UNTIL,
            _day("Reworded on", "reworded_on"),
        ),
        places={"": _in(_PARTNERSHIPS, "partnerships", "objectives")},
        whose="Partnership",
        is_kept=True,
        name=_name_by("ref"),
    ),
    SetupSheet(
        title="Grants",
        one="grant",
        lead="Grants that a partnership spends and says how far. One that ends gets its last day under To.",
        columns=(
            _text("Grant ref", "ref", 14, is_fixed=True),
            _text("Title", "title", 40),
            _list("Asked in (Q1 to Q4; empty: each)", "asked_in", 20),
            _AGREED,
            _UNTIL,
        ),
        places={"": _in(_PARTNERSHIPS, "partnerships", "grants")},
        whose="Partnership",
        is_kept=True,
        name=lambda entry: f"{entry.get('ref', '')} {entry.get('title', '')}".strip(),
    ),
    SetupSheet(
        title="Meetings",
        one="meeting",
        lead="A meeting that moved: change its day. One that was cancelled: write yes under Cancelled.",
        columns=(
            _text("Board", "board", 14),
            SetupColumn(header="Day", key="day", holds=Holds.DAY, bound=Bound.ONLY),
            _text("Quarter it takes", "quarter", 16),
            _text("Place", "place", 34),
            SetupColumn(header="Cancelled", key="cancelled", holds=Holds.YES, width=11, choices=(YES_WORD, NO_WORD)),
        ),
        places={"": _in(_CALENDAR, "meetings")},
        is_kept=True,
        name=lambda entry: f"{entry.get('board', '')} on {say_day(entry.get('day'))}",
    ),
    SetupSheet(
        title="Absences",
        one="absence",
        lead="Days on which you are away. Your deputy then gets copies and may order things.",
        columns=(_day("First day", "first", Bound.FIRST), _day("Last day", "last", Bound.LAST)),
        places={"": _in("service.toml", "office", "absences")},
        name=lambda entry: f"away from {say_day(entry.get('first'))} to {say_day(entry.get('last'))}",
    ),
    SetupSheet(
        title="Secretariats",
        one="secretary",
        lead="Who takes the papers of which boards. Without a board they take those of every board.",
        columns=(
            _NAME,
            _text("Email", "address", 36),
            _text("Phone", "phone", 16),
            _list("Boards", "boards"),
        ),
        places={"": _in("service.toml", "office", "secretariat")},
        name=_name_by("name"),
    ),
    SetupSheet(
        title="Officers to contact",
        one="officer",
        lead="Who may be asked about a paper, as printed at its end: each line of the cell is a line there.",
        columns=(_list("As printed", "lines", 70, Holds.LINES),),
        places={"": _in("report.toml", "officers")},
        name=lambda entry: str(next(iter(entry.get("lines", ())), "")),
    ),
    SetupSheet(
        title="Framework years",
        one="framework year",
        lead="A new row begins a year with the measures of the year before it.",
        columns=(_text("Financial year", "year", 14, is_fixed=True), _text("Title of the framework", "title", 80)),
        places={"": _in(f"{FRAMEWORKS}.toml")},
        is_kept=True,
        name=_name_by("year"),
    ),
    SetupSheet(
        title="Plan measures",
        one="measure of the Plan",
        lead="How the Plan's measures are worded. Where only words change, write the day under Reworded on.",
        columns=(
            _text("Measure ref", "ref", 14, is_fixed=True),
            _text("As published", "wording", 50),
            _text("Title", "title", 30),
            _text("Counted in", "unit", 16),
            _text("What counts", "definition", 50),
            _day("Counted so since", "definition_from", Bound.FIRST),
            _text("Open question", "open_question", 40),
            _day("Reworded on", "reworded_on"),
            _day("Another thing since", "break_from", Bound.FIRST),
            _text("Why", "break_reason", 30),
        ),
        places={"": _in(f"{FRAMEWORKS}.toml", "measures")},
        whose="Financial year",
        is_kept=True,
        is_closed=True,
        name=lambda entry: str(entry.get("ref", "")),
    ),
    SetupSheet(
        title="Plan series",
        one="series of the Plan",
        lead="How the parts of a measure are worded that counts several things.",
        columns=(
            _text("Series ref", "ref", 14, is_fixed=True),
            _text("Title", "title", 40),
            _text("Counted in", "unit", 20),
        ),
        places={"": _in(f"{FRAMEWORKS}.toml", "measures", "series")},
        whose="Financial year and measure",
        is_kept=True,
        is_closed=True,
        name=lambda entry: str(entry.get("ref", "")),
    ),
    SetupSheet(
        title="Holidays",
        one="holiday",
        lead="What changed since the list of bank holidays was made: days that are not worked, or worked after all.",
        columns=(
            SetupColumn(header="Day", key="day", holds=Holds.DAY, bound=Bound.ONLY),
            _text("What it is", "name", 40),
        ),
        places={NOT_WORKED: _in(_CALENDAR, "holidays", "extra"), WORKED: _in(_CALENDAR, "holidays", "worked")},
        whose="Worked or not",
        name=lambda entry: f"{say_day(entry.get('day'))} ({entry.get('name', '')})",
    ),
    SetupSheet(
        title="Pre-election periods",
        one="pre-election period",
        lead="Work goes on, publicity rests: letters and papers carry a remark.",
        columns=(
            _day("First day", "first", Bound.FIRST),
            _day("Last day", "last", Bound.LAST),
            _text("Which election", "reason", 40),
        ),
        places={"": _in(_CALENDAR, "pre_election")},
        name=lambda entry: f"{say_day(entry.get('first'))} to {say_day(entry.get('last'))}",
    ),
)
"""The sheets in their order. Mode, secrets, mailbox, trust and the office's own addresses are in none."""


def say_day(value: object) -> str:
    """A day in words, as rows are called by it."""
    return f"{value.day} {value:%B %Y}" if isinstance(value, date) else str(value or "")


# Rows ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SetupLine:
    """A row of a sheet, numbered from 1 as a copy of the workbook shows it: an entry, and the list in which it is."""

    sheet: SetupSheet
    number: int
    place: SetupPlace
    entry: Entry


def list_lines(files: Mapping[str, Any]) -> tuple[SetupLine, ...]:
    """Every row of every sheet, as the configuration's files (tables by name) stand."""
    return tuple(
        SetupLine(sheet=sheet, number=number, place=place, entry=entry)
        for sheet in SETUP_SHEETS
        for number, (place, entry) in enumerate(_list_entries(sheet, files), start=1)
    )


def number_lines(entries: Iterable[tuple[SetupPlace, Entry]]) -> tuple[SetupLine, ...]:
    """The rows that a copy of the workbook showed, of its entries in their order."""
    counts: dict[str, int] = {}
    lines: list[SetupLine] = []
    for place, entry in entries:
        sheet = find_sheet(place)
        counts[sheet.title] = number = counts.get(sheet.title, 0) + 1
        lines.append(SetupLine(sheet=sheet, number=number, place=place, entry=entry))
    return tuple(lines)


def find_sheet(place: SetupPlace) -> SetupSheet:
    """The sheet that shows a list."""
    is_any = not place.lists or place.file.startswith(FRAMEWORKS)
    return next(
        sheet
        for sheet in SETUP_SHEETS
        for one in sheet.places.values()
        if one.lists == place.lists and (is_any or place.file == one.file)
    )


def _list_entries(sheet: SetupSheet, files: Mapping[str, Any]) -> Iterator[tuple[SetupPlace, Entry]]:
    keys = [column.key for column in sheet.columns]
    for one in sheet.places.values():
        for place in _list_places(one, files, is_within=is_within(sheet)):
            entries: Sequence[Entry] = find_list(files, place) if place.lists else [files[place.file]]
            for entry in entries:
                yield place, {key: entry[key] for key in keys if key in entry}


def is_within(sheet: SetupSheet) -> bool:
    """Whether its lists lie within respondents."""
    return bool(sheet.whose) and not sheet.is_closed and not {WORKED, NOT_WORKED} & sheet.places.keys()


def _list_places(place: SetupPlace, files: Mapping[str, Any], *, is_within: bool) -> Iterator[SetupPlace]:
    if place.file.startswith(FRAMEWORKS):
        for file in sorted(name for name in files if name.startswith(FRAMEWORKS)):
            yield from _list_of_year(SetupPlace(file=file, lists=place.lists), files[file])
    elif is_within:
        for owner in files.get(place.file, {}).get(place.lists[0], ()):
            yield SetupPlace(file=place.file, lists=place.lists, within=str(owner["key"]))
    else:
        yield place


def _list_of_year(place: SetupPlace, framework: Mapping[str, Any]) -> Iterator[SetupPlace]:
    """The list of a framework year, or that of each of its measures which has one."""
    if len(place.lists) < 2:
        yield place
        return
    of, name = place.lists
    yield from (replace(place, within=str(one["ref"])) for one in framework.get(of, ()) if one.get(name))


def say_cell(value: Any, column: SetupColumn) -> str | date:
    """What stands in a cell for a value; a day stays one."""
    if value is None:
        return ""
    if column.holds is Holds.DAY:
        return value if isinstance(value, date) else str(value)
    if column.holds is Holds.YES:
        return YES_WORD if value else NO_WORD
    if column.holds is Holds.LINES:
        return clean_for_cell("\n".join(map(str, value)))
    if column.holds in {Holds.LIST, Holds.NUMBERS}:
        return clean_for_cell(", ".join(map(str, value)))
    return clean_for_cell(str(value))


_PARTS = re.compile(r"\s*[,;\n]\s*")


def split_cell(text: str) -> list[str]:
    """The parts of a list in a cell."""
    return [part for part in _PARTS.split(text.strip()) if part]
