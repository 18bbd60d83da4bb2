"""Letters on their way: claimed by one, fenced by a token, moved only as the table of states allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from store_told import NOW, Q2, queue

from csp_workflow.store import Store
from csp_workflow.store.outbox import MoveNotAllowed
from csp_workflow.terms.events import LETTER_MOVES, LetterState, QueuedLetter
from csp_workflow.terms.service import LockHeld


def claimed(store: Store, clock: float = 0.0) -> QueuedLetter:
    letter = store.claim(clock=clock)
    assert letter is not None
    return letter


def handing(store: Store, clock: float = 0.0) -> QueuedLetter:
    letter = claimed(store, clock)
    assert store.to_handing(letter, at=NOW, clock=clock)
    return replace(letter, state=LetterState.HANDING)


def test_letters_are_claimed_in_the_order_they_were_queued_and_each_once(store: Store) -> None:
    queue(store, 3)
    assert [claimed(store).cause[-1] for _ in range(3)] == ["1", "2", "3"]
    assert store.claim(clock=0.0) is None


def test_a_claim_can_be_limited_to_some_letters(store: Store) -> None:
    queue(store, 3)
    wanted = store.letters()[1].id
    assert store.claim([], clock=0.0) is None
    assert claimed_id(store.claim([wanted], clock=0.0)) == wanted
    assert store.claim([wanted], clock=0.0) is None


def claimed_id(letter: QueuedLetter | None) -> str:
    return letter.id if letter else ""


def test_a_worker_whose_lease_has_ended_can_no_longer_begin_the_hand_over(opened: Callable[[], Store]) -> None:
    slow, quick = opened(), opened()
    queue(slow)
    stale = slow.claim(clock=0.0, lease=60.0)
    assert stale is not None
    assert quick.claim(clock=59.0) is None
    taken_over = claimed(quick, clock=61.0)
    assert taken_over.token == stale.token + 1
    assert not slow.to_handing(stale, at=NOW, clock=62.0)
    assert not slow.move(stale, LetterState.WITHDRAWN)
    assert quick.to_handing(taken_over, at=NOW, clock=62.0)


def test_whoever_is_alone_takes_over_at_once_what_a_dead_worker_held(store: Store) -> None:
    queue(store)
    claimed(store)
    assert store.claimable(clock=1.0) == ()
    assert len(store.claimable(clock=1.0, alone=True)) == 1
    assert claimed_id(store.claim(clock=1.0, alone=True))


def test_a_letter_in_hand_is_never_claimed_again_however_late_it_is(store: Store) -> None:
    queue(store)
    handing(store)
    assert store.claim(clock=1e12, alone=True) is None
    (doubt,) = store.in_doubt(clock=1.0)
    assert (doubt.handed, doubt.abandoned, doubt.resubmissions) == (NOW, False, 0)
    assert store.in_doubt(clock=1.0, alone=True)[0].abandoned
    assert store.in_doubt(clock=1e12)[0].abandoned


def test_a_letter_in_doubt_is_taken_over_once_and_its_former_sender_is_fenced_out(opened: Callable[[], Store]) -> None:
    sender, heir, rival = opened(), opened(), opened()
    queue(sender)
    left = handing(sender)
    assert heir.adopt(left, clock=1.0) is None
    adopted = heir.adopt(left, clock=1e6)
    assert adopted is not None
    assert rival.adopt(left, clock=1e6) is None
    assert not sender.move(left, LetterState.SENT, proof="late", at=NOW)
    assert heir.move(adopted, LetterState.SENT, proof="found", at=NOW)
    assert store_letter(heir).proof == "found"


def store_letter(store: Store) -> QueuedLetter:
    (letter,) = store.letters()
    return letter


def test_proof_reason_and_time_are_kept_with_a_sent_letter(store: Store) -> None:
    queue(store)
    letter = handing(store)
    assert store.move(letter, LetterState.SENT, proof="250 ok", at=NOW)
    kept = store_letter(store)
    assert (kept.state, kept.proof, kept.sent, kept.attempts) == (LetterState.SENT, "250 ok", NOW, 1)
    assert store.sent_to("lead@charnwood.example", NOW) == (kept,)
    assert store.sent_to("lead@charnwood.example", NOW + timedelta(seconds=1)) == ()
    assert store.handed_since(NOW - timedelta(seconds=1)) == (kept,)
    assert store.handed_since(NOW) == ()


def test_a_letter_put_off_says_until_when_and_since_when_it_is_refused(store: Store) -> None:
    queue(store)
    later = NOW + timedelta(minutes=5)
    assert store.move(claimed(store), LetterState.QUEUED, not_before=later, refused=NOW)
    (put_off,) = store.letters()
    assert (put_off.not_before, put_off.refused, put_off.resubmissions) == (later, NOW, 0)


@pytest.mark.parametrize("state", list(LetterState))
def test_only_the_moves_of_the_table_are_made(store: Store, state: LetterState) -> None:
    queue(store)
    seen = replace(store_letter(store), state=state)
    for to in set(LetterState) - set(LETTER_MOVES[state]):
        with pytest.raises(MoveNotAllowed):
            store.move(seen, to)
    assert store_letter(store).state is LetterState.QUEUED


def test_a_move_from_a_state_that_has_passed_changes_nothing(store: Store) -> None:
    queue(store)
    seen = store_letter(store)
    assert store.move(seen, LetterState.WITHDRAWN, reason="Its cause has gone.")
    assert not store.move(seen, LetterState.HELD)
    assert store_letter(store).reason == "Its cause has gone."


def test_letters_can_be_listed_by_state_and_quarter(store: Store) -> None:
    queue(store, 2)
    queue(store, 1, first=3, quarter=None, kind="digest")
    assert len(store.letters()) == 3
    assert len(store.letters(quarter=Q2)) == 2
    assert [x.kind for x in store.letters(beyond_cycles=True)] == ["digest"]
    claimed(store)
    assert len(store.letters(LetterState.QUEUED)) == 2
    assert len(store.queued_since(NOW)) == 3


def test_there_is_one_sender_at_a_time(opened: Callable[[], Store]) -> None:
    one, other = opened(), opened()
    with one.sole_sender():
        with pytest.raises(LockHeld), other.sole_sender():
            pass
        queue(one)  # the lock keeps no transaction open
    with other.sole_sender():
        pass
