"""What happened since the last digest: one line for each kind of event, with the names it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from csp_workflow.digest.facts import DigestFacts, last_digest
from csp_workflow.digest.people import holder
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.phrases import joined, plural

FIRST_LOOK_BACK = timedelta(days=3)
"""How far the first digest looks back: over a weekend."""

_MANY = 5
"""More respondents than this are counted, not named."""

_H = Happened
_SAID: dict[Happened, str] = {
    _H.CLOCK_DOUBTED: "The clock was in doubt",
    _H.GAP_NOTICED: "The service was silent for some working days",
    _H.PROOF_MADE: "A proof pack was made",
    _H.CYCLE_OPENED: "The quarter was opened",
    _H.REQUESTED: "Asked for a return",
    _H.RECEIVED: "Returns received",
    _H.QUERIED: "Sent back with faults",
    _H.COMPLETE: "Found complete",
    _H.APPROVAL_ASKED: "Chairs asked to approve",
    _H.APPROVED: "Approved by the chair",
    _H.NIL: "Nothing to report",
    _H.DECLINED: "Declined",
    _H.REMINDED: "Reminded",
    _H.EXTENDED: "Given more time",
    _H.QUESTION_ASKED: "Asked us something",
    _H.QUESTION_ANSWERED: "Questions settled",
    _H.MESSAGE_HELD: "Messages held",
    _H.MESSAGE_SETTLED: "Held messages settled",
    _H.COLLEAGUE_CONFIRMED: "Colleagues' messages confirmed by lead or chair",
    _H.COLLEAGUE_REFUSED: "Colleagues' messages refused by lead or chair",
    _H.ANSWERS_STOPPED: "Automatic answers stopped for the day",
    _H.ABSENCE_SEEN: "Automatic replies say they are away",
    _H.ABSENCE_ENDED: "Wrote again, so no longer counted as away",
    _H.ADDRESS_FAILED: "Letters came back from",
    _H.CONTACT_DISOWNED: "Wrote that somebody else does this work now",
    _H.ADDRESS_RESTORED: "May be written to again",
    _H.BREAKER_TRIPPED: "Automatic answers were put on hold",
    _H.CYCLE_CLOSED: "The quarter was closed",
    _H.NOT_RECEIVED: "Not received at the close",
    _H.CYCLE_ARCHIVED: "The quarter was archived",
    _H.CYCLE_REPLANNED: "The dates were worked out again",
    _H.PAPER_DRAFTED: "Papers drafted",
    _H.PAPER_CLEARED: "Papers cleared",
    _H.PAPER_CIRCULATED: "Papers circulated",
    _H.PAPER_PUBLISHED: "Papers published",
    _H.FIGURES_IMPORTED: "Figures taken from a file",
    _H.COMMANDED: "Orders carried out",
}
"""What is told, in this order. What she is asked to decide, and the digest itself, is not told again."""

_PAPERS = {_H.PAPER_DRAFTED, _H.PAPER_CLEARED, _H.PAPER_CIRCULATED, _H.PAPER_PUBLISHED}

_PEOPLE = {_H.ABSENCE_SEEN, _H.ABSENCE_ENDED, _H.ADDRESS_FAILED, _H.CONTACT_DISOWNED, _H.ADDRESS_RESTORED}


def happened(facts: DigestFacts, now: datetime) -> tuple[str, ...]:
    """Sentences about everything since the last digest, the newest digest's instant excluded."""
    since = last_digest(facts) or now - FIRST_LOOK_BACK
    events = [e for e in (*facts.events, *(x for r in facts.rounds for x in r.events)) if since < e.at <= now]
    return tuple(_told(facts, events))


def _told(facts: DigestFacts, events: Iterable[Event]) -> Iterator[str]:
    by_kind: dict[Happened, list[Event]] = {}
    for event in events:
        by_kind.setdefault(event.kind, []).append(event)
    for kind, words in _SAID.items():
        if kind in by_kind:
            yield f"{words}{_concerned(facts, kind, by_kind[kind])}."


def _concerned(facts: DigestFacts, kind: Happened, events: list[Event]) -> str:
    if kind is Happened.COMMANDED:
        return f": {', '.join(_order(facts, e) for e in events)}"
    counted: dict[str, int] = {}
    for event in events:
        name = _about(facts, event)
        counted[name] = counted.get(name, 0) + 1
    named = [f"{name} ({_times(count)})" if count > 1 else name for name, count in counted.items() if name]
    if len(named) > _MANY and kind not in _PAPERS:
        return f": {plural(len(named), 'person', 'people') if kind in _PEOPLE else plural(len(named), 'respondent')}"
    if named:
        return f": {', '.join(named)}"
    return f" ({_times(len(events))})" if len(events) > 1 else ""


def _about(facts: DigestFacts, event: Event) -> str:
    """Whom or what an event is about: a respondent, a board, or the person behind an address."""
    if event.kind in _PEOPLE:
        person, respondents = holder(facts, event.subject, london_day(event.at))
        where = f" of {joined(r.name for r in respondents)}" if respondents else ""
        return f"{person.name}{where}" if person else event.subject
    return _name(facts, event.subject if event.kind in _PAPERS else event.respondent)


def _times(count: int) -> str:
    return "twice" if count == 2 else plural(count, "time")


def _name(facts: DigestFacts, key: str) -> str:
    names = {r.key: r.name for r in facts.site.respondents} | {b.key: b.name for b in facts.site.boards}
    return names.get(key, key)


def _order(facts: DigestFacts, event: Event) -> str:
    """Such as "EXTEND Charnwood (the deputy)"; the co-ordinator's own orders need no name."""
    office = facts.site.office
    words = f"{event.facts.get('command', '')} {_name(facts, event.respondent)}".strip()
    if event.by.lower() == office.co_ordinator.address.lower():
        return words
    is_deputy = office.deputy is not None and event.by.lower() == office.deputy.address.lower()
    return f"{words} ({'the deputy' if is_deputy else event.by})"
