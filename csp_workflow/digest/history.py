"""What happened since the last morning letter: a line for each kind of event, and whether any of it is news to her."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from csp_workflow.digest.facts import DigestFacts, find_holder
from csp_workflow.digest.occasions import say_counted
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.figures import count_changed
from csp_workflow.terms.messages import STRANGERS, Blame, short_id
from csp_workflow.terms.paper_status import NO_DAY, list_moved
from csp_workflow.terms.personal import keep_back_lines, point_to
from csp_workflow.terms.phrases import brief_day, day, joined, name_or_count, plural
from csp_workflow.terms.returns import Revision
from csp_workflow.terms.site import RespondentKind, Role

FIRST_LOOK_BACK = timedelta(days=3)
"""How far the first digest looks back: over a weekend."""

_LONGEST_WORDS = 600

_H = Happened
_SAID: dict[Happened, str] = {
    _H.CLOCK_DOUBTED: "The clock was in doubt",
    _H.GAP_NOTICED: "The service was silent for some working days",
    _H.CYCLE_OPENED: "The quarter was opened",
    _H.REQUESTED: "Asked for a return",
    _H.FORM_REISSUED: "Sent their form anew, or left as it was",
    _H.RECEIVED: "Returns received",
    _H.QUERY_ANSWERED: "Questions about a return answered",
    _H.DISPUTES_PASSED: "Disputes passed on to the force's analyst",
    _H.REVISION_EXPLAINED: "Why a correction after the close was made",
    _H.DISPUTE_ANSWERED: "Disputed police figures settled",
    _H.QUERIED: "Sent back with faults",
    _H.RETURNED: "Sent back by order",
    _H.COMPLETE: "Came and complete",
    _H.APPROVAL_ASKED: "Chairs asked to approve",
    _H.APPROVED: "Approved by the {role}",
    _H.CERTIFICATE_ASKED: "Budget holders asked to certify grant money",
    _H.CERTIFIED: "Grant money certified by the {role}",
    _H.NIL: "Nothing to report",
    _H.DECLINED: "Declined",
    _H.REOPENED: "Asked for again by order",
    _H.REMINDED: "Reminded",
    _H.PHONED: "Phoned by you",
    _H.EXTENDED: "Given more time",
    _H.QUESTION_ANSWERED: "Questions settled",
    _H.MESSAGE_SETTLED: "Held messages settled",
    _H.ANSWER_RECALLED: "Answers of yours taken back",
    _H.COLLEAGUE_CONFIRMED: "Colleagues' messages confirmed by lead or chair",
    _H.COLLEAGUE_REFUSED: "Colleagues' messages refused by lead or chair",
    _H.OFFICE_AWAY: "You are away, by order",
    _H.OFFICE_BACK: "You are back",
    _H.CONFIG_TAKEN: "The changed configuration was taken",
    _H.SETUP_APPLIED: "The set-up was changed by a workbook of yours",
    _H.CONFIG_REFUSED: "The configuration was changed and cannot be used",
    _H.WE_FAILED: "Failed to look at a message, which was no fault of its sender's",
    _H.ANSWERS_STOPPED: "Automatic answers stopped for the day",
    _H.TOPIC_SETTLED: "Settled, of those that may be about something else",
    _H.ABSENCE_SEEN: "Automatic replies say they are away",
    _H.ABSENCE_ENDED: "Wrote again, so no longer counted as away",
    _H.ADDRESS_FAILED: "Letters came back from",
    _H.CONTACT_DISOWNED: "Wrote that this is no longer for them",
    _H.ADDRESS_RESTORED: "May be written to again",
    _H.CONTACT_NAMED: "Named by order",
    _H.CONTACT_CONFIRMED: "Confirmed that their address is right",
    _H.CONTACT_WITHDRAWN: "Named no more",
    _H.MEMBER_CONFIRMED: "Colleagues whose mail counts as the lead's from now on",
    _H.MEMBER_ENDED: "Colleagues whose mail counts no more",
    _H.BREAKER_TRIPPED: "Automatic answers were put on hold",
    _H.PUT_OFF: "Put off by order",
    _H.CYCLE_CLOSED: "The quarter was closed",
    _H.NOT_RECEIVED: "Not received at the close",
    _H.CYCLE_ARCHIVED: "The quarter was archived",
    _H.CYCLE_REPLANNED: "The dates were worked out again",
    _H.PAPER_DRAFTED: "Papers drafted",
    _H.WORDS_DISMISSED: "Words without a place left out of papers",
    _H.PAPER_SHOWN: "Papers to be shown to the partnerships, by order",
    _H.AGREEMENT_ASKED: "Agreement to a paper asked for",
    _H.PAPER_AGREED: "Papers agreed to",
    _H.CLEARANCE_WANTED: "Papers to be cleared once agreed to",
    _H.PAPER_CLEARED: "Papers cleared",
    _H.PAPER_CIRCULATED: "Papers circulated",
    _H.PAPER_PUBLISHED: "Papers published",
    _H.ERRATUM_DRAFTED: "Errata or addenda drafted",
    _H.ERRATUM_CIRCULATED: "Errata or addenda circulated",
    _H.ERRATUM_DISMISSED: "Errata or addenda not sent",
    _H.MEASURES_ASKED: "Asked for their measures",
    _H.MEASURES_QUERIED: "Measures that came with something to correct",
    _H.MEASURES_PROPOSED: "Measures that came whole",
    _H.MEASURES_APPROVED: "Measures approved by a chair",
    _H.MEASURES_RETURNED: "Measures sent back by order",
    _H.MEASURES_AGREED: "Measures agreed",
    _H.FIGURES_IMPORTED: "Figures taken from a file",
    _H.COMMANDED: "Orders carried out",
}
"""What is told, in this order. What came in a letter of its own, what she is asked to decide, and the digest itself, is
not told again."""

_BY_ORDER = {
    _H.APPROVED: "Recorded as approved by order, without a chair's letter",
    _H.CERTIFIED: "Grant money recorded as certified by order, without a budget holder's letter",
}
_TRIED = "Letters that are late and still being tried, to"
_CAME_BACK = {
    Blame.DEAD: "Letters came back from",
    Blame.PASSING: "Letters that a full mailbox or a busy mail system did not take, to",
    Blame.OURS: "Letters refused because of our own mail, to",
    Blame.GIVEN_UP: "Letters given up after many attempts, not delivered to",
    Blame.UNCLEAR: "Letters that came back, not clear why, to",
}

_PAPERS = {
    *(_H.WORDS_DISMISSED, _H.PAPER_SHOWN, _H.AGREEMENT_ASKED, _H.PAPER_AGREED, _H.CLEARANCE_WANTED),
    *(_H.PAPER_DRAFTED, _H.PAPER_CLEARED, _H.PAPER_CIRCULATED, _H.PAPER_PUBLISHED),
    *(_H.ERRATUM_DRAFTED, _H.ERRATUM_CIRCULATED, _H.ERRATUM_DISMISSED),
}

_MESSAGES = {_H.PUT_OFF, _H.TOPIC_SETTLED}
"""What is told of a message by itself; of a respondent's other messages it is told whose they are."""

