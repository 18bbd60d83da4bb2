"""Whom a set-up workbook names holds no role before the address is confirmed; those replaced hold it until then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from csp_workflow import settings
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.people import People, lay_over, people_after
from csp_workflow.terms.site import Contact, Respondent, Role

NOW, DAY = datetime(2014, 10, 16, 9, tzinfo=UTC), date(2014, 11, 3)
OLD, NEW, THIRD = "old@melton.example", "new@melton.example", "third@melton.example"
SITE, _ = settings.load(settings.find_defaults() / "config", environment={})


def lead(address: str, *, since: date, until: date = date.max) -> Contact:
    return Contact(name=address, role=Role.LEAD, address=address, valid_from=since, valid_to=until)


def named(kind: Happened, address: str, **facts: str | bool) -> Event:
    about = {"role": "lead", "name": address, "since": "2014-10-16", "until": "", "replaces": OLD, "known": False}
    return Event(
        kind=kind, at=NOW, by="her", respondent="melton", subject=address,
        facts={**about, **facts} if kind is Happened.CONTACT_NAMED else {},
    )  # fmt: skip


def leads_after(*events: Event) -> tuple[list[str], list[str]]:
    """The addresses of Melton's leads on a later day, and of those who are invited: the files say OLD, then NEW."""
    melton = next(r for r in SITE.respondents if r.key == "melton")
    people = (lead(OLD, since=date.min, until=date(2014, 10, 15)), lead(NEW, since=date(2014, 10, 16)))
    known = People()
    for event in events:
        known = people_after(known, event)
    (laid,) = lay_over(replace(SITE, respondents=(replace(melton, contacts=people),)), known).respondents
    assert isinstance(laid, Respondent)
    return [c.address for c in laid.people(Role.LEAD, DAY)], [c.address for c in laid.invited]


SET_UP = named(Happened.CONTACT_NAMED, NEW, set_up=True, kept="")


def test_until_the_address_is_confirmed_those_replaced_hold_the_role() -> None:
    assert leads_after(SET_UP) == ([OLD], [NEW])
    assert leads_after(SET_UP, named(Happened.CONTACT_CONFIRMED, NEW)) == ([NEW], [])


def test_whoever_had_a_last_day_before_keeps_it() -> None:
    kept = named(Happened.CONTACT_NAMED, NEW, set_up=True, kept="2014-10-31")
    assert leads_after(kept) == ([], [NEW])


def test_a_no_leaves_those_replaced_and_a_contact_named_afterwards_stands() -> None:
    refused = (SET_UP, named(Happened.CONTACT_WITHDRAWN, NEW))
    assert leads_after(*refused) == ([OLD], [])
    assert leads_after(*refused, named(Happened.CONTACT_CONFIRMED, NEW)) == ([OLD], []), "it was taken back"
    again = (*refused, named(Happened.CONTACT_NAMED, NEW))
    assert leads_after(*again) == ([OLD], [NEW])
    assert leads_after(*again, named(Happened.CONTACT_CONFIRMED, NEW)) == ([NEW], [])
    other = (SET_UP, named(Happened.CONTACT_NAMED, THIRD), named(Happened.CONTACT_CONFIRMED, THIRD))
    assert leads_after(*other) == ([THIRD], [])


def test_two_that_one_workbook_names_both_wait() -> None:
    second = named(Happened.CONTACT_NAMED, THIRD, set_up=True, kept="", replaces="")
    assert leads_after(SET_UP, second) == ([OLD], [NEW, THIRD])
