"""Outcomes that wait for a person: a held message, a stranger's, a colleague's, a question.

A colleague is somebody who writes from the organisation of a respondent's contacts and is not registered. Their lead
or chair is asked whose message it is; the letter tells who wrote, when, and what the files are called, and nothing of
what is in them. Until the answer nothing is taken and the colleague gets no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from csp_workflow.intake.case import MessageCase
from csp_workflow.intake.outcomes.beside import find_words_beside, only_points_to_files
from csp_workflow.intake.sender import (
    Authority,
    Standing,
    find_authority,
    find_writing_giver,
    identify_form,
    identify_message,
    is_beside_secretariat,
    is_colleague,
    is_office,
)
from csp_workflow.letters import answers
from csp_workflow.letters.answers import Colleague, Incoming, PaperMeant
from csp_workflow.letters.catalogue import kind_of, strip_tag
from csp_workflow.letters.contacts import who_to_write_to
from csp_workflow.letters.office import find_asker, keep_for_morning, prepare_answer
from csp_workflow.mail.absence import find_named
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.dates import Quarter
from csp_workflow.terms.events import Decision, Happened, Letter, together
from csp_workflow.terms.messages import ASKS, HELD_ACTS, STRANGERS, Verdict, short_id
from csp_workflow.terms.people import offer_contacts
from csp_workflow.terms.personal import keep_back, keep_back_reasons
from csp_workflow.terms.phrases import joined, plural
from csp_workflow.terms.queries import offer_queries, offer_settling, say_query
from csp_workflow.terms.returns import ReturnState, Unreadable
from csp_workflow.terms.service import JobEnd
from csp_workflow.terms.site import Assent, Contact, Respondent, Role

_TELLS_LEAD = {Standing.ELSEWHERE, Standing.COLLEAGUE, Standing.STRANGER}
_MOST_FILES = 5
_HOLDS_WORDS = re.compile(r"\.(?:msg|eml|oft|p7m|p7s)$", re.IGNORECASE)
_IS_WRITTEN = re.compile(r"(?:\.(?:docx?|docm|rtf|odt|pages|pdf|txt)|winmail\.dat)$", re.IGNORECASE)
"""What a letter is written in. Where a message itself says nothing, its words may be there."""
_LONGEST_NAME = 80
_BESIDE = "What it brought was answered, and nothing was recorded from its words. They may need your decision."
_NOT_CARRIED_OUT = (
    "Nothing in it was carried out. If you wrote it, please forward this to whoever runs the service: they give the "
    "order with the program (csp-workflow), and look at the [trust] table of config/service.toml."
)


def hold_message(
    case: MessageCase,
    respondents: Sequence[Respondent],
    quarter: Quarter | None,
    reason: str,
    *,
    authority: Authority | None = None,
) -> Decision:
    """Keep a message for the co-ordinator. Its sender gets no answer; a registered lead learns that something came.

    When a colleague of theirs wrote it, the lead is asked whether it counts.
    """
    reason = f"{reason} {_say_unopened(case)}".strip()
    events = case.wait_for_a_person(Happened.MESSAGE_HELD, respondents, quarter)
    tells = authority is not None and authority.standing in _TELLS_LEAD and len(respondents) == 1
    # Only what waits in a cycle can be taken on a lead's word.
    may_ask = tells and authority is not None and authority.standing is Standing.COLLEAGUE and events[0].quarter
    asked = _ask_about_colleague(case, respondents[0], events[0].quarter) if may_ask else ()
    if asked:
        said = f"{reason} We asked {joined(x.recipient_name for x in asked)} whether it counts."
        return case.conclude(Verdict.HELD, said, respondents=respondents, events=events, letters=asked)
    letters = _tell_lead(case, respondents[0], quarter) if tells else ()
    return case.conclude(Verdict.HELD, reason, respondents=respondents, events=events, letters=letters)


def hold_plain_act(case: MessageCase, of: Respondent, quarter: Quarter, act: str) -> Decision:
    """One of HELD_ACTS, which only she may carry out as things stand: its sender hears that she has it, and until she
    has decided nobody is asked for a yes."""
    held = hold_message(case, (of,), quarter, HELD_ACTS[act][0])
    return replace(held, letters=case.write_to_each((of,), quarter, answers.question_received))


def set_aside(case: MessageCase, reason: str) -> Decision:
    """What nothing ties to a respondent: held when its sender is known to us, else quarantined; nobody is told.

    A stranger's waits with those of other strangers, unless its words may lie in a file that nobody has opened: in a
    saved message, and in a letter where the message itself says no more than that something is attached.
    """
    known = _known_to_us(case)
    if known:
        return hold_message(case, (), None, f"{reason} {known}")
    may_say = (_HOLDS_WORDS, _IS_WRITTEN) if only_points_to_files(case) else (_HOLDS_WORDS,)
    is_said = not any(kind.search(attachment.name) for attachment in case.message.attachments for kind in may_say)
    events = case.wait_for_a_person(Happened.MESSAGE_HELD, (), None, why=STRANGERS) if is_said else ()
    return case.conclude(Verdict.QUARANTINED, f"{reason} {_say_unopened(case)}".strip(), events=events)


def _say_unopened(case: MessageCase) -> str:
    """What came with a message and was left unopened, by name and size, and how it is opened; "" for nothing."""
    left = [a for a, found in case.facts.opened if isinstance(found, Unreadable) and found.reason == "unopened"]
    if not left:
        return ""
    named = [f"{keep_back(a.name) or 'a file'} ({max(len(a.data) // 1000, 1):,} kB)" for a in left[:_MOST_FILES]]
    more = [plural(len(left) - _MOST_FILES, "more file")] if len(left) > _MOST_FILES else []
    return f"It brought {joined([*named, *more])}, unopened until it is assigned to somebody; the mailbox has it."


def _known_to_us(case: MessageCase) -> str:
    """What a person may know the sender by, in a sentence; "" for a stranger."""
    if is_office(case.sender, case.site.office):
        return f"It says that it comes from our own office. {_NOT_CARRIED_OUT}" if case.doubt else "Our office sent it."
    if case.site.office.secretary_at(case.sender):
        return "It says that it comes from the secretariat."
    if is_beside_secretariat(case) and not case.doubt:
        return "Its sender writes from the secretariat's organisation, in answer to a paper of ours."
    theirs = [r.name for r in case.site.serving(case.day) if is_colleague(case.sender, r, case.day)]
    if case.doubt or not theirs:
        return ""
    return f"Its sender writes from the organisation of the contacts of {' and '.join(theirs)}."


def _tell_lead(case: MessageCase, respondent: Respondent, quarter: Quarter | None) -> tuple[Letter, ...]:
    """Something arrived for a respondent from somebody else: their leads learn that, and no more."""
    leads = respondent.people(Role.LEAD, case.day) or respondent.chairs(case.day)
    cycle = case.facts.cycle(quarter) or case.facts.current(respondent.key)
    known = case.refer(cycle.quarter if cycle else None, (respondent,))
    return tuple(answers.something_arrived(lead, known, day=case.day) for lead in leads)


# A failure of ours ------------------------------------------------------------------------------------


_HOW_WE_FAILED = {
    JobEnd.NOT_STARTED: "our program that opens files could not start",
    JobEnd.STALLED: "this machine was too busy to open what came with it",
    JobEnd.KILLED: "this machine ended the program that was opening what came with it, most likely for want of memory",
    JobEnd.FAULT: "our own program failed on it",
}


def say_failure(end: JobEnd) -> str:
    """What went wrong on our side, and where whoever runs the service finds the cause."""
    return (
        f"That is no fault of the sender's: {_HOW_WE_FAILED[end]}. Whoever runs the service finds the cause with "
        "csp-workflow doctor and in the log."
    )


def keep_failed(case: MessageCase, end: JobEnd) -> Decision:
    """What we failed on is kept as ours: the co-ordinator has its words, a contact hears that we have it, no more."""
    known, reason = identify_message(case), say_failure(end)
    theirs = {Standing.CONTACT, Standing.OFFICE}
    mine = tuple(r for r in known.respondents if find_authority(case, r).standing in theirs)
    events = case.wait_for_a_person(Happened.MESSAGE_HELD, known.respondents, known.quarter)
    quarter = next((e.quarter for e in events if e.quarter), known.quarter)
    told = case.write_to_each(mine, quarter, answers.question_received) if mine else ()
    again = f"{reason} Once it is put right, REPLAY {short_id(case.message.id)} looks at the message again."
    put = partial(_letters_to_office, case, case.refer(quarter, mine), mine, again, at_once=True)
    shown = put() if case.message.matter else ()
    letters = (*told, *shown)
    return case.conclude(Verdict.QUARANTINED, reason, respondents=known.respondents, events=events, letters=letters)


# Colleagues -----------------------------------------------------------------------------------------


def _ask_about_colleague(case: MessageCase, respondent: Respondent, quarter: Quarter | None) -> tuple[Letter, ...]:
    """Ask the lead (and the chair while no lead is there) whether a colleague's message is theirs.

    Nobody is asked about a message that also brings somebody else's form, nor beyond the day's automatic
    answers: the co-ordinator decides then.
    """
    facts = case.facts
    if any(identify_form(form, case).respondent != respondent for _, form in facts.forms()):
        return ()
    colleague = Colleague(
        name=_harmless_name(case.message.sender_name),
        address=case.message.sender,
        wrote=case.message.received,
        files=tuple(keep_back(attachment.name) for attachment, _ in facts.opened)[:_MOST_FILES],
        has_form=any(True for _ in facts.forms()),
        lead=next((c.name for c in respondent.people(Role.LEAD, case.day)), ""),
    )
    known = case.refer(quarter, (respondent,))
    return tuple(
        answers.confirm_colleague(person, known, colleague)
        for person in _who_may_say(case, respondent)
        if len(facts.answers_counted(person.address)) < case.site.limits.answers_a_day
    )


def _who_may_say(case: MessageCase, respondent: Respondent) -> Iterator[Contact]:
    service = case.facts.service
    leads = service.reached(respondent.people(Role.LEAD, case.day))
    is_there = any(not service.away(lead, case.day) for lead in leads)
    chairs = () if is_there else service.reached(respondent.chairs(case.day))
    yield from {c.address.lower(): c for c in (*chairs, *leads)}.values()


def _harmless_name(name: str) -> str:
    """The name a colleague writes under; none that could be taken for a link or for an address."""
    return "" if any(mark in name for mark in ("@", "/", "www.")) else name[:_LONGEST_NAME]


# Questions ------------------------------------------------------------------------------------------


def pass_on_question(
    case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None, why: str = ASKS
) -> Decision:
    """Put somebody's words before the co-ordinator, pause the chase, and say so once to the one who wrote.

    Whoever is asked for a yes that is not there yet learns how a plain one is said.
    """
    wanted = next((assent for assent in Assent if _is_wanted(case, mine, quarter, assent)), None)
    phrase = case.site.phrases_of(wanted)[0].upper() if wanted else ""
    said = partial(answers.question_received, assent=wanted.value if wanted else "", phrase=phrase)
    return _conclude_question(case, mine, quarter, why, said)


def _is_wanted(case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None, assent: Assent) -> bool:
    """Whether the writer was asked for a yes to the one return that their words may be about, and it is to come."""
    cycle = case.facts.cycle(quarter) or case.facts.current(mine[0].key)
    if len(mine) != 1 or cycle is None or not find_writing_giver(case, mine[0], assent):
        return False
    if not any(one.quarter == cycle.quarter and kind_of(one.kind).asks is assent for one in case.facts.asked):
        return False  # whoever was shown nothing approves nothing
    stands = cycle.stands(mine[0].key)
    given = stands.approved if assent is Assent.APPROVAL else stands.certificate
    is_complete = assent is Assent.CERTIFICATE or stands.state is ReturnState.COMPLETE
    return bool(stands.find_asked(assent)) and not given and is_complete


def pass_on_objection(case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None, board: str) -> Decision:
    """Somebody's words about what a board's paper prints of them, before the co-ordinator; the paper waits for her."""
    name = {one.key: one.name for one in case.site.boards}.get(board, board)
    reason = f"It answers what the paper for {name} was to say of {joined(r.name for r in mine)}."
    told = _conclude_question(case, mine, quarter, reason, answers.question_received, at_once=True)
    asked = (replace(e, facts={"board": board}) if e.kind is Happened.QUESTION_ASKED else e for e in told.events)
    return replace(told, events=tuple(asked))


def hold_act(
    case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None, act: str, phrase: str, *, why: str = ""
) -> Decision:
    """An act ("an approval") with something beside it is not recorded: she gets the words, and its sender is told.

    `why` says that it is another act than its sender was asked for.
    """
    reason = why or f"It looks like {act}, but says more than that, so nothing was recorded."
    told = partial(answers.act_held, act=act, phrase=phrase.upper(), is_other=bool(why))
    return _conclude_question(case, mine, quarter, reason, told)


def _conclude_question(
    case: MessageCase,
    mine: Sequence[Respondent],
    quarter: Quarter | None,
    reason: str,
    answer: Callable[[Contact, Incoming], Letter],
    *,
    at_once: bool = False,
) -> Decision:
    shown = put_before_office(case, mine, quarter, reason, at_once=at_once)
    asked_in = next((e.quarter for e in shown.events if e.quarter), quarter)
    told = case.write_to_each(mine, asked_in, answer)
    return together(case.conclude(Verdict.QUESTION, reason, respondents=mine, letters=told), shown)


def offer_orders(decision: Decision, orders: Sequence[tuple[str, str]]) -> Decision:
    """A decision whose letters to the office offer these orders, each with what it is about, for what the words say.

    They go at once.
    """
    letters = (
        replace(x, facts={**x.facts, "queries": tuple(orders)}, not_before=None) if "queries" in x.facts else x
        for x in decision.letters
    )
    return replace(decision, letters=tuple(letters))


def put_before_office(
    case: MessageCase,
    mine: Sequence[Respondent],
    quarter: Quarter | None,
    reason: str,
    *,
    paper: PaperMeant | None = None,
    at_once: bool = False,
) -> Decision:
    """Somebody's words, with their message, before the co-ordinator; until she has dealt with them the chase waits.

    `paper` is what the secretariat writes about; they owe nothing, so that nothing waits. She has them in the next
    morning letter, or `at_once`.
    """
    events = case.wait_for_a_person(Happened.QUESTION_ASKED, mine, quarter)
    asked_in = next((e.quarter for e in events if e.quarter), quarter)
    known = case.refer(asked_in, mine, paper=paper)
    return Decision(events=events, letters=tuple(_letters_to_office(case, known, mine, reason, at_once=at_once)))


def show_words_beside(
    case: MessageCase, decision: Decision, mine: Sequence[Respondent], quarter: Quarter | None
) -> Decision:
    """A decision that keeps no words of its message, with those that do more than present a form before the office."""
    if not find_words_beside(case, mine):
        return decision
    told = tuple(replace(letter, facts={**letter.facts, "shown": True}) for letter in decision.letters)
    return together(replace(decision, letters=told), put_before_office(case, mine, quarter, _BESIDE))


def _letters_to_office(
    case: MessageCase, known: Incoming, mine: Sequence[Respondent], reason: str, *, at_once: bool
) -> Iterator[Letter]:
    """Every word, since the office must answer and has the message as it came; but never why somebody is away.

    What names whom to write to goes at once, and what the secretariat writes about a paper.
    """
    office, message = case.site.office, case.message
    asker = find_asker(case.site, case.sender, [r.key for r in mine], case.day)
    prepared = (asker.named, *prepare_answer(office, asker, message.id)) if asker else ("", "", "")
    successors, queries = _offer_successor(case, mine), tuple(_list_asked(case, known, mine))
    for person in office.in_charge(case.day):
        letter = answers.question(
            person,
            known,
            sender=_registered_name(case, mine),
            subject=keep_back_reasons(strip_tag(message.subject)[:200]),
            reason=reason,
            words=keep_back_reasons(case.words),
            files=[attachment.name for attachment, _ in case.facts.opened],
            original=case.facts.original,
            prepared=prepared,
            orders=successors,
            queries=queries,
            settles=tuple(_offer_settling(case, known, mine)),
        )
        names_somebody = any("<address>" not in one for one in successors)
        goes_now = at_once or case.site.questions_at_once or bool(known.paper) or names_somebody
        yield letter if goes_now else keep_for_morning(letter, case.site, case.now, _list_deadlines(case, mine))


def _list_deadlines(case: MessageCase, mine: Sequence[Respondent]) -> Iterator[datetime | date]:
    """The days of a quarter under way on which words that nobody has read may come too late, and of measures asked."""
    agreeing, offsets = case.facts.service.agreeing, case.site.offsets
    for stands in (found for respondent in mine if (found := agreeing.find_open(respondent.key))):
        if stands.waits_for_lead and stands.asked:
            yield case.site.working_days.after(stands.asked, offsets.measures_days, offsets.due_time)
    for cycle in case.facts.cycles:
        yield from (cycle.due_time(respondent) for respondent in mine)
        yield from (cycle.dates.due, cycle.dates.close)
        yield from (day for paper in cycle.dates.papers for day in (paper.clearance, paper.papers_out, paper.meeting))


def _offer_settling(case: MessageCase, known: Incoming, mine: Sequence[Respondent]) -> Iterator[str]:
    for respondent in mine:
        if cycle := case.facts.cycle(known.quarter) or case.facts.current(respondent.key):
            stands = cycle.stands(respondent.key)
            owes = stands.state is ReturnState.REQUESTED
            words = " ".join(case.message.matter)
            is_chairs = find_writing_giver(case, respondent, Assent.APPROVAL) is not None
            how = {"owes": owes, "is_chairs": is_chairs}
            yield from offer_settling(respondent, stands, words, case.day, wrote=case.message.received, **how)


def _list_asked(case: MessageCase, known: Incoming, mine: Sequence[Respondent]) -> Iterator[tuple[str, str]]:
    """The open questions about the returns that a message may be about, each with the order that binds it.

    A plain no answers none.
    """
    words = " ".join(case.message.matter)
    if plain_words(words) in map(plain_words, case.site.no_phrases):
        return
    for respondent in mine:
        cycle = case.facts.cycle(known.quarter) or case.facts.current(respondent.key)
        latest = cycle.latest.get(respondent.key) if cycle else None
        for number, query in offer_queries(latest, cycle.events, words).items() if cycle and latest else ():
            yield f"ANSWERS {respondent.code} {number}", say_query(number, query)


def _offer_successor(case: MessageCase, mine: Sequence[Respondent]) -> tuple[str, ...]:
    """The orders that name whoever is named in answer to "who should we write to?"; else whoever answers."""
    letter, site = case.facts.answered, case.site
    if letter is None or letter.kind != who_to_write_to.kind.name:
        return ()
    lost = next((c for r in mine for c in r.contacts if c.is_at(letter.about[0].address)), None)
    if lost is None:
        return ()
    own = tuple(c.address.lower() for r in mine for c in r.speakers(case.sender, case.day))
    named = find_named(case.message.answer, (case.sender, *own, lost.address, site.office.mailbox))
    if not named and lost.role is not Role.CHAIR:  # "that would be me"; hardly anybody is their own chair
        named = own[:1]
    return offer_contacts(site, case.facts.service, lost, mine, named, case.day, words=case.message.answer)


def _registered_name(case: MessageCase, mine: Sequence[Respondent]) -> str:
    """The sender as registered, never as they call themselves."""
    contacts: Iterator[Contact] = (c for r in mine for c in r.speakers(case.sender, case.day))
    found = next(contacts, None if mine else case.site.office.secretary_at(case.sender))
    if found is None:
        return case.sender
    is_theirs = found.is_at(case.sender)
    return f"{found.name} <{found.address}>" if is_theirs else f"{case.sender}, for {found.name} <{found.address}>"
