"""What a set-up workbook would change: beside the copy that it was made of, and beside what holds now.

A cell that she changed is taken where what holds still is what her copy said. Where that was changed meanwhile she is
told so by its cell, so that nothing is undone in silence. Nothing that is past is changed. Then where in the workbook
a fault of the configuration stands, and what would change in words: a sentence each, which she reads before taking it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import chain
from typing import Any

from csp_workflow.desk.setup import SetupFault, Typed, TypedRow
from csp_workflow.forms.setup_sheets import (
    ROW,
    SETUP_SHEETS,
    Bound,
    SetupColumn,
    SetupLine,
    SetupSheet,
    is_within,
    list_lines,
    say_cell,
    say_day,
)
from csp_workflow.terms.phrases import capital, joined, plain_day
from csp_workflow.terms.setup import FRAMEWORKS, Entry, SetupChange, SetupPlace, find_entry

_DAY = timedelta(days=1)
_PERSON = ("name", "address")
_OF_MEASURES = {"local_measures", "objectives"}
_RESPONDENTS = {"Partnerships", "Contributors"}
_WHO_FOLLOWS = "For somebody else from a later day on, write this one's last day under To and add a row."
_PUT_BACK = "Please put it back."
_NAMING = {"board", "boards", "predecessors"}
"""Keys of an entry under which others are named by their keys."""


@dataclass(frozen=True, kw_only=True)
class SetupFacts:
    """What a workbook is read beside: the rows of its copy (None: no copy of ours), the files as they hold now.

    Nothing before `since` is changed: it is today once anybody was asked, and there is no such day before. `agreed` are
    the respondents whose measures were agreed with them.
    """

    copy: tuple[SetupLine, ...] | None
    files: Mapping[str, Any]
    today: date
    since: date
    agreed: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class PlannedChange:
    """A change, and the row of the workbook that asks for it."""

    change: SetupChange
    sheet: SetupSheet
    row: TypedRow | None


@dataclass(frozen=True, kw_only=True)
class SetupPlan:
    """What a workbook would change, and what is not right in it: with one fault it changes nothing."""

    planned: tuple[PlannedChange, ...] = ()
    faults: tuple[SetupFault, ...] = ()

    @property
    def changes(self) -> tuple[SetupChange, ...]:
        """The changes themselves."""
        return tuple(one.change for one in self.planned)


def plan_setup(typed: Typed, facts: SetupFacts) -> SetupPlan:
    """What a workbook asks for, as things stand."""
    if facts.copy is None:
        said = "this is no copy that we sent. Reply SETUP for a new one, and make your changes in that."
        return SetupPlan(faults=(SetupFault(sheet="", cell="", sentence=said),))
    planner = _Planner(typed, facts, facts.copy)
    planned = tuple(planner.plan())
    return SetupPlan(planned=planned, faults=(*typed.faults, *planner.faults))


class _Planner:
    """Goes through the rows of a workbook, and gathers what is not right."""

    def __init__(self, typed: Typed, facts: SetupFacts, copy: Sequence[SetupLine]) -> None:
        self._typed, self._facts = typed, facts
        self._now = list_lines(facts.files)
        self._copy = {(line.sheet.title, line.number): line for line in copy}
        self._holders = self._find_holders()
        self._called = self._list_called()
        self.faults: list[SetupFault] = []

    def plan(self) -> Iterator[PlannedChange]:
        """Every change, in the order of the sheets."""
        self.faults += self._find_lacking()
        yield from chain.from_iterable(self._plan_row(row) for row in self._list_known())
        yield from self._plan_gone()

    def _list_known(self) -> Iterator[TypedRow]:
        """The rows whose number is one of the copy's, each once, and those that are new."""
        seen: set[tuple[str, int]] = set()
        for row in (self._write_keys(row) for row in self._typed.rows if row.can_say(ROW)):
            key = row.sheet.title, row.number
            if row.number and key in seen:
                self._say(row, ROW, f"row {row.number} stands twice. A new row has no number: please empty this.")
            elif row.number and key not in self._copy:
                self._say(row, ROW, f"your copy has no row {row.number}. A new row has no number: please empty this.")
            else:
                seen.add(key)
                yield row
        self._seen = seen

    def _plan_row(self, row: TypedRow) -> Iterator[PlannedChange]:
        line = self._copy.get((row.sheet.title, row.number))
        if line is None:
            yield from self._plan_new(row)
            return
        if row.whose and self._find_key(row.whose) != row.sheet.say_whose(line.place):
            self._say(row, row.sheet.whose, "a row stays with whom it is. Please put that back, and add a new row.")
            return
        wanted = self._find_changed(row, line)
        if wanted:
            yield from self._plan_changed(row, line, wanted)

    def _find_changed(self, row: TypedRow, line: SetupLine) -> dict[str, Any]:
        """What was typed otherwise than the copy shows it, by key; None for what was emptied, and is not gone whole."""
        was, typed = line.entry, row.values
        columns = [column for column in row.sheet.columns if row.can_say(column.key)]
        return {c.key: typed.get(c.key) for c in columns if _differs(was.get(c.key), typed.get(c.key), c)}

    def _plan_changed(self, row: TypedRow, line: SetupLine, wanted: dict[str, Any]) -> Iterator[PlannedChange]:
        now = self._find_now(line, wanted)
        if now is None:
            self._say(row, ROW, "this row was changed since your copy was made. Reply SETUP for a new one.")
            return
        taken: dict[str, Any] = {}
        for column in (column for column in row.sheet.columns if column.key in wanted):
            value, stands = wanted[column.key], now.get(column.key)
            if not _differs(stands, value, column):
                continue
            if _differs(stands, line.entry.get(column.key), column):
                said = f"this was changed since your copy was made: “{_shown(stands, column)}” stands there now."
                self._say(row, column.key, f"{said} Reply SETUP for a new copy.")
            elif refused := self._refuse(row, column, stands, value):
                self._say(row, column.key, refused)
            else:
                taken[column.key] = value
        if taken:
            yield from self._make(row, line.place, now, taken)

    def _find_now(self, line: SetupLine, wanted: Mapping[str, Any]) -> Entry | None:
        """The row as it holds now: changed already as she wants it, or as her copy shows it."""
        if not line.place.lists:
            return next((one.entry for one in self._now if one.place == line.place), None)
        entries = [one.entry for one in self._now if one.place == line.place]
        return find_entry(entries, line.place, _changed(line.entry, wanted), line.entry)

    def _make(self, row: TypedRow, place: SetupPlace, now: Entry, taken: Mapping[str, Any]) -> Iterator[PlannedChange]:
        if self._is_another_person(place, now, taken):
            yield from self._make_successor(row, place, now, taken)
            return
        change = SetupChange(place=place, was=now, now=_changed(now, taken))
        yield PlannedChange(change=change, sheet=row.sheet, row=row)

    def _is_another_person(self, place: SetupPlace, now: Entry, taken: Mapping[str, Any]) -> bool:
        """Whether another address or role was written over that of somebody who has begun, and was that until now."""
        is_over = place.lists[-1:] == ("contacts",) and bool(taken.get("address") or taken.get("role"))
        return is_over and now.get("valid_from", date.min) < self._facts.since

    def _make_successor(
        self, row: TypedRow, place: SetupPlace, now: Entry, taken: Mapping[str, Any]
    ) -> Iterator[PlannedChange]:
        begins = max(self._facts.today, taken.get("valid_from") or date.min)
        ended = {**now, "valid_to": begins - _DAY}
        left = {"also", "members", "valid_to"} if taken.get("name") else {"valid_to"}
        own = {key: value for key, value in _changed(now, taken).items() if key not in left}
        new = {**own, **{key: taken[key] for key in ("also", "members") if taken.get(key)}, "valid_from": begins}
        said = {key: new[key] for key in ("role", *_PERSON)}
        if any(one.place == place and said.items() <= one.entry.items() for one in self._now):
            return
        for was, entry in ((now, ended), (None, new)):
            yield PlannedChange(change=SetupChange(place=place, was=was, now=entry), sheet=row.sheet, row=row)

    def _plan_new(self, row: TypedRow) -> Iterator[PlannedChange]:
        place = self._find_place(row)
        if place is None:
            return
        entry = dict(row.values)
        for column in row.sheet.columns:
            if column.key == "valid_from" and self._facts.since > date.min:
                entry.setdefault(column.key, self._facts.today)
            refused = self._refuse(row, column, None, entry.get(column.key))
            if refused:
                self._say(row, column.key, refused)
        if not any(one.place == place and entry.items() <= one.entry.items() for one in self._now):
            yield PlannedChange(change=SetupChange(place=place, was=None, now=entry), sheet=row.sheet, row=row)

    def _find_place(self, row: TypedRow) -> SetupPlace | None:
        places, sheet = row.sheet.places, row.sheet
        if sheet.is_closed:
            self._say(row, ROW, f"no {sheet.one} is added here. Whoever keeps the configuration adds it there.")
            return None
        if not next(iter(places.values())).lists:
            return self._find_year(row)
        if not sheet.whose:
            return next(iter(places.values()))
        known = list(self._holders) if is_within(sheet) else list(places)
        whose = self._find_key(row.whose).lower()
        held = self._holders.get(whose) if is_within(sheet) else ""
        found = [p for label, p in places.items() if (p.file == held if held else label == whose)]
        if not found:
            self._say(row, sheet.whose, f"“{row.whose}” is not known here. Please write one of {', '.join(known)}.")
            return None
        return replace(found[0], within=whose) if held else found[0]

    def _find_key(self, whose: str) -> str:
        """The key of what is called by its key, its code or its name in any letters; else what was typed."""
        return self._called.get(whose.casefold(), whose)

    def _list_called(self) -> dict[str, str]:
        entries = [one.entry for one in self._now if one.sheet.title in _RESPONDENTS]
        entries += self._facts.files.get("calendar.toml", {}).get("boards", ())
        return {str(one.get(key, "")).casefold(): str(one["key"]) for key in ("name", "code", "key") for one in entries}

    def _write_keys(self, row: TypedRow) -> TypedRow:
        """A row in which boards and partnerships stand by their keys, however it names them."""
        named = {key: row.values[key] for key in _NAMING & row.values.keys()}
        keys = {k: self._find_key(v) if isinstance(v, str) else [*map(self._find_key, v)] for k, v in named.items()}
        return replace(row, values={**row.values, **keys})

    def _find_year(self, row: TypedRow) -> SetupPlace | None:
        year = str(row.values.get("year", ""))
        if len(year) != 7 or year[4] != "/" or not (year[:4] + year[5:]).isdecimal():
            self._say(row, "year", f"“{year}” is no financial year. Please write it like 2015/16.")
            return None
        place = SetupPlace(file=f"{FRAMEWORKS}{year.replace('/', '-')}.toml", lists=())
        known = next((one.entry for one in self._now if one.place == place), None)
        if known is not None and known == row.values:
            return None
        if known is not None:
            self._say(row, "year", f"{year} is there already. Please change its own row.")
            return None
        return place

    def _find_holders(self) -> dict[str, str]:
        """In whose file each respondent is, by key: those that are there, and those of new rows."""
        known = {str(one.entry["key"]): one.place.file for one in self._now if one.sheet.title in _RESPONDENTS}
        new = [row for row in self._typed.rows if row.sheet.title in _RESPONDENTS and row.values.get("key")]
        return known | {str(row.values["key"]): row.sheet.places[""].file for row in new}

    def _plan_gone(self) -> Iterator[PlannedChange]:
        """Rows of the copy that are not in the workbook, as far as its numbers say: taken out where that may be."""
        numbered = {title for title, headers in self._typed.headers.items() if ROW in headers}
        numbered -= {row.sheet.title for row in self._typed.rows if not row.can_say(ROW)}
        for (title, number), line in self._copy.items():
            is_there = (title, number) in self._seen or title not in numbered
            now = [one.entry for one in self._now if one.place == line.place]
            if is_there or (line.entry not in now and not line.sheet.is_kept):
                continue
            if stays := self._say_stays(line):
                says = f"row {number} of your copy ({line.sheet.name(line.entry)}) is not there. {stays}"
                self.faults.append(SetupFault(sheet=title, cell="", sentence=f"{says} Please put it back."))
            else:
                change = SetupChange(place=line.place, was=line.entry, now=None)
                yield PlannedChange(change=change, sheet=line.sheet, row=None)

    def _say_stays(self, line: SetupLine) -> str:
        """Why a row is not taken out; "" where it may be."""
        if line.sheet.is_kept:
            return f"No {line.sheet.one} is taken out."
        days = (line.entry.get(c.key) for c in line.sheet.columns if c.bound in {Bound.FIRST, Bound.ONLY})
        begun = any(isinstance(day, date) and day < self._facts.since for day in days)
        return "It has begun, and stays." if begun else ""

    def _find_lacking(self) -> Iterator[SetupFault]:
        """Sheets and columns that are gone: what stood there might seem to be taken out."""
        for sheet in SETUP_SHEETS:
            have = self._typed.headers.get(sheet.title)
            if have is None:
                yield SetupFault(sheet=sheet.title, cell="", sentence="this sheet is gone. Please put it back.")
            for header in [one for one in sheet.headers if have is not None and one not in have]:
                said = f"the column {header} is gone. Please put it back."
                yield SetupFault(sheet=sheet.title, cell="", sentence=said)

    def _refuse(self, row: TypedRow, column: SetupColumn, was: Any, value: Any) -> str:
        """Why a cell may not be changed so; "" where it may."""
        if column.is_fixed and was is not None:
            return f"“{was}” is never changed, since forms carry it. Please put it back."
        if row.sheet.places and row.whose in self._facts.agreed and _lists(row.sheet) & _OF_MEASURES:
            return "these measures were agreed with the partnership, which is asked for them anew by AGREE."
        return self._refuse_past(row.sheet, column, was, value)

    def _refuse_past(self, sheet: SetupSheet, column: SetupColumn, was: Any, value: Any) -> str:
        since = self._facts.since
        if column.bound is Bound.NONE or since == date.min:
            return ""
        least = since - _DAY if column.bound is Bound.LAST else since
        if isinstance(was, date) and was < least:
            return f"{say_day(was)} is past, and stays. {_WHO_FOLLOWS if 'contacts' in _lists(sheet) else _PUT_BACK}"
        if isinstance(value, date) and value < least:
            return f"{say_day(value)} is past. Please write {say_day(least)}, or a later day."
        return ""

    def _say(self, row: TypedRow, key: str, sentence: str) -> None:
        """A fault of a cell that is there and was read: one that was not has its fault already."""
        if row.can_say(key):
            self.faults.append(row.say_fault(key, sentence))


