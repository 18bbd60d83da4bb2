"""What the mail itself needs of the co-ordinator: messages that wait, in their writers' words, and how each is settled;
addresses that letters do not reach or nobody has confirmed, letters that came back, mail that is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from csp_workflow.digest.facts import DigestFacts, find_holder
from csp_workflow.digest.occasions import offer_questions
from csp_workflow.letters.catalogue import find_topic
from csp_workflow.letters.contacts import file_of
from csp_workflow.letters.morning import Item, Need
from csp_workflow.letters.office import ANSWER_KIND, WaitingMessage, find_asker
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import LetterState, QueuedLetter
from csp_workflow.terms.messages import ASKS, HELD_ACTS, ORDERS_HELD, Blame, Topic, Verdict
from csp_workflow.terms.people import NamedContact, offer_contacts
from csp_workflow.terms.phrases import capital, day, joined, moment, plural
from csp_workflow.terms.queries import offer_settling
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.service_status import Failures, FoundTopic
from csp_workflow.terms.site import Assent, Contact, Respondent

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
            take, gone = _offer_taking(facts, message)
            sentence = f"{asked}{_subject(message)}. {message.reason}{gone}{told}"
            words = (*answer, *take, f"DISMISS {message.short}")
            yield _need_of(message, f"A held message of {whose}", sentence, words, item)


def _offer_settling(facts: DigestFacts, message: WaitingMessage, now: datetime) -> Iterator[str]:
    for cycle in facts.shown:
        for of, status in cycle.owed_returns():
            if of.key in message.respondents:
                owes = status.state is ReturnState.REQUESTED and cycle.waits_for(of)
                chairs = of.givers(Assent.APPROVAL, london_day(message.received))
                how = {"owes": owes, "is_chairs": any(c.acts_from(message.sender) for c in chairs)}
                wrote = message.received
                yield from offer_settling(of, status, message.words, london_day(now), wrote=wrote, **how)


def _need_of(message: WaitingMessage, title: str, sentence: str, words: tuple[str, ...], item: Item) -> Need:
    return Need(title=title, sentence=sentence, words=words, item=item, quote=message.words)


def _offer_taking(facts: DigestFacts, message: WaitingMessage) -> tuple[tuple[str, ...], str]:
    """The order that takes what a held message says: an act by its own order, anything else by reading it again. None,
    and why, for a yes to what does not wait for one any more."""
    act = ORDERS_HELD.get(message.reason)
    if act is None:
        return (_offer_assigning(facts, message),), ""
    of = next(r for r in facts.site.respondents if r.key == message.respondents[0])
    stands = [cycle.status.returns[of.key] for cycle in facts.shown if of.key in cycle.status.returns]
    assent = next((one for one in Assent if HELD_ACTS[one][0] == message.reason), None)
    if assent is None or any(one.may_have_meant(assent, message.received) for one in stands):
        return (act.format(of.code),), ""
    is_newer = any(one.received and one.received > message.received for one in stands)
    why = "A new version came after they wrote, so this is no yes to it" if is_newer else "No such yes is wanted now"
    return (), f" {why}."


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


# Addresses ------------------------------------------------------------------------------------------

_QUOTED = 160
"""Characters of another side's words that stand in the digest."""


