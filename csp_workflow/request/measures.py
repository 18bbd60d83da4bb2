"""Asking for a year's measures: the proof for the co-ordinator, then a letter to each lead with its workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from csp_workflow.forms.catalogue import attach_catalogue
from csp_workflow.letters.measures import AskedMeasures, measures_proof, measures_request
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import Decision, Event, Fact, Happened, Letter, PreconditionFailed
from csp_workflow.terms.measure_sets import MeasuresState, define_catalogue, list_asked, year_start
from csp_workflow.terms.messages import Attachment
from csp_workflow.terms.phrases import joined
from csp_workflow.terms.service_status import Agreeing
from csp_workflow.terms.site import Contact, Respondent, Role, Site

CALENDAR = "the calendar"


@dataclass(frozen=True, kw_only=True)
class MeasuresFacts:
    """What the asking is decided by: the site as it is now, how far it has come, the key that seals references."""

    site: Site
    agreeing: Agreeing
    key: bytes
    year: str
    by: str = CALENDAR

    def due(self, asked: datetime) -> datetime:
        """When an answer is wanted that was asked for at a moment."""
        offsets = self.site.offsets
        return self.site.working_days.after(asked, offsets.measures_days, offsets.due_time)

    def list_owing(self, now: datetime) -> tuple[tuple[Respondent, tuple[Contact, ...]], ...]:
        """The partnerships that were not asked for the year yet, each with whom to ask: its leads, else its chairs."""
        today = max(london_day(now), year_start(self.year))
        open_to = (
            r
            for r in list_asked(self.site, self.year)
            if self.agreeing.stands(self.year, r.key).state is MeasuresState.UNASKED
        )
        return tuple((r, r.people(Role.LEAD, today) or r.chairs(today)) for r in open_to)

    def attach(self, respondent: Respondent, now: datetime, *, issue: int = 1) -> Attachment:
        """The workbook of a partnership as things stand."""
        due = self.due(self.agreeing.stands(self.year, respondent.key).asked or now)
        catalogue = define_catalogue(self.site, respondent, self.year, due=due, now=now, issue=issue, key=self.key)
        return attach_catalogue(catalogue, created=now)


def find_next_year(site: Site, agreeing: Agreeing, now: datetime) -> str:
    """The first year of a framework that has not ended and for which somebody was not asked; "" for none."""
    today = london_day(now)
    for year in sorted(framework.year for framework in site.frameworks):
        last = year_start(f"{int(year[:4]) + 1}/{(int(year[5:]) + 1) % 100:02d}")
        unasked = (agreeing.stands(year, r.key).state is MeasuresState.UNASKED for r in list_asked(site, year))
        if today < last and any(unasked):
            return year
    return ""


def is_proof_due(site: Site, agreeing: Agreeing, now: datetime) -> str:
    """The year whose letters are to be proved today by the calendar; "" for none. It is proved once."""
    year, today = find_next_year(site, agreeing, now), london_day(now)
    if not year or year in agreeing.proved:
        return ""
    ask = site.working_days.plus(year_start(year), -site.offsets.measures_ask)
    return year if ask <= today < year_start(year) else ""


def decide_measures_proof(facts: MeasuresFacts, now: datetime) -> Decision:
    """Show her whom the letters would go to. Raises PreconditionFailed with what stands in the way."""
    owing = _require_owing(facts, now)
    files = tuple(facts.attach(respondent, now) for respondent, _ in owing)
    rows = [(r.name, joined(f"{c.name} <{c.address}>" for c in people) or "nobody: name a lead") for r, people in owing]
    letters = tuple(
        measures_proof(to, facts.year, rows, due=facts.due(now), files=files, at=now)
        for to in facts.site.office.in_charge(london_day(now))
    )
    shown: dict[str, Fact] = {"year": facts.year, "forms": len(files)}
    event = Event(kind=Happened.MEASURES_PROVED, at=now, by=facts.by, facts=shown)
    return Decision(events=(event,), letters=letters)


def decide_measures_sending(facts: MeasuresFacts, now: datetime) -> Decision:
    """Ask everybody as proved. Raises PreconditionFailed without a proof, or where somebody has no contact."""
    owing = _require_owing(facts, now)
    if facts.year not in facts.agreeing.proved:
        raise PreconditionFailed(f"No proof for {facts.year} was made. AGREE {facts.year} makes it.")
    if lacking := [r.name for r, people in owing if not people]:
        raise PreconditionFailed(f"Nobody can be asked at {joined(lacking)}. CONTACT names a lead; then say it again.")
    events = (
        Event(kind=Happened.MEASURES_ASKED, at=now, by=facts.by, respondent=r.key, facts={"year": facts.year})
        for r, _ in owing
    )
    return Decision(events=tuple(events), letters=tuple(_write_requests(facts, owing, now)))


def _write_requests(
    facts: MeasuresFacts, owing: tuple[tuple[Respondent, tuple[Contact, ...]], ...], now: datetime
) -> Iterator[Letter]:
    """One letter to a person, for all that they answer for."""
    people = {contact.address.lower(): contact for _, contacts in owing for contact in contacts}
    files = {r.key: facts.attach(r, now) for r, _ in owing}
    phrase = facts.site.as_last_year_phrases[0]
    for address, contact in people.items():
        mine = tuple(r for r, contacts in owing if address in {c.address.lower() for c in contacts})
        asked = AskedMeasures(year=facts.year, respondents=mine, due=facts.due(now))
        yield measures_request(contact, asked, tuple(files[r.key] for r in mine), phrase=phrase)


def _require_owing(facts: MeasuresFacts, now: datetime) -> tuple[tuple[Respondent, tuple[Contact, ...]], ...]:
    years = [framework.year for framework in facts.site.frameworks]
    if facts.year not in years:
        raise PreconditionFailed(
            f"There is no framework for {facts.year or 'a coming year'}. There is: {joined(years)}."
        )
    owing = facts.list_owing(now)
    if not owing:
        raise PreconditionFailed(f"Every partnership was asked for its measures for {facts.year} already.")
    return owing