def _lists(sheet: SetupSheet) -> set[str]:
    return {name for place in sheet.places.values() for name in place.lists}


def _differs(was: Any, value: Any, column: SetupColumn) -> bool:
    """Whether two values of a column are seen to be two: what is not there is like what is empty."""
    if not was and not value:
        return False
    before, after = (_shown(one, column).split() for one in (was, value))
    is_same_address = column.key == "address" and [x.lower() for x in before] == [x.lower() for x in after]
    return before != after and not is_same_address


def _shown(value: Any, column: SetupColumn) -> str:
    said = say_cell(value, column)
    return say_day(said) if isinstance(said, date) else said.strip()


def _changed(entry: Entry, taken: Mapping[str, Any]) -> dict[str, Any]:
    """An entry with other values; what was emptied goes."""
    return {key: value for key, value in {**entry, **taken}.items() if value is not None}


_FILE = re.compile(r"^(?:[^\s:]*/)?(?P<file>[\w.-]+\.(?:toml|csv)): ")
_ISO_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_NTH = re.compile(r"^\[\d+\]")
_FOR_A_FILE = re.compile(r" Add a line such as: .*$")
_IN_HER_WORDS = (
    (r"^areas is missing\..*", "it has no area. Please add a row for it on the sheet Areas."),
    (r"^(has no [\w ]+)\. Add a block of contacts.*", r"it \1. Please add a row on the sheet Contacts."),
    (r"there is no (framework for \S+)\. Add framework-.*", r"no \1 is there. Please add its year on Framework years."),
    (r"Add years to that file\.", "Is the year right? If it is, whoever keeps the configuration adds bank holidays."),
    (
        r"date the change: break_from = (\S+) \(or later\) and break_reason\. .*",
        r"fill in Another thing since (\1 or later) and Why. Where only the words changed, fill in Reworded on.",
    ),
)
"""What sentences for a file say, as the workbook has it."""
_NAMES = ("key", "ref", "code", "number", "name")
_TITLES = ("name", "title", "wording", *_NAMES)


