"""People known beside the configuration: who named or confirmed whom, from when, and whom that replaces."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.people import lay_over
from csp_workflow.terms.service_status import fold_service
from csp_workflow.terms.site import Contact, Respondent, Role, Site
from tests.chase.quarter_told import CHARNWOOD, SITE

TODAY = date(2014, 10, 20)
NEW, OLD = "jane@charnwood.example", "lead@charnwood.example"


def happened(kind: Happened, address: str = NEW, *, on: date = TODAY, **facts: Any) -> Event:
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    return Event(kind=kind, at=at, by="her", respondent="charnwood", subject=address, facts=facts)


def named(address: str = NEW, *, on: date = TODAY, **more: Any) -> Event:
    said = {"role": "lead", "name": "Jane", "since": on.isoformat(), "until": "", "replaces": OLD, "known": False}
    return happened(Happened.CONTACT_NAMED, address, on=on, **{**said, **more})


def laid(*events: Event) -> Site:
    return lay_over(SITE, fold_service(events).people)


def charnwood(*events: Event) -> Respondent:
    return laid(*events).respondent("charnwood")


def leads(of: Respondent, day: date) -> list[str]:
    return [c.address for c in of.people(Role.LEAD, day)]


def later(days: int) -> date:
    return TODAY + timedelta(days=days)


CONFIRMED = Happened.CONTACT_CONFIRMED


def test_without_people_the_site_is_the_configured_one() -> None:
    assert laid(happened(Happened.ADDRESS_RESTORED)) is SITE


def test_whoever_is_named_counts_for_nothing_before_the_address_is_confirmed() -> None:
    before = charnwood(named())
    assert before.contacts == CHARNWOOD.contacts
    assert before.is_invited(NEW)
    assert not before.speakers(NEW, TODAY)


def test_once_confirmed_they_hold_the_role_from_that_day_and_the_one_before_no_more() -> None:
    now = charnwood(named(), happened(CONFIRMED, on=later(2)))
    assert not now.is_invited(NEW)
    assert [leads(now, later(n)) for n in (1, 2, 400)] == [[OLD], [NEW], [NEW]]


def test_the_day_that_was_given_counts_when_it_is_later() -> None:
    now = charnwood(named(since=later(10).isoformat()), happened(CONFIRMED, on=later(2)))
    assert [leads(now, later(n)) for n in (9, 10)] == [[OLD], [NEW]]


def test_whoever_holds_a_role_for_a_time_gives_it_back() -> None:
    now = charnwood(named(until=later(5).isoformat()), happened(CONFIRMED))
    assert [leads(now, later(n)) for n in (-1, 0, 5, 6)] == [[OLD], [NEW], [NEW], [OLD]]


def test_a_confirmation_after_the_time_is_over_changes_nobody() -> None:
    now = charnwood(named(until=later(1).isoformat()), happened(CONFIRMED, on=later(3)))
    assert now.contacts == CHARNWOOD.contacts


def test_a_known_address_serves_at_once() -> None:
    assert leads(charnwood(named("deputy@charnwood.example", known=True)), TODAY) == ["deputy@charnwood.example"]


def test_of_two_namings_for_a_role_the_later_waits_and_a_confirmed_one_is_replaced_in_turn() -> None:
    third = "sam@charnwood.example"
    waiting = charnwood(named(), named(third))
    assert [c.address for c in waiting.invited] == [third]
    chain = charnwood(
        named(), happened(CONFIRMED), named(third, on=later(4), replaces=NEW), happened(CONFIRMED, third, on=later(4))
    )
    assert [leads(chain, later(n)) for n in (-1, 3, 4)] == [[OLD], [NEW], [third]]


def test_a_naming_can_be_taken_back_until_it_is_confirmed() -> None:
    gone = happened(Happened.CONTACT_WITHDRAWN)
    assert laid(named(), gone) is SITE
    assert leads(charnwood(named(), happened(CONFIRMED), gone), TODAY) == [NEW]


def test_somebody_whom_the_configuration_has_by_now_stands_once() -> None:
    jane = Contact(name="Jane Smith", role=Role.LEAD, address=NEW)
    entered = replace(CHARNWOOD, contacts=(*CHARNWOOD.contacts, jane))
    site = replace(SITE, respondents=(entered, *SITE.respondents[1:]))
    people = fold_service((named(), happened(CONFIRMED))).people
    assert [c.name for c in lay_over(site, people).respondent("charnwood").people(Role.LEAD, TODAY)] == ["Jane Smith"]


@pytest.mark.parametrize("lead", [OLD, OLD.upper()])
def test_a_confirmed_member_speaks_for_the_lead_until_that_is_ended(lead: str) -> None:
    member = happened(Happened.MEMBER_CONFIRMED, lead=lead)
    (contact,) = charnwood(member).speakers(NEW, TODAY)
    assert (contact.address, charnwood(member).is_registered(NEW, TODAY)) == (OLD, False)
    assert laid(member, happened(Happened.MEMBER_ENDED)) is SITE


def test_a_member_of_a_lead_who_is_replaced_speaks_no_more() -> None:
    other = "other@charnwood.example"
    member = happened(Happened.MEMBER_CONFIRMED, other, lead=OLD)
    now = charnwood(member, named(), happened(CONFIRMED))
    assert not now.speakers(other, TODAY)
