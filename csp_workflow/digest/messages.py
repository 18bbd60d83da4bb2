"""Messages that wait for the co-ordinator: what each says in its writer's words, and how it is settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from csp_workflow.digest.facts import DigestFacts
from csp_workflow.digest.occasions import offer_questions
from csp_workflow.letters.morning import Item, Need
from csp_workflow.letters.office import ANSWER_KIND, WaitingMessage, find_asker
from csp_workflow.letters.render import find_topic
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import LetterState, QueuedLetter
from csp_workflow.terms.messages import ASKS, ORDERS_HELD, Verdict
from csp_workflow.terms.phrases import capital, day, joined, moment, plural
from csp_workflow.terms.prepared_orders import offer_settling
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.service_status import Failures, FoundTopic
from csp_workflow.terms.site import Assent
from csp_workflow.terms.topics import Topic

_SENDERS_NAMED = 3

_LAW_PRESSES = 3
"""For so many days before an answer is due by law it is said each morning."""


def list_messages(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """Each message that waits for a person, strangers' together; one that may be about a topic stands elsewhere."""
    strangers = list_strangers(facts)
    if strangers:
        title = f"{plural(len(strangers), 'message')} from strangers"
        yield Need(title=title, sentence=_say_strangers(strangers), words=("DISMISS STRANGERS",))
    for message in (one for one in facts.waiting if not one.topics and one not in strangers):
        asked, whose = _say_who_wrote(facts, message), _name_writer(facts, message)
        answer, told = _answer(facts, message, now)
        item = Item(about=message.id, called=f"message {message.short}", of=message.respondents)
        if message.has_bank_details:
            sentence = f"{_say_who_wrote(facts, message)}. {message.reason}"
            yield _need_of(
                message, f"Perhaps bank details, from {whose}", sentence, (f"DISMISS {message.short}",), item
            )
        elif failed := message.failures:
            words = (*answer, f"REPLAY {message.short}", f"DISMISS {message.short}")
            sentence = f"{asked}{_subject(message)}. {_say_failures(message, failed)}{told}"
            yield _need_of(message, f"We failed on a message of {whose}", sentence, words, item)
        elif not message.is_held:
            # Whoever owes nothing, the secretariat, is not reminded: it is said what their message is about.
            then = " Reminders are paused." if _is_reminded(facts, message) else ""
            is_plain = message.respondents and (message.verdict is not Verdict.QUESTION or message.reason == ASKS)
            then = then if is_plain else f" {message.reason}{then}"
            answers, ours = offer_questions(facts, message)
            sentence = f"{asked} and waits for your answer{_subject(message)}.{then}{told}"
            words = (*ours, *_offer_settling(facts, message, now), *answer, f"DONE {message.short}")
            yield replace(_need_of(message, f"A question of {whose}", sentence, words, item), answers=answers)
        else:
            sentence = f"{asked}{_subject(message)}. {message.reason}{told}"
            words = (*answer, _offer_taking(facts, message), f"DISMISS {message.short}")
            yield _need_of(message, f"A held message of {whose}", sentence, words, item)


def _offer_settling(facts: DigestFacts, message: WaitingMessage, now: datetime) -> Iterator[str]:
    for cycle in facts.shown:
        for of, status in cycle.owed_returns():
            if of.key in message.respondents:
                owes = status.state is ReturnState.REQUESTED and cycle.waits_for(of)
                chairs = of.givers(Assent.APPROVAL, london_day(message.received))
                is_chairs = any(c.acts_from(message.sender) for c in chairs)
                yield from offer_settling(of, status, message.words, london_day(now), owes=owes, is_chairs=is_chairs)


def _need_of(message: WaitingMessage, title: str, sentence: str, words: tuple[str, ...], item: Item) -> Need:
    return Need(title=title, sentence=sentence, words=words, item=item, quote=message.words)


def _offer_taking(facts: DigestFacts, message: WaitingMessage) -> str:
    """The order that takes what a held message says: an act by its own order, anything else by reading it again."""
    codes = {r.key: r.code for r in facts.site.respondents}
    act = ORDERS_HELD.get(message.reason)
    return act.format(codes[message.respondents[0]]) if act else _offer_assigning(facts, message)


def _offer_assigning(facts: DigestFacts, message: WaitingMessage) -> str:
    """The order that takes a held message as somebody's, with the code where it can only be one."""
    codes = [r.code for r in facts.site.respondents if r.key in message.respondents]
    return f"ASSIGN {message.short} TO {codes[0] if len(codes) == 1 else 'CODE'}"


def list_strangers(facts: DigestFacts) -> tuple[WaitingMessage, ...]:
    """The strangers' messages that are told of together: several, and none that may be about a topic."""
    found = tuple(message for message in facts.waiting if message.stranger_since and not message.topics)
    return found if len(found) > 1 else ()


def _say_strangers(strangers: Sequence[WaitingMessage]) -> str:
    senders = list(dict.fromkeys(message.sender or "somebody" for message in strangers))
    more = [plural(len(senders) - _SENDERS_NAMED, "other")] if len(senders) > _SENDERS_NAMED else []
    named = joined([*senders[:_SENDERS_NAMED], *more])
    return (
        f"{plural(len(strangers), 'message')} came from strangers ({named}), and nothing ties them to a return. "
        "They are listed below; what they brought is unopened. If one is somebody's, reply ASSIGN, its id, TO and the "
        "code. Nothing goes to strangers from here: whom you want to answer you write to from your own mailbox, at the "
        "address listed. The rest can be put aside together, and are kept."
    )


