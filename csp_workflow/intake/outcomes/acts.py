"""Acts by reply: a listed phrase approves, certifies, says nil or declines.

An act counts when nothing stands beside it. "Approved subject to ...", "Approved?" and "NIL RETURN except ..." wait for
the co-ordinator with their words, and the one who wrote is told how a plain one is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from csp_workflow.forms.layout import same
from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.outcomes import holding
from csp_workflow.intake.outcomes.beside import (
    read_act,
    read_sentences,
    reserves_something,
    rest_of,
    sort_phrases,
    split_matter,
)
from csp_workflow.intake.outcomes.holding import hold_act, hold_message, hold_plain_act, put_before_office
from csp_workflow.intake.outcomes.receipts import find_people_to_tell
from csp_workflow.intake.sender import answers_in_place_of, answers_lost_letter, find_writing_giver
from csp_workflow.letters import answers, certificates, contacts
from csp_workflow.letters.catalogue import find_tag, kind_of
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Event, Happened, Letter, QueuedLetter, together
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.personal import keep_back_lines
from csp_workflow.terms.returns import ReturnState, Submission
from csp_workflow.terms.site import Assent, Contact, Respondent, Role, plain_address

_TAKEN = {ReturnState.RECEIVED, ReturnState.QUERIED, ReturnState.COMPLETE, ReturnState.APPROVED}
_LONGEST_REASON = 300
_REASON = re.compile(r"[,:(\u2013\u2014]|\s-+\s|\b(?:because|since|as|due to|owing to|given)\b", re.IGNORECASE)
"""What stands between an act and the reason for it."""


# A yes that is one person's own: a chair's to a return, a budget holder's to its grant money -----------


_CALLED = {Assent.APPROVAL: "an approval", Assent.CERTIFICATE: "a certificate of grant money"}


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Who writes, and which version's yes they were asked for; when the letter that showed it to them was written."""

    assent: Assent
    respondent: Respondent
    cycle: CycleFacts
    giver: Contact
    version: str
    shown: datetime | None


def find_assent_asked(case: MessageCase) -> Assent | None:
    """The yes that the letter which a message answers asked for."""
    return kind_of(case.facts.answered.kind).asks if case.facts.answered else None


def take_assent(case: MessageCase, mine: Sequence[Respondent]) -> Decision | None:
    """Take a yes to exactly what was asked about; with anything beside the yes, hold it. None for other words.

    It must come from the own address of the chair, or the budget holder, in reply to our letter to them or under its
    sealed subject. The word for the one is never taken for the other.
    """
    for assent in Assent:
        asked = _find_asked(case, mine, assent)
        decided = _take_assent(case, asked) if asked else None
        if decided is not None:
            return decided
    return None


def _take_assent(case: MessageCase, asked: _Asked) -> Decision | None:
    respondent, cycle, phrases = asked.respondent, asked.cycle, case.site.phrases_of(asked.assent)
    latest, version = cycle.latest.get(respondent.key), _number(asked.version)
    said = read_act(case, phrases, (respondent,), cycle.quarter, version=version)
    if latest is None or said is None:
        return _answer_other_word(case, asked) if latest else None
    if not said:
        return hold_act(case, (respondent,), cycle.quarter, _CALLED[asked.assent], phrases[0])
    if asked.shown is None:
        return hold_plain_act(case, respondent, cycle.quarter, asked.assent.value)
    versions = {v.id: v for v in cycle.versions.get(respondent.key, ())} | {latest.id: latest}
    if asked.assent is Assent.CERTIFICATE:
        shown = versions.get(asked.version)
        is_same = shown is not None and shown.find_content(asked.assent) == latest.find_content(asked.assent)
        return _record_certificate(case, asked, latest) if is_same else _answer_old_certificate(case, asked, latest)
    if asked.version != latest.id:
        return _answer_old_approval(case, respondent, asked.giver, latest, asked.version)
    return _record_approval(case, asked, latest)


