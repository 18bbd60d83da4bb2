"""Orders about returns and messages: EXTEND, NIL, DECLINE, ACCEPT, APPROVED, RETURN, REISSUE, DONE, ASSIGN, DISMISS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from csp_workflow.desk.answering import say_answer_waits
from csp_workflow.desk.clauses import NOBODY
from csp_workflow.desk.commands import Command
from csp_workflow.desk.facts import (
    CarriedOut,
    OrderFacts,
    Refused,
    StepOrder,
    find_message,
    find_orderer,
    find_respondent,
    find_return,
    find_waiting,
    keep_order,
    list_answered,
    note_change,
    require_cycle,
)
from csp_workflow.desk.verbs import Verb
from csp_workflow.letters.answers import Incoming, approval_by_word
from csp_workflow.letters.morning import digest
from csp_workflow.letters.office import SentBack, WaitingMessage, extension_given, returned_to_lead
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import CycleState, london, london_day
from csp_workflow.terms.events import RETURN_MOVES, Event, Happened, MoveRefused, next_state
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import STRANGERS, WAIT_FOR_A_PERSON
from csp_workflow.terms.phrases import day, joined, moment, plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Contact, Respondent, Role
from csp_workflow.terms.status import ReturnStatus


def _extend(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Give one respondent its own due date: a working day to come, which may lie after the quarter's close.

    A day that was promised is never brought forward.
    """
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    if stands.state.is_in:
        raise Refused(f"The return of {found.name} is {stands.state}; more time would change nothing.")
    if command.day is None or not command.reason:
        raise Refused("An extension needs a day and a reason.")
    due = london(command.day, facts.site.offsets.due_time)
    if not facts.site.working_days.is_working(command.day):
        raise Refused(f"{day(command.day)} is not a working day.")
    if due <= now:
        raise Refused(f"{day(command.day)} is past.")
    if due <= cycle.due_time(found):
        raise Refused(
            f"{found.name} has until {moment(cycle.due_time(found))}: a day once told is not brought forward."
        )
    if cycle.is_settled:
        raise Refused("Every paper of this quarter is cleared. A return that comes is still taken, and marked late.")
    until = command.day.isoformat()
    event = note_change(
        Happened.EXTENDED, facts, now, quarter=cycle.quarter, respondent=found.key, until=until, reason=command.reason
    )
    is_asked = stands.requested is not None
    told = _write_extension(facts, found, now, due) if is_asked else ()
    asked = _what_it_answers(facts, found)
    return CarriedOut(
        sentences=(
            f"{found.name} has until {moment(due)}. Reminders are counted from that day.",
            *_say_to_follow(cycle, due, now),
            _who_is_told(told, is_asked=is_asked),
            f"The reason kept with it: {command.reason}.",
            *(f"Their message {m.short} is settled by this." for m in asked),
        ),
        decision=keep_order(
            command, facts, now, event, *_settle(asked, facts, now), respondent=found.key, letters=told
        ),
    )


def _say_to_follow(cycle: CycleView, due: datetime, now: datetime) -> tuple[str, ...]:
    """What the papers say of a return that was given longer than the quarter is open."""
    clearance = cycle.next_clearance(london_day(now))
    if due <= cycle.dates.close or clearance is None:
        return ()
    if london_day(due) < clearance:
        return (f"That is after the close of the quarter, and before the next paper is settled on {day(clearance)}.",)
    return (f"The paper that is settled on {day(clearance)} says that it is to follow.",)


def _who_is_told(told: tuple[Letter, ...], *, is_asked: bool) -> str:
    if told:
        return f"We tell {joined(x.recipient_name for x in told)} in the sending window."
    return "Nobody is told: letters reach no one there." if is_asked else "Nobody is told: nothing has been asked yet."


def _write_extension(facts: OrderFacts, found: Respondent, now: datetime, due: datetime) -> tuple[Letter, ...]:
    cycle = require_cycle(facts)
    was, people = cycle.due_time(found), cycle.addressees(found, london_day(now))
    return tuple(extension_given(lead, found, cycle.quarter, due=due, was=was) for lead in people)


_ENDS = {
    Verb.NIL: (Happened.NIL, "as having nothing to report"),
    Verb.DECLINE: (Happened.DECLINED, "as declined"),
}


