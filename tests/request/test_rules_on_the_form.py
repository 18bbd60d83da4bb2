"""Which rules for money and per cents a form knows of: those that the checks find something by in its quarter."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from csp_workflow.request.rows import list_checked
from csp_workflow.terms.checks import Check, CheckOutcome
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import MeasureKind
from csp_workflow.terms.grants import GrantLine
from tests.intake.test_grant_money import grant_form
from tests.shipped_checks import CHECKS

Q2 = Quarter(2014, 2)
A, S, C, F, U = GrantLine


def list_rules(before: str = "10000", quarter: Quarter = Q2, off: str = "") -> dict[GrantLine, list[str]]:
    rules = replace(CHECKS, every=(*CHECKS.every, Check(rule=off, finding=CheckOutcome.OFF, words="")))
    rows = grant_form(before).figures
    return {
        line: [rule for rule, _ in list_checked(row, quarter, rules)] for line, row in zip(GrantLine, rows, strict=True)
    }


def test_each_line_of_a_grant_has_its_own_rules() -> None:
    assert list_rules() == {A: [], S: ["spent-falls"], C: [], F: ["grant-left"], U: ["grant-over", "underspend-unsaid"]}


def test_what_is_off_or_not_asked_in_the_quarter_is_not_on_the_form() -> None:
    assert list_rules(quarter=Q2.plus(1))[F] == []
    assert list_rules(off="grant-over")[U] == ["underspend-unsaid"]
    assert list_rules(off="spent-falls")[S] == []


def test_nothing_spent_falls_where_nothing_was_known_or_a_year_began() -> None:
    assert list_rules(before="")[S] == []
    assert list_rules(quarter=Quarter(2015, 1))[S] == []


def test_a_per_cent_that_is_no_two_counts_is_compared_a_hundred_times() -> None:
    row = replace(grant_form().figures[0], ref="M12b", kind=MeasureKind.PERCENT, unit="per cent")
    assert list_checked(row, Q2, CHECKS) == (("factor-of-100", Decimal(50)),)
    assert list_checked(replace(row, out_of="cases"), Q2, CHECKS) == ()
    assert list_checked(replace(row, kind=MeasureKind.COUNT, unit="cases"), Q2, CHECKS) == ()