def _find_asked(case: MessageCase, mine: Sequence[Respondent], assent: Assent) -> _Asked | None:
    """Whose yes the writer was asked for, in which cycle, and to which submission: by the letter answered, else by the
    one return that our subject names, in its quarter."""
    letter = case.facts.answered if find_assent_asked(case) is assent else None
    tag = find_tag(case.message.subject, key=case.facts.key)
    for respondent in mine:
        giver, about = find_writing_giver(case, respondent, assent), letter or tag
        cycle = case.facts.cycle(about.quarter) if about else None
        if giver is None or cycle is None or not cycle.takes_returns:
            continue
        if letter is None and tag and tag.codes == (respondent.code,) and not answers_lost_letter(case):
            version, shown = _find_shown(case, cycle, respondent, giver, assent)
        elif letter and giver.is_at(letter.recipient):
            asked = {(one.respondent, one.submission) for one in letter.about}
            mine_alone = (about for key, about in asked if key == respondent.key and len(asked) == 1)
            version, shown = next(mine_alone, ""), letter.queued
        else:
            continue
        if version:
            return _Asked(assent=assent, respondent=respondent, cycle=cycle, giver=giver, version=version, shown=shown)
    return None


def _find_shown(
    case: MessageCase, cycle: CycleFacts, respondent: Respondent, giver: Contact, assent: Assent
) -> tuple[str, datetime | None]:
    """The version that the last letter to arrive before they wrote showed the very person who writes; whoever else was
    shown a later one meanwhile, and whatever was put right since. Where none did, the one that is asked about, unseen.
    """
    current = cycle.stands(respondent.key).find_asked(assent)
    before = (x for x in case.facts.asked if (x.sent or x.queued) <= case.message.received)
    mine = (x for x in before if x.quarter == cycle.quarter and kind_of(x.kind).asks is assent)
    came = [x for x in mine if giver.is_at(x.recipient) and not case.facts.service.came_back(x.recipient, x.queued)]
    seen = [(one.submission, x.queued) for x in came for one in x.about if one.respondent == respondent.key]
    return seen[-1] if seen and current else (current, None)


def _answer_other_word(case: MessageCase, asked: _Asked) -> Decision | None:
    """APPROVED in reply to a letter that asks to certify, or the other way round, does neither."""
    other = next(one for one in Assent if one is not asked.assent)
    is_answer = find_assent_asked(case) is asked.assent
    said = read_act(case, case.site.phrases_of(other), (asked.respondent,), asked.cycle.quarter)
    if not is_answer or said is None:
        return None
    wanted = f"we asked the {asked.giver.role} for {_CALLED[asked.assent]}"
    why = f"It reads like {_CALLED[other]}, and {wanted}, so nothing was recorded."
    phrase = case.site.phrases_of(asked.assent)[0]
    return hold_act(case, (asked.respondent,), asked.cycle.quarter, _CALLED[other], phrase, why=why)


def _record_approval(case: MessageCase, asked: _Asked, latest: Submission) -> Decision | None:
    respondent, chair, stands = asked.respondent, asked.giver, asked.cycle.stands(asked.respondent.key)
    if stands.approved == latest.id:
        thanks = [_thank_chair(case, respondent, chair, latest)]  # who writes twice wants to know
        said = "That version is approved already."
        return case.conclude(Verdict.DUPLICATE, said, respondents=[respondent], letters=thanks)
    if stands.state is not ReturnState.COMPLETE:
        why = f"It approves the return, which is {stands.state} since, so nothing was recorded."
        return holding.pass_on_question(case, [respondent], latest.quarter, why)
    return case.conclude(
        Verdict.APPROVAL,
        f"The {chair.role} approved version {latest.sequence} of {respondent.name}'s return.",
        respondents=[respondent],
        events=[note_assent(case, latest, chair, shown=asked.shown)],
        letters=tell_of_approval(case, respondent, chair, latest),
    )


