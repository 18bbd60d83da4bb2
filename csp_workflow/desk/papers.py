"""Orders about papers: DRAFT, CLEAR, CIRCULATE and the errata. A step does them; here it is seen whether it can."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime

from csp_workflow.desk.commands import (
    CarriedOut,
    Command,
    OrderFacts,
    Refused,
    StepOrder,
    Verb,
    keep_order,
    require_cycle,
)
from csp_workflow.desk.endings import MESSAGE_ORDERS
from csp_workflow.desk.looking import look_up
from csp_workflow.letters.papers import erratum_draft, say_changed, say_late
from csp_workflow.terms.dates import Board, CycleState, PaperDates, PaperState, as_utc, london_day
from csp_workflow.terms.events import About, Event
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.phrases import joined, moment
from csp_workflow.terms.site import Site

ERRATUM_KIND = erratum_draft.kind.name
_CLEARABLE = {PaperState.DRAFT, PaperState.WITH_PARTNERS}


def _draft(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Make a new draft of one board's paper as things stand; a clearance ends with it."""
    board, paper = _find_paper(command, facts, _CLEARABLE | {PaperState.CLEARED})
    cycle = require_cycle(facts)
    if cycle.status.state not in {CycleState.OPEN, CycleState.CLOSED}:
        raise Refused(f"{cycle.quarter} is {cycle.status.state}, so there is nothing to draft.")
    if paper and paper.state in {PaperState.CIRCULATED, PaperState.PUBLISHED}:
        raise Refused(f"The paper for {board.name} is {paper.state} already; it is not drafted again.")
    ends = (f"What was cleared is no longer: CLEAR {board.key} clears the new one.",)
    return CarriedOut(
        sentences=(
            f"A new draft of the paper for {board.name} comes in a letter of its own.",
            *(ends if paper and paper.state is PaperState.CLEARED else ()),
        ),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="draft", quarter=cycle.quarter, board=board.key),
    )


def _find_draft(command: Command, facts: OrderFacts) -> tuple[Board, PaperStatus]:
    """The board and its draft, which is not cleared yet."""
    board, paper = _find_paper(command, facts, _CLEARABLE)
    if paper is None or not paper.content:
        raise Refused(f"There is no draft of the paper for {board.name} yet.")
    if paper.state not in _CLEARABLE:
        raise Refused(f"The paper for {board.name} is {paper.state}.")
    return board, paper


def _show_edits(command: Command, facts: OrderFacts) -> CarriedOut:
    """Ask the step for what was written into a paper, whatever has become of that since."""
    board, paper = _find_paper(command, facts, {*PaperState})
    if paper is None or not paper.edits:
        raise Refused(f"Nobody has written anything into the paper for {board.name}.")
    return CarriedOut(
        sentences=(f"What was written into the paper for {board.name} follows in a letter of its own.",),
        order=StepOrder(kind="show edits", quarter=require_cycle(facts).quarter, board=board.key, code=board.key),
    )


