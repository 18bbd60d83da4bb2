"""The force's figures that partnerships dispute, gathered from the store."""

from __future__ import annotations

from collections.abc import Iterable

from csp_workflow.letters.disputes import find_passed, pass_disputes
from csp_workflow.store import Store
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.queries import Dispute, list_disputes, say_dispute
from csp_workflow.terms.site import Respondent


def list_disputed(store: Store, quarter: Quarter, respondent: str) -> tuple[Dispute, ...]:
    """The force's figures that a respondent disputes, with what was answered."""
    passed = find_passed(store.letters(kind=pass_disputes.kind.name, quarter=quarter))
    return list_disputes(store.submissions(quarter, respondent), store.events(quarter), passed)


def gather_disputed(store: Store, quarter: Quarter) -> dict[str, list[tuple[Dispute, Figure | None]]]:
    """The force's figures that each respondent disputes, without an answer so far, each as the form had it then."""
    found: dict[str, list[tuple[Dispute, Figure | None]]] = {}
    for key in (key for key, latest in store.latest_submissions(quarter).items() if latest.disputes):
        issues = {r.form.reference.revision: r.form for r in store.request_history(quarter, key)}
        versions = {one.id: one for one in store.submissions(quarter, key)}
        for dispute in (one for one in list_disputed(store, quarter, key) if not one.answered):
            form = issues.get(versions[dispute.submission].revision)
            rows = {(row.area.code, row.ref): row.given for row in form.figures} if form else {}
            found.setdefault(key, []).append((dispute, rows.get((dispute.area, dispute.ref))))
    return found


def say_disputed(
    store: Store, respondents: Iterable[Respondent], earlier: Iterable[Quarter]
) -> dict[str, dict[tuple[str, str], str]]:
    """What each respondent disputes of the force's figures of earlier quarters, as long as nobody has answered."""
    said: dict[str, dict[tuple[str, str], str]] = {}
    names = {r.key: r.name for r in respondents}
    for quarter in earlier:
        for key, stands in store.cycle_status(quarter).returns.items():
            for one in list_disputed(store, quarter, key) if stands.disputes_passed and key in names else ():
                if not one.answered:
                    said.setdefault(key, {})[one.area, one.ref] = say_dispute(one, names[key], quarter.months)
    return said
