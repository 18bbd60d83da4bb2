"""What is answered or asked beside a return: a yes to a draft, an objection, more time.

Before a paper is cleared somebody says yes to exactly one draft, or a partnership objects. A lead has a working day
before the close, named or counted, at once; the co-ordinator gives the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.intake.outcomes.beside import read_act
from csp_workflow.intake.outcomes.holding import pass_on_objection, put_before_office
from csp_workflow.letters.answers import PaperMeant
from csp_workflow.letters.before_clearance import agreement_answer, agreement_request, paper_agreed, part_shown
from csp_workflow.letters.office import extension_given
from csp_workflow.letters.papers import say_waits
from csp_workflow.mail.words import plain_words, reserves
from csp_workflow.terms.dates import PaperState, Quarter, london, london_day
from csp_workflow.terms.events import About, Decision, Event, Fact, Happened, Letter, together
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.paper_status import PaperStatus
from csp_workflow.terms.phrases import joined, plain_day
from csp_workflow.terms.report_form import PaperReader
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent, Role, plain_address
from csp_workflow.terms.written_days import DayNotRead, Longer, split_day, split_longer

_WAITS = {PaperState.DRAFT, PaperState.WITH_PARTNERS}


def agree_to_draft(case: MessageCase) -> Decision | None:
    """What somebody answers who was asked to agree to a draft. None for any other message.

    It must come from their own address, and a plain yes counts for exactly the file that they were sent: with anything
    beside it the co-ordinator gets the words, and of an older draft nothing is recorded.
    """
    letter = case.facts.answered
    if letter is None or letter.kind != agreement_request.kind.name:
        return None
    about, cycle = letter.about[0], case.facts.cycle(letter.quarter)
    named = (r for r in case.site.readers_of(about.board) if plain_address(r.address) == case.sender)
    reader = next(named, None)
    paper = cycle.status.papers.get(about.board) if cycle else None
    if reader is None or cycle is None or paper is None:
        return None
    said = read_act(case, case.site.approval_phrases, (), cycle.quarter)
    if not said:
        return _ask_office(case, cycle, paper, reader, about)
    if about.draft != paper.drafts or paper.state not in _WAITS:
        answer = _answer(case, cycle, paper, reader, about, taken=False)
        return case.conclude(Verdict.APPROVAL, "It agrees to a draft that is not the latest.", letters=[answer])
    return _record(case, cycle, paper, reader, about)


def _answer(
    case: MessageCase, cycle: CycleFacts, paper: PaperStatus, reader: PaperReader, about: About, *, taken: bool
) -> Letter:
    return agreement_answer(
        reader,
        board=case.site.board(paper.board),
        quarter=cycle.quarter,
        number=about.draft,
        latest=paper.drafts,
        taken=taken,
        message=case.message.id,
        office=case.site.office,
    )


def _ask_office(
    case: MessageCase, cycle: CycleFacts, paper: PaperStatus, reader: PaperReader, about: About
) -> Decision:
    board = case.site.board(paper.board).name
    why = f"{reader.name} ({reader.role}) answers draft {about.draft} of the paper for {board}; it is no plain yes."
    told = case.conclude(Verdict.QUESTION, why, letters=[_answer(case, cycle, paper, reader, about, taken=False)])
    meant = PaperMeant(board=paper.board, said=f"the paper for {board}")
    return together(told, put_before_office(case, (), cycle.quarter, why, paper=meant))


def _record(case: MessageCase, cycle: CycleFacts, paper: PaperStatus, reader: PaperReader, about: About) -> Decision:
    """The yes; and the clearance that she has ordered, when nobody else is waited for."""
    address, readers = plain_address(reader.address), case.site.readers_of(paper.board)
    awaited = tuple(r for r in paper.list_awaited(readers) if plain_address(r.address) != address)
    agreed = _note(case, cycle, paper, Happened.PAPER_AGREED, reader=address)
    waits = say_waits(case.site, cycle.status, paper.board, case.day)
    cleared = paper.wanted and not awaited and (paper.unwaited or not waits)
    told = (
        paper_agreed(
            person,
            reader=reader,
            board=case.site.board(paper.board),
            quarter=cycle.quarter,
            number=paper.drafts,
            mark=paper.mark,
            awaited=tuple(f"{one.name} ({one.role})" for one in awaited),
            waits=waits,
            cleared=cleared,
            message=case.message.id,
        )
        for person in case.site.office.in_charge(case.day)
    )
    return case.conclude(
        Verdict.APPROVAL,
        f"{reader.name} ({reader.role}) agrees to draft {paper.drafts}.",
        events=[agreed, *([_note(case, cycle, paper, Happened.PAPER_CLEARED)] if cleared else [])],
        letters=[_answer(case, cycle, paper, reader, about, taken=True), *told],
    )


def _note(case: MessageCase, cycle: CycleFacts, paper: PaperStatus, kind: Happened, **about: str) -> Event:
    what: dict[str, Fact] = {"content": paper.content, "number": paper.drafts, **about}
    return replace(case.event(kind, quarter=cycle.quarter, respondent="", subject=paper.board), facts=what)


def answer_shown(case: MessageCase, mine: Sequence[Respondent]) -> Decision | None:
    """What somebody answers who was shown what a paper says of them: an objection, unless they only agree or thank."""
    letter = case.facts.answered
    if letter is None or letter.kind != part_shown.kind.name or any(True for _ in case.facts.unreadable()):
        return None
    agrees = read_act(case, (*case.site.approval_phrases, *case.site.yes_phrases), mine, letter.quarter)
    if agrees or case.message.only_thanks:
        return case.conclude(Verdict.NOISE, "It agrees to what a paper says of them.", respondents=mine)
    return pass_on_objection(case, mine, letter.quarter, letter.about[0].board)


def grant_time(case: MessageCase, mine: Sequence[Respondent], quarter: Quarter | None) -> Decision | None:
    """More time, when a lead names a working day after the due one and before the close, and at most a reason.

    None for other words, and for a day that is not ours to give: the co-ordinator decides.
    """
    wanted = _read_wanted_day(case)
    if wanted is None or case.message.attachments:
        return None
    when, reason = wanted
    asked = [(r, cycle) for r in mine if (cycle := case.facts.cycle(quarter) or case.facts.current(r.key))]
    owing = [(r, cycle) for r, cycle in asked if cycle.stands(r.key).state is ReturnState.REQUESTED]
    days = {_find_day(case, r, cycle, when) for r, cycle in owing}
    day = next(iter(days)) if len(days) == 1 else None
    if day is None or not all(_may_have(case, r, cycle, day) for r, cycle in owing):
        return None
    names = joined(r.name for r, _ in owing)
    return case.conclude(
        Verdict.QUESTION,
        f"{names} asked for time until {plain_day(day)}, which is before the close, and has it.",
        respondents=[r for r, _ in owing],
        events=[
            case.event(Happened.EXTENDED, quarter=cycle.quarter, respondent=r.key, until=day.isoformat(), reason=reason)
            for r, cycle in owing
        ],
        letters=[letter for r, cycle in owing for letter in _write_extension(case, r, cycle, day)],
    )


_PLEASE = r"(?:please|pls|plz)"
_FILLING = {
    *("a", "an", "us", "please", "pls", "plz"),
    *("short", "brief", "small", "little", "slight", "further", "possibly"),
}
_BEFORE_DAY = re.compile(r"^\W*(?:the\s+(?=\d))?", re.IGNORECASE)
_ENDING = re.compile(
    rf"[\s,.?!]*(?:\b{_PLEASE}|\bif (?:that is |that['\u2019]?s )?(?:possible|ok(?:ay)?|all right))?[\s,.?!]*$",
    re.IGNORECASE,
)
_PARTED = r"[\s,;:?(\u2013\u2014-]*"
_BECAUSE = re.compile(
    rf"^{_PARTED}(?:{_PLEASE}{_PARTED})?"
    r"(?:(?:because(?: of)?|as(?!\s+(?:well|soon|\w+ed)\b)|since|due to|owing to)\b\s*"
    r"|(?=(?:our|my|(?:we|i)(?:['\u2019]| (?:am|are|have) )|there (?:is|are))\b))",
    re.IGNORECASE,
)


@cache
def _list_asking(phrases: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The words of each phrase, the longest first."""
    words = {tuple(word for word in plain_words(one).split() if word not in _FILLING) for one in phrases}
    return tuple(sorted(words - {()}, key=len, reverse=True))


