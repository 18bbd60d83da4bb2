"""When a paper is drafted by itself, and what clearing and circulating decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from csp_workflow.letters.papers import (
    NO_WORDS,
    Missing,
    OwnWords,
    circulation,
    draft_paper,
    say_changed,
    say_objectable,
    say_waits,
)
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.standing import say_standing
from csp_workflow.terms.dates import PaperDates, PaperState, Quarter, london, london_day
from csp_workflow.terms.events import RETURN_MOVES, Decision, Event, Fact, Happened
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.paper_status import PaperStatus, list_moved
from csp_workflow.terms.site import Contact, Site
from csp_workflow.terms.status import CycleStatus, fold_cycle

DRAFTED_AT = time(9, 0)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHANGES = {
    *(move.event for move in RETURN_MOVES),
    *(Happened.FORM_OVERTAKEN, Happened.FIGURES_IMPORTED, Happened.CERTIFIED, Happened.DISPUTE_ANSWERED),
}
"""What may change what a paper says: whatever moves a return, and what changes its figures or its money."""


@dataclass(frozen=True, kw_only=True)
class Copies:
    """A compiled paper twice: the draft for the co-ordinator and the copy that circulates; each with its hash.

    `statements` is the hash of what it states, `edits` that of what somebody wrote into it ("" for nothing). `changes`
    is what is otherwise than in the file before, as tracked changes (b"" for none), `changes_hash` its hash. `named`
    says where it may name a person, and `unwritten` below which headings the Office has still to write. `companion` is
    the workbook that accompanies it, `companion_hash` its hash. `pages` tells what it prints about each partnership
    from what it printed before.
    """

    draft: bytes
    draft_hash: str
    copy_hash: str
    statements: str = ""
    edits: str = ""
    changes: bytes = b""
    changes_hash: str = ""
    companion: bytes = b""
    companion_hash: str = ""
    named: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    pages: str = ""

    @property
    def noted(self) -> dict[str, Fact]:
        """What is kept of it, where there is any, beside the hashes of its files."""
        kept: dict[str, Fact] = {"edits": self.edits, "named": len(self.named), "companion": self.companion_hash}
        kept |= {"pages": self.pages, "unwritten": "; ".join(self.unwritten)}
        return {name: value for name, value in kept.items() if value}


def is_draft_due(paper: PaperDates, events: Sequence[Event], now: datetime) -> bool:
    """Whether a draft is to be made by itself: on its day, and again after a change, once a day until clearance.

    A paper that was cleared is not drafted again by itself: what was cleared stands.
    """
    if now < london(paper.draft, DRAFTED_AT):
        return False
    mine = [e for e in events if e.subject == paper.board]
    drafts = [e for e in mine if e.kind is Happened.PAPER_DRAFTED]
    if not drafts:
        return london_day(now) < paper.meeting
    cleared = any(
        e.kind is Happened.PAPER_CIRCULATED or (e.kind is Happened.PAPER_CLEARED and e.at >= drafts[-1].at)
        for e in mine
    )
    later = [e for e in events if e.at > drafts[-1].at]
    changed = any(e.kind in CHANGES or paper.board in {what for what, _, _ in list_moved(e)} for e in later)
    may_again = london_day(drafts[-1].at) < london_day(now) <= paper.clearance
    return changed and may_again and not cleared


def number_draft(facts: ReportFacts) -> int:
    """The number that the next draft of a paper has."""
    before = facts.status.papers.get(facts.paper.board)
    return (before.drafts if before else 0) + 1


def decide_draft(
    facts: ReportFacts,
    copies: Copies,
    now: datetime,
    *,
    by: str,
    words: OwnWords = NO_WORDS,
    to: Contact | None = None,
    answers: str = "",
) -> Decision:
    """A new draft: the event that keeps both copies, and the letter that brings it to the co-ordinator.

    One made of somebody's own file goes `to` them, and `answers` their message.
    """
    board, before, number = facts.paper.board, facts.status.papers.get(facts.paper.board), number_draft(facts)
    if before and before.state in {PaperState.CIRCULATED, PaperState.PUBLISHED}:
        raise PreconditionFailed(f"The paper for {facts.board.name} was circulated already; it is not drafted again.")
    kept: dict[str, Fact] = {"content": copies.draft_hash, "copy": copies.copy_hash, **copies.noted}
    kept |= {"statements": copies.statements} if copies.statements else {}
    made = note_of_paper(Happened.PAPER_DRAFTED, facts.quarter, board, now, by=by, number=number, **kept)
    status = fold_cycle(facts.quarter, [made], onto=facts.status)
    letter = draft_paper(
        to or facts.site.office.co_ordinator,
        board=facts.board,
        paper=facts.paper,
        quarter=facts.quarter,
        number=number,
        missing=_list_missing(facts),
        named=copies.named,
        unwritten=copies.unwritten,
        attachment=Attachment(
            name=name_draft(facts.quarter, PaperStatus(board=board, drafts=number)),
            data=copies.draft,
            content_type=DOCX,
        ),
        changes=_attach_changes(facts.quarter, before, copies) if before and copies.changes else None,
        companion=attach_companion(facts.quarter, board, copies.companion),
        words=words,
        objection_days=facts.form.objection_days if status.list_unshown(board) else 0,
        waits=say_objectable(facts.site, status, board, london_day(now)),
        answers=answers,
    )
    return Decision(events=(made,), letters=(letter,))


def attach_companion(quarter: Quarter, board: str, data: bytes) -> Attachment:
    """The workbook that accompanies a paper."""
    return Attachment(name=f"{board} {quarter.code} figures.xlsx", data=data, content_type=XLSX)


def _attach_changes(quarter: Quarter, before: PaperStatus, copies: Copies) -> Attachment:
    name = f"{before.board} {quarter.code} changes since draft {before.drafts}.docx"
    return Attachment(name=name, data=copies.changes, content_type=DOCX)


def _list_missing(facts: ReportFacts) -> tuple[Missing, ...]:
    respondents = (*facts.partnerships(), *facts.contributors())
    return tuple(
        Missing(name=r.name, sentence=say_standing(facts, r))
        for r in respondents
        if not facts.stands(r.key).state.is_finished and (r.needs_approval or not facts.stands(r.key).state.is_in)
    )


def name_draft(quarter: Quarter, paper: PaperStatus) -> str:
    """What the file of a paper's latest draft is called."""
    return f"{paper.board} {quarter.code} draft {paper.drafts}.docx"


