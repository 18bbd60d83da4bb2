"""Orders about the questions that a return raised: whose words answer one, and what is taken as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from csp_workflow.desk.commands import Command, Verb
from csp_workflow.desk.facts import (
    CarriedOut,
    OrderFacts,
    Refused,
    StepOrder,
    find_message,
    find_return,
    keep_order,
    list_answered,
    note_change,
    require_cycle,
)
from csp_workflow.desk.messages import settle_messages
from csp_workflow.letters.disputes import dispute_answered
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.queries import Dispute, name_disputed, say_query
from csp_workflow.terms.returns import Finding
from csp_workflow.terms.site import Respondent, RespondentKind

Asked = Finding | Dispute
_STANDS = "The office takes the force's figure as it stands."
"""What is kept beside a disputed figure to which the force has not answered."""


def bind_answer(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take somebody's words as the answer to questions of ours; the step lays them over the return."""
    found, stands = find_return(facts, command.respondent)
    asked = _find_queries(command, facts, found, now)
    is_dispute = all(isinstance(one, Dispute) for one in asked.values())
    if not is_dispute and any(isinstance(one, Dispute) for one in asked.values()):
        raise Refused("A question and a dispute are answered by different people: write an order for each.")
    message = _find_words(command, facts, found)
    is_undone = stands.approval is not None and not is_dispute
    ends = ["Its approval ends: the new version is to be approved."] if is_undone else []
    return CarriedOut(
        sentences=(
            f"Message {message.short} of {message.sender} is kept as the answer to {joined(asked)} of {found.name}.",
            *_quote(asked, facts),
            *ends,
            *([] if is_dispute else [f"RETURN {found.code} BECAUSE reason asks them again, if that was wrong."]),
        ),
        decision=keep_order(command, facts, now, *settle_messages((message,), facts, now), respondent=found.key),
        order=StepOrder(
            kind="answers",
            quarter=require_cycle(facts).quarter,
            message=message.id,
            respondent=found.key,
            questions=tuple(asked),
        ),
    )


def accept_queries(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take what some questions are about as it stands: it is asked again only once something else stands there."""
    found, _ = find_return(facts, command.respondent)
    asked, quarter = _find_queries(command, facts, found, now), require_cycle(facts).quarter
    events = (_note_accepted(query, facts, now, quarter, found) for query in asked.values())
    letters = tuple(_tell_closed(asked, facts, now, quarter, found))
    return CarriedOut(
        sentences=(
            f"What {joined(asked)} of {found.name} is about is taken as it stands. Nobody is asked about it again.",
            *_quote(asked, facts),
            *(f"{x.recipient_name} is told that the dispute ends so." for x in letters),
        ),
        decision=keep_order(command, facts, now, *events, respondent=found.key, letters=letters),
    )


def _tell_closed(
    asked: Mapping[str, Asked], facts: OrderFacts, now: datetime, quarter: Quarter, of: Respondent
) -> Iterator[Letter]:
    """Whoever disputes a police figure is told that nobody goes on asking about it."""
    closed = [one for one in asked.values() if isinstance(one, Dispute)]
    rows = [(name_disputed(facts.site, one), keep_back_lines(one.reason), _STANDS) for one in closed]
    cause = " ".join(f"{one.submission} {one.number}" for one in closed)
    for to in facts.service.written_to(of, london_day(now)) if closed else ():
        yield dispute_answered(to, of, quarter, rows, cause=cause, at=now, is_closed=True)


def _note_accepted(
    query: Finding | Dispute, facts: OrderFacts, now: datetime, quarter: Quarter, of: Respondent
) -> Event:
    if isinstance(query, Dispute):
        place = {"area": query.area, "ref": query.ref, "words": _STANDS}
        return note_change(Happened.DISPUTE_ANSWERED, facts, now, quarter=quarter, respondent=of.key, **place)
    asked = {"key": query.key, "column": query.column, "code": query.code, "found": query.found}
    return note_change(Happened.QUERY_ANSWERED, facts, now, quarter=quarter, respondent=of.key, **asked, words="")


def _quote(asked: Mapping[str, Asked], facts: OrderFacts) -> Iterator[str]:
    """Each question, or what is disputed, with its number."""
    for number, query in asked.items():
        if isinstance(query, Dispute):
            yield f"{number} ({name_disputed(facts.site, query)}): {keep_back_lines(query.reason)}"
        else:
            yield say_query(number, query)


def _find_queries(command: Command, facts: OrderFacts, found: Respondent, now: datetime) -> Mapping[str, Asked]:
    """The open questions that are named. They bear the numbers of the version that stands."""
    _, stands = find_return(facts, command.respondent)
    queries = facts.queries.get(found.key, {})
    shut = [number for number in command.questions if number not in queries]
    if stands.counted == now:
        raise Refused(f"An order above it makes a new version of {found.name}'s return. Send this one by itself.")
    told = facts.answered.queued if facts.answered else None
    is_later = bool(told and stands.counted and stands.counted > told)
    if is_later and any(number.startswith("Q") for number in command.questions):  # a dispute keeps its number
        later = f"A later version of {found.name}'s return came after the letter that you answer."
        raise Refused(f"{later} {_say_open(facts, found)}")
    if shut:
        raise Refused(f"{joined(shut)} of {found.name} is not open. {_say_open(facts, found)}")
    return {number: queries[number] for number in command.questions}


def _say_open(facts: OrderFacts, found: Respondent) -> str:
    said = " ".join(_quote(facts.queries.get(found.key, {}), facts))
    return f"Open now: {said}" if said else f"No question about the return of {found.name} is open."


def _find_words(command: Command, facts: OrderFacts, found: Respondent) -> WaitingMessage:
    """The message that is named, else that of the letter she answers, else the one that waits of this respondent."""
    about = {found.key}
    if all(number.startswith("D") for number in command.questions):  # the force's words are about a dispute
        about = {r.key for r in facts.site.respondents if r.kind is RespondentKind.ANALYST}
    if command.message:
        named = [find_message(facts, command.message)]
        theirs = [m for m in named if m in facts.waiting and about & {*m.respondents} and not m.is_held]
    else:
        mine = [m for m in facts.waiting if about & {*m.respondents} and not m.is_held]
        theirs = [m for m in list_answered(facts) if m in mine] or mine
    if len(theirs) == 1:
        return theirs[0]
    if theirs:
        ids = joined((f"ANSWERS {m.short} {found.code} {' '.join(command.questions)}" for m in theirs), "or")
        raise Refused(f"Several messages of {found.name} wait. Write {ids}.")
    accepts = f"ACCEPT {found.code} {' '.join(command.questions)}"
    raise Refused(f"No words of {found.name} wait for you. {accepts} takes what was asked about as it stands.")


QUESTION_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {Verb.ANSWERS: bind_answer}
