"""Carrying out one order: what it changes and what is said of it, or why it is refused; and which would succeed now.

The same rules serve the co-ordinator's reply, the command line and whatever offers her an order. Those about sending
stand in `sending`, those about returns and messages in `returns`, those about papers in `papers`. Here are RESEND,
FOUND and WITHDRAW: what becomes of a letter that failed, is held, lies in Drafts, or may not have left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice, product

from csp_workflow.desk.absences import ABSENCE_ORDERS
from csp_workflow.desk.actions import ACTION_ORDERS
from csp_workflow.desk.answering import put_off, recall_answer, send_answer
from csp_workflow.desk.calls import record_call
from csp_workflow.desk.clauses import ALL
from csp_workflow.desk.commands import Command, Verb
from csp_workflow.desk.contacts import name_contact
from csp_workflow.desk.facts import CarriedOut, OrderFacts, Refused, StepOrder, find_return, keep_order, may_order
from csp_workflow.desk.looking import look_up, order_pages, order_year, refuse_erasing, seek_subject
from csp_workflow.desk.measures import MEASURE_ORDERS
from csp_workflow.desk.messages import MESSAGE_ORDERS
from csp_workflow.desk.papers import PAPER_ORDERS
from csp_workflow.desk.reading import parse
from csp_workflow.desk.replies import check_messages
from csp_workflow.desk.returns import RETURN_ORDERS
from csp_workflow.desk.sending import SENDING_ORDERS
from csp_workflow.desk.setup import SETUP_ORDERS
from csp_workflow.desk.usages import USAGES, fill_in
from csp_workflow.terms.dates import HolidaysRunOut, london_day
from csp_workflow.terms.faults import PreconditionFailed
from csp_workflow.terms.letters import LETTER_MOVES, LetterState, QueuedLetter
from csp_workflow.terms.mailboxes import Mode
from csp_workflow.terms.messages import short_id
from csp_workflow.terms.phrases import moment, plain_day

BECOMES = {
    Verb.RESEND: (LetterState.QUEUED, "again", "goes again, the same letter, when its address and the hour allow"),
    Verb.FOUND: (LetterState.SENT, "sent", "is noted as sent"),
    Verb.WITHDRAW: (LetterState.WITHDRAWN, "withdrawn", "is withdrawn and does not go"),
}
"""Each order's new state, what the step calls it, and what is said."""

_DRAFTED_AGAIN = "is put into Drafts again as it was written, in a quarter of an hour or when its hour comes"


