"""Orders: what the co-ordinator writes in a reply, or types as a command, carried out by the same rules.

Several orders of one mail are carried out one after the other, each on the status the one before
left, and committed together with the message's verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from csp_workflow.desk.commands import Command, Parsed, parse
from csp_workflow.desk.facts import COMMAND_LINE, CarriedOut, HeldBack, OrderFacts, Refused, StepOrder, find_orderer
from csp_workflow.desk.orders import carry_out
from csp_workflow.desk.replies import HINTED, answer_orders, check_messages, list_hints, say_files, say_why_it_waits
from csp_workflow.report import circulate
from csp_workflow.request import opening
from csp_workflow.steps import cycle, digest, judge, papers
from csp_workflow.steps.commit import commit_at, try_until_current
from csp_workflow.steps.outside import Outside, live_quarters, running_quarter, waiting_messages
from csp_workflow.terms.dates import Quarter, london_day
from csp_workflow.terms.events import NOTHING, Decision, Event, together
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.letters import QueuedLetter
from csp_workflow.terms.messages import IncomingMessage, Verdict
from csp_workflow.terms.status import fold_cycle, fold_service


def order(outside: Outside, words: str, *, respondent: str, quarter: Quarter | None, now: datetime) -> str:
    """Carry out one order from the command line. Returns what was done; raises PreconditionFailed when refused."""
    words = words.replace("{code}", _find_code(outside, respondent)).strip()
    parsed = parse(words, today=london_day(now), site=outside.site)
    if parsed.not_understood or not parsed.commands:
        raise PreconditionFailed(parsed.not_understood[0].fault if parsed.not_understood else "Nothing was ordered.")

    def attempt(mark: int) -> _Done | None:
        facts = _gather(outside, quarter or running_quarter(outside), sender=COMMAND_LINE, message="")
        done = _carry_out_all(outside, parsed, facts, now)
        for outcome in done.outcomes:
            if isinstance(outcome, Refused):
                raise PreconditionFailed(str(outcome))
        return done if _commit(outside, done.decision, done.assignments, now, mark) else None

    outcomes = try_until_current(outside, attempt).outcomes
    return " ".join(s for outcome in outcomes if isinstance(outcome, CarriedOut) for s in outcome.sentences)


def obey(
    outside: Outside,
    message: IncomingMessage,
    verdict: Decision,
    now: datetime,
    answered: QueuedLetter | None,
    mark: int,
) -> bool:
    """Carry out the orders in a co-ordinator's message and answer them, all committed with its verdict.

    `mark` is that of the facts behind the verdict; one that brings a form and orders nothing is only committed.
    False, and nothing done, when something happened after it.
    """
    quarter = answered.quarter if answered and answered.quarter else running_quarter(outside)
    facts = _gather(outside, quarter, sender=message.sender, message=message.id, answered=answered)
    is_form = verdict.judgement is not None and verdict.judgement.verdict is not Verdict.COMMAND
    files = say_files(message.attachments, verdict.judgement if is_form else None)
    parsed = check_messages(_read(outside, message, facts), facts)
    parsed = replace(parsed, has_files=bool(files) and not is_form)
    if is_form and not parsed.commands:
        return commit_at(outside, verdict, now, mark)
    done = _carry_out_all(outside, parsed, facts, now)
    answer = answer_orders(
        parsed,
        done.outcomes,
        facts,
        now,
        thread=message.message_id,
        hints=_list_hints(outside, parsed, done.facts or facts, now),
        files=files,
    )
    letters = Decision(letters=(answer,) if answer else ())
    return _commit(outside, together(verdict, done.decision, letters), done.assignments, now, mark)


def _read(outside: Outside, message: IncomingMessage, facts: OrderFacts) -> Parsed:
    """Her words, with days counted from the day on which she wrote them."""
    names = (message.sender_name, message.sender.partition("@")[0].replace(".", " "), find_orderer(facts).name)
    day = london_day(message.received)
    return parse(message.own, today=day, site=outside.site, names=names, subject=message.subject)


def _list_hints(outside: Outside, parsed: Parsed, facts: OrderFacts, now: datetime) -> list[tuple[str, ...]]:
    """What would work now in place of each line that was not understood."""

    def read(words: str) -> Parsed:
        return check_messages(parse(words, today=london_day(now), site=outside.site), facts)

    @cache
    def works(command: Command) -> bool:
        try:
            _decide_by_step(outside, carry_out(command, facts, now).order, facts, now, _Done())
        except (Refused, PreconditionFailed):
            return False
        return True

    asked = parsed.not_understood[:HINTED]
    return [list_hints(line, facts, now, read=read, works=lambda c: works(replace(c, words=""))) for line in asked]


def _commit(
    outside: Outside, decision: Decision, assignments: Sequence[Callable[[int], int | None]], now: datetime, mark: int
) -> bool:
    """Judge what is assigned, then commit the decision. False when something else happened after the mark."""
    for assign in assignments:
        later = assign(mark)
        if later is None:
            return False
        mark = later
    is_done = commit_at(outside, decision, now, mark)
    if is_done:
        judge.judge_freed(outside, decision.events, now)
    return is_done


@dataclass
class _Done:
    """What came of orders so far. Each assignment judges a message anew in a commit of its own, before the rest."""

    decision: Decision = NOTHING
    outcomes: tuple[CarriedOut | Refused, ...] = ()
    assignments: list[Callable[[int], int | None]] = field(default_factory=list)
    facts: OrderFacts | None = None
    """As they are after it."""


def _carry_out_all(outside: Outside, parsed: Parsed, facts: OrderFacts, now: datetime) -> _Done:
    done = _Done()
    for command in parsed.commands:
        try:
            outcome = carry_out(command, facts, now)
            why = say_why_it_waits(command, parsed)
            by_step = _decide_by_step(outside, outcome.order, facts, now, _Done() if why else done)
            if why:
                raise HeldBack(why)
            decision = together(outcome.decision, by_step)
        except (Refused, PreconditionFailed) as refusal:
            done.outcomes += (refusal if isinstance(refusal, Refused) else Refused(str(refusal)),)
            continue
        done.outcomes += (outcome,)
        done.decision = together(done.decision, decision)
        facts = done.facts = _fold(outside, facts, decision.events)
    return done


def _decide_by_step(
    outside: Outside, wanted: StepOrder | None, facts: OrderFacts, now: datetime, done: _Done
) -> Decision:
    """What only a step can decide: it has the figures, the drafts and the raw messages."""
    if wanted is None:
        return NOTHING
    if wanted.kind == "send" and wanted.quarter:
        return cycle.decide_opening(outside, wanted.quarter, now, opening.decide_sending, by=facts.by).decision
    if wanted.kind == "clear" and facts.status:
        return circulate.decide_clearing(facts.status, wanted.board, now, by=facts.by)
    if wanted.kind == "circulate" and facts.status:
        return papers.decide_circulation(outside, facts.status, wanted.board, now, by=facts.by)
    if wanted.kind == "assign":
        done.assignments.append(
            lambda mark: judge.judge_as_assigned(outside, wanted.message, wanted.respondent, facts.by, now, since=mark)
        )
        return NOTHING
    return digest.decide_status_letter(
        outside, now, to=find_orderer(facts), cause=f"status:{facts.message or now.isoformat()}"
    )


def _fold(outside: Outside, facts: OrderFacts, events: tuple[Event, ...]) -> OrderFacts:
    """The facts as they will be once these events are stored too."""
    status, subjects = facts.status, {e.subject for e in events}
    service = fold_service((e for e in events if e.quarter is None), onto=facts.service)
    facts = replace(facts, site=outside.lay_over(service.people), service=service)
    if status is None:
        return facts
    status = fold_cycle(status.quarter, (e for e in events if e.quarter == status.quarter), onto=status)
    waiting = tuple(m for m in facts.waiting if m.id not in subjects)
    return replace(facts, status=status, waiting=waiting)


def _gather(
    outside: Outside, quarter: Quarter | None, *, sender: str, message: str, answered: QueuedLetter | None = None
) -> OrderFacts:
    store = outside.store
    return OrderFacts(
        site=outside.site,
        service=store.service_status(),
        sender=sender,
        message=message,
        status=store.cycle_status(quarter) if quarter else None,
        dates=store.plan_of(quarter) if quarter else None,
        waiting=waiting_messages(outside, (store.cycle_status(q) for q in live_quarters(outside))),
        answered=answered,
        letters=store.letters(quarter=quarter) if quarter else (),
    )


def _find_code(outside: Outside, respondent: str) -> str:
    if not respondent:
        return ""
    try:
        return outside.site.respondent(respondent).code
    except KeyError:
        keys = ", ".join(r.key for r in outside.site.respondents)
        raise PreconditionFailed(f"There is no respondent '{respondent}' in the config. There are: {keys}.") from None
