"""Whose yes a draft needs before it is cleared: asked with every draft, about exactly its file, and reminded twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from csp_workflow.letters.agreements import agreement_request
from csp_workflow.report.circulate import DOCX, name_draft, note_of_paper
from csp_workflow.terms.dates import PaperDates, PaperState, london_day
from csp_workflow.terms.events import NOTHING, Decision, Fact, Happened, together
from csp_workflow.terms.letters import REMINDERS
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.site import Reader, Site, plain_address
from csp_workflow.terms.status import CycleStatus

BY = "the calendar"


def decide_asking(
    site: Site, status: CycleStatus, dates: PaperDates, data: bytes, now: datetime, *, by: str = BY
) -> Decision:
    """Everybody who must agree to a board's latest draft, and was not asked about it, is asked; who was is reminded.

    `data` is that draft. A reminder goes after so many working days as approvals are reminded in.
    """
    paper = status.papers.get(dates.board)
    if paper is None or paper.state not in {PaperState.DRAFT, PaperState.WITH_PARTNERS} or not paper.content:
        return NOTHING
    draft = Attachment(name=name_draft(status.quarter, paper), data=data, content_type=DOCX)
    ask = partial(_ask, site, status, dates, draft)
    return together(*(ask(reader, reminder, now=now, by=by) for reader, reminder in _list_due(site, paper, now)))


def is_asking_due(site: Site, paper: PaperStatus, now: datetime) -> bool:
    """Whether anybody is to be asked, or reminded, now."""
    return any(True for _ in _list_due(site, paper, now))


def _list_due(site: Site, paper: PaperStatus, now: datetime) -> Iterator[tuple[Reader, int]]:
    """Who is to be written to, and as which reminder: 0 when they were not asked about this draft."""
    known, today = {one.reader: one for one in paper.agreements}, london_day(now)
    for reader in paper.list_awaited(site.readers_of(paper.board)):
        asked = known.get(plain_address(reader.address))
        if asked is None:
            yield reader, 0
        elif asked.reminders < REMINDERS and site.working_days.is_working(today):
            due = site.working_days.plus(london_day(asked.asked), site.limits.approval_reminder_days)
            if due <= today:
                yield reader, asked.reminders + 1


def _ask(
    site: Site,
    status: CycleStatus,
    dates: PaperDates,
    draft: Attachment,
    reader: Reader,
    reminder: int,
    *,
    now: datetime,
    by: str,
) -> Decision:
    paper = status.papers[dates.board]
    about: dict[str, Fact] = {"content": paper.content, "number": paper.drafts, "reminder": reminder}
    about |= {"reader": plain_address(reader.address)}
    letter = agreement_request(
        reader,
        board=site.board(paper.board),
        paper=dates,
        quarter=status.quarter,
        number=paper.drafts,
        reminder=reminder,
        attachment=draft,
        office=site.office,
    )
    asked = note_of_paper(Happened.AGREEMENT_ASKED, status.quarter, paper.board, now, by=by, **about)
    return Decision(events=(asked,), letters=(letter,))