def note_assent(case: MessageCase, submission: Submission, giver: Contact, *, shown: datetime | None = None) -> Event:
    """The event of a yes to exactly one submission, or its grant money: who said it, as what, and when the letter was
    written that showed it to that very person."""
    assent = giver.role.assent or Assent.APPROVAL
    kind = Happened.APPROVED if assent is Assent.APPROVAL else Happened.CERTIFIED
    about = {"subject": submission.id, "content": submission.find_content(assent), "role": giver.role.value}
    about |= {"asked": shown.isoformat()} if shown else {}
    return case.event(kind, quarter=submission.quarter, respondent=submission.respondent, **about)


def tell_of_approval(
    case: MessageCase, respondent: Respondent, chair: Contact, latest: Submission
) -> tuple[Letter, ...]:
    """Each lead is told who does not read it on a page of the paper, or waits for a person; the chair where there is no
    other to hear of it, or no paper can say so any more."""
    leads = case.facts.service.reached(respondent.people(Role.LEAD, case.day))
    others = [c for c in leads if not c.is_at(chair.address)]
    cycle = case.facts.cycle(latest.quarter)
    is_paused = cycle is not None and cycle.stands(respondent.key).is_paused
    if others and cycle and not is_paused and cycle.shows_approval(respondent, chair, case.day):
        return ()
    copies = case.refer(latest.quarter, [respondent])
    seen = {"submission": latest.id, "version": latest.sequence, "at": case.message.received}
    noted = tuple(answers.approval_noted(c, copies, chair=chair, **seen) for c in others)  # type: ignore[arg-type]
    gone = cycle.settled_boards if cycle and cycle.is_settled else ()
    return noted if noted and not gone else (*noted, _thank_chair(case, respondent, chair, latest, gone))


def _thank_chair(
    case: MessageCase, respondent: Respondent, chair: Contact, latest: Submission, gone: tuple[str, ...] = ()
) -> Letter:
    known = case.refer(latest.quarter, [respondent], chair.address)
    seen = {"submission": latest.id, "version": latest.sequence, "at": case.message.received}
    return answers.approval_recorded(chair, known, gone=gone, **seen)  # type: ignore[arg-type]


def _number(version: str) -> int:
    tail = version.rpartition("/")[2]
    return int(tail) if tail.isdigit() else 0


def _answer_old_approval(
    case: MessageCase, respondent: Respondent, chair: Contact, latest: Submission, asked: str
) -> Decision:
    version = _number(asked)
    letter = answers.approval_out_of_date(
        chair,
        case.refer(latest.quarter, [respondent], chair.address),
        version=version,
        current=latest.sequence,
        received=latest.received,
        is_complete=latest.is_complete,
    )
    replaced = f"which version {latest.sequence} has replaced; nothing is recorded"
    reason = f"The {chair.role} approved version {version}, {replaced}."
    return case.conclude(Verdict.APPROVAL, reason, respondents=[respondent], letters=[letter])


_STATED = {ReturnState.QUERIED, ReturnState.COMPLETE, ReturnState.APPROVED}


def _record_certificate(case: MessageCase, asked: _Asked, latest: Submission) -> Decision | None:
    """It counts for what it was asked about as long as that is stated, whatever else of the return is to be mended."""
    respondent, stands = asked.respondent, asked.cycle.stands(asked.respondent.key)
    if stands.certificate:
        return case.conclude(Verdict.DUPLICATE, "That grant money is certified already.", respondents=[respondent])
    if stands.state not in _STATED or stands.returned:
        return None
    return case.conclude(
        Verdict.APPROVAL,
        f"The {asked.giver.role} certified the grant money of {respondent.name}, as version {latest.sequence} has it.",
        respondents=[respondent],
        events=[note_assent(case, latest, asked.giver, shown=asked.shown)],
        letters=tuple(tell_of_certificate(case, respondent, asked.giver, latest)),
    )


