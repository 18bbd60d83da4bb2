"""Orders that record what happened elsewhere: a telephone call, the co-ordinator's own absence, what a board asked.

CALLED says with whom, what was said, and until when that holds reminders. Between AWAY and BACK her deputy gets the
morning's letters and may order. ACTION records what a board asked at its meeting, NOTES tells everybody, CLOSE ends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from csp_workflow.desk.commands import (
    CarriedOut,
    Command,
    OrderFacts,
    Refused,
    Verb,
    find_respondent,
    find_return,
    keep_order,
    note_change,
)
from csp_workflow.desk.names import Directory, NotFound
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.dates import PaperDates, Quarter, london_day
from csp_workflow.terms.events import Happened
from csp_workflow.terms.phrases import day as full_day
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.written_days import DayInDoubt, DayNotRead, read_day, split_day

# A telephone call -----------------------------------------------------------------------------------

WRITE_CALL = "Write: CALLED CODE UNTIL 5 November: and what was said; leave UNTIL out where no day was said"
_ROLE = (
    r"(?:(?:deputy )?budget[ -]holder|chief finance officer"
    r"|deputy chair|chair(?:man|woman|person)?|lead(?: officer)?|deputy(?: lead)?)"
)
_ROLE_OF = re.compile(rf"^(?:the\s+)?(?P<role>{_ROLE})\s+(?:of|at|for)\s+", re.IGNORECASE)
_ROLE_THERE = re.compile(rf"^(?:(?:the|their|its)\s+)?(?P<role>{_ROLE})\b[\s,:;.\u2013\u2014-]*", re.IGNORECASE)
_UNTIL = re.compile(r"^(?:until|till)\b\s*", re.IGNORECASE)
_EDGES = " \t,;:\u2013\u2014-"
_DAY_COMES = re.compile(
    r"\b(?P<how>by|on|until|till|before|for|from)\s+(?P<first>(?=\S))|\b(?=(?:next|this|coming)\s+\w+day\b)"
    r"|\b(?=tomorrow\b|in\s+\w+\s+(?:days?|weeks?|fortnights?)\b)",
    re.IGNORECASE,
)
_TO_COME = re.compile(
    r"\b(?:will|shall|to|can|would|should|promis\w+|expect\w*|hop(?:e|es|ing)|aim\w*|intend\w*|agreed|back|ready"
    r"|(?:send|com|submitt|return)ing|sends|comes|returns)\b|['\u2019]ll\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:was|were|had|did|sent|rang|called|spoke|said|left|asked|since|last|yesterday|missed)\b", re.IGNORECASE
)
_NOT_THEN = re.compile(r"\b(?:not|cannot|unable|never)\b|n['\u2019]t\b", re.IGNORECASE)
_LONGEST = 5
"""A day is written in so many words at most."""


Served = Mapping[str, tuple[str, ...]]
"""The codes of those for whom somebody serves, by address."""


class CallNotRead(Exception):
    """What is said of a call could not be read; the sentence says how to write it."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """With whom a call was (their codes, and who of them in words or ""), what was said, and until when it holds."""

    codes: tuple[str, ...]
    whom: str
    said: str
    until: date | None


def read_call(rest: str, *, respondents: Directory, people: Directory, served: Served, today: date) -> Call:
    """A partnership or a person first, then what was said; a day in it counts only where it is surely one to come.

    Raises CallNotRead, NotFound, DayNotRead.
    """
    codes, whom, more = _read_whom(rest, respondents, people, served)
    until = None
    if found := _UNTIL.match(more):
        until, more = split_day(_mark_end(more[found.end() :]), today=today)
    said = more.strip(_EDGES).strip()
    if not said:
        raise CallNotRead(f"It does not say what came of the call. {WRITE_CALL}.")
    return Call(codes=codes, whom=whom, said=said, until=until or _find_day(said, today))


def _mark_end(words: str) -> str:
    """ "Friday: they will send": a day before a colon ends there."""
    head, colon, more = words.partition(":")
    return f"{head}, {more}" if colon else words


def _read_whom(
    rest: str, respondents: Directory, people: Directory, served: Served
) -> tuple[tuple[str, ...], str, str]:
    of = _ROLE_OF.match(rest)
    codes, more = respondents.split(rest[of.end() :] if of else rest)
    there = None if of or not codes else _ROLE_THERE.match(more)
    if codes:
        role = of or there
        return codes, role["role"].lower() if role else "", more[there.end() :] if there else more
    named, more = people.split(rest)
    if len(named) != 1:
        raise NotFound(respondents.explain_unknown(rest))
    return served[named[0]], next(p.title for p in people.things if p.code == named[0]), more


def _find_day(said: str, today: date) -> date | None:
    """The one day to come that words name; None where they name none. Raises CallNotRead where it is not clear."""
    found = list(_list_days(said, today))
    if not found:
        return None
    days = {one for one, _ in found}
    if len(days) > 1 or not all(is_to_come for _, is_to_come in found) or min(days) < today:
        raise CallNotRead(f"Whether it names a day until which we should wait is not clear. {WRITE_CALL}.")
    return found[0][0]


def _list_days(said: str, today: date) -> Iterator[tuple[date, bool]]:
    """Each day that words name, and whether it is surely one that is waited for."""
    for clause in re.split(r"[.;!]\s+", said):
        at = 0
        for found in _DAY_COMES.finditer(clause):
            words = clause[found.end() :].split()
            for count in range(min(len(words), _LONGEST), 0, -1) if found.end() >= at else ():
                try:
                    day = read_day(" ".join(words[:count]).rstrip(",;:"), today=today)
                except DayInDoubt as fault:
                    raise CallNotRead(f"{fault} {WRITE_CALL}.") from None
                except DayNotRead:
                    continue
                before = clause[: found.start()]
                if _NOT_THEN.search(before) or found["how"] == "from":
                    break
                yield day, bool(_TO_COME.search(before)) or not (found["how"] == "on" or _PAST.search(before))
                at = found.end() + len(" ".join(words[:count]))
                break


def record_call(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record a telephone call. It settles what asked for one, and until the day said nobody there is reminded."""
    found, _ = find_return(facts, command.respondent)
    if command.day and command.day < london_day(facts.came or now):
        raise Refused(f"{full_day(command.day)} is past.")
    whom = f"{command.whom} of {found.name}" if command.whom else found.name
    event = note_change(
        Happened.PHONED,
        facts,
        now,
        quarter=facts.status.quarter if facts.status else None,
        respondent=found.key,
        subject=facts.message,
        whom=command.whom,
        said=command.reason,
        until=command.day.isoformat() if command.day else "",
    )
    return CarriedOut(
        sentences=(
            f"Your call to {whom} is recorded: {command.reason}.".replace("..", "."),
            *_say_wait(command.day, facts, london_day(now)),
        ),
        decision=keep_order(command, facts, now, event, respondent=found.key),
    )


