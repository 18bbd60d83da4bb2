"""The only sender, told on a real store, archive and Maildir."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from csp_workflow.mailboxes.mailbox import Absence
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.post import WAIT, Posted, post
from csp_workflow.terms.events import About, Event, Happened, LetterState
from csp_workflow.terms.service import LockHeld, NotAcceptedForGood, SendUnknown
from tests.post.post_told import (
    NOW,
    OFFICE,
    PostOffice,
    about,
    delivered,
    happened,
    letter,
    opens,
    outside,
    queue,
    reference,
    returned,
    states,
    workbook,
)


def test_every_letter_that_may_leave_is_sent_once_and_proved(place: Path) -> None:
    world = outside(place)
    queue(world, letter(attachments=(workbook(reference()),)), letter("receipt"), letter("digest"))
    assert post(world, NOW) == Posted(sent=3)
    assert set(states(world).values()) == {"sent"}
    assert delivered(place) == sorted(row.id for row in world.store.letters())
    assert post(world, NOW) == Posted()


def test_the_bytes_sent_are_the_frozen_ones_and_go_to_one_recipient(world: Outside, office: PostOffice) -> None:
    queue(world, letter())
    post(world, NOW)
    ((delivery, recipient, content),) = office.accepted
    (row,) = world.store.letters()
    assert (delivery, recipient) == (row.id, row.recipient)
    assert world.archive.keep(content) == row.content


def test_timed_letters_wait_for_the_window_and_leave_in_it(world: Outside, office: PostOffice) -> None:
    queue(world, letter(), letter("receipt"))
    assert post(world, NOW.replace(hour=19)) == Posted(sent=1)
    assert states(world) == {"request:1": "queued", "receipt:1": "sent"}
    assert post(world, NOW + timedelta(days=1)) == Posted(sent=1)


def test_nobody_is_chased_twice_on_a_day(world: Outside, office: PostOffice) -> None:
    queue(world, letter("reminder-due-today"), letter("query-reminder"))
    assert post(world, NOW) == Posted(sent=1)
    assert post(world, NOW + timedelta(hours=2)) == Posted()
    assert post(world, NOW + timedelta(days=1)).sent == 1


def test_a_hold_stops_sending_before_the_next_hand_over(world: Outside, office: PostOffice) -> None:
    queue(world, letter(), letter(number=2))

    def hold_after_the_first(point: str) -> None:
        if point == "post:proved" and office.handed == 1:
            happened(world, Event(kind=Happened.HELD, at=NOW, by="coordinator"))

    watched = outside_like(world, reached=hold_after_the_first)
    assert post(watched, NOW) == Posted(sent=1)
    assert office.handed == 1
    happened(world, Event(kind=Happened.RESUMED, at=NOW, by="coordinator"))
    assert post(world, NOW) == Posted(sent=1)


@pytest.mark.parametrize("point", ["post:before claim", "post:claimed", "post:before handing"])
def test_a_hold_given_while_a_letter_is_made_ready_keeps_it_here(
    world: Outside, office: PostOffice, point: str
) -> None:
    queue(world, letter(), letter(number=2))

    def hold(reached: str) -> None:
        if reached == point and not world.store.service_status().on_hold:
            happened(world, Event(kind=Happened.HELD, at=NOW, by="coordinator"))

    assert post(outside_like(world, reached=hold), NOW) == Posted()
    assert office.handed == 0
    assert states(world) == {"request:1": "queued", "request:2": "queued"}


def outside_like(world: Outside, **others: Any) -> Outside:
    from dataclasses import replace

    return replace(world, **others)


def test_a_reminder_is_withdrawn_when_the_return_came_in_meanwhile(world: Outside, office: PostOffice) -> None:
    opens(world)
    queue(world, letter("reminder-overdue"))
    returned(world, "charnwood")
    assert post(world, NOW) == Posted(withdrawn=1)
    assert world.store.letters()[0].reason == "The return is received now."
    assert office.handed == 0


def test_a_letter_that_crosses_is_held_and_the_next_one_goes_on(world: Outside, office: PostOffice) -> None:
    queue(world, letter(attachments=(workbook(reference("MELT")),)), letter(number=2))
    assert post(world, NOW) == Posted(sent=1, held=1)
    (held,) = world.store.letters(LetterState.HELD)
    assert "belongs to another respondent" in held.reason


def test_a_letter_whose_bytes_were_changed_in_the_archive_is_held(place: Path, world: Outside) -> None:
    queue(world, letter())
    (row,) = world.store.letters()
    (place / "archive" / row.content[:2] / row.content[2:]).write_bytes(b"changed")
    assert post(world, NOW) == Posted(held=1)
    assert "archive" in world.store.letters()[0].reason


def test_a_refusal_for_good_fails_that_letter_and_the_next_one_goes_on(world: Outside, office: PostOffice) -> None:
    queue(world, letter(), letter(number=2))
    office.fails = [NotAcceptedForGood("550 Something did not work")]
    assert post(world, NOW) == Posted(sent=1, refused=1)
    assert [(x.kind, x.state) for x in world.store.letters()] == [
        ("request", LetterState.FAILED),
        ("request", LetterState.SENT),
        ("letter-came-back", LetterState.QUEUED),
    ]


def test_a_recipient_refused_as_unknown_is_the_same_as_a_bounce(world: Outside, office: PostOffice) -> None:
    queue(world, letter(), letter(number=2))
    office.fails = [NotAcceptedForGood("The mail server refused the letter: 550 5.1.1 User unknown")]
    assert post(world, NOW) == Posted(refused=1)
    assert set(world.store.service_status().undeliverable) == {"lead@charnwood.example"}
    assert [(x.kind, x.state) for x in world.store.letters()] == [
        ("request", LetterState.FAILED),
        ("request", LetterState.QUEUED),
        ("address-failed", LetterState.QUEUED),
    ]
    assert post(world, NOW) == Posted(sent=1)
    assert office.accepted[-1][1] == OFFICE.co_ordinator.address


def test_a_crash_beside_a_refusal_notes_it_once(world: Outside, office: PostOffice) -> None:
    queue(world, letter())
    office.fails, office.absence = [NotAcceptedForGood("550 5.1.1 User unknown")], Absence.CERTAIN
    with pytest.raises(Crash):
        post(outside_like(world, reached=crashing_at("post:refusal noted")), NOW)
    assert post(world, NOW) == Posted(sent=1, looked_up=1)
    assert [e.kind for e in world.store.events(None)] == [Happened.ADDRESS_FAILED]
    assert world.store.letters()[0].state is LetterState.QUEUED, "it waits for the address, like after a bounce"


def test_mail_refused_for_what_it_is_marks_nobody_and_several_hold_sending(world: Outside, office: PostOffice) -> None:
    people = ("lead@charnwood.example", "officer@county.example", OFFICE.secretariat[0].address)
    kinds = (("receipt", "charnwood"), ("receipt", "melton"), ("circulation", ""))
    queue(
        world,
        *(
            letter(kind, number=n, recipient=to, about=about(key) if key else (About(board="panel"),))
            for n, (to, (kind, key)) in enumerate(zip(people, kinds, strict=True), start=1)
        ),
    )
    office.fails = [NotAcceptedForGood("554 5.7.1 SPF check failed")] * 3
    assert post(world, NOW).refused == 3
    service = world.store.service_status()
    assert (service.on_hold, service.undeliverable, set(service.refused)) == (True, {}, set(people))
    told = [x.kind for x in world.store.letters() if x.recipient == OFFICE.co_ordinator.address]
    assert told == ["letter-came-back", "sending-held"]


def test_an_unknown_send_stops_the_batch_and_is_looked_up_before_anything_else(
    world: Outside, office: PostOffice
) -> None:
    queue(world, letter(), letter(number=2))
    office.fails = [SendUnknown("the line broke after the bytes were accepted")]
    assert post(world, NOW) == Posted(unknown=1)
    assert states(world) == {"request:1": "unknown", "request:2": "queued"}
    assert post(world, NOW + timedelta(minutes=1)) == Posted(sent=2, looked_up=1)
    assert len(office.accepted) == len({delivery for delivery, _, _ in office.accepted}) == 2


def test_nothing_leaves_while_a_letter_is_not_found_and_may_still_show_up(world: Outside, office: PostOffice) -> None:
    queue(world, letter(), letter(number=2))
    office.fails = [SendUnknown("the line broke after the bytes were accepted")]
    office.shows_late = True
    post(world, NOW)
    assert post(world, NOW + WAIT / 2) == Posted(unknown=1, looked_up=1)
    assert office.handed == 1
    office.shows_late = False
    assert post(world, NOW + WAIT).sent == 2
    assert len(office.accepted) == 2


def test_a_request_not_found_after_the_wait_is_handed_over_once_more_and_counted(
    world: Outside, office: PostOffice
) -> None:
    queue(world, letter())
    office.fails = [SendUnknown("the line broke"), SendUnknown("the line broke")]
    post(world, NOW)
    assert post(world, NOW + WAIT) == Posted(looked_up=1, resubmitted=1, unknown=1)
    assert post(world, NOW + 2 * WAIT) == Posted(looked_up=1)
    assert states(world) == {"request:1": "for a person"}
    assert office.handed == 2


def test_a_reminder_not_found_is_never_sent_again_but_shown_to_a_person(world: Outside, office: PostOffice) -> None:
    queue(world, letter("reminder-overdue"))
    office.fails = [SendUnknown("the line broke")]
    post(world, NOW)
    assert post(world, NOW + WAIT) == Posted(looked_up=1)
    assert states(world) == {"reminder-overdue:1": "for a person"}
    assert office.handed == 1


def test_two_services_started_by_mistake_do_not_send_twice(place: Path) -> None:
    one, other = outside(place), outside(place)
    queue(one, letter(), letter(number=2))
    refused: list[bool] = []

    def meanwhile(point: str) -> None:
        if point == "post:handing":
            with pytest.raises(LockHeld):
                post(other, NOW)
            refused.append(True)

    assert post(outside_like(one, reached=meanwhile), NOW) == Posted(sent=2)
    assert len(refused) == 2
    assert post(other, NOW) == Posted()
    assert len(delivered(place)) == 2


def test_a_beat_hands_over_no_more_than_the_mail_system_takes_in_a_minute(place: Path, office: PostOffice) -> None:
    world = outside(place, mailbox=office, letters_a_beat=2)
    queue(world, *(letter(number=number) for number in range(1, 6)))
    assert [post(world, NOW + timedelta(minutes=beat)).sent for beat in range(4)] == [2, 2, 1, 0]


def test_a_service_that_is_asked_to_stop_ends_after_the_letter_in_hand(world: Outside, office: PostOffice) -> None:
    queue(world, letter(), letter(number=2))
    assert post(outside_like(world, stopping=lambda: office.handed == 1), NOW) == Posted(sent=1)


@pytest.mark.parametrize("moved_to", ["cur", ".Archive/cur"])
def test_a_letter_somebody_opened_or_filed_in_the_sent_mailbox_is_found_there(place: Path, moved_to: str) -> None:
    world = outside(place)
    queue(world, letter())
    crash = crashing_at("post:sent")
    with pytest.raises(Crash):
        post(outside_like(world, reached=crash), NOW)
    (file,) = (place / "mail" / "sent" / "new").iterdir()
    target = place / "mail" / "sent" / moved_to
    target.mkdir(parents=True, exist_ok=True)
    file.rename(target / f"{file.name}:2,S")
    assert post(world, NOW) == Posted(sent=1, looked_up=1)
    assert list((place / "mail" / "sent" / "new").iterdir()) == []


class Crash(BaseException):
    """The process ended here."""


def crashing_at(point: str) -> Callable[[str], None]:
    def crash(reached: str) -> None:
        if reached == point:
            raise Crash

    return crash


def _failed(address: str) -> Event:
    facts = {"letter": "request", "status": "5.1.1"}
    return Event(kind=Happened.ADDRESS_FAILED, at=NOW, by="test", subject=address, facts=facts)


def test_a_letter_to_an_address_that_failed_waits_and_leaves_once_it_works_again(
    world: Outside, office: PostOffice
) -> None:
    queue(
        world,
        letter("receipt"),
        letter("receipt", number=2, recipient="officer@county.example", about=about("melton")),
    )
    happened(world, _failed("lead@charnwood.example"))
    assert post(world, NOW) == Posted(sent=1)
    assert [to for _, to, _ in office.accepted] == ["officer@county.example"]
    happened(world, Event(kind=Happened.ADDRESS_RESTORED, at=NOW, by="test", subject="lead@charnwood.example"))
    assert post(world, NOW) == Posted(sent=1)
    assert states(world) == {"receipt:1": "sent", "receipt:2": "sent"}
