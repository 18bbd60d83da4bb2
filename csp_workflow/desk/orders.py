"""Carrying out one order: what it changes and what is said of it, or why it is refused; and which would succeed now.

The same rules serve the co-ordinator's reply, the command line and whatever offers her an order. Those about sending
stand in `sending`, those about returns and messages in `returns`, those about papers in `papers`. Here are RESEND,
FOUND and WITHDRAW: what becomes of a letter that failed, is held, lies in Drafts, or may not have left. Then a reply
as a whole: which of its orders must wait, what she may have meant, and the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice, product

from csp_workflow.desk.answering import put_off, recall_answer, send_answer
from csp_workflow.desk.clauses import ALL
from csp_workflow.desk.commands import (
    ANSWERED_AT_ONCE,
    BRINGS_LETTER,
    HARMLESS,
    CarriedOut,
    Command,
    HeldBack,
    Line,
    OrderFacts,
    Parsed,
    Refused,
    StepOrder,
    Verb,
    find_message,
    find_orderer,
    find_return,
    keep_order,
    list_answered,
    may_order,
)
from csp_workflow.desk.contacts import name_contact
from csp_workflow.desk.endings import MESSAGE_ORDERS
from csp_workflow.desk.looking import look_up, order_pages, order_year, refuse_erasing, seek_subject
from csp_workflow.desk.papers import PAPER_ORDERS
from csp_workflow.desk.reading import NO_ORDER, parse
from csp_workflow.desk.records import ABSENCE_ORDERS, ACTION_ORDERS, record_call
from csp_workflow.desk.returns import RETURN_ORDERS
from csp_workflow.desk.sending import MEASURE_ORDERS, SENDING_ORDERS
from csp_workflow.desk.setup import SETUP_ORDERS
from csp_workflow.desk.usages import USAGES, fill_in
from csp_workflow.letters import office
from csp_workflow.letters.answers import question
from csp_workflow.letters.office import WaitingMessage, find_asker
from csp_workflow.terms.dates import HolidaysRunOut, london_day
from csp_workflow.terms.events import Letter, LetterState, PreconditionFailed, QueuedLetter
from csp_workflow.terms.messages import Attachment, Judgement, Verdict, short_id
from csp_workflow.terms.phrases import joined, moment, plain_day
from csp_workflow.terms.service import Mode

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
    if not letter.may_become(state):
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


_PUTS_WHAT_OFF = "It does not say what is put off. Write LATER and a message's id or a respondent's code."
_LETS_GO = frozenset({Verb.SEND, Verb.RELEASE, Verb.REISSUE, Verb.CLEAR, Verb.CIRCULATE})
_MAY_ANSWER = re.compile(r"\b(?:it|them|that|this|those|these)\b|^\W*(?:\d{1,2}[.)]\s|yes\b|answer\b)", re.IGNORECASE)
"""How a line names what another letter is about, or answers what stands in it."""
_DECORATION = re.compile(r"^(?:image\d+|outlook-|logo|att\d+|~wrd)", re.IGNORECASE)
_NOT_FILES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}


def check_messages(parsed: Parsed, facts: OrderFacts) -> Parsed:
    """A message's id that none has is not understood; nor is a LATER that names nothing beside other orders."""
    is_alone = len(parsed.commands) == 1 and len(list_answered(facts)) == 1
    return replace(parsed, lines=tuple(_check_line(line, facts, is_alone=is_alone) for line in parsed.lines))


def _check_line(line: Line, facts: OrderFacts, *, is_alone: bool) -> Line:
    try:
        for command in line.commands:
            if command.message:
                find_message(facts, command.message)
    except Refused as fault:
        return Line(words=line.words, fault=str(fault))
    is_bare = any(c.verb is Verb.LATER and not (c.message or c.respondent) for c in line.commands)
    return Line(words=line.words, fault=_PUTS_WHAT_OFF) if is_bare and not is_alone else line