def _show(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Show each partnership what the latest draft says of it; or show her what came."""
    if command.respondent or command.message:
        return look_up(command, facts, now)
    if command.whom:
        return _show_edits(command, facts)
    board, paper = _find_draft(command, facts)
    _refuse_older(facts, board, paper)
    if any(london_day(now) > one.meeting for one in _find_dates(facts, board)):
        raise Refused(f"{_say_late(facts, board, now)} So its parts are shown to nobody any more.")
    return CarriedOut(
        sentences=(
            f"Each partnership gets what is new to it in draft {paper.drafts} of the paper for {board.name}.",
            "It leaves in the sending window, and not after the paper is out. Objections come to you as questions.",
            f"CLEAR {board.key} waits until their days are over; CLEAR {board.key} WITHOUT WAITING does not.",
        ),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="show", quarter=require_cycle(facts).quarter, board=board.key),
    )


def _clear(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Clear the latest draft for one board's meeting; the step sees whether the partnerships have had their days."""
    board, paper = _find_draft(command, facts)
    _refuse_unseen(facts, board, paper)
    _refuse_older(facts, board, paper)
    came = say_changed(facts.site, require_cycle(facts).status, board.key)
    as_it_is = f" Since it was drafted something came that is not in it. {' '.join(came)}" if came else ""
    if awaited := paper.list_awaited(facts.site.readers_of(board.key)):
        return _clear_later(command, facts, now, board, paper, joined(f"{one.name} ({one.role})" for one in awaited))
    how = " AND".join([" AS CLEARED"] * bool(came) + [" AS WRITTEN"] * bool(paper.named))
    then = f"CIRCULATE {board.key}{how} sends it to the secretariat."
    then += " It may name a person; the letter that brought the draft says where." if paper.named else ""
    return CarriedOut(
        sentences=(
            f"Draft {paper.drafts} of the paper for {board.name} (mark {paper.mark}) is cleared.{as_it_is}",
            f"{then} A new draft{f' (DRAFT {board.key})' if came else ''} would take the clearance back.",
        ),
        decision=keep_order(command, facts, now),
        order=_order_clearing(command, facts, board),
    )


def _order_clearing(command: Command, facts: OrderFacts, board: Board) -> StepOrder:
    quarter = require_cycle(facts).quarter
    return StepOrder(kind="clear", quarter=quarter, board=board.key, unwaited=command.unwaited)


def _clear_later(
    command: Command, facts: OrderFacts, now: datetime, board: Board, paper: PaperStatus, awaited: str
) -> CarriedOut:
    """Others must agree to exactly this draft first."""
    what = f"Draft {paper.drafts} of the paper for {board.name} (mark {paper.mark})"
    return CarriedOut(
        sentences=(
            f"{what} is cleared when {awaited} has agreed.",
            "You are told then. A new draft asks them again, and is to be cleared anew.",
        ),
        decision=keep_order(command, facts, now),
        order=_order_clearing(command, facts, board),
    )


def _circulate(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Send one board's cleared paper to the secretariat, or the erratum to one that went out."""
    if _means_erratum(command, facts):
        return _circulate_erratum(command, facts, now)
    board, paper = _find_paper(command, facts, {PaperState.CLEARED})
    if paper is not None and paper.wanted:
        awaited = joined(one.name for one in paper.list_awaited(facts.site.readers_of(board.key)))
        raise Refused(f"The paper for {board.name} is not cleared before {awaited} has agreed to it.")
    if paper is None or paper.state in _CLEARABLE:
        raise Refused(f"The paper for {board.name} is not cleared. Reply CLEAR {board.key} first.")
    if paper.state is not PaperState.CLEARED:
        raise Refused(f"The paper for {board.name} is {paper.state} already.")
    _refuse_unseen(facts, board, paper)
    names = joined(c.name for c in facts.site.office.secretariat_of(board.key))
    return CarriedOut(
        sentences=(
            f"The cleared paper for {board.name} goes to {names or 'the secretariat'}.",
            *filter(None, [_say_late(facts, board, now)]),
        ),
        decision=keep_order(command, facts, now),
        order=StepOrder(
            kind="circulate",
            quarter=require_cycle(facts).quarter,
            board=board.key,
            as_cleared=command.as_cleared,
            as_written=command.as_written,
        ),
    )


def add_unsent(done: CarriedOut, events: Iterable[Event], site: Site) -> CarriedOut:
    """The answer to CIRCULATE with whose pages of the paper, ordered and not yet gone, go to nobody."""
    keys = [key for one in events if one.facts.get("unshown") for key in str(one.facts["unshown"]).split()]
    names = joined(r.name for r in site.respondents if r.key in keys)
    said = f"What it prints about {names} was still to be shown to them, and is not: the paper is out."
    return replace(done, sentences=(*done.sentences, said), is_news=True) if keys else done


def _find_dates(facts: OrderFacts, board: Board) -> list[PaperDates]:
    """The dates of a board's paper; none where it has no meeting."""
    return [one for one in require_cycle(facts).dates.papers if one.board == board.key]


def _say_late(facts: OrderFacts, board: Board, now: datetime) -> str:
    return next((say_late(one, london_day(now)) for one in _find_dates(facts, board)), "")


def _refuse_unseen(facts: OrderFacts, board: Board, paper: PaperStatus) -> None:
    """A store from elsewhere may know an earlier draft than the one that she has seen, and would send that."""
    shown = {(one.board, one.draft) for one in facts.answered.about} if facts.answered else set()
    if facts.service.moved and (board.key, paper.drafts) not in shown:
        raise Refused(
            f"The store came from elsewhere, and may know an earlier draft of the paper for {board.name} than the one "
            "you have seen. After your RELEASE, please look at the latest draft and order it again."
        )


def _refuse_older(facts: OrderFacts, board: Board, paper: PaperStatus) -> None:
    """She clears, or shows, the file that she has seen: not one that was made after the letter she answers."""
    answered = facts.answered
    what = f"Draft {paper.drafts} of the paper for {board.name} (mark {paper.mark})"
    if facts.brought == board.key and facts.is_unseen:
        raise Refused(
            f"{what} is another than the file you sent, with what came since in it. Please look at it, and reply to "
            "the letter that brought it."
        )
    if answered is None or paper.drafted_at is None or facts.brought == board.key:
        return
    shown = {one.draft for one in answered.about if one.board == board.key and one.draft}
    is_older = paper.drafts not in shown if shown else as_utc(answered.queued) < as_utc(paper.drafted_at)
    if is_older:
        raise Refused(
            f"{what} came at {moment(paper.drafted_at)}, after the letter you answer. Please look at that one, and "
            "reply to the letter that brought it."
        )


_ORDERED = {
    Verb.DRAFT: _CLEARABLE | {PaperState.CLEARED},
    Verb.SHOW: _CLEARABLE,
    Verb.CLEAR: _CLEARABLE,
    Verb.CIRCULATE: {PaperState.CLEARED},
}


def may_be_about(command: Command, facts: OrderFacts, today: date) -> bool:
    """Whether a quarter has what an order is about: a draft, what is cleared, an open erratum; requests still to go."""
    status = facts.status
    if status is None:
        return False
    if command.verb in {Verb.PROOF, Verb.SEND}:
        is_due = bool(status.returns) or (facts.dates is not None and today >= facts.dates.open)
        return is_due and not command.whom and status.state in {CycleState.PLANNED, CycleState.IN_PROOF}
    mine = [paper for board, paper in status.papers.items() if command.board in {"", board}]
    if command.erratum is not None:
        return any(p.erratum and p.erratum.is_open and command.erratum in {0, p.erratum.number} for p in mine)
    return any(p.content and p.state in _ORDERED.get(command.verb, ()) for p in mine)


def _means_erratum(command: Command, facts: OrderFacts) -> bool:
    """Whether the order says so, or answers the letter that shows one."""
    shown = {one.board for one in _list_shown(facts)}
    return command.erratum is not None or bool(shown and command.board in {"", *shown})


def _list_shown(facts: OrderFacts) -> tuple[About, ...]:
    """What the letter answered is about, where that shows an erratum."""
    return facts.answered.about if facts.answered and facts.answered.kind == ERRATUM_KIND else ()


def _circulate_erratum(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    board, number = _find_erratum(command, facts)
    names = joined(c.name for c in facts.site.office.secretariat_of(board.key))
    quarter = require_cycle(facts).quarter
    return CarriedOut(
        sentences=(f"Number {number} to the paper for {board.name} goes to {names or 'the secretariat'}.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(
            kind="erratum", quarter=quarter, board=board.key, erratum=number, as_written=command.as_written
        ),
    )


def _dismiss(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Put a message aside; leave words out that have no place; or leave an erratum unsent, with the reason kept."""
    if command.unplaced:
        return _dismiss_words(command, facts, now)
    if command.erratum is None:
        return MESSAGE_ORDERS[Verb.DISMISS](command, facts, now)
    board, number = _find_erratum(command, facts)
    quarter, reason = require_cycle(facts).quarter, command.reason
    return CarriedOut(
        sentences=(
            f"Number {number} to the paper for {board.name} is not sent; the reason is kept.",
            "Later papers say all the same what that one printed otherwise.",
        ),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="no erratum", quarter=quarter, board=board.key, erratum=number, reason=reason),
    )


def _dismiss_words(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    board, paper = _find_paper(command, facts, _CLEARABLE | {PaperState.CLEARED})
    if paper is None or not paper.edits:
        raise Refused(f"Nothing that you wrote into the paper for {board.name} is without a place.")
    return CarriedOut(
        sentences=(f"What you wrote into the paper for {board.name} and has no place there is told no more.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="no words", quarter=require_cycle(facts).quarter, board=board.key),
    )


def _find_erratum(command: Command, facts: OrderFacts) -> tuple[Board, int]:
    """The board, and the number of the erratum that she has seen: named, or that of the letter she answers."""
    board, paper = _find_paper(command, facts, {PaperState.CIRCULATED, PaperState.PUBLISHED})
    number = command.erratum or next((one.draft for one in _list_shown(facts) if one.board == board.key), 0)
    if paper is None or paper.erratum is None:
        raise Refused(f"There is no erratum to the paper for {board.name}.")
    if not number:
        words = f"{command.verb} {board.key} ERRATUM {paper.erratum.number}"
        raise Refused(f"Please say which erratum, as you have seen it: the latest is {words}.")
    return board, number


def _find_paper(command: Command, facts: OrderFacts, wanted: set[PaperState]) -> tuple[Board, PaperStatus | None]:
    """The board named; without a name the one of the letter answered, or the only one that could be meant."""
    cycle = require_cycle(facts)
    boards = [b for b in facts.site.boards if b.key in {p.board for p in cycle.dates.papers} | set(cycle.status.papers)]
    if command.board:
        chosen = [b for b in boards if b.key == command.board]
    else:
        chosen = _boards_answered(facts, boards) or [b for b in boards if _paper_state(facts, b) in wanted] or boards
    if len(chosen) == 1:
        return chosen[0], cycle.status.papers.get(chosen[0].key)
    keys = ", ".join(b.key for b in boards) or "none"
    if command.board:
        raise Refused(f"There is no paper for '{command.board}' in {cycle.quarter}. The boards are: {keys}.")
    raise Refused(f"Please say which board: {command.verb} and one of {keys}.")


def _boards_answered(facts: OrderFacts, boards: list[Board]) -> list[Board]:
    """The board whose draft came with the order, else whose paper the answered letter carried."""
    shown = {one.board for one in facts.answered.about} if facts.answered else set()
    return [b for b in boards if b.key in ({facts.brought} if facts.brought else shown)]


def _paper_state(facts: OrderFacts, board: Board) -> PaperState | None:
    paper = require_cycle(facts).status.papers.get(board.key)
    return paper.state if paper and paper.content else None


PAPER_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.DRAFT: _draft,
    Verb.SHOW: _show,
    Verb.CLEAR: _clear,
    Verb.CIRCULATE: _circulate,
    Verb.DISMISS: _dismiss,
}
