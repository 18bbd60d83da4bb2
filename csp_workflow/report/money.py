"""The money of grants in a paper: a table with a line for each grant, as its partnership stated it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from csp_workflow.report.basis import figure_key
from csp_workflow.report.blocks import Block, Plain, Run, Table, Text
from csp_workflow.report.facts import ReportFacts
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.grants import Grant, GrantLine, say_line
from csp_workflow.terms.phrases import NOT_SUPPLIED, capital, plain_day, short_day
from csp_workflow.terms.site import Respondent


def write_money(facts: ReportFacts) -> Iterator[Block]:
    """Every grant that the quarter asked about; what has not come is said so, and none is set beside another."""
    rows = [
        _write_row(facts, partnership, grant)
        for partnership in facts.partnerships()
        for grant in partnership.grants
        if grant.is_asked(facts.quarter)
    ]
    if not rows:
        yield Plain(text="No partnership was asked about a grant.")
        return
    yield Table(
        caption=f"Grant money, 1 April to {plain_day(facts.quarter.end)}",
        description="For each grant its allocation, what is spent, committed and forecast, and what may be left.",
        headers=("Partnership and grant", *(capital(line.heading) for line in GrantLine), "Why", "Certified"),
        rows=tuple(rows),
        weights=(22, 11, 11, 11, 11, 11, 13, 10),
        numeric=(1, 2, 3, 4, 5),
        note="As each partnership stated it in its return, and its budget holder certified it where a day stands. A "
        "forecast may still change.",
    )


def _write_row(facts: ReportFacts, partnership: Respondent, grant: Grant) -> tuple[Text, ...]:
    version = facts.submissions.get(partnership.key)
    given = {figure.series: figure for figure in (version.figures if version else ())}
    lines = [given.get(series.ref) for _, series in grant.lines]
    why = lines[-1].note if lines[-1] and lines[-1].value != Decimal(0) else ""
    yes = facts.stands(partnership.key).certificate if any(lines) else None
    certified = "" if not any(lines) else short_day(yes.at) if yes else "not yet"
    return (f"{partnership.name}: {grant.title}", *map(_say, lines), why, certified)


def _say(figure: Figure | None) -> Text:
    return NOT_SUPPLIED if figure is None else (Run(text=say_line(figure), figure=figure_key(figure)),)