_PEOPLE = {
    *(_H.ABSENCE_SEEN, _H.ABSENCE_ENDED, _H.ADDRESS_FAILED, _H.CONTACT_DISOWNED, _H.ADDRESS_RESTORED),
    *(_H.LETTER_CAME_BACK, _H.CONTACT_NAMED, _H.CONTACT_CONFIRMED, _H.CONTACT_WITHDRAWN),
    *(_H.MEMBER_CONFIRMED, _H.MEMBER_ENDED),
}


_KNOWN = {
    *(_H.PAPER_DRAFTED, _H.ERRATUM_DRAFTED, _H.ADDRESS_FAILED, _H.CONTACT_DISOWNED),
    *(_H.PUT_OFF, _H.COMMANDED),
}
"""What came to her in a letter of its own, stands among what needs her, or was her own doing."""


def tell_history(facts: DigestFacts, now: datetime) -> tuple[str, ...]:
    """Sentences about everything since the last digest, the newest digest's instant excluded."""
    since, events = _find_since(facts, now), _list_events(facts, now)
    quoted = {message.id for message in facts.waiting if message.words}
    beside = (one for r in facts.rounds for one in r.words if since < one[1] <= now and one[3] not in quoted)
    wrote = (
        f"{_name(facts, key)} wrote beside the form: \u201c{_on_one_line(said, message)}\u201d"
        for key, _, said, message in beside
    )
    changed = (f"{_name(facts, key)}: {said}" for r in facts.rounds for key, at, said in r.changes if since < at <= now)
    by_hand = (said for at, said in facts.by_hand if since < at <= now)
    listed = {about.message for letter in facts.kept for about in letter.about}
    hers = facts.site.office.co_ordinator.address.lower()
    untold = [
        event
        for event in events
        if not (event.kind is _H.COMMANDED and event.subject in listed)
        and not (event.kind in _SETTLED and event.by.lower() == hers)
    ]
    return (*wrote, *changed, *by_hand, *_tell_events(facts, untold))