def _say_failures(message: WaitingMessage, failed: Failures) -> str:
    """What we failed at, how often, and when it is worth another look."""
    often = f"at {moment(failed.last)}" if failed.count == 1 else f"{failed.count} times, last at {moment(failed.last)}"
    return f"We failed on it {often}. {message.reason} Once it is put right, REPLAY looks at the message again."


def _is_reminded(facts: DigestFacts, message: WaitingMessage) -> bool:
    """Whether anybody whom a message is about would be reminded of something if it did not wait."""
    return any(
        (of.needs_approval and any(map(status.wants, Assent)))
        or (status.state is ReturnState.QUERIED and not cycle.is_settled)
        or (status.state is ReturnState.REQUESTED and cycle.waits_for(of))
        for cycle in facts.shown
        for of, status in cycle.owed_returns()
        if of.key in message.respondents
    )


_ON_ITS_WAY = {
    *(LetterState.QUEUED, LetterState.CLAIMED, LetterState.HANDING, LetterState.UNKNOWN),
    LetterState.IN_DRAFTS,
}


def _answer(facts: DigestFacts, message: WaitingMessage, now: datetime) -> tuple[tuple[str, ...], str]:
    """The words by which she answers it from here, where that would succeed; and what became of her last answer."""
    asker = find_asker(facts.site, message.sender, message.respondents, london_day(now))
    is_reached = asker is not None and not facts.service.say_lost(asker.contact.address)
    words, mine = (f"ANSWER {message.short}",) if is_reached else (), _find_answer(facts, message)
    if mine is None:
        is_answerable = message.sender and (message.stranger_since or message.verdict is Verdict.QUESTION)
        from_hers = f" Nothing goes to {message.sender} from here: please answer from your own mailbox."
        return words, " Write your answer below ANSWER." if words else from_hers if is_answerable and not asker else ""
    if mine.state in _ON_ITS_WAY:
        return (f"RECALL {message.short}",), f" Your answer of {moment(mine.queued)} has not left yet."
    became = f" {mine.reason}" if mine.reason else ""
    left = "left" if mine.state is LetterState.SENT else "was not sent"
    return words, f" Your answer of {moment(mine.queued)} {left}.{became}"


def _find_answer(facts: DigestFacts, message: WaitingMessage) -> QueuedLetter | None:
    """Her last answer to a message."""
    mine = [x for x in facts.every_letter if x.kind == ANSWER_KIND.name and message.id in {a.message for a in x.about}]
    return mine[-1] if mine else None


def _say_who_wrote(facts: DigestFacts, message: WaitingMessage) -> str:
    asker = find_asker(facts.site, message.sender, message.respondents, london_day(message.received))
    names = joined(r.name for r in facts.site.respondents if r.key in message.respondents)
    whose = f" ({names})" if names else ""
    who = asker.named if asker else f"{message.sender or 'somebody'}{whose}"
    return f"{capital(who) if not message.sender else who} wrote at {moment(message.received)}"


def _name_writer(facts: DigestFacts, message: WaitingMessage) -> str:
    """Whose a message is, in few words: those it is about, else whoever sent it.

    An answer to it that was lost on its way out is said here, so that the thing is new to her.
    """
    names = joined(r.name for r in facts.site.respondents if r.key in message.respondents)
    mine = _find_answer(facts, message)
    is_lost = mine and mine.state is LetterState.WITHDRAWN and mine.cause not in facts.service.recalled
    return f"{names or message.sender or 'somebody'}{' (your answer was not sent)' if is_lost else ''}"


def list_topics(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """Each message that may be about something else, by itself, the first to be answered first."""
    found = [message for message in facts.waiting if message.topics]
    for message in sorted(
        found, key=lambda m: (min(one.due or london_day(m.received) for one in m.topics), m.received)
    ):
        said = (_say_topic(facts, one, message, london_day(now)) for one in message.topics)
        answer, told = _answer(facts, message, now)
        assign = (_offer_assigning(facts, message),) if message.is_held and not message.has_bank_details else ()
        files = f" It brought {joined(message.unopened)}, which nobody has opened." if message.unopened else ""
        sentence = f"{_say_who_wrote(facts, message)}{_subject(message)}. {' '.join(said)}{files}{told}"
        names = joined((facts.site.topics.find(one.topic).name for one in message.topics), "or")
        title = f"Perhaps {names}, from {_name_writer(facts, message)}"
        words = (*answer, f"DONE {message.short}", *assign)
        presses = any(one.due and (one.due - london_day(now)).days <= _LAW_PRESSES for one in message.topics)
        yield Need(title=title, sentence=sentence, words=words, quote=message.words, presses=presses)


def _say_topic(facts: DigestFacts, found: FoundTopic, message: WaitingMessage, today: date) -> str:
    topic = facts.site.topics.find(found.topic)
    tense = "was" if found.due and found.due < today else "is"
    law = f" The answer {tense} due by law by {day(found.due)}." if found.due else ""
    return f"It may be {topic.name}.{law}{_say_passed(facts, found, message, topic)}"


def _say_passed(facts: DigestFacts, found: FoundTopic, message: WaitingMessage, topic: Topic) -> str:
    """Whose it is now; nothing where it is hers anyhow."""
    why = "It may hold bank details" if message.has_bank_details else "It was one too many that day"
    if not topic.address:
        return f" {why}." if message.has_bank_details else ""
    to = joined(c.name for c in facts.site.handlers(topic, london_day(message.received)))
    return f" It was passed on to {to}." if found.passed else f" {why}: please pass it on to {to}."


def _subject(message: WaitingMessage) -> str:
    """Their own subject, where nothing is quoted and it is not ours sent back."""
    is_theirs = message.subject and find_topic(message.subject) == message.subject.strip()
    return f': "{message.subject}"' if is_theirs and not message.words else ""
