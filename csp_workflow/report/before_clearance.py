"""Before a paper is cleared: each partnership is shown what is printed about it, and whoever must agree is asked.

A yes is asked for with every draft, about exactly its file, and reminded of twice. Where the office changed a
partnership's words, that goes back to its chair as well, or is printed as edited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from csp_workflow.letters.before_clearance import ShownWords, agreement_request, part_shown
from csp_workflow.report.blocks import Block, Lettered, Numbered, Plain, plain_text
from csp_workflow.report.circulate import DOCX, name_draft, note_of_paper
from csp_workflow.report.edits.keeping import Edit
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.word.markup import name_words
from csp_workflow.terms.dates import PaperDates, PaperState, london_day
from csp_workflow.terms.events import NOTHING, Decision, Fact, Happened, together
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.letters import REMINDERS
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.report_form import EditedWords, PaperReader
from csp_workflow.terms.site import Contact, Respondent, Role, Site, plain_address
from csp_workflow.terms.status import CycleStatus

BY = "the calendar"


def decide_asking(
    site: Site, status: CycleStatus, dates: PaperDates, data: bytes, now: datetime, *, by: str = BY
) -> Decision:
    """Everybody who must agree to a board's latest draft, and was not asked about it, is asked; who was is reminded.

    `data` is that draft. A reminder goes after so many working days as approvals are reminded in.
    """
    paper = status.papers.get(dates.board)
    if paper is None or not is_asking_due(site, paper, now):
        return NOTHING
    draft = Attachment(name=name_draft(status.quarter, paper), data=data, content_type=DOCX)
    ask = partial(_ask, site, status, dates, draft)
    return together(*(ask(reader, reminder, now=now, by=by) for reader, reminder in _list_due(site, paper, now)))


def is_asking_due(site: Site, paper: PaperStatus, now: datetime) -> bool:
    """Whether anybody is to be asked, or reminded, now."""
    waits = bool(paper.content) and paper.state in {PaperState.DRAFT, PaperState.WITH_PARTNERS}
    return waits and any(True for _ in _list_due(site, paper, now))


def _list_due(site: Site, paper: PaperStatus, now: datetime) -> Iterator[tuple[PaperReader, int]]:
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
    reader: PaperReader,
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


# What is printed about a partnership --------------------------------------------------------------------


def decide_showing(
    facts: ReportFacts, blocks: Sequence[Block], edits: Sequence[Edit], now: datetime, *, by: str
) -> Decision:
    """Each partnership gets what is printed about it, and until when it may object.

    Raises PreconditionFailed when nothing is printed about any, or the site shows nobody anything.
    """
    days = facts.form.objection_days
    if not days:
        raise PreconditionFailed(f"report.toml gives no days to object to the paper for {facts.board.name}.")
    paper = facts.status.papers[facts.paper.board]
    until = facts.site.working_days.plus(london_day(now), days)
    by_place = {edit.place: edit for edit in edits if edit.place and not edit.is_move}
    letters = tuple(
        part_shown(
            person,
            respondent=partnership,
            board=facts.board,
            paper=facts.paper,
            quarter=facts.quarter,
            number=paper.drafts,
            words=words,
            until=until,
        )
        for partnership in facts.partnerships()
        if (words := tuple(_list_words(blocks, partnership, by_place)))
        for person in _list_people(facts, partnership, words, now)
    )
    if not letters:
        raise PreconditionFailed(f"Nothing in the paper for {facts.board.name} is in a partnership's own words yet.")
    shown = note_of_paper(
        Happened.PAPER_SHOWN,
        facts.quarter,
        paper.board,
        now,
        by=by,
        content=paper.content,
        number=paper.drafts,
        until=until.isoformat(),
    )
    return Decision(events=(shown,), letters=letters)


def _list_people(
    facts: ReportFacts, partnership: Respondent, words: Sequence[ShownWords], now: datetime
) -> Iterator[Contact]:
    """Its leads; its chair as well where the office changed the words that the chair approved."""
    today, says = london_day(now), facts.form.edited_words is not EditedWords.PAPER
    yield from partnership.people(Role.LEAD, today)
    if says and any(one.was for one in words):
        yield from partnership.people(Role.CHAIR, today)


def _list_words(blocks: Sequence[Block], partnership: Respondent, edits: Mapping[str, Edit]) -> Iterator[ShownWords]:
    """Each text that is printed about a partnership, as it stands with what the office wrote in its place."""
    for block in blocks:
        key, text, heading = _name_block(block)
        if partnership.key not in key.split("/"):
            continue
        edit = edits.get(f"words {name_words(key)}")
        if edit is None:
            yield ShownWords(heading=heading, text=text)
        else:
            yield ShownWords(heading=heading, text=edit.text, was=edit.was)


def _name_block(block: Block) -> tuple[str, str, str]:
    """A block's key, what it says, and what it stands under."""
    match block:
        case Plain() if block.quoted and block.about:
            return "/".join(("words", *block.about)), block.text, block.lead
        case Numbered() | Lettered():
            return block.key, plain_text(block.text), ""
    return "", "", ""
