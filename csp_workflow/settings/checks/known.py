"""The names that a configuration defines, for other files to refer to. None: its file could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from csp_workflow.settings.faults import Faults
from csp_workflow.settings.files import Read
from csp_workflow.settings.schemas.contributors import ContributorEntry
from csp_workflow.settings.schemas.partnerships import PartnershipEntry
from csp_workflow.terms.respondents import Geography

PARTNERSHIPS, CONTRIBUTORS = "partnerships.toml", "contributors.toml"
Entry = PartnershipEntry | ContributorEntry
_Thing = TypeVar("_Thing")


def entries(read: Read) -> list[tuple[str, str, Entry]]:
    """Every respondent that could be read, with its file and its place there ("partnerships[charnwood]")."""
    partnerships = read.partnerships.partnerships if read.partnerships else []
    contributors = read.contributors.contributors if read.contributors else []
    return [(PARTNERSHIPS, f"partnerships[{entry.key}]", entry) for entry in partnerships] + [
        (CONTRIBUTORS, f"contributors[{entry.key}]", entry) for entry in contributors
    ]


def respondent_keys(read: Read) -> tuple[str, ...] | None:
    """Every respondent's key."""
    both = read.partnerships and read.contributors
    return tuple(entry.key for _, _, entry in entries(read)) if both else None


def geographies(read: Read) -> Mapping[str, Geography] | None:
    """Every area's code and what kind of place it is."""
    if not (read.partnerships and read.contributors):
        return None
    areas = {area.code: Geography.AREA for entry in read.partnerships.partnerships for area in entry.areas}
    return areas | {area.code: area.geography for area in read.contributors.areas}


def board_keys(read: Read) -> tuple[str, ...] | None:
    """Every board's key."""
    return tuple(board.key for board in read.calendar.boards) if read.calendar else None


def measure_refs(read: Read) -> tuple[str, ...] | None:
    """Every ref that a waiver may name: measures, series, themes, local measures and objectives."""
    if not (read.frameworks and read.partnerships):
        return None
    refs: list[str] = []
    for framework in read.frameworks.values():
        refs += [f"T{theme.number}" for theme in framework.themes]
        for measure in framework.measures:
            refs += [measure.ref, *(series.ref for series in measure.series)]
    for entry in read.partnerships.partnerships:
        refs += [local.ref for local in entry.local_measures]
        refs += [objective.ref for objective in entry.objectives]
    return tuple(dict.fromkeys(refs))


def twice(things: Iterable[_Thing]) -> list[_Thing]:
    """Those that stand more than once, in order."""
    return [thing for thing, count in Counter(things).items() if count > 1]


def check_order(file: str, where: str, first: object, last: object, faults: Faults) -> None:
    """A period whose end lies before its beginning."""
    if last < first:  # type: ignore[operator] # both are dates
        faults.add(file, f"{where}: it ends on {last}, before it begins on {first}.")
