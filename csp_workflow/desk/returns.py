"""Orders about returns: EXTEND, ACCEPT, APPROVED, CERTIFIED, RETURN, REISSUE; those that end one stand in `endings`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from csp_workflow.desk.clauses import ALL, FARTHEST, NOBODY
from csp_workflow.desk.commands import (
    CarriedOut,
    Command,
    OrderFacts,
    Refused,
    StepOrder,
    Verb,
    find_orderer,
    find_return,
    keep_order,
    note_change,
    require_cycle,
)
from csp_workflow.desk.endings import ENDING_ORDERS, QUESTION_ORDERS, accept_queries, list_theirs, settle_messages
from csp_workflow.letters import certificates
from csp_workflow.letters.answers import Incoming, approval_by_word
from csp_workflow.letters.office import SentBack, extension_given, returned_to_lead
from csp_workflow.terms.cycle_view import CycleView
from csp_workflow.terms.dates import london, london_day
from csp_workflow.terms.events import Happened, Letter, together
from csp_workflow.terms.phrases import day, joined, moment, plural
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Assent, Contact, Respondent, RespondentKind, Role
from csp_workflow.terms.status import ReturnStatus


def _extend(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Give one respondent its own due date: a working day to come, which may lie after the quarter's close.

    A day that was promised is never brought forward.
    """
    if command.whom == ALL:
        return _extend_all(command, facts, now)
    found, stands = find_return(facts, command.respondent)
    cycle = require_cycle(facts)
    if stands.state.is_in:
        raise Refused(f"The return of {found.name} is {stands.state}; more time would change nothing.")
    wanted = _find_day(command, facts, found, now)
    if wanted is None or not command.reason:
        raise Refused("An extension needs a day and a reason.")
    due = _due_on(wanted, facts)
    if not facts.site.working_days.is_working(wanted):
        raise Refused(f"{day(wanted)} is not a working day.")
    if due <= now:
        raise Refused(f"{day(wanted)} is past.")
    if due <= cycle.due_time(found):
        why = " already." if due == cycle.due_time(found) else f": that is not brought forward, to {day(wanted)}."
        raise Refused(f"{found.name} has until {moment(cycle.due_time(found))}{why}")
    if cycle.is_settled:
        raise Refused("Every paper of this quarter is cleared. A return that comes is still taken, and marked late.")
    until = wanted.isoformat()
    event = note_change(
        Happened.EXTENDED, facts, now, quarter=cycle.quarter, respondent=found.key, until=until, reason=command.reason
    )
    is_asked = stands.requested is not None
    told = _write_extension(facts, found, now, due) if is_asked else ()
    asked = list_theirs(facts, found, command.verb)
    return CarriedOut(
        sentences=(
            f"{found.name} has until {moment(due)}. Reminders are counted from that day.",
            *_say_to_follow(cycle, due, now),
            _who_is_told(told, is_asked=is_asked),
            f"The reason kept with it: {command.reason}.",
            *(f"Their message {m.short} is settled by this." for m in asked),
        ),
        decision=keep_order(
            command, facts, now, event, *settle_messages(asked, facts, now), respondent=found.key, letters=told
        ),
    )


