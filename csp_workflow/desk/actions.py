"""Orders about what a board asked at its meeting: ACTION records it, NOTES tells everybody, CLOSE ends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from csp_workflow.desk.commands import (
    CarriedOut,
    Command,
    OrderFacts,
    Refused,
    Verb,
    find_respondent,
    keep_order,
    note_change,
)
from csp_workflow.terms.dates import PaperDates, Quarter, london_day
from csp_workflow.terms.events import Happened
from csp_workflow.terms.phrases import day as full_day
from csp_workflow.terms.phrases import joined

_LATELY = timedelta(days=31)
"""A board that need not be named is the only one that met within so long."""
_REF = re.compile(r"A(\d+)")


def _record_action(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record what a board asked of one respondent; the chase writes the note on the next working morning."""
    today = london_day(now)
    _, paper = _find_sitting(command, facts, today)
    found, board = find_respondent(facts, command.respondent), facts.site.board(paper.board)
    if command.day is None or command.day < max(paper.meeting, today):
        raise Refused("The day by which it is asked is past. Write the action once more with a day to come.")
    for action in facts.site.actions:
        is_same = (action.respondent, action.board, action.wording) == (found.key, board.key, command.text)
        if is_same and action.closed is None:
            raise Refused(f"That is recorded already, as {action.ref}, by {full_day(action.due)}.")
    ref = _next_ref(facts)
    event = note_change(
        Happened.ACTION_ASKED,
        facts,
        now,
        respondent=found.key,
        subject=ref,
        board=board.key,
        meeting=paper.meeting.isoformat(),
        wording=command.text,
        due=command.day.isoformat(),
    )
    asked = f"{ref}: the {board.name} asked {found.name} on {full_day(paper.meeting)}: \u201c{command.text}\u201d"
    return CarriedOut(
        sentences=(
            f"{asked} It is due by {full_day(command.day)}.",
            f"{found.name} is told with whatever else you record, in one letter on {_next_morning(facts, today)}.",
            f"It stands on its next form and in the next paper until CLOSE {ref} BECAUSE reason.",
        ),
        decision=keep_order(command, facts, now, event, respondent=found.key),
    )


def _order_notes(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Tell everybody after a meeting, also where nothing was asked."""
    today = london_day(now)
    quarter, paper = _find_sitting(command, facts, today)
    board = facts.site.board(paper.board)
    asked = [a for a in facts.site.actions if (a.board, a.asked) == (board.key, paper.meeting) and a.recorded]
    open_ones = joined(a.ref for a in asked if a.closed is None)
    if not open_ones and not board.notes_to_all:
        raise Refused(
            f"Nothing is recorded that the {board.name} asked on {full_day(paper.meeting)}, and its notes go only to "
            "whom it asked something, so there is nobody to be told."
        )
    event = note_change(Happened.NOTES_ORDERED, facts, now, quarter=quarter, subject=board.key)
    whom = "Every partnership that owed a return" if board.notes_to_all else "Whoever was asked something"
    when, noted = _next_morning(facts, today), f"what the {board.name} noted on {full_day(paper.meeting)}"
    sentence = f"{whom} is told on {when} {noted}, and what it asked ({open_ones or 'nothing is recorded'})."
    return CarriedOut(sentences=(sentence,), decision=keep_order(command, facts, now, event))


def _close_action(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Close what a board asked; an answer on a form never does."""
    action = next((a for a in facts.site.actions if a.ref == command.action), None)
    if action is None:
        raise Refused(f"There is no action {command.action}.")
    if action.closed is not None:
        raise Refused(f"{action.ref} was closed on {full_day(action.closed)}: {action.reason}.")
    event = note_change(
        Happened.ACTION_CLOSED, facts, now, respondent=action.respondent, subject=action.ref, reason=command.reason
    )
    name = {r.key: r.name for r in facts.site.respondents}.get(action.respondent, action.respondent)
    return CarriedOut(
        sentences=(
            f"{action.ref}, asked of {name}, is closed. It stands on no further form.",
            "The next paper says that it is closed, and why.",
        ),
        decision=keep_order(command, facts, now, event, respondent=action.respondent),
    )


def _next_morning(facts: OrderFacts, today: date) -> str:
    """The working day on which notes leave that are ordered today."""
    return full_day(facts.site.working_days.plus(today + timedelta(days=1), 0))


def _next_ref(facts: OrderFacts) -> str:
    """The next number, counted over those of the configuration too: none is used twice."""
    numbers = [int(found[1]) for action in facts.site.actions if (found := _REF.fullmatch(action.ref))]
    return f"A{max(numbers, default=0) + 1}"


# Which meeting ------------------------------------------------------------------------------------


def _find_sitting(command: Command, facts: OrderFacts, today: date) -> tuple[Quarter, PaperDates]:
    """The latest meeting of the board named, or whose paper the answered letter had, or that alone met lately."""
    sat: dict[str, tuple[Quarter, PaperDates]] = {}
    for dates in sorted(facts.planned, key=lambda dates: dates.quarter):
        for paper in dates.papers:
            is_cancelled = facts.site.is_cancelled(paper.board, paper.meeting)
            if paper.meeting <= today and not is_cancelled and not facts.site.board(paper.board).yearly:
                sat[paper.board] = max(
                    (dates.quarter, paper), sat.get(paper.board, (dates.quarter, paper)), key=_by_day
                )
    shown = {one.board for one in facts.answered.about} & set(sat) if facts.answered else set()
    lately = {key for key, (_, paper) in sat.items() if today - paper.meeting <= _LATELY}
    meant = {command.board} if command.board else shown or lately or set(sat)
    if len(meant) > 1:
        names = joined([f"{key} ({full_day(sat[key][1].meeting)})" for key in sorted(meant)], "or")
        raise Refused(f"Please say which board: {names}. Write {command.verb} and its name first.")
    board = next(iter(meant), "")
    if board not in sat:
        raise Refused(_say_not_met(facts, board, today))
    return sat[board]


def _by_day(sitting: tuple[Quarter, PaperDates]) -> date:
    return sitting[1].meeting


def _say_not_met(facts: OrderFacts, board: str, today: date) -> str:
    if board and facts.site.board(board).yearly:
        return f"{facts.site.board(board).name} takes a paper and does not meet, so it asks nothing of anybody."
    planned = (p for dates in facts.planned for p in dates.papers if p.board == board and p.meeting > today)
    coming = [p for p in planned if not facts.site.is_cancelled(p.board, p.meeting)]
    met = f"The {facts.site.board(board).name} has not met" if board else "No board has met"
    then = f"; it meets on {full_day(min(p.meeting for p in coming))}" if coming else ""
    before = "What was asked before is in the configuration (actions.toml), which is changed there."
    return f"{met} on a quarter that is under way{then}. {before}"


ACTION_ORDERS: Mapping[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.ACTION: _record_action,
    Verb.NOTES: _order_notes,
    Verb.CLOSE: _close_action,
}
