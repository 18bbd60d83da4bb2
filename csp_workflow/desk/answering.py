"""ANSWER: the co-ordinator's words to whoever wrote; and RECALL, or STOP, which take them back while they wait."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from csp_workflow.desk.commands import (
    CarriedOut,
    Command,
    OrderFacts,
    Refused,
    StepOrder,
    find_message,
    find_orderer,
    find_respondent,
    find_return,
    find_waiting,
    keep_order,
    note_change,
)
from csp_workflow.letters.office import ANSWER_KIND, Asker, WaitingMessage, answer_from_office, find_asker
from csp_workflow.mail.words import find_matter, plain_words, strip_furniture
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Event, Happened, LetterState, QueuedLetter
from csp_workflow.terms.messages import Attachment, short_id
from csp_workflow.terms.phrases import clock, joined, moment
from csp_workflow.terms.phrases import day as full_day

_LONGEST = 15_000
"""A little less than what is read of a message: nothing of an answer is cut off unsaid."""
_PICTURE = re.compile(r"^[ \t]*(?:\[(?:cid|image):[^\]]*\][ \t]*)+$\n?", re.IGNORECASE | re.MULTILINE)
"""What stands for a picture where a letter is read as plain text."""
_MAY_BE_TAKEN_BACK = {LetterState.QUEUED, LetterState.CLAIMED, LetterState.IN_DRAFTS}


def send_answer(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Let the co-ordinator's words go to the contact who wrote a message, once the time to take them back is over."""
    message = _find_asked(command, facts)
    asker = _require_asker(command, facts, message, london_day(now))
    said = strip_furniture(command.text, facts.site.courtesies, names=(find_orderer(facts).name,))
    if not find_matter(said, facts.site.courtesies):
        raise Refused(
            f"There is nothing in it for {asker.contact.name} beyond greetings and thanks, so nothing was sent. "
            f"Write ANSWER {message.short} on a line, and your words below it."
        )
    if len(command.text) > _LONGEST:
        raise Refused(
            f"Your answer is longer than {_LONGEST} characters, so nothing was sent. Please attach it as a file."
        )
    words = _PICTURE.sub("", command.text).strip()
    files = _find_files(command.files, facts.files)
    quarter = facts.status.quarter if facts.status and message.id in _list_paused(facts) else None
    letter = answer_from_office(
        asker,
        message.id,
        order=facts.message,
        quarter=quarter,
        by=find_orderer(facts).name,
        words=words,
        files=files,
    )
    told = " / ".join(line.strip() for line in words.split("\n") if line.strip())
    goes = f"after {clock(now + ANSWER_KIND.recall)}, in the conversation that they began"
    sentences = (
        f"These words go to {asker.named} {goes}: \u201c{told}\u201d",
        *([f"With it: {joined(f.name for f in files)}."] if files else []),
        *(["The pictures in your letter do not go with it."] if words != command.text else []),
        "Until then RECALL takes them back; so does STOP, which also halts everything else.",
        *_say_hold(facts, asker),
        *_say_earlier(facts, message),
        _say_what_follows(facts, message),
    )
    return CarriedOut(
        sentences=tuple(filter(None, sentences)),
        decision=keep_order(command, facts, now, respondent=asker.respondents[0].key if asker.respondents else ""),
        order=StepOrder(kind="answer", quarter=quarter, message=message.id, letters=(letter,)),
    )


def _find_asked(command: Command, facts: OrderFacts) -> WaitingMessage:
    if command.message or not command.respondent:
        return find_message(facts, command.message)
    found = find_respondent(facts, command.respondent)
    theirs = [m for m in facts.waiting if found.key in m.respondents]
    if len(theirs) == 1:
        return theirs[0]
    ids = ", ".join(m.short for m in theirs)
    which = f"Several messages of theirs wait: {ids}. Please name one." if theirs else "No message of theirs waits."
    raise Refused(f"Which message of {found.name} this answers cannot be told. {which}")


def _require_asker(command: Command, facts: OrderFacts, message: WaitingMessage, day: date) -> Asker:
    """Whoever wrote it, as registered. Refused when letters may not go there, or another was named."""
    asker = find_asker(facts.site, message.sender, message.respondents, day)
    if asker is None:
        raise Refused(
            f"{message.sender or 'Whoever wrote it'} is not registered with us, so nothing goes there from here. "
            f"Please write from your own mailbox; then reply DONE {message.short}."
        )
    lost = facts.service.say_lost(asker.contact.address)
    if lost:
        raise Refused(f"{lost} If it works again, reply ADDRESS OK {asker.contact.address} first.")
    called = set(plain_words(asker.named).split())
    if command.whom and not called & set(plain_words(command.whom).split()):
        raise Refused(f"Message {message.short} is from {asker.named}, not from '{command.whom}', so nothing was sent.")
    return asker