def _extend_all(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Give everybody more time who owes a return and has not longer already; not the force's analyst."""
    cycle, done = require_cycle(facts), list[tuple[Respondent, CarriedOut]]()
    why_not = "Nobody owes a return that more time could help."
    owing = [r for r, stands in cycle.owed_returns() if not stands.state.is_in and r.kind is not RespondentKind.ANALYST]
    if command.longer and owing:
        days = sorted({until for one in owing if (until := _find_day(command, facts, one, now))})
        if len(days) > 1:
            raise Refused(f"They have different days, so that it may be {joined(map(day, days), 'or')}. Write the day.")
        command = replace(command, day=days[0], longer=None)
    for found in owing:
        try:
            done.append((found, _extend(replace(command, whom="", respondent=found.code), facts, now)))
        except Refused as refusal:
            why_not = str(refusal)
    if not done or not command.day:
        raise Refused(why_not)
    unreached = [found.name for found, one in done if not one.decision.letters]
    told = "We tell each of them in the sending window."
    if cycle.status.opened is None:
        told, unreached = _who_is_told((), is_asked=False), []
    return CarriedOut(
        sentences=(
            f"{joined(found.name for found, _ in done)} have until {moment(_due_on(command.day, facts))}.",
            *_say_to_follow(cycle, _due_on(command.day, facts), now),
            told if not unreached else f"{told} Nobody is told at {joined(unreached)}.",
            f"The reason kept with it: {command.reason}.",
        ),
        decision=together(*(one.decision for _, one in done)),
    )


def _find_day(command: Command, facts: OrderFacts, found: Respondent, now: datetime) -> date | None:
    """The day ordered, or what so much longer makes of the one that stands, unless that was given since she wrote."""
    cycle = require_cycle(facts)
    longer, extended, due = command.longer, cycle.status.returns[found.key].extended, cycle.due_time(found)
    if not longer:
        return command.day
    if extended and facts.came and facts.came <= extended:
        raise Refused(f"{found.name} was given until {moment(due)} since you wrote. Write the day you mean.")
    wanted = longer.reckon(london_day(due), cycle.site.working_days)
    if wanted > london_day(now) + FARTHEST:
        raise Refused(f"{day(wanted)} is more than six months away. Is that right?")
    return wanted


def _due_on(day: date, facts: OrderFacts) -> datetime:
    return london(day, facts.site.offsets.due_time)


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


def _accept(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take a queried return as complete; its faults stand and the paper shows them."""
    if command.questions:
        return accept_queries(command, facts, now)
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


def _record_assent(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record an approval, or a certificate, that was given elsewhere, of the latest version, with who gave it and how
    that is known.

    Only a new version, or RETURN, takes it back.
    """
    assent = Assent.CERTIFICATE if command.verb is Verb.CERTIFIED else Assent.APPROVAL
    is_approval = assent is Assent.APPROVAL
    found, stands = find_return(facts, command.respondent)
    cycle, kind = require_cycle(facts), Happened.APPROVED if is_approval else Happened.CERTIFIED
    _refuse_assent(found, stands, assent)
    more = {} if is_approval else {"content": stands.money}
    event = note_change(
        kind, facts, now, quarter=cycle.quarter, respondent=found.key, subject=stands.submission,
        approver=command.whom, evidence=command.reason, **more,
    )  # fmt: skip
    told = (
        _write_approval(command, facts, found, stands, now)
        if is_approval
        else _write_certificate(command, facts, found, now)
    )
    asked = tuple(
        m
        for m in list_theirs(facts, found, command.verb)
        if any(c.is_at(m.sender) for c in found.givers(assent, london_day(now)))
    )
    version = f"Version {len(stands.versions)} of {found.name}'s return, received at {moment(stands.received or now)}"
    version = version if is_approval else f"The grant money of {found.name}, as in version {len(stands.versions)}"
    names, did = joined(x.recipient_name for x in told), "approved" if is_approval else "certified"
    until = "a new version" if is_approval else "a version that states it otherwise"
    return CarriedOut(
        sentences=(
            f"{version}, is recorded as {did} by {command.whom}.",
            f"The evidence kept with it: {command.reason}.",
            f"{names} {'are' if len(told) > 1 else 'is'} told so, and may say if it is not right."
            if names
            else "Nobody is told: letters reach no one.",
            f"The {assent.roles[0]} is not reminded any more. Only {until}, or RETURN {found.code}, takes this back.",
            *(f"Their message {m.short} is settled by this." for m in asked),
        ),
        decision=keep_order(
            command, facts, now, event, *settle_messages(asked, facts, now), respondent=found.key, letters=told
        ),
    )


def _refuse_assent(found: Respondent, stands: ReturnStatus, assent: Assent) -> None:
    """Raises Refused where there is nothing to say yes to, or somebody has."""
    is_approval, what = assent is Assent.APPROVAL, f"The grant money of {found.name}"
    if is_approval and not found.needs_approval:
        raise Refused(f"The return of {found.name} needs no approval.")
    given = stands.approval if is_approval else stands.certificate
    if given:
        approved = f"Version {len(stands.versions)} of {found.name}'s return is approved already, by {given.by}."
        raise Refused(approved if is_approval else f"{what} is certified already, by {given.by}.")
    if not is_approval and stands.state.is_made and not stands.money:
        raise Refused(f"The return of {found.name} states no grant money, so there is nothing to certify.")
    if not stands.wants(assent) or stands.received is None:
        how = f" ACCEPT {found.code} takes it as complete first." if stands.state is ReturnState.QUERIED else ""
        can = "can be approved" if is_approval else "has grant money that can be certified"
        raise Refused(f"The return of {found.name} is {stands.state}; only a complete one {can}.{how}")


def _write_certificate(command: Command, facts: OrderFacts, found: Respondent, now: datetime) -> tuple[Letter, ...]:
    """Those who get a certified statement are given it, and the budget holders in whose name it was recorded."""
    today, latest, at = london_day(now), facts.stated.get(found.key), facts.came or now
    if latest is None:
        return ()
    stated, role = certificates.show_money(found, latest), Role.BUDGET_HOLDER.value
    holders = facts.service.reached(found.givers(Assent.CERTIFICATE, today))
    people = (*certificates.list_informed(found, today, besides=holders), *holders)
    return tuple(
        certificates.certified_statement(
            person, stated, _refer(facts, found), by=command.whom, role=role, at=at, evidence=command.reason
        )
        for person in people
    )


def _refer(facts: OrderFacts, found: Respondent) -> Incoming:
    return Incoming(
        message=facts.message,
        quarter=require_cycle(facts).quarter,
        respondents=(found.key,),
        codes=(found.code,),
        names=(found.name,),
    )


def _write_approval(
    command: Command, facts: OrderFacts, found: Respondent, stands: ReturnStatus, now: datetime
) -> tuple[Letter, ...]:
    """Leads and chairs are told what was recorded in the chair's name."""
    cycle, day = require_cycle(facts), london_day(now)
    people = (*cycle.addressees(found, day), *cycle.chairs(found, day))
    return tuple(
        approval_by_word(
            person,
            _refer(facts, found),
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
            *([f"The certificate of its grant money by {stands.certificate.by} ends."] if stands.certificate else []),
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
            why = "is not needed any more" if stands.overtaken else "shows what stands: there is nothing to send anew"
            raise Refused(f"The form of {found.name} ({stands.state}) {why}.")
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


RETURN_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    **ENDING_ORDERS,
    Verb.EXTEND: _extend,
    Verb.ACCEPT: _accept,
    **dict.fromkeys((Verb.APPROVED, Verb.CERTIFIED), _record_assent),
    Verb.RETURN: _send_back,
    Verb.REISSUE: _reissue,
    **QUESTION_ORDERS,
}
