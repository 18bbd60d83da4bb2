"""What stands beside a paper: what those that went out stated and disclosed, and the year that a yearly one is of."""

from __future__ import annotations

import structlog

from csp_workflow.report.facts import YearQuarter
from csp_workflow.report.statements import Disclosed, Report, Statements, load_disclosed, load_statements
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.personal import show_return
from csp_workflow.terms.returns import ReturnState, Submission
from csp_workflow.terms.status import CycleStatus


def fetch_statements(outside: Outside, name: str) -> Statements | None:
    """What a paper stated; None where that is gone: nothing can be compared then."""
    kept = _fetch_kept(outside, name)
    return kept[0] if kept else None


def _fetch_kept(outside: Outside, name: str) -> tuple[Statements, Disclosed] | None:
    """What was kept of a paper beside it: what it stated and disclosed."""
    try:
        data = outside.archive.fetch(name)
        return load_statements(data), load_disclosed(data)
    except (KeyError, ValueError):
        structlog.get_logger().warning("papers.statements.lost", content=name[:12])
        return None


def list_sent(outside: Outside, *, first: Quarter, last: Quarter) -> list[Report]:
    """All that went out of the quarters from `first` to `last`, the earliest first."""
    quarters = (quarter for quarter in outside.store.cycle_states() if first <= quarter <= last)
    papers = ((q, paper) for q in quarters for paper in outside.store.cycle_status(q).papers.values())
    sent = ((one, paper.board, at, name) for one, paper in papers for at, name in paper.reported)
    return [
        Report(board=board, quarter=one, at=at, statements=kept[0], disclosed=kept[1])
        for one, board, at, name in sorted(sent, key=lambda report: report[2])
        if (kept := _fetch_kept(outside, name)) is not None
    ]


def gather_year(outside: Outside, last: Quarter) -> tuple[YearQuarter, ...]:
    """The four quarters of the year that ends with one, each as it stands, with what was returned and may be shown."""
    return tuple(_gather_quarter(outside, Quarter(last.year, number)) for number in (1, 2, 3, 4))


def _gather_quarter(outside: Outside, quarter: Quarter) -> YearQuarter:
    status = outside.store.cycle_status(quarter)
    return YearQuarter(quarter=quarter, status=status, submissions=gather_returned(outside, quarter, status))


def gather_returned(outside: Outside, quarter: Quarter, status: CycleStatus) -> dict[str, Submission]:
    """The latest version of each return as it may be shown. Where a nil return or a refusal came after it, it counts
    no more, and is not among them."""
    ours, versions = outside.configured.office.particulars, outside.store.latest_submissions(quarter)
    states = {key: status.returns[key].state for key in versions}
    return {key: show_return(one, states[key], ours=ours) for key, one in versions.items() if states[key] not in _NONE}


def find_withdrawn(outside: Outside, status: CycleStatus) -> frozenset[Figure]:
    """The figures of the versions that count no more, up to a quarter: the store keeps them all the same."""
    store, found = outside.store, list[Figure]()
    for quarter in (one for one in store.cycle_states() if one <= status.quarter):
        stands = (status if quarter == status.quarter else store.cycle_status(quarter)).returns
        ended = [key for key, of in stands.items() if of.versions and of.state in _NONE]
        versions = store.latest_submissions(quarter) if ended else {}
        found += [figure for key in ended for figure in versions[key].figures]
    return frozenset(found)


_NONE = {ReturnState.NIL, ReturnState.DECLINED}
