"""Before a paper is cleared: each partnership is shown what is printed about it, and whoever must agree is asked.

A yes is asked for with every draft, about exactly its file, and reminded of twice. Where the office changed a
partnership's words, that goes back to its chair as well, or is printed as edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256

from csp_workflow.letters.before_clearance import ShownPage, ShownWords, agreement_request, part_shown
from csp_workflow.report.circulate import DOCX, name_draft, note_of_paper
from csp_workflow.report.edits.body import CELL, Piece, list_pieces, name_style, say, say_all, show
from csp_workflow.report.edits.keeping import Edit, read_body
from csp_workflow.report.facts import ReportFacts
from csp_workflow.report.word.package import W
from csp_workflow.terms.dates import PaperDates, PaperState, london_day
from csp_workflow.terms.events import NOTHING, Decision, Fact, Happened, together
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.letters import REMINDERS, LetterState, QueuedLetter
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.paper_status import PaperStatus, dump_marks
from csp_workflow.terms.report_form import EditedWords, PaperReader
from csp_workflow.terms.site import Contact, Respondent, Role, Site, plain_address
from csp_workflow.terms.status import CycleStatus

BY = "the calendar"
_UNTIL = re.compile(r"\bby \w+day \d{1,2} \w+ \d{4}\b")
_QUOTED = re.compile(r"[^\"\u201c]*: [\"\u201c](.+)[\"\u201d]$")
_SENTENCES = re.compile(r"(?<=[.?!])\s+")


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
        lines = tuple(_lay_out(piece))
        said = _show_edited(heading, "\n".join(line for line, _ in lines), was)
        said = said if was else replace(said, marks=tuple(tuple(map(_mark, says)) for _, says in lines))
        cells = (edit for edit in edits if edit.place.startswith(f"{piece.place}{CELL}"))
        pages.setdefault(of, []).extend((said, *(_show_edited("", edit.text, edit.was) for edit in cells)))
    for edit in edits:
        if edit.place.startswith("words ") and not edit.text:
            for of in {p.key for p in partnerships} & set(edit.place.split("/")):
                pages.setdefault(of, []).append(_show_edited("", edit.text, edit.was))
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


def _show_edited(heading: str, text: str, was: str) -> ShownWords:
    """What the office made of a text is one thing, which is said by every line of it."""
    marks = (_mark(f"{was}{CELL}{text}"),)
    return ShownWords(heading=heading, text=text, was=was, marks=tuple(marks for _ in text.split("\n")))


def _lay_out(piece: Piece) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The lines of a piece as they are printed, each with all that it says.

    A row of a table is a line with the heads of its columns, and says each cell; any other line its sentences. Words
    that are quoted say the same under whatever they stand, and so does a cell beside fewer others.
    """
    if piece.is_picture:
        yield from ((line, (line,)) for line in piece.text.split("\n"))
        return
    if not piece.is_table:
        for paragraph in piece.paragraphs:
            said = _UNTIL.sub("", say(paragraph))
            quoted = _QUOTED.match(said)
            says = (quoted[1],) if quoted else tuple(_SENTENCES.split(said))
            yield from ((line, says) for line in show(paragraph).strip().split("\n"))
        return
    heads, *rows = ([" ".join(say_all(cell.iter(f"{W}p")).split()) for cell in row] for row in piece.cells())
    for row in rows:
        cells = tuple(zip(heads, row, strict=False))
        says = tuple(CELL.join((row[0], *cell)) for cell in cells[1:] or cells)
        yield "; ".join(f"{head}: {cell}" for head, cell in cells), says


def _mark(said: str) -> str:
    return sha256(said.encode()).hexdigest()[:6]


def mark_pages(draft: bytes, facts: ReportFacts, edits: Sequence[Edit] = ()) -> str:
    """By what all that a draft says of each partnership is told from what it said before, as an event keeps it.

    Until which day something had not come is left out, and the numbers of paragraphs: they are others in each draft.
    """
    pages = read_pages(draft, facts.partnerships(), edits)
    return dump_marks({of: [mark for one in said for line in one.marks for mark in line] for of, said in pages.items()})


def decide_showing(
    facts: ReportFacts,
    pages: Mapping[str, Sequence[ShownWords]],
    now: datetime,
    *,
    by: str,
    letters: Iterable[QueuedLetter] = (),
) -> Decision:
    """Each partnership that was not shown all that the latest draft prints about it gets what is new of that page, with
    days to object; the whole page a lead who was sent none of it by the quarter's `letters`.

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
    shown = [x for x in letters if x.kind == part_shown.kind.name and x.state is not LetterState.WITHDRAWN]
    had = {(x.recipient.lower(), key) for x in shown for key in x.respondents}
    by_person: dict[str, tuple[Contact, list[ShownPage]]] = {}
    for partnership in facts.partnerships():
        words = pages.get(partnership.key, ()) if not paper.pages or partnership.key in unshown else ()
        new = _leave_new(facts, partnership, words)
        for person in _list_people(facts, partnership, new.words, now) if words else ():
            is_known = person.role is not Role.LEAD or (person.address.lower(), partnership.key) in had
            _, theirs = by_person.setdefault(person.address.lower(), (person, []))
            theirs.append(new if is_known else ShownPage(of=partnership, words=tuple(words)))
    about: dict[str, Fact] = {"content": paper.content, "number": paper.drafts, "until": until.isoformat()}
    told = note_of_paper(Happened.PAPER_SHOWN, facts.quarter, paper.board, now, by=by, **about)
    return Decision(
        events=(told,), letters=tuple(tell(person, pages=theirs, until=until) for person, theirs in by_person.values())
    )


def _leave_new(facts: ReportFacts, of: Respondent, words: Sequence[ShownWords]) -> ShownPage:
    """What of a page its partnership was not shown, in any board's paper; all of it where that cannot be told."""
    shown = facts.status.find_shown(of.key)
    new = tuple(left for one in words if (left := one.leave_new(shown))) if shown else ()
    if not new or new == tuple(words):
        return ShownPage(of=of, words=tuple(words))
    days = (paper.shown_on for paper in facts.status.list_showing(facts.paper.board, of.key))
    return ShownPage(of=of, words=new, since=max(filter(None, days), default=None))


def _list_people(
    facts: ReportFacts, partnership: Respondent, words: Sequence[ShownWords], now: datetime
) -> Iterator[Contact]:
    """Its leads; its chair as well where the office changed the words that the chair approved."""
    today, says = london_day(now), facts.form.edited_words is not EditedWords.PAPER
    yield from partnership.people(Role.LEAD, today)
    if says and any(one.was for one in words):
        yield from partnership.people(Role.CHAIR, today)
