"""What may be about something else than a return is passed on, or held where it may be bank details.

It goes to whoever deals with it, with the message as it came; the co-ordinator's morning letter keeps it until she says
that it is dealt with. A contact is told to whom it went, and nobody is promised what becomes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest

from csp_workflow.forms.refusals import KEPT_IN
from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.sender import identify_message, is_office, is_stranger
from csp_workflow.letters.catalogue import find_topic
from csp_workflow.letters.office import keep_for_morning
from csp_workflow.letters.topics import PassedOn, bank_details_held, passed_on, passed_on_told
from csp_workflow.mail.words import is_forwarded, plain_words, split_sentences
from csp_workflow.terms.bank_details import BANK_DETAILS, has_bank_details
from csp_workflow.terms.events import Decision, Event, Happened, Letter, Manner
from csp_workflow.terms.messages import Topic, Topics, Verdict
from csp_workflow.terms.personal import keep_back
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.site import Contact, Respondent

_REPLY = re.compile(r"^\s*(?:re|aw|antw|sv|atb|ateb|odp)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A topic that a message may be about, with those who deal with it; `fits` says whether it may go there today."""

    topic: Topic
    handlers: tuple[Contact, ...]
    fits: bool


def pass_on_topics(case: MessageCase, decision: Decision) -> Decision:
    """The decision with what passes its message on, where it may be about something else than a return."""
    found = tuple(_find(case))
    if not found:
        return decision
    known = {one.topic for one in case.facts.service.topics if one.message == case.message.id}
    return replace(
        decision,
        events=(*decision.events, *(_note(case, one) for one in found if one.topic.key not in known)),
        letters=(*_tell_contact(case, decision.letters, found), *(x for one in found for x in _write(case, one))),
    )


def _find(case: MessageCase) -> Iterator[_Found]:
    site = case.site
    handlers = {c.address.lower() for topic in site.topics.topics for c in site.handlers(topic, case.day)}
    if not case.doubt and (is_office(case.sender, site.office) or case.sender in handlers):
        return
    for topic in find_topics(_list_texts(case), site.topics, is_stranger=is_stranger(case)):
        people, passed = site.handlers(topic, case.day), case.facts.passed_today
        is_known = bool(case.registered_for) and not case.doubt
        few = all(passed.get(c.address.lower(), 0) < site.limits.passed_on_a_day for c in people)
        yield _Found(topic=topic, handlers=people, fits=is_known or few)


def _list_texts(case: MessageCase) -> Iterator[str]:
    """All in which a topic may stand: own words, the subject that was written, what is sent on, the names of files."""
    message = case.message
    if not (message.own and _REPLY.match(message.subject)):
        yield find_topic(message.subject)
    yield message.own
    yield from (*message.enclosed_texts, *message.inside)
    yield from (attachment.name for attachment, _ in case.facts.opened)
    if is_forwarded(message):
        yield message.text
        yield message.html_text


def _note(case: MessageCase, found: _Found) -> Event:
    due = found.topic.find_due(case.day, case.site.working_days)
    return case.event(
        Happened.TOPIC_FOUND,
        quarter=None,
        respondent="",
        topic=found.topic.key,
        due=due.isoformat() if due else "",
        passed=found.fits,
    )


def _write(case: MessageCase, found: _Found) -> Iterator[Letter]:
    message = case.message
    passed = PassedOn(
        message=message.id,
        topic=found.topic,
        sender=message.sender,
        received=message.received,
        due=found.topic.find_due(case.day, case.site.working_days),
        words=case.words,
        original=case.facts.original,
        kept_in=tuple(keep_back(a.name) or "a file" for a, found in case.facts.unreadable() if found.reason in KEPT_IN),
    )
    # The days that the law sets are many: she reads of it in her morning letter, first of all. A contact is told that
    # it was passed on, which is to be true when they read it.
    may_wait = found.fits and passed.due is not None and not (found.topic.address or case.registered_for)
    for person in found.handlers:
        letter = passed_on(person, passed, is_last=not found.fits)
        is_hers = may_wait and person == case.site.office.co_ordinator and not case.site.questions_at_once
        yield keep_for_morning(letter, case.site, case.now) if is_hers else letter


def _tell_contact(case: MessageCase, letters: Sequence[Letter], found: Sequence[_Found]) -> Iterator[Letter]:
    """The letters, with a sentence in those that answer a contact; one more for a contact whom none answers."""
    mine = {} if case.doubt else {c.address.lower(): c for r in case.registered_for for c in case.correspondents(r)}
    offices = joined({one.handlers[0].name: None for one in found})
    said = f"We have passed your message to {offices}, because it may be {joined(one.topic.name for one in found)}."
    is_told = False
    for letter in letters:
        answers = letter.manner is Manner.ANSWER and letter.recipient.lower() in mine
        is_told = is_told or answers
        yield replace(letter, facts={**letter.facts, "passed_on": said}) if answers else letter
    for person in () if is_told else tuple(mine.values())[:1]:
        known = case.refer(None, case.registered_for, person.address)
        letter = passed_on_told(person, known)
        yield replace(letter, facts={**letter.facts, "passed_on": said})


# What else a message may be about: an information request, a complaint, a press enquiry, a safeguarding concern


_BEGIN, _END, _ASKED = "^", "$", "?"
_GAP = r"(?: \w+){0,10}? "
_SPEAKS = re.compile(r"\b(?:i|me|my|myself)\b")
_GOES_ON = re.compile(r"(?<=[^.!?:;\n]{30})\n(?=\S)|\n(?=[a-z(\"'\u2018\u201c])")
"""Where a program has wrapped a line: the sentence goes on below a long line, and in one that begins small."""

