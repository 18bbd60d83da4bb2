"""What is refused for now, or answered with what nobody understands: tried for days, bounded, in nobody's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise, takewhile
from pathlib import Path

import pytest

from csp_workflow.mailboxes.mailbox import Absence, Proof
from csp_workflow.steps.outside import Outside, list_answers_today
from csp_workflow.steps.post import BELIEVED, HELD_UP, Posted, post
from csp_workflow.terms.events import LetterState
from csp_workflow.terms.messages import Blame
from csp_workflow.terms.service import MailboxUnreachable, NotAccepted, SendUnknown
from tests.post.post_told import (
    NOW,
    OFFICE,
    PostOffice,
    about,
    letter,
    opens,
    outside,
    queue,
    returned,
    states,
    working,
)

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
    assert post(world, working(9)).sent == 1, "the co-ordinator's letter"
    given_up = world.store.letters()[0]
    assert world.store.move(given_up, LetterState.QUEUED, again=True), "a person says: again"
    office.fails = [NotAccepted(GREYLISTED)]
    post(world, working(10))
    assert world.store.letters()[0].refused == working(10), "its days begin anew"


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
    opens(world)
    queue(world, letter("reminder-overdue"), letter("receipt"))
    office.fails = [NotAccepted(GREYLISTED), NotAccepted(GREYLISTED)]
    assert post(world, NOW) == Posted(refused=2)
    returned(world, "charnwood")
    assert post(world, NOW + timedelta(minutes=5)) == Posted(withdrawn=1, sent=1)
    assert world.store.letters()[0].reason == "The return is received now."


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
    assert post(world, working(20)).refused == 1
    assert post(world, working(20) + timedelta(minutes=5)).sent == 1, "a new fault begins with a short pause"


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


def test_a_mail_system_that_names_a_time_is_left_alone_whatever_it_took_before(
    world: Outside, office: PostOffice
) -> None:
    queue(world, letter("receipt"), letter("receipt", number=2), letter("receipt", number=3))
    office.fails = [MailboxUnreachable("busy"), None, MailboxUnreachable("busy")]
    assert post(world, NOW) == Posted(refused=1)
    assert post(world, NOW + timedelta(minutes=5)) == Posted(sent=1, refused=1)
    office.fails = [MailboxUnreachable("busy", wait=timedelta(hours=1))]
    assert post(world, NOW + timedelta(minutes=10)) == Posted(refused=1)
    assert post(world, NOW + timedelta(minutes=69)) == Posted()
    assert post(world, NOW + timedelta(minutes=70)) == Posted(sent=2)


def test_a_mail_system_that_always_says_at_once_is_asked_less_and_less_often(
    world: Outside, office: PostOffice
) -> None:
    queue(world, letter("receipt"))
    fault = MailboxUnreachable("busy", wait=timedelta())
    assert sum(_is_tried(world, office, when, fault) for when in _beats(hours=24)) < 40


@pytest.mark.parametrize("fault", [MailboxUnreachable("down"), NotAccepted(GREYLISTED), SendUnknown("cut off")])
def test_what_a_clock_that_ran_ahead_put_off_does_not_wait_until_that_time_comes(
    world: Outside, office: PostOffice, fault: Exception
) -> None:
    ahead = NOW + timedelta(days=365)
    queue(world, letter("receipt"), letter("receipt", number=2))
    office.fails = [fault, MailboxUnreachable("down")]
    post(world, ahead)
    queue(world, letter("digest"), at=ahead)
    post(world, NOW)
    post(world, NOW + timedelta(minutes=15))
    assert "queued" not in states(world).values()
    assert "unknown" not in states(world).values()
    assert post(world, NOW + timedelta(minutes=16)).unknown == 0


def test_who_was_reminded_by_a_clock_that_ran_ahead_is_reminded_by_the_right_one(
    world: Outside, office: PostOffice
) -> None:
    opens(world)
    queue(world, letter("reminder-overdue"))
    assert post(world, working(200)).sent == 1
    queue(world, letter("reminder-overdue", number=2))
    assert post(world, NOW).sent == 1


def test_what_a_clock_that_ran_ahead_answered_is_no_answer_of_today(world: Outside) -> None:
    queue(world, letter("receipt"), at=working(200))
    assert list_answers_today(world, NOW) == {}
    assert list_answers_today(world, working(200)) == {"lead@charnwood.example": ("receipt",)}


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


class Blind(PostOffice):
    """It takes letters, and nothing in it can be looked up."""

    is_blind = True

    def find_sent(self, delivery_id: str) -> Proof | Absence:
        if self.is_blind:
            raise MailboxUnreachable("The IMAP server refuses the user or the password.")
        return super().find_sent(delivery_id)


def test_a_letter_that_cannot_be_looked_up_holds_up_the_others_for_a_while_and_is_not_sent_again(place: Path) -> None:
    office = Blind()
    world = outside(place, mailbox=office)
    _queue_three(world)
    office.fails = [SendUnknown("accepted, and cut off")]
    assert post(world, NOW) == Posted(unknown=1)
    with pytest.raises(MailboxUnreachable):
        post(world, NOW + HELD_UP - timedelta(seconds=1))
    assert post(world, NOW + HELD_UP) == Posted(sent=2, unknown=1, looked_up=1)
    assert post(world, NOW + timedelta(days=9)) == Posted(unknown=1, looked_up=1)
    office.is_blind = False
    assert post(world, NOW + timedelta(days=10)) == Posted(sent=1, looked_up=1)
    assert office.handed == 3


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