def _find_asked(said: str, phrases: tuple[str, ...]) -> str | None:
    """What stands behind a phrase of the list, whatever politeness stands between its words; None before any other."""
    words = [found for found in re.finditer(r"\w+", said) if found[0].casefold() not in _FILLING]
    begins = tuple(found[0].casefold() for found in words)
    phrase = next((one for one in _list_asking(phrases) if begins[: len(one)] == one), None)
    return _BEFORE_DAY.sub("", said[words[len(phrase) - 1].end() :]) if phrase else None


def _read_wanted_day(case: MessageCase) -> tuple[date | Longer, str] | None:
    """The day that is asked for, or how much longer, and the reason given ("" for none); None when anything else is
    said. What asks "until" a day asks for "another week" too, without its last word."""
    said, phrases = " ".join(case.message.matter), case.site.time_phrases
    until = _find_asked(said, phrases)
    longer = _find_asked(said, tuple(one.rpartition(" ")[0] for one in phrases if " " in one))
    asked = _ENDING.sub("", (longer or "") if until is None else until)
    try:
        day, rest = (split_longer(asked) if until is None else split_day(asked, today=case.day)) or (None, "")
    except DayNotRead:
        return None
    if day is None:
        return None
    begun = _BECAUSE.match(rest)
    reason = rest[begun.end() :] if begun else ""
    is_plain = reason and "." not in reason and not reserves(reason, case.site.courtesies)
    return (day, reason) if is_plain or not rest else None


def _find_day(case: MessageCase, respondent: Respondent, cycle: CycleFacts, when: date | Longer) -> date | None:
    """The day meant; of one that is past, or was given since, nobody can say from when a "week longer" counts."""
    if not isinstance(when, Longer):
        return when
    due, came, extended = cycle.due_time(respondent), case.message.received, cycle.stands(respondent.key).extended
    is_clear = came <= due and not (extended and came <= extended)
    is_near = due + timedelta(days=when.days) < cycle.dates.close  # beyond it no table of bank holidays need reach
    return when.reckon(london_day(due), case.site.working_days) if is_clear and is_near else None


def _may_have(case: MessageCase, respondent: Respondent, cycle: CycleFacts, day: date) -> bool:
    """Whether a day is a working one, later than what stands, before the close, and asked for by who may."""
    due = london(day, case.site.offsets.due_time)
    is_later = cycle.due_time(respondent) < due and case.now < due < cycle.dates.close
    is_theirs = case.facts.is_assigned(respondent.key) or case.is_from(respondent.people(Role.LEAD, case.day))
    return is_later and is_theirs and case.site.working_days.is_working(day)


def _write_extension(case: MessageCase, respondent: Respondent, cycle: CycleFacts, day: date) -> Iterator[Letter]:
    due, was = london(day, case.site.offsets.due_time), cycle.due_time(respondent)
    for lead in respondent.people(Role.LEAD, case.day):
        yield extension_given(lead, respondent, cycle.quarter, due=due, was=was)
