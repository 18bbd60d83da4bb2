"""Findings grouped for people: a line names at most twelve cells."""

from __future__ import annotations

import pytest

from csp_workflow.terms.queries import group
from csp_workflow.terms.returns import Finding, Severity


def findings(count: int, severity: Severity) -> list[Finding]:
    """Findings of one kind in one column, each with words of its own."""
    return [
        Finding(
            code="blank-required",
            severity=severity,
            sheet="Figures",
            cell=f"L{n}",
            key=f"R{n}",
            column="This quarter",
            found=f"found {n}",
            wanted="Please type a figure.",
        )
        for n in range(count)
    ]


def test_twelve_cells_are_all_named():
    (line,) = group(findings(12, Severity.FAULT))
    assert "L11" in line.cell
    assert "more" not in line.cell + line.found


@pytest.mark.parametrize(
    ("severity", "ending"), [(Severity.FAULT, "and 70 more, marked in the form"), (Severity.QUERY, "and 70 more")]
)
def test_of_many_cells_the_first_twelve_are_named_and_the_others_counted(severity, ending):
    (line,) = group(findings(82, severity))
    assert line.cell.endswith(ending)
    assert "L11" in line.cell
    assert "L12" not in line.cell
    assert line.found.endswith("L11: found 11; and 70 more")
    assert len(line.cells) == 82
