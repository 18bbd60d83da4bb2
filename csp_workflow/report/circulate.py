"""A paper from its draft to its circulating: when it is drafted, who must agree, what clearing and circulating decide.

Before it is cleared, each partnership is shown what is printed about it, and whoever must agree is asked: with every
draft, about exactly its file, and reminded of twice. Where the office changed a partnership's words, that goes back to
its chair as well, or is printed as edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial
from hashlib import sha256

from csp_workflow.letters.before_clearance import ShownPage, ShownWords, agreement_request, part_shown
from csp_workflow.letters.papers import (
    NO_WORDS,
    Missing,
    OwnWords,
    circulation,
    draft_paper,
    say_changed,
    say_moved,
    say_objectable,
    say_waits,
)
from csp_workflow.report.edits.body import CELL, Piece, list_pieces, name_style, say, say_all, show
from csp_workflow.report.edits.keeping import Edit, read_body
from csp_workflow.report.facts import ReportFacts, say_standing
from csp_workflow.report.word.package import W
from csp_workflow.terms.dates import PaperDates, PaperState, Quarter, london, london_day
from csp_workflow.terms.events import (
    NOTHING,
    REMINDERS,
    Decision,
    Event,
    Fact,
    Happened,
    LetterState,
    PreconditionFailed,
    QueuedLetter,
    together,
)
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.paper_status import PaperStatus, dump_marks, list_moved
from csp_workflow.terms.report_form import EditedWords, PaperReader
from csp_workflow.terms.site import Contact, Respondent, Role, Site, plain_address
from csp_workflow.terms.status import RETURN_MOVES, CycleStatus, fold_cycle

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


def list_unsent(before: PaperStatus | None, after: PaperStatus, letters: Iterable[QueuedLetter]) -> set[str]:
    """The partnerships whose page of a paper goes to nobody once that is out: its letter waits, or the same message
    orders both."""
    had = before.pages_shown if before else {}
    waiting = (x for x in letters if x.kind == part_shown.kind.name and x.may_become(LetterState.WITHDRAWN))
    here = (one for x in waiting for one in x.about if one.board == after.board)
    return {key for key, says in after.pages_shown.items() if had.get(key) != says} | {one.respondent for one in here}


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
    unsent: Iterable[str] = (),
) -> Decision:
    """The copy goes to the board's secretariat, with the workbook beside it (b"": it has none).

    Raises PreconditionFailed when there is nobody; and when something came since it was drafted, unless it is to go
    `as_cleared` all the same. That it goes `as_written`, though it may name a person, is kept with it, and so are the
    partnerships whose pages are `unsent`.
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
            moved=" ".join(say_moved(status.papers[paper.board])),
        )
        for contact in people
    )
    how: dict[str, Fact] = {"as_written": True} if as_written else {}
    how |= {"unshown": " ".join(sorted(unsent))} if unsent else {}
    event = note_of_paper(Happened.PAPER_CIRCULATED, status.quarter, paper.board, now, by=by, content=name, **how)
    return Decision(events=(event,), letters=letters)


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
