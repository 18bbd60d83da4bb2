"""Papers: compiled at any moment, drafted on their date, cleared and circulated by order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from csp_workflow.report import circulate as rules
from csp_workflow.report.readings import ReportFacts
from csp_workflow.steps.commit import commit_current
from csp_workflow.steps.outside import Outside, live_quarters, require_dates
from csp_workflow.terms.dates import CycleState, PaperDates, Quarter
from csp_workflow.terms.events import Decision
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.figures import Figure
from csp_workflow.terms.personal import show_return
from csp_workflow.terms.site import RespondentKind
from csp_workflow.terms.status import CycleStatus

BY = "the calendar"


def draft_papers(outside: Outside, now: datetime) -> None:
    """Draft each paper on its date, and again when something has changed since, once a day until clearance."""
    for quarter in live_quarters(outside):
        if outside.store.cycle_status(quarter).state not in {CycleState.OPEN, CycleState.CLOSED}:
            continue
        for paper in require_dates(outside, quarter).papers:
            if rules.is_draft_due(paper, outside.store.events(quarter), now):
                make_draft(outside, quarter, paper.board, now, by=BY)


def boards(outside: Outside, quarter: Quarter, board: str) -> tuple[str, ...]:
    """The boards that take a quarter: the one named, or all. Raises PreconditionFailed with their keys."""
    keys = tuple(paper.board for paper in require_dates(outside, quarter).papers)
    if board and board not in keys:
        known = ", ".join(keys) or "none"
        raise PreconditionFailed(f"No paper for '{board}' is planned in {quarter}. The boards are: {known}.")
    return (board,) if board else keys


def compile_paper(outside: Outside, quarter: Quarter, board: str, now: datetime) -> bytes:
    """The draft as things stand now, as a Word file; nothing is kept or sent."""
    return _compile(outside, _facts(outside, quarter, board, now))[0]


def make_draft(outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str) -> None:
    """Compile a draft, keep it with its circulation copy, and send it to the co-ordinator."""
    commit_current(outside, lambda: decide_draft(outside, quarter, board, now, by=by), now)


def decide_draft(outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str) -> Decision:
    """What DRAFT decides: a new draft as things stand; the caller commits it."""
    return _decide_draft(outside, _facts(outside, quarter, board, now), now, by=by)


def _decide_draft(outside: Outside, facts: ReportFacts, now: datetime, *, by: str) -> Decision:
    made, copy = _compile(outside, facts)
    copies = rules.Copies(draft=made, draft_hash=outside.archive.keep(made), copy_hash=outside.archive.keep(copy))
    return rules.decide_draft(facts, copies, now, by=by)


def clear_paper(outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str) -> str:
    """Clear the latest draft. A sentence that says so."""
    commit_current(outside, lambda: rules.decide_clearing(outside.store.cycle_status(quarter), board, now, by=by), now)
    return f"The paper for {board} is cleared. Circulate it with: csp-workflow report circulate {quarter.key}"


def circulate_paper(
    outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str, as_cleared: bool = False
) -> str:
    """Send the cleared paper to the secretariat. A sentence that says so."""

    def decide() -> Decision:
        status = outside.store.cycle_status(quarter)
        return decide_circulation(outside, status, board, now, by=by, as_cleared=as_cleared)

    decision = commit_current(outside, decide, now)
    names = ", ".join(letter.recipient_name for letter in decision.letters)
    return f"The cleared paper for {board} goes to: {names}."


def decide_circulation(
    outside: Outside, status: CycleStatus, board: str, now: datetime, *, by: str, as_cleared: bool = False
) -> Decision:
    """What CIRCULATE decides as a cycle stands; the caller commits it.

    Refused while the copy has anything of a draft in it.
    """
    quarter = status.quarter
    name = rules.find_copy(status, board, outside.store.events(quarter))
    data = outside.archive.fetch(name)
    found = rules.find_problems(data)
    if found:
        raise PreconditionFailed(f"The paper for {board} cannot be circulated. {' '.join(found)}")
    paper = _find_paper(outside, quarter, board)
    return rules.decide_circulating(outside.site, status, paper, (name, data), now, by=by, as_cleared=as_cleared)


def _compile(outside: Outside, facts: ReportFacts) -> tuple[bytes, bytes]:
    """The paper twice from the same facts: marked as a draft, and as it would circulate."""
    from csp_workflow.report.contents import compile_contents
    from csp_workflow.report.word import build_document

    base = outside.report_base()
    if not base:
        raise PreconditionFailed("templates/reports holds no Word file. Copy base.docx there from a new site.")
    draft, copy = compile_contents(facts), compile_contents(facts, draft=False)
    return build_document(draft, base=base), build_document(copy, base=base)


def _facts(outside: Outside, quarter: Quarter, board: str, now: datetime) -> ReportFacts:
    from csp_workflow.terms.dates import london_day
    from csp_workflow.terms.figures import KnownFigures

    store = outside.store
    status, latest = store.cycle_status(quarter), store.latest_submissions(quarter)
    figures = (*_list_replaced(outside, status), *store.figures(before=london_day(now)))
    return ReportFacts(
        site=outside.site,
        quarter=quarter,
        paper=_find_paper(outside, quarter, board),
        status=status,
        submissions={
            key: show_return(one, status.returns[key].state, ours=outside.configured.office.particulars)
            for key, one in latest.items()
        },
        known=KnownFigures(figures, london_day(now)),
        as_at=now,
        answered={
            request.form.respondent: request.form
            for request in store.request_history(quarter)
            if (one := latest.get(request.form.respondent)) and one.revision == request.form.reference.revision
        },
    )


def _list_replaced(outside: Outside, status: CycleStatus) -> Iterator[Figure]:
    """The force's figures that stood while forms were out and were revised since: a paper says what they were."""
    if status.opened is None:
        return
    for analyst in (r for r in outside.site.respondents if r.kind is RespondentKind.ANALYST):
        versions = outside.store.submissions(status.quarter, analyst.key)
        latest = {(f.series, f.area, f.period) for one in versions[-1:] for f in one.figures}
        for one, after in pairwise(versions):
            if after.received > status.opened:
                yield from (f for f in one.figures if (f.series, f.area, f.period) in latest)


def _find_paper(outside: Outside, quarter: Quarter, board: str) -> PaperDates:
    (key,) = boards(outside, quarter, board)
    return next(paper for paper in require_dates(outside, quarter).papers if paper.board == key)