def find_place(sentence: str, planned: Sequence[PlannedChange], files: Mapping[str, Any]) -> SetupFault:
    """A fault at the cell that it is about; by name where its row was not changed; at none where no row says it."""
    found = _FILE.match(sentence)
    said = _FOR_A_FILE.sub(" Please fill it in.", sentence[found.end() :] if found else sentence)
    for where, line in sorted(_name_lines(files), key=lambda pair: -len(pair[0])):
        if found and line.place.file == found["file"] and said.startswith(where):
            key, told = _tell(said[len(where) :], line)
            if (row := _find_row(line, planned)) is not None:
                return row.say_fault(key, told)
            whose = next((f"{line.entry[name]}: " for name in _TITLES if name in line.entry), "")
            return SetupFault(sheet=line.sheet.title, cell="", sentence=f"{whose}{told}")
    return SetupFault(sheet="", cell="", sentence=_say_in_her_words(said))


def _find_row(line: SetupLine, planned: Sequence[PlannedChange]) -> TypedRow | None:
    """The row that asks for an entry; else the changed one with the same address, which its fault is about too."""
    beside = [one for one in planned if one.change.place == line.place and one.change.now]
    address = line.entry.get("address")
    alike = (one.row for one in beside if address and (one.change.now or {}).get("address") == address)
    return next((one.row for one in beside if one.change.now == line.entry), None) or next(alike, None)


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


