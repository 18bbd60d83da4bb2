"""A reply of the co-ordinator's as a whole: which of its orders must wait, what she may have meant, and the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from csp_workflow.desk.commands import Command, Line, Parsed
from csp_workflow.desk.facts import (
    CarriedOut,
    HeldBack,
    OrderFacts,
    Refused,
    find_message,
    find_orderer,
    list_answered,
    may_order,
)
from csp_workflow.desk.reading import NO_ORDER
from csp_workflow.desk.verbs import HARMLESS, Verb
from csp_workflow.letters import office as letters
from csp_workflow.letters.answers import question
from csp_workflow.letters.office import find_asker
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Attachment, Judgement
from csp_workflow.terms.phrases import joined

_PUTS_WHAT_OFF = "It does not say what is put off. Write LATER and a message's id or a respondent's code."
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


def say_why_it_waits(command: Command, parsed: Parsed) -> str:
    """Why an order that lets letters leave, or that no order takes back, must wait; "" when nothing stands against it.

    It is carried out only when every word beside it was understood. What only stops letters is always done.
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
    return ""


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
) -> Letter | None:
    """The answer to a mail of orders, line by line: `outcomes` stand in the order of `parsed.commands`.

    `hints` stand in the order of `parsed.not_understood`, and `taken` says what became of a draft of hers. None for an
    address that may not order: it gets no answer, so that nobody learns what would work.
    """
    if facts.sender and not may_order(facts, london_day(now)):
        return None
    left, meant = list(outcomes), list(hints)
    rows: list[letters.Answered] = []
    for line in parsed.lines:
        mine = [left.pop(0) for _ in line.commands]
        rows.append(_answer_line(line, mine, meant.pop(0) if line.fault and meant else ()))
    reply = letters.Reply(
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
    write = letters.command_done if is_done else letters.command_refused if outcomes else letters.command_not_understood
    return write(reply, rows)


def _say_outcome(command: Command, outcome: CarriedOut | Refused) -> tuple[str, ...]:
    """What was done, or why not; of an order that waits also how it was understood, where she wrote it otherwise."""
    if isinstance(outcome, CarriedOut):
        return outcome.sentences
    written = command.write()
    is_told = isinstance(outcome, HeldBack) and written.casefold() != command.words.casefold()
    return (*([f"It was understood as: {written}."] if is_told else []), str(outcome))


def _answer_line(line: Line, outcomes: Sequence[CarriedOut | Refused], hints: tuple[str, ...]) -> letters.Answered:
    done = [one for one in outcomes if isinstance(one, CarriedOut)]
    pairs = zip(line.commands, outcomes, strict=True)
    sentences = [sentence for command, one in pairs for sentence in _say_outcome(command, one)]
    is_whole = len(done) == len(outcomes) and not line.fault
    if done:
        became = letters.Became.DONE if is_whole else letters.Became.IN_PART
    else:
        became = letters.Became.STRANGE if line.fault else letters.Became.NOT_DONE
    is_said = line.fault and not (hints and line.fault == NO_ORDER)  # what would work says it
    said = tuple(dict.fromkeys((*sentences, *([line.fault] if is_said else []))))
    return letters.Answered(words=line.words, became=became, sentences=said, hints=hints)
