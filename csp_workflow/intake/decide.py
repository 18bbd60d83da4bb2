"""Decide: one message, what is known, the time -> what to store and whom to answer, with exactly one verdict.

    classify > open > whose is it? > may they speak? > is it right? > what follows

The files are opened beforehand, in the sandbox. `sender` says whose it is and whether they may speak, `checks/` what
a form says and whether it is right, `outcomes/` what follows.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from csp_workflow.intake.case import IntakeFacts, MessageCase
from csp_workflow.intake.outcomes.beside import is_form
from csp_workflow.intake.outcomes.holding import hold_message, keep_failed
from csp_workflow.intake.outcomes.measures import take_catalogue
from csp_workflow.intake.outcomes.passing import has_bank_details_in, hold_bank_details, pass_on_topics
from csp_workflow.intake.outcomes.presence import follow_bounce, follow_leaving, is_puzzle, note_absence, note_presence
from csp_workflow.intake.outcomes.replies import answer_words
from csp_workflow.intake.outcomes.returns import list_answered, take_forms
from csp_workflow.intake.sender import (
    find_concerned,
    find_doubt,
    identify_form,
    identify_message,
    is_forged,
    is_office,
)
from csp_workflow.letters import answers
from csp_workflow.letters.catalogue import find_topic, kind_of
from csp_workflow.mail.classify import Classification, Sort, classify_message, is_notice_inside
from csp_workflow.mail.unpack import CALENDAR
from csp_workflow.mail.words import plain_words, read_words
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Decision, Event, Happened, Letter, Manner, together
from csp_workflow.terms.messages import IncomingMessage, Mark, Verdict
from csp_workflow.terms.site import Site, plain_address

_LAST_ANSWER = answers.a_person_will_reply.kind.name

_SILENT = {
    Sort.OWN: Verdict.OWN,
    Sort.BOUNCE: Verdict.BOUNCE,
    Sort.READ_RECEIPT: Verdict.READ_RECEIPT,
    Sort.OUT_OF_OFFICE: Verdict.OUT_OF_OFFICE,
    Sort.AUTOMATIC: Verdict.NOISE,
}
"""The sorts of message that get no answer, ever."""

_AGAIN = re.compile(r"\b(?:re|aw|sv|fwd?) ?:", re.IGNORECASE)
_NO_MORE = re.compile(r"\W*\bEOM\b\W*$|[\s:,;-]+$", re.IGNORECASE)
"""What is written at the end of a subject that is all there is."""

_IN_SOMEBODYS_NAME = {Sort.OUT_OF_OFFICE, Sort.AUTOMATIC}
"""What a program sends for a person: it may say that the person has left."""


def whom_to_ask_about(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> tuple[str, ...]:
    """The keys of the respondents whose facts `decide` may ask for. Their cycles need not be in `facts` yet."""
    return tuple(r.key for r in find_concerned(open_case(message, facts, now)))


def which_forms_came(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> tuple[str, ...]:
    """The hashes of the workbooks as they were sent, that `decide` may ask to be `shown`."""
    return list_answered(open_case(message, facts, now))


def decide(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> Decision:
    """Decide on a message. Raises nothing on any message; exactly one judgement is in the decision."""
    case = open_case(attribute_words(message, facts), facts, now)
    if facts.earlier:
        return case.conclude(Verdict.DUPLICATE, "The same message was looked at before.")
    sort = classify_message(
        message,
        own_addresses=frozenset({facts.site.office.mailbox.lower()}),
        is_own=bool(message.message_id) and message.message_id in facts.own_message_ids,
        is_known=_is_known(case),
        away=facts.site.away_phrases,
        said=(*case.message.matter, *(line for one in case.message.enclosed for line in one.matter)),
    )
    if sort.sort is not Sort.OWN and has_bank_details_in(case):
        return _limit_answers(case, hold_bank_details(case, is_human=sort.sort is Sort.HUMAN))
    if facts.failure and sort.sort in {Sort.HUMAN, Sort.AUTOMATIC}:
        kept = keep_failed(case, facts.failure)
        is_human = sort.sort is Sort.HUMAN
        return _limit_answers(case, pass_on_topics(case, kept)) if is_human else replace(kept, letters=())
    if sort.sort is not Sort.HUMAN:
        return _decide_on_machine(case, sort)
    return _limit_answers(case, pass_on_topics(case, _decide_on_person(case)))


def open_case(message: IncomingMessage, facts: IntakeFacts, now: datetime) -> MessageCase:
    """A message with all that is known beside it, and whether its sender's address may be believed."""
    return MessageCase(message=message, facts=facts, now=now, doubt=find_doubt(message, facts.site))


