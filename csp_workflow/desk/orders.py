"""Carrying out one order: what it changes and what is said of it, or why it is refused.

The same rules serve the co-ordinator's reply and the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from csp_workflow.desk import addresses, papers, returns, sending
from csp_workflow.desk.commands import LIST, Command, Parsed, Verb
from csp_workflow.desk.facts import CarriedOut, OrderFacts, Refused, StepOrder, may_order, who_ordered
from csp_workflow.letters import desk as letters
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.phrases import plain_day


def carry_out(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Carry out one command as things stand now. Raises Refused with a sentence for the co-ordinator.

    Several commands of one mail are carried out one after the other, each on the facts the one
    before left. An address that may not order is refused whatever it says.
    """
    if not may_order(facts, london_day(now)):
        raise Refused("This address may not give orders.")
    return _ORDERS[command.verb](command, facts, now)


def reply(
    parsed: Parsed,
    outcomes: tuple[CarriedOut | Refused, ...],
    facts: OrderFacts,
    now: datetime,
    *,
    thread: str = "",
) -> Letter | None:
    """The answer to a mail of orders: `outcomes` stand in the order of `parsed.commands`.

    None for an address that may not order: it gets no answer, so that nobody learns what would work.
    """
    if facts.sender and not may_order(facts, london_day(now)):
        return None
    pairs = list(zip(parsed.commands, outcomes, strict=True))
    done = [_answered(c.words, o.sentences) for c, o in pairs if isinstance(o, CarriedOut)]
    refused = [_answered(c.words, (str(o),)) for c, o in pairs if isinstance(o, Refused)]
    strange = [_answered(s.words, (s.sentence,)) for s in parsed.not_understood]
    to = letters.Reply(
        to=who_ordered(facts),
        message=facts.message,
        thread=thread,
        quarter=facts.status.quarter if facts.status else None,
        known=LIST,
    )
    if done:
        return letters.command_done(to, done, refused=refused, strange=strange)
    if refused:
        return letters.command_refused(to, refused, strange=strange)
    return letters.command_not_understood(to, strange)


def _answered(words: str, sentences: tuple[str, ...]) -> letters.Answered:
    return letters.Answered(words=words, sentences=sentences)


def _status(_: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """A digest now: the step makes it, whatever the hour."""
    quarter = facts.status.quarter if facts.status else None
    sentence = f"The state of things on {plain_day(now)} follows in a letter of its own."
    return CarriedOut(sentences=(sentence,), order=StepOrder(kind="status", quarter=quarter))


def _help(_: Command, __: OrderFacts, ___: datetime) -> CarriedOut:
    return CarriedOut(sentences=tuple(f"{words}: {meaning}." for words, meaning in LIST))


_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.SEND: sending.send,
    Verb.HOLD: sending.hold,
    Verb.RESUME: sending.resume,
    Verb.RELEASE: sending.release,
    Verb.YES: sending.yes,
    Verb.NO: sending.no,
    Verb.EXTEND: returns.extend,
    Verb.NIL: returns.nil,
    Verb.DECLINE: returns.decline,
    Verb.ACCEPT: returns.accept,
    Verb.DONE: returns.done,
    Verb.ASSIGN: returns.assign,
    Verb.DISMISS: returns.dismiss,
    Verb.CLEAR: papers.clear,
    Verb.CIRCULATE: papers.circulate,
    Verb.ADDRESS: addresses.ok,
    Verb.STATUS: _status,
    Verb.HELP: _help,
}
