"""What may become of a message that has landed."""

from __future__ import annotations

from csp_workflow.terms.messages import (
    MESSAGE_FOLDERS,
    MESSAGE_MOVES,
    Handling,
    MessageState,
    Verdict,
    list_reopenable_verdicts,
)


def test_only_what_waits_for_a_person_is_opened_again() -> None:
    assert set(list_reopenable_verdicts(Handling.ASSIGN)) == {Verdict.HELD, Verdict.QUARANTINED}
    assert list_reopenable_verdicts(Handling.REPLAY) == (Verdict.QUARANTINED,)


def test_every_verdict_that_can_be_reached_has_a_folder() -> None:
    _, decided = MESSAGE_MOVES[Handling.DECIDE]
    assert {MessageState.of_verdict(verdict) for verdict in Verdict} == set(decided) == set(MESSAGE_FOLDERS)