def list_lost_addresses(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """Each address that no letter goes to and that still stands in the configuration, with how to put it right; not
    while somebody named in its place is asked, unless nobody can give a yes meanwhile."""
    today = london_day(now)
    for address, _ in sorted(facts.service.undeliverable.items(), key=lambda pair: (pair[1].since, pair[0])):
        person, respondents = find_holder(facts, address, today)
        if person is not None:
            sentence = " ".join(_say_loss(facts, person, respondents, today))
            named = facts.service.undeliverable[address].named.split(", ")
            orders = _offer_others(facts, address, today, tuple(filter(None, named)))
            unasked = _list_unasked(facts, person, respondents, today)
            if not unasked and _is_being_replaced(facts, address, respondents):
                continue
            verb, undone = _UNASKED.get(person.role.assent, ("", ""))
            sentence += "".join(undone.format(r.name) for r in unasked)
            orders += tuple(f"{verb} {r.code} BY whom BECAUSE evidence" for r in unasked)
            item = _find_item(address, respondents)
            title = f"No letter reaches {person.name}"
            told_at = None if unasked else facts.service.undeliverable[address].since
            words = (*orders, f"ADDRESS OK {address}")
            yield Need(title=title, sentence=sentence, words=words, item=item, told_at=told_at)


def _is_being_replaced(facts: DigestFacts, address: str, respondents: tuple[Respondent, ...]) -> bool:
    """Whether somebody reached was named in an address's place, wherever it stands, and has still to confirm."""
    named = [one for one in facts.service.people.unconfirmed if facts.service.reaches(one.contact)]
    keys = {one.respondent for one in named if address in {x.lower() for x in one.replaces}}
    return bool(respondents) and keys >= {r.key for r in respondents}


_UNASKED: Mapping[Assent | None, tuple[str, str]] = {
    Assent.APPROVAL: ("APPROVED", " The return of {} is complete, and nobody is asked to approve it."),
    Assent.CERTIFICATE: ("CERTIFIED", " The grant money of {} is stated, and nobody is asked to certify it."),
}
"""The order, and what is said, where a yes is wanted that nobody is asked for."""


def _list_unasked(
    facts: DigestFacts, person: Contact, respondents: tuple[Respondent, ...], today: date
) -> list[Respondent]:
    """Whose return waits for a yes of somebody who is not reached, which nobody else is asked for."""
    assent = person.role.assent
    return [
        of
        for cycle in facts.shown
        for of, status in cycle.owed_returns()
        if assent and of in respondents and of.needs_approval
        if status.wants(assent) and not cycle.givers(of, assent, today) and not cycle.papers_are_out
    ]


def _find_item(address: str, respondents: tuple[Respondent, ...]) -> Item | None:
    """By which respondents' codes a thing about an address is put off; the office's own never is."""
    if not respondents:
        return None
    keys = tuple(r.key for r in respondents)
    return Item(about=keys[0], what=f"address {address}", called=joined(r.name for r in respondents), of=keys)


def _offer_others(facts: DigestFacts, address: str, today: date, named: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The orders that put somebody else in the place of whoever has an address."""
    person, respondents = find_holder(facts, address, today)
    return offer_contacts(facts.site, facts.service, person, respondents, named, today) if person else ()


def _say_loss(facts: DigestFacts, person: Contact, respondents: tuple[Respondent, ...], today: date) -> Iterator[str]:
    lost = facts.service.undeliverable[person.address.lower()]
    where = f" ({joined(r.name for r in respondents)})" if respondents else ""
    since = day(london_day(lost.since))
    if lost.disowned:
        yield f"{person.name}{where} wrote on {since} that this is no longer for them."
        if lost.named:
            yield f"They name {lost.named}; nothing is sent there before you say so."
    else:
        code = f", with the code {lost.status}" if lost.status else ""
        yield f"Letters to {person.name}{where} come back since {since}{code}."
    instead = {c.address: c.name for r in respondents for c in facts.service.written_to(r, today)}
    if instead:
        yield f"Letters go to {joined(instead.values())} meanwhile."
    elif respondents:
        yield "Nobody else there can be written to."
    here, address = {LetterState.QUEUED, LetterState.IN_DRAFTS}, person.address.lower()
    waiting = sum(x.state in here and x.recipient.lower() == address for x in facts.every_letter)
    if waiting:
        yield f"{plural(waiting, 'letter')} to them {'waits' if waiting == 1 else 'wait'}."
    if respondents:
        yield "Please name the right person, or say that the address is right."
    else:
        yield (
            f"Whoever keeps the configuration puts the right person into {file_of(respondents)}; please forward this "
            "to them, or say that the address is right."
        )


_BACK = {
    Blame.PASSING: (
        "did not arrive on {since}: their mailbox is full, or their mail system busy or out of order.",
        "That may pass; the next letter is tried as usual. Please phone if it cannot wait.",
    ),
    Blame.GIVEN_UP: (
        "was tried for as long as mail is tried, and given up on {since}: it counts as not delivered.",
        "Please phone and ask whether their mail works, then send it again from the mailbox's sent folder.",
    ),
    Blame.UNCLEAR: (
        "came back on {since}, and it is not clear why.",
        "Please look at the notice in the mailbox. If somebody else is to be written to, name them.",
    ),
}


def list_letters_back(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """Each address that a letter did not reach and that stays in use, but for those that refuse us for what we are."""
    today = london_day(now)
    for address, one in sorted(facts.service.returned.items(), key=lambda pair: (pair[1].since, pair[0])):
        if one.blame not in _BACK:
            continue
        name, respondents = _name_holder(facts, address, today)
        what, wanted = _BACK[one.blame]
        if one.blame is Blame.GIVEN_UP and _is_still_here(facts, address):
            wanted = "Please phone and ask whether their mail works. It never left: how to send it again is below."
        since = what.format(since=day(london_day(one.since)))
        sentence = f"A letter to {name} {since}{_quote(one.said)} {wanted}"
        orders = _offer_others(facts, address, today) if one.blame is Blame.UNCLEAR else ()
        item = _find_item(address, respondents)
        title = f"A letter came back from {name}"
        words = (*orders, f"ADDRESS OK {address}")
        yield Need(title=title, sentence=sentence, words=words, item=item, told_at=one.since)


def _is_still_here(facts: DigestFacts, address: str) -> bool:
    """Whether a letter to an address was given up here, so that it lies in no folder of letters that were sent."""
    return any(x.state is LetterState.FAILED and x.recipient.lower() == address for x in facts.every_letter)


def list_refusals(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """Those whose mail systems refuse us for what we are, together: the fault is one, and ours."""
    refused, today = facts.service.refused, london_day(now)
    if not refused:
        return
    names = joined(_name_holder(facts, address, today)[0] for address in sorted(refused))
    last = max(refused.values(), key=lambda one: one.since)
    since = day(london_day(min(one.since for one in refused.values())))
    yield Need(
        title="Our mail is refused",
        sentence=f"Our mail is refused since {since} by the mail systems of {names}.{_quote(last.said)} The fault is "
        "with our mail, so no address was marked. Please have whoever runs it look at it, then send again what was "
        "refused.",
        words=("RESUME",) if facts.service.on_hold else tuple(f"ADDRESS OK {address}" for address in sorted(refused)),
    )


def _name_holder(facts: DigestFacts, address: str, today: date) -> tuple[str, tuple[Respondent, ...]]:
    person, respondents = find_holder(facts, address, today)
    where = f" ({joined(r.name for r in respondents)})" if respondents else ""
    return f"{person.name if person else address}{where}", respondents


def _quote(said: str) -> str:
    """The other side's words, as a sentence of ours with them in it."""
    return f' They say: "{said[:_QUOTED]}".' if said else ""


# Named, and not confirmed yet ------------------------------------------------------------------------

PATIENCE = 2
"""Working days in which an address may be confirmed before the co-ordinator is told; one that fails is told at once."""


def list_unconfirmed(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """What waits for an address to be confirmed, and does so for long or in vain."""
    today, service = london_day(now), facts.service
    names = {respondent.key: respondent for respondent in facts.site.respondents}
    for one in service.people.unconfirmed:
        asked = london_day(one.named)
        lost = not service.reaches(one.contact)
        if one.respondent not in names or not (lost or facts.site.working_days.between(asked, today) >= PATIENCE):
            continue
        address, of = one.contact.address, names[one.respondent]
        why = "letters there come back" if lost else "has not answered whether the address is right"
        whom = f"{one.contact.name} <{address}>, named as {one.contact.role} for {of.name} on {day(asked)}"
        sentence = f"{whom}: {why}. Nothing else goes there. Please phone, or name another address."
        again = (f"ADDRESS OK {address}",) if lost else (f"YES {address}", _write_again(one, of.code, today))
        item = Item(about=of.key, what=f"address {address}", called=of.name)
        title = f"The address of {one.contact.name} is not confirmed"
        yield Need(title=title, sentence=sentence, words=(*again, f"NO {address}"), item=item)


def _write_again(one: NamedContact, code: str, today: date) -> str:
    """The same order once more: the question goes out again."""
    contact = one.contact
    since = f" FROM {day(contact.valid_from)}" if contact.valid_from > today else ""
    until = f" TO {day(contact.valid_to)}" if contact.valid_to < date.max else ""
    instead = f" INSTEAD OF {one.replaces[0]}" if len(one.replaces) == 1 else ""
    return f"CONTACT {code} {contact.role} {contact.name} <{contact.address}>{since}{until}{instead}"