_SETTLED = {_H.QUESTION_ANSWERED, _H.MESSAGE_SETTLED, _H.TOPIC_SETTLED}
"""What needs no line where she did it: her order says so."""


_IN_COURSE = {
    *(_H.CYCLE_OPENED, _H.CYCLE_CLOSED, _H.REQUESTED, _H.RECEIVED, _H.QUERIED, _H.COMPLETE, _H.NIL, _H.DECLINED),
    *(_H.CERTIFICATE_ASKED, _H.CERTIFIED, _H.APPROVAL_ASKED, _H.APPROVED),
    *(_H.REMINDED, _H.QUERY_ANSWERED, _H.DISPUTES_PASSED, _H.DISPUTE_ANSWERED),
    *(_H.NOT_RECEIVED, _H.FIGURES_IMPORTED, _H.ABSENCE_SEEN, _H.ABSENCE_ENDED, _H.MESSAGE_SETTLED),
}
"""What a quarter is made of: it needs nobody, and waits for the next letter, five working days on at the latest."""


def is_news(facts: DigestFacts, now: datetime, *, is_weekly: bool) -> bool:
    """Whether anything happened since the last digest that she neither did herself nor knows from another letter.

    What goes its course is news only when the last letter is five working days old; what her deputy ordered always is.
    """
    since, office = _find_since(facts, now), facts.site.office
    beside = (at for r in facts.rounds for at in (*(x[1] for x in r.words), *(x[1] for x in r.changes)))
    told = {*_SAID, _H.FORM_OVERTAKEN, _H.LETTER_CAME_BACK} - _KNOWN
    deputy = office.deputy.address.lower() if office.deputy else ""
    return (is_weekly and any(since < at <= now for at in beside)) or any(
        event.kind in told
        and event.by.lower() != office.co_ordinator.address.lower()
        and (is_weekly or event.kind not in _IN_COURSE or event.by.lower() == deputy)
        for event in _list_events(facts, now)
    )


def _find_since(facts: DigestFacts, now: datetime) -> datetime:
    return facts.service.digest_made or now - FIRST_LOOK_BACK


def _list_events(facts: DigestFacts, now: datetime) -> list[Event]:
    since, every = _find_since(facts, now), (*facts.events, *(x for r in facts.rounds for x in r.events))
    return [e for e in every if since < e.at <= now and e.facts.get("why") != STRANGERS]


def _on_one_line(words: str, message: str) -> str:
    said = " / ".join(keep_back_lines(words, see=point_to(message)).split("\n"))
    return said if len(said) <= _LONGEST_WORDS else f"{said[:_LONGEST_WORDS]} ..."


def _tell_events(facts: DigestFacts, events: Sequence[Event]) -> Iterator[str]:
    by_kind: dict[Happened, list[Event]] = {}
    by_order = [event for event in events if event.kind in _BY_ORDER and event.facts.get("approver")]
    analysts = {r.key for r in facts.site.respondents if r.kind is RespondentKind.ANALYST}
    of_extract = [e for e in events if e.respondent in analysts and e.kind in {_H.REQUESTED, _H.RECEIVED}]
    yield from (f"{_say_extract(facts, event)}: {_name(facts, event.respondent)}." for event in of_extract)
    changed = [e for e in events if e.kind is _H.FORM_OVERTAKEN]
    complete = {e.respondent for e in events if e.kind is _H.COMPLETE}
    events = [e for e in events if e.kind is not _H.RECEIVED or e.respondent not in complete or e in of_extract]
    if changed:
        counted = say_counted([r for at in changed for r in _find_revisions(facts, at)])
        yield f"After the forms went, {counted}{_say_whom(facts, _H.FORM_OVERTAKEN, changed)}."
    for event in (one for one in events if one not in (*by_order, *of_extract, *changed)):
        by_kind.setdefault(event.kind, []).append(event)
    yield from (
        f"{sentence}." for event in by_kind.pop(_H.CYCLE_REPLANNED, ()) for sentence in _say_moved(facts, event)
    )
    for kind, words in _SAID.items():
        told: dict[str, list[Event]] = {}
        for event in by_kind.get(kind, ()):
            until = _say_extension(event) if kind is _H.EXTENDED else ""
            told.setdefault(f"{words.format(role=event.facts.get('role') or Role.CHAIR)}{until}", []).append(event)
        for said, alike in told.items():
            yield f"{said}{_say_whom(facts, kind, alike)}."
    yield from _tell_orders(facts, by_order)
    for words, back in _part_by_blame(by_kind.get(_H.LETTER_CAME_BACK, ())).items():
        yield f"{words}{_say_whom(facts, _H.LETTER_CAME_BACK, back)}."


