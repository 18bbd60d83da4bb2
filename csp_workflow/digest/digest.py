"""The digest: compiled from what stands now, sent once each working morning while there is something to say."""

from __future__ import annotations

from datetime import datetime

from csp_workflow.digest.facts import DigestFacts, Round
from csp_workflow.digest.history import happened
from csp_workflow.digest.needs import needs
from csp_workflow.digest.standings import shown
from csp_workflow.digest.workbook import workbook
from csp_workflow.letters import digests
from csp_workflow.terms.dates import PaperDates, PaperState, in_london, london_day
from csp_workflow.terms.events import Decision, Event, Happened
from csp_workflow.terms.letters import Letter, LetterState
from csp_workflow.terms.phrases import day, plural
from csp_workflow.terms.site import Contact

BY = "the digest"

_TROUBLE = (LetterState.FAILED, LetterState.UNKNOWN, LetterState.FOR_A_PERSON, LetterState.HELD)


def compile_(facts: DigestFacts, now: datetime) -> digests.Digest:
    """Everything the morning letter says, in its order."""
    wanted = needs(facts, now)
    return digests.Digest(
        day=london_day(now),
        first=_first(len(wanted)),
        needs=wanted,
        rounds=tuple(shown(facts, about, now) for about in facts.shown),
        held=facts.waiting,
        letters=_in_trouble(facts),
        ahead=_ahead(facts),
        happened=happened(facts, now),
        papers=tuple(_paper(facts, about, paper) for about in facts.shown for paper in about.dates.papers),
    )


def due(facts: DigestFacts, now: datetime) -> Decision:
    """The digest when its hour has come: once a working day, and to the deputy too while the co-ordinator is away."""
    local = in_london(now)
    today = local.date()
    too_early = local.time() < facts.site.digest_at or not facts.site.working_days.is_working(today)
    if too_early or facts.service.last_digest == today:
        return Decision()
    made = compile_(facts, now)
    if not (made.rounds or made.needs or made.held or made.letters):
        return Decision()
    event = Event(kind=Happened.DIGEST_MADE, at=now, by=BY, facts={"day": today.isoformat(), "needs": len(made.needs)})
    return Decision(events=(event,), letters=_letters(facts, made, now, cause=f"digest:{today.isoformat()}"))


def on_request(facts: DigestFacts, now: datetime, *, to: Contact, cause: str) -> Decision:
    """The same letter at any hour, to whoever ordered STATUS; the morning's digest still comes."""
    made = compile_(facts, now)
    return Decision(letters=(digests.digest(to, made, cause=cause, workbook=workbook(made, now)),))


def _letters(facts: DigestFacts, made: digests.Digest, now: datetime, *, cause: str) -> tuple[Letter, ...]:
    office, book = facts.site.office, workbook(made, now)
    letters = [digests.digest(office.co_ordinator, made, cause=cause, workbook=book)]
    if office.deputy and office.is_away(made.day):
        name = office.co_ordinator.name
        letters.append(digests.digest(office.deputy, made, cause=cause, workbook=book, copy_for=name))
    return tuple(letters)


def _first(count: int) -> str:
    if not count:
        return "Nothing needs you today."
    return f"{plural(count, 'thing', spelt=True).capitalize()} {'needs' if count == 1 else 'need'} you today."


def _in_trouble(facts: DigestFacts) -> tuple[digests.LetterRow, ...]:
    return tuple(
        digests.LetterRow(
            short=x.id[:10], what=named(x.kind), recipient=x.recipient, state=str(x.state), reason=x.reason
        )
        for x in facts.every_letter
        if x.state in _TROUBLE
    )


def _ahead(facts: DigestFacts) -> tuple[digests.NextRow, ...]:
    counted: dict[tuple[str, str], digests.NextRow] = {}
    for when, kind, letters in (row for about in facts.rounds for row in about.ahead):
        key = (when.isoformat(), named(kind))
        before = counted[key].letters if key in counted else 0
        counted[key] = digests.NextRow(day=when, what=named(kind), letters=before + letters)
    return tuple(counted[key] for key in sorted(counted))


def named(kind: str) -> str:
    """A letter's kind as people say it: "reminder-due-today" is "reminder, due today"."""
    first, _, rest = kind.partition("-")
    if first in {"reminder", "approval", "request"} and rest:
        return f"{first}, {rest.replace('-', ' ')}"
    return kind.replace("-", " ")


def _paper(facts: DigestFacts, about: Round, paper: PaperDates) -> digests.PaperRow:
    status = about.status.papers.get(paper.board)
    state = status.state if status and status.content else None
    coming = {
        None: f"draft by {day(paper.draft)}",
        PaperState.DRAFT: f"clearance by {day(paper.clearance)}",
        PaperState.WITH_PARTNERS: f"clearance by {day(paper.clearance)}",
        PaperState.CLEARED: f"out by {day(paper.papers_out)}",
    }
    return digests.PaperRow(
        board=facts.site.board(paper.board).name,
        quarter=about.status.quarter.label,
        meeting=paper.meeting,
        state=str(state) if state else "not drafted",
        next=coming.get(state, f"meeting on {day(paper.meeting)}"),
    )
