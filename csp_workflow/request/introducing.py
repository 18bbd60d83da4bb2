"""Whoever never had a letter of ours is told who we are, some working days before the form; after a SEND of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from csp_workflow.letters.proofs import introduction, introduction_proof
from csp_workflow.request import form as forms
from csp_workflow.request import proof
from csp_workflow.request.opening import REQUESTS, Opening
from csp_workflow.request.proof import OpeningFacts
from csp_workflow.terms.dates import CycleDates, CycleState, in_london
from csp_workflow.terms.events import ComingLetter, Decision, Event, Happened, Letter, PreconditionFailed, Sending
from csp_workflow.terms.site import Assent, Contact, Respondent, Site
from csp_workflow.terms.status import CycleStatus


@dataclass
class _Newcomer:
    """Somebody to be introduced, with those whom they answer for; `leads`: they get a form."""

    contact: Contact
    respondents: list[Respondent]
    leads: bool


def find_day(site: Site, dates: CycleDates) -> date:
    """When newcomers are to hear of us: some working days before the forms leave."""
    return site.working_days.plus(dates.open, -site.offsets.introduction) if site.offsets.introduction else dates.open


def introductions_are_due(site: Site, dates: CycleDates, status: CycleStatus, now: datetime) -> bool:
    """Whether the proof of introductions is to be made without an order: from its morning until the forms leave."""
    local, day = in_london(now), find_day(site, dates)
    is_morning = local.date() > day or local.time() >= site.digest_at
    return status.state is CycleState.PLANNED and day <= local.date() < dates.open and is_morning


def decide_introduction_proof(facts: OpeningFacts, now: datetime) -> Opening:
    """The proof of the introductions, where there is somebody to introduce, once for the same people."""
    if facts.dates is None or not introductions_are_due(facts.site, facts.dates, facts.status, now):
        return Opening()
    letters = write_introductions(facts, facts.dates, now)
    mark = proof.digest_values([letter.recipient.lower() for letter in letters], facts.key)
    made = [e for e in facts.events if e.kind is Happened.INTRODUCTIONS_PROVED]
    if not letters or (made and made[-1].subject == mark):
        return Opening()
    day = proof.find_first_day(now, facts.site)
    shown = proof.show_letters(
        (ComingLetter(day=day, letter=x) for x in letters), facts.site, environment=facts.templates, key=facts.key
    )
    pack = introduction_proof(facts.site.office.co_ordinator, shown, facts.dates, mark=mark)
    event = Event(
        kind=Happened.INTRODUCTIONS_PROVED,
        at=now,
        by=facts.by,
        quarter=facts.quarter,
        subject=mark,
        facts={"forms": len(letters)},
    )
    return Opening(decision=Decision(events=(event,), letters=(pack,)))


def decide_introducing(facts: OpeningFacts, now: datetime) -> Opening:
    """The introductions as proved. Raises PreconditionFailed where nobody is left to introduce."""
    if facts.dates is None or facts.status.state is not CycleState.PLANNED:
        raise PreconditionFailed(f"The forms for {facts.quarter} are proved already: no first letters go before them.")
    letters = write_introductions(facts, facts.dates, now)
    if not letters:
        raise PreconditionFailed("Nobody is left to introduce: each has a letter of ours, or one is on its way.")
    return Opening(decision=Decision(letters=letters))


def lay_introductions(facts: OpeningFacts, dates: CycleDates, now: datetime) -> tuple[Sending, ...]:
    """The introductions as they are planned, while there is time for them before the forms."""
    day = max(find_day(facts.site, dates), proof.find_first_day(now, facts.site))
    has_forms = facts.quarter.financial_year in {framework.year for framework in facts.site.frameworks}
    if facts.status.state is not CycleState.PLANNED or day >= dates.open or not has_forms:
        return ()
    return (Sending(day=day, decision=Decision(letters=write_introductions(facts, dates, now))),)


def write_introductions(facts: OpeningFacts, dates: CycleDates, now: datetime) -> tuple[Letter, ...]:
    """One letter to each address that will get a request or a chair's note, and never had a letter of ours."""
    found: dict[str, _Newcomer] = {}
    named = ((r, tuple(_list_newcomers(facts, r, now))) for r in facts.site.respondents if r.kind in REQUESTS.kinds)
    newcomers = {respondent.key: people for respondent, people in named if people}
    for respondent, form in proof.define_forms(facts, dates, now, among=newcomers):
        for contact, leads in () if forms.asks_nothing(form) else newcomers[respondent.key]:
            one = found.setdefault(contact.address.lower(), _Newcomer(contact, [], leads))
            one.leads = one.leads or leads
            if respondent not in one.respondents:
                one.respondents.append(respondent)
    return tuple(introduction(n.contact, n.respondents, dates, leads=n.leads) for n in found.values())


def _list_newcomers(facts: OpeningFacts, respondent: Respondent, now: datetime) -> Iterator[tuple[Contact, bool]]:
    """Who would hear of a respondent's form and never had a letter of ours; and whether they lead."""
    today, service = in_london(now).date(), facts.service
    people = [(lead, True) for lead in service.deliverable(respondent, today)]
    if respondent.needs_approval:
        people += [(chair, False) for chair in service.chairing(respondent, today)]
    if any(grant.is_asked(facts.quarter) for grant in respondent.grants):
        people += [(holder, False) for holder in service.assenting(respondent, Assent.CERTIFICATE, today)]
    yield from (one for one in people if one[0].address.lower() not in facts.written)
