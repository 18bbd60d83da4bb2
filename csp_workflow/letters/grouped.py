"""How findings are grouped for people to read: one line of a letter for many cells with the same fault."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from csp_workflow.terms.phrases import say_as_number
from csp_workflow.terms.returns import Finding, FormDefinition, Severity

_FEW = 3
"""With so few cells in a line each is named in full; more would bury the sentence on a phone."""

_AREA = re.compile(r"^[A-Z]\d{8} ")
"""The area's code before a row's ref: nobody calls a row by it."""

_MANY = 12
"""More cells than this are counted in a line, not listed."""


@dataclass(frozen=True, kw_only=True)
class Group(Finding):
    """Findings of one kind in one column, for a single line of a letter: `cell` lists every cell."""

    cells: tuple[str, ...]


def group(findings: Iterable[Finding], form: FormDefinition | None = None) -> tuple[Group, ...]:
    """One line for each thing asked, sheet and column with its cells listed; faults first, then queries."""
    gathered: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        asked = (finding.severity, finding.code, finding.wanted, finding.sheet, finding.column)
        gathered.setdefault(asked, []).append(finding)
    lines = [_group_line(members, form) for members in gathered.values()]
    return tuple(sorted(lines, key=lambda line: line.severity is not Severity.FAULT))


def _group_line(members: list[Finding], form: FormDefinition | None) -> Group:
    first = members[0]
    titled = len(members) <= _FEW
    cells = tuple(dict.fromkeys(_where(member, form, titled=titled) for member in members))
    said = tuple(dict.fromkeys(say_as_number(member.found) for member in members))
    shown = members[:_MANY]
    each = "; ".join(f"{member.cell or member.key}: {say_as_number(member.found)}" for member in shown)
    each += f"; and {len(members) - _MANY} more" if len(members) > _MANY else ""
    found = said[0] if len(said) == 1 else each
    return Group(**vars(first) | {"cell": _list_cells(cells, first.severity), "found": found, "cells": cells})


def _list_cells(cells: tuple[str, ...], severity: Severity) -> str:
    """The first cells, and how many more there are; a form with faults goes back with every cell marked."""
    more = len(cells) - _MANY
    if more <= 0:
        return ", ".join(cells)
    marked = ", marked in the form" if severity is Severity.FAULT else ""
    return f"{', '.join(cells[:_MANY])} and {more} more{marked}"


def _where(finding: Finding, form: FormDefinition | None, *, titled: bool) -> str:
    """Such as "L7 (M11.1 All crime, Charnwood)": the cell for Excel, the row for a reader whose rows have moved."""
    code, space, ref = finding.key.partition(" ")
    is_row = form is not None and space and any(row.area.code == code for row in form.figures)
    name = name_row(form, code, ref, titled=titled) if form and is_row else _AREA.sub("", finding.key)
    return f"{finding.cell} ({name})" if finding.cell and name else finding.cell or name


def name_row(form: FormDefinition, area: str, ref: str, *, titled: bool = True) -> str:
    """A row for a reader, such as "M11.1 All crime, Charnwood": the area where the form has several."""
    areas = {row.area.code: row.area.name for row in form.figures}
    title = next((row.title for row in form.figures if row.ref == ref), "") if titled else ""
    said = f"{ref} {title}".strip()
    return f"{said}, {areas.get(area, area)}" if len(areas) > 1 or area not in areas else said
