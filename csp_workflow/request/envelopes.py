"""Who gets which letter when a cycle opens: one letter to each person, with all the forms that person answers for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from csp_workflow.letters.render import Environment, render
from csp_workflow.letters.requests import ProofLetter, proof_pack, request, request_chair, request_contributor
from csp_workflow.request.proof import Proof, ProofEntry, reply_words
from csp_workflow.terms.dates import CycleDates, in_london
from csp_workflow.terms.letters import Letter
from csp_workflow.terms.site import Contact, Site

_Person = tuple[Contact, list[ProofEntry]]


def letters(proof: Proof, site: Site, dates: CycleDates) -> tuple[Letter, ...]:
    """Every letter of an opening: to the leads, then to the chairs, each in the order of the config."""
    return (*_to_leads(proof, site, dates), *_to_chairs(proof, dates))


def pack(
    proof: Proof, site: Site, dates: CycleDates, *, environment: Environment, key: bytes, remarks: Iterable[str]
) -> Letter:
    """The proof pack for the co-ordinator: every letter with its words, and the first day it may leave."""
    shown = []
    for letter in letters(proof, site, dates):
        words = render(
            letter, site.office, environment=environment, key=key, marking=site.marking, illustrative=site.illustrative
        )
        leaves = min(entry.leaves for entry in proof.entries)
        shown.append(ProofLetter(letter=letter, subject=words.subject, text=words.text, leaves=leaves))
    unsent = tuple(entry.workbook for entry in proof.entries if not entry.leads)
    to = site.office.co_ordinator
    return proof_pack(to, shown, dates, boards=site.boards, remarks=tuple(remarks), unsent=unsent)


def first_day(now: datetime, site: Site) -> date:
    """The first day on which a letter queued now may leave: a working day whose sending window is not over."""
    local = in_london(now)
    is_over = local.time() >= site.window.closes
    return site.working_days.plus(local.date() + timedelta(days=int(is_over)), 0)


def _to_leads(proof: Proof, site: Site, dates: CycleDates) -> Iterable[Letter]:
    """A person who answers for a partnership and a contributor gets the partnership's letter, with both forms."""
    words = reply_words(site)
    for contact, entries in _by_person(proof, lambda entry: entry.leads):
        enclosures = [entry.enclosure for entry in entries]
        is_partnership = any(entry.respondent.needs_approval for entry in entries)
        write = request if is_partnership else request_contributor
        yield write(contact, enclosures, dates, words=words)


def _to_chairs(proof: Proof, dates: CycleDates) -> Iterable[Letter]:
    """A chair who is the lead as well has the request itself and needs no note."""
    for contact, entries in _by_person(proof, _chairs_who_do_not_lead):
        leads = {e.respondent.key: ", ".join(lead.name for lead in e.leads) for e in entries if e.leads}
        yield request_chair(contact, [entry.form for entry in entries], dates, leads=leads)


def _chairs_who_do_not_lead(entry: ProofEntry) -> tuple[Contact, ...]:
    leads = {lead.address.lower() for lead in entry.leads}
    return tuple(chair for chair in entry.chairs if chair.address.lower() not in leads)


def _by_person(proof: Proof, people: Callable[[ProofEntry], Iterable[Contact]]) -> tuple[_Person, ...]:
    """Each address once, with everything it answers for; a person listed twice at one respondent counts once."""
    found: dict[str, _Person] = {}
    for entry in proof.entries:
        for contact in people(entry):
            _, entries = found.setdefault(contact.address.lower(), (contact, []))
            if entry not in entries:
                entries.append(entry)
    return tuple(found.values())
