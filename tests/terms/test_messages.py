"""What may become of a message that has landed."""

from __future__ import annotations

from datetime import UTC, datetime

from csp_workflow.mail.unpack import unpack_message
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


def test_a_message_cannot_come_before_what_it_answers_nor_in_time_to_come() -> None:
    """Its mail server's clock is wrong then, and nothing is dated by it."""
    now, written = datetime(2014, 10, 20, 9, tzinfo=UTC), datetime(2014, 10, 17, 9, tzinfo=UTC)
    for came, counts in (
        (written, written),
        (now, now),
        (datetime(2001, 1, 1, tzinfo=UTC), now),
        (datetime(2014, 10, 21, tzinfo=UTC), now),
    ):
        message = unpack_message(b"From: Chair <chair@charnwood.example>\r\n\r\nApproved", received=came)
        assert message.date_within(written, now).received == counts
    assert unpack_message(b"\r\n\r\nApproved", received=written).date_within(None, now).received == written