def _tell(rest: str, line: SetupLine) -> tuple[str, str]:
    """A fault of an entry in her words, and the key of the column that it names."""
    key = re.match(r"\.(\w+)", rest)
    column = next((c for c in line.sheet.columns if key and c.key == key[1]), None)
    if key is None or column is None:
        return "", _say_in_her_words(rest.lstrip(".: "))
    return column.key, _say_in_her_words(f"{column.header}{_NTH.sub('', rest[len(key[0]) :])}")


def _say_in_her_words(said: str) -> str:
    for pattern, words in _IN_HER_WORDS:
        said = re.sub(pattern, words, said)
    return _ISO_DAY.sub(lambda found: plain_day(date.fromisoformat(found[0])), said)


def say_plan(plan: SetupPlan, files: Mapping[str, Any]) -> tuple[str, ...]:
    """Every change as a sentence; `files` (tables by name) say what respondents are called."""
    lines = list_lines(files) if files else ()
    names = {one.entry["key"]: str(one.entry["name"]) for one in lines if one.sheet.title in _RESPONDENTS}
    begun = (one.change.now for one in plan.planned if one.sheet.title in _RESPONDENTS and one.change.now)
    names = {str(now["key"]): str(now["name"]) for now in begun if "key" in now and "name" in now} | names
    pairs = list(_pair(plan.planned))
    return tuple(f"{_say(one, next_, names)}{_say_role(next_ or one, plan, lines)}" for one, next_ in pairs)


