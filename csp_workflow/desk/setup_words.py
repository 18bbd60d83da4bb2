"""What a set-up would change, in words: a sentence each, which she reads before she takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from csp_workflow.desk.setup_plan import PlannedChange, SetupPlan
from csp_workflow.forms.setup_sheets import SetupColumn, SetupLine, list_lines, say_cell, say_day
from csp_workflow.terms.phrases import capital
from csp_workflow.terms.setup import Entry


def say_plan(plan: SetupPlan, files: Mapping[str, Any]) -> tuple[str, ...]:
    """Every change as a sentence; `files` (tables by name) say what respondents are called."""
    titles = {"Partnerships", "Contributors"}
    lines = list_lines(files) if files else ()
    names = {one.entry["key"]: str(one.entry["name"]) for one in lines if one.sheet.title in titles}
    begun = (one.change.now for one in plan.planned if one.sheet.title in titles and one.change.now)
    names = {str(now["key"]): str(now["name"]) for now in begun if "key" in now and "name" in now} | names
    pairs = _pair(plan.planned)
    return tuple(
        f"{_say(one, successor, names)}{'' if successor else _say_vacant(one, plan, lines)}" for one, successor in pairs
    )


def _say_vacant(one: PlannedChange, plan: SetupPlan, lines: Sequence[SetupLine]) -> str:
    """That nobody follows somebody who ends, where nobody else has that role from then on."""
    was, now, place = one.change.was, one.change.now, one.change.place
    last = now.get("valid_to") if now else None
    if place.lists[-1:] != ("contacts",) or not was or not now or not last or last == was.get("valid_to"):
        return ""
    others = [line.entry for line in lines if line.place == place and line.entry != was]
    others += [x.change.now for x in plan.planned if x is not one and x.change.place == place and x.change.now]
    stays = (x for x in others if x.get("role") == now.get("role") and not (x.get("valid_to") or date.max) <= last)
    return "" if any(stays) else f" Nobody follows as {now.get('role')}: a new row names who does."


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
        said = "; ".join(f"{c.header}: {_shown(change.now, c)}" for c in sheet.columns if c.key in change.now)
        return capital(f"{lead}new {sheet.one}. {said}.")
    said = ", ".join(_say_cell(change.was, change.now, column) for column in sheet.columns if _is_other(change, column))
    return capital(f"{lead}{sheet.one} {sheet.name(entry)}: {said}.")


def _is_other(change: Any, column: SetupColumn) -> bool:
    return bool(change.was.get(column.key) != change.now.get(column.key))


def _say_cell(was: Entry, now: Entry, column: SetupColumn) -> str:
    before, after = _shown(was, column), _shown(now, column)
    if not before:
        return f"{column.header} is {after}"
    return f"{column.header} changes from {before} to {after}" if after else f"{column.header} is {before} no more"


def _shown(entry: Entry, column: SetupColumn) -> str:
    said = say_cell(entry.get(column.key), column)
    return " / ".join((say_day(said) if not isinstance(said, str) else said).split("\n"))
