"""How findings are grouped for people to read: one line of a letter for many cells with the same fault."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from csp_workflow.terms.returns import Finding, FormDefinition, Severity

_FEW = 3
"""With so few cells in a line each is named in full; more would bury the sentence on a phone."""

_MANY = 12
"""More cells than this are counted in a line, not listed."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Findings of one kind in one column, for a single line of a letter: `cell` lists every cell."""

    code: str
    severity: Severity
    sheet: str
    column: str
    cell: str
    found: str
    wanted: str
    example: str
    cells: tuple[str, ...]


def group(findings: Iterable[Finding], form: FormDefinition | None = None) -> tuple[Group, ...]:
    """One line for each code, sheet and column with its cells listed; faults first, then queries."""
    gathered: dict[tuple[str, str, str, str], list[Finding]] = {}
    for finding in findings:
        gathered.setdefault((finding.severity, finding.code, finding.sheet, finding.column), []).append(finding)
    lines = [_line(members, form) for members in gathered.values()]
    return tuple(sorted(lines, key=lambda line: line.severity is not Severity.FAULT))


def _line(members: list[Finding], form: FormDefinition | None) -> Group:
    first = members[0]
    titles = _titles(form) if len(members) <= _FEW else {}
    cells = tuple(dict.fromkeys(_where(member, form, titles) for member in members))
    said = tuple(dict.fromkeys(member.found for member in members))
    shown = members[:_MANY]
    each = "; ".join(f"{member.cell or member.key}: {member.found}" for member in shown)
    each += f"; and {len(members) - _MANY} more" if len(members) > _MANY else ""
    return Group(
        code=first.code,
        severity=first.severity,
        sheet=first.sheet,
        column=first.column,
        cell=_listed(cells, first.severity),
        found=said[0] if len(said) == 1 else each,
        wanted=first.wanted,
        example=first.example,
        cells=cells,
    )


def _listed(cells: tuple[str, ...], severity: Severity) -> str:
    """The first cells, and how many more there are; a form with faults goes back with every cell marked."""
    more = len(cells) - _MANY
    if more <= 0:
        return ", ".join(cells)
    marked = ", marked in the form" if severity is Severity.FAULT else ""
    return f"{', '.join(cells[:_MANY])} and {more} more{marked}"


def _titles(form: FormDefinition | None) -> dict[str, str]:
    return {row.ref: row.title for row in form.figures} if form else {}


def _where(finding: Finding, form: FormDefinition | None, titles: dict[str, str]) -> str:
    """Such as "L7 (M11.1 All crime, Charnwood)": the cell for Excel, the row for a reader whose rows have moved."""
    name = _row_name(finding.key, form, titles)
    return f"{finding.cell} ({name})" if finding.cell and name else finding.cell or name


def _row_name(key: str, form: FormDefinition | None, titles: dict[str, str]) -> str:
    code, space, ref = key.partition(" ")
    areas = {row.area.code: row.area.name for row in form.figures} if form else {}
    if not space or code not in areas:
        return key
    said = f"{ref} {titles.get(ref, '')}".strip()
    return f"{said}, {areas[code]}" if len(areas) > 1 else said