def _record_end(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record that a respondent has nothing to report, or sends no return."""
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
        kind, facts, now, quarter=cycle.quarter, respondent=found.key, subject=facts.message, reason=command.reason
    )
    asked = _what_it_answers(facts, found)
    return CarriedOut(
        sentences=(
            f"{found.name} is recorded {said} for {cycle.quarter}. It is not chased any more.",
            "A return that comes all the same is read and takes the place of this.",
            f"The reason kept with it: {command.reason}.",
            *(f"Their message {m.short} is settled by this." for m in asked),
        ),
        decision=keep_order(command, facts, now, event, *_settle(asked, facts, now), respondent=found.key),
    )


def _accept(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a queried return as complete; its faults stand and the paper shows them."""
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    if stands.state is not ReturnState.QUERIED:
        raise Refused(f"The return of {found.name} is {stands.state}; only a queried return can be accepted.")
    event = note_change(
        Happened.COMPLETE,
        facts,
        now,
        quarter=cycle.quarter,
        respondent=found.key,
        subject=stands.submission,
        faults=stands.faults,
        queries=stands.queries,
    )
    standing = f", {plural(stands.faults, 'fault')} standing" if stands.faults else ""
    return CarriedOut(
        sentences=(f"The return of {found.name} is taken as complete{standing}. {_who_approves(facts, found, now)}",),
        decision=keep_order(command, facts, now, event, respondent=found.key),
    )


def _who_approves(facts: OrderFacts, found: Respondent, now: datetime) -> str:
    """What follows when a return is complete."""
    if not found.needs_approval:
        return "It needs no approval."
    if require_cycle(facts).chairs(found, london_day(now)):
        return "Its chair is asked to approve it."
    return f"Letters reach no chair there: CONTACT {found.code} chair, a name and an address, names one who is asked."


def _approve(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record an approval that the chair gave elsewhere, of the latest version, with who gave it and how that is known.

    Only a new version, or RETURN, takes it back.
    """
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    if not found.needs_approval:
        raise Refused(f"The return of {found.name} needs no approval.")
    if stands.approval:
        raise Refused(
            f"Version {len(stands.versions)} of {found.name}'s return is approved already, by {stands.approval.by}."
        )
    if stands.state is not ReturnState.COMPLETE or stands.received is None:
        how = f" ACCEPT {found.code} takes it as complete first." if stands.state is ReturnState.QUERIED else ""
        raise Refused(f"The return of {found.name} is {stands.state}; only a complete one can be approved.{how}")
    event = note_change(
        Happened.APPROVED,
        facts,
        now,
        quarter=cycle.quarter,
        respondent=found.key,
        subject=stands.submission,
        approver=command.whom,
        evidence=command.reason,
    )
    told = _write_approval(command, facts, found, stands, now)
    chairs = found.chairs(london_day(now))
    asked = tuple(m for m in _what_it_answers(facts, found) if any(chair.is_at(m.sender) for chair in chairs))
    version = f"Version {len(stands.versions)} of {found.name}'s return, received at {moment(stands.received)}"
    names = joined(x.recipient_name for x in told)
    return CarriedOut(
        sentences=(
            f"{version}, is recorded as approved by {command.whom}.",
            f"The evidence kept with it: {command.reason}.",
            f"{names} {'are' if len(told) > 1 else 'is'} told so, and may say if it is not right."
            if names
            else "Nobody is told: letters reach no one.",
            f"The chair is not reminded any more. Only a new version, or RETURN {found.code}, takes this back.",
            *(f"Their message {m.short} is settled by this." for m in asked),
        ),
        decision=keep_order(
            command, facts, now, event, *_settle(asked, facts, now), respondent=found.key, letters=told
        ),
    )


def _write_approval(
    command: Command, facts: OrderFacts, found: Respondent, stands: ReturnStatus, now: datetime
) -> tuple[Letter, ...]:
    """Leads and chairs are told what was recorded in the chair's name."""
    cycle, day = require_cycle(facts), london_day(now)
    people = (*cycle.addressees(found, day), *cycle.chairs(found, day))
    known = Incoming(
        message=facts.message,
        quarter=cycle.quarter,
        respondents=(found.key,),
        codes=(found.code,),
        names=(found.name,),
    )
    return tuple(
        approval_by_word(
            person,
            known,
            submission=stands.submission,
            version=len(stands.versions),
            approver=command.whom,
            evidence=command.reason,
        )
        for person in {p.address.lower(): p for p in people if p.role is Role.LEAD or p.role.approves}.values()
    )


_MAY_GO_BACK = {ReturnState.QUERIED, ReturnState.COMPLETE, ReturnState.APPROVED}


def _send_back(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Send the latest version back to its lead; an approval of it ends. ACCEPT takes it all the same."""
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    if stands.state not in _MAY_GO_BACK or stands.received is None:
        raise Refused(f"The return of {found.name} is {stands.state}, so there is no version of it to send back.")
    if stands.returned:
        raise Refused(
            f"Version {len(stands.versions)} of {found.name}'s return was sent back already "
            f"at {moment(stands.returned)}."
        )
    people = cycle.addressees(found, london_day(now))
    if not people:
        raise Refused(f"Letters reach nobody at {found.name}. Please have somebody entered first.")
    event = note_change(
        Happened.RETURNED,
        facts,
        now,
        quarter=cycle.quarter,
        respondent=found.key,
        subject=stands.submission,
        reason=command.reason,
    )
    letters = _write_back(command, facts, found, people, now)
    names = joined(p.name for p in people)
    return CarriedOut(
        sentences=(
            f"Version {len(stands.versions)} of {found.name}'s return goes back to {names}.",
            f"It says in your words: {command.reason}.",
            *([f"Its approval by {stands.approval.by} ends."] if stands.approval else []),
            f"Until the next version comes it counts as queried; ACCEPT {found.code} takes it as it is after all.",
        ),
        decision=keep_order(command, facts, now, event, respondent=found.key),
        order=StepOrder(kind="return", quarter=cycle.quarter, respondent=found.key, letters=letters),
    )


def _write_back(
    command: Command, facts: OrderFacts, found: Respondent, people: tuple[Contact, ...], now: datetime
) -> tuple[Letter, ...]:
    _, stands = find_return(facts, found.code)
    cycle = require_cycle(facts)
    close = cycle.close_time(found)
    sent_back = SentBack(
        by=find_orderer(facts).name,
        version=len(stands.versions),
        received=stands.received or now,
        reason=command.reason,
        close=close if now < close else None,
        was_approved=bool(stands.approved),
    )
    about = {"submission": stands.submission, "order": facts.message or now.isoformat()}
    return tuple(returned_to_lead(lead, found, cycle.quarter, sent_back=sent_back, **about) for lead in people)


def _reissue(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Send the forms anew that do not show what stands, with what was typed; or leave them as they are."""
    cycle = require_cycle(facts)
    overtaken = [
        (r, stands) for r, stands in cycle.owed_returns() if stands.overtaken and stands.state.has_use_for_form
    ]
    if command.respondent:
        found, stands = find_return(facts, command.respondent)
        if found not in [r for r, _ in overtaken]:
            raise Refused(f"The form of {found.name} ({stands.state}) shows what stands, or is not needed any more.")
        overtaken = [(found, stands)]
    if not overtaken:
        raise Refused("No form that is out shows anything else than what stands now: there is nothing to send anew.")
    names = joined(r.name for r, _ in overtaken)
    if command.whom == NOBODY:
        left = tuple(
            note_change(Happened.FORM_REISSUED, facts, now, quarter=cycle.quarter, respondent=r.key, revision=0)
            for r, _ in overtaken
        )
        return CarriedOut(
            sentences=(
                f"The forms of {names} stay as they are. Letters and papers show the new figures all the same.",
            ),
            decision=keep_order(command, facts, now, *left),
        )
    unreached = [r for r, _ in overtaken if not cycle.addressees(r, london_day(now))]
    if len(unreached) == len(overtaken):
        raise Refused(f"Letters reach nobody at {names}. Please have somebody entered first.")
    names = joined(r.name for r, _ in overtaken if r not in unreached)
    returned = joined(r.name for r, stands in overtaken if stands.state.is_in and r not in unreached)
    key = overtaken[0][0].key if command.respondent else ""
    return CarriedOut(
        sentences=(
            f"The forms of {names} go out anew in the sending window, and say what changed.",
            *([f"Their returns count as they are: {returned}."] if returned else []),
            *(f"Letters reach nobody at {r.name}, so no form goes there." for r in unreached),
        ),
        decision=keep_order(command, facts, now, respondent=key),
        order=StepOrder(kind="reissue", quarter=cycle.quarter, respondent=key),
    )


def _settle_message(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Settle the question or held message that was dealt with; its respondent may be chased again."""
    message = find_waiting(facts, command.message)
    about_else = (note_change(Happened.TOPIC_SETTLED, facts, now, subject=message.id),) if message.topics else ()
    return CarriedOut(
        sentences=(
            f"Message {message.short} is settled. {_chase_goes_on(facts, message)}".strip(),
            *say_answer_waits(facts, message),
        ),
        decision=keep_order(command, facts, now, *_settle((message,), facts, now), *about_else),
    )


def _dismiss(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Put a message aside; nobody is answered, unless she did, and the message is kept."""
    if command.whom == STRANGERS:
        return _dismiss_strangers(command, facts, now)
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
        decision=keep_order(command, facts, now, *_settle((message,), facts, now)),
    )


_IDS_NAMED = 20


def _dismiss_strangers(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Put aside the strangers' messages that she was told of, and none that came since or may be about a topic."""
    every = [m for m in facts.waiting if m.stranger_since]
    told = tuple(m for m in every if m.stranger_since and _was_told(facts, m.stranger_since))
    if not told:
        since = " Those that came since are in the next morning letter." if every else ""
        raise Refused(f"No stranger's message waits that a morning letter has told you of.{since}")
    more = [f"{len(told) - _IDS_NAMED} more"] if len(told) > _IDS_NAMED else []
    named = joined([*(m.short for m in told[:_IDS_NAMED]), *more])
    newer = len(every) - len(told)
    return CarriedOut(
        sentences=(
            f"Put aside and kept: {plural(len(told), 'message')} from strangers ({named}). Nobody is answered.",
            *([f"{plural(newer, 'message')} that came since wait for the next morning letter."] if newer else []),
        ),
        decision=keep_order(command, facts, now, *_settle(told, facts, now)),
    )


def _was_told(facts: OrderFacts, since: datetime) -> bool:
    """Whether the letter she answers, or else the last morning letter, told of what was seen at some moment.

    A STATUS letter is written between two messages of the same moment, so that it may have left one of them out.
    """
    letter = facts.answered if facts.answered and facts.answered.kind == digest.kind.name else None
    if letter is None:
        return facts.service.digest_made is not None and since <= facts.service.digest_made
    is_of_the_morning = letter.cause == f"digest:{london_day(letter.queued).isoformat()}"
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


def _settle(messages: tuple[WaitingMessage, ...], facts: OrderFacts, now: datetime) -> Iterator[Event]:
    """A message may wait for several respondents (an officer of two districts): it is settled for each."""
    quarter = facts.status.quarter if facts.status else None
    for message in messages:
        kind = Happened.MESSAGE_SETTLED if message.is_held else Happened.QUESTION_ANSWERED
        paused = [(quarter, key) for key in _whom_it_pauses(facts, message)]
        as_a_whole = [(None, "")] if message.verdict in WAIT_FOR_A_PERSON else []
        for about, key in paused or as_a_whole:
            yield note_change(kind, facts, now, quarter=about, respondent=key, subject=message.id)


def _what_it_answers(facts: OrderFacts, found: Respondent) -> tuple[WaitingMessage, ...]:
    """The respondent's own message that the answered letter brought her: ordering what it asks for settles it."""
    return tuple(m for m in list_answered(facts) if _whom_it_pauses(facts, m) == (found.key,))


def _whom_it_pauses(facts: OrderFacts, message: WaitingMessage) -> tuple[str, ...]:
    returns = facts.status.returns if facts.status else {}
    return tuple(
        key for key, status in returns.items() if message.id in (*status.open_questions, *status.held_messages)
    )


def _chase_goes_on(facts: OrderFacts, message: WaitingMessage) -> str:
    names = [r.name for r in facts.site.respondents if r.key in _whom_it_pauses(facts, message)]
    return f"Reminders to {' and '.join(names)} go on where they are due." if names else ""


RETURN_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.EXTEND: _extend,
    Verb.NIL: _record_end,
    Verb.DECLINE: _record_end,
    Verb.ACCEPT: _accept,
    Verb.APPROVED: _approve,
    Verb.RETURN: _send_back,
    Verb.REISSUE: _reissue,
    Verb.DONE: _settle_message,
    Verb.ASSIGN: _assign,
    Verb.DISMISS: _dismiss,
    Verb.REPLAY: _replay,
}
