"""What a check of one form comes to, and how its findings are grouped for people to read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from csp_workflow.terms.figures import Figure
from csp_workflow.terms.forms import Cell, FormDefinition
from csp_workflow.terms.returns import Finding, Narrative, Reading, Severity, SignOff

_FEW = 3
"""With so few cells in a line each is named in full; more would bury the sentence on a phone."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What one part of a form holds: its values, what was found in it, and what is said of it."""

    figures: tuple[Figure, ...] = ()
    narratives: tuple[Narrative, ...] = ()
    findings: tuple[Finding, ...] = ()
    readings: tuple[Reading, ...] = ()
    disputes: tuple[tuple[str, str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    touched: bool = False


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A whole form, checked. `touched` is False when every input is as it was sent; `content` hashes what it says."""

    parts: Parts
    sign_off: SignOff = field(default_factory=SignOff)
    nil: bool = False
    declined: bool = False
    reason: str = ""
    touched: bool = True

    @property
    def content(self) -> str:
        """A hash over figures, narratives, disputes and sign-off: the same in whatever file they stand."""
        said = [
            sorted(_figure_words(f) for f in self.parts.figures),
            sorted([n.ref, n.text, n.promise] for n in self.parts.narratives),
            sorted(self.parts.disputes),
            [self.sign_off.completed_by, self.sign_off.position, self.sign_off.date],
            # Two unreadable cells are not the same content: what was found in them tells them apart.
            sorted([f.code, f.key, f.column, f.found] for f in self.parts.findings),
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()


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


def together(parts: Iterable[Parts]) -> Parts:
    """Several parts as one, in order."""
    every = tuple(parts)
    return Parts(
        figures=tuple(x for p in every for x in p.figures),
        narratives=tuple(x for p in every for x in p.narratives),
        findings=tuple(x for p in every for x in p.findings),
        readings=tuple(x for p in every for x in p.readings),
        disputes=tuple(x for p in every for x in p.disputes),
        remarks=tuple(x for p in every for x in p.remarks),
        touched=any(p.touched for p in every),
    )


def group(findings: Iterable[Finding], form: FormDefinition | None = None) -> tuple[Group, ...]:
    """One line for each code, sheet and column with its cells listed; faults first, then queries."""
    gathered: dict[tuple[str, str, str, str], list[Finding]] = {}
    for finding in findings:
        gathered.setdefault((finding.severity, finding.code, finding.sheet, finding.column), []).append(finding)
    lines = [_line(members, form) for members in gathered.values()]
    return tuple(sorted(lines, key=lambda line: line.severity is not Severity.FAULT))


def found(cell: Cell) -> str:
    """A cell's text on one short line, for a letter."""
    text = " ".join(cell.text.split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def query(code: str, cell: Cell, key: str, column: str, *, found: str, wanted: str) -> Finding:
    """Something odd in a cell, which may be explained."""
    return Finding(
        code=code,
        severity=Severity.QUERY,
        sheet=cell.sheet,
        cell=cell.cell,
        key=key,
        column=column,
        found=found,
        wanted=wanted,
    )


def _line(members: list[Finding], form: FormDefinition | None) -> Group:
    first = members[0]
    titles = _titles(form) if len(members) <= _FEW else {}
    cells = tuple(dict.fromkeys(_where(member, form, titles) for member in members))
    said = tuple(dict.fromkeys(member.found for member in members))
    each = "; ".join(f"{member.cell or member.key}: {member.found}" for member in members)
    return Group(
        code=first.code,
        severity=first.severity,
        sheet=first.sheet,
        column=first.column,
        cell=", ".join(cells),
        found=said[0] if len(said) == 1 else each,
        wanted=first.wanted,
        example=first.example,
        cells=cells,
    )


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


def _figure_words(figure: Figure) -> list[str]:
    value = "" if figure.value is None else str(figure.value.normalize())
    return [figure.series, figure.area, figure.period, value, figure.status, figure.note, figure.drove_it]