def _find_files(named: Iterable[str], attached: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """The attached files that are named, each once. Refused when one is not there."""
    chosen: dict[str, Attachment] = {}
    for name in named:
        parts = [name] if _files_called(name, attached) else re.split(r"\s*[,;&]\s*|\s+and\s+", name)
        for part in parts:
            found = _files_called(part, attached)
            if not found:
                there = f"Attached: {joined(a.name for a in attached)}." if attached else "Nothing is attached."
                raise Refused(f"No file '{part}' is attached to your letter, so nothing was sent. {there}")
            chosen |= {one.name: one for one in found}
    return tuple(chosen.values())


def _files_called(name: str, attached: tuple[Attachment, ...]) -> list[Attachment]:
    """With or without its extension; all of them where no name is given."""
    said = name.strip(" '\"\u201c\u201d.").casefold()
    return [a for a in attached if said in {"", "all", a.name.casefold(), a.name.casefold().rpartition(".")[0]}]


def _say_hold(facts: OrderFacts, asker: Asker) -> tuple[str, ...]:
    if facts.service.on_hold:
        return ("All sending is on hold: they leave when you reply RESUME.",)
    codes = [r.code for r in asker.respondents if r.key in facts.service.held_respondents]
    return (f"They wait while you hold {joined(codes)}: RESUME {codes[0]} lets them go.",) if codes else ()


def _say_earlier(facts: OrderFacts, message: WaitingMessage) -> tuple[str, ...]:
    """That it was answered before: both go."""
    mine = [x for x in facts.answers if message.id in {one.message for one in x.about}]
    sent = max((x.sent for x in mine if x.sent), default=None)
    waits = any(x in _list_recallable(facts) for x in mine)
    return (
        *([f"An answer of yours to it left at {moment(sent)}."] if sent else []),
        *(["Another answer of yours to it still waits, and goes too."] if waits else []),
    )


def _say_what_follows(facts: OrderFacts, message: WaitingMessage) -> str:
    if message not in facts.waiting:
        return ""
    if message.is_held:
        return f"Message {message.short} itself still waits, for ASSIGN or DISMISS."
    return f"When they have left, message {message.short} is settled."


def _list_paused(facts: OrderFacts) -> set[str]:
    returns = facts.status.returns.values() if facts.status else ()
    return {message for one in returns for message in (*one.open_questions, *one.held_messages)}


# Taking back ----------------------------------------------------------------------------------------


def recall_answer(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Take back what waits: the answer to the message that is named, else the one the letter tells of, else all."""
    waiting = _list_recallable(facts)
    named = {one.message for one in facts.answered.about} if facts.answered else set()
    if command.message:
        named = {find_message(facts, command.message).id}
    of_it = [x for x in waiting if named & {x.cause, *(one.message for one in x.about)}]
    chosen = of_it or ([] if command.message else waiting)
    if not chosen:
        sent = max((x.sent for x in facts.answers if x.sent), default=None)
        last = f" The last one left at {moment(sent)} and cannot be called back." if sent else ""
        raise Refused(f"No answer of yours waits to leave.{last}")
    return CarriedOut(
        sentences=say_recalled(chosen),
        decision=keep_order(command, facts, now, *note_recalled(facts, chosen, now)),
    )


def recall_all(facts: OrderFacts, now: datetime) -> tuple[tuple[Event, ...], tuple[str, ...]]:
    """What STOP does to the answers that wait, and what is said of it."""
    waiting = _list_recallable(facts)
    return note_recalled(facts, waiting, now), say_recalled(waiting)


def note_recalled(facts: OrderFacts, letters: Iterable[QueuedLetter], now: datetime) -> tuple[Event, ...]:
    """The events of answers that are taken back, by the message in which each was written."""
    return tuple(note_change(Happened.ANSWER_RECALLED, facts, now, subject=x.cause) for x in letters)


def say_recalled(letters: Iterable[QueuedLetter]) -> tuple[str, ...]:
    """That they are not sent, also when sending goes on."""
    return tuple(
        f"Your answer to {x.recipient} is taken back and is not sent, also not after RESUME. To send it all the same, "
        f"write it again with ANSWER {short_id(x.about[0].message)}."
        for x in letters
    )


def say_answer_waits(facts: OrderFacts, message: WaitingMessage) -> tuple[str, ...]:
    """That an answer to a message has not left yet, for whoever settles it; () where none waits."""
    waits = any(message.id in {one.message for one in x.about} for x in _list_recallable(facts))
    return ("Your answer to it has not left yet, and still goes; RECALL takes it back.",) if waits else ()


def _list_recallable(facts: OrderFacts) -> list[QueuedLetter]:
    return [x for x in facts.answers if x.state in _MAY_BE_TAKEN_BACK and x.cause not in facts.service.recalled]


# LATER: what waits for the co-ordinator is put off in her morning letter, never beyond a deadline -


def put_off(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Put off a message, or what waits about a respondent, until a day: the next working day where none is named.

    The step knows what waits: it refuses where nothing does, or nothing that may be put off.
    """
    today = london_day(now)
    until = command.day or facts.site.working_days.plus(today + timedelta(days=1), 0)
    if command.respondent:
        found, _ = find_return(facts, command.respondent)
        key, message, called = found.key, "", found.name
    else:
        waiting = find_waiting(facts, command.message)
        if waiting.topics:
            raise Refused(
                f"What message {waiting.short} may be about cannot wait, so it is not put off. DONE {waiting.short} "
                "settles it."
            )
        key, message, called = "", waiting.id, f"message {waiting.short}"
    if until <= today:
        raise Refused(f"{full_day(until)} is not a day to come.")
    last = _find_deadline(facts, today)
    if last and until > last[0]:
        raise Refused(f"{last[1]} on {full_day(last[0])}, so it can be put off until that day at the latest.")
    return CarriedOut(
        sentences=(
            f"What waits about {called} is put off until {full_day(until)}; then it comes back by itself.",
            "The morning letter counts it until then.",
        ),
        decision=keep_order(command, facts, now, respondent=key),
        order=StepOrder(kind="later", quarter=None, respondent=key, message=message, day=until),
    )


def _find_deadline(facts: OrderFacts, today: date) -> tuple[date, str] | None:
    """The next day by which the quarter's things must be decided, and what happens on it."""
    if facts.dates is None:
        return None
    ends = [(london_day(facts.dates.close), "The quarter closes")]
    ends += [(paper.clearance, "A paper is to be cleared") for paper in facts.dates.papers]
    return min((end for end in ends if end[0] >= today), default=None)
