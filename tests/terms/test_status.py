"""Status is a fold over events: replay gives the same, and moves follow the table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_workflow.terms.dates import CycleState, Quarter
from csp_workflow.terms.events import Event, Happened, MoveRefused, next_state
from csp_workflow.terms.returns import ReturnState
from csp_workflow.terms.service_status import fold_service
from csp_workflow.terms.status import RETURN_MOVES, fold_cycle

Q2 = Quarter.parse("2014/15-Q2")
START = datetime(2014, 10, 16, 9, tzinfo=UTC)


def happened(*kinds: Happened, respondent: str = "charnwood", **facts: object) -> list[Event]:
    return [
        Event(
            kind=kind,
            at=START + timedelta(hours=n),
            by="test",
            quarter=Q2,
            respondent=respondent,
            subject="s1",
            facts=facts,
        )
        for n, kind in enumerate(kinds)
    ]


def state_after(*kinds: Happened) -> ReturnState:
    return fold_cycle(Q2, happened(*kinds)).returns["charnwood"].state


def test_a_return_goes_from_expected_to_approved() -> None:
    assert state_after(Happened.EXPECTED) is ReturnState.EXPECTED
    assert state_after(Happened.REQUESTED) is ReturnState.REQUESTED
    assert state_after(Happened.REQUESTED, Happened.RECEIVED, Happened.COMPLETE) is ReturnState.COMPLETE
    done = (Happened.REQUESTED, Happened.RECEIVED, Happened.COMPLETE, Happened.APPROVED)
    assert state_after(*done) is ReturnState.APPROVED


def test_a_new_submission_takes_an_approved_return_back_and_voids_the_approval() -> None:
    events = happened(Happened.REQUESTED, Happened.RECEIVED, Happened.COMPLETE, Happened.APPROVED, Happened.RECEIVED)
    status = fold_cycle(Q2, events).returns["charnwood"]
    assert status.state is ReturnState.RECEIVED
    assert status.approved == ""
    assert len(status.versions) == 2


def test_a_late_return_leaves_not_received() -> None:
    assert state_after(Happened.REQUESTED, Happened.NOT_RECEIVED, Happened.RECEIVED) is ReturnState.RECEIVED


def test_nothing_is_approved_that_is_not_complete() -> None:
    with pytest.raises(MoveRefused):
        state_after(Happened.REQUESTED, Happened.APPROVED)


def test_a_question_pauses_and_its_answer_resumes() -> None:
    asked = happened(Happened.REQUESTED, Happened.QUESTION_ASKED)
    assert fold_cycle(Q2, asked).returns["charnwood"].is_paused
    assert not fold_cycle(Q2, asked + happened(Happened.QUESTION_ANSWERED)).returns["charnwood"].is_paused


def test_a_hold_on_one_respondent_leaves_the_rest_alone() -> None:
    hold = Event(kind=Happened.HELD, at=START, by="co-ordinator", respondent="melton")
    status = fold_service([hold])
    assert status.held_respondents == {"melton"}
    assert not status.on_hold


def test_a_cycle_opens_only_from_proof() -> None:
    proof = happened(Happened.PROOF_MADE, Happened.CYCLE_OPENED, respondent="")
    assert fold_cycle(Q2, proof).state is CycleState.OPEN
    with pytest.raises(MoveRefused):
        fold_cycle(Q2, happened(Happened.CYCLE_OPENED, respondent=""))


@given(st.lists(st.sampled_from([m.event for m in RETURN_MOVES]), max_size=20))
def test_replaying_any_allowed_history_gives_the_same_status(kinds: list[Happened]) -> None:
    allowed, state, before = [], ReturnState.EXPECTED, ReturnState.EXPECTED
    for kind in kinds:
        was = state
        try:
            state = next_state(RETURN_MOVES, state, kind)
        except MoveRefused:
            continue
        if kind in {Happened.NIL, Happened.DECLINED} and was not in {ReturnState.NIL, ReturnState.DECLINED}:
            before = was
        state = before if kind is Happened.REOPENED else state
        allowed.append(kind)
    events = happened(*allowed, until="2014-11-05")
    once = fold_cycle(Q2, events)
    assert once == fold_cycle(Q2, events)
    if allowed:
        assert once.returns["charnwood"].state is state
