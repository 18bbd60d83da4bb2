"""Before a paper is cleared: each partnership is shown what is printed about it, and whoever must agree is asked.

A yes is asked for with every draft, about exactly its file, and reminded of twice. Where the office changed a
partnership's words, that goes back to its chair as well, or is printed as edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256

from csp_workflow.letters.before_clearance import ShownWords, agreement_request, part_shown
from csp_workflow.report.circulate import DOCX, name_draft, note_of_paper
from csp_workflow.report.edits.body import CELL, Piece, list_pieces, name_style, say_all, show
from csp_workflow.report.edits.keeping import Edit, read_body
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.word.package import W
from csp_workflow.terms.dates import PaperDates, PaperState, london_day
from csp_workflow.terms.events import NOTHING, Decision, Fact, Happened, together
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.letters import REMINDERS
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.paper_status import PaperStatus, dump_marks, short_mark
from csp_workflow.terms.report_form import EditedWords, PaperReader
from csp_workflow.terms.site import Contact, Respondent, Role, Site, plain_address
from csp_workflow.terms.status import CycleStatus

BY = "the calendar"
_UNTIL = re.compile(r"\bby \w+day \d{1,2} \w+ \d{4}\b")


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


# What is printed about a partnership ----------------------------------------------------------------------


def read_pages(
    draft: bytes, partnerships: Sequence[Respondent], edits: Sequence[Edit] = ()
) -> Mapping[str, tuple[ShownWords, ...]]:
    """What a draft prints about each partnership, by its key: all below its name, and its words wherever else they
    stand. Where one of the office's `edits` changed or took out something, with what it was."""
    edits = [edit for edit in edits if not edit.is_move]
    pages: dict[str, list[ShownWords]] = {}
    for of, heading, piece in _list_parts(list_pieces(read_body(draft)), partnerships):
        was = next((edit.was for edit in edits if edit.place_now == piece.place), "")
        said = ShownWords(heading=heading, text=_lay_out(piece), was=was)
        cells = (edit for edit in edits if edit.place.startswith(f"{piece.place}{CELL}"))
        pages.setdefault(of, []).extend((said, *(_say_changed(edit) for edit in cells)))
    for edit in edits:
        if edit.place.startswith("words ") and not edit.text:
            for of in {p.key for p in partnerships} & set(edit.place.split("/")):
                pages.setdefault(of, []).append(_say_changed(edit))
    return {of: tuple(said) for of, said in pages.items()}


def _list_parts(pieces: Sequence[Piece], partnerships: Sequence[Respondent]) -> Iterator[tuple[str, str, Piece]]:
    """Each piece that is about a partnership: whom, what stands above it (a table's caption), and itself."""
    names, keys = {p.name: p.key for p in partnerships}, {p.key for p in partnerships}
    below, caption = "", ""
    for piece in pieces:
        style = name_style(piece.holder)
        if style.startswith("Heading"):
            below = names.get(piece.text, "")
        elif style == "Caption":
            caption = piece.text.partition(": ")[2]
        else:
            of = next((part for part in piece.place.split("/") if piece.is_words and part in keys), below)
            if of:
                yield of, caption if piece.is_table else "", piece


def _say_changed(edit: Edit) -> ShownWords:
    return ShownWords(heading="", text=edit.text, was=edit.was)


def _lay_out(piece: Piece) -> str:
    """A piece as text, as it is printed; each row of a table is a line with the heads of its columns."""
    if piece.is_picture:
        return piece.text
    if not piece.is_table:
        return "\n".join(show(paragraph).strip() for paragraph in piece.paragraphs)
    heads, *rows = ([" ".join(say_all(cell.iter(f"{W}p")).split()) for cell in row] for row in piece.cells())
    return "\n".join("; ".join(f"{head}: {cell}" for head, cell in zip(heads, row, strict=False)) for row in rows)


def mark_pages(draft: bytes, facts: ReportFacts) -> str:
    """By what the page of each partnership in a draft is told from what it said before, as an event keeps it.

    Until which day something had not come is left out, and the numbers of paragraphs: they are others in each draft.
    """
    said: dict[str, str] = {}
    for of, _, piece in _list_parts(list_pieces(read_body(draft)), facts.partnerships()):
        said[of] = f"{said.get(of, '')}\n{_UNTIL.sub('', piece.text)}"
    return dump_marks({of: short_mark(sha256(text.encode()).hexdigest()) for of, text in said.items()})


def decide_showing(
    facts: ReportFacts, pages: Mapping[str, Sequence[ShownWords]], now: datetime, *, by: str
) -> Decision:
    """Each partnership that was not shown what the latest draft prints about it gets that page, with days to object.

    Whoever answers for several gets theirs in one letter. Raises PreconditionFailed when there is nothing to show, or
    the site shows nobody anything.
    """
    paper, board = facts.status.papers[facts.paper.board], facts.board.name
    if not facts.form.objection_days:
        raise PreconditionFailed(f"report.toml gives no days to object to the paper for {board}.")
    if not pages:
        raise PreconditionFailed(f"Draft {paper.drafts} of the paper for {board} says nothing of any partnership.")
    unshown = facts.status.list_unshown(facts.paper.board)
    if paper.pages and not unshown:
        raise PreconditionFailed(f"Each partnership was shown what the paper for {board} says of it, as it stands now.")
    until = facts.site.working_days.plus(london_day(now), facts.form.objection_days)
    tell = partial(part_shown, board=facts.board, paper=facts.paper, quarter=facts.quarter, number=paper.drafts)
    by_person: dict[str, tuple[Contact, list[tuple[Respondent, Sequence[ShownWords]]]]] = {}
    for partnership in facts.partnerships():
        words = pages.get(partnership.key, ()) if not paper.pages or partnership.key in unshown else ()
        for person in _list_people(facts, partnership, words, now) if words else ():
            _, theirs = by_person.setdefault(person.address.lower(), (person, []))
            theirs.append((partnership, words))
    letters = tuple(tell(person, pages=theirs, until=until) for person, theirs in by_person.values())
    about: dict[str, Fact] = {"content": paper.content, "number": paper.drafts, "until": until.isoformat()}
    shown = note_of_paper(Happened.PAPER_SHOWN, facts.quarter, paper.board, now, by=by, **about)
    return Decision(events=(shown,), letters=letters)


def _list_people(
    facts: ReportFacts, partnership: Respondent, words: Sequence[ShownWords], now: datetime
) -> Iterator[Contact]:
    """Its leads; its chair as well where the office changed the words that the chair approved."""
    today, says = london_day(now), facts.form.edited_words is not EditedWords.PAPER
    yield from partnership.people(Role.LEAD, today)
    if says and any(one.was for one in words):
        yield from partnership.people(Role.CHAIR, today)
