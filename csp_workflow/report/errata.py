"""After a paper went out: what came since, as an erratum or an addendum to it, and as what a later paper says of it.

An erratum corrects what was printed; an addendum only adds what the paper left open. Each is drafted by itself, shown
to the co-ordinator, and goes to that board's secretariat on her order alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from csp_workflow.letters.papers import erratum_circulation, erratum_draft
from csp_workflow.report.blocks import Block, Contents, Heading, Numbered, Plain, Table
from csp_workflow.report.circulate import CHANGES, DOCX, Copies, note_of_paper
from csp_workflow.report.facts import Otherwise, ReportFacts
from csp_workflow.report.statements import Change, Report, Statements, find_otherwise, find_told
from csp_workflow.terms.dates import PaperDates, Quarter
from csp_workflow.terms.events import Decision, Event, Fact, Happened, PreconditionFailed
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.paper_status import Erratum, PaperStatus
from csp_workflow.terms.phrases import capital, day, plain_day, plural
from csp_workflow.terms.site import Site
from csp_workflow.terms.status import CycleStatus

_MAY_CHANGE = CHANGES | {Happened.CONFIG_TAKEN, Happened.SETUP_APPLIED}
_RIGHT_AGAIN = "What was printed is what stands again."
NEW_ONE_COMES = "a new one comes to you in a letter of its own."
NOTHING_LEFT = "what was printed is what stands again, so that there is nothing to send."
_NO_MORE = "no longer given"
_WHY = {"year": "follows from the figures", "return": "asked for again by the Office"}
_NOT_NOW = {"return": "none has been received"}
"""By what a change is about."""


def count_news(events: Iterable[Event]) -> int:
    """How many things happened so far that may change what a paper states; `events` are the cycle's and the service's.

    To see whether they did, the paper is compiled again, which is too much for every beat: it is done when this grows.
    """
    return sum(event.kind in _MAY_CHANGE for event in events)


# The document ---------------------------------------------------------------------------------------


def name_erratum(changes: Iterable[Change]) -> str:
    """An addendum only adds; whatever changes something that was printed is an erratum."""
    return "erratum" if any(change.was for change in changes) else "addendum"


def write_erratum(facts: ReportFacts, changes: Sequence[Change], *, draft: bool) -> Contents:
    """A short document: what was printed, what it is now, by whom and when. Marked as its paper is."""
    called = name_erratum(changes)
    return Contents(
        board=facts.board.name,
        title=f"{capital(called)}: {facts.form.title}",
        meeting=facts.paper.meeting,
        as_at=facts.as_at,
        marking=facts.form.marking if draft else facts.site.marking,
        not_before=facts.paper.papers_out,
        blocks=tuple(_write_blocks(facts, changes, called)),
        draft=draft,
    )


def _write_blocks(facts: ReportFacts, changes: Sequence[Change], called: str) -> Iterator[Block]:
    paper = facts.status.papers[facts.paper.board]
    sent, *others = [at for at, _ in paper.reported]
    also = f", and to what was sent on {day(others[-1])}" if others else ""
    yield Numbered(
        text=f"This {called} belongs to the paper on {facts.quarter.months} ({facts.quarter.label}) that was sent out "
        f"on {day(sent)}{also}. It shows what had been received by {day(facts.as_at)}. All else in the paper stands."
    )
    changed, added = [c for c in changes if c.was], [c for c in changes if not c.was]
    if changed:
        yield Heading(text="What was printed, and what it is now")
        yield from _tell_changed(changed)
    if added:
        yield Heading(text="What was not known when the paper was written")
        yield from _tell_added(added)


def _tell_changed(changes: list[Change]) -> Iterator[Block]:
    rows = tuple((c.what, c.was, _say_now(c), say_why(c)) for c in changes if not c.is_words)
    if rows:
        yield Table(
            caption="Corrections",
            description="What is corrected, as it was printed and as it is now, and who corrected it.",
            headers=("What", "As printed", "Now", "By whom"),
            rows=rows,
            weights=(38, 18, 18, 26),
        )
    for change in changes:
        if change.is_words:
            yield Plain(lead=f"{change.what}, as printed", text=change.was, quoted=True)
            yield Plain(lead=f"{change.what}, now ({say_why(change)})", text=_say_now(change), quoted=True)


def _tell_added(changes: list[Change]) -> Iterator[Block]:
    rows = tuple((c.what, c.now, say_why(c)) for c in changes if not c.is_words)
    if rows:
        yield Table(
            caption="Additions",
            description="What came after the paper was written, and from whom.",
            headers=("What", "Now", "From whom"),
            rows=rows,
            weights=(46, 24, 30),
        )
    for change in changes:
        if change.is_words:
            yield Plain(lead=f"{change.what} ({say_why(change)})", text=change.now, quoted=True)


def say_why(change: Change) -> str:
    """Who has changed something, when, and with which note; a reading follows from its figures, and what nobody gives
    any more was taken back."""
    return ". ".join(filter(None, (change.source, change.note.strip()))) or _WHY.get(change.about, "taken back")


def _say_now(change: Change) -> str:
    """What stands now; of a return that it has not come, of anything else that it is given no longer."""
    return change.now or _NOT_NOW.get(change.about, _NO_MORE)


# Drafted by itself, sent or left by order ---------------------------------------------------------------


def decide_erratum(
    facts: ReportFacts, changes: Sequence[Change], copies: Copies, now: datetime, *, by: str
) -> Decision:
    """A new draft, which takes the place of one that is open, and the letter that shows it to the co-ordinator."""
    board, paper = facts.paper.board, facts.status.papers[facts.paper.board]
    number, called = (paper.erratum.number if paper.erratum else 0) + 1, name_erratum(changes)
    made = note_of_paper(
        Happened.ERRATUM_DRAFTED,
        facts.quarter,
        board,
        now,
        by=by,
        number=number,
        content=copies.draft_hash,
        copy=copies.copy_hash,
        statements=copies.statements,
        adds=called == "addendum",
        **copies.noted,
        changes=copies.changes_hash,
    )
    letter = erratum_draft(
        facts.site.office.co_ordinator,
        board=facts.board,
        paper=facts.paper,
        quarter=facts.quarter,
        number=number,
        called=called,
        changes=tuple(_list_changes(changes)),
        named=copies.named,
        attachment=_attach(copies.draft, facts.quarter, board, f"{called} {number} draft"),
        tracked=_attach(copies.changes, facts.quarter, board, _TRACKED),
    )
    return Decision(events=(made,), letters=(letter,))


_LISTED = 20
_TRACKED = "changes since the paper"


def _list_changes(changes: Sequence[Change]) -> Iterator[str]:
    """What changed, a line each; words, and what is beyond a glance, stand in the document itself."""
    short = [c for c in changes if not c.is_words]
    for c in short[:_LISTED]:
        said = f"printed {c.was}, now {_say_now(c)}" if c.was else f"added, {c.now}"
        yield f"{c.what}: {said} ({say_why(c)})"
    if len(short) > _LISTED:
        yield f"{len(short) - _LISTED} more, which stand in the file"
    words = [c for c in changes if c.is_words]
    if words:
        yield f"{plural(len(words), 'text')} in the respondents' own words, which stand in the file"


def _attach(data: bytes, quarter: Quarter, board: str, what: str) -> Attachment:
    return Attachment(name=f"{board} {quarter.code} {what}.docx", data=data, content_type=DOCX)


def decide_withdrawing(facts: ReportFacts, now: datetime, *, by: str) -> Decision:
    """What was printed stands again: the latest draft is moot, and the same change once more would be a new one."""
    paper = facts.status.papers[facts.paper.board]
    return _dismiss(paper, facts.quarter, now, by=by, reason=_RIGHT_AGAIN, moot=True)


def decide_dismissing(status: CycleStatus, board: str, number: int, now: datetime, *, by: str, reason: str) -> Decision:
    """The open draft is left unsent for her reason. Raises PreconditionFailed when it is not the latest, or settled."""
    require_erratum(status, board, number)
    return _dismiss(status.papers[board], status.quarter, now, by=by, reason=reason, moot=False)


def _dismiss(paper: PaperStatus, quarter: Quarter, now: datetime, *, by: str, reason: str, moot: bool) -> Decision:
    left = note_of_paper(Happened.ERRATUM_DISMISSED, quarter, paper.board, now, by=by, reason=reason, moot=moot)
    return Decision(events=(left,))


def require_erratum(status: CycleStatus, board: str, number: int) -> Erratum:
    """The open draft of that number (0: whichever is open). Raises PreconditionFailed with what stands in the way."""
    paper = status.papers.get(board)
    erratum = paper.erratum if paper else None
    if erratum is None:
        raise PreconditionFailed(f"There is no erratum to the paper for {board}.")
    if number and number != erratum.number:
        raise PreconditionFailed(
            f"Number {number} is not the latest erratum to the paper for {board}: number {erratum.number} has taken "
            "its place. Please look at that one."
        )
    if not erratum.is_open:
        raise PreconditionFailed(f"The {erratum.called} {erratum.number} to the paper for {board} is settled already.")
    return erratum


def decide_erratum_circulation(
    site: Site,
    status: CycleStatus,
    paper: PaperDates,
    data: bytes,
    now: datetime,
    *,
    by: str,
    changes: bytes = b"",
    as_written: bool = False,
) -> Decision:
    """The copy of the open draft goes to the board's own secretariat, with the paper's `changes` where they are kept.

    Raises PreconditionFailed without one.
    """
    erratum = require_erratum(status, paper.board, 0)
    people = site.office.secretariat_of(paper.board)
    if not people:
        raise PreconditionFailed(f"The set-up names nobody in the secretariat for {paper.board}. SETUP brings it.")
    letters = tuple(
        erratum_circulation(
            contact,
            board=site.board(paper.board),
            paper=paper,
            quarter=status.quarter,
            number=erratum.number,
            called=erratum.called,
            attachment=_attach(data, status.quarter, paper.board, f"{erratum.called} {erratum.number}"),
            tracked=_attach(changes, status.quarter, paper.board, _TRACKED) if changes else None,
            office=site.office,
        )
        for contact in people
    )
    how: dict[str, Fact] = {"content": erratum.copy} | ({"as_written": True} if as_written else {})
    sent = note_of_paper(Happened.ERRATUM_CIRCULATED, status.quarter, paper.board, now, by=by, **how)
    return Decision(events=(sent,), letters=letters)


# In a later paper -----------------------------------------------------------------------------------


def with_reported(facts: ReportFacts, reports: Sequence[Report], now: Statements) -> ReportFacts:
    """The facts with what papers that went out before stated otherwise: of this quarter, and of the one before."""
    found = tuple(find_otherwise(reports, now, (facts.quarter, facts.quarter.plus(-1))))
    return replace(
        facts,
        otherwise=tuple(_tell_otherwise(facts, report, change) for report, change in found),
        reported={change.key: change.was for _, change in found if change.was},
        told_before=find_told(reports, facts.paper.board, facts.quarter),
    )


def _tell_otherwise(facts: ReportFacts, report: Report, change: Change) -> Otherwise:
    board = facts.site.board(report.board).name
    was, now = (change.was, _say_now(change))
    if change.is_words:
        was, now = "other words", "as in this paper" if change.now else _NO_MORE
    return Otherwise(
        key=change.key,
        what=change.what,
        paper=f"{board}, {plain_day(report.at)}",
        was=was or "no return had been received",
        now=now,
        why=say_why(change),
    )
