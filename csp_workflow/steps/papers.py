"""Papers: compiled at any moment, drafted on their date, cleared and circulated by order."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.report import circulate as rules
from csp_workflow.report.readings import ReportFacts
from csp_workflow.steps.commit import commit
from csp_workflow.steps.facts import dates_of, live_quarters
from csp_workflow.steps.outside import Outside
from csp_workflow.terms.dates import CycleState, PaperDates, Quarter
from csp_workflow.terms.events import Decision
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.status import CycleStatus

BY = "the calendar"


def due(outside: Outside, now: datetime) -> None:
    """Draft each paper on its date, and again when something has changed since, once a day until clearance."""
    for quarter in live_quarters(outside):
        if outside.store.cycle_status(quarter).state not in {CycleState.OPEN, CycleState.CLOSED}:
            continue
        for paper in dates_of(outside, quarter).papers:
            if rules.is_draft_due(paper, outside.store.events(quarter), now):
                draft(outside, quarter, paper.board, now, by=BY)


def boards(outside: Outside, quarter: Quarter, board: str) -> tuple[str, ...]:
    """The boards that take a quarter: the one named, or all. Raises PreconditionFailed with their keys."""
    keys = tuple(paper.board for paper in dates_of(outside, quarter).papers)
    if board and board not in keys:
        known = ", ".join(keys) or "none"
        raise PreconditionFailed(f"No paper for '{board}' is planned in {quarter}. The boards are: {known}.")
    return (board,) if board else keys


def compiled(outside: Outside, quarter: Quarter, board: str, now: datetime) -> bytes:
    """The draft as things stand now, as a Word file; nothing is kept or sent."""
    return _copies(outside, quarter, board, now)[0]


def draft(outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str) -> None:
    """Compile a draft, keep it with its circulation copy, and send it to the co-ordinator."""
    mark = outside.store.mark()
    made, copy = _copies(outside, quarter, board, now)
    copies = rules.Copies(draft=made, draft_hash=outside.archive.keep(made), copy_hash=outside.archive.keep(copy))
    commit(outside, rules.decide_draft(_facts(outside, quarter, board, now), copies, now, by=by), now, since=mark)


def clear(outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str) -> str:
    """Clear the latest draft. A sentence that says so."""
    commit(outside, clearing(outside.store.cycle_status(quarter), board, now, by=by), now)
    return f"The paper for {board} is cleared. Circulate it with: csp-workflow report circulate {quarter.key}"


def circulate(outside: Outside, quarter: Quarter, board: str, now: datetime, *, by: str) -> str:
    """Send the cleared paper to the secretariat. A sentence that says so."""
    decision = circulating(outside, outside.store.cycle_status(quarter), board, now, by=by)
    commit(outside, decision, now)
    names = ", ".join(letter.recipient_name for letter in decision.letters)
    return f"The cleared paper for {board} goes to: {names}."


def clearing(status: CycleStatus, board: str, now: datetime, *, by: str) -> Decision:
    """What CLEAR decides as a cycle stands; the caller commits it."""
    return rules.decide_clearing(status, board, now, by=by)


def circulating(outside: Outside, status: CycleStatus, board: str, now: datetime, *, by: str) -> Decision:
    """What CIRCULATE decides as a cycle stands; the caller commits it.

    Refused while the copy has anything of a draft in it.
    """
    quarter = status.quarter
    name = rules.find_copy(status, board, outside.store.events(quarter))
    data = outside.archive.fetch(name)
    found = rules.find_problems(data)
    if found:
        raise PreconditionFailed(f"The paper for {board} cannot be circulated. {' '.join(found)}")
    return rules.decide_circulating(outside.site, status, _paper(outside, quarter, board), (name, data), now, by=by)


def _copies(outside: Outside, quarter: Quarter, board: str, now: datetime) -> tuple[bytes, bytes]:
    """The paper twice from the same facts: marked as a draft, and as it would circulate."""
    from csp_workflow.report.contents import compile_contents
    from csp_workflow.report.word import build_document

    facts, base = _facts(outside, quarter, board, now), outside.report_base()
    if not base:
        raise PreconditionFailed("templates/reports holds no Word file. Copy base.docx there from a new site.")
    draft, copy = compile_contents(facts), compile_contents(facts, draft=False)
    return build_document(draft, base=base), build_document(copy, base=base)


def _facts(outside: Outside, quarter: Quarter, board: str, now: datetime) -> ReportFacts:
    from csp_workflow.terms.dates import london_day
    from csp_workflow.terms.figures import KnownFigures

    store = outside.store
    return ReportFacts(
        site=outside.site,
        quarter=quarter,
        paper=_paper(outside, quarter, board),
        status=store.cycle_status(quarter),
        submissions=store.latest_submissions(quarter),
        known=KnownFigures(store.figures(before=london_day(now)), london_day(now)),
        as_at=now,
    )


def _paper(outside: Outside, quarter: Quarter, board: str) -> PaperDates:
    (key,) = boards(outside, quarter, board)
    return next(paper for paper in dates_of(outside, quarter).papers if paper.board == key)
