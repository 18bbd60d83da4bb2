"""What the morning letter says of a year's measures: who answered, for whom they wait, what she decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from csp_workflow.digest.facts import DigestFacts, say_by_phone
from csp_workflow.letters.morning import Item, Need
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.letters import REMINDERS
from csp_workflow.terms.measure_sets import MeasuresState, MeasuresStatus
from csp_workflow.terms.phrases import joined, plain_day, plural
from csp_workflow.terms.site import Respondent, Role

_S = MeasuresState
_WAITS_FOR = {
    _S.ASKED: "the lead's answer",
    _S.QUERIED: "the lead's correction",
    _S.COMPLETE: "the chair's approval",
    _S.APPROVED: "you to agree",
}


def tell_measures(facts: DigestFacts) -> tuple[str, ...]:
    """A line for each group that stands alike, as long as anybody's measures for a year are open."""
    return tuple(line for year in facts.service.agreeing.open_years for line in _tell_year(facts, year))


def _tell_year(facts: DigestFacts, year: str) -> Iterator[str]:
    by_state: dict[MeasuresState, list[str]] = {}
    names = {r.key: r.name for r in facts.site.respondents}
    for stands in facts.service.agreeing.list_year(year):
        by_state.setdefault(stands.state, []).append(names.get(stands.respondent, stands.respondent))
    for state in MeasuresState:
        if state in by_state:
            waits = f"waiting for {_WAITS_FOR[state]}" if state in _WAITS_FOR else str(state)
            yield f"Measures for {year}, {waits}: {joined(by_state[state])}."


def list_measure_needs(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """The proof that waits for her, what a chair approved, and who was reminded as often as we do."""
    agreeing = facts.service.agreeing
    for year, at in agreeing.proved.items():
        if not agreeing.list_year(year):
            waits = (
                f"The proof of the letters that ask for the measures for {year} waits for you since {plain_day(at)}."
            )
            title = f"The letters about measures for {year}"
            yield Need(title=title, sentence=waits, words=("SEND MEASURES",), told_at=at)
    for year in agreeing.open_years:
        for stands in agreeing.list_year(year):
            found = next((r for r in facts.site.respondents if r.key == stands.respondent), None)
            if found is not None:
                yield from _need_of(facts, found, stands, now)


def _need_of(facts: DigestFacts, of: Respondent, stands: MeasuresStatus, now: datetime) -> Iterator[Need]:
    item = Item(about=of.key, what=f"measures {stands.state}", called=f"the measures of {of.name}")
    if stands.state is _S.APPROVED:
        yield Need(
            title=f"Measures to be agreed: {of.name}",
            sentence=f"{stands.approved_by} approved version {stands.version} of the measures of {of.name} for "
            f"{stands.year}. The forms ask them once you agree.",
            words=(f"AGREED {of.code}", f"RETURNED {of.code} BECAUSE reason"),
            item=item,
        )
    elif _count_reminders(facts, stands) >= REMINDERS:
        today = london_day(now)
        people = of.chairs(today) if stands.state is _S.COMPLETE else of.people(Role.LEAD, today)
        since = f" since {plain_day(stands.since)}" if stands.since else ""
        yield Need(
            title=f"Measures still to come: {of.name}",
            sentence=f"The measures of {of.name} for {stands.year} wait for {_WAITS_FOR[stands.state]}{since}, after "
            f"{plural(REMINDERS, 'reminder')}. Please phone {say_by_phone(people)}.",
            item=item,
        )


def _count_reminders(facts: DigestFacts, stands: MeasuresStatus) -> int:
    return max(
        (
            a.reminder
            for x in facts.letters
            if stands.since is None or x.queued >= stands.since
            for a in x.about
            if (a.year, a.respondent) == (stands.year, stands.respondent)
        ),
        default=0,
    )
