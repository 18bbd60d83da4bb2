"""The dashboard as files: what a board's paper shows once it is out, and before that each partnership's page alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from csp_workflow.dashboard.parts import AREAS, WHOLE, Audience
from csp_workflow.letters.answers import approval_noted
from csp_workflow.report.facts import ReportFacts
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.papers import gather_report, with_reported
from csp_workflow.terms.dates import Board, CycleState, Quarter, london_day
from csp_workflow.terms.events import Decision, Event, Happened, Letter, PreconditionFailed
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import Respondent
from csp_workflow.terms.status import fold_cycle


@dataclass(frozen=True, kw_only=True)
class Built:
    """The files of a dashboard by name, and whether all areas are in it."""

    quarter: Quarter
    board: str
    as_at: datetime
    files: Mapping[str, bytes]
    is_out: bool


def build_dashboard(outside: Outside, audience: Audience, now: datetime, quarter: Quarter | None = None) -> Built:
    """All pages of a quarter (the newest whose paper is out) as that paper shows it.

    Partnerships have a page each, apart from one another's, where their board's paper is not out. Raises
    PreconditionFailed where there is nothing that may be shown.
    """
    boards = _list_boards(outside, audience)
    quarters = [quarter] if quarter else sorted(outside.store.cycle_states(), reverse=True)
    for one in quarters:
        for board in boards:
            if (out := _find_sent(outside, one, board, now)) is not None:
                return _build_whole(outside, one, board, audience, out)
    if audience is Audience.PUBLIC:
        raise PreconditionFailed(_NOT_OUT.format(boards=joined((board.name for board in boards), "or") or "any board"))
    return _build_apart(outside, quarters, boards, now)


_NOT_OUT = (
    "Nothing was built: the public is shown figures only when the paper for the {boards} has been circulated and the "
    "day on which its papers are out has come."
)
_NOT_BEGUN = "Nothing was built: no quarter has been opened yet."


def enclose_pages(outside: Outside, decision: Decision, now: datetime) -> Decision:
    """What is decided, each lead whose return is approved thanked with its own page where that board's paper wants it.

    An approval is recorded whether or not a page can be made.
    """
    letters = [_thank_with_page(outside, letter, decision, now) for letter in decision.letters]
    return replace(decision, letters=tuple(letters))


def _thank_with_page(outside: Outside, letter: Letter, decision: Decision, now: datetime) -> Letter:
    boards = _list_boards(outside, Audience.PARTNERSHIP)[:1] if letter.kind == approval_noted.kind.name else []
    wanted = {form.board for form in outside.site.report_forms if form.own_pages}
    quarter = letter.quarter
    if quarter is None or not boards or boards[0].key not in wanted or _find_sent(outside, quarter, boards[0], now):
        return letter
    events = (event for event in decision.events if event.quarter == quarter)
    status = fold_cycle(quarter, events, onto=outside.store.cycle_status(quarter))
    try:
        facts = gather_report(outside, quarter, boards[0].key, now, status=status)
    except PreconditionFailed:  # no paper is planned
        return letter
    of = outside.site.respondent(letter.respondents[0])
    data = next(data for _, data in _write_own(outside, facts, of))
    page = Attachment(name=f"{of.code} {quarter.code} own page.html", data=data)
    return replace(letter, facts={**letter.facts, "page": page.name}, attachments=(*letter.attachments, page))


def _list_boards(outside: Outside, audience: Audience) -> list[Board]:
    """The boards whose papers the audience reads, the partnerships' own before public ones."""
    with_paper = {form.board for form in outside.site.report_forms}
    boards = [board for board in outside.site.boards if board.key in with_paper]
    quarterly = [board for board in boards if not board.yearly]
    wanted = [board for board in quarterly if board.public or audience is Audience.PARTNERSHIP]
    return sorted(wanted, key=lambda board: board.public)


def _find_sent(outside: Outside, quarter: Quarter, board: Board, now: datetime) -> tuple[int, Event] | None:
    """The draft, or the erratum, that the board was sent last, once its papers are out: the number of its event."""
    paper, plan = outside.store.cycle_status(quarter).papers.get(board.key), outside.store.plan_of(quarter)
    dates = next((one for one in plan.papers if one.board == board.key), None) if plan else None
    if paper is None or dates is None or not paper.reported or london_day(now) < dates.papers_out:
        return None
    drafted = (
        found
        for kind in (Happened.PAPER_DRAFTED, Happened.ERRATUM_DRAFTED)
        for found in outside.store.numbered_events(kind)
        if found[1].quarter == quarter and found[1].subject == board.key
    )
    stated = paper.reported[-1][1]
    return max((x for x in drafted if x[1].facts.get("statements") == stated), key=lambda one: one[0], default=None)


def _build_whole(
    outside: Outside, quarter: Quarter, board: Board, audience: Audience, sent: tuple[int, Event]
) -> Built:
    """From the store as it stood when what the board has was made, with words as they were printed."""
    from csp_workflow.dashboard.pages import compile_view
    from csp_workflow.dashboard.writing import write_view, write_whole
    from csp_workflow.report.persons import keep_printed

    number, event = sent
    then = replace(outside, store=outside.store.as_before(number), _laid={})
    facts = keep_printed(
        with_reported(then, gather_report(then, quarter, board.key, event.at)), _fetch_sent(outside, quarter, board)
    )
    view, templates = compile_view(facts, audience), outside.page_templates()
    files = dict(write_view(view, templates))
    if len(facts.partnerships()) <= AREAS:
        files[f"{WHOLE}.html"] = write_whole(view, templates)
    return Built(quarter=quarter, board=board.key, as_at=event.at, files=files, is_out=True)


_LOST = "Nothing was built: whose words may be shown is read from the paper, and a file that went to the"


def _fetch_sent(outside: Outside, quarter: Quarter, board: Board) -> Iterator[bytes]:
    """The files that the board has: the paper and the errata to it."""
    sent = {Happened.PAPER_CIRCULATED, Happened.ERRATUM_CIRCULATED}
    for event in outside.store.events(quarter):
        if event.kind in sent and event.subject == board.key:
            try:
                yield outside.archive.fetch(str(event.facts["content"]))
            except (KeyError, ValueError):
                raise PreconditionFailed(f"{_LOST} {board.name} is not kept any more.") from None


def _build_apart(outside: Outside, quarters: list[Quarter], boards: list[Board], now: datetime) -> Built:
    live = {CycleState.OPEN, CycleState.CLOSED}
    quarter = next((one for one in quarters if outside.store.cycle_status(one).state in live), None)
    if quarter is None or not boards:
        raise PreconditionFailed(_NOT_BEGUN)
    facts = gather_report(outside, quarter, boards[0].key, now)
    files = {f"{of.key}/{name}": data for of in facts.partnerships() for name, data in _write_own(outside, facts, of)}
    return Built(quarter=quarter, board=boards[0].key, as_at=now, files=files, is_out=False)


def _write_own(outside: Outside, facts: ReportFacts, of: Respondent) -> Iterator[tuple[str, bytes]]:
    from csp_workflow.dashboard.pages import compile_own_view
    from csp_workflow.dashboard.places import keep_own
    from csp_workflow.dashboard.writing import write_view

    view = compile_own_view(keep_own(facts, of), of)
    yield from write_view(view, outside.page_templates()).items()
