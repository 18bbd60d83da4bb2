"""What a check of one form comes to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from csp_workflow.terms.figures import Figure
from csp_workflow.terms.returns import Cell, Finding, Narrative, Reading, Severity, SignOff


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a form came from: the message, the attachment's hash, and the London day it arrived."""

    message: str
    attachment: str
    day: date


@dataclass(frozen=True, kw_only=True)
class FormParts:
    """What one part of a form holds: its values, what was found in it, and what is said of it."""

    figures: tuple[Figure, ...] = ()
    narratives: tuple[Narrative, ...] = ()
    findings: tuple[Finding, ...] = ()
    readings: tuple[Reading, ...] = ()
    disputes: tuple[tuple[str, str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    touched: bool = False


@dataclass(frozen=True, kw_only=True)
class CheckedForm:
    """A whole form, checked. `touched` is False when every input is as it was sent; `content` hashes what it says."""

    parts: FormParts
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


def combine_parts(parts: Iterable[FormParts]) -> FormParts:
    """Several parts as one, in order."""
    every = tuple(parts)
    return FormParts(
        figures=tuple(x for p in every for x in p.figures),
        narratives=tuple(x for p in every for x in p.narratives),
        findings=tuple(x for p in every for x in p.findings),
        readings=tuple(x for p in every for x in p.readings),
        disputes=tuple(x for p in every for x in p.disputes),
        remarks=tuple(x for p in every for x in p.remarks),
        touched=any(p.touched for p in every),
    )


def short_text(text: str) -> str:
    """A text on one short line, for a letter."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 80 else f"{one_line[:79]}…"


def make_query(code: str, cell: Cell, key: str, column: str, *, found: str, wanted: str) -> Finding:
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


def _figure_words(figure: Figure) -> list[str]:
    value = "" if figure.value is None else str(figure.value.normalize())
    return [figure.series, figure.area, figure.period, value, figure.status, figure.note, figure.drove_it]