def settle_letter(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Settle one letter that is stuck; the step moves it."""
    letter = _find_stuck(command, facts)
    state, found, said = BECOMES[command.verb]
    if state not in LETTER_MOVES[letter.state]:
        raise Refused(f"Letter {short_id(letter.id)} is {letter.state}, so {command.verb} cannot settle it.")
    if command.verb is Verb.RESEND and letter.drafted and facts.site.mode is Mode.DRAFTS:
        said = _DRAFTED_AGAIN
    return CarriedOut(
        sentences=(f"Letter {short_id(letter.id)} to {letter.recipient} {said}.",),
        decision=keep_order(command, facts, now),
        order=StepOrder(kind="stuck letter", quarter=None, letter=letter.id, reason=found),
    )


def _find_stuck(command: Command, facts: OrderFacts) -> QueuedLetter:
    found = [x for x in facts.stuck if x.id.startswith(command.letter.lower())]
    if len(found) == 1:
        return found[0]
    waiting = ", ".join(short_id(x.id) for x in facts.stuck) or "none"
    which = "No such letter begins" if not found else "More than one such letter begins"
    raise Refused(f"{which} with '{command.letter}'. Stuck, or in Drafts: {waiting}.")


STUCK_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = dict.fromkeys(BECOMES, settle_letter)


_LETS_LETTERS_LEAVE = frozenset(
    {
        *(Verb.SEND, Verb.REISSUE, Verb.RELEASE, Verb.YES, Verb.EXTEND, Verb.ACCEPT, Verb.APPROVED, Verb.RETURN),
        Verb.CERTIFIED,
        *(Verb.ASSIGN, Verb.ANSWERS, Verb.CIRCULATE, Verb.ADDRESS, Verb.CONTACT, Verb.ACTION, Verb.NOTES),
        *(Verb.AGREED, Verb.RETURNED, Verb.NIL, Verb.DECLINE, Verb.REOPEN),
    }
)
"""What is followed by letters to others; ANSWER says itself when its words leave."""

_OF_A_VERSION = {Verb.ACCEPT, Verb.APPROVED, Verb.CERTIFIED, Verb.RETURN, Verb.NIL, Verb.DECLINE}


def carry_out(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Carry out one command as things stand now. Raises Refused with a sentence for the co-ordinator.

    Several commands of one mail are carried out one after the other, each on the facts the one
    before left. An address that may not order is refused whatever it says.
    """
    if not may_order(facts, london_day(now)):
        raise Refused("This address may not give orders.")
    _refuse_unseen(command, facts)
    try:
        done = _ORDERS[command.verb](command, facts, now)
    except HolidaysRunOut as fault:
        raise Refused(f"{fault} That is for whoever looks after the machine.") from fault
    return replace(done, sentences=(*done.sentences, *_say_hold(command, facts)))


def _refuse_unseen(command: Command, facts: OrderFacts) -> None:
    """Raises Refused where the version that an order is about came after it was written."""
    found, stands = find_return(facts, command.respondent) if command.verb in _OF_A_VERSION else (None, None)
    if found and stands and stands.received and facts.came and facts.came < stands.received:
        came = f"Version {len(stands.versions)} of {found.name}'s return came at {moment(stands.received)}"
        raise Refused(f"{came}, after you wrote. Write again if you mean that one.")


def _say_hold(command: Command, facts: OrderFacts) -> tuple[str, ...]:
    """That the letters which an order lets leave wait all the same, and for which word."""
    if command.verb not in _LETS_LETTERS_LEAVE:
        return ()
    if facts.service.moved and command.verb is not Verb.RELEASE:
        return ("Nothing leaves until you reply RELEASE to the letter which says why.",)
    if facts.service.on_hold:
        return ("All sending is on hold: no letter leaves until you reply RESUME.",)
    held = [r for r in facts.site.respondents if r.code == command.respondent]
    held = [r for r in held if r.key in facts.service.held_respondents]
    return tuple(f"{r.name} is on hold: no letter goes there until you reply RESUME {r.code}." for r in held)


# Which would succeed --------------------------------------------------------------------------------


_OPEN = re.compile(
    r"(\b(?:CODE|BOARD|ID|LETTER|REF)\b|(?<![<\w])address\b|(?<=\bTO )day\b|(?<=\bBY )day\b|(?<=\bFROM )day\b)"
)
"""What an order leaves open of what there is to name."""
_MOST_TRIED = 60
"""So many of the things that an order may name are tried, the first ones."""
_LONGEST = 6
"""An order that a refusal offers has so many words at most."""


def list_working(written: str, facts: OrderFacts, now: datetime) -> Iterator[str]:
    """An order as letters write it ("ACCEPT MELT", "NIL CODE BECAUSE reason"), if it would be carried out now.

    Where it leaves open what it names, once for each thing for which it would succeed. Room for her own words stays,
    and they are taken to be there.
    """
    for words in islice(_name_things(written, facts, london_day(now)), _MOST_TRIED):
        parsed = check_messages(parse(fill_in(words), today=london_day(now), site=facts.site), facts)
        if parsed.commands and not parsed.not_understood and all(_works(one, facts, now) for one in parsed.commands):
            yield words


def _works(command: Command, facts: OrderFacts, now: datetime) -> bool:
    try:
        done = carry_out(command, facts, now)
        if done.order:
            facts.try_step(done.order, facts, now)
    except (Refused, PreconditionFailed):
        return False
    return True


def keep_offers(said: str, facts: OrderFacts, now: datetime) -> str:
    """Why an order is refused, without the sentences that offer one which would be refused as well."""
    sentences = re.split(r"(?<=[.?!])\s+", said)
    return " ".join(one for one in sentences if not _offers_in_vain(one, facts, now)) or said


def _offers_in_vain(sentence: str, facts: OrderFacts, now: datetime) -> bool:
    """Whether a sentence begins with an order ("SHOW speb shows it to them.") that would be refused now."""
    words = sentence.removeprefix("Reply ").rstrip(".").split()
    for count in range(min(len(words), _LONGEST) if words and words[0] in {*Verb} else 0, 0, -1):
        written = " ".join(words[:count])
        named = (fill_in(one) for one in islice(_name_things(written, facts, london_day(now)), 1))
        parsed = [parse(one, today=london_day(now), site=facts.site) for one in named]
        if any(one.commands and not one.not_understood for one in parsed):
            return not any(list_working(written, facts, now))
    return False


def _name_things(written: str, facts: OrderFacts, today: date) -> Iterator[str]:
    """An order with all that it leaves open filled by what there is."""
    things = _list_things(facts, today)
    parts = enumerate(_OPEN.split(written))
    return map("".join, product(*(things[part] if at % 2 else (part,) for at, part in parts)))


def _list_things(facts: OrderFacts, today: date) -> Mapping[str, Sequence[str]]:
    """What there is to name, by the word that leaves it open."""
    service, soon = facts.service, facts.site.working_days.plus(today + timedelta(days=1), 2)
    named = (one.contact.address.lower() for one in service.people.named)
    return {
        "CODE": [r.code for r in facts.site.respondents],
        "BOARD": [b.key for b in facts.site.boards],
        "ID": [m.short for m in facts.waiting],
        "LETTER": [short_id(x.id) for x in facts.stuck],
        "REF": [action.ref for action in facts.site.actions],
        "day": [f"{soon.day} {soon:%B}"],
        "address": sorted({*service.undeliverable, *service.returned, *named}),
    }


# LATER, STATUS, HELP --------------------------------------------------------------------------------


def _order_status(_: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """A digest now: the step makes it, whatever the hour."""
    quarter = facts.status.quarter if facts.status else None
    sentence = f"The state of things on {plain_day(now)} follows in a letter of its own."
    return CarriedOut(sentences=(sentence,), order=StepOrder(kind="status", quarter=quarter))


_MATTER = 8
"""So many orders HELP names."""


def _help(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """The few orders that matter most now, each as it could be written; HELP ALL names every one."""
    if command.whom == ALL:
        return CarriedOut(sentences=tuple(f"{one.written}: {one.does}." for one in USAGES))
    working = ((next(list_working(one.written, facts, now), ""), one) for one in USAGES)
    matter = islice(((words, one) for words, one in working if words), _MATTER)
    return CarriedOut(
        sentences=(*(f"{words}: {one.does}." for words, one in matter), "HELP ALL lists every order there is.")
    )


_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    **SENDING_ORDERS,
    **RETURN_ORDERS,
    **MESSAGE_ORDERS,
    **PAPER_ORDERS,
    **ACTION_ORDERS,
    **MEASURE_ORDERS,
    **SETUP_ORDERS,
    Verb.ANSWER: send_answer,
    Verb.RECALL: recall_answer,
    Verb.LATER: put_off,
    Verb.CONTACT: name_contact,
    **ABSENCE_ORDERS,
    **STUCK_ORDERS,
    Verb.CALLED: record_call,
    Verb.STATUS: _order_status,
    Verb.EXPLAIN: look_up,
    Verb.ERASE: refuse_erasing,
    Verb.FIND: seek_subject,
    Verb.EXPORT: seek_subject,
    Verb.DASHBOARD: order_pages,
    Verb.YEAR: order_year,
    Verb.HELP: _help,
}