def _say_wait(until: date | None, facts: OrderFacts, today: date) -> Iterator[str]:
    if until is None or until < today:
        over = f"{full_day(until)} is over. " if until else ""
        yield f"{over}Reminders go on where they are due."
        return
    yield f"Nobody there is reminded until {full_day(until)} is over; then it comes back to you, unless they answer."
    if facts.dates and until > london_day(facts.dates.close):
        yield f"The quarter closes before, on {full_day(facts.dates.close)}: EXTEND gives them longer."


# Her own absence ------------------------------------------------------------------------------------

WRITE_ABSENCE = "Write: AWAY FROM 3 November TO 14 November"
_FROM = re.compile(r"^(?:from|on)\b\s*", re.IGNORECASE)
_TO = re.compile(
    r"\s*[,;]?\s*(?:\b(?:to|until|till|through)\b|[\u2013\u2014]|\s-\s|(?<=\d)-(?=\d{1,2}\s*[a-z]))\s*", re.IGNORECASE
)
_DEPUTY = re.compile(r"^[\s,;:.-]*(?:and\s+)?(?:(?:my\s+)?deputy(?:\s+is)?\b)?[\s,;:-]*", re.IGNORECASE)


class AbsenceNotRead(Exception):
    """The days of an absence could not be read; the sentence says how to write them."""


