"""The only sender, told on a real store, archive and Maildir."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import pytest

from csp_workflow.mailboxes.mailbox import Absence, Fetched, Proof
from csp_workflow.steps.outside import Outside
from csp_workflow.steps.post import BELIEVED, WAIT, Posted, post
from csp_workflow.terms.events import Event, Happened
from csp_workflow.terms.faults import LockHeld, MailboxUnreachable, NotAccepted, NotAcceptedForGood, SendUnknown
from csp_workflow.terms.letters import About, LetterState
from csp_workflow.terms.messages import Blame
from tests.post.post_told import (
    NOW,
    OFFICE,
    Q2,
    about,
    delivered,
    happened,
    letter,
    make_site,
    outside,
    queue,
    reference,
    returned,
    states,
    workbook,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    make_site(tmp_path)
    return tmp_path


class PostOffice:
    """A mail system that accepts letters into a list, unless it was told to fail; what it accepted can be looked up."""

    server_time = None
    absence = Absence.UNPROVED

    def __init__(self) -> None:
        self.accepted: list[tuple[str, str, bytes]] = []
        self.fails: list[Exception | None] = []
        self.handed = 0
        self.shows_late = False

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        self.handed += 1
        fault = self.fails.pop(0) if self.fails else None
        if isinstance(fault, SendUnknown) and "accepted" in str(fault):
            self.accepted.append((delivery_id, recipient, content))
        if fault:
            raise fault
        self.accepted.append((delivery_id, recipient, content))
        return Proof(evidence=f"250 {len(self.accepted)}")

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        found = not self.shows_late and any(delivery_id == known for known, _, _ in self.accepted)
        return Proof(evidence="found") if found else self.absence

    def list_new(self, cursor: str) -> tuple[tuple[str, ...], str]:
        return (), cursor

    def get(self, source: str, now: datetime) -> Fetched:
        raise AssertionError(source)

    def file(self, source: str, folder: str) -> None:
        raise AssertionError(source)


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def world(place: Path, office: PostOffice) -> Outside:
    return outside(place, mailbox=office)


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
    _opens(world)
    queue(world, letter("reminder-overdue"))
    returned(world, "charnwood")
    assert post(world, NOW) == Posted(withdrawn=1)
    assert world.store.letters()[0].reason == "The return is received now."
    assert office.handed == 0


def test_a_letter_that_crosses_is_held_and_the_next_one_goes_on(world: Outside, office: PostOffice) -> None:
    queue(world, letter(attachments=(workbook(reference("MELT")),)), letter(number=2))
    assert post(world, NOW) == Posted(sent=1, held=1)
    (held,) = world.store.letters(state=LetterState.HELD)
    assert "belongs to another respondent" in held.reason


def test_a_letter_whose_bytes_were_changed_in_the_archive_is_held(place: Path, world: Outside) -> None:
    queue(world, letter())
    (row,) = world.store.letters()
    (place / "archive" / row.content[:2] / row.content[2:]).write_bytes(b"changed")
    assert post(world, NOW) == Posted(held=1)
    assert "archive" in world.store.letters()[0].reason


GREYLISTED = "The mail server refused the letter: 451 4.7.1 Greylisted, please try again later"


def test_a_letter_refused_for_now_is_tried_for_five_days_less_and_less_often_and_then_given_up(
    world: Outside, office: PostOffice
) -> None:
    queue(world, letter("receipt"))
    waiting = takewhile(lambda _: states(world) == {"receipt:1": "queued"}, _beats(hours=130))
    tries = [when for when in waiting if _is_tried(world, office, when, NotAccepted(GREYLISTED))]
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses[:6] == [timedelta(minutes=m) for m in (5, 5, 10, 20, 40, 80)]
    assert sorted(pauses) == pauses
    assert pauses[-1] == timedelta(hours=4)
    assert timedelta(days=5) <= tries[-1] - tries[0] < timedelta(days=5, hours=4)
    given_up, told = world.store.letters()
    assert (given_up.state, given_up.refused) == (LetterState.FAILED, NOW)
    assert given_up.reason == f"It was tried for 5 days. {GREYLISTED}"
    assert told.recipient == OFFICE.co_ordinator.address
    assert world.store.service_status().undeliverable == {}
    assert world.store.service_status().returned["lead@charnwood.example"].blame is Blame.GIVEN_UP
    office.fails.clear()
    assert post(world, _working(9)).sent == 1, "the co-ordinator's letter"
    given_up = world.store.letters()[0]
    assert world.store.move(given_up, LetterState.QUEUED, again=True), "a person says: again"
    office.fails = [NotAccepted(GREYLISTED)]
    post(world, _working(10))
    assert world.store.letters()[0].refused == _working(10), "its days begin anew"


def _beats(*, hours: int) -> Iterator[datetime]:
    """Every five minutes for three hours, then every twenty."""
    yield from (NOW + timedelta(minutes=5 * beat) for beat in range(36))
    yield from (NOW + timedelta(minutes=20 * beat) for beat in range(9, hours * 3))


def _is_tried(world: Outside, office: PostOffice, now: datetime, fault: Exception) -> bool:
    """Whether the letter is handed over at a beat, at which it is refused."""
    office.fails = [fault]
    return post(world, now).refused == 1


def test_letters_that_are_refused_for_now_hold_up_no_other_in_the_same_beat(world: Outside, office: PostOffice) -> None:
    queue(world, *(letter(number=number) for number in range(1, 5)))
    office.fails = [NotAccepted(GREYLISTED), None, NotAccepted(GREYLISTED), None]
    assert post(world, NOW) == Posted(sent=2, refused=2)
    assert post(world, NOW + timedelta(minutes=5)) == Posted(sent=2)


def test_a_reminder_that_was_refused_is_withdrawn_when_its_sentences_have_aged(
    world: Outside, office: PostOffice
) -> None:
    _opens(world)
    queue(world, letter("reminder-overdue"), letter("receipt"))
    office.fails = [NotAccepted(GREYLISTED), NotAccepted(GREYLISTED)]
    assert post(world, NOW) == Posted(refused=2)
    returned(world, "charnwood")
    assert post(world, NOW + timedelta(minutes=5)) == Posted(withdrawn=1, sent=1)
    assert world.store.letters()[0].reason == "The return is received now."


def _opens(world: Outside) -> None:
    started = (Happened.PROOF_MADE, Happened.CYCLE_OPENED)
    happened(world, *(Event(kind=kind, at=NOW, by="x", quarter=Q2, facts={"forms": 1}) for kind in started))
    happened(world, Event(kind=Happened.EXPECTED, at=NOW, by="x", quarter=Q2, respondent="charnwood"))


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


def test_a_mail_system_that_takes_no_letter_is_left_alone_by_all_of_them_for_longer_and_longer(
    world: Outside, office: PostOffice
) -> None:
    queue(world, letter("receipt"), letter("receipt", number=2))
    tries = [when for when in _beats(hours=24 * 7) if _is_tried(world, office, when, MailboxUnreachable())]
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses[:5] == [timedelta(minutes=m) for m in (5, 5, 10, 20, 40)]
    assert set(pauses[5:]) == {timedelta(hours=1)}
    assert {x.attempts for x in world.store.letters()} == {len(tries) // 2, len(tries) - len(tries) // 2}
    queue(world, letter("digest"))
    assert post(world, tries[-1] + timedelta(minutes=55)) == Posted()
    office.fails.clear()
    assert post(world, tries[-1] + timedelta(hours=1)).sent == 3, "however long it lasted, no letter is given up"
    office.fails = [MailboxUnreachable()]
    queue(world, letter("receipt", number=3))
    assert post(world, _working(20)).refused == 1
    assert post(world, _working(20) + timedelta(minutes=5)).sent == 1, "a new fault begins with a short pause"


@pytest.mark.parametrize(
    ("named", "kept"),
    [
        (timedelta(seconds=10), timedelta(seconds=10)),
        (timedelta(minutes=50), timedelta(minutes=50)),
        (timedelta(days=300), timedelta(hours=4)),
    ],
)
def test_the_time_that_a_mail_system_names_is_kept_and_one_that_lies_is_believed_for_some_hours(
    world: Outside, office: PostOffice, named: timedelta, kept: timedelta
) -> None:
    queue(world, letter("receipt"), letter("receipt", number=2))
    office.fails = [MailboxUnreachable("busy", wait=named)]
    assert post(world, NOW) == Posted(refused=1)
    assert post(world, NOW + kept - timedelta(seconds=1)) == Posted()
    assert post(world, NOW + kept) == Posted(sent=2)


def test_a_mail_system_that_always_says_at_once_is_asked_less_and_less_often(
    world: Outside, office: PostOffice
) -> None:
    queue(world, letter("receipt"))
    fault = MailboxUnreachable("busy", wait=timedelta())
    assert sum(_is_tried(world, office, when, fault) for when in _beats(hours=24)) < 40


class Choosy(PostOffice):
    """It takes no letter at all while it is asked for one that it does not like."""

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        if recipient == "lead@charnwood.example":
            raise MailboxUnreachable("452 4.3.1 Insufficient system storage")
        return super().send(content, recipient, delivery_id)


def test_a_letter_for_whose_sake_nothing_is_taken_is_found_out_by_those_that_are(place: Path) -> None:
    office = Choosy()
    world = outside(place, mailbox=office)
    _queue_three(world)
    assert post(world, NOW) == Posted(refused=1)
    assert post(world, NOW + timedelta(minutes=5)) == Posted(sent=2, refused=1)
    assert world.store.sending_pause() is None
    for number in range(10, 16):
        now = NOW + timedelta(days=number - 9)
        queue(world, letter("receipt", number=number, recipient="officer@county.example", about=about("melton")))
        assert [post(world, now + timedelta(minutes=after)).sent for after in (0, 6)] in ([1, 0], [0, 1], [1, 1])
    assert world.store.letters()[0].state is LetterState.FAILED
    assert len(office.accepted) == 2 + 6 + 1, "each of the others left, and she was told"


def _working(day: int) -> datetime:
    """Half past ten on a later working day."""
    return london_working(NOW, day)


def london_working(start: datetime, days: int) -> datetime:
    from tests.post.post_told import SITE

    return datetime.combine(SITE.working_days.plus(start.date(), days), start.timetz())


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


class Strange(PostOffice):
    """It sends, answers in another shape, and shows the draft for ever: seven copies of one letter reached somebody."""

    absence = Absence.CERTAIN

    def __init__(self, *strange: str) -> None:
        super().__init__()
        self.strange = strange

    def send(self, content: bytes, recipient: str, delivery_id: str) -> Proof:
        self.fails = [SendUnknown("accepted, and answered in another shape")] if recipient in self.strange else []
        return super().send(content, recipient, delivery_id)

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        return self.absence


@pytest.mark.parametrize(("strange", "handed"), [(("lead@charnwood.example",), 5), (("officer@county.example",), 5)])
def test_an_answer_that_is_never_understood_ends_with_a_person_and_holds_up_no_other(
    place: Path, strange: tuple[str, ...], handed: int
) -> None:
    office = Strange(*strange)
    world = outside(place, mailbox=office)
    _queue_three(world)
    for minute in range(9):
        post(world, NOW + timedelta(minutes=minute))
    assert {x.state for x in world.store.letters() if x.recipient in strange} == {LetterState.FOR_A_PERSON}
    assert {x.state for x in world.store.letters() if x.recipient not in strange} == {LetterState.SENT}
    assert office.handed == handed


def test_where_no_answer_is_understood_only_the_first_letter_goes_again(place: Path) -> None:
    office = Strange("lead@charnwood.example", "officer@county.example")
    world = outside(place, mailbox=office)
    _queue_three(world)
    for minute in range(9):
        post(world, NOW + timedelta(minutes=minute))
    assert set(states(world).values()) == {"for a person"}
    copies = Counter(delivery for delivery, _, _ in office.accepted)
    assert sorted(copies.values()) == [1, 1, BELIEVED + 1]
    assert world.store.in_doubt(clock=0, alone=True) == ()


def _queue_three(world: Outside) -> None:
    others = (letter("receipt", number=n, recipient="officer@county.example", about=about("melton")) for n in (2, 3))
    queue(world, letter("receipt"), *others)


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