def decide_clearing(
    site: Site, status: CycleStatus, board: str, now: datetime, *, by: str, unwaited: bool = False
) -> Decision:
    """The latest draft is cleared; or is to be, once its readers who have not agreed to it do.

    Raises PreconditionFailed with what stands in the way. What the Office has not written, and what the partnerships
    were not shown or may still object to, stands in nothing's way when it goes `unwaited`.
    """
    paper = status.papers.get(board)
    if paper is None or not paper.content:
        raise PreconditionFailed(f"There is no draft of the paper for {board} yet.")
    if paper.state not in {PaperState.DRAFT, PaperState.WITH_PARTNERS}:
        raise PreconditionFailed(f"The paper for {board} is {paper.state} already.")
    waits = say_waits(site, status, board, london_day(now))
    if waits and not unwaited:
        shows = f" SHOW {board} shows it to them." if status.list_unshown(board) else ""
        raise PreconditionFailed(
            f"Draft {paper.drafts} of the paper for {site.board(board).name} is not cleared yet. {' '.join(waits)}"
            f"{shows} CLEAR {board} WITHOUT WAITING clears it all the same."
        )
    kind = Happened.CLEARANCE_WANTED if paper.list_awaited(site.readers_of(board)) else Happened.PAPER_CLEARED
    about: dict[str, Fact] = {"content": paper.content, "number": paper.drafts}
    about |= {"unwaited": True} if waits else {}
    return Decision(events=(note_of_paper(kind, status.quarter, board, now, by=by, **about),))


def note_of_paper(kind: Happened, quarter: Quarter, board: str, now: datetime, *, by: str, **about: Fact) -> Event:
    """Something that happened to one board's paper."""
    return Event(kind=kind, at=now, by=by, quarter=quarter, subject=board, facts=about)


def require_cleared(status: CycleStatus, board: str) -> PaperStatus:
    """A paper that may circulate. Raises PreconditionFailed with what stands in the way."""
    paper = status.papers.get(board)
    if paper is None or paper.state in {PaperState.DRAFT, PaperState.WITH_PARTNERS}:
        raise PreconditionFailed(f"The paper for {board} is not cleared. Clear it first.")
    if paper.state is not PaperState.CLEARED:
        raise PreconditionFailed(f"The paper for {board} is {paper.state} already.")
    return paper


def refuse_named(what: str, named: Sequence[str], order: str, board: str) -> None:
    """Raise PreconditionFailed while something may name a person: it goes out only on words that say so."""
    if named:
        raise PreconditionFailed(
            f"{what} may name a person, so that it is not circulated yet. {' '.join(named)} When whoever wrote it has "
            f"sent other words, DRAFT {board} makes a new draft with them. {order} AS WRITTEN sends it as it is."
        )


def decide_circulating(
    site: Site,
    status: CycleStatus,
    paper: PaperDates,
    copy: tuple[str, bytes],
    now: datetime,
    *,
    by: str,
    companion: bytes = b"",
    as_cleared: bool = False,
    as_written: bool = False,
) -> Decision:
    """The copy goes to the board's secretariat, with the workbook beside it (b"": it has none).

    Raises PreconditionFailed when there is nobody; and when something came since it was drafted, unless it is to go
    `as_cleared` all the same. That it goes `as_written`, though it may name a person, is kept with it.
    """
    board, name = site.board(paper.board), paper.board
    people = site.office.secretariat_of(name)
    if not people:
        raise PreconditionFailed(f"The set-up names nobody in the secretariat for {name}. SETUP brings it.")
    changed = say_changed(site, status, name)
    if changed and not as_cleared:
        raise PreconditionFailed(
            f"Since the paper for {board.name} was drafted something came that is not in it. {' '.join(changed)} "
            f"DRAFT {name} makes a new draft with it, to be cleared; CIRCULATE {name} AS CLEARED"
            f"{' AND AS WRITTEN' if as_written else ''} sends it as it is."
        )
    name, data = copy
    attachment = Attachment(name=f"{paper.board} {status.quarter.code}.docx", data=data, content_type=DOCX)
    letters = tuple(
        circulation(
            contact,
            board=board,
            paper=paper,
            quarter=status.quarter,
            attachment=attachment,
            companion=attach_companion(status.quarter, paper.board, companion) if companion else None,
            office=site.office,
            today=london_day(now),
        )
        for contact in people
    )
    how: dict[str, Fact] = {"as_written": True} if as_written else {}
    event = note_of_paper(Happened.PAPER_CIRCULATED, status.quarter, paper.board, now, by=by, content=name, **how)
    return Decision(events=(event,), letters=letters)