def tell_of_certificate(
    case: MessageCase, respondent: Respondent, holder: Contact, latest: Submission
) -> Iterator[Letter]:
    """The budget holder is thanked; each lead and each chief finance officer gets the statement as certified."""
    stated, at = certificates.show_money(respondent, latest), case.message.received
    known = case.refer(latest.quarter, [respondent], holder.address)
    yield certificates.certificate_recorded(holder, stated, known, at=at)
    copies = case.refer(latest.quarter, [respondent])
    for person in certificates.list_informed(respondent, case.day, besides=(holder,)):
        yield certificates.certified_statement(person, stated, copies, by=holder.name, role=holder.role.value, at=at)


def _answer_old_certificate(case: MessageCase, asked: _Asked, latest: Submission) -> Decision:
    known = case.refer(latest.quarter, [asked.respondent], asked.giver.address)
    stated = certificates.show_money(asked.respondent, latest)
    letter = certificates.certificate_out_of_date(asked.giver, stated, known, is_complete=latest.is_complete)
    stated_now = f"than version {latest.sequence} states"
    reason = f"The {asked.giver.role} certified other grant money {stated_now}; nothing is recorded."
    return case.conclude(Verdict.APPROVAL, reason, respondents=[asked.respondent], letters=[letter])


# Nil and declined -----------------------------------------------------------------------------------


def excuse_return(case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None) -> Decision | None:
    """A nil or a decline: a listed phrase and the respondent's name at most. With anything beside it, it is held."""
    asked = quarter or next((cycle.quarter for r in mine if (cycle := case.facts.current(r.key))), None)
    for phrases, kind, verdict, write in (
        (case.site.nil_phrases, Happened.NIL, Verdict.NIL, answers.nil_recorded),
        (case.site.decline_phrases, Happened.DECLINED, Verdict.DECLINED, answers.declined_recorded),
    ):
        said = read_act(case, phrases, mine, asked)
        whose = _respondent_meant(case.message.matter, mine, phrases) if said is not None else None
        cycle = (case.facts.cycle(quarter) if quarter else case.facts.current(whose.key)) if whose else None
        if whose is None or cycle is None or not cycle.takes_returns or not cycle.requests.get(whose.key):
            continue
        if not _speaks_for_return(case, whose):
            return None
        stands = cycle.stands(whose.key)
        if stands.state in _TAKEN or (stands.reopened and case.message.received <= stands.reopened):
            return hold_plain_act(case, whose, cycle.quarter, verdict.value)
        reason = _reason_given(case, phrases, whose, cycle.quarter) if verdict is Verdict.DECLINED and not said else ""
        if not said and not reason:
            act = "a nil return" if kind is Happened.NIL else "a decline"
            return hold_act(case, (whose,), cycle.quarter, act, phrases[0])
        if not cycle.allows(whose.key, kind):
            why = f"{whose.name} is recorded as {verdict} already."
            return case.conclude(Verdict.DUPLICATE, why, respondents=[whose])
        return case.conclude(
            verdict,
            f"{whose.name} wrote so in a reply.",
            respondents=[whose],
            events=[case.event(kind, quarter=cycle.quarter, respondent=whose.key, reason=reason)],
            letters=tuple(tell_of_excuse(case, whose, cycle.quarter, partial(write, reason=keep_back_lines(reason)))),
        )
    return None


def tell_of_excuse(
    case: MessageCase, whose: Respondent, quarter: Quarter, write: Callable[..., Letter]
) -> Iterator[Letter]:
    """A letter to whoever said that nothing is reported, and one to each lead, who owes the return."""
    wrote = next((one.name for one in whose.speakers(case.sender, case.day)), "")
    for person in find_people_to_tell(case, whose):
        known = case.refer(quarter, [whose], person.address)
        yield write(person, known, by="" if known.thread else wrote)