def _tell_orders(facts: DigestFacts, by_order: Sequence[Event]) -> Iterator[str]:
    for kind, words in _BY_ORDER.items():
        if mine := [event for event in by_order if event.kind is kind]:
            yield f"{words}{_say_whom(facts, kind, mine)}."


def _say_extract(facts: DigestFacts, event: Event) -> str:
    """That the extract was asked for or came; of a later one, how many of its figures changed."""
    if event.kind is _H.REQUESTED:
        return "Asked for the extract"
    versions = [s for r in facts.rounds for s in r.submissions.get(event.respondent, ())]
    ids = [s.id for s in versions]
    at = ids.index(event.subject) if event.subject in ids else 0
    if not at:
        return "The extract came"
    changed = count_changed(versions[at - 1].figures, versions[at].figures)
    return f"The extract was revised, {plural(changed, 'figure')} changed"


def _find_revisions(facts: DigestFacts, event: Event) -> Iterator[Revision]:
    """What an event says of a form that does not show any more what stands."""
    stands = [r.status.returns[event.respondent] for r in facts.rounds if r.status.quarter == event.quarter]
    yield from (revision for one in stands for revision in one.revisions if revision.at == event.at)


_MOVED = {
    "extract-due": "The extract is due",
    "due": "Returns are due",
    "close": "Returns close",
    "clearance": "The next paper is settled",
}


def _say_moved(facts: DigestFacts, event: Event) -> Iterator[str]:
    """The dates that moved when a quarter's were worked out again, old and new; what has no new one is left out."""
    moved, boards = list_moved(event), {b.key: f"The {b.name} meets" for b in facts.site.boards}
    for what, *days in moved:
        was, now = ("no day" if one == NO_DAY else day(date.fromisoformat(one)) for one in days)
        yield f"{_MOVED.get(what) or boards.get(what, what)} on {now}, not {was}"
    if not moved:
        yield f"{event.quarter}: {_SAID[event.kind].lower()}"


def _part_by_blame(events: Iterable[Event]) -> dict[str, list[Event]]:
    """The letters that came back and marked nobody, by what is said of each sort."""
    parted: dict[str, list[Event]] = {}
    for event in events:
        words = _TRIED if event.facts["tried"] else _CAME_BACK[Blame(str(event.facts["blame"]))]
        parted.setdefault(words, []).append(event)
    return parted


def _say_whom(facts: DigestFacts, kind: Happened, events: list[Event]) -> str:
    counted = Counter((_order if kind is Happened.COMMANDED else _about)(facts, event) for event in events)
    named = [f"{name} ({_times(count)})" if count > 1 else name for name, count in counted.items() if name]
    if kind is Happened.COMMANDED or (named and kind in _PAPERS):
        return f": {joined(named)}"
    if named:
        whom = ("person", "people") if kind in _PEOPLE else ("respondent", "respondents")
        return f": {name_or_count(named, *whom)}"
    return f" ({_times(len(events))})" if len(events) > 1 else ""


def _about(facts: DigestFacts, event: Event) -> str:
    """Whom or what an event is about: a respondent, a board, a message, or a person named or behind an address."""
    if event.kind in _MESSAGES and event.subject:
        return f"message {short_id(event.subject)}"
    if event.kind in _PEOPLE and event.facts.get("name"):
        return f"{event.facts['name']} of {_name(facts, event.respondent)}"
    if event.kind in _PEOPLE:
        person, respondents = find_holder(facts, event.subject, london_day(event.at))
        where = f" of {joined(r.name for r in respondents)}" if respondents else ""
        return f"{person.name}{where}" if person else event.subject
    return _name(facts, event.subject if event.kind in _PAPERS else event.respondent)


def _say_extension(event: Event) -> str:
    reason = keep_back_lines(str(event.facts.get("reason") or ""), see=point_to(event.subject))
    until = date.fromisoformat(str(event.facts["until"]))
    said = f" (\u201c{reason}\u201d)" if reason else ""
    return f" until {brief_day(until)}{said}"


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
