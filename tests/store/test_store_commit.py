"""A decision is stored whole or not at all; a repeat is a no-op; what was stored never changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_told import NOW, Q2, event, figure, frozen, land, letter, queue, request, submission

from csp_workflow.store import Store
from csp_workflow.terms.events import Decision, Happened, LetterState, MoveRefused
from csp_workflow.terms.messages import Judgement, Verdict
from csp_workflow.terms.service import StoreBusy
from csp_workflow.terms.status import fold_cycle

_RETURNED = Judgement(message="m1", verdict=Verdict.RETURN, reason="It is a return.", respondents=("charnwood",))


def whole_decision() -> Decision:
    return Decision(
        events=(event(Happened.EXPECTED), event(Happened.REQUESTED), event(Happened.RECEIVED, subject=submission().id)),
        letters=(letter(),),
        submissions=(submission(),),
        requests=(request(),),
        figures=(figure("M02", "9"),),
        judgement=_RETURNED,
    )


def commit(store: Store, decision: Decision) -> bool:
    return store.commit(decision, letters=[(x, frozen()) for x in decision.letters], at=NOW)


def test_everything_of_a_decision_is_there_afterwards_as_it_was(store: Store) -> None:
    land(store)
    decision = whole_decision()
    assert commit(store, decision)
    assert store.events(Q2) == decision.events
    assert store.submissions(Q2, "charnwood") == decision.submissions
    assert store.requests(Q2) == {"charnwood": request()}
    assert [x.cause for x in store.letters()] == [letter().cause]
    kept = store.message("m1")
    assert kept is not None
    assert (kept.verdict, kept.reason, kept.respondents) == (Verdict.RETURN, "It is a return.", ("charnwood",))


def test_instants_come_back_in_london_time_where_people_read_them(store: Store) -> None:
    land(store)
    commit(store, whole_decision())
    assert store.requests(Q2)["charnwood"].form.due.strftime("%H:%M %Z") == "17:00 GMT"


def test_a_message_that_is_judged_is_not_judged_again_and_nothing_of_the_second_decision_is_stored(
    store: Store,
) -> None:
    land(store)
    assert commit(store, whole_decision())
    again = replace(whole_decision(), events=(event(Happened.NIL),), judgement=replace(_RETURNED, verdict=Verdict.NIL))
    assert not commit(store, again)
    assert len(store.events(Q2)) == 3
    assert store.message("m1").verdict is Verdict.RETURN  # type: ignore[union-attr]


def test_a_verdict_on_a_message_that_never_landed_is_a_fault_of_ours_and_stores_nothing(store: Store) -> None:
    with pytest.raises(KeyError):
        commit(store, whole_decision())
    assert store.events(Q2) == ()
    assert store.letters() == ()


def test_asking_for_the_same_letter_twice_queues_it_once_with_its_first_bytes(store: Store) -> None:
    decision = Decision(letters=(letter(),))
    store.commit(decision, letters=[(letter(), frozen(1))], at=NOW)
    store.commit(decision, letters=[(letter(), frozen(2))], at=NOW + timedelta(days=1))
    (kept,) = store.letters()
    assert (kept.content, kept.queued) == (frozen(1).content, NOW)
    assert store.known_letters([(kept.kind, kept.cause, kept.recipient), ("digest", "x", "y")]) == {
        (kept.kind, kept.cause, kept.recipient)
    }


def test_two_versions_decided_on_the_same_facts_are_never_merged_silently(store: Store) -> None:
    """Two messages of one respondent judged at once: the second must be decided anew, not lost."""
    for identity in ("m1", "m2"):
        land(store, identity)
    commit(store, whole_decision())
    rival = Decision(submissions=(submission(message="m2"),), judgement=replace(_RETURNED, message="m2"))
    with pytest.raises(StoreBusy, match="decide again"):
        commit(store, rival)
    assert store.message("m2").verdict is None  # type: ignore[union-attr]
    assert len(store.submissions(Q2, "charnwood")) == 1


def test_a_decision_on_facts_that_were_overtaken_is_not_stored(store: Store) -> None:
    mark = store.mark()
    commit(store, Decision(events=(event(Happened.EXPECTED),)))
    late = Decision(events=(event(Happened.REQUESTED),))
    assert not store.commit(late, at=NOW, since=mark)
    assert store.commit(late, at=NOW, since=store.mark())
    assert len(store.events(Q2)) == 2


def test_a_letter_queued_meanwhile_overtakes_a_decision_too(store: Store) -> None:
    """Who was written to today is a fact that the chase and the answers are decided on."""
    mark = store.mark()
    queue(store)
    assert not store.commit(Decision(events=(event(Happened.EXPECTED),)), at=NOW, since=mark)


def test_an_event_that_cannot_follow_is_refused_before_it_is_stored(store: Store) -> None:
    """Stored, it would make every later reading of the quarter fail."""
    with pytest.raises(MoveRefused):
        commit(store, Decision(events=(event(Happened.EXPECTED), event(Happened.APPROVED, subject="s1"))))
    assert store.events(Q2) == ()
    assert store.cycle_status(Q2).returns == {}


def test_status_is_the_fold_of_the_events_for_every_worker(opened: Callable[[], Store]) -> None:
    one, other = opened(), opened()
    commit(one, Decision(events=(event(Happened.EXPECTED), event(Happened.REQUESTED))))
    before = other.cycle_status(Q2)
    commit(one, Decision(events=(event(Happened.NIL, facts={"reason": "none"}),)))
    assert before.returns["charnwood"].state == "requested"
    assert other.cycle_status(Q2) == one.cycle_status(Q2) == fold_cycle(Q2, other.events(Q2))
    assert other.cycle_status(Q2).returns["charnwood"].state == "nil"


def test_a_return_came_when_its_message_did_however_long_that_was_held(opened: Callable[[], Store]) -> None:
    one, other = opened(), opened()
    held = replace(submission(), received=NOW - timedelta(days=4))
    land(one)
    came = event(Happened.RECEIVED, subject=held.id)
    commit(one, Decision(submissions=(held,), events=(event(Happened.REQUESTED), came)))
    for store in (one, other):
        stands = store.cycle_status(Q2).returns["charnwood"]
        assert (stands.received, stands.counted) == (held.received, NOW)


def test_what_somebody_said_came_when_their_message_did_too(opened: Callable[[], Store]) -> None:
    one, other = opened(), opened()
    said = replace(event(Happened.NIL, facts={"reason": "none"}), came=NOW - timedelta(days=3))
    commit(one, Decision(events=(said,)))
    assert other.events(Q2) == (said,)
    assert other.cycle_status(Q2).returns["charnwood"].answered == said.came


def test_the_services_own_events_stand_apart_from_the_quarters(store: Store) -> None:
    held = replace(event(Happened.HELD, respondent=""), quarter=None)
    commit(store, Decision(events=(held, event(Happened.EXPECTED))))
    assert store.events(None) == (held,)
    assert store.service_status().on_hold
    assert [e.kind for e in store.events(Q2)] == [Happened.EXPECTED]


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE event SET kind = 'nil return'",
        "DELETE FROM event",
        "UPDATE submission SET content = ''",
        "DELETE FROM submission",
        "UPDATE figure SET exact = '1'",
        "UPDATE narrative SET text = ''",
        "DELETE FROM finding",
        "UPDATE message_verdict SET verdict = 'nil'",
        "DELETE FROM message_verdict",
        "DELETE FROM request",
        "UPDATE letter SET content = 'other'",
        "UPDATE letter SET recipient = 'someone@else.example'",
        "DELETE FROM letter",
        "UPDATE message SET content = 'other'",
        "DELETE FROM message",
    ],
)
def test_the_database_itself_refuses_to_change_the_truth(store: Store, attempt: str) -> None:
    land(store)
    commit(store, whole_decision())
    with pytest.raises(DBAPIError, match="is never"), store._engine.begin() as connection:
        connection.execute(text(attempt))


def test_a_letters_state_may_change_while_its_content_stands(store: Store) -> None:
    queue(store)
    claimed = store.claim(clock=0.0)
    assert claimed is not None
    assert claimed.state is LetterState.CLAIMED
