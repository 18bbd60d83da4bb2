"""Addresses: those that letters do not reach or nobody has confirmed, letters that came back, mail that is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from csp_workflow.digest.facts import DigestFacts, find_holder
from csp_workflow.letters.contacts import file_of
from csp_workflow.letters.morning import Item, Need
from csp_workflow.terms.dates import london_day
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.messages import Blame
from csp_workflow.terms.people import NamedContact, offer_contacts
from csp_workflow.terms.phrases import day, joined, plural
from csp_workflow.terms.site import Assent, Contact, Respondent

_QUOTED = 160
"""Characters of another side's words that stand in the digest."""


def list_lost_addresses(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """Each address that no letter goes to and that still stands in the configuration, with how to put it right."""
    today = london_day(now)
    for address, _ in sorted(facts.service.undeliverable.items(), key=lambda pair: (pair[1].since, pair[0])):
        person, respondents = find_holder(facts, address, today)
        if person is not None:
            sentence = " ".join(_say_loss(facts, person, respondents, today))
            named = facts.service.undeliverable[address].named.split(", ")
            orders = _offer_others(facts, address, today, tuple(filter(None, named)))
            unasked = _list_unasked(facts, person, respondents, today)
            verb, undone = _UNASKED.get(person.role.assent, ("", ""))
            sentence += "".join(undone.format(r.name) for r in unasked)
            orders += tuple(f"{verb} {r.code} BY whom BECAUSE evidence" for r in unasked)
            item = _find_item(address, respondents)
            title = f"No letter reaches {person.name}"
            told_at = None if unasked else facts.service.undeliverable[address].since
            words = (*orders, f"ADDRESS OK {address}")
            yield Need(title=title, sentence=sentence, words=words, item=item, told_at=told_at)


_UNASKED: Mapping[Assent | None, tuple[str, str]] = {
    Assent.APPROVAL: ("APPROVED", " The return of {} is complete, and nobody is asked to approve it."),
    Assent.CERTIFICATE: ("CERTIFIED", " The grant money of {} is stated, and nobody is asked to certify it."),
}
"""The order, and what is said, where a yes is wanted that nobody is asked for."""


def _list_unasked(
    facts: DigestFacts, person: Contact, respondents: tuple[Respondent, ...], today: date
) -> list[Respondent]:
    """Whose return waits for a yes of somebody who is not reached, which nobody else is asked for."""
    assent = person.role.assent
    return [
        of
        for cycle in facts.shown
        for of, status in cycle.owed_returns()
        if assent and of in respondents and of.needs_approval
        if status.wants(assent) and not cycle.givers(of, assent, today) and not cycle.papers_are_out
    ]


def _find_item(address: str, respondents: tuple[Respondent, ...]) -> Item | None:
    """By which respondents' codes a thing about an address is put off; the office's own never is."""
    if not respondents:
        return None
    keys = tuple(r.key for r in respondents)
    return Item(about=keys[0], what=f"address {address}", called=joined(r.name for r in respondents), of=keys)


def _offer_others(facts: DigestFacts, address: str, today: date, named: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The orders that put somebody else in the place of whoever has an address."""
    person, respondents = find_holder(facts, address, today)
    return offer_contacts(facts.site, facts.service, person, respondents, named, today) if person else ()


def _say_loss(facts: DigestFacts, person: Contact, respondents: tuple[Respondent, ...], today: date) -> Iterator[str]:
    lost = facts.service.undeliverable[person.address.lower()]
    where = f" ({joined(r.name for r in respondents)})" if respondents else ""
    since = day(london_day(lost.since))
    if lost.disowned:
        yield f"{person.name}{where} wrote on {since} that this is no longer for them."
        if lost.named:
            yield f"They name {lost.named}; nothing is sent there before you say so."
    else:
        code = f", with the code {lost.status}" if lost.status else ""
        yield f"Letters to {person.name}{where} come back since {since}{code}."
    instead = {c.address: c.name for r in respondents for c in facts.service.written_to(r, today)}
    if instead:
        yield f"Letters go to {joined(instead.values())} meanwhile."
    elif respondents:
        yield "Nobody else there can be written to."
    here, address = {LetterState.QUEUED, LetterState.IN_DRAFTS}, person.address.lower()
    waiting = sum(x.state in here and x.recipient.lower() == address for x in facts.every_letter)
    if waiting:
        yield f"{plural(waiting, 'letter')} to them {'waits' if waiting == 1 else 'wait'}."
    if respondents:
        yield "Please name the right person, or say that the address is right."
    else:
        yield (
            f"Whoever keeps the configuration puts the right person into {file_of(respondents)}; please forward this "
            "to them, or say that the address is right."
        )


_BACK = {
    Blame.PASSING: (
        "did not arrive on {since}: their mailbox is full, or their mail system busy or out of order.",
        "That may pass; the next letter is tried as usual. Please phone if it cannot wait.",
    ),
    Blame.GIVEN_UP: (
        "was tried for as long as mail is tried, and given up on {since}: it counts as not delivered.",
        "Please phone and ask whether their mail works, then send it again from the mailbox's sent folder.",
    ),
    Blame.UNCLEAR: (
        "came back on {since}, and it is not clear why.",
        "Please look at the notice in the mailbox. If somebody else is to be written to, name them.",
    ),
}


def list_letters_back(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """Each address that a letter did not reach and that stays in use, but for those that refuse us for what we are."""
    today = london_day(now)
    for address, one in sorted(facts.service.returned.items(), key=lambda pair: (pair[1].since, pair[0])):
        if one.blame not in _BACK:
            continue
        name, respondents = _name_holder(facts, address, today)
        what, wanted = _BACK[one.blame]
        if one.blame is Blame.GIVEN_UP and _is_still_here(facts, address):
            wanted = "Please phone and ask whether their mail works. It never left: how to send it again is below."
        since = what.format(since=day(london_day(one.since)))
        sentence = f"A letter to {name} {since}{_quote(one.said)} {wanted}"
        orders = _offer_others(facts, address, today) if one.blame is Blame.UNCLEAR else ()
        item = _find_item(address, respondents)
        title = f"A letter came back from {name}"
        words = (*orders, f"ADDRESS OK {address}")
        yield Need(title=title, sentence=sentence, words=words, item=item, told_at=one.since)


def _is_still_here(facts: DigestFacts, address: str) -> bool:
    """Whether a letter to an address was given up here, so that it lies in no folder of letters that were sent."""
    return any(x.state is LetterState.FAILED and x.recipient.lower() == address for x in facts.every_letter)


def list_refusals(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """Those whose mail systems refuse us for what we are, together: the fault is one, and ours."""
    refused, today = facts.service.refused, london_day(now)
    if not refused:
        return
    names = joined(_name_holder(facts, address, today)[0] for address in sorted(refused))
    last = max(refused.values(), key=lambda one: one.since)
    since = day(london_day(min(one.since for one in refused.values())))
    yield Need(
        title="Our mail is refused",
        sentence=f"Our mail is refused since {since} by the mail systems of {names}.{_quote(last.said)} The fault is "
        "with our mail, so no address was marked. Please have whoever runs it look at it, then send again what was "
        "refused.",
        words=("RESUME",) if facts.service.on_hold else tuple(f"ADDRESS OK {address}" for address in sorted(refused)),
    )


def _name_holder(facts: DigestFacts, address: str, today: date) -> tuple[str, tuple[Respondent, ...]]:
    person, respondents = find_holder(facts, address, today)
    where = f" ({joined(r.name for r in respondents)})" if respondents else ""
    return f"{person.name if person else address}{where}", respondents


def _quote(said: str) -> str:
    """The other side's words, as a sentence of ours with them in it."""
    return f' They say: "{said[:_QUOTED]}".' if said else ""


# Named, and not confirmed yet ------------------------------------------------------------------------

PATIENCE = 2
"""Working days in which an address may be confirmed before the co-ordinator is told; one that fails is told at once."""


def list_unconfirmed(facts: DigestFacts, now: datetime) -> Iterator[Need]:
    """What waits for an address to be confirmed, and does so for long or in vain."""
    today, service = london_day(now), facts.service
    names = {respondent.key: respondent for respondent in facts.site.respondents}
    for one in service.people.unconfirmed:
        asked = london_day(one.named)
        lost = not service.reaches(one.contact)
        if one.respondent not in names or not (lost or facts.site.working_days.between(asked, today) >= PATIENCE):
            continue
        address, of = one.contact.address, names[one.respondent]
        why = "letters there come back" if lost else "has not answered whether the address is right"
        whom = f"{one.contact.name} <{address}>, named as {one.contact.role} for {of.name} on {day(asked)}"
        sentence = f"{whom}: {why}. Nothing else goes there. Please phone, or name another address."
        again = (f"ADDRESS OK {address}",) if lost else (f"YES {address}", _write_again(one, of.code, today))
        item = Item(about=of.key, what=f"address {address}", called=of.name)
        title = f"The address of {one.contact.name} is not confirmed"
        yield Need(title=title, sentence=sentence, words=(*again, f"NO {address}"), item=item)


def _write_again(one: NamedContact, code: str, today: date) -> str:
    """The same order once more: the question goes out again."""
    contact = one.contact
    since = f" FROM {day(contact.valid_from)}" if contact.valid_from > today else ""
    until = f" TO {day(contact.valid_to)}" if contact.valid_to < date.max else ""
    instead = f" INSTEAD OF {one.replaces[0]}" if len(one.replaces) == 1 else ""
    return f"CONTACT {code} {contact.role} {contact.name} <{contact.address}>{since}{until}{instead}"