def say_why_it_waits(command: Command, parsed: Parsed, facts: OrderFacts | None = None) -> str:
    """Why an order that lets letters leave, or that no order takes back, must wait; "" when nothing stands against it.

    It is carried out only when every word beside it was understood, and when it is no answer to one of the messages
    that wait. What only stops letters is always done.
    """
    if command.verb in HARMLESS:
        return ""
    if parsed.halts:
        return "It waits, because you wrote STOP. To do it all the same, reply with it once more, without STOP."
    if parsed.not_understood and command.verb is Verb.ANSWER:
        return "Nothing was sent, because not every line above it was understood. Please write it again, alone."
    if parsed.not_understood:
        return "It waits, because not every line was understood. To do it as it stands, reply with this line alone."
    if parsed.has_files and command.verb is not Verb.ANSWER:
        return (
            "It waits, because a file came with it, which is not used. To do it all the same, reply without the file."
        )
    return _say_whom_it_answers(command, list_perhaps_answered(facts) if facts else ())


def list_perhaps_answered(facts: OrderFacts) -> tuple[WaitingMessage, ...]:
    """The waiting messages that a word of hers may answer: those her letter answers, or all where that is a digest or
    no letter."""
    is_of_one_thing = facts.answered is not None and bool(facts.answered.about)
    return list_answered(facts) if is_of_one_thing else facts.waiting


def _say_whom_it_answers(command: Command, answered: Sequence[WaitingMessage]) -> str:
    asked = [one.short for one in answered if one.verdict is Verdict.QUESTION]
    if not (asked and command.verb in _LETS_GO and _MAY_ANSWER.search(command.words)):
        return ""
    return (
        f"It waits, because '{command.words}' may answer message {asked[0]} in the letter you answer. To do it, reply "
        f"{command.write()} and nothing else. To answer whoever wrote, put ANSWER {asked[0]} on the first line and "
        "your words below it."
    )


# The answer -----------------------------------------------------------------------------------------


def list_files(attachments: Sequence[Attachment]) -> tuple[str, ...]:
    """The names of the files she attached, but for a signature's pictures and seals."""
    kept = (a for a in attachments if a.content_type not in _NOT_FILES)
    files = (a for a in kept if not (a.content_type.startswith("image/") and _DECORATION.match(a.name)))
    return tuple(dict.fromkeys(a.name or "A file without a name" for a in files))


def say_files(names: Sequence[str], judgement: Judgement | None = None) -> tuple[str, ...]:
    """What became of each file she attached.

    A form among them is judged as forms are; else an order's files are not looked at.
    """
    if judgement:
        return (f"{joined(names)} went the way of forms. {judgement.reason}",) if names else ()
    return tuple(f"{name} was not looked at; what you attach to an order is not used." for name in names)


def say_files_left(names: Sequence[str], letter: Letter) -> tuple[str, ...]:
    """Which of her files do not go with her words to somebody: all that she did not name."""
    gone = {a.name for a in letter.attachments}
    again = "To send it too, reply RECALL and write your answer again with it and a line ATTACHED"
    return tuple(f"{name} does not go with your answer. {again} {name}." for name in names if name not in gone)


def say_unsent(parsed: Parsed, facts: OrderFacts, now: datetime) -> str:
    """That words she wrote below somebody's message went to nobody, and how they would; "" where they are no such."""
    if not (parsed.not_understood and facts.answered and facts.answered.kind == question.kind.name):
        return ""
    try:
        message = find_message(facts, "")
    except Refused:
        return ""
    asker = find_asker(facts.site, message.sender, message.respondents, london_day(now))
    if asker is None:
        return f"This was not sent to anybody. {message.sender} is not registered; please write from your own mailbox."
    nothing = f" If nothing is to go, reply DONE {message.short}." if message in facts.waiting else ""
    return (
        f"This was not sent to anybody. To send it to {asker.named}, write it again with ANSWER {message.short} on the "
        f"first line and your words below it.{nothing}"
    )


def _is_said_in(letters: Collection[Letter], parsed: Parsed, facts: OrderFacts) -> bool:
    """Whether a letter that the orders bring at once says all there is to say of them."""
    is_brought = any(x.recipient == find_orderer(facts).address for x in letters)
    return is_brought and all(one.verb in BRINGS_LETTER for one in parsed.commands)


