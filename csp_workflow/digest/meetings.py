"""What a board asked, for the morning letter: after a meeting what is to be recorded, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.letters.morning import Item, Need
from csp_workflow.terms.actions import Action, ActionState
from csp_workflow.terms.dates import PaperDates, london_day
from csp_workflow.terms.phrases import day

_ASKED_FOR = 5
"""For so many working days after a meeting she is asked what it asked."""


def list_meetings(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """What waits since a board met."""
    yield from list_unrecorded(facts, now)
    yield from list_overdue(facts, now)


def list_unrecorded(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """The meetings of which nothing is recorded."""
    for cycle in facts.shown:
        for paper in cycle.dates.papers:
            board = cycle.site.board(paper.board)
            if not board.yearly and _is_unrecorded(cycle, paper, london_day(now)):
                notes = (f"NOTES {paper.board}",) if board.notes_to_all else ()
                nothing = " If it asked nothing, NOTES tells every partnership so." if notes else ""
                met = f"The {board.name} met on {day(paper.meeting)}."
                yield Need(
                    title=f"What the {board.name} asked on {day(paper.meeting)}",
                    sentence=f"{met} Please record what it asked of whom; each is told in one letter.{nothing}",
                    words=(f"ACTION {paper.board} CODE BY day: what is asked", *notes),
                )


def _is_unrecorded(cycle: Round, paper: PaperDates, today: date) -> bool:
    status, site = cycle.status.papers.get(paper.board), cycle.site
    if status is None or status.circulated_at is None or status.noted is not None:
        return False
    if site.is_cancelled(paper.board, paper.meeting):
        return False
    is_recent = paper.meeting < today <= site.working_days.plus(paper.meeting, _ASKED_FOR)
    return is_recent and not any((a.board, a.asked) == (paper.board, paper.meeting) for a in site.actions)


def list_overdue(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """What a board asked and is past its day: the respondent's own answer closes nothing."""
    for action in facts.site.actions:
        if action.state_on(london_day(now)) is ActionState.OVERDUE:
            yield _say_overdue(facts, action)


def _say_overdue(facts: DigestFacts, action: Action) -> Need:
    site = facts.site
    name = {r.key: r.name for r in site.respondents}.get(action.respondent, action.respondent)
    answered = facts.answered.get(action.ref, "")
    came = f" It answered on its form for {answered}." if answered else " Its form has no answer to it."
    asked = f"{action.ref}, which the {site.board(action.board).name} asked of {name} on {day(action.asked)},"
    return Need(
        title=f"{'Answered, to be closed' if answered else 'Overdue'}: {action.ref}, asked of {name}",
        sentence=f"{asked} was due by {day(action.due)}: \u201c{action.wording}\u201d{came}",
        words=(f"CLOSE {action.ref} BECAUSE reason",),
        item=Item(about=action.respondent, what=f"action {action.ref}", called=action.ref),
        may_wait=bool(answered),
    )
