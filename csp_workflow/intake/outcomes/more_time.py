"""More time: a lead has a working day before the close, named or counted, at once; the co-ordinator gives the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache

from csp_workflow.intake.case import CycleFacts, MessageCase
from csp_workflow.letters.office import extension_given
from csp_workflow.mail.words import plain_words, reserves
from csp_workflow.terms.dates import Quarter, london, london_day
from csp_workflow.terms.events import Decision, Happened
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.messages import Verdict
from csp_workflow.terms.phrases import joined, plain_day
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.site import Respondent, Role
from csp_workflow.terms.written_days import DayNotRead, Longer, split_day, split_longer


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