def _reason_given(case: MessageCase, phrases: Sequence[str], whose: Respondent, quarter: Quarter) -> str:
    """Why somebody declines, in their words: behind a "because" or a mark, or in sentences of their own.

    "" when a sentence of them asks or reserves something, or says what is declined ("to say when"), or with a file.
    """
    first, *others = split_matter(case)
    act, lists = _REASON.split(first, maxsplit=1)[0], case.site.courtesies
    is_act = read_sentences([act], phrases, (whose,), quarter, lists)
    beside = rest_of(first, sort_phrases(phrases)) or []
    if not is_act or case.message.attachments or reserves_something(case):
        return ""
    return ". ".join((*([" ".join(beside)] if beside else []), *others))[:_LONGEST_REASON]


def _respondent_meant(matter: Sequence[str], mine: Sequence[Respondent], phrases: Sequence[str]) -> Respondent | None:
    """Whose return a phrase is about; with several there must be a name beside it or on the next line."""
    if len(mine) == 1:
        return mine[0]
    said = " ".join(map(plain_words, matter[:2]))
    for phrase in sorted(map(plain_words, phrases), key=len, reverse=True):
        if f" {said} ".startswith(f" {phrase} "):
            return _respondent_named(said.removeprefix(phrase), mine)
    return None


def _respondent_named(words: str, mine: Sequence[Respondent]) -> Respondent | None:
    """The one respondent that some words name and nothing else ("for Charnwood"), or None."""
    said = same(re.sub(r"^(?:return )?(?:for|from)? ?(?:the )?", "", words.strip()))
    if not said:
        return None
    fitting = [r for r in mine if said in {same(r.code), same(r.key)} or same(plain_words(r.name)).startswith(said)]
    return fitting[0] if len(fitting) == 1 and len(said) > 2 else None


def _speaks_for_return(case: MessageCase, respondent: Respondent) -> bool:
    """A lead, a chair, or somebody whose message one of them or the co-ordinator says is the respondent's."""
    return case.facts.is_assigned(respondent.key) or case.is_from(leads_and_chairs(case, respondent))


def leads_and_chairs(case: MessageCase, respondent: Respondent) -> tuple[Contact, ...]:
    """Who may speak for a return on the day a message came."""
    return (*respondent.people(Role.LEAD, case.day), *respondent.chairs(case.day))


# A yes or no to a question of ours about people: a lead's word on a colleague's message, and whether an address is


_SETTLED = "The colleague's message that it is about is settled already."
_MOOT = "It answers our question about an address that nobody is asked about any more."


# A lead's word on a colleague -------------------------------------------------------------------------


def settle_colleague(case: MessageCase) -> Decision | None:
    """What a lead or a chair says of a colleague's message. None for any other message, and for any other words.

    A yes is carried out by the step, which judges the message as the respondent's; from then on the colleague is a
    member of the lead's. A no ends that as well.
    """
    letter, said = case.facts.answered, _read_answer(case)
    if letter is None or letter.kind != answers.confirm_colleague.kind.name or said is None:
        return None
    respondent = next((r for r in case.site.respondents if r.key in letter.respondents), None)
    if respondent is None or case.doubt or not _may_say(case, respondent, letter):
        return None
    theirs = letter.about[0].message
    quarters = [c.quarter for c in case.facts.cycles if theirs in c.stands(respondent.key).held_messages]
    if said:
        kinds = [(Happened.COLLEAGUE_CONFIRMED, q) for q in quarters[:1]]
        member = _remember(case, respondent, letter) if quarters else ()
    else:
        kinds = [
            *((Happened.COLLEAGUE_REFUSED, q) for q in quarters[:1]),
            *((Happened.MESSAGE_SETTLED, q) for q in quarters),
        ]
        member = _forget(case, respondent, letter)
    if not kinds and not member:
        return case.conclude(Verdict.DUPLICATE, _SETTLED, respondents=[respondent])
    settled = (case.event(kind, quarter=q, respondent=respondent.key, subject=theirs) for kind, q in kinds)
    return case.conclude(
        Verdict.COMMAND,
        f"It says that a colleague's message {'counts' if said else 'does not count'} for {respondent.name}.",
        respondents=[respondent],
        events=[*settled, *member],
    )