def _say_role(one: PlannedChange, plan: SetupPlan, lines: Sequence[SetupLine]) -> str:
    """That nobody follows somebody who ends, or that somebody who begins has a role beside others."""
    was, now, place = one.change.was or {}, one.change.now, one.change.place
    if place.lists[-1:] != ("contacts",) or not now:
        return ""
    planned = [x.change for x in plan.planned if x.change.place == place]
    held = [line.entry for line in lines if line.place == place and line.entry not in [x.was for x in planned]]
    held += [x.now for x in planned if x.now and x.now is not now]
    begins, last = _find_term(now)
    others = [(x.get("name"), *_find_term(x)) for x in held if x.get("role") == now.get("role")]
    if was and was.get("role") == now.get("role"):
        stays = last == _find_term(was)[1] or any(until > last for _, _, until in others)
        return "" if stays else f" Nobody follows as {now.get('role')}: a new row names who does."
    there = [str(name) for name, since, until in others if begins <= until and since <= last]
    stay = f"{joined(there)} {'stay' if len(there) > 1 else 'stays'} {now.get('role')}"
    return f" {stay} as well: each gets what goes to that role. Who leaves gets a last day under To." if there else ""


def _find_term(entry: Entry) -> tuple[date, date]:
    return entry.get("valid_from") or date.min, entry.get("valid_to") or date.max


