"""A reply of the co-ordinator's as a whole: which of its orders must wait, what she may have meant, and the answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from csp_workflow.desk.commands import ANSWERED_AT_ONCE, BRINGS_LETTER, HARMLESS, Command, Line, Parsed, Verb
from csp_workflow.desk.facts import (
    CarriedOut,
    HeldBack,
    OrderFacts,
    Refused,
    find_message,
    find_orderer,
    list_answered,
    list_perhaps_answered,
    may_order,
)
from csp_workflow.desk.reading import NO_ORDER
from csp_workflow.letters import office
from csp_workflow.letters.answers import question
from csp_workflow.letters.office import WaitingMessage, find_asker
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment, Judgement, Verdict
from csp_workflow.terms.phrases import joined

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
        and all(isinstance(one, CarriedOut) for one in outcomes)
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
