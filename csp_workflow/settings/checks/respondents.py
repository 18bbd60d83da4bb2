"""Partnerships and contributors: keys, codes and areas once, areas known, people there to write to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from csp_workflow.settings.checks.known import (
    CONTRIBUTORS,
    PARTNERSHIPS,
    Entry,
    check_order,
    entries,
    geographies,
    twice,
)
from csp_workflow.settings.faults import Faults, instead
from csp_workflow.settings.files import Read
from csp_workflow.settings.schemas.partnerships import PartnershipEntry
from csp_workflow.terms.respondents import Geography, Role


def check(read: Read, faults: Faults) -> None:
    """Note every fault among the respondents."""
    _check_names(read, faults)
    for file, where, entry in entries(read):
        check_order(file, f"{where}.valid_to", entry.valid_from, entry.valid_to, faults)
        _check_people(file, where, entry, faults)
    for partnership in read.partnerships.partnerships if read.partnerships else ():
        _check_own(partnership, faults)
    _check_areas(read, faults)
    _check_analyst(read, faults)


def _check_names(read: Read, faults: Faults) -> None:
    everyone = entries(read)
    for name in ("key", "code"):
        for word in twice(getattr(entry, name) for _, _, entry in everyone):
            files = list(dict.fromkeys(file for file, _, entry in everyone if getattr(entry, name) == word))
            faults.add(files[-1], f"the {name} '{word}' stands at two respondents. Give each its own.")


def _check_people(file: str, where: str, entry: Entry, faults: Faults) -> None:
    needed = (Role.LEAD, Role.CHAIR) if isinstance(entry, PartnershipEntry) else (Role.LEAD,)
    for role in needed:
        if not any(contact.role is role for contact in entry.contacts):
            faults.add(file, f'{where} has no {role}. Add a block of contacts with role = "{role}" and an address.')
    for number, contact in enumerate(entry.contacts, start=1):
        place = f"{where}.contacts[{number}]"
        check_order(file, f"{place}.valid_to", contact.valid_from, contact.valid_to, faults)
        for later in entry.contacts[number:]:
            is_same = (later.role, later.address.lower()) == (contact.role, contact.address.lower())
            if is_same and later.valid_from <= contact.valid_to and contact.valid_from <= later.valid_to:
                faults.add(file, f"{place}: the same address stands twice as {contact.role} for the same days.")


def _check_own(entry: PartnershipEntry, faults: Faults) -> None:
    """A partnership's local measures and objectives: their refs carry its code, their areas are its own."""
    where = f"partnerships[{entry.key}]"
    codes = [area.code for area in entry.areas]
    refs = [*(local.ref for local in entry.local_measures), *(objective.ref for objective in entry.objectives)]
    for ref in twice(refs):
        faults.add(PARTNERSHIPS, f"{where}: the ref '{ref}' stands twice. Give each its own.")
    for kind, letter, ref in _own_refs(entry):
        if not ref.startswith(f"{entry.code}.{letter}") or not ref.rpartition(letter)[2].isdigit():
            faults.add(
                PARTNERSHIPS,
                f"{where}.{kind}[{ref}].ref must be {entry.code}.{letter} and a number, like {entry.code}.{letter}1.",
            )
    for local in entry.local_measures:
        place = f"{where}.local_measures[{local.ref}]"
        check_order(PARTNERSHIPS, f"{place}.valid_to", local.agreed, local.valid_to, faults)
        if local.area not in codes:
            faults.add(
                PARTNERSHIPS,
                f"{place}.area is '{local.area}', which is no area of the partnership.{instead(local.area, codes)}",
            )
    for objective in entry.objectives:
        check_order(
            PARTNERSHIPS, f"{where}.objectives[{objective.ref}].valid_to", objective.agreed, objective.valid_to, faults
        )


def _own_refs(entry: PartnershipEntry) -> Iterator[tuple[str, str, str]]:
    yield from (("local_measures", "L", local.ref) for local in entry.local_measures)
    yield from (("objectives", "O", objective.ref) for objective in entry.objectives)


def _check_areas(read: Read, faults: Faults) -> None:
    _check_shared_areas(read.partnerships.partnerships if read.partnerships else (), faults)
    for code in twice(area.code for area in read.contributors.areas) if read.contributors else ():
        faults.add(CONTRIBUTORS, f"areas[{code}] stands twice. Remove one.")
    known = geographies(read)
    if known is None:
        return
    for _, where, entry in entries(read):
        if isinstance(entry, PartnershipEntry):
            _check_upper_tiers(where, entry, known, faults)
        else:
            for code in entry.areas:
                if code not in known:
                    faults.add(CONTRIBUTORS, f"{where}.areas: '{code}' is not known.{instead(code, known)}")


def _check_shared_areas(partnerships: Sequence[PartnershipEntry], faults: Faults) -> None:
    """An area may pass from one partnership to another, but never belong to two at once."""
    for code in twice(area.code for entry in partnerships for area in entry.areas):
        holders = [entry for entry in partnerships if code in {area.code for area in entry.areas}]
        if len(holders) == 1:
            faults.add(PARTNERSHIPS, f"partnerships[{holders[0].key}].areas[{code}] stands twice. Remove one.")
        elif any(_overlap(one, other) for one, other in combinations(holders, 2)):
            names = " and ".join(entry.key for entry in holders)
            faults.add(PARTNERSHIPS, f"the area {code} stands at {names} for the same days. Leave it at one of them.")


def _overlap(one: Entry, other: Entry) -> bool:
    return one.valid_from <= other.valid_to and other.valid_from <= one.valid_to


def _check_upper_tiers(where: str, entry: PartnershipEntry, known: Mapping[str, Geography], faults: Faults) -> None:
    uppers = [code for code, geography in known.items() if geography is Geography.UPPER_TIER]
    for area in entry.areas:
        if area.upper_tier not in uppers:
            faults.add(
                PARTNERSHIPS,
                f"{where}.areas[{area.code}].upper_tier is '{area.upper_tier}', which is no upper tier "
                f"in {CONTRIBUTORS}.{instead(area.upper_tier, uppers)}",
            )


def _check_analyst(read: Read, faults: Faults) -> None:
    if not read.contributors:
        return
    analysts = [entry for entry in read.contributors.contributors if entry.kind == "analyst"]
    if not analysts:
        faults.add(CONTRIBUTORS, 'no contributor has kind = "analyst". The force\'s analyst supplies the extract.')
    for one, other in combinations(analysts, 2):
        if _overlap(one, other):
            faults.add(
                CONTRIBUTORS, f"{one.key} and {other.key} are both the analyst for the same days. There is one extract."
            )