def _is_known(case: MessageCase) -> bool:
    """Whether it claims to come from somebody whom we write to."""
    office = case.site.office
    theirs = case.registered_for or case.invited_to or office.secretary_at(case.sender)
    return bool(theirs) or is_office(case.sender, office)


def attribute_words(message: IncomingMessage, facts: IntakeFacts) -> IncomingMessage:
    """The message with what its sender wrote told from our letter that it answers and from what says nothing."""
    address = plain_address(message.sender)
    day = london_day(message.received)
    mine = facts.site.spoken_for(address, day)
    people = (*(c for r in mine for c in r.speakers(address, day)), *facts.site.office.secretariat)
    named = (c.name for r in facts.site.respondents for c in r.invited if c.is_at(address))
    readers = (r.name for form in facts.site.report_forms for r in form.readers if plain_address(r.address) == address)
    names = (*named, *readers, *(c.name for c in people if c.speaks_from(address)))
    # A return's name below a word says whose return is meant, though its contact be named after it.
    returns = {word for r in mine for word in plain_words(f"{r.name} {r.code}").split()}
    signed = tuple(" ".join(w for w in name.split() if plain_words(w) not in returns) for name in names)
    us = (facts.site.office.mailbox, facts.site.office.name)
    others, ours = _list_other_names(facts.site), facts.answered_words
    subject = "" if is_office(address, facts.site.office) else _find_own_subject(message, facts)
    read = read_words(
        message, facts.site.courtesies, ours=ours, our_names=us, names=signed, others=others, subject=subject
    )
    inside = (replace(one, matter=()) if is_notice_inside(one) else one for one in read.enclosed)
    return replace(read, enclosed=tuple(inside))


def _find_own_subject(message: IncomingMessage, facts: IntakeFacts) -> str:
    """What somebody wrote into the subject: of an answer what stands before or in the place of that of our letter."""
    topic = find_topic(message.subject)
    asked = find_topic(facts.answered.subject) if facts.answered else ""
    at = topic.casefold().find(asked.casefold()) if asked else -1
    before, is_entry = _AGAIN.search(topic), CALENDAR in message.defects or Mark.MEETING in message.marks
    if at >= 0 or before:
        topic = topic[: min(end for end in (at, before.start() if before else -1) if end >= 0)]
    elif is_entry or (not asked and topic != message.subject.strip()):
        return ""
    return _NO_MORE.sub("", topic)


def _list_other_names(site: Site) -> frozenset[str]:
    """The words that name a return, a measure or a theme, which below somebody's words are no signature."""
    series = dict.fromkeys(one.title for framework in site.frameworks for one in framework.series())
    return _list_forms(" ".join((*series, *(f"{r.name} {r.code}" for r in site.respondents))))


@lru_cache(maxsize=16)
def _list_forms(names: str) -> frozenset[str]:
    forms = ((word, word.removesuffix("s"), f"{word}s") for word in plain_words(names).split())
    return frozenset(form for each in forms for form in each)


def _decide_on_person(case: MessageCase) -> Decision:
    """A return, or words. Whoever writes is not away, and their mailbox is there."""
    has_form = any(is_form(read) for _, read in case.facts.forms())
    has_catalogue = any(read.catalogue for _, read in case.facts.forms())
    decision = take_catalogue(case) if has_catalogue else take_forms(case) if has_form else None
    decision = decision or follow_leaving(case) or answer_words(case)
    has_left = any(e.kind is Happened.CONTACT_DISOWNED for e in decision.events)
    present = () if has_left else note_presence(case, has_form=has_form)
    return replace(decision, events=(*decision.events, *present))


