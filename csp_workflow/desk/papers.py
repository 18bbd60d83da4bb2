"""Orders about papers: CLEAR and CIRCULATE. The step does them; here it is seen whether they can be done."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.desk.commands import Command
from csp_workflow.desk.facts import CarriedOut, OrderFacts, Refused, StepOrder, cycle
from csp_workflow.desk.ordered import ordered
from csp_workflow.terms.dates import Board, PaperState
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.status import PaperStatus

_CLEARABLE = {PaperState.DRAFT, PaperState.WITH_PARTNERS}


def clear(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Clear the latest draft for one board's meeting."""
    board, paper = _meant(command, facts, _CLEARABLE)
    if paper is None or not paper.content:
        raise Refused(f"There is no draft of the paper for {board.name} yet.")
    if paper.state not in _CLEARABLE:
        raise Refused(f"The paper for {board.name} is {paper.state}.")
    return CarriedOut(
        sentences=(
            f"Draft {paper.drafts} of the paper for {board.name} is cleared.",
            f"CIRCULATE {board.key} sends it to the secretariat. A new draft would take the clearance back.",
        ),
        decision=ordered(command, facts, now),
        order=StepOrder(kind="clear", quarter=cycle(facts)[0].quarter, board=board.key),
    )


def circulate(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Send one board's cleared paper to the secretariat."""
    board, paper = _meant(command, facts, {PaperState.CLEARED})
    if paper is None or paper.state in _CLEARABLE:
        raise Refused(f"The paper for {board.name} is not cleared. Reply CLEAR {board.key} first.")
    if paper.state is not PaperState.CLEARED:
        raise Refused(f"The paper for {board.name} is {paper.state} already.")
    names = joined(c.name for c in facts.site.office.secretariat)
    return CarriedOut(
        sentences=(f"The cleared paper for {board.name} goes to {names or 'the secretariat'}.",),
        decision=ordered(command, facts, now),
        order=StepOrder(kind="circulate", quarter=cycle(facts)[0].quarter, board=board.key),
    )


def _meant(command: Command, facts: OrderFacts, wanted: set[PaperState]) -> tuple[Board, PaperStatus | None]:
    """The board named; without a name the one of the letter answered, or the only one that could be meant."""
    status, dates = cycle(facts)
    boards = [b for b in facts.site.boards if b.key in {p.board for p in dates.papers} | set(status.papers)]
    if command.board:
        chosen = [b for b in boards if command.board.casefold() in {b.key.casefold(), b.name.casefold()}]
    else:
        chosen = _about(facts, boards) or [b for b in boards if _state(facts, b) in wanted] or boards
    if len(chosen) == 1:
        return chosen[0], status.papers.get(chosen[0].key)
    keys = ", ".join(b.key for b in boards) or "none"
    if command.board:
        raise Refused(f"There is no paper for '{command.board}' in {status.quarter}. The boards are: {keys}.")
    raise Refused(f"Please say which board: {command.verb} and one of {keys}.")


def _about(facts: OrderFacts, boards: list[Board]) -> list[Board]:
    """The board whose paper the answered letter carried."""
    return [b for b in boards if facts.answered and b.key in {one.board for one in facts.answered.about}]


def _state(facts: OrderFacts, board: Board) -> PaperState | None:
    status, _ = cycle(facts)
    paper = status.papers.get(board.key)
    return paper.state if paper and paper.content else None