def list_named(plan: SetupPlan) -> Iterator[tuple[PlannedChange, Entry | None]]:
    """Each contact that is new or gets another address, and in whose place it is (their entry as it was)."""
    for one, successor in _pair(plan.planned):
        begun = successor or one
        was, now = begun.change.was or {}, begun.change.now
        if begun.change.place.lists[-1:] == ("contacts",) and now and now.get("address") != was.get("address"):
            yield begun, one.change.was if successor else None


def mark_words(sentences: Sequence[str]) -> str:
    """A mark of what was said, by which it is known that the same still follows."""
    return sha256("\n".join(sentences).encode()).hexdigest()


def _pair(planned: Sequence[PlannedChange]) -> Iterator[tuple[PlannedChange, PlannedChange | None]]:
    """Each change, and whoever begins in the same role the day after somebody ends, told as one."""
    left = list(planned)
    while left:
        one = left.pop(0)
        successor = next((other for other in left if _follows(one, other)), None)
        if successor is not None:
            left.remove(successor)
        yield one, successor


def _follows(one: PlannedChange, other: PlannedChange) -> bool:
    ended, begun = one.change.now, other.change.now
    is_contact = one.change.place.lists[-1:] == ("contacts",) and one.change.place == other.change.place
    if not (is_contact and ended and begun and one.change.was and other.change.was is None):
        return False
    was, last = one.change.was.get("valid_to"), ended.get("valid_to")
    is_next = last is not None and last != was and begun.get("valid_from") == last + timedelta(days=1)
    return is_next and begun.get("role") == ended.get("role")


def _say(one: PlannedChange, successor: PlannedChange | None, names: Mapping[str, str]) -> str:
    change, sheet = one.change, one.sheet
    entry = change.was or change.now or {}
    whose = names.get(change.place.within, sheet.say_whose(change.place) if sheet.is_closed else change.place.within)
    lead = f"{whose}: " if whose else ""
    if successor is not None and successor.change.now is not None:
        new = successor.change.now
        if new.get("name") == entry["name"]:
            where = f"{entry['address']} to {new.get('address')} from {say_day(new['valid_from'])}"
            return f"{lead}the address of {entry['role']} {entry['name']} changes from {where}."
        said = f"{lead}{entry['role']} changes from {entry['name']} to {new.get('name')} ({new.get('address')})"
        return f"{said} from {say_day(new['valid_from'])}."
    if change.now is None:
        return capital(f"{lead}{sheet.one} {sheet.name(entry)} is taken out.")
    if change.was is None:
        said = "; ".join(f"{c.header}: {_write_cell(change.now, c)}" for c in sheet.columns if c.key in change.now)
        return capital(f"{lead}new {sheet.one}. {said}.")
    said = ", ".join(_say_cell(change.was, change.now, column) for column in sheet.columns if _is_other(change, column))
    return capital(f"{lead}{sheet.one} {sheet.name(entry)}: {said}.")


def _is_other(change: Any, column: SetupColumn) -> bool:
    return bool(change.was.get(column.key) != change.now.get(column.key))


def _say_cell(was: Entry, now: Entry, column: SetupColumn) -> str:
    before, after = _write_cell(was, column), _write_cell(now, column)
    if not before:
        return f"{column.header} is {after}"
    return f"{column.header} changes from {before} to {after}" if after else f"{column.header} is {before} no more"


def _write_cell(entry: Entry, column: SetupColumn) -> str:
    said = say_cell(entry.get(column.key), column)
    return " / ".join((say_day(said) if not isinstance(said, str) else said).split("\n"))