def _is_expected(parsed: Parsed, outcomes: Sequence[CarriedOut | Refused], facts: OrderFacts, now: datetime) -> bool:
    """Whether an answer says only what she expects, so that the next morning letter may say it.

    Her orders stand in the very words that our letters offer, and all of them are done. What was understood from other
    words is answered at once, lest it was misunderstood; so is a deputy, who may get no morning letter.
    """
    service, people = facts.service, facts.site.office
    is_hers = find_orderer(facts) == people.co_ordinator and not people.is_away(london_day(now))
    return (
        is_hers
        and not (service.waits_for_word or service.held_respondents)
        and all(isinstance(one, CarriedOut) and not one.is_news for one in outcomes)
        and all(_is_as_offered(command, parsed) for command in parsed.commands)
    )


def _is_as_offered(command: Command, parsed: Parsed) -> bool:
    is_cleared_only = command.verb is Verb.CLEAR and not any(
        (one.verb, one.board) == (Verb.CIRCULATE, command.board) for one in parsed.commands
    )
    waits = command.verb not in ANSWERED_AT_ONCE and not is_cleared_only
    return waits and command.write().casefold() == command.words.casefold()


def answer_orders(
    parsed: Parsed,
    outcomes: Sequence[CarriedOut | Refused],
    facts: OrderFacts,
    now: datetime,
    *,
    thread: str = "",
    hints: Sequence[tuple[str, ...]] = (),
    files: tuple[str, ...] = (),
    taken: str = "",
    letters: Collection[Letter] = (),
) -> Letter | None:
    """The answer to a mail of orders, line by line: `outcomes` stand in the order of `parsed.commands`.

    `hints` stand in the order of `parsed.not_understood`, `taken` says what became of a draft of hers, and `letters`
    are what her orders bring. What says only what she expects is kept for a morning letter. None where one of the
    letters says all of it, and for an address that may not order: it gets no answer, so that nobody learns what would
    work.
    """
    is_plain = not (files or taken or parsed.not_understood)
    may = not facts.sender or may_order(facts, london_day(now))
    if not may or (is_plain and not facts.site.orders_at_once and _is_said_in(letters, parsed, facts)):
        return None
    left, meant = list(outcomes), list(hints)
    rows: list[office.Answered] = []
    for line in parsed.lines:
        mine = [left.pop(0) for _ in line.commands]
        rows.append(_answer_line(line, mine, meant.pop(0) if line.fault and meant else ()))
    reply = office.Reply(
        to=find_orderer(facts),
        message=facts.message,
        thread=thread,
        quarter=facts.status.quarter if facts.status else None,
        waits=bool(parsed.not_understood) and any(isinstance(one, HeldBack) for one in outcomes),
        files=files,
        unsent=say_unsent(parsed, facts, now),
        taken=taken,
    )
    is_done = any(isinstance(outcome, CarriedOut) for outcome in outcomes)
    write = office.command_done if is_done else office.command_refused if outcomes else office.command_not_understood
    answer = write(reply, rows)
    is_kept = is_plain and not facts.site.orders_at_once and _is_expected(parsed, outcomes, facts, now)
    return (
        office.keep_while_quiet(answer, facts.site, now, [facts.status] if facts.status else ()) if is_kept else answer
    )


def _say_outcome(command: Command, outcome: CarriedOut | Refused) -> tuple[str, ...]:
    """What was done, or why not; of an order that waits also how it was understood, where she wrote it otherwise."""
    if isinstance(outcome, CarriedOut):
        return outcome.sentences
    written = command.write()
    is_told = isinstance(outcome, HeldBack) and written.casefold() != command.words.casefold()
    return (*([f"It was understood as: {written}."] if is_told else []), str(outcome))


def _answer_line(line: Line, outcomes: Sequence[CarriedOut | Refused], hints: tuple[str, ...]) -> office.Answered:
    done = [one for one in outcomes if isinstance(one, CarriedOut)]
    pairs = zip(line.commands, outcomes, strict=True)
    sentences = [sentence for command, one in pairs for sentence in _say_outcome(command, one)]
    is_whole = len(done) == len(outcomes) and not line.fault
    if done:
        became = office.Became.DONE if is_whole else office.Became.IN_PART
    else:
        became = office.Became.STRANGE if line.fault else office.Became.NOT_DONE
    is_said = line.fault and not (hints and line.fault == NO_ORDER)  # what would work says it
    said = tuple(dict.fromkeys((*sentences, *([line.fault] if is_said else []))))
    return office.Answered(words=line.words, became=became, sentences=said, hints=hints)
