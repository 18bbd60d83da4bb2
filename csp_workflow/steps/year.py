"""A year's paper at any time: as far as its quarters are known, written to a file and sent to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.roll_up import say_missing_quarters
from csp_workflow.request.calendar import plan_quarter
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.papers import compile_companion, compile_facts, gather_report, with_reported
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.faults import PreconditionFailed


@dataclass(frozen=True, kw_only=True)
class CompiledYear:
    """The annual paper of a year as it stands, the workbook beside it, and what the year still lacks, in a sentence."""

    paper: bytes
    workbook: bytes
    missing: str


def compile_year(outside: Outside, year: str, now: datetime) -> CompiledYear:
    """Compile the paper of a year ("2014/15"). Raises PreconditionFailed where nothing says how, with what to do."""
    facts = with_reported(outside, gather_year_report(outside, year, now))
    return CompiledYear(
        paper=compile_facts(outside, facts)[0], workbook=compile_companion(facts), missing=say_missing_quarters(facts)
    )


def gather_year_report(outside: Outside, year: str, now: datetime) -> ReportFacts:
    """All that the annual paper of a year is compiled from, whether or not its last quarter was planned."""
    last, site = Quarter.parse(f"{year}-Q4"), outside.site
    if year not in {framework.year for framework in site.frameworks}:
        known = ", ".join(framework.year for framework in site.frameworks)
        raise PreconditionFailed(f"There is no framework for {year}. There is: {known}.")
    yearly = {board.key for board in site.boards if board.yearly}
    laid_out = {form.board for form in site.report_forms} & yearly
    if not laid_out:
        raise PreconditionFailed(
            "No board of calendar.toml has yearly = true and a paper in report.toml. The board 'annual' of a new site "
            "shows both: csp-workflow init --update brings them."
        )
    dates = outside.store.plan_of(last) or plan_quarter(last, site)
    paper = next((one for one in dates.papers if one.board in laid_out), None)
    if paper is None:
        boards = ", ".join(sorted(laid_out))
        raise PreconditionFailed(
            f"No day is on record on which {boards} takes the year {year}. Add one to calendar.toml under [[meetings]] "
            f'with quarter = "{last.key}".'
        )
    return gather_report(outside, last, paper.board, now, paper=paper)