_MARK = re.compile(r"^(?:[ \t]*>)+[ \t]?", re.MULTILINE)
_LONG = 7
"""Letters of a word that is known though one is left out; shorter ones would be other words."""

_MOST = 40_000
"""Characters that are looked through."""


def find_topics(texts: Iterable[str], topics: Topics, *, is_stranger: bool = False) -> tuple[Topic, ...]:
    """The topics that some texts (a subject, words, the names of files) may be about, in the site's order."""
    spelling = _list_slips(topics)
    said = [_mend(one, spelling) for text in texts for one in _split_said(text[:_MOST])]
    spoken = [one for one in said if _SPEAKS.search(one) or not _compile(topics.footers).search(one)]
    plain = [one for one in spoken if not _compile(topics.reporting).search(one)]

    def is_it(topic: Topic) -> bool:
        strange = is_stranger and _stands(topic.strangers, spoken)
        return strange or _stands(topic.phrases, spoken) or _stands(topic.mentions, plain)

    return tuple(filter(is_it, topics.topics))


def _stands(phrases: tuple[str, ...], said: Sequence[str]) -> bool:
    together = [one.split("&") for one in phrases if "&" in one]
    alone = tuple(one for one in phrases if "&" not in one)
    return any(_compile(alone).search(one) for one in said) or any(
        all(_compile((part,)).search(two) for part in parts) for two in map("".join, _pair(said)) for parts in together
    )


def _pair(said: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each sentence with the next: who is meant often stands in one, and what happens to them in the other."""
    return zip_longest(said, said[1:], fillvalue="")


@cache
def _list_slips(topics: Topics) -> Mapping[str, str]:
    """How the longer words of the phrases are mistyped: a letter left out, or two exchanged."""
    phrases = (one for t in topics.topics for one in (*t.phrases, *t.mentions, *t.strangers))
    words = {word for one in phrases for word in re.split(r"[\s|&.]+", one) if word.isalpha()}
    return {slip: word for word in words if len(word) >= _LONG for slip in _slip(word) if slip not in words}


def _slip(word: str) -> Iterator[str]:
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _mend(sentence: str, spelling: Mapping[str, str]) -> str:
    return " ".join(spelling.get(word, word) for word in sentence.split(" "))


def _split_said(text: str) -> Iterator[str]:
    """The sentences of a text in plain words, each with its beginning and end marked, between two blanks."""
    for line in _GOES_ON.sub(" ", _MARK.sub("", text)).split("\n"):
        for one in split_sentences(line):
            yield f" {_BEGIN} {plain_words(one)} {_ASKED if one.rstrip().endswith('?') else _END} "


@cache
def _compile(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for any of some phrases; one that nothing fits for none."""
    return re.compile(f" (?:{'|'.join(map(_write_pattern, phrases)) or '(?!)'}) ")


def _write_pattern(phrase: str) -> str:
    """ "wish|want to ... complain*" as a pattern over plain words."""
    parts = (" ".join(map(_write_word, part.split())) for part in phrase.split("..."))
    return _GAP.join(parts)


def _write_word(word: str) -> str:
    if word in (_BEGIN, _END, _ASKED):
        return re.escape(word)
    either = (re.escape(plain_words(one)) + (r"\w*" if one.endswith("*") else "") for one in word.split("|"))
    return f"(?:{'|'.join(either)})"


# Bank details: quarantined whole, before anything in the message is read, and never acted on ------------

_REASON = (
    "It may hold bank details or say that they have changed, so nothing in it was read or recorded, and none of it is "
    "repeated here. It is in the mailbox, in the folder Quarantine. If somebody's account has changed, finance "
    "confirms that by a phone number that was known before."
)


def has_bank_details_in(case: MessageCase) -> bool:
    """Whether any part of a message, or a file that was opened, may hold bank details."""
    is_in_files = any(found.reason == BANK_DETAILS for _, found in case.facts.unreadable())
    return is_in_files or any(map(has_bank_details, _list_everything(case)))


def _list_everything(case: MessageCase) -> Iterator[str]:
    message = case.message
    yield from (message.text, message.html_text, *message.enclosed_texts, message.subject, message.sender_name)
    yield from (*message.rows, *message.inside)
    yield from (attachment.name for attachment in message.attachments)
    yield from (attachment.name for attachment, _ in case.facts.opened)


def hold_bank_details(case: MessageCase, *, is_human: bool) -> Decision:
    """Quarantine it for the co-ordinator; a person whose address is known is told once, in words that repeat nothing.

    What else it may be about is noted, so that she passes it on: a child's safety waits for nobody.
    """
    whose = identify_message(case)
    events = case.wait_for_a_person(Happened.MESSAGE_HELD, whose.respondents, whose.quarter, why=BANK_DETAILS)
    mine = case.registered_for if is_human and not case.doubt else ()
    people = case.correspondents(mine[0])[:1] if mine else ()
    letters = tuple(_tell(case, mine, person) for person in people)
    held = case.conclude(Verdict.QUARANTINED, _REASON, respondents=whose.respondents, events=events, letters=letters)
    return replace(held, events=(*held.events, *_note_topics(case))) if is_human else held


def _note_topics(case: MessageCase) -> Iterator[Event]:
    for event in pass_on_topics(case, Decision()).events:
        yield replace(event, facts={**event.facts, "passed": False})


def _tell(case: MessageCase, mine: Sequence[Respondent], person: Contact) -> Letter:
    return bank_details_held(person, case.refer(None, mine, person.address), received=case.message.received)
