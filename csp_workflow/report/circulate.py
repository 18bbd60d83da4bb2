"""When a paper is drafted by itself, and what clearing and circulating decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from csp_workflow.letters.papers import Missing, circulation, draft_paper
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.standing import sentence
from csp_workflow.terms.dates import PaperDates, PaperState, london, london_day
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import CycleStatus

DRAFTED_AT = time(9, 0)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_CHANGES = {
    Happened.RECEIVED,
    Happened.COMPLETE,
    Happened.APPROVED,
    Happened.NIL,
    Happened.DECLINED,
    Happened.NOT_RECEIVED,
}
_SETTLED = {ReturnState.APPROVED, ReturnState.NIL, ReturnState.DECLINED}


@dataclass(frozen=True, kw_only=True)
class Copies:
    """A compiled paper twice: the draft for the co-ordinator and the copy that circulates; each with its hash."""

    draft: bytes
    draft_hash: str
    copy_hash: str


def is_due(paper: PaperDates, events: Sequence[Event], now: datetime) -> bool:
    """Whether a draft is to be made by itself: on its day, and again after a change, once a day until clearance.

    A paper that was cleared is not drafted again by itself: what was cleared stands.
    """
    if now < london(paper.draft, DRAFTED_AT):
        return False
    mine = [e for e in events if e.subject == paper.board]
    drafts = [e for e in mine if e.kind is Happened.PAPER_DRAFTED]
    if not drafts:
        return london_day(now) < paper.meeting
    cleared = any(e.kind is Happened.PAPER_CLEARED and e.at >= drafts[-1].at for e in mine)
    changed = any(e.kind in _CHANGES and e.at > drafts[-1].at for e in events)
    may_again = london_day(drafts[-1].at) < london_day(now) <= paper.clearance
    return changed and may_again and not cleared


def drafted(facts: ReportFacts, copies: Copies, now: datetime, *, by: str) -> Decision:
    """A new draft: the event that keeps both copies, and the letter that brings it to the co-ordinator."""
    board, before = facts.paper.board, facts.status.papers.get(facts.paper.board)
    number = (before.drafts if before else 0) + 1
    if before and before.state in {PaperState.CIRCULATED, PaperState.PUBLISHED}:
        raise PreconditionFailed(f"The paper for {facts.board.name} was circulated already; it is not drafted again.")
    made = Event(
        kind=Happened.PAPER_DRAFTED,
        at=now,
        by=by,
        quarter=facts.quarter,
        subject=board,
        facts={"content": copies.draft_hash, "copy": copies.copy_hash, "number": number},
    )
    letter = draft_paper(
        facts.site.office.co_ordinator,
        board=facts.board,
        paper=facts.paper,
        quarter=facts.quarter,
        number=number,
        missing=_missing(facts),
        attachment=Attachment(
            name=f"{board} {facts.quarter.code} draft {number}.docx", data=copies.draft, content_type=DOCX
        ),
    )
    return Decision(events=(made,), letters=(letter,))


def _missing(facts: ReportFacts) -> tuple[Missing, ...]:
    respondents = (*facts.partnerships(), *facts.contributors())
    return tuple(
        Missing(name=r.name, sentence=sentence(facts, r))
        for r in respondents
        if facts.stands(r.key).state not in _SETTLED and (r.needs_approval or not facts.stands(r.key).state.is_in)
    )


def cleared(status: CycleStatus, board: str, now: datetime, *, by: str) -> Decision:
    """The latest draft is cleared. Raises PreconditionFailed with what stands in the way."""
    paper = status.papers.get(board)
    if paper is None or not paper.content:
        raise PreconditionFailed(f"There is no draft of the paper for {board} yet.")
    if paper.state is not PaperState.DRAFT:
        raise PreconditionFailed(f"The paper for {board} is {paper.state} already.")
    event = Event(
        kind=Happened.PAPER_CLEARED,
        at=now,
        by=by,
        quarter=status.quarter,
        subject=board,
        facts={"content": paper.content},
    )
    return Decision(events=(event,))


def copy_to_circulate(status: CycleStatus, board: str, events: Sequence[Event]) -> str:
    """The archive hash of the copy of what was cleared. Raises PreconditionFailed with what stands in the way."""
    paper = status.papers.get(board)
    if paper is None or paper.state in {PaperState.DRAFT, PaperState.WITH_PARTNERS}:
        raise PreconditionFailed(f"The paper for {board} is not cleared. Clear it first.")
    if paper.state is not PaperState.CLEARED:
        raise PreconditionFailed(f"The paper for {board} is {paper.state} already.")
    drafts = [e for e in events if e.kind is Happened.PAPER_DRAFTED and e.facts.get("content") == paper.cleared]
    return str(drafts[-1].facts["copy"])


def circulated(
    site: Site, status: CycleStatus, paper: PaperDates, copy: tuple[str, bytes], now: datetime, *, by: str
) -> Decision:
    """The copy goes to everybody in the secretariat. Raises PreconditionFailed when there is nobody."""
    if not site.office.secretariat:
        raise PreconditionFailed("service.toml names no secretariat to circulate the paper to.")
    name, data = copy
    board = site.board(paper.board)
    attachment = Attachment(name=f"{paper.board} {status.quarter.code}.docx", data=data, content_type=DOCX)
    letters = tuple(
        circulation(
            contact, board=board, paper=paper, quarter=status.quarter, attachment=attachment, office=site.office
        )
        for contact in site.office.secretariat
    )
    event = Event(
        kind=Happened.PAPER_CIRCULATED,
        at=now,
        by=by,
        quarter=status.quarter,
        subject=paper.board,
        facts={"content": name},
    )
    return Decision(events=(event,), letters=letters)