def _decide_on_machine(case: MessageCase, sort: Classification) -> Decision:
    """Machines get no answer. A machine that brings one of our forms is looked at by a person."""
    if sort.sort is Sort.AUTOMATIC:
        known = [identify_form(read, case) for _, read in case.facts.forms() if is_form(read)]
        ours = next((one for one in known if one.reference), None)
        if ours is not None:
            return hold_message(case, ours.respondents, ours.quarter, f"{sort.reason} But it carries one of our forms.")
        if sort.is_recall and case.registered_for:
            whose = identify_message(case)
            return hold_message(case, whose.respondents, whose.quarter, sort.reason)
    if sort.sort is Sort.BOUNCE and is_puzzle(case):
        return hold_message(case, (), None, sort.reason)
    gone = follow_leaving(case, is_machine=True) if sort.sort in _IN_SOMEBODYS_NAME else None
    if gone:
        return gone
    of = () if sort.sort is Sort.OWN else identify_message(case).respondents
    return together(case.conclude(_SILENT[sort.sort], sort.reason, respondents=of), _follow_machine(case, sort))


def _follow_machine(case: MessageCase, sort: Classification) -> Decision:
    """What follows from a machine's message beside its verdict."""
    if sort.sort is Sort.OUT_OF_OFFICE:
        return Decision(events=note_absence(case, sort))
    if sort.sort is Sort.BOUNCE:
        return follow_bounce(case)
    is_stray = sort.sort is Sort.OWN and case.message.message_id not in case.facts.own_message_ids
    if is_stray and not is_forged(case) and not case.facts.service.moved:
        # Our address on a message we never sent: somebody answers us in our own name, which the breaker counts.
        return Decision(events=(case.event(Happened.STRAY_OWN_MAIL, quarter=None, respondent=""),))
    return Decision()


# At most so many automatic answers a day to what brings nothing new, for everyone and every outcome alike ----


def _limit_answers(case: MessageCase, decision: Decision) -> Decision:
    """Keep each correspondent within the day's automatic answers; then one note, then silence.

    The limit is there against machines: who sends changed figures or does something always hears of it.
    """
    letters: list[Letter] = []
    stopped: list[Event] = []
    kinds = {address: list(case.facts.answers_counted(address)) for address in case.facts.answers_today}
    for letter in decision.letters:
        had = kinds.setdefault(letter.recipient.lower(), [])
        counts = letter.manner is Manner.ANSWER and not kind_of(letter.kind).answers_news
        if not counts or len(had) < case.site.limits.answers_a_day:
            letters.append(letter)
        elif _LAST_ANSWER not in had and letter.recipient.lower() == case.sender and letter.respondents:
            letters.append(_last_answer(case, letter))
            stopped.append(_answers_stopped(case, letter))
        else:
            continue
        if counts:
            had.append(letters[-1].kind)
    return replace(decision, letters=tuple(letters), events=(*decision.events, *stopped))


def _last_answer(case: MessageCase, letter: Letter) -> Letter:
    known = replace(
        case.refer(letter.quarter, (), letter.recipient),
        respondents=letter.respondents,
        codes=letter.facts["codes"],
        names=letter.facts["names"],
    )
    return answers.a_person_will_reply(letter.recipient, letter.recipient_name, known, day=case.day)


def _answers_stopped(case: MessageCase, letter: Letter) -> Event:
    key = letter.respondents[0] if letter.respondents else ""
    cycle = case.facts.cycle(letter.quarter)
    quarter = cycle.quarter if cycle and key in cycle.status.returns else None
    return case.event(Happened.ANSWERS_STOPPED, quarter=quarter, respondent=key, subject=case.message.id)
