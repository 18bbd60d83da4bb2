"""AWAY and BACK: the co-ordinator's own absence, in which her deputy gets the morning's letters and may order."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

from csp_workflow.desk.commands import CarriedOut, Command, OrderFacts, Refused, Verb, keep_order, note_change
from csp_workflow.mail.words import plain_words
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Happened
from csp_workflow.terms.phrases import day as full_day
from csp_workflow.terms.written_days import split_day

WRITE = "Write: AWAY FROM 3 November TO 14 November"
_FROM = re.compile(r"^(?:from|on)\b\s*", re.IGNORECASE)
_TO = re.compile(
    r"\s*[,;]?\s*(?:\b(?:to|until|till|through)\b|[\u2013\u2014]|\s-\s|(?<=\d)-(?=\d{1,2}\s*[a-z]))\s*", re.IGNORECASE
)
_DEPUTY = re.compile(r"^[\s,;:.-]*(?:and\s+)?(?:(?:my\s+)?deputy(?:\s+is)?\b)?[\s,;:-]*", re.IGNORECASE)


class AbsenceNotRead(Exception):
    """The days of an absence could not be read; the sentence says how to write them."""


def read_absence(rest: str, *, today: date) -> tuple[date, date, str]:
    """From which day, to which, both included, and who is named as deputy ("" for nobody). Raises DayNotRead."""
    said = _FROM.sub("", rest)
    before, to, after = _split_once(said)
    if not to:
        raise AbsenceNotRead(f"It does not say until when. {WRITE}.")
    if before.isdigit() and (
        month := re.match(r"\d{1,2}(?:st|nd|rd|th)?(?:\s+of)?\s+([a-z]{3,})", after, re.IGNORECASE)
    ):
        before = f"{before} {month[1]}"
    first, more = split_day(before, today=today) if before else (today, "")
    if more:
        raise AbsenceNotRead(f"'{more}' was not understood. {WRITE}.")
    days, comma, named = after.partition(",")
    last, more = split_day(days, today=max(first, today))
    deputy = _DEPUTY.sub("", f"{more}{comma}{named}").strip(" .,;")
    if last < first:
        raise AbsenceNotRead(f"{full_day(last)} is before {full_day(first)}. {WRITE}.")
    return first, last, deputy


def _split_once(said: str) -> tuple[str, str, str]:
    found = _TO.search(said)
    return (said[: found.start()].strip(), found[0], said[found.end() :].strip()) if found else (said, "", "")


def record_absence(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """Record that she is away: the deputy whom the site names stands in. Only the site's own files name another."""
    office, since, until = facts.site.office, command.since, command.day
    if since is None or until is None:
        raise Refused(f"{WRITE}.")
    if until < london_day(now):
        raise Refused(f"{full_day(until)} is past.")
    if facts.is_overtaken(facts.service.back):
        raise Refused("You wrote BACK after this. Write AWAY again if you mean other days.")
    if office.deputy is None:
        raise Refused("No deputy is entered for your office, so nobody could order in your place.")
    if command.whom and not set(plain_words(command.whom).split()) <= set(plain_words(office.deputy.name).split()):
        raise Refused(f"The deputy who is entered is {office.deputy.name}, and nobody else can order in your place.")
    event = note_change(Happened.OFFICE_AWAY, facts, now, since=since.isoformat(), until=until.isoformat())
    name = office.deputy.name
    return CarriedOut(
        sentences=(
            f"You are away from {full_day(since)} to {full_day(until)}.",
            f"In these days {name} gets each morning's letter too, and may order. What you order still counts.",
            "BACK ends it earlier.",
        ),
        decision=keep_order(command, facts, now, event),
    )


def end_absence(command: Command, facts: OrderFacts, now: datetime) -> CarriedOut:
    """End the absences that were ordered; one that the site's own files name stays."""
    today = london_day(now)
    ahead = [said for _, last, said in facts.service.own_absences if last >= today]
    if ahead and all(map(facts.is_overtaken, ahead)):
        raise Refused("You wrote AWAY after this, so that stands. Write BACK again to end it.")
    if not ahead:
        entered = any(first <= today <= last for first, last in facts.site.office.absences)
        raise Refused("Your absence is entered in the site's own files." if entered else "No absence is recorded.")
    return CarriedOut(
        sentences=("You are back: the morning's letters are yours alone again.",),
        decision=keep_order(command, facts, now, note_change(Happened.OFFICE_BACK, facts, now)),
    )


ABSENCE_ORDERS: dict[Verb, Callable[[Command, OrderFacts, datetime], CarriedOut]] = {
    Verb.AWAY: record_absence,
    Verb.BACK: end_absence,
}
