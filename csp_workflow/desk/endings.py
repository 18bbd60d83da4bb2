"""Orders that end what is open, of messages and of returns; REOPEN takes that back.

DONE, ASSIGN, DISMISS and REPLAY settle a message that waits. ANSWER and ACCEPT end a return's questions: whose words
answer one, and what is taken as it stands. NIL and DECLINE record that it is not to come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from csp_workflow.desk.answering import say_answer_waits
from csp_workflow.desk.clauses import ALL
from csp_workflow.desk.commands import (
    CarriedOut,
    Command,
    OrderFacts,
    Refused,
    StepOrder,
    Verb,
    find_message,
    find_respondent,
    find_return,
    find_waiting,
    keep_order,
    list_answered,
    note_change,
    require_cycle,
)
from csp_workflow.letters.disputes import dispute_answered
from csp_workflow.letters.morning import digest, name_cause
from csp_workflow.letters.office import Recorded, WaitingMessage, recorded_by_word
from csp_workflow.terms.dates import CycleState, Quarter, london_day
from csp_workflow.terms.events import Event, Happened, Letter, MoveRefused, next_state
from csp_workflow.terms.messages import ORDERS_HELD, STRANGERS, WAIT_FOR_A_PERSON, Verdict, short_id
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.phrases import day, joined, moment, plural
from csp_workflow.terms.queries import Dispute, name_disputed, say_query
from csp_workflow.terms.returns import Finding, ReturnState
from csp_workflow.terms.site import Respondent, RespondentKind
from csp_workflow.terms.status import RETURN_MOVES, ReturnStatus


def _settle_message(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Settle the question or held message that was dealt with; its respondent may be chased again."""
    message = find_waiting(facts, command.message)
    about_else = (note_change(Happened.TOPIC_SETTLED, facts, now, subject=message.id),) if message.topics else ()
    return CarriedOut(
        sentences=(
            f"Message {message.short} is settled. {_chase_goes_on(facts, message)}".strip(),
            *say_answer_waits(facts, message),
        ),
        decision=keep_order(command, facts, now, *settle_messages((message,), facts, now), *about_else),
    )


