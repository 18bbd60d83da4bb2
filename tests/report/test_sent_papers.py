"""Which papers that went out a paper is read beside."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

from csp_workflow.report.statements import Disclosed, dump_statements
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.sent_papers import list_sent
from csp_workflow.terms.dates import Quarter

Q2 = Quarter.parse("2014/15-Q2")


def test_only_what_went_out_of_the_quarters_asked_for_is_fetched() -> None:
    quarters, fetched = [Q2.plus(-back) for back in range(8, -1, -1)], list[str]()

    def fetch(name: str) -> bytes:
        fetched.append(name)
        return dump_statements({}, Disclosed())

    def status(quarter: Quarter) -> SimpleNamespace:
        at = datetime(quarter.end.year, quarter.end.month, 28, tzinfo=UTC)
        return SimpleNamespace(papers={"speb": SimpleNamespace(board="speb", reported=[(at, quarter.key)])})

    store = SimpleNamespace(cycle_states=lambda: quarters, cycle_status=status)
    outside = cast("Outside", SimpleNamespace(store=store, archive=SimpleNamespace(fetch=fetch)))
    found = list_sent(outside, first=Q2.plus(-4), last=Q2.plus(-1))
    assert [report.quarter for report in found] == [Q2.plus(-back) for back in (4, 3, 2, 1)]
    assert set(fetched) == {report.quarter.key for report in found}
