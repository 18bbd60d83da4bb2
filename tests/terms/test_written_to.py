"""Who is written to: the lead, and whoever stands in while letters do not reach the lead or the lead is away."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.people import Presence
from csp_workflow.terms.service_status import ServiceStatus, fold_service
from csp_workflow.terms.site import Contact, Respondent, RespondentKind, Role

AT = datetime(2014, 10, 16, 9, tzinfo=UTC)
TODAY = date(2014, 10, 16)


def contact(role: Role, name: str = "") -> Contact:
    return Contact(name=name or role.value, role=role, address=f"{name or role.value}@Charnwood.example")


LEAD, DEPUTY, CHAIR = (contact(role) for role in (Role.LEAD, Role.DEPUTY, Role.CHAIR))
SECOND = contact(Role.LEAD, "second")


def charnwood(*people: Contact) -> Respondent:
    return Respondent(
        key="charnwood",
        code="CHARN",
        name="Charnwood",
        kind=RespondentKind.PARTNERSHIP,
        areas=(),
        contacts=people or (LEAD, DEPUTY, CHAIR),
    )


def event(kind: Happened, of: Contact | None = None, **facts: str | bool) -> Event:
    return Event(kind=kind, at=AT, by="test", subject=of.address if of else "", facts=facts)


def away(of: Contact, until: str = "2014-10-24", **facts: str | bool) -> Event:
    return event(Happened.ABSENCE_SEEN, of, until=until, **facts)


def lost(of: Contact) -> Event:
    return event(Happened.ADDRESS_FAILED, of, status="5.1.1")


def known(*events: Event) -> ServiceStatus:
    return fold_service(events)


@pytest.mark.parametrize(
    ("events", "people"),
    [
        ((), [LEAD]),
        ((away(LEAD),), [DEPUTY]),
        ((away(LEAD), away(DEPUTY)), [CHAIR]),
        ((away(LEAD), away(DEPUTY), away(CHAIR)), [LEAD]),
        ((lost(LEAD),), [DEPUTY]),
        ((lost(LEAD), away(DEPUTY)), [CHAIR]),
        ((lost(LEAD), away(DEPUTY), away(CHAIR)), [DEPUTY]),
        ((lost(LEAD), lost(DEPUTY), lost(CHAIR)), []),
        ((away(LEAD), event(Happened.ABSENCE_ENDED, LEAD)), [LEAD]),
        ((lost(LEAD), event(Happened.ADDRESS_RESTORED, LEAD)), [LEAD]),
        ((event(Happened.CONTACT_DISOWNED, LEAD),), [DEPUTY]),
        ((away(LEAD, "2014-10-15"),), [LEAD]),
        ((away(LEAD, "2014-10-16"),), [DEPUTY]),
    ],
)
def test_the_chase_goes_to_whoever_is_there_in_the_order_lead_deputy_chair(
    events: tuple[Event, ...], people: list[Contact]
) -> None:
    assert list(known(*events).written_to(charnwood(), TODAY)) == people


def test_one_of_two_leads_who_is_there_needs_nobody_to_stand_in() -> None:
    both = charnwood(LEAD, SECOND, DEPUTY)
    service = known(away(LEAD))
    assert service.written_to(both, TODAY) == (SECOND,)
    assert service.passed_over(both, TODAY) == (LEAD,)


def test_a_request_waits_for_whoever_is_away_but_goes_round_an_address_that_failed() -> None:
    assert known(away(LEAD)).deliverable(charnwood(), TODAY) == (LEAD,)
    assert known(lost(LEAD)).deliverable(charnwood(), TODAY) == (DEPUTY,)
    assert known().deliverable(charnwood(CHAIR), TODAY) == (CHAIR,)
    assert known(lost(CHAIR)).deliverable(charnwood(CHAIR), TODAY) == ()


def test_nobody_is_there_only_when_everybody_whom_letters_reach_is_away() -> None:
    assert known(away(LEAD), away(DEPUTY)).is_anybody_there(charnwood(), TODAY)
    assert not known(away(LEAD), away(DEPUTY), lost(CHAIR)).is_anybody_there(charnwood(), TODAY)


def test_an_address_is_the_same_in_capitals() -> None:
    shouted = Contact(name="lead", role=Role.LEAD, address=LEAD.address.upper())
    assert not known(lost(LEAD)).reaches(shouted)


def test_what_is_known_of_an_address_is_kept_with_its_code_and_its_day() -> None:
    mark = known(lost(LEAD)).undeliverable[LEAD.address.lower()]
    assert (mark.since, mark.status, mark.disowned) == (AT, "5.1.1", False)
    assert known(event(Happened.CONTACT_DISOWNED, LEAD)).undeliverable[LEAD.address.lower()].disowned
    assert known(away(LEAD, assumed=True)).absences[LEAD.address.lower()].assumed


def test_a_breaker_holds_until_it_is_released() -> None:
    tripped = event(Happened.BREAKER_TRIPPED, why="60 automatic answers left within an hour.")
    assert known(tripped).breaker
    released = known(tripped, event(Happened.RELEASED))
    assert (released.breaker, released.released) == ("", AT)


def test_other_events_change_nothing_about_people() -> None:
    service = known(event(Happened.HELD), event(Happened.STRAY_OWN_MAIL, LEAD))
    assert Presence(absences=service.absences, undeliverable=service.undeliverable) == Presence()