def _read_answer(case: MessageCase) -> bool | None:
    """Whether somebody's own words are a plain yes (True) or no (False); None for anything else."""
    line = " ".join(case.message.matter)
    words = "" if "?" in line else plain_words(line)
    listed = ((True, case.site.yes_phrases), (False, case.site.no_phrases))
    return next((meaning for meaning, phrases in listed if words and words in map(plain_words, phrases)), None)


def _may_say(case: MessageCase, respondent: Respondent, letter: QueuedLetter) -> bool:
    if case.is_from(leads_and_chairs(case, respondent)):
        return True
    is_to_lead = any(c.is_at(letter.recipient) for c in respondent.people(Role.LEAD, case.day))
    return is_to_lead and answers_in_place_of(case, letter.recipient)


def _remember(case: MessageCase, respondent: Respondent, letter: QueuedLetter) -> tuple[Event, ...]:
    """The colleague as a member of the lead who was asked, or of the first lead; of nobody where there is no lead."""
    leads = respondent.people(Role.LEAD, case.day)
    lead = next((c for c in leads if c.is_at(letter.recipient)), next(iter(leads), None))
    address = letter.about[0].address
    if lead is None or not address:
        return ()
    event = case.event(
        Happened.MEMBER_CONFIRMED, quarter=None, respondent=respondent.key, subject=address, lead=lead.address.lower()
    )
    return (event,)


def _forget(case: MessageCase, respondent: Respondent, letter: QueuedLetter) -> tuple[Event, ...]:
    known = {(m.respondent, m.address) for m in case.facts.service.people.members}
    address = letter.about[0].address
    if (respondent.key, address) not in known:
        return ()
    return (case.event(Happened.MEMBER_ENDED, quarter=None, respondent=respondent.key, subject=address),)


# Whoever was named ------------------------------------------------------------------------------------


def take_confirmation(case: MessageCase) -> Decision | None:
    """What somebody who was named answers when asked whether the address is right. None for any other message.

    A plain yes confirms it. Anything else goes to the co-ordinator, and nothing is confirmed.
    """
    letter = case.facts.answered
    if letter is None or letter.kind != contacts.confirm_address.kind.name:
        return None
    address = letter.recipient.lower()
    asked = [r for r in case.site.respondents if r.key in letter.respondents]
    is_theirs = case.sender == plain_address(address) or answers_in_place_of(case, address)
    if not asked or not is_theirs:
        return None
    said = read_act(case, case.site.yes_phrases, asked, letter.quarter)
    waiting = [r for r in asked if r.is_invited(address)]
    if not waiting:
        return _answer_late(case, asked, address, is_yes=bool(said))
    if not said:
        return _ask_office(case, waiting, address)
    return case.conclude(
        Verdict.COMMAND,
        f"It confirms that {address} is right for {waiting[0].name}.",
        respondents=waiting,
        events=[
            case.event(Happened.CONTACT_CONFIRMED, quarter=None, respondent=r.key, subject=address) for r in waiting
        ],
    )


def _answer_late(case: MessageCase, asked: list[Respondent], address: str, *, is_yes: bool) -> Decision | None:
    """A yes said twice changes nothing; whoever is a contact by now says what they like; the rest waits."""
    if not any(r.is_registered(address, case.day) for r in asked):
        return hold_message(case, asked, None, _MOOT)
    return case.conclude(Verdict.DUPLICATE, "The address is confirmed already.", respondents=asked) if is_yes else None


def _ask_office(case: MessageCase, waiting: list[Respondent], address: str) -> Decision:
    reason = (
        f"We asked whether {address} is right, and this is no plain yes, so nothing was confirmed. "
        f"YES {address} confirms it all the same; NO {address} takes the CONTACT back."
    )
    shown = put_before_office(case, waiting, None, reason, at_once=True)
    return together(case.conclude(Verdict.QUESTION, reason, respondents=waiting), shown)
