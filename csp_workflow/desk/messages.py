"""Orders about messages that wait: DONE, ASSIGN, DISMISS, REPLAY; and REOPEN, which takes a settled one back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from csp_workflow.desk.answering import say_answer_waits
from csp_workflow.desk.clauses import ALL
from csp_workflow.desk.commands import Command, Verb
from csp_workflow.desk.facts import (
    CarriedOut,
    OrderFacts,
    Refused,
    StepOrder,
    find_message,
    find_respondent,
    find_waiting,
    keep_order,
    list_answered,
    note_change,
    require_cycle,
)
from csp_workflow.letters.morning import digest, name_cause
from csp_workflow.letters.office import WaitingMessage
from csp_workflow.terms.dates import CycleState, london_day
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.messages import ORDERS_HELD, STRANGERS, WAIT_FOR_A_PERSON, Verdict
from csp_workflow.terms.phrases import joined, plural
from csp_workflow.terms.site import Respondent


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
            *([f"{plural(newer, 'message')} that came since wait for the next morning letter."] if newer else []),
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
    names = [r.name for r in facts.site.respondents if r.key in _whom_it_pauses(facts, message)]
    return f"Reminders to {' and '.join(names)} go on where they are due." if names else ""


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
