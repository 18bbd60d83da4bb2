"""The line that every mail adapter stands on: its time, its clock, and what its faults mean."""

from __future__ import annotations

import errno
import socket
import ssl
from datetime import UTC, datetime

import pytest

from csp_workflow.mailboxes.line import MailLine, explain_fault, join_within
from csp_workflow.terms.service import MailboxUnreachable


class HandClock:
    """Goes on only when it is told to."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def line(clock: HandClock) -> MailLine:
    return MailLine("", "internet.ca_file", total=60.0, clock=clock)


def test_each_step_is_given_what_is_left_of_the_whole(line: MailLine, clock: HandClock) -> None:
    assert line.begin_request() == (15.0, 60.0)
    clock.seconds = 50.0
    assert line.begin_request() == (10.0, 10.0)
    clock.seconds = 60.0
    with pytest.raises(TimeoutError):
        line.begin_request()
    line.begin()
    assert line.allot_time() == 60.0
    line.begin_farewell()
    assert line.allot_time() == 5.0


@pytest.mark.parametrize(("passed", "is_enough"), [(44.0, True), (45.0, True), (45.1, False), (99.0, False)])
def test_a_letter_is_handed_over_only_while_a_quarter_of_the_time_is_left(
    line: MailLine, clock: HandClock, passed: float, is_enough: bool
) -> None:
    clock.seconds = passed
    assert line.has_time_to_send() is is_enough


@pytest.mark.parametrize(
    "date", ["Thu, 16 Oct 2014 09:30:00 GMT", "Thu, 16 Oct 2014 09:30:00 -0000", "Thu, 16 Oct 2014 10:30:00 +0100"]
)
def test_the_servers_time_is_kept_in_utc_and_nonsense_changes_nothing(line: MailLine, date: str) -> None:
    line.note_time(date)
    line.note_time("")
    line.note_time("tomorrow")
    assert line.server_time == datetime(2014, 10, 16, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (socket.gaierror(), "cannot be found by its name."),
        (ssl.SSLCertVerificationError(), "shows a certificate that this machine does not trust."),
        (OSError(errno.ENETUNREACH, ""), "cannot be reached from this machine's network."),
        (ssl.SSLEOFError(), "does not agree on an encryption."),
        (TimeoutError(), "did not answer in time."),
        (ConnectionRefusedError(), "does not take the connection."),
        (ConnectionResetError(), "breaks the connection off."),
        (KeyError(), "cannot be reached, or answers what it should not; it is tried again later."),
    ],
)
def test_a_fault_is_explained_by_what_it_came_of(cause: Exception, said: str) -> None:
    assert str(explain_fault(cause)) == said
    assert explain_fault(_wrap(_wrap(cause))) == explain_fault(cause)


def _wrap(cause: Exception) -> Exception:
    """The fault as a library passes it on."""
    try:
        raise ValueError("a library's own") from cause
    except ValueError as fault:
        return fault


def test_an_answer_larger_than_there_is_room_for_is_not_read_to_its_end() -> None:
    pieces = iter([b"ab", b"cd", b"ef"])
    assert join_within(pieces, 3) is None
    assert list(pieces) == [b"ef"]
    assert join_within([b"ab", b"cd"], 4) == b"abcd"


def test_certificates_that_cannot_be_read_are_named_by_their_setting() -> None:
    with pytest.raises(MailboxUnreachable, match=r"internet\.ca_file"):
        MailLine(__file__, "internet.ca_file", total=1.0).make_context()