def _dismiss(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Put a message aside; nobody is answered, unless she did, and the message is kept."""
    if command.whom in {STRANGERS, ALL}:
        return _dismiss_several(command, facts, now)
    message = find_waiting(facts, command.message)
    if message.topics:
        may_be = joined((facts.site.topics.find(one.topic).name for one in message.topics), "or")
        raise Refused(
            f"Message {message.short} may be {may_be}, so it is not put aside. DONE {message.short} settles it."
        )
    answered = say_answer_waits(facts, message) or ("Nobody is answered.",)
    return CarriedOut(
        sentences=(
            f"Message {message.short} is put aside and kept. {_chase_goes_on(facts, message)}".strip(),
            *answered,
        ),
        decision=keep_order(command, facts, now, *settle_messages((message,), facts, now)),
    )


_IDS_NAMED = 20


def _dismiss_several(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Put aside the strangers' or all held messages that she was told of, and none that came since or has a topic."""
    is_all = command.whom == ALL
    every = {m: m.stranger_since or m.received for m in facts.waiting if m.stranger_since or (is_all and m.is_held)}
    told = tuple(m for m, since in every.items() if not m.topics and _was_told(facts, since, now))
    what = "held message" if is_all else "stranger's message"
    if not told:
        since = " Those that came since are in the next morning letter." if every else ""
        raise Refused(f"No {what} waits that a morning letter has told you of.{since}")
    more = [f"{len(told) - _IDS_NAMED} more"] if len(told) > _IDS_NAMED else []
    named = joined([*(m.short for m in told[:_IDS_NAMED]), *more])
    newer = sum(m not in told and not m.topics for m in every)
    of = "" if is_all else " from strangers"
    return CarriedOut(
        sentences=(
            f"Put aside and kept: {plural(len(told), 'message')}{of} ({named}). Nobody is answered.",
            *([f"{plural(newer, 'message')} that came since: in the next morning letter."] if newer else []),
        ),
        decision=keep_order(command, facts, now, *settle_messages(told, facts, now)),
    )


def _was_told(facts: OrderFacts, since: datetime, now: datetime) -> bool:
    """Whether the letter she answers, or else the last morning letter, told of what was seen at some moment.

    A STATUS letter is written between two messages of the same moment, so that it may have left one of them out. What
    a letter told of that was made by a clock that was ahead, nobody knows.
    """
    letter = facts.answered if facts.answered and facts.answered.kind == digest.kind.name else None
    if letter and letter.queued > now:
        return False
    if letter is None:
        return facts.service.digest_made is not None and since <= facts.service.digest_made
    is_of_the_morning = letter.cause == name_cause(london_day(letter.queued))
    return since < letter.queued or (since == letter.queued and is_of_the_morning)


def _replay(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Look again at a message on which we failed: it is judged anew, as if it had just come."""
    message = find_waiting(facts, command.message)
    if not message.failures:
        raise Refused(f"Message {message.short} was looked at in full, and another look would change nothing.")
    return CarriedOut(
        sentences=(
            f"Message {message.short} is looked at again now.",
            "If we fail on it once more, it is tried for a while and then waits here again.",
        ),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="replay", quarter=None, message=message.id),
    )


def _assign(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a held message as coming from a respondent: the step reads it again as that respondent's.

    One that was put aside too, most of all among many strangers': it is kept, and nothing came of it.
    """
    message = find_message(facts, command.message)
    found = find_respondent(facts, command.respondent)
    if message.has_bank_details:
        raise Refused(
            f"Message {message.short} may hold bank details, so nothing in it is read. DISMISS {message.short} puts it "
            "aside; its sender may send the form again without them."
        )
    if not message.is_held:
        find_waiting(facts, command.message)
        raise Refused(f"Message {message.short} is a question, not a return. DONE {message.short} settles it.")
    cycle = require_cycle(facts)
    if cycle.status.state is CycleState.ARCHIVED:
        raise Refused(f"{cycle.quarter} is archived.")
    return CarriedOut(
        sentences=(
            f"Message {message.short} is read again, as coming from {found.name}; its lead gets the answer.",
            "If it cannot be taken as theirs, because its form is another's or for what is in it, it waits here again.",
        ),
        decision=keep_order(command, facts, now, respondent=found.key),
        order=StepOrder(kind="assign", quarter=cycle.quarter, message=message.id, respondent=found.key),
    )


def settle_messages(messages: tuple[WaitingMessage, ...], facts: OrderFacts, now: datetime) -> Iterator[Event]:
    """A message may wait for several respondents (an officer of two districts): it is settled for each."""
    quarter = facts.status.quarter if facts.status else None
    for message in messages:
        kind = Happened.MESSAGE_SETTLED if message.is_held else Happened.QUESTION_ANSWERED
        paused = [(quarter, key) for key in _whom_it_pauses(facts, message)]
        as_a_whole = [(None, "")] if message.verdict in WAIT_FOR_A_PERSON else []
        # What was set aside waits as a whole, also where it pauses somebody's reminders.
        is_both = message.verdict is Verdict.QUARANTINED
        for about, key in (*paused, *as_a_whole) if is_both else paused or as_a_whole:
            yield note_change(kind, facts, now, quarter=about, respondent=key, subject=message.id)


def list_theirs(facts: OrderFacts, found: Respondent, verb: Verb) -> tuple[WaitingMessage, ...]:
    """The respondent's own message that the answered letter brought her, or that is held for this very order: ordering
    what it asks for settles it."""
    held = (m for m in facts.waiting if ORDERS_HELD.get(m.reason, "").startswith(f"{verb} "))
    return tuple(m for m in dict.fromkeys((*list_answered(facts), *held)) if _whom_it_pauses(facts, m) == (found.key,))


def _whom_it_pauses(facts: OrderFacts, message: WaitingMessage) -> tuple[str, ...]:
    returns = facts.status.returns if facts.status else {}
    return tuple(
        key for key, status in returns.items() if message.id in (*status.open_questions, *status.held_messages)
    )


def _chase_goes_on(facts: OrderFacts, message: WaitingMessage) -> str:
    """Whose reminders go on once a message is settled, and what else those of others wait for."""
    keys = _whom_it_pauses(facts, message)
    waits = {r.name: _list_pausing(facts, r, message) for r in facts.site.respondents if r.key in keys}
    freed = [name for name, others in waits.items() if not others]
    goes_on = [f"Reminders to {joined(freed)} go on where they are due."] if freed else []
    still = (f"Reminders to {name} still wait for {joined(others)}." for name, others in waits.items() if others)
    return " ".join((*goes_on, *still))


def _list_pausing(facts: OrderFacts, of: Respondent, message: WaitingMessage) -> list[str]:
    """What keeps a respondent's reminders back beside one message."""
    stands = require_cycle(facts).status.returns[of.key]
    others = dict.fromkeys(one for one in (*stands.open_questions, *stands.held_messages) if one != message.id)
    is_held = of.key in facts.service.held_respondents
    return [*(f"message {short_id(one)}" for one in others), *([f"RESUME {of.code}"] if is_held else [])]


def reopen_message(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Let a message wait again that was settled or put aside; a question pauses its respondent's reminders again."""
    message = find_message(facts, command.message)
    if message in facts.waiting:
        raise Refused(f"Message {message.short} waits for you already.")
    if message.verdict not in WAIT_FOR_A_PERSON:
        raise Refused(f"Nothing about message {message.short} was to be decided, so it is not opened again.")
    returns = facts.status.returns if facts.status else {}
    quarter = facts.status.quarter if facts.status else None
    keys = [key for key in message.respondents if key in returns]
    kind = Happened.MESSAGE_HELD if message.is_held or not keys else Happened.QUESTION_ASKED
    about = [(quarter, key) for key in keys] or [(None, "")]
    events = (note_change(kind, facts, now, quarter=q, respondent=key, subject=message.id) for q, key in about)
    paused = [r.name for r in facts.site.respondents if r.key in keys]
    waits = f" Reminders to {joined(paused)} wait until it is settled." if paused else ""
    return CarriedOut(
        sentences=(f"Message {message.short} from {message.sender or 'somebody'} waits for you again.{waits}",),
        decision=keep_order(command, facts, now, *events),
    )


MESSAGE_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.DONE: _settle_message,
    Verb.ASSIGN: _assign,
    Verb.DISMISS: _dismiss,
    Verb.REPLAY: _replay,
}


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


_ENDS = {
    Verb.NIL: (Happened.NIL, "as having nothing to report"),
    Verb.DECLINE: (Happened.DECLINED, "as declined"),
}


def _record_end(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record that a respondent has nothing to report, or sends no return; its leads are told."""
    kind, said = _ENDS[command.verb]
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    if not command.reason:
        raise Refused("This needs a reason, to be kept with the record.")
    try:
        next_state(RETURN_MOVES, stands.state, kind)
    except MoveRefused:
        raise Refused(f"The return of {found.name} is {stands.state} already.") from None
    event = note_change(
        kind,
        facts,
        now,
        quarter=cycle.quarter,
        respondent=found.key,
        subject=facts.message,
        reason=command.reason,
        **({"said_by": command.whom} if command.whom else {}),
    )
    asked, is_made = list_theirs(facts, found, command.verb), stands.state.is_made
    told = _write_recorded(command, facts, found, stands, now)
    return CarriedOut(
        sentences=(
            f"{found.name} is recorded {said} for {cycle.quarter}. It is not chased any more.",
            *([f"Version {len(stands.versions)} of its return, which had come, counts no more."] if is_made else []),
            _say_told(told, stands),
            f"A return that comes all the same takes the place of this; REOPEN {found.code} BECAUSE reason asks again.",
            f"The reason kept with it: {f'{command.whom} said: ' if command.whom else ''}{command.reason}.",
            *(f"Their message {m.short} is settled by this." for m in asked),
        ),
        decision=keep_order(
            command, facts, now, event, *settle_messages(asked, facts, now), respondent=found.key, letters=told
        ),
    )


def _say_told(told: tuple[Letter, ...], stands: ReturnStatus) -> str:
    if told:
        names = joined(x.recipient_name for x in told)
        return f"{names} {'are' if len(told) > 1 else 'is'} told so, and may say if it is not right."
    return "Nobody is told: letters reach no one there." if stands.requested else "Nobody is told: nothing was asked."


def _write_recorded(
    command: Command, facts: OrderFacts, found: Respondent, stands: ReturnStatus, now: datetime
) -> tuple[Letter, ...]:
    """Whoever is written to about the return is told what was recorded of it; nobody who was not asked."""
    if not stands.requested:
        return ()
    cycle = require_cycle(facts)
    recorded = Recorded(
        order=facts.message or now.isoformat(),
        became=command.verb.value,
        said_by=command.whom,
        reason=command.reason,
        due=cycle.due_time(found),
        is_past=cycle.due_time(found) <= now,
        version=len(stands.versions),
    )
    people = cycle.addressees(found, london_day(now))
    return tuple(recorded_by_word(to, found, cycle.quarter, recorded=recorded) for to in people)


def _reopen(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take back that a return is not to come: it stands as it did before, and is asked for again."""
    if command.message:
        return reopen_message(command, facts, now)
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    _refuse_reopening(found, stands)
    if cycle.is_settled:
        raise Refused("Every paper of this quarter is cleared. A return that comes is still taken, and marked late.")
    told = _write_recorded(command, facts, found, stands, now)
    event = note_change(
        Happened.REOPENED,
        facts,
        now,
        quarter=cycle.quarter,
        respondent=found.key,
        subject=facts.message,
        reason=command.reason,
    )
    due, is_past = cycle.due_time(found), cycle.status.state is CycleState.CLOSED and not cycle.has_longer(found)
    asks = f"It is asked for again, and {'was' if due <= now else 'is'} due at {moment(due)}."
    if is_past:
        asks = f"Returns closed on {day(cycle.dates.close)}: it is not received, and nobody is reminded of it."
    later = f" EXTEND {found.code} TO day BECAUSE reason gives a later day." if due <= now else ""
    return CarriedOut(
        sentences=(
            f"It is no longer recorded that {found.name} {_UNSAID[stands.state]} for {cycle.quarter}.",
            "Its last version counts as before." if stands.versions else f"{asks}{later}",
            _say_told(told, stands),
        ),
        decision=keep_order(command, facts, now, event, respondent=found.key, letters=told),
        is_news=is_past,
    )


_UNSAID = {ReturnState.NIL: "has nothing to report", ReturnState.DECLINED: "sends no return"}


def _refuse_reopening(found: Respondent, stands: ReturnStatus) -> None:
    if stands.state is ReturnState.NOT_RECEIVED:
        raise Refused(
            f"The return of {found.name} did not come before the close. EXTEND {found.code} TO day BECAUSE reason asks "
            "for it again."
        )
    if stands.state.is_made:
        raise Refused(
            f"The return of {found.name} is {stands.state}. RETURN {found.code} BECAUSE reason sends it back to its "
            "lead."
        )
    if stands.state not in _UNSAID:
        raise Refused(f"The return of {found.name} is {stands.state}: nothing about it was ended.")


ENDING_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.NIL: _record_end,
    Verb.DECLINE: _record_end,
    Verb.REOPEN: _reopen,
}