def read_absence(rest: str, *, today: date) -> tuple[date, date, str]:
    """From which day, to which, both included, and who is named as deputy ("" for nobody). Raises DayNotRead."""
    said = _FROM.sub("", rest)
    before, to, after = _split_once(said)
    if not to:
        raise AbsenceNotRead(f"It does not say until when. {WRITE_ABSENCE}.")
    if before.isdigit() and (
        month := re.match(r"\d{1,2}(?:st|nd|rd|th)?(?:\s+of)?\s+([a-z]{3,})", after, re.IGNORECASE)
    ):
        before = f"{before} {month[1]}"
    first, more = split_day(before, today=today) if before else (today, "")
    if more:
        raise AbsenceNotRead(f"'{more}' was not understood. {WRITE_ABSENCE}.")
    days, comma, named = after.partition(",")
    last, more = split_day(days, today=max(first, today))
    deputy = _DEPUTY.sub("", f"{more}{comma}{named}").strip(" .,;")
    if last < first:
        raise AbsenceNotRead(f"{full_day(last)} is before {full_day(first)}. {WRITE_ABSENCE}.")
    return first, last, deputy


def _split_once(said: str) -> tuple[str, str, str]:
    found = _TO.search(said)
    return (said[: found.start()].strip(), found[0], said[found.end() :].strip()) if found else (said, "", "")


def record_absence(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record that she is away: the deputy whom the site names stands in. Only the site's own files name another."""
    office, since, until = facts.site.office, command.since, command.day
    if since is None or until is None:
        raise Refused(f"{WRITE_ABSENCE}.")
    if until < london_day(now):
        raise Refused(f"{full_day(until)} is past.")
    if facts.is_overtaken(facts.service.back):
        raise Refused("You wrote BACK after this. Write AWAY again if you mean other days.")
    if office.deputy is None:
        raise Refused("No deputy is entered for your office, so nobody could order in your place.")
    if command.whom and not set(plain_words(command.whom).split()) <= set(plain_words(office.deputy.name).split()):
        raise Refused(f"The deputy who is entered is {office.deputy.name}, and nobody else can order in your place.")
    event = note_change(Happened.OFFICE_AWAY, facts, now, since=since.isoformat(), until=until.isoformat())
    name = office.deputy.name
    return CarriedOut(
        sentences=(
            f"You are away from {full_day(since)} to {full_day(until)}.",
            f"In these days {name} gets each morning's letter too, and may order. What you order still counts.",
            "BACK ends it earlier.",
        ),
        decision=keep_order(command, facts, now, event),
    )


def end_absence(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """End the absences that were ordered; one that the site's own files name stays."""
    today = london_day(now)
    ahead = [said for _, last, said in facts.service.own_absences if last >= today]
    if ahead and all(map(facts.is_overtaken, ahead)):
        raise Refused("You wrote AWAY after this, so that stands. Write BACK again to end it.")
    if not ahead:
        entered = any(first <= today <= last for first, last in facts.site.office.absences)
        raise Refused("Your absence is entered in the site's own files." if entered else "No absence is recorded.")
    return CarriedOut(
        sentences=("You are back: the morning's letters are yours alone again.",),
        decision=keep_order(command, facts, now, note_change(Happened.OFFICE_BACK, facts, now)),
    )


ABSENCE_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.AWAY: record_absence,
    Verb.BACK: end_absence,
}


# What a board asked at its meeting ------------------------------------------------------------------

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
